"""What can go wrong with cases."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound


class CaseNotFound(NotFound):
    """There is no such case, or the actor may not know that there is."""

    code = "case-not-found"
    message = _("We could not find this case.")
    next_step = _("Check the reference. It has twelve letters and digits, such as 7K3M-2QX9-CD41.")


class CaseClosed(Conflict):
    """The case has been answered already."""

    code = "case-closed"
    message = _("Case {reference} has been closed already.")
    next_step = _("Look at its history to see what was decided.")


class CaseMovedOn(Conflict):
    """Somebody else changed the case after this page was opened."""

    code = "case-moved-on"
    message = _("Somebody else worked on case {reference} after you opened this page.")
    next_step = _("Look at the case again. What you wrote is still in the form below.")


class TakenByAnother(Conflict):
    """Another officer works on the case."""

    code = "case-taken"
    message = _("Another officer is working on case {reference}.")
    next_step = _("Ask them, or ask a supervisor to give the case to you.")


class NotInTeam(Forbidden):
    """The officer is not in the team that works on the case."""

    code = "not-in-team"
    message = _("This case belongs to another team.")
    next_step = _("Ask a supervisor of that team.")


class NothingToDecide(Conflict):
    """The case is not at a stage at which an officer decides."""

    code = "nothing-to-decide"
    message = _("Case {reference} is not waiting for a decision.")
    next_step = _("Load the page again to see how it stands now.")


class NotStuck(Conflict):
    """The stage of a case went through: there is nothing to try again."""

    code = "not-stuck"
    message = _("Nothing has to be tried again in this case.")
    next_step = _("Load the page again to see how it stands now.")


class NotDecidedYet(Conflict):
    """There is no decision yet."""

    code = "not-decided-yet"
    message = _("Case {reference} has not been decided yet.")
    next_step = _("Come back later. You will get a letter.")


class NothingAsked(Conflict):
    """There is no open question to the applicant."""

    code = "nothing-asked"
    message = _("There is no open question in case {reference}.")
    next_step = _("Load the page again to see how it stands now.")


class TextMissing(Invalid):
    """A text that the record needs is missing or too long."""

    code = "text-missing"


class NoStages(Conflict):
    """The service asks questions, but declares no stages."""

    code = "no-stages"
    message = _("This service cannot take applications yet.")
    next_step = _("Come back later. What you have saved is kept.")


class SignatureNotFound(NotFound):
    """There is no such invitation to sign, or it is for somebody else."""

    code = "signature-not-found"
    message = _("We could not find this invitation to sign.")
    next_step = _("Use the link in the e-mail, or sign in with the account with which you opened it first.")


class SignatureAnswered(Conflict):
    """The invitation was answered already."""

    code = "signature-answered"
    message = _("You have answered this already.")
    next_step = _("Nothing more is needed from you.")


class SignersAlike(Conflict):
    """Two of those who have to sign were named with one e-mail address."""

    code = "signers-alike"
    message = _("Two of those who have to sign have the same e-mail address.")
    next_step = _("Each of them signs alone. Change your answers so that each has an address of their own.")


class InvitedTooOften(Conflict):
    """The invitation went out as often as it may."""

    code = "invited-too-often"
    message = _("This invitation has been sent too often.")
    next_step = _("Ask the person to look for the last e-mail. Or take the application back and begin again.")


class NotYourOwn(Conflict):
    """Somebody tries to sign beside themselves, or twice."""

    code = "signature-not-your-own"
    message = _(
        "You cannot sign this with your account: it is your own application, or you have signed it already."
    )
    next_step = _("Let the person who was asked sign with an account of their own.")


class AppliedAlready(Conflict):
    """About the same thing an application is open, whoever sent it."""

    code = "applied-already"
    message = _("{says} It has no final answer yet. {reference}")
    next_step = _(
        "If it is yours, look for it among your applications. If you do not know of it, ask us; your answers stay here."
    )

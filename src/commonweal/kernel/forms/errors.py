"""What can go wrong while a form is filled in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, Gone, Invalid, NotFound


class SheetNotFound(NotFound):
    """There is no such form in progress, or it belongs to somebody else."""

    code = "sheet-not-found"
    message = _("We could not find this form.")
    next_step = _("Sign in with the account you began it with, or use the link you were given.")


class PageNotFound(NotFound):
    """The form has no such page, or it does not come with these answers."""

    code = "form-page-not-found"
    message = _("This form has no such page.")
    next_step = _("Go back to the list of questions.")


class SheetMoved(Conflict):
    """The answers were changed elsewhere since this page was opened."""

    code = "sheet-moved"
    message = _(
        "This form was changed in the meantime: in another tab, on another device, or by whoever fills it in with you."
    )
    next_step = _("What you typed is still here. Compare it with the newer answers, then continue.")


class SheetExpired(Gone):
    """Nobody came back to the form in time."""

    code = "sheet-expired"
    message = _("This form was not finished in time, so we deleted the answers.")
    next_step = _("Start again from the service's page.")


class SheetSubmitted(Conflict):
    """The form has been sent; its answers do not change any more."""

    code = "sheet-submitted"
    message = _("You have sent this form already.")
    next_step = _("Look at your applications to see how it stands.")


class SheetTaken(Conflict):
    """The form belongs to an account already."""

    code = "sheet-taken"
    message = _("This form belongs to an account already.")
    next_step = _("Sign in with that account.")


class AnswersInvalid(Invalid):
    """Some answers cannot be accepted; ``fields`` names each, in plain words."""

    code = "answers-invalid"
    message = _("There is a problem with your answers.")
    next_step = _("Correct the fields named. Nothing you entered has been lost.")

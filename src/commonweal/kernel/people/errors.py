"""What can go wrong with people and accounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError


class EmailTaken(CommonwealError):
    """Another account signs in with this address; shown to officers and operators only."""

    code = "email-taken"
    status = 409
    message = _("There is an account with this e-mail address already.")
    next_step = _("Use another address, or find the account that has it.")


class IdentifierTaken(CommonwealError):
    """Another person has this identifier: the two records may be one person."""

    code = "identifier-taken"
    status = 409
    message = _("Another record holds this identifier.")
    next_step = _("Find the other record; if both are one person, merge them.")


class AlreadyMerged(CommonwealError):
    """The two records are one person already, or the merge was undone before."""

    code = "already-merged"
    status = 409
    message = _("This has been done already.")
    next_step = _("Load the page again to see how the records stand now.")


class UnknownRole(CommonwealError):
    """A grant names a role or capability that nobody has declared."""

    code = "unknown-role"
    status = 422
    message = _("There is no role or capability '{key}'.")
    next_step = _("Choose one from the list of roles.")


class UnknownAgency(CommonwealError):
    """A record names an agency that the jurisdiction does not declare."""

    code = "unknown-agency"
    status = 422
    message = _("There is no agency '{agency}' here.")
    next_step = _("Use the key of an agency from the jurisdiction's file.")


class WrongTerm(CommonwealError):
    """A grant would end before it begins."""

    code = "wrong-term"
    status = 422
    message = _("The last day lies before the first day.")
    next_step = _("Correct one of the two days.")


class OnlyInDemo(CommonwealError):
    """Practice identities have a password that everybody may read: never outside the practice city."""

    code = "only-in-demo"
    status = 403
    message = _("Practice identities exist in the practice city only.")
    next_step = _("Create real accounts instead.")


class SecondStepNeeded(CommonwealError):
    """An officer signed in without a second step, and this installation wants one."""

    code = "second-step-needed"
    status = 403
    message = _("Officers need a second step when they sign in.")
    next_step = _("Add a passkey or an authenticator app to your account, then sign in again.")


class TooManyTokens(CommonwealError):
    """An account has as many tokens as it may have."""

    code = "too-many-tokens"
    status = 409
    message = _("You have {limit} tokens in use. That is the most that one account can have.")
    next_step = _("Revoke one that you no longer need, then make a new one.")

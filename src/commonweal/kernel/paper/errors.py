"""What can go wrong with forms on paper."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, Invalid, NotFound


class NoPaperForm(NotFound):
    """The service has no form to print, or none in this language."""

    code = "no-paper-form"
    message = _("There is no form to print for this service in this language.")
    next_step = _("Apply online, or ask us on the phone or at the counter.")


class ScanNotFound(NotFound):
    """There is no such scan, or it is another agency's."""

    code = "scan-not-found"
    message = _("We could not find this scan.")
    next_step = _("Look for it in the list of forms on paper.")


class ScanClosed(Conflict):
    """The form was sent already, or the scan was thrown away."""

    code = "scan-closed"
    message = _("Nothing is left to do with this scan.")
    next_step = _("Look for the case, or scan the form again.")


class CodeMisread(Invalid):
    """A code has a slip."""

    code = "paper-code-misread"
    message = _(
        "This is not a code from one of our forms: a character is wrong, missing, or in the wrong place."
    )
    next_step = _("Compare it with the top of the page, character by character.")


class CodeUnknown(Invalid):
    """A code is well formed, but no version of a service has it."""

    code = "paper-code-unknown"
    message = _(
        "We know no form with this code. It was not printed here, or its service has been taken away."
    )
    next_step = _("Look at the name of the service on the paper, and write to the person.")


class SeveralForms(Invalid):
    """One upload holds pages of more than one form."""

    code = "paper-several-forms"
    message = _("This scan holds pages of several forms. We take one application at a time.")
    next_step = _("Scan each form by itself, and upload one after the other.")


class LimitPassed(Invalid):
    """Counted from the day of receipt, the time for an answer is over, and nobody has confirmed that day."""

    code = "paper-limit-passed"
    message = _(
        "Counted from the day of receipt, the time for an answer is over. Confirm that the day is right."
    )
    next_step = _("If the day is wrong, throw this scan away and take it in again.")


class ReceivedTooLongAgo(Conflict):
    """The paper reached us earlier than the service takes from everybody."""

    code = "paper-received-too-long-ago"
    message = _("This form reached us on {received_on}; this service takes forms from {oldest} on.")
    next_step = _("Check the day. If it is right, a supervisor has to begin.")

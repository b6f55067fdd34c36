"""What can go wrong with letters."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError, NotFound


class UnknownLetter(CommonwealError):
    """A service sends a letter that its version does not have."""

    code = "letter-unknown"


class LetterFault(CommonwealError):
    """A place in a letter has no value: an officer must look before anything is sent.

    ``data`` names the letter, the expression and the reason; never the value.
    """

    code = "letter-fault"
    status = 409
    message = _("The letter '{letter}' cannot be written: '{expression}' has no value ({reason}).")
    next_step = _("Complete the facts, or correct the letter.")


class MessageNotFound(NotFound):
    """There is no such message in this actor's mailbox."""

    code = "message-not-found"
    message = _("We could not find this letter in your mailbox.")


class PdfNotReady(CommonwealError):
    """The PDF is not there yet: it is being made."""

    code = "letter-not-ready"
    status = 409
    message = _("The PDF of this letter is not ready yet.")
    next_step = _("Try again in a minute.")

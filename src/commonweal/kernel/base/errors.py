"""What can go wrong, in words fit for a resident.

One root, a stable ``code``, an HTTP ``status`` and a message that says what happened and what to do
next. Each app adds subclasses in its own ``errors.py``; :mod:`commonweal.kernel.base.failures` turns
them into a page or into problem+json (RFC 9457).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type_base = "/errors/"


class CommonwealError(Exception):
    """The root of every error of ours.

    Attributes:
        code: Stable name, documented in ``docs/reference/errors.md``; never changes.
        status: HTTP status of the answer.
        message: What happened; ``{placeholders}`` are filled from ``data``.
        next_step: What the reader can do now.
        headers: HTTP headers that the answer carries besides.
        data: Facts about this occurrence; never personal data, for they are logged.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    message: ClassVar[str | Promise] = _("Something went wrong on our side.")
    next_step: ClassVar[str | Promise] = _(
        "Try again in a few minutes. Nothing you entered before has been lost."
    )
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(self.code, data)

    def __str__(self) -> str:
        return str(self.message).format_map(_Gaps(self.data))


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class NotFound(CommonwealError):
    """There is no such thing, or the actor may not know that there is."""

    code = "not-found"
    status = 404
    message = _("We could not find what you asked for.")
    next_step = _("Check the address, or go back to the start page.")


class Forbidden(CommonwealError):
    """The actor may not do this."""

    code = "forbidden"
    status = 403
    message = _("You are not allowed to see or do this.")
    next_step = _("If you think you should be, ask the office that sent you here.")


class FormOutdated(Forbidden):
    """A form came without its token: its page was open for too long, or another site sent it."""

    code = "form-outdated"
    message = _("This page was open for too long, so we could not take what you sent.")
    next_step = _(
        "Go back, load the page again, and send it once more. What you saved before is still there."
    )


class SignInNeeded(CommonwealError):
    """Nobody has signed in, and the page needs somebody."""

    code = "sign-in-needed"
    status = 401
    message = _("You need to sign in first.")
    next_step = _("Sign in and try again.")
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class Invalid(CommonwealError):
    """What was sent cannot be accepted; ``fields`` says what and why, by field name."""

    code = "invalid"
    status = 422
    message = _("Some of what you entered cannot be accepted.")
    next_step = _("Correct the fields named and send it again.")

    def __init__(self, fields: dict[str, str] | None = None, **data: Any) -> None:
        self.fields = fields or {}
        super().__init__(**data)


class Malformed(CommonwealError):
    """The request cannot be read at all."""

    code = "malformed"
    status = 400
    message = _("We could not read what was sent.")
    next_step = _("Go back, load the page again and try once more.")


class MethodNotAllowed(CommonwealError):
    """The address is there, but takes no request of this kind; ``Allow`` says which it takes."""

    code = "method-not-allowed"
    status = 405
    message = _("This address cannot be used in this way.")
    next_step = _("Go back to the page before, and use its links and buttons.")


class Conflict(CommonwealError):
    """Somebody else was faster, or the thing has moved on."""

    code = "conflict"
    status = 409
    message = _("This has changed since you opened it.")
    next_step = _("Load the page again to see how it stands now.")


class UnderHold(Conflict):
    """A hold forbids that data are deleted."""

    code = "under-hold"
    message = _("These data must not be deleted: a hold has been placed on them.")
    next_step = _("Wait until the hold is released; the list of holds says why it was placed.")


class Gone(CommonwealError):
    """It was here once, and has expired or been withdrawn."""

    code = "gone"
    status = 410
    message = _("This is no longer available.")
    next_step = _("Start again from the service's page.")


class TooLarge(CommonwealError):
    """More was sent than we take."""

    code = "too-large"
    status = 413
    message = _("What you sent is too large.")
    next_step = _("Send less text or a smaller file.")


class TooManyRequests(CommonwealError):
    """The same source asks too often."""

    code = "too-many-requests"
    status = 429
    message = _("You have tried too often in a short time.")
    next_step = _("Wait a few minutes and try again.")


class Unavailable(CommonwealError):
    """The database cannot take the change now (full disk, locked, down)."""

    code = "unavailable"
    status = 503
    message = _("We cannot save anything at the moment.")
    next_step = _("Try again in a few minutes. Nothing was done by halves.")


class UnknownKey(CommonwealError):
    """A stored key names a plug-in that is not installed."""

    code = "unknown-key"
    status = 500
    message = _("'{key}' is not known to {registry}.")

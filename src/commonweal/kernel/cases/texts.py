"""Free text that people write into a case."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commonweal.kernel.base.free_text import readable
from commonweal.kernel.cases.errors import TextMissing

MAX_LENGTH = 5_000


def accepted(text: str, field: str, *, limit: int = MAX_LENGTH) -> str:
    """Return text without invisible characters and outer blanks.

    Args:
        text: As it came in.
        field: The name of the form's field, for the error.
        limit: Most characters.

    Raises:
        TextMissing: It is empty or too long.
    """
    clean = readable(text)
    if not clean:
        raise TextMissing({field: _("Write something here.")})
    if len(clean) > limit:
        message = _("This is too long: %(length)s characters. Write at most %(limit)s.")
        raise TextMissing({field: message % {"length": len(clean), "limit": limit}})
    return clean

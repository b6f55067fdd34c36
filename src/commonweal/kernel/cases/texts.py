"""Free text that people write into a case."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from commonweal.kernel.cases.errors import TextMissing

MAX_LENGTH = 5_000


def accepted(text: str, field: str, *, limit: int = MAX_LENGTH) -> str:
    """Return text without control characters and outer blanks.

    Args:
        text: As it came in.
        field: The name of the form's field, for the error.
        limit: Most characters.

    Raises:
        TextMissing: It is empty or too long.
    """
    clean = "".join(char for char in text if char in "\n\t" or unicodedata.category(char)[0] != "C").strip()
    if not clean:
        raise TextMissing({field: _("Write something here.")})
    if len(clean) > limit:
        message = _("This is too long: %(length)s characters. Write at most %(limit)s.")
        raise TextMissing({field: message % {"length": len(clean), "limit": limit}})
    return clean

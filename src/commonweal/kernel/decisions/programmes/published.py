"""Which version of a programme's text was published last.

Each process asks the database at most every few seconds (``COMMONWEAL_LAW_LOOK_SECONDS``), not with every decision;
whichever text it used, the decision records its hash. With 0 nothing is ever published: the folder's text counts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from uuid import UUID

from django.conf import settings

from commonweal.kernel.decisions.models import LawText

_lock = Lock()
_known: dict[str, UUID] = {}
_looked_at: float | None = None


def version_of(key: str) -> UUID | None:
    """Return the id of the text of a programme that was published last; None where the folder's counts."""
    return _now().get(key)


def keys() -> set[str]:
    """Return the programmes of which a text was published; some have no folder."""
    return set(_now())


def _now() -> Mapping[str, UUID]:
    seconds: int = settings.COMMONWEAL_LAW_LOOK_SECONDS
    if not seconds:
        return {}
    if _looked_at is None or time.monotonic() - _looked_at >= seconds:
        look()
    return _known


def look() -> None:
    """Ask the database now, as whoever publishes does."""
    global _known, _looked_at  # noqa: PLW0603 - one memory a process
    with _lock:  # put in place whole: a decision made beside this one must never find half of it
        _known = dict(LawText.objects.order_by("programme", "number").values_list("programme", "pk"))
        _looked_at = time.monotonic()


def versions_of(key: str) -> list[UUID]:
    """Return the ids of every text of a programme that was published, the newest first."""
    return list(LawText.objects.filter(programme=key).order_by("-number").values_list("pk", flat=True))


@lru_cache(maxsize=64)
def files_of(version: UUID) -> Mapping[str, str]:
    """Return the text of a version's files; a version never changes."""
    files: Mapping[str, str] = LawText.objects.values_list("files", flat=True).get(pk=version)
    return files

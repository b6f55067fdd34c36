"""What was typed when a session ended is kept for an hour."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from commonweal.kernel.base.personal import without_held
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.forms import rules
from commonweal.kernel.forms.models import Sheet, Unsent
from commonweal.kernel.ledger.actions import record

UNSENT_KEPT = timedelta(hours=1)


_MOST_UNSENT, _MOST_PLACE, _UNSENT_A_SHEET = 100_000, 300, 5


@action
def keep_unsent(
    sheet_id: UUID, *, place: str, typed: Mapping[str, Sequence[str]], by: Actor, at: datetime
) -> str:
    """Keep for an hour what was typed into a page whose session was over, for the owner to see it again.

    Whoever sends it has not signed in, so nothing of the form is told or changed.

    Args:
        sheet_id: The form.
        place: Path of the page.
        typed: Texts by field; files are not kept.
        by: A guest.
        at: When.

    Returns:
        The secret with which it is shown to the owner; empty where nothing was kept: there is no such form, it belongs to
        no account, or it is more text than is kept.
    """
    open_rows = Sheet.objects.open(at).select_for_update().filter(pk=sheet_id)
    sheet = open_rows.exclude(owner=None).order_by("pk").first()
    length = sum(len(name) + sum(map(len, texts)) for name, texts in typed.items())
    if sheet is None or length > _MOST_UNSENT or len(place) > _MOST_PLACE:
        return ""
    before = Unsent.objects.filter(sheet=sheet).order_by("-expires_at", "-pk")
    Unsent.objects.filter(pk__in=[each.pk for each in before[_UNSENT_A_SHEET - 1 :]]).delete()
    secret = secrets.token_urlsafe(32)
    kept: Any = {name: list(texts) for name, texts in typed.items()}
    Unsent.objects.create(
        sheet=sheet,
        place=place,
        revision=sheet.revision,
        typed=kept,
        secret_hash=rules.token_hash(secret),
        expires_at=at + UNSENT_KEPT,
    )
    record("forms.unsent_kept", stream=sheet.stream, subject=sheet.owner_id, by=by, at=at)
    return secret


@action
def delete_unsent(*, by: Actor, at: datetime) -> int:
    """Delete what was kept for an hour and is over, where no hold forbids it; return how much."""
    rows = Unsent.objects.filter(expires_at__lte=at)
    if Unsent.personal:
        rows = without_held(rows, Unsent.personal)
    count, _by_model = rows.delete()
    if count:
        record("forms.unsent_deleted", stream="forms:unsent", by=by, at=at, count=count)
    return count

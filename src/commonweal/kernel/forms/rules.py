"""Who may see and answer a sheet: its owner, or whoever holds its link."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.forms.models import Sheet, SheetQuerySet


def owners_of(actor: Actor) -> tuple[UUID, ...]:
    """Return the records for which an actor fills in, the one for new sheets first: the resident's, or of whom they act for."""
    try:
        return (UUID(actor.on_behalf_of),) if actor.on_behalf_of else actor.person_ids
    except ValueError:
        return ()


def owner_of(actor: Actor) -> UUID | None:
    """Return the record that a new sheet of an actor belongs to."""
    return next(iter(owners_of(actor)), None)


def token_hash(token: str) -> str:
    """Return what is stored of a link's token; the token itself has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""


def allows(actor: Actor, sheet: Sheet, token: str = "") -> bool:
    """Whether an actor may see and answer a sheet."""
    if sheet.owner_id is not None:
        return sheet.owner_id in owners_of(actor)
    return bool(token) and hmac.compare_digest(sheet.token_hash, token_hash(token))


def visible(sheets: SheetQuerySet, actor: Actor, token: str = "") -> SheetQuerySet:
    """Return the sheets that an actor may see and answer."""
    owners = owners_of(actor)
    mine = Q(owner__in=owners) if owners else Q(pk=None)
    return sheets.filter(mine | Q(owner=None, token_hash=token_hash(token)) if token else mine)

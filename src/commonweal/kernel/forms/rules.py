"""Who may see and answer a sheet: its owner, or whoever holds its link."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from commonweal.kernel.base.types import Actor, ActorKind

if TYPE_CHECKING:
    from commonweal.kernel.forms.models import Sheet, SheetQuerySet


def owner_of(actor: Actor) -> UUID | None:
    """Return the person whom an actor fills in for: the resident, or whom somebody else acts for."""
    person = actor.on_behalf_of or (actor.id if actor.kind is ActorKind.RESIDENT else None)
    try:
        return UUID(person) if person else None
    except ValueError:
        return None


def token_hash(token: str) -> str:
    """Return what is stored of a link's token; the token itself has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""


def allows(actor: Actor, sheet: Sheet, token: str = "") -> bool:
    """Whether an actor may see and answer a sheet."""
    if sheet.owner_id is not None:
        return sheet.owner_id == owner_of(actor)
    return bool(token) and hmac.compare_digest(sheet.token_hash, token_hash(token))


def visible(sheets: SheetQuerySet, actor: Actor, token: str = "") -> SheetQuerySet:
    """Return the sheets that an actor may see and answer."""
    owner = owner_of(actor)
    mine = Q(owner=owner) if owner else Q(pk=None)
    return sheets.filter(mine | Q(owner=None, token_hash=token_hash(token)) if token else mine)

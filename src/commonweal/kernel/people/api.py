"""The API's door to one's own tokens; making one takes a person at the page ``/me/tokens/``."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Router, Schema, Status

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import signed_in
from commonweal.kernel.people import actions, queries

router = Router()
routers.register(ApiRouter("people", "", router))


class TokenCard(Schema):
    """A token in a list; the token itself is shown once, when it is made.

    Attributes:
        id: To revoke it.
        name: What its owner calls it.
        prefix: Its first letters.
        scope: What it may do: ``read`` or ``read write``.
        created_at: When it was made.
        expires_at: When it ends.
    """

    id: UUID
    name: str
    prefix: str
    scope: str
    created_at: datetime
    expires_at: datetime


@router.get("/me/tokens", response={200: list[TokenCard], **PROBLEMS}, summary="List one's own tokens")
@operation(allows=signed_in, discloses=NOTHING)
def tokens(request: ActorRequest) -> list[TokenCard]:
    """Return the tokens that are valid, the newest first; at most 20."""
    found = queries.tokens(actor=request.actor, at=clock.now())
    return [
        TokenCard(
            id=token.pk,
            name=token.name,
            prefix=token.prefix,
            scope=token.scope,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
        for token in found
    ]


@router.delete("/me/tokens/{token_id}", response={204: None, **PROBLEMS}, summary="Revoke a token")
@operation(allows=signed_in, discloses=NOTHING)
def revoke(request: ActorRequest, token_id: UUID) -> Status[None]:
    """Take a token back; a program may so end its own."""
    actions.revoke_token(token_id, by=request.actor, at=clock.now())
    return Status(204, None)

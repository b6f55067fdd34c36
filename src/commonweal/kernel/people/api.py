"""The API's door to one's own tokens, and to officers' rights.

Making a token takes a person at the page ``/me/tokens/``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.errors import Invalid, NotFound
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import signed_in
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import actions, queries
from commonweal.kernel.people.registry import capabilities, capabilities_of, roles
from commonweal.kernel.people.rules import GRANTING, may_grant

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


class OfficerLine(Schema):
    """An officer in a list.

    Attributes:
        id: To ask for more.
        name: As colleagues know them.
        title: Of the post; may be empty.
        agency: Key of the agency.
    """

    id: UUID
    name: str
    title: str
    agency: str


class OfficerList(Schema):
    """A stretch of the officers of an agency.

    Attributes:
        items: By name.
        next_cursor: Asks for the stretch after this one; null at the end.
    """

    items: list[OfficerLine]
    next_cursor: UUID | None


class GrantCard(Schema):
    """A role or a capability that an officer was given.

    Attributes:
        id: To end it.
        role: Key of the role; empty where one capability was given.
        capability: Key of the capability; empty where a role was given.
        from_on: First day.
        until_on: Last day; null until it is ended.
        granted_at: When it was given.
        revoked_at: When it was ended; null if it was not.
    """

    id: UUID
    role: str
    capability: str
    from_on: date
    until_on: date | None
    granted_at: datetime
    revoked_at: datetime | None


class OfficerCard(OfficerLine):
    """What an officer may do, and by what.

    Attributes:
        teams: Keys of the teams whose queues the officer works on.
        capabilities: Keys of what the officer may do today.
        grants: Past and coming ones too, the latest first.
    """

    teams: list[str]
    capabilities: list[str]
    grants: list[GrantCard]


class RoleCard(Schema):
    """A role that may be given.

    Attributes:
        key: To give it.
        label: As people read it.
        capabilities: Keys of what it holds.
    """

    key: str
    label: str
    capabilities: list[str]


class CapabilityCard(Schema):
    """Something that an officer may be allowed to do.

    Attributes:
        key: To give it by itself.
        label: What it lets the officer do.
    """

    key: str
    label: str


class Grantable(Schema):
    """What officers may be given.

    Attributes:
        roles: Named sets of capabilities.
        capabilities: Each also by itself.
    """

    roles: list[RoleCard]
    capabilities: list[CapabilityCard]


class GrantOrder(Schema):
    """A role or a capability to give: one of the two.

    Attributes:
        role: Key of a role.
        capability: Key of a capability.
        from_on: First day, today or later; today if left out.
        until_on: Last day; until it is ended if left out.
    """

    role: str = Field("", max_length=60)
    capability: str = Field("", max_length=80)
    from_on: date | None = None
    until_on: date | None = None


class TeamsOrder(Schema):
    """The teams whose queues an officer is to work on.

    Attributes:
        teams: Keys of teams of the officer's agency; the officer leaves the others.
    """

    teams: list[str] = Field(max_length=100)


@router.get(
    "/workbench/roles", response={200: Grantable, **PROBLEMS}, summary="List what officers may be given"
)
@operation(allows=may_grant, discloses=NOTHING)
def grantable(request: ActorRequest) -> Grantable:
    """Return the roles with what each holds, and the capabilities."""
    return Grantable(
        roles=[
            RoleCard(key=role.key, label=str(role.label), capabilities=sorted(capabilities_of(role.key)))
            for role in roles
        ],
        capabilities=[CapabilityCard(key=each.key, label=str(each.label)) for each in capabilities],
    )


@router.get(
    "/workbench/officers", response={200: OfficerList, **PROBLEMS}, summary="List the agency's officers"
)
@operation(allows=may_grant, discloses=GRANTING)
def officers(
    request: ActorRequest,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> OfficerList:
    """Return the officers of the agency of whoever asks, by name."""
    found = list(queries.officers(actor=request.actor, after=cursor)[: limit + 1])
    record_access(request.actor, [each.pk for each in found[:limit]], GRANTING, at=clock.now())
    return OfficerList(
        items=[OfficerLine.from_orm(each) for each in found[:limit]],
        next_cursor=found[limit - 1].pk if len(found) > limit else None,
    )


@router.get(
    "/workbench/officers/{officer_id}",
    response={200: OfficerCard, **PROBLEMS},
    summary="Show what an officer may do",
)
@operation(allows=may_grant, discloses=GRANTING)
def officer(request: ActorRequest, officer_id: UUID) -> OfficerCard:
    """Return an officer's teams and grants, and what they add up to today."""
    return _card(request, officer_id)


@router.post(
    "/workbench/officers/{officer_id}/grants",
    response={201: GrantCard, **PROBLEMS},
    summary="Give an officer a role or a capability",
)
@operation(allows=may_grant, discloses=GRANTING)
def grant(request: ActorRequest, officer_id: UUID, order: GrantOrder) -> Status[GrantCard]:
    """Give a role or a capability in the officer's agency, in place of the same one with another term.

    Nobody gives anything to themselves.
    """
    found = queries.officer(officer_id, actor=request.actor)
    record_access(request.actor, [found.pk], GRANTING, at=clock.now())
    from_on = order.from_on or clock.today()
    if bool(order.role) == bool(order.capability):
        raise Invalid({"role": _("Name a role or a capability: one of the two.")})
    if from_on < clock.today():
        raise Invalid({"from_on": _("Choose today or a later day.")})
    give, key = (
        (actions.grant_role, order.role) if order.role else (actions.grant_capability, order.capability)
    )
    given = give(found.pk, key, from_on=from_on, until_on=order.until_on, by=request.actor, at=clock.now())
    return Status(201, GrantCard.from_orm(given))


@router.post(
    "/workbench/officers/{officer_id}/grants/{grant_id}/revoke",
    response={200: GrantCard, **PROBLEMS},
    summary="End a grant",
)
@operation(allows=may_grant, discloses=GRANTING)
def end_grant(request: ActorRequest, officer_id: UUID, grant_id: UUID) -> GrantCard:
    """Take a role or a capability back, at once; doing it again changes nothing."""
    found = queries.officer(officer_id, actor=request.actor)
    record_access(request.actor, [found.pk], GRANTING, at=clock.now())
    if not queries.grants_of(found.pk, actor=request.actor).filter(pk=grant_id).exists():
        raise NotFound
    return GrantCard.from_orm(actions.revoke_grant(grant_id, by=request.actor, at=clock.now()))


@router.put(
    "/workbench/officers/{officer_id}/teams",
    response={200: OfficerCard, **PROBLEMS},
    summary="Put an officer into teams",
)
@operation(allows=may_grant, discloses=GRANTING)
def put_into_teams(request: ActorRequest, officer_id: UUID, order: TeamsOrder) -> OfficerCard:
    """Let an officer work on the queues of exactly these teams."""
    found = queries.officer(officer_id, actor=request.actor)
    record_access(request.actor, [found.pk], GRANTING, at=clock.now())
    actions.set_teams(found.pk, order.teams, by=request.actor, at=clock.now())
    return _card(request, officer_id)


def _card(request: ActorRequest, officer_id: UUID) -> OfficerCard:
    found = queries.officer(officer_id, actor=request.actor)
    record_access(request.actor, [found.pk], GRANTING, at=clock.now())
    grants, today = list(queries.grants_of(found.pk, actor=request.actor)), clock.today()
    held: set[str] = set()
    for each in grants:
        if found.is_active and each.is_in_force(today):
            held |= capabilities_of(each.role) | ({each.capability} - {""})
    return OfficerCard(
        id=found.pk,
        name=found.name,
        title=found.title,
        agency=found.agency,
        teams=queries.team_keys_of(found.pk),
        capabilities=sorted(held),
        grants=[GrantCard.from_orm(each) for each in grants],
    )

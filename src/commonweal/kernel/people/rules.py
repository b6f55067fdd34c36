"""Who may see and change which person, officer or grant.

Each pair of ``allows_…`` (about one thing) and ``visible_…`` (about a list, in SQL) says the same; a property test
holds them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.types import Actor, ActorKind

if TYPE_CHECKING:
    from commonweal.kernel.people.models import Account, ApiToken, Grant, Officer, Person, Team

SEARCH = "people.search"
MERGE = "people.merge"
GRANT = "people.grant"
SUSPEND = "people.suspend"
GRANTING = "grant rights to officers"
"""The purpose for which an operator sees officers and what they may do."""


def may_everywhere(actor: Actor, capability: str) -> bool:
    """Whether the actor is a job or command of ours, or an officer who was granted this."""
    return actor.kind is ActorKind.SYSTEM or (actor.kind is ActorKind.OFFICER and actor.can(capability))


def may_in(actor: Actor, capability: str, agency: str) -> bool:
    """Whether the actor may do this in an agency; an officer's grants hold in the officer's own."""
    return may_everywhere(actor, capability) and (actor.kind is ActorKind.SYSTEM or actor.agency == agency)


def must(is_allowed: bool) -> None:  # noqa: FBT001 - reads as a sentence: must(rule(...))
    """Go on only where a rule allows it.

    Raises:
        Forbidden: It does not.
    """
    if not is_allowed:
        raise Forbidden


def own_id(actor: Actor) -> UUID | None:
    """Return the id of the person whom a resident acts for: somebody else, or the resident."""
    if actor.kind is not ActorKind.RESIDENT:
        return None
    return UUID(actor.on_behalf_of or actor.id)


def allows_person(actor: Actor, person: Person) -> bool:
    """Whether the actor may see a person's record: one's own, or any with the capability to search."""
    own = own_id(actor)
    if own is not None:
        return own in {person.pk, person.merged_into_id}
    return may_everywhere(actor, SEARCH)


def visible_persons(persons: QuerySet[Person], actor: Actor) -> QuerySet[Person]:
    """Return those persons whose records the actor may see."""
    own = own_id(actor)
    if own is not None:
        return persons.filter(Q(pk=own) | Q(merged_into=own))
    return persons if may_everywhere(actor, SEARCH) else persons.none()


def allows_colleague(actor: Actor, thing: Officer | Team) -> bool:
    """Whether the actor may see an officer or a team: those of the own agency."""
    if actor.kind is ActorKind.OFFICER:
        return actor.agency == thing.agency
    return actor.kind is ActorKind.SYSTEM


def visible_officers(officers: QuerySet[Officer], actor: Actor) -> QuerySet[Officer]:
    """Return those officers whom the actor may see."""
    if actor.kind is ActorKind.OFFICER:
        return officers.filter(agency=actor.agency)
    return officers if actor.kind is ActorKind.SYSTEM else officers.none()


def visible_teams(teams: QuerySet[Team], actor: Actor) -> QuerySet[Team]:
    """Return those teams which the actor may see."""
    if actor.kind is ActorKind.OFFICER:
        return teams.filter(agency=actor.agency)
    return teams if actor.kind is ActorKind.SYSTEM else teams.none()


def allows_grant(actor: Actor, grant: Grant) -> bool:
    """Whether the actor may see a grant: one's own, or those of the agency in which the actor grants."""
    if actor.kind is ActorKind.OFFICER and actor.id == str(grant.officer_id):
        return True
    return may_in(actor, GRANT, grant.agency)


def visible_grants(grants: QuerySet[Grant], actor: Actor) -> QuerySet[Grant]:
    """Return those grants which the actor may see."""
    if actor.kind is ActorKind.SYSTEM:
        return grants
    if actor.kind is not ActorKind.OFFICER:
        return grants.none()
    seen = Q(officer=UUID(actor.id))
    if actor.can(GRANT):
        seen |= Q(agency=actor.agency)
    return grants.filter(seen)


def may_grant(actor: Actor) -> bool:
    """Whether the actor is an officer who may grant rights to others."""
    return actor.kind is ActorKind.OFFICER and actor.can(GRANT)


def may_grant_to(actor: Actor, officer: Officer) -> bool:
    """Whether the actor may change an officer's grants and teams: in the own agency, and nobody one's own."""
    return may_in(actor, GRANT, officer.agency) and actor.id != str(officer.pk)


def owns_account(actor: Actor, account: Account) -> bool:
    """Whether an account is the actor's own; whoever acts for somebody else owns nothing of theirs."""
    if actor.kind is ActorKind.OFFICER:
        return actor.id == str(getattr(getattr(account, "officer", None), "pk", None))
    person: Person | None = getattr(account, "person", None)
    if actor.kind is not ActorKind.RESIDENT or actor.on_behalf_of or person is None:
        return False
    return actor.id in {str(person.pk), str(person.merged_into_id)}


def allows_token(actor: Actor, token: ApiToken) -> bool:
    """Whether the actor may see and revoke a token: one's own, made for the face that one is using."""
    return actor.kind.value == token.face and owns_account(actor, token.account)


def visible_tokens(tokens: QuerySet[ApiToken], actor: Actor) -> QuerySet[ApiToken]:
    """Return those tokens which the actor may see."""
    tokens = tokens.filter(face=actor.kind.value)
    if actor.kind is ActorKind.OFFICER:
        return tokens.filter(account__officer=UUID(actor.id))
    if actor.kind is not ActorKind.RESIDENT or actor.on_behalf_of:
        return tokens.none()
    own = UUID(actor.id)
    return tokens.filter(Q(account__person=own) | Q(account__person__merged_into=own))

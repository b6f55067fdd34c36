"""Identities of the practice city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password

from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.people.actions.accounts import create_account
from commonweal.kernel.people.actions.officers import appoint_officer, grant_role, join_team
from commonweal.kernel.people.actions.persons import record_facts, register_person
from commonweal.kernel.people.errors import (
    OnlyInDemo,
)
from commonweal.kernel.people.models import (
    Account,
)


@dataclass(frozen=True, slots=True)
class DemoIdentity:
    """Somebody as whom visitors of the practice city sign in.

    Attributes:
        email: To sign in with.
        name: As shown.
        agency: For an officer, the agency; empty for a resident.
        title: For an officer.
        roles: For an officer, keys of roles.
        teams: For an officer, keys of teams.
        is_resident: Whether the account is a resident's (too).
        language: BCP 47 tag.
        facts: What is known of the resident.
    """

    email: str
    name: str
    agency: str = ""
    title: str = ""
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    is_resident: bool = True
    language: str = "en"
    facts: Mapping[str, Json] = field(default_factory=dict)


@action
def create_demo_identities(
    identities: Sequence[DemoIdentity], *, password: str, by: Actor, at: datetime
) -> dict[str, Account]:
    """Make accounts whose password everybody may read. Those that exist already are left as they are.

    Args:
        identities: Whom to make; the teams must be there (:func:`sync_teams`).
        password: The same for all.
        by: Who does it.
        at: When, with a time zone.

    Returns:
        The accounts by e-mail address.

    Raises:
        OnlyInDemo: This is not the practice city.
    """
    if not settings.COMMONWEAL_DEMO:
        raise OnlyInDemo
    made = {
        account.email: account for account in Account.objects.filter(email__in=[i.email for i in identities])
    }
    hashed = make_password(password)  # once: it takes 40 ms, and nothing here is secret
    for identity in identities:
        if identity.email not in made:
            made[identity.email] = _demo_account(identity, hashed, by, at)
    return made


def _demo_account(identity: DemoIdentity, hashed: str, by: Actor, at: datetime) -> Account:
    account = create_account(identity.email, by=by, at=at, is_verified=True)
    account.password = hashed
    account.save(update_fields=["password"])
    if identity.is_resident:
        person = register_person(
            identity.name,
            email=identity.email,
            language=identity.language,
            account_id=account.pk,
            by=by,
            at=at,
        )
        if identity.facts:
            record_facts(
                person.pk,
                identity.facts,
                source="practice data",
                legal_basis="none: invented",
                observed_at=at,
                by=by,
                at=at,
            )
    if identity.agency:
        officer = appoint_officer(
            identity.name, agency=identity.agency, account_id=account.pk, title=identity.title, by=by, at=at
        )
        for role in identity.roles:
            grant_role(officer.pk, role, from_on=clock.local(at).date(), by=by, at=at)
        for team in identity.teams:
            join_team(officer.pk, team, by=by, at=at)
    return account

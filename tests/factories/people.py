"""Makes accounts, persons, officers and teams."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.people.models import Account, Fact, Grant, Membership, Officer, Person, Team

AT = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
PASSWORD = "a long pass phrase for tests"
_number = count(1)


def make_account(
    *, email: str | None = None, password: str | None = None, is_active: bool = True, is_verified: bool = True
) -> Account:
    """Make an account; without a password it can be signed in with ``client.force_login`` only."""
    account = Account(
        email=email or f"account{next(_number)}@example.org", is_active=is_active, created_at=AT
    )
    if password is None:
        account.set_unusable_password()
    else:
        account.set_password(password)
    account.save()
    if is_verified:
        account.emailaddress_set.create(email=account.email, verified=True, primary=True)
    return account


def make_person(
    *,
    name: str | None = None,
    account: Account | None = None,
    email: str = "",
    language: str = "en",
    **facts: Any,
) -> Person:
    """Make a person; further keywords become facts about them, for example ``birth_date="1980-02-01"``."""
    person = Person.objects.create(
        name=name or f"Person {next(_number)}", account=account, email=email, language=language, created_at=AT
    )
    for key, value in facts.items():
        make_fact(person, key, value)
    return person


def make_fact(
    person: Person, key: str, value: Any, *, observed_at: datetime = AT, source: str = "tests"
) -> Fact:
    """Make a fact about a person."""
    return Fact.objects.create(
        person=person,
        key=key,
        value=value,
        source=source,
        legal_basis="tests",
        observed_at=observed_at,
        recorded_at=AT,
    )


def make_team(*, key: str | None = None, agency: str = "human-services") -> Team:
    """Make a team."""
    key = key or f"team-{next(_number)}"
    return Team.objects.create(key=key, name=key.title(), agency=agency)


def make_officer(
    *,
    name: str | None = None,
    agency: str = "human-services",
    account: Account | None = None,
    roles: tuple[str, ...] = (),
    capabilities: tuple[str, ...] = (),
    teams: tuple[Team, ...] = (),
    from_on: date = date(2020, 1, 1),
) -> Officer:
    """Make an officer with an account, grants in the officer's own agency, and teams."""
    officer = Officer.objects.create(
        name=name or f"Officer {next(_number)}",
        agency=agency,
        account=account or make_account(),
        created_at=AT,
    )
    for role, capability in [(role, "") for role in roles] + [("", key) for key in capabilities]:
        Grant.objects.create(
            officer=officer,
            role=role,
            capability=capability,
            agency=agency,
            from_on=from_on,
            granted_by="tests",
            granted_at=AT,
        )
    for team in teams:
        Membership.objects.create(team=team, officer=officer, created_at=AT)
    return officer


def resident(person: Person) -> Actor:
    """Return the actor that a person is."""
    return Actor(ActorKind.RESIDENT, str(person.pk))


def officer_actor(officer: Officer, *capabilities: str, teams: tuple[Team, ...] = ()) -> Actor:
    """Return the actor that an officer is, with the capabilities named."""
    return Actor(
        ActorKind.OFFICER,
        str(officer.pk),
        None,
        officer.agency,
        frozenset(capabilities),
        tuple(team.pk for team in teams),
    )

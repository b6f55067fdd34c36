from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from pytest_django import DjangoAssertNumQueries, Settings
from tests.factories.people import (
    AT,
    make_account,
    make_officer,
    make_person,
    make_team,
    officer_actor,
    resident,
)

from commonweal.kernel.base.errors import Forbidden, Invalid, NotFound
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people import actions, queries
from commonweal.kernel.people.actions import DemoIdentity, officers
from commonweal.kernel.people.errors import EmailTaken, OnlyInDemo, UnknownAgency, UnknownRole, WrongTerm
from commonweal.kernel.people.models import Account, Officer, Team
from commonweal.kernel.people.registry import capabilities, capabilities_of, roles

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")
TODAY = date(2026, 9, 15)


def types_in(stream: str) -> list[str]:
    return [event.type for event in events_of(stream)]


def acting(officer: Officer, on: date = TODAY) -> Actor:
    assert officer.account_id is not None
    account = queries.account_for_request(officer.account_id)
    assert account is not None
    return queries.actor_of(account, on=on)


def test_every_capability_names_known_roles() -> None:
    assert {role for capability in capabilities for role in capability.roles} <= set(roles.keys())
    assert capabilities_of("emperor") == frozenset()


def test_create_account_keeps_the_address_in_small_letters() -> None:
    account = actions.create_account(" Ana@Example.org ", password="x" * 12, is_verified=True, by=BY, at=AT)

    assert account.email == "ana@example.org"
    assert check_password("x" * 12, account.password)
    assert Account.objects.get_by_natural_key("ANA@example.org") == account
    assert list(account.emailaddress_set.values_list("email", "verified", "primary")) == [
        ("ana@example.org", True, True)
    ]
    assert types_in(f"account:{account.pk}") == ["people.account_created"]
    with pytest.raises(EmailTaken):
        actions.create_account("ANA@example.org", by=BY, at=AT)


def test_account_without_password_cannot_be_entered_with_one() -> None:
    assert not actions.create_account("ana@example.org", by=BY, at=AT).has_usable_password()


def test_suspending_and_reinstating_leave_one_entry_each() -> None:
    account = make_account()
    operator = officer_actor(make_officer(), "people.suspend")

    for _ in range(2):
        assert not actions.suspend_account(account.pk, reason="stolen", by=operator, at=AT).is_active
    for _ in range(2):
        assert actions.reinstate_account(account.pk, reason="found", by=operator, at=AT).is_active

    assert [(event.type, event.payload) for event in events_of(f"account:{account.pk}")] == [
        ("people.account_suspended", {"reason": "stolen"}),
        ("people.account_reinstated", {"reason": "found"}),
    ]


def test_suspending_is_forbidden_without_the_capability() -> None:
    account = make_account()

    for action in (actions.suspend_account, actions.reinstate_account):
        with pytest.raises(Forbidden):
            action(account.pk, reason="x", by=officer_actor(make_officer()), at=AT)
        with pytest.raises(NotFound):
            action(new_id(), reason="x", by=BY, at=AT)


def test_appointed_officer_acts_once_an_account_is_theirs() -> None:
    account = make_account()
    officer = actions.appoint_officer(
        "Bo", agency="transportation", account_id=account.pk, title="Clerk", by=BY, at=AT
    )

    assert acting(officer) == Actor(ActorKind.OFFICER, str(officer.pk), None, "transportation")
    assert (
        actions.appoint_officer("Other", agency="transportation", account_id=account.pk, by=BY, at=AT)
        == officer
    )
    assert types_in(f"officer:{officer.pk}") == ["people.officer_appointed"]
    assert actions.appoint_officer("No account", agency="transportation", by=BY, at=AT).account is None


def test_appointing_needs_a_known_agency_and_the_capability_in_it() -> None:
    chief = officer_actor(make_officer(agency="human-services"), "people.grant")

    with pytest.raises(UnknownAgency, match="atlantis"):
        actions.appoint_officer("Bo", agency="atlantis", by=BY, at=AT)
    with pytest.raises(Forbidden):
        actions.appoint_officer("Bo", agency="transportation", by=chief, at=AT)
    assert actions.appoint_officer("Bo", agency="human-services", by=chief, at=AT).agency == "human-services"


def test_dismissed_officer_is_a_guest_at_once() -> None:
    officer = make_officer(roles=("caseworker",))
    assert acting(officer).kind is ActorKind.OFFICER

    for _ in range(2):
        actions.dismiss_officer(officer.pk, by=BY, at=AT)

    assert acting(officer) == Actor.guest()
    assert types_in(f"officer:{officer.pk}") == ["people.officer_dismissed"]
    with pytest.raises(NotFound):
        actions.dismiss_officer(new_id(), by=BY, at=AT)


def test_teams_follow_the_jurisdiction() -> None:
    old = make_team(key="abolished")
    member = make_officer(teams=(old,))
    Team.objects.create(key="parking", name="Old name", agency="transportation")
    assert acting(member).teams == (old.pk,)

    synced = actions.sync_teams(by=BY, at=AT)

    assert [(team.key, team.name, team.agency, team.is_active) for team in synced][:2] == [
        ("food-assistance", "Food assistance", "human-services", True),
        ("parking", "Parking permits", "transportation", True),
    ]
    assert not Team.objects.get(key="abolished").is_active
    assert acting(member).teams == ()
    assert types_in("team:parking") == types_in("team:abolished") == ["people.team_synced"]

    assert actions.sync_teams(by=BY, at=AT) == synced
    assert types_in("team:parking") == ["people.team_synced"]


def test_joining_and_leaving_a_team_count_at_once() -> None:
    team, officer = make_team(), make_officer()
    assert acting(officer).teams == ()

    first = actions.join_team(officer.pk, team.key, by=BY, at=AT)
    assert actions.join_team(officer.pk, team.key, by=BY, at=AT) == first
    assert acting(officer).teams == (team.pk,)
    assert queries.is_member(officer.pk, team.pk)
    assert list(queries.members_of(team.pk)) == [officer]

    for _ in range(2):
        actions.leave_team(officer.pk, team.key, by=BY, at=AT)
    assert acting(officer).teams == ()
    assert types_in(f"officer:{officer.pk}") == ["people.team_joined", "people.team_left"]


def test_a_team_of_another_agency_cannot_be_joined() -> None:
    officer = make_officer(agency="human-services")

    with pytest.raises(NotFound):
        actions.join_team(officer.pk, make_team(agency="transportation").key, by=BY, at=AT)
    with pytest.raises(Forbidden):
        actions.join_team(officer.pk, make_team().key, by=officer_actor(officer), at=AT)
    with pytest.raises(Forbidden):
        actions.leave_team(officer.pk, make_team().key, by=officer_actor(officer), at=AT)


def test_teams_are_set_as_a_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    officer = make_officer(agency="human-services")
    one, two, three = (make_team(agency="human-services") for _ in range(3))
    actions.set_teams(officer.pk, [one.key, two.key], by=BY, at=AT)
    before = types_in(f"officer:{officer.pk}")

    with pytest.raises(Invalid) as refused:
        actions.set_teams(officer.pk, [three.key, make_team(agency="transportation").key], by=BY, at=AT)

    assert list(refused.value.fields) == ["teams"]
    with monkeypatch.context() as broken:
        broken.setattr(officers, "leave_team", _fails)
        with pytest.raises(RuntimeError):
            actions.set_teams(officer.pk, [two.key, three.key], by=BY, at=AT)
    assert queries.team_keys_of(officer.pk) == sorted([one.key, two.key])
    assert types_in(f"officer:{officer.pk}") == before

    for _ in range(2):
        actions.set_teams(officer.pk, [two.key, three.key], by=BY, at=AT)
    assert queries.team_keys_of(officer.pk) == sorted([two.key, three.key])
    assert types_in(f"officer:{officer.pk}") == [*before, "people.team_joined", "people.team_left"]
    with pytest.raises(Forbidden):
        actions.set_teams(officer.pk, [], by=officer_actor(officer), at=AT)


def _fails(*_args: object, **_more: object) -> None:
    raise RuntimeError


def test_a_granted_role_counts_from_its_first_to_its_last_day() -> None:
    officer = make_officer()
    acting(officer)
    actions.grant_role(officer.pk, "caseworker", from_on=TODAY, until_on=date(2026, 9, 30), by=BY, at=AT)

    held = {
        day: acting(officer, day).capabilities
        for day in (TODAY - timedelta(1), TODAY, date(2026, 9, 30), date(2026, 10, 1))
    }
    assert list(held.values()) == [
        frozenset(),
        capabilities_of("caseworker"),
        capabilities_of("caseworker"),
        frozenset(),
    ]


def test_granting_again_changes_nothing_and_another_term_replaces_the_first() -> None:
    officer = make_officer()
    first = actions.grant_capability(officer.pk, "people.merge", from_on=TODAY, by=BY, at=AT)
    assert actions.grant_capability(officer.pk, "people.merge", from_on=TODAY, by=BY, at=AT) == first

    second = actions.grant_capability(officer.pk, "people.merge", from_on=TODAY, until_on=TODAY, by=BY, at=AT)

    first.refresh_from_db()
    assert (first.revoked_at, second.revoked_at) == (AT, None)
    assert types_in(f"officer:{officer.pk}") == ["people.granted", "people.grant_revoked", "people.granted"]
    assert len(queries.grants_of(officer.pk, actor=BY)) == 2


def test_revoked_grant_counts_no_longer() -> None:
    officer = make_officer()
    grant = actions.grant_role(officer.pk, "supervisor", from_on=TODAY, by=BY, at=AT)
    assert acting(officer).can("people.merge")

    for _ in range(2):
        actions.revoke_grant(grant.pk, by=BY, at=AT)

    assert not acting(officer).can("people.merge")
    assert types_in(f"officer:{officer.pk}") == ["people.granted", "people.grant_revoked"]
    with pytest.raises(NotFound):
        actions.revoke_grant(new_id(), by=BY, at=AT)


def test_wrong_grants_are_refused() -> None:
    officer = make_officer()

    with pytest.raises(UnknownRole, match="emperor"):
        actions.grant_role(officer.pk, "emperor", from_on=TODAY, by=BY, at=AT)
    with pytest.raises(UnknownRole, match="fly"):
        actions.grant_capability(officer.pk, "people.fly", from_on=TODAY, by=BY, at=AT)
    with pytest.raises(WrongTerm):
        actions.grant_role(officer.pk, "auditor", from_on=TODAY, until_on=TODAY - timedelta(1), by=BY, at=AT)
    with pytest.raises(NotFound):
        actions.grant_role(new_id(), "auditor", from_on=TODAY, by=BY, at=AT)


def test_nobody_grants_to_themselves_without_the_capability_or_across_agencies() -> None:
    officer = make_officer(agency="human-services")
    outsider = officer_actor(make_officer(agency="transportation"), "people.grant")
    grant = actions.grant_role(officer.pk, "auditor", from_on=TODAY, by=BY, at=AT)

    for by in (officer_actor(officer), outsider, resident(make_person()), Actor.guest()):
        with pytest.raises(Forbidden):
            actions.grant_role(officer.pk, "operator", from_on=TODAY, by=by, at=AT)
        with pytest.raises(Forbidden):
            actions.revoke_grant(grant.pk, by=by, at=AT)


def test_lists_of_colleagues_are_those_of_the_agency(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    here = make_officer(name="A", agency="human-services")
    actor = officer_actor(here)
    make_officer(name="B", agency="transportation")
    team = make_team(agency="human-services")
    make_team(agency="transportation")

    with django_assert_num_queries(2):
        assert list(queries.officers(actor=actor)) == [here]
        assert list(queries.teams(actor=actor)) == [team]
    assert queries.officer(here.pk, actor=actor) == here
    assert queries.team(team.key) == team
    assert queries.officer_names([here.pk, new_id()]) == {here.pk: "A"}
    with pytest.raises(NotFound):
        queries.officer(here.pk, actor=officer_actor(make_officer(agency="transportation")))
    with pytest.raises(NotFound):
        queries.team("atlantis")


IDENTITIES = [
    DemoIdentity("resident@demo.example", "Rosa", facts={"birth_date": "1985-03-02"}, language="es"),
    DemoIdentity(
        "officer@demo.example",
        "Omar",
        agency="human-services",
        roles=("caseworker",),
        teams=("food-assistance",),
        is_resident=False,
    ),
]


def test_demo_identities_can_sign_in_and_are_made_once(settings: Settings) -> None:
    settings.COMMONWEAL_DEMO = True
    actions.sync_teams(by=BY, at=AT)

    made = actions.create_demo_identities(IDENTITIES, password="practice city", by=BY, at=AT)
    again = actions.create_demo_identities(IDENTITIES, password="practice city", by=BY, at=AT)

    assert made == again
    assert Account.objects.count() == 2
    person = made["resident@demo.example"].person
    assert check_password("practice city", made["resident@demo.example"].password)
    assert queries.person_card(person.pk).birth_date == date(1985, 3, 2)
    officer = acting(made["officer@demo.example"].officer)
    assert officer.capabilities == capabilities_of("caseworker")
    assert officer.teams == (queries.team("food-assistance").pk,)


def test_demo_identities_exist_in_the_practice_city_only(settings: Any) -> None:
    settings.COMMONWEAL_DEMO = False

    with pytest.raises(OnlyInDemo):
        actions.create_demo_identities(IDENTITIES, password="practice city", by=BY, at=AT)

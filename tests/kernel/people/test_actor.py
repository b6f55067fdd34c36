from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from tests.factories.people import make_account, make_officer, make_person, make_team

from commonweal.kernel.base.errors import TooManyRequests
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.people import middleware, passwords, queries
from commonweal.kernel.people.backends import AccountBackend
from commonweal.kernel.people.enums import Face
from commonweal.kernel.people.models import Account, Grant, Person
from commonweal.kernel.people.registry import capabilities_of

pytestmark = pytest.mark.django_db


def loaded(account: Account) -> Account:
    found = queries.account_for_request(account.pk)
    assert found is not None
    return found


def test_actor_of_a_person_is_a_resident_with_the_persons_id() -> None:
    person = make_person(account=make_account())
    assert person.account is not None

    assert queries.actor_of(loaded(person.account)) == Actor(ActorKind.RESIDENT, str(person.pk))


def test_actor_of_a_merged_person_is_the_one_that_stands_for_both() -> None:
    standing = make_person()
    person = make_person(account=make_account())
    Person.objects.filter(pk=person.pk).update(merged_into=standing)
    assert person.account is not None

    assert queries.actor_of(loaded(person.account)).id == str(standing.pk)


def test_actor_of_an_officer_holds_capabilities_and_teams_of_the_day() -> None:
    team = make_team()
    officer = make_officer(roles=("caseworker",), capabilities=("tests.fly",), teams=(team,))
    Grant.objects.create(
        officer=officer,
        role="supervisor",
        agency="transportation",
        from_on=date(2020, 1, 1),
        granted_by="tests",
        granted_at=officer.created_at,
    )
    assert officer.account is not None

    assert queries.actor_of(loaded(officer.account), on=date(2026, 9, 15)) == Actor(
        ActorKind.OFFICER,
        str(officer.pk),
        None,
        "human-services",
        capabilities_of("caseworker") | {"tests.fly"},
        (team.pk,),
    )
    assert queries.actor_of(loaded(officer.account), on=date(2019, 12, 31)).capabilities == frozenset()


def test_account_with_both_faces_shows_the_officer_unless_it_chose_otherwise() -> None:
    account = make_account()
    make_person(account=account)
    make_officer(account=account)
    account = loaded(account)

    assert queries.faces_of(account) == [Face.OFFICER, Face.RESIDENT]
    assert queries.actor_of(account).kind is ActorKind.OFFICER
    assert queries.actor_of(account, face=Face.RESIDENT).kind is ActorKind.RESIDENT


def test_officer_who_left_and_nobodys_account_are_guests() -> None:
    officer = make_officer()
    officer.is_active = False
    officer.save()
    assert officer.account is not None

    assert queries.actor_of(loaded(officer.account)) == Actor.guest()
    assert queries.actor_of(loaded(make_account())) == Actor.guest()


def test_suspended_account_is_a_guest() -> None:
    account = make_account(is_active=False)
    make_person(account=account)

    assert queries.actor_of(loaded(account)) == Actor.guest()


def signed_in(account: Account, rf: RequestFactory, **session: str) -> Callable[[], Actor]:
    client = Client()
    client.force_login(account)
    key = client.session.session_key

    def act() -> Actor:
        request = rf.get("/")
        request.session = SessionStore(key)
        request.session.update(session)
        request.LANGUAGE_CODE = "en"
        middleware.actor(lambda request: HttpResponse())(request)
        actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
        return actor

    return act


def test_middleware_needs_one_query_beside_the_session(
    rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    officer = make_officer(roles=("caseworker",))
    assert officer.account is not None
    act = signed_in(officer.account, rf)
    act()

    with django_assert_num_queries(2):
        assert act().id == str(officer.pk)


def test_middleware_follows_the_chosen_face_and_ignores_an_unknown_one(rf: RequestFactory) -> None:
    account = make_account()
    make_person(account=account)
    make_officer(account=account)

    assert signed_in(account, rf, **{middleware.FACE: "resident"})().kind is ActorKind.RESIDENT
    assert signed_in(account, rf, **{middleware.FACE: "emperor"})().kind is ActorKind.OFFICER


def test_suspended_account_loses_its_session_at_once(rf: RequestFactory) -> None:
    person = make_person(account=make_account())
    assert person.account is not None
    act = signed_in(person.account, rf)
    assert act().is_signed_in

    Account.objects.filter(pk=person.account.pk).update(is_active=False)

    assert act() == Actor.guest()


def test_password_checks_wait_for_a_place_and_give_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.01)
    account = make_account(password="a long pass phrase")

    with passwords.gate(), passwords.gate(), pytest.raises(TooManyRequests):
        account.check_password("a long pass phrase")

    assert account.check_password("a long pass phrase")
    assert account.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_accounts_have_no_permissions_of_djangos_own() -> None:
    assert AccountBackend().get_all_permissions(make_account()) == set()


def test_names_of_rows_tell_no_more_than_needed() -> None:
    person = make_person(name="Ana", birth_date="1980-01-01")
    assert person.account is None
    assert str(person) == str(person.pk)
    assert str(person.facts.get()) == f"birth_date of {person.pk}"

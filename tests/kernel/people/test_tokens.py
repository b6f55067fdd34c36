from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from structlog.testing import CapturingLogger
from tests.factories.people import PASSWORD, make_account, make_officer, make_person, officer_actor, resident

from commonweal.kernel.base import clock, middleware
from commonweal.kernel.base.errors import Forbidden, Invalid, NotFound
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people import queries, rules
from commonweal.kernel.people.actions import make_token, merge_persons, revoke_token, suspend_account
from commonweal.kernel.people.actions.tokens import MAX_TOKENS
from commonweal.kernel.people.errors import TooManyTokens
from commonweal.kernel.people.models import Account, ApiToken, Person
from commonweal.kernel.people.plugins import WRONG_TOKENS

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def forget_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person() -> Person:
    return make_person(account=make_account(password=PASSWORD))


def token_of(account: Account | None, by: Actor, *, scope: str = "read write", days: int = 30) -> str:
    assert account is not None
    now = clock.now()
    made = make_token(account.pk, name="mine", scope=scope, expires_at=now + timedelta(days), by=by, at=now)
    return made.secret


def get(client: Client, secret: str, path: str = "/api/v1/cases") -> Any:
    return client.get(path, headers={"Authorization": f"Bearer {secret}"})


def test_a_token_signs_its_maker_in(client: Client, person: Person) -> None:
    secret = token_of(person.account, resident(person))

    response = get(client, secret)

    assert (response.status_code, response.json()) == (200, {"items": [], "next_cursor": None})
    assert re.fullmatch(r"cw_[a-z2-9]{8}_[\w-]{43}", secret)


def test_the_database_holds_no_token(person: Person) -> None:
    secret = token_of(person.account, resident(person))
    (row,) = ApiToken.objects.all()
    held = {str(getattr(row, field.attname)) for field in ApiToken._meta.concrete_fields}
    assert secret not in held
    assert secret.rpartition("_")[2] not in "".join(held)
    assert secret not in repr(make_token.__wrapped__) + str(row)


def test_making_and_revoking_stand_in_the_ledger(person: Person) -> None:
    secret, by, account = token_of(person.account, resident(person)), resident(person), person.account
    assert account is not None
    (row,) = ApiToken.objects.all()

    for _again in range(2):
        revoke_token(row.pk, by=by, at=clock.now())

    entries = [entry for entry in events_of(f"account:{account.pk}") if "token" in entry.type]
    assert [entry.type for entry in entries] == ["people.token_made", "people.token_revoked"]
    assert entries[0].payload is not None
    assert (entries[0].payload["name"], entries[0].payload["scope"]) == ("mine", "read write")
    assert secret not in str(entries)


@pytest.mark.parametrize(
    ("change", "header"),
    [
        (lambda secret: secret[:-1] + ("a" if secret[-1] != "a" else "b"), "Bearer {}"),
        (lambda secret: "other_" + secret, "Bearer {}"),
        (lambda secret: secret, "Basic {}"),
        (lambda secret: secret, "{}"),
        (lambda secret: "", "Bearer {}"),
        (lambda secret: "cw_" + "ä" * 9, "Bearer {}"),
        (lambda secret: "cw_" + "x" * 9_000, "Bearer {}"),
    ],
)
def test_a_wrong_token_is_refused_though_a_session_is_there(
    client: Client, person: Person, change: Callable[[str], str], header: str
) -> None:
    assert person.account is not None
    client.force_login(person.account)
    secret = token_of(person.account, resident(person))

    response = client.get("/api/v1/cases", headers={"Authorization": header.format(change(secret))})

    assert (response.status_code, response.json()["code"]) == (401, "token-refused")
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_an_expired_revoked_or_suspended_token_is_refused(client: Client, person: Person) -> None:
    account = person.account
    assert account is not None
    expired, revoked, suspended = (token_of(account, resident(person)) for _ in range(3))
    rows = {
        secret: ApiToken.objects.get(token_hash=queries.token_hash(secret)) for secret in (expired, revoked)
    }
    past = clock.now() - timedelta(hours=1)
    ApiToken.objects.filter(pk=rows[expired].pk).update(created_at=past - timedelta(1), expires_at=past)
    revoke_token(rows[revoked].pk, by=resident(person), at=clock.now())
    assert get(client, suspended).status_code == 200
    suspend_account(account.pk, reason="tests", by=SYSTEM, at=clock.now())

    assert [get(client, secret).status_code for secret in (expired, revoked, suspended)] == [401] * 3


def test_a_token_for_reading_cannot_write(client: Client, person: Person) -> None:
    secret = token_of(person.account, resident(person), scope="read")
    path = f"/api/v1/me/tokens/{ApiToken.objects.get().pk}"
    response = client.delete(path, headers={"Authorization": f"Bearer {secret}"})

    assert (response.status_code, response.json()["code"]) == (403, "token-may-only-read")
    assert 'error="insufficient_scope"' in response["WWW-Authenticate"]
    assert get(client, secret).status_code == 200


def test_a_token_needs_no_csrf_token_and_a_session_still_does(person: Person) -> None:
    assert person.account is not None
    client = Client(enforce_csrf_checks=True)
    client.force_login(person.account)
    secret = token_of(person.account, resident(person))
    path = f"/api/v1/me/tokens/{ApiToken.objects.get().pk}"

    by_session = client.delete(path)
    by_token = client.delete(path, headers={"Authorization": f"Bearer {secret}"})

    assert by_session.json()["code"] == "csrf-token-missing"
    assert (by_token.status_code, by_token.content) == (204, b"")
    assert get(client, secret).status_code == 401


def test_an_officers_token_has_the_officers_rights_and_loses_them_with_the_grant(client: Client) -> None:
    officer = make_officer(roles=("caseworker",))
    secret = token_of(officer.account, officer_actor(officer))

    assert get(client, secret, "/api/v1/workbench/cases").status_code == 200
    assert get(client, secret, "/api/v1/cases").status_code == 403
    officer.is_active = False
    officer.save()
    assert get(client, secret, "/api/v1/workbench/cases").status_code == 401


def test_a_token_keeps_the_face_that_it_was_made_with(client: Client) -> None:
    account = make_account()
    person = make_person(account=account)
    officer = make_officer(roles=("caseworker",), account=account)
    as_resident, as_officer = token_of(account, resident(person)), token_of(account, officer_actor(officer))

    assert get(client, as_resident).status_code == 200
    assert get(client, as_officer, "/api/v1/workbench/cases").status_code == 200
    listed = get(client, as_resident, "/api/v1/me/tokens").json()
    assert [as_resident.split("_")[1]] == [row["prefix"] for row in listed]
    officer.is_active = False
    officer.save()
    assert get(client, as_officer).status_code == 401, "an officer's token never becomes a resident's"


def test_too_many_wrong_tokens_are_told_to_wait_while_the_right_one_passes(
    client: Client, person: Person
) -> None:
    secret = token_of(person.account, resident(person))
    statuses = [get(client, f"cw_wrong_{number}").status_code for number in range(WRONG_TOKENS + 2)]

    assert statuses == [401] * WRONG_TOKENS + [429] * 2
    assert get(client, secret).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "headers", "is_refused"),
    [
        (0, ("9.9.9.9", "8.8.8.8"), True),  # nobody in front: whoever sends the header invents it
        (1, ("9.9.9.9", "8.8.8.8"), False),
        (1, ("9.9.9.9", "6.6.6.6, 9.9.9.9"), True),  # what stands before the proxy's own word is invented
        (2, ("9.9.9.9, 10.0.0.1", "8.8.8.8, 10.0.0.1"), False),
    ],
)
def test_wrong_tokens_are_counted_by_the_address_before_our_proxies(
    client: Client, settings: Settings, proxies: int, headers: tuple[str, str], is_refused: bool
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    first, other = (
        [
            client.get(
                "/api/v1/cases", headers={"Authorization": f"Bearer cw_{number}", "X-Forwarded-For": header}
            ).status_code
            for number in range(WRONG_TOKENS)
        ]
        for header in headers
    )

    assert first == [401] * WRONG_TOKENS
    assert other == ([429] if is_refused else [401]) * WRONG_TOKENS


def test_a_token_never_stands_in_the_log(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = token_of(person.account, resident(person))
    written = CapturingLogger()
    monkeypatch.setattr(middleware, "log", written)

    get(client, secret)
    get(client, secret + "x")

    assert [call.method_name for call in written.calls] == ["info", "info"]
    assert secret not in str(written.calls) + caplog.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"scope": "everything"}, "scope"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
    ],
)
def test_what_cannot_be_accepted_is_named(person: Person, wrong: dict[str, Any], field: str) -> None:
    now, account = clock.now(), person.account
    assert account is not None
    given: dict[str, Any] = {"name": "mine", "scope": "read", "days": 365} | wrong
    with pytest.raises(Invalid) as refused:
        make_token(
            account.pk,
            name=given["name"],
            scope=given["scope"],
            expires_at=now + timedelta(days=given["days"]),
            by=resident(person),
            at=now,
        )
    assert list(refused.value.fields) == [field]
    assert not ApiToken.objects.exists()


def test_nobody_makes_or_revokes_a_token_of_somebody_else(person: Person) -> None:
    token_of(person.account, resident(person))
    other = make_person(account=make_account())
    acting_for = Actor(ActorKind.RESIDENT, str(other.pk), on_behalf_of=str(person.pk))
    for actor in (resident(other), acting_for, Actor.guest(), officer_actor(make_officer(), "people.search")):
        with pytest.raises(Forbidden):
            token_of(person.account, actor)
        with pytest.raises(NotFound):
            revoke_token(ApiToken.objects.get().pk, by=actor, at=clock.now())
    assert ApiToken.objects.get().revoked_at is None


def test_an_account_has_at_most_twenty_tokens(person: Person) -> None:
    for _number in range(MAX_TOKENS):
        token_of(person.account, resident(person))
    with pytest.raises(TooManyTokens):
        token_of(person.account, resident(person))


def test_a_merged_persons_token_acts_for_the_standing_record(client: Client, person: Person) -> None:
    secret = token_of(person.account, resident(person))
    other = make_person()
    merge_persons(other.pk, person.pk, reason="one person", by=SYSTEM, at=clock.now())

    found = queries.signed_in_by(secret, at=clock.now())

    assert found is not None
    assert UUID(found.actor.id) == other.pk
    assert queries.tokens(actor=found.actor, at=clock.now()).count() == 1


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_rule_about_one_token_and_the_rule_about_lists_agree(data: st.DataObject) -> None:
    account, single = make_account(), make_person(account=make_account())
    both, officer = make_person(account=account), make_officer(account=account)
    standing = make_person()
    single.merged_into = data.draw(st.sampled_from([None, standing]))
    single.save()
    for owner, face in ((account, "resident"), (account, "officer"), (single.account, "resident")):
        ApiToken.objects.create(
            account=owner,
            face=face,
            name="x",
            prefix="x",
            token_hash=f"{owner}{face}"[:64],
            scope="read",
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(1),
        )
    people = [str(one.pk) for one in (single, both, standing, officer)]
    kind = data.draw(st.sampled_from(list(ActorKind)))
    actor = Actor(kind, data.draw(st.sampled_from(people)), data.draw(st.sampled_from([None, people[0]])))

    seen = set(rules.visible_tokens(ApiToken.objects.all(), actor))

    assert seen == {token for token in ApiToken.objects.all() if rules.allows_token(actor, token)}
    ApiToken.objects.all().delete()


def test_the_page_makes_a_token_shows_it_once_and_revokes_it(client: Client, person: Person) -> None:
    account = person.account
    assert account is not None
    client.post("/account/login/", {"login": account.email, "password": PASSWORD})

    empty = client.get("/me/tokens/").content.decode()
    wrong = client.post("/me/tokens/new/", {"name": "", "scope": "read", "days": "9999"})
    made = client.post("/me/tokens/new/", {"name": "Ledger <b>sync</b>", "scope": "read", "days": "30"})
    shown = re.search(r"cw_\w{8}_[\w-]{43}", made.content.decode())
    again = client.get("/me/tokens/").content.decode()
    token = ApiToken.objects.get()
    revoked = client.post(f"/me/tokens/{token.pk}/revoke/")

    assert "You have no tokens" in empty
    assert wrong.status_code == 422
    assert "Give the token a name" in wrong.content.decode()
    assert shown is not None
    assert get(Client(), shown.group()).status_code == 401  # revoked by now
    assert shown.group() not in again
    assert "Ledger &lt;b&gt;sync&lt;/b&gt;" in again
    assert token.scope == "read"
    assert revoked.status_code == 302
    assert "You have no tokens" in client.get("/me/tokens/").content.decode()


def test_the_page_asks_for_the_password_again_and_then_goes_on(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = person.account
    assert account is not None
    client.post("/account/login/", {"login": account.email, "password": PASSWORD})
    session = client.session
    session["account_authentication_methods"] = [
        dict(each, at=each["at"] - 3_600) for each in session["account_authentication_methods"]
    ]
    session.save()

    asked = client.post("/me/tokens/new/", {"name": "sync", "scope": "read", "days": "30"})
    done = client.post(asked["Location"], {"password": PASSWORD})

    assert asked["Location"].startswith("/account/reauthenticate/")
    assert (done.status_code, ApiToken.objects.count()) == (200, 1)
    assert "Copy your token now" in done.content.decode()


def test_another_persons_token_is_not_found_by_page_or_api(client: Client, person: Person) -> None:
    token_of(person.account, resident(person))
    other = make_person(account=make_account())
    assert other.account is not None
    client.force_login(other.account)
    pk = ApiToken.objects.get().pk

    assert client.post(f"/me/tokens/{pk}/revoke/").status_code == 404
    assert client.delete(f"/api/v1/me/tokens/{pk}", headers={"X-CSRFToken": "x"}).status_code in {403, 404}
    assert ApiToken.objects.get().revoked_at is None


def test_the_description_names_both_ways_to_sign_in(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    schemes = described["components"]["securitySchemes"]
    assert {name: scheme["type"] for name, scheme in schemes.items()} == {
        "token": "http",
        "session": "apiKey",
    }
    assert described["paths"]["/api/v1/cases"]["get"]["security"] == [{"token": []}, {"session": []}]
    assert {} in described["paths"]["/api/v1/services"]["get"]["security"]

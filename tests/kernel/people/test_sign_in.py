from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, hotp_value
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.template.backends import django as django_engine
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from tests.factories.people import (
    AT,
    PASSWORD,
    make_account,
    make_fact,
    make_officer,
    make_person,
    officer_actor,
    resident,
)

from commonweal.kernel.base import clock
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.models import SharedEntry
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people import portal, queries
from commonweal.kernel.people.actions import make_token
from commonweal.kernel.people.devices import device_name
from commonweal.kernel.people.mails import MAILS
from commonweal.kernel.people.models import Account, Person
from commonweal.kernel.people.tasks import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_our_engine(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """Fail where Django's own template language renders anything; and forget rate limits of other tests."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> str:
        raise AssertionError(f"{self.origin} is rendered by another engine")

    monkeypatch.setattr(django_engine.Template, "render", refuse)
    settings.MFA_TOTP_TOLERANCE = 1  # a code may be made in the last moment of its half-minute
    cache.clear()
    yield
    cache.clear()


def member(**account: Any) -> Account:
    made = make_account(password=PASSWORD, **account)
    make_person(account=made)
    return made


def sign_in(client: Client, account: Account, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/account/login/", {"login": account.email, "password": password, **more})


def text(response: Any) -> str:
    return str(response.content.decode())


def code_in_mail() -> str:
    found = re.search(r"^    (\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found is not None
    return found.group(1)


def whoami(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


LOGGING = 1 if connection.vendor == "postgresql" else 3  # there, the log of accesses is one statement
OWN_DETAILS_QUERIES = 10 + LOGGING
OWN_ACCESS_QUERIES = 5 + LOGGING

GUEST_PAGES = [
    "/account/login/",
    "/account/login/?next=/me/details/",
    "/account/signup/",
    "/account/login/code/",
    "/account/password/reset/",
    "/account/inactive/",
    "/account/password/reset/done/",
    "/account/3rdparty/login/cancelled/",
]
MEMBER_PAGES = [
    "/account/",
    "/account/logout/",
    "/account/email/",
    "/account/password/change/",
    "/account/reauthenticate/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
    "/account/sessions/",
    "/account/3rdparty/",
    "/me/details/",
    "/me/access/",
    "/me/tokens/",
    "/me/tokens/new/",
]


@pytest.mark.parametrize("path", GUEST_PAGES)
def test_pages_for_guests_are_ours(client: Client, path: str) -> None:
    response = client.get(path)

    assert (response.status_code, "<h1" in text(response)) == (200, True)
    assert "style=" not in text(response)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text(response))


@pytest.mark.parametrize("path", MEMBER_PAGES)
def test_pages_for_members_are_ours_and_not_for_guests(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302
    sign_in(client, member())

    response = client.get(path)

    assert (response.status_code, "<h1" in text(response)) == (200, True)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text(response))


def test_every_route_of_sign_in_is_declared_and_known_to_these_tests() -> None:
    def walk(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            at = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, at)
            else:
                yield at, pattern

    routes = {at: found for at, found in walk(get_resolver().url_patterns) if at.startswith("account/")}
    assert len(routes) > 30
    assert [at for at, found in routes.items() if not hasattr(found.callback, "route_rule")] == []


def test_signing_in_with_a_password_leads_where_one_wanted_to_go(client: Client) -> None:
    account = member()

    response = sign_in(client, account, next="/me/details/")

    assert (response.status_code, response["Location"]) == (302, "/me/details/")
    assert whoami(client) == str(account.pk)
    assert sign_in(Client(), account, next="https://elsewhere.example/")["Location"] == "/"


def test_wrong_password_and_unknown_address_are_answered_alike(client: Client) -> None:
    account = member()

    answers = [
        re.sub(r'value="[^"]*"', "", text(response))
        for response in (
            sign_in(client, account, "not the password"),
            client.post("/account/login/", {"login": "nobody@example.org", "password": "not the password"}),
        )
    ]

    assert "The e-mail address or the password is not right." in answers[0]
    assert answers[0] == answers[1]


def test_empty_form_shows_each_error_beside_its_field_and_in_the_summary(client: Client) -> None:
    html = text(client.post("/account/login/", {"login": "", "password": ""}))

    assert 'id="error-summary"' in html
    for field in ("id_login", "id_password"):
        assert f'href="#{field}"' in html
        assert f'id="{field}-error"' in html
    assert "<title>Error: " in html


def test_suspended_account_is_told_so_and_stays_out(client: Client) -> None:
    account = member(is_active=False)

    assert sign_in(client, account)["Location"] == "/account/inactive/"
    assert whoami(client) == ""


def test_too_many_attempts_are_refused_with_a_clear_word(client: Client) -> None:
    account = member()

    answers = [text(sign_in(client, account, "wrong wrong")) for _ in range(6)]

    assert "too many attempts" not in answers[0]
    assert "too many attempts" in answers[5]


def test_attempts_are_counted_where_every_process_sees_them(client: Client) -> None:
    account = member()
    for _ in range(5):
        sign_in(client, account, "wrong wrong")
    assert "too many attempts" in text(sign_in(client, account, "wrong wrong"))

    assert SharedEntry.objects.exists()
    SharedEntry.objects.all().delete()  # as another process would

    assert "too many attempts" not in text(sign_in(client, account, "wrong wrong"))


def test_the_proxies_of_the_installation_are_those_of_allauth(settings: Settings) -> None:
    assert settings.ALLAUTH_TRUSTED_PROXY_COUNT == settings.COMMONWEAL_PROXIES == 0


def test_sessions_that_are_over_are_swept_with_their_devices(client: Client) -> None:
    account, other = member(), member()
    over = Client()
    sign_in(over, account)
    sign_in(client, other)
    SharedEntry.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    SharedEntry.objects.create(cache_key="old", value="", expires_at=timezone.now() - timedelta(hours=1))
    Session.objects.filter(session_key=over.session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    attempts = SharedEntry.objects.count()

    reached = sweep({}, None)

    assert reached == {"gone": 3}
    assert sweep({}, reached) is None
    assert [row.user_id for row in UserSession.objects.all()] == [other.pk]
    assert Session.objects.filter(expire_date__lt=timezone.now()).count() == 0
    assert SharedEntry.objects.count() == attempts - 1
    assert (whoami(over), whoami(client)) == ("", str(other.pk))
    (entry,) = events_of("people:sessions")
    assert (entry.type, entry.payload) == (
        "people.sessions_swept",
        {"sessions": 1, "devices": 1, "attempts": 1},
    )


def test_too_many_requests_are_answered_with_429(client: Client) -> None:
    statuses = [
        client.post("/account/password/reset/", {"email": "same@example.org"}).status_code for _ in range(6)
    ]

    assert statuses == [302] * 5 + [429]
    response = client.post("/account/password/reset/", {"email": "same@example.org"})
    assert "Wait a few minutes" in text(response)


def test_opening_an_account_makes_a_person_and_confirms_the_address(client: Client) -> None:
    response = client.post(
        "/account/signup/",
        {"email": "New@Example.org", "password1": "three odd words", "name": "Ana \u202ePérez\u2069"},
    )
    assert response["Location"] == "/account/confirm-email/"
    page = client.get("/account/confirm-email/")
    assert "new@example.org" in text(page).lower()
    account = Account.objects.get(email="new@example.org")
    person = Person.objects.get(account=account)
    assert whoami(client) == ""

    assert "This code is not right" in text(client.post("/account/confirm-email/", {"code": "WRONG"}))
    response = client.post("/account/confirm-email/", {"code": code_in_mail()})

    assert (response["Location"], whoami(client)) == ("/", str(account.pk))
    assert [event.type for event in events_of(f"account:{account.pk}")] == ["people.account_created"]
    assert [event.actor.id for event in events_of(f"person:{person.pk}")] == [str(account.pk)]
    assert queries.person_card(person.pk).name == "Ana Pérez"


def test_opening_an_account_that_exists_looks_the_same_and_tells_its_owner(client: Client) -> None:
    account = member()

    response = client.post(
        "/account/signup/", {"email": account.email, "password1": "three odd words", "name": "Eve"}
    )

    assert response["Location"] == "/account/confirm-email/"
    assert client.get("/account/confirm-email/").status_code == 200
    assert mail.outbox[-1].subject == "You have an account already"
    assert Account.objects.count() == 1


def test_weak_passwords_are_refused_and_nothing_typed_is_lost(client: Client) -> None:
    html = text(
        client.post("/account/signup/", {"email": "a@example.org", "password1": "password", "name": "Ana"})
    )
    unseen = text(client.post("/account/signup/", {"email": "a@example.org", "name": "\u202e\u200b"}))

    assert 'href="#id_password1"' in html
    assert "Enter your name." in unseen
    assert 'value="Ana"' in html
    assert 'value="a@example.org"' in html
    assert "password1" in html
    assert 'value="password"' not in html
    assert not Account.objects.exists()


def test_pages_speak_the_language_of_the_person_unless_another_was_chosen_here(client: Client) -> None:
    account = make_account(password=PASSWORD)
    make_person(account=account, language="es")
    client.get("/account/login/", headers={"accept-language": "ar"})
    sign_in(client, account)
    spoken = client.get("/account/", headers={"accept-language": "ar"})
    assert spoken.headers["Content-Language"] == "es"
    assert '<html lang="es" dir="ltr">' in text(spoken)
    client.cookies["django_language"] = "ar"
    assert '<html lang="ar" dir="rtl">' in text(client.get("/account/"))


def test_a_language_without_pages_changes_nothing(client: Client) -> None:
    account = make_account(password=PASSWORD)
    make_person(account=account, language="fr")
    sign_in(client, account)
    assert '<html lang="en" dir="ltr">' in text(client.get("/account/"))


def test_signing_in_with_a_code(client: Client) -> None:
    account = member()
    response = client.post("/account/login/code/", {"email": account.email})
    assert response["Location"] == "/account/login/code/confirm/"
    assert account.email in text(client.get("/account/login/code/confirm/"))
    assert mail.outbox[-1].from_email == "City of Port Alder <hello@port-alder.example>"
    assert "City of Port Alder" in mail.outbox[-1].body

    assert "This code is not right" in text(client.post("/account/login/code/confirm/", {"code": "WRONG"}))
    client.post("/account/login/code/confirm/", {"code": code_in_mail()})

    assert whoami(client) == str(account.pk)


def test_a_code_for_an_unknown_address_looks_the_same(client: Client) -> None:
    response = client.post("/account/login/code/", {"email": "nobody@example.org"})

    assert response["Location"] == "/account/login/code/confirm/"
    assert "nobody@example.org" in text(client.get("/account/login/code/confirm/"))
    assert mail.outbox[-1].subject == "No account with City of Port Alder"


def test_forgotten_password_is_replaced_by_a_code(client: Client) -> None:
    account = member()
    response = client.post("/account/password/reset/", {"email": account.email})
    assert response["Location"] == "/account/password/reset/confirm/"
    assert account.email in text(client.get("/account/password/reset/confirm/"))

    response = client.post("/account/password/reset/confirm/", {"code": code_in_mail()})
    assert response["Location"] == "/account/password/reset/complete/"
    assert "Choose a new password" in text(client.get("/account/password/reset/complete/"))
    client.post(
        "/account/password/reset/complete/", {"password1": "three new words", "password2": "three new words"}
    )

    assert "was changed" in mail.outbox[-1].body
    sign_in(client, account, "three new words")
    assert whoami(client) == str(account.pk)


def test_changing_the_password_needs_the_old_one_and_says_so_by_mail(client: Client) -> None:
    account = member()
    sign_in(client, account)

    def change(old: str) -> Any:
        new = "three new words"
        return client.post(
            "/account/password/change/", {"oldpassword": old, "password1": new, "password2": new}
        )

    assert "Enter the password that you use now." in text(change("wrong wrong"))
    assert change(PASSWORD).status_code == 302
    assert "Your password is changed." in text(client.get("/account/"))
    assert "555-0100" in mail.outbox[-1].body


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_a_new_password_takes_the_tokens_of_programs_back(client: Client, *, is_forgotten: bool) -> None:
    account = member()
    by, now = queries.actor_of(account), clock.now()
    secret = make_token(
        account.pk, name="x", scope="read", expires_at=now + timedelta(9), by=by, at=now
    ).secret
    program = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/cases", headers=program).status_code == 200
    new = {"password1": "three new words", "password2": "three new words"}

    if is_forgotten:
        client.post("/account/password/reset/", {"email": account.email})
        client.post("/account/password/reset/confirm/", {"code": code_in_mail()})
        client.post("/account/password/reset/complete/", new)
    else:
        sign_in(client, account)
        client.post("/account/password/change/", {"oldpassword": PASSWORD, **new})

    assert "The tokens of your programs are no longer valid." in text(
        client.get("/account/login/" if is_forgotten else "/account/")
    )
    assert Client().get("/api/v1/cases", headers=program).status_code == 401
    assert "people.token_revoked" in [event.type for event in events_of(f"account:{account.pk}")]


def test_devices_are_named_as_people_know_them(client: Client) -> None:
    account = member()
    sign_in(client, account)
    shown = text(client.get("/account/sessions/", headers={"user-agent": "nothing known"}))

    assert "This device" in shown
    assert (
        device_name(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
        )
        == "Mobile Safari on iOS"
    )
    assert device_name("curl/8.5.0") == "curl"
    assert device_name("") == "A device that we do not recognise"


def test_account_without_a_password_chooses_one(client: Client) -> None:
    account = make_account()
    make_person(account=account)
    client.force_login(account)

    assert "Choose a password" in text(client.get("/account/password/change/", follow=True))


def test_second_address_is_added_confirmed_and_made_the_main_one(client: Client) -> None:
    account = member()
    sign_in(client, account)
    client.post("/account/email/", {"action_add": "1", "email": "second@example.org"})
    client.get("/account/confirm-email/")
    client.post("/account/confirm-email/", {"code": code_in_mail()})

    client.post("/account/email/", {"action_primary": "1", "email": "second@example.org"})

    account.refresh_from_db()
    assert account.email == "second@example.org"
    html = text(client.get("/account/email/"))
    assert "This is now your main address." in html
    assert "main address, confirmed</label>" in html
    client.post("/account/email/", {"action_remove": "1", "email": "second@example.org"})
    assert "You cannot remove your main address." in text(client.get("/account/email/"))


def test_signing_out_needs_a_press_of_the_button(client: Client) -> None:
    sign_in(client, member())

    client.get("/account/logout/")
    assert whoami(client)
    client.post("/account/logout/")
    assert whoami(client) == ""


def totp_code(secret: str) -> str:
    return f"{hotp_value(secret, int(time.time()) // 30):06d}"


def with_app(client: Client, account: Account) -> str:
    """Switch on an authenticator app and return its secret."""
    sign_in(client, account)
    html = text(client.get("/account/2fa/totp/activate/"))
    found = re.search(r"<code>(\w+)</code>", html)
    assert found is not None
    response = client.post("/account/2fa/totp/activate/", {"code": totp_code(found.group(1))})
    assert response["Location"] == "/account/2fa/recovery-codes/"
    return found.group(1)


def test_second_step_by_app_and_by_recovery_code(client: Client) -> None:
    account = member()
    secret = with_app(client, account)
    html = text(client.get("/account/2fa/recovery-codes/"))
    codes = re.findall(r"<li><code>(\d+)</code></li>", html)
    assert len(codes) == 10
    download = client.get("/account/2fa/recovery-codes/download/")
    assert text(download).split() == codes
    for path in ("/account/2fa/", "/account/2fa/recovery-codes/generate/", "/account/2fa/totp/deactivate/"):
        assert client.get(path).status_code == 200

    again = Client()
    assert sign_in(again, account)["Location"] == "/account/2fa/authenticate/"
    assert whoami(again) == ""
    assert "Second step" in text(again.get("/account/2fa/authenticate/"))
    assert "This code is not right" in text(again.post("/account/2fa/authenticate/", {"code": "000000"}))
    again.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert whoami(again) == str(account.pk)

    stored = Authenticator.objects.get(user=account, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)
    assert isinstance(stored.wrap(), TOTP)
    assert stored.wrap().validate_code(totp_code(secret))


def test_officer_needs_a_second_step(client: Client, settings: Settings) -> None:
    settings.COMMONWEAL_OFFICER_MFA = True
    account = make_account(password=PASSWORD)
    make_officer(account=account)
    sign_in(client, account)

    assert client.get("/districts/")["Location"] == "/account/"
    assert "You need a second step" in text(client.get("/account/"))
    assert 'href="/account/2fa/"' in text(client.get("/account/"))

    secret = with_app(client, account)
    again = Client()
    sign_in(again, account)
    cache.clear()
    Authenticator.objects.get(user=account, type="totp")
    again.post("/account/2fa/authenticate/", {"code": totp_code(secret)})
    if not whoami(again):  # the code of this half-minute was used up when the app was switched on
        codes = Authenticator.objects.get(user=account, type="recovery_codes").wrap().get_unused_codes()
        again.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert again.get("/districts/").status_code == 200
    assert "You need a second step" not in text(again.get("/account/"))


def test_officer_goes_to_the_workbench_and_chooses_a_face(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COMMONWEAL_OFFICER_MFA = False
    account = member()
    make_officer(account=account)
    officer_id = str(account.officer.pk)
    queue = NavigationItem(
        "tests.queue", "workbench", "Queue", "places:districts", -1, lambda actor: actor.id == officer_id
    )
    monkeypatch.setitem(navigation._items, queue.key, queue)

    assert sign_in(client, account)["Location"] == "/districts/"
    assert "Go on as a resident" in text(client.get("/account/"))
    assert client.get("/me/details/").status_code == 403

    client.post("/account/face/", {"face": "resident"})
    assert client.get("/me/details/").status_code == 200
    assert "Go on as an officer" in text(client.get("/account/"))
    client.post("/account/face/", {"face": "emperor"})
    assert client.get("/me/details/").status_code == 200
    assert Client().post("/account/face/", {"face": "resident"}).status_code == 302


def test_passkey_options_are_given_to_scripts_only(client: Client) -> None:
    options = client.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"}).json()

    assert options["request_options"]["publicKey"]["userVerification"]
    assert client.get("/account/2fa/webauthn/login/")["Location"] == "/account/login/"


def test_passkey_page_works_without_a_passkey(client: Client) -> None:
    sign_in(client, member())

    html = text(client.post("/account/2fa/webauthn/add/", {"name": "Phone", "credential": "null"}))

    assert "Your device sent no passkey." in html
    assert 'data-passkey="create"' in html
    options = re.search(r'data-options="([^"]*)"', html)
    assert options is not None
    assert "challenge" in options.group(1)
    response = Client().post("/account/2fa/webauthn/login/", {"credential": "null"}, follow=True)
    assert 'role="alert"' in text(response)


def test_sessions_elsewhere_are_ended(client: Client) -> None:
    account = member()
    sign_in(client, account)
    sign_in(Client(), account)

    assert "Sign out everywhere else" in text(client.get("/account/sessions/"))
    html = text(client.post("/account/sessions/", follow=True))

    assert "You are signed out everywhere else." in html


def test_every_mail_fills_in_all_that_it_names() -> None:
    values = {"city": "C", "code": "1", "phone": "2"}
    for mail_ in MAILS.values():
        for words in (mail_.subject, *mail_.paragraphs):
            assert "{" not in str(words).format_map(values)


def test_details_show_facts_with_their_source_and_write_down_the_access(client: Client) -> None:
    account = make_account(password=PASSWORD)
    person = make_person(
        name="Ana",
        account=account,
        birth_date="1980-02-01",
        address={"street": "12 Quay Street", "city": "Port Alder"},
        household=[{"relation": "child", "birth_date": "2015-05-05", "name": "Bo"}],
        is_student=False,
        rooms=3,
    )
    sign_in(client, account)

    html = text(client.get("/me/details/"))

    for words in (
        "Ana",
        "February 1, 1980",
        "12 Quay Street",
        "Port Alder",
        "Where you live",
        "Your household",
        "Bo, child, born on May 5, 2015",
        "From: tests. As of",
        "no",
        "3",
        "tests",
    ):
        assert words in html
    html = text(client.get("/me/access/"))
    assert "Nobody but you has looked at your data yet." in html
    assert "to show what we know about you" in html
    assert "1 time" in html
    assert client.get("/me/access/").status_code == 200
    assert person.pk


def test_access_page_names_officers_systems_and_representatives(client: Client) -> None:
    account = make_account(password=PASSWORD)
    person = make_person(account=account)
    officer = make_officer(name="Bo Berg", agency="human-services")
    gone = Actor(ActorKind.OFFICER, str(new_id()), None, "atlantis")
    by = [
        officer_actor(officer),
        gone,
        Actor.system("tests"),
        Actor(ActorKind.CLIENT, "tax-office"),
        resident(make_person()),
    ]
    for actor in by:
        record_access(actor, [person.pk], "work on applications", at=AT)
    record_access(by[0], [person.pk], "work on applications", at=AT + timedelta(hours=1))
    sign_in(client, account)

    html = text(client.get("/me/access/"))

    for words in (
        "Bo Berg, Department of Human Services",
        "An officer",
        "Automatic steps",
        "Another system: tax-office",
        "Somebody who acts for you",
        "2 times",
    ):
        assert words in html
    assert html.count("to work on an application") == 5
    assert html.index("Somebody who acts for you") < html.index("Automatic steps")


def test_own_visits_hide_nobody_elses(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account(password=PASSWORD)
    person = make_person(account=account)
    record_access(officer_actor(make_officer(name="Bo Berg")), [person.pk], "work on applications", at=AT)
    for _ in range(3):
        record_access(resident(person), [person.pk], "own details", at=AT + timedelta(days=1))
    monkeypatch.setattr(portal, "OWN_VISITS", 2)
    sign_in(client, account)

    html = text(client.get("/me/access/"))

    assert "Bo Berg" in html
    assert "2 times" in html


def test_changing_the_second_step_in_an_old_session_asks_for_the_password_once_more(client: Client) -> None:
    account = member()
    sign_in(client, account)
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "at": time.time() - 600} for record in session["account_authentication_methods"]
    ]
    session.save()

    response = client.get("/account/2fa/totp/activate/")
    assert response["Location"].startswith("/account/reauthenticate/")
    html = text(client.get(response["Location"]))
    assert "Is it still you?" in html
    client.post(response["Location"], {"password": PASSWORD})
    assert client.get("/account/2fa/totp/activate/").status_code == 200


def test_sign_ins_are_shown_in_the_practice_city_only(client: Client, settings: Settings) -> None:
    account = member()
    officer = make_officer(name="Bo Berg")
    assert account.email not in text(client.get("/account/login/"))

    settings.COMMONWEAL_DEMO = True
    html = text(client.get("/account/login/"))

    assert settings.COMMONWEAL_DEMO_PASSWORD in html
    assert f"{account.email}</code>" in html
    assert "Bo Berg, human-services" in html
    assert html.index("Bo Berg") < html.index(account.email)
    assert officer.account is not None


def test_own_pages_need_the_same_queries_for_one_and_three_facts(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = make_account(password=PASSWORD)
    person = make_person(account=account, birth_date="1980-02-01")
    sign_in(client, account)
    client.get("/me/details/")
    client.get("/me/access/")

    for facts in ({}, {"a": 1, "b": 2}):
        for key, value in facts.items():
            make_fact(person, key, value)
        with django_assert_num_queries(OWN_DETAILS_QUERIES):
            client.get("/me/details/")
        with django_assert_num_queries(OWN_ACCESS_QUERIES):
            client.get("/me/access/")


def ends(client: Client, in_s: int) -> None:
    Session.objects.filter(session_key=client.session.session_key).update(
        expire_date=timezone.now() + timedelta(seconds=in_s)
    )


def test_pages_say_when_one_is_signed_out_and_warn_in_the_last_hour(client: Client) -> None:
    assert "data-session-ends-in" not in text(client.get("/"))
    client.force_login(member())
    fresh = text(client.get("/"))
    ends(client, 1800)
    near = text(client.get("/account/"))

    (left,) = re.findall(r'data-session-ends-in="(\d+)"', fresh)
    assert 43_000 < int(left) <= 43_200
    assert "You will be signed out at" not in fresh
    (left,) = re.findall(r'data-session-ends-in="(\d+)"', near)
    assert 1_700 < int(left) <= 1_800
    assert "You will be signed out at" in near
    assert '<a href="/account/session/?next=/account/">Stay signed in</a>' in near


def test_who_wants_stays_signed_in_and_goes_back(client: Client) -> None:
    client.force_login(member())
    ends(client, 300)
    asked = text(client.get("/account/session/?next=/me/details/"))
    (left,) = re.findall(r'data-ends-in="(\d+)"', asked)
    assert 200 < int(left) <= 300
    assert 'name="next" value="/me/details/"' in asked

    went = client.post("/account/session/", {"next": "/me/details/"})
    elsewhere = client.post("/account/session/", {"next": "https://evil.example/"})

    assert (went["Location"], elsewhere["Location"]) == ("/me/details/", "/account/")
    row = Session.objects.get(session_key=client.session.session_key)
    assert row.expire_date > timezone.now() + timedelta(hours=11)
    assert "/account/login/" in Client().get("/account/session/")["Location"]


def test_a_session_that_is_over_leads_back_to_where_one_was(client: Client) -> None:
    client.force_login(member())
    ends(client, -1)
    cookie = client.cookies["sessionid"].value

    shown = client.get("/me/details/?part=1")
    client.cookies["sessionid"] = cookie
    sent = client.post("/me/tokens/new/", headers={"Referer": "http://testserver/me/tokens/?x=1"})
    client.cookies["sessionid"] = cookie
    invented = client.post("/me/tokens/new/", headers={"Referer": "https://evil.example/x"})
    client.cookies["sessionid"] = cookie
    draft = client.get(f"/drafts/{new_id()}/pages/contact/")
    guest = Client().get("/me/details/")

    back = "/account/login/?ended=yes&next="
    assert shown["Location"] == f"{back}/me/details/%3Fpart%3D1"
    assert sent["Location"] == f"{back}/me/tokens/%3Fx%3D1"
    assert invented["Location"] == f"{back}/me/tokens/new/"
    assert draft["Location"].startswith(f"{back}/drafts/")
    assert guest["Location"] == "/account/login/?next=/me/details/"
    said = text(client.get(shown["Location"]))
    assert "You have been signed out" in said
    assert "What you had saved is kept" in said
    assert Client().get(f"/drafts/{new_id()}/pages/contact/").status_code == 404

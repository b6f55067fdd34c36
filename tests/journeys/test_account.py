"""Signing in and the pages of the account, in a real browser; its device for passkeys is a virtual one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.factories.people import PASSWORD, make_account, make_person
from tests.journeys.browser import PATIENCE_MS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()


def test_passkey_is_added_and_signs_in_by_itself(page: Page, live_server: LiveServer) -> None:
    account = make_account(password=PASSWORD)
    make_person(account=account)
    at = live_server.url.replace("127.0.0.1", "localhost")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto(f"{at}/account/login/?next=/account/2fa/webauthn/add/")
    page.get_by_label("E-mail").or_(page.locator("#id_login")).first.fill(account.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Name of the passkey").fill("Phone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()

    page.goto(f"{at}/account/2fa/webauthn/")
    expect(page.get_by_text("Phone", exact=True).first).to_be_visible()
    page.goto(f"{at}/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()

    page.goto(f"{at}/account/login/?next=/me/details/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="What we know about you", level=1)).to_be_visible()


def test_sign_in_works_without_javascript(chromium: Browser, live_server: LiveServer) -> None:
    account = make_account(password=PASSWORD)
    make_person(account=account)
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/account/login/?next=/me/details/")
        expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
        page.locator("#id_login").fill(account.email)
        page.locator("#id_password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="What we know about you", level=1)).to_be_visible()


PAGES = [
    "account/login/",
    "account/signup/",
    "account/login/code/",
    "account/password/reset/",
    "districts/",
]
OWN_PAGES = [
    "account/",
    "account/email/",
    "account/password/change/",
    "account/2fa/",
    "account/2fa/totp/activate/",
    "account/2fa/webauthn/",
    "account/2fa/webauthn/add/",
    "account/sessions/",
    "account/logout/",
    "me/details/",
    "me/access/",
]


def test_pages_of_the_account_have_no_barriers(page: Page, live_server: LiveServer) -> None:
    account = make_account(password=PASSWORD)
    make_person(account=account, birth_date="1980-02-01", address={"street": "12 Quay Street"})
    found: dict[str, list[str]] = {}

    def look(address: str) -> None:
        results = Axe().run(page, options={"resultTypes": ["violations"]})
        found[address] = [f"{one['id']}: {one['nodes'][0]['html']}" for one in results.response["violations"]]

    for path in PAGES:
        page.goto(f"{live_server.url}/{path}")
        look(path)
    page.goto(f"{live_server.url}/account/login/")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    look("errors")
    page.locator("#id_login").fill(account.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    for path in OWN_PAGES:
        page.goto(f"{live_server.url}/{path}")
        look(path)

    assert {address: problems for address, problems in found.items() if problems} == {}


def test_a_key_press_keeps_one_signed_in_before_the_session_ends(page: Page, live_server: LiveServer) -> None:
    account = make_account(password=PASSWORD)
    make_person(account=account)
    page.goto(f"{live_server.url}/account/login/?next=/account/")
    page.locator("#id_login").fill(account.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))

    page.reload()
    dialog = page.get_by_role("dialog", name="Do you want to stay signed in?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"] == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=11)
    page.reload()
    expect(page.locator("[data-session-ends-in]")).to_have_count(1)
    expect(page.get_by_text("You will be signed out at")).to_have_count(0)

"""Signing in through another site, spoken with over HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from tests.factories.people import make_account, make_person

from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Account, Person

pytestmark = pytest.mark.django_db


class Provider(HTTPServer):
    """A site that vouches for one person, by OpenID Connect."""

    claims: dict[str, Any]
    challenge: str = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        at = self.server.address
        if self.path == "/.well-known/openid-configuration":
            self.answer(
                {
                    "issuer": at,
                    "authorization_endpoint": f"{at}/authorize",
                    "token_endpoint": f"{at}/token",
                    "userinfo_endpoint": f"{at}/userinfo",
                    "jwks_uri": f"{at}/keys",
                }
            )
        else:
            assert (self.path, self.headers["Authorization"]) == ("/userinfo", "Bearer a-token")
            self.answer(self.server.claims)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.server.challenge
        assert (self.path, sent["code"]) == ("/token", ["a-code"])
        now = int(time.time())
        body = {**self.server.claims, "iss": self.server.address, "aud": "us", "iat": now, "exp": now + 60}
        parts = [
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
            for part in ({"alg": "RS256", "kid": "1"}, body)
        ]
        self.answer(
            {"access_token": "a-token", "token_type": "Bearer", "id_token": ".".join([*parts, "c2ln"])}
        )

    def answer(self, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    cache.clear()
    server = Provider(("127.0.0.1", 0), Answers)
    server.claims = {"sub": "42", "name": "Ana Pérez", "email": "ana@example.org", "email_verified": True}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "main",
        "name": "State ID",
        "client_id": "us",
        "secret": "s",
        "settings": {"server_url": server.address},
    }
    settings.COMMONWEAL_OIDC_NAME = "State ID"
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield server
    server.shutdown()
    server.server_close()


def come_back(client: Client, provider: Provider) -> Any:
    """Follow the link of the sign-in page to the other site, and come back with a code."""
    html = client.get("/account/login/").content.decode()
    assert "Sign in with State ID" in html
    there = urlsplit(client.get("/account/oidc/main/login/?process=login")["Location"])
    query = parse_qs(there.query)
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{provider.address}/authorize"
    provider.challenge = query["code_challenge"][0]
    return client.get("/account/oidc/main/login/callback/", {"code": "a-code", "state": query["state"][0]})


def test_somebody_new_gets_an_account_and_a_person(client: Client, provider: Provider) -> None:
    response = come_back(client, provider)

    account = Account.objects.get(email="ana@example.org")
    assert (response.status_code, client.session["_auth_user_id"]) == (302, str(account.pk))
    person = Person.objects.get(account=account)
    assert person.name == "Ana Pérez"
    assert [event.type for event in events_of(f"account:{account.pk}")] == ["people.account_created"]

    again = Client()
    come_back(again, provider)
    assert again.session["_auth_user_id"] == str(account.pk)
    assert (Account.objects.count(), Person.objects.count(), SocialAccount.objects.count()) == (1, 1, 1)
    html = client.get("/account/3rdparty/").content.decode()
    assert "Connected accounts" in html


def test_an_account_with_the_same_address_is_not_taken_over(client: Client, provider: Provider) -> None:
    account = make_account(email="ana@example.org")
    make_person(account=account)

    response = come_back(client, provider)

    assert response["Location"] == "/account/confirm-email/"
    assert "_auth_user_id" not in client.session
    assert mail.outbox[-1].subject == "You have an account already"
    assert not SocialAccount.objects.exists()


def test_a_code_that_nobody_asked_for_is_refused_in_plain_words(client: Client, provider: Provider) -> None:
    response = client.get("/account/oidc/main/login/callback/", {"code": "a-code", "state": "forged"})

    assert response.status_code == 401
    assert "Signing in did not work" in response.content.decode()
    response = client.get("/account/oidc/main/login/callback/", {"error": "access_denied"}, follow=True)
    assert "did not work" in response.content.decode() or "You stopped" in response.content.decode()

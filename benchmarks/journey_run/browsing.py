"""A browser that does nothing but send requests: straight into the WSGI application, with cookies."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from commonweal.kernel.people.models import Account

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers["Location"]

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.body.decode())
        if found is None:
            raise SystemExit(f"the page has no field '{name}'")
        return found[1]


@dataclass
class Browser:
    """Somebody's browser.

    Attributes:
        application: Takes the requests.
        cookies: Kept from answer to request.
    """

    application: Application
    cookies: dict[str, str] = field(default_factory=dict)

    def sign_in(self, account: Account) -> None:
        """Begin a session, as signing in does."""
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        self.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    def get(self, address: str, *, expect: int = 200) -> Answer:
        """Open a page."""
        return self._send("GET", address, b"", "", expect)

    def post(self, address: str, fields: dict[str, Any], *, expect: int = 302) -> Answer:
        """Send a form."""
        whole = fields | {"csrfmiddlewaretoken": self.cookies[settings.CSRF_COOKIE_NAME]}
        body = urlencode(whole, doseq=True).encode()
        return self._send("POST", address, body, "application/x-www-form-urlencoded", expect)

    def post_json(self, address: str, document: Any) -> Answer:
        """Call the API."""
        return self._send("POST", address, json.dumps(document).encode(), "application/json", 200)

    def _send(self, method: str, address: str, body: bytes, kind: str, expect: int) -> Answer:
        parts = urlsplit(address)
        told: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            told["status"], told["headers"] = int(status[:3]), headers

        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT": "text/html",
            "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.8",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        response = self.application(environ, start)
        content = b"".join(response)
        response.close()
        answer = Answer(told["status"], dict(told["headers"]), content)
        if answer.status != expect:
            raise SystemExit(f"{method} {address}: {answer.status}, not {expect}\n{content.decode()[-2000:]}")
        for name, value in told["headers"]:
            if name == "Set-Cookie":
                self.cookies |= {morsel.key: morsel.value for morsel in SimpleCookie(value).values()}
        return answer

"""Sessions and messages are kept as Django keeps them."""

from __future__ import annotations

import pytest
from django.contrib.messages import INFO
from django.contrib.sessions.backends import db
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from commonweal.kernel.people.messages import MessageStorage
from commonweal.kernel.people.sessions import SessionStore


@pytest.mark.parametrize("told", [{"a": "b"}, {"a": "b" * 100}, {}])
def test_session_is_read_as_django_stored_it(told: dict[str, str]) -> None:
    stored = db.SessionStore().encode(told)

    assert SessionStore().decode(stored) == told
    assert SessionStore().decode(stored[:-2] + "..") == SessionStore().decode("nothing") == {}


def test_session_that_an_older_secret_signed_is_read_as_long_as_that_is_named(settings: Settings) -> None:
    stored, secret = SessionStore().encode({"a": "b"}), settings.SECRET_KEY
    settings.SECRET_KEY = "another-secret-" * 4

    assert SessionStore().decode(stored) == {}
    settings.SECRET_KEY_FALLBACKS = [secret]
    assert SessionStore().decode(stored) == {"a": "b"}


def test_messages_are_kept_until_they_are_shown(rf: RequestFactory) -> None:
    def asking(**headers: str) -> MessageStorage:
        request = rf.get("/", headers=headers)
        request.session = SessionStore()
        return MessageStorage(request)

    answer, storage = HttpResponse(), asking()
    assert list(storage) == []
    storage.add(INFO, "Saved.")
    storage.update(answer)

    shown = asking(cookie=f"messages={answer.cookies['messages'].coded_value}")
    assert [str(message) for message in shown] == ["Saved."]
    shown.update(answer)
    assert answer.cookies["messages"].value == ""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from commonweal.kernel.base import append_only, checks, encryption, events
from commonweal.kernel.base.documents import Problem, Unreadable
from commonweal.kernel.base.errors import UnknownKey
from commonweal.kernel.base.events import event, receives
from commonweal.kernel.base.pages import _Slots
from commonweal.kernel.base.registry import Registry
from commonweal.kernel.base.rows import insert_rows
from commonweal.kernel.base.types import Money


class Channel:
    key = "channel"


class Other:
    key = "channel"


@pytest.fixture
def channels() -> Any:
    registry: Registry[Any] = Registry("tests.channel")
    yield registry
    Registry.every.remove(registry)


def test_two_implementations_cannot_share_a_key(channels: Registry[Any]) -> None:
    channels.register(Channel)
    channels.register(Channel)  # a module that is loaded twice
    with pytest.raises(ValueError, match="'channel' is taken"):
        channels.register(Other)


def test_an_unknown_key_is_told_with_those_there_are(channels: Registry[Any]) -> None:
    channels.register(Channel)
    with pytest.raises(UnknownKey) as caught:
        channels["post"]
    assert caught.value.data == {"registry": "tests.channel", "key": "post", "known": ["channel"]}


def test_two_events_or_receivers_cannot_share_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_event_types", {})
    monkeypatch.setattr(events, "_receivers", {})

    @dataclass(frozen=True)
    class Opened:
        key: ClassVar[str] = "tests.opened"

    @dataclass(frozen=True)
    class Again:
        key: ClassVar[str] = "tests.opened"

    event(Opened)  # type: ignore[type-var]  # the key is all that counts here
    with pytest.raises(ValueError, match=r"'tests\.opened' is taken"):
        event(Again)  # type: ignore[type-var]  # likewise
    receives(Opened, key="tests.told")(print)  # type: ignore[type-var]  # likewise
    with pytest.raises(ValueError, match=r"'tests\.told' is taken"):
        receives(Opened, key="tests.told")(print)  # type: ignore[type-var]  # likewise


def test_money_adds_only_its_own_currency() -> None:
    assert Money(150, "USD") + Money(25, "USD") == Money(175, "USD")
    with pytest.raises(ValueError, match="Cannot add EUR to USD"):
        Money(1, "USD") + Money(1, "EUR")


@pytest.mark.parametrize(("amount", "minor"), [("0.005", 1), ("0.004", 0), ("-0.005", -1), (3, 300)])
def test_money_rounds_half_a_cent_up(amount: str | int, minor: int) -> None:
    assert Money.of(amount, "USD") == Money(minor, "USD")


def test_writing_no_rows_asks_nothing_of_the_database() -> None:
    assert insert_rows(None, []) == 0  # type: ignore[arg-type]  # the model is never looked at


def test_a_slot_that_nobody_fills_is_missing(rf: Any) -> None:
    slots = _Slots(rf.get("/"))
    with pytest.raises(AttributeError):
        slots.no_such_slot  # noqa: B018 - asking is what fails


def test_an_unreadable_jurisdiction_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> None:
        raise Unreadable(Problem("jurisdiction.yaml", 1, 1, "document.path", "There is no such file."))

    monkeypatch.setattr(checks, "current", unreadable)
    (found,) = checks.jurisdiction_is_readable(None)
    assert (found.id, "no such file" in found.msg) == ("base.E001", True)


def test_a_deployment_without_keys_is_refused_with_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_ring() -> None:
        raise ImproperlyConfigured("no keys")

    monkeypatch.setattr(encryption, "ring", no_ring)
    (found,) = checks.keys_are_readable(None)
    assert (found.id, found.msg) == ("base.E002", "no keys")
    assert str(found.hint).startswith("For example index:")
    monkeypatch.undo()
    assert checks.keys_are_readable(None) == []


def test_rows_on_postgres_are_guarded_against_change_loss_and_emptying() -> None:
    whole = "\n".join(append_only.guard("postgresql", "t"))
    assert "BEFORE UPDATE OR DELETE ON t FOR EACH ROW" in whole
    assert "BEFORE TRUNCATE ON t FOR EACH STATEMENT" in whole
    assert "REVOKE" in whole
    assert len(append_only.unguard("postgresql", "t")) == 2


def test_a_number_of_proxies_that_cannot_be_stops_the_start(settings: Settings) -> None:
    settings.COMMONWEAL_PROXIES = -1
    assert [problem.id for problem in checks.proxies_are_counted(None)] == ["base.E003"]
    settings.COMMONWEAL_PROXIES = 2
    assert checks.proxies_are_counted(None) == []


@pytest.mark.parametrize(
    ("https", "proxies", "expected"), [(True, 0, ["base.W001"]), (True, 1, []), (False, 0, [])]
)
def test_a_deployment_is_reminded_of_its_proxies(
    settings: Settings, https: bool, proxies: int, expected: list[str]
) -> None:
    settings.SESSION_COOKIE_SECURE, settings.COMMONWEAL_PROXIES = https, proxies

    assert [problem.id for problem in checks.proxies_are_named(None)] == expected

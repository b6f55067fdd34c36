"""Announcements between apps: something happened, in the past tense.

An action announces an event through :func:`commonweal.kernel.jobs.actions.announce`, which stores one
delivery for each receiver in the same transaction. Receivers run later, at least once, and are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

E = TypeVar("E", bound="Event")


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of every announcement: subclasses are frozen dataclasses of ids, dates and plain values.

    Attributes:
        key: Permanent name, ``app.happened``; stored with each delivery.
    """

    key: ClassVar[str]


@dataclass(frozen=True)
class Receiver:
    """A function that one app runs when another announces.

    Attributes:
        key: Permanent name, ``app.what_it_does``.
        event: The class of event it takes.
        handle: Called inside one transaction; must be idempotent.
    """

    key: str
    event: type[Event]
    handle: Callable[[Event], None]


_event_types: dict[str, type[Event]] = {}
_receivers: dict[str, Receiver] = {}


def event(cls: type[E]) -> type[E]:
    """Register a class of events under its key.

    Raises:
        ValueError: The key is taken.
    """
    if _event_types.setdefault(cls.key, cls) is not cls:
        raise ValueError(f"The event key '{cls.key}' is taken.")
    return cls


def receives(event_type: type[E], *, key: str) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a receiver of an event.

    Raises:
        ValueError: The key is taken.
    """

    def register(handle: Callable[[E], None]) -> Callable[[E], None]:
        if key in _receivers:
            raise ValueError(f"The receiver key '{key}' is taken.")
        _receivers[key] = Receiver(key, event_type, handle)  # type: ignore[arg-type]  # only E is ever delivered to it
        return handle

    return register


def receivers_of(event_type: type[Event]) -> list[Receiver]:
    """Return who wants to hear of an event, in the order of registration."""
    return [receiver for receiver in _receivers.values() if receiver.event is event_type]


def receiver(key: str) -> Receiver | None:
    """Return the receiver with this key, or None if it has been removed since."""
    return _receivers.get(key)


def event_type(key: str) -> type[Event] | None:
    """Return the class of events with this key, or None if it has been removed since."""
    return _event_types.get(key)

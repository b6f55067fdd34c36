"""One way to plug things in: a named registry of keyed objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar, overload

from commonweal.kernel.base.errors import UnknownKey


class Keyed(Protocol):
    """Anything with a permanent key; keys are stored, so they never change."""

    @property
    def key(self) -> str:
        """The permanent name."""


T = TypeVar("T", bound=Keyed)
C = TypeVar("C", bound=Keyed)


class Registry(Generic[T]):
    """The implementations of one plug-in point, by key, in the order in which they came.

    Args:
        name: ``app.point``, as the reference documents it.

    Example:
        >>> class Channel:
        ...     key = "none"
        >>> channels: Registry[Channel] = Registry("mailbox.channel")
        >>> @channels.register
        ... class Letter(Channel):
        ...     key = "letter"
        >>> channels["letter"].key
        'letter'
    """

    every: list[Registry[Keyed]] = []  # noqa: RUF012 - the list of all points, read by the reference and its test

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, T] = {}
        Registry.every.append(self)  # type: ignore[arg-type]  # a registry of T is read as one of Keyed

    @overload
    def register(self, thing: type[C]) -> type[C]: ...
    @overload
    def register(self, thing: C) -> C: ...
    def register(self, thing: type[C] | C) -> type[C] | C:
        """Add an implementation; a class is instantiated without arguments.

        Raises:
            ValueError: The key is taken.
        """
        item = thing() if isinstance(thing, type) else thing
        if item.key in self._items and type(self._items[item.key]) is not type(item):
            raise ValueError(f"{self.name}: the key '{item.key}' is taken.")
        self._items[item.key] = item  # type: ignore[assignment]  # C is checked against T by the caller's annotation
        return thing

    def __getitem__(self, key: str) -> T:
        """Return the implementation with this key.

        Raises:
            UnknownKey: Nothing is registered under it.
        """
        try:
            return self._items[key]
        except KeyError:
            raise UnknownKey(registry=self.name, key=key, known=sorted(self._items)) from None

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def keys(self) -> list[str]:
        """Return the keys, in the order of registration."""
        return list(self._items)

"""The plug-in point of methods: ways to share out what is scarce."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import BaseModel

from commonweal.kernel.base.registry import Registry


@dataclass(frozen=True, slots=True)
class Standing:
    """What a round brings one case.

    Attributes:
        result: The method's word, stored and seen by FEEL as ``round.result``.
        holds: Whether it holds something that others cannot have meanwhile.
        place: On the list, from 1.
        detail: What FEEL sees besides in ``round``: text, whole numbers, or lists of contexts of them.
    """

    result: str
    holds: bool
    place: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what a round comes to, for everybody.

    Attributes:
        label: What.
        value: How much, as a person reads it.
        people: Of how many people it tells; None where it tells of nobody, such as a budget.
        is_count: Whether it says just how many; otherwise something that they share, such as a sum of money.
    """

    label: str
    value: str
    people: int | None = None
    is_count: bool = False


NOBODY: Mapping[str, Standing] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Share:
    """What a round comes to at one of several places.

    Attributes:
        key: Of the place; the section's ``labels`` name it.
        available: How much there is.
        given: How much was given, to so many people.
        waiting: How many people wait.
    """

    key: str
    available: int
    given: int
    waiting: int


class Method(ABC):
    """The contract of a method; see ``docs/reference/plug-ins.md``.

    Attributes:
        key: Written as ``method`` in a service's section ``round``.
        label: As officers know it.
        settings: What an officer says when a round is opened; each field is text, a whole number or a mapping of them.
        details: Names of what a standing says besides, all of them null in FEEL until it is told.
        entry: What the service's expression ``entry`` gives for a case.
    """

    key: ClassVar[str]
    label: ClassVar[Any]
    settings: ClassVar[type[BaseModel]]
    details: ClassVar[tuple[str, ...]]
    entry: ClassVar[type[BaseModel]]

    @abstractmethod
    def read_settings(self, text: str) -> BaseModel:
        """Read what an officer typed into one field.

        Raises:
            ValueError: It cannot be read; the message says what to write.
        """

    @abstractmethod
    def hint(self) -> str:
        """Return how that field is filled in."""

    @abstractmethod
    def work_out(  # noqa: PLR0917 - what there is, who asks, and what happened before
        self,
        settings: Any,
        seed: str,
        entries: Mapping[str, Any],
        held: Mapping[str, Standing],
        used: int,
        own: Mapping[str, Standing] = NOBODY,
        turn: int = 1,
    ) -> Mapping[str, Standing]:
        """Share out.

        Args:
            settings: What there is.
            seed: Of the lottery.
            entries: What each case has to say, by its key; the same input brings the same result.
            held: What others hold already from an earlier turn.
            used: Units of the section's pool that are used, in whole places or major units of money.
            own: What those who ask hold already, and may exchange for something that they like better.
            turn: From 1; later ones share out what was given up.

        Returns:
            A standing for each entry.
        """

    def is_news(self, before: Standing, now: Standing) -> bool:
        """Whether somebody who was told what they got before gets something else now; if not, they go on waiting."""
        return (before.result, before.holds) != (now.result, now.holds)

    def shares(self, settings: Any, standings: Mapping[str, Standing]) -> list[Share]:
        """Return what it comes to at each place, for a method that gives at several; none for others."""
        return []

    @abstractmethod
    def lines(self, settings: Any, standings: Mapping[str, Standing]) -> list[Line]:
        """Return what a round comes to, in the reader's language.

        Each line says of how many people it tells: the public sees their number rounded, and what few share not at all.
        """


methods: Registry[Method] = Registry("rounds.method")

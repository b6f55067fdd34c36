"""The state of one run: the date, the budgets, the warnings, the facts that still matter."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from commonweal.engines.feel.errors import FeelLimitError, FeelWarning, Position

if TYPE_CHECKING:
    from commonweal.engines.feel.types import Value
    from commonweal.engines.feel.values.temporal import DateTime

__all__ = ["Evaluation", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets of one run; going over one raises ``FeelLimitError``.

    Attributes:
        steps: Rounds of iterations and calls of functions, all together.
        depth: Calls within calls.
        size: Elements of a list, or characters of a string, that an expression may build.
        seconds: Processor time, None for no bound; looked at every 4,096 steps.
    """

    steps: int = 1_000_000
    depth: int = 400
    size: int = 1_000_000
    seconds: float | None = None


DEFAULT_LIMITS: Final = Limits()
_MOST_WARNINGS: Final = 1000


@dataclass(slots=True)
class Evaluation:
    """One run of one or more expressions. Not shared between threads.

    Attributes:
        now: What ``now()`` and ``today()`` answer; without it they are null with a warning.
        trace: Does whoever runs tables want explanations? The engine itself only hands it on.
        externals: External functions that may be called, by ``class.signature`` key.
        limits: The budgets.
        warnings: What went wrong so far, in order.
        missing: Paths of the facts that were met as UNKNOWN and still matter, in order met.
        depth: Calls that are open now.
        steps: Steps taken so far.
        facts: Values by name, so that ``missing`` can tell places like ``household.members[1].age``;
            ``Expression.evaluate`` sets it, who calls ``run`` sets it when some fact is UNKNOWN.
        started: Processor time at the first look at it.
        places: Paths of the containers among the facts, made when first asked for.
        records: Values of the parts, noted by a traced run.

    >>> evaluation = Evaluation()
    >>> evaluation.warn("example", "Nothing happened.")
    >>> [warning.code for warning in evaluation.warnings]
    ['example']
    """

    now: DateTime | None = None
    trace: bool = False
    externals: Mapping[str, Callable[..., Value]] | None = None
    limits: Limits = DEFAULT_LIMITS
    warnings: list[FeelWarning] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    depth: int = 0
    steps: int = 0
    facts: Mapping[str, Value] | None = None
    started: float = 0.0
    places: dict[int, str] | None = None
    records: list[tuple[object, Value]] | None = None

    def warn(self, code: str, message: str, position: Position | None = None) -> None:
        """Record that something became null, and why; beyond a thousand, nothing more is kept."""
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(FeelWarning(code, message, position))

    def spend(self, steps: int = 1) -> None:
        """Pay for work.

        Raises:
            FeelLimitError: The budget of steps or of time is used up.
        """
        before = self.steps
        self.steps = before + steps
        if self.steps > self.limits.steps:
            raise FeelLimitError("steps", f"the evaluation took more than {self.limits.steps} steps")
        if self.limits.seconds is not None and before >> 12 != self.steps >> 12:
            self._check_time(self.limits.seconds)

    def spend_on(self, value: Value) -> None:
        """Pay for one walk over a value that is a list or a string; small ones are free.

        Raises:
            FeelLimitError: The budget of steps or of time is used up.
        """
        if type(value) is list:
            self.spend(len(value) >> 3)
        elif type(value) is str:
            self.spend(len(value) >> 10)

    def _check_time(self, seconds: float) -> None:
        now = time.process_time()
        if not self.started:
            self.started = now
        elif now - self.started > seconds:
            raise FeelLimitError("time", f"the evaluation took more than {seconds} seconds")

    def check_size(self, size: int) -> None:
        """Refuse to build a list or a string of ``size`` elements when that is too many.

        Raises:
            FeelLimitError: It is.
        """
        if size > self.limits.size:
            raise FeelLimitError("size", f"a value of {size} elements is larger than {self.limits.size}")

    def mark(self) -> int:
        """Remember how many missing facts are noted, for ``forget_since``."""
        return len(self.missing)

    def forget_since(self, mark: int) -> None:
        """Drop the facts noted since ``mark``: the result turned out known without them."""
        del self.missing[mark:]

    def note_missing(self, path: str) -> None:
        """Note a fact that was met as UNKNOWN."""
        if path not in self.missing:
            self.missing.append(path)

    def refine_missing(self, path: str, longer: str) -> None:
        """Put a longer path in the place of a noted one: not the whole household, its income."""
        if path in self.missing and longer not in self.missing:
            self.missing[self.missing.index(path)] = longer
        else:
            self.note_missing(longer)

    def place_of(self, container: object) -> str | None:
        """Path of a list or context among the facts of this run, such as ``household.members[1]``."""
        if self.places is None:
            self.places = {}
            for name, value in (self.facts or {}).items():
                self._index(name, value)
        return self.places.get(id(container))

    def _index(self, path: str, value: Value) -> None:
        assert self.places is not None
        pending: list[tuple[str, Value]] = [(path, value)]
        while pending:
            where, item = pending.pop()
            if isinstance(item, dict):
                self.places.setdefault(id(item), where)
                pending.extend((f"{where}.{key}", inner) for key, inner in item.items())
            elif isinstance(item, list):
                self.places.setdefault(id(item), where)
                pending.extend((f"{where}[{index}]", inner) for index, inner in enumerate(item, start=1))

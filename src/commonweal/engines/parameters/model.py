"""What a set of dated parameters is, and what it says for a day.

Two dates pick a value: the day whose law applies (``valid_from`` to ``valid_until``), and the day on which
one asks what was known (``known_from``). Of the entries known by then and begun by then, the one that began
last counts; of two that began on the same day, the one known last (a correction). If that entry has ended,
or says that its value is not known, the value is unknown: an older figure never stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

Leaf: TypeAlias = Decimal | str | bool
Tree: TypeAlias = "Leaf | list[Tree] | dict[str, Tree]"


class Kind(StrEnum):
    """What the single values of a parameter are."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    SCALE = "scale"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where the law says so.

    Attributes:
        text: The citation, as a lawyer would write it.
        url: Where it can be read; may be empty.
    """

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A key of a table.

    Attributes:
        key: What it stands for, for example ``size`` or ``zone``.
        label: As people read it.
        names: The keys in order; for numbered ones ``1``, ``2``, ….
        is_numbered: A numbered dimension is a list in FEEL (``law.limit[3]``), a named one a context
            (``law.fee.A``).
        words: What each key stands for, in the same order; empty where the keys speak for themselves.
    """

    key: str
    label: str
    names: tuple[str, ...]
    is_numbered: bool
    words: tuple[str, ...] = ()

    def word(self, name: str) -> str:
        """Return what a key stands for, as people read it; the key itself where nothing is said of it.

        Example:
            >>> Dimension("status", "Filing status", ("S", "J"), False, ("Single", "Joint return")).word("J")
            'Joint return'
        """
        return self.words[self.names.index(name)] if self.words and name in self.names else name


@dataclass(frozen=True, slots=True)
class Entry:
    """One value for one period.

    Attributes:
        valid_from: First day on which it applies.
        valid_until: Last day, or None until another entry begins.
        known_from: First day on which it was public.
        reference: The source.
        value: Number, text, truth value, scale, or nested lists and mappings by the parameter's dimensions; None
            where it is declared as unknown.
        unknown: Why it is unknown; empty where there is a value.
        corrects: Why it replaces an entry that began on the same day; empty where it replaces none.
        note: Anything a reader should know.
    """

    valid_from: date
    valid_until: date | None
    known_from: date
    reference: Reference
    value: Tree | None
    unknown: str = ""
    corrects: str = ""
    note: str = ""

    @property
    def version(self) -> str:
        """The entry's name within its parameter: both its dates."""
        return f"{self.valid_from}@{self.known_from}"

    def covers(self, on: date) -> bool:
        """Whether the entry has a value for a day on or after its beginning."""
        return self.value is not None and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days for which a parameter has no value; ``until`` is None where no end is in sight."""

    since: date
    until: date | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of the law through time.

    Attributes:
        key: Its name in FEEL, after ``law.``.
        label: As people read it.
        description: What it is for; may be empty.
        unit: For example ``USD/month``, ``share``, ``people``.
        kind: What its single values are.
        by: Its dimensions, outermost first; empty for a single value.
        entries: By ``valid_from``, then by ``known_from``.
        minimum: The least that a number of it may be: zero, where nothing else is declared.
        maximum: The most; None for no bound.
    """

    key: str
    label: str
    description: str
    unit: str
    kind: Kind
    by: tuple[Dimension, ...]
    entries: tuple[Entry, ...]
    minimum: Decimal = Decimal()
    maximum: Decimal | None = None

    def entry_at(self, on: date, known_on: date) -> Entry | None:
        """Return the entry that counts for a day as known on another; it may have ended or be unknown."""
        found = None
        for entry in self.entries:
            if entry.valid_from > on:
                break
            if entry.known_from <= known_on:
                found = entry
        return found

    def history(self, known_on: date = date.max) -> list[Entry]:
        """Return the entries that count, as known on a day: corrected ones are left out."""
        latest = {entry.valid_from: entry for entry in self.entries if entry.known_from <= known_on}
        return list(latest.values())

    def gaps(self, until: date | None = None) -> list[Gap]:
        """Return the periods without a value between the first entry and ``until`` (a later beginning elsewhere)."""
        found = []
        history = self.history()
        for at, entry in enumerate(history):
            following = history[at + 1].valid_from if at + 1 < len(history) else None
            gap = _gap_after(entry, following, until)
            if gap:
                found.append(gap)
        return found


def _gap_after(entry: Entry, following: date | None, until: date | None) -> Gap | None:
    last = following - timedelta(days=1) if following else None
    if entry.value is None:
        return Gap(entry.valid_from, last, entry.unknown)
    if entry.valid_until is None or entry.valid_until == last:
        return None
    since = entry.valid_until + timedelta(days=1)
    if following is None and (until is None or until < since):
        return None
    return Gap(since, last)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The law on a day, as known on a day.

    Attributes:
        reference_on: The day whose law it is.
        known_on: The day on which it was asked.
        entries: What counts, by parameter.
        unknown: Why a parameter has no value, in words that name it, by parameter.
    """

    reference_on: date
    known_on: date
    entries: Mapping[str, Entry]
    unknown: Mapping[str, str]

    @property
    def values(self) -> dict[str, Tree]:
        """The known values by parameter."""
        return {key: entry.value for key, entry in self.entries.items() if entry.value is not None}

    @property
    def versions(self) -> dict[str, str]:
        """Which entry counts, by parameter: what a decision stores."""
        return {key: entry.version for key, entry in self.entries.items()}

    def context(self, unknown: object) -> dict[str, object]:
        """Return the context that FEEL sees as ``law``.

        Args:
            unknown: What stands for a value that is not known (FEEL's ``UNKNOWN``).
        """
        return {**dict.fromkeys(self.unknown, unknown), **self.values}


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """All parameters of a programme.

    Attributes:
        programme: Key of the programme.
        name: As people know it.
        parameters: By key, in the order written.
        hash: SHA-256 of the content, whatever the file's layout.
    """

    programme: str
    name: str
    parameters: Mapping[str, Parameter]
    hash: str = field(compare=False)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters.values())

    def at(self, reference_on: date, known_on: date | None = None) -> Snapshot:
        """Return the law on a day, as known on another.

        Args:
            reference_on: The day whose law applies.
            known_on: What was public on that day; everything we hold if left out.
        """
        known_on = known_on or date.max
        entries, unknown = {}, {}
        for parameter in self:
            entry = parameter.entry_at(reference_on, known_on)
            if entry is not None and entry.covers(reference_on):
                entries[parameter.key] = entry
            else:
                unknown[parameter.key] = _why(parameter, entry, reference_on)
        return Snapshot(reference_on, known_on, entries, unknown)

    def gaps(self) -> list[tuple[Parameter, Gap]]:
        """Return every gap, seen up to the last day on which any parameter begins anew."""
        horizon = max((entry.valid_from for parameter in self for entry in parameter.entries), default=None)
        return [(parameter, gap) for parameter in self for gap in parameter.gaps(horizon)]


def _why(parameter: Parameter, entry: Entry | None, on: date) -> str:
    text = f"{parameter.label} is not known for {on:%B %Y}."
    return f"{text} {entry.unknown}" if entry is not None and entry.unknown else text

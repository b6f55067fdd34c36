"""What a traced run writes down while it decides: cheap notes, made readable by `trace`."""

from __future__ import annotations

from dataclasses import dataclass, field

from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import Value

MAX_NOTES = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class TableText:
    """The words of a table, for explanations.

    ``cells`` are the tests by rule and column, ``notes`` the annotations by rule.
    """

    place: str
    hit_policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    results: tuple[tuple[str, ...], ...]
    notes: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class TableNote:
    """One look into a table: the inputs, the rules hit, the first failing cell of the others.

    ``misses`` holds (rule, column, outcome) with numbers from 0; the outcome is false, null
    or UNKNOWN. ``possible`` are rules that might still hit when unknown facts become known;
    ``frame`` what the cells saw.
    """

    table: TableText
    inputs: list[Value]
    hits: list[int]
    misses: list[tuple[int, int, Value]]
    possible: list[int]
    frame: list[Value]
    value: Value = None


@dataclass(slots=True)
class EntryNote:
    """One entry of a boxed context."""

    name: str
    value: Value


@dataclass(slots=True)
class CallNote:
    """One decision, knowledge model or service: what it gave and what happened inside."""

    kind: str
    name: str
    index: int = -1
    value: Value = None
    inside: Notes = field(default_factory=list)
    warnings_before: int = 0
    warnings_after: int = 0


Notes = list[TableNote | EntryNote | CallNote]


@dataclass(slots=True)
class Recording(Evaluation):
    """An evaluation that remembers.

    ``inside`` is the list that notes go to now; ``room`` how many more it takes.
    """

    inside: Notes = field(default_factory=list)
    room: int = MAX_NOTES

    def note(self, note: TableNote | EntryNote | CallNote) -> None:
        """Write something down, as long as there is room."""
        if self.room > 0:
            self.room -= 1
            self.inside.append(note)

    def open(self, kind: str, name: str, index: int = -1) -> tuple[CallNote, Notes]:
        """Begin a decision or a call; what follows goes inside it until `close`."""
        call = CallNote(kind, name, index, warnings_before=len(self.warnings))
        self.note(call)
        outer, self.inside = self.inside, call.inside
        return call, outer

    def close(self, opened: tuple[CallNote, Notes], value: Value) -> None:
        """End it."""
        call, self.inside = opened
        call.value = value
        call.warnings_after = len(self.warnings)

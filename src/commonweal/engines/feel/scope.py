"""Scopes: the names an expression may use, each with a type and a slot of the frame.

A frame is a list of values; a closure reads ``frame[slot]``. Names written in the text (iteration
variables, parameters, entries) get slots after those of the scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from commonweal.engines.feel.scanner import name_parts
from commonweal.engines.feel.types import (
    BUILT_IN_TYPES,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Value,
    base_of,
)
from commonweal.engines.feel.types import Type as FeelType

__all__ = ["Layout", "NameTable", "Scope", "member_names", "normal_name"]


@lru_cache(maxsize=8192)
def normal_name(name: str) -> str:
    """A name with its runs of blanks made single and its ends trimmed.

    >>> normal_name(" Monthly   income ")
    'Monthly income'
    """
    return " ".join(name.split())


class NameTable:
    """Finds the longest name that starts at a token; keyed by the first part of each name.

    Args:
        names: Names to know.
        below: A table whose names are known too; it is not copied and must not change any more.
    """

    __slots__ = ("below", "by_first", "sorted_names")

    def __init__(self, names: Iterable[str] = (), below: NameTable | None = None) -> None:
        self.below = below
        self.by_first: dict[str, dict[tuple[str, ...], str]] = {}
        self.sorted_names: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known."""
        parts = name_parts(name)
        if not parts:
            return
        known = self.by_first.setdefault(parts[0], {})
        if parts not in known:
            known[parts] = normal_name(name)
            self.sorted_names.pop(parts[0], None)

    def candidates(self, first: str) -> tuple[tuple[tuple[str, ...], str], ...]:
        """Names that start with this part, the longest first, as (parts, name)."""
        found = self.sorted_names.get(first)
        if found is None:
            chain: list[NameTable] = []
            table: NameTable | None = self
            while table is not None and first not in table.sorted_names:
                chain.append(table)
                table = table.below
            known = dict(table.sorted_names[first]) if table else {}
            for layer in reversed(chain):
                known.update(layer.by_first.get(first, {}))
            found = tuple(sorted(known.items(), key=lambda entry: -len(entry[0])))
            self.sorted_names[first] = found
        return found


@dataclass(slots=True)
class Layout:
    """How many slots a frame has; shared by all scopes and expressions of one frame."""

    size: int = 0


class Scope:
    """Names known when a text is compiled.

    Args:
        names: Variables with their types. Each gets a slot, in order.
        types: Named types (item definitions) that ``instance of`` and parameters may use.
        parent: Scope around this one; its names stay visible and share the frame.

    >>> from commonweal.engines.feel.types import NUMBER
    >>> scope = Scope({"Monthly income": NUMBER, "limit": NUMBER})
    >>> scope.slot("limit"), scope.frame({"limit": None})
    (1, [None, None])
    """

    def __init__(
        self,
        names: Mapping[str, FeelType] | None = None,
        *,
        types: Mapping[str, FeelType] | None = None,
        parent: Scope | None = None,
    ) -> None:
        self.parent = parent
        self.layout: Layout = parent.layout if parent else Layout()
        self.names: dict[str, FeelType] = dict(parent.names) if parent else {}
        self.slots: dict[str, int] = dict(parent.slots) if parent else {}
        self.types: dict[str, FeelType] = (
            parent.types if parent and not types else {**(parent.types if parent else {}), **(types or {})}
        )
        self.first_local: int = parent.first_local if parent else 0
        for name, type_ in (names or {}).items():
            self.slots[normal_name(name)] = self.first_local
            self.names[normal_name(name)] = type_
            self.first_local += 1
        self.layout.size = max(self.layout.size, self.first_local)
        self.table: NameTable = NameTable(names or (), below=parent.table if parent else None)
        self.type_table: NameTable = (
            parent.type_table if parent and not types else NameTable([*BUILT_IN_TYPES, *self.types])
        )
        added = (*(names or {}).values(), *(types or {}).values())
        self.members: NameTable = NameTable(member_names(added), below=parent.members if parent else None)

    def slot(self, name: str) -> int | None:
        """Slot of a name in the frame, None when the scope does not know it."""
        return self.slots.get(normal_name(name))

    def frame(self, values: Mapping[str, Value] | None = None, *, missing: Value = None) -> list[Value]:
        """Make a frame for every expression compiled so far in this scope (and its relatives).

        Args:
            values: Values by name; names the scope does not know are ignored.
            missing: What the other names hold: null, or UNKNOWN in a run with half of the facts.
        """
        frame: list[Value] = [missing] * self.layout.size
        for name, value in (values or {}).items():
            slot = self.slots.get(normal_name(name))
            if slot is not None:
                frame[slot] = value
        return frame

    def type_named(self, name: str) -> FeelType | None:
        """A named or built-in type, None when there is none."""
        return self.types.get(name) or BUILT_IN_TYPES.get(name)


def member_names(types: Iterable[FeelType]) -> Iterator[str]:
    """Names of all entries of all context types reachable from ``types``."""
    pending, seen = list(types), set[int]()
    while pending:
        type_ = base_of(pending.pop())
        if id(type_) in seen:
            continue
        seen.add(id(type_))
        if isinstance(type_, ContextType):
            for name, member in type_.members:
                yield name
                pending.append(member)
        elif isinstance(type_, ListType | RangeType):
            pending.append(type_.element)
        elif isinstance(type_, FunctionType):
            pending.append(type_.result)

"""The compiler's core: where names live, what is constant, what is reported, who compiles which node."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from commonweal.engines.feel.builtins import FUNCTIONS
from commonweal.engines.feel.errors import FeelError, Position, TypeProblem, Undefined, position_of
from commonweal.engines.feel.evaluation import Evaluation, Limits
from commonweal.engines.feel.types import ANY, Type, Value
from commonweal.engines.feel.unknown import UNKNOWN

if TYPE_CHECKING:
    from commonweal.engines.feel.scope import Scope
    from commonweal.engines.feel.syntax import Node

__all__ = ["Closure", "Code", "Compiler", "Resolved", "compiles", "constant", "failed"]

Closure = Callable[[list[Value], Evaluation], Value]
_FOLDING_LIMITS: Final = Limits(steps=1000, depth=20, size=1000)


@dataclass(frozen=True, slots=True)
class Code:
    """A compiled node.

    Attributes:
        run: Called with a frame and the evaluation.
        type: What is known of the result's type; ``ANY`` when nothing is.
        is_constant: Does the result depend on nothing?
        value: The result, when constant.
    """

    run: Closure
    type: Type = ANY
    is_constant: bool = False
    value: Value = None


def constant(value: Value, type_: Type) -> Code:
    """Code that always answers ``value``."""
    return Code(lambda frame, evaluation: value, type_, is_constant=True, value=value)


def failed(evaluation: Evaluation, error: Undefined, at: Position) -> Value:
    """Turn a failed operation into null with a warning."""
    evaluation.warn(error.code, str(error), at)
    return None


@dataclass(slots=True)
class _Locals:
    """Names that a construct of the text brings: variables, parameters, entries."""

    slots: dict[str, tuple[int, Type]] = field(default_factory=dict)


@dataclass(slots=True)
class _Item:
    """The element that a filter looks at; its entries are names."""

    slot: int
    type: Type
    members: Mapping[str, Type]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a name was found.

    Attributes:
        slot: Slot to read, None when the name is not a variable.
        type: Its type.
        member_of: Slot of the filter's element, when the name is an entry of it.
        maybe_of: Slots of elements that may have such an entry, innermost first.
        is_local: Does the text itself bring the name?
    """

    slot: int | None
    type: Type
    member_of: int | None = None
    maybe_of: tuple[int, ...] = ()
    is_local: bool = False


_Family = Callable[[Any, "Compiler"], Code]
_Declared = TypeVar("_Declared", bound=_Family)
_COMPILERS: Final[dict[type[Node], _Family]] = {}


def compiles(node_class: type[Node]) -> Callable[[_Declared], _Declared]:
    """Declare the function that compiles nodes of a class."""

    def declare(function: _Declared) -> _Declared:
        _COMPILERS[node_class] = function
        return function

    return declare


class Compiler:
    """Compiles one text in one scope.

    Args:
        text: The text, for positions.
        scope: Names and types.
        is_tracing: Record the value of every node in ``Evaluation.records``.
    """

    def __init__(self, text: str, scope: Scope, *, is_tracing: bool = False) -> None:
        self.text = text
        self.scope = scope
        self.is_tracing = is_tracing
        self.problems: list[TypeProblem] = []
        self.names: set[str] = set()
        self._around: list[_Locals | _Item] = []
        self._next_slot = scope.first_local

    # Nodes

    def compile(self, node: Node) -> Code:
        """Compile a node and everything below it."""
        return self.recorded(node, _COMPILERS[type(node)](node, self))

    def recorded(self, node: Node, code: Code) -> Code:
        """When tracing, let the code note its values."""
        if not self.is_tracing:
            return code
        run = code.run

        def record(frame: list[Value], evaluation: Evaluation) -> Value:
            value = run(frame, evaluation)
            if evaluation.records is not None:
                evaluation.records.append((node, value))
            return value

        return Code(record, code.type)

    def folded(self, code: Code, *operands: Code) -> Code:
        """Run the code now when all its operands are constant and nothing goes wrong."""
        if self.is_tracing or not all(operand.is_constant for operand in operands):
            return code
        evaluation = Evaluation(limits=_FOLDING_LIMITS)
        try:
            value = code.run([None] * self._next_slot, evaluation)
        except (FeelError, RecursionError):
            return code
        return code if evaluation.warnings or value is UNKNOWN else constant(value, code.type)

    def position(self, node: Node) -> Position:
        """Where a node starts."""
        return position_of(self.text, node.start)

    def problem(self, code: str, message: str, node: Node, *, hint: str = "", is_error: bool = True) -> None:
        """Report something that will not work, or that could not be checked."""
        at = self.position(node)
        problem = TypeProblem(code, message, at.line, at.column, hint, is_error)
        if problem not in self.problems:
            self.problems.append(problem)

    # Names

    @contextmanager
    def local_names(self) -> Iterator[Callable[[str, Type], int]]:
        """Open a construct with names of its own; yields the function that adds one."""
        names, first = _Locals(), self._next_slot
        self._around.append(names)

        def add(name: str, type_: Type) -> int:
            slot = self._take_slot()
            names.slots[name] = (slot, type_)
            return slot

        try:
            yield add
        finally:
            self._around.pop()
            self._next_slot = first

    @contextmanager
    def item(self, type_: Type, members: Mapping[str, Type], *, is_open: bool) -> Iterator[int]:
        """Open a filter; yields the slot of the element."""
        first = self._next_slot
        slot = self._take_slot()
        self._around.append(_Item(slot, type_, members, is_open))
        try:
            yield slot
        finally:
            self._around.pop()
            self._next_slot = first

    def _take_slot(self) -> int:
        slot = self._next_slot
        self._next_slot += 1
        self.scope.layout.size = max(self.scope.layout.size, self._next_slot)
        return slot

    def resolve(self, name: str) -> Resolved | None:
        """Find a name, from the inside out; None when nothing can ever have it."""
        maybe: list[int] = []
        for names in reversed(self._around):
            found = _found_in(names, name, tuple(maybe))
            if found is not None:
                return found
            if isinstance(names, _Item) and names.is_open:
                maybe.append(names.slot)
        slot = self.scope.slots.get(name)
        if slot is not None:
            self.names.add(name)
            return Resolved(slot, self.scope.names[name], maybe_of=tuple(maybe))
        return Resolved(None, ANY, maybe_of=tuple(maybe)) if maybe else None

    def similar(self, name: str) -> str:
        """A hint with the name that was probably meant."""
        known = [*self.scope.names, *FUNCTIONS]
        for names in self._around:
            known.extend(names.slots if isinstance(names, _Locals) else names.members)
        return nearest(name, known)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the name that was probably meant; empty where none is near."""
    lowered = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.7)
    return f"did you mean `{lowered[close[0]]}`?" if close else ""


def _found_in(names: _Locals | _Item, name: str, maybe: tuple[int, ...]) -> Resolved | None:
    if isinstance(names, _Locals):
        if name not in names.slots:
            return None
        slot, type_ = names.slots[name]
        return Resolved(slot, type_, maybe_of=maybe, is_local=True)
    if name in names.members:
        return Resolved(None, names.members[name], member_of=names.slot, maybe_of=maybe)
    if name == "item":
        return Resolved(names.slot, names.type, maybe_of=maybe, is_local=True)
    return None

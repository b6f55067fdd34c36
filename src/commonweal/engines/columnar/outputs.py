"""The columns that come out: which value of which decision each holds, and of what type it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from commonweal.engines.columnar.errors import OutputError
from commonweal.engines.dmn.compiled import CompiledModel
from commonweal.engines.dmn.graph import Node
from commonweal.engines.dmn.model import Decision
from commonweal.engines.feel.types import BOOLEAN, DATE, NUMBER, STRING, ContextType, Type, base_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FAULT", "Output", "decision_node", "output_schema", "outputs_of"]

FAULT: Final = "fault"
UNPROVEN_SCALE: Final = 10
"""Digits after the point of an output whose scale is not known."""
_KINDS: Final = {NUMBER: "number", STRING: "text", BOOLEAN: "truth", DATE: "date"}


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the answer.

    Attributes:
        name: Of the column.
        node: Index of the decision in the graph.
        path: Entries to follow from the decision's value.
        kind: ``number``, ``text``, ``truth``, ``date``, or ``json`` for anything else, written as JSON.
        scale: Of a number: digits after the point; a value with more is rounded half to even.
        is_coded: Is a text written as a dictionary?
    """

    name: str
    node: int
    path: tuple[str, ...]
    kind: str
    scale: int = UNPROVEN_SCALE
    is_coded: bool = False

    @property
    def type(self) -> pa.DataType:
        """Arrow's type."""
        if self.kind == "number":
            return pa.int64() if self.scale == 0 else pa.decimal128(38, self.scale)
        if self.is_coded:
            return pa.dictionary(pa.int32(), pa.string())
        return {"truth": pa.bool_(), "date": pa.date32()}.get(self.kind, pa.string())

    def of_kind(self, kind: str) -> Output:
        """The same with a kind that was found out."""
        return replace(self, kind=kind)

    def with_scale(self, scale: int) -> Output:
        """The same with a scale that was found out."""
        return replace(self, scale=scale)


def decision_node(compiled: CompiledModel, name: str) -> Node:
    """The decision of that name.

    Raises:
        OutputError: There is none.
    """
    wanted = " ".join(name.split())
    found = [node for node in compiled.graph.nodes if isinstance(node.element, Decision)]
    for node in found:
        if wanted in {node.full_name, ".".join((*node.path, node.element.name))}:
            return node
    raise OutputError(
        f"no decision {name!r}; there are: {', '.join(node.full_name for node in found) or 'none'}"
    )


def outputs_of(compiled: CompiledModel, decision: str, names: Sequence[str] | None) -> tuple[Output, ...]:
    """The columns asked for, or those of the decision's own result.

    Raises:
        OutputError: A name is neither a decision nor an entry of one.
    """
    target = decision_node(compiled, decision)
    if names is None:
        type_ = compiled.types[target.index]
        return tuple(_flattened(target, (), type_, is_root=True))
    return tuple(output for name in names for output in _named(compiled, name))


def _named(compiled: CompiledModel, name: str) -> Iterator[Output]:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            node = decision_node(compiled, ".".join(parts[:length]))
        except OutputError:
            continue
        type_ = compiled.types[node.index]
        path = tuple(part.strip() for part in parts[length:])
        for part in path:
            base = base_of(type_)
            inner = base.member(part) if isinstance(base, ContextType) else None
            if inner is None:
                raise OutputError(f"{name!r}: {node.full_name} gives no {part!r}; its type is {type_}")
            type_ = inner
        for output in _flattened(node, path, type_, is_root=False):
            yield replace(output, name=".".join((name, *output.path[len(path) :])))
        return
    decision_node(compiled, name)


def _flattened(node: Node, path: tuple[str, ...], type_: Type, *, is_root: bool) -> Iterator[Output]:
    base = base_of(type_)
    if isinstance(base, ContextType) and base.members:
        for name, member in base.members:
            yield from _flattened(node, (*path, name), member, is_root=is_root)
        return
    name = ".".join(path) if is_root and path else ".".join((node.full_name, *path))
    yield Output(name, node.index, path, _KINDS.get(base, "json"))


def output_schema(outputs: Sequence[Output]) -> pa.Schema:
    """The schema of the answer, with the column that says why a row has none."""
    return pa.schema(
        [*(pa.field(output.name, output.type) for output in outputs), pa.field(FAULT, pa.string())]
    )

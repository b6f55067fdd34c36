"""Values worth trying for a fact: one for each way in which the model may look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from commonweal.engines.dmn.compiled import CompiledModel
from commonweal.engines.dmn.dimensions import NotCheckableError, constant_of, constants, cut
from commonweal.engines.dmn.item_types import constraint_texts
from commonweal.engines.dmn.paths import type_at
from commonweal.engines.dmn.tables import Table
from commonweal.engines.feel import Scope
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.parser import parse_expression
from commonweal.engines.feel.types import Value, base_of

MAX_SAMPLES = 12


def samples(compiled: CompiledModel, path: str) -> list[Value]:
    """At most twelve values for the fact at a path, spread over what the model tells apart."""
    type_ = type_at(path, compiled.inputs)
    points = list(points_of(compiled, path))
    try:
        found = [segment.witness for segment in cut(path, base_of(type_).name, points).segments]
    except NotCheckableError:
        return []
    fitting = [value for value in found if base_of(type_) is type_ or type_.contains(value)]
    step = -(-len(fitting) // MAX_SAMPLES) or 1
    return fitting[::step]


def points_of(compiled: CompiledModel, path: str) -> Iterator[Value]:
    """The constants that the model compares a fact with."""
    type_ = type_at(path, compiled.inputs)
    for text in constraint_texts(type_):
        with suppress(NotCheckableError):
            yield from constants(text, Scope({}), type_)
    wanted = path.replace(" ", "")
    for tables in compiled.tables.values():
        for table in tables:
            for column, text in enumerate(table.text.inputs):
                if text.replace(" ", "") == wanted:
                    yield from _of_column(table, column)
    for text, scope in compiled.texts:
        if wanted in text.replace(" ", ""):
            yield from _compared(text, scope, wanted)


def _of_column(table: Table, column: int) -> Iterator[Value]:
    for line in table.text.cells:
        with suppress(NotCheckableError):
            yield from constants(line[column] or "-", table.scope, table.columns[column])


def _compared(text: str, scope: Scope, wanted: str) -> Iterator[Value]:
    tree = parse_expression(text, scope)
    for node in s.walk(tree):
        sides: tuple[s.Node, ...] = ()
        if isinstance(node, s.Binary) and node.operator in s.COMPARISONS:
            sides = (node.left, node.right)
        elif isinstance(node, s.Between):
            sides = (node.value, node.low, node.high)
        elif isinstance(node, s.In):
            sides = (node.value, *node.tests)
        if any(text[side.start : side.end].replace(" ", "") == wanted for side in sides):
            yield from _constants_among(sides, text)


def _constants_among(sides: tuple[s.Node, ...], text: str) -> Iterator[Value]:
    for side in sides:
        try:
            value = constant_of(side, text)
        except NotCheckableError:
            continue
        if value is not None and not isinstance(value, list | dict):
            yield value

"""Boxed expressions, and the functions of the model.

Source: DMN 1.5, 7.3 and 10.2.2 (boxed expressions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.lowering.expressions import lower_text
from commonweal.engines.columnar.lowering.lists import quantify
from commonweal.engines.columnar.lowering.merging import merge
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.sequences import as_list
from commonweal.engines.columnar.lowering.tables import table
from commonweal.engines.columnar.lowering.truths import is_unknown, truth
from commonweal.engines.columnar.lowering.typing import converted
from commonweal.engines.columnar.lowering.work import NULL, Work
from commonweal.engines.columnar.symbols import Closure, Constant, Items, Members, Record, Symbol
from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.item_types import TypeTable
from commonweal.engines.feel.types import FunctionType, base_of

__all__ = ["box"]


def box(boxed: m.Boxed | None, names: Names, types: TypeTable, work: Work) -> Symbol:
    """Lower a boxed expression; nothing is null.

    Raises:
        Refusal: It cannot be compiled.
    """
    if boxed is None:
        return NULL
    lowerer = _BOXES.get(type(boxed))
    if lowerer is None:
        raise Refusal(f"a boxed {type(boxed).__name__} is not compiled")
    made = lowerer(boxed, names, types, work)
    if isinstance(boxed, m.FunctionDefinition) and not _is_function(boxed.type_ref, types):
        return made
    return converted(made, types.of(boxed.type_ref), work)


def _is_function(type_ref: str | None, types: TypeTable) -> bool:
    found = types.find(type_ref) if type_ref is not None else None
    return found is not None and isinstance(base_of(found), FunctionType)


def _literal(boxed: m.Literal, names: Names, types: TypeTable, work: Work) -> Symbol:
    if boxed.imported is not None or (boxed.language is not None and "FEEL" not in boxed.language.upper()):
        raise Refusal("an expression that is no FEEL")
    return lower_text(boxed.text, names, work)


def _context(boxed: m.Context, names: Names, types: TypeTable, work: Work) -> Symbol:
    entries: dict[str, Symbol] = {}
    for entry in boxed.entries:
        value = box(entry.value, names, types, work)
        if entry.variable is None:
            return value
        value = converted(value, types.of(entry.variable.type_ref), work)
        entries[entry.variable.name] = value
        names = Names({entry.variable.name: value}, names)
    return Record(entries)


def _list(boxed: m.BoxedList, names: Names, types: TypeTable, work: Work) -> Symbol:
    return Items(tuple((work.b.true, box(item, names, types, work)) for item in boxed.items))


def _relation(boxed: m.Relation, names: Names, types: TypeTable, work: Work) -> Symbol:
    rows = []
    for row in boxed.rows:
        cells: dict[str, Symbol] = {column.name: NULL for column in boxed.columns}
        for column, item in zip(boxed.columns, row.items, strict=False):
            value = box(item, names, types, work)
            cells[column.name] = converted(value, types.of(column.type_ref), work)
        rows.append(cells)
    if all(isinstance(cell, Constant) for cells in rows for cell in cells.values()):
        return Constant(
            [
                {name: cell.value for name, cell in cells.items() if isinstance(cell, Constant)}
                for cells in rows
            ]
        )
    return Items(tuple((work.b.true, Record(cells)) for cells in rows))


def _function(boxed: m.FunctionDefinition, names: Names, types: TypeTable, work: Work) -> Symbol:
    if boxed.kind != "FEEL":
        raise Refusal("an external function")
    parameters = tuple(parameter.name for parameter in boxed.parameters)
    kinds = tuple(types.of(parameter.type_ref) for parameter in boxed.parameters)

    def call(arguments: Sequence[Symbol]) -> Symbol:
        given = [converted(value, kind, work) for value, kind in zip(arguments, kinds, strict=True)]
        made = box(boxed.body, Names(dict(zip(parameters, given, strict=True)), names), types, work)
        if _is_function(boxed.type_ref, types):
            return made
        return converted(made, types.of(boxed.type_ref), work)

    return Closure("", parameters, kinds, call)


def _invocation(boxed: m.Invocation, names: Names, types: TypeTable, work: Work) -> Symbol:
    given: dict[str, Symbol] = {}
    for binding in boxed.bindings:
        value = box(binding.value, names, types, work)
        given[binding.parameter.name] = converted(value, types.of(binding.parameter.type_ref), work)
    if isinstance(boxed.function, m.Literal):
        called = names.find(" ".join((boxed.function.text or "").split()))
        if called is None:
            aliases = {f"argument {i} of the call": value for i, value in enumerate(given.values())}
            inside = ", ".join(f"{name}: {alias}" for name, alias in zip(given, aliases, strict=True))
            return lower_text(f"{(boxed.function.text or '').strip()}({inside})", Names(aliases, names), work)
    else:
        called = box(boxed.function, names, types, work)
    if not isinstance(called, Closure) or set(called.parameters) != set(given):
        return work.failed()
    return called.call([given[name] for name in called.parameters])


# Control


def _child(child: m.Child, names: Names, types: TypeTable, work: Work) -> Symbol:
    return converted(box(child.value, names, types, work), types.of(child.type_ref), work)


def _conditional(boxed: m.Conditional, names: Names, types: TypeTable, work: Work) -> Symbol:
    condition = _child(boxed.condition, names, types, work)
    if is_unknown(condition):
        work.fault(work.b.true)
        return _child(boxed.otherwise, names, types, work)
    holds = truth(work, condition).node
    if holds.constant is not None:
        return _child(boxed.then if holds.constant else boxed.otherwise, names, types, work)
    with work.under(holds):
        then = _child(boxed.then, names, types, work)
    with work.under(work.b.opposite(holds)):
        otherwise = _child(boxed.otherwise, names, types, work)
    return merge(work, holds, then, otherwise)


def _elements(child: m.Child, names: Names, types: TypeTable, work: Work) -> Items | Members:
    source = _child(child, names, types, work)
    if is_unknown(source) or source == NULL:
        work.fault(work.b.true)
        return Items(())
    return as_list(source, work)


def _each(
    variable: str, source: Items | Members, child: m.Child, names: Names, *, types: TypeTable, work: Work
) -> Items | Members:
    if isinstance(source, Members):
        with work.loop(source.path, source.mask) as loop:
            element = _child(child, Names({variable: source.element}, names, loop=loop), types, work)
        return Members(source.path, source.most, source.mask, element, source.is_whole)
    made = []
    for present, element in source.entries:
        with work.under(present):
            made.append((present, _child(child, Names({variable: element}, names), types, work)))
    return Items(tuple(made))


def _for(boxed: m.For, names: Names, types: TypeTable, work: Work) -> Symbol:
    source = _elements(boxed.source, names, types, work)
    return _each(boxed.variable, source, boxed.result, names, types=types, work=work)


def _quantified(boxed: m.Quantified, names: Names, types: TypeTable, work: Work) -> Symbol:
    source = _elements(boxed.source, names, types, work)
    made = _each(boxed.variable, source, boxed.satisfies, names, types=types, work=work)
    return quantify(made, work, decisive=boxed.quantifier == "some")


def _filter(boxed: m.Filter, names: Names, types: TypeTable, work: Work) -> Symbol:
    source = _child(boxed.source, names, types, work)
    match = boxed.match.value
    if not isinstance(match, m.Literal) or not match.text:
        raise Refusal("a boxed filter with a box as its match")
    inside = Names({"list of the filter": source}, names)
    return lower_text(f"list of the filter[\n{match.text}\n]", inside, work)


_BOXES: Final[dict[type[m.Boxed], Callable[[Any, Names, TypeTable, Work], Symbol]]] = {
    m.Literal: _literal,
    m.Context: _context,
    m.BoxedList: _list,
    m.Relation: _relation,
    m.FunctionDefinition: _function,
    m.Invocation: _invocation,
    m.Conditional: _conditional,
    m.For: _for,
    m.Quantified: _quantified,
    m.Filter: _filter,
    m.DecisionTable: table,
}

"""The conversions that DMN makes where a value meets a declared type.

Source: DMN 1.5, 10.3.2.9.4.
"""

from __future__ import annotations

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.lowering.merging import kind_of, null_of
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.sequences import as_list, elements_of
from commonweal.engines.columnar.lowering.testing import cell
from commonweal.engines.columnar.lowering.truths import is_unknown, truth
from commonweal.engines.columnar.lowering.work import Work
from commonweal.engines.columnar.symbols import (
    Closure,
    Constant,
    Items,
    Members,
    Opaque,
    Record,
    Symbol,
    Text,
    feel_type,
)
from commonweal.engines.dmn.item_types import Allows, constraint_texts
from commonweal.engines.feel.coercion import coerce
from commonweal.engines.feel.types import (
    ANY,
    ConstrainedType,
    ContextType,
    FunctionType,
    ListType,
    Type,
    base_of,
)

__all__ = ["converted"]


def converted(symbol: Symbol, type_: Type, work: Work) -> Symbol:
    """A symbol as a type wants it; rows in which it does not fit are at fault.

    Raises:
        Refusal: It fits in no row, or whether it does cannot be compiled.
    """
    if type_ is ANY or is_unknown(symbol) or isinstance(symbol, Closure):
        return symbol
    if isinstance(symbol, Constant):
        value = coerce(symbol.value, type_)
        return work.failed() if value is None and symbol.value is not None else Constant(value)
    made = _to_base(symbol, base_of(type_), work)
    while isinstance(type_, ConstrainedType):
        _check(made, type_, work)
        type_ = type_.base
    return made


def _to_base(symbol: Symbol, base: Type, work: Work) -> Symbol:
    if base is ANY:
        return symbol
    if isinstance(base, ListType):
        return _list(symbol, base, work)
    if isinstance(symbol, Items):
        if len(symbol.entries) == 1 and symbol.entries[0][0] is work.b.true:
            only = symbol.entries[0][1]
            work.fault(null_of(work, only))
            return converted(only, base, work)
        raise Refusal(f"a list where a {base} is declared")
    if isinstance(base, ContextType):
        return _record(symbol, base, work)
    if isinstance(base, FunctionType) or not feel_type(symbol).conforms_to(base):
        raise Refusal(f"a {kind_of(symbol)} where a {base} is declared")
    return symbol


def _list(symbol: Symbol, base: ListType, work: Work) -> Symbol:
    if not isinstance(symbol, Items | Members):
        null = null_of(work, symbol)
        work.fault(null)
    made = as_list(symbol, work)
    if isinstance(made, Members):
        with work.loop(made.path, made.mask):
            element = converted(made.element, base.element, work)
        return Members(made.path, made.most, made.mask, element, made.is_whole)
    return Items(
        tuple(
            (present, converted(element, base.element, work)) for present, element in elements_of(made, work)
        )
    )


def _record(symbol: Symbol, base: ContextType, work: Work) -> Symbol:
    if not isinstance(symbol, Record):
        raise Refusal(f"a {kind_of(symbol)} where a context is declared")
    entries = dict(symbol.entries)
    for name, type_ in base.members:
        if name not in entries:
            return work.failed()
        entries[name] = converted(entries[name], type_, work)
    return Record(entries)


def _check(symbol: Symbol, type_: ConstrainedType, work: Work) -> None:
    """The allowed values of an item definition."""
    if isinstance(symbol, Text) and symbol.values is not None:
        wrong = [text for text in symbol.values if not type_.allows(text)]
        for text in wrong:
            work.fault(
                work.b.both(
                    work.b.eq(symbol.node, work.b.number(work.code(text))), work.b.opposite(symbol.null)
                )
            )
        return
    if not isinstance(type_.allows, Allows):
        raise Refusal(f"values of the type {type_.name} are checked by something that is no FEEL")
    if isinstance(symbol, Opaque):
        raise Refusal(symbol.why)
    (text, *_) = constraint_texts(type_)
    passes = truth(work, cell(text, symbol, Names({}), work))
    work.fault(work.b.both(work.b.opposite(passes.node), work.b.opposite(null_of(work, symbol))))

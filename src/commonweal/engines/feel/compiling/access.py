"""Reading: names, paths and filters.

Source: DMN 1.5, 10.3.2.5 (filter), 10.3.2.13 (path), 10.3.2.11 (scope of names).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from commonweal.engines.feel.builtins import FUNCTIONS
from commonweal.engines.feel.compiling.compiler import (
    Closure,
    Code,
    Compiler,
    Resolved,
    compiles,
    constant,
    nearest,
)
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.operations import kind_name
from commonweal.engines.feel.printer import unparse
from commonweal.engines.feel.properties import property_of, property_type
from commonweal.engines.feel.syntax import Filter, Name, Node, Path, walk
from commonweal.engines.feel.types import ANY, BOOLEAN, NUMBER, ContextType, ListType, Type, Value, base_of
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.numbers import is_whole

if TYPE_CHECKING:
    from commonweal.engines.feel.errors import Position


# Names


@compiles(Name)
def _name(node: Name, compiler: Compiler) -> Code:
    resolved = compiler.resolve(node.name)
    if resolved is None:
        return _function_or_nothing(node, compiler)
    if resolved.member_of is not None:
        code = Code(_member_reader(resolved.member_of, node.name, compiler.position(node)), resolved.type)
    elif resolved.slot is not None:
        code = Code(_slot_reader(resolved, node.name), resolved.type)
    else:
        code = _function_or_nothing(node, compiler, is_reported=False)
    if not resolved.maybe_of:
        return code
    return Code(_maybe_reader(resolved.maybe_of, node.name, code.run), ANY)


def _function_or_nothing(node: Name, compiler: Compiler, *, is_reported: bool = True) -> Code:
    function = FUNCTIONS.get(node.name)
    if function is not None:
        return constant(function.as_value, function.type)
    at = compiler.position(node)
    message = f"nothing is called `{node.name}` here"
    if is_reported:
        compiler.problem("unknown-name", message, node, hint=compiler.similar(node.name))

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        evaluation.warn("unknown-name", message, at)
        return None

    return Code(run)


def _slot_reader(resolved: Resolved, name: str) -> Closure:
    slot = resolved.slot
    assert slot is not None
    if resolved.is_local:
        return lambda frame, evaluation: frame[slot]

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        value = frame[slot]
        if value is UNKNOWN:
            evaluation.note_missing(name)
        return value

    return run


def _member_reader(slot: int, name: str, at: Position) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        return _entry(frame[slot], name, "item", evaluation, at)

    return run


def _maybe_reader(slots: tuple[int, ...], name: str, otherwise: Closure) -> Closure:
    """The entry of an element that has one of that name, else what the name means outside."""

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        for slot in slots:
            item = frame[slot]
            if isinstance(item, dict) and name in item:
                value = item[name]
                if value is UNKNOWN:
                    _note_entry(item, name, "item", evaluation)
                return value
            found, value = property_of(item, name)
            if found:
                return value
        return otherwise(frame, evaluation)

    return run


# Paths


def _note_entry(container: Value, name: str, text: str, evaluation: Evaluation) -> None:
    place = evaluation.place_of(container) or text
    evaluation.note_missing(f"{place}.{name}")


def _entry(value: Value, name: str, text: str, evaluation: Evaluation, at: Position) -> Value:
    """``value.name`` for any value."""
    if isinstance(value, dict):
        if name not in value:
            evaluation.warn("unknown-entry", f"the context has no entry `{name}`", at)
            return None
        entry = value[name]
        if entry is UNKNOWN:
            _note_entry(value, name, text, evaluation)
        return entry
    if value is UNKNOWN:
        evaluation.refine_missing(text, f"{text}.{name}")
        return UNKNOWN
    if isinstance(value, list):
        evaluation.spend_on(value)
        return [_entry(element, name, text, evaluation, at) for element in value]
    found, component = property_of(value, name)
    if not found:
        evaluation.warn("unknown-entry", f"a {kind_name(value)} has no `{name}`", at)
    return component


@compiles(Path)
def _path(node: Path, compiler: Compiler) -> Code:
    source = compiler.compile(node.source)
    name, run_source = node.name, source.run
    at, text = compiler.position(node), unparse(node.source)
    type_ = _path_type(source.type, name)
    if type_ is None:
        message, hint = f"a {source.type} has no `{name}`", ""
        base = base_of(source.type)
        if isinstance(base, ContextType):
            members = [member for member, _ in base.members]
            message, hint = f"there is no `{name}` in it", nearest(name, members)
        compiler.problem("unknown-entry", message, node, hint=hint, is_error=False)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        value = run_source(frame, evaluation)
        if type(value) is dict and name in value:
            entry = value[name]
            if entry is not UNKNOWN:
                return entry
        return _entry(value, name, text, evaluation, at)

    return compiler.folded(Code(run, type_ or ANY), source)


def _path_type(source: Type, name: str) -> Type | None:
    base = base_of(source)
    if isinstance(base, ContextType):
        return base.member(name)
    if isinstance(base, ListType):
        element = _path_type(base.element, name)
        return None if element is None else ListType(element)
    return property_type(base, name)


# Filters


@compiles(Filter)
def _filter(node: Filter, compiler: Compiler) -> Code:
    source = compiler.compile(node.source)
    base = base_of(source.type)
    element = base.element if isinstance(base, ListType) else base
    item_base = base_of(element)
    members = dict(item_base.members) if isinstance(item_base, ContextType) else {}
    is_open = item_base == ANY or (isinstance(item_base, ContextType) and not members)
    with compiler.item(element, members, is_open=is_open) as slot:
        condition = compiler.compile(node.condition)
    at = compiler.position(node)
    if base_of(condition.type) == NUMBER and not _uses_item(node.condition, members, is_open=is_open):
        return compiler.folded(Code(_by_position(source.run, condition.run, at), element), source, condition)
    run = _by_condition(source.run, condition.run, slot, at)
    return Code(run, _filtered_type(base, element, base_of(condition.type)))


def _filtered_type(source: Type, element: Type, condition: Type) -> Type:
    """A condition whose type is not known may turn out to be a position: then it is an element."""
    if condition == NUMBER:
        return element
    if condition != BOOLEAN:
        return ANY
    return source if isinstance(source, ListType) else ListType(element)


def _uses_item(condition: Node, members: dict[str, Type], *, is_open: bool) -> bool:
    names = [part.name for part in walk(condition) if isinstance(part, Name)]
    return any(is_open or name == "item" or name in members for name in names)


def _at_position(elements: list[Value], position: Decimal, evaluation: Evaluation, at: Position) -> Value:
    if not is_whole(position) or position == 0 or abs(position) > len(elements):
        evaluation.warn("position", f"the list of {len(elements)} has no element {position}", at)
        return None
    index = int(position)
    element = elements[index - 1 if index > 0 else index]
    if element is UNKNOWN:
        place = evaluation.place_of(elements) or "list"
        evaluation.note_missing(f"{place}[{index if index > 0 else len(elements) + 1 + index}]")
    return element


def _as_list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _by_position(source: Closure, condition: Closure, at: Position) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        value = source(frame, evaluation)
        position = condition(frame, evaluation)
        if value is UNKNOWN or position is UNKNOWN:
            return UNKNOWN
        if value is None or not isinstance(position, Decimal):
            evaluation.warn("position", f"a {kind_name(value)} has no element {kind_name(position)}", at)
            return None
        return _at_position(_as_list(value), position, evaluation, at)

    return run


def _by_condition(source: Closure, condition: Closure, slot: int, at: Position) -> Closure:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        value = source(frame, evaluation)
        if value is None or value is UNKNOWN:
            return value
        elements = _as_list(value)
        evaluation.spend(len(elements))
        if not elements:
            return _without_elements(condition, slot, frame, evaluation)
        return _kept(elements, condition, slot, frame, evaluation, at=at)

    return run


def _kept(
    elements: list[Value],
    condition: Closure,
    slot: int,
    frame: list[Value],
    evaluation: Evaluation,
    *,
    at: Position,
) -> Value:
    kept: list[Value] = []
    unknown = False
    for element in elements:
        frame[slot] = element
        answer = condition(frame, evaluation)
        if answer is True:
            kept.append(element)
        elif isinstance(answer, Decimal):
            return _at_position(elements, answer, evaluation, at)
        elif answer is UNKNOWN:
            unknown = True
    return UNKNOWN if unknown else kept


def _without_elements(condition: Closure, slot: int, frame: list[Value], evaluation: Evaluation) -> Value:
    """An empty list: nothing to keep, and null at any position."""
    frame[slot] = None
    before = len(evaluation.warnings)
    answer = condition(frame, evaluation)
    del evaluation.warnings[before:]
    return None if isinstance(answer, Decimal) else []

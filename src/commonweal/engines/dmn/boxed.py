"""Boxed expressions into closures over a frame of values.

Source: OMG DMN 1.5, 7.3 and 10.2.2 (boxed expressions), 10.3.2.9.4 (conversions).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.facts import text_of
from commonweal.engines.dmn.hit_policies import same
from commonweal.engines.dmn.item_types import TypeTable
from commonweal.engines.dmn.problems import Problem
from commonweal.engines.dmn.recording import EntryNote, Recording
from commonweal.engines.dmn.tables import compile_table
from commonweal.engines.dmn.texts import Piece, Run, TextCompiler, failing, give_null, slot_of
from commonweal.engines.feel import Scope
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    NOTHING,
    ContextType,
    Function,
    FunctionType,
    ListType,
    Type,
    Value,
    base_of,
    join,
)
from commonweal.engines.feel.unknown import UNKNOWN, contains_unknown

MAX_DEPTH = 60


class BoxCompiler(TextCompiler):
    """Compiles the boxed expressions of one model.

    ``place`` names the decision in messages.
    """

    def __init__(self, types: TypeTable, problems: list[Problem]) -> None:
        super().__init__(types, problems)
        self._depth = 0
        self._kinds: dict[type[m.Boxed], Callable[[Any, Scope, str], Piece]] = {
            m.Literal: self._literal,
            m.Context: self._context,
            m.BoxedList: self._list,
            m.Relation: self._relation,
            m.FunctionDefinition: self._function,
            m.Invocation: self._invocation,
            m.Conditional: self._conditional,
            m.Filter: self._filter,
            m.For: self._for,
            m.Quantified: self._quantified,
            m.DecisionTable: self._table,
        }

    def compile(self, boxed: m.Boxed | None, scope: Scope, place: str) -> Piece:
        """Any boxed expression; nothing gives null."""
        if boxed is None:
            return Piece(give_null, NOTHING)
        if self._depth >= MAX_DEPTH:
            message = f"boxed expressions lie more than {MAX_DEPTH} deep"
            self.problem("limit", message, place, boxed.line)
            return Piece(failing(message, "limit"))
        self._depth += 1
        try:
            piece = self._kinds[type(boxed)](boxed, scope, place)
        finally:
            self._depth -= 1
        if isinstance(boxed, m.FunctionDefinition) and not self.is_function(boxed.type_ref):
            return piece  # its type is that of its result
        return self.typed(piece, boxed.type_ref, place)

    def is_function(self, type_ref: str | None) -> bool:
        """Is it the name of a type of functions?"""
        return type_ref is not None and isinstance(base_of(self.types.find(type_ref) or ANY), FunctionType)

    def _literal(self, boxed: m.Literal, scope: Scope, place: str) -> Piece:
        if boxed.imported is not None:
            self.problem("imported-values", "imported values are not supported", place, boxed.line)
            return Piece(failing(f"{place}: imported values are not supported"))
        if boxed.language is not None and "FEEL" not in boxed.language.upper():
            self.problem("language", f"the language {boxed.language!r} is not FEEL", place, boxed.line)
            return Piece(failing(f"{place}: the language {boxed.language!r} is not FEEL"))
        return self.text(boxed.text, scope, place, boxed.line)

    # ---- collections ---------------------------------------------------------------------

    def _context(self, boxed: m.Context, scope: Scope, place: str) -> Piece:
        entries: list[tuple[str, int, Run]] = []
        members: dict[str, Type] = {}
        result: Piece | None = None
        for entry in boxed.entries:
            name = entry.variable.name if entry.variable else ""
            piece = self.compile(entry.value, scope, f"{place}.{name}" if name else place)
            if entry.variable is None:
                result = piece
                break
            piece = self.typed(piece, entry.variable.type_ref, f"{place}.{name}")
            if name in members:
                self.problem("name-twice", f"the entry {name!r} appears twice", place, entry.line)
            scope = Scope({name: piece.type}, parent=scope)
            entries.append((name, slot_of(scope, name), piece.run))
            members[name] = piece.type
        if result is not None:
            return Piece(_running_entries(tuple(entries), result.run), result.type)
        return Piece(_running_entries(tuple(entries), None), ContextType(tuple(members.items())))

    def _list(self, boxed: m.BoxedList, scope: Scope, place: str) -> Piece:
        pieces = [self.compile(item, scope, place) for item in boxed.items]
        runs = tuple(piece.run for piece in pieces)
        element: Type = NOTHING if pieces else ANY
        for piece in pieces:
            element = join(element, piece.type)

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            return [item(frame, evaluation) for item in runs]

        return Piece(run, ListType(element))

    def _relation(self, boxed: m.Relation, scope: Scope, place: str) -> Piece:
        names = [column.name for column in boxed.columns]
        rows: list[tuple[Run, ...]] = []
        for row in boxed.rows:
            if len(row.items) != len(names):
                self.problem(
                    "ragged", f"a row has {len(row.items)} cells for {len(names)} columns", place, row.line
                )
            cells = [
                self.typed(self.compile(item, scope, f"{place}.{column.name}"), column.type_ref, place)
                for column, item in zip(boxed.columns, row.items, strict=False)
            ]
            rows.append(tuple(cell.run for cell in cells) + (give_null,) * (len(names) - len(cells)))

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            return [dict(zip(names, [cell(frame, evaluation) for cell in row], strict=True)) for row in rows]

        members = tuple((column.name, self.types.of(column.type_ref, place)) for column in boxed.columns)
        return Piece(run, ListType(ContextType(members)))

    # ---- functions -----------------------------------------------------------------------

    def _function(self, boxed: m.FunctionDefinition, scope: Scope, place: str) -> Piece:
        if boxed.kind != "FEEL":
            return self._external(boxed, scope, place)
        names = tuple(p.name for p in boxed.parameters)
        types = tuple(self.types.of(p.type_ref, place) for p in boxed.parameters)
        inner = Scope(dict(zip(names, types, strict=True)), parent=scope)
        body = self.compile(boxed.body, inner, place)
        if not self.is_function(boxed.type_ref):
            body = self.typed(body, boxed.type_ref, place)
        slots = tuple(slot_of(inner, name) for name in names)

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            captured = frame.copy()

            def call(arguments: list[Value], evaluation: Evaluation) -> Value:
                inside = captured.copy()
                for slot, argument in zip(slots, arguments, strict=True):
                    inside[slot] = argument
                return body.run(inside, evaluation)

            return Function(place, names, call, parameter_types=types, result_type=ANY)

        return Piece(run, FunctionType(parameters=types, result=body.type))

    def _external(self, boxed: m.FunctionDefinition, scope: Scope, place: str) -> Piece:
        parts = {}
        if boxed.kind == "Java" and isinstance(boxed.body, m.Context):
            for entry in boxed.body.entries:
                if entry.variable is not None and isinstance(entry.value, m.Literal):
                    parts[entry.variable.name] = (entry.value.text or "").strip()
        if not {"class", "method signature"} <= parts.keys():
            self.problem(
                "external", f"a function of kind {boxed.kind} that is not described", place, boxed.line
            )
            return Piece(failing(f"{place}: a function of kind {boxed.kind} cannot be called", "external"))
        head = ", ".join(p.name for p in boxed.parameters)
        inside = f"{{class: {parts['class']}, method signature: {parts['method signature']}}}"
        piece = self.text(f"function({head}) external {{java: {inside}}}", scope, place, boxed.line)
        types = tuple(self.types.of(p.type_ref, place) for p in boxed.parameters)
        return Piece(_typing_parameters(piece.run, types), piece.type)

    def _invocation(self, boxed: m.Invocation, scope: Scope, place: str) -> Piece:
        """A boxed invocation is FEEL's call by name: the arguments get names of their own."""
        pieces = [
            self.typed(self.compile(b.value, scope, place), b.parameter.type_ref, place)
            for b in boxed.bindings
        ]
        names = {f"argument {i} of the call": piece.type for i, piece in enumerate(pieces)}
        runs: list[Run] = [piece.run for piece in pieces]
        if isinstance(boxed.function, m.Literal):
            called = (boxed.function.text or "").strip()
        else:
            function = self.compile(boxed.function, scope, place)
            called = "function of the call"
            names[called] = function.type
            runs.append(function.run)
        inner = Scope(names, parent=scope)
        slots = [slot_of(inner, name) for name in names]
        arguments = ", ".join(
            f"{b.parameter.name}: {name}" for b, name in zip(boxed.bindings, names, strict=False)
        )
        call = self.text(f"{called}({arguments})", inner, place, boxed.line)

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            for slot, give in zip(slots, runs, strict=True):
                frame[slot] = give(frame, evaluation)
            return call.run(frame, evaluation)

        return Piece(run, call.type)

    # ---- control -------------------------------------------------------------------------

    def _child(self, child: m.Child, scope: Scope, place: str) -> Piece:
        return self.typed(self.compile(child.value, scope, place), child.type_ref, place)

    def _conditional(self, boxed: m.Conditional, scope: Scope, place: str) -> Piece:
        condition = self._child(boxed.condition, scope, place)
        then = self._child(boxed.then, scope, place)
        otherwise = self._child(boxed.otherwise, scope, place)

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            value = condition.run(frame, evaluation)
            if value is UNKNOWN:
                return either(then.run, otherwise.run, frame, evaluation)
            if value is not None and not isinstance(value, bool):
                evaluation.warn(
                    "condition", f"{place}: the condition is {text_of(value)[:80]}, neither true nor false"
                )
                return None
            return (then if value is True else otherwise).run(frame, evaluation)

        return Piece(run, join(then.type, otherwise.type))

    def _filter(self, boxed: m.Filter, scope: Scope, place: str) -> Piece:
        """A boxed filter is FEEL's: the match becomes text, or a name for its own box."""
        source = self._child(boxed.source, scope, place)
        inner = Scope({_FILTERED: source.type}, parent=scope)
        slot = slot_of(inner, _FILTERED)
        match = boxed.match.value
        if match is None or (isinstance(match, m.Literal) and not match.text):
            self.problem("filter", "a filter needs a match", place, boxed.line)
            return Piece(failing(f"{place}: the filter has no match"))
        if isinstance(match, m.Literal):
            filtered = self.text(f"{_FILTERED}[\n{match.text}\n]", inner, place, match.line)
        else:
            filtered = self._filtered_by_box(match, source.type, inner, place)

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            value = source.run(frame, evaluation)
            frame[slot] = value
            result = filtered.run(frame, evaluation)
            return [] if result is None and value is None else result

        return Piece(run, filtered.type)

    def _filtered_by_box(self, match: m.Boxed, source: Type, scope: Scope, place: str) -> Piece:
        """Elements that a box finds true; it sees each as ``item``, and the entries that its type names."""
        base = base_of(source)
        element = base.element if isinstance(base, ListType) else base
        item = base_of(element)
        members = dict(item.members) if isinstance(item, ContextType) else {}
        inside = Scope({**members, "item": element}, parent=scope)
        slots = {name: slot_of(inside, name) for name in members}
        answer = self.compile(match, inside, place)
        source_slot = slot_of(inside, _FILTERED)
        finds = _finding(answer.run, slot_of(inside, "item"), slots)
        return Piece(_keeping(finds, source_slot), ListType(element))

    def _for(self, boxed: m.For, scope: Scope, place: str) -> Piece:
        source = self._elements(boxed.source, scope, place)
        inner, slot = self._iterator(boxed.variable, source, scope)
        partial = Scope({"partial": ListType(ANY)}, parent=inner)
        result = self._child(boxed.result, partial, place)
        partial_slot = slot_of(partial, "partial")

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            items = source.run(frame, evaluation)
            if not isinstance(items, list):
                return items
            results: list[Value] = []
            for item in items:
                evaluation.spend()
                frame[slot] = item
                frame[partial_slot] = results
                results.append(result.run(frame, evaluation))
            return results

        return Piece(run, ListType(result.type))

    def _quantified(self, boxed: m.Quantified, scope: Scope, place: str) -> Piece:
        source = self._elements(boxed.source, scope, place)
        inner, slot = self._iterator(boxed.variable, source, scope)
        satisfies = self._child(boxed.satisfies, inner, place)
        decisive = boxed.quantifier == "some"

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            items = source.run(frame, evaluation)
            if not isinstance(items, list):
                return items
            answer: Value = not decisive
            for item in items:
                evaluation.spend()
                frame[slot] = item
                found = satisfies.run(frame, evaluation)
                if found is decisive:
                    return decisive
                if found is UNKNOWN:
                    answer = UNKNOWN
                elif not isinstance(found, bool) and answer is not UNKNOWN:
                    answer = None
            return answer

        return Piece(run, BOOLEAN)

    def _elements(self, child: m.Child, scope: Scope, place: str) -> Piece:
        """The elements to go through, as FEEL's iteration sees them: of a list, of a range."""
        source = self._child(child, scope, place)
        inner = Scope({_SOURCE: source.type}, parent=scope)
        slot = slot_of(inner, _SOURCE)
        listed = self.text(f"for element in {_SOURCE} return element", inner, place)

        def run(frame: list[Value], evaluation: Evaluation) -> Value:
            value = source.run(frame, evaluation)
            if isinstance(value, list) or value is UNKNOWN:
                return value
            frame[slot] = value
            return listed.run(frame, evaluation)

        return Piece(run, listed.type)

    def _iterator(self, name: str, source: Piece, scope: Scope) -> tuple[Scope, int]:
        base = base_of(source.type)
        inner = Scope({name: base.element if isinstance(base, ListType) else ANY}, parent=scope)
        return inner, slot_of(inner, name)

    def _table(self, boxed: m.DecisionTable, scope: Scope, place: str) -> Piece:
        return compile_table(self, boxed, scope, place)


_FILTERED = "list of the filter"
_SOURCE = "source of the iteration"


def _finding(match: Run, item: int, members: dict[str, int]) -> Callable[..., Value]:
    """What a match finds of an element, which it sees as ``item`` and by the entries of its type."""

    def finds(entry: Value, frame: list[Value], evaluation: Evaluation) -> Value:
        evaluation.spend()
        frame[item] = entry
        for name, slot in members.items():
            frame[slot] = entry.get(name) if isinstance(entry, dict) else None
        return match(frame, evaluation)

    return finds


def _keeping(finds: Callable[..., Value], source: int) -> Run:
    """The elements of a list, or a single value, that a match finds true."""

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        value = frame[source]
        if value is None or value is UNKNOWN:
            return value
        elements = value if isinstance(value, list) else [value]
        answers = [finds(entry, frame, evaluation) for entry in elements]
        if any(found is UNKNOWN for found in answers):
            return UNKNOWN
        return [entry for entry, found in zip(elements, answers, strict=True) if found is True]

    return run


def _running_entries(entries: tuple[tuple[str, int, Run], ...], result: Run | None) -> Run:
    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        values: dict[str, Value] = {}
        for name, slot, give in entries:
            value = give(frame, evaluation)
            frame[slot] = values[name] = value
            if evaluation.trace and isinstance(evaluation, Recording):
                evaluation.note(EntryNote(name, value))
        return values if result is None else result(frame, evaluation)

    return run


def _typing_parameters(run: Run, types: tuple[Type, ...]) -> Run:
    """An external function with the types that its boxes declare."""
    if all(type_ is ANY for type_ in types):
        return run

    def run_typed(frame: list[Value], evaluation: Evaluation) -> Value:
        value = run(frame, evaluation)
        if not isinstance(value, Function):
            return value
        return Function(
            value.name, value.parameters, value.body, parameter_types=types, result_type=value.result_type
        )

    return run_typed


def either(then: Run, otherwise: Run, frame: list[Value], evaluation: Evaluation) -> Value:
    """What a condition gives that is not known yet: known where both ways agree."""
    left, right = then(frame.copy(), evaluation), otherwise(frame.copy(), evaluation)
    return left if not contains_unknown(left) and same(left, right) else UNKNOWN

"""What is wrong with a model, shown by example, before anybody is decided about.

For a table whose cells compare inputs with constants, the check is exact: every gap and
overlap it reports is real (the example proves it), and it reports all there are. What it
cannot see through (a cell that computes, a comparison with another fact) it says; such a
rule counts as covering everything when gaps are sought, and nothing when overlaps are, so
that what is reported stays true. Two inputs are taken as independent of each other, and
null is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.boxes import Box, Budget, TooManyBoxesError, first_of, meet, members, uncovered
from commonweal.engines.dmn.compile import compile_model
from commonweal.engines.dmn.compiled import CompiledModel
from commonweal.engines.dmn.dimensions import Dimension, NotCheckableError, constants, cut
from commonweal.engines.dmn.facts import text_of, to_json
from commonweal.engines.dmn.item_types import constraint_texts
from commonweal.engines.dmn.problems import Problem
from commonweal.engines.dmn.tables import Table
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import ConstrainedType, Value, base_of
from commonweal.engines.feel.unknown import UNKNOWN

MAX_STEPS = 200_000
MAX_REPORTED = 20


def check(model: m.Model | CompiledModel) -> list[Problem]:
    """Everything found wrong with a model, in the order of the source.

    Kinds: ``syntax``, ``cycle``, ``unknown-reference``, ``unknown-type``, ``hit-policy`` and
    FEEL's type problems from compiling; ``gap``, ``overlap``, ``unreachable``, ``shadowed``,
    ``unused-input``, ``unused-column`` and ``not-checked`` from looking at tables and facts.
    """
    compiled = model if isinstance(model, CompiledModel) else compile_model(model)
    problems = list(compiled.problems)
    problems.extend(_unused(compiled))
    for node in compiled.graph.nodes:
        if not node.path:
            for table in compiled.tables.get(node.index, ()):
                problems.extend(check_table(table))
    return problems


# ---- facts -------------------------------------------------------------------------------


def _unused(compiled: CompiledModel) -> Iterator[Problem]:
    needed = {need.index for node in compiled.graph.nodes for _, need in node.needs}
    for node in compiled.graph.nodes:
        if isinstance(node.element, m.InputData) and not node.path and node.index not in needed:
            yield Problem(
                kind="unused-input",
                message="no decision requires this input",
                place=node.full_name,
                is_error=False,
                line=node.element.line,
            )


# ---- tables ------------------------------------------------------------------------------


@dataclass(slots=True)
class Space:
    """A table as boxes.

    ``columns`` says for each column of the table which dimension it lies in; columns that
    look at the same expression share one. ``boxes`` are the rules; ``opaque`` the
    numbers of those with a cell that cannot be seen through (for them the box says only
    what their other cells allow).
    """

    table: Table
    dimensions: list[Dimension] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    whole: Box = ()
    boxes: list[Box] = field(default_factory=list)
    opaque: dict[int, str] = field(default_factory=dict)

    def example(self, box: Box) -> dict[str, Value]:
        """One value of every input, inside a box."""
        return {
            dimension.name: dimension.segments[first_of(bits)].witness
            for dimension, bits in zip(self.dimensions, box, strict=True)
        }

    def inputs(self, example: dict[str, Value]) -> list[Value]:
        """The values of the table's columns for an example."""
        return [example[self.dimensions[dimension].name] for dimension in self.columns]

    def words(self, box: Box) -> str:
        """A box in words."""
        parts = []
        for dimension, bits, whole in zip(self.dimensions, box, self.whole, strict=True):
            if bits != whole:
                texts = [dimension.segments[i].text for i in members(bits)]
                parts.append(f"{dimension.name} is {_joined(_merged(texts))}")
        return " and ".join(parts) or "any input"


def _merged(texts: list[str]) -> list[str]:
    """A point and the half line beside it as one: ``5`` and ``> 5`` are ``>= 5``."""
    merged: list[str] = []
    for text in texts:
        if merged and text == f"> {merged[-1]}":
            merged[-1] = f">= {merged[-1]}"
        elif merged and merged[-1] == f"< {text}":
            merged[-1] = f"<= {text}"
        else:
            merged.append(text)
    return merged


def _joined(texts: list[str]) -> str:
    shown = texts if len(texts) <= 4 else [*texts[:3], f"one of {len(texts) - 3} more"]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1]


def space_of(table: Table) -> Space:
    """Cut the inputs of a table into segments and its rules into boxes.

    Raises:
        NotCheckableError: The values of an input cannot be cut.
    """
    space = Space(table)
    names = list(table.text.inputs)
    bits_by_column: list[list[int | None]] = []
    for name in dict.fromkeys(names):
        together = [i for i, other in enumerate(names) if other == name]
        points, opaque = _points(table, together)
        dimension = cut(name, base_of(table.columns[together[0]]).name, points)
        dimension = _admitted(table, together[0], dimension)
        space.dimensions.append(dimension)
        space.opaque.update({rule: reason for rule, reason in opaque.items() if rule not in space.opaque})
        bits_by_column.append(
            [_bits(table, together, rule, dimension, opaque) for rule in range(len(table.rules))]
        )
    space.columns = [list(dict.fromkeys(names)).index(name) for name in names]
    space.whole = tuple(dimension.everything for dimension in space.dimensions)
    space.boxes = [tuple(column[rule] or 0 for column in bits_by_column) for rule in range(len(table.rules))]
    return space


def _points(table: Table, columns: list[int]) -> tuple[list[Value], dict[int, str]]:
    points: list[Value] = []
    opaque: dict[int, str] = {}
    for column in columns:
        scope, type_ = table.scope, table.columns[column]
        values = table.boxed.inputs[column].values
        for text in [*constraint_texts(type_), *([values.text] if values else [])]:
            try:
                points.extend(constants(text, scope, type_))
            except NotCheckableError:
                continue  # the constraint still decides about witnesses
        for rule, cells in enumerate(table.text.cells):
            try:
                points.extend(constants(cells[column] or "-", scope, type_))
            except NotCheckableError as reason:
                opaque[rule] = f"{table.text.inputs[column]}: {cells[column]!r}: {reason}"
    return points, opaque


def _admitted(table: Table, column: int, dimension: Dimension) -> Dimension:
    """The segments whose witness the input may have."""
    admits, type_ = table.admits[column], table.columns[column]
    frame = table.scope.frame()

    def may_be(value: Value) -> bool:
        if isinstance(type_, ConstrainedType) and not type_.contains(value):
            return False
        return admits is None or admits(value, frame, Evaluation()) is True

    return Dimension(dimension.name, [part for part in dimension.segments if may_be(part.witness)])


def _bits(
    table: Table, columns: list[int], rule: int, dimension: Dimension, opaque: dict[int, str]
) -> int | None:
    """The segments that the cells of a rule let pass."""
    runs = [run for column, run in table.rules[rule] if column in columns]
    if not runs or rule in opaque:
        return dimension.everything
    frame = table.scope.frame()
    bits = 0
    for number, segment in enumerate(dimension.segments):
        if all(run(segment.witness, frame, Evaluation()) is True for run in runs):
            bits |= 1 << number
    return bits


def check_table(table: Table) -> list[Problem]:
    """The gaps, overlaps and idle rules of one table."""
    try:
        space = space_of(table)
    except NotCheckableError as reason:
        return [_note(table, "not-checked", f"gaps and overlaps are not checked: {reason}")]
    problems = [
        _note(table, "not-checked", f"rule {rule + 1} is not checked: {reason}", rules=(rule + 1,))
        for rule, reason in space.opaque.items()
    ]
    try:
        budget = Budget(MAX_STEPS)
        problems.extend(_gaps(space, budget))
        problems.extend(_overlaps(space))
        problems.extend(_idle(space, budget))
    except TooManyBoxesError:
        problems.append(_note(table, "not-checked", "the table is too intricate to be checked as a whole"))
    return problems


def _note(table: Table, kind: str, message: str, rules: tuple[int, ...] = ()) -> Problem:
    return Problem(
        kind=kind, message=message, place=table.place, is_error=False, rules=rules, line=table.boxed.line
    )


def _gaps(space: Space, budget: Budget) -> Iterator[Problem]:
    table = space.table
    if table.default is not None or 0 in space.whole:
        return
    collects = table.boxed.hit_policy in {"COLLECT", "RULE ORDER", "OUTPUT ORDER"}
    for number, box in enumerate(uncovered(space.whole, space.boxes, budget)):
        if number == MAX_REPORTED:
            yield _note(table, "gap", f"there are more than {MAX_REPORTED} gaps")
            return
        example = space.example(box)
        yield Problem(
            kind="gap",
            message=f"no rule hits when {space.words(box)}; for example {_example_text(example)}",
            place=table.place,
            is_error=not collects,
            example=to_json(example),
            line=table.boxed.line,
        )


def _example_text(example: dict[str, Value]) -> str:
    return ", ".join(f"{name} = {text_of(value)}" for name, value in example.items()) or "any input"


def _overlaps(space: Space) -> Iterator[Problem]:
    table = space.table
    if table.boxed.hit_policy not in {"UNIQUE", "ANY"}:
        return
    for number, (first, second, shared) in enumerate(_meetings(space)):
        if number == MAX_REPORTED:
            yield _note(table, "overlap", f"there are more than {MAX_REPORTED} overlaps")
            return
        yield _overlap(space, first, second, shared)


def _meetings(space: Space) -> Iterator[tuple[int, int, Box]]:
    """Pairs of rules that both hit somewhere, and where; with ANY only those that disagree."""
    disagreeing = space.table.boxed.hit_policy == "ANY"
    seen = [rule for rule in range(len(space.boxes)) if rule not in space.opaque]
    for first, second in itertools.combinations(seen, 2):
        shared = meet(space.boxes[first], space.boxes[second])
        if shared is not None and not (disagreeing and _agree(space.table, first, second)):
            yield first, second, shared


def _overlap(space: Space, first: int, second: int, shared: Box) -> Problem:
    example = space.example(shared)
    conflict = " with different outputs" if space.table.boxed.hit_policy == "ANY" else ""
    return Problem(
        kind="overlap",
        message=f"rules {first + 1} and {second + 1} both hit{conflict} when {space.words(shared)}; "
        f"for example {_example_text(example)}",
        place=space.table.place,
        rules=(first + 1, second + 1),
        example=to_json(example),
        line=space.table.boxed.line,
    )


def _agree(table: Table, first: int, second: int) -> bool:
    return table.text.results[first] == table.text.results[second]


def _idle(space: Space, budget: Budget) -> Iterator[Problem]:
    """Rules that can never hit, and rules that never have a say."""
    for rule, box in enumerate(space.boxes):
        if rule in space.opaque:
            continue
        if not all(box):
            if not _waits_for_null(space, rule):
                yield _never(space, rule)
            continue
        before = [b for other, b in _stronger(space, rule) if other not in space.opaque]
        if before and next(uncovered(box, before, budget), None) is None:
            example = space.example(box)
            yield Problem(
                kind="shadowed",
                message=f"rule {rule + 1} never has a say: other rules win wherever it hits; "
                f"for example {_example_text(example)}",
                place=space.table.place,
                rules=(rule + 1,),
                example=to_json(example),
                line=space.table.boxed.rules[rule].line,
            )


def _waits_for_null(space: Space, rule: int) -> bool:
    """Do the cells that no value passes let null pass, which is no value of the input?"""
    table, frame = space.table, space.table.scope.frame()
    empty = [index for index, bits in enumerate(space.boxes[rule]) if not bits]
    return all(
        run(None, frame, Evaluation()) is True
        for column, run in table.rules[rule]
        if space.columns[column] in empty
    )


def _never(space: Space, rule: int) -> Problem:
    empty = [d.name for d, bits in zip(space.dimensions, space.boxes[rule], strict=True) if not bits]
    return Problem(
        kind="unreachable",
        message=f"rule {rule + 1} can never hit: no value of {', '.join(empty)} that is allowed passes its test",
        place=space.table.place,
        rules=(rule + 1,),
        line=space.table.boxed.rules[rule].line,
    )


def _stronger(space: Space, rule: int) -> Sequence[tuple[int, Box]]:
    """The rules that win over this one wherever both hit."""
    table = space.table
    policy = table.boxed.hit_policy
    if policy == "FIRST":
        return [(i, space.boxes[i]) for i in range(rule)]
    if policy != "PRIORITY":
        return []
    own = _rank(table, rule)
    if own is None:
        return []
    return [
        (i, box) for i, box in enumerate(space.boxes) if (rank := _rank(table, i)) is not None and rank < own
    ]


def _rank(table: Table, rule: int) -> tuple[int, ...] | None:
    """The priority of a rule whose outputs are constants."""
    evaluation = Evaluation()
    value = table.outputs[rule](table.scope.frame(missing=UNKNOWN), evaluation)
    return None if evaluation.missing or value is UNKNOWN else table.rank(value)

"""Decision tables into closures.

The inputs are computed once; a rule is looked at until its first cell that fails. Only
cells that test something are kept.

Source: OMG DMN 1.5, chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.facts import text_of
from commonweal.engines.dmn.hit_policies import MULTIPLE, POLICIES, Hits, same
from commonweal.engines.dmn.recording import Recording, TableNote, TableText
from commonweal.engines.dmn.texts import Piece, Run, Test, TextCompiler, converted
from commonweal.engines.feel import Scope
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import ANY, ContextType, ListType, Type, Value, join
from commonweal.engines.feel.unknown import UNKNOWN, contains_unknown

Cells = tuple[tuple[int, Test], ...]
_LAST = 1 << 30


class Table:
    """A compiled table."""

    def __init__(self, boxed: m.DecisionTable, scope: Scope, place: str) -> None:
        self.boxed = boxed
        self.scope = scope
        self.place = place
        self.text = table_text(boxed, place)
        self.policy = POLICIES[boxed.hit_policy, boxed.aggregation if boxed.hit_policy == "COLLECT" else None]
        self.inputs: list[Callable[[list[Value], Evaluation], Value]] = []
        self.columns: list[Type] = []
        self.admits: list[Test | None] = []
        self.rules: list[Cells] = []
        self.outputs: list[Callable[[list[Value], Evaluation], Value]] = []
        self.default: Run | None = None
        self.orders: list[list[Value]] = []

    def run(self, frame: list[Value], evaluation: Evaluation) -> Value:
        """Look the outcome up."""
        warned = len(evaluation.warnings)
        before = evaluation.mark()
        inputs = [give(frame, evaluation) for give in self.inputs]
        if evaluation.missing:
            del evaluation.warnings[warned:]
            evaluation.forget_since(before)
            return self._run_with_gaps(frame, evaluation)
        return self._decided(inputs, frame, evaluation, [])

    def _run_with_gaps(self, frame: list[Value], evaluation: Evaluation) -> Value:
        """Look the outcome up with facts missing; only those count that leave a rule in doubt."""
        outer = evaluation.missing
        inputs: list[Value] = []
        waits: list[list[str]] = []
        for give in self.inputs:
            evaluation.missing = []
            inputs.append(give(frame, evaluation))
            waits.append(evaluation.missing)
        evaluation.missing = []
        doubted: list[int] = []
        value = self._decided(inputs, frame, evaluation, doubted)
        noted = [path for path in evaluation.missing if path != "?"]
        evaluation.missing = outer
        if contains_unknown(value):
            for path in (*(path for column in doubted for path in waits[column]), *noted):
                evaluation.note_missing(path)
        return value

    def _decided(
        self, inputs: list[Value], frame: list[Value], evaluation: Evaluation, doubted: list[int]
    ) -> Value:
        hits: list[int] = []
        possible: list[int] = []
        if evaluation.trace:
            note = self._look_and_note(frame, evaluation, inputs, hits, possible)
        else:
            note = None
            self._look(inputs, frame, evaluation, hits, possible)
        if possible:
            if self.boxed.hit_policy == "FIRST" and hits:
                possible[:] = [rule for rule in possible if rule < hits[0]]
            doubted.extend(self._doubts(possible, inputs, frame, evaluation))
        value = self._outcome(frame, evaluation, hits, possible)
        if note is not None:
            note.value = value
        return value

    def _doubts(
        self, possible: list[int], inputs: list[Value], frame: list[Value], evaluation: Evaluation
    ) -> list[int]:
        """The columns that leave a rule in doubt, in the order of the rules."""
        return [
            column
            for rule in possible
            for column, passes in self.rules[rule]
            if passes(inputs[column], frame, evaluation) is UNKNOWN
        ]

    def hits(self, inputs: list[Value]) -> list[int]:
        """Numbers (from 0) of the rules that hit for these values of the inputs, if no cell asks for more."""
        found: list[int] = []
        self._look(inputs, self.scope.frame(), Evaluation(), found, [])
        return found

    def _look(
        self,
        inputs: list[Value],
        frame: list[Value],
        evaluation: Evaluation,
        hits: list[int],
        possible: list[int],
    ) -> None:
        for number, cells in enumerate(self.rules):
            doubt = False
            for column, passes in cells:
                outcome = passes(inputs[column], frame, evaluation)
                if outcome is True:
                    continue
                if outcome is not UNKNOWN:
                    break
                doubt = True
            else:
                (possible if doubt else hits).append(number)

    def _look_and_note(
        self,
        frame: list[Value],
        evaluation: Evaluation,
        inputs: list[Value],
        hits: list[int],
        possible: list[int],
    ) -> TableNote:
        note = TableNote(self.text, inputs, hits, [], possible, frame.copy())
        for number, cells in enumerate(self.rules):
            doubt: tuple[int, int, Value] | None = None
            for column, passes in cells:
                outcome = passes(inputs[column], frame, evaluation)
                if outcome is True:
                    continue
                if outcome is not UNKNOWN:
                    note.misses.append((number, column, outcome))
                    break
                doubt = doubt or (number, column, UNKNOWN)
            else:
                if doubt:
                    possible.append(number)
                    note.misses.append(doubt)
                else:
                    hits.append(number)
        if isinstance(evaluation, Recording):
            evaluation.note(note)
        return note

    def _outcome(
        self, frame: list[Value], evaluation: Evaluation, hits: list[int], possible: list[int]
    ) -> Value:
        return self.policy(
            Hits(
                place=self.place,
                certain=hits,
                possible=possible,
                output=lambda rule: self.outputs[rule](frame, evaluation),
                default=lambda: self.default(frame, evaluation) if self.default else None,
                rank=self.rank,
                evaluation=evaluation,
            )
        )

    def rank(self, value: Value) -> tuple[int, ...]:
        """Place of an outcome in the declared order of outputs; undeclared ones come last."""
        parts = [value] if len(self.orders) == 1 else list(value.values()) if isinstance(value, dict) else []
        return tuple(
            next((i for i, known in enumerate(order) if same(known, part)), _LAST)
            for order, part in zip(self.orders, parts, strict=False)
        )


def table_text(boxed: m.DecisionTable, place: str) -> TableText:
    """The words of a table."""
    return TableText(
        place=place,
        hit_policy=boxed.hit_policy,
        inputs=tuple((clause.expression.text or "").strip() for clause in boxed.inputs),
        outputs=tuple(output.name or output.label or boxed.output_label or place for output in boxed.outputs),
        cells=tuple(tuple(test.text.strip() for test in rule.tests) for rule in boxed.rules),
        results=tuple(tuple((out.text or "").strip() for out in rule.outputs) for rule in boxed.rules),
        notes=tuple(rule.annotations for rule in boxed.rules),
    )


def compile_table(compiler: TextCompiler, boxed: m.DecisionTable, scope: Scope, place: str) -> Piece:
    """A decision table as a piece."""
    table = Table(boxed, scope, place)
    compiler.tables.append(table)
    _check_shape(compiler, boxed, place)
    for clause in boxed.inputs:
        _input(compiler, table, clause, place)
    kinds = [compiler.types.of(output.type_ref, place) for output in boxed.outputs]
    allowed = [
        _allowed(compiler, output, scope, kind, place)
        for output, kind in zip(boxed.outputs, kinds, strict=True)
    ]
    found: list[Type] = []
    for number, rule in enumerate(boxed.rules, 1):
        where = f"{place}, rule {number}"
        table.rules.append(_cells(compiler, rule, table, where))
        pieces = [
            _output(compiler, out, scope, kind, tests=tests, where=where)
            for out, kind, tests in zip(rule.outputs, kinds, allowed, strict=True)
        ]
        table.outputs.append(_together([piece.run for piece in pieces], boxed))
        found.append(_shape([piece.type for piece in pieces], boxed))
    table.default = _default(compiler, boxed, scope, place)
    table.orders = [_order(compiler, output, boxed, i, place) for i, output in enumerate(boxed.outputs)]
    return Piece(table.run, _table_type(boxed, found))


def _default(compiler: TextCompiler, boxed: m.DecisionTable, scope: Scope, place: str) -> Run | None:
    if not any(output.default for output in boxed.outputs):
        return None
    where = f"{place}, default"
    pieces = [
        compiler.typed(compiler.text(o.default.text if o.default else None, scope, where), o.type_ref, place)
        for o in boxed.outputs
    ]
    return _together([piece.run for piece in pieces], boxed)


def _check_shape(compiler: TextCompiler, boxed: m.DecisionTable, place: str) -> None:
    if boxed.hit_policy == "COLLECT" and boxed.aggregation not in {None, "COUNT"} and len(boxed.outputs) > 1:
        compiler.problem(
            "hit-policy", f"{boxed.aggregation} cannot collect several outputs", place, boxed.line
        )
    names = [output.name for output in boxed.outputs]
    if len(names) > 1 and (None in names or len(set(names)) < len(names)):
        compiler.problem("output-names", "several outputs need different names", place, boxed.line)


def _input(compiler: TextCompiler, table: Table, clause: m.InputClause, place: str) -> None:
    expression = clause.expression
    where = f"{place}, input {(expression.text or '').strip()!r}"
    piece = compiler.typed(
        compiler.text(expression.text, table.scope, where, clause.line), expression.type_ref, where
    )
    tests = (
        compiler.tests(clause.values.text, table.scope, piece.type, where, clause.line)
        if clause.values
        else None
    )
    table.columns.append(piece.type)
    table.admits.append(tests)
    table.inputs.append(piece.run if tests is None else _admitting(piece.run, tests, where))


def _admitting(run: Run, tests: Test, where: str) -> Run:
    """Input values outside the declared ones become null, with a warning."""

    def run_admitting(frame: list[Value], evaluation: Evaluation) -> Value:
        value = run(frame, evaluation)
        if value is None or value is UNKNOWN or tests(value, frame, evaluation) in (True, UNKNOWN):
            return value
        evaluation.warn("input-values", f"{where}: {text_of(value)[:80]} is not one of the values allowed")
        return None

    return run_admitting


def _cells(compiler: TextCompiler, rule: m.Rule, table: Table, where: str) -> Cells:
    cells: list[tuple[int, Test]] = []
    for column, (test, type_) in enumerate(zip(rule.tests, table.columns, strict=True)):
        run = compiler.tests(test.text, table.scope, type_, where, rule.line)
        if run is not None:
            cells.append((column, run))
    return tuple(cells)


def _allowed(
    compiler: TextCompiler, output: m.OutputClause, scope: Scope, type_: Type, place: str
) -> Test | None:
    if output.values is None:
        return None
    return compiler.tests(output.values.text, scope, type_, f"{place}, output values", output.line)


def _output(
    compiler: TextCompiler, out: m.Literal, scope: Scope, type_: Type, *, tests: Test | None, where: str
) -> Piece:
    piece = compiler.typed(compiler.text(out.text, scope, where, out.line), out.type_ref, where)
    if type_ is ANY and tests is None:
        return piece
    run = piece.run

    def run_checked(frame: list[Value], evaluation: Evaluation) -> Value:
        value = converted(run(frame, evaluation), type_, where, evaluation)
        if tests is None or value is None or contains_unknown(value):
            return value
        if tests(value, frame, evaluation) is True:
            return value
        evaluation.warn("output-values", f"{where}: {text_of(value)[:80]} is not one of the outputs allowed")
        return None

    return Piece(run_checked, type_ if type_ is not ANY else piece.type, piece.text)


def _together(runs: list[Run], boxed: m.DecisionTable) -> Run:
    if len(runs) == 1:
        return runs[0]
    named = tuple(
        (output.name or f"output {i}", run)
        for i, (output, run) in enumerate(zip(boxed.outputs, runs, strict=True), 1)
    )

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        return {name: give(frame, evaluation) for name, give in named}

    return run


def _shape(types: list[Type], boxed: m.DecisionTable) -> Type:
    if len(types) == 1:
        return types[0]
    return ContextType(
        tuple(
            (o.name or f"output {i}", t) for i, (o, t) in enumerate(zip(boxed.outputs, types, strict=True), 1)
        )
    )


def _table_type(boxed: m.DecisionTable, found: list[Type]) -> Type:
    if boxed.hit_policy == "COLLECT" and boxed.aggregation is not None:
        return ANY
    if not found:
        return ANY
    type_ = found[0]
    for other in found[1:]:
        type_ = join(type_, other)
    several = (boxed.hit_policy, boxed.aggregation) in MULTIPLE
    return ListType(type_) if several and not any(o.default for o in boxed.outputs) else type_


def _order(
    compiler: TextCompiler, output: m.OutputClause, boxed: m.DecisionTable, index: int, place: str
) -> list[Value]:
    """The declared order of an output: of its values, or of the values its type allows."""
    if boxed.hit_policy not in {"PRIORITY", "OUTPUT ORDER"}:
        return []
    text = output.values.text if output.values else compiler.types.allowed_text(output.type_ref)
    if text is None and len(boxed.outputs) == 1:
        text = compiler.types.allowed_text(boxed.type_ref)
    if text is None:
        if index == 0:
            message = f"the hit policy {boxed.hit_policy} needs the order of the outputs: give output values"
            compiler.problem("hit-policy", message, place, boxed.line)
        return []
    scope = Scope({})
    piece = compiler.text(f"[{text}]", scope, f"{place}, output values", output.line)
    values = piece.run(scope.frame(), Evaluation())
    return values if isinstance(values, list) else []

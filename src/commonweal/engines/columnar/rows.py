"""Decimal rows: the decision engine itself, one row after the other. What it says is the truth.

A row in which anything went wrong (a warning, a value that is not known) has no answer: all of its
columns are null, and ``fault`` says why.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

import pyarrow as pa

from commonweal.engines.columnar.outputs import Output, output_schema
from commonweal.engines.dmn.compiled import CompiledModel, Moment, moment_of
from commonweal.engines.dmn.errors import FactError
from commonweal.engines.dmn.facts import to_json, value_of
from commonweal.engines.feel.errors import FeelLimitError
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.unknown import contains_unknown
from commonweal.engines.feel.values.temporal import Date

__all__ = ["Rows", "fact_rows"]

_WIDE: Final = Context(prec=80, rounding=ROUND_HALF_EVEN)
_LARGEST: Final = 10**38
_MOST_DIGITS: Final = 40
_AT_ONCE: Final = 512
_LONGEST_FAULT: Final = 1000


class Rows:
    """Computes rows one by one.

    Args:
        compiled: The model.
        targets: Indices of the decisions to make.
        outputs: The columns wanted.
        constants: Facts that are the same in every row.
        now: What ``now()`` and ``today()`` answer.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        targets: Sequence[int],
        outputs: Sequence[Output],
        constants: Mapping[str, Any],
        now: Moment,
    ) -> None:
        self._compiled = compiled
        self._targets = tuple(targets)
        self._constants = constants
        self._outputs = outputs
        self._schema = output_schema(outputs)
        self._now = moment_of(now)
        self._plan = compiled.plan_of([compiled.graph.nodes[index] for index in targets])
        self._inputs = [node for node in self._plan.inputs if node.full_name not in constants]
        evaluation = Evaluation(now=self._now)
        self._template: list[Value] = [None] * len(compiled.graph.nodes)
        for node in self._plan.inputs:
            if node.full_name in constants:
                given = constants[node.full_name]
                self._template[node.index] = compiled.read(given, node.index, evaluation)
        self._warnings = list(evaluation.warnings)

    def run(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Compute every row of a batch."""
        answers = [self.answer(facts) for facts in fact_rows(batch)]
        arrays = [
            pa.array([values[i] for values, _ in answers], output.type)
            for i, output in enumerate(self._outputs)
        ]
        faults = pa.array([fault for _, fault in answers], pa.string())
        return pa.RecordBatch.from_arrays([*arrays, faults], schema=self._schema)

    def answer(self, facts: Mapping[str, Any]) -> tuple[list[Any], str | None]:
        """The values of one row as Arrow takes them, and why there are none."""
        nothing = [None] * len(self._outputs)
        evaluation = Evaluation(now=self._now, warnings=list(self._warnings))
        values = list(self._template)
        try:
            for node in self._inputs:
                values[node.index] = self._read(facts.get(node.full_name), node.index, evaluation)
            for step in self._plan.steps:
                values[step.node.index] = step.perform(values, evaluation)
        except (FeelLimitError, RecursionError) as error:
            return nothing, f"{error}"[:_LONGEST_FAULT] or "the evaluation is nested too deeply"
        found = [_entry(values[output.node], output.path) for output in self._outputs]
        if evaluation.warnings:
            messages = dict.fromkeys(warning.message for warning in evaluation.warnings)
            return nothing, "; ".join(messages)[:_LONGEST_FAULT]
        if any(contains_unknown(values[index]) for index in self._targets):
            return nothing, f"not known: {', '.join(self._missing(facts))}"[:_LONGEST_FAULT]
        try:
            return [_plain(value, output) for value, output in zip(found, self._outputs, strict=True)], None
        except OverflowError as error:
            return nothing, str(error)

    def _missing(self, facts: Mapping[str, Any]) -> Iterable[str]:
        """What would have to be known; the engine's own word for it."""
        found: dict[str, None] = {}
        for index in self._targets:
            name = self._compiled.graph.nodes[index].full_name
            made = self._compiled.decide(name, {**facts, **self._constants}, now=self._now)
            found.update(dict.fromkeys(made.missing))
        return found

    def _read(self, fact: Any, index: int, evaluation: Evaluation) -> Value:
        if fact is None:
            return None
        try:
            return self._compiled.read(value_of(fact, self._compiled.types[index]), index, evaluation)
        except FactError as error:
            evaluation.warn("fact", str(error))
            return None


def fact_rows(batch: pa.RecordBatch) -> Iterable[dict[str, Any]]:
    """The facts of each row as plain values; few at a time are held."""
    for start in range(0, batch.num_rows, _AT_ONCE):
        if batch.num_columns:
            yield from batch.slice(start, _AT_ONCE).to_pylist()
        else:
            yield from ({} for _ in range(min(_AT_ONCE, batch.num_rows - start)))


def _entry(value: Value, path: tuple[str, ...]) -> Value:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _plain(value: Value, output: Output) -> Any:
    if output.kind == "json":
        return None if value is None else json.dumps(to_json(value), ensure_ascii=False, sort_keys=True)
    if isinstance(value, Decimal):
        return _plain_number(value, output)
    return _plain_date(value, output) if isinstance(value, Date) else value


def _plain_number(value: Decimal, output: Output) -> Decimal | int:
    if value and value.adjusted() > _MOST_DIGITS:
        raise OverflowError(f"{output.name}: {value:.6E} is too large for a column")
    rounded = value.quantize(Decimal(1).scaleb(-output.scale), context=_WIDE) if value else Decimal(0)
    if abs(rounded.scaleb(output.scale, _WIDE)) >= (2**63 if output.scale == 0 else _LARGEST):
        raise OverflowError(f"{output.name}: {value} is too large for a column")
    return int(rounded) if output.scale == 0 else rounded


def _plain_date(value: Date, output: Output) -> dt.date:
    if not dt.MINYEAR <= value.year <= dt.MAXYEAR:
        raise OverflowError(f"{output.name}: {value} lies outside of the years 1 to 9999")
    return dt.date(value.year, value.month, value.day)

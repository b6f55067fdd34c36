"""A decision compiled for whole populations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa

from commonweal.engines.columnar import llvm
from commonweal.engines.columnar.arrow import as_batches, conform, schema_of
from commonweal.engines.columnar.blocks import Answers, Array, Block, Outcome, read_block
from commonweal.engines.columnar.columns import Column, Ranges, columns_of
from commonweal.engines.columnar.errors import ColumnError, EngineError
from commonweal.engines.columnar.lowering.decisions import Lowered, leaves_of, lower_plan
from commonweal.engines.columnar.numpy_blocks import NumpyBlocks
from commonweal.engines.columnar.outputs import decision_node, output_schema, outputs_of
from commonweal.engines.columnar.rows import Rows, fact_rows
from commonweal.engines.dmn import compile as compile_model
from commonweal.engines.dmn.compiled import CompiledModel, Moment, Result, moment_of
from commonweal.engines.dmn.model import Model

__all__ = ["Program", "compile_program"]

BLOCK: Final = 65_536
"""Rows that are worked on at once."""
WORTH_COMPILING: Final = 20_000
"""Rows of a program, in one call or in many, from which on machine code is made where no engine is asked for."""


def compile_program(
    model: Model | CompiledModel,
    decision: str,
    *,
    constants: Mapping[str, Any] | None = None,
    outputs: Sequence[str] | None = None,
    ranges: Ranges | None = None,
    now: Moment = None,
) -> Program:
    """Compile a decision for columns.

    Args:
        model: The model; compiled already or not.
        decision: Name of the decision to make.
        constants: Input data that are the same in every row, such as ``{"law": …}``.
        outputs: Names of decisions, or ``Decision.entry``, wanted as columns; the decision's own
            result if left out, one column for each of its entries.
        ranges: By column: (low, high), or (low, high, scale) of a number, (fewest, most) of a list.
        now: What ``now()`` and ``today()`` answer.

    Raises:
        OutputError: There is no such decision or entry.
        ColumnarError: A range names no column.
    """
    compiled = compile_model(model) if isinstance(model, Model) else model
    source = Source(
        compiled.model,
        decision,
        constants or {},
        None if outputs is None else tuple(outputs),
        ranges or {},
        now,
    )
    return Program(source, compiled)


@dataclass(frozen=True, slots=True)
class Source:
    """What a program is made from: all that a worker process needs."""

    model: Model
    decision: str
    constants: Mapping[str, Any]
    outputs: tuple[str, ...] | None
    ranges: Ranges
    now: Moment


class Runner(Protocol):
    """A back end for one program."""

    def run(self, block: Block, answers: Answers) -> Array:
        """Fill the answers; returns for each row whether it is for the Decimal rows."""
        ...


_RUNNERS: Final[Mapping[str, Callable[[Lowered], Runner]]] = {"numpy": NumpyBlocks, "llvm": llvm.Machine}


class Program:
    """A decision over Arrow batches. It pickles by its source, so that worker processes can have it.

    Attributes:
        schema: Of the facts; a batch may hold other columns too.
        output_schema: Of the answer; its last column, ``fault``, says why a row has none.
        engines: Back ends that can run it, the fastest first.
        reasons: What keeps it from being compiled, as (where, why); empty when nothing does.
    """

    def __init__(self, source: Source, compiled: CompiledModel | None = None) -> None:
        self._source = source
        self._compiled = compiled or compile_model(source.model)
        self._decision = decision_node(self._compiled, source.decision)
        self._outputs = outputs_of(self._compiled, source.decision, source.outputs)
        self._targets = tuple(dict.fromkeys([self._decision.index, *(o.node for o in self._outputs)]))
        nodes = [self._compiled.graph.nodes[index] for index in self._targets]
        inputs = {
            node.full_name: self._compiled.types[node.index]
            for node in self._compiled.plan_of(nodes).inputs
            if node.full_name not in source.constants
        }
        self._columns = columns_of(inputs, source.ranges)
        self.schema: pa.Schema = schema_of(self._columns)
        self._lowered, self.reasons = lower_plan(
            self._compiled,
            self._columns,
            self._targets,
            self._outputs,
            constants=source.constants,
            now=moment_of(source.now),
        )
        self.engines: tuple[str, ...] = ("rows",)
        if self._lowered is not None:
            self._outputs = tuple(made.output for made in self._lowered.outputs)
            self._wanted = leaves_of(self._lowered)
            self._codes = {text: code for code, text in enumerate(self._lowered.texts)}
            self.engines = (*(("llvm",) if llvm.is_available() else ()), "numpy", "rows")
        self._runners: dict[str, Runner] = {}
        self._rows_run = 0
        self.output_schema: pa.Schema = output_schema(self._outputs)
        self._rows = Rows(self._compiled, self._targets, self._outputs, source.constants, source.now)

    def __reduce__(self) -> tuple[type[Program], tuple[Source]]:
        return Program, (self._source,)

    @property
    def columns(self) -> Mapping[str, Column]:
        """What each input is made of, with the range of every number."""
        return self._columns

    def run(self, batch: Any, *, engine: str | None = None) -> pa.RecordBatch:
        """Make the decision for every row.

        Args:
            batch: A record batch, a table, or anything that gives one through Arrow's C interface
                (a Polars or pandas frame).
            engine: One of ``engines``; the fastest if left out.

        Returns:
            As many rows, in their order.

        Raises:
            ColumnError: A column is missing, of a wrong type, or holds what it cannot hold exactly.
            EngineError: The engine cannot run this program.
        """
        blocks = as_batches(batch, BLOCK)
        rows = sum(block.num_rows for block in blocks)
        chosen = engine or self._best(rows)
        if chosen not in self.engines:
            raise EngineError(f"the engine {chosen!r} cannot run this program: {self._why_not(chosen)}")
        if chosen == "rows" or self._lowered is None:
            found = [self._rows.run(block) for _, block in self._conformed(blocks)]
            return _joined(found, self.output_schema)
        if chosen not in self._runners:
            self._runners[chosen] = _RUNNERS[chosen](self._lowered)
        nullable = [made.null.constant != 0 for made in self._lowered.outputs]
        outcome = Outcome(rows, self._outputs, nullable, self._lowered.texts)
        for start, block in self._conformed(blocks):
            cells = read_block(block, self._columns, self._wanted, self._codes)
            faulty = self._runners[chosen].run(cells, outcome.answers.part(start, block.num_rows))
            if faulty.any():
                where = np.flatnonzero(faulty)
                outcome.patch(where + start, self._rows.run(block.take(pa.array(where))))
        return outcome.batch(self.output_schema)

    def _best(self, rows: int) -> str:
        """The fastest engine for so many more rows: making machine code pays from some thousands on."""
        self._rows_run += rows
        best = self.engines[0]
        is_made = best in self._runners or self._rows_run >= WORTH_COMPILING
        return best if is_made or best != "llvm" else "numpy"

    def _conformed(self, blocks: Sequence[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each block in the types that the back ends read, and its first row."""
        start = 0
        for block in blocks:
            try:
                yield start, conform(block, self._columns)
            except ColumnError as error:
                if error.row is None or not start:
                    raise
                message = str(error).partition(": ")[2]
                raise ColumnError(error.column, message, error.row + start) from None
            start += block.num_rows

    def _why_not(self, engine: str) -> str:
        return (
            "; ".join(f"{where}: {why}" for where, why in self.reasons)
            or f"there are {', '.join(self.engines)}"
        )

    def replay(self, batch: Any, row: int) -> Result:
        """Make the decision for one row again, with its trace.

        Raises:
            IndexError: There is no such row.
        """
        blocks = as_batches(batch, BLOCK)
        total = sum(block.num_rows for block in blocks)
        if not 0 <= row < total:
            raise IndexError(f"there is no row {row} among {total}")
        for block in blocks:
            if row < block.num_rows:
                break
            row -= block.num_rows
        facts = next(iter(fact_rows(conform(block.slice(row, 1), self._columns))))
        given = {**facts, **self._source.constants}
        return self._compiled.decide(self._decision.full_name, given, now=self._source.now, trace=True)


def _joined(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    if not batches:
        return pa.RecordBatch.from_pylist([], schema=schema)
    table = pa.Table.from_batches(batches, schema).unify_dictionaries().combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=schema)

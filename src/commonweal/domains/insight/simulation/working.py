"""Works a simulation out with an executor, part by part, so that it can be stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

import pyarrow as pa

from commonweal.domains.insight import populations
from commonweal.domains.insight.populations import Block
from commonweal.domains.insight.simulation.running import Plan, tallied
from commonweal.domains.insight.simulation.tally import Tally
from commonweal.engines.executor import Executor

Part: TypeAlias = Block | pa.RecordBatch
"""Made people, who are made where they are worked out; or people of an uploaded file."""


@dataclass(frozen=True)
class PartDone:
    """A part of the population that has been worked out.

    Attributes:
        tally: Of its households.
        rows: How many there are.
    """

    tally: Tally
    rows: int


@dataclass(frozen=True)
class Simulating:
    """What a worker does; this is the executor's setup, which each worker gets once.

    Attributes:
        plan: Both laws.
    """

    plan: Plan

    def __call__(self) -> Callable[[Part], PartDone]:
        """Return the work."""
        return self.work

    def work(self, part: Part) -> PartDone:
        """Work one part out."""
        if isinstance(part, Block):
            part = populations.UNITS[self.plan.spec.unit].make(part, populations.APPLIED_ON)
        return PartDone(tallied(self.plan, part), len(part))


@dataclass
class Standing:
    """How far a simulation has come.

    Attributes:
        parts: So many parts, from the first on, have been added up.
        rows: Their households.
        tally: What they came to.
    """

    parts: int
    rows: int
    tally: Tally


def advance(plan: Plan, parts: Iterable[Part], crew: Executor, since: Standing) -> Iterator[Standing]:
    """Go on from where a simulation stood, and yield after each part where it stands.

    The same parts give the same figures, wherever it was interrupted and however many workers there are.

    Args:
        plan: Both laws.
        parts: Of the whole population, in their order.
        crew: Who works.
        since: Where it stood; it is changed as it goes.

    Raises:
        ColumnMissing: A batch lacks a column that the declaration names.
        ExecutorError: Workers died over the same part again and again.
    """
    for done in crew.map(Simulating(plan), islice(parts, since.parts, None)):
        since.tally.merge(done.tally)
        since.parts, since.rows = since.parts + 1, since.rows + done.rows
        yield since

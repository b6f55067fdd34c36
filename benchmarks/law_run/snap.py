"""SNAP as it is in force, over made households: speed, a reform of the whole state, the first answer."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from commonweal.domains.insight import populations
from commonweal.engines import columnar, dmn, executor, parameters
from commonweal.engines.feel import UNKNOWN

ROOT = Path(__file__).resolve().parents[2]
LAW = ROOT / "jurisdictions" / "port-alder" / "law" / "snap"
ON = date(2026, 9, 1)
RANGES = {
    "Household.members": (0, 20),
    "Household.members.age": (0, 130, 0),
    "Household.utilities.kinds": (0, 10, 0),
}
REFORM = {"earned_income_deduction_rate": 0.25, "shelter_cap": 900, "contribution_rate": 0.28}
"""What the simulated reform changes: more of the earnings left out, a higher cap, a lower contribution."""


def program(outputs: list[str] | None = None, reform: dict[str, Any] | None = None) -> columnar.Program:
    """Compile the programme as of `ON`, with other figures for a reform."""
    figures = parameters.load(yaml.load((LAW / "parameters.yaml").read_text(), Loader=yaml.CSafeLoader))
    law = {**figures.at(ON).context(UNKNOWN), **(reform or {})}
    model = dmn.read(LAW / "2022-10-01.dmn")
    return columnar.compile(
        model, "Determination", constants={"law": law}, outputs=outputs, ranges=RANGES, now=ON
    )


def households(people: int, place: str = "state") -> pa.Table:
    """Make some households of the state, in the columns that the law asks for."""
    made = pa.Table.from_batches(populations.make(place, people=people, seed=1, on=ON))
    return made.combine_chunks()


# ---- the reform of a state -----------------------------------------------------------------


@dataclass
class Figures:
    """What a simulation counts: sums of whole dollars and of households, by tenth of the population."""

    cost: np.ndarray[Any, Any]
    caseload: np.ndarray[Any, Any]
    winners: np.ndarray[Any, Any]
    losers: np.ndarray[Any, Any]
    faults: int
    rows: int

    @staticmethod
    def none() -> Figures:
        """Nothing counted yet."""
        zeros = np.zeros
        return Figures(
            zeros((2, 11), np.int64), zeros((2, 11), np.int64), zeros(11, np.int64), zeros(11, np.int64), 0, 0
        )

    def plus(self, other: Figures) -> Figures:
        """Two counts together."""
        return Figures(
            self.cost + other.cost,
            self.caseload + other.caseload,
            self.winners + other.winners,
            self.losers + other.losers,
            self.faults + other.faults,
            self.rows + other.rows,
        )


class Simulation:
    """An executor's setup: makes a block's people, runs baseline and reform, counts."""

    def __init__(self, engine: str | None) -> None:
        self.engine = engine
        self.programs = tuple(program(["Determination.allotment"], reform) for reform in (None, REFORM))

    def __call__(self) -> Any:
        """Make the work ready."""
        return self.count

    def count(self, block: populations.Block) -> Figures:
        """Do one block."""
        batch = populations.household_batch(block, ON)
        answers = [one.run(batch, engine=self.engine) for one in self.programs]
        amounts = [_dollars(answer.column(0)) for answer in answers]
        tenth = batch.column("decile").to_numpy()

        def by_tenth(weights: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
            return np.bincount(tenth, weights, 11).astype(np.int64)

        before, after = amounts
        return Figures(
            cost=np.stack([by_tenth(amount) for amount in amounts]),
            caseload=np.stack([by_tenth(amount > 0) for amount in amounts]),
            winners=by_tenth(after > before),
            losers=by_tenth(after < before),
            faults=sum(len(answer) - answer.column("fault").null_count for answer in answers),
            rows=batch.num_rows,
        )


def _dollars(column: pa.Array) -> np.ndarray[Any, Any]:
    """Whole dollars of a column that may be decimal; a row without an answer counts 0."""
    found: np.ndarray[Any, Any] = column.fill_null(0).cast(pa.int64()).to_numpy()
    return found


def reform(people: int, engine: str | None, workers: int) -> tuple[Figures, float, float]:
    """Simulate over so many people of the state; return the figures, and processor and clock seconds."""
    began, clock = time.process_time(), time.monotonic()
    with executor.opened("local", workers=workers) as crew:
        blocks = populations.blocks("state", people=people, seed=1)
        total = executor.reduced(crew, Simulation(engine), blocks, Figures.plus, Figures.none())
        spent = time.process_time() - began + (crew.cpu_seconds if crew.is_elsewhere else 0.0)
    return total, spent, time.monotonic() - clock


def report(figures: Figures) -> Iterator[str]:
    """Say what the reform does, in a few lines."""
    cost, caseload = figures.cost.sum(axis=1), figures.caseload.sum(axis=1)
    yield f"  {figures.rows:,} households; {figures.faults:,} without an answer"
    yield f"  cost a month ${cost[0]:,} -> ${cost[1]:,}; households {caseload[0]:,} -> {caseload[1]:,}"
    yield f"  more for {figures.winners.sum():,}, less for {figures.losers.sum():,}"


ONE = {
    "Household": {
        "members": [{**dict.fromkeys(populations.columns.MEMBER, 0), "age": 41, "earned": 1850}],
        "rent_or_mortgage": 1150,
        "dependent_care": 0,
        "utilities": {"heating_or_cooling": True, "kinds": 2, "telephone": True},
        "all_members_homeless": False,
        "resources": 500,
    },
    "Circumstances": dict.fromkeys(populations.marginals.CIRCUMSTANCES, False),
    "Applied on": ON,
}
for _member in ONE["Household"]["members"]:
    _member |= {"in_school": False, "receives_disability_benefit": False}


def first_answer(engine: str) -> None:
    """Read the law, compile it, decide one household; for a process of its own."""
    answer = program().run(pa.Table.from_pylist([ONE]), engine=engine)
    print(f'{{"cpu": {time.process_time()}, "outcome": "{answer.column("outcome")[0]}"}}')


if __name__ == "__main__":
    first_answer(sys.argv[1])

"""SNAP as it is in force, over made households: speed, the first answer."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import yaml

from commonweal.domains.insight import populations
from commonweal.engines import columnar, dmn, parameters
from commonweal.engines.feel import UNKNOWN

ROOT = Path(__file__).resolve().parents[2]
LAW = ROOT / "jurisdictions" / "port-alder" / "law" / "snap"
ON = date(2026, 9, 1)
RANGES = {
    "Household.members": (0, 20),
    "Household.members.age": (0, 130, 0),
    "Household.utilities.kinds": (0, 10, 0),
}


def program() -> columnar.Program:
    """Compile the programme as of `ON`."""
    figures = parameters.load(yaml.load((LAW / "parameters.yaml").read_text(), Loader=yaml.CSafeLoader))
    law = figures.at(ON).context(UNKNOWN)
    model = dmn.read(LAW / "2022-10-01.dmn")
    return columnar.compile(model, "Determination", constants={"law": law}, ranges=RANGES, now=ON)


def households(people: int, place: str = "state") -> pa.Table:
    """Make some households of the state, in the columns that the law asks for."""
    made = pa.Table.from_batches(populations.make(place, people=people, seed=1, on=ON))
    return made.combine_chunks()


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

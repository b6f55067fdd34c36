"""OpenFisca's country template on the same people: prints processor seconds, peak memory and the ten sums."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_country_template import CountryTaxBenefitSystem

sys.path.insert(0, str(Path(__file__).resolve().parent))

from template import HOUSEHOLD, MONTH, OCCUPANCY, PERSON, draw


def main() -> None:
    """Print what it took."""
    people = draw(int(sys.argv[1]))
    system = CountryTaxBenefitSystem()
    began = time.process_time()
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(len(people.home)))
    household = builder.declare_entity("household", np.arange(len(people.size)))
    builder.join_with_persons(household, people.home, np.where(people.is_adult, 0, 1))
    simulation = builder.build(system)
    simulation.set_input("birth", "ETERNITY", people.birth)
    simulation.set_input("salary", MONTH, people.salary.astype(np.float32))
    simulation.set_input("capital_returns", MONTH, people.capital.astype(np.float32))
    simulation.set_input("accommodation_size", MONTH, people.size.astype(np.float32))
    kinds = system.variables["housing_occupancy_status"].possible_values
    places = np.array([[kind.name for kind in kinds].index(name) for name in OCCUPANCY])
    simulation.set_input(
        "housing_occupancy_status", MONTH, kinds.encode(np.array(list(kinds))[places][people.occupancy])
    )
    sums = {}
    for name in (*PERSON, *HOUSEHOLD):
        column = simulation.calculate(name, MONTH[:4] if name == "housing_tax" else MONTH)
        sums[name] = float(column.sum())  # as people who use it would
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": spent, "peak_mib": peak, "sums": sums}))


main()

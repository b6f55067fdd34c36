"""The income tax: the worked cases and random units against a second working-out, and against taxcalc."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import yaml
from tests.jurisdictions.port_alder.income_tax_by_hand import Person, Return, Unit
from tests.jurisdictions.port_alder.income_tax_units import (
    YEARS,
    cents,
    decide,
    facts_of,
    programme,
    random_unit,
)

from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions.programmes.cases import WorkedCases, differences_of, with_defaults
from commonweal.kernel.decisions.programmes.reading import Programme

CASES = yaml.safe_load((root() / "law/income-tax/cases.yaml").read_text())


@pytest.fixture(scope="module")
def law() -> Programme:
    return programme()


def unit_of(case: dict[str, Any]) -> Unit:
    facts = with_defaults(CASES["defaults"], case["facts"])
    people = [Person(**_exact(person)) for person in facts["Dependents"]]
    return Unit(
        year=case["reference_on"].year, people=people, **_exact(facts["Return"]), **_exact(facts["Options"])
    )


def _exact(values: dict[str, Any]) -> dict[str, Any]:
    return {key: Fraction(str(value)) if isinstance(value, float) else value for key, value in values.items()}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES["cases"] if case.get("expected") and "known_on" not in case],
    ids=lambda case: case["id"],
)
def test_the_worked_case_agrees_with_the_second_working_out(case: dict[str, Any]) -> None:
    lines = Return(unit_of(case)).lines
    expected = {name: value for name, value in case["expected"].items() if name in lines}

    assert expected or set(case["expected"]) <= {"wages", "interest", "payments"}
    assert {name: cents(lines[name]) for name in expected} == {
        name: cents(Fraction(str(value)) if isinstance(value, float) else value)
        for name, value in expected.items()
    }


def test_a_wrong_figure_in_a_worked_case_is_noticed(law: Programme) -> None:
    written = WorkedCases.model_validate(CASES)
    case = written.cases[0]
    wrong = case.model_copy(update={"expected": {**case.expected, "earned_income_credit": 431.71}})

    assert [path for path, _ in differences_of(written, wrong, law)] == [("expected", "earned_income_credit")]


def test_random_units_agree_with_the_second_working_out(law: Programme) -> None:
    """Seeded; `./cw conformance income-tax` holds 20,000 units against taxcalc."""
    chance = random.Random(2026)
    seen = {"refund": 0, "due": 0, "earned": 0, "refundable": 0, "reduced": 0}
    for number in range(600):
        unit = random_unit(chance)
        lines, value = Return(unit).lines, decide(law, unit)
        assert {name: cents(value[name]) for name in lines} == {
            name: cents(figure) for name, figure in lines.items()
        }, (number, unit)
        seen["refund"] += lines["outcome"] == "REFUND"
        seen["due"] += lines["outcome"] == "AMOUNT_DUE"
        seen["earned"] += bool(lines["earned_income_credit"])
        seen["refundable"] += bool(lines["additional_child_tax_credit"])
        seen["reduced"] += bool(lines["child_tax_credit"]) and unit.wages > 200_000
    assert min(seen.values()) > 3, seen


def test_counts_may_be_given_in_place_of_people(law: Programme) -> None:
    unit = Unit(2025, "H", wages=Fraction(40_000))

    value = decide(law, unit, (2, 1, 3))

    assert {name: cents(value[name]) for name in Return(unit, (2, 1, 3)).lines} == {
        name: cents(figure) for name, figure in Return(unit, (2, 1, 3)).lines.items()
    }


def test_every_step_cites_the_law(law: Programme) -> None:
    model = law.models[0].compiled.model
    sources = {f"#{source.id}" for source in model.knowledge_sources}

    assert {requirement.href for decision in model.decisions for requirement in decision.authority} == sources
    assert [d.name for d in model.decisions if not d.authority] == ["Determination"]


@pytest.mark.parametrize("year", YEARS)
def test_every_back_end_of_the_columnar_engine_agrees_with_the_second_working_out(
    law: Programme, year: int
) -> None:
    pa = pytest.importorskip("pyarrow", reason="the extra bulk is not installed")
    columnar = pytest.importorskip("commonweal.engines.columnar")
    chance = random.Random(year)
    units = [replace(random_unit(chance), year=year) for _ in range(200)]
    constants = {"law": law.parameters.at(date(year, 12, 31)).context(UNKNOWN)}
    program = columnar.compile(law.models[0].compiled.model, "Determination", constants=constants)
    given = [{name: facts for name, facts in facts_of(unit).items() if name != "law"} for unit in units]
    table = pa.Table.from_pylist(given, schema=program.schema)

    assert {"numpy", "rows"} <= set(program.engines), program.reasons
    wanted = [{name: cents(figure) for name, figure in Return(unit).lines.items()} for unit in units]
    for engine in program.engines:
        for unit, lines, row in zip(
            units, wanted, program.run(table, engine=engine).to_pylist(), strict=True
        ):
            assert {name: cents(row[name]) for name in lines} == lines, (engine, unit)
            assert not row["fault"]

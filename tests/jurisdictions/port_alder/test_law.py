"""Port Alder's law: its worked cases, and each programme against a second working-out on random households."""

from __future__ import annotations

import contextlib
import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.jurisdictions.port_alder.households import snap_facts
from tests.jurisdictions.port_alder.snap_by_hand import NotKnownError, Sheet, may_be_separate, standard
from tests.jurisdictions.port_alder.truth import CLAIMS, compare, difference

from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions.plugins import possible_outcomes
from commonweal.kernel.decisions.programmes.cases import check_cases, with_defaults
from commonweal.kernel.decisions.programmes.reading import Programme, read_programme

HOME = root() / "law"


@pytest.fixture(scope="module")
def snap() -> Programme:
    programme, _ = read_programme(root(), "snap")
    assert programme is not None
    return programme


@pytest.mark.parametrize("key", sorted(path.parent.name for path in HOME.glob("*/parameters.yaml")))
def test_programme_compiles_and_its_worked_cases_hold(key: str) -> None:
    programme, problems = read_programme(root(), key)

    assert programme is not None
    assert [str(problem) for problem in problems if problem.is_error] == []
    assert [str(problem) for problem in check_cases(root(), programme)] == []
    assert programme.text.startswith("# ")


def test_only_the_utility_allowances_of_2027_are_missing() -> None:
    _, problems = read_programme(root(), "snap")

    assert [(problem.code, problem.message.split(" is not")[0]) for problem in problems] == [
        ("parameters.gap", "Standard utility allowance"),
        ("parameters.gap", "Limited utility allowance"),
        ("parameters.gap", "Telephone utility allowance"),
    ]


@pytest.mark.parametrize("key", ["school-meals", "snap", "ssi", "wic"])
def test_every_citation_of_a_decision_is_a_knowledge_source(key: str) -> None:
    law, _ = read_programme(root(), key)
    assert law is not None
    model = law.models[0].compiled.model
    sources = {f"#{source.id}" for source in model.knowledge_sources}
    cited = {requirement.href for decision in model.decisions for requirement in decision.authority}

    assert cited == sources
    assert [d.name for d in model.decisions if not d.authority] == ["Determination"]


def test_the_sheet_of_the_worked_cases_agrees_with_the_second_working_out() -> None:
    written = yaml.safe_load((HOME / "snap/cases.yaml").read_text())
    cases = [case for case in written["cases"] if case["id"].startswith("W")]

    assert len(cases) == 45
    for case in cases:
        household = with_defaults(written["defaults"]["Household"], case["facts"]["Household"])
        figures = Sheet(_exact(household), case["reference_on"]).work_out()
        assert {name: _cents(figures[name]) for name in case["expected"]} == {
            name: _cents(value) for name, value in case["expected"].items()
        }, case["id"]


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_law_agrees_with_its_second_working_out_on_random_households(name: str) -> None:
    """Seeded, so that a failure can be repeated; `./cw conformance snap` runs all 20,000."""
    count = 400 if name == "snap" else 150

    findings = compare(name, count, seed=2026)

    assert findings.wrong == []
    assert findings.total == count
    assert (findings.unknown > 0) == bool(CLAIMS[name].may_miss)


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_random_households_reach_every_way_in_which_a_programme_ends(name: str) -> None:
    claim, chance = CLAIMS[name], random.Random(1)
    law, _ = read_programme(root(), claim.programme)
    assert law is not None
    declared = set(possible_outcomes(law.models[0].compiled.model, "Determination.outcome") or ()) - {
        "REVIEW"
    }
    ends: set[object] = set()
    for drawn in range(3_000):
        if ends == declared and drawn >= 300:
            break
        on = claim.first + timedelta(days=chance.randrange(claim.days))
        with contextlib.suppress(NotKnownError):
            ends.add(claim.work_out(claim.draw(chance, on), on)["outcome"])

    assert ends == declared


def test_the_comparison_notices_a_figure_that_is_a_cent_off(snap: Programme) -> None:
    on, chance = date(2026, 5, 4), random.Random(3)
    facts = CLAIMS["snap"].draw(chance, on)
    expected = CLAIMS["snap"].work_out(facts, on)

    assert difference(snap, facts, on, expected) == ""
    assert "gross_income is" in difference(
        snap, facts, on, {**expected, "gross_income": expected["gross_income"] + Fraction(1, 100)}
    )


def test_snap_rounds_each_step_where_a_state_does(snap: Programme) -> None:
    chance, differing = random.Random(11), 0
    for _ in range(120):
        on = date(2022, 10, 1) + timedelta(days=chance.randrange(1_400))
        facts = snap_facts(chance, on)
        expected = Sheet(facts["Household"], on, each_step=True).work_out()
        assert difference(snap, facts, on, expected, figures={"rounding": "each_step"}) == ""
        differing += expected["net_income"] != Sheet(facts["Household"], on).work_out()["net_income"]
    assert differing > 0


def test_a_household_apart_is_allowed_up_to_165_percent_of_the_guideline(snap: Programme) -> None:
    model, chance = snap.models[0].compiled, random.Random(5)
    for _ in range(120):
        on = date(2022, 10, 1) + timedelta(days=chance.randrange(1_800))
        others = chance.randrange(1, 13)
        limit = standard(Fraction(165, 100), others, on.year + (on.month >= 10))
        asking: dict[str, Any] = {
            "age": Decimal(chance.choice([59, 60, 80])),
            "permanently_disabled": chance.random() < 0.8,
            "cannot_prepare_meals": chance.random() < 0.8,
            "others": Decimal(others),
            "others_income": limit + Decimal(chance.choice(["-0.01", "0", "0.01"])),
        }
        facts = {"Separate living": asking, "law": snap.parameters.at(on).context(UNKNOWN)}
        result = model.decide("Separate household", facts, now=on, unknown=True)
        assert isinstance(result.value, dict)
        assert result.value["others_limit_165"] == limit
        assert result.value["may_be_separate"] is may_be_separate({**asking, "others": others}, on)


@pytest.mark.parametrize(
    ("programme", "facts", "word"),
    [
        ("ssi", {"Claimant": {"age": Decimal(-1)}}, "age"),
        ("ssi", {"Household": {"living": "TENT"}}, "living"),
        ("school-meals", {"Household": {"size": Decimal(0)}}, "size"),
        ("wic", {"Applicant": {"risk": "SOME"}}, "risk"),
    ],
)
def test_facts_out_of_their_range_are_a_fault_and_no_answer(
    programme: str, facts: dict[str, Any], word: str
) -> None:
    law, _ = read_programme(root(), programme)
    assert law is not None
    claim = next(claim for claim in CLAIMS.values() if claim.programme == programme)
    on = date(2025, 9, 1)
    drawn = claim.draw(random.Random(1), on)
    wrong = {name: {**drawn[name], **part} for name, part in facts.items()}

    assert word in difference(law, {**drawn, **wrong}, on, {"outcome": "ELIGIBLE"})


def _cents(value: object) -> object:
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    if isinstance(value, bool | str):
        return value
    return Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return Decimal(str(value)) if isinstance(value, float) else value


def test_carried_files_are_plain_text() -> None:
    for path in sorted(HOME.rglob("*")):
        if path.is_file():
            assert Path(path).suffix in {".yaml", ".dmn", ".md", ".po"}
            path.read_text(encoding="utf-8")

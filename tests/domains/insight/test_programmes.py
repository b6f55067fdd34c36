"""Every programme that can be simulated: its made people fit its model, and what is added up is what the law gives."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from tests.domains.insight.conftest import ON

from commonweal.domains.insight import populations, queries
from commonweal.domains.insight.simulation.declaring import unmet
from commonweal.domains.insight.simulation.exact import exact_figures
from commonweal.domains.insight.simulation.overlays import read_overlay
from commonweal.domains.insight.simulation.preparing import plan_of
from commonweal.domains.insight.simulation.running import simulate
from commonweal.engines import columnar
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.feel import UNKNOWN

PEOPLE = 4_000
REFORMS = {
    "snap": {"shelter_cap": 900},
    "income-tax": {"child_credit": 3_000},
    "school-meals": {"free_rate": "1.6"},
    "wic": {"income_rate": "2.5"},
    "ssi": {"general_exclusion": 120},
}
KEYS = sorted(REFORMS)


def made(key: str) -> pa.Table:
    unit = queries.baseline_of(key, ON).declaration.spec.unit
    return pa.Table.from_batches(populations.make("state", people=PEOPLE, unit=unit))


def simulated(key: str, changes: dict[str, object], amount: str | None = None):
    baseline = queries.baseline_of(key, ON)
    declaration = baseline.declaration
    if amount is not None:
        spec = declaration.spec
        spec = spec.model_copy(update={"amount": spec.amount.model_copy(update={"value": amount})})
        declaration = type(declaration)(declaration.programme, spec)
    figures, wrong = read_overlay(baseline.programme.parameters, baseline.snapshot, changes)
    assert wrong == {}
    plan = plan_of(declaration, baseline.snapshot, baseline.model, baseline.model, figures)
    return exact_figures(simulate(plan, made(key).to_batches()), plan)


@pytest.fixture(scope="module")
def figures():
    return {key: simulated(key, REFORMS[key]) for key in KEYS}


@pytest.fixture(scope="module")
def answers():
    """What the law itself says of every row, by the model without the lab's measure."""
    found = {}
    for key in KEYS:
        baseline = queries.baseline_of(key, ON)
        constants = {"law": baseline.snapshot.context(UNKNOWN), **baseline.declaration.constants(ON)}
        program = columnar.compile(baseline.model.compiled, "Determination", constants=constants, now=ON)
        people = made(key)
        rows = program.run(people.select(program.schema.names), engine="numpy")
        found[key] = list(zip(people.to_pylist(), rows.to_pylist(), strict=True))
    return found


def test_all_programmes_of_the_jurisdiction_that_decide_money_or_food_can_be_simulated():
    assert [law.key for law in queries.simulable_programmes()] == KEYS
    assert [law.key for law in queries.uploadable_programmes()] == ["snap"]


@pytest.mark.parametrize("key", KEYS)
def test_made_people_hold_what_the_model_asks_for(key, figures):
    baseline = queries.baseline_of(key, ON)
    spec = baseline.declaration.spec
    columns = {column.name for column in populations.UNITS[spec.unit].columns}
    wanted = queries.schema_of(baseline).names
    rows = figures[key]["total"]["households"]

    assert unmet(spec, wanted, baseline.programme.parameters.parameters, columns) == []
    assert set(wanted) <= set(made(key).column_names)
    assert figures[key]["faults"] == 0
    assert rows == pytest.approx(populations.UNITS[spec.unit].rows_of_1000 * PEOPLE / 1000, rel=0.12)


@pytest.mark.parametrize("key", KEYS)
def test_a_reform_in_favour_of_people_costs_and_nobody_loses(key, figures):
    total = figures[key]["total"]

    assert total["loss_minor"] == 0 < total["gain_minor"] == total["after_minor"] - total["before_minor"]
    assert total["gaining"] + total["gaining_much"] > 0 == total["losing"] + total["losing_much"]
    for table in ("decile", "household_type", "district"):
        assert {m: sum(row[m] for row in figures[key][table]) for m in total} == total


def test_the_income_tax_is_revenue_and_its_refunds_are_the_caseload(answers, figures):
    rows = [answer for _, answer in answers["income-tax"]]
    # Each return is rounded to the cent, half a cent up, as the lab counts.
    tax = sum(int((row["tax_after_credits"] * 100 + Decimal("0.5")) // 1) for row in rows)
    total = figures["income-tax"]["total"]

    assert abs(total["before_minor"] + tax) <= len(rows)  # a half cent may fall on either side of nought
    assert total["receiving_before"] == sum(row["refund"] > 0 for row in rows) > 0
    assert (figures["income-tax"]["is_tax"], figures["income-tax"]["period"]) == (True, "year")
    assert figures["income-tax"]["margin_households"] > 0


def test_school_meals_count_what_is_paid_for_the_meals_of_each_child(answers, figures):
    law = queries.baseline_of("school-meals", ON).snapshot.values
    free = law["lunch_payment"]["FREE"] + law["breakfast_payment"]["FREE"]
    paid = sum(
        18 * (answer["other_children"] * (answer["lunch_payment"] + answer["breakfast_payment"]))
        + 18 * answer["free_children"] * free
        for _, answer in answers["school-meals"]
    )
    total = figures["school-meals"]["total"]

    assert total["before_minor"] == paid * 100 > 0
    assert total["receiving_before"] == sum(a["outcome"] != "PAID" for _, a in answers["school-meals"])
    assert total["people"] == sum(row["size"] for row, _ in answers["school-meals"])
    assert sum(len(row["Children"]) for row, _ in answers["school-meals"]) == sum(
        a["free_children"] + a["other_children"] for _, a in answers["school-meals"]
    )


def test_wic_counts_applicants_and_their_fruit_and_vegetables(answers, figures):
    amounts = queries.baseline_of("wic", ON).snapshot.values["fruit_and_vegetables"]
    eligible = [answer["category"] for _, answer in answers["wic"] if answer["outcome"] == "ELIGIBLE"]
    total = figures["wic"]["total"]

    assert total["receiving_before"] == len(eligible)
    assert {"PREGNANT", "BREASTFEEDING", "POSTPARTUM", "INFANT", "CHILD"} == set(eligible)
    assert total["before_minor"] == 100 * sum(amounts.get(category, 0) for category in eligible)
    assert total["people"] == len(answers["wic"])


def test_ssi_counts_a_couple_together_and_measures_poverty(answers, figures):
    paid = sum(
        (answer["couple_payment"] if answer["couple"] else answer["federal_payment"])
        + answer["state_supplement"]
        for _, answer in answers["ssi"]
        if answer["outcome"] == "ELIGIBLE"
    )
    total = figures["ssi"]["total"]

    assert total["before_minor"] == paid * 100 > 0
    assert any(answer["couple_payment"] for _, answer in answers["ssi"])
    assert total["people"] == PEOPLE
    assert total["poor_before"] >= total["poor_after"] > 0
    assert {answer["category"] for _, answer in answers["ssi"]} >= {"AGED", "DISABLED", "NONE"}


def test_claimants_are_of_their_household():
    homes = pa.Table.from_batches(populations.make("state", people=PEOPLE)).to_pylist()
    for home, claim in zip(homes, made("ssi").to_pylist(), strict=True):
        members = home["Household"]["members"]
        ages = [member["age"] for member in members]
        assert claim["Claimant"]["age"] in ages
        assert (claim["Spouse"]["age"] > 0) == (claim["Household"]["spouse"] != "NONE")
        if claim["Spouse"]["age"]:
            assert sorted([claim["Claimant"]["age"], claim["Spouse"]["age"]]) == sorted(ages[:2])
        assert claim["income"] == home["income"] - sum(member["ssi"] for member in members)
        assert (claim["Household"]["parents"] > 0) == (claim["Claimant"]["age"] < 18)


def test_incomes_of_families_add_up_to_the_income_of_their_household():
    for row in made("school-meals").to_pylist():
        assert row["income"] == sum(income["amount"] for income in row["Household"]["incomes"])
    families = [row["Family"]["incomes"] for row in made("wic").to_pylist()]
    kinds = {income["kind"] for incomes in families for income in incomes}
    assert kinds > {"WAGES", "SELF_EMPLOYMENT", "CASH_ASSISTANCE", "OTHER"}


@pytest.mark.parametrize("amount", ["Determination.nothing_of_the_kind", "1 +", "Verdict.amount"])
def test_a_measure_that_the_model_cannot_give_is_refused(amount):
    with pytest.raises(DmnError):
        simulated("wic", {}, amount)


# ---- pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("income-tax", ("Revenue a year", "Tax returns with a refund", "Tax in force", "the tax takes")),
        ("school-meals", ("Cost a month", "Households with free or reduced-price meals", "Amount in force")),
        ("wic", ("Applicants who are eligible", "A child under five")),
        ("ssi", ("Households that receive", "People below the poverty line")),
    ],
)
def test_results_speak_of_what_the_programme_counts(lab, key, words):
    found = lab.done(programme=key, changes=REFORMS[key])
    page = lab.client.get(f"/workbench/lab/simulations/{found.pk}/").content.decode()

    assert (found.status, found.error) == ("done", "")
    for text in words:
        assert text in page, text
    assert ("What is lost of further pay" in page) == found.figures["has_margins"]
    for chart in ("change-decile", "winners-household_type", "amounts"):
        drawn = lab.client.get(f"/workbench/lab/simulations/{found.pk}/charts/{chart}.svg")
        assert drawn.content.startswith(b"<svg"), chart
    lines = lab.client.get(f"/workbench/lab/simulations/{found.pk}/figures.json").json()
    assert {line["unit"] for line in lines["figures"]} >= {f"USD/{found.figures['period']}"}
    assert lines["about"]["a_row_is"] == found.figures["unit"]


def test_only_programmes_of_households_take_an_uploaded_population(lab):
    assert lab.client.get("/workbench/lab/populations/wic.csv").status_code == 404
    assert b"Supplemental Security" not in lab.client.get("/workbench/lab/populations/").content

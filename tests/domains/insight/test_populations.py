"""Populations are exact in number, the same for the same seed, and shaped as the marginals say."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="needs the extra bulk")
pa = pytest.importorskip("pyarrow", reason="needs the extra bulk")

import numpy as np  # noqa: E402 - after it is known to be there
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from commonweal.domains.insight import populations  # noqa: E402
from commonweal.domains.insight.populations import marginals  # noqa: E402
from commonweal.domains.insight.populations.drawing import Draws, amounts, shares  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
BYTES = {1: "04339ae80ff8cd79440cc1162bd3f9d5dde01d3fd40770374b05d7f3eaa54ea3"}
"""By version of the generator: raise VERSION and add a line, never change one."""


def digest(place, **options):
    """Every value of a population, whatever the batches and the version of pyarrow."""
    rows = pa.Table.from_batches(populations.make(place, **options)).to_pylist()
    return sha256(json.dumps(rows, default=str).encode()).hexdigest()


@pytest.fixture(scope="module")
def city():
    return pa.Table.from_batches(populations.make("port-alder", seed=3))


def column(table, name):
    return table[name].to_numpy()


def test_the_same_seed_gives_the_same_bytes_on_every_machine():
    assert digest("state", people=2000, seed=5) == BYTES[populations.VERSION]
    assert digest("state", people=2000, seed=6) != BYTES[populations.VERSION]


def test_a_block_can_be_made_apart_from_the_others():
    whole = list(populations.make("port-alder", seed=3))
    made = populations.blocks("port-alder", seed=3)

    assert populations.household_batch(made[-1], populations.APPLIED_ON).equals(whole[-1])
    assert sum(block.people for block in made) == 184_000


def test_every_district_of_the_city_has_its_people(city):
    found = city.group_by("district").aggregate([("size", "sum")]).to_pylist()

    assert {row["district"]: row["size_sum"] for row in found} == {
        "harbour": 31_200,
        "old-mill": 27_400,
        "northgate": 38_900,
        "riverside": 33_600,
        "elm-park": 36_100,
        "airport": 16_800,
    }


def test_the_state_has_eight_million_people():
    assert sum(district.people for district in populations.districts("state")) == 8_000_000
    assert sum(block.people for block in populations.blocks("state")) == 8_000_000


@settings(max_examples=25, deadline=None)
@given(people=st.integers(1, 3000), seed=st.integers(0, 2**32))
def test_as_many_people_are_made_as_asked(people, seed):
    table = pa.Table.from_batches(populations.make("state", people=people, seed=seed))
    members = table["Household"].combine_chunks().field("members")

    assert sum(column(table, "size")) == people
    assert members.value_lengths().to_pylist() == table["size"].to_pylist()
    assert len(set(table["household_id"].to_pylist())) == table.num_rows


def test_household_types_have_the_shares_of_the_marginals(city):
    found = city.group_by("household_type").aggregate([("size", "count")]).to_pylist()
    shares_ = {row["household_type"]: row["size_count"] / city.num_rows for row in found}
    wanted = {kind.key: kind.share / 1000 for kind in marginals.HOUSEHOLD_TYPES}

    assert shares_ == pytest.approx(wanted, abs=0.006)
    assert sum(kind.share for kind in marginals.HOUSEHOLD_TYPES) == 1000


def test_pay_stands_where_the_marks_say(city):
    members = city["Household"].combine_chunks().field("members").flatten()
    earned, age = (members.field(name).to_numpy() for name in ("earned", "age"))
    paid = earned[(earned > 0) & (age >= 20)]

    for percent, amount in marginals.AMOUNTS["earnings"][2:-2]:
        assert np.percentile(paid, percent) == pytest.approx(amount, rel=0.04), percent


def test_tenths_are_tenths(city):
    counts = np.bincount(column(city, "decile"))[1:] / city.num_rows

    assert counts == pytest.approx(np.full(10, 0.1), abs=0.006)


def test_families_are_possible(city):
    household = city["Household"].combine_chunks()
    for row in household.slice(0, 3000).to_pylist():
        ages = [member["age"] for member in row["members"]]
        assert ages[0] >= 18
        assert all(ages[0] - age >= 18 for age in ages if age < 18)
        assert not any(member["earned"] for member in row["members"] if member["age"] < 16)
        assert not row["all_members_homeless"] or row["rent_or_mortgage"] == 0


def test_every_kind_of_income_is_met(city):
    members = city["Household"].combine_chunks().field("members").flatten()
    for name in ("ssi", "tanf", "unemployment", "social_security_disability", "child_support_paid"):
        share = np.count_nonzero(members.field(name).to_numpy()) / len(members)
        assert 0.001 < share < 0.1, name


def test_everybody_is_on_one_tax_return_and_only_one():
    units = pa.Table.from_batches(populations.make("state", people=20_000, seed=3, unit="tax_unit"))
    homes = pa.Table.from_batches(populations.make("state", people=20_000, seed=3))
    returns = units["Return"].combine_chunks()
    status = returns.field("filing_status").to_pylist()

    people = units.group_by("household_id").aggregate([("people", "sum")]).sort_by("household_id")
    assert people["people_sum"].to_pylist() == homes["size"].to_pylist()
    assert people["household_id"].to_pylist() == homes["household_id"].to_pylist()
    assert units["people"].to_pylist() == [
        1 + (one == "J") + len(dependents)
        for one, dependents in zip(status, units["Dependents"].to_pylist(), strict=True)
    ]
    assert len(set(units["tax_unit_id"].to_pylist())) == units.num_rows
    assert {one: status.count(one) / len(status) > 0.05 for one in "SJH"} == {"S": True, "J": True, "H": True}


def test_tax_returns_hold_the_pay_of_their_households_and_possible_families():
    units = pa.Table.from_batches(populations.make("state", people=20_000, seed=3, unit="tax_unit"))
    homes = pa.Table.from_batches(populations.make("state", people=20_000, seed=3))
    members = homes["Household"].combine_chunks().field("members").flatten()
    pay = {name: members.field(name).to_numpy().sum() for name in ("earned", "self_employment_receipts")}
    profit = pay["self_employment_receipts"] - members.field("self_employment_costs").to_numpy().sum()
    rows = units.to_pylist()

    filed = sum(row["Return"]["wages"] + row["Return"]["spouse_wages"] for row in rows)
    dependent = sum(one["income"] for row in rows for one in row["Dependents"] if one["relation"] == "CHILD")
    relatives = [one for row in rows for one in row["Dependents"] if one["relation"] == "RELATIVE"]
    assert 0 <= 12 * (pay["earned"] + profit) - filed - dependent <= 5000 * len(relatives)
    assert all(one["age"] >= 30 and one["is_supported"] and one["income"] < 5000 for one in relatives)
    assert all((row["Return"]["filing_status"] == "J") == (row["Return"]["spouse_age"] >= 18) for row in rows)


def test_the_income_tax_can_be_worked_out_for_them():
    from commonweal.engines import columnar
    from commonweal.kernel.decisions.queries import programme_on

    _, law, snapshot = programme_on("income-tax", date(2026, 12, 31))
    units = pa.Table.from_batches(populations.make("state", people=300, seed=3, unit="tax_unit"))
    program = columnar.compile(law.compiled, "Determination", constants={"law": snapshot.context(None)})

    answer = program.run(units.select(program.schema.names))

    assert answer.column("fault").null_count == units.num_rows
    assert any(tax > 0 for tax in answer.column("tax").to_pylist())
    assert any(credit > 0 for credit in answer.column("earned_income_credit").to_pylist())


def test_the_same_population_has_the_same_name():
    named = populations.fingerprint("state", people=1000, seed=4)

    assert named == populations.fingerprint("state", people=1000, seed=4)
    assert (
        len(
            {
                named,
                populations.fingerprint("state", people=1001, seed=4),
                populations.fingerprint("state", people=1000, seed=5),
                populations.fingerprint("state", people=1000, seed=4, on=date(2026, 10, 1)),
                populations.fingerprint("port-alder", people=1000, seed=4),
                populations.fingerprint("state", people=1000, seed=4, unit="tax_unit"),
            }
        )
        == 6
    )


def test_describe_says_what_it_is_and_that_it_is_made(city):
    said = populations.describe("port-alder")

    assert (said.people, said.label, said.source) == (184_000, "Port Alder", "made, not measured")
    top = [name.name for name in said.columns if "." not in name.name]
    assert top == city.schema.names


def test_the_reference_page_names_every_column_and_type():
    page = (ROOT / "docs/reference/populations.md").read_text()
    columns = [column for unit in populations.UNITS.values() for column in unit.columns]
    missing = [name.name for name in columns if f"`{name.name}`" not in page]
    missing += [unit for unit in populations.UNITS if f'"{unit}"' not in page and unit != "household"]
    missing += [kind.key for kind in marginals.HOUSEHOLD_TYPES if f"`{kind.key}`" not in page]

    assert missing == []


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: populations.blocks("moon"), "There is no population 'moon'; there are: port-alder, state."),
        (
            lambda: populations.make("state", unit="dog"),
            "There is no unit 'dog'; there are: household, tax_unit, school_household, wic_applicant, ssi_household.",
        ),
        (lambda: populations.blocks("state", people=0), "at least one person"),
        (lambda: populations.blocks("state", seed=-1), "A seed is a whole number"),
    ],
)
def test_a_wrong_call_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@given(weights=st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(sum))
def test_shares_are_met(weights):
    counts = np.bincount(shares(weights), minlength=len(weights)) / 4096

    assert counts == pytest.approx(np.array(weights) / sum(weights), abs=1 / 2048)


def test_amounts_rise_along_the_marks():
    table = amounts(((0, 10), (50, 100), (100, 1000)))

    assert (table[0], table[2048], table[-1]) == (10, 100, 999)
    assert (np.diff(table) >= 0).all()


def test_draws_are_even():
    taken = Draws(1, 2, 3).take(100_001)

    assert len(taken) == 100_001
    assert np.bincount(taken >> 12) / len(taken) == pytest.approx(np.full(16, 1 / 16), abs=0.004)

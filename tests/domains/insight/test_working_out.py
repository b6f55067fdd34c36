"""Sums over columns: exact, in any order, whatever the columns' types."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.domains.insight.simulation.columns import (
    ColumnMissing,
    cents,
    column,
    counts,
    first_above_nought,
    raised,
    row_cents,
)
from commonweal.domains.insight.simulation.declaring import SimulationDeclaration, read_declaration, unmet
from commonweal.domains.insight.simulation.exact import exact_figures, tenths_of
from commonweal.domains.insight.simulation.figures import published, result_hash
from commonweal.domains.insight.simulation.running import Plan, simulate
from commonweal.domains.insight.simulation.tally import INCOME_STEPS, MEASURES
from commonweal.kernel.base.jurisdiction import root

SPEC = SimulationDeclaration.model_validate(
    {
        "decision": "Aid",
        "household": "People of one home.",
        "amount": {"value": "Aid.paid", "label": "aid"},
        "members": "H.members",
        "earned": "H.members.pay",
        "income": ["H.members.pay"],
        "costs": ["H.members.costs"],
        "poverty": {"first_person": "first", "each_further": "further"},
    }
)
MEMBER = pa.struct([("pay", pa.int32()), ("costs", pa.decimal128(9, 2))])
HOME = pa.struct([("members", pa.list_(MEMBER))])


class Flat:
    """A law of the test: what is missing to a guarantee, less a share of what is earned above nought."""

    def __init__(self, guarantee: int, fault_at: int = -1) -> None:
        self.guarantee, self.fault_at = guarantee, fault_at

    def run(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        income = row_cents(batch, "H.members.pay")
        paid = [Decimal(max(0, self.guarantee * 100 - int(each) // 2)).scaleb(-2) for each in income]
        faults = ["wrong" if int(each) == self.fault_at * 100 else None for each in income]
        return pa.record_batch(
            {"amount": pa.array(paid, pa.decimal128(38, 10)), "fault": pa.array(faults, pa.string())}
        )


def batch_of(homes: list[list[tuple[int, str]]], districts: list[str] | None = None) -> pa.RecordBatch:
    rows = [{"members": [{"pay": pay, "costs": Decimal(costs)} for pay, costs in home]} for home in homes]
    columns = {"H": pa.array(rows, HOME)}
    if districts is not None:
        columns["district"] = pa.array(districts)
    return pa.record_batch(columns)


def figures_of(*batches: pa.RecordBatch, before: int = 500, after: int = 600, fault_at: int = -1):
    plan = Plan(SPEC, Flat(before), Flat(after, fault_at), Decimal(12_000), Decimal(4_000))
    return exact_figures(simulate(plan, batches), plan)


HOMES = st.lists(
    st.lists(st.tuples(st.integers(0, 5_000), st.just("0.00")), min_size=1, max_size=4),
    min_size=1,
    max_size=40,
)


@settings(deadline=None, max_examples=50)
@given(HOMES, st.integers(1, 7))
def test_sums_are_those_of_plain_arithmetic_in_any_blocks(homes, size):
    blocks = [batch_of(homes[at : at + size]) for at in range(0, len(homes), size)]
    found = figures_of(*reversed(blocks))
    incomes = [sum(pay for pay, _ in home) for home in homes]
    before = [max(0, 50_000 - income * 50) for income in incomes]
    after = [max(0, 60_000 - income * 50) for income in incomes]
    lines = [1_200_000 + 400_000 * (len(home) - 1) for home in homes]
    total = found["total"]
    assert (total["before_minor"], total["after_minor"]) == (sum(before), sum(after))
    assert total["gain_minor"] == sum(after) - sum(before)
    assert total["people"] == sum(map(len, homes))
    assert total["poor_before"] == sum(
        len(home)
        for home, income, paid, line in zip(homes, incomes, before, lines, strict=True)
        if (income * 100 + paid) * 12 < line
    )
    assert result_hash(found) == result_hash(figures_of(*blocks))
    assert published(found).total["households"] in {None, len(homes)}


def test_what_is_lost_of_further_pay_is_asked_of_those_who_earn_and_receive():
    found = figures_of(batch_of([[(100, "0"), (200, "0")], [(0, "0")], [(5_000, "0")]]))
    assert (found["margin_households"], found["margin_lost_before"]) == (1, 5_000)
    assert {row["band"]: row["before"] for row in found["margins"] if row["before"]} == {"to_50": 1}


def test_households_that_cannot_be_worked_out_are_counted_apart():
    found = figures_of(batch_of([[(100, "0")], [(77, "0")]]), fault_at=77)
    assert (found["faults"], found["total"]["households"]) == (1, 1)


def test_groups_keep_their_names_over_batches_and_none_is_named_too():
    one = batch_of([[(0, "0")], [(0, "0")]], ["b", None])
    other = batch_of([[(0, "0")]], ["a"])
    rows = figures_of(one, other, batch_of([[(0, "0")]]))["district"]
    assert [(row["group"], row["households"]) for row in rows] == [("", 2), ("a", 1), ("b", 1)]


def test_income_is_less_costs_and_never_below_nought():
    tally = simulate(Plan(SPEC, Flat(0), Flat(0)), [batch_of([[(100, "40.00")], [(10, "90.00")]])])
    people = tally.by_income[MEASURES.index("people")]
    assert (people[0], people[12]) == (1, 1)


def test_tenths_hold_about_the_same_number_of_people():
    by_income = np.zeros((len(MEASURES), INCOME_STEPS + 1), np.int64)
    by_income[MEASURES.index("people"), :100] = 7
    tenths = tenths_of(by_income)
    assert [int((tenths[:100] == tenth).sum()) for tenth in range(10)] == [10] * 10
    assert set(tenths_of(np.zeros_like(by_income))) == {0}


# ---- columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1, None, 3], pa.int16()), [100, 0, 300]),
        (pa.array([1.005, None, -2.5], pa.float64()), [100, 0, -250]),
        (pa.array([Decimal("1.5"), None], pa.decimal128(5, 1)), [150, 0]),
        (pa.array([Decimal("-1.25"), None], pa.decimal128(5, 2)), [-125, 0]),
        (pa.array([Decimal("1.005"), Decimal("1.0049")], pa.decimal128(9, 4)), [101, 100]),
        (pa.array([Decimal(0), Decimal("1.5"), Decimal(9)], pa.decimal128(5, 1)).slice(1, 1), [150]),
    ],
)
def test_amounts_of_every_type_become_cents(values, expected):
    assert cents(values).tolist() == expected


def test_an_amount_beyond_64_bits_is_refused():
    with pytest.raises(OverflowError):
        cents(pa.array([Decimal(2**64)], pa.decimal128(38, 2)))


def test_paths_lead_into_structs_lists_and_slices():
    batch = batch_of([[(1, "0"), (2, "0")], [], [(3, "0")]]).slice(1)
    assert row_cents(batch, "H.members.pay").tolist() == [0, 300]
    assert counts(batch, "H.members").tolist() == [0, 1]
    flat = pa.record_batch({"H.rent": [5]})
    assert row_cents(flat, "H.rent").tolist() == [500]
    assert counts(flat, "H.rent").tolist() == [5]
    assert counts(pa.record_batch({"H.name": ["a", "b"]}), "H.name").tolist() == [1, 1]
    for path in ("H.rents", "H.members.lost", "lost"):
        with pytest.raises(ColumnMissing):
            column(batch, path)
    with pytest.raises(ColumnMissing):
        raised(batch, "lost", np.array([True]), 1)


def test_lists_within_lists_are_refused():
    with pytest.raises(ColumnMissing, match="lists within lists"):
        column(pa.record_batch({"a": pa.array([[[1]]])}), "a")


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), max_size=4), min_size=1, max_size=12))
def test_the_first_who_earns_is_found(homes):
    values = np.array([pay for home in homes for pay in home], np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(home) for home in homes])]).astype(np.int64)
    has_one, chosen = first_above_nought(values, offsets)
    assert has_one.tolist() == [any(home) for home in homes]
    expected = []
    for home in homes:
        first = next((at for at, pay in enumerate(home) if pay), None)
        expected += [at == first for at in range(len(home))]
    assert chosen.tolist() == expected


@pytest.mark.parametrize("type_", [pa.int32(), pa.float64(), pa.decimal128(9, 2)])
def test_pay_is_raised_where_it_is_chosen_and_the_batch_stays(type_):
    home = pa.struct([("members", pa.list_(pa.struct([("pay", type_), ("age", pa.int8())])))])
    rows = [{"members": [{"pay": 1, "age": 3}, {"pay": 2, "age": 4}]}, {"members": []}]
    batch = pa.record_batch({"x": [1, 2], "H": pa.array(rows, home)})
    more = raised(batch, "H.members.pay", np.array([False, True]), 100)
    assert more.schema == batch.schema
    assert [float(member["pay"]) for member in more.to_pylist()[0]["H"]["members"]] == [1, 102]
    assert float(batch.to_pylist()[0]["H"]["members"][1]["pay"]) == 2


# ---- declarations ----------------------------------------------------------------------------


def test_the_jurisdictions_declarations_can_be_read():
    found, problems = read_declaration(root(), "snap")
    assert problems == []
    assert found is not None
    assert read_declaration(root(), "parking") == (None, [])


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("decision: X\n", "schema.missing", 0),
        ("decision: [\n", "document.yaml", 2),
        ("constants: {a: 1 +}", "simulation.constant", 1),
        ("constants: {a: lost}", "simulation.constant", 1),
    ],
)
def test_a_wrong_declaration_is_named_with_its_line(tmp_path, text, code, line):
    whole = (root() / "law/snap/simulation.yaml").read_text()
    folder = tmp_path / "law/toy"
    folder.mkdir(parents=True)
    body = text if not text.startswith("constants") else text + "\n" + whole[: whole.index("constants:")]
    (folder / "simulation.yaml").write_text(body)
    found, problems = read_declaration(tmp_path, "toy")
    assert found is None
    assert code in {problem.code for problem in problems}
    assert any(problem.line >= line for problem in problems)


def test_what_a_model_lacks_is_said():
    assert unmet(SPEC, ["H"], {"first": 1, "further": 1}) == []
    assert unmet(SPEC, ["G"], SimpleNamespace(keys=dict).keys()) == [
        "The decision does not ask for 'H'.",
        "Nothing says what 'G' is in a population.",
        "There is no parameter 'first'.",
        "There is no parameter 'further'.",
    ]

"""On what a value of the law rested: the branch taken, the operand that settled it, the conditions of the rule that hit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from commonweal.engines.dmn import model as m
from commonweal.engines.feel import ANY, Scope, Value
from commonweal.kernel.decisions.programmes.resting import Case, Names, resting_of

VALUES: dict[str, Value] = {
    "Income": Decimal(900),
    "Limit": Decimal(1000),
    "Costs": Decimal(300),
    "Is old": False,
    "Is poor": True,
    "Home": {"rent": Decimal(650), "rooms": [Decimal(2), Decimal(3)]},
    "law": {"share": Decimal("0.3"), "by_size": [Decimal(10), Decimal(20)]},
}
SCOPE = Scope(dict.fromkeys(VALUES, ANY))
NAMES = Names(SCOPE, frozenset({"Income", "Limit", "Costs", "Is old", "Is poor"}), frozenset({"Home"}))


def rested(
    expression: m.Boxed, *, member: str = "", hits: Sequence[int] = (), misses: Sequence[Sequence[int]] = ()
) -> list[str]:
    resting = resting_of(expression, NAMES, member)
    case = Case(SCOPE, VALUES, SCOPE.frame({}), hits, misses)
    return [one.name for one in dict.fromkeys(resting(case))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Income", ["Income"]),
        ("if Income <= Limit then Costs else 0", ["Income", "Limit", "Costs"]),
        ("if Is old then Costs else Limit", ["Limit", "Is old"]),
        ('if Is old then "A" else if Is poor then "B" else "C"', ["Is poor"]),
        ('if Is old then "A" else if Income > Limit then "B" else null', ["Is old", "Income", "Limit"]),
        ("Is old or Income <= Limit", ["Income", "Limit"]),
        ("Is old or Income > Limit", ["Is old", "Income", "Limit"]),
        ("Is old and Is poor", ["Is old"]),
        ("Is poor and Income <= Limit", ["Is poor", "Income", "Limit"]),
        ("max(0, Income - Costs)", ["Income", "Costs"]),
        ("max(0, Costs - Income)", ["Costs", "Income"]),
        ("min(Limit, Income)", ["Income"]),
        ("not(Is old)", ["Is old"]),
        ("Home.rent > Limit", ["Home.rent", "Limit"]),
        ("law.share * Income", ["share", "Income"]),
        ("law.by_size[Limit - 999]", ["by_size", "Limit"]),
        ("sum(for room in Home.rooms return room * Costs)", ["Home", "Costs"]),
        ("some room in Home.rooms satisfies room > Limit", ["Home", "Limit"]),
        ("1 + 1", []),
        ("if (", []),
    ],
)
def test_an_expression_rests_on_what_made_its_value(text: str, names: list[str]) -> None:
    assert rested(m.Literal(text=text)) == names


def test_one_part_of_a_value_rests_on_its_own_entry() -> None:
    whole = m.Literal(text="{outcome: if Is poor then 1 else 2, amount: Income - Costs}")

    assert rested(whole, member="outcome") == ["Is poor"]
    assert rested(whole, member="amount") == ["Income", "Costs"]


def test_entries_of_a_context_stand_for_what_they_rest_on() -> None:
    def entry(name: str, text: str) -> m.ContextEntry:
        variable = m.Variable(name=name) if name else None
        return m.ContextEntry(variable=variable, value=m.Literal(text=text))

    result = m.Context(entries=(entry("left", "Income - Costs"), entry("", "if left > 0 then Limit else 0")))
    parts = m.Context(entries=(entry("outcome", "Is poor"), entry("amount", "Income")))
    boxed = m.Context(entries=(m.ContextEntry(variable=m.Variable(name="odd"), value=m.Context()),))

    assert rested(result) == ["Income", "Costs", "Limit"]
    assert rested(parts, member="amount") == ["Income"]
    assert rested(parts) == ["Is poor", "Income"]
    assert rested(boxed) == []


def table(policy: str = "FIRST", aside: str = "") -> m.DecisionTable:
    rules = (
        ("true", "-", aside or '"OLD"', "0"),
        ("false", "<= Limit", '"YES"', "Costs"),
        ("-", "-", '"NO"', "0"),
    )
    return m.DecisionTable(
        hit_policy=policy,
        inputs=tuple(m.InputClause(expression=m.Literal(text=text)) for text in ("Is old", "Income")),
        outputs=(m.OutputClause(name="outcome"), m.OutputClause(name="amount")),
        rules=tuple(
            m.Rule(
                tests=(m.UnaryTests(text=one), m.UnaryTests(text=two)),
                outputs=(m.Literal(text=outcome), m.Literal(text=amount)),
            )
            for one, two, outcome, amount in rules
        ),
    )


def test_a_table_rests_on_the_conditions_of_the_rule_that_hit_and_what_they_are_held_against() -> None:
    assert rested(table(), member="outcome", hits=[2], misses=[[1, 1]]) == ["Is old", "Income", "Limit"]
    assert rested(table(), member="amount", hits=[2]) == ["Is old", "Income", "Limit", "Costs"]
    assert rested(table("UNIQUE"), hits=[1]) == ["Is old"]
    assert rested(table("COLLECT"), hits=[1, 2], member="outcome") == ["Is old", "Income", "Limit"]
    assert rested(table(), hits=[]) == []


def test_a_rule_for_all_other_cases_rests_on_why_those_before_it_did_not_hit() -> None:
    assert rested(table(), hits=[3], misses=[[1, 1], [2, 2]]) == ["Is old", "Income"]


def test_what_only_keeps_an_officer_away_did_not_decide() -> None:
    names = Names(NAMES.scope, NAMES.decisions, NAMES.facts, frozenset({"REVIEW"}))
    case = Case(SCOPE, VALUES, SCOPE.frame({}), [2], [[1, 1]])
    by_table = resting_of(table("UNIQUE", aside='"REVIEW"'), names, "outcome")
    by_text = resting_of(m.Literal(text='if Is old then "REVIEW" else if Is poor then "B" else "C"'), names)

    assert [one.name for one in by_table(case)] == [
        "Is old",
        "Income",
        "Limit",
    ]  # the third rule says otherwise
    assert [one.name for one in by_text(case)] == ["Is poor"]

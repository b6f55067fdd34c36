"""What a fairness report leaves out, and how each finding is put into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from tests.kernel.cases.conftest import Town, food_answers, town  # noqa: F401 - the fixture

from commonweal.engines.feel import Date
from commonweal.kernel.catalogue.queries import offered_service
from commonweal.kernel.decisions.fairness import showing
from commonweal.kernel.decisions.fairness.collecting import sums_of
from commonweal.kernel.decisions.fairness.figures import public_figures
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.decisions.programmes.wording import Words, is_number

FOOD = "food-assistance"


def again(made: Decision, **changes: Any) -> None:
    """Store a decision like another, a day later."""
    copy = Decision.objects.get(pk=made.pk)
    copy.pk, copy._state.adding = uuid4(), True
    for name, value in ({"made_at": made.made_at + timedelta(days=1)} | changes).items():
        setattr(copy, name, value)
    copy.save(force_insert=True)


@pytest.mark.django_db
def test_only_the_latest_decision_of_a_case_counts_and_what_cannot_be_read_is_a_fault(town: Town) -> None:  # noqa: F811 - the fixture is meant
    section = offered_service(FOOD).compiled.sections["decision"]
    for _ in range(3):
        town.send(food_answers(), by=town.neighbour())
    first, second, third = Decision.objects.order_by("made_at", "id")
    before = sums_of(FOOD, section)
    again(first, is_fault=True, grants=False, outcome="", amounts="{}")
    again(second, facts="")
    again(third, stream="case:another", law=None)

    after = sums_of(FOOD, section)

    assert (before.decisions, before.faults, before.flipped) == (3, 0, 3)
    assert (after.decisions, after.faults, after.flipped) == (1, 3, 1)


@pytest.mark.django_db
def test_a_service_that_declares_no_groups_has_no_figures(town: Town) -> None:  # noqa: F811 - the fixture is meant
    section = replace(offered_service(FOOD).compiled.sections["decision"], fairness=None)
    town.send(food_answers())

    assert (sums_of(FOOD, section).decisions, sums_of(FOOD, section).groups) == (0, {})
    assert showing.shown_fairness(section, None, str) is None


@pytest.mark.parametrize(
    ("difference", "told"),
    [
        (None, ""),
        ([0.2, 0.1, 0.3], {"text": "more often than the others", "tone": "info"}),
        ([-0.2, -0.3, -0.1], {"text": "less often than the others", "tone": "warning"}),
        ([0.0, -0.1, 0.1], "no clear difference"),
    ],
)
def test_a_difference_is_told_only_where_it_is_clear(difference: list[float] | None, told: object) -> None:
    assert showing._differs(difference) == told


@pytest.mark.parametrize(
    ("changes", "text", "tone"),
    [
        ({}, "changes nothing", "success"),
        ({"outcomes": 2, "amounts": 1}, "every change is explained by the law", "success"),
        (
            {"outcomes": 2, "unsourced": 1},
            "1 changes without a rule that names it and cites the law",
            "danger",
        ),
        (
            {"outcomes": 2, "unexplained": 2},
            "2 changes without a rule that names it and cites the law",
            "danger",
        ),
    ],
)
def test_what_flipping_an_attribute_did_is_told(changes: dict[str, int], text: str, tone: str) -> None:
    nothing = {"tried": 4, "outcomes": 0, "amounts": 0, "unsourced": 0, "unexplained": 0, "rules": []}

    shown = showing._flip("Sex", nothing | changes)

    assert shown["verdict"] == {"text": text, "tone": tone}
    assert shown["changed"] == str(changes.get("outcomes", 0) + changes.get("amounts", 0))


def test_the_mean_of_few_amounts_is_hidden() -> None:
    def row(group: str, amounts: int) -> dict[str, Any]:
        return {"group": group, "number": 80, "granted": 40, "amounts": amounts, "mean_minor": [9, 8, 10]}

    (many, few, none) = public_figures(
        {"groups": {"age": [row("old", 40), row("young", 3), row("middle", 0)]}}
    )["groups"]["age"]

    assert [one["mean_minor"] for one in (many, few, none)] == [[9, 8, 10], None, [9, 8, 10]]
    assert [one["number"] for one in (many, few, none)] == [80, 80, 80]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "not known"),
        ({"@unknown": True}, "not known"),
        (Decimal("1234.5"), "1,234.5"),
        (12, "12"),
        ("7.50", "7.50"),  # a text that looks like a number
        ("1234567.333333333333", "1,234,567.33"),
        (Date(2026, 9, 15), "September 15, 2026"),
        ("a word", "a word"),
    ],
)
def test_each_kind_of_value_has_a_word(value: object, shown: str) -> None:
    assert Words("en").plain(value) == shown


def test_a_year_has_no_mark_for_thousands() -> None:
    assert [Words("en").plain(Decimal(each)) for each in ("2026", "2026.5", "12026")] == [
        "2026",
        "2,026.5",
        "12,026",
    ]


@pytest.mark.parametrize(
    ("value", "is_one"),
    [(True, False), (1, True), ("1.5", False), ("0.3333333333333333", True), ("one", False), (None, False)],
)
def test_a_truth_value_is_no_number(value: object, is_one: bool) -> None:
    assert is_number(value) is is_one

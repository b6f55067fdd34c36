"""Each hit policy over given outcomes: what it gives, what it says, and what is known while rules are in doubt.

Source: OMG DMN 1.5, 8.2.10 and 8.2.11.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from commonweal.engines.dmn.hit_policies import POLICIES, Hits, same
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.types import Value
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.temporal import Date, DaysDuration, YearsMonthsDuration

ORDER: list[Value] = ["c", "a", "b"]
DEFAULT = "the default"
LETTERS = {
    "U": ("UNIQUE", None),
    "A": ("ANY", None),
    "F": ("FIRST", None),
    "P": ("PRIORITY", None),
    "R": ("RULE ORDER", None),
    "O": ("OUTPUT ORDER", None),
    "C": ("COLLECT", None),
    "C+": ("COLLECT", "SUM"),
    "C#": ("COLLECT", "COUNT"),
    "C<": ("COLLECT", "MIN"),
    "C>": ("COLLECT", "MAX"),
}


def number(value: int) -> Decimal:
    return Decimal(value)


def decided(
    policy: str, outputs: list[Value], certain: list[int], possible: list[int], default: Value = DEFAULT
) -> tuple[Value, list[str]]:
    """The outcome of a policy, and its warnings."""
    evaluation = Evaluation()
    hits = Hits(
        place="t",
        certain=certain,
        possible=possible,
        output=lambda rule: outputs[rule],
        default=lambda: default,
        rank=lambda value: (ORDER.index(value) if value in ORDER else 99,),
        evaluation=evaluation,
    )
    value = POLICIES[LETTERS[policy]](hits)
    return value, [f"{warning.code}: {warning.message}" for warning in evaluation.warnings]


@pytest.mark.parametrize(
    ("policy", "outputs", "certain", "expected", "warnings"),
    [
        ("U", ["a", "b"], [1], "b", []),
        ("U", ["a", "b"], [], DEFAULT, []),
        ("U", ["a", "a"], [0, 1], None, ["hit-policy: t: rules 1, 2 hit, and the hit policy is UNIQUE"]),
        ("A", ["a", "b", "a"], [0, 2], "a", []),
        ("A", ["a"], [], DEFAULT, []),
        (
            "A",
            ["a", "b", "a"],
            [0, 1, 2],
            None,
            ["hit-policy: t: rules 1, 2, 3 hit with different outcomes, and the policy is ANY"],
        ),
        ("F", ["a", "b"], [1], "b", []),
        ("F", ["a", "b"], [0, 1], "a", []),
        ("F", ["a"], [], DEFAULT, []),
        ("P", ["a", "b", "c"], [0, 1, 2], "c", []),
        ("P", ["a", "b", "c"], [0, 1], "a", []),
        ("P", ["a"], [], DEFAULT, []),
        ("R", ["a", "b", "c"], [2, 0], ["c", "a"], []),
        ("R", ["a"], [], DEFAULT, []),
        ("O", ["a", "b", "c"], [0, 1, 2], ["c", "a", "b"], []),
        ("O", ["x", "b"], [0, 1], ["b", "x"], []),
        ("O", ["a"], [], DEFAULT, []),
        ("C", ["a", "a"], [0, 1], ["a", "a"], []),
        ("C", ["a"], [], DEFAULT, []),
        ("C#", ["a", "a"], [0, 1], number(2), []),
        ("C#", ["a"], [], DEFAULT, []),
        ("C+", [number(1), number(2), number(4)], [0, 2], number(5), []),
        ("C+", [number(1)], [], DEFAULT, []),
        ("C+", [DaysDuration(1), DaysDuration(2)], [0, 1], DaysDuration(3), []),
        ("C+", [YearsMonthsDuration(1), YearsMonthsDuration(2)], [0, 1], YearsMonthsDuration(3), []),
        ("C+", ["a"], [0], None, ['hit-policy: t: "a" cannot be collected by C+']),
        ("C+", [True], [0], None, ["hit-policy: t: true cannot be collected by C+"]),
        ("C+", ["a", number(1)], [0, 1], None, ['hit-policy: t: ["a", 1] cannot be collected by C+']),
        ("C+", [None], [0], None, ["hit-policy: t: null cannot be collected by C+"]),
        ("C<", [number(3), number(1), number(2)], [0, 1, 2], number(1), []),
        ("C>", [number(2), number(3), number(1)], [0, 1, 2], number(3), []),
        ("C<", ["b", "a"], [0, 1], "a", []),
        ("C>", ["b", "c"], [0, 1], "c", []),
        ("C<", [number(1)], [], DEFAULT, []),
        ("C<", [number(3), None], [0, 1], None, ["hit-policy: t: null cannot be collected by C<"]),
        ("C>", [None, number(3)], [0, 1], None, ["hit-policy: t: null cannot be collected by C>"]),
        ("C>", ["a", number(1)], [0, 1], None, ['hit-policy: t: ["a", 1] cannot be collected by C>']),
    ],
)
def test_what_hits_decides(
    policy: str, outputs: list[Value], certain: list[int], expected: Value, warnings: list[str]
) -> None:
    assert decided(policy, outputs, certain, []) == (expected, warnings)


def test_counting_nothing_gives_nought() -> None:
    assert decided("C#", [], [], [], default=None) == (Decimal(0), [])


def test_a_long_outcome_is_cut_short_in_the_warning() -> None:
    _, (warning,) = decided("C+", ["x" * 200], [0], [])

    assert warning == 'hit-policy: t: "' + "x" * 79 + " cannot be collected by C+"


@pytest.mark.parametrize(
    ("policy", "outputs", "certain", "possible", "expected"),
    [
        ("U", ["a", "b"], [0], [1], UNKNOWN),
        ("U", ["a", "b"], [], [1], UNKNOWN),
        ("A", ["a", "a"], [0], [1], "a"),
        ("A", ["a", "b"], [0], [1], UNKNOWN),
        ("A", ["a", "b"], [], [1], UNKNOWN),
        ("A", ["a", UNKNOWN], [0, 1], [], UNKNOWN),
        ("F", ["a", "b"], [0], [1], "a"),
        ("F", ["a", "b"], [1], [0], UNKNOWN),
        ("F", ["b", "b"], [1], [0], "b"),
        ("F", [DEFAULT, "b"], [], [0], DEFAULT),
        ("F", ["a", "b"], [], [0], UNKNOWN),
        ("F", ["a", "b", "c"], [1], [1, 2], "b"),
        ("P", ["a", "b"], [0], [1], "a"),
        ("P", ["a", "c"], [0], [1], UNKNOWN),
        ("P", ["a", "a"], [0], [1], "a"),
        ("P", [DEFAULT], [], [0], DEFAULT),
        ("P", ["a"], [], [0], UNKNOWN),
        ("P", [UNKNOWN, "a"], [0, 1], [], UNKNOWN),
        ("P", [UNKNOWN], [0], [], UNKNOWN),
        ("P", ["c", UNKNOWN], [0], [1], UNKNOWN),
        ("R", ["a", "b"], [0], [1], UNKNOWN),
        ("O", ["a", "b"], [0], [1], UNKNOWN),
        ("O", ["a", UNKNOWN], [0, 1], [], UNKNOWN),
        ("C#", ["a", "b"], [0], [1], UNKNOWN),
        ("C+", [number(1), number(0)], [0], [1], UNKNOWN),
        ("C+", [number(1), UNKNOWN], [0, 1], [], UNKNOWN),
        ("C<", [number(1), number(2)], [0], [1], number(1)),
        ("C<", [number(2), number(1)], [0], [1], UNKNOWN),
        ("C<", [number(1), number(1)], [0], [1], number(1)),
        ("C>", [number(2), number(1)], [0], [1], number(2)),
        ("C>", [number(1), number(2)], [0], [1], UNKNOWN),
        ("C>", [number(1), UNKNOWN], [0], [1], UNKNOWN),
        ("C>", [number(1), None], [0], [1], UNKNOWN),
        ("C>", [number(1), "a"], [0], [1], UNKNOWN),
        ("C<", [number(1)], [], [0], UNKNOWN),
    ],
)
def test_an_outcome_is_known_only_where_no_rule_in_doubt_could_change_it(
    policy: str, outputs: list[Value], certain: list[int], possible: list[int], expected: Value
) -> None:
    value, warnings = decided(policy, outputs, certain, possible)

    assert (value is expected if expected is UNKNOWN else value == expected, warnings) == (True, [])


def test_two_certain_hits_of_unique_are_wrong_whatever_else_hits() -> None:
    assert decided("U", ["a", "b", "c"], [0, 1], [2]) == (
        None,
        ["hit-policy: t: rules 1, 2 hit, and the hit policy is UNIQUE"],
    )


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (number(1), Decimal("1.0"), True),
        (number(1), True, False),
        (number(0), False, False),
        ("a", "a", True),
        (None, None, True),
        (None, "a", False),
        ([number(1), "a"], [number(1), "a"], True),
        ([number(1)], [number(1), number(1)], False),
        ([number(1)], [True], False),
        ([number(1)], [number(2)], False),
        ({"a": number(1)}, {"a": number(1)}, True),
        ({"a": number(1)}, {"a": True}, False),
        ({"a": number(1)}, {"b": number(1)}, False),
        ({"a": number(1), "b": number(2)}, {"b": number(2), "a": number(1)}, True),
        ({"a": number(1), "b": number(2)}, {"b": number(3), "a": number(1)}, False),
        (Date.from_python(dt.date(2026, 9, 15)), Date.from_python(dt.date(2026, 9, 15)), True),
        ([], {}, False),
    ],
)
def test_outcomes_are_the_same_by_kind_and_value(left: Value, right: Value, expected: bool) -> None:
    assert same(left, right) is expected
    assert same(right, left) is expected

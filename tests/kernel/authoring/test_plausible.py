"""A law is its own measure of what looks like a slip."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from commonweal.engines import parameters
from commonweal.engines.parameters import ParameterSet
from commonweal.kernel.authoring.plausible import Unusual, unusual, usual_factor


def law(**figures: list[Any]) -> ParameterSet:
    return parameters.load(
        {
            "programme": "fees",
            "name": "Fees",
            "parameters": {
                key: {
                    "label": key,
                    "unit": "USD",
                    "minimum": -1000,
                    **_shape(values[0]),
                    "entries": [
                        {
                            "from": f"{2020 + at}-01-01",
                            "known_from": f"{2020 + at}-01-01",
                            "reference": "Code 1",
                            **({"unknown": "Not published."} if value is None else {"value": value}),
                        }
                        for at, value in enumerate(values)
                    ],
                }
                for key, values in figures.items()
            },
        }
    )


def _shape(value: Any) -> dict[str, Any]:
    if isinstance(value, list) and isinstance(value[0], dict):
        return {"kind": "scale"}
    if isinstance(value, list):
        return {"by": [{"key": "size", "up_to": len(value)}]}
    return {}


@pytest.mark.parametrize(
    ("values", "factor"),
    [
        ([20], 2),
        ([20, 21, 30], 2),
        ([10, 30, 10], 3),
        ([1, 100], 5),
        ([0, 9], 2),
        ([-2, 8], 2),
        ([5, None, 20], 2),
    ],
)
def test_what_is_usual_comes_from_the_law_itself(values: list[Any], factor: int) -> None:
    assert usual_factor(law(fee=values)) == factor


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (40, []),
        (10, []),
        (200, ["200 is 10 times as much as before (20). More than 2 times is unusual in this law."]),
        ("2.00", ["2.00 is less than before (20), divided by 10. More than 2 times is unusual in this law."]),
        (0, ["0 after 20: the value falls away altogether."]),
        (-20, []),
    ],
)
def test_a_new_value_is_held_against_the_one_before(value: Any, words: list[str]) -> None:
    found = unusual(law(fee=[20]), law(fee=[20, value]))
    assert [one.words for one in found] == words


@pytest.mark.parametrize(
    ("before", "after", "times"),
    [
        ("0.000000000000001", "999999999999999", "1.00e+30"),
        ("0.000000000000001", "0.01", "10000000000000"),
        ("1e-40", "1e40", "1.00e+80"),
        ("1e-999999", "1e999999", "1.00e+1999998"),
        ("1e-900000000000000000", "1e900000000000000000", "Infinity"),
    ],
)
def test_no_change_is_too_large_to_be_told(before: str, after: str, times: str) -> None:
    (up,) = unusual(law(fee=[before]), law(fee=[before, after]))
    (down,) = unusual(law(fee=[after]), law(fee=[after, before]))

    assert f" is {times} times as much as before" in up.words
    assert f"divided by {times}." in down.words
    assert usual_factor(law(fee=[before, after])) == Decimal(5)
    assert len(up.words) < 200


def test_the_first_value_is_held_against_what_it_said() -> None:
    assert [one.words[:20] for one in unusual(law(fee=[20]), law(fee=[245]))] == ["245 is 12.25 times a"]
    assert unusual(law(fee=[20]), law(fee=[24])) == []


def test_only_what_is_new_is_told_and_by_its_place() -> None:
    before = law(limit=[[10, 20]], fee=[1, 90])
    after = law(limit=[[10, 20], [11, 200]], fee=[1, 90])
    assert unusual(before, after) == [
        Unusual(
            "limit",
            "2021-01-01@2021-01-01",
            "2: 200 is 10 times as much as before (20). More than 5 times is unusual in this law.",
        )
    ]
    assert unusual(after, after) == []


def test_a_changed_value_and_the_bands_of_a_scale_are_looked_at() -> None:
    one, other = [{"above": 10, "value": "0.1"}], [{"above": 100, "value": "0.1"}]
    found = unusual(law(rate=[one, one]), law(rate=[one, other]))
    assert [each.words.partition(" is ")[0] for each in found] == ["1, above: 100"]
    assert usual_factor(law(rate=[one, other])) == Decimal(5)

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.engines.allocation import Candidate, Result, ranked

SIXTY = Fraction(6, 10)
# local-services.md, section 8: award in dollars, points, hazard, ratio, in the order of completion
SHEET = {
    "G01": (18_000, 70, "B", 0.28),
    "G02": (13_950, 66, "A", 0.46),
    "G09": (18_000, 66, "A", 0.46),
    "G04": (11_950, 42, "C", 0.300005),
    "G05": (10_800, 76, "B", 0.5),
    "G06": (8_000, 45, "C", 0.33),
    "G07": (13_000, 78, "A", 0.29),
}


def _listed(budget: int) -> dict[str, tuple[str, int]]:
    candidates = [
        Candidate(key, (-points, hazard, ratio, at), award)
        for at, (key, (award, points, hazard, ratio)) in enumerate(SHEET.items())
    ]
    return {share.key: (share.result.value, share.amount) for share in ranked(candidates, budget, SIXTY)}


def test_the_list_of_the_sheet_with_60_000() -> None:
    found = _listed(60_000)

    assert list(found) == ["G07", "G05", "G01", "G02", "G09", "G06", "G04"]
    assert [found[key][0] for key in found] == ["funded"] * 4 + ["reserve"] * 3


def test_with_64_000_a_smaller_award_further_down_is_funded() -> None:
    found = _listed(64_000)

    assert (found["G09"][0], found["G06"], found["G04"][0]) == ("reserve", ("funded", 8_000), "reserve")


def test_with_67_000_what_is_left_is_offered() -> None:
    found = _listed(67_000)

    assert found["G09"] == ("partial", 11_250)
    assert [found[key][0] for key in ("G06", "G04")] == ["reserve", "reserve"]


def test_the_least_part_is_exact() -> None:
    assert ranked([Candidate("a", (), 1_000)], 600, SIXTY)[0].result is Result.PARTIAL
    assert ranked([Candidate("a", (), 1_000)], 599, SIXTY)[0].result is Result.RESERVE
    assert ranked([Candidate("a", (), 1_000)], 0, Fraction(0))[0].result is Result.RESERVE


def test_what_makes_no_sense_is_refused() -> None:
    for candidates, budget in (([], -1), ([Candidate("a", (), 0)], 1), ([Candidate("a", (), 1)] * 2, 1)):
        with pytest.raises(ValueError, match="below"):
            ranked(candidates, budget, SIXTY)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 900)), max_size=12),
    st.integers(0, 3_000),
    st.fractions(0, 1),
)
def test_money_is_never_spent_twice_and_nobody_who_fits_is_passed_over(
    rows: list[tuple[int, int]], budget: int, least: Fraction
) -> None:
    awards = {str(at): award for at, (_points, award) in enumerate(rows)}
    found = ranked(
        [Candidate(str(at), (points,), award) for at, (points, award) in enumerate(rows)], budget, least
    )

    assert sum(share.amount for share in found) <= budget
    for share in found:
        spent = sum(before.amount for before in found if before.place < share.place)
        assert share.left_before == budget - spent
        if share.result is Result.RESERVE:
            assert share.left_before < awards[share.key]

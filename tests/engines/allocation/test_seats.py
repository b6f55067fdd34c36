from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.engines.allocation import Child, Claim, Placement, School, lottery, places
from commonweal.engines.allocation.seats import choose

SEED = "PA-2027-K"
SHEET = {  # local-services.md, section 6: child, choices with priority and metres
    "K01": {"HP": (3, 420), "OM": (6, 1900)},
    "K02": {"HP": (2, 800), "RP": (6, 2500)},
    "K03": {"OM": (6, 1500), "HP": (3, 420)},
    "K04": {"HP": (3, 420), "OM": (6, 1700), "RP": (6, 2200)},
    "K05": {"OM": (3, 300)},
    "K06": {"OM": (3, 650), "RP": (4, 900)},
    "K07": {"RP": (3, 1200)},
    "K08": {"RP": (1, 5000), "HP": (6, 3000)},
}
LOTS = {
    "K01": 1622812676,
    "K02": 2727353932,
    "K03": 1711042177,
    "K04": 3438273516,
    "K05": 2891100968,
    "K06": 1212969741,
    "K07": 1558458204,
    "K08": 3724309200,
}


def _sheet() -> list[Child]:
    return [
        Child(
            key,
            tuple(choices),
            {
                school: Claim((priority, metres, lottery(SEED, key)), may_exceed=priority == 1)
                for school, (priority, metres) in choices.items()
            },
        )
        for key, choices in SHEET.items()
    ]


def test_the_lottery_gives_the_numbers_of_the_sheet() -> None:
    assert {key: lottery(SEED, key) for key in LOTS} == LOTS


def test_the_round_of_the_sheet() -> None:
    found = places(_sheet(), [School("HP", 2, 2), School("OM", 2, 2), School("RP", 1, 2)])

    assert found.placed == {"K01": "HP", "K02": "HP", "K05": "OM", "K06": "OM", "K08": "RP"}
    assert found.waiting == {"HP": ("K03", "K04"), "OM": ("K03", "K04"), "RP": ("K07", "K04")}
    assert found.last["HP"] == (3, 420, 1622812676, "K01")


def _children(*rows: tuple[str, str, int, bool, str]) -> list[Child]:
    return [
        Child(key, tuple(choices), dict.fromkeys(choices, Claim((order,), may_exceed=exceeds)), birth)
        for key, choices, order, exceeds, birth in rows
    ]


def test_claims_that_may_exceed_are_kept_above_the_places_and_no_others() -> None:
    children = _children(
        ("a", "S", 1, True, ""), ("b", "S", 1, True, ""), ("c", "S", 1, True, ""), ("d", "S", 2, False, "")
    )

    found = places(children, [School("S", 1, extra=1)])

    assert sorted(found.placed) == ["a", "b"]
    assert found.waiting["S"] == ("c", "d")


def test_with_one_child_of_a_birth_its_siblings_are_kept_above_the_limit() -> None:
    children = _children(
        ("a", "S", 1, False, ""),
        ("t1", "S", 2, False, "t"),
        ("b", "S", 3, False, ""),
        ("t2", "S", 4, False, "t"),
    )

    found = places(children, [School("S", 2)])

    assert sorted(found.placed) == ["a", "t1", "t2"]
    assert found.waiting["S"] == ("b",)


@pytest.mark.parametrize(
    ("children", "school"),
    [
        ([Child("a", ("S",), {"S": Claim((1,))})] * 2, School("S", 1)),
        ([Child("a", ("T",), {"T": Claim((1,))})], School("S", 1)),
        ([Child("a", ("S",), {})], School("S", 1)),
        ([Child("a", ("S", "S"), {"S": Claim((1,))})], School("S", 1)),
        ([], School("S", -1)),
    ],
    ids=["child twice", "unknown school", "no claim", "choice twice", "places below nought"],
)
def test_what_makes_no_sense_is_refused(children: list[Child], school: School) -> None:
    with pytest.raises(ValueError, match=r"twice|name no school|below nought"):
        places(children, [school])


SCHOOLS = ("A", "B", "C")


@st.composite
def _rounds(draw: st.DrawFn) -> tuple[list[Child], list[School]]:
    count = draw(st.integers(1, 7))
    schools = [School(key, draw(st.integers(0, 3)), draw(st.integers(0, 2))) for key in SCHOOLS]
    children = []
    for number in range(count):
        wanted = tuple(draw(st.permutations(SCHOOLS))[: draw(st.integers(0, 3))])
        claims = {}
        for key in SCHOOLS:
            priority = draw(st.integers(1, 3))
            claims[key] = Claim((priority, draw(st.integers(0, 3))), may_exceed=priority == 1)
        children.append(Child(f"c{number}", wanted, claims))
    return children, schools


def _better(child: Child, found: Placement) -> tuple[str, ...]:
    """Return the schools that a child would rather have than what it got."""
    got = found.placed.get(child.key)
    return child.choices[: child.choices.index(got)] if got else child.choices


@given(_rounds())
def test_nobody_is_passed_over_for_somebody_behind(case: tuple[list[Child], list[School]]) -> None:
    children, schools = case

    found = places(children, schools)

    for school in schools:
        there = [child for child in children if found.placed.get(child.key) == school.key]
        for child in (child for child in children if school.key in _better(child, found)):
            kept, away = choose(school, [*there, child])
            assert child in away
            assert sorted(one.key for one in kept) == sorted(one.key for one in there)


@given(_rounds())
def test_places_are_kept_to(case: tuple[list[Child], list[School]]) -> None:
    children, schools = case

    found = places(children, schools)

    for school in schools:
        there = [child for child in children if found.placed.get(child.key) == school.key]
        ordinary = [child for child in there if not child.claims[school.key].may_exceed]
        assert len(there) <= school.places + school.extra
        assert not ordinary or len(there) <= school.places


@given(_rounds())
def test_no_child_gains_by_another_list(case: tuple[list[Child], list[School]]) -> None:
    children, schools = case
    honest, others = children[0], children[1:]
    wish = {key: at for at, key in enumerate(honest.choices)}
    truly = wish.get(places(children, schools).placed.get(honest.key, ""), len(wish))

    for length in range(len(SCHOOLS) + 1):
        for told in permutations(SCHOOLS, length):
            lying = Child(honest.key, told, honest.claims)
            got = places([lying, *others], schools).placed.get(honest.key, "")
            assert truly <= wish.get(got, len(wish))

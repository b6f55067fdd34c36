"""The methods on their own: what officers write, and what comes out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from commonweal.engines.allocation import lottery
from commonweal.kernel.rounds.methods import Budget, BudgetEntry, Places, PlacesEntry
from commonweal.kernel.rounds.registry import Share, Standing

# local-services.md, section 6: choices with priority and metres
CHILDREN = {
    "K01": {"HP": (3, 420), "OM": (6, 1900)},
    "K02": {"HP": (2, 800), "RP": (6, 2500)},
    "K03": {"OM": (6, 1500), "HP": (3, 420)},
    "K04": {"HP": (3, 420), "OM": (6, 1700), "RP": (6, 2200)},
    "K05": {"OM": (3, 300)},
    "K06": {"OM": (3, 650), "RP": (4, 900)},
    "K07": {"RP": (3, 1200)},
    "K08": {"RP": (1, 5000), "HP": (6, 3000)},
}


def _entry(choices: dict[str, tuple[int, int]], *, wants: int = 10, **changes: Any) -> PlacesEntry:
    claims = [
        {"school": school, "priority": priority, "metres": metres}
        for school, (priority, metres) in choices.items()
    ]
    return PlacesEntry.model_validate({"choices": list(choices)[:wants], "claims": claims} | changes)


def _worked_out(text: str, entries: dict[str, PlacesEntry], held: dict[str, Standing] | None = None) -> Any:
    method = Places()
    return method.work_out(method.read_settings(text), "PA-2027-K", entries, held or {}, 0)


def test_the_schools_of_the_sheet() -> None:
    text = "HP 2\nOM 2\n\nRP 1"
    found = _worked_out(text, {key: _entry(choices) for key, choices in CHILDREN.items()})

    placed = {key: standing.detail["school"] for key, standing in found.items() if standing.holds}
    assert placed == {"K01": "HP", "K02": "HP", "K05": "OM", "K06": "OM", "K08": "RP"}
    assert found["K03"].result == "none"
    assert found["K04"].detail == {
        "school": None,
        "choice": None,
        "lottery": lottery("PA-2027-K", "K04"),
        "waiting": [{"school": "HP", "place": 2}, {"school": "OM", "place": 2}, {"school": "RP", "place": 2}],
    }
    assert found["K08"].detail["choice"] == 1
    assert [line.value for line in Places().lines(Places().read_settings(text), found)] == [
        "5",
        "5",
        "0",
        "3",
    ]
    assert Places().shares(Places().read_settings(text), found) == [
        Share("HP", 2, 2, 2),
        Share("OM", 2, 2, 2),
        Share("RP", 1, 1, 2),
    ]
    assert Budget().shares(Budget().read_settings("1"), {}) == []


def test_without_a_chosen_place_a_child_has_the_nearest_free_one() -> None:
    entries = {
        key: _entry({"HP": (3, metres), "NS": (6, 900), "NN": (6, 800)}, wants=1)
        for key, metres in (("A", 10), ("B", 20), ("C", 30))
    }

    found = _worked_out("HP 1\nNN 1\nNS 1", entries)

    assert (found["A"].result, found["A"].detail["school"]) == ("placed", "HP")
    assert {found[key].detail["school"] for key in "BC"} == {"NN", "NS"}
    assert {found[key].result for key in "BC"} == {"nearest"}


def test_who_comes_late_goes_behind_and_what_is_held_is_gone() -> None:
    late, in_time = _entry({"HP": (2, 5)}, is_late=True), _entry({"HP": (6, 5000)})

    found = _worked_out("HP 1", {"late": late, "in time": in_time})
    again = _worked_out("HP 1", {"late": late}, {"in time": found["in time"]})

    assert (found["late"].holds, found["in time"].holds) == (False, True)
    assert again["late"].result == "none"


@pytest.mark.parametrize("text", ["", "HP", "HP many", "HP 3\nHP 4", " 5", "HP -1", "HP ٣"])
def test_places_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Write each once"):
        Places().read_settings(text)


def test_a_budget_is_read_as_a_person_writes_it() -> None:
    assert Budget().read_settings(" $60,000 ").budget == 6_000_000
    for text in ("", "-1", "60.5", "1e9", "٦٠", "9" * 20):
        with pytest.raises(ValueError, match="Write the budget"):
            Budget().read_settings(text)


def test_the_order_of_a_budget_comes_back_from_its_store_as_it_was() -> None:
    written = {"award": Decimal("12.50"), "order": [Decimal(-70), "2026-09-15", "K-1"]}
    entry = BudgetEntry.model_validate(written)

    back = BudgetEntry.model_validate_json(entry.model_dump_json())

    assert back == entry
    assert back.order[0] == Decimal(-70)


@pytest.mark.parametrize("award", ["0", "-5", "1.005"])
def test_an_award_that_makes_no_sense_is_refused(award: str) -> None:
    with pytest.raises(ValidationError):
        BudgetEntry.model_validate({"award": award, "order": [1]})


def test_a_budget_that_is_used_up_leaves_nothing() -> None:
    method = Budget()
    entries = {"a": BudgetEntry.model_validate({"award": 10, "order": [1]})}
    held = {"b": Standing("funded", holds=True, place=1, detail={"amount_minor": 9_000})}

    found = method.work_out(method.read_settings("100"), "", entries, held, used=90)

    assert (found["a"].result, found["a"].holds) == ("reserve", False)
    assert method.work_out(method.read_settings("100"), "", {}, {}, 0) == {}


def test_who_has_a_place_keeps_it_or_gets_a_better_one_and_what_is_left_goes_on() -> None:
    first, second = _entry({"HP": (6, 50), "OM": (6, 10)}), _entry({"HP": (3, 900), "OM": (3, 5)})
    before = {"first": Standing("placed", holds=True, detail={"school": "OM"})}
    method = Places()
    settings = method.read_settings("HP 1\nOM 1")

    found = method.work_out(settings, "seed", {"first": first, "second": second}, {}, 0, before, 2)
    alone = method.work_out(settings, "seed", {"first": first}, {}, 0, before, 2)

    # The second child goes first at HP; nobody can take OM from the first.
    assert {key: standing.detail["school"] for key, standing in found.items()} == {
        "first": "OM",
        "second": "HP",
    }
    assert found["first"].detail["waiting"] == [{"school": "HP", "place": 1}]
    assert alone["first"].detail["school"] == "HP"
    assert [method.is_news(before["first"], one["first"]) for one in (found, alone)] == [False, True]


def test_on_waiting_lists_neither_time_nor_the_old_address_counts() -> None:
    taken = {"held": Standing("placed", holds=True, detail={"school": "HP"})}
    late = _entry({"HP": (3, 400)}, is_late=True)
    moved = PlacesEntry.model_validate(
        {
            "choices": ["HP"],
            "claims": [
                {"school": "HP", "priority": 6, "metres": 9000, "waiting_priority": 3, "waiting_metres": 5}
            ],
        }
    )
    other = _entry({"HP": (3, 500)})
    entries = {"late": late, "moved": moved, "other": other}
    method = Places()

    full = method.work_out(method.read_settings("HP 1"), "seed", entries, taken, 0)
    first = method.work_out(method.read_settings("HP 2"), "seed", entries, taken, 0)
    later = method.work_out(method.read_settings("HP 2"), "seed", entries, taken, 0, {}, 2)

    assert {key: one.detail["waiting"][0]["place"] for key, one in full.items()} == {
        "moved": 1,
        "late": 2,
        "other": 3,
    }
    assert [key for key, one in first.items() if one.holds] == ["other"]
    assert [key for key, one in later.items() if one.holds] == ["moved"]


def test_what_was_kept_above_the_places_comes_off_what_may_be() -> None:
    method, settings = Places(), Places().read_settings("HP 1")
    held = {str(at): Standing("placed", holds=True, detail={"school": "HP"}) for at in range(2)}
    entries = {key: _entry({"HP": (1, 10)}) for key in "ab"}

    found = method.work_out(settings, "seed", entries, held, 0, {}, 2)

    assert sorted(one.result for one in found.values()) == ["none", "placed"]

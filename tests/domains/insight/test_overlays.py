"""Changed figures meet the reader of parameters.yaml."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from commonweal.domains.insight.simulation.overlays import (
    cells,
    changed_cells,
    faults_of,
    overlaid,
    read_form,
    read_overlay,
)
from commonweal.engines import parameters

ON = date(2026, 6, 1)


def entry(value):
    return [{"from": "2026-01-01", "known_from": "2026-01-01", "reference": "Code 1", **value}]


FIGURES = parameters.load(
    {
        "programme": "toy",
        "name": "Toy",
        "parameters": {
            "rate": {"label": "Rate", "unit": "share", "entries": entry({"value": "0.30"})},
            "is_open": {
                "label": "Open",
                "unit": "yes-no",
                "kind": "boolean",
                "entries": entry({"value": True}),
            },
            "word": {"label": "Word", "unit": "text", "kind": "text", "entries": entry({"value": "SUA"})},
            "limit": {
                "label": "Limit",
                "unit": "USD/month",
                "by": [
                    {"key": "zone", "label": "Zone", "values": ["A", "B"]},
                    {"key": "size", "label": "Size", "up_to": 2},
                ],
                "entries": entry({"value": {"A": [1, 2], "B": [3, 4]}}),
            },
            "scale": {
                "label": "Scale",
                "unit": "share",
                "kind": "scale",
                "entries": entry({"value": [{"above": 0, "value": "0.1"}, {"above": 100, "value": "0.2"}]}),
            },
            "lost": {"label": "Lost", "unit": "USD/month", "entries": entry({"unknown": "Not published."})},
        },
    }
)
SNAPSHOT = FIGURES.at(ON)


def test_every_value_has_a_field_with_what_is_in_force():
    fields = {
        cell.name: (cell.label, cell.value)
        for parameter in FIGURES
        for cell in cells(parameter, SNAPSHOT.entries.get(parameter.key))
    }
    assert fields == {
        "p.rate": ("", "0.3"),
        "p.is_open": ("", "yes"),
        "p.word": ("", "SUA"),
        "p.limit.A.0": ("Zone: A, Size: 1", "1"),
        "p.limit.A.1": ("Zone: A, Size: 2", "2"),
        "p.limit.B.0": ("Zone: B, Size: 1", "3"),
        "p.limit.B.1": ("Zone: B, Size: 2", "4"),
        "p.scale.0.above": ("band 1, from above", "0"),
        "p.scale.0.value": ("band 1, value", "0.1"),
        "p.scale.1.above": ("band 2, from above", "100"),
        "p.scale.1.value": ("band 2, value", "0.2"),
        "p.lost": ("", ""),
    }


def test_a_form_as_it_was_changes_nothing():
    posted = {
        cell.name: cell.value
        for parameter in FIGURES
        for cell in cells(parameter, SNAPSHOT.entries.get(parameter.key))
    }
    assert read_form(FIGURES, SNAPSHOT, {**posted, "p.rate": "0.300", "p.limit.A.0": "1.0"}) == ({}, {})
    assert read_form(FIGURES, SNAPSHOT, {}) == ({}, {})


def test_a_form_gives_whole_values_of_what_changed():
    posted = {
        "p.rate": " 0.25 ",
        "p.is_open": "no",
        "p.limit.B.1": "5",
        "p.scale.1.value": "0.5",
        "p.lost": "7",
    }
    changes, errors = read_form(FIGURES, SNAPSHOT, posted)
    assert errors == {}
    assert changes == {
        "rate": Decimal("0.25"),
        "is_open": False,
        "limit": {"A": [Decimal(1), Decimal(2)], "B": [Decimal(3), Decimal(5)]},
        "scale": [
            {"above": Decimal(0), "value": Decimal("0.1")},
            {"above": Decimal(100), "value": Decimal("0.5")},
        ],
        "lost": Decimal(7),
    }


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("p.rate", "much", "'much' is not a number."),
        ("p.rate", "", "'' is not a number."),
        ("p.rate", "NaN", "'NaN' is not a number."),
        ("p.limit.A.1", "1e", "'1e' is not a number."),
        ("p.is_open", "perhaps", "'perhaps' is not a boolean."),
        ("p.scale.1.above", "0", "The threshold 0 does not lie above 0."),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(field, text, says):
    changes, errors = read_form(FIGURES, SNAPSHOT, {field: text, "p.word": "LUA"})
    assert (changes, errors) == ({"word": "LUA"}, {field: says})


def test_the_api_gives_whole_values_and_is_told_what_is_wrong():
    given = {"rate": 0.3, "word": 7, "limit": {"A": [1, 2]}, "new": 1, "lost": "12.50"}
    changes, errors = read_overlay(FIGURES, SNAPSHOT, given)
    assert changes == {"lost": Decimal("12.50")}
    assert errors == {
        "word": "'7' is not a text.",
        "limit": "There is no value for Zone B.",
        "new": "The programme has no such figure.",
    }


def test_an_overlay_makes_unknown_figures_known_and_leaves_the_law_as_it_is():
    reform = overlaid(SNAPSHOT, {"rate": Decimal(1), "lost": Decimal(2)}, ON)
    assert (reform.values["rate"], reform.values["lost"], reform.unknown) == (1, 2, {})
    assert (SNAPSHOT.values["rate"], list(SNAPSHOT.unknown)) == (Decimal("0.30"), ["lost"])


def test_an_unknown_table_has_an_empty_field_for_each_cell():
    limit = FIGURES.parameters["limit"]
    assert [cell.value for cell in changed_cells(limit, None)] == ["", "", "", ""]
    assert changed_cells(FIGURES.parameters["scale"], None) == []
    assert faults_of(limit, {"A": [1, 2], "B": [3, 4]}) == []

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.engines import parameters
from commonweal.engines.parameters import Entry, Gap, Kind, Parameter, ParametersError, Reference, load, read


def entry(since: str, value: object = 1, known: str | None = None, **more: object) -> dict[str, Any]:
    return {"from": since, "known_from": known or since, "reference": "Code 1", "value": value, **more}


def document(*entries: dict[str, Any], **more: object) -> dict[str, Any]:
    fee = {"label": "Fee", "unit": "USD/year", "entries": list(entries), **more}
    return {"programme": "fees", "name": "Fees", "parameters": {"fee": fee}}


def codes(data: object) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(fault.code.removeprefix("parameters."), fault.path) for fault in read(data)[1]]


def test_value_changes_with_the_reference_date() -> None:
    law = load(document(entry("2026-01-01", 42), entry("2027-01-01", "44.50")))

    assert law.at(date(2026, 12, 31)).values == {"fee": Decimal(42)}
    assert law.at(date(2027, 1, 1)).values == {"fee": Decimal("44.50")}
    assert law.at(date(2027, 1, 1)).versions == {"fee": "2027-01-01@2027-01-01"}


def test_before_the_first_entry_the_value_is_unknown_and_named() -> None:
    snapshot = load(document(entry("2026-01-01"))).at(date(2025, 12, 31))

    assert snapshot.values == {}
    assert snapshot.unknown == {"fee": "Fee is not known for December 2025."}
    assert snapshot.context("?") == {"fee": "?"}


def test_after_its_last_day_a_value_is_unknown() -> None:
    law = load(document(entry("2026-01-01", until="2026-09-30")))

    assert law.at(date(2026, 9, 30)).values == {"fee": Decimal(1)}
    assert law.at(date(2026, 10, 1)).unknown == {"fee": "Fee is not known for October 2026."}


def test_what_was_not_yet_known_does_not_count() -> None:
    law = load(document(entry("2024-01-01", 1), entry("2024-03-01", 2, known="2024-02-15")))

    assert law.at(date(2024, 3, 3), date(2024, 2, 1)).values == {"fee": Decimal(1)}
    assert law.at(date(2024, 3, 3), date(2024, 2, 15)).values == {"fee": Decimal(2)}


def test_correction_counts_from_the_day_it_was_known() -> None:
    law = load(
        document(
            entry("2024-01-01", 9, known="2024-05-01", corrects="misprint"),
            entry("2024-01-01", 6, known="2023-12-01"),
            entry("2025-01-01", 7),
        )
    )

    assert law.at(date(2024, 2, 1), date(2024, 4, 30)).values == {"fee": Decimal(6)}
    assert law.at(date(2024, 2, 1), date(2024, 5, 1)).values == {"fee": Decimal(9)}
    fee = law.parameters["fee"]
    assert [item.value for item in fee.history()] == [Decimal(9), Decimal(7)]
    assert [item.value for item in fee.history(date(2024, 1, 1))] == [Decimal(6)]


def test_declared_unknown_never_falls_back_to_an_older_value() -> None:
    unknown = {
        "from": "2026-10-01",
        "known_from": "2026-10-01",
        "reference": "WAC",
        "unknown": "Unpublished.",
    }
    law, faults = read(document(entry("2025-10-01"), unknown))

    assert law is not None
    assert law.at(date(2026, 10, 5)).unknown == {"fee": "Fee is not known for October 2026. Unpublished."}
    assert [(fault.code, fault.is_error) for fault in faults] == [("parameters.gap", False)]
    assert law.gaps() == [(law.parameters["fee"], Gap(date(2026, 10, 1), None, "Unpublished."))]


def test_gap_between_entries_is_a_warning_with_its_days() -> None:
    law, faults = read(document(entry("2024-01-01", until="2024-06-30"), entry("2024-09-01")))

    assert law is not None
    assert [str(fault) for fault in faults] == [
        "parameters.fee: Fee is not known from 2024-07-01 until 2024-08-31. Cases of those days go to an officer."
    ]


def test_end_without_successor_is_a_gap_only_where_other_parameters_go_on() -> None:
    alone = document(entry("2024-01-01", until="2024-12-31"))
    assert load(alone).gaps() == []

    alone["parameters"]["later"] = {**alone["parameters"]["fee"], "entries": [entry("2025-01-01")]}
    law = load(alone)
    assert law.gaps() == [(law.parameters["fee"], Gap(date(2025, 1, 1), None))]


def test_tables_by_number_and_by_name() -> None:
    law = load(
        document(
            entry("2026-01-01", {"A": [1, 2], "B": [3, 0]}),
            by=[{"key": "class", "values": ["A", "B"]}, {"key": "size", "label": "People", "up_to": 2}],
        )
    )

    assert law.at(date(2026, 1, 1)).values == {
        "fee": {"A": [Decimal(1), Decimal(2)], "B": [Decimal(3), Decimal(0)]}
    }
    assert [(item.label, item.names) for item in law.parameters["fee"].by] == [
        ("class", ("A", "B")),
        ("People", ("1", "2")),
    ]


def test_scale_is_a_list_of_bands() -> None:
    bands = [{"above": 0, "value": 0.1}, {"above": 11600, "value": 0.12}]
    law = load(document(entry("2026-01-01", bands), kind="scale", unit="share"))

    assert law.at(date(2026, 1, 1)).values == {
        "fee": [
            {"above": Decimal(0), "value": Decimal("0.1")},
            {"above": Decimal(11600), "value": Decimal("0.12")},
        ]
    }


@pytest.mark.parametrize(("kind", "unit", "value"), [("text", "text", "all"), ("boolean", "yes-no", False)])
def test_texts_and_truth_values(kind: str, unit: str, value: object) -> None:
    law = load(document(entry("2026-01-01", value), kind=kind, unit=unit))

    assert law.at(date(2026, 1, 1)).values == {"fee": value}


def test_reference_may_carry_an_address() -> None:
    data = document(entry("2026-01-01", reference={"text": "7 CFR 273.9", "url": "https://ecfr.example"}))

    assert load(data).parameters["fee"].entries[0].reference == Reference(
        "7 CFR 273.9", "https://ecfr.example"
    )


def test_hash_ignores_layout_and_follows_content() -> None:
    data = document(entry("2026-01-01"))
    turned = {key: data[key] for key in reversed(data)}

    assert load(data).hash == load(turned).hash
    assert load(data).hash != load(document(entry("2026-01-01", 2))).hash
    assert [item.key for item in load(data)] == ["fee"]


FEE = ("parameters", "fee")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"label": ""}, [("text", (*FEE, "label"))]),
        ({"label": None}, [("text", (*FEE, "label"))]),
        ({"colour": "red"}, [("unknown-key", (*FEE, "colour"))]),
        ({"kind": "soup"}, [("kind", (*FEE, "kind"))]),
        ({"unit": "US Dollars!"}, [("unit", (*FEE, "unit"))]),
        ({"unit": "text"}, [("unit", (*FEE, "unit"))]),
        ({"kind": "text"}, [("value", (*FEE, "entries", 0, "value")), ("unit", (*FEE, "unit"))]),
        ({"entries": 3}, [("shape", (*FEE, "entries"))]),
        ({"entries": [4]}, [("shape", (*FEE, "entries", 0)), ("date", (*FEE, "entries", 0, "from"))]),
        ({"by": [{"key": "size"}]}, [("dimension", (*FEE, "by", 0))]),
        ({"by": [{"key": "size", "up_to": 0}]}, [("dimension", (*FEE, "by", 0, "up_to"))]),
        (
            {"by": [{"key": "a", "values": ["S"], "labels": {"S": "Single", "J": "Joint"}}]},
            [("dimension", (*FEE, "by", 0, "labels"))],
        ),
        (
            {"by": [{"key": "a", "up_to": 2, "labels": {1: "First"}}]},
            [("dimension", (*FEE, "by", 0, "labels"))],
        ),
    ],
)
def test_faults_of_a_parameter_name_their_place(
    change: dict[str, Any], expected: list[tuple[str, tuple[str | int, ...]]]
) -> None:
    data = document(entry("2026-01-01"))
    data["parameters"]["fee"] |= change

    found = codes(data)

    assert [item for item in expected if item not in found] == []
    assert read(data)[0] is None


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"from": "soon"}, "date", "from"),
        ({"from": None}, "date", "from"),
        ({"from": 20260101}, "date", "from"),
        ({"known_from": ""}, "date", "known_from"),
        ({"until": "2025-12-31"}, "period", "until"),
        ({"reference": ""}, "reference", None),
        ({"reference": {"url": "x"}}, "text", "reference"),
        ({"value": True}, "value", "value"),
        ({"value": "many"}, "value", "value"),
        ({"value": float("nan")}, "value", "value"),
        ({"unknown": "and yet a value"}, "value", None),
        ({"worth": 3}, "unknown-key", "worth"),
    ],
)
def test_faults_of_an_entry_name_their_place(change: dict[str, Any], code: str, place: str | None) -> None:
    where = (*FEE, "entries", 0, *([place] if place else []))

    found = codes(document({**entry("2026-01-01"), **change}))

    assert [(kind, path[: len(where)]) for kind, path in found] == [(code, where)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (entry("2026-01-01", until="2026-06-30"), entry("2026-06-30")),
        (entry("2026-01-01"), entry("2026-01-01")),
        (entry("2026-01-01"), entry("2026-01-01", known="2026-02-01")),
    ],
)
def test_overlap_is_refused(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert codes(document(first, second)) == [("overlap", (*FEE, "entries", 1))]


def test_tables_must_be_complete() -> None:
    by = [{"key": "class", "values": ["A", "B"]}]
    assert codes(document(entry("2026-01-01", {"A": 1, "C": 2}), by=by)) == [
        ("table", (*FEE, "entries", 0, "value")),
        ("table", (*FEE, "entries", 0, "value", "C")),
    ]
    assert codes(document(entry("2026-01-01", [1]), by=[{"key": "size", "up_to": 2}])) == [
        ("table", (*FEE, "entries", 0, "value"))
    ]


@pytest.mark.parametrize("bands", [[], [{"above": 5, "value": 1}, {"above": 5, "value": 2}]])
def test_scale_must_rise(bands: list[dict[str, int]]) -> None:
    assert {code for code, _ in codes(document(entry("2026-01-01", bands), kind="scale"))} == {"scale"}


def test_names_must_be_names_in_feel() -> None:
    data = document(entry("2026-01-01"))
    data["parameters"]["The fee"] = data["parameters"].pop("fee")

    assert codes(data) == [("key", ("parameters", "The fee"))]


@pytest.mark.parametrize("data", [None, [], {}, {"programme": "x", "name": "x"}])
def test_something_else_is_refused(data: object) -> None:
    assert read(data)[0] is None


def test_load_raises_with_every_error_and_no_warning() -> None:
    data = document(entry("2024-01-01", until="2024-06-30", value="x"), entry("2024-09-01", reference=None))

    with pytest.raises(ParametersError, match="'x' is not a number") as caught:
        load(data)

    assert [fault.code for fault in caught.value.faults] == ["parameters.value", "parameters.reference"]


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    st.dictionaries(st.tuples(DAYS, DAYS), st.integers(0, 99), min_size=1, max_size=8),
    DAYS,
    DAYS,
)
def test_the_entry_that_counts_is_the_latest_begun_and_known(
    written: dict[tuple[date, date], int], on: date, known_on: date
) -> None:
    entries = tuple(
        Entry(since, None, known, Reference("x"), Decimal(value))
        for (since, known), value in sorted(written.items())
    )
    parameter = Parameter("fee", "Fee", "", "USD", Kind.NUMBER, (), entries)

    candidates = [key for key in written if key[0] <= on and key[1] <= known_on]
    found = parameter.entry_at(on, known_on)

    assert (None if found is None else (found.valid_from, found.known_from)) == max(candidates, default=None)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), min_size=1, max_size=6), DAYS)
def test_every_day_since_the_first_has_a_value_or_lies_in_a_gap(
    periods: list[tuple[int, int]], horizon: date
) -> None:
    since, written = date(2024, 1, 1), []
    for length, pause in periods:
        until = since + timedelta(days=length - 1)
        written.append(entry(since.isoformat(), until=until.isoformat()))
        since = until + timedelta(days=1 + pause)
    law = load(document(*written))
    gaps = law.parameters["fee"].gaps(date(2031, 1, 1))

    for day in range(300):
        on = date(2024, 1, 1) + timedelta(days=day)
        in_gap = any(gap.since <= on and (gap.until is None or on <= gap.until) for gap in gaps)
        assert ("fee" in law.at(on).values) is not in_gap


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_reading_any_document_ends_in_faults_not_in_a_crash(data: object) -> None:
    changed = deepcopy(document(entry("2026-01-01")))
    changed["parameters"]["fee"]["entries"] = [data]

    assert parameters.read(data)[0] is None
    assert parameters.read(changed)[1]


@pytest.mark.parametrize(
    ("more", "value", "expected"),
    [
        ({}, 0, []),
        ({}, -1, ["low"]),
        ({"minimum": -5}, -5, []),
        ({"minimum": -5}, "-5.01", ["low"]),
        ({"minimum": 2}, 1, ["low"]),
        ({"maximum": 1}, "1.00", []),
        ({"maximum": 1}, "1.3", ["high"]),
        ({"minimum": -3, "maximum": -1}, -2, []),
        (
            {"kind": "scale", "maximum": "0.5"},
            [{"above": -9, "value": "0.4"}, {"above": 0, "value": 4}],
            ["high"],
        ),
    ],
)
def test_a_number_lies_between_the_bounds_of_its_figure(
    more: dict[str, Any], value: object, expected: list[str]
) -> None:
    assert [code for code, _path in codes(document(entry("2026-01-01", value), **more))] == expected


def test_bounds_that_make_no_sense_are_refused_at_their_place() -> None:
    assert codes(document(entry("2026-01-01", -2), maximum=-1)) == [
        ("bounds", ("parameters", "fee", "maximum")),
        ("low", ("parameters", "fee", "entries", 0, "value")),
    ]
    texts = document(entry("2026-01-01", "x"), kind="text", unit="text", minimum=1)
    assert codes(texts) == [("bounds", ("parameters", "fee", "minimum"))]
    assert codes(document(entry("2026-01-01"), minimum="low")) == [
        ("value", ("parameters", "fee", "minimum")),
    ]


def test_bounds_are_known_of_a_figure() -> None:
    fee = load(document(entry("2026-01-01"), minimum=-1, maximum="2.5")).parameters["fee"]
    assert (fee.minimum, fee.maximum) == (Decimal(-1), Decimal("2.5"))
    plain = load(document(entry("2026-01-01"))).parameters["fee"]
    assert (plain.minimum, plain.maximum) == (Decimal(), None)


def test_keys_of_a_table_are_told_in_words() -> None:
    by = [
        {"key": "status", "values": ["S", "J"], "labels": {"S": "Single", "J": "Joint return"}},
        {"key": "size", "up_to": 2, "labels": {1: "One", 2: "Two or more"}},
        {"key": "band", "up_to": 1},
    ]
    value = {"S": [[1], [2]], "J": [[3], [4]]}
    status, size, band = load(document(entry("2026-01-01", value), by=by)).parameters["fee"].by

    assert [status.word("J"), size.word("2"), band.word("1"), status.word("X")] == [
        "Joint return",
        "Two or more",
        "1",
        "X",
    ]

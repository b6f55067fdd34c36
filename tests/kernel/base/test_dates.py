"""One reader of days for every form."""

from __future__ import annotations

from datetime import date

import pytest

from commonweal.kernel.base.dates import NotADay, boxes, needed_day, read_day, sent_day, typed_day
from commonweal.kernel.base.errors import Invalid


def sent(day: str, month: str, year: str) -> dict[str, str]:
    return {"on-day": day, "on-month": month, "on-year": year}


def test_a_day_is_read_as_it_is_typed() -> None:
    assert typed_day(" 2026-10-01 ", "closes_on") == date(2026, 10, 1)
    assert typed_day("2026-10-1", "closes_on") == date(2026, 10, 1)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "0026-10-01", "9999-12-31", "1/10/2026"])
def test_what_is_no_day_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        typed_day(text, "closes_on")

    assert caught.value.fields == {"closes_on": "Write the date as 2026-10-01."}


@pytest.mark.parametrize(
    "given",
    [
        date(2026, 10, 1),
        "2026-10-01",
        {"day": 1, "month": 10, "year": 2026},
        sent("1", " 10 ", "2026"),
        sent("٠١", "١٠", "٢٠٢٦"),  # noqa: RUF001 - Arabic digits
    ],
)
def test_a_day_is_read_from_whatever_brings_it(given: object) -> None:
    if isinstance(given, dict) and "on-day" in given:
        assert sent_day(given, "on") == date(2026, 10, 1)
    else:
        assert read_day(given) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "month", "year", "message"),
    [
        ("1", "", "2026", "The date must include a month."),
        ("", "", "2026", "The date must include a day and a month."),
        ("31", "2", "2026", "There is no such day. Check the day and the month."),
        ("1", "October", "2026", "Enter day, month and year as numbers, each in its own box."),
        ("1", "10", "26", "Enter the year with four digits, such as 1987."),
        ("1", "10", "2926", "Check the year: it lies too far away."),
    ],
)
def test_three_boxes_that_are_no_day_say_why(day: str, month: str, year: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        sent_day(sent(day, month, year), "on")
    assert caught.value.fields == {"on": message}
    assert boxes(sent(day, month, year), "on", date(2026, 1, 2)) == {"day": day, "month": month, "year": year}


def test_a_blank_day_is_none_unless_it_is_needed() -> None:
    assert sent_day({}, "on") is None
    assert sent_day(sent("", " ", ""), "on") is None
    assert sent_day({"on": "2026-10-01"}, "on") == date(2026, 10, 1)
    with pytest.raises(Invalid):
        needed_day({}, "on")


def test_boxes_show_a_day_before_anybody_types() -> None:
    assert boxes({}, "on", date(2026, 10, 1)) == {"day": "1", "month": "10", "year": "2026"}
    assert boxes({"on": "2026-09-02"}, "on") == {"day": "2", "month": "9", "year": "2026"}
    assert boxes({"on": "soon"}, "on") == {"day": "", "month": "", "year": ""}


def test_what_is_no_day_at_all_is_none() -> None:
    for given in (None, 20261001, "1 Oct", ["2026"]):
        with pytest.raises(NotADay):
            read_day(given)

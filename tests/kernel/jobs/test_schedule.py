from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.jobs.schedule import Schedule

SEATTLE = ZoneInfo("America/Los_Angeles")


def last(text: str, at: str, zone: ZoneInfo = SEATTLE) -> str | None:
    """Both times as the zone's clocks show them."""
    found = Schedule.parse(text).last(datetime.fromisoformat(at).replace(tzinfo=zone), zone)
    return found.astimezone(zone).strftime("%a %Y-%m-%d %H:%M") if found else None


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("* * * * *", "2026-09-15T12:34:56", "Tue 2026-09-15 12:34"),
        ("*/15 * * * *", "2026-09-15T12:34:56", "Tue 2026-09-15 12:30"),
        ("30 6 * * 1-5", "2026-09-15T06:29:59", "Mon 2026-09-14 06:30"),
        ("30 6 * * 1-5", "2026-09-15T06:30:00", "Tue 2026-09-15 06:30"),
        ("0 9 * * 6,7", "2026-09-15T12:00:00", "Sun 2026-09-13 09:00"),
        ("0 0 1 */3 *", "2026-09-15T12:00:00", "Wed 2026-07-01 00:00"),
        ("5,50 8-10/2 * * *", "2026-09-15T10:30:00", "Tue 2026-09-15 10:05"),
        ("0 12 13 * 5", "2026-09-15T12:00:00", "Sun 2026-09-13 12:00"),
        ("0 12 1 * 5", "2026-09-15T12:00:00", "Fri 2026-09-11 12:00"),
        ("0 0 29 2 *", "2026-09-15T12:00:00", "Thu 2024-02-29 00:00"),
        ("0 0 31 2 *", "2026-09-15T12:00:00", None),
    ],
)
def test_last_is_the_latest_tick(text: str, at: str, expected: str | None) -> None:
    assert last(text, at) == expected


def test_an_hour_left_out_comes_due_an_hour_later_and_once() -> None:
    assert last("30 2 * * *", "2026-03-08T12:00:00") == "Sun 2026-03-08 03:30"


def test_an_hour_shown_twice_comes_due_once_where_it_is_fixed() -> None:
    schedule = Schedule.parse("30 1 * * *")
    ticks = {
        schedule.last(datetime(2026, 11, 1, 7, tzinfo=UTC) + timedelta(minutes=10 * step), SEATTLE)
        for step in range(30)
    }
    # 01:30 in summer time is 08:30 UTC; the night before counts until then.
    assert ticks == {
        datetime(2026, 10, 31, 8, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 8, 30, tzinfo=UTC),
    }


def test_an_hour_shown_twice_runs_twice_what_runs_every_hour() -> None:
    schedule = Schedule.parse("30 * * * *")
    begin = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert [schedule.last(begin + timedelta(hours=n, minutes=5), SEATTLE) for n in range(3)] == [
        begin + timedelta(hours=n) for n in range(3)
    ]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))  # noqa: DTZ001 - bounds of naive times
def test_every_five_minutes_is_never_more_than_five_minutes_ago(at: datetime) -> None:
    moment = at.replace(tzinfo=UTC)
    found = Schedule.parse("*/5 * * * *").last(moment, SEATTLE)

    assert found is not None
    assert timedelta() <= moment - found < timedelta(minutes=5)


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *", "a * * * *",
     "*/0 * * * *", "5/2 * * * *", "1-2-3 * * * *", "² * * * *", "-1 * * * *"],
)  # fmt: skip
def test_parse_refuses_what_is_no_schedule(text: str) -> None:
    with pytest.raises(ValueError):
        Schedule.parse(text)

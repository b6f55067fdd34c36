"""Temporal values against the standard library where that is wide enough."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engines.feel.evaluating import shown, value

from commonweal.engines import feel
from commonweal.engines.feel.values.temporal import parse_temporal

days = st.dates()
moments = st.datetimes(min_value=dt.datetime(2, 1, 1), max_value=dt.datetime(9990, 1, 1))  # noqa: DTZ001 - local on purpose
spans = st.timedeltas(min_value=dt.timedelta(days=-300), max_value=dt.timedelta(days=300))
wide_days = st.builds(feel.Date.from_ordinal, st.integers(-365_000_000_000, 365_000_000_000))
durations = st.builds(feel.DaysDuration, st.integers(-(10**24), 10**24))
months = st.builds(feel.YearsMonthsDuration, st.integers(-(10**12), 10**12))


@given(days)
def test_date_agrees_with_the_standard_library(day: dt.date) -> None:
    date = feel.Date.from_python(day)

    assert str(date) == day.isoformat()
    assert date.ordinal == (day - dt.date(1970, 1, 1)).days
    assert (date.weekday, date.day_of_year) == (day.isoweekday(), day.timetuple().tm_yday)
    assert date.week_of_year == day.isocalendar().week


@given(moments, spans)
def test_moment_plus_duration_agrees(moment: dt.datetime, span: dt.timedelta) -> None:
    result = value("m + d", m=moment, d=span)

    assert result == feel.DateTime.from_python(moment + span)
    assert value("m - d", m=result, d=span) == feel.DateTime.from_python(moment)
    assert value("a - b", a=result, b=moment) == feel.DaysDuration.from_python(span)


@given(moments, moments)
def test_order_of_moments_agrees(one: dt.datetime, other: dt.datetime) -> None:
    assert value("a < b", a=one, b=other) is (one < other)
    assert value("a = b", a=one, b=other) is (one == other)


@given(moments, st.sampled_from(["Europe/Paris", "America/Los_Angeles", "Asia/Dhaka", "Australia/Melbourne"]))
def test_offset_of_zone_agrees(moment: dt.datetime, name: str) -> None:
    zoned = moment.replace(tzinfo=ZoneInfo(name))
    offset = zoned.utcoffset()
    assert offset is not None

    assert feel.DateTime.from_python(zoned).offset_seconds == int(offset.total_seconds())


@given(moments, spans, st.sampled_from(["Europe/Paris", "America/Los_Angeles", "Australia/Melbourne"]))
def test_true_time_passes_in_a_zone(moment: dt.datetime, span: dt.timedelta, name: str) -> None:
    zone = ZoneInfo(name)
    zoned = moment.replace(tzinfo=dt.UTC).astimezone(zone)
    assume(zoned.fold == 0)  # the second of two equal hours cannot be written
    later = (zoned.astimezone(dt.UTC) + span).astimezone(zone)

    assert value("m + d", m=zoned, d=span) == feel.DateTime.from_python(later)


@given(wide_days)
def test_wide_dates_read_back_and_count(date: feel.Date) -> None:
    assert feel.parse_date(str(date)) == date
    assert feel.Date.from_ordinal(date.ordinal) == date


@given(st.one_of(durations, months))
def test_durations_read_back(duration: feel.DaysDuration | feel.YearsMonthsDuration) -> None:
    assert feel.parse_duration(str(duration)) == duration


@given(moments, st.integers(0, 999_999_999), st.one_of(st.none(), st.integers(-18 * 3600, 18 * 3600)))
def test_date_times_read_back(moment: dt.datetime, nano: int, offset: int | None) -> None:
    zone = None if offset is None else feel.Offset(offset)
    time = feel.Time(moment.hour, moment.minute, moment.second, nano, zone)
    whole = feel.DateTime(feel.Date.from_python(moment), time)

    assert feel.parse_date_time(str(whole)) == whole
    assert feel.parse_time(str(time)) == time
    assert parse_temporal(str(whole)) == whole


@given(days, st.integers(-2000, 2000))
def test_months_keep_the_day_or_take_the_last(day: dt.date, count: int) -> None:
    date = feel.Date.from_python(day)
    moved = date.plus_months(count)

    assert (moved.year * 12 + moved.month) - (date.year * 12 + date.month) == count
    assert moved.day == date.day or (moved.plus_days(1).day == 1 and moved.day < date.day)


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "2023-13-01", "0x", "-0000-01-01", "02023-01-01", "1234567890-01-01", "2023-1-1", "24:00:00",
     "10:60:00", "10:00", "10:00:00+19:00", "10:00:00+01:60", "10:00:00@Nowhere/Town", "2023-01-01T25:00:00",
     "2023-01-01T24:00:00.5", "999999999-12-31T24:00:00", "2023-01-01TT10:00:00", "P", "PT", "P1DT", "P1Y1D",
     "1D", "P1.5D", "-P", "PT1H1H", ""],
)  # fmt: skip
def test_what_is_no_temporal_value(text: str) -> None:
    assert parse_temporal(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2026-09-15")', "2026-09-15"),
        ("date(2026, 9, 15)", "2026-09-15"),
        ('date(@"2026-09-15T10:00:00")', "2026-09-15"),
        ('date(["2026-09-15"])', "2026-09-15"),
        ('date(@"2026-09-15")', "2026-09-15"),
        ("date(2026, 2, 30)", "null"),
        ("date(2026.5, 2, 3)", "null"),
        ("date(1)", "null"),
        ('date and time("2026-09-15T24:00:00Z")', "2026-09-16T00:00:00Z"),
        ('date and time(@"2026-09-15T08:00:00", @"10:00:00")', "2026-09-15T10:00:00"),
        ('date and time(@"2026-09-15")', "2026-09-15T00:00:00Z"),
        ('date and time(@"2026-09-15T08:00:00")', "2026-09-15T08:00:00"),
        ('date and time(1, @"10:00:00")', "null"),
        ("date and time(1)", "null"),
        ("date and time(2026, 9, 15, 8, 30, 0)", "2026-09-15T08:30:00"),
        ('date and time(2026, 9, 15, 8, 30, 0.5, @"PT2H")', "2026-09-15T08:30:00.5+02:00"),
        ('date and time(2026, 9, 15, 8, 30, 0, "Europe/Paris")', "2026-09-15T08:30:00@Europe/Paris"),
        ('date and time(2026, 9, 15, 8, 30, 0, "Atlantis")', "null"),
        ('time("T10:00:00")', "10:00:00"),
        ('time("T23:59:00z")', "23:59:00Z"),
        ('time("23:59:00z") + @"PT2M" = time("00:01:00@Etc/UTC")', "true"),
        ('date and time("2026-09-15T23:59:00z")', "2026-09-15T23:59:00Z"),
        ('@"10:00:00@Asia/Tokyo"', "10:00:00@Asia/Tokyo"),
        ('@"T10:00:00@Etc/UTC"', "10:00:00@Etc/UTC"),
        ('@"2026-09-15T10:00:00@Asia/Tokyo"', "2026-09-15T10:00:00@Asia/Tokyo"),
        ('time(@"2026-09-15T10:00:00Z")', "10:00:00Z"),
        ('time(@"2026-09-15")', "00:00:00Z"),
        ('time(@"10:00:00")', "10:00:00"),
        ('time(10, 30, 15.25, @"-PT5H")', "10:30:15.25-05:00"),
        ("time(10, 30, 15, null)", "10:30:15"),
        ("time(10, 30, 60)", "null"),
        ("time(10, 30, -1)", "null"),
        ("time(1)", "null"),
        ('duration("P1DT36H")', "P2DT12H"),
        ('duration(@"P1D")', "P1D"),
        ("duration(1)", "null"),
        ('duration("x")', "null"),
        ('years and months duration(@"2024-02-29", @"2026-02-28")', "P1Y11M"),
        ('years and months duration(@"2026-02-28", @"2024-02-29")', "-P1Y11M"),
        ('years and months duration(from: @"2024-01-01T10:00:00", to: @"2025-03-01")', "P1Y2M"),
        ('years and months duration(1, @"2025-03-01")', "null"),
        ('day of week(@"2026-09-15")', "Tuesday"),
        ('day of week([@"2026-09-15T10:00:00"])', "Tuesday"),
        ('day of year(@"2026-12-31")', "365"),
        ('month of year(@"2026-09-15")', "September"),
        ('week of year(@"2027-01-01")', "53"),
        ('week of year(@"2024-12-30")', "1"),
        ('week of year("x")', "null"),
        ('@"2026-01-31" + @"P1M"', "2026-02-28"),
        ('@"2026-01-31T10:00:00@Europe/Paris" + @"P1M"', "2026-02-28T10:00:00@Europe/Paris"),
        ('@"2026-03-01" - @"PT1H"', "2026-02-28"),
        ('@"10:00:00Z" - @"09:30:00+01:00"', "PT1H30M"),
        ('@"10:00:00" - @"09:30:00Z"', "null"),
        ('@"23:30:00" + @"PT1H"', "00:30:00"),
        ('@"999999999-12-31" + @"P1D"', "null"),
        ('@"P1Y" + @"P1D"', "null"),
        ('@"P1D" / @"PT6H"', "4"),
        ('@"P3Y" / @"P1Y6M"', "2"),
        ('@"P1Y" * 1E45', "null"),
        ('-@"P1Y"', "-P1Y"),
        ('-@"P1D"', "-P1D"),
        ('@"2026-09-15T10:00:00Z" = @"2026-09-15T12:00:00+02:00"', "true"),
        ('@"2026-09-15T10:00:00Z" = @"2026-09-15T10:00:00"', "false"),
        ('@"2026-09-15T10:00:00Z" < @"2026-09-15T10:00:00"', "null"),
        ('@"2026-09-15" < @"2026-09-15T10:00:00Z"', "true"),
        ('@"2026-09-15T10:00:00Z" > @"2026-09-15"', "true"),
        ('@"2026-09-15T10:00:00.5Z".second', "0.5"),
        ('@"10:00:00@Europe/Paris".timezone', "Europe/Paris"),
        ('@"10:00:00+02:00:30".time offset', "PT2H30S"),
        ('string(@"10:00:00+02:00:30")', "10:00:00+02:00:30"),
        ('@"P1DT2H3M4.5S".seconds', "4.5"),
        ('@"-P1Y2M".months', "-2"),
        ('@"2026-09-15".hour', "null"),
        ('@"2020-03-29T01:30:00@Europe/Paris" + @"PT1H"', "2020-03-29T03:30:00@Europe/Paris"),
        ('@"2020-03-28T12:00:00@Europe/Paris" + @"P1D"', "2020-03-29T13:00:00@Europe/Paris"),
        ("now()", "null"),
        ('is(@"10:00:00Z", @"11:00:00+01:00")', "false"),
        ('is(@"10:00:00Z", @"10:00:00+00:00")', "true"),
    ],
)  # fmt: skip
def test_temporal_functions(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_now_and_today_come_from_the_evaluation() -> None:
    evaluation = feel.Evaluation(now=feel.parse_date_time("2026-09-15T08:00:00Z"))

    assert str(feel.compile_expression("now()").evaluate({}, evaluation)) == "2026-09-15T08:00:00Z"
    assert str(feel.compile_expression("today()").evaluate({}, evaluation)) == "2026-09-15"


def test_years_far_away_take_the_rules_of_their_cycle() -> None:
    assert shown('@"-9999-07-01T00:00:00@Europe/Paris".time offset') != "null"
    assert shown('@"999999999-07-01T00:00:00@Europe/Paris".time offset') == "PT2H"
    assert shown('string(@"-0001-01-01")') == "-0001-01-01"

"""Date and time functions.

Source: DMN 1.5, 10.3.4.6 (date and time), 10.3.4.10 (now, today).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.operations import kind_name
from commonweal.engines.feel.types import DATE, DATE_TIME, NUMBER, STRING, YEARS_MONTHS_DURATION, Value
from commonweal.engines.feel.values.temporal import Date, DateTime, YearsMonthsDuration

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _day(value: Value) -> Date:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, DateTime):
        return value.date
    if isinstance(value, Date):
        return value
    raise Undefined(f"a date is needed, not a {kind_name(value)}", "argument-type")


@builtin("day of year", "date: any", NUMBER)
def _day_of_year(evaluation: Evaluation, date: Value) -> Value:
    return Decimal(_day(date).day_of_year)


@builtin("day of week", "date: any", STRING)
def _day_of_week(evaluation: Evaluation, date: Value) -> Value:
    return _DAYS[_day(date).weekday - 1]


@builtin("month of year", "date: any", STRING)
def _month_of_year(evaluation: Evaluation, date: Value) -> Value:
    return _MONTHS[_day(date).month - 1]


@builtin("week of year", "date: any", NUMBER)
def _week_of_year(evaluation: Evaluation, date: Value) -> Value:
    return Decimal(_day(date).week_of_year)


@builtin("years and months duration", "from: any, to: any", YEARS_MONTHS_DURATION)
def _years_and_months_duration(evaluation: Evaluation, start: Value, end: Value) -> Value:
    first, last = _day(start), _day(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonthsDuration(months)


def _now(evaluation: Evaluation) -> DateTime:
    if evaluation.now is None:
        raise Undefined("this evaluation was given no date", "no-clock")
    return evaluation.now


@builtin("now", "", DATE_TIME, is_pure=False)
def _now_function(evaluation: Evaluation) -> Value:
    return _now(evaluation)


@builtin("today", "", DATE, is_pure=False)
def _today(evaluation: Evaluation) -> Value:
    return _now(evaluation).date

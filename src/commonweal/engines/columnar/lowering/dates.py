"""Dates in day counts, and durations of whole days or months.

Source: DMN 1.5, 10.3.2.3.5 and table 65; the day count follows Howard Hinnant's public description of
civil-date algorithms.
"""

from __future__ import annotations

from commonweal.engines.columnar.columns import FIRST_DAY, LAST_DAY
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering.work import Work
from commonweal.engines.columnar.symbols import Day, Days, Months, Number

__all__ = ["DATES", "date_of", "day_plus_days", "day_plus_months", "days_in_month", "months_between",
           "part_of_date", "part_of_days", "part_of_months", "parts"]  # fmt: skip

DATES = (FIRST_DAY, LAST_DAY)
"""The first and the last day that a date may be."""
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def parts(work: Work, day: Day) -> tuple[Node, Node, Node]:
    """Year, month and day of the month."""
    b = work.b

    def n(value: int) -> Node:
        return b.number(value)

    days = b.add(day.node, n(719_468))
    era = b.div(days, n(146_097))
    of_era = b.rest(days, n(146_097))
    shorter = b.sub(of_era, b.div(of_era, n(1460)))
    shorter = b.sub(b.add(shorter, b.div(of_era, n(36_524))), b.div(of_era, n(146_096)))
    year_of_era = b.div(shorter, n(365))
    before = b.sub(b.add(b.mul(year_of_era, n(365)), b.div(year_of_era, n(4))), b.div(year_of_era, n(100)))
    of_year = b.sub(of_era, before)
    shifted = b.div(b.add(b.mul(of_year, n(5)), n(2)), n(153))
    month = b.select(b.lt(shifted, n(10)), b.add(shifted, n(3)), b.sub(shifted, n(9)))
    year = b.add(b.add(year_of_era, b.mul(era, n(400))), b.flag(b.le(month, n(2))))
    start = b.div(b.add(b.mul(shifted, n(153)), n(2)), n(5))
    return year, _between(work, month, 1, 12), _between(work, b.add(b.sub(of_year, start), n(1)), 1, 31)


def _between(work: Work, node: Node, low: int, high: int) -> Node:
    """The same number, in the range that it is known to have."""
    return work.b.max(work.b.min(node, work.b.number(high)), work.b.number(low))


def part_of_date(work: Work, day: Day, name: str) -> Number | None:
    """A component of a date; None when dates have none of that name."""
    if name == "weekday":
        node = work.b.add(
            work.b.rest(work.b.add(day.node, work.b.number(3)), work.b.number(7)), work.b.number(1)
        )
    elif name in {"year", "month", "day"}:
        node = parts(work, day)[("year", "month", "day").index(name)]
    else:
        return None
    return Number(node, 0, day.null)


def days_in_month(work: Work, year: Node, month: Node) -> Node:
    """How many days a month has."""
    b = work.b
    by_four, by_hundred, by_four_hundred = (
        b.eq(b.rest(year, b.number(by)), b.number(0)) for by in (4, 100, 400)
    )
    leap = b.either(b.both(by_four, b.opposite(by_hundred)), by_four_hundred)
    length = b.lookup(_LENGTHS, b.sub(month, b.number(1)))
    return b.add(length, b.flag(b.both(leap, b.eq(month, b.number(2)))))


def date_of(work: Work, year: Node, month: Node, day: Node) -> Node:
    """The day count of a date; the parts must be those of one."""
    b = work.b
    is_early = b.le(month, b.number(2))
    shifted = b.sub(year, b.flag(is_early))
    era = b.div(shifted, b.number(400))
    of_era = b.rest(shifted, b.number(400))
    place = b.select(is_early, b.add(month, b.number(9)), b.sub(month, b.number(3)))
    start = b.div(b.add(b.mul(place, b.number(153)), b.number(2)), b.number(5))
    of_year = b.sub(b.add(start, day), b.number(1))
    of_days = b.sub(
        b.add(b.mul(of_era, b.number(365)), b.div(of_era, b.number(4))), b.div(of_era, b.number(100))
    )
    total = b.add(b.mul(era, b.number(146_097)), b.add(of_days, of_year))
    return _in_bounds(work, b.sub(total, b.number(719_468)))


def _in_bounds(work: Work, node: Node) -> Node:
    """A day count; beyond the years 1 to 9999 the row is at fault."""
    b = work.b
    work.fault(b.either(b.lt(node, b.number(DATES[0])), b.lt(b.number(DATES[1]), node)))
    return _between(work, node, *DATES)


def day_plus_days(work: Work, day: Day, days: Node) -> Day:
    """A date and a number of days."""
    return Day(_in_bounds(work, work.add(day.node, days)), work.b.false)


def day_plus_months(work: Work, day: Day, months: Node) -> Day:
    """A date and a number of months; a day that the month lacks becomes its last."""
    b = work.b
    year, month, of_month = parts(work, day)
    total = work.add(b.add(b.mul(year, b.number(12)), b.sub(month, b.number(1))), months)
    new_year, new_month = b.div(total, b.number(12)), b.add(b.rest(total, b.number(12)), b.number(1))
    last = days_in_month(work, new_year, new_month)
    return Day(date_of(work, new_year, new_month, b.min(of_month, last)), b.false)


def months_between(work: Work, start: Day, end: Day) -> Months:
    """Whole months from one date to another."""
    b = work.b
    first, last = parts(work, start), parts(work, end)
    months = b.add(b.mul(b.sub(last[0], first[0]), b.number(12)), b.sub(last[1], first[1]))
    zero, one = b.number(0), b.number(1)
    less = b.both(b.lt(zero, months), b.lt(last[2], first[2]))
    more = b.both(b.lt(months, zero), b.lt(first[2], last[2]))
    return Months(b.select(less, b.sub(months, one), b.select(more, b.add(months, one), months)), b.false)


def part_of_months(work: Work, months: Months, name: str) -> Number | None:
    """Years or months of a duration, with its sign."""
    if name not in {"years", "months"}:
        return None
    b = work.b
    size = b.magnitude(months.node)
    part = b.div(size, b.number(12)) if name == "years" else b.rest(size, b.number(12))
    signed = b.select(b.lt(months.node, b.number(0)), b.negative(part), part)
    return Number(signed, 0, months.null)


def part_of_days(work: Work, days: Days, name: str) -> Number | None:
    """Components of a duration of whole days."""
    if name == "days":
        return Number(days.node, 0, days.null)
    return Number(work.b.number(0), 0, days.null) if name in {"hours", "minutes", "seconds"} else None

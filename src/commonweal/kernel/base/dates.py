"""Dates as people type them: one reader for residents' questions and for every form of officers.

A form asks for a day in three boxes (the component ``date_field``: ``<name>-day``, ``<name>-month``, ``<name>-year``). In one
field, in an address or in the API, a day is written as 2026-10-01.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from commonweal.kernel.base.errors import Invalid

FIRST_YEAR, LAST_YEAR = 1900, 2200
PARTS = ("year", "month", "day")
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


class NotADay(ValueError):
    """What was typed is no day; the message says why, for whoever typed it."""


def read_day(given: object) -> date:
    """Read a day: a date, a text such as 2026-10-01, or a mapping with ``day``, ``month`` and ``year``.

    Example:
        >>> read_day({"day": "1", "month": "10", "year": "2026"})
        datetime.date(2026, 10, 1)

    Raises:
        NotADay: It is none; the message says what is missing or wrong.
    """
    if isinstance(given, date):
        return date(given.year, given.month, given.day)
    if isinstance(given, Mapping):
        return _of_parts(given)
    written = _WRITTEN.fullmatch(given.strip()) if isinstance(given, str) else None
    if written is None:
        raise NotADay(_("Enter a date, such as 2026-03-27."))
    return _of_parts(dict(zip(PARTS, written.groups(), strict=True)))


def _of_parts(parts: Mapping[str, object]) -> date:
    lacking = [name for name in ("day", "month", "year") if not str(parts.get(name) or "").strip()]
    if lacking:
        names = {"day": _("a day"), "month": _("a month"), "year": _("a year")}
        lack = _(" and ").join(names[name] for name in lacking)
        raise NotADay(_("The date must include {lack}.").format(lack=lack))
    day, month, year = (_small(parts[name]) for name in ("day", "month", "year"))
    if day is None or month is None or year is None:
        raise NotADay(_("Enter day, month and year as numbers, each in its own box."))
    if year < 1000:
        raise NotADay(_("Enter the year with four digits, such as 1987."))
    try:
        return date(year, month, day)
    except ValueError:
        raise NotADay(_("There is no such day. Check the day and the month.")) from None


def _small(given: object) -> int | None:
    """Return a whole number of at most four digits, in the digits of any script; or None."""
    if isinstance(given, str) and len(given) < 20:
        plain = "".join(_digit(char) for char in given.strip())
        return int(plain) if re.fullmatch(r"\d{1,4}", plain, re.ASCII) else None
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 9999:
        return given
    return None


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def typed_day(text: str, field: str) -> date:
    """Read a day that somebody typed as year, month and day.

    Args:
        text: Such as 2026-10-01; blanks around it do not matter.
        field: Name of the form's field, beside which a refusal is shown.

    Raises:
        Invalid: It is no day, or lies so far away that it must be a slip.
    """
    try:
        found = read_day(text)
    except NotADay:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid({field: _("Write the date as 2026-10-01.")})
    return found


def sent_day(sent: Mapping[str, str], name: str) -> date | None:
    """Read a day that a form sent in three boxes, or in one field; None where all were left blank.

    Args:
        sent: What the form sent.
        name: Of the date.

    Raises:
        Invalid: It is no day, or lies so far away that it must be a slip; the message stands at ``name``.
    """
    given = {part: sent.get(f"{name}-{part}", "").strip() for part in PARTS}
    if not any(given.values()):
        written = sent.get(name, "").strip()
        return typed_day(written, name) if written else None
    try:
        found = read_day(given)
    except NotADay as error:
        raise Invalid({name: str(error)}) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid({name: _("Check the year: it lies too far away.")})
    return found


def needed_day(sent: Mapping[str, str], name: str) -> date:
    """Read a day that must be there.

    Raises:
        Invalid: See :func:`sent_day`; or nothing was typed.
    """
    found = sent_day(sent, name)
    if found is None:
        raise Invalid({name: _("Enter day, month and year as numbers, each in its own box.")})
    return found


def boxes(sent: Mapping[str, str], name: str, default: date | str | None = None) -> dict[str, str]:
    """Return what stands in the three boxes of a date: what was sent, also where it is no day, or else a day given.

    Args:
        sent: What a form sent; empty before anything was.
        name: Of the date.
        default: What stands there before.
    """
    given = {part: sent.get(f"{name}-{part}", "") for part in PARTS}
    if any(f"{name}-{part}" in sent for part in PARTS):
        return given
    try:
        day = read_day(sent.get(name) or default)
    except NotADay:
        return given
    return {part: str(getattr(day, part)) for part in PARTS}

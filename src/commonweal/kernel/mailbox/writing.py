"""Writes values of FEEL as a language does: money, dates, numbers, lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal
from django.utils import translation
from django.utils.translation import gettext

from commonweal.engines import feel
from commonweal.kernel.base.clock import local
from commonweal.kernel.base.templates import amount_in

_YEARS = range(1900, 2101)


def write(value: feel.Value, form: str, *, language: str, currency: str) -> str:
    """Return a value as people read it.

    Args:
        value: Of FEEL; a context with ``minor`` and ``currency`` is an amount of money.
        form: ``money``, ``date``, ``time``, ``number``, ``text``, or empty: as its type suggests.
        language: BCP 47.
        currency: ISO 4217, of an amount that is a plain number.
    """
    locale = _locale(language)
    if isinstance(value, dict) and {"minor", "currency"} <= value.keys():
        amount = Decimal(str(value["minor"])).scaleb(-2)
        return amount_in(amount, str(value["currency"]), str(locale))
    if isinstance(value, bool):
        with translation.override(language):
            return gettext("yes") if value else gettext("no")
    if isinstance(value, Decimal):
        return _number(value, form, locale, currency)
    if isinstance(value, list):
        each = [write(item, form, language=language, currency=currency) for item in value]
        return format_list(each, locale=locale)
    return _moment(value, form, locale)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


def _number(value: Decimal, form: str, locale: Locale, currency: str) -> str:
    if form == "money":
        return amount_in(value, currency, str(locale))
    if form == "text":
        return feel.value_text(value)
    if not form and value in _YEARS:
        return str(int(value))  # a year has no mark for thousands
    return str(format_decimal(value, locale=locale, decimal_quantization=False))


def _moment(value: Any, form: str, locale: Locale) -> str:
    if isinstance(value, str) and form == "date":
        value = feel.parse_date(value) or value
    if isinstance(value, feel.DateTime):
        day, clock = value.date, value.time
        at = datetime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second)  # noqa: DTZ001 - a wall clock's time where it has no zone
        if clock.zone is not None:
            at = local(datetime.fromtimestamp(value.nanos_utc // 10**9, UTC)).replace(tzinfo=None)
        return (
            format_date(at, "long", locale=locale)
            if form == "date"
            else format_datetime(at, "medium", locale=locale)
        )
    if isinstance(value, feel.Date):
        return format_date(date(value.year, value.month, value.day), "long", locale=locale)
    return value if isinstance(value, str) else feel.value_text(value)

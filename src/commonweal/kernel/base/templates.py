"""The Jinja2 environment of all our pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined

from commonweal.kernel.base.clock import local
from commonweal.kernel.base.types import Money


def environment(**options: Any) -> Environment:
    """Return the environment: escaping on, undefined names refused, gettext, our filters."""
    env = Environment(  # noqa: S701 - it is on, whatever the options say
        **{**options, "undefined": StrictUndefined, "autoescape": True},
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        translation.gettext, translation.ngettext, newstyle=True
    )
    env.globals |= {"static": static, "url": _url}
    env.filters |= {"money": money, "date": long_date, "time": moment, "number": number}
    return env


def _url(name: str, **arguments: Any) -> str:
    return reverse(name, kwargs=arguments or None)


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en").split("@")[0]


def money(value: Money) -> str:
    """Write an amount as the reader's language does."""
    return str(format_currency(value.amount, value.currency, locale=_locale()))


def long_date(value: date | datetime) -> str:
    """Write a date in full, as the jurisdiction's calendar has it."""
    return format_date(local(value) if isinstance(value, datetime) else value, "long", locale=_locale())


def moment(value: datetime) -> str:
    """Write a date and time as the jurisdiction's clocks show it."""
    there = local(value).replace(tzinfo=None)
    return f"{format_date(there, locale=_locale())}, {format_time(there, 'short', locale=_locale())}"


def number(value: Any) -> str:
    """Write a number as the reader's language does."""
    return format_decimal(value, locale=_locale())

"""The Jinja2 environment of all our pages."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import NumberPattern, format_decimal, get_currency_symbol, parse_pattern
from django.conf import STATICFILES_STORAGE_ALIAS, settings
from django.core.files.storage import storages
from django.template import engines
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup

from commonweal.kernel.base.clock import local
from commonweal.kernel.base.jinja import JinjaEnvironment, Reader, drawing, reader
from commonweal.kernel.base.types import Money


def environment(**options: Any) -> Environment:
    """Return the environment: escaping on, undefined names refused, gettext, our filters."""
    env = JinjaEnvironment(
        **{**options, "undefined": StrictUndefined, "autoescape": True},
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        translation.gettext, translation.ngettext, newstyle=True
    )
    env.globals |= {"static": _static, "url": address, "_": words, "gettext": words, "kept": kept}
    env.filters |= {"money": money, "date": long_date, "time": moment, "number": number}
    return env


def drawn(component: str, macro: str, **arguments: Any) -> Markup:
    """Draw a component outside of a page, in the reader's language.

    Args:
        component: Name of its file below ``base/components``, without its ending.
        macro: Which one of the file.
        arguments: What it is given.
    """
    template = engines["jinja2"].env.get_template(f"base/components/{component}.html")  # type: ignore[attr-defined]  # Jinja2's has one
    with drawing():
        return Markup(getattr(template.module, macro)(**arguments))  # noqa: S704 - what a macro returns is escaped


def kept(macro: Macro, *arguments: Any) -> str:
    """Draw a macro, once for each language and arguments: only for what holds nothing about anybody.

    Args:
        macro: One that is imported, so that it is the same for every page; it sees its arguments and the reader's language alone.
        arguments: What it is given, each hashable; what is equal is drawn alike.
    """
    return _drawn_once(macro, reader(), arguments)


@lru_cache(maxsize=4096)
def _drawn_once(macro: Macro, for_whom: Reader, arguments: tuple[Any, ...]) -> str:
    return macro(*arguments)


def words(message: str, /, **values: Any) -> Markup:
    """Return a text of a template in the reader's language, values put in and escaped."""
    language = reader().language
    return _pattern(message, language) % values if values else _words(message, language)


@lru_cache(maxsize=8192)
def _pattern(message: str, language: str | None) -> Markup:
    return Markup(translation.gettext(message))  # noqa: S704 - written by us, as the template around it


@lru_cache(maxsize=8192)
def _words(message: str, language: str | None) -> Markup:
    return _pattern(message, language) % {}


def address(name: str, **arguments: Any) -> str:
    """Return the address of a route; each is put together once, for every page has two dozen of them.

    Ids and references are set into an address that was made with others in their places: each page has new ones.
    """
    _, urlconf, prefix = reader()
    values = arguments.values()
    if values and all(map(_is_plain, values)):
        gapped = _gapped(name, tuple(arguments), tuple(map(type, values)), urlconf, prefix)
        if gapped:
            return gapped.format(*values)
    return _address(name, tuple(arguments.items()), urlconf, prefix)


_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def _is_plain(value: Any) -> bool:
    """Whether a value stands in an address as it is, and every route that takes another of its type takes it."""
    return type(value) is UUID or (type(value) is str and _PLAIN.fullmatch(value) is not None)


@lru_cache(maxsize=1024)
def _gapped(
    name: str, names: tuple[str, ...], types: tuple[type, ...], urlconf: str | None, prefix: str
) -> str:
    """Return an address with ``{0}``, ``{1}`` where its arguments stand; nothing where it cannot be told where they do."""
    others = [UUID(int=at + 1) if each is UUID else f"other-{at}" for at, each in enumerate(types)]
    try:
        found = reverse(name, urlconf, kwargs=dict(zip(names, others, strict=True)))
    except NoReverseMatch:
        return ""  # with the values themselves, Django says what is wrong
    for at, other in enumerate(map(str, others)):
        if found.count(other) != 1:
            return ""
        found = found.replace(other, f"{{{at}}}")
    return found


@lru_cache(maxsize=4096)
def _address(name: str, arguments: tuple[tuple[str, Any], ...], urlconf: str | None, prefix: str) -> str:
    return reverse(name, urlconf, kwargs=dict(arguments) or None)


def _static(path: str) -> str:
    return _static_url(path, storages[STATICFILES_STORAGE_ALIAS])


@lru_cache(maxsize=512)
def _static_url(path: str, storage: Any) -> str:
    """Return the address of a static file; the files of a release do not change while it runs."""
    return str(storage.url(path))


def _locale() -> str:
    return _locale_of(reader().language or "en")


@lru_cache(maxsize=256)
def _locale_of(language: str) -> str:
    return translation.to_locale(language).split("@")[0]


def money(value: Money) -> str:
    """Write an amount as the reader's language does."""
    return _money(value, _locale())


@lru_cache(maxsize=4096)
def _money(value: Money, locale: str) -> str:
    return amount_in(value.amount, value.currency, locale)


def amount_in(amount: Decimal, currency: str, locale: str, *, is_whole: bool = False) -> str:
    """Write an amount as a language does, figures and currency always in their own order.

    Args:
        amount: In units of the currency.
        currency: ISO 4217.
        locale: As Babel names it.
        is_whole: Without cents.
    """
    pattern, there = _currency_pattern(currency, locale, is_whole=is_whole)
    text = pattern.apply(amount, there, currency=currency, currency_digits=not is_whole)
    return _isolated(str(text).replace(_RIGHT_MARK, ""), locale, _LEFT)


@lru_cache(maxsize=256)
def _currency_pattern(currency: str, locale: str, *, is_whole: bool) -> tuple[NumberPattern, Locale]:
    """Return how a language writes amounts, the currency's sign put in; Babel would read it anew for each amount."""
    there = Locale.parse(locale)
    written = str(there.currency_formats["standard"].pattern)
    pattern = parse_pattern(_CENTS.sub("", written) if is_whole else written)
    sign = get_currency_symbol(currency, there)
    pattern.prefix, pattern.suffix = (
        (before.replace("¤", sign), after.replace("¤", sign))
        for before, after in (pattern.prefix, pattern.suffix)
    )
    return pattern, there


def isolated(text: str) -> str:
    """Keep a name, an address or a number in one piece, in its own direction, where the reader's language runs from right to left.

    Source: Unicode Standard Annex 9, isolates.
    """
    return _isolated(text, _locale(), _ITS_OWN)


_LEFT, _RIGHT, _ITS_OWN, _END = "\u2066", "\u2067", "\u2068", "\u2069"
_RIGHT_MARK = "\u200f"
_CENTS = re.compile(r"\.0+")


def _isolated(text: str, locale: str, direction: str) -> str:
    if locale.partition("_")[0] not in settings.LANGUAGES_BIDI:
        return text
    return f"{direction}{text}{_END}"


def time_of_day(value: datetime) -> str:
    """Write a time of day, as the jurisdiction's clocks show it."""
    return format_time(local(value), "short", locale=_locale())


def long_date(value: date | datetime) -> str:
    """Write a date in full, as the jurisdiction's calendar has it."""
    return _long_date(local(value).date() if isinstance(value, datetime) else value, _locale())


@lru_cache(maxsize=4096)
def _long_date(value: date, locale: str) -> str:
    return _isolated(format_date(value, "long", locale=locale), locale, _RIGHT)


def moment(value: datetime) -> str:
    """Write a date and time as the jurisdiction's clocks show it."""
    return _moment(local(value).replace(tzinfo=None, second=0, microsecond=0), _locale())


@lru_cache(maxsize=4096)
def _moment(there: datetime, locale: str) -> str:
    text = f"{format_date(there, locale=locale)}, {format_time(there, 'short', locale=locale)}"
    return _isolated(text, locale, _RIGHT)


def number(value: Any) -> str:
    """Write a number as the reader's language does."""
    return _number(value, _locale())


@lru_cache(maxsize=4096)
def _number(value: Any, locale: str) -> str:
    return format_decimal(value, locale=locale)

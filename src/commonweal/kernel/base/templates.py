"""The Jinja2 environment of all our pages."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import date, datetime
from functools import lru_cache
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import engines
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from markupsafe import (  # type: ignore[attr-defined]  # the part of `escape` that replaces characters
    Markup,
    _escape_inner,
    escape,
)

from commonweal.kernel.base.clock import local
from commonweal.kernel.base.types import Money

_PLAIN = {FunctionType, MethodType, BuiltinMethodType}


class _Context(Context):
    """Jinja's context, which calls macros and plain functions without looking first for all that they might want."""

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something that a template names."""
        kind = type(function)
        if kind is Macro:
            args = (self.eval_ctx, *args)
        elif kind not in _PLAIN or hasattr(function, "jinja_pass_arg"):
            return super().call(function, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return function(*args, **kwargs)


class _CodeGenerator(CodeGenerator):
    """Jinja's compiler; what a template writes goes through :meth:`_Environment.shown`."""

    def _output_child_pre(self, node: Any, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Environment(Environment):
    """Jinja's environment, where some of its habits cost a third of a page."""

    code_generator_class = _CodeGenerator
    context_class = _Context

    @staticmethod
    def shown(value: Any) -> str:
        """Return what a template writes, escaped; Jinja would make two objects of each piece before it joins them."""
        kind = type(value)
        if kind is str:
            return str(_escape_inner(value))
        return value if kind is Markup else escape(value)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return a template's globals as one mapping: Jinja compares their names at every import of macros."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return ``obj.attribute``: of a dict its entry, without looking for an attribute first."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)


def environment(**options: Any) -> Environment:
    """Return the environment: escaping on, undefined names refused, gettext, our filters."""
    env = _Environment(
        **{**options, "undefined": StrictUndefined, "autoescape": True},
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        translation.gettext, translation.ngettext, newstyle=True
    )
    env.globals |= {"static": _static, "url": address, "_": words, "gettext": words}
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
    return Markup(getattr(template.module, macro)(**arguments))  # noqa: S704 - what a macro returns is escaped


def words(message: str, /, **values: Any) -> Markup:
    """Return a text of a template in the reader's language, values put in and escaped."""
    language = translation.get_language()
    return _pattern(message, language) % values if values else _words(message, language)


@lru_cache(maxsize=8192)
def _pattern(message: str, language: str | None) -> Markup:
    return Markup(translation.gettext(message))  # noqa: S704 - written by us, as the template around it


@lru_cache(maxsize=8192)
def _words(message: str, language: str | None) -> Markup:
    return _pattern(message, language) % {}


def address(name: str, **arguments: Any) -> str:
    """Return the address of a route; each is put together once, for every page has two dozen of them."""
    return _address(name, tuple(arguments.items()), get_urlconf(), get_script_prefix())


@lru_cache(maxsize=4096)
def _address(name: str, arguments: tuple[tuple[str, Any], ...], urlconf: str | None, prefix: str) -> str:
    return reverse(name, urlconf, kwargs=dict(arguments) or None)


def _static(path: str) -> str:
    return _static_url(path, staticfiles_storage)


@lru_cache(maxsize=512)
def _static_url(path: str, storage: Any) -> str:
    """Return the address of a static file; the files of a release do not change while it runs."""
    return str(storage.url(path))


def _locale() -> str:
    return _locale_of(translation.get_language() or "en")


@lru_cache(maxsize=256)
def _locale_of(language: str) -> str:
    return translation.to_locale(language).split("@")[0]


def money(value: Money) -> str:
    """Write an amount as the reader's language does."""
    return _money(value, _locale())


@lru_cache(maxsize=4096)
def _money(value: Money, locale: str) -> str:
    return str(format_currency(value.amount, value.currency, locale=locale))


def time_of_day(value: datetime) -> str:
    """Write a time of day, as the jurisdiction's clocks show it."""
    return format_time(local(value), "short", locale=_locale())


def long_date(value: date | datetime) -> str:
    """Write a date in full, as the jurisdiction's calendar has it."""
    return _long_date(local(value).date() if isinstance(value, datetime) else value, _locale())


@lru_cache(maxsize=4096)
def _long_date(value: date, locale: str) -> str:
    return format_date(value, "long", locale=locale)


def moment(value: datetime) -> str:
    """Write a date and time as the jurisdiction's clocks show it."""
    return _moment(local(value).replace(tzinfo=None, second=0, microsecond=0), _locale())


@lru_cache(maxsize=4096)
def _moment(there: datetime, locale: str) -> str:
    return f"{format_date(there, locale=locale)}, {format_time(there, 'short', locale=locale)}"


def number(value: Any) -> str:
    """Write a number as the reader's language does."""
    return format_decimal(value, locale=_locale())

"""Our Jinja2 environment answers as Jinja's own does, with less work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_currency
from django.utils import translation
from jinja2 import Environment, StrictUndefined, UndefinedError, pass_context, pass_eval_context
from jinja2.runtime import Context
from markupsafe import Markup

from commonweal.kernel.base.jinja import reader
from commonweal.kernel.base.templates import amount_in, environment, isolated
from commonweal.kernel.base.types import Money


class Thing:
    label = "<b>"

    def named(self, *, name: str) -> str:
        return f"{self.label} & {name}"


@pass_context
def language_of(context: Context) -> Any:
    return context["language"]


@pass_eval_context
def escapes(eval_context: Any) -> str:
    return str(eval_context.autoescape)


KNOWN: Mapping[str, Any] = {
    "language": "en",
    "thing": Thing(),
    "row": {"label": "<i>", "kind": "an entry"},
    "rows": ["<1>", Markup("<hr>"), 2, None],
    "language_of": language_of,
    "escapes": escapes,
}

TEMPLATES = [
    "{{ thing.label }} {{ thing.named(name='x') }} {{ row.label }} {{ row.kind }}",
    "{% for row in rows %}{{ row }},{% endfor %}",
    "{% macro m(a, b='y') %}<p>{{ a }}{{ b }}{% endmacro %}{{ m('<') }}{{ m(a='1', b=thing.label) }}",
    "{% macro m() %}({{ caller() }}){% endmacro %}{% for row in rows %}{% call m() %}{{ row }}{% endcall %}{% endfor %}",
    "{% block one %}{{ language_of() }}{{ escapes() }}{{ 'a'.upper() }}{% endblock %}",
    "{% set shown %}<b>{{ thing.label }}</b>{% endset %}{{ shown }}{{ shown|length }}",
    "{{ '<' ~ thing.label }} {{ thing.label|safe }} {{ ('<a>' if rows else '')|upper }}",
    "{% autoescape false %}{{ thing.label }}{{ escapes() }}{% endautoescape %}",
    "{{ {'a': '<', 'b': none}|xmlattr }}{{ rows|join('<') }}",
    "{{ row.label is defined }}{{ row.other is defined }}{{ row.keys is defined }}{{ other is defined }}{{ thing.x is defined }}",
    "{{ row.get('label') is none }}{{ row.get('other') is none }}{{ rows[3] is not none }}{{ row['kind'] }}",
    "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, '<', b=2) }}{{ m(*rows) }}{{ m(1, **row) }}",
    "{% macro m(a, b=1) %}{{ a is defined }}{{ b }}{% endmacro %}{{ m() }}{{ m(b=2) }}{{ m(1, 2) }}{{ m(escapes) }}",
    "{% macro m() %}{{ caller('<') }}{% endmacro %}{% call(x) m() %}{{ x }}{{ thing.label }}{% endcall %}",
    "{% macro m() %}<p>{% endmacro %}{% autoescape false %}{{ m() }}{{ thing.label }}{% endautoescape %}{{ m() }}",
    "{% for row in rows if row %}{{ loop.index }}{{ loop.last }}{{ loop.cycle('<', '>') }}{% endfor %}{{ range(2)|list }}",
    "{% set outer = {'in': {'label': '<'}} %}{{ outer.in.label }}{{ {'label': thing}.label.label }}",
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_template_writes_what_jinja_writes(text: str) -> None:
    plain = Environment(autoescape=True, undefined=StrictUndefined)

    assert environment().from_string(text).render(KNOWN) == plain.from_string(text).render(KNOWN)


@pytest.mark.parametrize("call", ["m(1, 2)", "m(b=1)", "m(1, a=1)"])
def test_a_macro_refuses_what_it_does_not_take(call: str) -> None:
    template = environment().from_string("{% macro m(a) %}{{ a }}{% endmacro %}{{ " + call + " }}")

    with pytest.raises(TypeError, match="macro 'm' takes"):
        template.render()


@pytest.mark.parametrize(
    "text", ["{{ nothing }}", "{{ thing.nothing }}", "{{ row.nothing }}", "{{ nothing() }}"]
)
def test_an_unknown_name_is_refused(text: str) -> None:
    with pytest.raises(UndefinedError):
        environment().from_string(text).render(KNOWN)


def test_the_reader_is_the_one_of_each_drawing() -> None:
    inner = environment().from_string('{{ _("Language") }}')

    def drawn_in_spanish() -> str:
        with translation.override("es"):
            return inner.render()

    outer = environment().from_string('{{ inner() }} {{ _("Language") }}')
    outside = reader()

    assert outer.render(inner=drawn_in_spanish) == "Idioma Language"
    assert reader() == outside


def test_a_text_is_in_the_readers_language_with_values_escaped() -> None:
    template = environment().from_string(
        '{{ _("100%% sure, %(name)s", name=name) }} {{ _("100%%") }} {{ _("Language") }}'
    )

    with translation.override("es"):
        spanish = template.render(name="<b>")
    with translation.override("en"):
        english = template.render(name="<b>")

    assert english == "100% sure, &lt;b&gt; 100% Language"
    assert spanish == "100% sure, &lt;b&gt; 100% Idioma"


@pytest.mark.parametrize(
    ("language", "amount", "day"),
    [
        ("ar", "\u2066770.00\xa0US$\u2069", "\u206731 أغسطس 2026\u2069"),
        ("es", "770,00\xa0US$", "31 de agosto de 2026"),
    ],
)
def test_amounts_and_dates_stay_in_one_piece_beside_another_direction(
    language: str, amount: str, day: str
) -> None:
    with translation.override(language):
        drawn_ = (
            environment()
            .from_string("{{ amount | money }} Food {{ day | date }}")
            .render(amount=Money(77000, "USD"), day=date(2026, 8, 31))
        )
        named = isolated("2 Ridge Road")

    assert drawn_ == f"{amount} Food {day}"
    assert named == ("\u20682 Ridge Road\u2069" if language == "ar" else "2 Ridge Road")


@pytest.mark.parametrize(
    ("locale", "cents", "whole"),
    [
        ("en", "$90.50", "$1,850"),
        ("es", "90,50\xa0US$", "1.850\xa0US$"),
        ("ar", "\u206690.50\xa0US$\u2069", "\u20661,850\xa0US$\u2069"),
    ],
)
def test_whole_amounts_are_written_like_those_with_cents(locale: str, cents: str, whole: str) -> None:
    assert amount_in(Decimal("90.50"), "USD", locale) == cents
    assert amount_in(Decimal(1850), "USD", locale, is_whole=True) == whole


@pytest.mark.parametrize("locale", ["en", "es", "de", "fr"])
@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KWD"])
def test_amounts_are_written_as_babel_writes_them(locale: str, currency: str) -> None:
    for amount in map(Decimal, ("0", "12", "0.005", "1234.5", "-1234567.891")):
        assert amount_in(amount, currency, locale) == format_currency(amount, currency, locale=locale)

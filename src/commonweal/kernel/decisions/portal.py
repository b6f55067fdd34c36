"""Public pages: the law with its history, and the register of algorithms."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from commonweal.engines.parameters import Dimension, Entry, Parameter
from commonweal.kernel.base.clock import today
from commonweal.kernel.base.dates import typed_day
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions.errors import NotDecidable
from commonweal.kernel.decisions.fairness.showing import shown_fairness
from commonweal.kernel.decisions.programmes.charts import chart_of, leaves
from commonweal.kernel.decisions.programmes.evaluating import ENGINE
from commonweal.kernel.decisions.programmes.translating import Say, in_one_line, saying
from commonweal.kernel.decisions.queries import (
    decision_of,
    fairness_of,
    parameter_on,
    programme_on,
    programmes,
    unit_text,
)

_markdown = MarkdownIt("commonmark", {"html": False})


@route(allows=anyone, discloses=NOTHING)
def law_list(request: ActorRequest) -> HttpResponse:
    """Show the programmes of law that are run here."""
    cards = [
        {
            "title": saying(law.key)(law.name),
            "text": saying(law.key)(law.summary),
            "href": reverse("decisions:law", kwargs={"programme": law.key}),
        }
        for law in programmes()
    ]
    return page(request, "decisions/law_list.html", {"cards": cards})


@route(allows=anyone, discloses=NOTHING)
def law(request: ActorRequest, programme: str) -> HttpResponse:
    """Show a programme: summary, figures on a day, decisions with their citations."""
    on, known = _dates(request)
    found, model, snapshot = programme_on(programme, on, known)
    say = saying(programme)
    figures = [
        {
            "label": {
                "text": say(parameter.label),
                "href": reverse(
                    "decisions:parameter", kwargs={"programme": programme, "parameter": parameter.key}
                ),
            },
            "value": left_to_right(value_text(snapshot.entries.get(parameter.key))),
            "unit": unit_text(parameter.unit),
        }
        for parameter in found.parameters
    ]
    decisions = [
        {
            "label": say(decision.label or decision.name),
            "text": say(in_one_line(decision.description)),
        }
        for decision in (model.compiled.model.decisions if model else ())
    ]
    context = {
        "name": say(found.name),
        "tagline": say(found.summary),
        "model": model,
        "on": on,
        "known": known,
        "figures": figures,
        "decisions": decisions,
        "summary": _as_html(found.text),
    }
    return page(request, "decisions/law.html", context)


@route(allows=anyone, discloses=NOTHING)
def parameter(request: ActorRequest, programme: str, parameter: str) -> HttpResponse:
    """Show one figure: on a day, through time, as a chart and as a table."""
    on, known = _dates(request)
    state, say = parameter_on(programme, parameter, on, known), saying(programme)
    history = [_row(state.parameter, entry) for entry in state.parameter.entries]
    context = {
        "state": state,
        "programme_name": say(state.programme.name),
        "label": say(state.parameter.label),
        "description": say(state.parameter.description),
        "named_for": ", ".join(_told(dimension, say) for dimension in state.parameter.by),
        "on": on,
        "known": known,
        "values": _values(state.parameter, state.entry, say),
        "unit": unit_text(state.parameter.unit),
        "history": history,
        "has_notes": any(row["note"] for row in history),
        "gaps": state.parameter.gaps(),
        "chart": chart_of(state.parameter, on=on),
        "cited": left_to_right(state.entry.reference.text) if state.entry else "",
    }
    return page(request, "decisions/parameter.html", context)


@route(allows=anyone, discloses=NOTHING)
def algorithms(request: ActorRequest) -> HttpResponse:
    """Show what is decided automatically here."""
    cards = [
        {
            "title": service.name,
            "text": service.summary,
            "href": reverse("decisions:algorithm", kwargs={"service": service.key}),
        }
        for service in catalogue.live_services(request.LANGUAGE_CODE)
        if service.compiled.sections.get("decision") is not None
    ]
    return page(request, "decisions/algorithms.html", {"cards": cards})


@route(allows=anyone, discloses=NOTHING)
def algorithm(request: ActorRequest, service: str) -> HttpResponse:
    """Show how one service decides: the law, its version, who answers for it, how to appeal."""
    found = catalogue.offered_service(service, request.LANGUAGE_CODE)
    if found.compiled.sections.get("decision") is None:
        raise NotDecidable(service=service)
    decision = decision_of(found.compiled)
    on = today()
    law_, model, snapshot = programme_on(decision.spec.programme, on)
    translate = found.compiled.translator(request.LANGUAGE_CODE)
    context = {
        "service": found,
        "law": law_,
        "model": model,
        "engine": ENGINE,
        "agency": next(agency for agency in current_in().agencies if agency.key == found.info.agency),
        "facts": [
            " ".join((item.description or item.name).split())
            for item in (model.compiled.model.inputs if model else ())
            if item.name in decision.spec.facts
        ],
        "given": [translate(text) for text in decision.spec.given.values()],
        "officer_rules": [translate(rule.why) for rule in decision.spec.officer_when],
        "outcomes": [
            {
                "label": translate(outcome.label),
                "text": translate(outcome.explanation),
                "who": _("an officer") if outcome.officer else _("the law's model"),
            }
            for outcome in decision.spec.outcomes.values()
        ],
        "appeal": decision.spec.appeal,
        "counted_in": next(
            (days.name for days in current_in().other_days if days.key == decision.spec.appeal.counted_in), ""
        ),
        "appeal_text": translate(decision.spec.appeal.text),
        "unknown": sorted(snapshot.unknown.values()),
        "fairness": shown_fairness(decision, fairness_of(service, request.actor), translate),
    }
    return page(request, "decisions/algorithm.html", context)


def _as_html(text: str) -> SafeString:
    """Render Markdown below the page's own heading."""
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return SafeString(mark_safe(html))  # noqa: S308  # nosec B703 - Markdown of our own files, rendered without HTML of theirs


def _dates(request: HttpRequest) -> tuple[date, date | None]:
    """Return the days asked for: ``on`` (today) and ``known`` (everything that we hold)."""
    found: dict[str, date | None] = {"on": today(), "known": None}
    wrong: dict[str, str] = {}
    for name in found:
        text = request.GET.get(name, "").strip()
        if text:
            try:
                found[name] = typed_day(text, name)
            except Invalid as error:
                wrong |= error.fields
    if wrong:
        raise Invalid(wrong)
    return found["on"] or today(), found["known"]


def value_text(entry: Entry | None) -> str:
    """Write a parameter's value in one line."""
    if entry is None or entry.value is None:
        return _("not known")
    return ", ".join(f"{place}: {text}" if place else text for place, text in _read(entry))


def _read(entry: Entry) -> list[tuple[str, str]]:
    words = {"True": _("yes"), "False": _("no")}
    return (
        [(place, words.get(text, text)) for place, text in leaves(entry.value)]
        if entry.value is not None
        else []
    )


def _values(parameter_: Parameter, entry: Entry | None, say: Say) -> list[dict[str, str]]:
    """Return the places of a table in words, with their values."""
    if entry is None:
        return []
    return [{"key": _place(parameter_, place, say), "value": text} for place, text in _read(entry)]


def _place(parameter_: Parameter, place: str, say: Say) -> str:
    names, by = place.split(" "), parameter_.by
    words = [say(dimension.word(name)) for dimension, name in zip(by, names, strict=False)]
    return " ".join([*words, *names[len(by) :]]) if by else place


def _told(dimension: Dimension, say: Say) -> str:
    """Return what the lines of a chart are named for, and what each name stands for."""
    label = say(dimension.label)
    if not dimension.words:
        return label
    named = zip(dimension.names, dimension.words, strict=True)
    return f"{label} ({'; '.join(f'{name}: {say(word)}' for name, word in named)})"


def left_to_right(text: str) -> str:
    """Keep figures and citations in their own order on a page that is read from right to left."""
    return (
        f"\N{LEFT-TO-RIGHT ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
        if translation.get_language_bidi()
        else text
    )


def _short(on: date) -> str:
    return format_date(
        on, "medium", locale=translation.to_locale(translation.get_language() or "en").split("@")[0]
    )


def _row(parameter_: Parameter, entry: Entry) -> dict[str, Any]:
    cited = left_to_right(entry.reference.text)
    reference = {"text": cited, "href": entry.reference.url}
    return {
        "from": _short(entry.valid_from),
        "until": _short(entry.valid_until) if entry.valid_until else "",
        "known": _short(entry.known_from),
        "value": left_to_right(value_text(entry)) if entry.value is not None else entry.unknown,
        "reference": reference if entry.reference.url else cited,
        "note": " ".join(part for part in (entry.corrects, entry.note) if part),
    }

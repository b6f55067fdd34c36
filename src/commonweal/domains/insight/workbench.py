"""The policy lab's pages: change the law, try it on a population, read what it does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.domains.insight import actions, presenting, queries
from commonweal.domains.insight.drawing import downloads, words
from commonweal.domains.insight.enums import Status
from commonweal.domains.insight.errors import BadPopulation, BadSimulation, NotSimulable, SimulationNotFound
from commonweal.domains.insight.models import Simulation
from commonweal.domains.insight.rules import may_simulate
from commonweal.domains.insight.simulation.figures import Published
from commonweal.domains.insight.simulation.overlays import changed_cells, read_form
from commonweal.domains.insight.types import Order, PopulationChoice
from commonweal.kernel.base import clock, dates
from commonweal.kernel.base.errors import Invalid, Malformed, NotFound
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import long_date

_ROWS = 50
MOST_MODEL_BYTES = 2_000_000
MOST_UPLOAD_BYTES = 20_000_000
TABLES = ("decile", "household_type", "district")


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def lab(request: ActorRequest) -> HttpResponse:
    """List what has been simulated."""
    names = {law.key: law.name for law in queries.simulable_programmes()}
    found = list(queries.simulations(request.actor)[:_ROWS])
    context = {
        "rows": [presenting.simulation_row(each, names) for each in found],
        "choices": [
            {"value": str(each.pk), "label": f"{each.title} ({long_date(each.ordered_at)})"}
            for each in found
            if each.status == Status.DONE
        ],
        "is_bulk_installed": queries.is_bulk_installed(),
    }
    return page(request, "insight/lab.html", context)


# ---- a new simulation ------------------------------------------------------------------------


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def begin(request: ActorRequest) -> HttpResponse:
    """Ask for programme, day and population; go on to the figures once they are known."""
    queries.hold_bulk()
    chosen, errors = _chosen(request.GET, request) if {"on", "on-year"} & request.GET.keys() else (None, {})
    if chosen is not None and not errors:
        asked = request.GET.copy()
        asked["on"] = chosen.reference_on.isoformat()
        for part in dates.PARTS:
            asked.pop(f"on-{part}", None)
        return HttpResponseRedirect(f"{reverse('insight:change')}?{asked.urlencode()}")
    context = {
        "programmes": [
            {"value": law.key, "label": law.name, "hint": law.summary}
            for law in queries.simulable_programmes()
        ],
        "populations": _population_options(request),
        "given": {
            "programme": request.GET.get("programme", ""),
            "on": dates.boxes(request.GET.dict(), "on", clock.today()),
            "population": request.GET.get("population", "port-alder"),
            "people": request.GET.get("people", ""),
            "seed": request.GET.get("seed", "1"),
        },
        "errors": errors,
    }
    return page(request, "insight/begin.html", context, status=422 if errors else 200)


def _population_options(request: ActorRequest) -> list[dict[str, str]]:
    made = [
        {
            "value": "port-alder",
            "label": str(words.PLACES["port-alder"]),
            "hint": _("184,000 invented people in its six districts. A few seconds."),
        },
        {
            "value": "state",
            "label": str(words.PLACES["state"]),
            "hint": _("8 million invented people in eight districts. Up to a minute."),
        },
    ]
    uploaded = [
        {
            "value": str(each.pk),
            "label": _("%(name)s, uploaded") % {"name": each.name},
            "hint": _("%(households)s households. %(note)s")
            % {"households": words.number(each.households), "note": each.origin_note},
        }
        for each in queries.populations(request.actor)[:20]
    ]
    return made + uploaded


def _chosen(given: Mapping[str, str], request: ActorRequest) -> tuple[Order | None, dict[str, str]]:
    """Read programme, day and population; return the order so far, or what is wrong by field."""
    errors: dict[str, str] = {}
    on = None
    try:
        on = dates.needed_day(given, "on")
    except Invalid as error:
        errors |= {name: str(words) for name, words in error.fields.items()}
    known = {law.key for law in queries.simulable_programmes()}
    if given.get("programme") not in known:
        errors["programme"] = _("Choose a programme.")
    choice = _population(given, request, errors)
    if on is None or errors:
        return None, errors
    try:
        queries.baseline_of(given["programme"], on)
    except NotSimulable as error:
        return None, {"on": f"{error}"}
    return Order(given["programme"], on, choice), {}


def _population(given: Mapping[str, str], request: ActorRequest, errors: dict[str, str]) -> PopulationChoice:
    wanted = given.get("population", "")
    if wanted not in words.PLACES:
        try:
            uploaded = queries.population(UUID(wanted), request.actor)
        except ValueError:
            uploaded = None
        if uploaded is None:
            errors["population"] = _("Choose a population.")
            return PopulationChoice()
        return PopulationChoice(uploaded=uploaded.pk)
    people = _whole(given.get("people", ""))
    seed = _whole(given.get("seed", "") or "1")
    if people is None or not (people == 0 or 1_000 <= people <= actions.MOST_PEOPLE):
        errors["people"] = _("Write a number from 1,000 to 20,000,000.")
    if seed is None or seed > actions.MOST_SEED:
        errors["seed"] = _("Write a whole number, 0 or above.")
    return PopulationChoice(place=wanted, people=people or None, seed=seed if seed is not None else 1)


def _whole(text: str) -> int | None:
    """Read a whole number with or without commas; nothing is nought, anything else None."""
    plain = text.strip().replace(",", "")
    if not plain:
        return 0
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 12 else None


@require_http_methods(["GET", "POST"])
@route(allows=may_simulate, discloses=NOTHING)
def change(request: ActorRequest) -> HttpResponse:
    """Change figures and the model; run the simulation."""
    queries.hold_bulk()
    given = request.POST if request.method == "POST" else request.GET
    chosen, errors = _chosen(given, request)
    if chosen is None:
        return HttpResponseRedirect(f"{reverse('insight:begin')}?{request.GET.urlencode()}")
    if request.method == "GET":
        return _change_page(request, chosen, _starting(request, chosen), {})
    baseline = queries.baseline_of(chosen.programme, chosen.reference_on)
    posted = {name: str(value) for name, value in request.POST.items()}
    if "find" in request.POST:
        return _change_page(request, chosen, posted, {})
    changes, errors = read_form(baseline.programme.parameters, baseline.snapshot, posted)
    text, wrong = _model_text(request)
    errors |= wrong
    if errors:
        return _change_page(request, chosen, posted, errors)
    order = Order(
        chosen.programme,
        chosen.reference_on,
        chosen.population,
        title=posted.get("title", ""),
        changes=changes,
        model_file=posted.get("model", "") if not text else "",
        model_text=text,
    )
    try:
        found = actions.order_simulation(order, by=request.actor, at=clock.now())
    except BadSimulation as error:
        return _change_page(request, chosen, posted, error.fields)
    return redirect("insight:simulation", simulation_id=found.pk)


def _model_text(request: ActorRequest) -> tuple[str, dict[str, str]]:
    """Return the text of an uploaded model, if one was chosen, and what is wrong with it."""
    if request.POST.get("model") != "upload":
        return "", {}
    file = request.FILES.get("model_text")
    if file is None:
        return "", {"model_text": _("Choose the DMN file.")}
    if (file.size or 0) > MOST_MODEL_BYTES:
        return "", {"model_text": _("The file is larger than 2 MB.")}
    try:
        return file.read().decode("utf-8"), {}
    except UnicodeDecodeError:
        return "", {"model_text": _("The file is not a DMN model: it is not text.")}


def _starting(request: ActorRequest, chosen: Order) -> dict[str, str]:
    """Return what stands in the fields at first: what another simulation changed, if one is named."""
    given = {name: str(value) for name, value in request.GET.items() if not name.startswith("p.")}
    try:
        first = queries.simulation(UUID(request.GET.get("like", "")), request.actor)
    except (ValueError, SimulationNotFound):
        return given
    if first.programme != chosen.programme:
        return given
    work = queries.work_of(first)
    for key, value in work.changes.items():
        parameter = work.programme.parameters.parameters[key]
        given |= {cell.name: cell.value for cell in changed_cells(parameter, value)}
    return given | {"title": first.title}


def _change_page(
    request: ActorRequest, chosen: Order, posted: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    baseline = queries.baseline_of(chosen.programme, chosen.reference_on)
    look_for = posted.get("look_for", "")
    models = [
        {
            "value": model.file,
            "label": _("The model of %(day)s") % {"day": long_date(model.valid_from)},
        }
        for model in baseline.programme.models
        if model.file != baseline.model.file
    ]
    context = {
        "programme": baseline.programme,
        "on": chosen.reference_on,
        "kept": {
            name: posted[name]
            for name in ("programme", "on", "population", "people", "seed", "like")
            if posted.get(name)
        },
        "population": _chosen_name(chosen, request),
        "figures": presenting.figures_of(baseline, posted, errors, look_for),
        "look_for": look_for,
        "title": posted.get("title", ""),
        "models": [
            {"value": "", "label": _("The model in force"), "hint": baseline.model.file},
            *models,
            {"value": "upload", "label": _("Another model, from a DMN file")},
        ],
        "model": posted.get("model", ""),
        "errors": errors,
    }
    return page(request, "insight/change.html", context, status=422 if errors else 200)


def _chosen_name(chosen: Order, request: ActorRequest) -> str:
    choice = chosen.population
    if choice.uploaded is None:
        return str(words.PLACES[choice.place])
    found = queries.population(choice.uploaded, request.actor)
    return found.name if found else ""


# ---- one simulation --------------------------------------------------------------------------


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def simulation(request: ActorRequest, simulation_id: UUID) -> HttpResponse:
    """Show how far a simulation has come, or what it found."""
    found = queries.simulation(simulation_id, request.actor)
    work = queries.work_of(found)
    context = {
        "simulation": found,
        "programme": work.programme,
        "population": presenting.population_name(found),
        "changes": presenting.changes_of(work),
        "link": request.build_absolute_uri(request.path),
    }
    if found.status != Status.DONE:
        return page(request, "insight/progress.html", context)
    shown = queries.shown_figures(found)
    return page(request, "insight/simulation.html", context | _results(found, work, shown))


def _results(found: Simulation, work: queries.Work, shown: Published) -> dict[str, Any]:
    amount = work.declaration.spec.amount.label
    amounts = [(words.amount_band(low, high), before, after) for low, high, before, after in shown.amounts]
    margins = [(str(words.MARGINS[band]), before, after) for band, before, after in shown.margins]
    return {
        "shown": shown,
        "summary": presenting.summary(shown, amount),
        "key_figures": presenting.key_figures(shown),
        "tables": [
            {
                "key": table,
                "label": str(words.TABLES[table]),
                "title": str(words.TITLES[table]),
                "change": presenting.change_table(shown, table),
                "winners": presenting.winners_table(shown, table),
            }
            for table in TABLES
        ],
        "amounts": presenting.pairs_table(_("Tax a year") if shown.is_tax else _("Amount a month"), amounts),
        "margins": presenting.pairs_table(_("Part of further pay that is lost"), margins),
        "explanations": presenting.explanations(shown),
        "provenance": presenting.provenance(found),
        "repetition": queries.repetition_of(found),
        "words": _words(shown, amount),
        "downloads": {"csv": "CSV", "parquet": "Parquet", "json": "JSON"},
        "again": reverse("insight:change")
        + f"?programme={found.programme}&on={found.reference_on}&like={found.pk}"
        + _population_query(found),
    }


def _words(shown: Published, amount: str) -> dict[str, str]:
    """Return what differs between a benefit and a tax, and between what a row can be."""
    rows = str(words.ROWS[shown.unit])
    a_year = shown.period == "year"
    return {
        "rows": rows,
        "mean": _("Gain or loss on average, in dollars a year.")
        if a_year
        else _("Gain or loss on average, in dollars a month."),
        "amounts": _("%(rows)s by the tax of a year; below nought, more is paid out than in.")
        % {"rows": rows}
        if shown.is_tax
        else _("%(rows)s by the amount of a month: %(amount)s.") % {"rows": rows, "amount": amount},
        "margins": _("%(rows)s with pay, by the part of a further $100 that the tax takes.") % {"rows": rows}
        if shown.is_tax
        else _(
            "%(rows)s with pay that receive, by the part of a further $100 a month that is taken off again."
        )
        % {"rows": rows},
    }


def _population_query(found: Simulation) -> str:
    made = found.population
    if "id" in made:
        return f"&population={made['id']}"
    return f"&population={made['place']}&people={made['people']}&seed={made['seed']}"


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def state(request: ActorRequest, simulation_id: UUID) -> HttpResponse:
    """Say how far a simulation has come, for the page that watches it."""
    found = queries.simulation(simulation_id, request.actor)
    text = _("%(share)s %% done") % {"share": found.share_done}
    return JsonResponse({"share": found.share_done, "is_over": found.is_over, "text": text})


@require_POST
@route(allows=may_simulate, discloses=NOTHING)
def repeat(request: ActorRequest, simulation_id: UUID) -> HttpResponse:
    """Run the same simulation again."""
    again = actions.repeat_simulation(simulation_id, by=request.actor, at=clock.now())
    return redirect("insight:simulation", simulation_id=again.pk)


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def chart(request: ActorRequest, simulation_id: UUID, key: str) -> HttpResponse:
    """Draw one chart of a simulation, in the colours and the width asked for."""
    queries.hold_bulk()
    from commonweal.domains.insight.drawing.charts import CHARTS, look_of  # noqa: PLC0415 - optional dependency

    if key not in CHARTS:
        raise NotFound
    shown = queries.shown_figures(queries.simulation(simulation_id, request.actor))
    look = look_of(is_dark="dark" in request.GET, is_narrow="narrow" in request.GET)
    answer = HttpResponse(CHARTS[key](shown, look), content_type="image/svg+xml")
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def download(request: ActorRequest, simulation_id: UUID, form: str) -> HttpResponse:
    """Give the figures as a file."""
    if form not in downloads.TYPES:
        raise NotFound
    found = queries.simulation(simulation_id, request.actor)
    lines = list(downloads.lines(queries.shown_figures(found), current().currency))
    link = request.build_absolute_uri(reverse("insight:simulation", kwargs={"simulation_id": found.pk}))
    about = downloads.about(found, link)
    if form == "csv":
        content = downloads.as_csv(lines)
    elif form == "json":
        content = json.dumps(downloads.as_json(lines, about), ensure_ascii=False, indent=1).encode()
    else:
        queries.hold_bulk()
        content = downloads.as_parquet(lines, {name: json.dumps(value) for name, value in about.items()})
    answer = HttpResponse(content, content_type=downloads.TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="simulation-{found.pk}.{form}"'
    return answer


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def compare(request: ActorRequest) -> HttpResponse:
    """Set two simulations side by side."""
    try:
        pair = [
            queries.simulation(UUID(request.GET.get(name, "")), request.actor) for name in ("one", "other")
        ]
    except ValueError:
        raise SimulationNotFound from None
    works = [queries.work_of(found) for found in pair]
    one, other = (queries.shown_figures(found) for found in pair)
    context = {
        "pair": pair,
        "populations": [presenting.population_name(found) for found in pair],
        "changes": [presenting.changes_of(work) for work in works],
        "differences": presenting.differences(*pair),
        "totals": presenting.compared_totals(one, other),
        "tables": [
            {"title": str(words.TITLES[table])} | presenting.compared_table(one, other, table)
            for table in TABLES
        ],
    }
    return page(request, "insight/compare.html", context)


# ---- populations -----------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@route(allows=may_simulate, discloses=NOTHING)
def upload(request: ActorRequest) -> HttpResponse:
    """Take a population of made or anonymous people, and say what is wrong with it."""
    queries.hold_bulk()
    if request.method == "GET":
        return _upload_page(request, {}, ())
    errors = _wrong_upload(request)
    if errors:
        return _upload_page(request, errors, ())
    file = request.FILES["file"]
    if isinstance(file, list):
        raise Malformed
    try:
        found = actions.upload_population(
            actions.Upload(
                programme=str(request.POST["programme"]),
                name=str(request.POST["name"]),
                origin_note=str(request.POST["origin_note"]),
                file_name=file.name or "",
                content=file.read(),
            ),
            by=request.actor,
            at=clock.now(),
        )
    except BadPopulation as error:
        return _upload_page(request, error.fields, error.data["faults"])
    query = urlencode({"population": found.pk, "programme": found.programme})
    return HttpResponseRedirect(f"{reverse('insight:begin')}?{query}")


def _wrong_upload(request: ActorRequest) -> dict[str, str]:
    known = {law.key for law in queries.uploadable_programmes()}
    file = request.FILES.get("file")
    wrong = {
        "programme": (request.POST.get("programme") not in known, _("Choose a programme.")),
        "name": (not request.POST.get("name", "").strip(), _("Give it a name.")),
        "origin_note": (
            not request.POST.get("origin_note", "").strip(),
            _("Say where the data come from."),
        ),
        "file": (
            file is None or not (file.name or "").lower().endswith((".csv", ".parquet")),
            _("Choose a CSV or Parquet file."),
        ),
        "is_anonymous": (
            request.POST.get("is_anonymous") != "yes",
            _("Only data in which nobody can be recognised may be uploaded."),
        ),
    }
    found = {name: message for name, (is_wrong, message) in wrong.items() if is_wrong}
    if file is not None and (file.size or 0) > MOST_UPLOAD_BYTES:
        found["file"] = _("The file is larger than 20 MB.")
    return found


def _upload_page(request: ActorRequest, errors: Mapping[str, str], faults: Sequence[str]) -> HttpResponse:
    programmes = queries.uploadable_programmes()
    context = {
        "programmes": [{"value": law.key, "label": law.name, "hint": law.summary} for law in programmes],
        "given": {name: str(value) for name, value in request.POST.items()}
        | ({} if request.POST else {"programme": "", "is_anonymous": ""}),
        "errors": errors,
        "faults": faults,
        "layouts": [presenting.layout_of(law, clock.today()) for law in programmes],
    }
    return page(request, "insight/upload.html", context, status=422 if errors else 200)


@require_GET
@route(allows=may_simulate, discloses=NOTHING)
def example(request: ActorRequest, programme: str) -> HttpResponse:
    """Give an example of a file that can be uploaded: fifty made households."""
    if programme not in {law.key for law in queries.uploadable_programmes()}:
        raise NotFound
    schema = queries.schema_of(queries.baseline_of(programme, clock.today()))
    from commonweal.domains.insight.uploading.examples import example_csv  # noqa: PLC0415 - optional dependency

    answer = HttpResponse(example_csv(schema), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="population-{programme}.csv"'
    return answer

"""What the pages of the policy lab show, in words and rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.domains.insight import queries
from commonweal.domains.insight.drawing import words
from commonweal.domains.insight.enums import Origin, Status
from commonweal.domains.insight.models import Simulation
from commonweal.domains.insight.simulation.figures import Published
from commonweal.domains.insight.simulation.overlays import Cell, Place, cells, changed_cells
from commonweal.engines.parameters import Entry, Kind, Parameter
from commonweal.kernel.base.templates import long_date, moment

if TYPE_CHECKING:
    from commonweal.kernel.decisions.programmes.reading import Programme

TONES = {Status.WAITING: "neutral", Status.RUNNING: "info", Status.DONE: "success", Status.FAILED: "danger"}


# ---- the list --------------------------------------------------------------------------------


def simulation_row(found: Simulation, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a line of the list of simulations."""
    status = Status(found.status)
    return {
        "title": {
            "text": found.title,
            "href": reverse("insight:simulation", kwargs={"simulation_id": found.pk}),
        },
        "programme": names.get(found.programme, found.programme),
        "population": population_name(found),
        "ordered": moment(found.ordered_at),
        "status": {"text": str(status.label), "tone": TONES[status]},
    }


def population_name(found: Simulation) -> str:
    """Return what a simulation's population is called; it always says where it comes from."""
    if found.origin == Origin.SYNTHETIC:
        return str(words.PLACES.get(found.population["place"], found.population["place"]))
    return _("%(name)s, uploaded") % {"name": found.population["name"]}


# ---- the form --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A parameter in the form.

    Attributes:
        key: Of the parameter.
        label: As people read it.
        description: What it is for.
        unit: In words.
        reference: The source of what is in force.
        url: Where the source can be read.
        unknown: Why there is no figure in force; empty where there is one.
        kind: Of its values.
        fields: One for each value.
        is_table: Whether there is more than one.
        is_found: Whether it fits what is looked for.
        is_changed: Whether a field differs from what is in force.
    """

    key: str
    label: str
    description: str
    unit: str
    reference: str
    url: str
    unknown: str
    kind: Kind
    fields: tuple[dict[str, str], ...]
    is_table: bool
    is_found: bool
    is_changed: bool


def figures_of(
    baseline: queries.Baseline, posted: Mapping[str, str], errors: Mapping[str, str], look_for: str
) -> list[Figure]:
    """Return every parameter of a programme for the form, with what was typed so far."""
    return [
        _figure(parameter, baseline, posted, errors, look_for) for parameter in baseline.programme.parameters
    ]


def _figure(
    parameter: Parameter,
    baseline: queries.Baseline,
    posted: Mapping[str, str],
    errors: Mapping[str, str],
    look_for: str,
) -> Figure:
    entry = baseline.snapshot.entries.get(parameter.key)
    values = cells(parameter, entry)
    fields = tuple(_field(cell, posted, errors) for cell in values)
    text = f"{parameter.label} {parameter.description} {parameter.key}".casefold()
    return Figure(
        key=parameter.key,
        label=parameter.label,
        description=parameter.description,
        unit=unit_text(parameter.unit),
        reference=words.left_to_right(entry.reference.text) if entry else "",
        url=entry.reference.url if entry else "",
        unknown=baseline.snapshot.unknown.get(parameter.key, ""),
        kind=parameter.kind,
        fields=fields,
        is_table=len(fields) > 1,
        is_found=all(word in text for word in look_for.casefold().split()),
        is_changed=any(field["value"] != field["in_force"] for field in fields),
    )


def _field(cell: Cell, posted: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, str]:
    return {
        "name": cell.name,
        "label": cell.label,
        "short": cell.label.rpartition(": ")[2] or cell.label,
        "value": posted.get(cell.name, cell.value),
        "in_force": cell.value,
        "error": errors.get(cell.name, ""),
    }


def unit_text(unit: str) -> str:
    """Write a unit in words."""
    whole, _slash, per = unit.partition("/")
    names = {"text": "", "yes-no": "", "share": _("share, 1 is the whole"), "factor": _("times")}
    periods = {
        "month": _("a month"),
        "year": _("a year"),
        "week": _("a week"),
        "day": _("a day"),
        "hour": _("an hour"),
    }
    return f"{names.get(whole, whole)} {periods.get(per, per)}".strip()


# ---- the figures -----------------------------------------------------------------------------


def summary(shown: Published, amount: str) -> list[str]:
    """Say in a few sentences what a reform does."""
    total = shown.total
    change, before = total["change_minor"], total["before_minor"]
    if change is None or before is None:
        return [_("So few households are touched that the figures are hidden.")]
    if not change and not total["changing"]:
        return [_("Nothing changes for anybody in this population.")]
    said = [_cost_sentence(change, before)]
    receiving = (total["receiving_after"] or 0) - (total["receiving_before"] or 0)
    if receiving:
        more = _("%(number)s more households receive %(amount)s.")
        fewer = _("%(number)s fewer households receive %(amount)s.")
        said.append(
            (more if receiving > 0 else fewer) % {"number": words.number(abs(receiving)), "amount": amount}
        )
    gaining, losing = total["gaining_all"], total["losing_all"]
    if gaining is not None and losing is not None:
        said.append(
            _("%(gaining)s households gain and %(losing)s lose.")
            % {"gaining": words.number(gaining), "losing": words.number(losing)}
        )
    return said


def _cost_sentence(change: float, before: float) -> str:
    share = words.share(abs(change) / before) if before else ""
    text = (
        _("The reform costs %(amount)s more a month") if change > 0 else
        _("The reform costs %(amount)s less a month") if change < 0 else _("The reform costs the same")
    ) % {"amount": words.money(abs(change), is_whole=True)}  # fmt: skip
    return f"{text} ({share})." if share and change else f"{text}."


def key_figures(shown: Published) -> list[dict[str, Any]]:
    """Return the few numbers that matter most."""
    total = shown.total
    before, after, change = total["before_minor"], total["after_minor"], total["change_minor"]
    found = [
        {
            "label": _("Cost a month"),
            "value": words.money(change, is_change=True, is_whole=True),
            "note": _("from %(before)s to %(after)s")
            % {
                "before": words.money(before, is_whole=True),
                "after": words.money(after, is_whole=True),
            },
        },
        {
            "label": _("Cost a year"),
            "value": words.money(None if change is None else change * 12, is_change=True, is_whole=True),
            "note": _("twelve such months"),
        },
        {
            "label": _("Households that receive"),
            "value": words.number(_difference(total, "receiving"), is_change=True),
            "note": _("from %(before)s to %(after)s")
            % {
                "before": words.number(total["receiving_before"]),
                "after": words.number(total["receiving_after"]),
            },
        },
        {
            "label": _("Gain, and lose"),
            "value": f"{words.number(total['gaining_all'])} / {words.number(total['losing_all'])}",
            "note": ngettext(
                "of %(number)s household", "of %(number)s households", int(total["households"] or 0)
            )
            % {"number": words.number(total["households"])},
        },
    ]
    if shown.has_poverty:
        found.append(
            {
                "label": _("People below the poverty line"),
                "value": words.points(_difference(total, "poverty")),
                "note": _("from %(before)s to %(after)s")
                % {
                    "before": words.share(total["poverty_before"]),
                    "after": words.share(total["poverty_after"]),
                },
            }
        )
    if shown.margin_before is not None and shown.margin_after is not None:
        found.append(
            {
                "label": _("Lost of further pay"),
                "value": words.points(shown.margin_after - shown.margin_before),
                "note": _("from %(before)s to %(after)s on average")
                % {"before": words.share(shown.margin_before), "after": words.share(shown.margin_after)},
            }
        )
    return found


def _difference(total: Mapping[str, Any], name: str) -> float | None:
    before, after = total[f"{name}_before"], total[f"{name}_after"]
    return None if before is None or after is None else after - before


def change_table(shown: Published, table: str) -> dict[str, Any]:
    """Return the table of costs by group."""
    columns = [
        {"key": "group", "label": str(words.TABLES[table]), "header": True},
        {"key": "households", "label": _("Households"), "numeric": True},
        {"key": "before", "label": _("Amount in force, a month"), "numeric": True},
        {"key": "after", "label": _("Amount by the reform"), "numeric": True},
        {"key": "change", "label": _("Change"), "numeric": True},
        {"key": "mean", "label": _("Change for each household"), "numeric": True},
    ]
    if shown.has_poverty:
        columns.append({"key": "poverty_before", "label": _("Poverty in force"), "numeric": True})
        columns.append({"key": "poverty_after", "label": _("Poverty by the reform"), "numeric": True})
    rows = [_change_row(words.group_name(table, row.group), row.cells) for row in shown.tables[table]]
    return {"columns": columns, "rows": rows, "foot": _change_row(_("All"), shown.total)}


def _change_row(name: str, found: Mapping[str, Any]) -> dict[str, str]:
    return {
        "group": name,
        "households": words.number(found["households"]),
        "before": words.money(found["before_minor"]),
        "after": words.money(found["after_minor"]),
        "change": words.money(found["change_minor"], is_change=True),
        "mean": words.money(found["mean_change_minor"], is_change=True),
        "poverty_before": words.share(found["poverty_before"]),
        "poverty_after": words.share(found["poverty_after"]),
    }


def winners_table(shown: Published, table: str) -> dict[str, Any]:
    """Return the table of those who gain and lose by group."""
    columns = [
        {"key": "group", "label": str(words.TABLES[table]), "header": True},
        *({"key": name, "label": str(label), "numeric": True} for name, label in words.WINNERS.items()),
    ]
    rows = [
        {"group": words.group_name(table, row.group)}
        | {name: words.number(row.cells[name]) for name in words.WINNERS}
        for row in shown.tables[table]
    ]
    foot = {"group": _("All")} | {name: words.number(shown.total[name]) for name in words.WINNERS}
    return {"columns": columns, "rows": rows, "foot": foot}


def pairs_table(label: str, rows: list[tuple[str, int | None, int | None]]) -> dict[str, Any]:
    """Return a table of households before and after."""
    columns = [
        {"key": "label", "label": label, "header": True},
        {"key": "before", "label": _("In force"), "numeric": True},
        {"key": "after", "label": _("Reform"), "numeric": True},
    ]
    cells_ = [
        {"label": name, "before": words.number(before), "after": words.number(after)}
        for name, before, after in rows
    ]
    return {"columns": columns, "rows": cells_}


# ---- what was changed, and what it rests on --------------------------------------------------


def changes_of(work: queries.Work) -> list[dict[str, Any]]:
    """Return the changed figures, value by value: what is in force, and what the reform says."""
    figures, entries = work.programme.parameters.parameters, work.snapshot.entries
    return [
        row
        for key, value in work.changes.items()
        for row in _changes_of(figures[key], entries.get(key), changed_cells(figures[key], value))
    ]


def _changes_of(parameter: Parameter, entry: Entry | None, changed: list[Cell]) -> list[dict[str, Any]]:
    before = {cell.place: cell for cell in cells(parameter, entry)}
    after = {cell.place: cell for cell in changed}
    source = words.left_to_right(entry.reference.text) if entry else ""
    rows = []
    for place in dict.fromkeys((*before, *after)):
        old, new = _value(before, place), _value(after, place)
        if old == new:
            continue
        label = (after.get(place) or before[place]).label
        rows.append(
            {
                "figure": f"{parameter.label}, {label}" if label else parameter.label,
                "unit": unit_text(parameter.unit),
                "before": old or _("not known"),
                "after": new or _("left out"),
                "reference": source,
            }
        )
    return rows


def _value(known: Mapping[Place, Cell], place: Place) -> str:
    return known[place].value if place in known else ""


def provenance(found: Simulation) -> list[dict[str, Any]]:
    """Return what a simulation rests on, so that anybody can work it out again."""
    made = found.population
    people = (
        _("%(people)s people, seed %(seed)s") % {"people": words.number(made["people"]), "seed": made["seed"]}
        if found.origin == Origin.SYNTHETIC
        else ""
    )
    versions = found.versions
    packages = ", ".join(
        f"{name} {versions[name]}" for name in ("numpy", "pyarrow", "llvmlite") if versions.get(name)
    )
    rows = [
        (_("Law of"), [long_date(found.reference_on)]),
        (_("Model in force"), [f"SHA-256 {found.baseline_hash}"]),
        (_("Model of the reform"), [found.reform_file or _("the same"), f"SHA-256 {found.reform_hash}"]),
        (_("Figures in force"), [f"SHA-256 {found.parameters_hash}"]),
        (
            _("Population"),
            [line for line in (population_name(found), people, f"SHA-256 {found.population_hash}") if line],
        ),
        (_("Result"), [f"SHA-256 {found.result_hash}"]),
        (
            _("Worked out by"),
            [
                _("code %(hash)s") % {"hash": versions.get("code", "")[:16]},
                packages,
                _("%(seconds)s CPU seconds") % {"seconds": words.number(round(found.cpu_ms / 1000, 1))},
            ],
        ),
    ]
    return [{"label": label, "value": value} for label, value in rows]


# ---- two side by side ------------------------------------------------------------------------


def differences(one: Simulation, other: Simulation) -> list[str]:
    """Say in what two simulations differ besides the reform, so that nobody compares what cannot be."""
    found = []
    if one.programme != other.programme:
        found.append(_("They are of different programmes."))
    if one.population_hash != other.population_hash:
        found.append(_("They were tried on different populations."))
    if (one.reference_on, one.baseline_hash, one.parameters_hash) != (
        other.reference_on,
        other.baseline_hash,
        other.parameters_hash,
    ):
        found.append(_("They are compared with the law of different days."))
    if queries.changed_between(one.versions, other.versions):
        found.append(_("They were worked out by different code."))
    return found


def compared_totals(one: Published, other: Published) -> list[dict[str, str]]:
    """Return the key figures of two simulations, one line each."""
    rows = []
    for first, second in zip(key_figures(one), key_figures(other), strict=False):
        rows.append({"label": first["label"], "one": first["value"], "other": second["value"]})
    return rows


def compared_table(one: Published, other: Published, table: str) -> dict[str, Any]:
    """Return the average change of two simulations by group."""
    seconds = {row.group: row.cells for row in other.tables[table]}
    rows = []
    for row in one.tables[table]:
        second = seconds.get(row.group)
        rows.append(
            {
                "group": words.group_name(table, row.group),
                "one": words.money(row.cells["mean_change_minor"], is_change=True),
                "other": words.money(second["mean_change_minor"], is_change=True)
                if second is not None
                else _("not there"),
            }
        )
    columns = [
        {"key": "group", "label": str(words.TABLES[table]), "header": True},
        {"key": "one", "label": _("First"), "numeric": True},
        {"key": "other", "label": _("Second"), "numeric": True},
    ]
    return {"columns": columns, "rows": rows}


# ---- populations -----------------------------------------------------------------------------


def layout_of(law: Programme, on: date) -> dict[str, Any]:
    """Return the columns that a population for a programme has."""
    from commonweal.domains.insight.uploading.tables import (  # noqa: PLC0415 - optional dependency
        best_name,
        kind_name,
        short_names,
        wanted_columns,
    )

    wanted = wanted_columns(queries.schema_of(queries.baseline_of(law.key, on)))
    names = short_names(wanted)
    household, person = _("household"), _("person")
    rows = [
        {
            "name": "household",
            "kind": _("number or name, shared by those who live together"),
            "whose": household,
        },
        {"name": "district", "kind": _("text, may be left out"), "whose": household},
        {"name": "household_type", "kind": _("text, may be left out"), "whose": household},
    ]
    rows += [
        {
            "name": best_name(column, names),
            "kind": kind_name(column.type),
            "whose": person if column.is_member else household,
        }
        for column in wanted
    ]
    return {"key": law.key, "name": law.name, "columns": rows}

"""What the pages of the policy lab show, in words and rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

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
        return [_("So few are touched that the figures are hidden.")]
    if not change and not total["changing"]:
        return [_("Nothing changes for anybody in this population.")]
    said = [_cost_sentence(change, before, shown)]
    receiving = (total["receiving_after"] or 0) - (total["receiving_before"] or 0)
    if receiving:
        said.append(_receiving_sentence(receiving, amount, shown.unit))
    gaining, losing = total["gaining_all"], total["losing_all"]
    if gaining is not None and losing is not None:
        said.append(
            _("%(rows)s that gain: %(gaining)s. That lose: %(losing)s.")
            % {
                "rows": words.ROWS[shown.unit],
                "gaining": words.number(gaining),
                "losing": words.number(losing),
            }
        )
    return said


def _receiving_sentence(change: float, amount: str, unit: str) -> str:
    number = {"number": words.number(abs(change)), "amount": amount}
    if unit in ("household", "ssi_household"):
        more = _("%(number)s more households receive %(amount)s.")
        fewer = _("%(number)s fewer households receive %(amount)s.")
        return (more if change > 0 else fewer) % number
    return f"{words.RECEIVING[unit]}: {words.number(change, is_change=True)}."


def _cost_sentence(change: float, before: float, shown: Published) -> str:
    share = words.share(abs(change / before)) if before else ""
    if shown.period == "year":
        text = (
            _("The reform costs %(amount)s more a year") if change > 0 else
            _("The reform costs %(amount)s less a year") if change < 0 else _("The reform costs the same")
        )  # fmt: skip
    else:
        text = (
            _("The reform costs %(amount)s more a month") if change > 0 else
            _("The reform costs %(amount)s less a month") if change < 0 else _("The reform costs the same")
        )  # fmt: skip
    text %= {"amount": words.money(abs(change), is_whole=True)}
    return f"{text} ({share})." if share and change else f"{text}."


def key_figures(shown: Published) -> list[dict[str, Any]]:
    """Return the few numbers that matter most."""
    total = shown.total
    found = [
        *_cost_figures(shown),
        {
            "label": str(words.RECEIVING[shown.unit]),
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
            "note": _("%(rows)s in all: %(number)s")
            % {"rows": words.ROWS[shown.unit], "number": words.number(total["households"])},
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
    if shown.has_margins and shown.margin_before is not None and shown.margin_after is not None:
        found.append(
            {
                "label": _("Lost of further pay"),
                "value": words.points(shown.margin_after - shown.margin_before),
                "note": _("from %(before)s to %(after)s on average")
                % {"before": words.share(shown.margin_before), "after": words.share(shown.margin_after)},
            }
        )
    return found


def _cost_figures(shown: Published) -> list[dict[str, Any]]:
    """Return what a reform costs; of a tax, what comes in."""
    total = shown.total
    before, after, change = total["before_minor"], total["after_minor"], total["change_minor"]
    sign = -1 if shown.is_tax else 1
    label = _("Revenue a year") if shown.is_tax else _("Cost a year")
    from_to = {"before": _whole(before, sign), "after": _whole(after, sign)}
    by_period = {
        "label": label if shown.period == "year" else _("Cost a month"),
        "value": words.money(None if change is None else sign * change, is_change=True, is_whole=True),
        "note": _("from %(before)s to %(after)s") % from_to,
    }
    if shown.period == "year":
        return [by_period]
    a_year = {
        "label": label,
        "value": words.money(None if change is None else change * 12, is_change=True, is_whole=True),
        "note": _("twelve such months"),
    }
    return [by_period, a_year]


def _whole(minor: float | None, sign: int) -> str:
    return words.money(None if minor is None else sign * minor, is_whole=True)


def _difference(total: Mapping[str, Any], name: str) -> float | None:
    before, after = total[f"{name}_before"], total[f"{name}_after"]
    return None if before is None or after is None else after - before


def change_table(shown: Published, table: str) -> dict[str, Any]:
    """Return the table of costs by group."""
    is_tax = shown.is_tax
    columns = [
        {"key": "group", "label": str(words.TABLES[table]), "header": True},
        {"key": "households", "label": str(words.ROWS[shown.unit]), "numeric": True},
        {"key": "before", "label": _("Tax in force") if is_tax else _("Amount in force"), "numeric": True},
        {"key": "after", "label": _("By the reform"), "numeric": True},
        {"key": "change", "label": _("Gain or loss"), "numeric": True},
        {"key": "mean", "label": _("On average"), "numeric": True},
    ]
    if shown.has_poverty:
        columns.append({"key": "poverty_before", "label": _("Poverty in force"), "numeric": True})
        columns.append({"key": "poverty_after", "label": _("Poverty by the reform"), "numeric": True})
    sign = -1 if is_tax else 1
    rows = [_change_row(words.group_name(table, row.group), row.cells, sign) for row in shown.tables[table]]
    return {"columns": columns, "rows": rows, "foot": _change_row(_("All"), shown.total, sign)}


def _change_row(name: str, found: Mapping[str, Any], sign: int) -> dict[str, str]:
    before, after = found["before_minor"], found["after_minor"]
    return {
        "group": name,
        "households": words.number(found["households"]),
        "before": words.money(None if before is None else sign * before),
        "after": words.money(None if after is None else sign * after),
        "change": words.money(found["change_minor"], is_change=True),
        "mean": words.money(found["mean_change_minor"], is_change=True),
        "poverty_before": words.share(found["poverty_before"]),
        "poverty_after": words.share(found["poverty_after"]),
    }


def winners_table(shown: Published, table: str) -> dict[str, Any]:
    """Return the table of those who gain and lose by group."""
    names = words.winners(shown.much_minor)
    columns = [
        {"key": "group", "label": str(words.TABLES[table]), "header": True},
        *({"key": name, "label": label, "numeric": True} for name, label in names.items()),
    ]
    rows = [
        {"group": words.group_name(table, row.group)}
        | {name: words.number(row.cells[name]) for name in names}
        for row in shown.tables[table]
    ]
    foot = {"group": _("All")} | {name: words.number(shown.total[name]) for name in names}
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


def explanations(shown: Published) -> list[dict[str, Any]]:
    """Say what each kind of figure is."""
    cost = _(
        "The sum of what all would receive in a month by the reform, less the same by the law in force, if everybody who may have it did. Sums are exact to the cent; a year is twelve such months."
    )
    revenue = _(
        "The tax of all returns by the reform, less the same by the law in force. Sums are exact to the cent."
    )
    gains = _("Whoever has a cent more by the reform gains; whoever has a cent less loses.")
    rows = [
        (_("Revenue") if shown.is_tax else _("Cost"), revenue if shown.is_tax else cost),
        (str(words.ROWS[shown.unit]), str(words.ROW_IS[shown.unit])),
        (_("Gain, and lose"), gains),
        (
            _("Tenth of the people"),
            _(
                "People in the order of their income before the amount, divided by the square root of their number in the row, in ten parts of about the same number of people. Income is read in steps of $5."
            ),
        ),
    ]
    if shown.has_poverty:
        line = _(
            "The poverty guideline for a household of that size on the day of the law. A household is below it if twelve times its income and the amount are less. This is not the official poverty rate."
        )
        rows.append((_("Poverty line"), line))
    if shown.has_margins:
        lost = _(
            "The first person who earns gets $100 more. What is taken off again, divided by $100, is lost. Other taxes and benefits are not counted."
        )
        rows.append((_("Lost of further pay"), lost))
    hidden = _(
        "A count from one to nine, and as many others as are needed that it cannot be worked out from a sum."
    )
    return [{"label": label, "value": value} for label, value in (*rows, (_("Hidden"), hidden))]


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
    seconds = {row["label"]: row["value"] for row in key_figures(other)}
    return [
        {"label": row["label"], "one": row["value"], "other": seconds.pop(row["label"], _("not there"))}
        for row in key_figures(one)
    ] + [
        {"label": label, "one": _("not there"), "other": value}
        for label, value in {row["label"]: row["value"] for row in key_figures(other)}.items()
        if label in seconds
    ]


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

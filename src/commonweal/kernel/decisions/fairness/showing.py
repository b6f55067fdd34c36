"""A fairness report as people read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from babel.numbers import format_decimal, format_percent
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.templates import long_date, money
from commonweal.kernel.base.types import Money
from commonweal.kernel.decisions.types import CompiledDecision, FairnessGroup

if TYPE_CHECKING:
    from commonweal.kernel.decisions.queries import FairnessCard

Translate = Callable[[str], str]


def shown_fairness(
    decision: CompiledDecision, report: FairnessCard | None, translate: Translate
) -> dict[str, Any] | None:
    """Return what the page shows of a report; None where the service declares none."""
    if decision.fairness is None:
        return None
    if report is None:
        return {"report": None}
    spec, figures = decision.fairness.spec, report.figures
    return {
        "report": report,
        "made_on": long_date(report.made_at),
        "decisions": _number(figures["decisions"]),
        "faults": _number(figures["faults"]),
        "not_repeated": figures["not_repeated"],
        "is_hidden": any(row["number"] is None for rows in figures["groups"].values() for row in rows),
        "divisions": [
            {
                "label": translate(group.label),
                "rows": [
                    _row(row, group, translate) for row in _in_order(figures["groups"].get(name, ()), group)
                ],
                "has_amounts": any(row["mean_minor"] for row in figures["groups"].get(name, ())),
            }
            for name, group in spec.groups.items()
        ],
        "flips": [
            _flip(translate(attribute.label), figures["flips"][name])
            for name, attribute in spec.protected.items()
            if name in figures["flips"]
        ],
        "flipped": _number(figures["flipped"]),
    }


def _in_order(rows: Sequence[Mapping[str, Any]], group: FairnessGroup) -> list[Mapping[str, Any]]:
    """Return the groups in the order of their declared labels, others after them."""
    places = {key: at for at, key in enumerate(group.labels)}
    return sorted(rows, key=lambda row: (places.get(row["group"], len(places)), row["group"]))


def _row(row: Mapping[str, Any], group: FairnessGroup, translate: Translate) -> dict[str, Any]:
    key = row["group"]
    name = translate(group.labels.get(key, key)) if key else _("not stated")
    if row["number"] is None:
        return {"group": name, "number": _("hidden"), "rate": _("hidden"), "differs": "", "mean": _("hidden")}
    low, high = _percent(row["rate_low"]), _percent(row["rate_high"])
    return {
        "group": name,
        "number": _number(row["number"]),
        "rate": _("%(rate)s (%(low)s to %(high)s)")
        % {"rate": _percent(row["granted"] / row["number"]), "low": low, "high": high},
        "differs": _differs(row["difference"]),
        "mean": _mean(row["mean_minor"]),
    }


def _differs(difference: list[float] | None) -> Any:
    if difference is None:
        return ""
    _middle, low, high = difference
    if low > 0:
        return {"text": _("more often than the others"), "tone": "info"}
    if high < 0:
        return {"text": _("less often than the others"), "tone": "warning"}
    return _("no clear difference")


def _mean(mean: list[int] | None) -> str:
    if not mean:
        return ""
    middle, low, high = (money(Money(part, current().currency)) for part in mean)
    return _("%(mean)s (%(low)s to %(high)s)") % {"mean": middle, "low": low, "high": high}


def _flip(label: str, flips: Mapping[str, Any]) -> dict[str, Any]:
    open_ = flips["unsourced"] + flips["unexplained"]
    if open_:
        verdict = {
            "text": _("%(number)s changes without a rule that names it and cites the law")
            % {"number": _number(open_)},
            "tone": "danger",
        }
    elif flips["outcomes"] + flips["amounts"]:
        verdict = {"text": _("every change is explained by the law"), "tone": "success"}
    else:
        verdict = {"text": _("changes nothing"), "tone": "success"}
    return {
        "label": label,
        "tried": _number(flips["tried"]),
        "changed": _number(flips["outcomes"] + flips["amounts"]),
        "verdict": verdict,
        "rules": "; ".join(
            f"{rule['rule']} ({', '.join(rule['citations']) or _('no source')})" for rule in flips["rules"]
        ),
    }


def _number(value: int) -> str:
    return str(format_decimal(value, locale=_locale()))


def _percent(value: float) -> str:
    return str(format_percent(value, "0.#%", locale=_locale()))


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en").split("@")[0]

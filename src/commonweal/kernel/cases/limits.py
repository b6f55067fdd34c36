"""How long an answer may take: what a service declares, and what the law allows at most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from commonweal.engines.parameters import Entry, Parameter, ParameterSet
from commonweal.engines.parameters import Kind as FigureKind
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.decisions.queries import figures_for as law_figures


class AnswerWithin(Declared):
    """The limit for an answer; one of the two.

    Attributes:
        working_days: Of the jurisdiction's calendar.
        calendar_days: Moved to the next working day.
        at_most: The figure of the law that bounds it, for example ``law.decision_days``, counted in the same days. The
            compiler refuses a longer limit, also one that a figure known already will make too long.
    """

    working_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    calendar_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    at_most: Annotated[str, Field(pattern=r"^law\.[a-z][a-z0-9_]*$")] | None = None


def look_at_limit(
    within: AnswerWithin, source: Source, compilation: Compilation, *, section: str = "answer_within"
) -> None:
    """Refuse two limits, and one that is longer than the law allows, now or from a day on that is known already."""

    def complain(field: str, code: str, message: str, hint: str) -> None:
        path = (section, field) if field else (section,)
        compilation.problems.append(source.problem(path, f"stages.{code}", message, hint))

    if within.working_days is not None and within.calendar_days is not None:
        complain("", "limit", "There are two limits for an answer.", "Keep one.")
    if within.at_most is None:
        return
    days = within.working_days or within.calendar_days
    figures = law_figures(compilation)
    if figures is None:
        complain("at_most", "law-limit", "The service rests on no law.", "Leave 'at_most' out.")
    elif days is None:
        hint = "Write working_days or calendar_days beside it."
        complain("at_most", "law-limit", "There is no limit that this could bound.", hint)
    else:
        for field, code, message, hint in beyond_law(within, days, figures):
            complain(field, code, message, hint)


def beyond_law(within: AnswerWithin, days: int, figures: ParameterSet) -> Iterator[tuple[str, str, str, str]]:
    """Yield what is wrong with a limit by the law: its field, code, message and hint."""
    name = (within.at_most or "").removeprefix("law.")
    known = {one.key: one for one in figures if one.kind is FigureKind.NUMBER and not one.by}
    if name not in known:
        message = f"'law.{name}' is not a single number of the law."
        yield "at_most", "law-limit", message, closest(name, list(known))
        return
    field = "working_days" if within.working_days else "calendar_days"
    other = "calendar" if within.working_days else "working"
    if other in known[name].unit:
        message = f"'law.{name}' counts {known[name].unit}; this limit is in {field.replace('_', ' ')}."
        yield "at_most", "law-limit", message, f"Write {other}_days."
        return
    for entry in _bounds(known[name], clock.today()):
        if isinstance(entry.value, Decimal) and days > entry.value:
            message = (
                f"The answer may take {days} days; law.{name} allows {entry.value} from {entry.valid_from}."
            )
            hint = f"Write at most {entry.value} ({entry.reference.text})."
            yield field, "longer-than-law", message, hint


def _bounds(figure: Parameter, today: date) -> list[Entry]:
    """Return the values of a figure that count today or later."""
    history = figure.history()
    following = [*(entry.valid_from for entry in history[1:]), date.max]
    return [
        entry
        for entry, after in zip(history, following, strict=True)
        if after > today and (entry.valid_until is None or entry.valid_until >= today)
    ]

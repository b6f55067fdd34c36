"""Work that goes on by itself: finding changes of the law, working awards out, issuing what was approved."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Actor
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Cursor, Payload, cron, job
from commonweal.kernel.reassessments.actions import ASSESS, ISSUE, assess_next, issue_next, start
from commonweal.kernel.reassessments.models import Reassessment
from commonweal.kernel.reassessments.queries import services_under

LOOK = "reassessments.look"
AHEAD_DAYS = 45
"""How long before it comes into force a change of the law is looked at, if it is known by then."""


@job(LOOK)
def look_for_changes(payload: Payload) -> None:
    """Begin a re-assessment for each law that changes within the coming weeks."""
    today = clock.today()
    for law in decisions.programmes():
        for agency in [agency.key for agency in current().agencies]:
            if services_under(law.key, agency):
                for day in changes_of(law.key, today, today + timedelta(days=AHEAD_DAYS), today):
                    _begin(law.key, agency, day)


def changes_of(programme: str, since: date, until: date, known_on: date) -> list[date]:
    """Return the days on which a law brings new figures or a new model, as known on a day.

    A figure that ends and is not known any further is no change: its awards wait for the new figure.

    Args:
        programme: Key of the law.
        since: First day looked at.
        until: Last day looked at.
        known_on: As known on this day.
    """
    law, _, _ = decisions.programme_on(programme, since, known_on)
    begins = {
        entry.valid_from
        for parameter in law.parameters
        for entry in parameter.entries
        if entry.known_from <= known_on
        and entry.value is not None
        and entry.valid_from != parameter.entries[0].valid_from
    }
    begins |= {model.valid_from for model in law.models[1:] if model.known_from <= known_on}
    return sorted(day for day in begins if since <= day <= until)


def _begin(programme: str, agency: str, day: date) -> None:
    same = Reassessment.objects.filter(programme=programme, agency=agency, reference_on=day)
    if not same.exists():
        start(programme, reference_on=day, agency=agency, by=Actor.system(LOOK), at=clock.now())


@job(ASSESS, kind=Kind.CHUNKED)
def assess(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Work out ten awards a step."""
    after = UUID(cursor["after"]) if cursor else None
    last = assess_next(UUID(payload["run"]), after=after, by=Actor.system(ASSESS), at=clock.now())
    return {"after": str(last)} if last else None


@job(ISSUE, kind=Kind.CHUNKED)
def issue(payload: Payload, cursor: Cursor | None) -> Cursor | None:
    """Issue one decision a step."""
    issued = issue_next(UUID(payload["run"]), by=Actor.system(ISSUE), at=clock.now())
    return {"last": str(issued)} if issued else None


cron("reassessments.every_morning", "40 3 * * *", job=LOOK)

"""Fairness reports, worked out by themselves once a month."""

from __future__ import annotations

from commonweal.kernel.base.clock import now
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.decisions.actions import report_fairness
from commonweal.kernel.decisions.errors import NotDecidable
from commonweal.kernel.decisions.queries import services_with_fairness
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.jobs.enums import Kind
from commonweal.kernel.jobs.registry import Commit, Payload, cron, job

REPORT = "decisions.report_fairness"
REPORT_ALL = "decisions.report_fairness_of_all"


@job(REPORT_ALL)
def report_all(payload: Payload) -> None:
    """Put the report of each service that declares one into the queue."""
    for key in services_with_fairness():
        enqueue(REPORT, {"service": key}, at=now(), unique_key=f"{REPORT}:{key}")


@job(REPORT, kind=Kind.EFFECT, max_attempts=3)
def report(payload: Payload) -> Commit | None:
    """Work one service's report out; a service that is gone, or declares nothing any more, has none."""
    try:
        report_fairness(payload["service"], by=Actor.system(REPORT), at=now())
    except (ServiceNotFound, NotDecidable):
        return None
    return None


cron("decisions.every_month", "20 3 1 * *", job=REPORT_ALL)

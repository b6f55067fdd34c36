"""What the practice city has tried in its policy lab, and the report that it keeps of its decisions."""

from __future__ import annotations

from datetime import datetime

from commonweal.domains.insight.actions import order_simulation
from commonweal.domains.insight.queries import is_bulk_installed
from commonweal.domains.insight.types import Order, PopulationChoice
from commonweal.kernel.base.clock import local
from commonweal.kernel.base.types import Actor
from commonweal.kernel.decisions.tasks import REPORT_ALL
from commonweal.kernel.jobs.actions import enqueue

ANALYST = "naomi@port-alder.example"


def look_into_things(officers: dict[str, Actor], *, at: datetime) -> None:
    """Order a simulation, if whole populations can be worked out here, and a fairness report; a worker makes both.

    Args:
        officers: As they act, by e-mail address.
        at: When the city opens.
    """
    enqueue(REPORT_ALL, {}, at=at)
    if is_bulk_installed():
        order = Order(
            programme="snap",
            reference_on=local(at).date(),
            population=PopulationChoice(place="port-alder"),
            title="Higher cap on housing costs",
            changes={"shelter_cap": 900},
        )
        order_simulation(order, by=officers[ANALYST], at=at)

"""Hears of cases that open and close, and counts them."""

from __future__ import annotations

from uuid import UUID

from commonweal.kernel.base.events import receives
from commonweal.kernel.cases.events import CaseClosed, CaseOpened
from commonweal.kernel.cases.queries import case_of_stream
from commonweal.kernel.statistics.counting import Counted, count_answered, count_received


@receives(CaseOpened, key="statistics.count_received")
def received(event: CaseOpened) -> None:
    """Count an application; one that was destroyed before anybody could count it is left out."""
    case = _counted(event.case_id)
    if case is not None:
        count_received(case)


@receives(CaseClosed, key="statistics.count_answered")
def answered(event: CaseClosed) -> None:
    """Count an answer."""
    case = _counted(event.case_id)
    if case is not None and case.closed_at is not None:
        count_answered(case)


def _counted(case_id: UUID) -> Counted | None:
    case = case_of_stream(f"case:{case_id}")
    if case is None:
        return None
    return Counted(
        case.service_key,
        case.agency,
        case.channel,
        case.outcome,
        case.opened_at,
        case.closed_at,
        case.due_on,
    )

"""Hears of forms that were sent, and lays their scans with the case."""

from __future__ import annotations

from commonweal.kernel.base.events import receives
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.events import CaseOpened
from commonweal.kernel.cases.queries import case_of_stream
from commonweal.kernel.paper.actions import keep_as_evidence


@receives(CaseOpened, key="paper.keep_as_evidence")
def sent(event: CaseOpened) -> None:
    """Let the scan from which a form was typed in belong to the case that it became."""
    case = case_of_stream(f"case:{event.case_id}")
    if case is not None:
        keep_as_evidence(
            case.sheet_id,
            to=case.stream,
            subject=case.applicant_id,
            by=Actor.system("paper.keep_as_evidence"),
            at=event.at,
        )

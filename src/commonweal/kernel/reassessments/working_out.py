"""Works out what the law of a day means for one award; nothing is stored here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.awards.errors import TermsUnclear
from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.types import Evaluated
from commonweal.kernel.reassessments.enums import Kind

if TYPE_CHECKING:
    from uuid import UUID

    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.cases.models import Case


@dataclass(frozen=True)
class WorkedOut:
    """What the law of a day means for an award.

    Attributes:
        kind: What changes.
        case: The case in which it was granted; None where it is gone.
        version_id: Version of the service that is offered now, whose outcomes and letters count; None where there is none.
        found: What the law says; None where nothing could be asked.
        amount: The amount from that day on.
        reason: Why an officer has to decide.
        names: What letters may name.
    """

    kind: Kind
    case: Case | None
    version_id: UUID | None = None
    found: Evaluated | None = None
    amount: Money | None = None
    reason: str = ""
    names: dict[str, Any] | None = None


def work_out(award: Award, *, on: date, known_on: date, at: datetime, trace: bool = False) -> WorkedOut:
    """Say what the law of a day means for an award, from the facts that its decision recorded.

    Args:
        award: A running award.
        on: The day whose law applies.
        known_on: As known on this day.
        at: When.
        trace: Whether to explain.
    """
    case = cases.case_of_stream(award.source_stream)
    service = offered(award.service_key)
    if case is None:
        return WorkedOut(Kind.OFFICER, None, reason="The case of this award is gone.")
    if service is None:
        return WorkedOut(Kind.OFFICER, case, reason="The service is not offered any more.")
    card = decisions.decision(award.decision_id)
    version_id, compiled = service.version_id, service.compiled
    if not card.is_automatic:
        why = "An officer decided this award by hand, so there are no facts to work it out again from."
        return WorkedOut(Kind.OFFICER, case, version_id, reason=why)
    known = cases.knowledge_of(case, at=at)
    context = known.context()
    recorded = decisions.basis_of(award.decision_id).facts
    found = decisions.evaluate_again(
        compiled, recorded, known.answers, reference_on=on, known_on=known_on, context=context, trace=trace
    )
    if found.outcome is None or found.needs_officer:
        return WorkedOut(Kind.OFFICER, case, version_id, found, reason=found.officer_reason)
    decided = decisions.decision_facts(compiled, found, told_on=clock.local(at).date())
    names = {**known.answers, **context, "decision": decided}
    if not decisions.outcomes_of(compiled)[found.outcome].grants:
        return WorkedOut(Kind.ENDED, case, version_id, found, names=names)
    try:
        amount = _amount(compiled, names, at)
    except TermsUnclear as error:
        return WorkedOut(Kind.OFFICER, case, version_id, found, reason=str(error))
    is_same = amount == award.money and found.outcome == award.outcome
    return WorkedOut(Kind.SAME if is_same else Kind.CHANGED, case, version_id, found, amount, names=names)


def offered(key: str) -> catalogue.Service | None:
    """Return a service as it is offered now; None where it is not."""
    try:
        return catalogue.offered_service(key)
    except ServiceNotFound:
        return None


def _amount(service: CompiledService, names: dict[str, Any], at: datetime) -> Money | None:
    section: awards.CompiledAward | None = service.sections.get("award")
    return awards.terms_of(section, names, at=at).amount if section is not None else None

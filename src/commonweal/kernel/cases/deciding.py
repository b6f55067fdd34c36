"""What goes into a decision about a case, and what FEEL in a declaration may name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from commonweal.engines.feel import Value
from commonweal.kernel.base import clock
from commonweal.kernel.cases.look_ups import CompiledLookUps, fetch
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.types import Evaluated
from commonweal.kernel.forms import queries as forms
from commonweal.kernel.people import queries as people

T = TypeVar("T")


def case_facts(case: Case) -> dict[str, Any]:
    """Return what FEEL sees as ``case``."""
    return {"reference": case.reference, "submitted_on": clock.local(case.opened_at).date()}


def applicant_facts(person_id: UUID) -> dict[str, Any]:
    """Return what FEEL sees as ``applicant``: the name, and the latest that is known under each key."""
    facts = {key: fact.value for key, fact in people.facts_about(person_id).items()}
    card = people.person_card(person_id)
    return facts | {"name": card.name, "birth_date": card.birth_date}


def _once(case: Case, make: Callable[[], T], *key: object) -> T:
    """Return what stays the same while a case is held, asked for once: stage after stage wants to know it."""
    kept: dict[object, T] = case.__dict__.setdefault("_kept", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def answers_of(case: Case, service: CompiledService, *, at: datetime) -> dict[str, Value]:
    """Return the answers as they were sent, as FEEL sees them: with defaults for what was left blank."""

    def read() -> dict[str, Value]:
        return forms.feel_facts(service.sections["form"], forms.submitted_sheet(case.sheet_id).answers, at=at)

    return _once(case, read, "answers", at)


def context_of(case: Case, service: CompiledService, *, at: datetime) -> dict[str, Any]:
    """Return what a decision sees besides the answers: ``case``, ``applicant``, and what registers and awards know."""
    applicant = _once(case, lambda: applicant_facts(case.applicant_id), "applicant", at)
    known: dict[str, Any] = {"case": case_facts(case), "applicant": applicant}
    look_ups: CompiledLookUps | None = service.sections.get("look_ups")
    if look_ups is None or not look_ups.each:
        return known
    facts = answers_of(case, service, at=at) | known
    return known | fetch(look_ups, facts, at=at)


def evaluate(case: Case, service: CompiledService, *, at: datetime) -> Evaluated:
    """Return what the law says of a case as it stands; nothing is stored."""
    context = context_of(case, service, at=at)
    answers = answers_of(case, service, at=at)
    return decisions.evaluate(service, answers, known_on=clock.local(at).date(), context=context)


def names_of(case: Case, service: CompiledService, *, at: datetime) -> dict[str, Any]:
    """Return everything that FEEL of stages, awards and letters may name; ``decision`` is null until there is one."""
    names = answers_of(case, service, at=at)
    decision_id = case.decision_id
    decision = (
        _once(
            case,
            lambda: decisions.decision_facts(service, decisions.decision(decision_id)),
            "decision",
            decision_id,
        )
        if decision_id
        else None
    )
    return names | context_of(case, service, at=at) | {"decision": decision}

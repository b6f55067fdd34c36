"""Answers about what was granted without an application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from commonweal.engines.feel import UNKNOWN, Expression, FeelError, Value, contains_unknown, to_json, to_value
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.people import queries as people
from commonweal.kernel.proactive.errors import NotGrantedUnasked
from commonweal.kernel.proactive.models import Offer
from commonweal.kernel.proactive.types import CompiledProactive


def section_of(service: CompiledService) -> CompiledProactive | None:
    """Return how a service is granted unasked; None where it is not."""
    found = service.sections.get("proactive")
    return found if isinstance(found, CompiledProactive) else None


def services() -> list[tuple[str, CompiledProactive]]:
    """Return the services on offer that are granted unasked, by key."""
    found = [
        (each.key, section_of(each.compiled))
        for each in catalogue.live_services()
        if each.status is Status.LIVE
    ]
    return sorted(((key, section) for key, section in found if section is not None), key=lambda pair: pair[0])


def next_award(source: str, *, at: datetime, after: UUID | None) -> UUID | None:
    """Return the id of the next running award of a service whose holder is to be looked at, or None."""
    try:
        agency = catalogue.offered_service(source).info.agency
    except ServiceNotFound:
        return None
    rows = awards.running([source], agency, on=clock.local(at).date(), after=after, limit=1)
    return rows[0].pk if rows else None


def known_of(section: CompiledProactive, award: Any, *, at: datetime) -> dict[str, Value]:
    """Return what the section's FEEL sees of a holder."""
    card, known = people.person_with_facts(award.person_id)
    facts = {key: fact.value for key, fact in known.items()} | {"name": card.name, "language": card.language}
    if card.email:
        facts.setdefault("email", card.email)
    fields = ("outcome", "holder", "item", "starts_on", "ends_on")
    known_so_far: dict[str, Value] = {
        "applicant": to_value(facts),
        "award": to_value({name: getattr(award, name) for name in fields}),
    }
    return known_so_far | cases.fetched(section.look_ups, known_so_far, at=at, person_id=award.person_id)


def value_of(expression: Expression, known: Mapping[str, Value], *, at: datetime) -> Value:
    """Return an expression's value; unknown where it goes wrong or a fact is missing."""
    evaluation = new_evaluation(at)
    try:
        value = expression.run(expression.scope.frame(known, missing=UNKNOWN), evaluation)
    except FeelError:
        return UNKNOWN
    return UNKNOWN if evaluation.warnings or contains_unknown(value) else value


def document_of(
    section: CompiledProactive, known: Mapping[str, Value], *, at: datetime
) -> dict[str, Any] | None:
    """Return the answers of the form as the API takes them; None where one cannot be told."""
    values = {name: value_of(one, known, at=at) for name, one in section.answers.items()}
    if any(value is UNKNOWN for value in values.values()):
        return None
    return {name: to_json(value) for name, value in values.items() if value is not None}


def offer_of_sheet(sheet_id: UUID) -> Offer | None:
    """Return the offer that a form was filled in for, or None."""
    return Offer.objects.filter(sheet_id=sheet_id).order_by().first()


def offer_for(reference: str, *, actor: Actor) -> Offer:
    """Return what was granted unasked in a resident's case.

    Raises:
        CaseNotFound: There is no such case of theirs.
        NotGrantedUnasked: They applied for it.
    """
    case = cases.case_for(reference, actor=actor)
    found = offer_of_sheet(case.sheet_id)
    if found is None:
        raise NotGrantedUnasked
    return found

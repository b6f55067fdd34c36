"""Decisions that were made, as pages, letters and the API show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from commonweal.engines.feel import Value, to_value
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.types import Json, Money
from commonweal.kernel.decisions.errors import NotDecidable
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.decisions.programmes.explaining import revived
from commonweal.kernel.decisions.types import LawCitation


@dataclass(frozen=True)
class DecisionCard:
    """A decision as pages, letters and the API show it.

    Attributes:
        id: Primary key.
        stream: For example ``case:<uuid>``.
        outcome: Key; empty where there is a fault.
        grants: Whether it gives what was asked for.
        is_automatic: Whether the law's model decided.
        is_fault: Whether something was missing.
        needs_officer: Whether a person has to decide.
        reason: The fault, why an officer is needed, or the officer's reasons.
        legal_ground: Of a decision by hand.
        amounts: By name.
        result: The model's result.
        reference_on: The day whose law applied.
        made_at: When.
    """

    id: UUID
    stream: str
    outcome: str
    grants: bool
    is_automatic: bool
    is_fault: bool
    needs_officer: bool
    reason: str
    legal_ground: str
    amounts: Mapping[str, Money]
    result: Json
    reference_on: date
    made_at: datetime


@dataclass(frozen=True)
class DecisionBasis:
    """What a decision was made from: longer than its card, and no page shows it.

    Attributes:
        facts: What went into the model.
        citations: The law applied.
        model_hash: SHA-256 of the model; empty by hand.
        parameters_hash: SHA-256 of the parameters.
        engine: Version of the engine.
    """

    facts: Mapping[str, Json]
    citations: tuple[LawCitation, ...]
    model_hash: str
    parameters_hash: str
    engine: str


_BASIS = ("facts", "citations", "parameter_versions")
_decision = Prepared(lambda: Decision.objects.filter(pk=Given("id")).defer(*_BASIS).order_by())


def decisions_on(stream: str) -> list[DecisionCard]:
    """Return the decisions of a stream, the latest first."""
    return [card_of(decision) for decision in Decision.objects.on_stream(stream).defer(*_BASIS)]


def latest_decision(stream: str) -> DecisionCard | None:
    """Return the decision that counts on a stream, or None."""
    decision = Decision.objects.on_stream(stream).defer(*_BASIS).first()
    return card_of(decision) if decision else None


def decision(decision_id: UUID) -> DecisionCard:
    """Return one decision.

    Raises:
        NotDecidable: There is no such decision.
    """
    return card_of(row_of(decision_id))


def decision_asked(decision_id: UUID) -> Question:
    """Return what :func:`decision` and all others ask that return a decision by its id, to be asked together with others."""
    return _decision.given(id=decision_id)


def basis_of(decision_id: UUID) -> DecisionBasis:
    """Return what one decision was made from.

    Raises:
        NotDecidable: There is no such decision.
    """
    rows = Decision.objects.filter(pk=decision_id).select_related("law").order_by()
    found = rows.only("facts", "citations", "engine", "law__model_hash", "law__parameters_hash").first()
    if found is None:
        raise NotDecidable(decision=str(decision_id))
    return DecisionBasis(
        facts=json.loads(found.facts),
        citations=tuple(LawCitation(*parts) for parts in found.citations),
        model_hash=found.law.model_hash if found.law else "",
        parameters_hash=found.law.parameters_hash if found.law else "",
        engine=found.engine,
    )


def result_of(decision_id: UUID) -> Value:
    """Return what the law gave in a decision, as FEEL sees it; null where a person or time decided, or it is destroyed.

    Days are texts, as they are stored.
    """
    found = _decision.one(id=decision_id)
    return None if found is None else to_value(revived(json.loads(found.result)))


def outcomes_in(decision_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the outcome of each of some decisions, by id; one that is destroyed is left out."""
    rows = Decision.objects.filter(pk__in=decision_ids).order_by()
    return dict(rows.values_list("pk", "outcome"))


def amounts_in(*, decision: str) -> Subquery:
    """Return an expression for the amounts of the decision of each row of a queryset; see :func:`read_amounts`.

    Args:
        decision: Name of the field that holds the decision's id.
    """
    return Subquery(Decision.objects.filter(pk=OuterRef(decision)).order_by().values("amounts")[:1])


def read_amounts(written: str | None) -> dict[str, Money]:
    """Return what :func:`amounts_in` gave for a row."""
    return {name: Money(minor, currency) for name, (minor, currency) in json.loads(written or "{}").items()}


def row_of(decision_id: UUID) -> Decision:
    """Return the row of one decision, without what it was made from.

    Raises:
        NotDecidable: There is no such decision.
    """
    found = _decision.one(id=decision_id)
    if found is None:
        raise NotDecidable(decision=str(decision_id))
    return found


def card_of(decision: Decision) -> DecisionCard:
    """Return what is shown of a row."""
    return DecisionCard(
        id=decision.pk,
        stream=decision.stream,
        outcome=decision.outcome,
        grants=decision.grants,
        is_automatic=decision.is_automatic,
        is_fault=decision.is_fault,
        needs_officer=decision.needs_officer,
        reason=decision.reason,
        legal_ground=decision.legal_ground,
        amounts=read_amounts(decision.amounts),
        result=json.loads(decision.result),
        reference_on=decision.reference_on,
        made_at=decision.made_at,
    )

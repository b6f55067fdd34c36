"""Why a decision was made so, from its stored trace and the law's text as it was then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions.models import Decision, LawVersion
from commonweal.kernel.decisions.programmes.evaluating import law_seen
from commonweal.kernel.decisions.programmes.explaining import explainer
from commonweal.kernel.decisions.programmes.grounds import grounds_of, groups_of, roots_of
from commonweal.kernel.decisions.programmes.reading import LawModel, Programme, from_texts
from commonweal.kernel.decisions.queries.declared import decision_of
from commonweal.kernel.decisions.queries.made import DecisionCard, card_of, row_of
from commonweal.kernel.decisions.types import CompiledDecision, Grounds, Step, StepGroup, Vocabulary


def explained(
    decision_id: UUID, called: Mapping[str, str] | None = None
) -> tuple[DecisionCard, tuple[Step, ...]]:
    """Return a decision with its steps, from its stored trace and the law's text as it was then.

    Args:
        decision_id: Which.
        called: The service's words for keys of the law; without them keys stay as they are.

    Raises:
        NotDecidable: There is no such decision.
    """
    decision = row_of(decision_id)
    return card_of(decision), _steps(decision, called or {})


def decided(
    decision_id: UUID, service: CompiledService, vocabulary: Vocabulary
) -> tuple[DecisionCard, Grounds]:
    """Return a decision with the few steps that decided it; none where a person or time decided.

    The other steps are not put into words: that is what :func:`explained` is for.

    Args:
        decision_id: Which.
        service: Its section ``decision`` says where outcome and amount come from.
        vocabulary: The service's words.

    Raises:
        NotDecidable: There is no such decision.
    """
    decision = row_of(decision_id)
    return card_of(decision), _grounds(decision, decision_of(service), vocabulary)


def worked_out(
    decision_id: UUID, service: CompiledService, vocabulary: Vocabulary
) -> tuple[DecisionCard, Grounds, tuple[StepGroup, ...]]:
    """Return a decision with what decided it, and with all its steps under headings.

    Args:
        decision_id: Which.
        service: As for :func:`decided`.
        vocabulary: The service's words.

    Raises:
        NotDecidable: There is no such decision.
    """
    decision = row_of(decision_id)
    grounds = _grounds(decision, decision_of(service), vocabulary)
    steps = _steps(decision, vocabulary.called)
    if decision.law_id is None or not steps:
        return card_of(decision), grounds, ()
    explains = explainer(*_recorded(decision.law_id), current().currency)
    return card_of(decision), grounds, groups_of(explains, steps, grounds)


def _grounds(decision: Decision, declared: CompiledDecision, vocabulary: Vocabulary) -> Grounds:
    trace = json.loads(decision.trace)
    if trace is None or decision.law_id is None:
        return Grounds()
    recorded, model = _recorded(decision.law_id)
    outcome = declared.outcomes.get(decision.outcome)
    amount = outcome.amounts.get("amount") if outcome else None
    shown = (
        [outcome.amounts[name] for name in outcome.spec.labels if name in outcome.amounts] if outcome else []
    )
    beside = [root for one in shown for root in roots_of(one, declared.spec.decision)]
    return grounds_of(
        explainer(recorded, model, current().currency),
        trace,
        law_seen(recorded, decision.reference_on, decision.known_on),
        outcome=roots_of(declared.outcome, declared.spec.decision),
        amount=roots_of(amount, declared.spec.decision) if amount and declared.spec.statement is None else (),
        beside=beside,
        vocabulary=vocabulary,
        aside=frozenset(key for key, one in declared.spec.outcomes.items() if one.officer),
    )


def _steps(decision: Decision, called: Mapping[str, str]) -> tuple[Step, ...]:
    trace = json.loads(decision.trace)
    if trace is None or decision.law_id is None:
        return ()
    recorded, model = _recorded(decision.law_id)
    law = law_seen(recorded, decision.reference_on, decision.known_on)
    return explainer(recorded, model, current().currency).steps(trace, law, called)


@lru_cache(maxsize=256)
def _recorded(law_id: UUID) -> tuple[Programme, LawModel]:
    """Return the law that was kept under an id; its text never changes."""
    law = LawVersion.objects.get(pk=law_id)
    return from_texts(law.programme, law.model_file, law.model_text, law.parameters_text)

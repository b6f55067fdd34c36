"""What is known about the applicant already, as answers with their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commonweal.engines.feel import UNKNOWN, Date, Value, to_value
from commonweal.kernel.base.expressions import run
from commonweal.kernel.forms.answers.reading import Wrong, read
from commonweal.kernel.forms.answers.state import FormState, read_item
from commonweal.kernel.forms.types.compiled import CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.views import Provenance
from commonweal.kernel.people.types import KnownFact

Known = Mapping[str, KnownFact]


@dataclass(frozen=True, slots=True)
class Prefilled:
    """An answer that a fact about the applicant gives.

    Attributes:
        answer: As it would be stored.
        provenance: Where it comes from.
    """

    answer: Any
    provenance: Provenance


def wants_facts(page: CompiledPage) -> bool:
    """Whether a page asks anything that may be known already."""
    return any(question.prefill is not None for question in page.questions)


def prefilled(state: FormState, question: CompiledQuestion, known: Known) -> Prefilled | None:
    """Return the answer that is known already, or None; a fact that would be no good answer is passed over."""
    spec = question.spec
    if question.prefill is None or spec.prefill is None or spec.prefill.fact not in known:
        return None
    fact = known[spec.prefill.fact]
    slot = state.form.fact_scope.slot("fact")
    assert slot is not None
    state.frame[slot] = to_value(fact.value)
    value, wrong = run(question.prefill, state.frame, state.evaluation)
    if value is None or value is UNKNOWN or wrong:
        return None
    answer = _answer(state, question, _plain(value))
    provenance = Provenance(
        fact.source, fact.observed_at, fact.legal_basis, record=f"fact:{spec.prefill.fact}"
    )
    return None if answer is None else Prefilled(answer, provenance)


def _answer(state: FormState, question: CompiledQuestion, given: Any) -> Any:
    if question.is_group:
        items = given if isinstance(given, list) else []
        readings = [read_item(state, question, item, before={}) for item in items if isinstance(item, dict)]
        kept = [
            {key: answer for key, answer in reading.answers.items() if answer is not None}
            for reading in readings
        ]
        return [item for item in kept if item] or None
    try:
        answer = read(question.spec, given)
    except Wrong:
        return None
    state.put(question, UNKNOWN)
    return answer


def _plain(value: Value) -> Any:
    """Turn FEEL's value into one that an answer can be read from."""
    if isinstance(value, Date):
        return str(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value

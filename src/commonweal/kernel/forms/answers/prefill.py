"""What is known already, of the applicant or in a register, as answers with their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.engines.feel import UNKNOWN, Date, Value, to_value
from commonweal.kernel.awards.queries import own_running
from commonweal.kernel.base.expressions import run
from commonweal.kernel.forms.answers.reading import Wrong, read
from commonweal.kernel.forms.answers.state import FormState, read_item
from commonweal.kernel.forms.types.compiled import CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.schema import Prefill
from commonweal.kernel.forms.types.views import Provenance
from commonweal.kernel.people.queries import record_ids
from commonweal.kernel.people.types import KnownFact
from commonweal.kernel.registers.queries import feel_value, look_up, register
from commonweal.kernel.registers.types import Entry

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award


@dataclass
class Known:
    """What is known where a form is filled in; a register's entry is read once.

    Attributes:
        owner: The person's record for whom the form is filled in; None for a guest, for whom no register is asked.
        facts: About the owner.
        looked_up: Persons besides the owner of whose entries something was shown.
    """

    owner: UUID | None = None
    facts: Mapping[str, KnownFact] = field(default_factory=dict)
    looked_up: set[UUID] = field(default_factory=set)
    _entries: dict[tuple[str, str], Entry | None] = field(default_factory=dict)
    _awards: dict[str, list[Award]] = field(default_factory=dict)

    def awards(self, service_key: str, on: date) -> list[Award]:
        """Return the owner's running awards of a service."""
        if self.owner is None:
            return []
        if service_key not in self._awards:
            self._awards[service_key] = own_running(record_ids(self.owner), service_key, on=on)
        return self._awards[service_key]

    def entry(self, register: str, key: str) -> Entry | None:
        """Return an entry of a register."""
        if (register, key) not in self._entries:
            self._entries[register, key] = look_up(register, key)
        return self._entries[register, key]

    def is_owner(self, person: UUID | None) -> bool:
        """Whether an entry is about the owner, under any of the owner's records."""
        if person is None or self.owner is None:
            return False
        return person == self.owner or person in record_ids(self.owner)


@dataclass(frozen=True, slots=True)
class Prefilled:
    """An answer that is known already.

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
    """Return the answer that is known already, or None; what would be no good answer is passed over."""
    spec = question.spec.prefill
    if question.prefill is None or spec is None:
        return None
    if spec.award is not None:
        offers = offered(state, question, known)
        return offers[0] if len(offers) == 1 else None
    found = (
        _from_fact(known, spec) if question.prefill_key is None else _from_register(state, question, known)
    )
    if found is None:
        return None
    return _known_as(state, question, *found)


def offered(state: FormState, question: CompiledQuestion, known: Known) -> list[Prefilled]:
    """Return the answers that the applicant's awards offer, each once; of what asks for no award none."""
    spec = question.spec.prefill
    if question.prefill is None or spec is None or spec.award is None:
        return []
    found: dict[Any, Prefilled] = {}
    for award in known.awards(spec.award, date.fromisoformat(str(state.evaluation.now)[:10])):
        fact = {
            "item": award.item,
            "outcome": award.outcome,
            "starts_on": award.starts_on,
            "ends_on": award.ends_on,
        }
        provenance = Provenance(_("what was granted to you"), award.granted_at)
        one = _known_as(state, question, to_value(fact), provenance)
        if one is not None:
            found.setdefault(str(one.answer), one)
    return list(found.values())


def _known_as(
    state: FormState, question: CompiledQuestion, fact: Value, provenance: Provenance
) -> Prefilled | None:
    assert question.prefill is not None
    slot = state.form.fact_scope.slot("fact")
    assert slot is not None
    state.frame[slot] = fact
    value, wrong = run(question.prefill, state.frame, state.evaluation)
    if value is None or value is UNKNOWN or wrong:
        return None
    answer = _answer(state, question, _plain(value))
    return None if answer is None else Prefilled(answer, provenance)


def _from_fact(known: Known, spec: Prefill) -> tuple[Value, Provenance] | None:
    fact = known.facts.get(spec.fact or "")
    if fact is None:
        return None
    record = f"fact:{spec.fact}"
    return to_value(fact.value), Provenance(fact.source, fact.observed_at, fact.legal_basis, record=record)


def _from_register(
    state: FormState, question: CompiledQuestion, known: Known
) -> tuple[Value, Provenance] | None:
    """Return a field of the entry that the answers name.

    What tells of a person is shown to that person alone: a stranger's number plate says nothing of its keeper.
    """
    spec = question.spec.prefill
    if known.owner is None or spec is None or question.prefill_key is None:
        return None
    key, wrong = run(question.prefill_key, state.frame, state.evaluation)
    if not isinstance(key, str) or not key or wrong:
        return None
    declared = register(spec.register_key or "")
    entry = known.entry(declared.key, key)
    shown = next((each for each in declared.fields if each.key == spec.field), None)
    if entry is None or shown is None:
        return None
    is_own = known.is_owner(entry.subject)
    if shown.is_personal and not is_own:
        return None
    if entry.subject is not None and not is_own:
        known.looked_up.add(entry.subject)
    record = f"entry:{declared.key}:{shown.key}:{entry.key}"
    provenance = Provenance(
        entry.source, entry.observed_at, declared.legal_basis, record=record, why=spec.why
    )
    return feel_value(entry)[shown.key], provenance


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

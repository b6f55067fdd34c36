"""What goes into a decision about a case, and what FEEL in a declaration may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from commonweal.engines.feel import Value
from commonweal.kernel.base import clock, locks
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.held import Holding, holding_of, let_nobody_else_decide
from commonweal.kernel.cases.look_ups import CompiledLookUps, fetch
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.registry import CaseFact, Run
from commonweal.kernel.cases.registry import case_facts as facts_of_apps
from commonweal.kernel.cases.types import CompiledStages
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.queries import DecisionCard
from commonweal.kernel.decisions.types import Evaluated
from commonweal.kernel.forms import queries as forms
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.types import KnownFact, PersonCard
from commonweal.kernel.places import queries as places

if TYPE_CHECKING:
    from commonweal.kernel.decisions.models import Decision
    from commonweal.kernel.forms.actions import Submission
    from commonweal.kernel.forms.models import Sheet


Applicant = tuple[PersonCard, Mapping[str, KnownFact]]
"""Whom a case is for, and what is known of them."""


def case_facts(case: Case, begins_on: date | None = None) -> dict[str, Any]:
    """Return what FEEL sees as ``case``; what it asks for begins on the day of application where no other is given."""
    submitted_on = clock.local(case.opened_at).date()
    return {
        "reference": case.reference,
        "submitted_on": submitted_on,
        "begins_on": begins_on or submitted_on,
        "is_late": case.late_on is not None,
    }


def app_facts(service: CompiledService) -> list[CaseFact]:
    """Return the facts of other apps whose section the service declares."""
    return [fact for fact in facts_of_apps if service.sections.get(fact.section) is not None]


def applicant_facts(person_id: UUID) -> dict[str, Any]:
    """Return what FEEL sees as ``applicant``: the name, and the latest that is known under each key."""
    card, known = people.person_with_facts(person_id)
    return _facts_of(card, known)


def _facts_of(card: PersonCard, known: Mapping[str, KnownFact]) -> dict[str, Any]:
    facts = {key: fact.value for key, fact in known.items()}
    return facts | {"name": card.name, "birth_date": card.birth_date}


_OFF_LINE = frozenset({Channel.COUNTER, Channel.PHONE, Channel.POST})


def told_by_letter(case: Case, *, at: datetime) -> date:
    """Return the day from which a period counts that a letter of a case begins, as if it were put into the mailbox that day.

    A letter on paper counts as served later. It goes on paper to those who applied otherwise than online, and have no account
    to open a mailbox with.

    Args:
        case: The letter goes to its applicant.
        at: When it is written.
    """
    today = clock.local(at).date()
    is_on_paper = case.channel in _OFF_LINE and not people.has_account(case.applicant_id)
    return places.as_in_mailbox(today) if is_on_paper else today


class Knowledge:
    """What FEEL may name about one case; each part is read from the database once, when it is first needed."""

    def __init__(
        self,
        case: Case,
        service: CompiledService,
        at: datetime,
        sent: Submission | None = None,
        records: tuple[UUID, ...] = (),
        *,
        applicant: Applicant | None = None,
    ) -> None:
        self._just_read = applicant
        self._records = records
        self.case = case
        self.service = service
        self.at = at
        self._just_sent = sent
        self._look_ups: dict[str, Any] | None = None
        self._holding: tuple[Holding | None] | None = None
        self._reads: set[str] = set()
        self._decision: tuple[UUID, Mapping[str, object]] | None = None

    @cached_property
    def _told_on(self) -> date:
        return told_by_letter(self.case, at=self.at)

    @property
    def _today(self) -> date:
        return clock.local(self.at).date()

    @cached_property
    def sheet(self) -> Sheet | Submission:
        """The sheet as it was sent."""
        return self._just_sent or forms.submitted_sheet(self.case.sheet_id)

    @cached_property
    def _applicant(self) -> Applicant:
        return self._just_read or people.person_with_facts(self.case.applicant_id)

    @cached_property
    def applicant(self) -> PersonCard:
        """Whom the case is for, with the language in which they want to be written to about it."""
        card = self._applicant[0]
        stages: CompiledStages | None = self.service.sections.get("stages")
        if stages is None or stages.language is None:
            return card
        chosen = stages.language.evaluate({**self.answers, **self._people}, new_evaluation(self.at))
        return replace(card, language=str(chosen)) if chosen in current().languages else card

    @cached_property
    def answers(self) -> Mapping[str, Value]:
        """The answers as they were sent, as FEEL sees them: with defaults for what was left blank."""
        if self._just_sent is not None:
            return self._just_sent.facts
        form = self.service.sections["form"]
        return forms.feel_facts(form, self.sheet.answers, at=self.at, left_out=self.sheet.left_out)

    @property
    def _people(self) -> dict[str, Any]:
        held = self.holding
        return {"case": case_facts(self.case, held.begins_on if held else None), "applicant": self._facts}

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return _facts_of(*self._applicant)

    @property
    def holding(self) -> Holding | None:
        """What the applicant holds already of what is asked for; None where the service does not mind."""
        if self._holding is None:
            self._holding = (
                holding_of(
                    self.service,
                    self.case.applicant_id,
                    self._facts,
                    records=self._records,
                    own_stream=self.case.stream,
                    submitted_on=clock.local(self.case.opened_at).date(),
                    at=self.at,
                ),
            )
        return self._holding[0]

    def context(self) -> dict[str, Any]:
        """Return what a decision sees besides the answers: ``case``, ``applicant``, what registers, awards and other apps know."""
        if self._look_ups is None:
            look_ups: CompiledLookUps | None = self.service.sections.get("look_ups")
            is_any = look_ups is not None and look_ups.each
            facts = {**self.answers, **self._people} if is_any else {}
            self._look_ups = (
                fetch(
                    look_ups,
                    facts,
                    at=self.at,
                    person_id=self.case.applicant_id,
                    case_id=self.case.pk,
                    reads=self._reads,
                )
                if look_ups is not None and is_any
                else {}
            )
            self._look_ups |= {fact.key: fact.value(self.case) for fact in app_facts(self.service)}
        return self._people | self._look_ups

    def names(self) -> dict[str, Any]:
        """Return everything that FEEL of stages, awards and letters may name; ``decision`` is null until there is one."""
        return self.names_with(self._decision_facts())

    def names_with(self, told: Mapping[str, object] | None) -> dict[str, Any]:
        """Return the same where a decision is not stored yet; see :meth:`told`."""
        return {**self.answers, **self.context(), "decision": told}

    def names_as_proposed(self) -> dict[str, Any]:
        """Return the same while nothing is decided yet: ``decision`` is what the law proposes, null where it is silent."""
        context = self.context()
        found = decisions.evaluate(
            self.service, self.answers, known_on=self._today, context=context, trace=False
        )
        told = self.told(found) if found.outcome else None
        return {**self.answers, **context, "decision": told}

    def hold_awards(self) -> None:
        """Let nobody else decide on the awards that look-ups read until the transaction ends, and read them under the lock.

        Of two who ask at once for what can be had once, the second to decide sees what the first was granted.
        """
        let_nobody_else_decide(self.service, self.case.applicant_id)
        self._holding = None
        held: set[str] = set()
        while locks.are_needed():
            self.context()
            if self._reads <= held:
                return
            locks.take(self._reads - held)
            held |= self._reads
            self.look_up_anew()

    def look_up_anew(self) -> None:
        """Forget what registers and awards said: something was granted, here or elsewhere."""
        self._look_ups = None

    def told(self, found: Evaluated | DecisionCard | Decision) -> dict[str, object]:
        """Return what FEEL sees as ``decision`` of something that the law says, or that was decided."""
        language = self.applicant.language
        return decisions.decision_facts(self.service, found, told_on=self._told_on, language=language)

    def note_decision(self, decision_id: UUID, told: Mapping[str, object]) -> None:
        """Take in a decision that was made just now, so that it is not read again."""
        self._decision = (decision_id, told)

    def _decision_facts(self) -> Mapping[str, object] | None:
        decision_id = self.case.decision_id
        if decision_id is None:
            return None
        if self._decision is None or self._decision[0] != decision_id:
            self._decision = (decision_id, self.told(decisions.decision(decision_id)))
        return self._decision[1]


def applicant_card(case: Case, *, at: datetime) -> PersonCard:
    """Return whom to write to about a case, with the language of these letters."""
    return Knowledge(case, catalogue.compiled(case.version_id), at).applicant


def begin(
    case: Case,
    service: CompiledService,
    *,
    by: Actor,
    at: datetime,
    sent: Submission | None = None,
    applicant: Applicant | None = None,
) -> Run:
    """Set a case on its way; ``sent`` and ``applicant`` save reading what was sent, or read, just now."""
    return Run(case, service, by, at, Knowledge(case, service, at, sent, by.person_ids, applicant=applicant))


def evaluate(case: Case, service: CompiledService, *, at: datetime) -> Evaluated:
    """Return what the law says of a case as it stands; nothing is stored."""
    known = Knowledge(case, service, at)
    return decisions.evaluate(
        service, known.answers, known_on=clock.local(at).date(), context=known.context()
    )

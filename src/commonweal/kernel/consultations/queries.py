"""Answers about consultations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, QuerySet

from commonweal.kernel.base.encryption import blind_index
from commonweal.kernel.base.references import normalise
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.consultations.errors import CodeUnknown
from commonweal.kernel.consultations.models import Consultation, Neighbour
from commonweal.kernel.places import queries as places

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

CODES = "consultations.code"
KIND = "consult"


def code_hash(code: str) -> str:
    """Return by what a code in its stored form is found."""
    return blind_index(code, context=CODES)


def neighbour_with(code: str) -> Neighbour:
    """Return who was written to with a code, as it was typed.

    Raises:
        CodeUnknown: Nobody was.
    """
    clean = normalise(code)
    rows = Neighbour.objects.filter(code_hash=code_hash(clean)) if clean else Neighbour.objects.none()
    found = rows.select_related("consultation__case").order_by("pk").first()
    if found is None:
        raise CodeUnknown
    return found


def is_open(consultation: Consultation, *, on: date) -> bool:
    """Whether comments still count: until the last day, while the case waits for them."""
    case = consultation.case
    is_in_time = consultation.until_on is None or on <= consultation.until_on
    return is_in_time and case.is_open and case.decision_id is None


def last_day(consultation: Consultation, *, on: date) -> date:
    """Return the last day for comments; before the letters are posted, the one that they have if posted on a day.

    The days count from the one on which a letter on paper counts as served, to the next working day.
    """
    if consultation.until_on is not None:
        return consultation.until_on
    return places.objection_until(places.as_in_mailbox(on), consultation.days)


def is_to_be_worked_on(case: Case) -> bool:
    """Whether a case waits for an officer at a stage at which neighbours are heard."""
    return cases.is_held_up(case, KIND)


def consultation_of(case_id: UUID) -> Consultation | None:
    """Return the last consultation about a case, or None."""
    return Consultation.objects.filter(case=case_id).order_by("-opened_at", "-id").first()


def neighbours_of(consultation: Consultation) -> QuerySet[Neighbour]:
    """Return who was written to, those who commented first."""
    return consultation.neighbours.order_by(F("commented_at").desc(nulls_last=True), "address", "id")

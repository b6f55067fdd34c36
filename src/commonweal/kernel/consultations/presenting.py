"""What is public of a case about which neighbours are heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.consultations.models import Consultation
from commonweal.kernel.consultations.queries import is_open, last_day
from commonweal.kernel.decisions.queries import decision_of, outcomes_of


@dataclass(frozen=True, slots=True)
class PublicView:
    """What whoever has a code may know, in a language.

    Attributes:
        service: Its name.
        place: The address that it is about.
        about: What the law makes public of it.
        until_on: Last day for comments; before the letters are posted, the one that they have if posted today.
        is_open: Whether a comment still counts.
        outcome: How it was decided; empty until it is.
        appeal: How to appeal then; may be empty.
    """

    service: str
    place: str
    about: tuple[str, ...]
    until_on: date
    is_open: bool
    outcome: str
    appeal: str


def public_view(consultation: Consultation, language: str, *, on: date) -> PublicView:
    """Return what is public of a consultation on a day."""
    case = consultation.case
    service = catalogue.compiled(case.version_id)
    translate, outcome = service.translator(language), outcomes_of(service).get(case.outcome)
    return PublicView(
        service=translate(service.info.name),
        place=consultation.place,
        about=tuple(translate(text) for text in consultation.about),
        until_on=last_day(consultation, on=on),
        is_open=is_open(consultation, on=on),
        outcome=translate(outcome.label) if outcome else "",
        appeal=translate(decision_of(service).spec.appeal.text) if outcome else "",
    )

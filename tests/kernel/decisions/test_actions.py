"""Decisions made: stored, recorded, explained again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from tests.kernel.decisions.test_evaluate import ANSWERS, GIVEN, SNAP, WORKED, answers_of

from commonweal.kernel.base.clock import local
from commonweal.kernel.base.types import Actor, ActorKind, Money
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.decisions.actions import decide_by_hand, store
from commonweal.kernel.decisions.errors import NotAnOfficer, NotDecidable, OutcomeUnknown, ReasonsMissing
from commonweal.kernel.decisions.models import Decision, LawVersion
from commonweal.kernel.decisions.queries import (
    basis_of,
    decision,
    decisions_on,
    evaluate,
    explained,
    latest_decision,
)
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 16, tzinfo=UTC)
SYSTEM = Actor.system("cases")
OFFICER = Actor(
    ActorKind.OFFICER, "0190-officer", agency="human-services", capabilities=frozenset({"cases.decide"})
)
SUBJECT = UUID("01900000-0000-7000-8000-000000000001")
STREAM = "case:01900000-0000-7000-8000-000000000002"


@pytest.fixture
def version_id() -> UUID:
    return publish_folder("food-assistance", by=OFFICER, at=AT).pk


def decide(
    stream: str,
    subject: UUID | None,
    version_id: UUID,
    answers: dict[str, Any],
    *,
    reference_on: date | None,
    at: datetime,
    context: dict[str, Any] | None = None,
) -> Decision:
    known_on = local(at).date()
    found = evaluate(
        compiled(version_id), answers, reference_on=reference_on, known_on=known_on, context=context
    )
    return store(
        stream, subject, version_id, found, reference_on=reference_on, known_on=known_on, by=SYSTEM, at=at
    )


def by_hand(version_id: UUID, **changes: Any) -> Decision:
    arguments: dict[str, Any] = {
        "outcome": "ELIGIBLE",
        "reasons": "The student works 20 hours a week.",
        "legal_ground": "7 CFR 273.5(b)(5)",
        "by": OFFICER,
        "at": AT,
        "reference_on": date(2026, 9, 15),
        "amounts": {"amount": Money(29800, "USD")},
        **changes,
    }
    return decide_by_hand(STREAM, SUBJECT, version_id, **arguments)


def test_decide_stores_outcome_and_law_and_records_them(version_id: UUID) -> None:
    made = decide(
        STREAM,
        SUBJECT,
        version_id,
        answers_of(WORKED[0]),
        reference_on=date(2023, 5, 1),
        at=AT,
    )

    [card] = decisions_on(STREAM)
    assert (card.id, card.outcome, card.grants, card.is_automatic, card.is_fault, card.needs_officer) == (
        made.pk,
        "ELIGIBLE",
        True,
        True,
        False,
        False,
    )
    assert card.amounts["amount"] == Money(115900, "USD")
    assert (card.reference_on, made.known_on, made.parameter_versions["month_days"]) == (
        date(2023, 5, 1),
        date(2026, 9, 15),
        "2022-10-01@2022-10-01",
    )
    law = LawVersion.objects.get()
    basis = basis_of(made.pk)
    assert (law.programme, law.model_hash, law.parameters_hash) == (
        "snap",
        basis.model_hash,
        basis.parameters_hash,
    )
    assert basis.engine == made.engine
    assert "Household" in basis.facts
    assert [[cited.text, cited.title, cited.url] for cited in basis.citations] == made.citations
    [event] = events_of(STREAM)
    assert (event.type, event.subject, event.payload["outcome"], event.payload["model_hash"]) == (
        "decisions.decided",
        SUBJECT,
        "ELIGIBLE",
        law.model_hash,
    )


def test_facts_and_trace_are_encrypted_at_rest(version_id: UUID) -> None:
    answers = answers_of(WORKED[0])
    decide(STREAM, SUBJECT, version_id, answers, reference_on=date(2023, 5, 1), at=AT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT facts, trace, result, amounts, reason FROM decisions_decision")
        row = [bytes(value) for value in cursor.fetchone()]

    assert [b"1850" in value or b"Household" in value for value in row] == [False] * 5
    assert json.loads(Decision.objects.get().facts)["Household"]["rent_or_mortgage"] == 1150


def test_decision_is_explained_from_what_was_stored(version_id: UUID) -> None:
    made = decide(STREAM, SUBJECT, version_id, answers_of(WORKED[0]), reference_on=date(2023, 5, 1), at=AT)

    steps = {step.name: step for step in explained(made.pk)[1]}

    assert steps["Total deductions"].how == "258 + 370 + 0 + 0 + 624 = 1,252"
    assert steps["Utility allowance type"].rule == "Heating or cooling costs are paid."
    assert steps["Allotment"].value == "$1,159"


def test_fault_is_stored_as_a_decision_that_grants_nothing(version_id: UUID) -> None:
    case = next(case for case in SNAP["cases"] if case["id"] == "P08")
    made = decide(
        STREAM,
        SUBJECT,
        version_id,
        answers_of(case),
        reference_on=date(2026, 10, 5),
        at=datetime(2026, 10, 5, 18, tzinfo=UTC),
    )

    card = latest_decision(STREAM)
    assert card is not None
    assert (card.id, card.outcome, card.is_fault, card.grants, card.needs_officer) == (
        made.pk,
        "",
        True,
        False,
        True,
    )
    assert card.reason.startswith("Standard utility allowance is not known for October 2026.")
    assert events_of(STREAM)[0].payload["is_fault"] is True


def test_law_counts_as_known_on_the_day_of_the_decision(version_id: UUID) -> None:
    made = decide(
        STREAM,
        SUBJECT,
        version_id,
        answers_of(next(case for case in SNAP["cases"] if case["id"] == "P09")),
        reference_on=date(2026, 10, 5),
        at=AT,
    )

    assert made.is_fault
    assert "is not known for October 2026" in made.reason


def test_unreadable_answers_are_stored_as_a_fault_without_law(version_id: UUID) -> None:
    made = decide(STREAM, None, version_id, {"resources": "x"}, reference_on=None, at=AT)

    assert (made.is_fault, made.law, made.reference_on) == (True, None, date(2026, 9, 15))
    assert explained(made.pk)[1] == ()


def test_deciding_again_adds_a_decision_and_the_latest_counts(version_id: UUID) -> None:
    for rent in ("1150", "400"):
        answers = {**answers_of(WORKED[0]), "rent_or_mortgage": rent}
        decide(STREAM, SUBJECT, version_id, answers, reference_on=date(2023, 5, 1), at=AT)

    cards = decisions_on(STREAM)
    latest = latest_decision(STREAM)
    assert latest is not None
    assert ([card.outcome for card in cards], latest.id) == (["ELIGIBLE", "ELIGIBLE"], cards[0].id)
    assert LawVersion.objects.count() == 1


def test_no_decision_on_an_unknown_stream(version_id: UUID) -> None:
    assert latest_decision("case:nothing") is None
    with pytest.raises(NotDecidable):
        explained(version_id)


def test_parking_is_decided_with_given_facts() -> None:
    version = publish_folder("parking-permit", by=OFFICER, at=AT).pk
    answers = {**ANSWERS, "start_date": "2026-10-01", "blue_badge": True, "blue_badge_number": "BB-1234"}

    made = decide(STREAM, SUBJECT, version, answers, reference_on=None, at=AT, context=GIVEN)

    assert (made.outcome, made.reference_on, json.loads(made.amounts)) == (
        "GRANTED",
        date(2026, 10, 1),
        {"amount": [0, "USD"], "refund_of_old": [0, "USD"]},
    )


def test_officer_decides_by_hand_with_reasons(version_id: UUID) -> None:
    made = by_hand(version_id)

    [card] = decisions_on(STREAM)
    assert (card.id, card.outcome, card.grants, card.is_automatic, card.legal_ground) == (
        made.pk,
        "ELIGIBLE",
        True,
        False,
        "7 CFR 273.5(b)(5)",
    )
    basis = basis_of(made.pk)
    assert (card.amounts, basis.model_hash, basis.facts) == ({"amount": Money(29800, "USD")}, "", {})
    [event] = events_of(STREAM)
    assert (event.type, event.payload["reasons"]) == (
        "decisions.decided_by_hand",
        "The student works 20 hours a week.",
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"by": SYSTEM}, NotAnOfficer),
        ({"by": Actor(ActorKind.OFFICER, "x", agency="transportation")}, NotAnOfficer),
        ({"outcome": "MAYBE"}, OutcomeUnknown),
        ({"outcome": "REVIEW"}, OutcomeUnknown),
        ({"reasons": "  "}, ReasonsMissing),
        ({"legal_ground": ""}, ReasonsMissing),
    ],
)
def test_decision_by_hand_is_refused(
    version_id: UUID, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        by_hand(version_id, **changes)

    assert decisions_on(STREAM) == []
    assert events_of(STREAM) == []


def test_decision_that_was_never_made_is_refused(db: None) -> None:
    with pytest.raises(NotDecidable):
        basis_of(uuid4())
    with pytest.raises(NotDecidable):
        decision(uuid4())

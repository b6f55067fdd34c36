from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.types import Actor, ActorKind, Money
from commonweal.kernel.cases import actions, queries
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import (
    CaseClosed,
    CaseMovedOn,
    CaseNotFound,
    NothingAsked,
    NothingToDecide,
    NotInTeam,
    TakenByAnother,
    TextMissing,
)
from commonweal.kernel.cases.models import Case, Inquiry, Note
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.forms.errors import AnswersInvalid
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.places.queries import add_working_days, working_days_between

pytestmark = pytest.mark.django_db
STRIKE = food_answers(circumstances=["strike"])


def types_of(case: Case) -> list[str]:
    return [event.type for event in events_of(case.stream)]


def test_submit_decides_grants_writes_and_closes(town: Town) -> None:
    case = town.send(food_answers())

    assert (case.status, case.outcome, case.stage, case.status_reason) == (
        Status.CLOSED,
        "ELIGIBLE",
        "done",
        "",
    )
    assert case.dispose_on == date(2029, 9, 15)
    award = award_of_case(case.stream)
    assert award is not None
    assert (award.starts_on, award.ends_on, award.period) == (date(2026, 9, 15), date(2027, 8, 31), "month")
    assert [message.letter_key for message in messages_about(case.stream)] == ["award"]
    assert types_of(case)[0] == "cases.submitted"
    assert types_of(case)[-1] == "cases.closed"
    assert "decisions.decided" in types_of(case)


def test_submit_denies_with_a_letter_and_grants_nothing(town: Town) -> None:
    case = town.send(food_answers(members=[{"name": "Me", "age": 35, "earned": 9000}]))

    assert (case.status, case.outcome) == (Status.CLOSED, "DENIED_GROSS")
    assert award_of_case(case.stream) is None
    assert [message.letter_key for message in messages_about(case.stream)] == ["denial"]


def test_submit_again_gives_the_same_case(town: Town) -> None:
    case = town.send(food_answers())
    again = actions.submit(
        case.sheet_id, applicant_id=town.person.pk, revision=0, by=town.resident, at=AT + timedelta(minutes=1)
    )

    assert again == case
    assert Case.objects.count() == 1
    assert types_of(case).count("cases.submitted") == 1


def test_submit_refuses_incomplete_answers_and_keeps_them(town: Town) -> None:
    started = start_sheet("food-assistance", by=town.resident, at=AT)

    with pytest.raises(AnswersInvalid):
        actions.submit(started.sheet_id, applicant_id=town.person.pk, revision=0, by=town.resident, at=AT)

    assert Case.objects.count() == 0


def test_submit_claims_a_sheet_that_was_begun_without_an_account(town: Town) -> None:
    guest = Actor.guest()
    started = start_sheet("food-assistance", by=guest, at=AT)
    saved = answer_all(started.sheet_id, food_answers(), revision=0, by=guest, at=AT, token=started.token)

    case = actions.submit(
        started.sheet_id,
        applicant_id=town.person.pk,
        revision=saved.revision,
        token=started.token,
        by=town.resident,
        at=AT,
    )

    assert case.applicant_id == town.person.pk


def test_facts_that_need_a_person_go_to_the_team(town: Town) -> None:
    case = town.send(STRIKE)

    assert (case.status, case.stage, case.decision_id, case.outcome) == (
        Status.UNASSIGNED,
        "review",
        None,
        "",
    )
    assert case.status_reason
    assert case.due_on == date(2026, 10, 15)
    assert [found.reference for found in queries.open_cases(town.officer)[0]] == [case.reference]
    assert queries.open_cases(town.stranger)[0] == []


def test_missing_parameter_goes_to_an_officer_who_is_told_which(town: Town) -> None:
    case = town.send(food_answers(), at=AT + timedelta(days=20))

    assert case.status == Status.UNASSIGNED
    assert "tility allowance" in case.status_reason


def test_claim_assign_release_change_hands(town: Town) -> None:
    case = town.send(STRIKE)

    claimed = actions.claim_case(case.pk, by=town.officer, at=AT)
    again = actions.claim_case(case.pk, by=town.officer, at=AT)
    assert (claimed.status, str(claimed.worker_id), again.revision) == (
        Status.ASSIGNED,
        town.officer.id,
        claimed.revision,
    )
    with pytest.raises(TakenByAnother):
        actions.claim_case(case.pk, by=town.colleague, at=AT)
    with pytest.raises(TakenByAnother):
        actions.release_case(case.pk, by=town.colleague, at=AT)
    with pytest.raises(Forbidden):
        actions.assign_case(case.pk, worker_id=UUID(town.colleague.id), by=town.officer, at=AT)
    with pytest.raises(NotInTeam):
        actions.assign_case(case.pk, worker_id=UUID(town.stranger.id), by=town.supervisor, at=AT)

    given = actions.assign_case(case.pk, worker_id=UUID(town.colleague.id), by=town.supervisor, at=AT)
    same = actions.assign_case(case.pk, worker_id=UUID(town.colleague.id), by=town.supervisor, at=AT)
    assert (str(given.worker_id), same.revision) == (town.colleague.id, given.revision)
    released = actions.release_case(case.pk, by=town.supervisor, at=AT)
    assert (released.status, released.worker_id) == (Status.UNASSIGNED, None)
    assert actions.release_case(case.pk, by=town.supervisor, at=AT).revision == released.revision
    assert types_of(case)[-3:] == ["cases.assigned", "cases.assigned", "cases.released"]


def test_another_agency_sees_and_changes_nothing(town: Town) -> None:
    case = town.send(STRIKE)

    for act in (
        lambda: actions.claim_case(case.pk, by=town.stranger, at=AT),
        lambda: actions.add_note(case.pk, "Mine now.", by=town.stranger, at=AT),
        lambda: actions.ask_applicant(case.pk, "Who are you?", by=town.stranger, at=AT),
        lambda: actions.confirm_proposal(case.pk, revision=case.revision, by=town.stranger, at=AT),
        lambda: queries.case_for(case.reference, actor=town.stranger),
        lambda: queries.case_for(case.reference, actor=Actor.guest()),
        lambda: queries.case_for("not a reference", actor=town.officer),
        lambda: actions.withdraw(case.pk, by=Actor(ActorKind.RESIDENT, str(UUID(int=1))), at=AT),
    ):
        with pytest.raises(CaseNotFound):
            act()


def test_decide_by_hand_grants_writes_and_closes(town: Town) -> None:
    case = town.send(STRIKE)

    decided = actions.decide_by_hand(
        case.pk,
        outcome="DENIED_RESOURCES",
        reasons="Your savings are above the limit.",
        legal_ground="7 CFR 273.8(b)",
        revision=case.revision,
        by=town.officer,
        at=AT,
    )

    assert (decided.status, decided.outcome, str(decided.worker_id)) == (
        Status.CLOSED,
        "DENIED_RESOURCES",
        town.officer.id,
    )
    assert [message.letter_key for message in messages_about(case.stream)] == ["denial"]
    with pytest.raises(CaseClosed):
        actions.claim_case(case.pk, by=town.officer, at=AT)


def test_decide_by_hand_grants_without_the_amounts_that_only_the_law_works_out(town: Town) -> None:
    case = town.send(STRIKE)

    decided = actions.decide_by_hand(
        case.pk,
        outcome="ELIGIBLE",
        reasons="The strike is over.",
        legal_ground="7 CFR 273.1(e)",
        amount=Money(29800, "USD"),
        revision=case.revision,
        by=town.officer,
        at=AT,
    )

    assert (decided.status, decided.status_reason) == (Status.CLOSED, "")
    assert [message.letter_key for message in messages_about(case.stream)] == ["award"]


def test_of_two_officers_who_decide_at_once_one_wins(town: Town) -> None:
    case = town.send(STRIKE)
    seen = case.revision
    actions.claim_case(case.pk, by=town.officer, at=AT)

    with pytest.raises(CaseMovedOn):
        actions.decide_by_hand(
            case.pk,
            outcome="DENIED_NET",
            reasons="No.",
            legal_ground="7 CFR 273.9",
            revision=seen,
            by=town.colleague,
            at=AT,
        )
    case.refresh_from_db()
    with pytest.raises(TakenByAnother):
        actions.confirm_proposal(case.pk, revision=case.revision, by=town.colleague, at=AT)


@pytest.mark.parametrize(
    ("field", "change"),
    [("reasons", {"reasons": " \u0000 "}), ("legal_ground", {"legal_ground": "x" * 5_001})],
)
def test_decide_by_hand_names_the_field_that_is_wrong(town: Town, field: str, change: dict[str, str]) -> None:
    case = town.send(STRIKE)
    texts = {"reasons": "Because.", "legal_ground": "7 CFR 273.9"} | change

    with pytest.raises(TextMissing) as refused:
        actions.decide_by_hand(
            case.pk, outcome="DENIED_NET", revision=case.revision, by=town.officer, at=AT, **texts
        )
    assert list(refused.value.fields) == [field]


def test_decide_by_hand_refuses_an_unknown_outcome(town: Town) -> None:
    case = town.send(STRIKE)

    with pytest.raises(Invalid):
        actions.decide_by_hand(
            case.pk,
            outcome="MAYBE",
            reasons="Because.",
            legal_ground="7 CFR 273.9",
            revision=case.revision,
            by=town.officer,
            at=AT,
        )
    case.refresh_from_db()
    assert case.is_open


def test_proposal_that_needs_a_person_cannot_be_confirmed(town: Town) -> None:
    case = town.send(STRIKE)

    with pytest.raises(NothingToDecide):
        actions.confirm_proposal(case.pk, revision=case.revision, by=town.officer, at=AT)


def test_question_stops_the_clock_until_it_is_answered(town: Town) -> None:
    case = town.send(STRIKE)

    inquiry = actions.ask_applicant(case.pk, "Since when?", by=town.officer, at=AT, revision=case.revision)
    case.refresh_from_db()
    assert (case.status, inquiry.answer_due_on) == (Status.ASKED, date(2026, 10, 15))
    with pytest.raises(NothingToDecide):
        actions.ask_applicant(case.pk, "And why?", by=town.officer, at=AT)
    with pytest.raises(NothingToDecide):
        actions.confirm_proposal(case.pk, revision=case.revision, by=town.officer, at=AT)

    answered = actions.answer_inquiry(case.pk, "Since May.", by=town.resident, at=AT + timedelta(days=7))

    assert (answered.status, str(answered.worker_id)) == (Status.ASSIGNED, town.officer.id)
    assert answered.due_on == date(2026, 10, 22)
    assert Inquiry.objects.get().answer == "Since May."
    with pytest.raises(NothingAsked):
        actions.answer_inquiry(case.pk, "Again.", by=town.resident, at=AT)


def test_note_is_kept_for_officers_even_after_closing(town: Town) -> None:
    case = town.send(food_answers())

    actions.add_note(case.pk, "Called\u202e back.\u200b", by=town.officer, at=AT)

    assert [note.text for note in queries.notes_on(case)] == ["Called back."]
    assert types_of(case)[-1] == "cases.noted"


def test_withdraw_closes_without_a_decision(town: Town) -> None:
    case = town.send(STRIKE)

    withdrawn = actions.withdraw(case.pk, by=town.resident, at=AT)

    assert (withdrawn.status, withdrawn.outcome, withdrawn.decision_id) == (Status.CLOSED, "WITHDRAWN", None)
    with pytest.raises(CaseClosed):
        actions.withdraw(case.pk, by=town.resident, at=AT)


def test_dispose_destroys_the_case_and_leaves_its_entries(town: Town) -> None:
    case = town.send(food_answers())
    actions.add_note(case.pk, "Done.", by=town.officer, at=AT)
    system = Actor.system("tests")

    assert not actions.dispose(case.pk, on=date(2029, 9, 14), by=system, at=AT)
    assert actions.dispose(case.pk, on=date(2029, 9, 15), by=system, at=AT)

    assert (Case.objects.count(), Note.objects.count()) == (0, 0)
    assert types_of(case)[-3:] == ["cases.disposed", "mailbox.deleted", "consent.stream_erased"]
    assert not actions.dispose(case.pk, on=date(2029, 9, 15), by=system, at=AT)


def test_questions_stop_the_clock_for_sixty_days_at_most(town: Town) -> None:
    case = town.send(STRIKE)
    due_on = case.due_on
    at = AT
    for days in (40, 40):
        case.refresh_from_db()
        actions.ask_applicant(case.pk, "Since when?", by=town.officer, at=at, revision=case.revision)
        at += timedelta(days=days)
        case = actions.answer_inquiry(case.pk, "Since May.", by=town.resident, at=at)

    first = working_days_between(AT.date(), AT.date() + timedelta(days=40))
    second = working_days_between(AT.date() + timedelta(days=40), AT.date() + timedelta(days=60))
    assert case.due_on == add_working_days(add_working_days(due_on, first), second)

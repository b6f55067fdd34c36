"""A round from the first application to the last letter, with the example of the city's code."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.kernel.rounds.conftest import AFTER, CLOSES, ROBOT, SENT, SERVICE, Office

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases.actions import go_on, wake, withdraw
from commonweal.kernel.cases.enums import Status as CaseStatus
from commonweal.kernel.cases.models import Case
from commonweal.kernel.ledger.queries import verify
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.places.queries import add_working_days
from commonweal.kernel.rounds.actions import answer_offer, approve, close, issue_next, open_round, work_out
from commonweal.kernel.rounds.enums import Answer, Status
from commonweal.kernel.rounds.errors import (
    NoOffer,
    NoRounds,
    NotClosedYet,
    NothingLeft,
    RoundFourEyes,
    RoundNotFound,
    StillChecked,
    WrongStep,
)
from commonweal.kernel.rounds.models import Entry
from commonweal.kernel.rounds.queries import entry_of, lines, still_checked

FAMILY = {"household_size": 4, "household_income": "52000", "who_lives_there": ["young_child"]}
# The list of the explanatory table: award and points as it states them.
LIST = {
    "G07": {
        "household_income": "23000",
        "who_lives_there": ["senior", "disabled"],
        "district": "harbour",
        "hazard": "A",
        "first_quote": "26000",
        "second_quote": "27000",
        "had_grant": True,
        "earlier_total": "12000",
        "last_grant_on": "2020-05-01",
    },
    "G05": {
        "household_size": 2,
        "household_income": "44375",
        "who_lives_there": ["senior", "disabled"],
        "district": "elm-park",
        "energy_label": "G",
        "first_quote": "12000",
        "second_quote": "12000",
        "reserve_years": 4,
    },
    "G01": {"district": "old-mill", "first_quote": "21000", "second_quote": "22000", "reserve_years": 1},
    "G02": FAMILY | {"energy_label": "E", "hazard": "A", "first_quote": "15500", "second_quote": "16000"},
    "G09": FAMILY
    | {
        "district": "elm-park",
        "energy_label": "E",
        "hazard": "A",
        "first_quote": "20000",
        "second_quote": "20000",
    },
    "G06": {
        "household_size": 5,
        "household_income": "40000",
        "who_lives_there": ["young_child"],
        "district": "riverside",
        "energy_label": "G",
        "category": "energy",
        "hazard": "C",
        "first_quote": "11000",
        "second_quote": "11000",
    },
    "G04": {
        "household_size": 3,
        "household_income": "29963",
        "who_lives_there": ["disabled"],
        "district": "riverside",
        "energy_label": "D",
        "category": "access",
        "hazard": "C",
        "first_quote": "13333",
        "second_quote": "13333",
    },
}


def _again(case: Case) -> Case:
    case.refresh_from_db()
    return case


def _subjects(case: Case) -> list[str]:
    return list(
        Message.objects.filter(thread__stream=case.stream)
        .order_by("sent_at", "id")
        .values_list("subject", flat=True)
    )


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        ("60000", ["FUNDED"] * 4 + ["RESERVE"] * 3),
        ("64000", ["FUNDED"] * 4 + ["RESERVE", "FUNDED", "RESERVE"]),
        ("67000", ["FUNDED"] * 4 + ["PARTIAL_OFFER", "RESERVE", "RESERVE"]),
    ],
)
def test_the_rounds_of_the_sheet(office: Office, budget: str, expected: list[str]) -> None:
    one = office.open(budget)
    cases = {
        key: office.listed(at=SENT.replace(minute=minute), **facts)
        for minute, (key, facts) in enumerate(reversed(LIST.items()))
        if key != "G09"
    }
    cases["G09"] = office.listed(at=SENT.replace(day=16), **LIST["G09"])

    one = office.decide(one)

    places = {key: entry_of(cases[key].pk).place for key in LIST}  # type: ignore[union-attr]
    assert sorted(places, key=lambda key: places[key] or 0) == list(LIST)
    assert [_again(cases[key]).outcome for key in LIST] == expected
    assert one.status == Status.DONE
    assert verify(one.stream) == []


def test_a_case_waits_for_its_round_and_the_letters_say_how_it_stands(office: Office) -> None:
    one = office.open()
    case = office.listed()
    assert (case.outcome, case.status) == ("LISTED", CaseStatus.WAITING)

    office.decide(one)

    assert (_again(case).outcome, case.status) == ("FUNDED", CaseStatus.CLOSED)
    assert _subjects(case) == ["You are on the list of this round", "You get a housing repair grant"]
    award = award_of_case(case.stream)
    assert award is not None
    assert award.money == Money(900_000, "USD")
    assert [(line.label, line.value) for line in lines(one)][:3] == [
        ("Budget", "$60,000.00"),
        ("Granted or offered", "$9,000.00"),
        ("Granted in full", "1"),
    ]


def test_who_is_refused_takes_part_in_no_round(office: Office) -> None:
    office.open()

    case = office.listed(household_income="70000")

    assert (case.outcome, case.status) == ("REFUSED_INCOME", CaseStatus.CLOSED)
    assert entry_of(case.pk) is None


def test_an_emergency_is_paid_at_once_from_the_set_aside_and_comes_off_the_list(office: Office) -> None:
    one = office.open("40000")  # 6,000 dollars are set aside
    urgent = {"category": "emergency", "hazard": "A", "first_quote": "7000", "second_quote": "7000"}
    first = office.listed(**urgent)
    assert first.due_on == add_working_days(SENT.date(), 3)
    second = office.listed(**urgent)
    assert (first.outcome, second.outcome) == ("EMERGENCY_FUNDED", "LISTED")
    others = [
        office.listed(
            first_quote="18000", second_quote="18000", hazard="A", who_lives_there=["senior", "disabled"]
        )
        for _ in range(2)
    ]

    office.decide(one)

    # 34,000 are left: 18,000, then 16,000 of 18,000 as an offer; the second emergency has fewer points.
    assert sorted(_again(case).outcome for case in others) == ["FUNDED", "PARTIAL_OFFER"]
    assert _again(second).outcome == "RESERVE"


def _offered(office: Office) -> tuple[Case, Case]:
    """A round with 15,000 dollars: the first gets 9,000, the second is offered 6,000 of 9,000, the third waits."""
    one = office.open("15000")
    office.listed(reserve_years=2)
    offered = office.listed(reserve_years=1)
    waiting = office.listed(first_quote="2000")
    office.decide(one)
    return _again(offered), _again(waiting)


def test_a_part_that_is_accepted_is_granted(office: Office) -> None:
    offered, _waiting = _offered(office)
    assert (offered.outcome, offered.status) == ("PARTIAL_OFFER", CaseStatus.WAITING)

    answer_offer(offered.reference, accepts=True, by=office.residents[offered.pk], at=AFTER)

    assert (_again(offered).outcome, offered.status) == ("FUNDED_IN_PART", CaseStatus.CLOSED)
    award = award_of_case(offered.stream)
    assert award is not None
    assert award.money == Money(600_000, "USD")
    assert _subjects(offered)[-2:] == ["We offer you a part of the grant", "You get a housing repair grant"]


def test_what_is_declined_goes_to_who_waits(office: Office) -> None:
    offered, waiting = _offered(office)
    assert waiting.outcome == "RESERVE"
    answer_offer(offered.reference, accepts=False, by=office.residents[offered.pk], at=AFTER)
    one = Entry.objects.get(case=waiting).round

    one = office.decide(one)

    assert one.turn == 2
    assert _again(offered).outcome == "OFFER_DECLINED"
    assert (_again(waiting).outcome, waiting.status) == ("FUNDED", CaseStatus.CLOSED)
    assert _subjects(waiting)[-1] == "You get a housing repair grant"


def test_who_withdraws_an_offer_gives_it_up(office: Office) -> None:
    offered, waiting = _offered(office)
    withdraw(offered.pk, by=office.residents[offered.pk], at=AFTER)
    one = Entry.objects.get(case=waiting).round

    office.decide(one)

    assert _again(waiting).outcome == "FUNDED"
    assert lines(one)[1].value == "$11,000.00"


def test_an_offer_lapses_and_cannot_be_answered_any_more(office: Office) -> None:
    offered, _waiting = _offered(office)
    last = datetime(2026, 10, 15, 17, tzinfo=UTC)
    assert Entry.objects.get(case=offered).answer_due_on == last.date()
    late = datetime(2026, 10, 16, 17, tzinfo=UTC)
    with pytest.raises(NoOffer):
        answer_offer(offered.reference, accepts=True, by=office.residents[offered.pk], at=late)

    assert not wake(offered.pk, on=last.date(), by=ROBOT, at=last)
    assert wake(offered.pk, on=late.date(), by=ROBOT, at=late)

    assert _again(offered).outcome == "OFFER_DECLINED"
    assert Entry.objects.get(case=offered).answer == Answer.LAPSED


def test_an_offer_of_an_application_taken_back_cannot_be_answered(office: Office) -> None:
    offered, _waiting = _offered(office)
    withdraw(offered.pk, by=office.residents[offered.pk], at=AFTER)

    with pytest.raises(NoOffer):
        answer_offer(offered.reference, accepts=True, by=office.residents[offered.pk], at=AFTER)

    assert Entry.objects.get(case=offered).answer == ""


def test_an_offer_is_answered_at_its_stage_alone(office: Office) -> None:
    offered, _waiting = _offered(office)
    Case.objects.filter(pk=offered.pk).update(stage="reserve")

    with pytest.raises(NoOffer):
        answer_offer(offered.reference, accepts=True, by=office.residents[offered.pk], at=AFTER)


def test_who_comes_to_wait_after_the_round_was_closed_goes_on(office: Office) -> None:
    offered, waiting = _offered(office)
    one = Entry.objects.get(case=waiting).round
    close(one.pk, by=office.officer, at=AFTER)
    office.issue(one)
    Case.objects.filter(pk=offered.pk).update(stage="result", outcome="RESERVE")
    Entry.objects.filter(case=offered).update(is_waiting=False)

    go_on(offered.pk, by=ROBOT, at=AFTER)

    assert not Entry.objects.get(case=offered).is_waiting
    assert _again(offered).stage != "reserve"


def test_nobody_answers_for_another(office: Office) -> None:
    offered, waiting = _offered(office)

    with pytest.raises(NoOffer):
        answer_offer(offered.reference, accepts=True, by=office.residents[waiting.pk], at=AFTER)


def test_closing_a_round_ends_the_waiting(office: Office) -> None:
    _offer, waiting = _offered(office)
    one = Entry.objects.get(case=waiting).round

    close(one.pk, by=office.officer, at=AFTER)
    one = office.issue(one)

    assert one.status == Status.CLOSED
    assert (_again(waiting).outcome, waiting.status) == ("RESERVE", CaseStatus.CLOSED)
    with pytest.raises(WrongStep):
        work_out(one.pk, by=office.officer, at=AFTER)


def test_working_out_again_brings_the_same_but_for_who_withdrew(office: Office) -> None:
    one = office.open("9000")
    first, second = office.listed(reserve_years=1), office.listed()
    work_out(one.pk, by=office.officer, at=AFTER)
    before = {entry.case_id: (entry.place, entry.result) for entry in one.entries.all()}
    work_out(one.pk, by=office.officer, at=AFTER)
    again = {entry.case_id: (entry.place, entry.result) for entry in one.entries.all()}
    assert before == again == {first.pk: (1, "funded"), second.pk: (2, "reserve")}

    withdraw(_again(first).pk, by=office.residents[first.pk], at=AFTER)
    work_out(one.pk, by=office.officer, at=AFTER)

    one.refresh_from_db()
    assert (Entry.objects.get(case=second).result, one.turn) == ("funded", 1)


def test_nothing_is_told_before_it_is_approved(office: Office) -> None:
    one = office.open()
    case = office.listed()
    work_out(one.pk, by=office.officer, at=AFTER)

    assert issue_next(one.pk, by=ROBOT, at=AFTER) is None
    assert _again(case).outcome == "LISTED"


def test_four_eyes(office: Office) -> None:
    one = office.open()
    office.listed()
    work_out(one.pk, by=office.supervisor, at=AFTER)

    with pytest.raises(RoundFourEyes):
        approve(one.pk, revision=1, by=office.supervisor, at=AFTER)
    with pytest.raises(RoundFourEyes):
        approve(one.pk, revision=1, by=office.officer, at=AFTER)
    with pytest.raises(RoundNotFound):
        approve(one.pk, revision=1, by=office.stranger, at=AFTER)


def test_a_round_is_not_worked_out_while_applications_can_come_in(office: Office) -> None:
    one = office.open()
    office.listed()

    with pytest.raises(NotClosedYet):
        work_out(one.pk, by=office.officer, at=datetime(2026, 9, 30, 17, tzinfo=UTC))


def test_a_round_waits_for_those_alone_who_came_in_time_for_it(office: Office) -> None:
    late = date(2026, 10, 15)
    first, second = office.open(), office.open(closes_on=late)
    office.listed()
    office.send(at=datetime(2026, 10, 1, 6, 59, tzinfo=UTC))  # a minute before midnight of the last day
    office.send(at=datetime(2026, 10, 1, 7, 0, tzinfo=UTC))  # of the second round

    assert (still_checked(first), still_checked(second)) == (1, 1)
    with pytest.raises(StillChecked) as caught:
        work_out(first.pk, by=office.officer, at=AFTER)

    assert str(caught.value) == "Applications that came in time and are still being checked: 1."
    first.refresh_from_db()
    assert (first.status, first.seed, first.revision) == (Status.OPEN, "", 0)


def test_who_is_past_the_round_is_not_waited_for(office: Office) -> None:
    one = office.open("40000")
    urgent = {"category": "emergency", "hazard": "A", "first_quote": "7000", "second_quote": "7000"}
    paid = office.listed(**urgent)
    Case.objects.filter(pk=paid.pk).update(status=CaseStatus.WAITING, closed_at=None, stage="done")
    office.listed()

    assert still_checked(one) == 0
    assert work_out(one.pk, by=office.officer, at=AFTER).revision == 1


def test_an_empty_round_has_nothing_to_share_out(office: Office) -> None:
    with pytest.raises(NothingLeft):
        work_out(office.open().pk, by=office.officer, at=AFTER)


def test_without_an_open_round_an_officer_is_asked(office: Office) -> None:
    case = office.listed()

    assert case.status == CaseStatus.ASSIGNED
    assert case.status_reason == "No round is open that this application could take part in."
    assert entry_of(case.pk) is None


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"name": " "}, {"name"}),
        ({"closes_on": date(2026, 9, 14)}, {"closes_on"}),
        ({"settings": "a lot"}, {"settings"}),
        ({"settings": "9" * 12}, {"settings"}),
        ({"settings": ""}, {"settings"}),
    ],
)
def test_what_is_wrong_with_a_new_round_is_named(
    office: Office, changes: dict[str, object], names: set[str]
) -> None:
    asked = {"name": "Autumn", "closes_on": CLOSES, "settings": "60000"} | changes

    with pytest.raises(Invalid) as caught:
        open_round(SERVICE, by=office.officer, at=SENT, **asked)  # type: ignore[arg-type]

    assert set(caught.value.fields) == names


def test_two_rounds_do_not_close_on_one_day_and_other_agencies_open_none(office: Office) -> None:
    office.open()

    with pytest.raises(Invalid) as caught:
        office.open()
    assert set(caught.value.fields) == {"closes_on"}
    with pytest.raises(NoRounds):
        open_round(SERVICE, name="x", closes_on=CLOSES, settings="1", by=office.stranger, at=SENT)

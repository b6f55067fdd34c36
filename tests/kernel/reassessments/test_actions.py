"""A change of the law goes through every running award: worked out, proposed, approved by another, issued once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from tests.kernel.cases.conftest import Town
from tests.kernel.reassessments.conftest import DAY, NOW, ROBOT, SENT, assess, changes, ends

from commonweal.kernel.awards import actions as awards
from commonweal.kernel.awards.errors import AwardEnded
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.queries import amount_on, award_of_case
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_files
from commonweal.kernel.catalogue.queries import live_version
from commonweal.kernel.decisions.errors import NotAnOfficer, ReasonsMissing
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.decisions.queries import explained
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.ledger.queries import events_of, verify
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.reassessments import actions, queries
from commonweal.kernel.reassessments.enums import Kind, Stage, Status
from commonweal.kernel.reassessments.errors import (
    FourEyes,
    NotForHand,
    NothingToReassess,
    ReassessmentNotFound,
    WrongStep,
)
from commonweal.kernel.reassessments.models import Item, Reassessment
from commonweal.kernel.reassessments.rules import visible

pytestmark = pytest.mark.django_db
Begun = Callable[[], Reassessment]
Sent = Callable[..., Case]


def approved(town: Town, run: Reassessment) -> Reassessment:
    actions.propose(run.pk, by=town.officer, at=NOW)
    return actions.approve(run.pk, by=town.supervisor, at=NOW)


def issue_all(run: Reassessment, at: datetime = NOW) -> int:
    issued = 0
    while actions.issue_next(run.pk, by=ROBOT, at=at) is not None:
        issued += 1
    return issued


def item_of(run: Reassessment, case: Case) -> Item:
    return run.items.select_related("award", "run").get(case_reference=case.reference)


def test_every_running_award_is_worked_out_with_its_recorded_facts(
    sent: Sent, by_hand: Callable[[], Case], begun: Begun
) -> None:
    changed, ended, student = sent(), sent(ends()), by_hand()

    run = begun()

    found = {
        item.case_reference: (item.kind, item.before_minor, item.after_minor, item.outcome_after)
        for item in run.items.all()
    }
    assert found == {
        changed.reference: ("changed", 29_200, 29_800, "ELIGIBLE"),
        ended.reference: ("ended", 7_400, 0, "DENIED_ZERO"),
        student.reference: ("officer", 20_000, None, ""),
    }
    assert "by hand" in item_of(run, student).reason
    assert (run.status, run.assessed_at) == (Status.READY, NOW)
    assert [
        (total.kind, total.awards, total.before.minor, total.after.minor) for total in queries.totals(run)
    ] == [
        (Kind.CHANGED, 1, 29_200, 29_800),
        (Kind.ENDED, 1, 7_400, 0),
        (Kind.OFFICER, 1, 20_000, 0),
    ]
    assert (Decision.objects.count(), Award.objects.filter(amount_minor=29_200).count()) == (4, 1)


def test_figures_that_are_not_known_leave_the_award_to_an_officer(town: Town, sent: Sent) -> None:
    case = town.send(changes(), at=datetime.fromisoformat("2026-05-04T17:00:00+00:00"))
    at = datetime.fromisoformat("2026-10-01T17:00:00+00:00")

    run = assess(
        actions.start(
            "snap", reference_on=date(2026, 10, 1), agency="human-services", by=town.officer, at=at
        ),
        at,
    )

    item = item_of(run, case)
    assert item.kind == Kind.OFFICER
    assert "Standard utility allowance is not known for October 2026" in item.reason


def test_an_award_under_the_same_figures_is_left_alone(town: Town, sent: Sent) -> None:
    case = sent()
    day = date(2025, 7, 1)

    run = assess(
        actions.start(
            "snap", reference_on=day, agency="human-services", by=town.officer, at=SENT + timedelta(days=28)
        )
    )

    item = item_of(run, case)
    assert (item.kind, item.stage, item.before, item.after) == (
        Kind.SAME,
        Stage.LEFT,
        Money(29_200, "USD"),
        Money(29_200, "USD"),
    )
    assert issue_all(approved(town, run)) == 0
    assert Reassessment.objects.get(pk=run.pk).status == Status.DONE


def test_approved_differences_become_decisions_and_letters(town: Town, sent: Sent, begun: Begun) -> None:
    changed, ended = sent(), sent(ends())
    run = begun()
    letters = Message.objects.count()

    assert issue_all(approved(town, run)) == 2

    award = award_of_case(changed.stream)
    assert award is not None
    assert (award.money, award.ends_on) == (Money(29_800, "USD"), date(2026, 5, 31))
    assert (amount_on(award, DAY - timedelta(days=1)), amount_on(award, DAY)) == (
        Money(29_200, "USD"),
        Money(29_800, "USD"),
    )
    over = award_of_case(ended.stream)
    assert over is not None
    assert (over.ends_on, over.outcome, amount_on(over, DAY)) == (date(2025, 9, 30), "DENIED_ZERO", None)
    new = [message.subject for message in Message.objects.order_by("sent_at", "pk")][letters:]
    assert sorted(new) == ["Your food assistance changes", "Your food assistance ends"]
    body = Message.objects.get(letter_key="change").body
    assert r"\$298\.00" in body
    assert r"\$292\.00" in body
    for case in (changed, ended):
        item = item_of(run, case)
        case.refresh_from_db()
        assert (item.stage, item.decision_id, item.issued_at) == (Stage.ISSUED, case.decision_id, NOW)
        assert case.is_closed
        assert item.decision_id is not None
        card, steps = explained(item.decision_id)
        assert (card.is_automatic, card.reference_on, card.outcome) == (True, DAY, case.outcome)
        assert steps
    assert Reassessment.objects.get(pk=run.pk).status == Status.DONE


def test_everything_stands_in_the_ledger(town: Town, sent: Sent, begun: Begun) -> None:
    case = sent()
    run = begun()
    issue_all(approved(town, run))

    award = award_of_case(case.stream)
    assert award is not None
    assert [event.type for event in events_of(run.stream)] == [
        "reassessments.started",
        "reassessments.assessed",
        "reassessments.ready",
        "reassessments.proposed",
        "reassessments.approved",
        "reassessments.issued",
        "reassessments.done",
    ]
    assert [event.type for event in events_of(award.stream)] == ["awards.granted", "awards.changed"]
    assert [event.type for event in events_of(case.stream)][-3:] == [
        "decisions.decided",
        "cases.reassessed",
        "mailbox.sent",
    ]
    assert [flaw for stream in (run.stream, award.stream, case.stream) for flaw in verify(stream)] == []


def test_doing_anything_twice_does_it_once(town: Town, sent: Sent, begun: Begun) -> None:
    sent()
    run = begun()

    again = actions.start("snap", reference_on=DAY, agency="human-services", by=town.colleague, at=NOW)
    assert again.pk == run.pk
    assert assess(run).items.count() == 1
    run = approved(town, run)
    assert issue_all(run) == 1
    before = (Decision.objects.count(), Message.objects.count())
    assert issue_all(run) == 0
    assert (Decision.objects.count(), Message.objects.count()) == before


def test_a_stretch_that_was_worked_out_before_is_not_counted_twice(town: Town, sent: Sent) -> None:
    for _ in range(3):
        sent()
    run = actions.start("snap", reference_on=DAY, agency="human-services", by=town.officer, at=NOW)
    run.items.create(
        award=Award.objects.order_by("pk")[0],
        kind=Kind.CHANGED,
        service_key="food-assistance",
        decision_before=UUID(int=1),
        currency="USD",
    )

    assert assess(run).items.count() == 3


def test_nobody_approves_what_they_proposed(town: Town, sent: Sent, begun: Begun) -> None:
    sent()
    run = begun()
    with pytest.raises(WrongStep):
        actions.approve(run.pk, by=town.supervisor, at=NOW)
    actions.propose(run.pk, by=town.supervisor, at=NOW)

    with pytest.raises(FourEyes):
        actions.approve(run.pk, by=town.supervisor, at=NOW)
    with pytest.raises(FourEyes):  # a caseworker may not approve at all
        actions.approve(run.pk, by=town.officer, at=NOW)
    with pytest.raises(WrongStep):
        actions.propose(run.pk, by=town.officer, at=NOW)
    assert issue_all(run) == 0
    assert Message.objects.filter(letter_key="change").count() == 0


def test_another_agency_finds_nothing(town: Town, sent: Sent, begun: Begun) -> None:
    sent()
    run = begun()
    item = run.items.get()

    assert list(queries.runs_for(town.stranger)) == []
    for act in (
        lambda: queries.run_for(run.pk, actor=town.stranger),
        lambda: queries.item_for(item.pk, actor=town.stranger),
        lambda: actions.propose(run.pk, by=town.stranger, at=NOW),
        lambda: actions.cancel(run.pk, by=town.stranger, at=NOW),
        lambda: actions.propose(UUID(int=7), by=town.officer, at=NOW),
    ):
        with pytest.raises(ReassessmentNotFound):
            act()


@pytest.mark.parametrize(
    ("programme", "agency", "day"),
    [
        ("parking", "human-services", DAY),  # another agency's law
        ("ssi", "human-services", DAY),  # no service rests on it
        ("snap", "human-services", date(2020, 1, 1)),  # no law is in force
    ],
)
def test_nothing_begins_where_nothing_can_be_looked_at(
    town: Town, programme: str, agency: str, day: date
) -> None:
    with pytest.raises(NothingToReassess):
        actions.start(programme, reference_on=day, agency=agency, by=town.officer, at=NOW)
    assert Job.objects.filter(key=actions.ASSESS).count() == 0


def test_cancelled_changes_nothing_and_makes_room_for_another(town: Town, sent: Sent, begun: Begun) -> None:
    sent()
    run = begun()
    actions.cancel(run.pk, by=town.officer, at=NOW)

    assert actions.assess_next(run.pk, after=None, by=ROBOT, at=NOW) is None
    with pytest.raises(WrongStep):
        actions.propose(run.pk, by=town.officer, at=NOW)
    other = actions.start("snap", reference_on=DAY, agency="human-services", by=town.officer, at=NOW)
    assert other.pk != run.pk


def test_an_award_that_changed_meanwhile_goes_to_an_officer(town: Town, sent: Sent, begun: Begun) -> None:
    revoked, decided, kept = sent(), sent(), sent()
    run = approved(town, begun())
    gone, other = award_of_case(revoked.stream), award_of_case(decided.stream)
    assert gone is not None
    assert other is not None
    awards.revoke(gone.pk, reason="moved away", by=town.officer, at=NOW)
    Award.objects.filter(pk=other.pk).update(decision_id=UUID(int=9))

    assert issue_all(run) == 3

    assert item_of(run, kept).stage == Stage.ISSUED
    for case, why in ((revoked, "ended"), (decided, "Another decision")):
        item = item_of(run, case)
        assert (item.kind, item.stage, item.decision_id) == (Kind.OFFICER, Stage.PENDING, None)
        assert why in item.reason
    assert Message.objects.filter(letter_key="change").count() == 1


def test_an_officer_decides_what_the_law_leaves_open(
    town: Town, by_hand: Callable[[], Case], begun: Begun
) -> None:
    case = by_hand()
    run = begun()
    item = item_of(run, case)
    said = {"outcome": "ELIGIBLE", "reasons": "You still work.", "legal_ground": "7 CFR 273.5(b)"}
    with pytest.raises(NotForHand):  # nothing before the whole is approved
        actions.decide_by_hand(item.pk, **said, amount=Money(20_500, "USD"), by=town.officer, at=NOW)
    approved(town, run)

    actions.decide_by_hand(item.pk, **said, amount=Money(20_500, "USD"), by=town.officer, at=NOW)

    award = award_of_case(case.stream)
    assert award is not None
    assert award.money == Money(20_500, "USD")
    letter = Message.objects.get(letter_key="change")
    assert "You still work" in letter.body
    with pytest.raises(NotForHand):
        actions.decide_by_hand(item.pk, **said, amount=Money(1, "USD"), by=town.officer, at=NOW)


def test_an_officer_leaves_an_award_as_it_is(town: Town, by_hand: Callable[[], Case], begun: Begun) -> None:
    case = by_hand()
    run = approved(town, begun())
    item = item_of(run, case)
    with pytest.raises(ReasonsMissing):
        actions.leave_as_it_is(item.pk, reasons=" ", by=town.officer, at=NOW)

    actions.leave_as_it_is(item.pk, reasons="Nothing is different.", by=town.officer, at=NOW)

    item.refresh_from_db()
    assert (item.stage, item.decision_id) == (Stage.LEFT, None)
    assert "reassessments.left" in [event.type for event in events_of(run.stream)]


def test_who_may_not_decide_does_not_decide_here(
    town: Town, by_hand: Callable[[], Case], begun: Begun
) -> None:
    case = by_hand()
    run = approved(town, begun())
    item = item_of(run, case)
    reader = replace(town.officer, capabilities=frozenset({"reassessments.prepare"}))
    with pytest.raises(NotAnOfficer):
        actions.leave_as_it_is(item.pk, reasons="No.", by=reader, at=NOW)


def test_an_end_by_hand_ends_the_award(town: Town, by_hand: Callable[[], Case], begun: Begun) -> None:
    case = by_hand()
    run = approved(town, begun())

    actions.decide_by_hand(
        item_of(run, case).pk,
        outcome="DENIED_GROSS",
        reasons="Your income is over the limit now.",
        legal_ground="7 CFR 273.9(a)(1)",
        amount=None,
        by=town.officer,
        at=NOW,
    )

    award = award_of_case(case.stream)
    assert award is not None
    assert award.ends_on == date(2025, 9, 30)
    assert Message.objects.filter(letter_key="end").count() == 1
    with pytest.raises(AwardEnded):
        awards.change_amount(
            award.pk, None, from_on=DAY, decision_id=UUID(int=1), outcome="X", by=ROBOT, at=NOW
        )


def test_steps_that_differ_are_shown_with_their_numbers(sent: Sent, begun: Begun, town: Town) -> None:
    case = sent()
    run = begun()

    found = {each.label: each for each in queries.differences(item_of(run, case), at=NOW)}

    assert (found["Monthly benefit"].before, found["Monthly benefit"].after) == ("$292", "$298")
    assert found["Standard deduction"].citations == ("7 CFR 273.9(d)(1)",)
    assert "Gross income" not in found
    issue_all(approved(town, run))
    again = {each.label: each for each in queries.differences(item_of(run, case), at=NOW)}
    assert again == found


def test_ten_awards_are_a_stretch_and_the_next_goes_on_behind_it(
    town: Town, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    for _ in range(3):
        sent()
    run = actions.start("snap", reference_on=DAY, agency="human-services", by=town.officer, at=NOW)

    last = actions.assess_next(run.pk, after=None, by=ROBOT, at=NOW)

    awards = list(run.items.order_by("award_id").values_list("award_id", flat=True))
    assert (len(awards), last) == (2, awards[-1])
    assert actions.assess_next(run.pk, after=last, by=ROBOT, at=NOW) is None
    assert run.items.count() == 3
    assert Reassessment.objects.get().status == Status.READY


def test_what_differs_from_what_was_approved_is_not_issued(town: Town, sent: Sent, begun: Begun) -> None:
    case = sent()
    run = approved(town, begun())
    run.items.update(outcome_after="DENIED_NET")
    before = Decision.objects.count()

    assert issue_all(run) == 1

    item = item_of(run, case)
    assert (item.kind, item.stage) == (Kind.OFFICER, Stage.PENDING)
    assert item.reason == "What the law gives is not what was approved."
    assert (Decision.objects.count(), Message.objects.filter(letter_key="change").count()) == (before, 0)


def test_without_letters_about_changes_nothing_is_issued(town: Town, sent: Sent, begun: Begun) -> None:
    case = sent()
    run = approved(town, begun())
    files = dict(live_version("food-assistance").files)
    start = files["service.yaml"].index("reassessment: {")
    rest = files["service.yaml"].index("\n", start) + 1
    files["service.yaml"] = files["service.yaml"][:start] + files["service.yaml"][rest:]
    for name in [name for name in files if "letters/change" in name or "letters/end" in name]:
        del files[name]
    publish_files("food-assistance", files, by=ROBOT, at=NOW)

    assert issue_all(run) == 1

    item = item_of(run, case)
    assert (item.kind, item.stage) == (Kind.OFFICER, Stage.PENDING)
    assert item.reason == "The service does not say any more how to tell of a change."
    assert amount_on(item.award, DAY) == Money(29_200, "USD")


def test_residents_see_no_reassessments_in_any_list(town: Town, sent: Sent, begun: Begun) -> None:
    sent()
    begun()

    assert list(visible(Reassessment.objects.all(), town.resident)) == []
    assert list(visible(Reassessment.objects.all(), Actor.guest())) == []
    assert visible(Reassessment.objects.all(), town.officer).count() == 1

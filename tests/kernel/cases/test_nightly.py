"""What the jobs of the night do with cases, one a step, and what is said of a case or award that lacks something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.people import AT
from tests.factories.plans import is_read_by, plans_of
from tests.kernel.cases.conftest import Town, food_answers
from tests.kernel.cases.test_parking import answers, parking

from commonweal.kernel.awards.errors import AwardEnded
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.queries import next_resting
from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases import actions, due, outcomes, presenting, tasks
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseNotFound
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.queries import reference_of_sheet
from commonweal.kernel.catalogue.compiler.folder import read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files
from commonweal.kernel.ledger.queries import events_of

__all__ = ["parking"]
pytestmark = pytest.mark.django_db
LATE = datetime(2026, 9, 30, 18, tzinfo=UTC)
Step = Callable[[Any, Any], Any]


def steps_of(job: Step) -> list[str]:
    """Run a job to its end, as a worker does; the cases that it dealt with."""
    done: list[str] = []
    cursor = job({}, None)
    while cursor is not None:
        done.append(cursor["last"])
        assert len(done) < 10, "it does not end"
        cursor = job({}, cursor)
    return done


def test_every_case_that_nobody_decided_in_time_is_granted_in_one_night(
    parking: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unclear = parking.send(
        answers(number_plate="XYZ9876"), service="parking-permit"
    )  # no register knows its fee
    late = [parking.send(answers(), service="parking-permit") for _ in range(2)]
    other = parking.send(food_answers(circumstances=["strike"]))  # its law grants nothing by silence
    Case.objects.filter(pk=other.pk).update(due_on=date(2026, 9, 20))
    monkeypatch.setattr(clock, "now", lambda: AT)
    assert steps_of(tasks.grant_by_silence) == []
    monkeypatch.setattr(clock, "now", lambda: LATE)

    done = steps_of(tasks.grant_by_silence)

    assert done == sorted(str(case.pk) for case in (unclear, *late))
    assert dict(Case.objects.values_list("pk", "outcome")) == {
        **{case.pk: "GRANTED_BY_SILENCE" for case in late},
        unclear.pk: "",
        other.pk: "",
    }
    left = Case.objects.get(pk=unclear.pk)
    assert left.status == Status.UNASSIGNED
    assert left.status_reason == "What is to be granted cannot be worked out: 'amount' has no value."
    assert "cases.time_passed" not in {event.type for event in events_of(unclear.stream)}
    assert steps_of(tasks.grant_by_silence) == [str(unclear.pk)]


def test_an_award_that_has_ended_does_not_stop_the_night(
    parking: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No service of the city changes an award by silence; one that does may find it ended."""
    ended, other = sorted(
        (parking.send(answers(), service="parking-permit") for _ in range(2)), key=lambda case: case.pk
    )
    granted = outcomes.awards.grant

    def grant(*args: Any, source_stream: str, **terms: Any) -> Any:
        if source_stream == ended.stream:
            raise AwardEnded
        return granted(*args, source_stream=source_stream, **terms)

    monkeypatch.setattr(outcomes.awards, "grant", grant)
    monkeypatch.setattr(clock, "now", lambda: LATE)

    steps_of(tasks.grant_by_silence)

    assert dict(Case.objects.values_list("pk", "outcome")) == {ended.pk: "", other.pk: "GRANTED_BY_SILENCE"}
    assert Case.objects.get(pk=ended.pk).status_reason == "This award has ended already."


def test_a_defect_in_one_case_stops_the_night_for_no_other(
    parking: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = sorted(
        (parking.send(answers(), service="parking-permit") for _ in range(2)), key=lambda case: case.pk
    )
    granted = tasks.keep_silence

    def keep_silence(case_id: Any, **who: Any) -> Any:
        if case_id == broken.pk:
            Case.objects.filter(pk=case_id).update(outcome="HALF_DONE")
            raise KeyError(case_id)
        return granted(case_id, **who)

    monkeypatch.setattr(tasks, "keep_silence", keep_silence)
    monkeypatch.setattr(clock, "now", lambda: LATE)

    assert steps_of(tasks.grant_by_silence) == [str(broken.pk), str(other.pk)]

    assert dict(Case.objects.values_list("pk", "outcome")) == {broken.pk: "", other.pk: "GRANTED_BY_SILENCE"}


def test_a_case_that_cannot_be_woken_or_destroyed_stops_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, done = (
        sorted((town.send(food_answers(), by=town.neighbour()) for _ in range(2)), key=lambda case: case.pk)
        for _ in range(2)
    )
    ids = [case.pk for case in waiting]
    Case.objects.filter(pk__in=ids).update(
        status="waiting", closed_at=None, dispose_on=None, wake_on=AT.date()
    )
    reached: list[Any] = []

    def fail(case_id: Any, **_who: Any) -> None:
        reached.append(case_id)
        if case_id in {waiting[0].pk, done[0].pk}:
            raise KeyError(case_id)

    monkeypatch.setattr(tasks, "wake", fail)
    monkeypatch.setattr(tasks, "dispose", fail)
    monkeypatch.setattr(clock, "now", lambda: AT)
    assert steps_of(tasks.wake_cases) == [str(pk) for pk in ids]
    monkeypatch.setattr(clock, "now", lambda: AT.replace(year=2040))
    assert steps_of(tasks.dispose_of_cases) == [str(case.pk) for case in done]
    assert reached == [case.pk for case in (*waiting, *done)]


def test_a_night_goes_on_where_it_was_killed_and_asks_as_little_of_many_as_of_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(
        (town.send(food_answers(), by=town.neighbour()) for _ in range(4)), key=lambda case: case.pk
    )
    monkeypatch.setattr(clock, "now", lambda: AT.replace(year=2040))
    monkeypatch.setattr(tasks, "dispose", lambda case_id, **_who: None)
    cursor, costs = None, []
    for case in cases:
        with CaptureQueriesContext(connection) as made:
            cursor = tasks.dispose_of_cases(
                {}, cursor
            )  # a worker that was killed begins with the cursor that it kept
        costs.append(len(made))
        assert cursor is not None
        assert cursor["last"] == str(case.pk)

    assert len(set(costs)) == 1
    assert tasks.dispose_of_cases({}, cursor) is None
    assert tasks.dispose_of_cases({}, {"last": str(cases[1].pk)}) is not None, (
        "a cursor of before begins anew"
    )


@pytest.mark.parametrize(
    ("find", "index", "after"),
    [
        (due.next_to_wake, "cases_to_wake", due.Due(AT.date(), UUID(int=0), UUID(int=0))),
        (due.next_to_dispose, "cases_to_dispose", due.Due(AT.date(), UUID(int=0), UUID(int=0))),
        (due.next_to_wake, "cases_to_wake", None),
        (due.next_unanswered, "cases_unanswered", None),
        (due.next_to_remind, "cases_to_remind", None),
        (
            due.next_in_silence,
            "cases_undecided",
            due.Due(AT.date(), UUID(int=0), UUID(int=0), "assigned", UUID(int=1)),
        ),
    ],
)
def test_what_a_night_looks_at_is_read_from_an_index(
    db: None, find: Any, index: str, after: due.Due | None
) -> None:
    plans = plans_of(lambda: find(on=LATE.date(), after=after))

    ours = [plan for plan in plans if "hold" not in plan]
    assert [is_read_by(index, plan) for plan in ours] == [True] * len(ours), ours
    assert ours


def test_the_law_of_a_version_is_read_once_however_many_of_its_cases_are_late(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[UUID] = []
    cases = [town.send(food_answers(circumstances=["strike"])) for _ in range(3)]
    monkeypatch.setattr(due, "silent_outcome", lambda service: asked.append(service.version_id))
    Case.objects.update(due_on=date(2026, 9, 20))

    assert due.next_in_silence(on=LATE.date(), after=None) is None
    assert asked == [cases[0].version_id]


def test_an_award_that_ended_while_nobody_waits_for_it_is_not_looked_at_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = town.send(food_answers())
    rows = Award.objects.filter(source_stream=case.stream)
    rows.update(rested_on=AT.date())
    monkeypatch.setattr(clock, "now", lambda: AT)
    assert len(steps_of(tasks.go_on_after_rest)) == 1
    assert rows.get().rested_on == AT.date()
    monkeypatch.setattr(clock, "now", lambda: AT.replace(year=2040))

    assert len(steps_of(tasks.go_on_after_rest)) == 1
    assert steps_of(tasks.go_on_after_rest) == []
    assert [is_read_by("awards_resting", plan) for plan in plans_of(lambda: next_resting(after=None))] == [
        True
    ]


def test_an_unanswered_question_ends_nothing_where_the_law_does_not_say_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [town.send(food_answers(circumstances=["strike"])) for _ in range(2)]
    for case in asked:
        actions.ask_applicant(case.pk, "Since when?", by=town.officer, at=AT)
    monkeypatch.setattr(clock, "now", lambda: AT)
    assert steps_of(tasks.end_unanswered) == []
    monkeypatch.setattr(clock, "now", lambda: LATE.replace(year=2027))

    assert steps_of(tasks.end_unanswered) == sorted(str(case.pk) for case in asked)

    assert set(Case.objects.values_list("status", flat=True)) == {Status.ASSIGNED}


def test_a_case_that_is_not_there_is_not_found(town: Town) -> None:
    with pytest.raises(CaseNotFound):
        actions.claim_case(uuid4(), by=town.officer, at=AT)
    with pytest.raises(CaseNotFound):
        reference_of_sheet(uuid4())


def test_a_register_that_is_not_declared_is_refused() -> None:
    folder = "services/parking-permit"
    files = dict(read_folder(root(), folder))
    assert "register: vehicles" in files["service.yaml"], "the declaration has changed: mend this test"
    files["service.yaml"] = files["service.yaml"].replace("register: vehicles", "register: vessels")

    found = {problem.code for problem in compile_files(root(), folder, files)[1] if problem.is_error}

    assert "look-ups.register" in found


def award(**parts: Any) -> Any:
    whole = {"money": None, "starts_on": date(2026, 9, 15), "ends_on": None, "rested_on": None} | parts
    return SimpleNamespace(**whole, period="month")


def decided(minor: int | None = None) -> Any:
    amounts = {} if minor is None else {"amount": Money(minor, "USD")}
    return SimpleNamespace(amounts=amounts)


@pytest.mark.parametrize(
    ("charges", "held", "rows"),
    [
        (False, award(), {"From": "September 15, 2026"}),
        (False, award(money=Money(0, "USD")), {"From": "September 15, 2026"}),
        (
            False,
            award(ends_on=date(2027, 9, 14), money=Money(29_800, "USD")),
            {"From": "September 15, 2026", "To": "September 14, 2027", "Amount": "$298.00 a month"},
        ),
        (
            True,
            award(money=Money(29_800, "USD")),
            {"From": "September 15, 2026", "You pay": "$298.00 a month"},
        ),
        (True, award(money=Money(0, "USD")), {"From": "September 15, 2026"}),
    ],
)
def test_an_award_is_shown_with_what_it_has(charges: bool, held: Any, rows: dict[str, str]) -> None:
    found = presenting._award_rows(held, "You pay" if charges else "Amount")
    assert {row["label"]: row["value"] for row in found} == rows


@pytest.mark.parametrize(
    ("decision", "held", "received", "paid"),
    [
        (decided(8_400), award(money=Money(29_800, "USD")), "$298.00 a month", "You pay $298.00 a month"),
        (decided(8_400), award(money=Money(0, "USD")), "", ""),
        (decided(8_400), award(), "$84.00", "You pay $84.00"),
        (decided(8_400), None, "$84.00", "You pay $84.00"),
        (decided(0), None, "", ""),
        (decided(), None, "", ""),
        (None, None, "", ""),
    ],
)
def test_the_amount_is_that_of_the_award_or_of_the_decision(
    decision: Any, held: Any, received: str, paid: str
) -> None:
    assert presenting.amount_of(decision, held, charges=False) == received
    assert presenting.amount_of(decision, held, charges=True) == paid

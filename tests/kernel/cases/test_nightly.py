"""What the jobs of the night do with cases, one a step, and what is said of a case or award that lacks something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers
from tests.kernel.cases.test_parking import answers, parking

from commonweal.kernel.awards.errors import AwardEnded
from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases import actions, outcomes, presenting, tasks
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
    return SimpleNamespace(**whole, get_period_display=lambda: "a month")


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
    found = presenting._award_rows(held, charges=charges)
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

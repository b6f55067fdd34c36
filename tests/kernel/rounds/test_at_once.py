"""Two people meet at a round at the same moment: one waits for the other, and nobody meets a defect."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import transaction
from tests.kernel.cases.test_at_once import _in_a_file, at_once  # noqa: F401 - the fixture
from tests.kernel.rounds.conftest import AFTER, Office

from commonweal.kernel.cases.models import Case
from commonweal.kernel.rounds.actions import answer_offer, work_out
from commonweal.kernel.rounds.enums import Answer, Status
from commonweal.kernel.rounds.errors import NoOffer
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.queries import entry_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_case_enters_before_its_round_is_worked_out_or_not_at_all(office: Office) -> None:
    one, case = office.open(), office.send()
    held, checked = threading.Event(), threading.Event()

    def hold() -> bool:
        """Keep the round as its working-out does, for as long as a case that did not wait would need."""
        with transaction.atomic():
            Round.objects.select_for_update().get(pk=one.pk)
            held.set()
            came_in = checked.wait(timeout=0.5)
            Round.objects.filter(pk=one.pk).update(status=Status.READY)
        return came_in

    def check() -> Case:
        held.wait(timeout=10)
        found = office.check(case, at=AFTER)
        checked.set()
        return found

    came_in, found = at_once(hold, check)

    assert came_in is False
    assert isinstance(found, Case), found
    assert entry_of(case.pk) is None
    assert found.status_reason == "No round is open that this application could take part in."


def test_of_two_answers_to_an_offer_one_counts(office: Office) -> None:
    one = office.open("15000")
    office.listed(reserve_years=2)
    offered = office.listed(reserve_years=1)
    office.decide(one)
    by = office.residents[offered.pk]

    def say(accepts: bool) -> Any:
        return answer_offer(offered.reference, accepts=accepts, by=by, at=AFTER)

    found = at_once(lambda: say(True), lambda: say(False))

    assert sorted(type(each).__name__ for each in found) == [Entry.__name__, NoOffer.__name__], found
    answer = Entry.objects.get(case=offered).answer
    outcome = Case.objects.get(pk=offered.pk).outcome
    assert (answer, outcome) in {
        (Answer.ACCEPTED, "FUNDED_IN_PART"),
        (Answer.DECLINED, "OFFER_DECLINED"),
    }


def test_a_round_that_is_worked_out_while_a_case_is_decided_leaves_nobody_out(office: Office) -> None:
    one = office.open()
    office.listed()
    case = office.send()

    found = at_once(
        lambda: office.check(case, at=AFTER), lambda: work_out(one.pk, by=office.officer, at=AFTER)
    )

    assert isinstance(found[0], Case), found
    one.refresh_from_db()
    entry = entry_of(case.pk)
    assert entry is not None
    assert one.status == (Status.READY if entry.result else Status.OPEN)

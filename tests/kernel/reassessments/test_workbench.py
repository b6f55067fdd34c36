"""What officers see and do when the law changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.kernel.cases.conftest import Town
from tests.kernel.reassessments.conftest import NOW, ROBOT, assess, ends

from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.reassessments import actions
from commonweal.kernel.reassessments.enums import Stage, Status
from commonweal.kernel.reassessments.models import Reassessment

pytestmark = pytest.mark.django_db
HOME = "/workbench/law-changes/"


@pytest.fixture(autouse=True)
def _first_of_october(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def as_(town: Town, who: str) -> Client:
    client = Client()
    client.force_login(town.workers[who].account)
    return client


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def path(name: str, run: Reassessment) -> str:
    return reverse(f"reassessments:{name}", kwargs={"run_id": run.pk})


def test_list_is_empty_and_says_how_changes_come_here(town: Town) -> None:
    page = text_of(as_(town, "officer").get(HOME))

    assert "Nothing here yet" in page
    assert "Food assistance (SNAP" in page


def test_who_may_not_prepare_does_not_come_in(town: Town) -> None:
    assert Client().get(HOME).status_code in {302, 401}
    resident = Client()
    resident.force_login(town.person.account)
    assert resident.get(HOME).status_code == 403


def test_an_officer_begins_and_the_job_works_it_out(town: Town, sent: Callable[..., Case]) -> None:
    sent()
    client = as_(town, "officer")

    response = client.post(f"{HOME}start", {"programme": "snap", "reference_on": "2025-10-01"})

    run = Reassessment.objects.get()
    assert response.headers["Location"] == path("show", run)
    assert [job.key for job in Job.objects.filter(key__startswith="reassess")] == ["reassessments.assess"]
    assert "being worked out" in text_of(client.get(path("show", run)))
    assert "1 October" in text_of(client.get(HOME)) or "October 1, 2025" in text_of(client.get(HOME))


@pytest.mark.parametrize(
    ("sent_form", "field"),
    [
        ({"programme": "snap", "reference_on": "soon"}, "reference_on"),
        ({"programme": "snap", "reference_on": "0099-01-01"}, "reference_on"),
        ({"programme": "ssi", "reference_on": "2025-10-01"}, "programme"),
        ({"programme": "", "reference_on": "2025-10-01"}, "programme"),
    ],
)
def test_what_cannot_begin_is_said_beside_the_field(
    town: Town, sent_form: dict[str, str], field: str
) -> None:
    response = as_(town, "officer").post(f"{HOME}start", sent_form)

    assert response.status_code in {404, 422}
    if response.status_code == 422:
        assert f'id="{field}-error"' in text_of(response)


def test_differences_are_shown_with_counts_sums_and_every_award(
    town: Town, sent: Callable[..., Case], by_hand: Callable[[], Case], begun: Callable[[], Reassessment]
) -> None:
    case, over, student = sent(), sent(ends()), by_hand()
    run = begun()
    page = text_of(as_(town, "supervisor").get(path("show", run)))

    assert "ready to be looked at" in page
    for words in ("$366.00", "$298.00", "-$68.00", "$292.00", "$74.00"):
        assert words in page, words
    for reference in (case.reference, over.reference, student.reference):
        assert reference in page
    only = text_of(as_(town, "officer").get(path("show", run), {"kind": "ended"}))
    assert over.reference in only
    assert case.reference not in only


def test_list_of_awards_turns_the_page(
    town: Town,
    sent: Callable[..., Case],
    begun: Callable[[], Reassessment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("commonweal.kernel.reassessments.workbench._ROWS", 2)
    for _ in range(3):
        sent()
    run = begun()
    client = as_(town, "officer")

    first = client.get(path("show", run)).content.decode()
    following = first.split("after=")[1].split('"')[0].split("&")[0]
    second = text_of(client.get(path("show", run), {"after": following}))

    references = [item.case_reference for item in run.items.order_by("pk")]
    assert [reference in second for reference in references] == [False, False, True]
    assert client.get(path("show", run), {"after": "x"}).status_code == 400


def test_one_proposes_and_another_approves(
    town: Town, sent: Callable[..., Case], begun: Callable[[], Reassessment]
) -> None:
    case = sent()
    run = begun()
    officer, supervisor = as_(town, "officer"), as_(town, "supervisor")

    assert supervisor.post(path("approve", run)).status_code == 409
    officer.post(path("propose", run))
    assert "You proposed this." in text_of(officer.get(path("show", run)))
    assert officer.post(path("approve", run)).status_code == 403
    assert "Approve and issue" in text_of(supervisor.get(path("show", run)))
    supervisor.post(path("approve", run))
    while actions.issue_next(run.pk, by=ROBOT, at=NOW):
        pass

    page = text_of(supervisor.get(path("show", run)))
    assert "decision issued" in page
    assert town.workers["officer"].name in page
    assert town.workers["supervisor"].name in page
    assert Message.objects.filter(letter_key="change").count() == 1
    resident = Client()
    resident.force_login(town.person.account)
    assert "$298.00" in text_of(resident.get(reverse("cases:case", args=[case.reference])))
    record = text_of(resident.get(reverse("cases:record", args=[case.reference])))
    assert "Looked at again, because the law changed" in record


def test_proposing_twice_says_that_it_is_done(
    town: Town, sent: Callable[..., Case], begun: Callable[[], Reassessment]
) -> None:
    sent()
    run = begun()
    client = as_(town, "supervisor")
    client.post(path("propose", run))

    response = client.post(path("propose", run))
    assert response.status_code == 409
    assert "waits for approval" in text_of(response)
    own = client.post(path("approve", run))
    assert (own.status_code, "Somebody else has to approve it" in text_of(own)) == (403, True)


def test_cancelling_changes_nothing(
    town: Town, sent: Callable[..., Case], begun: Callable[[], Reassessment]
) -> None:
    sent()
    run = begun()
    client = as_(town, "officer")

    client.post(path("cancel", run))

    assert Reassessment.objects.get().status == Status.CANCELLED
    assert "cancelled" in text_of(client.get(path("show", run)))


def test_one_award_is_explained_step_by_step(
    town: Town, sent: Callable[..., Case], begun: Callable[[], Reassessment]
) -> None:
    sent()
    item = begun().items.get()

    page = text_of(as_(town, "officer").get(reverse("reassessments:item", kwargs={"item_id": item.pk})))

    assert "Monthly benefit" in page
    assert "7 CFR 273.9(d)(1)" in page
    assert "700 + 515 = 1,215" in page


def test_an_officer_decides_singly_after_approval(
    town: Town, by_hand: Callable[[], Case], begun: Callable[[], Reassessment]
) -> None:
    by_hand()
    run = begun()
    item = run.items.get()
    address = reverse("reassessments:item", kwargs={"item_id": item.pk})
    client = as_(town, "officer")
    assert "once the whole change has been approved" in text_of(client.get(address))
    actions.propose(run.pk, by=town.officer, at=NOW)
    actions.approve(run.pk, by=town.supervisor, at=NOW)

    form = {"outcome": "ELIGIBLE", "reasons": "", "legal_ground": "7 CFR 273.5(b)", "amount": "205.50"}
    empty = client.post(f"{address}decide", form)
    assert empty.status_code == 422
    for amount in ("many", "1.005", "-3", "1e30", "NaN"):
        wrong = client.post(f"{address}decide", form | {"reasons": "Still.", "amount": amount})
        assert (wrong.status_code, "Enter the amount as a number" in text_of(wrong)) == (422, True), amount
    without = client.post(f"{address}decide", form | {"reasons": "", "amount": " "})
    assert "Enter the amount as a number" not in text_of(without)
    assert "7 CFR 273.5(b)" in text_of(empty)  # what was typed is not lost
    done = client.post(f"{address}decide", form | {"reasons": "You still work."})

    item.refresh_from_db()
    assert (done.status_code, item.stage) == (302, Stage.ISSUED)
    assert client.post(f"{address}leave", {"reasons": "x"}).status_code == 409


def test_an_officer_leaves_an_award_as_it_is(
    town: Town, by_hand: Callable[[], Case], begun: Callable[[], Reassessment]
) -> None:
    by_hand()
    run = begun()
    actions.propose(run.pk, by=town.officer, at=NOW)
    actions.approve(run.pk, by=town.supervisor, at=NOW)
    address = reverse("reassessments:item", kwargs={"item_id": run.items.get().pk})
    client = as_(town, "officer")

    assert client.post(f"{address}leave", {"reasons": ""}).status_code == 422
    assert client.post(f"{address}leave", {"reasons": "Nothing is different."}).status_code == 302
    assert run.items.get().stage == Stage.LEFT


def test_another_agency_sees_nothing(
    town: Town, sent: Callable[..., Case], begun: Callable[[], Reassessment]
) -> None:
    sent()
    run = begun()
    stranger = as_(town, "stranger")

    assert stranger.get(path("show", run)).status_code == 404
    assert stranger.post(path("propose", run)).status_code == 404
    assert "Food assistance" not in text_of(stranger.get(HOME))


def test_list_page_costs_the_same_for_one_and_for_three(
    town: Town, sent: Callable[..., Case], begun: Callable[[], Reassessment]
) -> None:
    counts = []
    client = as_(town, "officer")
    sent()
    run = begun()
    for _ in range(2):
        client.get(path("show", run))
        with CaptureQueriesContext(connection) as seen:
            client.get(path("show", run))
        counts.append(len(seen))
        sent()
        sent()
        actions.cancel(run.pk, by=town.officer, at=NOW)
        run = begun()
    assert counts[0] == counts[1]
    assert assess(run).items.count() == 5

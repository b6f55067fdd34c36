"""A round that is declared wrong is refused; what the page tells of a place is what the method says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.kernel.rounds.conftest import AFTER, Office

from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.enums import Status as CaseStatus
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.registry import Step
from commonweal.kernel.catalogue.compiler.folder import read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.people.models import Person
from commonweal.kernel.rounds import portal
from commonweal.kernel.rounds.actions import approve, end_waiting, issue_next, work_out
from commonweal.kernel.rounds.enums import Status
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.plugins import OfferStage, RoundFact, RoundNotice
from commonweal.kernel.rounds.queries import entry_of, rounds_over
from commonweal.kernel.rounds.registry import Standing
from commonweal.kernel.rounds.rules import allows, visible
from commonweal.kernel.rounds.tasks import issue

GRANTS = "services/housing-repair"


def problems_of(old: str, new: str) -> set[str]:
    """The codes of what is said of the housing repair grants after a change of the text."""
    files = dict(read_folder(root(), GRANTS))
    assert old in files["service.yaml"], "the declaration has changed: mend this test"
    files["service.yaml"] = files["service.yaml"].replace(old, new)
    return {problem.code for problem in compile_files(root(), GRANTS, files)[1] if problem.is_error}


def test_an_unknown_method_is_refused() -> None:
    assert "round.method" in problems_of("method: budget", "method: first-come")


def test_a_round_in_which_no_case_takes_part_is_refused() -> None:
    assert "round.stage" in problems_of("kind: round", "kind: wait")


def _rows(**detail: object) -> list[tuple[str, str]]:
    return [
        (row["label"], row["value"]) for row in portal._details(Standing("x", holds=False, detail=detail))
    ]


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({}, []),
        ({"amount_minor": 0}, []),
        ({"left_before_minor": 0}, [("Money left when it was your turn", "$0.00")]),
        ({"amount_minor": 600_000}, [("Granted or offered", "$6,000.00")]),
        ({"school": "Mill School"}, [("Where", "Mill School")]),
        ({"lottery": 17}, [("Lottery number", "17")]),
        (
            {"waiting": [{"school": "Harbour School", "place": 3}]},
            [("Waiting list of Harbour School", "3")],
        ),
    ],
)
def test_each_method_tells_what_it_goes_by(detail: dict[str, object], told: list[tuple[str, str]]) -> None:
    assert _rows(**detail) == told


@pytest.fixture
def _on_the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AFTER)


@pytest.mark.django_db
@pytest.mark.usefixtures("_on_the_day_after")
def test_a_case_that_takes_part_in_no_round_says_so(office: Office) -> None:
    case = office.send()
    applicant = Client()
    account = Person.objects.get(pk=office.residents[case.pk].id).account
    assert account is not None
    applicant.force_login(account)

    page = applicant.get(reverse("rounds:own", kwargs={"reference": case.reference}))

    assert page.status_code == 404
    assert RoundNotice().notice(case) is None
    assert RoundFact().value(case) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("_on_the_day_after")
def test_who_has_answered_is_asked_no_more(office: Office) -> None:
    one = office.open("15000")
    office.listed(reserve_years=2)
    case = office.listed()
    waits = RoundNotice().notice(case)
    office.decide(one)
    case = Case.objects.get(pk=case.pk)
    asked = RoundNotice().notice(case)
    Entry.objects.filter(case=case).update(answer="accepted")
    after = RoundNotice().notice(case)

    assert waits is not None
    assert asked is not None
    assert after is not None
    assert [notice.text for notice in (waits, after)] == ["Your application takes part in: Autumn 2026."] * 2
    assert asked.text.startswith("You have an offer.")


@pytest.mark.django_db
@pytest.mark.usefixtures("_on_the_day_after")
def test_without_a_list_nobody_is_told_a_place(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    one = office.open("9000")
    case = office.listed()
    office.decide(one)
    entry = Entry.objects.select_related("round").get(case=case)
    placed = {row["label"] for row in portal._rows(entry)}

    monkeypatch.setattr(portal.queries, "standing_of", lambda _: Standing("offered", holds=True))

    assert "Your place on the list" in placed
    assert [row["label"] for row in portal._rows(entry)] == ["Last day for applications"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_on_the_day_after")
def test_who_may_not_see_a_round_finds_none(office: Office) -> None:
    one = office.open()

    for actor, sees in ((office.officer, True), (office.stranger, False), (Actor.guest(), False)):
        assert (allows(actor, one), visible(Round.objects.all(), actor).exists()) == (sees, sees)


@pytest.mark.django_db
@pytest.mark.usefixtures("_on_the_day_after")
def test_a_round_that_is_open_or_unknown_lets_no_case_go_on(office: Office) -> None:
    one = office.open()
    case = office.listed()

    assert issue_next(one.pk, by=office.officer, at=AFTER) is None
    assert issue_next(uuid4(), by=office.officer, at=AFTER) is None

    case.refresh_from_db()
    assert case.status == CaseStatus.WAITING


@pytest.mark.django_db
@pytest.mark.usefixtures("_on_the_day_after")
def test_the_job_lets_one_case_a_step_go_on(office: Office) -> None:
    one = office.open()
    cases = [office.listed(), office.listed()]
    worked_out = work_out(one.pk, by=office.officer, at=AFTER)
    approve(one.pk, revision=worked_out.revision, by=office.supervisor, at=AFTER)
    payload, seen = {"round": str(one.pk)}, []

    cursor = issue(payload, None)
    while cursor is not None:
        seen.append(cursor["last"])
        cursor = issue(payload, cursor)

    assert seen == [str(entry.pk) for entry in Entry.objects.order_by("place")]
    assert len(seen) == len(cases)
    one.refresh_from_db()
    assert one.status == Status.DONE
    assert rounds_over(AFTER.date()) == []  # this service sets its waiting lists no end
    assert end_waiting(one.pk, by=Actor.system("tests"), at=AFTER) is False
    ServiceVersion.objects.update(status="closed")
    assert rounds_over(AFTER.date()) == []  # nor does one that is no longer offered


@pytest.mark.django_db
def test_without_an_open_round_an_officer_has_the_case(office: Office) -> None:
    case = office.listed()

    assert (case.status, entry_of(case.pk)) == (CaseStatus.ASSIGNED, None)
    assert case.status_reason == "No round is open that this application could take part in."


@pytest.mark.django_db
def test_a_case_without_an_offer_passes_by_the_offer(office: Office) -> None:
    run: Any = SimpleNamespace(case=office.send())
    stage: Any = None

    assert OfferStage().enter(stage, run) is Step.ON
    assert OfferStage().leave(stage, run) is None

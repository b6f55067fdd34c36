from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import withdraw
from commonweal.kernel.jobs.actions import DELIVER
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.jobs.tasks import deliver_event
from commonweal.kernel.statistics.counting import Counted, count_answered, count_received
from commonweal.kernel.statistics.drawing import pairs
from commonweal.kernel.statistics.enums import Kind
from commonweal.kernel.statistics.errors import StatisticsNotShown
from commonweal.kernel.statistics.models import Tally
from commonweal.kernel.statistics.queries import public_figures, services_of, totals, whole_figures

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 15)
STRIKE = food_answers(circumstances=["strike"])
CASE = Counted(
    "food-assistance",
    "human-services",
    "online",
    "ELIGIBLE",
    datetime(2026, 9, 1, 18, tzinfo=UTC),
    None,
    date(2026, 10, 1),
)


@pytest.fixture(autouse=True)
def _on_a_known_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def answered(days: int, **changes: Any) -> Counted:
    """Count an application that was answered after so many days."""
    case = replace(CASE, **changes)
    case = replace(case, closed_at=case.opened_at + timedelta(days=days))
    count_received(case)
    count_answered(case)
    return case


def test_cases_are_counted_as_they_open_close_and_are_withdrawn(town: Town) -> None:
    town.send(food_answers())  # answered at once
    town.send(STRIKE)  # waits for an officer
    withdraw(town.send(STRIKE).pk, by=town.resident, at=AT)

    for job in Job.objects.filter(key=DELIVER).order_by("id"):
        deliver_event(json.loads(job.payload))

    found = [(row.kind, row.key, row.count) for row in Tally.objects.order_by("kind", "key")]
    assert found == [
        (Kind.DAYS, "0", 2),
        (Kind.DECIDED, "ELIGIBLE", 1),
        (Kind.DECIDED, "WITHDRAWN", 1),
        (Kind.OPEN, "2026-09-15", 1),
        (Kind.RECEIVED, "online", 3),
        (Kind.TIMELY, "in-time", 2),
    ]
    assert {(row.service_key, row.agency, row.starts_on) for row in Tally.objects.all()} == {
        ("food-assistance", "human-services", date(2026, 9, 1))
    }


def test_officers_of_the_agency_see_every_count_and_others_none(town: Town) -> None:
    answered(3)
    answered(9, outcome="DENIED_GROSS")
    count_received(CASE)

    _, figures = whole_figures("food-assistance", actor=town.officer, today=TODAY)

    assert figures.received.total == 3
    assert figures.answered.columns == ("DENIED_GROSS", "ELIGIBLE")
    assert figures.answered.column_sums == (1, 1)
    assert (figures.median_days, figures.ninth_decile_days) == (3, 9)
    assert figures.timely.column_sums == (2, 0, 0)
    assert figures.waiting.column_sums == (0, 1, 0, 0)
    assert [service.key for service in services_of(town.officer)] == ["food-assistance"]
    assert dict(totals(["food-assistance"], actor=town.officer, today=TODAY)["food-assistance"]) == {
        Kind.RECEIVED: 3,
        Kind.DECIDED: 2,
        Kind.OPEN: 1,
    }
    for actor in (town.stranger, town.resident, Actor.guest()):
        with pytest.raises(StatisticsNotShown):
            whole_figures("food-assistance", actor=actor, today=TODAY)
        assert services_of(actor) == []
        assert totals(["food-assistance"], actor=actor, today=TODAY) == {"food-assistance": {}}


def test_small_counts_are_hidden_with_what_would_give_them_away(town: Town) -> None:
    for _ in range(40):
        answered(2)
    for _ in range(3):
        answered(13, outcome="DENIED_GROSS", due_on=date(2026, 9, 3))

    _, figures = public_figures("food-assistance", today=TODAY)

    assert figures.answered.total == 43
    assert figures.answered.column_sums == (None, None)  # 43 less 40 would be 3
    assert figures.timely.column_sums == (None, None, 0)
    assert (figures.median_days, figures.ninth_decile_days) == (2, 2)
    assert figures.received.row_sums[-1] == 43


def test_nothing_is_said_of_how_long_few_answers_took(town: Town) -> None:
    for _ in range(9):
        answered(2)

    _, figures = public_figures("food-assistance", today=TODAY)

    assert (figures.median_days, figures.received.total) == (None, None)


def test_an_answer_that_is_delivered_before_its_receipt_comes_to_the_same(town: Town) -> None:
    case = replace(CASE, closed_at=CASE.opened_at)
    count_answered(case)
    assert whole_figures("food-assistance", actor=town.officer, today=TODAY)[1].waiting.total == 0
    count_received(case)

    assert not Tally.objects.filter(kind=Kind.OPEN).exists()
    assert Tally.objects.get(kind=Kind.RECEIVED).count == 1


def test_only_the_last_thirteen_months_are_shown_but_all_that_wait(town: Town) -> None:
    old = datetime(2025, 8, 20, 18, tzinfo=UTC)
    answered(1, opened_at=old, due_on=date.max)
    count_received(replace(CASE, opened_at=old, due_on=date.max))

    _, figures = whole_figures("food-assistance", actor=town.officer, today=TODAY)

    assert (figures.months[0], figures.months[-1]) == (date(2025, 9, 1), date(2026, 9, 1))
    assert figures.received.total == 0
    assert figures.waiting.column_sums == (0, 0, 0, 1)


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_everybody_may_see_the_page(town: Town, client: Client, language: str) -> None:
    for days in range(14):
        answered(days)

    answer = client.get("/services/food-assistance/statistics/", headers={"Accept-Language": language})

    text = answer.content.decode()
    assert answer.status_code == 200
    assert '<svg class="cw-chart cw-chart--wide"' in text
    assert ("Half are answered within" in text) is (language == "en")
    assert (
        "/services/food-assistance/statistics/" in client.get("/services/food-assistance/").content.decode()
    )


def test_the_same_numbers_come_as_csv_and_from_the_api(town: Town, client: Client) -> None:
    for _ in range(12):
        answered(5)
    answered(5, outcome="DENIED_GROSS")

    lines = list(
        csv.DictReader(io.StringIO(client.get("/services/food-assistance/statistics.csv").content.decode()))
    )
    told = client.get("/api/v1/services/food-assistance/statistics").json()

    assert [
        {
            "measure": line["measure"],
            "month": line["month"] and line["month"][:7],
            "key": line["key"],
            "label": line["label"],
            "count": line["count"],
        }
        for line in told["counts"]
    ] == [
        {
            "measure": line["measure"],
            "month": line["month"] or None,
            "key": line["key"],
            "label": line["label"],
            "count": None if line["is_hidden"] == "true" else int(line["count"]),
        }
        for line in lines
    ]
    assert (told["median_days"], told["smallest"]) == (5, 10)
    assert {line["count"] for line in told["counts"] if line["measure"] == "outcomes" and line["key"]} == {
        None
    }


def test_the_workbench_shows_the_agencys_services(town: Town) -> None:
    answered(3)
    officer, stranger = Client(), Client()
    officer.force_login(town.workers["officer"].account)
    stranger.force_login(town.workers["stranger"].account)

    assert "Food assistance" in officer.get("/workbench/statistics/").content.decode()
    assert officer.get("/workbench/statistics/food-assistance/").status_code == 200
    assert "Food assistance" not in stranger.get("/workbench/statistics/").content.decode()
    assert stranger.get("/workbench/statistics/food-assistance/").status_code == 404


def test_pairs_of_bars_stand_on_a_round_scale() -> None:
    drawing = pairs(["Jan", "Feb"], [37, None], [3, 0])

    assert drawing is not None
    assert [count for _, count in drawing.y_marks] == [0, 10, 20, 30, 40]
    assert [(bar.is_hidden, bar.is_second, bar.height > 0) for bar in drawing.bars] == [
        (False, False, True),
        (False, True, True),
        (True, False, False),
        (False, True, False),
    ]
    assert all(bar.y + bar.height == pytest.approx(drawing.base, abs=0.2) for bar in drawing.bars)
    assert pairs(["Jan"], [0], [None]) is None

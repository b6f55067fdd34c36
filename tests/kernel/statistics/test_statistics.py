from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
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
from commonweal.kernel.statistics.presenting import lines
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
        (Kind.LEFT, "2026-09-15", 2),
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


NEXT_MONTH = date(2026, 10, 2)
AUTUMN = datetime(2026, 10, 2, 18, tzinfo=UTC)


def test_the_public_sees_multiples_of_ten_and_sums_of_them(town: Town) -> None:
    for _ in range(40):
        answered(2)
    for _ in range(3):
        answered(13, outcome="DENIED_GROSS", due_on=date(2026, 9, 3))

    _, figures = public_figures("food-assistance", today=NEXT_MONTH)

    shown = dict(zip(figures.answered.columns, figures.answered.column_sums, strict=True))
    assert shown["ELIGIBLE"] == 40
    assert shown["DENIED_GROSS"] in {0, 10}
    assert figures.answered.total == figures.answered.row_sums[-1] == sum(shown.values())
    assert shown["DENIED_NET"] == shown["WITHDRAWN"] == 0  # nobody had it, and nobody can tell
    assert (figures.median_days, figures.ninth_decile_days, figures.smallest) == (2, 2, 10)


def test_nothing_is_said_of_how_long_few_answers_took(town: Town) -> None:
    for _ in range(9):
        answered(2)
    few = public_figures("food-assistance", today=NEXT_MONTH)[1].median_days
    answered(2)

    assert (few, public_figures("food-assistance", today=NEXT_MONTH)[1].median_days) == (None, 2)


def _told(today: date) -> dict[tuple[str, str, str], int]:
    """Return everything that is published on a day: each number by what it counts, its month and its kind."""
    service, figures = public_figures("food-assistance", today=today)
    found = {
        (line.measure, line.month.isoformat() if line.month else "", line.key): line.count
        for line in lines(service, figures)
    }
    for at, month in enumerate(figures.months):
        found["answered", month.isoformat(), ""] = figures.answered.row_sums[at]
    found["days", "", "half"] = figures.median_days or 0
    found["days", "", "most"] = figures.ninth_decile_days or 0
    return found


def test_nobody_learns_anything_by_looking_again(town: Town) -> None:
    for _ in range(14):
        answered(3)
        count_received(CASE)
    first = _told(date(2026, 10, 1))

    september = replace(CASE, closed_at=AUTUMN)
    for more in range(12):  # what came in September is answered, and others come
        count_answered(september)
        answered(0, opened_at=AUTUMN)
        count_received(replace(CASE, opened_at=AUTUMN))
        assert _told(date(2026, 10, 2 + more)) == first

    november = _told(date(2026, 11, 1))
    same = [one for one in first if one[1] and one in november]
    assert len(same) > 100
    assert {one: first[one] for one in same} == {one: november[one] for one in same}


def test_subtraction_finds_nobody(town: Town) -> None:
    """Whoever has every table of many months, and knows the method, cannot tell one small count from its neighbours."""
    random, base = Random(7), 10
    true: dict[tuple[str, str, str], int] = {}
    for month in range(1, 13):
        starts_on = date(2025, month, 1)
        answers = {outcome: random.choice((0, 1, 2, 4, 9, 11, 30)) for outcome in ("ELIGIBLE", "DENIED_NET")}
        late = random.randint(0, min(3, sum(answers.values())))
        cells = {
            ("decided", "ELIGIBLE"): answers["ELIGIBLE"],
            ("decided", "DENIED_NET"): answers["DENIED_NET"],
            ("timely", "late"): late,
            ("timely", "in-time"): sum(answers.values()) - late,
            ("received", "online"): random.choice((1, 3, 25)),
            ("received", "phone"): random.choice((0, 1, 5)),
        }
        for (kind, key), count in cells.items():
            true[kind, starts_on.isoformat(), key] = count
            place = {"service_key": "food-assistance", "agency": "human-services", "starts_on": starts_on}
            Tally.objects.create(kind=kind, key=key, count=count, **place)

    published = [_told(date(2026, month, 3)) for month in range(1, 13)]

    names = {"decided": "outcomes", "received": "channels"}
    cells = {one: (names[one[0]], one[1], one[2]) for one in true if one[0] in names}
    for one, name in cells.items():
        told = {table[name] for table in published if name in table}
        assert len(told) == 1, f"{one} was published with two draws"
        assert abs(told.pop() - true[one]) < base
    for table in published:  # a sum is made of what is published, so it adds nothing
        for measure in ("outcomes", "channels"):
            months = {one: n for one, n in table.items() if one[0] == measure and one[1] and one[2]}
            for key in {one[2] for one in months}:
                assert table[measure, "", key] == sum(n for one, n in months.items() if one[2] == key)
            assert table[measure, "", ""] == sum(months.values())
            by_month = "received" if measure == "channels" else "answered"
            for month in {one[1] for one in months}:
                assert table[by_month, month, ""] == sum(n for one, n in months.items() if one[1] == month)
    # The one relation between tables: there are as many answers by outcome as by time. It is used both ways, for every
    # window that was published; what is left open of each small count are at least nine values.
    for table in published:
        ends = [(max(0, n - base + 1), n + base - 1) for n in _cells(table, "outcomes").values()]
        timely = [(max(0, n - 12 * (base - 1)), n + 12 * (base - 1)) for n in _time(table)]
        low, high = sum(one[0] for one in timely), sum(one[1] for one in timely)
        lows, highs = sum(one[0] for one in ends), sum(one[1] for one in ends)
        for least, most in ends:
            tight = max(least, low - (highs - most)), min(most, high - (lows - least))
            assert tight[1] - tight[0] >= base - 2, (tight, least, most)


def _cells(table: dict[tuple[str, str, str], int], measure: str) -> dict[tuple[str, str, str], int]:
    return {one: n for one, n in table.items() if one[0] == measure and one[1] and one[2]}


def _time(table: dict[tuple[str, str, str], int]) -> list[int]:
    return [n for one, n in table.items() if one[0] == "time" and one[2]]


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
def test_everybody_may_see_the_page(
    town: Town, client: Client, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AUTUMN)
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


def test_the_same_numbers_come_as_csv_and_from_the_api(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AUTUMN)
    for _ in range(12):
        answered(5)
    answered(5, outcome="DENIED_GROSS")

    rows = list(
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
            "count": int(line["count"]),
        }
        for line in rows
    ]
    assert (told["median_days"], told["smallest"]) == (5, 10)
    assert {line["count"] % 10 for line in told["counts"]} == {0}
    assert max(line["count"] for line in told["counts"]) >= 10


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

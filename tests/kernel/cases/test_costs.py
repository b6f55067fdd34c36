"""What a page and a submission cost: statements are counted, processor time is held against a bare view's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings
from tests.factories.people import AT, make_team
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.base import clock
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.queries import open_cases
from commonweal.kernel.forms.actions import answer_all, start_sheet

pytestmark = pytest.mark.django_db
STRIKE = food_answers(circumstances=["strike"])
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
FOR_SUBMISSION = 15
"""Statements from the sheet to the decision, with award, letter, jobs, announcements and six ledger entries."""

FOR_PAGE = {"check/": 4, "pages/savings/": 3, "pages/contact/": 5}
"""Statements of a draft's page: the session, the account, the sheet, and what is known where the page asks for it; the last
look asks whether the service has a newer version."""

FOR_CASE, FOR_HOME, FOR_MAILBOX = 5, 4, 4
"""Statements of a resident's other pages, the access log among them; what a page asks of several apps goes in one."""


@pytest.fixture(autouse=True)
def _on_a_day_whose_law_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []
    with sent() as everything:
        yield statements
    statements += [sql for sql in everything if not sql.startswith(CONTROL)]


@contextmanager
def sent() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def statements_of(client: Client, address: str) -> int:
    client.get(address)
    with counted() as statements:
        assert client.get(address).status_code == 200
    return len(statements)


def ready_sheet(town: Town) -> Callable[[], Case]:
    by = town.neighbour()
    started = start_sheet("food-assistance", by=by, at=AT)
    saved = answer_all(started.sheet_id, food_answers(), revision=0, by=by, at=AT)
    return lambda: submit(started.sheet_id, applicant_id=UUID(by.id), revision=saved.revision, by=by, at=AT)


@pytest.fixture
def resident(town: Town, client: Client) -> Client:
    client.force_login(town.person.account)
    return client


@pytest.fixture
def officer(town: Town) -> Client:
    client = Client()
    client.force_login(town.workers["officer"].account)
    return client


@pytest.mark.parametrize("address", ["/me/", "/mailbox/"])
def test_residents_lists_need_the_same_statements_for_one_and_three(
    town: Town, resident: Client, address: str
) -> None:
    town.send(food_answers())
    one = statements_of(resident, address)
    for _ in range(2):
        town.send(food_answers())

    assert statements_of(resident, address) == one


@pytest.mark.parametrize("shown", ["all", "unassigned", "mine"])
def test_queue_needs_the_same_statements_for_one_and_fifty(town: Town, officer: Client, shown: str) -> None:
    town.send(STRIKE)
    Case.objects.update(worker=town.workers["officer"].pk if shown == "mine" else None)
    one = statements_of(officer, f"/workbench/?show={shown}")
    for _ in range(49):
        town.send(STRIKE)
    Case.objects.update(worker=town.workers["officer"].pk if shown == "mine" else None)

    assert statements_of(officer, f"/workbench/?show={shown}") == one


def test_submission_needs_the_same_statements_each_time(town: Town) -> None:
    counts = []
    for _ in range(3):
        send = ready_sheet(town)
        with counted() as statements:
            assert send().outcome == "ELIGIBLE"
        counts.append(len(statements))

    lock = connection.vendor == "postgresql"  # one statement; on SQLite nobody else writes meanwhile
    assert counts[1:] == [FOR_SUBMISSION + lock] * 2


def test_submission_makes_no_savepoint(town: Town) -> None:
    ready_sheet(town)()  # keeps the law's text
    send = ready_sheet(town)
    with sent() as statements:
        assert send().outcome == "ELIGIBLE"

    assert sum(sql.startswith("SAVEPOINT") for sql in statements) == 1  # within the test's own transaction


@pytest.mark.parametrize("page", FOR_PAGE)
def test_pages_of_a_draft_need_few_statements(town: Town, resident: Client, page: str) -> None:
    started = start_sheet("food-assistance", by=town.resident, at=AT)
    answer_all(started.sheet_id, food_answers(), revision=0, by=town.resident, at=AT)

    assert statements_of(resident, f"/drafts/{started.sheet_id}/{page}") == FOR_PAGE[page]


def test_residents_pages_need_few_statements(town: Town, resident: Client) -> None:
    case = town.send(food_answers())

    along = connection.vendor == "postgresql"  # the access is written by the statement that asks
    assert statements_of(resident, f"/cases/{case.reference}/") == FOR_CASE - along
    assert statements_of(resident, "/me/") == FOR_HOME - along
    assert statements_of(resident, "/mailbox/") == FOR_MAILBOX - along


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table as it lies")
@pytest.mark.parametrize("more", [{}, {"unassigned": True}, {"mine": True}])
@pytest.mark.parametrize("is_first", [True, False])
def test_queue_is_read_from_an_index_in_order(town: Town, more: dict[str, bool], is_first: bool) -> None:
    for _ in range(3):
        town.send(STRIKE)
    Case.objects.update(worker=town.workers["officer"].pk if "mine" in more else None, due_on=date.max)
    cursor = "" if is_first else open_cases(town.officer, **more, limit=1)[1]
    with counted() as statements:
        open_cases(town.officer, **more, cursor=cursor)
    plans = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context)
        plans.extend(row[3] for row in context["cursor"].fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        open_cases(town.officer, **more, cursor=cursor)

    assert len(statements) == 1
    assert [plan for plan in plans if "SCAN" in plan or "TEMP B-TREE" in plan] == []
    assert "USING INDEX cases_" in plans[0]
    assert is_first or "(due_on,id)>(?,?)" in plans[0]


def test_queue_of_two_teams_is_one_queue_page_by_page(town: Town) -> None:
    other = make_team(key="appeals")
    cases = [town.send(STRIKE) for _ in range(6)]
    Case.objects.filter(pk__in=[case.pk for case in cases[::2]]).update(team=other.pk)
    of_both = replace(town.officer, teams=(*town.officer.teams, other.pk))
    expected = list(Case.objects.order_by("due_on", "pk").values_list("pk", flat=True))

    found, cursor = [], ""
    for _ in range(3):
        page, following = open_cases(of_both, cursor=cursor, limit=2)
        found += [case.pk for case in page]
        cursor = following or ""

    assert found == expected
    assert cursor == ""


def constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def milliseconds(work: Callable[[], object], repetitions: int) -> float:
    samples = []
    for _ in range(repetitions):
        start = time.process_time()
        work()
        samples.append(time.process_time() - start)
    return statistics.median(samples) * 1000


@pytest.mark.slow
def test_processor_time_stays_within_twice_what_it_was(
    town: Town, officer: Client, settings: Settings
) -> None:
    """The limits are twice the ratios that were measured when they were set."""
    for _ in range(30):
        town.send(STRIKE)
    sheets = iter([ready_sheet(town) for _ in range(45)])
    next(sheets)()
    milliseconds(lambda: officer.get("/workbench/?show=all"), 5)
    taken = {
        "home": milliseconds(lambda: Client().get("/"), 40),
        "queue": milliseconds(lambda: officer.get("/workbench/?show=all"), 40),
        "submit": milliseconds(lambda: next(sheets)(), 40),  # noqa: PLW0108 - another sheet each time
    }
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [], (path("bare", constant),)
    bare = milliseconds(lambda: Client().get("/bare"), 200)

    ratios = {name: taken[name] / bare for name in taken}
    assert ratios["home"] < 75
    assert ratios["queue"] < 200
    assert ratios["submit"] < 210

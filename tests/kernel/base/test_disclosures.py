from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse

from commonweal.kernel.base import failures
from commonweal.kernel.base.append_only import AppendOnly, guarded_tables
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.middleware import Failures
from commonweal.kernel.base.routes import NOTHING, RouteRule, note_disclosure
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.ledger.actions import record_access

AT = datetime(2026, 9, 15, tzinfo=UTC)


def answer(rf: Any, discloses: str, purposes: list[str], status: int = 200) -> HttpResponse:
    """Send a request through the middleware to a view that notes these purposes."""

    def view(request: HttpRequest) -> HttpResponse:
        request.route_rule = RouteRule(anyone, discloses)  # type: ignore[attr-defined]  # as `route` does
        for purpose in purposes:
            note_disclosure(purpose)
        return HttpResponse("data", status=status)

    return Failures(view)(rf.get("/api/x"))


@pytest.mark.parametrize(
    ("discloses", "purposes", "status"),
    [
        (NOTHING, [], 200),
        ("case", ["case"], 200),
        ("case", [], 500),
        ("case", ["queue"], 500),
    ],
)
def test_answer_is_withheld_unless_its_disclosure_was_recorded(
    rf: Any, discloses: str, purposes: list[str], status: int
) -> None:
    assert answer(rf, discloses, purposes).status_code == status


@pytest.mark.parametrize(
    ("actor", "status"),
    [(Actor(ActorKind.RESIDENT, str(UUID(int=1))), 200), (Actor(ActorKind.OFFICER, str(UUID(int=2))), 500)],
)
def test_what_is_recorded_of_others_has_to_be_declared(rf: Any, actor: Actor, status: int) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.actor = actor  # type: ignore[attr-defined]  # as the middleware of `people` does
        request.route_rule = RouteRule(anyone, NOTHING)  # type: ignore[attr-defined]  # as `route` does
        note_disclosure("case", [UUID(int=1)])
        return HttpResponse("data")

    assert Failures(view)(rf.get("/api/x")).status_code == status


def test_answers_without_data_are_not_withheld(rf: Any) -> None:
    assert answer(rf, "case", [], status=302).status_code == 302

    def refused(request: HttpRequest) -> HttpResponse:
        request.route_rule = RouteRule(anyone, "case")  # type: ignore[attr-defined]  # as `route` does
        return failures.answer(request, NotFound())

    assert Failures(refused)(rf.get("/api/x")).status_code == 404


@pytest.mark.parametrize("status", [201, 409, 422])
def test_a_page_that_is_shown_again_is_withheld_too(rf: Any, status: int) -> None:
    assert answer(rf, "case", [], status=status).status_code == 500
    assert answer(rf, "case", ["case"], status=status).status_code == status


def test_purposes_of_one_request_do_not_serve_the_next(rf: Any) -> None:
    assert answer(rf, "case", ["case"]).status_code == 200
    assert answer(rf, "case", []).status_code == 500


@pytest.mark.django_db
def test_access_record_tells_the_middleware_without_a_request(rf: Any) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.route_rule = RouteRule(anyone, "case")  # type: ignore[attr-defined]  # as `route` does
        record_access(Actor.system("test"), [UUID(int=1)], "case", at=AT)
        return HttpResponse("data")

    assert Failures(view)(rf.get("/api/x")).status_code == 200


@pytest.mark.django_db
def test_tables_that_are_written_once_are_guarded() -> None:
    assert {"ledger_accessrecord", "ledger_event"} <= set(guarded_tables(connection))


@pytest.mark.django_db(transaction=True)
def test_guard_can_be_taken_back(as_owner: Any) -> None:
    guard = AppendOnly("ledger_event")
    assert guard.describe() == "Rows of ledger_event are written once"
    guard.state_forwards("ledger", None)
    with as_owner():
        with connection.schema_editor() as editor:
            guard.database_backwards("ledger", editor, None, None)
        assert "ledger_event" not in guarded_tables(connection)
        with connection.schema_editor() as editor:
            guard.database_forwards("ledger", editor, None, None)
        assert "ledger_event" in guarded_tables(connection)

"""What the counter does not do: begin twice, join what was sent, or let codes be guessed."""

from __future__ import annotations

from contextvars import copy_context
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from tests.factories.people import AT, make_officer
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.counter import actions, workbench
from commonweal.kernel.counter.errors import AssistanceNotFound, CodeWrong
from commonweal.kernel.counter.models import Assistance
from commonweal.kernel.counter.plugins import banner, for_whom
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Officer
from commonweal.kernel.people.queries import actor_of

pytestmark = pytest.mark.django_db
FOOD = "food-assistance"


@pytest.fixture(autouse=True)
def _on_a_day_whose_law_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def clerk(town: Town) -> Officer:
    return make_officer(name="Ana Clerk", roles=("counter",))


@pytest.fixture
def begun(town: Town, clerk: Officer) -> Assistance:
    by = actor_of(clerk.account)
    return actions.begin_in_person(town.person.pk, FOOD, document="passport", by=by, at=AT)


def test_a_help_that_has_begun_begins_no_second_time(begun: Assistance, clerk: Officer) -> None:
    before = len(events_of(begun.stream))

    again = actions.confirm_code(begun.pk, "000000", by=actor_of(clerk.account), at=AT)

    assert (again.pk, again.sheet_id, again.wrong_codes) == (begun.pk, begun.sheet_id, 0)
    assert len(events_of(begun.stream)) == before


def test_a_help_that_is_unknown_or_anothers_is_not_found(begun: Assistance, town: Town) -> None:
    other = actor_of(make_officer(roles=("counter",)).account)

    for found, by in ((uuid4(), other), (begun.pk, other), (begun.pk, town.resident)):
        with pytest.raises(AssistanceNotFound):
            actions.confirm_code(found, "000000", by=by, at=AT)


def test_nobody_is_invited_to_a_form_that_was_sent(town: Town) -> None:
    town.send(food_answers())
    sheet = Case.objects.get().sheet_id
    assert sheet is not None

    with pytest.raises(AssistanceNotFound):
        actions.invite(sheet, by=town.resident, at=AT)

    assert not Assistance.objects.exists()


def test_codes_cannot_be_guessed_one_after_the_other(town: Town, clerk: Officer) -> None:
    cache.clear()
    desk = Client()
    desk.force_login(clerk.account)

    answers = [desk.post("/workbench/counter/join", {"code": f"{at:06}"}).status_code for at in range(21)]

    cache.clear()
    assert answers == [422] * 20 + [429]


def test_a_code_counts_while_it_is_looked_at_and_a_right_one_does_not(
    begun: Assistance, clerk: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(workbench, "_MOST_WRONG", 2)
    desk = Client()
    desk.force_login(clerk.account)
    answers = []

    def try_code(code: str) -> int:
        return desk.post("/workbench/counter/join", {"code": code}).status_code

    def wrong(code: str, **_who: object) -> Assistance:
        if code == "first":  # two more come in before the first has been answered
            answers.extend(copy_context().run(try_code, each) for each in ("second", "third"))
        if code == "right":
            return begun
        raise CodeWrong({"code": "It is wrong."})

    monkeypatch.setattr(actions, "join", wrong)

    rights = [try_code("right") for _ in range(3)]
    answers.append(try_code("first"))

    cache.clear()
    assert rights == [302] * 3
    assert answers == [422, 429, 422]


def test_no_banner_stands_over_a_form_whose_help_has_ended(begun: Assistance, clerk: Officer) -> None:
    request = RequestFactory().get(f"/drafts/{begun.sheet_id}/household/")
    request.actor = for_whom(request.path, actor_of(clerk.account))  # type: ignore[attr-defined]  # as the middleware does
    shown = banner(request)

    Assistance.objects.update(ends_at=AT - timedelta(minutes=1))

    assert shown is not None
    assert not shown.is_help
    assert banner(request) is None

"""What the views of officers share: what was typed is read, and what went wrong stands on the page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from commonweal.kernel.base.desks import Desk, sent_amount, shown_revision
from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid
from commonweal.kernel.base.types import Actor, Money


def sent(**typed: str) -> Any:
    request: Any = RequestFactory().post("/", typed)
    request.actor = Actor.system("tests")
    return request


@pytest.mark.parametrize(
    ("typed", "revision"), [("3", 3), ("", -1), ("-1", -1), ("x", -1), ("٣", -1), ("9" * 10, -1)]
)
def test_a_revision_that_cannot_be_read_is_out_of_date(typed: str, revision: int) -> None:
    assert shown_revision(sent(revision=typed)) == revision


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("", None), (" ", None), ("120", Money(12_000, "USD")), ("$1,120.50", Money(112_050, "USD"))],
)
def test_an_amount_is_read_as_people_write_it(typed: str, amount: Money | None) -> None:
    assert sent_amount(sent(fee=typed), "fee") == amount


@pytest.mark.parametrize("typed", ["x", "NaN", "Infinity", "1.005", "-1", "1000000000.01"])
def test_what_is_no_amount_is_refused_by_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        sent_amount(sent(fee=typed), "fee")
    assert list(refused.value.fields) == ["fee"]


class Matter(SimpleNamespace):
    """Something that officers work on."""


def desk(**more: Any) -> Desk[Matter]:
    return Desk(
        lambda _request, reference: Matter(pk=7, reference=reference),
        lambda _request, found, error: HttpResponse(f"{found.reference} {error.code}", status=error.status),
        "cases:work",
        **more,
    )


def test_a_desk_does_one_thing_and_goes_back_to_the_page() -> None:
    done: list[Any] = []

    response = desk().act(sent(), "AB", lambda pk, *, by, at: done.append((pk, by.id)))

    assert (response.status_code, response["Location"]) == (302, "/workbench/cases/AB/")
    assert done == [(7, "tests")]


def test_a_desk_shows_what_went_wrong_and_nothing_else() -> None:
    def refuse(error: Exception) -> Any:
        def act(_pk: Any, **_who: Any) -> None:
            raise error

        return act

    shown = desk().act(sent(), "AB", refuse(Conflict()))
    assert (shown.status_code, shown.content) == (409, b"AB conflict")
    with pytest.raises(Forbidden):
        desk().act(sent(), "AB", refuse(Forbidden()))
    assert desk(shown=(Forbidden,)).act(sent(), "AB", refuse(Forbidden())).status_code == 403

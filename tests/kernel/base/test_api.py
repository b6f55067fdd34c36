from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated

import pytest
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path
from ninja import Header, Router, Schema

from commonweal.kernel.base.api import ApiRouter, create_api, forget_idempotent_answers, operation, routers
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.models import IdempotentAnswer
from commonweal.kernel.base.routes import NOTHING
from commonweal.kernel.base.rules import anyone, is_officer

router = Router()
calls = itertools.count(1)


class Order(Schema):
    amount: int


class Receipt(Schema):
    number: int
    amount: int


@router.post("/orders", response=Receipt)
@operation(allows=anyone, discloses=NOTHING)
def order(request: HttpRequest, sent: Order, draft_token: Annotated[str, Header("")] = "") -> Receipt:
    if sent.amount == 13:
        raise NotFound
    return Receipt(number=next(calls), amount=sent.amount)


@router.post("/beginnings", response=Receipt)
@operation(allows=anyone, discloses=NOTHING)
def begin(request: HttpRequest, sent: Order) -> Receipt:
    return Receipt(number=next(calls), amount=sent.amount)


@router.get("/secret", response=Receipt)
@operation(allows=is_officer, discloses=NOTHING)
def secret(request: HttpRequest) -> Receipt:
    return Receipt(number=0, amount=0)


@pytest.fixture(scope="module")
def api_urls() -> Iterator[object]:
    before = dict(routers._items)
    routers._items.clear()
    routers.register(ApiRouter("tests", "", router))
    urls = type("Urls", (), {"urlpatterns": [path("api/v1/", create_api().urls)]})
    routers._items.clear()
    routers._items.update(before)
    with override_settings(ROOT_URLCONF=urls):
        yield urls


@pytest.mark.django_db
def test_idempotency_key_does_a_repeated_request_once(api_urls: object, client: Client) -> None:
    def send(amount: int) -> object:
        return client.post(
            "/api/v1/orders",
            {"amount": amount},
            content_type="application/json",
            headers={"Idempotency-Key": "one", "Draft-Token": "mine"},
        )

    first, second, other = send(5), send(5), send(6)

    assert first.json() == second.json()
    assert first.status_code == second.status_code == 200
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "secrets"),
    [
        ("orders", ("", "")),
        ("orders", ("", "mine")),
        ("orders", ("mine", "yours")),
        ("beginnings", ("invented", "invented")),  # nothing holds this token against anything
    ],
)
def test_two_guests_at_one_address_never_get_each_others_answer(
    api_urls: object, client: Client, path: str, secrets: tuple[str, str]
) -> None:
    answers = [
        client.post(
            f"/api/v1/{path}",
            {"amount": 5},
            content_type="application/json",
            headers={"Idempotency-Key": "one", "Draft-Token": secret},
        )
        for secret in secrets
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() != answers[1].json()


@pytest.mark.django_db
def test_idempotency_key_of_a_failed_request_can_be_used_again(api_urls: object, client: Client) -> None:
    headers = {"Idempotency-Key": "failing", "Draft-Token": "mine"}
    failed = client.post("/api/v1/orders", {"amount": 13}, content_type="application/json", headers=headers)

    assert (failed.status_code, failed["Content-Type"]) == (404, "application/problem+json")
    assert IdempotentAnswer.objects.count() == 0


@pytest.mark.django_db
def test_too_long_idempotency_key_is_refused(api_urls: object, client: Client) -> None:
    response = client.post(
        "/api/v1/orders",
        {"amount": 1},
        content_type="application/json",
        headers={"Idempotency-Key": "x" * 201, "Draft-Token": "mine"},
    )

    assert response.json()["code"] == "malformed"


def test_body_that_is_not_as_described_names_its_fields(api_urls: object, client: Client) -> None:
    response = client.post("/api/v1/orders", {"amount": "much"}, content_type="application/json")

    assert response.status_code == 422
    assert list(response.json()["fields"]) == ["sent.amount"]


@pytest.mark.parametrize("depth", [19, 20, 400, 100_000])
def test_a_body_may_not_be_deep(api_urls: object, client: Client, depth: int) -> None:
    body = '{"amount": 1, "more": ' + "[" * depth + "]" * depth + "}"
    response = client.post("/api/v1/orders", body, content_type="application/json")

    assert response.status_code == (200 if depth == 19 else 400)


def test_body_that_is_not_json_is_refused(api_urls: object, client: Client) -> None:
    response = client.post("/api/v1/orders", "{", content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (400, "malformed")


def test_operation_holds_its_rule(api_urls: object, client: Client) -> None:
    assert client.get("/api/v1/secret").json()["code"] == "sign-in-needed"


@pytest.mark.django_db
def test_browser_session_needs_its_csrf_token(api_urls: object) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = "anything"
    response = client.post("/api/v1/orders", {"amount": 1}, content_type="application/json")

    assert response.json()["code"] == "csrf-token-missing"


@pytest.mark.django_db
def test_old_answers_are_forgotten(api_urls: object, client: Client) -> None:
    client.post(
        "/api/v1/orders",
        {"amount": 1},
        content_type="application/json",
        headers={"Idempotency-Key": "old", "Draft-Token": "mine"},
    )
    IdempotentAnswer.objects.update(created_at="2020-01-01T00:00:00Z")

    assert forget_idempotent_answers() == 1

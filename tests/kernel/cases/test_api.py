from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from tests.factories.people import make_account, make_person
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.base import api as base_api
from commonweal.kernel.cases import schemas
from commonweal.kernel.cases.models import Case
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.queries import accesses_to, events_of

pytestmark = pytest.mark.django_db
DRAFTS = "/api/v1/services/food-assistance/drafts"


@pytest.fixture
def api(town: Town, client: Client) -> Client:
    assert town.person.account is not None
    client.force_login(town.person.account)
    return client


def send(api: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.generic(method, path, "" if body is None else _json(body), "application/json", headers=names)


def _json(body: Any) -> str:
    import json

    return json.dumps(body)


def test_an_application_from_beginning_to_decision(api: Client, town: Town) -> None:
    begun = send(api, "POST", DRAFTS)
    assert (begun.status_code, begun.json()["token"]) == (201, "")
    path = f"/api/v1/drafts/{begun.json()['id']}"
    assert begun.json()["missing"]
    body = {"answers": food_answers(), "revision": begun.json()["revision"]}
    answered = send(api, "PUT", f"{path}/answers", body)
    assert (answered.status_code, answered.json()["missing"]) == (200, {})
    assert send(api, "GET", path).json() == answered.json()

    sent = send(api, "POST", f"{path}/submit", {"revision": answered.json()["revision"]})

    assert (sent.status_code, sent.json()["service"]) == (201, "food-assistance")
    reference = sent.json()["reference"]
    shown = send(api, "GET", f"/api/v1/cases/{reference}").json()
    assert shown == sent.json()
    assert shown["happenings"]


def test_a_repeated_submit_gives_the_first_answer_again(api: Client, town: Town) -> None:
    begun = send(api, "POST", DRAFTS, Idempotency_Key="begin").json()
    assert send(api, "POST", DRAFTS, Idempotency_Key="begin").json() == begun
    assert Sheet.objects.count() == 1
    path = f"/api/v1/drafts/{begun['id']}"
    revision = send(api, "PUT", f"{path}/answers", {"answers": food_answers(), "revision": 0}).json()[
        "revision"
    ]

    first = send(api, "POST", f"{path}/submit", {"revision": revision}, Idempotency_Key="send")
    again = send(api, "POST", f"{path}/submit", {"revision": revision}, Idempotency_Key="send")
    other = send(api, "POST", f"{path}/submit", {"revision": revision + 1}, Idempotency_Key="send")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    types = [event.type for event in events_of(Case.objects.get().stream)]
    assert types.count("cases.submitted") == 1


def test_a_repetition_discloses_again_and_says_so(
    api: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = send(api, "POST", DRAFTS).json()
    path = f"/api/v1/drafts/{begun['id']}"
    send(api, "PUT", f"{path}/answers", {"answers": food_answers(), "revision": 0})

    counts = []
    for _time in range(3):
        assert send(api, "POST", f"{path}/submit", {"revision": 1}, Idempotency_Key="x").status_code == 201
        counts.append(len(accesses_to(town.person.pk)))

    assert counts == [1, 2, 3]
    assert {access.purpose for access in accesses_to(town.person.pk)} == {
        "show people their own applications"
    }
    monkeypatch.setattr(base_api, "disclose_again", lambda *_, **__: None)
    withheld = send(api, "POST", f"{path}/submit", {"revision": 1}, Idempotency_Key="x")
    assert (withheld.status_code, withheld.json()["code"]) == (500, "access-not-recorded")


def test_a_guest_goes_on_with_the_token_only(town: Town, client: Client) -> None:
    begun = send(client, "POST", DRAFTS).json()
    path = f"/api/v1/drafts/{begun['id']}"

    assert begun["token"]
    assert send(client, "GET", path).status_code == 404
    assert send(client, "GET", path, Draft_Token="wrong").status_code == 404
    assert send(client, "GET", path, Draft_Token=begun["token"]).status_code == 200
    assert send(client, "POST", f"{path}/submit", {"revision": 0}).json()["code"] == "sign-in-needed"


def test_guests_who_invent_the_same_token_never_get_each_others_draft(town: Town, client: Client) -> None:
    invented = {"Idempotency_Key": "begin", "Draft_Token": "invented"}
    first, other = (send(client, "POST", DRAFTS, **invented).json() for _guest in range(2))

    assert first["id"] != other["id"]
    assert first["token"] != other["token"]


def test_a_guests_repeated_answer_is_given_again(town: Town, client: Client) -> None:
    begun = send(client, "POST", DRAFTS).json()
    path, proof = (
        f"/api/v1/drafts/{begun['id']}/answers",
        {"Idempotency_Key": "once", "Draft_Token": begun["token"]},
    )
    sent = {"answers": food_answers(), "revision": 0}
    first, again = (send(client, "PUT", path, sent, **proof) for _time in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


def test_a_wrong_answer_is_named_wholly_in_the_language_of_the_caller(api: Client) -> None:
    guest = Client()
    begun = send(guest, "POST", DRAFTS).json()
    sent = {"answers": food_answers(email=""), "revision": 0}
    spanish = {"Accept_Language": "es", "Draft_Token": begun["token"]}

    refused = send(guest, "PUT", f"/api/v1/drafts/{begun['id']}/answers", sent, **spanish)

    assert refused.json()["fields"]["email"] == "Introduzca su dirección de correo electrónico."


def test_wrong_answers_are_named_by_path_and_old_ones_are_kept(api: Client) -> None:
    begun = send(api, "POST", DRAFTS).json()
    path = f"/api/v1/drafts/{begun['id']}"
    wrong = food_answers(rent_or_mortgage="much", members=[{"name": "Me", "age": -1}])

    refused = send(api, "PUT", f"{path}/answers", {"answers": wrong, "revision": 0})
    moved = send(api, "PUT", f"{path}/answers", {"answers": food_answers(), "revision": 7})
    early = send(api, "POST", f"{path}/submit", {"revision": 0})

    assert (refused.status_code, moved.status_code, early.status_code) == (422, 409, 422)
    assert "rent_or_mortgage" in refused.json()["fields"]
    assert all(each["content-type"] == "application/problem+json" for each in (refused, moved, early))
    assert send(api, "GET", path).json() == begun


@pytest.mark.parametrize(
    ("answers", "more", "field"),
    [
        ({"nonsense": 1}, {}, "nonsense"),
        ({}, {"reference_on": "1800-01-01"}, "reference_on"),
        ({}, {"known_on": "2300-01-01"}, "known_on"),
        ({}, {"context": {"applicant": {"cars": ["a"] * 10_001}}}, "context"),
        ({"members": [{}] * 40_000}, {}, "members"),
        ({"members": 5}, {}, "members"),
        ({"members": [{"name": "Me", "age": 200}]}, {}, "members[1].age"),
        ({"members": [{"name": "M" * 5_000}]}, {}, "members[1].name"),
        ({"members": [{"nonsense": 1}]}, {}, "members[1].nonsense"),
        ({"rent_or_mortgage": "much"}, {}, "rent_or_mortgage"),
        ({"circumstances": ["nonsense"]}, {}, "circumstances"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_evaluate_names_what_it_cannot_take(
    town: Town, client: Client, answers: dict[str, Any], more: dict[str, str], field: str
) -> None:
    body = {"answers": answers} | more
    response = send(client, "POST", "/api/v1/services/food-assistance/evaluate", body)

    assert (response.status_code, list(response.json()["fields"])) == (422, [field])


@pytest.mark.usefixtures("collector_at_rest")
def test_evaluate_of_far_too_much_costs_next_to_nothing(town: Town, client: Client) -> None:
    path = "/api/v1/services/food-assistance/evaluate"
    usual = {"answers": food_answers()}
    much = {"answers": food_answers(members=[{}] * 40_000)}
    seconds = []
    for body in (usual, usual, much):
        begun = time.process_time()
        send(client, "POST", path, body)
        seconds.append(time.process_time() - begun)

    assert seconds[2] < 15 * seconds[1]


def test_evaluate_sends_no_endless_trace(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/api/v1/services/food-assistance/evaluate"
    body = {"answers": food_answers(), "reference_on": "2026-09-15"}
    assert send(client, "POST", path, body).json()["trace"]
    monkeypatch.setattr(schemas, "LONGEST_TRACE", 1_000)

    answer = send(client, "POST", path, body).json()

    assert (answer["outcome"], answer["trace"]) == ("ELIGIBLE", None)


def test_evaluate_of_half_the_facts_says_what_is_missing(town: Town, client: Client) -> None:
    response = send(client, "POST", "/api/v1/services/food-assistance/evaluate", {"answers": {}}).json()

    assert response["outcome"] is None
    assert response["is_fault"]
    assert response["missing"]


def test_lists_are_read_stretch_by_stretch(api: Client, town: Town) -> None:
    sent = [town.send(food_answers(circumstances=["strike"])).reference for _ in range(3)]
    found, cursor = [], ""
    for _ in range(3):
        answer = send(api, "GET", f"/api/v1/cases?limit=1&cursor={cursor}").json()
        found += [item["reference"] for item in answer["items"]]
        cursor = answer["next_cursor"]

    assert (found, cursor) == (sent[::-1], None)
    officer = Client()
    officer.force_login(town.workers["officer"].account)
    work = send(officer, "GET", "/api/v1/workbench/cases?limit=2").json()
    rest = send(officer, "GET", f"/api/v1/workbench/cases?limit=2&cursor={work['next_cursor']}").json()
    assert sorted(item["reference"] for item in work["items"] + rest["items"]) == sorted(sent)


def test_other_peoples_cases_are_not_found(town: Town) -> None:
    case = town.send(food_answers())
    other = Client()
    other.force_login(make_person(account=make_account()).account)

    for path in (f"/api/v1/cases/{case.reference}", f"/api/v1/cases/{case.reference}/decision"):
        response = send(other, "GET", path)
        assert (response.status_code, response.json()["code"]) == (404, "case-not-found")


def test_a_case_that_waits_has_no_decision_yet(api: Client, town: Town) -> None:
    case = town.send(food_answers(circumstances=["strike"]))

    response = send(api, "GET", f"/api/v1/cases/{case.reference}/decision")

    assert (response.status_code, response.json()["code"]) == (409, "not-decided-yet")


def test_letters_are_listed_and_opened(api: Client, town: Town) -> None:
    town.send(food_answers(members=[{"name": "Me", "age": 35, "earned": 9_000}]))
    town.send(food_answers())
    first = send(api, "GET", "/api/v1/messages?limit=1").json()
    second = send(api, "GET", f"/api/v1/messages?limit=1&cursor={first['next_cursor']}").json()
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (1, 1, None)
    assert first["items"][0]["id"] > second["items"][0]["id"]
    path = f"/api/v1/messages/{first['items'][0]['id']}"
    closed = send(api, "GET", path).json()
    assert (closed["body"], closed["read_at"]) == (None, None)

    opened = send(api, "POST", f"{path}/open").json()

    assert opened["body"]
    assert send(api, "GET", path).json() == opened == send(api, "POST", f"{path}/open").json()
    missing = send(api, "GET", "/api/v1/messages/01a1fe47-ce6d-7415-8b55-6102ad279cbf")
    assert (missing.status_code, missing.json()["code"]) == (404, "message-not-found")


def test_a_cursor_that_no_list_gave_is_refused_and_never_taken_for_the_first_stretch(
    town: Town, api: Client
) -> None:
    officer = Client()
    officer.force_login(town.workers["officer"].account)
    lists = [(api, "cases"), (api, "messages"), (officer, "workbench/cases")]
    for client, name in lists:
        for cursor in ("nonsense", "W10", "bnVsbA", "%00", "WyIyMDI2LTAxLTAxIiwgMV0"):
            refused = send(client, "GET", f"/api/v1/{name}?cursor={cursor}")
            assert (refused.status_code, list(refused.json()["fields"])) == (422, ["cursor"]), (name, cursor)
        assert send(client, "GET", f"/api/v1/{name}?cursor=").status_code == 200
    assert officer.get("/workbench/?cursor=nonsense").status_code == 200

"""The API of revocations: officers take back and change their mind, the holder reads and answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.factories.people import AT, make_account, make_person
from tests.jurisdictions.port_alder.counter import Counter

from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.people.models import Account
from commonweal.kernel.revocations.models import Revocation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_day_whose_law_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(account: Account | None) -> Client:
    assert account is not None
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def officer(counter: Counter) -> Client:
    return signed_in(Account.objects.get(officer=counter.officer.id))


@pytest.fixture
def holder(counter: Counter) -> Client:
    return signed_in(counter.person.account)


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_officer_and_holder_do_it_through_the_api(case: Case, officer: Client, holder: Client) -> None:
    own, work = (f"{place}/cases/{case.reference}/revocation" for place in ("", "/workbench"))
    open_to = officer.get(f"/api/v1{work}").json()
    assert (open_to["revocation"], open_to["can_be_announced"]) == (None, True)
    assert {
        "key": "conditions",
        "label": "The conditions of the licence are not kept.",
        "legal_basis": "PAMC 5.04.050",
    } in open_to["grounds"]
    none = holder.get(f"/api/v1{own}")
    assert (none.status_code, none.json()["code"]) == (404, "revocation-not-found")

    said = {"ground": "conditions", "reasons": "The fire door was blocked."}
    letter = post(officer, f"{work}/preview", said).json()
    assert (letter["effective_on"], letter["language"]) == ("2026-10-03", "en")
    assert "The fire door was blocked." in letter["text"]
    assert post(officer, f"{work}/announce", said | {"seen_on": "2026-10-04"}).status_code == 409
    made = post(officer, f"{work}/announce", said | {"seen_on": letter["effective_on"]})

    assert made.status_code == 201
    assert made.json() == {
        "case": case.reference,
        "status": "announced",
        "ground": "conditions",
        "label": "The conditions of the licence are not kept.",
        "legal_basis": "PAMC 5.04.050",
        "reasons": "The fire door was blocked.",
        "statement": "",
        "remark": "",
        "announced_at": AT.isoformat().replace("+00:00", "Z"),
        "effective_on": "2026-10-03",
        "ended_at": None,
        "revision": 1,
    }
    assert holder.get(f"/api/v1{own}").json() == made.json()
    heard = post(holder, f"{own}/statement", {"text": "It is free now."})
    assert (heard.json()["statement"], heard.json()["revision"]) == ("It is free now.", 2)
    shown = officer.get(f"/api/v1{work}").json()
    assert (shown["revocation"], shown["can_be_announced"]) == (heard.json(), False)
    changes = [("suspend", 2, "suspended"), ("resume", 3, "announced"), ("drop", 4, "dropped")]
    for name, revision, status in changes:
        done = post(officer, f"{work}/{name}", {"remark": "Why.", "revision": revision})
        assert (done.status_code, done.json()["status"], done.json()["remark"]) == (200, status, "Why.")


def test_what_is_wrong_is_told_as_a_problem(case: Case, officer: Client, holder: Client) -> None:
    own, work = (f"{place}/cases/{case.reference}/revocation" for place in ("", "/workbench"))
    said = {"ground": "conditions", "reasons": "The fire door was blocked."}
    answers = [
        post(officer, f"{work}/announce", said | {"ground": "whim"}),
        post(officer, f"{work}/drop", {"remark": "Why.", "revision": 1}),
        post(officer, f"{work}/announce", said),
        post(officer, f"{work}/announce", said),
        post(officer, f"{work}/drop", {"remark": "Why.", "revision": 9}),
        post(holder, f"{own}/statement", {"text": " "}),
        post(holder, f"{work}/drop", {"remark": "Why.", "revision": 1}),
    ]

    assert [(each.status_code, each.json().get("code")) for each in answers] == [
        (422, "invalid"),
        (404, "revocation-not-found"),
        (201, None),
        (409, "nothing-to-revoke"),
        (409, "revocation-moved-on"),
        (422, "invalid"),
        (403, "forbidden"),
    ]
    assert {each["Content-Type"] for each in answers if each.status_code >= 400} == {
        "application/problem+json"
    }
    assert answers[0].json()["fields"] == {"ground": "Choose from the list."}


def test_nobody_else_reads_it_and_a_repetition_takes_back_once(
    case: Case, counter: Counter, officer: Client
) -> None:
    work = f"/workbench/cases/{case.reference}/revocation"
    said = {"ground": "conditions", "reasons": "The fire door was blocked."}
    first, again = (post(officer, f"{work}/announce", said, **{"Idempotency-Key": "one"}) for _ in range(2))

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert Revocation.objects.count() == 1
    stranger = signed_in(make_person(account=make_account()).account)
    assert stranger.get(f"/api/v1/cases/{case.reference}/revocation").status_code == 404
    assert stranger.get(f"/api/v1{work}").status_code == 403

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.factories.people import AT
from tests.kernel.consent.conftest import LATER, Life

from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.consent import actions
from commonweal.kernel.consent.enums import Status
from commonweal.kernel.consent.models import Erasure, Hold
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.ledger.queries import accesses_to
from commonweal.kernel.people.models import Officer, Person

pytestmark = pytest.mark.django_db


def signed_in(who: Any) -> Client:
    client = Client()
    client.force_login(who.account)
    return client


def officer(actor: Any) -> Officer:
    return Officer.objects.select_related("account").get(pk=actor.id)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_from_the_residents_request_to_the_second_officers_confirmation(life: Life) -> None:
    me, first, second = (
        signed_in(life.town.person),
        signed_in(officer(life.first)),
        signed_in(officer(life.second)),
    )

    shown = text(me.get("/me/erasure/"))
    assert "7 CFR 272.1(f)" in shown
    assert "What is known about you" in shown
    assert "/me/erasure/" in text(me.get("/me/details/"))
    me.post("/me/erasure/ask/")
    erasure = Erasure.objects.get()
    assert "Withdraw the request" in text(me.get("/me/erasure/"))
    listed = text(first.get("/workbench/erasures/"))
    assert str(erasure.pk) in listed
    assert "I have checked it" in text(first.get(f"/workbench/erasures/{erasure.pk}/"))
    assert first.post(f"/workbench/erasures/{erasure.pk}/check/").status_code == 302
    assert "Another officer has to confirm" in text(first.get(f"/workbench/erasures/{erasure.pk}/"))
    refused = first.post(f"/workbench/erasures/{erasure.pk}/confirm/")
    assert (refused.status_code, "Another officer" in text(refused)) == (409, True)
    assert "Confirm: erase for good" in text(second.get(f"/workbench/erasures/{erasure.pk}/"))
    assert second.post(f"/workbench/erasures/{erasure.pk}/confirm/").status_code == 302
    late = me.post("/me/erasure/withdraw/")
    assert (late.status_code, "moved on" in text(late)) == (409, True)

    Worker().run_until_empty()

    erasure.refresh_from_db()
    assert erasure.status == Status.PARTLY
    assert me.get("/me/details/").status_code == 302, "the account is closed"
    assert Case.objects.count() == 2
    assert {access.purpose for access in accesses_to(life.person)} >= {
        "erase own data",
        "erase personal data",
    }


def test_the_night_goes_on_with_an_erasure_once_the_law_lets_it(life: Life, settings: Any) -> None:
    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.consent import actions, tasks

    at = clock.now()
    erasure = actions.request_erasure(life.person, by=life.town.resident, at=at)
    actions.check_erasure(erasure.pk, by=life.first, at=at)
    actions.confirm_erasure(erasure.pk, by=life.second, at=at)
    Worker().run_until_empty()
    Award.objects.update(status="expired", ended_at=AT - LATER)
    Case.objects.update(dispose_on=clock.today())
    Erasure.objects.update(next_on=clock.today())

    cursor: Any = None
    while cursor := tasks.resume({}, cursor):
        pass
    Worker().run_until_empty()

    erasure.refresh_from_db()
    assert erasure.status == Status.DONE
    assert Person.objects.get(pk=life.person).name == ""


def test_an_officer_asks_from_a_case_and_another_refuses(life: Life) -> None:
    first, second = signed_in(officer(life.first)), signed_in(officer(life.second))
    supervisor = signed_in(life.town.workers["supervisor"])
    work = text(supervisor.get(f"/workbench/{life.cases[0].reference}/")) or ""
    path = f"/workbench/erasures/of/{life.person}/"
    assert path in work or path in text(supervisor.get(f"/workbench/cases/{life.cases[0].reference}/"))

    assert "Why the data are to be erased" in text(first.get(path))
    wrong = first.post(f"{path}request/", {"reason": ""})
    assert (wrong.status_code, "Say why the data" in text(wrong)) == (422, True)
    first.post(f"{path}request/", {"reason": "<b>a letter</b>"})
    erasure = Erasure.objects.get()
    assert "Checked by" in text(first.get(path))
    assert "&lt;b&gt;a letter" in text(second.get(f"/workbench/erasures/{erasure.pk}/"))
    assert second.post(f"/workbench/erasures/{erasure.pk}/refuse/", {"answer": ""}).status_code == 422
    second.post(f"/workbench/erasures/{erasure.pk}/refuse/", {"answer": "A tax case runs."})

    assert "A tax case runs." in text(signed_in(life.town.person).get("/me/erasure/"))


def test_the_api_says_the_same_as_the_page(life: Life) -> None:
    me = signed_in(life.town.person)
    before = me.get("/api/v1/me/erasure").json()
    assert (before["status"], before["obstacles"]) == ("none", [])
    assert {line["reason"] for line in before["stays"]} >= {
        "Applications of this service are kept by 7 CFR 272.1(f)."
    }
    assert me.delete("/api/v1/me/erasure").status_code == 404
    asked = me.post("/api/v1/me/erasure")
    assert (asked.status_code, asked.json()["status"]) == (201, "requested")
    assert me.delete("/api/v1/me/erasure").json()["status"] == "withdrawn"
    assert signed_in(officer(life.first)).get("/api/v1/me/erasure").status_code == 403


def test_holds_are_placed_and_released_on_a_page(life: Life) -> None:
    first, second = signed_in(officer(life.first)), signed_in(officer(life.second))
    case = life.cases[0]

    for target, reason, says in (
        ("nonsense", "court", "There is no such matter"),
        (str(life.person), "", "Say why"),
    ):
        wrong = first.post("/workbench/holds/place/", {"target": target, "reason": reason})
        assert (wrong.status_code, says in text(wrong)) == (422, True)
    assert first.post("/workbench/holds/place/", {"target": str(uuid4()), "reason": "x"}).status_code == 404
    for target in (case.stream, str(life.person), case.stream):
        first.post("/workbench/holds/place/", {"target": target, "reason": "court file 7"})
    standing = Hold.objects.filter(released_at=None)
    assert standing.count() == 2
    assert "court file 7" in text(first.get("/workbench/holds/"))
    assert "hold" in text(signed_in(life.town.person).get("/me/erasure/"))
    for hold in standing:
        path = f"/workbench/holds/{hold.pk}"
        assert first.post(f"{path}/ask-release/", {}).status_code == 422
        assert first.post(f"{path}/release/").status_code == 409  # nobody has asked
        first.post(f"{path}/ask-release/", {"release_reason": "settled out of court"})
        assert "Another officer has to agree. It stands until then." in text(first.get("/workbench/holds/"))
        assert first.post(f"{path}/release/").status_code == 409
        shown = text(second.get("/workbench/holds/"))
        assert f"{officer(life.first).name} says that it may end: settled out of court" in shown
        second.post(f"{path}/keep/")
        assert "settled out of court" not in text(second.get("/workbench/holds/"))
        second.post(f"{path}/ask-release/", {"release_reason": "over"})
        first.post(f"{path}/release/")
    assert not Hold.objects.filter(released_at=None).exists()
    assert "No hold stands" in text(first.get("/workbench/holds/"))


def test_a_hold_on_a_matter_is_placed_as_the_ledger_writes_it_or_refused(life: Life) -> None:
    first = signed_in(officer(life.first))
    number = life.cases[0].pk

    for target in (f"cases:{number}", f"case:{uuid4()}", f"person:{uuid4()}"):
        wrong = first.post("/workbench/holds/place/", {"target": target, "reason": "court"})
        assert (wrong.status_code, "There is no such matter." in text(wrong)) == (422, True)
    standing = Hold.objects.filter(released_at=None)
    assert not standing.exists()
    for target in (
        f"case:{str(number).upper()}",
        f"case:{number.hex}",
        f"Case:{number}",
        f" case:{number} ",
        life.cases[0].reference,
        life.cases[0].reference.lower().replace("-", " "),
    ):
        assert (
            first.post("/workbench/holds/place/", {"target": target, "reason": "court"}).status_code == 302
        ), target
    assert [hold.stream for hold in standing.all()] == [life.cases[0].stream]


def test_a_hold_is_placed_on_no_matter_of_another_agency(life: Life) -> None:
    first, case = signed_in(officer(life.first)), life.cases[0]
    Case.objects.filter(pk=case.pk).update(agency="transportation")

    for target in (case.reference, case.stream):
        wrong = first.post("/workbench/holds/place/", {"target": target, "reason": "court"})
        assert (wrong.status_code, "There is no such matter." in text(wrong)) == (422, True)
    assert not Hold.objects.filter(released_at=None).exists()


def test_pages_of_erasures_and_holds_are_for_those_who_may(life: Life) -> None:
    caseworker = signed_in(life.town.workers["officer"])
    for path in ("/workbench/erasures/", "/workbench/holds/", f"/workbench/erasures/of/{life.person}/"):
        assert caseworker.get(path).status_code == 403
    assert signed_in(officer(life.first)).get(f"/workbench/erasures/{uuid4()}/").status_code == 404
    assert Client().get("/me/erasure/").status_code == 302
    assert signed_in(life.town.person).post("/me/erasure/withdraw/").status_code == 404


def test_a_list_of_erasures_takes_the_same_queries_for_one_and_for_three(
    life: Life, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from tests.factories.people import make_person

    first = signed_in(officer(life.first))

    def asked(path: str) -> int:
        first.get(path)
        with CaptureQueriesContext(connection) as captured:
            first.get(path)
        return len(captured)

    counts = []
    for number in (1, 2):
        for _one in range(number):
            person = make_person()
            Erasure.objects.create(
                person_id=person.pk, requested_by="resident:x", requested_at=AT + timedelta(number)
            )
            Hold.objects.create(subject=person.pk, reason="x", placed_by="x", placed_at=AT)
        counts.append((asked("/workbench/erasures/"), asked("/workbench/holds/")))
    assert counts[0] == counts[1]


def test_officers_deal_with_holds_and_erasures_through_the_api(life: Life) -> None:
    first, second = signed_in(officer(life.first)), signed_in(officer(life.second))

    def send(client: Client, path: str, body: Any = None) -> Any:
        return client.post(f"/api/v1/workbench/{path}", body or {}, content_type="application/json")

    wanted = {"matter": life.cases[0].reference, "reason": "court"}
    placed = send(first, "holds", wanted)
    path = f"holds/{placed.json()['id']}"
    assert (placed.status_code, placed.json()["stream"]) == (201, life.cases[0].stream)
    assert send(first, "holds", {"matter": "nonsense", "reason": "x"}).json()["fields"].keys() == {"target"}
    assert send(first, f"{path}/release").json()["code"] == "hold-moved-on"
    assert send(first, f"{path}/ask-release", {"reason": "settled"}).json()["is_release_asked"]
    assert send(first, f"{path}/release").json()["code"] == "second-officer-needed"
    (listed,) = second.get("/api/v1/workbench/holds").json()
    assert (listed["reason"], listed["release_reason"]) == ("court", "settled")
    assert not send(second, f"{path}/keep").json()["is_release_asked"]
    send(second, f"{path}/ask-release", {"reason": "over"})
    assert send(first, f"{path}/release").status_code == 200
    assert first.get("/api/v1/workbench/holds").json() == []

    asked = actions.request_erasure(life.person, by=life.town.resident, at=AT)
    path = f"erasures/{asked.pk}"
    assert send(first, f"{path}/check").json()["agency"] == "human-services"
    assert send(first, f"{path}/confirm").json()["code"] == "second-officer-needed"
    assert [each["status"] for each in second.get("/api/v1/workbench/erasures").json()] == ["checked"]
    assert send(second, f"{path}/refuse", {"answer": "Not yet."}).json()["status"] == "refused"
    assert first.get("/api/v1/workbench/erasures").json() == []
    caseworker = signed_in(life.town.workers["officer"])
    for path in ("holds", "erasures"):
        assert caseworker.get(f"/api/v1/workbench/{path}").status_code == 403

"""The pages and the API of disputes, for those who report and for those who answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.people import AT, make_fact
from tests.kernel.disputes.conftest import Records

from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.disputes.actions import accept_dispute, claim_dispute, report_fact
from commonweal.kernel.disputes.loading import read_corrections
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.people.queries import facts_about

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return response.content.decode()  # type: ignore[no-any-return]  # of a test's answer


def test_a_resident_says_that_a_known_value_is_wrong_and_goes_on(records: Records) -> None:
    client, sheet = records.client(), records.begin()
    wrong = f"/drafts/{sheet}/wrong/dwelling_id/"
    shown = text_of(client.get(f"/drafts/{sheet}/pages/home/"))
    assert "We know this from: tests" in shown
    assert wrong in shown

    form = text_of(client.get(wrong))
    assert "HP-0042" in form
    assert "within 10 working days" in form
    refused = client.post(wrong, {"revision": "0", "dwelling_id": "HP-0099", "reason": ""})
    assert refused.status_code == 422
    assert 'value="HP-0099"' in text_of(refused), "nothing that was typed is lost"
    file = SimpleUploadedFile("lease.pdf", b"%PDF-1.7\n%%EOF")
    sent = {"revision": "0", "dwelling_id": "HP-0099", "reason": "I moved.", "proof": file}
    dispute_page = client.post(wrong, sent)["Location"]

    said = text_of(client.get(dispute_page))
    assert "We look into what you reported" in said
    assert "lease.pdf" in said
    assert f"/drafts/{sheet}/" in said
    page = text_of(client.get(f"/drafts/{sheet}/pages/home/"))
    assert "There it says: HP-0042" in page
    assert 'value="HP-0099"' in page
    home = text_of(client.get("/me/"))
    assert "Wrong in our records: Number of your dwelling" in home
    assert "being looked into" in home
    again = client.post(wrong, {"revision": "1", "dwelling_id": "HP-0098", "reason": "Again."})
    assert again.status_code == 409
    assert "We are looking into it" in text_of(again)


def test_a_list_is_reported_in_words(records: Records) -> None:

    publish_folder("food-assistance", by=Actor.system("tests"), at=AT)
    client, sheet = records.client(), records.begin("food-assistance")
    assert f"/drafts/{sheet}/wrong/members/" in text_of(client.get(f"/drafts/{sheet}/pages/household/"))
    wrong = f"/drafts/{sheet}/wrong/members/"
    sent = {"revision": "0", "claimed": "Bo is called Bob.", "reason": "Misspelt."}
    assert client.post(wrong, sent | {"claimed": ""}).status_code == 422
    client.post(wrong, sent)
    officer = records.client("officer")
    shown = text_of(officer.get(f"/workbench/corrections/{Dispute.objects.get().reference}/"))
    assert "Bo is called Bob." in shown
    assert 'name="value-0-name"' in shown


def test_an_officer_takes_it_and_puts_the_record_right(records: Records) -> None:
    dispute, officer = records.report(), records.client("officer")
    place = f"/workbench/corrections/{dispute.reference}/"
    assert dispute.reference in text_of(officer.get("/workbench/corrections/"))
    assert "HP-0099" in text_of(officer.get(place))
    officer.post(f"{place}claim", {"revision": "1"})
    assert dispute.reference in text_of(officer.get("/workbench/corrections/?show=mine"))
    assert officer.post(f"{place}accept", {"revision": "2", "value": "HP-0042"}).status_code == 422
    officer.post(f"{place}accept", {"revision": "2", "value": "HP-0099"})
    assert facts_about(records.person.pk)["dwelling_id"].value == "HP-0099"
    assert dispute.reference not in text_of(officer.get("/workbench/corrections/"))
    own = text_of(records.client().get(f"/me/corrections/{dispute.reference}/"))
    assert "We have put your record right" in own
    for client in (records.client("stranger"), Client()):
        assert client.get(place).status_code in {302, 404}


def test_an_officer_refuses_and_the_resident_reads_why(records: Records) -> None:
    dispute, officer = records.report(), records.client("officer")
    place = f"/workbench/corrections/{dispute.reference}/"
    officer.post(f"{place}claim", {})
    officer.post(f"{place}release", {})
    sent = {"reasons": "The lease names the old home.", "legal_ground": "PAMC 11.24.030"}
    assert officer.post(f"{place}refuse", sent | {"revision": "9"}).status_code == 409
    officer.post(f"{place}refuse", sent | {"revision": "3"})
    own = text_of(records.client().get(f"/me/corrections/{dispute.reference}/"))
    for said in (
        "The lease names the old home.",
        "PAMC 11.24.030",
        "If you do not agree",
        "Hearing Examiner",
    ):
        assert said in own


def test_the_queue_costs_the_same_with_one_report_and_with_three(records: Records) -> None:
    officer = records.client("officer")

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            officer.get("/workbench/corrections/")
        return len(found)

    first = records.report()
    officer.get("/workbench/corrections/")
    one = cost()
    for number in (2, 3):
        Dispute.objects.filter(pk=first.pk).update(record_hash=str(number))
        first = records.report()
    assert Dispute.objects.count() == 3
    assert cost() == one


def test_the_api_reports_lists_and_answers(records: Records) -> None:
    resident, officer, sheet = records.client(), records.client("officer"), records.begin()

    def post(client: Client, path: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api/v1{path}", body, content_type="application/json")

    body = {"question": "dwelling_id", "answer": "HP-0099", "reason": "I moved.", "revision": 0}
    raised = post(resident, f"/drafts/{sheet}/disputes", body)
    assert raised.status_code == 201
    reference = raised.json()["reference"]
    assert [each["reference"] for each in resident.get("/api/v1/disputes").json()] == [reference]
    assert officer.get("/api/v1/workbench/disputes").json()[0]["held"] == "HP-0042"
    place = f"/workbench/disputes/{reference}"
    assert post(officer, f"{place}/claim", {}).json()["revision"] == 2
    done = post(officer, f"{place}/accept", {"value": {"value": "HP-0099"}, "revision": 2})
    assert (done.status_code, done.json()["status"]) == (200, "accepted")
    refused = post(officer, f"{place}/refuse", {"reasons": "x", "legal_ground": "y", "revision": 3})
    assert refused.status_code == 409
    assert resident.get(f"/api/v1/disputes/{reference}").json()["corrected"] == "HP-0099"


def test_what_nobody_keeps_has_no_link(records: Records) -> None:
    make_fact(records.person, "email", "a@example.org")
    client, sheet = records.client(), records.begin()
    shown = text_of(client.get(f"/drafts/{sheet}/pages/contact/"))
    assert "We know this from" in shown
    assert "/wrong/" not in shown
    assert client.get(f"/drafts/{sheet}/wrong/email/").status_code == 404


def test_a_file_that_names_what_there_is_not_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jurisdiction.yaml").write_text(
        Path("jurisdictions/port-alder/jurisdiction.yaml").read_text()
    )
    assert read_corrections(tmp_path) == (None, [])
    (tmp_path / "corrections.yaml").write_text(
        "working_days: 10\nkept_years: 3\nappeal: {days: 30, text: Write., legal_basis: X}\n"
        "facts: {birth_date: resident-record}\nregisters: {vehicle: parking}\n"
    )
    found, problems = read_corrections(tmp_path)
    assert [(each.line, each.code) for each in problems] == [
        (4, "corrections.team"),
        (5, "corrections.register"),
    ]
    assert "resident-records" in problems[0].hint
    (tmp_path / "corrections.yaml").write_text("working_days: 0\n")
    assert read_corrections(tmp_path)[0] is None
    assert found is not None


def test_a_resident_says_that_something_we_know_is_wrong_without_an_application(records: Records) -> None:
    make_fact(records.person, "shoe_size", 44)
    client = records.client()
    wrong = "/me/details/dwelling_id/wrong/"
    details = text_of(client.get("/me/details/"))
    assert f'href="{wrong}"' in details
    assert "/me/details/shoe_size/wrong/" not in details, "nobody puts that right"

    form = text_of(client.get(wrong))
    assert "HP-0042" in form
    assert "within 10 working days" in form
    assert "Your application" not in form
    refused = client.post(wrong, {"claimed": "HP-0099", "reason": " "})
    assert refused.status_code == 422
    assert "HP-0099" in text_of(refused), "nothing that was typed is lost"
    file = SimpleUploadedFile("lease.pdf", b"%PDF-1.7\n%%EOF")
    there = client.post(wrong, {"claimed": "HP-0099", "reason": "I moved.", "proof": file})["Location"]

    said = text_of(client.get(there))
    assert "lease.pdf" in said
    assert "Go on with your application" not in said
    again = client.post(wrong, {"claimed": "HP-0098", "reason": "Again."})
    assert again.status_code == 409
    assert "We are looking into it" in text_of(again)
    dispute = Dispute.objects.get()
    assert (dispute.version_id, dispute.sheet_id, dispute.claimed) == (None, None, "HP-0099")
    shown = text_of(records.client("officer").get(f"/workbench/corrections/{dispute.reference}/"))
    assert "HP-0099" in shown
    assert client.get("/me/details/shoe_size/wrong/").status_code == 404
    assert client.get("/me/details/birth_date/wrong/").status_code == 409  # nothing is held
    assert Client().get(wrong).status_code == 302


def test_what_was_reported_without_an_application_is_put_right_by_letter(records: Records) -> None:
    dispute = report_fact("dwelling_id", claimed="HP-0099", reason="I moved.", by=records.resident, at=AT)
    claim_dispute(dispute.pk, by=records.officer, at=AT)
    accept_dispute(dispute.pk, {"value": "HP-0099"}, revision=2, by=records.officer, at=AT)

    assert facts_about(records.person.pk)["dwelling_id"].value == "HP-0099"
    message = Message.objects.get()
    assert (message.version_id, message.service_key) == (None, "")
    assert "It says now: HP-0099" in message.body.replace("\\", "")

"""Files of an application: on its pages, piece by piece, in the API, and before the officer."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town
from tests.kernel.cases.test_parking import answers, officer_of, parking  # noqa: F401 - the fixture
from tests.kernel.cases.test_portal import Draft, text_of

from commonweal.kernel.base import clock
from commonweal.kernel.cases.actions import dispose, withdraw
from commonweal.kernel.cases.models import Case
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.models import StoredFile, Upload
from commonweal.kernel.ledger.queries import accesses_to
from commonweal.kernel.people.models import Account

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
VEHICLE = {"number_plate": "ABC1234", "vehicle_registered_to": "leasing", "letter_available": "yes"}
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    settings.MEDIA_ROOT, settings.COMMONWEAL_CLAMD = str(tmp_path), ""


@pytest.fixture
def as_resident(parking: Town, client: Client) -> Client:  # noqa: F811 - the fixture
    assert parking.person.account is not None
    client.force_login(parking.person.account)
    return client


@pytest.fixture
def draft(as_resident: Client) -> Draft:
    """An application whose page for the vehicle asks for the letter."""
    begun = Draft(as_resident, "/services/parking-permit/start")
    begun.send("page", "home", dwelling_id="OM-0001", off_street_spaces="0")
    begun.send("page", "vehicle", number_plate="ABC1234", vehicle_registered_to="leasing")
    begun.send("page", "vehicle", **VEHICLE)
    return begun


def pdf(name: str = "letter.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def letters(draft: Draft) -> list[str]:
    return [file["name"] for file in draft.sheet.answers.get("driver_letter") or []]


def finish(draft: Draft) -> Case:
    draft.send("page", "vehicle", **VEHICLE, driver_letter=pdf())
    draft.send(
        "page",
        "permit",
        **{"start_date-day": "1", "start_date-month": "10", "start_date-year": "2026", "blue_badge": "no"},
    )
    draft.send("page", "income", low_income_reason="none")
    draft.send("page", "contact", email="resident@example.org")
    assert draft.send("review").status_code == 302
    return Case.objects.get()


def test_several_files_come_with_the_page_and_it_goes_on(draft: Draft) -> None:
    page = text_of(draft.client.get(draft.path("page", "vehicle")))
    assert 'enctype="multipart/form-data"' in page
    assert "Up to 3 files, each up to 10 MB" in page

    there = draft.send("page", "vehicle", **VEHICLE, driver_letter=[pdf(), pdf("again.pdf")])["Location"]

    assert there == draft.path("page", "permit")
    assert letters(draft) == ["letter.pdf", "again.pdf"]


def test_a_refused_file_stands_beside_the_field_and_nothing_else_is_lost(draft: Draft) -> None:
    bad = pdf("<b>\u202egpj.svg", b"<svg/>")
    answer = draft.send("page", "vehicle", **VEHICLE | {"number_plate": "zzz999"}, driver_letter=[pdf(), bad])

    assert answer.status_code == 422
    assert "We cannot take this kind of file here. Send a PDF or a photo" in text_of(answer)
    assert "<b>" not in text_of(answer)
    assert letters(draft) == ["letter.pdf"]
    assert draft.sheet.answers["number_plate"] == "ZZZ999"


def test_other_mistakes_do_not_lose_a_good_file(draft: Draft) -> None:
    answer = draft.send("page", "vehicle", **VEHICLE | {"number_plate": "?"}, driver_letter=pdf())

    assert answer.status_code == 422
    assert "letter.pdf" in text_of(answer)
    assert 'value="?"' in text_of(answer)
    again = draft.send("page", "vehicle", **VEHICLE)  # the file is there already
    assert again["Location"] == draft.path("page", "permit")


def test_files_are_uploaded_and_removed_without_leaving_the_page(draft: Draft) -> None:
    typed = VEHICLE | {"number_plate": "half"}
    shown = draft.send("page", "vehicle", **typed, driver_letter=pdf(), **{"hand-in": "driver_letter"})
    assert (shown.status_code, letters(draft)) == (200, ["letter.pdf"])
    assert 'value="half"' in text_of(shown)
    file = StoredFile.objects.get()
    assert f'value="driver_letter:{file.pk}"' in text_of(shown)

    removed = draft.send("page", "vehicle", **typed, **{"remove-file": f"driver_letter:{file.pk}"})

    assert (removed.status_code, letters(draft)) == (200, [])
    assert 'value="half"' in text_of(removed)
    for wrong in ("driver_letter:nonsense", f"driver_letter:{uuid4()}", f"number_plate:{file.pk}"):
        assert draft.send("page", "vehicle", **typed, **{"remove-file": wrong}).status_code < 500


def test_a_stale_page_keeps_its_files_and_says_so(draft: Draft) -> None:
    answer = draft.send(
        "page", "vehicle", revision=0, **VEHICLE | {"number_plate": "NEW1"}, driver_letter=pdf()
    )

    assert answer.status_code == 409
    assert letters(draft) == ["letter.pdf"]
    assert draft.sheet.answers["number_plate"] == "ABC1234"


def test_the_review_links_to_files_of_ones_own_draft_alone(draft: Draft) -> None:
    draft.send("page", "vehicle", **VEHICLE, driver_letter=pdf())
    file = StoredFile.objects.get()
    address = f"/drafts/{draft.pk}/files/{file.pk}/"
    assert address in text_of(draft.client.get(draft.path("review")))

    answer = draft.client.get(address)

    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert Client().get(address).status_code == 404
    StoredFile.objects.update(scan=Scan.INFECTED)
    assert draft.client.get(address).status_code == 410
    assert address not in text_of(draft.client.get(draft.path("review")))


def test_the_officer_opens_the_file_of_a_case_and_the_access_is_recorded(draft: Draft, parking: Town) -> None:  # noqa: F811
    case = finish(draft)
    file = StoredFile.objects.get()
    assert (file.stream, file.subject) == (case.stream, case.applicant_id)
    address = f"/files/{file.pk}/"
    assert address in text_of(draft.client.get(f"/cases/{case.reference}/"))
    officer = Client()
    officer.force_login(Account.objects.get(officer__pk=officer_of(parking).id))

    assert address in text_of(officer.get(f"/workbench/cases/{case.reference}/"))
    answer = officer.get(address)

    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert "download of a file" in [each.purpose for each in accesses_to(case.applicant_id)]
    other = Client()
    other.force_login(Account.objects.get(officer__pk=parking.officer.id))
    assert other.get(address).status_code == 404


def test_files_go_with_their_case(draft: Draft, parking: Town) -> None:  # noqa: F811
    case = finish(draft)
    closed = withdraw(case.pk, by=parking.resident, at=AT)
    assert closed.dispose_on is not None

    dispose(case.pk, on=closed.dispose_on, by=officer_of(parking), at=AT)

    assert StoredFile.objects.get().deleted_at is not None


class Sender:
    """Speaks tus as a browser does."""

    def __init__(self, draft: Draft) -> None:
        self.client = draft.client
        self.address = f"/drafts/{draft.pk}/uploads/driver_letter/"

    def begin(self, size: int, name: str = "letter.pdf", **headers: str) -> Any:
        said = f"filename {base64.b64encode(name.encode()).decode()},filetype YXBw"
        more = {"Upload-Length": str(size), "Upload-Metadata": said, **TUS, **headers}
        return self.client.post(self.address, headers=more)

    def patch(self, there: str, offset: int, piece: bytes, kind: str = PIECE) -> Any:
        headers = {"Upload-Offset": str(offset), **TUS}
        return self.client.patch(there, piece, content_type=kind, headers=headers)

    def head(self, there: str) -> Any:
        return self.client.head(there, headers=TUS)


@pytest.fixture
def sender(draft: Draft) -> Sender:
    return Sender(draft)


def test_a_file_comes_in_pieces_and_goes_on_where_it_stopped(sender: Sender, draft: Draft) -> None:
    begun = sender.begin(len(PDF), "Zahlung für Müller.pdf")
    there = begun["Location"]
    assert (begun.status_code, begun["Tus-Resumable"], begun["Upload-Offset"]) == (201, "1.0.0", "0")

    assert sender.patch(there, 0, PDF[:10])["Upload-Offset"] == "10"
    standing = sender.head(there)
    assert (standing["Upload-Offset"], standing["Upload-Length"]) == ("10", str(len(PDF)))
    before = draft.sheet.revision
    done = sender.patch(there, 10, PDF[10:])

    assert (done.status_code, done["Upload-Offset"]) == (204, str(len(PDF)))
    assert (done["Form-Revision-Before"], done["Form-Revision"]) == (str(before), str(before + 1))
    assert letters(draft) == ["Zahlung für Müller.pdf"]
    assert (Upload.objects.count(), sender.head(there).status_code) == (0, 404)


def test_what_is_no_upload_is_refused_by_the_protocol(sender: Sender, draft: Draft) -> None:
    there = sender.begin(len(PDF))["Location"]

    assert sender.patch(there, 5, PDF).status_code == 409
    assert sender.patch(there, 0, PDF, kind="text/plain").status_code == 415
    assert draft.client.post(sender.address).status_code == 412
    for headers in ({"Upload-Length": "-1"}, {"Upload-Length": ""}, {"Upload-Metadata": "filename ?"}):
        assert sender.begin(1, **headers).status_code == 400
    for address in (there, sender.address):
        assert draft.client.put(address, headers=TUS).status_code == 405
    options = draft.client.options(sender.address)
    assert (options.status_code, options["Tus-Extension"]) == (204, "creation,termination,expiration")


def test_a_refused_file_is_forgotten_and_the_answer_says_why(sender: Sender) -> None:
    too_large = sender.begin(20_000_000)
    assert "larger than 10 MB" in too_large.json()["fields"]["driver_letter"]
    there = sender.begin(6, "x.svg")["Location"]

    refused = sender.patch(there, 0, b"<svg/>")

    assert refused.status_code == 422
    assert "We cannot take this kind of file here." in refused.json()["fields"]["driver_letter"]
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_an_upload_can_be_given_up_and_is_nobody_elses(sender: Sender, draft: Draft) -> None:
    there = sender.begin(len(PDF))["Location"]
    assert Client().head(there, headers=TUS).status_code == 404

    assert sender.client.delete(there, headers=TUS).status_code == 204
    assert sender.head(there).status_code == 404


def test_a_file_by_the_api_is_named_in_the_answers(parking: Town, as_resident: Client) -> None:  # noqa: F811
    begun = as_resident.post("/api/v1/services/parking-permit/drafts").json()
    draft = f"/api/v1/drafts/{begun['id']}"
    given = answers(vehicle_registered_to="leasing", letter_available=True)

    def put(revision: int, **more: Any) -> Any:
        body = {"answers": given | more, "revision": revision}
        return as_resident.put(f"{draft}/answers", body, content_type="application/json")

    def hand_in(file: SimpleUploadedFile, key: str = "1") -> Any:
        return as_resident.post(
            f"{draft}/files/driver_letter", {"file": file}, headers={"Idempotency-Key": key}
        )

    assert put(0).json()["fields"] == {"driver_letter": "Hand in the letter."}
    first = hand_in(pdf())
    assert (first.status_code, hand_in(pdf()).json()) == (201, first.json())  # sent again, done once
    assert hand_in(pdf(content=PDF + b"\n")).status_code == 409  # the same key with another file
    refused = hand_in(pdf("x.svg", b"<svg/>"), "2")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["driver_letter"])
    second = hand_in(pdf(), "3").json()
    back = as_resident.delete(f"{draft}/files/driver_letter/{second['id']}")
    assert back.status_code == 200

    named = put(back.json()["revision"], driver_letter=[first.json()["id"]])

    assert named.status_code == 200
    assert [file["id"] for file in named.json()["answers"]["driver_letter"]] == [first.json()["id"]]
    sent = as_resident.post(
        f"{draft}/submit", {"revision": named.json()["revision"]}, content_type="application/json"
    )
    assert sent.status_code == 201
    assert StoredFile.objects.get(deleted_at=None).stream == Case.objects.get().stream

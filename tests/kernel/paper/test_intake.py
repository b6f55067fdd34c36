from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.people import AT, make_officer
from tests.kernel.cases.conftest import Town, food_answers
from tests.kernel.paper.conftest import FOOD
from tests.kernel.paper.pdfs import marks, texts

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.queries import live_version
from commonweal.kernel.counter.plugins import for_whom
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.files.queries import files_of, kept_files
from commonweal.kernel.forms.actions import answer_all, answer_page, start_sheet
from commonweal.kernel.forms.errors import SheetSubmitted
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.queries import accesses_to, events_of
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.paper import actions, pictures
from commonweal.kernel.paper.codes import new_code
from commonweal.kernel.paper.errors import (
    CodeMisread,
    CodeUnknown,
    LimitPassed,
    ReceivedTooLongAgo,
    ScanClosed,
    ScanNotFound,
    SeveralForms,
)
from commonweal.kernel.paper.models import Copy, Scan
from commonweal.kernel.paper.queries import (
    blank_form,
    limit_for,
    meaning_of,
    open_scans,
    passed_limit,
    printed_draft,
    scan_for,
)
from commonweal.kernel.paper.telling import told_of_limit
from commonweal.kernel.people.models import Person
from commonweal.kernel.people.queries import actor_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_a_day", "own_files")]
TODAY = clock.local(AT).date()
EARLIER = TODAY - timedelta(days=6)


def code_of(paper: bytes) -> str:
    found = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", texts(paper)[0])
    assert found
    return found[0]


def taken(paper: bytes, by: Actor, *, code: str = "", received_on: date = EARLIER) -> Scan:
    """A scan; with a code that was typed, nothing looks at it, which is quicker."""
    return actions.take_in(paper, name="scan.pdf", received_on=received_on, by=by, at=AT, code=code)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the extra ``paper``."""
    monkeypatch.setattr(pictures, "can_look", lambda: False)


def sent(scan: Scan, by: Actor, **changes: Any) -> Case:
    assert scan.sheet_id
    acting = for_whom(f"/drafts/{scan.sheet_id}/", by)
    revision = Sheet.objects.get(pk=scan.sheet_id).revision
    saved = answer_all(scan.sheet_id, food_answers(**changes), revision=revision, by=acting, at=AT)
    assert scan.person_id
    return submit(scan.sheet_id, applicant_id=scan.person_id, revision=saved.revision, by=acting, at=AT)


def test_a_form_on_paper_becomes_an_application_of_the_day_on_which_it_came(
    town: Town, by: Actor, paper: bytes
) -> None:
    scan = taken(paper, by)
    scan = actions.begin(scan.pk, town.person.pk, by=by, at=AT)
    case = sent(scan, by)
    actions.keep_as_evidence(case.sheet_id, to=case.stream, subject=case.applicant_id, by=by, at=AT)
    actions.keep_as_evidence(case.sheet_id, to=case.stream, subject=case.applicant_id, by=by, at=AT)

    assert scan.code == code_of(paper)
    assert scan.pages == len(texts(paper))
    assert clock.local(case.opened_at).date() == EARLIER
    assert case.channel == "post"
    assert case.applicant_id == town.person.pk
    kept = files_of(case.stream).get()
    assert (kept.subject, kept.retention_on) == (town.person.pk, None)
    stored = Scan.objects.get(pk=scan.pk)
    assert stored.sent_at == AT
    assert [event.type for event in events_of(stored.stream)] == [
        "files.stored",
        "paper.taken_in",
        "paper.begun",
        "paper.kept",
    ]
    assert list(open_scans(by)) == []
    work = Client()
    work.force_login(town.workers["officer"].account)
    assert (
        f'href="/files/{kept.pk}/">scan.pdf</a>'
        in work.get(f"/workbench/cases/{case.reference}/").content.decode()
    )
    assert b"".join(work.get(f"/files/{kept.pk}/").streaming_content) == paper


def test_the_law_of_the_day_of_receipt_counts_and_the_time_to_answer_runs_from_it(
    town: Town, by: Actor, paper: bytes, blind: None
) -> None:
    late = sent(actions.begin(taken(paper, by, code=code_of(paper)).pk, town.person.pk, by=by, at=AT), by)
    prompt = town.send(food_answers())

    assert late.due_on < prompt.due_on
    assert clock.local(prompt.opened_at).date() == TODAY


def test_what_came_in_today_counts_from_now_at_the_latest(
    town: Town, by: Actor, paper: bytes, blind: None
) -> None:
    scan = taken(paper, by, code=code_of(paper), received_on=TODAY)
    scan = actions.begin(scan.pk, town.person.pk, by=by, at=AT)
    received_at = Sheet.objects.get(pk=scan.sheet_id).received_at

    assert received_at is not None
    assert received_at <= AT
    assert clock.local(received_at).date() == TODAY


@pytest.mark.parametrize(
    ("code", "error"),
    [("7K3M-2QX9", CodeMisread), ("not a code at all", CodeMisread), (new_code("f" * 64), CodeUnknown)],
    ids=["misread", "no-code", "unknown"],
)
def test_a_wrong_code_is_refused_and_its_scan_is_not_kept(
    by: Actor, paper: bytes, code: str, error: type[Invalid]
) -> None:
    with pytest.raises(error):
        taken(paper, by, code=code)

    assert not Scan.objects.exists()


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=400)])
def test_a_day_of_receipt_is_not_in_the_future_and_not_long_ago(by: Actor, paper: bytes, day: date) -> None:
    with pytest.raises(Invalid):
        taken(paper, by, received_on=day)


def test_one_upload_holds_one_application(by: Actor, paper: bytes) -> None:
    from_two = pypdfium2.PdfDocument.new()
    for each in (paper, blank_form(FOOD, "en", at=AT + timedelta(minutes=10))):
        from_two.import_pages(pypdfium2.PdfDocument(each), [0])
    made = BytesIO()
    from_two.save(made)

    with pytest.raises(SeveralForms):
        taken(made.getvalue(), by)

    assert not Scan.objects.exists()
    assert not StoredFile.objects.filter(deleted_at=None).exists()


def test_without_a_decoder_the_officer_types_the_code(
    town: Town, by: Actor, paper: bytes, blind: None
) -> None:
    scan = taken(paper, by)

    assert (scan.code, scan.pages) == ("", 0)
    with pytest.raises(CodeMisread):
        actions.begin(scan.pk, town.person.pk, by=by, at=AT)
    with pytest.raises(CodeMisread):
        actions.enter_code(scan.pk, "", by=by, at=AT)
    assert actions.enter_code(scan.pk, code_of(paper).lower(), by=by, at=AT).service_key == FOOD


def test_a_printed_draft_comes_back_to_itself(town: Town, by: Actor, blind: None) -> None:
    sheet = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    answer_page(sheet, "savings", {"resources": "120"}, revision=0, by=town.resident, at=AT)
    copy = actions.print_draft(sheet, "es", by=town.resident, at=AT)
    pdf, owner = printed_draft(copy.pk, by=town.resident, at=AT)
    scan = actions.begin(taken(pdf, by, code=copy.code).pk, UUID(int=0), by=by, at=AT)
    case = sent(scan, by)

    assert owner == town.person.pk
    assert " ".join(texts(pdf)).count("120") == 1
    assert marks(pdf)[0] == f"CW/{copy.code}/1"
    assert copy.language == "es"
    assert meaning_of(copy.code).is_draft
    assert case.sheet_id == sheet
    assert clock.local(case.opened_at).date() == EARLIER
    with pytest.raises(ScanClosed):
        actions.print_draft(sheet, "en", by=town.resident, at=AT)


def test_a_draft_that_was_sent_on_a_screen_is_not_taken_in_twice(town: Town, by: Actor, blind: None) -> None:
    sheet = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    copy = actions.print_draft(sheet, "en", by=town.resident, at=AT)
    saved = answer_all(sheet, food_answers(), revision=0, by=town.resident, at=AT)
    submit(sheet, applicant_id=town.person.pk, revision=saved.revision, by=town.resident, at=AT)
    scan = taken(printed_draft(copy.pk, by=town.resident, at=AT)[0], by, code=copy.code)

    with pytest.raises(SheetSubmitted):
        actions.begin(scan.pk, town.person.pk, by=by, at=AT)


def test_of_a_draft_that_is_gone_a_new_form_begins_for_its_owner(town: Town, by: Actor, blind: None) -> None:
    sheet = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    copy = actions.print_draft(sheet, "en", by=town.resident, at=AT)
    pdf, _owner = printed_draft(copy.pk, by=town.resident, at=AT)
    Sheet.objects.filter(pk=sheet).delete()
    scan = actions.begin(taken(pdf, by, code=copy.code).pk, UUID(int=0), by=by, at=AT)

    assert scan.sheet_id != sheet
    assert scan.person_id == town.person.pk


def test_what_cannot_be_read_is_asked_for_by_letter(town: Town, by: Actor, paper: bytes, blind: None) -> None:
    scan = taken(paper, by, code=code_of(paper))
    with pytest.raises(Invalid):
        actions.ask_by_letter(scan.pk, "Your age?", by=by, at=AT)
    scan = actions.begin(scan.pk, town.person.pk, by=by, at=AT)
    with pytest.raises(Invalid):
        actions.ask_by_letter(scan.pk, "  ", by=by, at=AT)
    actions.ask_by_letter(scan.pk, "We cannot read your age.", by=by, at=AT)

    assert [message.subject for message in messages_about(scan.stream)] == [
        "Your form on paper: Food assistance"
    ]


def test_a_scan_taken_in_by_mistake_is_thrown_away(town: Town, by: Actor, paper: bytes, blind: None) -> None:
    scan = taken(paper, by, code=code_of(paper))
    actions.discard(scan.pk, by=by, at=AT)
    actions.discard(scan.pk, by=by, at=AT)

    assert kept_files([scan.file_id])[scan.file_id].is_deleted
    with pytest.raises(ScanClosed):
        actions.begin(scan.pk, town.person.pk, by=by, at=AT)


def test_only_officers_of_the_agency_see_what_came_in(
    town: Town, by: Actor, paper: bytes, blind: None
) -> None:
    scan = taken(paper, by, code=code_of(paper))
    elsewhere = actor_of(make_officer(roles=("counter",), agency="transportation").account)

    with pytest.raises(ScanNotFound):
        scan_for(scan.pk, actor=elsewhere)
    with pytest.raises(ScanNotFound):
        actions.begin(scan.pk, town.person.pk, by=elsewhere, at=AT)
    for stranger in (town.officer, town.resident):
        with pytest.raises(Forbidden):
            taken(paper, stranger)


def test_an_older_form_and_one_of_a_closed_service_are_told(by: Actor, paper: bytes) -> None:
    code = code_of(paper)
    assert (meaning_of(code).is_current, meaning_of(code).is_offered) == (True, True)

    set_status(live_version(FOOD).pk, Status.CLOSED, by=Actor.system("tests"), at=AT)

    assert (meaning_of(code).is_current, meaning_of(code).is_offered) == (False, False)


def test_an_officer_takes_in_a_form_and_types_it_in_beside_its_scan(
    town: Town, desk: Client, by: Actor, paper: bytes
) -> None:
    upload = BytesIO(paper)
    upload.name = "scan.pdf"
    day = {f"received_on-{part}": str(getattr(EARLIER, part)) for part in ("year", "month", "day")}
    answer = desk.post("/workbench/paper/", {"scan": upload, **day})
    scan = Scan.objects.get()
    here = f"/workbench/paper/{scan.pk}/"
    about = desk.get(here, {"q": town.person.name.split()[0]}).content.decode()
    picture = desk.get(f"{here}pages/1.webp")
    begun = desk.post(f"{here}begin", {"person": str(town.person.pk)})
    scan.refresh_from_db()
    asked = desk.get(f"/drafts/{scan.sheet_id}/", follow=True).content.decode()

    assert answer.headers["Location"] == here
    assert scan.code in about
    assert str(town.person.pk) in about
    assert picture.content.startswith(b"RIFF")
    assert begun.headers["Location"] == f"/drafts/{scan.sheet_id}/"
    assert f'src="{here}pages/{scan.pages}.webp"' in asked
    assert "cw-content--beside" in asked
    assert accesses_to(town.person.pk)
    assert desk.get(f"{here}pages/99.webp").status_code == 404


def test_the_desk_asks_as_often_for_one_scan_as_for_three(
    desk: Client, by: Actor, paper: bytes, blind: None, town: Town
) -> None:
    counts = []
    for more in (1, 2):
        for _number in range(more):
            actions.begin(taken(paper, by, code=code_of(paper)).pk, town.person.pk, by=by, at=AT)
        with CaptureQueriesContext(connection) as asked:
            desk.get("/workbench/paper/")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_the_desk_says_what_is_wrong(desk: Client, paper: bytes, blind: None) -> None:
    nothing = desk.post("/workbench/paper/", {})
    text = BytesIO(b"no scan")
    text.name = "scan.txt"
    day = {f"received_on-{part}": str(getattr(EARLIER, part)) for part in ("year", "month", "day")}
    refused = desk.post("/workbench/paper/", {"scan": text, **day})

    assert nothing.status_code == 422
    assert "Choose the scan." in nothing.content.decode()
    assert refused.status_code == 422


def test_somebody_new_is_taken_up_with_their_form(
    desk: Client, by: Actor, paper: bytes, blind: None, town: Town
) -> None:
    here = f"/workbench/paper/{taken(paper, by).pk}/"
    wrong = desk.post(f"{here}code", {"code": "AAAA"})
    desk.post(f"{here}code", {"code": code_of(paper)})
    nobody = desk.post(f"{here}begin", {})
    unborn = desk.post(f"{here}begin", {"name": ""})
    born = {"birth_date-year": "1950", "birth_date-month": "2", "birth_date-day": "3"}
    begun = desk.post(f"{here}begin", {"name": "Olga Ostrom", **born})
    asked = desk.post(f"{here}ask", {"text": ""})
    written = desk.post(f"{here}ask", {"text": "Your age?"})
    gone = desk.post(f"{here}discard")

    assert [each.status_code for each in (wrong, nobody, unborn, asked)] == [422] * 4
    assert [each.status_code for each in (begun, written, gone)] == [302] * 3
    assert "thrown away" in desk.get(here).content.decode()


def test_a_resident_prints_their_draft_to_finish_it_with_a_pen(town: Town, client: Client) -> None:
    client.force_login(town.person.account)
    sheet = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    later = client.get(f"/drafts/{sheet}/later/").content.decode()
    answer = client.post(f"/drafts/{sheet}/print", follow=True)

    assert f'action="/drafts/{sheet}/print"' in later
    assert answer.headers["Content-Type"] == "application/pdf"
    assert town.person.name in " ".join(texts(answer.content))
    assert Copy.objects.get().person_id == town.person.pk


def test_a_mail_room_takes_in_scans_through_the_api(
    desk: Client, paper: bytes, town: Town, blind: None, by: Actor
) -> None:
    upload = BytesIO(paper)
    upload.name = "scan.pdf"
    code = code_of(paper)
    sent = {"scan": upload, "received_on": EARLIER.isoformat(), "code": code}
    taken_in = desk.post("/api/v1/workbench/paper", sent)
    card = taken_in.json()
    meaning = desk.get(f"/api/v1/paper/codes/{code}")
    wrong = desk.get("/api/v1/paper/codes/AAAA")

    assert taken_in.status_code == 201
    assert card == {
        "id": str(Scan.objects.get().pk),
        "received_on": EARLIER.isoformat(),
        "code": code,
        "service": FOOD,
        "pages": 0,
        "draft_id": None,
        "is_open": True,
    }
    assert desk.get(f"/api/v1/workbench/paper/{card['id']}").json() == card
    assert meaning.json() == {
        "code": code,
        "service": FOOD,
        "version": 1,
        "is_current": True,
        "is_offered": True,
        "is_draft": False,
        "came_before": 1,
    }
    assert (wrong.status_code, wrong.json()["code"]) == (422, "paper-code-misread")


# ---- the day of receipt ------------------------------------------------------------------


def test_a_day_whose_limit_is_over_is_confirmed_knowing_so(
    town: Town, by: Actor, desk: Client, paper: bytes, blind: None
) -> None:
    scan = taken(paper, by, code=code_of(paper), received_on=TODAY - timedelta(days=40))
    people = Person.objects.count()
    page = desk.get(f"/workbench/paper/{scan.pk}/").content.decode()
    assert "Counted from the day of receipt, the last day for an answer is September 8, 2026." in page
    assert "the law grants it" not in page  # no silence grants food assistance

    new = {"name": "Li Wei", "birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "1980"}
    refused = desk.post(f"/workbench/paper/{scan.pk}/begin", new)

    assert refused.status_code == 422
    assert "Confirm that the day is right." in refused.content.decode()
    assert Person.objects.count() == people
    with pytest.raises(LimitPassed):
        actions.begin(scan.pk, town.person.pk, confirmed_limit=date(2026, 9, 9), by=by, at=AT)

    begun = desk.post(f"/workbench/paper/{scan.pk}/begin", new | {"limit": "2026-09-08"})

    assert begun.status_code == 302
    assert (
        "the last day for an answer is September 8, 2026"
        in desk.get(begun["Location"], follow=True).content.decode()
    )
    noted = events_of(scan.stream)[-1]
    assert (noted.type, noted.payload["limit_passed_on"]) == ("paper.begun", "2026-09-08")
    assert noted.payload["is_granted_by_silence"] is False


def test_where_silence_grants_the_officer_is_told(town: Town, by: Actor, paper: bytes) -> None:
    publish_folder("parking-permit", by=Actor.system("tests"), at=AT)
    code = new_code(live_version("parking-permit").content_hash)
    scan = taken(paper, by, code=code, received_on=TODAY - timedelta(days=20))

    limit = passed_limit(scan, today=TODAY)

    assert limit is not None
    assert "the law grants it in the following night" in told_of_limit(limit)
    assert passed_limit(taken(paper, by, code=code, received_on=TODAY), today=TODAY) is None


def test_an_older_day_than_the_service_takes_needs_a_supervisor(town: Town, by: Actor, paper: bytes) -> None:
    publish_folder("parking-permit", by=Actor.system("tests"), at=AT)
    code = new_code(live_version("parking-permit").content_hash)
    scan = taken(paper, by, code=code, received_on=TODAY - timedelta(days=31))
    supervisor = actor_of(make_officer(roles=("counter", "supervisor")).account)
    limit = limit_for(scan)
    assert limit is not None

    with pytest.raises(ReceivedTooLongAgo) as refused:
        actions.begin(scan.pk, town.person.pk, confirmed_limit=limit.due_on, by=by, at=AT)

    assert "this service takes forms from August 16, 2026 on" in str(refused.value)
    actions.begin(scan.pk, town.person.pk, confirmed_limit=limit.due_on, by=supervisor, at=AT)


def test_another_code_forgets_what_was_known_by_the_first(
    town: Town, by: Actor, paper: bytes, blind: None
) -> None:
    draft = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    copy = actions.print_draft(draft, "en", by=town.resident, at=AT)
    scan = taken(paper, by, code=copy.code)
    assert actions.begin(scan.pk, town.person.pk, by=by, at=AT).sheet_id == draft

    again = actions.enter_code(scan.pk, copy.code, by=by, at=AT)
    assert (again.person_id, again.sheet_id) == (town.person.pk, draft)

    other = actions.enter_code(scan.pk, code_of(paper), by=by, at=AT)
    assert (other.person_id, other.sheet_id, other.code) == (None, None, code_of(paper))


def test_a_draft_that_is_printed_again_at_once_is_the_same_copy(town: Town) -> None:
    draft = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    moments = [AT + timedelta(minutes=minutes) for minutes in (0, 9, 10)]

    codes = [actions.print_draft(draft, "en", by=town.resident, at=at).code for at in moments]
    other = actions.print_draft(draft, "es", by=town.resident, at=AT)

    assert (codes[0] == codes[1], codes[1] == codes[2], other.code in codes) == (True, False, False)
    assert Copy.objects.count() == 3

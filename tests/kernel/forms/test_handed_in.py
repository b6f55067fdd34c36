"""Answers that are files: handed in, taken back, named by programs, sent, and gone with the draft."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings
from tests.factories.people import make_person
from tests.kernel.forms.conftest import AT, KEY, City, Compile, resident

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.types import Actor
from commonweal.kernel.consent.erasing import erase_rows, tables
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.models import StoredFile, Upload
from commonweal.kernel.files.queries import open_file
from commonweal.kernel.forms import actions
from commonweal.kernel.forms.errors import AnswersInvalid, PageNotFound, SheetNotFound
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries import feel_facts, form_of, json_schema, page_view, review
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
FORM = """\
pages:
  - key: person
    title: About you
    questions:
      - {key: name, type: text, label: What is your name?, short: your name}
      - {key: has_proof, type: boolean, label: Have you a proof?, short: whether you have a proof}
      - key: proof
        type: file
        label: Hand in the proof
        short: the proof
        purpose: It proves it.
        max_mb: 1
        max_files: 2
        kept_days: 30
        when: has_proof
        valid: [{that: 'every file in proof satisfies file.size_bytes < 500', message: "Smaller, please."}]
"""
PROOF = {"name": "Ada Quill", "has_proof": "yes"}


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT, settings.COMMONWEAL_CLAMD = str(tmp_path / "files"), ""


@pytest.fixture
def ada(city: City) -> Actor:
    city.publish(FORM)
    return resident(make_person().pk)


@pytest.fixture
def begun(ada: Actor) -> UUID:
    """A sheet whose page asks for the proof."""
    sheet_id = actions.start_sheet(KEY, by=ada, at=AT).sheet_id
    answer(sheet_id, PROOF, ada)
    return sheet_id


def answer(sheet_id: UUID, raw: Any, by: Actor, **more: Any) -> actions.Saved:
    revision = Sheet.objects.get(pk=sheet_id).revision
    return actions.answer_page(sheet_id, "person", raw, revision=revision, by=by, at=AT, **more)


def attach(sheet_id: UUID, by: Actor, content: bytes = PDF, name: str = "proof.pdf", **more: Any) -> UUID:
    return actions.attach_file(sheet_id, "proof", content, name=name, by=by, at=AT, **more).file_id


def sheet_of(sheet_id: UUID) -> Sheet:
    return Sheet.objects.get(pk=sheet_id)


def refused(sheet_id: UUID, by: Actor, **file: Any) -> str:
    with pytest.raises(AnswersInvalid) as caught:
        attach(sheet_id, by, **file)
    return caught.value.fields["proof"]


def test_a_file_becomes_the_answer_and_feel_sees_it(begun: UUID, ada: Actor) -> None:
    done = actions.attach_file(begun, "proof", PDF, name="../C:\\a\\Rent\u202efdp.pdf", by=ada, at=AT)

    sheet = sheet_of(begun)
    entry = {
        "id": str(done.file_id),
        "name": "Rentfdp.pdf",
        "media_type": "application/pdf",
        "size_bytes": len(PDF),
    }
    assert sheet.answers["proof"] == [entry]
    assert (done.before, done.revision) == (sheet.revision - 1, sheet.revision)
    assert feel_facts(form_of(sheet), sheet.answers)["proof"] == [
        {"name": "Rentfdp.pdf", "media_type": "application/pdf", "size_bytes": Decimal(len(PDF))}
    ]
    assert answer(begun, PROOF, ada).next_page is None
    file = StoredFile.objects.get()
    assert (file.stream, file.subject, file.purpose) == (sheet.stream, sheet.owner_id, "It proves it.")
    assert "files.stored" in [event.type for event in events_of(sheet.stream)]


def test_the_page_and_the_review_show_files_with_what_the_scanner_says(begun: UUID, ada: Actor) -> None:
    first, second = attach(begun, ada), attach(begun, ada, name="again.pdf")
    StoredFile.objects.filter(pk=first).update(scan=Scan.PENDING)
    StoredFile.objects.filter(pk=second).update(scan=Scan.INFECTED)

    question = page_view(sheet_of(begun), "person", "en", at=AT).questions[-1]
    shown = review(sheet_of(begun), "en", at=AT).groups[0].answers[-1]

    assert [(file.name, file.notice, file.can_open) for file in question.files] == [
        ("proof.pdf", "being checked for viruses", False),
        ("again.pdf", "dangerous, so nobody can open it", False),
    ]
    assert question.accept == ".pdf,.jpg,.jpeg,.png,.heic,.heif"
    assert (shown.lines, shown.files) == (("proof.pdf", "again.pdf"), question.files)
    assert question.stored("/files/")[0]["href"] == ""


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "x.svg",
            "We cannot take this kind of file here. Send a PDF",
        ),
        (b"<html><script>1</script></html>", "x.pdf", "We cannot take this kind of file here."),
        (b"some text", "x.txt", "We cannot take this kind of file here."),
        (b"", "x.pdf", "The file is empty."),
        (PDF + b"x" * 1024**2, "x.pdf", "The file is larger than 1 MB."),
    ],
)
def test_a_refused_file_says_why_and_leaves_nothing(
    begun: UUID, ada: Actor, content: bytes, name: str, says: str
) -> None:
    before = sheet_of(begun)

    assert says in refused(begun, ada, content=content, name=name)

    assert StoredFile.objects.filter(deleted_at=None).count() == 0
    assert sheet_of(begun).revision == before.revision


def test_there_are_never_more_files_than_the_question_takes(begun: UUID, ada: Actor) -> None:
    attach(begun, ada)
    attach(begun, ada)

    assert refused(begun, ada) == "At most 2 files can be handed in here. Remove some first."
    assert StoredFile.objects.count() == 2


def test_a_file_is_only_taken_where_it_is_asked_for(ada: Actor) -> None:
    sheet_id = actions.start_sheet(KEY, by=ada, at=AT).sheet_id
    attach(sheet_id, ada)  # nobody knows yet that it will not be asked for
    answer(sheet_id, PROOF | {"has_proof": "no"}, ada)
    for question in ("proof", "name", "nothing"):
        with pytest.raises(PageNotFound):
            actions.attach_file(sheet_id, question, PDF, name="x.pdf", by=ada, at=AT)
    with pytest.raises(SheetNotFound):
        attach(sheet_id, resident(uuid4()))


def test_a_file_that_was_taken_back_is_gone_and_asked_for_again(begun: UUID, ada: Actor) -> None:
    first, second = attach(begun, ada), attach(begun, ada)
    answer(begun, PROOF, ada)

    def take_back(file_id: UUID) -> None:
        actions.remove_file(begun, "proof", file_id, by=ada, at=AT)

    take_back(first)
    take_back(first)
    assert [file["id"] for file in sheet_of(begun).answers["proof"]] == [str(second)]
    take_back(second)
    assert "proof" not in sheet_of(begun).answers
    assert StoredFile.objects.filter(deleted_at=None).count() == 0
    with pytest.raises(AnswersInvalid) as caught:
        answer(begun, PROOF, ada)
    assert caught.value.fields == {"proof": "Hand in the proof."}


def test_a_rule_can_look_at_files(begun: UUID, ada: Actor) -> None:
    attach(begun, ada, content=PDF + b"x" * 600)

    with pytest.raises(AnswersInvalid) as caught:
        answer(begun, PROOF, ada)

    assert caught.value.fields == {"proof": "Smaller, please."}


def document(sheet_id: UUID, by: Actor, **answers: Any) -> None:
    whole = {"name": "Ada Quill", "has_proof": True, **answers}
    actions.answer_all(sheet_id, whole, revision=sheet_of(sheet_id).revision, by=by, at=AT)


def test_a_program_names_files_that_are_there(begun: UUID, ada: Actor) -> None:
    first, second = attach(begun, ada), attach(begun, ada)

    document(begun, ada)  # it says nothing of the files
    assert len(sheet_of(begun).answers["proof"]) == 2
    document(begun, ada, proof=[{"id": str(second), "name": "forged.exe", "size_bytes": 1}])

    (kept,) = sheet_of(begun).answers["proof"]
    assert (kept["id"], kept["name"]) == (str(second), "proof.pdf")
    assert StoredFile.objects.get(pk=first).deleted_at == AT
    shape = json_schema(form_of(sheet_of(begun)))["properties"]["proof"]
    assert (shape["type"], shape["maxItems"]) == ("array", 2)


def test_a_program_cannot_name_what_is_not_there(begun: UUID, ada: Actor) -> None:
    other = actions.start_sheet(KEY, by=ada, at=AT).sheet_id
    answer(other, PROOF, ada)
    foreign = attach(other, ada)
    attach(begun, ada)

    for named in ([str(foreign)], [str(uuid4())], ["no number"], [None], "text", [{}]):
        with pytest.raises(AnswersInvalid) as caught:
            document(begun, ada, proof=named)
        assert list(caught.value.fields) == ["proof"]
    twice = [sheet_of(begun).answers["proof"][0]["id"]] * 2
    with pytest.raises(AnswersInvalid, match="problem"):
        document(begun, ada, proof=twice)
    assert StoredFile.objects.filter(deleted_at=None).count() == 2


def sent(sheet_id: UUID, by: Actor) -> actions.Submission:
    return actions.submit_sheet(sheet_id, revision=sheet_of(sheet_id).revision, by=by, at=AT)


def test_a_dangerous_file_is_not_sent(begun: UUID, ada: Actor) -> None:
    file_id = attach(begun, ada)
    answer(begun, PROOF, ada)
    StoredFile.objects.filter(pk=file_id).update(scan=Scan.INFECTED)

    with pytest.raises(AnswersInvalid) as caught:
        sent(begun, ada)

    assert caught.value.fields == {
        "person": "One of the files is dangerous or gone. Remove it, and hand in another copy."
    }


def test_what_was_sent_takes_its_files_along_and_leaves_the_others(begun: UUID, ada: Actor) -> None:
    file_id = attach(begun, ada)
    answer(begun, PROOF, ada)
    actions.begin_upload(begun, "proof", name="late.pdf", size_bytes=9, by=ada, at=AT)
    submission, subject = sent(begun, ada), uuid4()

    actions.hand_over_files(submission, to="case:1", subject=subject, by=ada, at=AT)
    actions.hand_over_files(submission, to="case:1", subject=subject, by=ada, at=AT)

    file = StoredFile.objects.get(pk=file_id)
    assert (file.stream, file.subject, file.retention_on) == ("case:1", subject, date(2026, 10, 15))
    assert Upload.objects.count() == 0
    assert [event.type for event in events_of("case:1")] == ["files.handed_over"]


def test_files_of_a_question_that_is_not_asked_any_more_are_deleted(begun: UUID, ada: Actor) -> None:
    file_id = attach(begun, ada)
    answer(begun, PROOF, ada)
    answer(begun, PROOF | {"has_proof": "no"}, ada)

    actions.hand_over_files(sent(begun, ada), to="case:1", subject=uuid4(), by=ada, at=AT)

    assert StoredFile.objects.get(pk=file_id).deleted_at == AT


def test_files_go_with_a_draft_that_nobody_finished(begun: UUID, ada: Actor) -> None:
    file_id = attach(begun, ada)
    actions.begin_upload(begun, "proof", name="late.pdf", size_bytes=9, by=ada, at=AT)

    actions.delete_expired(by=Actor.system("tests"), at=AT + timedelta(days=31))

    assert StoredFile.objects.get(pk=file_id).deleted_at is not None
    assert Upload.objects.count() == 0


def test_files_of_a_guest_belong_to_the_account_that_claims_the_draft(city: City, ada: Actor) -> None:
    guest = Actor.guest()
    started = actions.start_sheet(KEY, by=guest, at=AT)
    answer(started.sheet_id, PROOF, guest, token=started.token)
    file_id = attach(started.sheet_id, guest, token=started.token)
    assert StoredFile.objects.get().subject is None
    with pytest.raises(NotFound):
        open_file(file_id, ada)

    actions.claim_sheet(started.sheet_id, token=started.token, by=ada, at=AT)

    assert StoredFile.objects.get().subject == ada.person_ids[0]
    with open_file(file_id, ada).content as content:
        assert content.read() == PDF
    with pytest.raises(NotFound):
        open_file(file_id, resident(uuid4()))


def test_an_upload_is_announced_within_the_same_bounds(begun: UUID, ada: Actor) -> None:
    for size, says in ((0, "The file is empty."), (1024**2 + 1, "The file is larger than 1 MB.")):
        with pytest.raises(AnswersInvalid) as caught:
            actions.begin_upload(begun, "proof", name="x.pdf", size_bytes=size, by=ada, at=AT)
        assert says in caught.value.fields["proof"]
    attach(begun, ada)
    attach(begun, ada)
    with pytest.raises(AnswersInvalid):
        actions.begin_upload(begun, "proof", name="x.pdf", size_bytes=9, by=ada, at=AT)


def test_erasing_a_person_takes_files_and_what_is_on_its_way(begun: UUID, ada: Actor) -> None:
    attach(begun, ada)
    actions.begin_upload(begun, "proof", name="late.pdf", size_bytes=9, by=ada, at=AT)

    for table in tables():
        if table[0] in {StoredFile, Upload}:
            erase_rows(table, table[0]._default_manager.all(), by=Actor.system("tests"), at=AT)

    assert StoredFile.objects.get().name == ""
    assert Upload.objects.count() == 0


def test_files_of_one_person_are_not_asked_for_in_groups(compile_form: Compile) -> None:
    _form, problems = compile_form(
        "pages: [{key: p, title: P, questions: [{key: g, type: group, label: G, item: g, questions: "
        "[{key: f, type: file, label: F, purpose: P.}]}]}]"
    )
    assert "files are not asked for inside a group" in str(problems[0])

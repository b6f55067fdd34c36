"""Evidence that an officer asks for: with a day and a letter, handed in piece by piece, reminded of once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from tests.factories.people import AT, make_person
from tests.kernel.cases.conftest import Town, food_answers
from tests.kernel.cases.test_nightly import steps_of
from tests.kernel.cases.test_portal import text_of

from commonweal.engines.parameters import Entry, Kind, Parameter, Reference
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Invalid, NotFound
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions, tasks
from commonweal.kernel.cases.actions import handing
from commonweal.kernel.cases.enums import SignatureAnswer, Status
from commonweal.kernel.cases.errors import CaseNotFound, NothingAsked, TextMissing
from commonweal.kernel.cases.evidence import answer_day
from commonweal.kernel.cases.models import Case, Inquiry, Signature
from commonweal.kernel.cases.types import CompiledAsking
from commonweal.kernel.files.actions import delete_expired
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.files.queries import may_read
from commonweal.kernel.ledger.queries import accesses_to, events_of
from commonweal.kernel.mailbox.models import Message

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
TODAY = date(2026, 9, 15)


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    settings.MEDIA_ROOT, settings.COMMONWEAL_CLAMD = str(tmp_path), ""


@pytest.fixture
def case(town: Town) -> Case:
    return town.send(food_answers(circumstances=["strike"]))


@pytest.fixture
def as_resident(town: Town) -> Client:
    return _client(town.person.account)


@pytest.fixture
def as_officer(town: Town) -> Client:
    return _client(town.workers["officer"].account)


def _client(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def asked(town: Town, case: Case) -> Inquiry:
    """The income by declaration, a lease in the officer's words."""
    return actions.ask_applicant(
        case.pk,
        "",
        evidence=["income"],
        others=["Your lease", " "],
        due_on=date(2026, 10, 3),
        by=town.officer,
        at=AT,
    )


def address(name: str, case: Case) -> str:
    return reverse(f"cases:{name}", args=[case.reference])


def pdf(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF)


def names_of(inquiry: Inquiry) -> list[list[str]]:
    inquiry.refresh_from_db()
    names = {str(file.pk): file.name for file in StoredFile.objects.filter(deleted_at=None)}
    return [[names[file] for file in piece["files"]] for piece in inquiry.pieces]


def test_the_officer_names_pieces_and_a_day_and_the_applicant_gets_a_letter(
    town: Town, case: Case, as_officer: Client
) -> None:
    shown = text_of(as_officer.get(address("work", case)))
    typed = {
        "revision": case.revision,
        "evidence": ["income", "housing-costs"],
        "others": "Your lease\n\n",
        "due_on-day": "3",
        "due_on-month": "10",
        "due_on-year": "2026",
    }
    sent = as_officer.post(address("ask", case), typed)

    inquiry = Inquiry.objects.get()
    letter = Message.objects.get(unique_key=f"cases.asked:{inquiry.pk}")
    assert "What you earned last month" in shown
    assert sent.status_code == 302
    assert (inquiry.answer_due_on, inquiry.remind_on) == (date(2026, 10, 5), date(2026, 9, 28))
    assert [(piece["key"], piece["name"]) for piece in inquiry.pieces] == [
        ("income", ""),
        ("housing-costs", ""),
        ("", "Your lease"),
    ]
    for words in ("What you earned last month", "Your lease", "October 5, 2026", case.reference):
        assert words in letter.body.replace("\\", "")
    assert events_of(case.stream)[-2].payload == {
        "inquiry": str(inquiry.pk),
        "pieces": 3,
        "due_on": "2026-10-05",
    }


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"evidence": "spaceship"}, "evidence"),
        ({"others": "x" * 201}, "others"),
        ({"others": "\n".join(f"paper {n}" for n in range(11))}, "others"),
        ({"evidence": "income", "due_on-day": "15", "due_on-month": "9", "due_on-year": "2026"}, "due_on"),
        ({"evidence": "income", "due_on-day": "16", "due_on-month": "9", "due_on-year": "2027"}, "due_on"),
        ({"evidence": "income", "due_on-day": "31"}, "due_on"),
        ({}, "question"),
    ],
)
def test_what_cannot_be_asked_is_refused_beside_its_field(
    case: Case, as_officer: Client, typed: dict[str, str], field: str
) -> None:
    refused = as_officer.post(address("ask", case), typed | {"revision": str(case.revision)})

    assert refused.status_code == 422
    assert f'href="#{field}' in text_of(refused)
    assert not Inquiry.objects.exists()


def test_no_day_lies_beyond_what_the_law_allows() -> None:
    law = Parameter(
        "answer_days",
        "Days",
        "",
        "days",
        Kind.NUMBER,
        (),
        (Entry(date(2026, 1, 1), None, date(2026, 1, 1), Reference("X"), Decimal(10)),),
    )
    bounded = CompiledAsking(30, 7, limit=law)

    assert answer_day(CompiledAsking(), None, today=TODAY) == date(2026, 10, 15)
    assert answer_day(bounded, None, today=TODAY) == date(2026, 9, 25)
    assert answer_day(bounded, date(2026, 9, 25), today=TODAY) == date(2026, 9, 25)
    with pytest.raises(Invalid):
        answer_day(bounded, date(2026, 9, 26), today=TODAY)
    assert bounded.most_on(date(2025, 1, 1)) == 30  # nothing is known of that day


def test_the_applicant_sees_what_is_asked_by_when_and_what_follows(
    case: Case, asked: Inquiry, as_resident: Client
) -> None:
    own, home = (
        text_of(as_resident.get(address("case", case))),
        text_of(as_resident.get(reverse("cases:home"))),
    )

    for page in (own, home):
        for words in (
            "What you earned last month",
            "Your lease",
            "October 5, 2026",
            "we decide with what we have",
        ):
            assert words in page
    assert 'enctype="multipart/form-data"' in own
    assert 'name="piece-1"' in own


def test_the_case_goes_on_when_every_piece_is_in(
    town: Town, case: Case, asked: Inquiry, as_resident: Client, as_officer: Client
) -> None:
    there = address("answer", case)
    some = as_resident.post(there, {"hand-in": "yes", "piece-0": [pdf("may.pdf"), pdf("june.pdf")]})
    assert (some.status_code, names_of(asked)) == (302, [["may.pdf", "june.pdf"], []])
    typed = as_resident.post(there, {"remove-file": f"0:{asked.pieces[0]['files'][1]}", "answer": "Half way"})
    assert (typed.status_code, names_of(asked)) == (200, [["may.pdf"], []])
    assert "Half way" in text_of(typed)
    missing = as_resident.post(there, {"answer": "There."})
    assert missing.status_code == 422
    assert 'href="#piece-1"' in text_of(missing)

    done = as_resident.post(there, {"piece-1": pdf("lease.pdf")})

    case.refresh_from_db()
    assert (done.status_code, case.status, str(case.worker_id)) == (302, Status.ASSIGNED, town.officer.id)
    assert (names_of(asked), asked.answer, asked.is_lacking) == ([["may.pdf"], ["lease.pdf"]], "", False)
    shown = text_of(as_officer.get(address("work", case)))
    file = reverse("files:download", args=[asked.pieces[1]["files"][0]])
    assert file in shown
    assert b"".join(as_officer.get(file).streaming_content) == PDF
    assert "download of a file" in [access.purpose for access in accesses_to(town.person.pk)]
    assert as_resident.post(there, {"piece-1": pdf("late.pdf")}).status_code == 409
    kinds = [event.type for event in events_of(case.stream)]
    assert (kinds.count("cases.evidence_handed_in"), kinds[-1]) == (3, "cases.answered")


def test_a_file_that_no_piece_names_goes_the_day_after(
    town: Town, case: Case, asked: Inquiry, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = actions.hand_in_evidence(case.pk, 0, PDF, name="may.pdf", by=town.resident, at=AT)

    def stop(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt  # as a kill: nothing of ours tidies up

    with monkeypatch.context() as patched:
        patched.setattr(handing, "hand_over", stop)
        with pytest.raises(KeyboardInterrupt):
            actions.hand_in_evidence(case.pk, 1, PDF, name="lease.pdf", by=town.resident, at=AT)
    assert StoredFile.objects.filter(deleted_at=None).count() == 2

    delete_expired(AT.date() + timedelta(days=2), by=Actor.system("tests"), at=AT)

    assert [file.pk for file in StoredFile.objects.filter(deleted_at=None)] == [kept]


def test_whoever_cannot_hand_in_everything_says_why(
    case: Case, asked: Inquiry, as_resident: Client, as_officer: Client
) -> None:
    there = address("answer", case)
    silent = as_resident.post(there, {"lacks": "yes"})
    told = as_resident.post(there, {"lacks": "yes", "answer": "My employer went broke."})

    asked.refresh_from_db()
    assert (silent.status_code, told.status_code) == (422, 302)
    assert (asked.is_lacking, asked.answer) == (True, "My employer went broke.")
    assert "cannot hand in everything" in text_of(as_officer.get(address("work", case)))


def test_a_refused_file_takes_nothing_else_with_it(case: Case, asked: Inquiry, as_resident: Client) -> None:
    there = address("answer", case)
    wrong = as_resident.post(
        there, {"piece-0": [SimpleUploadedFile("run.pdf", b"MZ\x90\x00" * 20), pdf("may.pdf")]}
    )
    assert (wrong.status_code, names_of(asked)) == (422, [["may.pdf"], []])
    assert "run.pdf" in text_of(wrong)
    many = as_resident.post(there, {"hand-in": "yes", "piece-0": [pdf(f"{n}.pdf") for n in range(5)]})
    assert many.status_code == 422
    assert len(names_of(asked)[0]) == 5

    StoredFile.objects.filter(name="may.pdf").update(scan=Scan.INFECTED)
    danger = as_resident.post(there, {"piece-1": pdf("lease.pdf")})
    assert danger.status_code == 422
    assert "dangerous" in text_of(danger)
    assert as_resident.post(there, {"remove-file": "nonsense"}).status_code == 400


def test_only_the_applicant_hands_in(town: Town, case: Case, asked: Inquiry) -> None:
    other = Actor(ActorKind.RESIDENT, str(make_person().pk))
    for actor in (town.officer, other):
        with pytest.raises(CaseNotFound):
            actions.hand_in_evidence(case.pk, 0, PDF, name="a.pdf", by=actor, at=AT)
    with pytest.raises(NotFound):
        actions.hand_in_evidence(case.pk, 2, PDF, name="a.pdf", by=town.resident, at=AT)
    actions.take_back_evidence(case.pk, 0, asked.pk, by=town.resident, at=AT)  # no such file: nothing to do
    actions.answer_inquiry(case.pk, "No.", lacks=True, by=town.resident, at=AT)
    with pytest.raises(NothingAsked):
        actions.hand_in_evidence(case.pk, 0, PDF, name="a.pdf", by=town.resident, at=AT)
    assert not StoredFile.objects.exists()


def test_those_who_sign_do_not_see_evidence(town: Town, case: Case, asked: Inquiry) -> None:
    signer = make_person()
    Signature.objects.create(
        case=case,
        name="S",
        email="s@example.org",
        person=signer,
        answer=SignatureAnswer.SIGNED,
        asked_at=AT,
        answered_at=AT,
    )
    file_id = actions.hand_in_evidence(case.pk, 0, PDF, name="a.pdf", by=town.resident, at=AT)
    reader = Actor(ActorKind.RESIDENT, str(signer.pk))
    kept = StoredFile.objects.get(pk=file_id)
    assert [may_read(actor, kept) for actor in (reader, town.resident, town.officer, town.stranger)] == [
        False,
        True,
        True,
        False,
    ]


def test_one_reminder_goes_out_some_days_before(
    town: Town, case: Case, asked: Inquiry, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.hand_in_evidence(case.pk, 0, PDF, name="a.pdf", by=town.resident, at=AT)
    assert steps_of(tasks.remind_of_questions) == []
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 9, 28, 18, tzinfo=UTC))

    assert steps_of(tasks.remind_of_questions) == [str(case.pk)]
    assert steps_of(tasks.remind_of_questions) == []

    letter = Message.objects.get(unique_key=f"cases.reminded:{asked.pk}")
    assert "Your lease" in letter.body
    assert "What you earned" not in letter.body  # that is there already
    assert not actions.remind(case.pk, on=date(2026, 9, 29), by=Actor.system("tests"), at=AT)
    assert [event.type for event in events_of(case.stream)].count("cases.reminded") == 1


def test_a_day_that_is_near_needs_no_reminder(town: Town, case: Case) -> None:
    near = actions.ask_applicant(
        case.pk, "Since when?", due_on=date(2026, 9, 18), by=town.officer, at=AT, revision=case.revision
    )
    assert (near.remind_on, near.answer_due_on) == (None, date(2026, 9, 18))


def test_an_unanswered_request_goes_back_to_the_officer(town: Town, case: Case, asked: Inquiry) -> None:
    due_on, late = case.due_on, AT + timedelta(days=21)
    assert not actions.lapse(case.pk, on=date(2026, 10, 5), by=Actor.system("tests"), at=AT)
    assert actions.lapse(case.pk, on=date(2026, 10, 6), by=Actor.system("tests"), at=late)

    case.refresh_from_db()
    asked.refresh_from_db()
    assert (case.status, asked.answered_at, asked.is_lacking) == (Status.ASSIGNED, late, True)
    assert case.due_on > due_on
    with pytest.raises(NothingAsked):
        actions.answer_inquiry(case.pk, "Too late.", by=town.resident, at=late)


def test_plain_questions_still_need_words(town: Town, case: Case) -> None:
    actions.ask_applicant(case.pk, "Since when?", by=town.officer, at=AT)
    with pytest.raises(TextMissing):
        actions.answer_inquiry(case.pk, " ", lacks=True, by=town.resident, at=AT)


def test_the_api_asks_hands_in_and_answers(case: Case, as_resident: Client, as_officer: Client) -> None:
    def at(path: str) -> str:
        return f"/api/v1/{path.format(case.reference)}"

    assert as_resident.get(at("cases/{}/question")).status_code == 409
    assert as_resident.post(at("cases/{}/question/answer"), {}, "application/json").status_code == 409
    order = {"evidence": ["income"], "due_on": "2026-10-02", "revision": case.revision}
    asked = as_officer.post(at("workbench/cases/{}/ask"), order, "application/json")
    assert asked.status_code == 201, asked.json()
    piece = {"number": 0, "key": "income", "name": "What you earned last month", "files": []}
    assert as_resident.get(at("cases/{}/question")).json() == asked.json()
    assert (asked.json()["due_on"], asked.json()["pieces"]) == ("2026-10-02", [piece])

    files = at("cases/{}/question/pieces/0/files")
    first = as_resident.post(files, {"file": pdf("may.pdf")}).json()["id"]
    assert as_resident.delete(f"{files}/{first}").status_code == 200
    missing = as_resident.post(at("cases/{}/question/answer"), {}, "application/json")
    assert (missing.status_code, list(missing.json()["fields"])) == (422, ["piece-0"])
    second = as_resident.post(files, {"file": pdf("june.pdf")})
    answered = as_resident.post(at("cases/{}/question/answer"), {}, "application/json")
    assert (second.status_code, answered.status_code) == (201, 200)
    assert answered.json()["is_answered"] is True
    assert answered.json()["pieces"] == [piece | {"files": [second.json()["id"]]}]

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT, make_account, make_officer, make_person
from tests.kernel.authoring.conftest import KEY, Office
from tests.kernel.authoring.test_workbench import client_of, said

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.errors import RehearsalNotFound
from commonweal.kernel.authoring.models import Rehearsal
from commonweal.kernel.authoring.playing import played
from commonweal.kernel.authoring.tasks import sweep
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from commonweal.kernel.base.rehearsal import OnlyForReal, is_rehearsal, rehearsal
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder, put_on_stage
from commonweal.kernel.files.actions import begin_upload, lay_out_file, store_file
from commonweal.kernel.files.queries import open_within
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms.errors import AnswersInvalid
from commonweal.kernel.jobs.models import Job, OutboxMessage
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.registers import queries as registers
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

# What a rehearsal may leave behind: its own row, the note that there was one, and the officer's session.
LEFT = {"authoring_rehearsal", "ledger_event", "ledger_head", "ledger_stream", "django_session"}


def everything() -> dict[str, list[Any]]:
    """Every row of every table, by table."""
    return {
        model._meta.db_table: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


def changed(before: dict[str, list[Any]]) -> set[str]:
    after = everything()
    return {table for table, rows in before.items() if after[table] != rows}


def files_below(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


@pytest.fixture
def meals(office: Office) -> Office:
    publish_folder("school-meals", by=Actor.system("tests"), at=AT)
    return office


MEALS = {
    "children": [{"name": "A"}, {"name": "B"}],
    "household_cases": [],
    "household_size": 4,
    "incomes": [{"whose": "A", "kind": "WAGES", "amount": "5088", "frequency": "MONTHLY"}],
    "email": "rehearsal@example.invalid",
    "contact_language": "en",
}


def begun(office: Office, service: str = "school-meals", resident: str = "family", **more: Any) -> Rehearsal:
    options = {"draft_id": None, "language": "en", "by": office.author, "at": AT} | more
    return actions.begin_rehearsal(service, resident=resident, **options)


def answered(one: Rehearsal, office: Office, answers: dict[str, Any] = MEALS) -> Rehearsal:
    def act(scene: Any) -> Any:
        return forms.answer_all(scene.sheet_id, answers, revision=scene.revision, by=scene.resident, at=AT)

    actions.answer_in_rehearsal(one.pk, act, by=office.author, at=AT)
    return queries.rehearsal_of(one.pk, actor=office.author)


def test_a_rehearsal_leaves_nothing_behind_but_its_own_steps(
    meals: Office, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    before, stored = everything(), files_below(tmp_path)
    one = begun(meals)

    answered(one, meals)
    actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)
    with played(queries.rehearsal_of(one.pk, actor=meals.author)) as scene:
        inside = everything()
        assert scene.case is not None
        assert scene.case.outcome == "REDUCED"

    # it did happen: a case, a decision, a letter, an e-mail and jobs were there while it was being played
    grown = {table for table, rows in before.items() if len(inside[table]) > len(rows)}
    assert {
        "cases_case",
        "decisions_decision",
        "mailbox_message",
        "awards_award",
        "jobs_outboxmessage",
        "jobs_job",
        "people_person",
        "people_fact",
        "forms_sheet",
        "catalogue_serviceversion",
    } <= grown
    # and nothing of it is there now: no application, decision, letter, e-mail, job, award, person, access record, file
    assert changed(before) <= LEFT
    assert files_below(tmp_path) == stored
    types = {"authoring.rehearsal_begun", "authoring.rehearsed"}
    assert {event.type for event in events_of("service:school-meals")} - {"catalogue.published"} == types


def test_what_happens_in_a_rehearsal_is_undone_even_where_it_fails(meals: Office) -> None:
    one = begun(meals)
    before = everything()
    with pytest.raises(AnswersInvalid):
        actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)
    with pytest.raises(ZeroDivisionError), played(one):
        raise ZeroDivisionError
    assert changed(before) == set()
    assert not is_rehearsal()


def test_nothing_that_waits_for_the_commit_is_done(db: None) -> None:
    done = []
    with rehearsal():
        transaction.on_commit(lambda: done.append("mail"))
        assert is_rehearsal()
    assert done == []
    assert not any("mail" in repr(each) for each in connection.run_on_commit)


@pytest.mark.django_db(transaction=True)
def test_a_rehearsal_within_another_transaction_is_refused() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError), rehearsal():
        pass


def test_what_the_database_cannot_undo_is_refused_and_nobody_is_looked_up(
    office: Office, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    keeper = Actor.system("tests")
    person = make_person()
    with rehearsal():
        kept = store_file(
            b"%PDF-1.7\n%%EOF",
            name="x.pdf",
            stream=f"person:{person.pk}",
            subject=person.pk,
            purpose="tests",
            retention_on=None,
            by=keeper,
            at=AT,
        )
        with pytest.raises(NotFound):
            open_within(kept, f"person:{person.pk}")
        with pytest.raises(OnlyForReal):
            begin_upload(
                "x:1", slot="x", name="x.pdf", size_bytes=1, max_bytes=9, subject=None, by=keeper, at=AT
            )
        assert registers.look_up("vehicles", "ABC123") is None
        assert registers.look_up_many("vehicles", ["ABC123"]) == {}
        assert registers.search("vehicles") == []
        assert list(awards.held("parking-permit", item="ABC123", on=AT.date())) == []
    assert files_below(tmp_path) == []
    for harmful in (
        lambda: put_on_stage(KEY, {}, agency="x", by=keeper, at=AT),
        lambda: lay_out_file(
            person.pk, name="x", media_type="text/plain", size_bytes=1, stream="x:1", by=keeper, at=AT
        ),
        lambda: forms.lay_out(person.pk, answers={}, sources={}, done_pages=[], by=keeper, at=AT),
    ):
        with pytest.raises(RuntimeError):
            harmful()


def test_a_real_vehicle_is_there_for_real_and_not_for_practice(db: None) -> None:
    vehicle = {
        "dwelling_id": "OM-0001",
        "gross_weight_kg": 1500,
        "length_m": "4.20",
        "fuel": "petrol",
        "first_registered_on": "2019-05-01",
    }
    put_entry("vehicles", NewEntry("ABC1234", vehicle, AT), by=Actor.system("tests"), at=AT)
    assert registers.look_up("vehicles", "ABC1234") is not None
    assert len(registers.search("vehicles", dwelling_id="OM-0001")) == 1
    with rehearsal():
        assert registers.look_up("vehicles", "ABC1234") is None
        assert registers.search("vehicles", dwelling_id="OM-0001") == []


def test_the_same_text_keeps_its_place_in_the_cache(office: Office) -> None:
    one = begun(office, KEY)
    ids = []
    for _ in range(2):
        with played(one) as scene:
            ids.append(scene.sheet().version_id)
    assert ids[0] == ids[1]


def test_an_officer_decides_by_hand_in_a_rehearsal(meals: Office) -> None:
    one = begun(meals)
    draft = actions.begin_draft("school-meals", by=meals.author, at=AT)
    unasked = r"^proactive:\n(?:  .*\n|\n)*|, when: offered = null|^    - \{key: told.*\n"
    text = re.sub(unasked, "", draft.files["service.yaml"], flags=re.MULTILINE)
    text = text.replace("kind: decide, label: The law decides", "kind: review, label: Looks")
    text = text.replace(
        "kind: review, label: An officer looks, when: decision = null", "kind: letter, label: L"
    )
    meals.save(draft, "service.yaml", text)
    checked = queries.check("school-meals", {**draft.files, "service.yaml": text})
    assert checked.errors == []
    one = begun(meals, draft_id=draft.pk)
    one = answered(one, meals)
    actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)

    wrong = {"act": "decide", "outcome": "FREE", "reasons": "", "legal_ground": "x"}
    with pytest.raises(Invalid):
        actions.rehearse_step(one.pk, wrong, by=meals.author, at=AT)
    right = {**wrong, "reasons": "The family is in need."}
    actions.rehearse_step(one.pk, right, by=meals.author, at=AT)
    with played(queries.rehearsal_of(one.pk, actor=meals.author)) as scene:
        assert scene.case is not None
        assert scene.case.outcome == "FREE"
        assert Message.objects.filter(recipient_id=scene.resident.id).exists()
    assert not Message.objects.exists()


def test_rehearsals_are_the_officers_own_and_are_swept(meals: Office) -> None:
    one = begun(meals)
    assert queries.rehearsals_of(meals.other) == []
    for act in (actions.send_in_rehearsal, actions.end_rehearsal):
        with pytest.raises(RehearsalNotFound):
            act(one.pk, by=meals.other, at=AT)
    with pytest.raises(Conflict):
        actions.rehearse_step(one.pk, {"act": "confirm"}, by=meals.author, at=AT)
    with pytest.raises(Forbidden):
        begun(meals, by=Actor.guest())
    with pytest.raises(Invalid):
        begun(meals, resident="nobody")
    for _ in range(19):
        begun(meals)
    with pytest.raises(Conflict):
        begun(meals)
    assert actions.sweep_rehearsals(by=Actor.system("tests"), at=AT + timedelta(days=15)) == 20
    assert sweep({}, None) is None
    assert not Rehearsal.objects.exists()


def walk(client: Client, one: Rehearsal, pages: dict[str, dict[str, Any]]) -> Any:
    """Answer each page as it comes, and return the last answer."""
    address = reverse("authoring:rehearsal", args=[one.pk])
    response = client.get(address, follow=True)
    for key, data in pages.items():
        response = client.post(reverse("authoring:rehearsal-page", args=[one.pk, key]), data, follow=True)
        assert response.status_code == 200, (key, response.content.decode()[:3000])
    return response


def test_a_draft_is_tried_out_as_a_resident_and_as_an_officer(office: Office) -> None:
    draft = office.draft()
    changed_form = draft.files["form.yaml"].replace("E-mail address", "Where can we write to you?")
    office.save(draft, "form.yaml", changed_form)
    client = client_of(office, "author")
    begin = {"draft": str(draft.pk), "resident": "adult", "language": "es"}
    shown = client.post(reverse("authoring:begin-rehearsal"), begin, follow=True)
    assert "Where can we write to you?" in said(shown)
    assert 'lang="es"' in said(shown)
    assert 'value="rehearsal@example.invalid"' in said(shown)  # what registers know of the invented resident
    one = Rehearsal.objects.get()

    wrong = client.post(reverse("authoring:rehearsal-page", args=[one.pk, "reach"]), {"email": "none"})
    assert wrong.status_code == 422
    review = walk(client, one, {"reach": {"email": "somebody@example.org"}})
    assert "somebody@example.org" in said(review)
    done = client.post(reverse("authoring:rehearsal-check", args=[one.pk]), follow=True)
    shown = said(done)
    one.refresh_from_db()
    assert "Dear Rehearsal Adult" in shown
    assert shown.count(one.reference) >= 3
    assert "cases.submitted" in shown
    assert said(client.get(reverse("authoring:rehearsal", args=[one.pk]))).count(one.reference) >= 3
    assert Case.objects.count() == Job.objects.count() == OutboxMessage.objects.count() == 0

    office.save(draft, "form.yaml", "pages: [")
    stuck = client.get(reverse("authoring:rehearsal", args=[one.pk]))
    assert stuck.status_code in {200, 422}
    assert client.post(reverse("authoring:rehearsal-end", args=[one.pk]), follow=True).status_code == 200
    assert not Rehearsal.objects.exists()


def test_a_caseworker_practises_with_the_live_version(meals: Office) -> None:
    account = make_account()
    make_officer(account=account, roles=("caseworker",))
    client = Client()
    client.force_login(account)
    assert "Begin a rehearsal" in said(client.get(reverse("authoring:rehearsals")))
    begin = {"service": "school-meals", "resident": "unknown", "language": "en"}
    client.post(reverse("authoring:begin-rehearsal"), begin)
    one = Rehearsal.objects.get()

    def at(name: str, *more: Any) -> str:
        return reverse(f"authoring:rehearsal{name}", args=[one.pk, *more])

    for name in ("One", "Two"):
        client.post(at("-new-item", "children"), {"name": name, "school": ""})
    client.post(at("-remove-item", "children", 1))
    listed = said(client.get(at("-page", "children")))
    assert "One" in listed
    assert "Two" not in listed
    assert "Mistake" not in said(client.get(at("-item", "children", 0)))
    last = walk(
        client,
        one,
        {
            "children": {},
            "programmes": {"household_cases": ["snap"]},
            "contact": {"email": "a@example.org", "phone": "", "contact_language": "en"},
        },
    )
    assert "a@example.org" in said(last)
    done = said(client.post(at("-check"), follow=True))
    assert "School meals are free" in done
    assert "E-mail:" in done
    assert client.post(at("-decide"), {"act": "explode"}).status_code == 400
    assert client.post(at("-decide"), {"act": "confirm"}).status_code == 409
    assert client.get(at("-page", "children")).status_code == 302
    assert client.post(reverse("authoring:begin-rehearsal"), {"draft": "x"}).status_code == 400
    assert client.post(reverse("authoring:begin-rehearsal"), {"service": "school-meals"}).status_code == 422


# ---- time, and files ------------------------------------------------------------------------


def waiting(office: Office) -> Rehearsal:
    """A rehearsal of a service that asks for a file, waits for ten days, and then writes its letter."""
    draft = office.draft()
    question = "      - {key: proof, type: file, label: Proof of address, short: your proof, purpose: To see where you live, kinds: [pdf]}\n"
    office.save(draft, "form.yaml", draft.files["form.yaml"] + question)
    step = "    - {key: letter, kind: letter"
    rest = "    - {key: rest, kind: wait, label: We wait, options: {until: 'date(case.submitted_on) + duration(\"P10D\")'}}\n"
    saved = office.save(draft, "service.yaml", draft.files["service.yaml"].replace(step, rest + step))
    assert [one for one in queries.check_draft(saved).problems if one.is_error] == []
    return begun(office, KEY, "adult", draft_id=draft.pk)


def pdf(name: str = "proof.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7\n%%EOF", "application/pdf")


def test_time_passes_in_a_rehearsal_alone_and_files_leave_nothing(
    office: Office, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    one = waiting(office)
    client = client_of(office, "author")
    before = everything()
    page = reverse("authoring:rehearsal-page", args=[one.pk, "reach"])
    assert "only its name is kept" in said(client.get(page))
    wrong = SimpleUploadedFile("proof.pdf", b"no pdf", "application/pdf")
    assert "proof.pdf" in said(client.post(page, {"email": "a@example.org", "proof": wrong}), 422)
    client.post(page, {"proof": pdf(), "hand-in": "proof"})
    one.refresh_from_db()
    (file,) = one.answers["proof"]
    assert (file["name"], file["size_bytes"]) == ("proof.pdf", 14)
    assert "proof.pdf" in said(client.get(page))
    client.post(page, {"remove-file": f"proof:{file['id']}"})
    one.refresh_from_db()
    assert "proof" not in one.answers
    assert client.post(page, {"remove-file": "proof:x"}).status_code == 400
    review = said(client.post(page, {"email": "a@example.org", "proof": pdf("other.pdf")}, follow=True))
    assert "other.pdf" in review

    shown = said(client.post(reverse("authoring:rehearsal-check", args=[one.pk]), follow=True))
    assert "Dear Rehearsal Adult" not in shown
    time = reverse("authoring:rehearsal-time", args=[one.pk])
    assert "between 1 and 3660" in said(client.post(time, {"days": "0"}), 422)
    due = clock.local(AT).date() + timedelta(days=10)
    assert f"Go on to {long_date(due)}" in shown
    early = said(client.post(time, {"act": "days", "days": "9"}, follow=True))
    assert "Dear Rehearsal Adult" not in early
    late = said(client.post(time, {"act": "next"}, follow=True))
    assert "Dear Rehearsal Adult" in late
    assert f"In this rehearsal it is {long_date(due)}." in late
    assert "Nothing is to happen by itself" in late
    assert "could be waited for" in said(client.post(time, {"act": "next"}), 422)

    assert changed(before) <= LEFT
    assert files_below(tmp_path) == []


def test_silence_questions_and_the_end_of_an_award_come_in_their_time(meals: Office) -> None:
    draft = actions.begin_draft("school-meals", by=meals.author, at=AT)
    unasked = r"^proactive:\n(?:  .*\n|\n)*|, when: offered = null|^    - \{key: told.*\n"
    text = re.sub(unasked, "", draft.files["service.yaml"], flags=re.MULTILINE)
    text = text.replace("kind: decide, label: The law decides", "kind: review, label: Looks")
    text = text.replace(
        "kind: review, label: An officer looks, when: decision = null", "kind: letter, label: L"
    )
    text = text.replace(
        "\nstages:\n", "\nstages:\n  on_silence: {text: Complain to us., legal_basis: PAMC 1}\n"
    )
    meals.save(draft, "service.yaml", text)
    assert queries.check("school-meals", {**draft.files, "service.yaml": text}).errors == []
    one = answered(begun(meals, draft_id=draft.pk), meals)
    with pytest.raises(Conflict):
        actions.let_time_pass(one.pk, days=None, by=meals.author, at=AT)
    actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)
    client = client_of(meals, "author")
    before = everything()

    def happened() -> list[str]:
        with played(queries.rehearsal_of(one.pk, actor=meals.author)) as scene:
            assert scene.case is not None
            return [event.type for event in events_of(scene.case.stream)]

    def wait(days: int | None = None) -> None:
        actions.let_time_pass(one.pk, days=days, by=meals.author, at=AT)

    actions.rehearse_step(one.pk, {"act": "ask", "question": "Whose child is A?"}, by=meals.author, at=AT)
    wait()
    assert "cases.reminded" in happened()
    wait()
    assert "cases.unanswered" in happened()
    wait()
    assert "cases.became_late" in happened()
    actions.rehearse_step(one.pk, {"act": "confirm"}, by=meals.author, at=AT)
    wait()
    with played(queries.rehearsal_of(one.pk, actor=meals.author)) as scene:
        assert scene.case is not None
        award = awards.award_of_case(scene.case.stream)
        assert award is not None
        assert not award.is_running
    assert "it has ended" in said(client.get(reverse("authoring:rehearsal", args=[one.pk])))
    with pytest.raises(Invalid):
        wait()
    with pytest.raises(Invalid):
        wait(3_661)
    assert changed(before) <= LEFT

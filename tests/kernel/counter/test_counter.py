from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import FileResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.people import AT, make_fact, make_officer, make_person
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.counter import actions
from commonweal.kernel.counter.errors import (
    AssistanceNotFound,
    ChannelNotOffered,
    CodeWrong,
    NoAddressForCode,
)
from commonweal.kernel.counter.models import Assistance
from commonweal.kernel.counter.plugins import for_whom
from commonweal.kernel.files.actions import store_file
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.forms.errors import SheetNotFound
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries import open_sheet
from commonweal.kernel.jobs import messages
from commonweal.kernel.jobs.models import OutboxMessage
from commonweal.kernel.ledger.models import AccessRecord
from commonweal.kernel.ledger.queries import accesses_to, events_of
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.people.models import Officer, Person
from commonweal.kernel.people.queries import actor_of

pytestmark = pytest.mark.django_db
FOOD = "food-assistance"


@pytest.fixture(autouse=True)
def _on_a_day_whose_law_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def clerk(town: Town) -> Officer:
    return make_officer(name="Ana Clerk", roles=("counter",))


@pytest.fixture
def desk(clerk: Officer) -> Client:
    client = Client()
    client.force_login(clerk.account)
    return client


def begun(town: Town, clerk: Officer, *, at: datetime = AT) -> Assistance:
    by = actor_of(clerk.account)
    return actions.begin_in_person(town.person.pk, FOOD, document="passport", by=by, at=at)


def acting(clerk: Officer, assistance: Assistance) -> Actor:
    return for_whom(f"/drafts/{assistance.sheet_id}/", actor_of(clerk.account))


def filled_in(clerk: Officer, assistance: Assistance) -> Any:
    by = acting(clerk, assistance)
    assert assistance.sheet_id
    return answer_all(assistance.sheet_id, food_answers(), revision=0, by=by, at=AT)


def post(client: Client, path: str, **fields: str) -> Any:
    return client.post(path, fields)


def test_an_officer_fills_in_and_sends_for_somebody_at_the_counter(
    town: Town, clerk: Officer, desk: Client
) -> None:
    make_fact(town.person, "birth_date", "1990-04-02")
    found = desk.get("/workbench/counter/", {"q": town.person.name.split()[0]}).content.decode()
    person = f"/workbench/counter/people/{town.person.pk}/"
    assert person in found
    assert "April 2, 1990" in desk.get(person).content.decode()

    started = post(desk, person, service=FOOD, way="in-person", document="id-card")
    first = desk.get(started.headers["Location"]).headers["Location"]
    shown = desk.get(first).content.decode()
    assert f"You fill this in for {town.person.name}" in shown
    assistance = Assistance.objects.get()
    saved = filled_in(clerk, assistance)
    check = f"/drafts/{assistance.sheet_id}/check/"
    sent = post(desk, check, revision=str(saved.revision))
    told = desk.get(sent.headers["Location"]).content.decode()

    case = Case.objects.get()
    assert case.reference in told
    assert (case.applicant_id, case.channel, case.outcome) == (town.person.pk, "counter", "ELIGIBLE")
    submitted = next(event for event in events_of(case.stream) if event.type == "cases.submitted")
    assert (submitted.actor.id, submitted.actor.on_behalf_of) == (str(clerk.pk), str(town.person.pk))
    assert (submitted.payload or {})["channel"] == "counter"
    consent = events_of(assistance.stream)[-1]
    assert consent.payload == {
        "way": "in-person",
        "document": "id-card",
        "channel": "counter",
        "purpose": "to fill in a form",
        "service": FOOD,
        "sheet": str(assistance.sheet_id),
        "until": assistance.ends_at.isoformat(),
    }
    assert [message.recipient_id for message in messages_about(case.stream)] == [town.person.pk]
    assert any(access.actor.id == str(clerk.pk) for access in accesses_to(town.person.pk))


def test_the_resident_sees_who_sent_it_and_how(town: Town, clerk: Officer, client: Client) -> None:
    assistance = begun(town, clerk)
    saved = filled_in(clerk, assistance)
    by = acting(clerk, assistance)
    assert assistance.sheet_id
    case = submit(assistance.sheet_id, applicant_id=town.person.pk, revision=saved.revision, by=by, at=AT)
    client.force_login(town.person.account)

    shown = client.get(f"/cases/{case.reference}/record/").content.decode()

    assert "an officer, for you" in shown
    assert "at the counter" in shown


def test_an_officer_acts_for_somebody_on_the_pages_of_that_form_only(town: Town, clerk: Officer) -> None:
    assistance = begun(town, clerk)
    other = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    officer = actor_of(clerk.account)

    assert acting(clerk, assistance).on_behalf_of == str(town.person.pk)
    for path in (f"/drafts/{other}/", "/me/", "/workbench/", f"/x/drafts/{assistance.sheet_id}/"):
        assert for_whom(path, officer) == officer, path
    assert for_whom(f"/drafts/{assistance.sheet_id}/", town.officer) == town.officer
    assert for_whom(f"/drafts/{assistance.sheet_id}/", town.resident) == town.resident
    colleague = actor_of(make_officer(roles=("counter",)).account)
    assert for_whom(f"/drafts/{assistance.sheet_id}/", colleague) == colleague
    with pytest.raises(SheetNotFound):
        open_sheet(other, by=officer, at=AT)


@pytest.mark.parametrize("who", ["officer", "stranger", "resident"])
def test_nobody_fills_in_for_others_without_the_grant(town: Town, who: str) -> None:
    actor = getattr(town, who)
    with pytest.raises(Forbidden):
        actions.begin_in_person(town.person.pk, FOOD, document="passport", by=actor, at=AT)
    with pytest.raises(Forbidden):
        actions.ask_by_phone(town.person.pk, FOOD, by=actor, at=AT)
    with pytest.raises(Forbidden):
        actions.join("1234 5678", by=actor, at=AT)


def test_consent_ends_with_its_time_or_when_one_of_the_two_ends_it(
    town: Town, clerk: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = actor_of(clerk.account)
    one, two, three = begun(town, clerk), begun(town, clerk), begun(town, clerk)

    actions.end(one.pk, by=town.resident, at=AT)
    actions.end(two.pk, by=officer, at=AT)
    actions.end(two.pk, by=officer, at=AT)
    with pytest.raises(AssistanceNotFound):
        actions.end(three.pk, by=town.officer, at=AT)

    assert [acting(clerk, each).on_behalf_of for each in (one, two)] == [None, None]
    assert acting(clerk, three).on_behalf_of == str(town.person.pk)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=2))
    assert acting(clerk, three).on_behalf_of is None
    assert [event.type for event in events_of(two.stream)] == ["counter.consent_given", "counter.ended"]


def test_an_officer_cannot_send_what_nobody_agreed_to(town: Town, clerk: Officer) -> None:
    assistance = begun(town, clerk)
    saved = filled_in(clerk, assistance)
    assert assistance.sheet_id
    for by in (actor_of(clerk.account), town.officer):
        with pytest.raises(Forbidden):
            submit(assistance.sheet_id, applicant_id=town.person.pk, revision=saved.revision, by=by, at=AT)
    with pytest.raises(Forbidden):
        submit(
            assistance.sheet_id,
            applicant_id=UUID(int=5),
            revision=saved.revision,
            by=acting(clerk, assistance),
            at=AT,
        )


def test_a_service_says_by_which_ways_it_is_reached(town: Town, clerk: Officer, monkeypatch: Any) -> None:
    by = actor_of(clerk.account)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "offered_service", _only_online)
        with pytest.raises(ChannelNotOffered):
            actions.begin_in_person(town.person.pk, FOOD, document="passport", by=by, at=AT)
    with pytest.raises(Invalid):
        actions.begin_in_person(town.person.pk, FOOD, document="", by=by, at=AT)
    assert not Sheet.objects.exists()


def _only_online(key: str) -> Any:
    from dataclasses import replace

    from commonweal.kernel.catalogue.queries import offered_service

    service = offered_service(key)
    online = tuple(each for each in service.info.channels if each.kind == "online")
    return replace(service, info=service.info.model_copy(update={"channels": online}))


def test_by_phone_the_person_reads_out_a_code_that_was_sent_to_them(
    town: Town, clerk: Officer, desk: Client
) -> None:
    person = f"/workbench/counter/people/{town.person.pk}/"
    asked = post(desk, person, service=FOOD, way="code-sent").headers["Location"]
    code = _code_in(_mail())
    assistance = Assistance.objects.get()
    assert assistance.given_at is None
    assert code not in assistance.code_hash

    wrong = post(desk, f"{asked}code", code="0000 0000")
    assert wrong.status_code == 422
    right = post(desk, f"{asked}code", code=code)

    assistance.refresh_from_db()
    assert right.headers["Location"] == f"/drafts/{assistance.sheet_id}/"
    assert (assistance.channel, assistance.code_hash, assistance.wrong_codes) == ("phone", "", 1)
    assert Sheet.objects.get().channel == "phone"


def _mail() -> str:
    return messages.load(OutboxMessage.objects.get().payload or "").content.decode()


def _code_in(text: str) -> str:
    found = re.search(r"\d{4} \d{4}", text)
    assert found
    return found[0]


def test_a_code_is_good_for_a_quarter_of_an_hour_and_five_tries(town: Town, clerk: Officer) -> None:
    by = actor_of(clerk.account)
    old = actions.ask_by_phone(town.person.pk, FOOD, by=by, at=AT)
    code = _code_in(_mail())
    with pytest.raises(CodeWrong):
        actions.confirm_code(old.pk, code, by=by, at=AT + timedelta(minutes=15))
    for _ in range(4):
        with pytest.raises(CodeWrong):
            actions.confirm_code(old.pk, "1", by=by, at=AT)
    with pytest.raises(CodeWrong):
        actions.confirm_code(old.pk, code, by=by, at=AT)
    with pytest.raises(AssistanceNotFound):
        actions.confirm_code(old.pk, code, by=town.officer, at=AT)


def test_without_an_address_no_code_can_be_sent(town: Town, clerk: Officer, desk: Client) -> None:
    Person.objects.filter(pk=town.person.pk).update(email="")
    with pytest.raises(NoAddressForCode):
        actions.ask_by_phone(town.person.pk, FOOD, by=actor_of(clerk.account), at=AT)
    person = f"/workbench/counter/people/{town.person.pk}/"
    assert post(desk, person, service=FOOD, way="code-sent").status_code == 422
    assert post(desk, person).status_code == 422


def test_resident_and_officer_fill_in_together_and_the_resident_sends(
    town: Town, clerk: Officer, desk: Client, client: Client
) -> None:
    client.force_login(town.person.account)
    draft = post(client, f"/services/{FOOD}/start").headers["Location"]
    assert "Fill this in together with an officer" in client.get(f"{draft}pages/home/").content.decode()
    code = _code_in(post(client, f"{draft}help/").content.decode())

    assert post(desk, "/workbench/counter/join", code="9999 9999").status_code == 422
    joined = post(desk, "/workbench/counter/join", code=code)
    assert joined.headers["Location"] == draft
    assert clerk.name in client.get(f"{draft}help/").content.decode()

    page = f"{draft}pages/savings/"
    both = [_revision(each.get(page).content.decode()) for each in (desk, client)]
    assert both == ["0", "0"]
    assert post(desk, page, resources="100", revision="0").status_code == 302
    lost = post(client, page, resources="200", revision="0")
    assert lost.status_code == 409
    assert "whoever fills it in with you" in lost.content.decode()
    assert Sheet.objects.get().answers["resources"] == "100.00"
    assert 'value="200"' in lost.content.decode()
    assert "100" in client.get(page).content.decode()

    assert "They send this, not you" in desk.get(f"{draft}check/").content.decode()
    assert post(desk, f"{draft}check/", revision="1").status_code == 403
    again = post(desk, "/workbench/counter/join", code=code)
    assert again.status_code == 422
    end = f"{draft}help/{Assistance.objects.get().pk}/end"
    post(client, end)
    assert desk.get(page).status_code == 404


def test_each_look_of_an_officer_at_somebodys_own_form_is_in_the_log(
    town: Town, clerk: Officer, desk: Client, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.COMMONWEAL_CLAMD = str(tmp_path), ""
    client.force_login(town.person.account)
    draft = post(client, f"/services/{FOOD}/start").headers["Location"]
    sheet = Sheet.objects.get()
    kept = store_file(
        b"%PDF-1.4",
        name="a.pdf",
        stream=sheet.stream,
        subject=town.person.pk,
        purpose="tests",
        retention_on=None,
        by=town.resident,
        at=AT,
    )
    StoredFile.objects.update(scan=Scan.CLEAN)
    code = _code_in(post(client, f"{draft}help/").content.decode())
    post(desk, "/workbench/counter/join", code=code)

    def looks(path: str, *, by: Client = desk) -> list[tuple[str, UUID, str | None]]:
        """Return purpose, officer and for whom, of the looks that a page adds."""
        before = AccessRecord.objects.filter(subject=town.person.pk).count()
        answer = by.get(f"{draft}{path}")
        assert answer.status_code == 200
        if isinstance(answer, FileResponse):
            answer.getvalue()  # to close the answer would close PostgreSQL's connection too
        rows = AccessRecord.objects.filter(subject=town.person.pk).order_by("at", "id")[before:]
        return [(row.purpose, row.actor_id, row.on_behalf_of) for row in rows]

    one = [("fill in a form for somebody who agreed", str(clerk.pk), str(town.person.pk))]
    for path in ("pages/savings/", "check/", "later/", f"files/{kept}/"):
        assert looks(path) == one, path
        assert looks(path, by=client) == [], path


def _revision(text: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', text)
    assert found
    return found[1]


def test_only_the_owner_invites_and_a_new_code_replaces_the_old(town: Town, clerk: Officer) -> None:
    sheet = start_sheet(FOOD, by=town.resident, at=AT).sheet_id
    first = actions.invite(sheet, by=town.resident, at=AT)
    second = actions.invite(sheet, by=town.resident, at=AT)
    by = actor_of(clerk.account)

    with pytest.raises(CodeWrong):
        actions.join(first.code, by=by, at=AT)
    with pytest.raises(CodeWrong):
        actions.join(second.code, by=by, at=AT + timedelta(minutes=15))
    assert actions.join(second.code, by=by, at=AT).person_id == town.person.pk
    for actor in (Actor.guest(), by):
        with pytest.raises(Forbidden):
            actions.invite(sheet, by=actor, at=AT)
    other = start_sheet(FOOD, by=Actor.guest(), at=AT)
    with pytest.raises(SheetNotFound):
        actions.invite(other.sheet_id, by=town.resident, at=AT)


def test_somebody_unknown_is_taken_up(clerk: Officer, desk: Client) -> None:
    fields = {"birth_date-day": "2", "birth_date-month": "4", "birth_date-year": "1990", "email": ""}
    assert post(desk, "/workbench/counter/register", name="", **fields).status_code == 422
    assert post(desk, "/workbench/counter/register", name="Bo Lind").status_code == 422

    taken = post(desk, "/workbench/counter/register", name="Bo Lind", **fields)

    person = Person.objects.get(name="Bo Lind")
    assert taken.headers["Location"] == f"/workbench/counter/people/{person.pk}/"
    assert "April 2, 1990" in desk.get(taken.headers["Location"]).content.decode()


def test_helps_are_listed_and_ended_at_the_desk(town: Town, clerk: Officer, desk: Client) -> None:
    assistance = begun(town, clerk)
    assert town.person.name in desk.get("/workbench/counter/").content.decode()
    here = f"/workbench/counter/{assistance.pk}/"
    assert "Go on with the form" in desk.get(here).content.decode()
    post(desk, f"{here}end")
    assert "This help has ended" in desk.get(here).content.decode()
    other = Client()
    other.force_login(make_officer(roles=("counter",)).account)
    assert other.get(here).status_code == 404
    other.force_login(town.workers["officer"].account)
    assert other.get("/workbench/counter/").status_code == 403


def test_the_desk_needs_the_same_statements_for_one_and_three(
    town: Town, clerk: Officer, desk: Client
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get("/workbench/counter/", {"q": "Person"})
        return len(captured)

    begun(town, clerk)
    statements()
    one = statements()
    for _ in range(2):
        begun(town, clerk)
        make_person()
    assert statements() == one

"""What may not be rehearsed, and what a rehearsal that was sent does no more."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.factories.people import AT, make_officer
from tests.kernel.authoring.conftest import KEY, Office
from tests.kernel.authoring.test_rehearsals import MEALS, answered, begun, meals
from tests.kernel.authoring.test_workbench import client_of

from commonweal.kernel.authoring import actions, queries, questions
from commonweal.kernel.authoring.enums import Stage
from commonweal.kernel.authoring.errors import DraftClosed, DraftNotFound, PlaceNotFound, RehearsalNotFound
from commonweal.kernel.authoring.models import Draft, Rehearsal
from commonweal.kernel.authoring.workbench import drafts, form
from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.queries import actor_of

__all__ = ["meals"]


def test_only_what_is_the_agencys_own_is_rehearsed(office: Office) -> None:
    draft = office.draft()

    for found, by in ((draft.pk, office.stranger), (uuid4(), office.author)):
        with pytest.raises(DraftNotFound):
            begun(office, KEY, draft_id=found, by=by)
    for service, by in ((KEY, office.stranger), ("no-such-service", office.author)):
        with pytest.raises(ServiceNotFound):
            begun(office, service, by=by)
    with pytest.raises(Forbidden):
        begun(office, KEY, by=Actor.guest())
    with pytest.raises(Invalid):
        begun(office, KEY, resident="nobody")

    assert not Rehearsal.objects.exists()
    assert begun(office, KEY, draft_id=draft.pk).draft == draft


def test_what_was_sent_is_neither_answered_nor_sent_again(meals: Office) -> None:
    one = answered(begun(meals), meals)
    sent = actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)
    noted = len(events_of("service:school-meals"))

    again = actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)
    with pytest.raises(Conflict):
        answered(one, meals, MEALS)

    assert (again.pk, again.reference) == (sent.pk, sent.reference)
    assert len(events_of("service:school-meals")) == noted


def test_the_pages_of_a_form_that_was_sent_lead_to_what_became_of_it(meals: Office) -> None:
    one = answered(begun(meals), meals)
    client = client_of(meals, "author")
    place = reverse("authoring:rehearsal", kwargs={"rehearsal_id": one.pk})
    check = f"{place}check"
    open_ = client.get(check)
    actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)

    answers: list[Any] = [client.get(check), client.post(check)]

    assert open_.status_code == 200
    assert [(answer.status_code, answer.headers.get("Location")) for answer in answers] == [(302, place)] * 2


def test_an_ended_rehearsal_leads_back_to_where_it_began(office: Office) -> None:
    draft = office.draft()
    client = client_of(office, "author")
    told = []
    for found in (draft.pk, None):
        one = begun(office, KEY, draft_id=found)
        told.append(client.post(f"{reverse('authoring:rehearsal', kwargs={'rehearsal_id': one.pk})}end"))

    assert [answer.headers["Location"] for answer in told] == [
        reverse("authoring:draft", kwargs={"draft_id": draft.pk}),
        reverse("authoring:rehearsals"),
    ]
    assert queries.rehearsals_of(office.author) == []


def test_an_officer_is_told_beside_the_field_what_a_decision_by_hand_lacks(meals: Office) -> None:
    draft = actions.begin_draft("school-meals", by=meals.author, at=AT)
    unasked = r"^proactive:\n(?:  .*\n|\n)*|, when: offered = null|^    - \{key: told.*\n"
    text = re.sub(unasked, "", draft.files["service.yaml"], flags=re.MULTILINE)
    text = text.replace("kind: decide, label: The law decides", "kind: review, label: Looks")
    text = text.replace(
        "kind: review, label: An officer looks, when: decision = null", "kind: letter, label: L"
    )
    meals.save(draft, "service.yaml", text)
    one = answered(begun(meals, draft_id=draft.pk), meals)
    actions.send_in_rehearsal(one.pk, by=meals.author, at=AT)
    client = client_of(meals, "author")
    address = reverse("authoring:rehearsal-decide", args=[one.pk])
    sent = {"act": "decide", "outcome": "FREE", "legal_ground": "7 CFR 245.6"}

    wrong = client.post(address, sent | {"reasons": ""})
    nonsense = client.post(address, sent | {"act": "forget"})
    right = client.post(address, sent | {"reasons": "The family is in need."})

    assert (wrong.status_code, nonsense.status_code, right.status_code) == (422, 400, 302)


def test_a_page_reached_from_the_check_leads_back_to_it(office: Office) -> None:
    one = begun(office, KEY, resident="adult")
    page = reverse("authoring:rehearsal-page", args=[one.pk, "reach"])
    client, data = client_of(office, "author"), {"email": "somebody@example.org"}

    told = [client.post(page + query, data).headers["Location"] for query in ("", "?from=check")]

    assert told == [reverse(f"authoring:rehearsal{end}", args=[one.pk]) for end in ("", "-check")]


def test_a_draft_without_questions_has_no_page_of_them(office: Office) -> None:
    draft = office.draft()
    client, place = client_of(office, "author"), reverse("authoring:questions", args=[draft.pk])
    shown = client.get(place).status_code
    Draft.objects.filter(pk=draft.pk).update(files={"service.yaml": draft.files["service.yaml"]})

    assert (shown, client.get(place).status_code) == (200, 404)


@pytest.mark.parametrize(
    ("sent", "stored"), [("", None), ("12", 12), ("-3", -3), ("1.50", "1.50"), ("-0.5", "-0.5")]
)
def test_a_bound_of_a_number_is_stored_as_it_was_written(sent: str, stored: int | str | None) -> None:
    assert form._number("least", sent) == stored


@pytest.mark.parametrize("sent", ["1,5", "a few", "1.", "1e9", "--1"])
def test_a_bound_that_is_no_number_is_refused(sent: str) -> None:
    with pytest.raises(Invalid) as caught:
        form._number("least", sent)
    assert dict(caught.value.fields) == {"least": "Write a number."}


def test_a_condition_may_name_what_is_asked_before(office: Office) -> None:
    text = office.draft().files["form.yaml"]
    asked = [one["name"] for one in form._names(text, ["no-such-page"])]

    assert "email" in asked
    assert [one["name"] for one in form._names(text, ["reach", "email"])].count("email") == 1
    with pytest.raises(PlaceNotFound):
        questions.found(text, ("reach", "no-such-question"))


def test_an_archive_that_is_none_is_refused_beside_its_field(office: Office) -> None:
    client, address = client_of(office, "author"), reverse("authoring:import")

    nothing = client.post(address)
    nonsense = client.post(address, {"archive": SimpleUploadedFile("x.zip", b"PK nothing")})

    assert (nothing.status_code, nonsense.status_code) == (422, 422)
    assert "Choose a file first." in nothing.content.decode()
    assert not Draft.objects.exists()


def test_a_draft_is_discarded_once(office: Office) -> None:
    draft = office.draft()
    actions.discard(draft.pk, by=office.author, at=AT)
    noted = len(events_of(f"service:{KEY}"))

    again = actions.discard(draft.pk, by=office.author, at=AT)

    assert again.stage == Stage.DISCARDED
    assert len(events_of(f"service:{KEY}")) == noted


def test_what_was_published_is_not_discarded(office: Office) -> None:
    proposed = office.proposed()
    actions.approve(proposed.pk, revision=proposed.revision, by=office.other, at=AT)

    with pytest.raises(DraftClosed):
        actions.discard(proposed.pk, by=office.author, at=AT)

    assert Draft.objects.get().stage == Stage.PUBLISHED


def test_an_archive_that_is_too_large_is_not_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MAX_ARCHIVE_BYTES", 10)
    sent = SimpleUploadedFile("x.zip", b"PK and eleven")

    answer = client_of(office, "author").post(reverse("authoring:import"), {"archive": sent})

    assert answer.status_code == 422
    assert "It is larger than 10 bytes." in answer.content.decode()


def test_an_unknown_rehearsal_is_not_found(office: Office) -> None:
    with pytest.raises(RehearsalNotFound):
        queries.rehearsal_of(uuid4(), actor=office.author)
    address = reverse("authoring:rehearsal", args=[uuid4()])
    assert client_of(office, "author").get(address).status_code == 404


@pytest.mark.parametrize("text", ["cases: none", "cases: [", "- a list", ""])
def test_worked_cases_that_cannot_be_read_are_not_listed(office: Office, text: str) -> None:
    files = {**office.draft().files, "cases.yaml": text}

    assert queries.worked_cases(files, queries.check(KEY, files)) == []


def test_a_draft_of_what_stands_already_is_brought_up_to_date_by_nothing(office: Office) -> None:
    draft = office.draft()

    assert actions.catch_up(draft.pk, by=office.author, at=AT).revision == draft.revision


def test_who_only_writes_approves_nothing(office: Office) -> None:
    proposed = office.proposed()
    writer = actor_of(make_officer(capabilities=("authoring.edit",)).account)

    with pytest.raises(Forbidden):
        actions.approve(proposed.pk, revision=proposed.revision, by=writer, at=AT)

    assert Draft.objects.get().stage == Stage.PROPOSED

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from tests.factories.people import AT, make_account, make_officer, make_person, resident
from tests.kernel.consent.conftest import LATER, SYSTEM, Life, released
from tests.kernel.consent.traces import found

from commonweal.kernel.base.errors import Forbidden, Invalid, NotFound, UnderHold
from commonweal.kernel.base.personal import Erasure as How
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions as cases
from commonweal.kernel.cases.models import Case
from commonweal.kernel.consent import actions, erasing, queries
from commonweal.kernel.consent.enums import Status
from commonweal.kernel.consent.errors import (
    ErasureElsewhere,
    ErasureMovedOn,
    NotErasableYet,
    SecondOfficerNeeded,
)
from commonweal.kernel.consent.models import Erasure
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.jobs.messages import StoredMail
from commonweal.kernel.ledger.queries import events_of, streams, verify
from commonweal.kernel.people.models import Account, Fact, Identifier, Person
from commonweal.kernel.people.queries import record_ids
from commonweal.kernel.registers import models as registers
from commonweal.kernel.registers.queries import declared

OF_OFFICERS = {"people.Officer", "people.Membership", "people.Grant"}


def confirmed(life: Life, at: datetime) -> Erasure:
    erasure = actions.request_erasure(life.person, by=life.town.resident, at=at)
    actions.check_erasure(erasure.pk, by=life.first, at=at)
    return actions.confirm_erasure(erasure.pk, by=life.second, at=at)


def carried_out(erasure: Erasure, at: datetime) -> int:
    """Take every step of an erasure; each begins where the one before said."""
    table, after, steps = 0, "", 0
    while reached := actions.erase_step(erasure.pk, table=table, after=after, by=SYSTEM, at=at):
        (table, after), steps = reached, steps + 1
    return steps


@pytest.fixture
def no_register_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {key: each.model_copy(update={"on_erasure": "delete"}) for key, each in declared().items()}
    monkeypatch.setattr(registers, "registers_of", lambda root: changed)


def test_the_life_of_this_test_leaves_a_row_in_every_table_with_personal_data(life: Life) -> None:
    actions.request_erasure(life.person, by=life.town.resident, at=AT)
    persons = record_ids(life.person)
    empty = {
        table[0]._meta.label for table in erasing.tables() if not erasing.rows_about(table, persons).exists()
    }
    assert empty == OF_OFFICERS
    assert sorted(found(life.words)) != []


@pytest.mark.django_db
@pytest.mark.usefixtures("no_register_keeps")
@pytest.mark.parametrize("seed", range(3))
def test_nothing_of_a_person_is_left_in_any_table_after_an_erasure(
    over: Life,
    seed: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    delivered: Callable[[], list[StoredMail]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    at = AT + LATER
    monkeypatch.setattr(erasing, "STEP", random.Random(seed).choice([1, 2, 500]))
    assert set(found(over.words, tmp_path)) == set(over.words)

    email = Person.objects.get(pk=over.person).email
    delivered()
    erasure = confirmed(over, at)
    with django_capture_on_commit_callbacks(execute=True):
        steps = carried_out(erasure, at)
    (mail,) = delivered()

    assert mail.recipients == [email]
    assert "Your data have been erased" in mail.content.decode()
    assert {word for word in over.words if word in mail.content.decode()} <= {email.partition("@")[0]}
    assert found(over.words, tmp_path) == {}
    erasure.refresh_from_db()
    assert (erasure.status, erasure.reason) == (Status.DONE, "")
    assert steps >= 10
    person = Person.objects.get(pk=over.person)
    assert (person.name, person.email, person.account_id) == ("", "", None)
    assert not Account.objects.filter(person=person).exists()
    assert not Session.objects.exists()
    assert not Case.objects.exists()
    assert [decision.subject for decision in Decision.objects.all()] == [None] * Decision.objects.count()
    for name in streams():
        assert verify(name) == []
    assert all(
        event.payload is None
        for name in streams()
        for event in events_of(name)
        if event.subject in set(record_ids(over.person))
    )


@pytest.mark.django_db
def test_what_the_law_keeps_stays_and_goes_later_by_itself(life: Life) -> None:
    at = AT + timedelta(days=30)
    survey = erasing.survey(record_ids(life.person), at=at)

    assert survey.obstacles == ()
    assert survey.is_name_kept
    assert {line.reason for line in survey.stays} >= {
        "Applications of this service are kept by 7 CFR 272.1(f)."
    }
    assert "What is known about you" in {line.what for line in survey.goes}
    erasure = confirmed(life, at)
    carried_out(erasure, at)

    erasure.refresh_from_db()
    assert (erasure.status, erasure.next_on) == (Status.PARTLY, life.cases[0].dispose_on)
    assert Case.objects.count() == 2
    letters = StoredFile.objects.filter(stream__startswith="mailbox:")
    assert [letter.deleted_at for letter in letters] == [None], "the printed letter stays with its case"
    assert Person.objects.get(pk=life.person).name in life.words
    assert not Fact.objects.filter(person=life.person).exists()
    assert not Identifier.objects.filter(person=life.person).exists()
    assert Person.objects.get(pk=life.person).account is None
    assert any(event.payload for event in events_of(f"person:{life.person}"))
    assert erasure.next_on is not None
    due = [each.pk for each in queries.erasures_due(erasure.next_on)]
    assert due == [erasure.pk]
    assert list(queries.erasures_due(erasure.next_on - timedelta(days=1))) == []
    assert actions.resume_erasure(erasure.pk, by=SYSTEM, at=at + LATER)
    assert not actions.resume_erasure(erasure.pk, by=SYSTEM, at=at + LATER)


@pytest.mark.django_db
def test_a_register_whose_law_keeps_entries_says_so_and_does_not_keep_the_name(
    over: Life, delivered: Callable[[], list[StoredMail]]
) -> None:
    at = AT + LATER
    survey = erasing.survey(record_ids(over.person), at=at)
    assert [(line.what, line.count) for line in survey.stays] == [("Entries in registers", 1)]
    assert not survey.is_name_kept

    erasure = confirmed(over, at)
    carried_out(erasure, at)
    delivered()

    erasure.refresh_from_db()
    assert erasure.status == Status.DONE
    assert {place for places in found(over.words).values() for place in places} == {
        "registers_registerentry",
        "registers_searchvalue",
    }


@pytest.mark.django_db
def test_an_interrupted_erasure_goes_on_where_it_stopped(over: Life) -> None:
    at = AT + LATER
    erasure = confirmed(over, at)
    reached = actions.erase_step(erasure.pk, table=0, after="", by=SYSTEM, at=at)
    assert reached is not None
    again = actions.erase_step(erasure.pk, table=0, after="", by=SYSTEM, at=at)  # the cursor was lost
    assert again is not None
    carried_out(erasure, at)
    carried_out(erasure, at)
    erasure.refresh_from_db()
    assert erasure.status == Status.DONE


@pytest.mark.django_db
def test_an_open_application_stands_in_the_way(life: Life) -> None:
    open_case = life.town.send({**_strike(), "circumstances": ["strike"]})
    erasure = actions.request_erasure(life.person, by=life.town.resident, at=AT)
    actions.check_erasure(erasure.pk, by=life.first, at=AT)

    with pytest.raises(NotErasableYet) as refused:
        actions.confirm_erasure(erasure.pk, by=life.second, at=AT)

    assert open_case.reference in str(refused.value)
    assert "can be withdrawn" in str(refused.value)


def _strike() -> dict[str, Any]:
    from tests.kernel.cases.conftest import food_answers

    return food_answers()


@pytest.mark.django_db
def test_a_hold_stops_an_erasure_before_and_in_its_course(over: Life) -> None:
    at = AT + LATER
    hold = actions.place_hold(reason="court", stream=f"person:{over.person}", by=over.first, at=at)
    erasure = actions.request_erasure(over.person, by=over.town.resident, at=at)
    actions.check_erasure(erasure.pk, by=over.first, at=at)
    with pytest.raises(NotErasableYet, match="hold"):
        actions.confirm_erasure(erasure.pk, by=over.second, at=at)
    released(hold, by=(over.first, over.second), at=at)

    actions.confirm_erasure(erasure.pk, by=over.second, at=at)
    assert actions.erase_step(erasure.pk, table=0, after="", by=SYSTEM, at=at) is not None
    actions.place_hold(reason="another", person_id=over.person, by=over.first, at=at)
    assert actions.erase_step(erasure.pk, table=0, after="", by=SYSTEM, at=at) is None

    erasure.refresh_from_db()
    assert erasure.status == Status.PARTLY
    assert found(over.words)


@pytest.mark.django_db
def test_an_erasure_needs_two_officers(over: Life) -> None:
    at = AT + LATER
    erasure = actions.request_erasure(over.person, by=over.town.resident, at=at)
    assert actions.request_erasure(over.person, by=over.town.resident, at=at).pk == erasure.pk
    with pytest.raises(ErasureMovedOn):
        actions.confirm_erasure(erasure.pk, by=over.second, at=at)
    for _again in range(2):
        actions.check_erasure(erasure.pk, by=over.first, at=at)
    with pytest.raises(ErasureMovedOn):
        actions.check_erasure(erasure.pk, by=over.second, at=at)
    with pytest.raises(SecondOfficerNeeded):
        actions.confirm_erasure(erasure.pk, by=over.first, at=at)
    for actor in (over.town.officer, over.town.resident, Actor.guest()):
        with pytest.raises(Forbidden):
            actions.check_erasure(erasure.pk, by=actor, at=at)
        with pytest.raises(Forbidden):
            actions.confirm_erasure(erasure.pk, by=actor, at=at)
        with pytest.raises(Forbidden):
            actions.refuse_erasure(erasure.pk, answer="no", by=actor, at=at)


@pytest.mark.django_db
def test_an_erasure_is_the_business_of_the_agency_that_deals_with_it(over: Life) -> None:
    at = AT + LATER
    elsewhere = replace(over.second, agency="transportation")
    erasure = actions.request_erasure(over.person, by=over.town.resident, at=at)
    assert queries.erasure(erasure.pk, actor=elsewhere) == erasure  # nobody deals with it yet
    actions.check_erasure(erasure.pk, by=over.first, at=at)

    assert [list(queries.open_erasures(actor=each)) for each in (over.second, elsewhere)] == [[erasure], []]
    for act in (actions.check_erasure, actions.confirm_erasure):
        with pytest.raises(NotFound):
            act(erasure.pk, by=elsewhere, at=at)
    with pytest.raises(NotFound):
        actions.refuse_erasure(erasure.pk, answer="no", by=elsewhere, at=at)
    with pytest.raises(ErasureElsewhere):
        actions.request_erasure(over.person, reason="a letter", by=elsewhere, at=at)
    assert actions.confirm_erasure(erasure.pk, by=over.second, at=at).status == Status.RUNNING


@pytest.mark.django_db
def test_a_person_is_told_once_that_a_part_waits(
    life: Life, delivered: Callable[[], list[StoredMail]], monkeypatch: pytest.MonkeyPatch
) -> None:
    Case.objects.exclude(status="closed").delete()
    delivered()
    erasure = confirmed(life, AT)
    for _night in range(2):
        carried_out(erasure, AT)
        Erasure.objects.update(status=Status.RUNNING)
    (mail,) = delivered()

    assert "A part of your data has been erased" in mail.content.decode()
    assert mail.recipients == [Person.objects.get(pk=life.person).email]


@pytest.mark.django_db
def test_an_officer_who_asks_has_checked_and_says_why(over: Life) -> None:
    with pytest.raises(Invalid):
        actions.request_erasure(over.person, by=over.first, at=AT)
    erasure = actions.request_erasure(over.person, reason="a letter", by=over.first, at=AT)
    assert (erasure.status, erasure.checked_by) == (Status.CHECKED, UUID(over.first.id))
    with pytest.raises(SecondOfficerNeeded):
        actions.confirm_erasure(erasure.pk, by=over.first, at=AT)


@pytest.mark.django_db
def test_nobody_asks_for_somebody_else(over: Life) -> None:
    other = make_person(account=make_account())
    acting_for = Actor(ActorKind.RESIDENT, str(other.pk), on_behalf_of=str(over.person))
    for actor in (resident(other), acting_for, over.town.officer, Actor.guest()):
        with pytest.raises(Forbidden):
            actions.request_erasure(over.person, reason="why", by=actor, at=AT)
    with pytest.raises(NotFound):
        actions.request_erasure(uuid4(), by=over.first, reason="why", at=AT)


@pytest.mark.django_db
def test_a_request_can_be_withdrawn_or_refused_and_made_again(over: Life) -> None:
    town = over.town
    erasure = actions.request_erasure(over.person, by=town.resident, at=AT)
    with pytest.raises(NotFound):
        actions.withdraw_erasure(erasure.pk, by=over.first, at=AT)
    for _again in range(2):
        actions.withdraw_erasure(erasure.pk, by=town.resident, at=AT)
    second = actions.request_erasure(over.person, by=town.resident, at=AT)
    with pytest.raises(Invalid):
        actions.refuse_erasure(second.pk, answer=" ", by=over.first, at=AT)
    actions.refuse_erasure(second.pk, answer="You have a tax case.", by=over.first, at=AT)
    with pytest.raises(ErasureMovedOn):
        actions.withdraw_erasure(second.pk, by=town.resident, at=AT)
    latest = queries.erasure_of(over.person, actor=town.resident)
    assert latest is not None
    assert (latest.pk, latest.answer) == (second.pk, "You have a tax case.")
    with pytest.raises(NotFound):
        actions.check_erasure(uuid4(), by=over.first, at=AT)
    assert [event.type for event in events_of(second.stream)] == [
        "consent.erasure_requested",
        "consent.erasure_refused",
    ]
    assert actions.erase_step(second.pk, table=0, after="", by=SYSTEM, at=AT) is None


@pytest.mark.django_db
def test_an_officers_account_outlives_the_persons_data(over: Life) -> None:
    account = over.town.person.account
    assert account is not None
    make_officer(account=account)
    at = AT + LATER
    carried_out(confirmed(over, at), at)
    assert Account.objects.filter(pk=account.pk).exists()
    assert Person.objects.get(pk=over.person).account is None


@pytest.mark.django_db
def test_disposing_of_a_case_takes_all_that_belongs_to_it(life: Life) -> None:
    from commonweal.kernel.forms.models import Sheet
    from commonweal.kernel.mailbox.models import Message, Thread

    case = life.cases[1]
    assert case.dispose_on is not None
    hold = actions.place_hold(reason="audit", stream=case.stream, by=life.first, at=AT)
    with pytest.raises(UnderHold):
        cases.dispose(case.pk, on=case.dispose_on, by=SYSTEM, at=AT)
    released(hold, by=(life.first, life.second), at=AT)
    assert cases.dispose(case.pk, on=case.dispose_on, by=SYSTEM, at=AT)

    assert not Sheet.objects.filter(pk=case.sheet_id).exists()
    assert not Message.objects.filter(thread__stream=case.stream).exists()
    assert not Thread.objects.filter(stream=case.stream).exists()
    assert {row.subject for row in Decision.objects.filter(stream=case.stream)} == {None}
    kept_letters = StoredFile.objects.filter(stream__startswith="mailbox:", deleted_at=None)
    assert kept_letters.count() == 0, "the printed letter goes with its message"
    gone = ("note", "question", "answer", "reasons")
    assert not any(word for word in found(life.words) if any(word.startswith(f"xq7{kind}") for kind in gone))


def test_every_table_that_blanks_can_tell_what_a_blank_is() -> None:
    for model, declared_ in erasing.tables():
        if declared_.erasure is How.BLANK_FIELDS:
            for name in declared_.fields:
                erasing._blank(model, name)

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.factories.people import AT, make_account, make_officer, make_person, officer_actor, resident
from tests.kernel.consent.conftest import SYSTEM, released

from commonweal.kernel.base import append_only, clock
from commonweal.kernel.base.errors import Forbidden, Invalid, NotFound, UnderHold
from commonweal.kernel.base.models import IdempotentAnswer
from commonweal.kernel.base.personal import held_now, must_not_be_held
from commonweal.kernel.base.types import Actor
from commonweal.kernel.consent import actions, erasing, tasks
from commonweal.kernel.consent.errors import HoldMovedOn, SecondOfficerNeeded
from commonweal.kernel.consent.models import Hold
from commonweal.kernel.consent.queries import standing_holds
from commonweal.kernel.consent.rules import HOLD
from commonweal.kernel.files.actions import store_file
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.files.queries import files_due
from commonweal.kernel.forms.actions import delete_expired, start_sheet
from commonweal.kernel.jobs.actions import queue_mail
from commonweal.kernel.jobs.models import OutboxMessage
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.ledger.models import AccessRecord
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.actions import make_token, merge_persons, part_persons
from commonweal.kernel.people.models import ApiToken

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2001, 5, 4, tzinfo=UTC)


def retained() -> int:
    """Run the nightly job as the worker does; return how many steps it took."""
    cursor: Any = None
    steps = 0
    while cursor := tasks.retain({}, cursor):
        steps += 1
    return steps


def test_access_records_go_after_ten_years_and_no_sooner() -> None:
    person = make_person()
    nearly = clock.years_before(clock.now(), 10) + timedelta(days=2)
    for at in (LONG_AGO, LONG_AGO, nearly, clock.now()):
        record_access(SYSTEM, [person.pk], "tests", at=at)

    retained()

    assert min(AccessRecord.objects.values_list("at", flat=True)) == nearly
    assert AccessRecord.objects.count() == 2
    (entry,) = events_of("consent:retention")
    assert entry.payload == {"table": "ledger.AccessRecord", "rows": 2}


def test_a_younger_access_record_cannot_be_deleted_by_anybody() -> None:
    person = make_person()
    record_access(SYSTEM, [person.pk], "tests", at=clock.now())
    for statement in (
        "DELETE FROM ledger_accessrecord",
        "UPDATE ledger_accessrecord SET purpose = 'other'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    record_access(SYSTEM, [person.pk], "tests", at=LONG_AGO)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE ledger_accessrecord SET purpose = 'other' WHERE at < '2010-01-01'")
    assert AccessRecord.objects.count() == 2


def test_guards_are_put_back_as_they_were() -> None:
    before = append_only._guards(connection)
    assert any("ledger_accessrecord" in statement and "10" in statement for statement in before)
    assert (
        append_only.DeletableAfter("t", column="at", years=10).describe()
        == "Rows of t may be deleted after 10 years"
    )


def test_idempotent_answers_and_tokens_go_when_their_time_is_over() -> None:
    now = clock.now()
    person = make_person(account=make_account())
    for key, age in (("old", 25), ("new", 23)):
        IdempotentAnswer.objects.create(
            actor="resident:x", key=key, request_hash="h", created_at=now - timedelta(hours=age)
        )
    assert person.account is not None
    for days in (95, 85):
        at = now - timedelta(days=days + 1)
        make_token(
            person.account.pk,
            name="x",
            scope="read",
            expires_at=at + timedelta(1),
            by=resident(person),
            at=at,
        )

    assert retained() == 2

    assert [row.key for row in IdempotentAnswer.objects.all()] == ["new"]
    assert ApiToken.objects.count() == 1


def test_the_job_goes_on_where_it_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "STEP", 2)
    now = clock.now()
    for number in range(5):
        IdempotentAnswer.objects.create(
            actor="x", key=str(number), request_hash="h", created_at=now - timedelta(days=2)
        )
    first = tasks.retain({}, None)
    assert first is not None
    assert IdempotentAnswer.objects.count() == 3
    assert actions.retain_step(table=first["table"], by=SYSTEM, at=now) == first["table"]
    assert retained() == 1


def test_nothing_under_a_hold_is_deleted(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    from commonweal.kernel.catalogue.actions import publish_folder

    publish_folder("food-assistance", by=SYSTEM, at=AT)
    person, other = make_person(account=make_account()), make_person(account=make_account())
    officer, colleague = officer_actor(make_officer(), HOLD), officer_actor(make_officer(), HOLD)
    for one in (person, other):
        record_access(SYSTEM, [one.pk], "tests", at=LONG_AGO)
        start_sheet("food-assistance", by=resident(one), at=LONG_AGO)
        store_file(
            b"%PDF-1.7\n%%EOF",
            name="x.pdf",
            stream=f"person:{one.pk}",
            subject=one.pk,
            purpose="tests",
            retention_on=LONG_AGO.date(),
            by=SYSTEM,
            at=LONG_AGO,
        )
    hold = actions.place_hold(reason="court", person_id=person.pk, by=officer, at=clock.now())
    stream = actions.place_hold(reason="court", stream=f"person:{other.pk}", by=officer, at=clock.now())

    retained()

    assert [row.subject for row in AccessRecord.objects.all()] == [person.pk]
    assert delete_expired(by=SYSTEM, at=clock.now()) == 1
    assert list(files_due(clock.today())) == []
    released(stream, by=(officer, colleague), at=clock.now())
    assert [row.subject for row in files_due(clock.today())] == [other.pk]
    released(hold, by=(officer, colleague), at=clock.now())
    assert delete_expired(by=SYSTEM, at=clock.now()) == 1
    assert StoredFile.objects.count() == files_due(clock.today()).count() == 2


@pytest.mark.parametrize("is_merged_first", [True, False])
def test_a_hold_on_a_person_protects_every_record_of_the_person(*, is_merged_first: bool) -> None:
    kept, merged, other = make_person(), make_person(), make_person()
    officer = officer_actor(make_officer(), HOLD)
    for one in (kept, merged, other):
        record_access(SYSTEM, [one.pk], "tests", at=LONG_AGO)
    if is_merged_first:
        merge_persons(kept.pk, merged.pk, reason="twice", by=SYSTEM, at=AT)
    actions.place_hold(reason="court", person_id=merged.pk, by=officer, at=AT)
    if not is_merged_first:
        merge_persons(kept.pk, merged.pk, reason="twice", by=SYSTEM, at=AT)

    retained()

    assert held_now().subjects == {kept.pk, merged.pk}
    assert {row.subject for row in AccessRecord.objects.all()} == {kept.pk, merged.pk}
    with pytest.raises(UnderHold):
        must_not_be_held(subjects=[merged.pk])
    must_not_be_held(subjects=[other.pk])


def test_a_hold_on_a_person_stays_on_a_record_that_is_parted_later() -> None:
    first, second, third, fourth, before = (make_person() for _ in range(5))
    officer, colleague = officer_actor(make_officer(), HOLD), officer_actor(make_officer(), HOLD)
    hours = [AT + timedelta(hours=number) for number in range(9)]
    early = merge_persons(first.pk, before.pk, reason="twice", by=SYSTEM, at=hours[0])
    part_persons(early.pk, reason="not so", by=SYSTEM, at=hours[1])
    one = merge_persons(first.pk, second.pk, reason="twice", by=SYSTEM, at=hours[2])
    hold = actions.place_hold(reason="court", person_id=second.pk, by=officer, at=hours[3])
    whole = merge_persons(third.pk, first.pk, reason="twice", by=SYSTEM, at=hours[4])
    part_persons(whole.pk, reason="not so", by=SYSTEM, at=hours[5])
    part_persons(one.pk, reason="not so", by=SYSTEM, at=hours[6])
    merge_persons(fourth.pk, third.pk, reason="twice", by=SYSTEM, at=hours[7])

    assert held_now().subjects == {first.pk, second.pk, third.pk, fourth.pk}
    with pytest.raises(UnderHold):
        must_not_be_held(subjects=[second.pk])
    released(hold, by=(officer, colleague), at=hours[8])
    assert held_now().subjects == frozenset()


def test_a_hold_ends_when_two_officers_of_its_agency_say_so() -> None:
    person = make_person()
    officer, colleague = officer_actor(make_officer(), HOLD), officer_actor(make_officer(), HOLD)
    elsewhere = officer_actor(make_officer(agency="transportation"), HOLD)
    hold = actions.place_hold(reason="court", person_id=person.pk, by=officer, at=AT)

    with pytest.raises(HoldMovedOn):
        actions.release_hold(hold.pk, by=colleague, at=AT)
    with pytest.raises(Invalid):
        actions.ask_release(hold.pk, reason=" ", by=officer, at=AT)
    for _again in range(2):
        actions.ask_release(hold.pk, reason="settled", by=officer, at=AT)
    with pytest.raises(HoldMovedOn):
        actions.ask_release(hold.pk, reason="settled", by=colleague, at=AT)
    with pytest.raises(SecondOfficerNeeded):
        actions.release_hold(hold.pk, by=officer, at=AT)
    for act in (actions.release_hold, actions.keep_hold):
        with pytest.raises(NotFound):
            act(hold.pk, by=elsewhere, at=AT)
        with pytest.raises(Forbidden):
            act(hold.pk, by=officer_actor(make_officer()), at=AT)
    for _again in range(2):
        actions.keep_hold(hold.pk, by=colleague, at=AT)
    assert held_now().subjects == {person.pk}
    released(hold, by=(colleague, officer), at=AT)
    assert actions.release_hold(hold.pk, by=officer, at=AT).released_at == AT
    with pytest.raises(HoldMovedOn):
        actions.keep_hold(hold.pk, by=officer, at=AT)
    assert held_now().subjects == frozenset()
    assert [event.type.partition(".")[2] for event in events_of(f"hold:{hold.pk}")] == [
        "hold_placed",
        "hold_release_asked",
        "hold_kept",
        "hold_release_asked",
        "hold_released",
    ]


def test_the_database_itself_asks_for_two_officers() -> None:
    hold = actions.place_hold(
        reason="court", person_id=make_person().pk, by=officer_actor(make_officer(), HOLD), at=AT
    )
    row = Hold.objects.filter(pk=hold.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(released_at=AT, released_by="officer:1", release_asked_by="officer:1")


def test_agencies_place_and_see_holds_of_their_own() -> None:
    person = make_person()
    officer = officer_actor(make_officer(), HOLD)
    elsewhere = officer_actor(make_officer(agency="transportation"), HOLD)
    mine, theirs = (
        actions.place_hold(reason="court", person_id=person.pk, by=each, at=AT)
        for each in (officer, elsewhere)
    )

    assert mine != theirs
    assert [list(standing_holds(actor=each)) for each in (officer, elsewhere)] == [[mine], [theirs]]
    released(mine, by=(officer, officer_actor(make_officer(), HOLD)), at=AT)
    assert held_now().subjects == {person.pk}


def test_the_text_of_a_mail_that_never_left_goes_after_thirty_days() -> None:
    for days in (31, 29):
        queue_mail(
            to=["ada@example.org"],
            subject_line="Your code",
            text="123456",
            idempotency_key=f"test:{days}",
            at=clock.now() - timedelta(days=days),
        )

    retained()

    left = OutboxMessage.objects.filter(payload__isnull=False)
    assert [row.idempotency_key for row in left] == ["test:29"]


def test_only_officers_who_may_place_holds() -> None:
    person = make_person()
    for actor in (Actor.guest(), resident(person), officer_actor(make_officer())):
        with pytest.raises(Forbidden):
            actions.place_hold(reason="x", person_id=person.pk, by=actor, at=AT)
    may = officer_actor(make_officer(), HOLD)
    with pytest.raises(Invalid):
        actions.place_hold(reason="x", by=may, at=AT)
    with pytest.raises(Invalid):
        actions.place_hold(reason="x", person_id=person.pk, stream="case:x", by=may, at=AT)

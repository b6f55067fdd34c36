"""Two records of one person: while they are merged, each sees what is the other's; parted, each has its own again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.factories.people import AT, make_account, make_person
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.cases.models import Case
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.ledger.queries import accesses_to
from commonweal.kernel.people.actions import merge_persons, part_persons
from commonweal.kernel.people.models import Account, Person
from commonweal.kernel.people.queries import account_for_request, actor_of

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def actor(person: Person) -> Actor:
    assert person.account_id is not None
    account = account_for_request(person.account_id)
    assert isinstance(account, Account)
    return actor_of(account)


def sent(by: Actor) -> Case:
    started = start_sheet("food-assistance", by=by, at=AT)
    saved = answer_all(started.sheet_id, food_answers(), revision=0, by=by, at=AT)
    return submit(started.sheet_id, applicant_id=by.person_ids[0], revision=saved.revision, by=by, at=AT)


def seen(person: Person) -> tuple[set[str], str]:
    client = Client()
    client.force_login(person.account)
    listed = {each["reference"] for each in client.get("/api/v1/cases").json()["items"]}
    return listed, client.get("/me/").content.decode()


def test_merged_records_share_their_cases_and_drafts_and_parting_gives_each_its_own(town: Town) -> None:
    one, two = town.person, make_person(account=make_account(), name="The same")
    first, second = sent(actor(one)), sent(actor(two))
    draft = start_sheet("food-assistance", by=actor(two), at=clock.now())

    merge = merge_persons(one.pk, two.pk, reason="one person", by=SYSTEM, at=AT)

    assert actor(one).person_ids == (one.pk, two.pk)
    assert actor(two).person_ids == (two.pk, one.pk)
    both = {first.reference, second.reference}
    for person in (one, two):
        listed, page = seen(person)
        assert listed == both
        assert str(draft.sheet_id) in page
    third = sent(actor(two))  # sent while they are one, from the second account
    assert third.applicant_id == two.pk

    part_persons(merge.pk, reason="a mistake", by=SYSTEM, at=AT)

    assert actor(one).person_ids == (one.pk,)
    assert seen(one)[0] == {first.reference}
    assert str(draft.sheet_id) not in seen(one)[1]
    assert seen(two)[0] == {second.reference, third.reference}


def test_a_draft_of_one_record_sent_from_the_others_account_stays_its_own(town: Town) -> None:
    one, two = town.person, make_person(account=make_account())
    begun = actor(two)
    draft = start_sheet("food-assistance", by=begun, at=AT)
    saved = answer_all(draft.sheet_id, food_answers(), revision=0, by=begun, at=AT)
    merge_persons(one.pk, two.pk, reason="one person", by=SYSTEM, at=AT)
    by = actor(one)

    case = submit(draft.sheet_id, applicant_id=by.person_ids[0], revision=saved.revision, by=by, at=AT)

    assert case.applicant_id == two.pk


def test_accesses_lie_with_every_record_that_was_shown(town: Town) -> None:
    one, two = town.person, make_person(account=make_account())
    case = sent(actor(two))
    merge = merge_persons(one.pk, two.pk, reason="one person", by=SYSTEM, at=AT)
    client = Client()
    client.force_login(town.workers["officer"].account)

    shown: Any = client.get(f"/workbench/cases/{case.reference}/")
    part_persons(merge.pk, reason="a mistake", by=SYSTEM, at=AT)

    assert shown.status_code == 200
    for person in (one, two):
        assert [access.actor.id for access in accesses_to(person.pk)][:1] == [town.officer.id]

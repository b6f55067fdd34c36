from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from tests.factories.people import make_person
from tests.kernel.forms.conftest import AT, FORM, KEY, City, resident, sheet

from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import ServiceNotFound, ServiceSuspended
from commonweal.kernel.forms.actions import (
    answer_all,
    answer_item,
    answer_page,
    claim_sheet,
    delete_expired,
    put_aside,
    remove_item,
    start_sheet,
    submit_sheet,
)
from commonweal.kernel.forms.errors import (
    AnswersInvalid,
    PageNotFound,
    SheetExpired,
    SheetMoved,
    SheetNotFound,
    SheetSubmitted,
    SheetTaken,
)
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries import feel_facts, form_of, page_view, review
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db

PERSON = {"name": "Ada Quill", "birth_date": "1980-02-29"}
LATER = AT + timedelta(hours=1)


@pytest.fixture
def ada(city: City) -> Actor:
    return resident(make_person().pk)


@pytest.fixture
def started(ada: Actor) -> UUID:
    return start_sheet(KEY, by=ada, at=AT).sheet_id


def _answer(sheet_id: UUID, page: str, raw: Any, by: Actor, **kwargs: Any) -> Any:
    revision = kwargs.pop("revision", None)
    if revision is None:
        revision = Sheet.objects.get(pk=sheet_id).revision
    return answer_page(sheet_id, page, raw, revision=revision, by=by, at=kwargs.pop("at", AT), **kwargs)


def _item(sheet_id: UUID, index: int | None, raw: Any, by: Actor) -> Any:
    revision = Sheet.objects.get(pk=sheet_id).revision
    return answer_item(sheet_id, "household", index, raw, revision=revision, by=by, at=AT)


def _fill(sheet_id: UUID, by: Actor) -> None:
    _answer(sheet_id, "person", PERSON, by)
    _answer(sheet_id, "home", {"has_home": "yes", "rent": "850"}, by)
    _item(sheet_id, None, {"member_name": "Ada", "age": "46"}, by)
    _answer(sheet_id, "household", {}, by)
    _answer(sheet_id, "more", {}, by)


def test_start_sheet_pins_the_live_version_and_is_recorded(city: City, ada: Actor) -> None:
    started = start_sheet(KEY, by=ada, at=AT)

    row = sheet()
    assert (row.pk, row.service_key, row.agency, str(row.owner_id), row.expires_at) == (
        started.sheet_id,
        KEY,
        "human-services",
        ada.id,
        AT + timedelta(days=30),
    )
    assert started.token == row.token_hash == ""
    assert [(event.type, event.subject, event.payload) for event in events_of(row.stream)] == [
        (
            "forms.sheet_started",
            row.owner_id,
            {"service": KEY, "version": str(row.version_id), "channel": "online"},
        )
    ]


def test_starting_again_before_any_answer_gives_the_same_sheet(ada: Actor) -> None:
    assert start_sheet(KEY, by=ada, at=AT) == start_sheet(KEY, by=ada, at=LATER)
    assert Sheet.objects.count() == 1


def test_a_guest_gets_a_link_whose_secret_is_not_stored(city: City) -> None:
    started = start_sheet(KEY, by=Actor.guest(), at=AT)

    assert len(started.token) >= 43
    assert started.token not in str(Sheet.objects.values_list())
    _answer(started.sheet_id, "person", PERSON, Actor.guest(), token=started.token)
    with pytest.raises(SheetNotFound):
        _answer(started.sheet_id, "person", PERSON, Actor.guest(), token="guessed")
    with pytest.raises(SheetNotFound):
        _answer(started.sheet_id, "person", PERSON, resident(), token="")


def test_a_service_that_is_not_offered_cannot_be_begun(city: City, ada: Actor) -> None:
    with pytest.raises(ServiceNotFound):
        start_sheet("none", by=ada, at=AT)
    set_status(city.publish().pk, Status.SUSPENDED, by=ada, at=AT)
    with pytest.raises(ServiceSuspended):
        start_sheet(KEY, by=ada, at=AT)


def test_a_service_without_questions_cannot_be_begun(city: City, ada: Actor) -> None:
    (city.folder / "form.yaml").unlink()
    publish_folder(KEY, by=ada, at=AT)

    with pytest.raises(SheetNotFound):
        start_sheet(KEY, by=ada, at=AT)


def test_an_officer_says_whom_they_fill_in_for(city: City) -> None:
    person = make_person()

    with pytest.raises(Forbidden):
        start_sheet(KEY, by=Actor(ActorKind.OFFICER, "o"), at=AT)
    start_sheet(KEY, by=Actor(ActorKind.OFFICER, "o", on_behalf_of=str(person.pk)), at=AT)

    assert sheet().owner_id == person.pk


def test_answers_are_saved_and_recorded_without_their_content(started: UUID, ada: Actor) -> None:
    saved = _answer(started, "person", PERSON, ada, at=LATER)

    row = sheet()
    assert (saved.revision, saved.is_page_done, saved.next_page) == (1, True, "home")
    assert row.answers == {"name": "Ada Quill", "birth_date": "1980-02-29"}
    assert (row.done_pages, row.updated_at, row.expires_at) == (
        ["person"],
        LATER,
        LATER + timedelta(days=30),
    )
    event = events_of(row.stream)[-1]
    assert (event.type, event.payload) == ("forms.page_answered", {"page": "person", "revision": 1})


def test_a_browsers_fields_are_understood(started: UUID, ada: Actor) -> None:
    raw = QueryDict("name=Ada+Quill&birth_date-day=29&birth_date-month=2&birth_date-year=1980")
    _answer(started, "person", raw, ada)
    _answer(started, "home", QueryDict("has_home=no"), ada)
    _answer(started, "more", QueryDict("branches=elm&branches=harbour&note="), ada)

    assert sheet().answers == PERSON | {
        "has_home": False,
        "branches": ["harbour", "elm"],
        "note": None,
    }


def test_wrong_answers_are_named_and_nothing_is_saved(started: UUID, ada: Actor) -> None:
    raw = {"name": " ", "birth_date-day": "30", "birth_date-month": "2", "birth_date-year": "1980"}

    with pytest.raises(AnswersInvalid) as caught:
        _answer(started, "person", raw, ada)

    assert caught.value.fields == {
        "name": "Enter your name.",
        "birth_date": "There is no such day. Check the day and the month.",
    }
    assert (sheet().answers, sheet().revision) == ({}, 0)


def test_an_unfinished_page_is_put_aside_with_what_is_right(started: UUID, ada: Actor) -> None:
    raw = {"name": "Ada Quill", "birth_date": "the other day"}

    saved = put_aside(started, "person", raw, revision=0, by=ada, at=AT)

    found = Sheet.objects.get(pk=started)
    assert (found.answers, found.done_pages) == ({"name": "Ada Quill"}, [])
    assert (saved.revision, saved.next_page) == (1, "home")
    assert events_of(found.stream)[-1].type == "forms.page_answered"


def test_putting_the_list_of_a_group_aside_changes_nothing(started: UUID, ada: Actor) -> None:
    _fill(started, ada)
    before = Sheet.objects.get(pk=started).revision

    assert put_aside(started, "household", {}, revision=before, by=ada, at=AT).revision == before


def test_a_rule_of_the_form_is_held(started: UUID, ada: Actor) -> None:
    with pytest.raises(AnswersInvalid) as caught:
        _answer(started, "person", PERSON | {"birth_date": "2026-09-16"}, ada)

    assert caught.value.fields == {"birth_date": "This day is in the future."}


def test_sending_the_same_answers_twice_changes_nothing(started: UUID, ada: Actor) -> None:
    _answer(started, "person", PERSON, ada)

    again = _answer(started, "person", PERSON, ada, revision=0)

    assert (again.revision, again.next_page) == (1, "home")
    assert len(events_of(sheet().stream)) == 2


def test_another_tab_with_other_answers_is_told_so(started: UUID, ada: Actor) -> None:
    _answer(started, "person", PERSON, ada)

    with pytest.raises(SheetMoved) as caught:
        _answer(started, "person", PERSON | {"name": "Somebody"}, ada, revision=0)

    assert caught.value.status == 409
    assert sheet().answers["name"] == "Ada Quill"


def test_a_question_that_an_answer_brings_up_is_asked_next(started: UUID, ada: Actor) -> None:
    saved = _answer(started, "home", {"has_home": "yes"}, ada)

    assert (saved.is_page_done, saved.next_page) == (False, "household")
    with pytest.raises(AnswersInvalid) as caught:
        _answer(started, "home", {"has_home": "yes"}, ada)
    assert caught.value.fields == {"rent": "Enter your rent."}
    assert _answer(started, "home", {"has_home": "yes", "rent": "$1,250"}, ada).is_page_done
    assert sheet().answers == {"has_home": True, "rent": "1250.00"}


def test_answers_that_no_longer_apply_are_kept_but_not_sent(started: UUID, ada: Actor) -> None:
    _fill(started, ada)
    _answer(started, "home", {"has_home": "no"}, ada)
    kept = sheet().answers

    sent = submit_sheet(started, revision=sheet().revision, by=ada, at=LATER)

    assert kept["rent"] == "850.00"
    assert "members" in kept
    assert sent.answers == PERSON | {"has_home": False, "branches": None, "note": None}
    assert sheet().answers == sent.answers


def test_items_of_a_group_are_added_changed_and_removed(started: UUID, ada: Actor) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)

    first = _item(started, None, {"member_name": "Ada", "age": "46", "pay": "1,850.50"}, ada)
    second = _item(started, None, {"member_name": "Bo", "age": "9"}, ada)
    again = _item(started, 1, {"member_name": "Bo", "age": "9", "school": "yes"}, ada)

    assert [(saved.item, saved.is_page_done) for saved in (first, second, again)] == [
        (0, True),
        (1, False),
        (1, True),
    ]
    assert sheet().answers["members"] == [
        {"member_name": "Ada", "age": "46", "pay": "1850.50"},
        {"member_name": "Bo", "age": "9", "school": True},
    ]
    remove_item(started, "household", 0, revision=sheet().revision, by=ada, at=AT)
    assert [member["member_name"] for member in sheet().answers["members"]] == ["Bo"]
    assert "household" not in sheet().done_pages
    assert _answer(started, "household", {}, ada).is_page_done


def test_a_group_needs_its_fewest_and_takes_no_more_than_its_most(started: UUID, ada: Actor) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)

    with pytest.raises(AnswersInvalid) as few:
        _answer(started, "household", {}, ada)
    for number in range(3):
        _item(started, None, {"member_name": f"Person {number}", "age": "40"}, ada)
    with pytest.raises(AnswersInvalid) as many:
        _item(started, None, {"member_name": "One more", "age": "40"}, ada)

    assert few.value.fields == {"members": "Add at least one person."}
    assert many.value.fields == {"member_name": "At most 3 can be entered here (person)."}


def test_wrong_answers_about_an_item_are_named(started: UUID, ada: Actor) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)

    with pytest.raises(AnswersInvalid) as caught:
        _item(started, None, {"member_name": "", "age": "130", "pay": "much"}, ada)

    assert caught.value.fields == {
        "member_name": "Enter a name.",
        "age": "For the age, enter 125 or less.",
        "pay": "Enter an amount as a number, such as 850 or 850.50.",
    }


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_an_item_that_is_not_there_is_not_found(started: UUID, ada: Actor, index: int) -> None:
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)
    _item(started, None, {"member_name": "Ada", "age": "46"}, ada)

    with pytest.raises(PageNotFound):
        _item(started, index, {"member_name": "Bo", "age": "9"}, ada)
    with pytest.raises(PageNotFound):
        remove_item(started, "household", index, revision=sheet().revision, by=ada, at=AT)


@pytest.mark.parametrize("page", ["none", "household"])
def test_a_page_that_does_not_come_is_not_found(started: UUID, ada: Actor, page: str) -> None:
    with pytest.raises(PageNotFound):
        _answer(started, page, {}, ada)


def test_a_page_without_a_group_has_no_items(started: UUID, ada: Actor) -> None:
    with pytest.raises(PageNotFound):
        answer_item(started, "person", None, {}, revision=0, by=ada, at=AT)


def test_known_facts_become_answers_with_their_source(city: City) -> None:
    person = make_person(birth_date="1980-02-29")
    ada = resident(person.pk)
    started = start_sheet(KEY, by=ada, at=AT).sheet_id

    _answer(started, "person", PERSON, ada)
    known = sheet().sources
    _answer(started, "person", PERSON | {"birth_date": "1981-01-01"}, ada)

    assert known["birth_date"]["source"] == "tests"
    assert "says" not in known["birth_date"]
    assert sheet().sources["birth_date"] == known["birth_date"] | {"says": "1980-02-29"}
    changed = review(sheet(), "en", at=AT).groups[0].answers[1]
    assert (changed.lines, changed.prefilled and changed.prefilled.says) == (
        ("January 1, 1981",),
        ("February 29, 1980",),
    )


def test_a_known_household_can_be_confirmed_changed_and_shortened(city: City) -> None:
    people = [{"member_name": "Ada", "age": 46}, {"member_name": "Bo", "age": 9}, {"age": "?"}]
    ada = resident(make_person(household=people).pk)
    started = start_sheet(KEY, by=ada, at=AT).sheet_id
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)

    _item(started, 1, {"member_name": "Bo", "age": "10", "school": "yes"}, ada)

    assert sheet().answers["members"] == [
        {"member_name": "Ada", "age": "46"},
        {"member_name": "Bo", "age": "10", "school": True},
    ]
    assert {place: source.get("says") for place, source in sheet().sources.items()} == {
        "members[1]": None,
        "members[2].member_name": None,
        "members[2].age": "9",
    }
    remove_item(started, "household", 0, revision=sheet().revision, by=ada, at=AT)
    assert list(sheet().sources) == ["members[1].member_name", "members[1].age"]
    remove_item(started, "household", 0, revision=sheet().revision, by=ada, at=AT)
    assert sheet().sources == {}


def test_what_is_added_to_a_known_person_leaves_the_source_of_the_rest(city: City) -> None:
    ada = resident(make_person(household=[{"member_name": "Ada", "age": 46}]).pk)
    started = start_sheet(KEY, by=ada, at=AT).sheet_id
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)

    _item(started, 0, {"member_name": "Ada", "age": "46", "pay": "100"}, ada)
    _item(started, 0, {"member_name": "Ada", "age": "47", "pay": "100"}, ada)
    changed = page_view(sheet(), "household", "en", at=AT)
    field = page_view(sheet(), "household", "en", at=AT, item=0).questions[1].prefilled
    _item(started, 0, {"member_name": "Ada", "age": "46", "pay": "120"}, ada)
    _answer(started, "household", {}, ada)

    assert changed.group is not None
    said = [part and (part.source, part.says) for part in changed.group.items[0].parts]
    assert said == [("tests", ()), ("tests", ("46",)), None]
    assert (changed.group.items[0].prefilled, changed.group.items[0].records) == (None, ("fact:household",))
    assert field is not None
    assert field.says == ("46",)
    assert {place: source.get("says") for place, source in sheet().sources.items()} == {
        "members[1].member_name": None,
        "members[1].age": None,
    }
    rows = review(sheet(), "en", at=AT).groups[2].items[0][1]
    assert [(row.label, row.prefilled is not None) for row in rows] == [
        ("Name", True),
        ("Age", True),
        ("Pay", False),
    ]


def test_a_known_household_is_taken_over_as_it_is(city: City) -> None:
    ada = resident(make_person(household=[{"member_name": "Ada", "age": 46}]).pk)
    started = start_sheet(KEY, by=ada, at=AT).sheet_id
    _answer(started, "home", {"has_home": "yes", "rent": "850"}, ada)

    saved = _answer(started, "household", {}, ada)

    assert saved.is_page_done
    assert sheet().answers["members"] == [{"member_name": "Ada", "age": "46"}]
    assert list(sheet().sources) == ["members[1]"]


def test_submit_sheet_checks_everything_once_more(started: UUID, ada: Actor) -> None:
    _answer(started, "person", PERSON, ada)

    with pytest.raises(AnswersInvalid) as caught:
        submit_sheet(started, revision=1, by=ada, at=AT)

    assert caught.value.fields == {
        "home": "Select yes or no.",
        "more": "Answer the questions on this page.",
    }
    assert sheet().submitted_at is None


def test_submit_sheet_gives_the_same_submission_again(started: UUID, ada: Actor) -> None:
    _fill(started, ada)
    revision = sheet().revision

    first = submit_sheet(started, revision=revision, by=ada, at=LATER)
    second = submit_sheet(started, revision=revision, by=ada, at=LATER)

    assert (first.is_new, second.is_new) == (True, False)
    assert replace(second, is_new=True) == first
    assert first.facts == feel_facts(form_of(sheet()), sheet().answers, at=LATER)
    assert (first.sheet_id, first.faults) == (started, {})
    assert first.answers["members"] == [{"member_name": "Ada", "age": "46"}]
    assert [event.type for event in events_of(sheet().stream)].count("forms.sheet_submitted") == 1
    with pytest.raises(SheetSubmitted):
        _answer(started, "more", {"note": "too late"}, ada)


def test_submit_sheet_refuses_a_review_that_is_out_of_date(started: UUID, ada: Actor) -> None:
    _fill(started, ada)

    with pytest.raises(SheetMoved):
        submit_sheet(started, revision=1, by=ada, at=LATER)


def test_a_rule_that_gives_no_answer_is_a_fault_for_an_officer(city: City, ada: Actor) -> None:
    city.publish(FORM.replace("birth_date <= today()", 'birth_date <= date("no date")'))
    started = start_sheet(KEY, by=ada, at=AT).sheet_id

    _fill(started, ada)
    sent = submit_sheet(started, revision=sheet().revision, by=ada, at=LATER)

    assert list(sent.faults) == ["birth_date.valid[1]"]
    assert "date" in sent.faults["birth_date.valid[1]"]


def test_a_new_version_leaves_what_has_begun_alone(city: City, started: UUID, ada: Actor) -> None:
    _answer(started, "person", PERSON, ada)
    city.publish(FORM.replace("key: name,", "key: full_name,"))

    _answer(started, "person", PERSON | {"name": "Ada Q."}, ada)

    assert sheet().answers["name"] == "Ada Q."


def test_an_expired_sheet_is_gone(started: UUID, ada: Actor) -> None:
    late = AT + timedelta(days=30)

    with pytest.raises(SheetExpired):
        _answer(started, "person", PERSON, ada, at=late)
    assert delete_expired(by=Actor.system("forms"), at=late - timedelta(seconds=1)) == 0
    assert delete_expired(by=Actor.system("forms"), at=late) == 1
    assert delete_expired(by=Actor.system("forms"), at=late) == 0
    assert events_of(f"sheet:{started}")[-1].type == "forms.sheet_expired"
    with pytest.raises(SheetNotFound):
        _answer(started, "person", PERSON, ada, revision=0)


def test_a_sheet_of_somebody_else_is_not_found(started: UUID) -> None:
    for stranger in (resident(), Actor.guest(), Actor(ActorKind.OFFICER, "o"), resident("no id")):
        with pytest.raises(SheetNotFound):
            _answer(started, "person", PERSON, stranger)
        with pytest.raises(SheetNotFound):
            submit_sheet(started, revision=0, by=stranger, at=AT)


def test_claim_sheet_moves_it_into_the_account(city: City, ada: Actor) -> None:
    started = start_sheet(KEY, by=Actor.guest(), at=AT)

    claim_sheet(started.sheet_id, token=started.token, by=ada, at=AT)
    claim_sheet(started.sheet_id, token=started.token, by=ada, at=AT)

    assert (str(sheet().owner_id), sheet().token_hash) == (ada.id, "")
    assert [event.type for event in events_of(sheet().stream)] == [
        "forms.sheet_started",
        "forms.sheet_claimed",
    ]
    with pytest.raises(SheetNotFound):
        _answer(started.sheet_id, "person", PERSON, Actor.guest(), token=started.token)
    with pytest.raises(SheetTaken):
        claim_sheet(started.sheet_id, token=started.token, by=resident(make_person().pk), at=AT)


def test_claim_sheet_needs_the_link_and_an_account(city: City, ada: Actor) -> None:
    started = start_sheet(KEY, by=Actor.guest(), at=AT)

    with pytest.raises(SheetNotFound):
        claim_sheet(started.sheet_id, token="guessed", by=ada, at=AT)
    with pytest.raises(Forbidden):
        claim_sheet(started.sheet_id, token=started.token, by=Actor.guest(), at=AT)
    with pytest.raises(SheetNotFound):
        claim_sheet(uuid4(), token="x", by=ada, at=AT)


def test_answer_all_takes_a_whole_document(started: UUID, ada: Actor) -> None:
    document = PERSON | {
        "has_home": True,
        "rent": 850.5,
        "members": [{"member_name": "Ada", "age": 46}],
        "branches": ["elm"],
    }

    saved = answer_all(started, document, revision=0, by=ada, at=AT)
    again = answer_all(started, document, revision=0, by=ada, at=AT)

    assert saved == again
    assert sheet().answers["rent"] == "850.50"
    assert review(sheet(), "en", at=AT).is_complete
    with pytest.raises(SheetMoved):
        answer_all(started, document | {"name": "B"}, revision=0, by=ada, at=AT)


def test_answer_all_names_every_problem_by_its_path(started: UUID, ada: Actor) -> None:
    document: dict[str, Any] = {
        "name": 3,
        "has_home": "perhaps",
        "members": [{"member_name": "Ada", "aeg": 4}, 7],
        "nmae": "x",
    }

    with pytest.raises(AnswersInvalid) as caught:
        answer_all(started, document | {"has_home": True}, revision=0, by=ada, at=AT)

    assert caught.value.fields == {
        "name": "Enter this as text.",
        "birth_date": "Enter your date of birth.",
        "rent": "Enter your rent.",
        "members[1].age": "Enter the age.",
        "members[1].aeg": "There is no such question. Did you mean 'age'?",
        "members[2]": "Answer the questions about this one.",
        "nmae": "There is no such question. Did you mean 'name'?",
    }

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries
from tests.factories.people import (
    AT,
    make_account,
    make_fact,
    make_officer,
    make_person,
    officer_actor,
    resident,
)

from commonweal.kernel.base.errors import Forbidden, NotFound
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people import actions, queries
from commonweal.kernel.people.errors import AlreadyMerged, IdentifierTaken
from commonweal.kernel.people.models import Merge, Person
from commonweal.kernel.people.types import KnownFact, PersonCard

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")
LATER = AT + timedelta(days=1)


def types_in(stream: str) -> list[str]:
    return [event.type for event in events_of(stream)]


def test_register_person_is_in_the_ledger_under_the_persons_key() -> None:
    person = actions.register_person(" Ana Pérez ", email="ana@example.org", language="es", by=BY, at=AT)

    (event,) = events_of(f"person:{person.pk}")
    assert (event.type, event.subject, event.actor) == ("people.person_registered", person.pk, BY)
    assert event.payload == {"name": "Ana Pérez", "email": "ana@example.org", "account": None}
    assert queries.person_card(person.pk) == PersonCard(
        person.pk, "Ana Pérez", None, "ana@example.org", (), "es"
    )


def test_register_person_of_an_account_twice_returns_the_first() -> None:
    account = make_account()
    first = actions.register_person("Ana", account_id=account.pk, by=BY, at=AT)

    assert actions.register_person("Other", account_id=account.pk, by=BY, at=AT) == first
    assert types_in(f"person:{first.pk}") == ["people.person_registered"]


def test_register_person_of_no_account_is_not_found() -> None:
    with pytest.raises(NotFound):
        actions.register_person("Ana", account_id=new_id(), by=BY, at=AT)


def test_change_person_notes_what_changed_and_nothing_else() -> None:
    person = make_person(name="Ana", email="old@example.org")

    actions.change_person(person.pk, name="Ana", email="new@example.org", by=resident(person), at=AT)
    actions.change_person(
        person.pk, name="A\u202ena\u200b", email="new@example.org", by=resident(person), at=AT
    )

    assert queries.person_card(person.pk).name == "Ana"
    assert queries.person_card(person.pk).email == "new@example.org"
    assert [event.payload for event in events_of(f"person:{person.pk}")] == [{"email": "new@example.org"}]


def test_change_person_is_forbidden_to_others() -> None:
    person = make_person()

    for other in (resident(make_person()), officer_actor(make_officer()), Actor.guest()):
        with pytest.raises(Forbidden):
            actions.change_person(person.pk, name="Mine now", by=other, at=AT)
    with pytest.raises(NotFound):
        actions.change_person(new_id(), name="Nobody", by=BY, at=AT)


def test_identifier_is_found_again_however_it_is_spelt_and_lies_encrypted() -> None:
    person = make_person()
    added = actions.add_identifier(person.pk, scheme="tax", issuer="us", value="900-12-3456", by=BY, at=AT)

    assert queries.person_with_identifier("tax", "us", "900 123456") == person.pk
    assert queries.person_with_identifier("tax", "us", "900123457") is None
    assert queries.person_with_identifier("tax", "ca", "900123456") is None
    assert [found.value for found in queries.identifiers_of(person.pk)] == ["900-12-3456"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM people_identifier")
        assert b"900" not in bytes(cursor.fetchone()[0])
    assert (
        actions.add_identifier(person.pk, scheme="tax", issuer="us", value="900123456", by=BY, at=AT) == added
    )
    assert [event.payload for event in events_of(f"person:{person.pk}")] == [
        {"scheme": "tax", "issuer": "us"}
    ]


def test_identifier_of_somebody_else_is_refused() -> None:
    actions.add_identifier(make_person().pk, scheme="tax", issuer="us", value="1", by=BY, at=AT)

    with pytest.raises(IdentifierTaken):
        actions.add_identifier(make_person().pk, scheme="tax", issuer="us", value="1", by=BY, at=AT)


def test_latest_fact_counts_and_keeps_source_ground_and_time() -> None:
    person = make_person()
    for value, source, observed_at in [("1980-02-01", "register", LATER), ("1980-01-02", "person", AT)]:
        actions.record_facts(
            person.pk,
            {"birth_date": value},
            source=source,
            legal_basis="PAMC 1.28.010",
            observed_at=observed_at,
            by=BY,
            at=AT,
        )

    assert queries.facts_about(person.pk) == {
        "birth_date": KnownFact("1980-02-01", "register", "PAMC 1.28.010", LATER)
    }
    assert queries.person_card(person.pk).birth_date == date(1980, 2, 1)
    assert len(queries.facts_held(person.pk)) == 2
    assert types_in(f"person:{person.pk}") == ["people.facts_recorded"] * 2


def test_a_fact_that_the_same_source_said_last_is_not_noted_again() -> None:
    person = make_person()

    def note(**facts: str | None) -> list[str]:
        added = actions.record_facts(
            person.pk,
            facts,
            source="person",
            legal_basis="own words",
            observed_at=AT,
            by=resident(person),
            at=AT,
        )
        return [fact.key for fact in added]

    assert note(a="1", b="2") == ["a", "b"]
    assert note(a="1", b="3") == ["b"]
    assert note(a="1", b="3", c=None) == []
    assert len(events_of(f"person:{person.pk}")) == 2


def test_facts_about_somebody_else_are_forbidden_to_residents_and_guests() -> None:
    person = make_person()

    for other in (resident(make_person()), Actor.guest()):
        with pytest.raises(Forbidden):
            actions.record_facts(
                person.pk, {"a": 1}, source="x", legal_basis="x", observed_at=AT, by=other, at=AT
            )


def test_withdrawn_fact_no_longer_counts() -> None:
    person = make_person()
    make_fact(person, "birth_date", "1980-01-01")
    wrong = make_fact(person, "birth_date", "1908-01-01", observed_at=LATER)

    with pytest.raises(Forbidden):
        actions.withdraw_fact(wrong.pk, reason="slip", by=resident(person), at=LATER)
    for _ in range(2):
        actions.withdraw_fact(wrong.pk, reason="slip", by=BY, at=LATER)

    assert queries.facts_about(person.pk)["birth_date"].value == "1980-01-01"
    assert types_in(f"person:{person.pk}") == ["people.fact_withdrawn"]
    with pytest.raises(NotFound):
        actions.withdraw_fact(new_id(), reason="slip", by=BY, at=LATER)


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (
            {
                "street": "12 Quay Street",
                "unit": "4B",
                "city": "Port Alder",
                "region": "WA",
                "postcode": "98000",
            },
            ("12 Quay Street, 4B", "Port Alder, WA 98000"),
        ),
        ({"street": "12 Quay Street", "district": "harbour"}, ("12 Quay Street",)),
        ("12 Quay Street\nPort Alder, WA", ("12 Quay Street", "Port Alder", "WA")),
        ({}, ()),
        ([], ()),
        (7, ()),
    ],
)
def test_address_becomes_the_lines_of_an_envelope(value: object, lines: tuple[str, ...]) -> None:
    person = make_person(address=value)

    assert queries.person_card(person.pk).address == lines


def test_birth_date_that_is_none_is_left_out() -> None:
    assert queries.person_card(make_person(birth_date="unknown").pk).birth_date is None


def test_cards_need_the_same_queries_for_one_and_three(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    persons = [make_person(birth_date="1980-02-01") for _ in range(3)]

    for count in (1, 3):
        with django_assert_num_queries(2):
            found = queries.cards([person.pk for person in persons[:count]])
        assert list(found) == [person.pk for person in persons[:count]]


def test_unknown_person_has_no_card_no_facts_and_no_records() -> None:
    assert queries.cards([new_id()]) == {}
    assert queries.facts_about(new_id()) == {}
    for query in (queries.person_card, queries.record_ids, queries.standing_id):
        with pytest.raises(NotFound):
            query(new_id())


def merged(kept: Person, other: Person) -> Merge:
    return actions.merge_persons(kept.pk, other.pk, reason="same number", by=BY, at=AT)


def groups(*persons: Person) -> list[UUID]:
    return [queries.standing_id(person.pk) for person in persons]


def test_merged_records_answer_as_one_person_and_are_two_again_after_parting() -> None:
    kept, other = make_person(name="Ana", birth_date="1980-01-01"), make_person(dwelling_id="d1")
    actions.add_identifier(other.pk, scheme="tax", issuer="us", value="1", by=BY, at=AT)

    merge = merged(kept, other)

    assert queries.record_ids(other.pk) == [kept.pk, other.pk]
    assert queries.facts_about(kept.pk) == queries.facts_about(other.pk)
    assert sorted(queries.facts_about(kept.pk)) == ["birth_date", "dwelling_id"]
    assert queries.cards([kept.pk, other.pk])[other.pk] == queries.person_card(kept.pk)
    assert queries.person_with_identifier("tax", "us", "1") == kept.pk
    assert list(queries.merges_of(kept.pk)) == [merge]

    actions.part_persons(merge.pk, reason="twins", by=BY, at=LATER)

    assert groups(kept, other) == [kept.pk, other.pk]
    assert sorted(queries.facts_about(kept.pk)) == ["birth_date"]
    assert queries.person_with_identifier("tax", "us", "1") == other.pk
    assert list(queries.merges_of(kept.pk)) == []
    for person in (kept, other):
        assert types_in(f"person:{person.pk}")[-2:] == ["people.persons_merged", "people.persons_parted"]
    with pytest.raises(AlreadyMerged):
        actions.part_persons(merge.pk, reason="again", by=BY, at=LATER)


def test_merging_what_is_one_already_is_refused() -> None:
    a, b, c = make_person(), make_person(), make_person()
    merged(a, b)
    merged(a, c)

    for pair in [(a, b), (b, a), (b, c), (a, a)]:
        with pytest.raises(AlreadyMerged):
            merged(*pair)


@pytest.mark.parametrize("first", [0, 1])
def test_merges_upon_merges_can_be_parted_in_any_order(first: int) -> None:
    a, b, c = make_person(), make_person(), make_person()
    merges = [merged(b, a), merged(c, b)]
    assert groups(a, b, c) == [c.pk] * 3

    actions.part_persons(merges[first].pk, reason="no", by=BY, at=LATER)
    assert groups(a, b, c) == ([a.pk, c.pk, c.pk] if first == 0 else [b.pk, b.pk, c.pk])

    actions.part_persons(merges[1 - first].pk, reason="no", by=BY, at=LATER)
    assert groups(a, b, c) == [a.pk, b.pk, c.pk]


def test_merging_into_a_merged_record_takes_the_one_that_stands() -> None:
    a, b, c = make_person(), make_person(), make_person()
    merged(a, b)

    merge = merged(b, c)

    assert (merge.kept_id, groups(a, b, c)) == (a.pk, [a.pk] * 3)


def test_merging_needs_the_capability_and_two_persons() -> None:
    a, b = make_person(), make_person()
    officer = make_officer()

    with pytest.raises(Forbidden):
        actions.merge_persons(a.pk, b.pk, reason="x", by=officer_actor(officer, "people.search"), at=AT)
    merge = actions.merge_persons(a.pk, b.pk, reason="x", by=officer_actor(officer, "people.merge"), at=AT)
    with pytest.raises(Forbidden):
        actions.part_persons(merge.pk, reason="x", by=resident(a), at=AT)
    with pytest.raises(NotFound):
        actions.merge_persons(a.pk, new_id(), reason="x", by=BY, at=AT)
    with pytest.raises(NotFound):
        actions.part_persons(new_id(), reason="x", by=BY, at=AT)


def test_a_record_cannot_be_merged_into_itself_by_any_way() -> None:
    person = make_person()

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(merged_into=person)


def test_search_finds_by_the_beginnings_of_words_and_not_what_the_actor_may_not_see() -> None:
    ana, anton = make_person(name="Ana María Quist"), make_person(name="Anton Berg")
    make_person(name="Joana Quist")
    merged(ana, make_person(name="Ana Quist"))
    officer = officer_actor(make_officer(), "people.search")

    assert list(queries.search_persons("an", actor=officer)) == [ana, anton]
    assert list(queries.search_persons("quist ana", actor=officer)) == [ana]
    assert list(queries.search_persons("", actor=officer)) == []
    assert list(queries.search_persons("an", actor=resident(anton))) == [anton]
    assert list(queries.search_persons("an", actor=officer_actor(make_officer()))) == []


def test_person_is_not_found_by_those_who_may_not_see_it() -> None:
    person = make_person()

    assert queries.person(person.pk, actor=resident(person)) == person
    with pytest.raises(NotFound):
        queries.person(person.pk, actor=resident(make_person()))


def test_organisation_with_a_number_is_taken_up_once() -> None:
    first = actions.register_organisation("Quay Café", scheme="ubi", number="600", by=BY, at=AT)

    assert actions.register_organisation("Other", scheme="ubi", number="600", by=BY, at=AT) == first
    assert queries.organisation("ubi", "600") == first
    assert queries.organisation("ubi", "601") is None
    assert actions.register_organisation("No number", by=BY, at=AT) != actions.register_organisation(
        "No number", by=BY, at=AT
    )
    assert types_in(f"organisation:{first.pk}") == ["people.organisation_registered"]

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.people import AT, make_officer, make_person, make_team

from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.people import rules
from commonweal.kernel.people.models import Grant, Officer, Person, Team

pytestmark = pytest.mark.django_db

AGENCIES = ("human-services", "transportation")


@pytest.fixture(autouse=True)
def city() -> None:
    persons = [make_person(name=name) for name in "abc"]
    Person.objects.filter(pk=persons[2].pk).update(merged_into=persons[0])
    for agency in AGENCIES:
        make_team(agency=agency)
        officer = make_officer(agency=agency, roles=("caseworker",))
        Grant.objects.create(
            officer=officer,
            role="auditor",
            agency=AGENCIES[0],
            from_on=date(2020, 1, 1),
            granted_by="tests",
            granted_at=AT,
        )


@st.composite
def actors(draw: st.DrawFn) -> Actor:
    kind = draw(st.sampled_from(ActorKind))
    pool = Person if kind is ActorKind.RESIDENT else Officer
    ids = [str(pk) for pk in pool.objects.order_by("pk").values_list("pk", flat=True)]
    return Actor(
        kind,
        draw(st.sampled_from([*ids, str(UUID(int=7))])),
        draw(st.sampled_from([None, *ids])) if kind is ActorKind.RESIDENT else None,
        draw(st.sampled_from([*AGENCIES, None])),
        frozenset(draw(st.sets(st.sampled_from([rules.SEARCH, rules.GRANT])))),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_what_a_list_shows_is_what_each_thing_allows(data: st.DataObject) -> None:
    actor = data.draw(actors())

    for things, visible, allows in (
        (Person.objects.all(), rules.visible_persons, rules.allows_person),
        (Officer.objects.all(), rules.visible_officers, rules.allows_colleague),
        (Team.objects.all(), rules.visible_teams, rules.allows_colleague),
        (Grant.objects.all(), rules.visible_grants, rules.allows_grant),
    ):
        shown = set(visible(things, actor))  # type: ignore[operator]  # each rule meets its own kind
        assert shown == {thing for thing in things if allows(actor, thing)}  # type: ignore[operator]  # likewise


def test_a_resident_sees_the_own_records_only() -> None:
    standing, other, merged = Person.objects.order_by("name")
    actor = Actor(ActorKind.RESIDENT, str(standing.pk))

    assert set(rules.visible_persons(Person.objects.all(), actor)) == {standing, merged}
    assert not rules.allows_person(actor, other)

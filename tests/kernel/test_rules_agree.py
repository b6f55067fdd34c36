"""What a rule allows of one thing is what the SQL of every list shows, for any actor."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.architecture.tree import SOURCE
from tests.factories.people import AT, make_account, make_person, make_team
from tests.kernel.cases.conftest import Town, food_answers, town  # noqa: F401 - the fixture

from commonweal.kernel.authoring import rules as authoring_rules
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases import rules as case_rules
from commonweal.kernel.cases.enums import IN_QUEUE
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue import rules as catalogue_rules
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.consent import queries as consent
from commonweal.kernel.consent import rules as consent_rules
from commonweal.kernel.consent.models import Erasure, Hold
from commonweal.kernel.counter import rules as counter_rules
from commonweal.kernel.counter.models import Assistance
from commonweal.kernel.disputes import rules as dispute_rules
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.forms import queries as forms
from commonweal.kernel.forms import rules as form_rules
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.paper import rules as paper_rules
from commonweal.kernel.paper.models import Scan
from commonweal.kernel.people.registry import capabilities
from commonweal.kernel.reassessments import rules as reassessment_rules
from commonweal.kernel.reassessments.models import Reassessment
from commonweal.kernel.rounds import rules as round_rules
from commonweal.kernel.rounds.models import Round
from commonweal.kernel.statistics import rules as statistics_rules
from commonweal.kernel.statistics.models import Tally

AGENCIES = ("human-services", "transportation")
PAIRS: dict[str, tuple[type[Model], Callable[..., Any], Callable[..., bool]]] = {
    "cases.visible": (Case, case_rules.visible, case_rules.allows),
    "forms.visible": (Sheet, form_rules.visible, form_rules.allows),
    "consent.visible_erasures": (Erasure, consent_rules.visible_erasures, consent_rules.allows_erasure),
    "consent.visible_holds": (Hold, consent_rules.visible_holds, consent_rules.allows_hold),
    "catalogue.visible_versions": (
        ServiceVersion,
        catalogue_rules.visible_versions,
        catalogue_rules.allows_version,
    ),
    "authoring.visible": (Draft, authoring_rules.visible, authoring_rules.allows),
    "reassessments.visible": (Reassessment, reassessment_rules.visible, reassessment_rules.allows),
    "rounds.visible": (Round, round_rules.visible, round_rules.allows),
    "paper.visible": (Scan, paper_rules.visible, paper_rules.allows),
    "counter.visible": (Assistance, counter_rules.visible, counter_rules.allows),
    "disputes.visible": (Dispute, dispute_rules.visible, dispute_rules.allows),
    "statistics.visible": (Tally, statistics_rules.visible, statistics_rules.allows),
}
ELSEWHERE = {
    "people.visible_persons": "tests/kernel/people/test_rules.py",
    "people.visible_officers": "tests/kernel/people/test_rules.py",
    "people.visible_teams": "tests/kernel/people/test_rules.py",
    "people.visible_grants": "tests/kernel/people/test_rules.py",
    "people.visible_tokens": "tests/kernel/people/test_tokens.py",
    "insight.visible_simulations": "tests/domains/insight; simulations hold nobody's data",
}


@dataclass
class Crowd:
    """Who may act, and in which teams and agencies."""

    persons: list[UUID]
    officers: list[UUID]
    teams: list[UUID]


@pytest.fixture
def crowd(town: Town) -> Crowd:  # noqa: F811 - the fixture is meant
    """Fill every table that a rule speaks of, in every combination of agency, team and person."""
    other, third = make_person(account=make_account()), make_person(account=make_account())
    teams = [town.team, make_team(agency=AGENCIES[0]), make_team(agency=AGENCIES[1])]
    persons = [town.person, other, third]
    kinds = [food_answers(circumstances=["strike"]), food_answers()]
    for number in range(6):
        case = town.send(kinds[number % 2])
        Case.objects.filter(pk=case.pk).update(
            applicant=persons[number % 3],
            team=teams[number % 3],
            agency=teams[number % 3].agency if number < 5 else AGENCIES[1],
        )
        Sheet.objects.filter(pk=case.sheet_id).update(owner=persons[number % 3])
    start_sheet("food-assistance", by=town.resident, at=AT)
    start_sheet("food-assistance", by=Actor.guest(), at=AT)
    for number, person in enumerate(persons):
        Erasure.objects.create(
            person_id=person.pk,
            agency=("", *AGENCIES)[number],
            requested_by="tests",
            requested_at=AT + timedelta(number),
        )
    for agency in ("", *AGENCIES):
        Hold.objects.create(stream="case:x", agency=agency, reason="tests", placed_by="tests", placed_at=AT)
    for agency in AGENCIES:
        Draft.objects.create(service_key=agency, agency=agency, files={}, began_at=AT, changed_at=AT)
        Reassessment.objects.create(
            agency=agency,
            programme="snap",
            reference_on=AT.date(),
            known_on=AT.date(),
            model_hash="h",
            parameters_hash="h",
            currency="USD",
            started_by="tests",
            started_at=AT,
        )
        Round.objects.create(
            service_key=agency,
            agency=agency,
            name="x",
            closes_on=AT.date(),
            settings={},
            opened_by="tests",
            opened_at=AT,
        )
        Tally.objects.create(
            service_key="x", agency=agency, starts_on=AT.date().replace(day=1), kind="received", key=agency
        )
    officers = [worker.pk for worker in town.workers.values()]
    for agency in AGENCIES:
        Scan.objects.create(
            agency=agency,
            file_id=UUID(int=1),
            received_on=AT.date(),
            taken_in_by_id=officers[0],
            taken_in_at=AT,
        )
    for number in range(4):
        Assistance.objects.create(
            person=persons[number % 3],
            officer_id=officers[number],
            agency=AGENCIES[0],
            service_key="x",
            channel="counter",
            way="in-person",
            asked_at=AT,
            ends_at=AT,
        )
    version = Case.objects.values_list("version_id", flat=True)[0]
    for number in range(6):
        Dispute.objects.create(
            agency=AGENCIES[number // 3],
            team=teams[number % 3],
            subject=persons[(number + number // 3) % 3],
            record_hash=str(number),
            version_id=version,
            sheet_id=UUID(int=number),
            observed_at=AT,
            raised_at=AT,
            due_on=AT.date(),
        )
    return Crowd([person.pk for person in persons], officers, [team.pk for team in teams])


@st.composite
def actors(draw: st.DrawFn, crowd: Crowd) -> Actor:
    kind = draw(st.sampled_from(ActorKind))
    pool = crowd.officers if kind is ActorKind.OFFICER else crowd.persons
    who = draw(st.sampled_from([*pool, UUID(int=7)]))
    records: tuple[UUID, ...] = ()
    if kind is ActorKind.RESIDENT and draw(st.booleans()):
        records = (who, *draw(st.lists(st.sampled_from(crowd.persons), max_size=2, unique=True)))
    return Actor(
        kind,
        str(who),
        draw(st.sampled_from([None, *map(str, crowd.persons)])) if kind is ActorKind.RESIDENT else None,
        draw(st.sampled_from([*AGENCIES, None])),
        frozenset(draw(st.sets(st.sampled_from(sorted(capabilities.keys()))))),
        tuple(draw(st.lists(st.sampled_from(crowd.teams), unique=True))),
        records,
    )


bounded = settings(suppress_health_check=list(HealthCheck), max_examples=60, deadline=None, database=None)


@pytest.mark.django_db
@bounded
@given(data=st.data())
def test_the_sql_of_a_rule_shows_what_the_rule_allows(crowd: Crowd, data: st.DataObject) -> None:
    actor = data.draw(actors(crowd))
    for name, (model, visible, allows) in PAIRS.items():
        things = list(model._default_manager.order_by("pk"))
        assert len(things) >= (1 if model is ServiceVersion else 2), name
        shown = set(visible(model._default_manager.all(), actor))
        assert shown == {thing for thing in things if allows(actor, thing)}, (name, actor)


@pytest.mark.django_db
@bounded
@given(data=st.data())
def test_every_list_shows_what_the_rule_allows(crowd: Crowd, data: st.DataObject) -> None:
    actor = data.draw(actors(crowd))
    every = list(Case.objects.order_by("pk"))
    mine = {case.pk for case in every if case_rules.allows(actor, case)}
    assert {case.pk for case in cases.cases_of(actor)} == mine
    assert {case.pk for case in cases.own_cases(actor, limit=100)[0]} == mine
    waiting = {case.pk for case in every if case.pk in mine and case.status in IN_QUEUE}
    if actor.kind is not ActorKind.RESIDENT:
        assert {case.pk for case in cases.open_cases(actor, limit=100)[0]} == waiting
    for case in every:
        if case.pk in mine:
            assert cases.case_for(case.reference, actor=actor).pk == case.pk
        else:
            with pytest.raises(cases.CaseNotFound):
                cases.case_for(case.reference, actor=actor)
    drafts = [sheet for sheet in Sheet.objects.filter(submitted_at=None) if form_rules.allows(actor, sheet)]
    if actor.kind is ActorKind.RESIDENT:
        listed = forms.drafts_of(*actor.person_ids, at=AT)
        assert {draft.id for draft in listed} == {sheet.pk for sheet in drafts}
    asked = {each.pk for each in Erasure.objects.all() if consent_rules.allows_erasure(actor, each)}
    assert {each.pk for each in consent.open_erasures(actor=actor)} == asked
    held = {each.pk for each in Hold.objects.all() if consent_rules.allows_hold(actor, each)}
    assert {each.pk for each in consent.standing_holds(actor=actor)} == held


def test_every_rule_about_a_list_is_held_to_one_about_a_thing() -> None:
    found = {
        f"{path.parent.name}.{node.name}"
        for path in SOURCE.rglob("rules.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("visible")
    }
    assert found == {*PAIRS, *ELSEWHERE}

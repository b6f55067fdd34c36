from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time
from pathlib import Path
from random import Random

import pytest

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.catalogue.compiler.service import compile_service
from commonweal.kernel.forms.queries import check_answers
from commonweal.project.demo.history import (
    ENDS_AT,
    FIRST_DAY,
    FIRST_PARKING_DAY,
    FOOD,
    PARKING,
    PERMIT_DAYS,
    TAX,
    ZONE,
    food_answers,
    parking_answers,
    plan,
    plan_drafts,
)
from commonweal.project.demo.local_services import FIRST_DAY as FIRST_LOCAL_DAY
from commonweal.project.demo.local_services import HOUSEHOLDS, LOCAL_TEAMS, local_applications
from commonweal.project.demo.population import invent
from commonweal.project.demo.tax_returns import filings, tax_answers

CITY = invent(1, residents=300)


def test_the_same_seed_plans_the_same_applications():
    assert plan(CITY, Random(5), 400) == plan(CITY, Random(5), 400)
    assert plan(CITY, Random(6), 400) != plan(CITY, Random(5), 400)


def test_applications_are_as_many_as_asked_in_order_and_before_the_city_opens():
    planned = plan(CITY, Random(5), 400)
    assert len(planned) == 400
    assert planned == sorted(planned, key=lambda application: application.at)
    local = dict.fromkeys(LOCAL_TEAMS, HOUSEHOLDS)
    assert Counter(application.service for application in planned) == {
        FOOD: 300 - sum(local.values()),
        PARKING: 80,
        TAX: 20,
        **local,
    }
    first = {
        FOOD: FIRST_DAY,
        PARKING: FIRST_PARKING_DAY,
        TAX: FIRST_DAY,
        **dict.fromkeys(local, FIRST_LOCAL_DAY),
    }
    for application in planned:
        assert first[application.service] <= application.at.astimezone(ZONE).date()
        assert application.at <= ENDS_AT
        assert application.household is not CITY.households[0], "the tour's resident applies by hand"
        assert (application.vehicle is not None) == (application.service == PARKING)
    recent = sum((ENDS_AT - application.at).days <= 20 for application in planned)
    assert recent >= 30


def test_poorer_households_apply_more_often():
    planned = [application for application in plan(CITY, Random(5), 2000) if application.service == FOOD]
    of_applicants = sum(application.household.income for application in planned) / len(planned)
    of_all = sum(household.income for household in CITY.households) / len(CITY.households)
    assert of_applicants < 0.9 * of_all


@pytest.fixture(scope="module")
def compiled():
    def compile_(key):
        service, problems = compile_service(Path(root()), f"services/{key}")
        assert service is not None, problems
        return service.sections["form"]

    return {key: compile_(key) for key in (FOOD, PARKING, TAX)}


def test_every_household_gives_answers_that_the_form_accepts(compiled):
    random = Random(3)
    at = datetime(2026, 3, 2, 10, tzinfo=ZONE)
    named = Counter()
    for household in CITY.households:
        answers = food_answers(household, at.date(), random)
        assert check_answers(compiled[FOOD], answers, at=at).problems == {}
        named.update(answers.get("circumstances", ["none"]))
        for vehicle in household.vehicles:
            answers = parking_answers(household, vehicle, at, random)
            assert check_answers(compiled[PARKING], answers, at=at).problems == {}
            named[answers.get("low_income_reason", "badge")] += 1
    assert set(named) >= {"none", "student", "immigration", "work_rules", "badge", "low_income", "ssi"}


def test_every_household_gives_a_return_that_the_form_accepts(compiled):
    random, at = Random(3), datetime(2026, 3, 2, 10, tzinfo=ZONE)
    filed = filings(CITY.households, random, 10_000)
    situations = Counter()
    for day, household in filed:
        answers = tax_answers(household, day.year - 1, random)
        assert check_answers(compiled[TAX], answers, at=at).problems == {}, answers
        situations[answers["filing_status"]] += 1
    assert set(situations) == {"S", "J", "H"}
    assert len({(day.year, household.head.key) for day, household in filed}) == len(filed)


@pytest.mark.parametrize("service", sorted(LOCAL_TEAMS))
def test_every_household_asks_for_a_local_service_as_its_form_wants(service):
    form = compile_service(Path(root()), f"services/{service}")[0].sections["form"]
    asked = [one for one in local_applications(CITY) if one.service == service]
    assert len(asked) == HOUSEHOLDS
    assert CITY.households[0] not in [one.household for one in asked]
    for one in asked:
        at = datetime.combine(one.on, time(10), ZONE)
        assert at < ENDS_AT
        assert check_answers(form, dict(one.answers), at=at).problems == {}


def test_children_not_yet_born_are_left_out():
    household = next(
        one for one in CITY.households if any(m.birth_on > date(2024, 3, 1) for m in one.members)
    )
    answers = food_answers(household, date(2024, 3, 1), Random(1))
    assert len(answers["members"]) < len(household.members)


def test_a_vehicle_applies_again_only_when_its_permit_is_over():
    by_vehicle = {}
    for application in plan(CITY, Random(5), 600):
        if application.vehicle is not None:
            by_vehicle.setdefault(application.vehicle.plate, []).append(application.at.date())
    again = [days for days in by_vehicle.values() if len(days) > 1]
    assert again, "some do"
    assert all(len(days) == 2 and (days[1] - days[0]).days >= PERMIT_DAYS for days in again)


def test_no_more_permits_are_asked_for_than_the_vehicles_can():
    planned = Counter(application.service for application in plan(CITY, Random(5), 2_000))
    assert planned.total() == 2_000
    assert planned[PARKING] < 200  # half as many as are wanted


def test_drafts_are_recent_enough_to_be_kept():
    drafts = plan_drafts(CITY, Random(5), 1000)
    assert len(drafts) == 20
    assert all(0 <= (ENDS_AT - draft.at).days < 30 for draft in drafts)
    assert all(draft.household is not CITY.households[0] for draft in drafts)

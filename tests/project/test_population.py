from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from commonweal.kernel.places.queries import area_containing
from commonweal.project.demo.population import AS_OF, ZONES, Resident, invent

CITY = invent(1, residents=500)
ADULTS = [resident for resident in CITY.residents if resident.age_on(AS_OF) >= 18]


def test_the_same_seed_gives_the_same_city():
    assert invent(1, residents=500) == CITY
    assert invent(2, residents=500) != CITY


def test_a_small_city_is_the_beginning_of_a_large_one():
    small = invent(1, residents=20)
    assert 20 <= len(small.residents) < 30
    assert CITY.households[: len(small.households)] == small.households


def test_there_are_as_many_as_asked():
    assert 500 <= len(CITY.residents) < 510
    assert len({resident.key for resident in CITY.residents}) == len(CITY.residents)


def test_households_are_of_many_kinds():
    sizes = Counter(len(household.members) for household in CITY.households)
    assert set(sizes) >= {1, 2, 3, 4, 5}
    assert {resident.relation for resident in CITY.residents} == {
        "self",
        "spouse",
        "child",
        "parent",
        "other",
    }
    assert all(household.head.relation == "self" for household in CITY.households)
    assert all(household.head.age_on(AS_OF) >= 18 for household in CITY.households)


def test_parents_are_older_than_their_children():
    for household in CITY.households:
        children = [m.age_on(AS_OF) for m in household.members if m.relation == "child"]
        if children:
            assert household.head.age_on(AS_OF) - max(children) >= 18


def test_ages_incomes_and_languages_vary():
    ages = [resident.age_on(AS_OF) for resident in CITY.residents]
    assert min(ages) <= 2
    assert max(ages) >= 80
    assert {resident.language for resident in CITY.residents} == {"en", "es", "ar"}
    for kind in ("earned", "self_employed", "retirement", "disability", "ssi", "unemployment"):
        assert sum(getattr(resident, kind) > 0 for resident in ADULTS) >= 5, kind
    assert sum(resident.income == 0 for resident in ADULTS) >= 5
    assert all(r.income == 0 and not r.email for r in CITY.residents if r.age_on(AS_OF) < 18)
    poor = sum(household.income < 1600 * len(household.members) ** 0.5 for household in CITY.households)
    assert 0.1 < poor / len(CITY.households) < 0.6


def test_names_and_emails_tell_people_apart():
    names = Counter(resident.name for resident in CITY.residents)
    assert len(names) > 0.9 * len(CITY.residents)
    emails = [resident.email for resident in CITY.residents if resident.email]
    assert len(set(emails)) == len(emails)
    assert all(email.isascii() and email.endswith("@example.org") for email in emails)


def test_homes_lie_in_their_districts_each_at_its_own_address():
    assert len({dwelling.line for dwelling in CITY.dwellings}) == len(CITY.dwellings)
    for dwelling in CITY.dwellings:
        area = area_containing(float(dwelling.longitude), float(dwelling.latitude))
        assert area is not None
        assert area.key == dwelling.district
        assert dwelling.zone == ZONES.get(dwelling.district)
        assert not (dwelling.is_car_free and dwelling.built_on.year < 2020)
    assert any(dwelling.is_car_free for dwelling in CITY.dwellings)
    assert {dwelling.zone for dwelling in CITY.dwellings} == {"Z1", "Z2", "Z3", "Z4", None}


def test_vehicles_cover_what_the_law_distinguishes():
    vehicles = [vehicle for household in CITY.households for vehicle in household.vehicles]
    assert len({vehicle.plate for vehicle in vehicles}) == len(vehicles)
    assert {vehicle.fuel for vehicle in vehicles} == {"petrol", "diesel", "electric"}
    assert all(vehicle.co2 == 0 for vehicle in vehicles if vehicle.fuel == "electric")
    assert any(vehicle.co2 is None for vehicle in vehicles)
    assert any(vehicle.gross_weight_kg > 3500 or vehicle.length_m > 5.5 for vehicle in vehicles)
    for household in CITY.households:
        keepers = {member.key for member in household.members}
        assert {vehicle.keeper for vehicle in household.vehicles} <= keepers
        assert {fine.keeper for fine in household.fines} <= keepers
    fines = [fine for household in CITY.households for fine in household.fines]
    assert {fine.is_paid for fine in fines} == {True, False}
    assert all(fine.issued_on < AS_OF for fine in fines)


@pytest.mark.parametrize(
    ("day", "age"), [(date(2023, 2, 27), 2), (date(2023, 2, 28), 3), (date(2024, 2, 28), 4)]
)
def test_a_birthday_on_29_february_is_kept_on_28_february(day, age):
    assert Resident("R1", "A B", date(2020, 2, 29), "self", "en").age_on(day) == age

"""Who in the city asks for its local services, and what its registers know about them.

A few households for each service: enough for every queue, every page and most outcomes, and cheap to build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from commonweal.kernel.base.types import Actor
from commonweal.kernel.registers.actions import put_entries
from commonweal.kernel.registers.types import NewEntry
from commonweal.project.demo import schools
from commonweal.project.demo.population import Household, Population

LOCAL_TEAMS: Final = {
    "dog-licence": "licences",
    "driving-licence": "driver-licences",
    "property-tax": "property-tax",
    "business-licence": "licences",
    "housing-repair": "housing-repair",
    "small-works": "building-permits",
    schools.SCHOOL: "enrolment",
}
"""The team of each local service."""

REPAIR: Final = "housing-repair"
SPRING: Final = date(2026, 3, 31)
AUTUMN: Final = date(2026, 9, 30)
"""The last days of the two rounds of housing repair grants in the city's last year."""

PITCH: Final = "street-pitch"
PITCHES: Final = {
    "SP-01": ("Harbour Square", "harbour", 420, "7:00", "21:00"),
    "SP-02": ("Ferry Landing", "harbour", 610, "6:00", "22:00"),
    "SP-03": ("Mill Bridge", "old-mill", 95, "8:00", "20:00"),
    "SP-04": ("Northgate Station", "northgate", 230, "6:00", "21:00"),
    "SP-05": ("Riverside Park", "riverside", 340, "9:00", "19:00"),
    "SP-06": ("School Street", "elm-park", 35, "7:00", "20:00"),
}
"""The pitches for street trading: name, district, metres to the nearest school gate, and hours."""

FIRST_DAY: Final = date(2026, 2, 2)
STEP_DAYS: Final = 37
HOUSEHOLDS: Final = 6
"""So many households ask for each service, so many days apart."""

_BUILDER: Final = Actor.system("demo")
_SEED: Final = 608
_ROWS_AT_ONCE: Final = 900


@dataclass(frozen=True)
class LocalApplication:
    """Somebody is going to ask for a local service.

    Attributes:
        on: When.
        service: Key of the service.
        household: Whose head applies.
        answers: To the form.
    """

    on: date
    service: str
    household: Household
    answers: Mapping[str, Any]


def local_applications(population: Population) -> list[LocalApplication]:
    """Draw who asks for what; the household of the tour is left out."""
    return [
        LocalApplication(on, service, household, _answers(service, household, number))
        for service in LOCAL_TEAMS
        for number, on, household in _who_applies(population, service)
    ]


def register_for_local_services(population: Population, *, at: datetime) -> None:
    """Fill the registers that local services look into."""
    parcels = [_parcel(household, at) for household in population.households]
    for start in range(0, len(parcels), _ROWS_AT_ONCE):
        put_entries("parcels", parcels[start : start + _ROWS_AT_ONCE], by=_BUILDER, at=at)
    homes = [household.dwelling for household in population.households]
    catchments = schools.catchments(tuple(homes), at)
    for start in range(0, len(catchments), _ROWS_AT_ONCE):
        put_entries("catchments", catchments[start : start + _ROWS_AT_ONCE], by=_BUILDER, at=at)
    put_entries("schools", schools.schools(at), by=_BUILDER, at=at)
    put_entries("street-pitches", [_pitch(key, at) for key in PITCHES], by=_BUILDER, at=at)
    for service, (register, entry) in _REGISTERS.items():
        rows = [
            NewEntry(key, values, at)
            for number, _on, household in _applicants(population, service)
            for key, values in entry(household, number)
        ]
        put_entries(register, rows, by=_BUILDER, at=at)


def _who_applies(population: Population, service: str) -> Iterator[tuple[int, date, Household]]:
    if service == schools.SCHOOL:
        return schools.applicants(population, HOUSEHOLDS)
    return _applicants(population, service)


def _applicants(population: Population, service: str) -> Iterator[tuple[int, date, Household]]:
    others = [key for key in LOCAL_TEAMS if key != schools.SCHOOL]
    first = others.index(service)
    households = population.households[1 + first :: len(others)]
    for number, household in enumerate(households[:HOUSEHOLDS]):
        yield number, FIRST_DAY + timedelta(days=STEP_DAYS * number + 3 * first), household


def _answers(service: str, household: Household, number: int) -> dict[str, Any]:
    answers = _FORMS[service](household, number)
    return answers | {"email": household.head.email or "nobody@example.org"}


def _parcel(household: Household, at: datetime) -> NewEntry:
    dwelling = household.dwelling
    chance = Random(f"{_SEED} {dwelling.key}")  # noqa: S311 - nothing secret: a seeded city
    values = {
        "district": dwelling.district,
        "lot_m2": chance.choice((240, 420, 560, 780, 1150)),
        "zone": "R3" if dwelling.unit else chance.choice(("R1", "R2", "R2")),
        "is_corner": chance.random() < 0.15,
        "is_heritage_street": dwelling.district == "old-mill" and chance.random() < 0.4,
        "is_flood": dwelling.district == "riverside",
        "base_flood_level_m": "2.40" if dwelling.district == "riverside" else None,
        "allowed_uses": chance.choice(("G H", "G F1 F2 H L", "G F1 F2 F3 H L S", "H L")),
    }
    return NewEntry(dwelling.key, values, at)


def _pitch(key: str, at: datetime) -> NewEntry:
    name, district, metres, opens_at, closes_at = PITCHES[key]
    values = {
        "name": name,
        "district": district,
        "school_distance_m": metres,
        "is_given_out": True,
        "opens_at": opens_at,
        "closes_at": closes_at,
    }
    return NewEntry(key, values, at)


# ---- dogs ------------------------------------------------------------------------------------


def _dog(household: Household, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        f"2760981000{number:05}",
        {
            "dwelling_id": household.dwelling.key,
            "born_on": f"20{19 + number}-04-1{number}",
            "is_neutered": number % 3 != 2,
            "is_service_dog": False,
            "is_dangerous": False,
            "rabies_until": f"20{27 + number % 4}-08-31",
        },
    )


def _dog_answers(household: Household, number: int) -> dict[str, Any]:
    chip, known = next(_dog(household, number))
    return {
        "request": "licence",
        "chip_number": chip,
        "dog_name": ("Biscuit", "Moss", "Pepper", "Juno", "Otter", "Clover")[number],
        "dwelling_id": household.dwelling.key,
        "stays": True,
        "other_dogs": 3 if number == 3 else 0,
        "born_on": known["born_on"],
        "kept_since": "2026-01-20",
        "is_neutered": known["is_neutered"],
        "is_service_dog": False,
        "has_certificate": True,
        "rabies_until": "2026-12-31" if number == 5 else known["rabies_until"],
        "was_declared_dangerous": False,
        "years": str(1 + number % 3),
        "birth_date": household.head.birth_on.isoformat(),
        "low_income_reason": "none",
    }


# ---- driving licences ------------------------------------------------------------------------


def _licence(household: Household, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        f"WDL0A1B2C{number:03}",
        {
            "birth_date": household.head.birth_on.isoformat(),
            "standing": "suspended" if number == 4 else "valid",
            "expires_on": "2026-10-20",
            "has_b": True,
            "has_m": number % 2 == 1,
            "has_c": False,
            "has_p": False,
            "photo_taken_on": "2019-03-14",
            "vision_tested_on": "2019-03-14",
        },
    )


def _licence_answers(household: Household, number: int) -> dict[str, Any]:
    return {
        "licence_number": next(_licence(household, number))[0],
        "name_changed": number == 5,
        "vision_changed": number == 2,
        "low_income_reason": "none",
    }


# ---- property tax ----------------------------------------------------------------------------


def _tax_entry(household: Household, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        f"{household.dwelling.key}/2026",
        {
            "assessed_value": 262_500 + 34_750 * number,
            "frozen_value": 250_000 if number == 4 else None,
            "approved_band": 0,
            "owner_since": "2012-05-31",
        },
    )


def _tax_answers(household: Household, number: int) -> dict[str, Any]:
    asked = {"tax_year": 2026, "dwelling_id": household.dwelling.key}
    if number == 2:
        return asked | {"request": "plan", "payments": 6, "direct_debit": True}
    return asked | {
        "request": "exemption",
        "months_occupied": 12,
        "birth_date": household.head.birth_on.isoformat(),
        "is_disabled": number == 1,
        "is_surviving_spouse": False,
        "yearly_income": 12 * household.income,
        "medical_costs": 480 * number,
    }


# ---- businesses ------------------------------------------------------------------------------

_BUSINESSES: Final = (
    ("G", "Tidewater Books"),
    ("F2", "Mill Bakery"),
    ("H", "Knots and Yarn"),
    ("G", "Bike Works"),
    ("F3", "Ferry Grill"),
    ("H", "Clock Mending"),
)


def _inspection(household: Household, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    last = "2025-02-11" if number % 2 else None
    yield (household.dwelling.key, {"last_fire_on": last, "has_conditions": False, "reinspections": 0})


def _business_answers(household: Household, number: int) -> dict[str, Any]:
    kind, name = _BUSINESSES[number]
    on = FIRST_DAY + timedelta(days=STEP_DAYS * number + 60)
    answers = {
        "kind": "first",
        "start_date": on.isoformat(),
        "business_name": name,
        "tax_number": f"12-34567{number:02}",
        "business_type": kind,
        "receipts": 9_000 + 24_000 * (number % 3),
        "has_fixed_place": True,
        "days_a_year": 280,
        "place_id": household.dwelling.key,
        "is_further_place": False,
        "staff": 1 + 4 * (number % 3),
        "occupant_load": 8 + 9 * number,
        "open_flame": False,
        "deep_frying": kind == "F3",
        "flammable_l": 0,
        "gas_kg": 0,
        "sleeping_guests": 0,
    }
    home = {"lives_there": True, "staff_on_site": 0, "visits_a_day": 3, "has_street_sign": False}
    return answers | (home if kind == "H" else {})


# ---- housing repair --------------------------------------------------------------------------


def _repair_answers(household: Household, number: int) -> dict[str, Any]:
    category, hazard, quote, broken = (
        ("repair", "A", 15_500, "The stairs to the front door give way."),
        ("repair", "B", 21_000, "The roof leaks above both bedrooms."),
        ("access", "B", 13_333, "A shower without a step is needed."),
        ("energy", "C", 11_000, "The windows do not close any more."),
        ("repair", "B", 12_000, "The wires in the kitchen are old and get warm."),
        ("repair", "C", 4_000, "The gutter has come off."),
    )[number]
    ages = [AUTUMN.year - member.birth_on.year for member in household.members]
    lives_there = {"senior": max(ages) > 62, "disabled": number == 2, "young_child": min(ages) < 6}
    return {
        "dwelling_id": household.dwelling.key,
        "district": household.dwelling.district,
        "months_owned": 36 + 17 * number,
        "assessed_value": 265_000 + 18_000 * number,
        "energy_label": "FEGGFC"[number],
        "has_lien": False,
        "household_size": len(household.members),
        "household_income": 16_000 + 9_000 * len(household.members),
        "who_lives_there": [key for key, is_so in lives_there.items() if is_so],
        "category": category,
        "hazard": hazard,
        "description": broken,
        "first_quote": quote,
        "second_quote": quote + 900,
        "had_grant": False,
    }


# ---- building --------------------------------------------------------------------------------


def _works_answers(household: Household, number: int) -> dict[str, Any]:
    fence = {
        "kind": "fence",
        "value": 1_900 + 700 * number,
        "in_front_yard": False,
        "height_m": ("1.80", "1.90", "2.50")[number % 3],
        "in_sight_triangle": False,
        "is_visible": False,
    }
    wall = {
        "kind": "inner_wall",
        "value": 9_100,
        "load_bearing": True,
        "has_engineers_letter": number != 5,
        "is_visible": False,
    }
    return {
        "dwelling_id": household.dwelling.key,
        "works": [fence, wall] if number in {4, 5} else [fence],
        "has_contractor": True,
        "low_income_reason": "none",
    }


_FORMS: Final[Mapping[str, Callable[[Household, int], dict[str, Any]]]] = {
    "dog-licence": _dog_answers,
    "driving-licence": _licence_answers,
    "property-tax": _tax_answers,
    "business-licence": _business_answers,
    "housing-repair": _repair_answers,
    "small-works": _works_answers,
    schools.SCHOOL: schools.answers,
}
_Entries = Callable[[Household, int], Iterator[tuple[str, dict[str, Any]]]]
_REGISTERS: Final[Mapping[str, tuple[str, _Entries]]] = {
    "dog-licence": ("dogs", _dog),
    "driving-licence": ("driving-licences", _licence),
    "property-tax": ("tax-roll", _tax_entry),
    "business-licence": ("inspections", _inspection),
}

"""The city's schools, which homes they serve, and the children who come to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import cos, hypot, radians
from typing import Any, Final

from commonweal.kernel.places.queries import area
from commonweal.kernel.places.types import DEGREE
from commonweal.kernel.registers.types import NewEntry
from commonweal.project.demo.population import Dwelling, Household, Population, Resident

SCHOOL: Final = "school-enrolment"
SCHOOLS: Final = {
    "HP": ("Harbour School", "harbour", 54, (0.5, 0.5)),
    "OM": ("Old Mill School", "old-mill", 48, (0.5, 0.5)),
    "NN": ("Northgate North School", "northgate", 72, (0.5, 0.75)),
    "NS": ("Northgate South School", "northgate", 60, (0.5, 0.25)),
    "RP": ("Riverside School", "riverside", 60, (0.5, 0.5)),
    "EP": ("Elm Park School", "elm-park", 72, (0.5, 0.5)),
    "AR": ("Airport Road School", "airport", 30, (0.5, 0.5)),
}
"""Name, district, places in kindergarten (PAMC 20.12), and where in its district each school stands."""

START_YEAR: Final = 2026
FIRST_BIRTHDAY, LAST_BIRTHDAY = date(2019, 9, 1), date(2021, 8, 31)
"""Children born then apply for the start year: they are five or six on its 31 August."""

_FIRST_DAY: Final = date(2026, 2, 2)
_LATE: Final = 5
"""The sixth family applies after the last day, 17 February 2026."""

_METRES_A_DEGREE: Final = 111_194.9
_ORIGIN: Final = (-122.45, 48.0)


def _metres(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a position in metres east and north of the corner of the city's grid."""
    west, south = _ORIGIN
    east = (longitude - west) * _METRES_A_DEGREE * cos(radians(south))
    return east, (latitude - south) * _METRES_A_DEGREE


def _plain(metres: float) -> str:
    return str(Decimal(metres).quantize(Decimal("0.01")))


@cache
def _gate(key: str) -> tuple[float, float]:
    _name, district, _places, (right, up) = SCHOOLS[key]
    found = area(district)
    longitude = (found.west + (found.east - found.west) * right) / DEGREE
    latitude = (found.south + (found.north - found.south) * up) / DEGREE
    return _metres(longitude, latitude)


def _distance(dwelling: Dwelling, school: str) -> float:
    east, north = _metres(float(dwelling.longitude), float(dwelling.latitude))
    return hypot(east - _gate(school)[0], north - _gate(school)[1])


def catchment(dwelling: Dwelling) -> str:
    """Return the school that serves a home: the nearest of its district."""
    of_district = [key for key, (_, district, _, _) in SCHOOLS.items() if district == dwelling.district]
    return min(of_district, key=lambda key: _distance(dwelling, key))


def schools(at: datetime) -> list[NewEntry]:
    """Return the register of schools."""
    return [
        NewEntry(
            key,
            {
                "name": name,
                "district": district,
                "has_kindergarten": True,
                "places": places,
                "gate_east_m": _plain(_gate(key)[0]),
                "gate_north_m": _plain(_gate(key)[1]),
            },
            at,
        )
        for key, (name, district, places, _where) in SCHOOLS.items()
    ]


def catchments(dwellings: tuple[Dwelling, ...], at: datetime) -> list[NewEntry]:
    """Return the register of catchments."""
    found = []
    for dwelling in dwellings:
        east, north = _metres(float(dwelling.longitude), float(dwelling.latitude))
        values = {"school": catchment(dwelling), "door_east_m": _plain(east), "door_north_m": _plain(north)}
        found.append(NewEntry(dwelling.key, values, at))
    return found


def _number(resident: Resident) -> str:
    return resident.key.removeprefix("R")


def children(household: Household) -> Iterator[tuple[str, Resident, dict[str, Any]]]:
    """Return what the register of children says of a household: key, child, and facts."""
    for member in household.members:
        if member.relation == "child" and member.birth_on >= date(2017, 9, 1):
            values = {
                "name": member.name,
                "birth_date": member.birth_on.isoformat(),
                "dwelling_id": household.dwelling.key,
                "record_dwelling_id": household.dwelling.key,
                "is_looked_after": False,
            }
            yield f"CH-{_number(member)}", member, values


def pupils(household: Household) -> Iterator[tuple[str, Resident, dict[str, Any]]]:
    """Return what the register of pupils says of a household: those from seven to eleven go to the school nearby."""
    for member in household.members:
        if member.relation == "child" and 7 <= member.age_on(date(START_YEAR, 9, 1)) <= 11:
            values = {"dwelling_id": household.dwelling.key, "school": catchment(household.dwelling)}
            yield f"PU-{_number(member)}", member, values


def _starter(household: Household) -> Resident | None:
    born = [
        member
        for member in household.members
        if member.relation == "child" and FIRST_BIRTHDAY <= member.birth_on <= LAST_BIRTHDAY
    ]
    return max(born, key=lambda member: member.birth_on, default=None)


def applicants(population: Population, most: int) -> Iterator[tuple[int, date, Household]]:
    """Return families with a child of the age, with the days on which they apply; the last one is late."""
    families = [one for one in population.households[1:] if _starter(one) is not None]
    for number, household in enumerate(families[:most]):
        yield number, _FIRST_DAY + timedelta(days=18 if number == _LATE else 3 * number), household


def answers(household: Household, number: int) -> dict[str, Any]:
    """Return what a family answers: the school nearby and others that are near, in an order of its own."""
    child, home = _starter(household), household.dwelling
    assert child is not None
    near = sorted(SCHOOLS, key=lambda key: _distance(home, key))
    wishes = [near[1], near[0], near[2]] if number % 3 == 2 else [near[0], near[1]][: 1 + number % 2]
    words = ("first_choice", "second_choice", "third_choice")
    return {
        "child_name": child.name,
        "child_birth_date": child.birth_on.isoformat(),
        "start_year": str(START_YEAR),
        "dwelling_id": home.key,
        "is_shared": False,
        **dict(zip(words, wishes, strict=False)),
    }

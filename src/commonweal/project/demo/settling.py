"""Puts the invented people, homes and officers into the database, through the same actions as everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from commonweal.kernel.base.transactions import Transaction
from commonweal.kernel.base.types import Actor, ActorKind, Json
from commonweal.kernel.people.actions import (
    DemoIdentity,
    create_demo_identities,
    record_facts,
    register_person,
    sync_teams,
)
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.places.actions import RegisteredAddress, put_addresses
from commonweal.kernel.registers.actions import put_entries
from commonweal.kernel.registers.types import NewEntry
from commonweal.project.demo import schools
from commonweal.project.demo.identities import OFFICERS, PASSWORD
from commonweal.project.demo.population import Dwelling, Household, Population, Resident

BUILDER = Actor.system("demo")
SOURCE = "Register of residents of Port Alder"
LEGAL_BASIS = "PAMC 1.28.020"

_HOUSEHOLDS_AT_ONCE = 40
_ROWS_AT_ONCE = 900
T = TypeVar("T")


@dataclass(frozen=True)
class Settled:
    """Who is who in the database.

    Attributes:
        persons: Ids of the persons by the residents' keys.
        officers: Officers as they act, by e-mail address.
    """

    persons: dict[str, UUID]
    officers: dict[str, Actor]

    def actor(self, resident: Resident) -> Actor:
        """A resident, acting for herself."""
        return Actor(ActorKind.RESIDENT, str(self.persons[resident.key]))


def appoint(*, at: datetime) -> dict[str, Actor]:
    """Make the teams and the officers; return each as the officer acts."""
    sync_teams(by=BUILDER, at=at)
    identities = [
        DemoIdentity(
            email=officer.email,
            name=officer.name,
            agency=officer.agency,
            title=officer.title,
            roles=officer.roles,
            teams=officer.teams,
            is_resident=False,
        )
        for officer in OFFICERS
    ]
    accounts = create_demo_identities(identities, password=PASSWORD, by=BUILDER, at=at)
    return {email: actor_of(account) for email, account in accounts.items()}


def register_homes(population: Population, *, at: datetime) -> None:
    """Fill the registers of addresses and dwellings."""
    for dwellings in _parts(population.dwellings, _ROWS_AT_ONCE):
        put_addresses([_address(dwelling) for dwelling in dwellings], by=BUILDER, at=at)
        put_entries("dwellings", [_dwelling(dwelling, at) for dwelling in dwellings], by=BUILDER, at=at)


def settle(
    population: Population, *, at: datetime, tell: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, UUID]:
    """Register everybody with what is known of them, and their vehicles and fines.

    Args:
        population: Whom to settle.
        at: When.
        tell: Called with how many households are done, of how many.

    Returns:
        Ids of the persons by the residents' keys.
    """
    persons: dict[str, UUID] = {}
    done = 0
    for households in _parts(population.households, _HOUSEHOLDS_AT_ONCE):
        with Transaction():
            persons |= _register_people(households, at)
            _fill_registers(households, persons, at)
        done += len(households)
        tell(done, len(population.households))
    return persons


def _fill_registers(households: Sequence[Household], persons: Mapping[str, UUID], at: datetime) -> None:
    vehicles = [entry for household in households for entry in _vehicles(household, persons, at)]
    fines = [entry for household in households for entry in _fines(household, persons, at)]
    put_entries("vehicles", vehicles, by=BUILDER, at=at)
    put_entries("parking-fines", fines, by=BUILDER, at=at)
    for register, of in (("children", schools.children), ("pupils", schools.pupils)):
        young = [
            NewEntry(key, values, at, subject=persons[child.key])
            for household in households
            for key, child, values in of(household)
        ]
        put_entries(register, young, by=BUILDER, at=at)


def _register_people(households: Sequence[Household], at: datetime) -> dict[str, UUID]:
    members = [member for household in households for member in household.members]
    identities = [
        DemoIdentity(email=member.email, name=member.name, language=member.language)
        for member in members
        if member.email
    ]
    accounts = create_demo_identities(identities, password=PASSWORD, by=BUILDER, at=at)
    persons = {
        member.key: (
            UUID(actor_of(accounts[member.email]).id)
            if member.email
            else register_person(member.name, language=member.language, by=BUILDER, at=at).pk
        )
        for member in members
    }
    for household in households:
        for member in household.members:
            record_facts(
                persons[member.key],
                _facts(household, member),
                source=SOURCE,
                legal_basis=LEGAL_BASIS,
                observed_at=at,
                by=BUILDER,
                at=at,
            )
    return persons


def _facts(household: Household, member: Resident) -> dict[str, Json]:
    dwelling = household.dwelling
    facts: dict[str, Json] = {
        "birth_date": member.birth_on.isoformat(),
        "address": {
            "street": f"{dwelling.number} {dwelling.street}",
            "unit": dwelling.unit,
            "city": "Port Alder",
            "region": "WA",
            "postcode": dwelling.postcode,
        },
        "dwelling_id": dwelling.key,
    }
    if member.email:
        facts["email"] = member.email
    if member is household.head:
        facts["household"] = [
            {"name": one.name, "relation": one.relation, "birth_date": one.birth_on.isoformat()}
            for one in household.members
        ]
    return facts


def _address(dwelling: Dwelling) -> RegisteredAddress:
    return RegisteredAddress(
        register_id=dwelling.key,
        street=dwelling.street,
        number=dwelling.number,
        unit=dwelling.unit,
        postcode=dwelling.postcode,
        district=dwelling.district,
        longitude=dwelling.longitude,
        latitude=dwelling.latitude,
    )


def _dwelling(dwelling: Dwelling, at: datetime) -> NewEntry:
    values = {
        "address": dwelling.line,
        "district": dwelling.district,
        "zone": dwelling.zone,
        "is_car_free": dwelling.is_car_free,
        "built_on": dwelling.built_on.isoformat(),
    }
    return NewEntry(dwelling.key, values, at)


def _vehicles(household: Household, persons: Mapping[str, UUID], at: datetime) -> Iterator[NewEntry]:
    for vehicle in household.vehicles:
        values = {
            "dwelling_id": household.dwelling.key,
            "gross_weight_kg": vehicle.gross_weight_kg,
            "length_m": str(vehicle.length_m),
            "fuel": vehicle.fuel,
            "co2": vehicle.co2,
            "first_registered_on": vehicle.first_registered_on.isoformat(),
        }
        yield NewEntry(vehicle.plate, values, at, subject=persons[vehicle.keeper])


def _fines(household: Household, persons: Mapping[str, UUID], at: datetime) -> Iterator[NewEntry]:
    for fine in household.fines:
        values = {
            "number_plate": fine.plate,
            "amount": fine.amount,
            "issued_on": fine.issued_on.isoformat(),
            "is_paid": fine.is_paid,
        }
        yield NewEntry(fine.key, values, at, subject=persons[fine.keeper])


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]

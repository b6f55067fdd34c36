"""Invents a city's people: the same seed gives the same people, homes and vehicles. Touches no database.

The shares are plausible for a coastal city in Washington State, no statistics of a real one. Everybody here is
invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from commonweal.kernel.places.queries import area_containing, areas
from commonweal.kernel.places.types import DEGREE, Area
from commonweal.project.demo.identities import TOUR_RESIDENT
from commonweal.project.demo.names import ORIGINS, Origin

AS_OF: Final = date(2026, 9, 15)
STREETS: Final = {
    "harbour": (
        "Quay Street",
        "Lighthouse Lane",
        "Cannery Row",
        "Anchor Street",
        "Harbour View",
        "Net Loft Lane",
    ),
    "old-mill": (
        "Mill Street",
        "Cooper Street",
        "Millrace Walk",
        "Granary Street",
        "Saw Street",
        "Foundry Lane",
    ),
    "northgate": (
        "North Street",
        "Juniper Street",
        "Ridge Road",
        "Gate Avenue",
        "Hemlock Street",
        "Pine Crest",
    ),
    "riverside": ("River Road", "Willow Street", "Heron Lane", "Ferry Street", "Alder Walk", "Bridge Street"),
    "elm-park": (
        "Elm Avenue",
        "Park Street",
        "Orchard Street",
        "Linden Street",
        "Meadow Lane",
        "School Street",
    ),
    "airport": (
        "Airfield Road",
        "Beacon Street",
        "Hangar Street",
        "Propeller Way",
        "Windsock Lane",
        "Tower Road",
    ),
}
ZONES: Final = {"harbour": "Z1", "old-mill": "Z2", "riverside": "Z3", "elm-park": "Z4"}
"""Parking zones by district; Northgate and Airport have none (PAMC 11.24)."""

PREFIXES: Final = {
    "harbour": "HP",
    "old-mill": "OM",
    "northgate": "NG",
    "riverside": "RS",
    "elm-park": "EP",
    "airport": "AP",
}
"""How the numbers of dwellings begin, by district."""

POSTCODES: Final = {key: f"98{300 + at}" for at, key in enumerate(STREETS)}


@dataclass(frozen=True)
class Dwelling:
    """A home.

    Attributes:
        key: Its id in the registers.
        street: As the sign has it.
        number: House number.
        unit: Flat, where there are several.
        postcode: As letters need it.
        district: Key of the area.
        longitude: WGS 84, degrees.
        latitude: WGS 84, degrees.
        built_on: When it was finished.
        is_car_free: Built from 2020 on under a plan without cars.
        off_street_spaces: Garages and drives that can be used.
    """

    key: str
    street: str
    number: str
    unit: str
    postcode: str
    district: str
    longitude: Decimal
    latitude: Decimal
    built_on: date
    is_car_free: bool
    off_street_spaces: int

    @property
    def zone(self) -> str | None:
        """Its parking zone."""
        return ZONES.get(self.district)

    @property
    def line(self) -> str:
        """The address in one line."""
        unit = f", {self.unit}" if self.unit else ""
        return f"{self.number} {self.street}{unit}, Port Alder, WA {self.postcode}"


@dataclass(frozen=True)
class Resident:
    """Somebody who lives in the city.

    Attributes:
        key: Unique within the city; stands in identifiers.
        name: Given and family name.
        birth_on: Date of birth.
        relation: To the first member: self, spouse, child, parent, sibling, other.
        language: The language to write in.
        email: Where to write to; empty for children and for those who have none.
        earned: Wages in a month, dollars.
        self_employed: Receipts of self-employment in a month.
        retirement: Social Security of age in a month.
        disability: Social Security for disability in a month.
        ssi: Supplemental security income in a month.
        unemployment: Unemployment benefit in a month.
        medical: Medical costs in a month.
        has_blue_badge: Whether a disabled person's badge was issued.
    """

    key: str
    name: str
    birth_on: date
    relation: str
    language: str
    email: str = ""
    earned: int = 0
    self_employed: int = 0
    retirement: int = 0
    disability: int = 0
    ssi: int = 0
    unemployment: int = 0
    medical: int = 0
    has_blue_badge: bool = False

    def age_on(self, day: date) -> int:
        """Years completed; those born on 29 February complete them on 28 February (PAMC 1.16.050)."""
        born = self.birth_on
        anniversary = (born.month, 28 if (born.month, born.day) == (2, 29) else born.day)
        return day.year - born.year - ((day.month, day.day) < anniversary)

    @property
    def income(self) -> int:
        """Everything in a month, dollars."""
        return (
            self.earned
            + self.self_employed
            + self.retirement
            + self.disability
            + self.ssi
            + self.unemployment
        )


@dataclass(frozen=True)
class Vehicle:
    """A car, van or motorcycle.

    Attributes:
        plate: Its number.
        make: As a person would say it.
        keeper: Key of the resident to whom it is registered.
        fuel: petrol, diesel, electric or hydrogen.
        co2: Grams a kilometre; None where the certificate names none.
        first_registered_on: When it was new.
        gross_weight_kg: With everything it may carry.
        length_m: Bumper to bumper.
    """

    plate: str
    make: str
    keeper: str
    fuel: str
    co2: int | None
    first_registered_on: date
    gross_weight_kg: int
    length_m: Decimal


@dataclass(frozen=True)
class Fine:
    """A parking fine.

    Attributes:
        key: Its number.
        plate: Of the vehicle.
        keeper: Key of the resident who owes it.
        amount: Dollars.
        issued_on: When.
        is_paid: Whether it has been paid.
    """

    key: str
    plate: str
    keeper: str
    amount: int
    issued_on: date
    is_paid: bool


@dataclass(frozen=True)
class Household:
    """People who live and eat together.

    Attributes:
        members: The first is the one who deals with the city.
        dwelling: Where they live.
        rent: A month's rent or mortgage, dollars.
        heats: Whether they pay for heating or cooling apart from the rent.
        child_care: What they pay in a month so that somebody can work.
        vehicles: Theirs.
        fines: Theirs.
    """

    members: tuple[Resident, ...]
    dwelling: Dwelling
    rent: int
    heats: bool
    child_care: int
    vehicles: tuple[Vehicle, ...] = ()
    fines: tuple[Fine, ...] = ()

    @property
    def head(self) -> Resident:
        """The first member."""
        return self.members[0]

    @property
    def income(self) -> int:
        """Everything in a month, dollars."""
        return sum(member.income for member in self.members)


@dataclass(frozen=True)
class Population:
    """Everybody and everything.

    Attributes:
        households: In the order of their keys.
        dwellings: Homes, also those where nobody of ours lives.
    """

    households: tuple[Household, ...]
    dwellings: tuple[Dwelling, ...]

    @property
    def residents(self) -> tuple[Resident, ...]:
        """Everybody."""
        return tuple(member for household in self.households for member in household.members)


def invent(seed: int, *, residents: int, spare_dwellings: int = 250) -> Population:
    """Invent a city.

    Args:
        seed: The same seed gives the same city.
        residents: How many at least; the last household is not cut short.
        spare_dwellings: Homes beyond those that are lived in, so that addresses can be searched.
    """
    random = Random(seed)  # noqa: S311 - nothing secret: a seeded city
    homes = _homes(random)
    people = _People(random)
    households = [_household_of_the_tour(random, people)]
    count = len(households[0].members)
    while count < residents:
        household = people.household(next(homes))
        households.append(household)
        count += len(household.members)
    lived_in = [household.dwelling for household in households]
    spare = [next(homes) for _ in range(spare_dwellings)]
    return Population(tuple(households), (*lived_in, *spare))


def _household_of_the_tour(random: Random, people: _People) -> Household:
    """The one household that is not drawn by lot: a visitor signs in as its head and applies for her."""
    longitude, latitude = _position(random, next(area for area in areas() if area.key == "old-mill"))
    dwelling = Dwelling(
        key="OM-0000",
        street="Weir Lane",
        number="12",
        unit="",
        postcode=POSTCODES["old-mill"],
        district="old-mill",
        longitude=longitude,
        latitude=latitude,
        built_on=date(1994, 6, 1),
        is_car_free=False,
        off_street_spaces=0,
    )
    ana = Resident("R00001", "Ana Flores", date(1992, 3, 8), "self", "en", TOUR_RESIDENT, earned=1850)
    mateo = Resident("R00002", "Mateo Flores", date(2017, 5, 21), "child", "en")
    lucia = Resident("R00003", "Lucía Flores", date(2021, 1, 30), "child", "en")
    car = Vehicle("BKT4417", "Small car", ana.key, "petrol", 104, date(2019, 5, 6), 1560, Decimal("3.98"))
    people.take(ana, mateo, lucia, plate=car.plate)
    return Household((ana, mateo, lucia), dwelling, 1240, heats=True, child_care=320, vehicles=(car,))


def _homes(random: Random) -> Iterator[Dwelling]:
    """Invent homes without end, no two at one address."""
    found = {area.key: area for area in areas()}
    weights = [found[key].population for key in STREETS]
    numbers: dict[tuple[str, str], int] = {}
    at = 0
    while True:
        at += 1
        (district,) = random.choices(list(STREETS), weights)
        street = random.choice(STREETS[district])
        house = numbers[district, street] = numbers.get((district, street), 0) + random.randint(1, 6)
        flats = random.random() < 0.35
        longitude, latitude = _position(random, found[district])
        built_on = date(random.randint(1905, 2024), random.randint(1, 12), random.randint(1, 28))
        yield Dwelling(
            key=f"{PREFIXES[district]}-{at:04d}",
            street=street,
            number=str(house),
            unit=f"Apt {random.randint(1, 4)}{random.choice('ABCD')}" if flats else "",
            postcode=POSTCODES[district],
            district=district,
            longitude=longitude,
            latitude=latitude,
            built_on=built_on,
            is_car_free=built_on.year >= 2020 and random.random() < 0.5,
            off_street_spaces=0 if flats else random.choices((0, 1, 2), (6, 3, 1))[0],
        )


def _position(random: Random, area: Area) -> tuple[Decimal, Decimal]:
    """A place inside a district, to about a metre."""
    while True:
        x, y = random.randint(area.west, area.east), random.randint(area.south, area.north)
        longitude, latitude = (round(Decimal(value) / DEGREE, 5) for value in (x, y))
        inside = area_containing(float(longitude), float(latitude))
        if inside is not None and inside.key == area.key:
            return longitude, latitude


_KINDS: Final = (
    ("single", 30),
    ("couple", 20),
    ("family", 22),
    ("lone parent", 10),
    ("elders", 9),
    ("generations", 4),
    ("shared flat", 5),
)
_MAKES: Final = (
    ("Small car", "petrol", (88, 124), (1350, 1650), (360, 405)),
    ("Family car", "petrol", (118, 168), (1750, 2150), (430, 480)),
    ("Station wagon", "diesel", (125, 175), (1900, 2300), (455, 490)),
    ("Pick-up", "petrol", (205, 280), (2600, 3450), (520, 560)),
    ("Van", "diesel", (170, 230), (2600, 3490), (490, 550)),
    ("Large van", "diesel", (210, 270), (3500, 4200), (560, 690)),
    ("Electric car", "electric", (0, 0), (1700, 2350), (390, 480)),
    ("Motorcycle", "petrol", (70, 130), (300, 450), (200, 235)),
)
_MAKE_WEIGHTS: Final = (28, 30, 10, 8, 5, 1, 13, 5)


class _People:
    """Invents households, one after the other."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._residents = 0
        self._plates: set[str] = set()
        self._fines = 0
        self._emails: set[str] = set()
        self._names: set[tuple[str, str]] = set()

    def take(self, *members: Resident, plate: str) -> None:
        """Note those who were there before the first was drawn."""
        self._residents += len(members)
        self._emails |= {member.email for member in members}
        self._names |= {(given, family) for given, family in (member.name.split() for member in members)}
        self._plates.add(plate)

    def household(self, dwelling: Dwelling) -> Household:
        """Invent the household of a dwelling."""
        random = self._random
        (kind,) = random.choices([kind for kind, _ in _KINDS], [weight for _, weight in _KINDS])
        (origin,) = random.choices(ORIGINS, [origin.weight for origin in ORIGINS])
        language = origin.language if random.random() < origin.language_share else "en"
        family = random.choice(origin.family_names)
        members = tuple(self._income(member) for member in self._members(kind, origin, family, language))
        children = sum(member.age_on(AS_OF) < 12 for member in members)
        works = any(member.earned for member in members)
        base = {"Z1": 1450, "Z2": 1250, "Z3": 1150, "Z4": 1200}.get(dwelling.zone or "", 1050)
        household = Household(
            members=members,
            dwelling=dwelling,
            rent=(base + 140 * (len(members) - 1) + random.randint(-350, 500)) // 10 * 10,
            heats=random.random() < 0.8,
            child_care=random.choice((0, 180, 320, 450)) if children and works else 0,
        )
        return self._with_vehicles(household)

    def _members(self, kind: str, origin: Origin, family: str, language: str) -> list[Resident]:
        random, person = self._random, self._person
        if kind == "single":
            return [person("self", random.randint(19, 78), origin, family, language)]
        if kind == "elders":
            return self._elders(origin, family, language)
        if kind == "shared flat":
            return self._flatmates(origin, family, language)
        age = random.randint(22, 60) if kind == "couple" else random.randint(24, 49)
        found = [person("self", age, origin, family, language)]
        if kind != "lone parent":
            spouse = random.choice(origin.family_names) if random.random() < 0.25 else family
            found.append(person("spouse", max(20, age + random.randint(-5, 5)), origin, spouse, language))
        if kind != "couple":
            found += self._children(found, origin, family)
        if kind == "generations":
            oldest = max(member.age_on(AS_OF) for member in found)
            found.append(person("parent", oldest + random.randint(21, 34), origin, family, language))
        return found

    def _elders(self, origin: Origin, family: str, language: str) -> list[Resident]:
        random, person = self._random, self._person
        age = random.randint(66, 90)
        found = [person("self", age, origin, family, language)]
        if random.random() < 0.5:
            found.append(person("spouse", age + random.randint(-6, 6), origin, family, language))
        return found

    def _flatmates(self, origin: Origin, family: str, language: str) -> list[Resident]:
        random, person = self._random, self._person
        others = random.choices(ORIGINS, [origin.weight for origin in ORIGINS], k=random.randint(1, 3))
        return [
            person("self", random.randint(19, 34), origin, family, language),
            *(
                person("other", random.randint(19, 36), other, random.choice(other.family_names), "en")
                for other in others
            ),
        ]

    def _children(self, parents: list[Resident], origin: Origin, family: str) -> list[Resident]:
        random = self._random
        youngest_parent = min(parent.age_on(AS_OF) for parent in parents)
        ages = [random.randint(0, min(19, youngest_parent - 19)) for _ in range(random.randint(1, 4))]
        return [self._person("child", age, origin, family, "en") for age in sorted(ages, reverse=True)]

    def _person(self, relation: str, age: int, origin: Origin, family: str, language: str) -> Resident:
        random = self._random
        self._residents += 1
        given = self._given(origin, family)
        born = AS_OF.replace(year=AS_OF.year - age) - timedelta(days=random.randint(0, 364))
        email = ""
        if age >= 18 and random.random() < 0.93:
            email = self._email(given, family)
        return Resident(
            key=f"R{self._residents:05d}",
            name=f"{given} {family}",
            birth_on=born,
            relation=relation,
            language=language,
            email=email,
        )

    def _given(self, origin: Origin, family: str) -> str:
        """A given name; namesakes are rare."""
        names = origin.given_names
        for _ in range(8):
            given = self._random.choice(names)
            if (given, family) not in self._names:
                break
        self._names.add((given, family))
        return given

    def _email(self, given: str, family: str) -> str:
        plain = f"{given}.{family}".lower().translate(_PLAIN)
        email, at = f"{plain}@example.org", 1
        while email in self._emails:
            at += 1
            email = f"{plain}{at}@example.org"
        self._emails.add(email)
        return email

    def _income(self, person: Resident) -> Resident:
        """Give somebody an income that fits the age."""
        random, age = self._random, person.age_on(AS_OF)
        if age < 18:
            return person
        badge = random.random() < (0.15 if age >= 70 else 0.02)
        if age >= 66:
            return replace(
                person,
                retirement=random.randint(900, 2600),
                ssi=random.choice((0, 0, 0, 0, 120, 240)),
                medical=random.choice((0, 0, 25, 60, 110, 240)),
                has_blue_badge=badge,
            )
        luck = random.random()
        if luck < 0.06:
            return replace(
                person,
                disability=random.randint(950, 1900),
                medical=random.choice((0, 45, 130)),
                has_blue_badge=True,
            )
        if luck < 0.09:
            return replace(person, ssi=994, has_blue_badge=badge)
        if luck < 0.15:
            return replace(person, unemployment=random.randint(1200, 2600))
        if luck < 0.24:
            return person
        if luck < 0.32:
            return replace(person, self_employed=random.randint(600, 5200) // 10 * 10)
        wage = int(random.lognormvariate(7.75, 0.55)) // 10 * 10
        return replace(person, earned=min(max(wage, 320), 12_000), has_blue_badge=badge)

    def _with_vehicles(self, household: Household) -> Household:
        random = self._random
        adults = [member for member in household.members if member.age_on(AS_OF) >= 18]
        likely = 0.4 if household.income < 1800 else 0.75
        keepers = [adult for adult in adults[:3] if random.random() < likely]
        vehicles = tuple(self._vehicle(keeper) for keeper in keepers)
        fines = tuple(fine for vehicle in vehicles for fine in self._fines_of(vehicle))
        return replace(household, vehicles=vehicles, fines=fines)

    def _vehicle(self, keeper: Resident) -> Vehicle:
        random = self._random
        make, fuel, co2, weight, length = random.choices(_MAKES, _MAKE_WEIGHTS)[0]
        registered = date(
            random.randint(2018 if fuel == "electric" else 2006, 2025),
            random.randint(1, 12),
            random.randint(1, 28),
        )
        unknown = fuel != "electric" and registered.year < 2012 and random.random() < 0.3
        return Vehicle(
            plate=self._plate(),
            make=make,
            keeper=keeper.key,
            fuel=fuel,
            co2=None if unknown else random.randint(*co2),
            first_registered_on=registered,
            gross_weight_kg=random.randint(*weight),
            length_m=Decimal(random.randint(*length)).scaleb(-2),
        )

    def _plate(self) -> str:
        random = self._random
        while True:
            letters = "".join(random.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=3))
            plate = f"{letters}{random.randint(1000, 9999)}"
            if plate not in self._plates:
                self._plates.add(plate)
                return plate

    def _fines_of(self, vehicle: Vehicle) -> Iterator[Fine]:
        random = self._random
        for _ in range(random.choices((0, 1, 2, 3, 4), (70, 16, 8, 4, 2))[0]):
            self._fines += 1
            yield Fine(
                key=f"PF{self._fines:06d}",
                plate=vehicle.plate,
                keeper=vehicle.keeper,
                amount=random.choice((35, 50, 75)),
                issued_on=AS_OF - timedelta(days=random.randint(5, 700)),
                is_paid=random.random() < 0.6,
            )


_PLAIN: Final = str.maketrans("áéíóúüñ", "aeiouun")

"""The government whose services run here, as its folder declares it (``jurisdiction.yaml``)."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commonweal.kernel.base.documents import Unreadable, read_yaml
from commonweal.kernel.base.schemas import schema_problems

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]


class Declared(BaseModel):
    """The base of every declared thing: unknown keys are mistakes, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Agency(Declared):
    """A part of the government that is answerable for services.

    Attributes:
        key: Stored with every service, team, case, award and dataset.
        name: As residents know it.
        email: Where it can be reached.
        phone: Likewise.
    """

    key: Key
    name: str
    email: str = ""
    phone: str = ""


class Team(Declared):
    """A group of officers who share a queue.

    Attributes:
        key: Stable name.
        name: As officers know it.
        agency: Key of its agency.
    """

    key: Key
    name: str
    agency: Key


class Holiday(Declared):
    """A day on which offices are closed."""

    on: date
    name: str


class Calendar(Declared):
    """Working days: Monday to Friday without the holidays listed.

    Attributes:
        legal_basis: Where the law says so.
        holidays: By date; a year that is not listed is not known.
    """

    legal_basis: str
    holidays: tuple[Holiday, ...]


class Jurisdiction(Declared):
    """A city, agency or country.

    Attributes:
        key: Stable name, equal to the folder's.
        name: As residents know it.
        short_name: For narrow places.
        country: ISO 3166-1 alpha-2.
        region: ISO 3166-2.
        population: Residents.
        languages: BCP 47, the first is the main one.
        time_zone: IANA name.
        currency: ISO 4217.
        email: General contact.
        phone: General contact.
        address: One line for letters.
        agencies: Who is answerable for services.
        teams: Who works on cases.
        calendar: Working days.
        areas: GeoJSON file of districts, relative to the folder.
    """

    key: Key
    name: str
    short_name: str
    country: str
    region: str
    population: int
    languages: tuple[str, ...]
    time_zone: str
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    email: str
    phone: str
    address: str
    agencies: tuple[Agency, ...]
    teams: tuple[Team, ...]
    calendar: Calendar
    areas: str


def root() -> Path:
    """Return the folder of the jurisdiction that runs here."""
    return Path(settings.COMMONWEAL_JURISDICTION)


@cache
def load(folder: Path) -> Jurisdiction:
    """Read a jurisdiction from its folder.

    Raises:
        Unreadable: ``jurisdiction.yaml`` is missing or wrong; the problem names file and line.
    """
    document = read_yaml(folder, "jurisdiction.yaml")
    try:
        return Jurisdiction.model_validate(document.data)
    except ValidationError as error:
        raise Unreadable(schema_problems(document, error, schema=Jurisdiction)[0]) from None


def current() -> Jurisdiction:
    """Return the jurisdiction that runs here."""
    return load(root())

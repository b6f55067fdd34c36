"""The government whose services run here, as its folder declares it (``jurisdiction.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Annotated

from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from commonweal.kernel.base.documents import Problem, Unreadable, read_bytes, read_yaml
from commonweal.kernel.base.schemas import schema_problems

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]

ContactAddress = Annotated[str, Field(pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://\S+|tel:\+?[0-9-]+)$")]
PageAddress = Annotated[str, Field(pattern=r"^(https://\S+)?$")]
KeyAddress = Annotated[str, Field(pattern=r"^((https://|dns:|openpgp4fpr:)\S+)?$")]


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
        served_after_days: How many days after a letter was put into the mailbox it counts as served.
        served_by_post_after_days: The same of a letter on paper, from the day on which it is posted; as in the mailbox if left
            out.
        holidays: By date; a year that is not listed is not known.
    """

    legal_basis: str
    served_after_days: Annotated[int, Field(ge=0, le=30)] = 0
    served_by_post_after_days: Annotated[int, Field(ge=0, le=30)] | None = None
    holidays: tuple[Holiday, ...]

    @cached_property
    def closed_on(self) -> frozenset[date]:
        """The days of the holidays."""
        return frozenset(holiday.on for holiday in self.holidays)

    @cached_property
    def known_years(self) -> frozenset[int]:
        """The years whose holidays are listed."""
        return frozenset(day.year for day in self.closed_on)


class Break(Declared):
    """Days in a row that do not count, for example the summer holidays.

    Attributes:
        first_on: First day.
        last_on: Last day.
        name: In plain words.
    """

    first_on: date
    last_on: date
    name: str

    @model_validator(mode="after")
    def _ends_later(self) -> Break:
        if self.last_on < self.first_on:
            raise ValueError("a break ends before it begins")
        return self


class OtherDays(Declared):
    """Another way to count days, beside working days: those working days that lie in no break.

    Attributes:
        key: Stable name, by which services refer to it.
        name: What is counted, in plain words: "school days".
        legal_basis: Where the law says so.
        breaks: By date; a year in which no break is listed is not known.
    """

    key: Key
    name: str
    legal_basis: str
    breaks: Annotated[tuple[Break, ...], Field(min_length=1)]


class Security(Declared):
    """Whom to tell of a weakness of the site; it is served as ``/.well-known/security.txt``.

    Attributes:
        contacts: Where to write to or call, the preferred one first.
        policy: Page that says how reports are dealt with.
        encryption: Where the key lies with which a report may be encrypted.
        acknowledgments: Page that thanks those who reported.
    """

    contacts: Annotated[tuple[ContactAddress, ...], Field(min_length=1)]
    policy: PageAddress = ""
    encryption: KeyAddress = ""
    acknowledgments: PageAddress = ""


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
        other_days: Other ways to count days that some law uses, for example school days.
        areas: GeoJSON file of districts, relative to the folder.
        security: Whom to tell of a weakness of the site; None where the site does not say.
        four_eyes: Whether two officers stand behind each version on the command line too, and none is offered by one alone.
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
    other_days: tuple[OtherDays, ...] = ()
    areas: str
    security: Security | None = None
    four_eyes: bool = False


def root() -> Path:
    """Return the folder of the jurisdiction that runs here."""
    return _folder(settings.COMMONWEAL_JURISDICTION)


@cache
def _folder(setting: str) -> Path:
    """Keep a path: it is what the translations of a jurisdiction are kept by."""
    return Path(setting)


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
    return _declared(settings.COMMONWEAL_JURISDICTION)


@cache
def _declared(folder: str) -> Jurisdiction:
    """Keep what a setting stands for: every page asks a dozen times."""
    return load(Path(folder))


def current_in(language: str = "") -> Jurisdiction:
    """Return the jurisdiction that runs here, with its name and those of its agencies and teams in a language.

    Args:
        language: BCP 47; without one, the reader's.
    """
    return _translated(settings.COMMONWEAL_JURISDICTION, language or get_language() or "")


@cache
def wordings(folder: Path, language: str) -> Mapping[str, str]:
    """Return the translations of what a jurisdiction's own files say, life events for example, by text.

    They stand in ``locale/<language>.po``; ``es-MX`` falls back on ``es``. Without a file there are none.

    Raises:
        Unreadable: The file is there, but is not a translation file.
    """
    for candidate in dict.fromkeys((language, language.partition("-")[0])):
        name = f"locale/{candidate}.po"
        if candidate and (folder / name).is_file():
            try:
                catalog = read_po(BytesIO(read_bytes(folder, name)), abort_invalid=True)
            except (PoFileError, ValueError) as error:
                raise Unreadable(Problem(name, 0, 0, "locale.syntax", f"{error}.")) from None
            return {str(each.id): str(each.string) for each in catalog if each.id and each.string}
    return {}


@cache
def _translated(folder: str, language: str) -> Jurisdiction:
    here, say = load(Path(folder)), wordings(Path(folder), language)
    changes = {key: say.get(getattr(here, key), getattr(here, key)) for key in ("name", "short_name")}
    parts = {
        key: tuple(
            part.model_copy(update={"name": say.get(part.name, part.name)}) for part in getattr(here, key)
        )
        for key in ("agencies", "teams", "other_days")
    }
    return here.model_copy(update=changes | parts)

"""Port Alder as the journeys find it: every service open, officers at their desks, a resident with an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings as django_settings
from django.test import Client
from tests.factories.people import PASSWORD, make_account, make_fact, make_officer, make_person, make_team

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.people.models import Account, Person
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

OPENING = datetime(2026, 9, 15, 16, 0, tzinfo=UTC)
SYSTEM = Actor.system("journeys")


@dataclass
class City:
    """Who is there.

    Attributes:
        resident: A person with an account, a dwelling in Old Mill and a petrol car.
        officer: Works on food assistance; a colleague and a supervisor do so too.
        warden: Works on parking permits.
    """

    settings: Any
    resident: Person
    officer: Account
    colleague: Account
    supervisor: Account
    warden: Account

    def turn_clock(self, at: datetime) -> None:
        """Set the city's clock, which runs on from there."""
        self.settings.COMMONWEAL_CLOCK_START = at
        self.settings.COMMONWEAL_BOOTED_AT = datetime.now(UTC)

    def work_off(self) -> int:
        """Let a worker do everything that waits: PDFs, e-mails."""
        return Worker().run_until_empty()


def open_city(settings: Any) -> City:
    """Publish the services and let everybody in."""
    settings.COMMONWEAL_CLOCK_START = OPENING
    settings.COMMONWEAL_BOOTED_AT = datetime.now(UTC)
    for service in ("food-assistance", "parking-permit", "school-meals"):
        publish_folder(service, by=SYSTEM, at=clock.now())
    food = make_team(key="food-assistance")
    parking = make_team(key="parking", agency="transportation")
    resident = make_person(
        name="Noor Haddad",
        account=make_account(email="noor@example.org", password=PASSWORD),
        email="noor@example.org",
    )
    make_fact(resident, "dwelling_id", "OM-0001", source="Register of residents")
    _fill_registers()
    return City(
        settings=settings,
        resident=resident,
        officer=make_officer(name="Ines Okafor", roles=("caseworker",), teams=(food,)).account,
        colleague=make_officer(name="Tom Lindqvist", roles=("caseworker",), teams=(food,)).account,
        supervisor=make_officer(name="Ada Moreau", roles=("supervisor",), teams=(food,)).account,
        warden=make_officer(
            name="Jun Park", roles=("caseworker",), teams=(parking,), agency="transportation"
        ).account,
    )


def _fill_registers() -> None:
    at = clock.now()
    dwelling = {
        "address": "1 Mill Lane",
        "district": "old-mill",
        "zone": "Z2",
        "is_car_free": False,
        "built_on": "1950-01-01",
    }
    vehicle = {
        "dwelling_id": "OM-0001",
        "gross_weight_kg": 1500,
        "length_m": "4.20",
        "fuel": "petrol",
        "co2": 100,
        "first_registered_on": "2019-05-01",
    }
    put_entry("dwellings", NewEntry("OM-0001", dwelling, at), by=SYSTEM, at=at)
    put_entry("vehicles", NewEntry("ABC1234", vehicle, at), by=SYSTEM, at=at)


def let_in(visitor: Any, account: Account) -> None:
    """Sign a visitor in without the pages for it, which have journeys of their own."""
    client = Client()
    client.force_login(account)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    visitor.page.context.add_cookies(
        [{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": visitor.address}]
    )


def sign_in(visitor: Any, email: str) -> None:
    """Sign a visitor in on the page they are at."""
    visitor.page.locator("#id_login").fill(email)
    visitor.page.locator("#id_password").fill(PASSWORD)
    visitor.press("Sign in")

"""An analyst at the policy lab, and a worker that works everything out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from tests.factories.databases import place  # noqa: F401 - the fixture
from tests.factories.people import make_officer, officer_actor

from commonweal.domains.insight.actions import order_simulation
from commonweal.domains.insight.types import Order, PopulationChoice
from commonweal.kernel.base.types import Actor
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.people.models import Officer

AT = datetime(2026, 9, 15, 16, 0, tzinfo=UTC)
ON = date(2026, 9, 15)


@dataclass
class Lab:
    """Who is there.

    Attributes:
        officer: The analyst.
        actor: The same as an actor.
        client: The analyst's browser.
    """

    officer: Officer
    actor: Actor
    client: Client

    def order(self, **given):
        """Order a simulation over 1,000 people of Port Alder."""
        choice = given.pop("population", PopulationChoice(place="port-alder", people=1_000))
        programme = given.pop("programme", "snap")
        return order_simulation(Order(programme, ON, choice, **given), by=self.actor, at=AT)

    def done(self, **given):
        """Order a simulation, and let it be worked out."""
        found = self.order(**given)
        self.work_off()
        found.refresh_from_db()
        return found

    def work_off(self) -> int:
        """Do everything that waits."""
        return Worker().run_until_empty()


@pytest.fixture
def lab(db, settings) -> Lab:
    settings.COMMONWEAL_CLOCK_START = AT
    settings.COMMONWEAL_BOOTED_AT = datetime.now(UTC)
    officer = make_officer(roles=("policy-analyst",))
    client = Client()
    client.force_login(officer.account)
    return Lab(officer, officer_actor(officer, "insight.simulate"), client)

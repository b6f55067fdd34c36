"""Builds the practice city into an empty database.

python -m commonweal.project.demo.building RESIDENTS CASES
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from random import Random

import django
from django.core.management import call_command

from commonweal.project.demo.city import OPENS_AT
from commonweal.project.demo.progress import Progress

SEED = 20_260_915
FOUNDED_AT = datetime.fromisoformat("2024-01-03T09:00:00-08:00")
"""When the city's registers were taken over; cases come after it."""


@dataclass(frozen=True)
class Size:
    """How large a city is.

    Attributes:
        residents: At least so many.
        cases: Exactly so many.
    """

    residents: int = 500
    cases: int = 2_000

    def __str__(self) -> str:
        return f"{self.residents} residents, {self.cases} cases, seed {SEED}"


def build(size: Size, progress: Progress) -> None:
    """Build a city; the settings of its processes are those of this one."""
    from commonweal.project.demo.history import History, plan, plan_drafts  # noqa: PLC0415 - needs Django to be set up
    from commonweal.project.demo.home import look_for_offers, report_a_mistake, want_suggestions  # noqa: PLC0415 - likewise
    from commonweal.project.demo.insight import look_into_things  # noqa: PLC0415 - likewise
    from commonweal.project.demo.local_services import register_for_local_services  # noqa: PLC0415 - likewise
    from commonweal.project.demo.population import invent  # noqa: PLC0415 - likewise
    from commonweal.project.demo.publishing import publish_services  # noqa: PLC0415 - likewise
    from commonweal.project.demo.settling import Settled, appoint, register_homes, settle  # noqa: PLC0415

    with progress.step("Making the tables"):
        call_command("migrate", verbosity=0, interactive=False)
    with progress.step("Gathering styles and scripts"):
        gather_styles()
    with progress.step("Publishing the services"):
        publish_services(at=FOUNDED_AT)
    population = invent(SEED, residents=size.residents)
    with progress.step("Appointing officers, filling registers"):
        officers = appoint(at=FOUNDED_AT)
        register_homes(population, at=FOUNDED_AT)
        register_for_local_services(population, at=FOUNDED_AT)
    with progress.step(f"Registering {len(population.residents)} residents"):
        persons = settle(population, at=FOUNDED_AT, tell=progress.show)
    random = Random(SEED)  # noqa: S311 - nothing secret: a seeded city
    applications = plan(population, random, size.cases)
    drafts = plan_drafts(population, random, size.cases)
    with progress.step(f"Two and a half years: {len(applications):,} applications"):
        History(Settled(persons, officers), random).run(applications, drafts, progress.show)
    look_into_things(officers, at=OPENS_AT)
    report_a_mistake(population, persons, at=OPENS_AT)
    want_suggestions(population, persons, at=OPENS_AT)
    look_for_offers(at=OPENS_AT)


def gather_styles() -> None:
    """Put styles, scripts and pictures where the web server finds them, compressed."""
    call_command("collectstatic", verbosity=0, interactive=False, stdout=StringIO())


if __name__ == "__main__":
    django.setup()
    if sys.argv[1:] == ["--styles"]:
        gather_styles()
    else:
        build(Size(int(sys.argv[1]), int(sys.argv[2])), Progress())

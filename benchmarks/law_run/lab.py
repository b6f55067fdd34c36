"""The policy lab from click to chart: run by `benchmarks/law.py` in a process of its own, on a throw-away database.

An analyst sends the form that runs a simulation; a worker works it out, with processes of its own where the
population is large; the page of results and all of its charts are fetched. What came before the click (start, tables,
signing in, the form's page) is left out. Prints one line of JSON.

    python -c "from benchmarks.law_run import lab; lab.main(PEOPLE)"

(`-m` would load Django again in each worker, as a module that is run is loaded there too.)
"""

from __future__ import annotations

import json
import re
import resource
import time
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402 -- after Django is ready

from commonweal.domains.insight.models import Simulation  # noqa: E402 -- likewise
from commonweal.kernel.base import clock  # noqa: E402 -- likewise
from commonweal.kernel.base.types import Actor  # noqa: E402 -- likewise
from commonweal.kernel.jobs.worker import Worker  # noqa: E402 -- likewise
from commonweal.kernel.people.actions import appoint_officer, grant_role  # noqa: E402 -- likewise
from commonweal.kernel.people.models import Account  # noqa: E402 -- likewise

BUILDER = Actor.system("benchmark")
FORM = "/workbench/lab/new/law/"
REFORM = {"p.shelter_cap": "900", "p.earned_income_deduction_rate": "0.25", "p.contribution_rate": "0.28"}
"""More of the earnings left out, a higher cap, a lower contribution."""


def spent() -> float:
    """Return the processor time of this process and of those that it started and saw end."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mib() -> tuple[float, float]:
    """Return the most memory that this process held, and the most that one of its workers held."""
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_maxrss / 1024, workers.ru_maxrss / 1024


def analyst() -> Client:
    """Return the browser of an analyst who has signed in."""
    at = clock.now()
    account = Account(email="analyst@example.org", created_at=at)
    account.set_unusable_password()
    account.save()
    officer = appoint_officer("Analyst", agency="human-services", account_id=account.pk, by=BUILDER, at=at)
    grant_role(officer.pk, "policy-analyst", from_on=clock.today(), by=BUILDER, at=at)
    account.refresh_from_db()
    browser = Client()
    browser.force_login(account)
    return browser


def run(people: int) -> dict[str, Any]:
    """Simulate a reform of SNAP over so many people of the state; return what it took."""
    browser = analyst()
    chosen = {"programme": "snap", "on": "2026-09-15", "population": "state", "people": people, "seed": 1}
    form = browser.get(FORM, chosen).content.decode()
    missing = [name for name in REFORM if f'name="{name}"' not in form]
    if missing:
        raise SystemExit(f"the form has no field for {missing}")
    began, clock_began = spent(), time.monotonic()
    place = browser.post(FORM, chosen | REFORM | {"run": "1"})["Location"]
    ordered = spent()
    Worker().run_until_empty()
    worked = spent()
    page = browser.get(place).content.decode()
    found = Simulation.objects.get()
    if found.status != "done":
        raise SystemExit(f"the simulation is {found.status}: {found.error}")
    charts = sorted(set(re.findall(r'src="([^"]+/charts/[^"]+\.svg)"', page)))
    sizes = [len(browser.get(address).content) for address in charts]
    own, workers = peak_mib()
    total = found.figures["total"]
    return {
        "cpu": spent() - began,
        "clock": time.monotonic() - clock_began,
        "order_cpu": ordered - began,
        "work_cpu": worked - ordered,
        "charts_cpu": spent() - worked,
        "charts": len(charts),
        "chart_bytes": min(sizes),
        "own_mib": own,
        "workers_mib": workers,
        "people": total["people"],
        "households": total["households"],
        "faults": found.figures["faults"],
        "cost_minor": [total["before_minor"], total["after_minor"]],
        "gaining": total["gaining"] + total["gaining_much"],
        "losing": total["losing"] + total["losing_much"],
    }


def main(people: int) -> None:
    """Print what it took."""
    print(json.dumps(run(people)))

"""What is measured: the journey of residents, the officer's pages, the API, on one database.

Run by `benchmarks/journey.py` in a process of its own, whose environment names the throw-away database.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

django.setup()

from benchmarks.journey_run.browsing import Browser  # noqa: E402 -- after Django is ready
from benchmarks.journey_run.measuring import Meter  # noqa: E402 -- likewise
from benchmarks.journey_run.rows import Place, fill  # noqa: E402 -- likewise
from django.db import connection  # noqa: E402 -- likewise

from commonweal.kernel.base import clock  # noqa: E402 -- likewise
from commonweal.kernel.base.types import Actor, ActorKind  # noqa: E402 -- likewise
from commonweal.kernel.cases.actions import submit  # noqa: E402 -- likewise
from commonweal.kernel.cases.models import Case  # noqa: E402 -- likewise
from commonweal.kernel.cases.queries import open_cases  # noqa: E402 -- likewise
from commonweal.kernel.catalogue.actions import publish_folder  # noqa: E402 -- likewise
from commonweal.kernel.catalogue.queries import live_version  # noqa: E402 -- likewise
from commonweal.kernel.forms.actions import answer_all, start_sheet  # noqa: E402 -- likewise
from commonweal.kernel.people.actions import (  # noqa: E402 -- likewise
    appoint_officer,
    grant_role,
    join_team,
    record_facts,
    register_person,
    sync_teams,
)
from commonweal.kernel.people.models import Account, Person  # noqa: E402 -- likewise
from commonweal.kernel.people.queries import actor_of, team  # noqa: E402 -- likewise
from commonweal.project.wsgi import application  # noqa: E402 -- likewise

SERVICE = "food-assistance"
BUILDER = Actor.system("benchmark")
WARM_UP = 5
ANSWERS = {
    "members": [{"name": "Me", "age": 35, "earned": 1100}],
    "rent_or_mortgage": 700,
    "dependent_care": 0,
    "utilities_heating_or_cooling": True,
    "utilities_kinds": 3,
    "utilities_telephone": True,
    "all_members_homeless": False,
    "resources": 0,
    "circumstances": [],
    "email": "resident@example.org",
    "contact_language": "en",
}
PAGES: dict[str, dict[str, Any]] = {
    "household": {},
    "home": {"rent_or_mortgage": "700", "all_members_homeless": "no"},
    "bills": {
        "utilities_heating_or_cooling": "yes",
        "utilities_kinds": "3",
        "utilities_telephone": "yes",
    },
    "care": {"dependent_care": ""},
    "savings": {"resources": "100"},
    "circumstances": {"circumstances": []},
    "contact": {"email": "resident@example.org", "phone": "", "contact_language": "en"},
}


def constant(request: HttpRequest) -> HttpResponse:
    """Answer with a constant: the least that a Django view can cost."""
    return HttpResponse("<!doctype html><title>Hello</title><p>Hello.")


def bare_application() -> Any:
    """Return an application with one view and no middleware."""
    kept = settings.MIDDLEWARE
    settings.MIDDLEWARE = []
    try:
        return WSGIHandler()
    finally:
        settings.MIDDLEWARE = kept


class Scenario:
    """One database, and who uses it."""

    def __init__(self, *, repetitions: int) -> None:
        self.repetitions = repetitions
        self.meter = Meter()
        self.numbers = count(1)
        self.constant, self.constant_urls = bare_application(), (path("bare", constant),)
        at = clock.now()
        sync_teams(by=BUILDER, at=at)
        publish_folder(SERVICE, by=BUILDER, at=at)
        version = live_version(SERVICE)
        self.team = team("food-assistance")
        officers = [self._officer(number) for number in range(10)]
        self.officer = Browser(application)
        self.officer.sign_in(officers[0][1])
        self.officer_actor = actor_of(officers[0][1])
        self.place = Place(
            SERVICE, version.pk, self.team.agency, self.team.pk, tuple(id_ for id_, _ in officers), at
        )

    def _officer(self, number: int) -> tuple[UUID, Account]:
        account = self._account(f"officer{number}@example.org")
        at = clock.now()
        officer = appoint_officer(
            f"Officer {number}", agency=self.team.agency, account_id=account.pk, by=BUILDER, at=at
        )
        grant_role(officer.pk, "caseworker", from_on=clock.today(), by=BUILDER, at=at)
        join_team(officer.pk, self.team.key, by=BUILDER, at=at)
        account.refresh_from_db()
        return officer.pk, account

    @staticmethod
    def _account(email: str) -> Account:
        account = Account(email=email, created_at=clock.now())
        account.set_unusable_password()
        account.save()
        return account

    def resident(self) -> tuple[Person, Browser]:
        """Register somebody of whom age, address and household are known, and sign them in."""
        number, at = next(self.numbers), clock.now()
        account = self._account(f"resident{number}@example.org")
        person = register_person(
            f"Resident {number}", email=account.email, account_id=account.pk, by=BUILDER, at=at
        )
        facts = {
            "birth_date": "1990-04-02",
            "address": {"street": "7 River Road", "city": "Port Alder", "region": "WA", "postcode": "98303"},
            "household": [{"name": "Me", "relation": "self", "birth_date": "1990-04-02"}],
        }
        record_facts(
            person.pk, facts, source="benchmark", legal_basis="benchmark", observed_at=at, by=BUILDER, at=at
        )
        browser = Browser(application)
        browser.sign_in(account)
        return person, browser

    def run(self, size: int) -> dict[str, Any]:
        """Measure everything at the present number of cases; return the figures by name."""
        self.meter = Meter()
        gc.collect()
        gc.freeze()
        gc.disable()
        self.pages()
        for number in range(self.repetitions + WARM_UP):
            self.journey(number)
            self.bare()
        for number in range(self.repetitions + WARM_UP):
            self.action(number)
            self.bare()
        self.workbench()
        self.api()
        gc.enable()
        gc.unfreeze()
        return {"cases": size, "figures": self.meter.figures()}

    def measure(self, name: str, work: Callable[[], Any], repetitions: int = 0) -> None:
        """Measure something that may be repeated."""
        for _ in range(WARM_UP):
            work()
        self.meter.count(name, work)
        for _ in range(repetitions or self.repetitions):
            self.meter.take(name, work)

    def bare(self) -> None:
        """Measure the least that a view can cost here; between the others, for a machine's speed changes."""
        browser = Browser(self.constant)
        kept, settings.ROOT_URLCONF = settings.ROOT_URLCONF, self.constant_urls
        try:
            self.measure("bare view", lambda: browser.get("/bare"), 5)
        finally:
            settings.ROOT_URLCONF = kept

    def pages(self) -> None:
        """Measure what everybody may read."""
        guest = Browser(application)
        self.measure("GET home", lambda: guest.get("/"))
        self.measure("GET service page", lambda: guest.get(f"/services/{SERVICE}/"))

    def journey(self, number: int) -> None:
        """Go from the service's page to the decision, as one resident in a browser does."""
        meter = Meter() if number < WARM_UP else self.meter
        is_counting = number == WARM_UP

        def do(name: str, work: Callable[[], Any]) -> Any:
            return meter.count(name, work) if is_counting else meter.take(name, work)

        _, browser = self.resident()
        browser.get(f"/services/{SERVICE}/")
        started = do("POST start", lambda: browser.post(f"/services/{SERVICE}/start", {}))
        draft = started.location.rstrip("/")
        differing = PAGES["home"] | {"rent_or_mortgage": str(700 + number)}  # nobody's decision is another's
        for key, fields in (PAGES | {"home": differing}).items():
            address = f"{draft}/pages/{key}/"
            if key == "household":
                self._member(do, browser, f"{address}0/")
            page = do(f"GET form page {key}", lambda address=address: browser.get(address))
            sent = fields | {"revision": page.hidden("revision")}
            do(f"POST form page {key}", lambda address=address, sent=sent: browser.post(address, sent))
        check = f"{draft}/check/"
        page = do("GET review", lambda: browser.get(check))
        revision = {"revision": page.hidden("revision")}
        sent = do("POST submit to decision", lambda: browser.post(check, revision))
        do("GET resident's case page", lambda: browser.get(sent.location))
        do("GET my applications", lambda: browser.get("/me/"))
        do("GET mailbox", lambda: browser.get("/mailbox/"))

    @staticmethod
    def _member(do: Callable[[str, Callable[[], Any]], Any], browser: Browser, address: str) -> None:
        page = do("GET form page of one person", lambda: browser.get(address))
        sent = {"name": "Me", "age": "36", "earned": "1100", "revision": page.hidden("revision")}
        do("POST form page of one person", lambda: browser.post(address, sent))

    def action(self, number: int) -> None:
        """Measure the action alone: no request, no session, no page."""
        person, _ = self.resident()
        actor, at = Actor(ActorKind.RESIDENT, str(person.pk)), clock.now()
        started = start_sheet(SERVICE, by=actor, at=at)
        answers = ANSWERS | {"rent_or_mortgage": 700 + number}
        saved = answer_all(started.sheet_id, answers, revision=0, by=actor, at=at)

        def work() -> None:
            case = submit(
                started.sheet_id, applicant_id=person.pk, revision=saved.revision, by=actor, at=clock.now()
            )
            if (case.outcome, case.status) != ("ELIGIBLE", "closed"):
                raise SystemExit(f"the case came to {case.outcome} {case.status}: {case.status_reason}")

        name = "action submit"
        if number < WARM_UP:
            work()
        elif number == WARM_UP:
            self.meter.count(name, work)
        else:
            self.meter.take(name, work)

    def workbench(self) -> None:
        """Measure the officer's pages: the first stretch of the queue, one far behind, a case."""
        everything = "/workbench/?show=all"
        self.measure("GET queue, first page", lambda: self.officer.get(everything))
        deep = self._deep_cursor()
        self.measure("GET queue, deep", lambda: self.officer.get(f"{everything}&after={deep}"))
        self.measure("GET queue, unassigned", lambda: self.officer.get("/workbench/?show=unassigned"))
        waiting = (
            Case.objects.filter(status="unassigned", status_reason="").order_by("-opened_at", "pk").first()
        )
        case = waiting or self._waiting()
        self.measure(
            "GET officer's case page", lambda: self.officer.get(f"/workbench/cases/{case.reference}/")
        )

    def _deep_cursor(self) -> str:
        """Return the cursor behind two thirds of the queue, as somebody comes by it who turns every page."""
        cursor: str | None = ""
        open_count = Case.objects.filter(status__in=["unassigned", "assigned"]).count()
        for _ in range(open_count * 2 // 300):
            _, cursor = open_cases(self.officer_actor, cursor=cursor or "", limit=100)
        return cursor or ""

    def _waiting(self) -> Case:
        """Send an application that an officer has to decide."""
        person, _ = self.resident()
        actor, at = Actor(ActorKind.RESIDENT, str(person.pk)), clock.now()
        started = start_sheet(SERVICE, by=actor, at=at)
        answers = ANSWERS | {"circumstances": ["strike"]}
        saved = answer_all(started.sheet_id, answers, revision=0, by=actor, at=at)
        return submit(started.sheet_id, applicant_id=person.pk, revision=saved.revision, by=actor, at=at)

    def api(self) -> None:
        """Measure a decision that is explained and not kept."""
        guest = Browser(application)
        asked = {"answers": ANSWERS, "reference_on": "2026-09-15"}
        self.measure("API evaluate", lambda: guest.post_json(f"/api/v1/services/{SERVICE}/evaluate", asked))


def analyse() -> None:
    """Let the database learn what lies in it, as it does by itself in time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main(sizes: list[int], repetitions: int, out: Path) -> None:
    """Measure at each size and write what came of it."""
    scenario = Scenario(repetitions=repetitions)
    present, results = 0, []
    for size in sizes:
        fill(scenario.place, size - present, seed=size)
        present = size
        analyse()
        print(f"  {connection.vendor}: {size:,} cases …", flush=True)
        results.append(scenario.run(size))
    out.write_text(json.dumps({"database": connection.vendor, "runs": results}))


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1].split(",")], int(sys.argv[2]), Path(sys.argv[3]))

"""What is measured: the journey of residents, the officer's pages, the API, on one database.

Run by `benchmarks/journey.py` in a process of its own, whose environment names the throw-away database. It fills the database,
says "ready", and then goes one round through everything for each line that it reads, so that several such processes can take
turns. At the end of its input it writes what it measured.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
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

T = TypeVar("T")
SERVICE = "food-assistance"
BUILDER = Actor.system("benchmark")
WARM_UP = 5
BARE = "bare view"
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

    def __init__(self) -> None:
        self.meter = Meter()
        self.is_counting = False
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

    def prepare(self) -> None:
        """Look up what every round asks for."""
        self.deep = self._deep_cursor()
        waiting = (
            Case.objects.filter(status="unassigned", status_reason="").order_by("-opened_at", "pk").first()
        )
        self.waiting = waiting or self._waiting()

    def round(self, number: int) -> None:
        """Go once through everything; the first rounds get warm, one more counts statements."""
        self.is_counting = number == WARM_UP
        for part in (self.pages, self.journey, self.action, self.workbench, self.api):
            self.look_around()
            part(number)
        if number <= WARM_UP:
            self.meter.forget()

    def do(self, name: str, work: Callable[[], T]) -> T:
        """Measure something, or count its statements."""
        return self.meter.count(name, work) if self.is_counting else self.meter.take(name, work)

    def look_around(self) -> None:
        """Measure how fast the host is now, and the least that a view can cost here."""
        self.meter.look_at_host()
        browser = Browser(self.constant)
        kept, settings.ROOT_URLCONF = settings.ROOT_URLCONF, self.constant_urls
        try:
            for _ in range(WARM_UP):
                browser.get("/bare")
            self.do(BARE, lambda: browser.get("/bare"))
        finally:
            settings.ROOT_URLCONF = kept

    def pages(self, number: int) -> None:
        """Measure what everybody may read."""
        guest = Browser(application)
        self.do("GET home", lambda: guest.get("/"))
        self.do("GET service page", lambda: guest.get(f"/services/{SERVICE}/"))

    def journey(self, number: int) -> None:
        """Go from the service's page to the decision, as one resident in a browser does."""
        _, browser = self.resident()
        browser.get(f"/services/{SERVICE}/")
        started = self.do("POST start", lambda: browser.post(f"/services/{SERVICE}/start", {}))
        draft = started.location.rstrip("/")
        differing = PAGES["home"] | {"rent_or_mortgage": str(700 + number)}  # nobody's decision is another's
        for key, fields in (PAGES | {"home": differing}).items():
            address = f"{draft}/pages/{key}/"
            if key == "household":
                self._member(browser, f"{address}0/")
            page = self.do(f"GET form page {key}", lambda address=address: browser.get(address))
            sent = fields | {"revision": page.hidden("revision")}
            self.do(f"POST form page {key}", lambda address=address, sent=sent: browser.post(address, sent))
        self.look_around()
        check = f"{draft}/check/"
        page = self.do("GET review", lambda: browser.get(check))
        revision = {"revision": page.hidden("revision")}
        sent = self.do("POST submit to decision", lambda: browser.post(check, revision))
        self.do("GET resident's case page", lambda: browser.get(sent.location))
        self.do("GET my applications", lambda: browser.get("/me/"))
        self.do("GET mailbox", lambda: browser.get("/mailbox/"))

    def _member(self, browser: Browser, address: str) -> None:
        page = self.do("GET form page of one person", lambda: browser.get(address))
        sent = {"name": "Me", "age": "36", "earned": "1100", "revision": page.hidden("revision")}
        self.do("POST form page of one person", lambda: browser.post(address, sent))

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

        self.do("action submit", work)

    def workbench(self, number: int) -> None:
        """Measure the officer's pages: the first stretch of the queue, one far behind, a case."""
        everything = "/workbench/?show=all"
        self.do("GET queue, first page", lambda: self.officer.get(everything))
        self.do("GET queue, deep", lambda: self.officer.get(f"{everything}&after={self.deep}"))
        self.do("GET queue, unassigned", lambda: self.officer.get("/workbench/?show=unassigned"))
        address = f"/workbench/cases/{self.waiting.reference}/"
        self.do("GET officer's case page", lambda: self.officer.get(address))

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

    def api(self, number: int) -> None:
        """Measure a decision that is explained and not kept."""
        guest = Browser(application)
        asked = {"answers": ANSWERS, "reference_on": "2026-09-15"}
        self.do("API evaluate", lambda: guest.post_json(f"/api/v1/services/{SERVICE}/evaluate", asked))


def analyse() -> None:
    """Let the database learn what lies in it, as it does by itself in time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main(size: int, out: Path) -> None:
    """Fill the database, go a round for each line that comes, and write what came of it."""
    scenario = Scenario()
    fill(scenario.place, size, seed=size)
    analyse()
    scenario.prepare()
    print("ready", flush=True)
    for number, _ in enumerate(iter(sys.stdin.readline, "")):
        if number == WARM_UP:
            gc.collect()
            gc.freeze()
            gc.disable()
        scenario.round(number)
        print(number, flush=True)
    out.write_text(json.dumps({"database": connection.vendor, "cases": size} | scenario.meter.told()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

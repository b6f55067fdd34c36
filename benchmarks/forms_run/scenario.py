"""What is measured: a large form filled in by a browser, and a very large one checked and published.

Run by `benchmarks/forms.py` in a process of its own, whose environment names the throw-away database and the folder
of the jurisdiction.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

django.setup()

from benchmarks.forms_run.definition import A_PAGE, fields, key_of, write  # noqa: E402 -- after Django is ready
from benchmarks.journey_run.browsing import Browser  # noqa: E402 -- likewise
from benchmarks.journey_run.measuring import Meter  # noqa: E402 -- likewise
from django.db import connection  # noqa: E402 -- likewise

from commonweal.kernel.base import clock  # noqa: E402 -- likewise
from commonweal.kernel.base.jurisdiction import root  # noqa: E402 -- likewise
from commonweal.kernel.base.types import Actor  # noqa: E402 -- likewise
from commonweal.kernel.catalogue import cli  # noqa: E402 -- likewise
from commonweal.kernel.catalogue.actions import publish_folder  # noqa: E402 -- likewise
from commonweal.kernel.catalogue.enums import Status  # noqa: E402 -- likewise
from commonweal.kernel.people.actions import register_person  # noqa: E402 -- likewise
from commonweal.kernel.people.models import Account  # noqa: E402 -- likewise
from commonweal.project.wsgi import application  # noqa: E402 -- likewise

LARGE, PAGES = "large", 10
VERY_LARGE, MANY_PAGES = "very-large", 100
BUILDER = Actor.system("benchmark")
WARM_UP = 3


def constant(request: HttpRequest) -> HttpResponse:
    """Answer with a constant: the least that a Django view can cost."""
    return HttpResponse("<!doctype html><title>Hello</title><p>Hello.")


class Scenario:
    """One database, a large form and a very large one."""

    def __init__(self, *, source: Path, repetitions: int) -> None:
        self.repetitions = repetitions
        self.meter = Meter()
        self.numbers = count(1)
        kept, settings.MIDDLEWARE = settings.MIDDLEWARE, []
        self.constant, self.constant_urls = WSGIHandler(), (path("bare", constant),)
        settings.MIDDLEWARE = kept
        write(root(), LARGE, pages=PAGES, source=source)
        write(root(), VERY_LARGE, pages=MANY_PAGES, source=source)
        publish_folder(LARGE, by=BUILDER, at=clock.now())

    def run(self) -> dict[str, Any]:
        """Measure everything; return the samples by name."""
        gc.collect()
        gc.disable()
        for number in range(self.repetitions + WARM_UP):
            self.fill_in(number)
            self.bare()
        gc.enable()  # compiling makes so much that it is collected while it runs, as in the running system
        for number in range(max(5, self.repetitions // 3)):
            self.define(number)
        return self.meter.told()

    def bare(self) -> None:
        """Measure the least that a view can cost here; between the others, for a machine's speed changes."""
        browser = Browser(self.constant)
        kept, settings.ROOT_URLCONF = settings.ROOT_URLCONF, self.constant_urls
        try:
            self.meter.look_at_host()
            for _ in range(WARM_UP):
                browser.get("/bare")
            self.meter.count("bare view", lambda: browser.get("/bare"))
            for _ in range(5):
                self.meter.take("bare view", lambda: browser.get("/bare"))
        finally:
            settings.ROOT_URLCONF = kept

    def fill_in(self, number: int) -> None:
        """Fill in the large form, page by page, as one resident in a browser does."""
        meter = Meter() if number < WARM_UP else self.meter
        is_counting = number == WARM_UP

        def do(name: str, work: Callable[[], Any]) -> Any:
            return meter.count(name, work) if is_counting else meter.take(name, work)

        browser = self._resident()
        browser.get(f"/services/{LARGE}/")
        draft = browser.post(f"/services/{LARGE}/start", {}).location.rstrip("/")
        for page in range(PAGES):
            address = f"{draft}/pages/page-{page}/"
            shown = do(f"GET page {page + 1}", lambda address=address: browser.get(address))
            if page and any(key_of(page, at) not in shown.body.decode() for at in range(A_PAGE)):
                raise SystemExit(f"{address} does not show its ten questions")
            whole = fields(page) | {"revision": shown.hidden("revision")}
            answer = do(
                f"POST page {page + 1}", lambda address=address, whole=whole: browser.post(address, whole)
            )
            if answer.location.rstrip("/") == address.rstrip("/"):  # the answers brought up the rest of it
                raise SystemExit(f"{address} was not finished by one answer")
        do("GET review", lambda: browser.get(f"{draft}/check/"))

    def _resident(self) -> Browser:
        number, at = next(self.numbers), clock.now()
        account = Account(email=f"resident{number}@example.org", created_at=at)
        account.set_unusable_password()
        account.save()
        register_person(f"Resident {number}", email=account.email, account_id=account.pk, by=BUILDER, at=at)
        browser = Browser(application)
        browser.sign_in(account)
        return browser

    def define(self, number: int) -> None:
        """Save a changed definition of a thousand questions, and check one."""
        form = root() / "services" / VERY_LARGE / "form.yaml"
        text = form.read_text()
        form.write_text(
            text.replace("What is the answer to question 50.5?", f"What is it, the {number}th time?")
        )

        def save() -> None:
            version = publish_folder(VERY_LARGE, by=BUILDER, at=clock.now())
            if (version.number, version.status) != (number + 1, Status.LIVE):
                raise SystemExit(f"version {version.number} is {version.status}")

        def check() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                if cli.main([str(root() / "services" / VERY_LARGE)]):
                    raise SystemExit("the definition has errors")

        name = f"save {MANY_PAGES * A_PAGE:,} questions"
        if number == 0:
            self.meter.count(name, save)
        else:
            self.meter.take(name, save)
        form.write_text(text)
        self.meter.take(f"check {MANY_PAGES * A_PAGE:,} questions", check)


def main(source: Path, repetitions: int, out: Path) -> None:
    """Measure and write what came of it."""
    print(f"  {connection.vendor} …", flush=True)
    scenario = Scenario(source=source, repetitions=repetitions)
    out.write_text(json.dumps({"database": connection.vendor} | scenario.run()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))

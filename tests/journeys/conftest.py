"""Journeys: a real browser on the running site.

Where a journey fails, a picture of each visitor's last page lands in ``var/journeys``. ``COMMONWEAL_ALBUM`` names a
folder for pictures of every page.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect, sync_playwright
from tests.journeys.browser import FLAGS, PATIENCE_MS, Visitor
from tests.journeys.city import City, open_city
from tools.lanes import CHROMIUMS

CHROMIUM = os.environ.get("COMMONWEAL_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
FAILURES = Path(__file__).parents[2] / "var" / "journeys"
expect.set_options(timeout=PATIENCE_MS)
VISITORS = pytest.StashKey[list[Visitor]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Take a picture of what each visitor sees where their journey fails."""
    report = yield
    if report.failed and call.when == "call":
        for visitor in item.stash.get(VISITORS, []):
            with contextlib.suppress(PlaywrightError):  # a page that was closed shows nothing
                visitor.picture(FAILURES / _folder(item))
    return report


def _folder(item):
    return re.sub(r"[^\w-]+", "-", item.name).strip("-")


def pytest_collection_modifyitems(items):
    """Mark every journey, and say so where there is no browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("journey")
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium found: install Debian's `chromium`"))


@pytest.fixture(scope="session", autouse=True)
def one_request_at_a_time():
    """Let the site answer one request after the other: its threads share the connection to a database in memory."""
    answer, turn = WSGIHandler.__call__, threading.RLock()

    def answer_in_turn(handler, environ, start_response):
        with turn:
            return answer(handler, environ, start_response)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIHandler, "__call__", answer_in_turn)
        yield


@pytest.fixture(scope="module")
def chromium():
    """A running browser. Playwright's loop runs in this thread, so Django must be told that this is no async view."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium, live_server, request):
    """Return a function that opens the site as a new visitor: ``open_browser(has_script=..., width=...)``."""
    contexts = []

    def opened(*, has_script=True, width=1280, height=900, **options):
        context = chromium.new_context(
            java_script_enabled=has_script, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        wanted = os.environ.get("COMMONWEAL_ALBUM")
        album = Path(wanted) / _folder(request.node) if wanted else None
        ways = {"width": width, "height": height, **options}
        visitor = Visitor(context.new_page(), live_server.url, has_script, album, ways)
        request.node.stash.setdefault(VISITORS, []).append(visitor)
        return visitor

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def visitor(request, open_browser):
    """A visitor at a desk, once with JavaScript and once without."""
    return open_browser(has_script=request.param)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def caller(request, open_browser):
    """A visitor with a phone, once with JavaScript and once without."""
    return open_browser(has_script=request.param, width=390, height=844, has_touch=True, is_mobile=True)


@pytest.fixture
def city(live_server, transactional_db, settings) -> City:
    """Port Alder on 15 September 2026 with its services, the officers of both teams and one resident."""
    return open_city(settings)

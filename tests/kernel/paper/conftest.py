from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from tests.factories.people import AT, make_officer
from tests.kernel.cases.conftest import Town, town  # noqa: F401 - the fixture

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.queries import live_version
from commonweal.kernel.paper.queries import blank_form
from commonweal.kernel.people.models import Officer
from commonweal.kernel.people.queries import actor_of

FOOD = "food-assistance"


@pytest.fixture
def on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def own_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "files")
    settings.COMMONWEAL_CLAMD = ""


@pytest.fixture
def clerk(town: Town) -> Officer:  # noqa: F811 - pytest hands fixtures over by name
    return make_officer(name="Ana Clerk", roles=("counter",))


@pytest.fixture
def by(clerk: Officer) -> Actor:
    return actor_of(clerk.account)


@pytest.fixture
def desk(clerk: Officer) -> Client:
    client = Client()
    client.force_login(clerk.account)
    return client


@cache
def _printed(content_hash: str) -> bytes:
    return blank_form(FOOD, "en", at=AT)


@pytest.fixture
def paper(town: Town) -> bytes:  # noqa: F811 - as above
    """A blank form, printed and scanned; made once for all tests."""
    return _printed(live_version(FOOD).content_hash)

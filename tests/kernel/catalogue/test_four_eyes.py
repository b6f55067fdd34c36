"""Where a jurisdiction asks for it, two officers stand behind a version on the command line too."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings
from tests.factories.people import AT, make_officer

from commonweal.kernel.base.declarations import sections
from commonweal.kernel.base.jurisdiction import load
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.cli import publish
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import FourEyesNeeded
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.ledger.queries import events_of

KEY = "library-card"
pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sections, "_items", {})
    file = home / "jurisdiction.yaml"
    file.write_text(f"{file.read_text()}\nfour_eyes: true\n")
    load.cache_clear()
    settings.COMMONWEAL_JURISDICTION = str(home)
    return home


def address(*roles: str) -> str:
    return make_officer(roles=roles).account.email


def test_nobody_publishes_alone_on_the_command_line(strict: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, clerk = address("operator"), address("service-designer", "operator"), address("caseworker")
    for names in (
        [],
        ["--by", one],
        ["--by", one, "--approved-by", one],
        ["--by", one, "--approved-by", clerk],
    ):
        assert publish([KEY, *names]) == 1
    assert "nobody publishes alone" in capsys.readouterr().err
    assert not ServiceVersion.objects.exists()

    assert publish([KEY, "--by", one, "--approved-by", two]) == 0
    (entry,) = events_of(f"service:{KEY}")
    assert entry.payload["approved_by"]
    assert entry.payload["approved_by"] != entry.actor.id


def test_a_rehearsed_version_is_not_offered_by_one_officer(strict: Path) -> None:
    version = publish_folder(KEY, by=Actor.system("tests"), at=AT, status=Status.DRAFT)
    with pytest.raises(FourEyesNeeded):
        set_status(version.pk, Status.LIVE, by=Actor.system("tests"), at=AT)

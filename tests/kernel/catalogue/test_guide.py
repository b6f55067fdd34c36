"""The guide "Write a service" works word for word."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings
from tools.declarations import PAGE, page

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.cli import main, publish
from commonweal.kernel.catalogue.queries import search_services
from commonweal.kernel.forms.actions import answer_all, start_sheet, submit_sheet
from commonweal.kernel.forms.errors import AnswersInvalid

GUIDE = Path(__file__).resolve().parents[3] / "docs/guides/write-a-service.md"
AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
BLOCK = re.compile(r"^File `([^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def city(tmp_path: Path, settings: Settings) -> Path:
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(root() / name, tmp_path / name)
    settings.COMMONWEAL_JURISDICTION = str(tmp_path)
    for name, text in BLOCK.findall(GUIDE.read_text()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_service_of_the_guide_compiles_and_says_what_is_not_translated(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(city / "services/library-card")]) == 0
    told = capsys.readouterr().out
    assert "texts have no translation" in told
    assert "1 service checked: no errors, 1 warning." in told


def test_the_mistake_of_the_guide_is_explained(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = city / "services/library-card/service.yaml"
    path.write_text(path.read_text().replace("human-services", "human-service"))

    assert main([str(city / "services/library-card")]) == 1
    assert "Did you mean 'human-services'?" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_service_of_the_guide_can_be_found_filled_in_and_sent(city: Path) -> None:
    assert publish(["library-card"]) == 0
    started = start_sheet("library-card", by=Actor.guest(), at=AT)
    sheet_id, token = started.sheet_id, started.token
    answers = {
        "birth_date": "2012-09-15",
        "shares_card": True,
        "others": [{"other_name": "Bo", "is_child": True}],
        "email": "ada@example.org",
    }

    with pytest.raises(AnswersInvalid) as young:
        answer_all(
            sheet_id,
            answers | {"birth_date": "2012-09-16"},
            revision=0,
            by=Actor.guest(),
            at=AT,
            token=token,
        )
    answer_all(sheet_id, answers, revision=0, by=Actor.guest(), at=AT, token=token)
    sent = submit_sheet(sheet_id, revision=1, by=Actor.guest(), at=AT, token=token)

    assert [service.name for service in search_services("biblioteca", "es")] == ["Carné de biblioteca"]
    assert young.value.fields == {"birth_date": "You must be 14 or older for a card of your own."}
    assert sent.answers == answers


def test_the_reference_of_the_declaration_language_is_current() -> None:
    assert PAGE.read_text() == page(), "run `python -m tools.declarations`"

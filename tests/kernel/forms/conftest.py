from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from tests.kernel.catalogue.conftest import MINIMAL

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.compiler.service import compile_files, compile_service
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.types.compiled import CompiledForm

AT = datetime(2026, 9, 15, 18, 0, tzinfo=UTC)
KEY = "library-card"

FORM = """\
pages:
  - key: person
    title: About you
    guidance: |
      First paragraph,
      one line.

      Second paragraph.
    questions:
      - {key: name, type: text, label: What is your name?, short: your name}
      - key: birth_date
        type: date
        label: When were you born?
        short: your date of birth
        autocomplete: bday
        prefill: birth_date
        valid: [{that: birth_date <= today(), message: This day is in the future.}]
  - key: home
    title: Your home
    questions:
      - {key: has_home, type: boolean, label: Do you rent?}
      - {key: rent, type: money, label: How much is your rent?, short: your rent, per: a month, when: has_home}
  - key: household
    title: Who lives with you
    when: has_home
    questions:
      - key: members
        type: group
        label: People
        item: person
        min: 1
        max: 3
        prefill: household
        questions:
          - {key: member_name, type: text, label: Name, short: a name}
          - {key: age, type: number, label: Age, short: the age, min: 0, max: 125}
          - {key: school, type: boolean, label: At school?, when: age < 22, required: false, default: false}
          - {key: pay, type: money, label: Pay, required: false, default: 0}
  - key: more
    title: A few more things
    questions:
      - {key: branches, type: choices, label: Which branches?, required: false, options: [{key: harbour, label: Harbour}, {key: elm, label: Elm Park}]}
      - {key: note, type: long_text, label: Anything else?, required: false, max_length: 100}
"""

RESIDENT_ID = "01920000-0000-7000-8000-000000000001"


def resident(person_id: Any = RESIDENT_ID) -> Actor:
    """Somebody who has signed in as a resident."""
    return Actor(ActorKind.RESIDENT, str(person_id))


Compile = Callable[[str], tuple[CompiledForm | None, list[Problem]]]


@pytest.fixture
def compile_form(tmp_path: Path) -> Compile:
    """Compile the text of a form within a small service."""
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(root() / name, tmp_path / name)

    def compile_text(text: str) -> tuple[CompiledForm | None, list[Problem]]:
        files = {"service.yaml": MINIMAL, "form.yaml": text}
        service, problems = compile_files(tmp_path, f"services/{KEY}", files)
        return (service.sections["form"] if service else None), problems

    return compile_text


@pytest.fixture
def form(compile_form: Compile) -> CompiledForm:
    """The small form, compiled."""
    compiled, problems = compile_form(FORM)
    assert compiled is not None, [str(problem) for problem in problems]
    assert problems == []
    return compiled


@dataclass
class City:
    """A jurisdiction with one service, whose form a test may change and publish."""

    folder: Path

    def publish(self, form: str = FORM) -> Any:
        """Publish the service with this form; return the version."""
        (self.folder / "form.yaml").write_text(form)
        return publish_folder(KEY, by=Actor.system("tests"), at=AT)


@pytest.fixture
def city(tmp_path: Path, settings: Settings, db: None) -> City:
    """A jurisdiction with the small form, published."""
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(root() / name, tmp_path / name)
    folder = tmp_path / "services" / KEY
    folder.mkdir(parents=True)
    (folder / "service.yaml").write_text(MINIMAL)
    settings.COMMONWEAL_JURISDICTION = str(tmp_path)
    made = City(folder)
    made.publish()
    return made


def sheet() -> Sheet:
    """The one sheet that there is."""
    return Sheet.objects.get()


def service_form(key: str) -> CompiledForm:
    """The form of one of the city's own services."""
    service, problems = compile_service(root(), f"services/{key}")
    assert service is not None, [str(problem) for problem in problems]
    compiled: CompiledForm = service.sections["form"]
    return compiled

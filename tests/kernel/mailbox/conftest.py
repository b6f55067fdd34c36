from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pytest_django import Settings

from commonweal.kernel.base.declarations import Compilation, sections
from commonweal.kernel.base.jurisdiction import current, root
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.actions import publish_folder

AT = datetime(2026, 9, 15, 19, 30, tzinfo=UTC)
OFFICER = Actor(ActorKind.OFFICER, "0190-officer", agency="human-services")
KEY = "library-card"
SERVICE = """\
key: library-card
name: Library card
summary: Borrow books in every branch.
description: A card for the city's libraries.
agency: human-services
audience: Everybody who lives here.
legal_basis: [{citation: PAMC 2.40, title: Libraries}]
channels: [{kind: online}]
cost: [{amount: 0, description: Free.}]
output: [{name: A card}]
processing: {description: At once., working_days: 0}
languages: [en, es, ar]
purpose: {description: To lend you books., legal_basis: PAMC 2.40, kept_for: A year after the card ends.}
"""
AWARD = """\
---
subject: You get a card ({{ case.reference }})
summary: Your card is ready, {{ recipient.name }}.
---
Dear {{ recipient.name }},

{% if applicant.fee > 0 %}
you pay **{{ applicant.fee | money }}** by {{ sent_on }}.
{% elif applicant.age < 18 %}
children pay nothing.
{% else %}
you pay nothing.
{% endif %}

## Who may use it

{% for member in applicant.household %}
- {{ member }}
{% endfor %}
"""
SPANISH = """\
---
subject: Usted recibe una tarjeta ({{ case.reference }})
---
Estimada {{ recipient.name }}: {{ applicant.fee | money }}, {{ sent_on | date }}.
"""
ARABIC = """\
---
subject: بطاقة المكتبة
---
مرحبا {{ recipient.name }}

| البند | المبلغ |
|---|---|
| الرسوم | {{ applicant.fee | money }} |
"""
CONTEXT = {
    "case": {"reference": "7K3M-2QX9-CD41", "submitted_on": AT.date()},
    "applicant": {"fee": 12.5, "age": 40, "household": ["Ada", "*Bob* <b>"]},
}

Compile = Callable[..., Compilation]


@pytest.fixture
def compilation() -> Compile:
    """A service with these letters, on its way through the compiler."""

    def make(**files: str) -> Compilation:
        named = {f"letters/{name.replace('__', '.')}.md": text for name, text in files.items()}
        return Compilation(root(), f"services/{KEY}", KEY, current(), files=named)

    return make


@pytest.fixture
def version(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A published service that sends a letter in three languages."""
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(root() / name, tmp_path / name)
    for folder in ("theme", "registers"):
        if (root() / folder).is_dir():
            shutil.copytree(root() / folder, tmp_path / folder)
    home = tmp_path / "services" / KEY
    (home / "letters").mkdir(parents=True)
    (home / "service.yaml").write_text(SERVICE)
    for name, text in (("award.md", AWARD), ("award.es.md", SPANISH), ("award.ar.md", ARABIC)):
        (home / "letters" / name).write_text(text)
    settings.COMMONWEAL_JURISDICTION = str(tmp_path)
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setattr(sections, "_items", {"letters": sections["letters"]})
    return publish_folder(KEY, by=OFFICER, at=AT).pk

"""Residents of Port Alder read everything in their language."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from tools.lanes import ROOT

from commonweal.kernel.base import jurisdiction
from commonweal.kernel.catalogue.compiler.service import compile_service, life_events
from commonweal.kernel.disputes.loading import corrections_of
from commonweal.kernel.entitlements.loading import shared_questions, suggestions_of
from commonweal.kernel.registers.queries import declared_in
from commonweal.project.demo.settling import SOURCE

CITY = ROOT / "jurisdictions/port-alder"
LANGUAGES = jurisdiction.load(CITY).languages[1:]
SERVICES = sorted(path.parent.name for path in CITY.glob("services/*/service.yaml"))
CATALOGUES = sorted(CITY.glob("services/*/locale/*.po"))
LETTERS = [path for path in sorted(CITY.glob("services/*/letters/*.md")) if "." not in path.stem]
TRANSLATED = ("locale.", "letter.translation")


@pytest.mark.parametrize("key", SERVICES)
def test_every_service_speaks_every_language(key):
    service, problems = compile_service(CITY, f"services/{key}")
    assert service is not None
    assert service.info.languages[1:] == LANGUAGES
    assert [str(problem.file) for problem in problems if problem.code.startswith(TRANSLATED)] == []


def _is_code(text: str) -> bool:
    """Whether a word is the same in every language, for example the key of a zone of the plan, or a unit."""
    return bool(re.fullmatch(r"[A-Za-z]{1,2}[0-9]?|USD|g/km", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_city_says_its_own_texts_in_every_language(language):
    here = jurisdiction.load(CITY)
    texts = {
        here.name,
        here.short_name,
        *(part.name for part in (*here.agencies, *here.teams, *here.other_days)),
    }
    texts |= {text for event in life_events(CITY) for text in (event.name, event.summary)}
    check, problems = shared_questions(CITY)
    assert check is not None
    assert problems == ()
    texts |= {text for text in check.texts() if text}
    corrections, suggested = corrections_of(CITY), suggestions_of(CITY)
    assert corrections is not None
    assert suggested is not None
    texts |= {corrections.appeal.text, suggested.spec.purpose, suggested.spec.legal_basis}
    texts.add(SOURCE)  # who keeps the facts of the practice city's people
    kept = declared_in(CITY).values()
    fields = [field for one in kept for field in one.fields]
    texts |= {text for one in kept for text in (one.name, one.source, one.entry_key.label)}
    texts |= {text for field in fields for text in (field.label, *field.options, field.unit) if text}
    assert {
        text for text in texts ^ set(jurisdiction.wordings(CITY, language)) if not _is_code(text)
    } == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_translations_keep_the_figures_of_the_text(path):
    with path.open("rb") as stream:
        messages = [message for message in read_po(stream) if message.id]
    assert messages
    assert [message.id for message in messages if figures(message.id) != figures(message.string)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.name)
def test_letters_keep_figures_conditions_and_law(path, language):
    text, translated = (
        each.read_text().partition("---\nDear")[2] or each.read_text().split("---\n", 2)[2]
        for each in (path, path.with_suffix(f".{language}.md"))
    )
    translated = re.sub("[\u2066\u2069]", "", translated)  # marks that keep a citation from left to right
    assert figures(translated) == figures(text)
    assert re.findall(r"{%.*?%}|\(\d+ CFR.*?\)\n|PAMC [\d.]+\d", translated) == re.findall(
        r"{%.*?%}|\(\d+ CFR.*?\)\n|PAMC [\d.]+\d", text
    )
    assert sorted(re.findall(r"{{.*?}}", translated)) == sorted(re.findall(r"{{.*?}}", text))


def figures(text):
    return sorted(re.findall(r"\d[\d.,:-]*\d|\d", text))

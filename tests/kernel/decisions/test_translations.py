"""The words of the law in the reader's language: on its pages, in explanations and letters, and what `check` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from shutil import copytree

import pytest
from django.test import Client
from django.utils import translation
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers, town  # noqa: F401 - the fixture

from commonweal.engines.dmn.model import ItemDefinition
from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.decisions import queries
from commonweal.kernel.decisions.programmes import translating
from commonweal.kernel.decisions.programmes.reading import programme, programme_keys, read_programme
from commonweal.kernel.decisions.programmes.translating import saying, texts_of, translation_problems
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.people.models import Person


def test_a_text_without_a_translation_stays_as_it_is() -> None:
    assert saying("snap", "es")("Net income") == saying("snap", "es-MX")("Net income") == "Ingreso neto"
    assert saying("snap", "es")("Nobody said this") == "Nobody said this"
    assert saying("snap", "en")("Net income") == "Net income"


@pytest.mark.parametrize(
    "key",
    [
        "business-licence",
        "dog-licence",
        "driving-licence",
        "housing-repair",
        "income-tax",
        "parking",
        "property-tax",
        "school-enrolment",
        "school-meals",
        "small-works",
        "snap",
    ],
)
def test_every_word_of_these_laws_is_there_in_spanish_and_arabic(key: str) -> None:
    assert translation_problems(root(), programme(key)) == []


def test_every_fact_of_the_law_that_is_yes_or_no_has_a_label() -> None:
    silent = [
        (key, model.valid_from, path)
        for key in programme_keys()
        for model in programme(key).models
        for path in _unlabelled(model.compiled.model.item_definitions)
    ]

    assert silent == []


def _unlabelled(items: Iterable[ItemDefinition], path: str = "") -> Iterator[str]:
    """Return the yes/no parts without a label; figures of the law have theirs in parameters.yaml."""
    for item in items:
        if item.type_ref == "boolean" and path and not item.label and path != "Law":
            yield f"{path}.{item.name}"
        yield from _unlabelled(item.components, f"{path}.{item.name}".removeprefix("."))


_NAMES_OF_THE_LAW = {"zone", "class"}
"""Dimensions whose keys are what the law itself calls them."""


def test_every_table_with_letters_for_keys_says_what_they_stand_for() -> None:
    silent = [
        (key, parameter.key, dimension.key)
        for key in programme_keys()
        for parameter in programme(key).parameters
        for dimension in parameter.by
        if dimension.key not in _NAMES_OF_THE_LAW
        and any(name.isupper() for name in dimension.names)
        and not dimension.words
    ]

    assert silent == []


@pytest.mark.django_db
def test_a_figure_by_letters_is_told_in_words(client: Client) -> None:
    shown = client.get("/law/income-tax/standard_deduction/?on=2026-01-05").content.decode()
    spanish = client.get(
        "/law/income-tax/standard_deduction/?on=2026-01-05", HTTP_ACCEPT_LANGUAGE="es"
    ).content.decode()

    assert '<dt class="cw-summary__label">Head of household</dt>' in shown
    assert "Filing status (S: Single; J: Married, one return together;" in shown
    assert '<dt class="cw-summary__label">Jefe o jefa de familia</dt>' in spanish


@pytest.mark.django_db
def test_the_pages_of_the_law_speak_the_readers_language(client: Client) -> None:
    spanish = {"HTTP_ACCEPT_LANGUAGE": "es"}
    listed = client.get("/law/", **spanish).content.decode()
    shown = client.get("/law/snap/?on=2026-01-05", **spanish).content.decode()
    figure = client.get("/law/snap/shelter_cap/", **spanish).content.decode()

    assert "Ayuda alimentaria (SNAP, en Washington Basic Food)" in listed
    for text in ("Ingreso neto", "Mayor deducción por gastos de vivienda", "Todas las deducciones juntas."):
        assert text in shown
    assert "<strong>Net income</strong>" not in shown
    assert "No se aplica si un miembro es mayor o tiene una discapacidad." in figure


@pytest.mark.django_db
def test_an_explanation_and_its_letter_speak_the_residents_language(
    town: Town,  # noqa: F811 - the fixture
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    Person.objects.filter(pk=town.person.pk).update(language="es")
    case = town.send(food_answers(contact_language="es"))
    steps = {}
    for language in ("en", "es", "ar"):
        with translation.override(language):
            assert case.decision_id is not None
            steps[language] = queries.explained(case.decision_id)[1]

    assert [step.name for step in steps["es"]] == [step.name for step in steps["en"]]
    assert not {step.label for step in steps["en"]} & {step.label for step in steps["es"]}
    assert not {step.label for step in steps["en"]} & {step.label for step in steps["ar"]}
    assert "calefacción o refrigeración (" in " ".join(step.how for step in steps["es"])
    message = Message.objects.get(thread__stream=case.stream)
    assert message.language == "es"
    assert "Usted recibe" in message.subject + message.body
    assert "You get" not in message.subject + message.body


def _copied(tmp_path: Path, change: Callable[[str], str]) -> Path:
    """Return a jurisdiction with one law and one service whose Spanish words are changed."""
    for part in ("law/parking", "services/parking-permit"):
        copytree(root() / part, tmp_path / part)
    file = tmp_path / "law/parking/locale/es.po"
    file.write_text(change(file.read_text()))
    return tmp_path


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace('msgid "Base fee"\nmsgstr "Tarifa base"\n', ""), ["locale.missing"]),
        (lambda text: text + '\nmsgid "Old words"\nmsgstr "Palabras viejas"\n', ["locale.unused"]),
        (lambda text: text + "\nmsgid nonsense", ["locale.syntax"]),
        (lambda text: text, []),
    ],
    ids=["missing", "unused", "syntax", "whole"],
)
def test_check_names_missing_and_idle_translations(
    tmp_path: Path, change: Callable[[str], str], expected: list[str]
) -> None:
    folder = _copied(tmp_path, change)
    law, _problems = read_programme(folder, "parking")
    assert law is not None

    found = translation_problems(folder, law)

    assert [problem.code for problem in found] == expected
    assert all(problem.file == "law/parking/locale/es.po" for problem in found)


def test_a_file_that_cannot_be_read_costs_nobody_the_explanation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _copied(tmp_path, lambda text: text + "\nmsgid nonsense")
    monkeypatch.setattr(translating, "root", lambda: folder)

    assert saying("parking", "es")("Base fee") == "Base fee"


def test_a_language_that_no_service_claims_is_not_asked_for(tmp_path: Path) -> None:
    folder = _copied(tmp_path, lambda text: text.replace('msgid "Base fee"\nmsgstr "Tarifa base"\n', ""))
    file = folder / "services/parking-permit/service.yaml"
    file.write_text(file.read_text().replace("languages: [en, es, ar]", "languages: [en]"))
    law, _problems = read_programme(folder, "parking")
    assert law is not None

    assert translation_problems(folder, law) == []
    file.write_text("nonsense: [")
    assert translation_problems(folder, law) == []
    assert len(texts_of(law)) > 50

"""The jurisdiction's own texts in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from commonweal.kernel.base import jurisdiction
from commonweal.kernel.base.documents import Unreadable

PO = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Moving home"\nmsgstr "Mudarse"\n'
)


def test_names_are_in_the_readers_language():
    main = jurisdiction.current()
    with translation.override("es"):
        spanish = jurisdiction.current_in()
    assert (main.name, spanish.name) == ("City of Port Alder", "Ciudad de Port Alder")
    assert [agency.name for agency in spanish.agencies] == [
        "Departamento de Servicios Humanos",
        "Departamento de Transporte",
        "Departamento de Finanzas",
        "Departamento de Planificación y Construcción",
        "Distrito Escolar de Port Alder",
    ]
    assert [agency.key for agency in spanish.agencies] == [agency.key for agency in main.agencies]
    assert jurisdiction.current_in("en") == main


def test_a_regional_language_falls_back_on_its_main_one(tmp_path):
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale/es.po").write_text(PO)
    assert jurisdiction.wordings(tmp_path, "es-MX") == {"Moving home": "Mudarse"}
    assert jurisdiction.wordings(tmp_path, "ar") == {}


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale/es.po").write_text("msgid without quotes\n")
    with pytest.raises(Unreadable) as caught:
        jurisdiction.wordings(tmp_path, "es")
    assert (caught.value.problem.file, caught.value.problem.code) == ("locale/es.po", "locale.syntax")

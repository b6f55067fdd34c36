from __future__ import annotations

import gettext
import re

import pytest
from babel.messages.catalog import Catalog
from tools.lanes import ROOT

from commonweal.kernel.base import jurisdiction
from commonweal.project import languages
from tools import messages


def catalog(locale="es", **strings):
    made = Catalog(locale=locale)
    for number, string in strings.items():
        made.add(TEXTS[number], string)
    return made


TEXTS = {
    "named": "Step %(step)s of %(of)s",
    "braces": "Enter {least} or more.",
    "edges": " or ",
    "plural": ("%(num)s file", "%(num)s files"),
}
GOOD = {
    "named": "Paso %(step)s de %(of)s",
    "braces": "Introduzca {least} o más.",
    "edges": " o ",
    "plural": ("un archivo", "%(num)s archivos"),
}


def found(locale="es", **changed):
    wanted = catalog(**dict.fromkeys(TEXTS))
    return sorted(messages.problems(catalog(locale, **(GOOD | changed)), wanted, locale))


def test_catalogues_are_current_complete_and_sound():
    assert messages.check() == []


def test_every_language_of_the_practice_city_has_a_catalogue():
    declared = jurisdiction.load(ROOT / "jurisdictions/port-alder").languages
    assert list(declared[1:]) == sorted(messages.catalogues(), reverse=True)


def test_a_sound_catalogue_has_no_problem():
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"named": "Paso %(step)s"}, "placeholders or tags differ in 'Paso %(step)s'"),
        ({"named": "Paso %(paso)s de %(of)s"}, "placeholders or tags differ"),
        ({"braces": "Introduzca {menos} o más."}, "placeholders or tags differ"),
        ({"braces": "Introduzca <b>{least}</b> o más."}, "placeholders or tags differ"),
        ({"braces": ""}, "not translated"),
        ({"edges": "o"}, "blanks at the beginning or the end differ"),
        ({"plural": ("un archivo", "")}, "not every plural form is translated"),
        ({"plural": ("un archivo",)}, "1 plural forms instead of 2"),
        ({"plural": ("un archivo", "%(number)s archivos")}, "placeholders or tags differ"),
    ],
)
def test_a_wrong_translation_is_named(changed, problem):
    assert [problem in said for said in found(**changed)] == [True]


def test_arabic_needs_six_forms():
    assert found("ar", plural=("ملف", "ملفات")) == ["ar: 2 plural forms instead of 6: '%(num)s file'"]


def test_guesses_missing_texts_and_strangers_are_named():
    held = catalog(**(GOOD | {"named": None}))
    held.add("Gone", "Ido", flags=("fuzzy",))
    del held[TEXTS["edges"]]
    said = sorted(messages.problems(held, catalog(**dict.fromkeys(TEXTS)), "es"))
    assert said == [
        "es: missing: ' or '",
        "es: no longer in the code: 'Gone'",
        "es: not translated: 'Step %(step)s of %(of)s'",
        "es: only a guess (fuzzy): 'Gone'",
    ]


def test_updating_keeps_translations_and_drops_what_is_gone():
    held = catalog(**GOOD)
    held.add("Gone", "Ido")
    wanted = catalog(**dict.fromkeys(TEXTS))
    wanted.add("New")
    new = messages.updated(held, wanted, "es")
    assert {message.id: message.string for message in new if message.id} == {
        **{TEXTS[key]: string for key, string in GOOD.items()},
        "New": None,
    }


def test_texts_of_code_and_templates_are_found():
    ids = {message.id for message in messages.template() if message.id}
    assert {"Skip to the main content", "Case {reference} has been closed already.", "Yes"} <= ids
    assert ("%(num)s service", "%(num)s services") in ids


def test_catalogues_are_compiled_once_for_the_same_content(tmp_path):
    home = languages.compiled_catalogues(tmp_path)
    written = home / "es/LC_MESSAGES/django.mo"
    first = written.stat().st_mtime_ns
    assert languages.compiled_catalogues(tmp_path) == home
    assert written.stat().st_mtime_ns == first
    spanish = gettext.translation("django", home, ["es"])
    assert (spanish.gettext("Yes"), spanish.ngettext("%(num)s file", "%(num)s files", 2)) == (
        "Sí",
        "%(num)s archivos",
    )
    assert [path.name for path in (tmp_path / "locale").iterdir()] == [home.name]


def test_a_changed_catalogue_is_compiled_anew(tmp_path):
    source = tmp_path / "po/es/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_bytes(messages.written(catalog(**GOOD)))
    old = languages.compiled_catalogues(tmp_path, tmp_path / "po")
    source.write_bytes(messages.written(catalog(**(GOOD | {"edges": " u "}))))
    new = languages.compiled_catalogues(tmp_path, tmp_path / "po")
    assert (old != new, gettext.translation("django", new, ["es"]).gettext(" or ")) == (True, " u ")


def test_arabic_numbers_find_their_forms(tmp_path):
    arabic = gettext.translation("django", languages.compiled_catalogues(tmp_path), ["ar"])
    forms = [arabic.ngettext("%(num)s file", "%(num)s files", number) for number in (0, 1, 2, 3, 11, 100)]
    assert forms == ["لا ملفات", "ملف واحد", "ملفان", "%(num)s ملفات", "%(num)s ملفًا", "%(num)s ملف"]


def test_languages_come_from_the_jurisdiction_with_their_own_names(tmp_path):
    assert languages.languages_of(ROOT / "jurisdictions/port-alder") == [
        ("en", "English"),
        ("es", "Español"),
        ("ar", "العربية"),
    ]
    assert languages.languages_of(tmp_path) == [("en", "English")]
    assert languages.own_name("pt-BR") == "Português (Brasil)"


def test_the_command_checks_and_compiles(capsys):
    assert messages.main(["--check"]) == 0
    assert capsys.readouterr().out == ""
    assert messages.main(["--compile"]) == 0
    assert re.fullmatch(r".+/locale/[0-9a-f]{16}\n", capsys.readouterr().out)

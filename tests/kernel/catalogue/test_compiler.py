from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from tests.kernel.catalogue.conftest import MINIMAL, Write

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.jurisdiction import Declared, root
from commonweal.kernel.catalogue.compiler.folder import MAX_FILES, content_hash, locale_hash, read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files, compile_service

FOLDER = "services/library-card"


class Shelf(Declared):
    title: str


class Shelves(Declared):
    shelves: list[Shelf]


class ShelvesCompiled(list[str]):
    def texts(self) -> list[str]:
        return self


class ShelvesSection(Section):
    key: ClassVar[str] = "shelving"
    schema: ClassVar[type[BaseModel]] = Shelves
    order: ClassVar[int] = 1000

    def compile(self, source: Source | None, compilation: Compilation) -> Any:
        if source is None:
            return None
        if not source.value.shelves:
            compilation.problems.append(source.problem(("shelves",), "shelves.none", "No shelf."))
        return ShelvesCompiled(shelf.title for shelf in source.value.shelves)

    def check(self, compiled: Any, source: Source | None, compilation: Compilation) -> None:
        if source is not None and compilation.compiled["info"].name in compiled:
            compilation.problems.append(source.problem((), "shelves.name", "A shelf is named like the card."))


@pytest.fixture
def shelving(monkeypatch: pytest.MonkeyPatch) -> ShelvesSection:
    section = ShelvesSection()
    monkeypatch.setattr(sections, "_items", {"shelving": section})
    return section


@pytest.fixture
def _no_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_items", {})


def _problems(home: Path, folder: str = FOLDER) -> list[str]:
    return [str(problem) for problem in compile_service(home, folder)[1]]


@pytest.mark.parametrize("key", ["food-assistance", "parking-permit", "school-meals"])
def test_the_services_of_the_city_compile(key: str) -> None:
    service, problems = compile_service(root(), f"services/{key}")

    assert [str(problem) for problem in problems if problem.is_error] == []
    assert service is not None
    assert service.info.key == key


@pytest.mark.usefixtures("_no_sections")
def test_a_small_service_compiles(home: Path) -> None:
    service, problems = compile_service(home, FOLDER)

    assert problems == []
    assert service is not None
    assert (service.key, service.info.name, service.version_id) == ("library-card", "Library card", None)
    assert service.translator("es")("Library card") == "Library card"


@pytest.mark.usefixtures("_no_sections")
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: L", "nmae: L", "2:7: 'nmae' is not known here. Did you mean 'name'?"),
        ("agency: human-services", "agency: human-service", "5:9: There is no agency 'human-service' in jurisdiction.yaml. Did you mean 'human-services'?"),
        ("key: library-card", "key: libary-card", "1:6: The key 'libary-card' is not the folder's name. Write 'library-card', or rename the folder."),
        ("[en]", "[en, fr]", "12:17: The jurisdiction does not speak 'fr'. Known: ar, en, es."),
        ("[en]", "[en]\nlife_events: [movin-home]", "13:15: There is no life event 'movin-home' in life-events.yaml. Did you mean 'moving-home'?"),
        ("[en]", "[en]\nevidence: [{key: a, name: A, register: dwelings}]", "13:40: There is no register 'dwelings' in registers. Did you mean 'dwellings'?"),
        ("kind: online", "kind: onlin", "8:19: 'onlin' is not a possible value of 'kind'. Did you mean 'online'?"),
        ("amount: 0", "amount: much", "9:17: 'amount' must be a number."),
        ("amount: 0", "amount: -1", "9:17: 'amount' must be at least 0."),
        ("output: [{name: A card}]\n", "", "1:1: 'output' is missing. Add it."),
        ("name: Library card", "name: 3", "2:7: 'name' must be text. Put the value in quotes if it looks like a number, a date, or yes/no."),
        ("name: Library card", "name: [", "4:12: This is not YAML: did not find expected ',' or ']'."),
        ("[{name: A card}]", "[]", "10:9: 'output' needs at least 1. Add one."),
        ("name: Library card", "name: A\nname: B", "3:7: The same key stands here twice."),
        (MINIMAL, "- a\n", "1:1: The file must consist of `key: value` lines."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_its_cure(
    home: Path, write: Write, old: str, new: str, expected: str
) -> None:
    write("service.yaml", old=old, new=new)

    assert compile_service(home, FOLDER)[0] is None
    assert f"{FOLDER}/service.yaml:{expected}" in _problems(home)


def test_a_yaml_bomb_is_refused(home: Path, write: Write) -> None:
    write("service.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")

    assert compile_service(home, FOLDER)[0] is None


@pytest.mark.parametrize("folder", ["services/none", "../elsewhere", "services"])
def test_a_folder_that_is_no_service_is_refused(home: Path, folder: str) -> None:
    assert compile_service(home, folder)[0] is None
    assert len(_problems(home, folder)) == 1


def test_links_are_refused(home: Path, write: Write) -> None:
    (home / FOLDER / "form.yaml").symlink_to(home / "jurisdiction.yaml")

    assert _problems(home) == [
        f"{FOLDER}/form.yaml: Links are not followed in declarations; put the file itself here."
    ]


def test_files_of_a_foreign_kind_are_refused(home: Path, write: Write) -> None:
    write("run.py", "print()")

    assert _problems(home)[0].startswith(f"{FOLDER}/run.py: A file of this kind does not belong")


def test_hidden_files_are_left_out(home: Path, write: Write) -> None:
    write(".notes", "x")

    assert list(read_folder(home, FOLDER)) == ["service.yaml"]


def test_a_large_file_is_refused(home: Path, write: Write) -> None:
    write("big.md", "x" * 2_000_001)

    assert "larger than 2,000,000 bytes" in _problems(home)[0]


def test_too_many_files_are_refused(home: Path, write: Write) -> None:
    for number in range(MAX_FILES):
        write(f"letters/{number}.md", "x")

    assert "more than 300 files" in _problems(home)[0]


def test_text_that_is_not_utf_8_is_refused_with_its_line(home: Path, write: Write) -> None:
    write("a.md").write_bytes(b"one\ntw\xff\n")

    assert _problems(home) == [f"{FOLDER}/a.md:2:0: This is not UTF-8 text. Save the file as UTF-8."]


@pytest.mark.parametrize("character", ["\x00", "\u202e"])
def test_control_characters_are_refused_with_their_line(home: Path, write: Write, character: str) -> None:
    write("a.md", f"one\ntwo\u2066x\u2069{character}\n")

    assert _problems(home) == [
        f"{FOLDER}/a.md:2:0: The control character {character!r} does not belong in text. Delete it."
    ]


@pytest.mark.usefixtures("_no_sections")
def test_a_misspelt_file_is_refused(home: Path, write: Write, shelving: ShelvesSection) -> None:
    write("shelvin.yaml", "shelves: []")

    assert _problems(home) == [
        f"{FOLDER}/shelvin.yaml: No section of a service is read from this file. Did you mean 'shelving.yaml'?"
    ]


def test_a_section_is_read_from_service_yaml_or_from_its_own_file(
    home: Path, write: Write, shelving: ShelvesSection
) -> None:
    write("shelving.yaml", "shelves: [{title: Poetry}]")
    beside, _ = compile_service(home, FOLDER)
    (home / FOLDER / "shelving.yaml").unlink()
    write("service.yaml", MINIMAL + "shelving: {shelves: [{title: Poetry}]}\n")
    inside, _ = compile_service(home, FOLDER)

    assert beside is not None
    assert inside is not None
    assert beside.sections == inside.sections == {"shelving": ["Poetry"]}


def test_a_section_in_both_places_is_refused(home: Path, write: Write, shelving: ShelvesSection) -> None:
    write("shelving.yaml", "shelves: []")
    write("service.yaml", MINIMAL + "shelving: {shelves: []}\n")

    assert _problems(home) == [
        (
            f"{FOLDER}/service.yaml:14:11: The section 'shelving' stands here and in shelving.yaml. "
            "Keep one of the two."
        )
    ]


def test_mistakes_of_a_section_stand_at_their_place(
    home: Path, write: Write, shelving: ShelvesSection
) -> None:
    write("service.yaml", MINIMAL + "shelving: {shelves: [{titel: Poetry, title: A}]}\n")

    assert _problems(home) == [
        f"{FOLDER}/service.yaml:14:30: 'titel' is not known here. Did you mean 'title'?"
    ]


def test_a_section_adds_problems_when_it_compiles_and_when_it_looks_across(
    home: Path, write: Write, shelving: ShelvesSection
) -> None:
    write("shelving.yaml", "shelves: [{title: Library card}]")
    across = _problems(home)
    write("shelving.yaml", "shelves: []")

    assert across == [f"{FOLDER}/shelving.yaml:1:1: A shelf is named like the card."]
    assert _problems(home) == [f"{FOLDER}/shelving.yaml:1:10: No shelf."]


def test_a_broken_file_of_a_section_is_named(home: Path, write: Write, shelving: ShelvesSection) -> None:
    write("shelving.yaml", "a: [")

    assert _problems(home)[0].startswith(f"{FOLDER}/shelving.yaml:")


def test_a_required_section_that_is_missing_is_named(
    home: Path, shelving: ShelvesSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ShelvesSection, "is_required", True)

    assert _problems(home) == [
        (
            f"{FOLDER}/service.yaml:1:1: The section 'shelving' is missing. "
            "Write it under 'shelving:' here, or in a file shelving.yaml."
        )
    ]


def test_translations_are_read_and_compared_with_the_texts(
    home: Path, write: Write, shelving: ShelvesSection
) -> None:
    write("service.yaml", old="[en]", new="[en, es]")
    write("shelving.yaml", "shelves: [{title: Poetry}]")
    write(
        "locale/es.po",
        'msgid "Library card"\nmsgstr "Carné de biblioteca"\n\n'
        'msgid "Poetry"\nmsgstr "Poesía"\n\n'
        '#, fuzzy\nmsgid "Free."\nmsgstr "?"\n\n'
        'msgid "Gone"\nmsgstr "Ido"\n',
    )

    service, problems = compile_service(home, FOLDER)

    assert service is not None
    spanish = service.translator("es-MX")
    assert [spanish(text) for text in ("Library card", "Poetry", "Free.")] == [
        "Carné de biblioteca",
        "Poesía",
        "Free.",
    ]
    assert [(problem.code, problem.is_error) for problem in problems] == [
        ("locale.missing", False),
        ("locale.unused", False),
    ]
    assert "9 of 11 texts" in problems[0].message


@pytest.mark.usefixtures("_no_sections")
def test_a_broken_translation_is_named_with_its_line(home: Path, write: Write) -> None:
    write("service.yaml", old="[en]", new="[en, es]")
    write("locale/es.po", 'msgid "a"\nmsgstr "b"\nnonsense\n')

    problems = compile_service(home, FOLDER)[1]

    assert ("locale.syntax", f"{FOLDER}/locale/es.po") in [(p.code, p.file) for p in problems]


@pytest.mark.usefixtures("_no_sections")
def test_a_translation_into_a_language_that_is_not_declared_is_named(home: Path, write: Write) -> None:
    write("locale/fr.po", "")

    assert _problems(home) == [
        (
            f"{FOLDER}/locale/fr.po: This is not a translation into one of the service's languages. "
            "Name it <language>.po, with one of: none."
        )
    ]


def test_the_hash_leaves_out_translations_and_line_ends(home: Path, write: Write) -> None:
    files = read_folder(home, FOLDER)
    write("service.yaml").write_bytes(MINIMAL.replace("\n", "\r\n").encode())
    write("locale/es.po", "")
    again = read_folder(home, FOLDER)

    assert content_hash(files) == content_hash(again)
    assert locale_hash(files) != locale_hash(again)


def test_text_in_memory_compiles_as_a_folder_does(home: Path) -> None:
    assert compile_files(home, FOLDER, read_folder(home, FOLDER))[0] == compile_service(home, FOLDER)[0]


def test_a_jurisdiction_without_a_readable_file_is_named(home: Path) -> None:
    (home / "jurisdiction.yaml").write_text("key: x")

    assert _problems(home)[0].startswith("jurisdiction.yaml:1:1:")


def test_broken_life_events_are_named(home: Path, write: Write) -> None:
    (home / "life-events.yaml").write_text("life_events: 3")
    write("service.yaml", MINIMAL + "life_events: [moving-home]\n")

    assert _problems(home) == ["life-events.yaml:1:14: 'life_events' must be a list."]


HARD_TEXT = (
    "Eligibility determinations necessitate documentary verification of anticipated household remuneration, "
    "notwithstanding administrative discretion concerning exceptional circumstances, proportionality and contemporaneous availability for applicants."
)


@pytest.mark.usefixtures("_no_sections")
def test_a_text_that_is_hard_to_read_is_pointed_at_where_it_stands(home: Path, write: Write) -> None:
    write("service.yaml", old="A card for the city's libraries.", new=HARD_TEXT)

    service, problems = compile_service(home, FOLDER)

    (problem,) = problems
    assert service is not None
    assert (problem.code, problem.line, problem.is_error) == ("text.hard", 4, False)
    assert problem.message.startswith("The Flesch-Kincaid grade is ")
    assert problem.hint.startswith("Say it shorter or in plainer words: 'Eligibility determinations")

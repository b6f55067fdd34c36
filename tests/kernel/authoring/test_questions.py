from __future__ import annotations

from collections.abc import Callable
from difflib import ndiff
from pathlib import Path

import pytest

from commonweal.kernel.authoring import questions
from commonweal.kernel.authoring.editing import values_of
from commonweal.kernel.authoring.errors import PlaceNotFound
from commonweal.kernel.base.jurisdiction import root

FORMS = sorted((root() / "services").glob("*/form.yaml"))
FORM = """\
# The form
pages:
  - key: you
    title: About you
    questions:
      # first of all
      - key: name
        type: text
        label: Name   # as in the passport
        short: a name

      - key: age
        type: number
        label: Age
        when: 1 < 2
        min: 0

  - key: home
    title: Home
    questions:
      - {key: town, type: text, label: Town, short: a town}
      - {key: street, type: text, label: Street}
# the end
"""
BRACES = "pages: [{key: a, title: A, questions: [{key: x, type: text, label: X}, {key: y, type: text, label: Y}]}]\n"


def changed(before: str, after: str) -> list[str]:
    return [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_the_outline_names_every_page_and_question() -> None:
    you, home = questions.outline(FORM)
    assert (you.keys, you.label, you.is_first, you.is_last) == (("you",), "About you", True, False)
    assert [(one.keys, one.type, one.when) for one in you.inner] == [
        (("you", "name"), "text", ""),
        (("you", "age"), "number", "1 < 2"),
    ]
    assert [one.label for one in home.inner] == ["Town", "Street"]
    assert questions.outline("x: 1\n") == questions.outline("[]") == ()


def test_a_question_moves_with_its_comment() -> None:
    moved = questions.move(FORM, ("you", "age"), by=-1)
    assert moved == FORM.replace(
        """\
      # first of all
      - key: name
        type: text
        label: Name   # as in the passport
        short: a name

      - key: age
        type: number
        label: Age
        when: 1 < 2
        min: 0
""",
        """\
      - key: age
        type: number
        label: Age
        when: 1 < 2
        min: 0

      # first of all
      - key: name
        type: text
        label: Name   # as in the passport
        short: a name
""",
    )
    assert questions.move(moved, ("you", "age"), by=1) == FORM


def test_a_page_moves_as_a_whole() -> None:
    moved = questions.move(FORM, ("home",), by=-1)
    assert [page.keys for page in questions.outline(moved)] == [("home",), ("you",)]
    assert moved.endswith("# the end\n")
    assert questions.move(moved, ("home",), by=1) == FORM


def test_a_question_is_removed_and_nothing_else() -> None:
    gone = questions.remove(FORM, ("you", "age"))
    assert [line[2:].split(":")[0].strip() for line in changed(FORM, gone) if line[2:].strip()] == [
        "- key",
        "type",
        "label",
        "when",
        "min",
    ]
    assert questions.remove(FORM, ("you", "name")).count("first of all") == 0
    with pytest.raises(PlaceNotFound):
        questions.remove(gone, ("you", "name"))


def test_questions_and_pages_are_added_at_the_end() -> None:
    more = questions.add_question(FORM, ("you",), key="pet", kind="choice", label="Pet?", short="a pet")
    assert all(line.startswith("+") for line in changed(FORM, more))
    assert questions.found(more, ("you", "pet"))["options"][1] == {"key": "two", "label": "Second"}
    page = questions.add_page(more, key="last-things", title="Last: things")
    assert all(line.startswith("+") for line in changed(more, page))
    assert [one.keys for one in questions.outline(page)] == [("you",), ("home",), ("last-things",)]
    assert page.endswith("# the end\n")
    group = questions.add_question(page, ("home",), key="kids", kind="group", label="Kids", short="kids")
    inner = questions.add_question(
        group, ("home", "kids"), key="age", kind="number", label="Age", short="an age"
    )
    assert [one.keys for one in questions.outline(inner)[1].inner[2].inner] == [
        ("home", "kids", "name"),
        ("home", "kids", "age"),
    ]


def test_fields_of_a_question_change_in_their_place() -> None:
    new = questions.change(
        FORM,
        ("you", "name"),
        {"label": "Full name", "hint": "As in\nyour passport", "short": "", "required": False, "when": None},
    )
    assert questions.found(new, ("you", "name")) == {
        "key": "name",
        "type": "text",
        "label": "Full name",
        "hint": "As in\nyour passport\n",
        "required": False,
    }
    assert "# as in the passport" in new
    assert "first of all" in new
    rest = [line for line in changed(FORM, new) if "assport" not in line and "ame" not in line]
    assert rest == ["+         hint: |", "+           As in", "+         required: false"]
    flow = questions.change(FORM, ("home", "town"), {"label": "Town, or: city", "when": "age > 3"})
    assert changed(FORM, flow) == [
        "-       - {key: town, type: text, label: Town, short: a town}",
        "+       - {key: town, type: text, label: 'Town, or: city', short: a town, when: age > 3}",
    ]
    assert questions.change(FORM, ("you", "name"), {"label": "Name ", "hint": ""}) == FORM


def test_a_page_changes_without_its_questions() -> None:
    new = questions.change(FORM, ("home",), {"title": "Your home", "when": "age > 3"})
    assert changed(FORM, new) == ["-     title: Home", "+     title: Your home", "+     when: age > 3"]


@pytest.mark.parametrize(
    "act",
    [
        lambda text: questions.move(text, ("a", "y"), by=-1),
        lambda text: questions.remove(text, ("a", "x")),
        lambda text: questions.add_question(text, ("a",), key="z", kind="date", label="Z", short="z"),
        lambda text: questions.change(text, ("a", "x"), {"label": "XX"}),
    ],
)
def test_lists_in_brackets_are_changed_too(act: Callable[[str], str]) -> None:
    assert values_of(act(BRACES), "form.yaml") != values_of(BRACES, "form.yaml")


@pytest.mark.parametrize(
    "keys", [(), ("nobody",), ("you", "nobody"), ("you", "name", "x"), ("a", "b", "c", "d")]
)
def test_what_is_not_there_is_told(keys: tuple[str, ...]) -> None:
    with pytest.raises(PlaceNotFound):
        questions.change(FORM, keys, {"label": "x"})
    with pytest.raises(PlaceNotFound):
        questions.move(FORM, keys, by=1)


def test_nothing_moves_over_the_edge() -> None:
    for keys, by in ((("you",), -1), (("home",), 1), (("you", "age"), 1)):
        with pytest.raises(PlaceNotFound):
            questions.move(FORM, keys, by=by)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.parent.name)
def test_every_question_of_the_city_moves_there_and_back(path: Path) -> None:
    text = path.read_text()
    data = values_of(text, "form.yaml")
    for page in questions.outline(text):
        for one in (page, *page.inner[:1]):
            if not one.is_last:
                moved = questions.move(text, one.keys, by=1)
                assert values_of(moved, "form.yaml") != data
                assert questions.move(moved, one.keys, by=-1) == text
            same = questions.found(text, one.keys)
            new = questions.change(text, one.keys, {"title" if not one.type else "label": "Quite: new"})
            assert len(changed(text, new)) == 2, one.keys
            assert questions.found(text, one.keys) == same

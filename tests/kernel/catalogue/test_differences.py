from __future__ import annotations

from commonweal.kernel.catalogue.differences import differences

FORM = """\
pages:
  - key: home
    title: Home
    questions:
      - {key: rent, type: money, label: Your rent}
      - {key: rooms, type: number, label: Rooms, max: 20}
"""


def _said(before: str, after: str, name: str = "form.yaml") -> list[str]:
    return [str(each) for each in differences({name: before}, {name: after})]


def test_nothing_changed() -> None:
    assert _said(FORM, FORM) == []
    assert _said(FORM, FORM.replace("title: Home", "title:   'Home'")) == []


def test_a_limit_that_rises() -> None:
    assert _said(FORM, FORM.replace("max: 20", "max: 25")) == [
        "form.yaml: pages > home > questions > rooms > max changes from '20' to '25'"
    ]


def test_a_question_that_is_new_or_gone() -> None:
    more = FORM + "      - {key: pet, type: boolean, label: A pet?}\n"

    assert _said(FORM, more) == ["form.yaml: pages > home > questions > pet is new: A pet?"]
    assert _said(more, FORM) == ["form.yaml: pages > home > questions > pet is gone: A pet?"]


def test_a_question_that_moves_is_neither_new_nor_gone() -> None:
    lines = FORM.splitlines(keepends=True)
    swapped = "".join([*lines[:4], lines[5], lines[4]])

    assert _said(FORM, swapped) == ["form.yaml: pages > home > questions moves: ['rooms', 'rent']"]


def test_a_key_that_is_new_or_gone() -> None:
    assert _said("a: 1\n", "a: 1\nb: [2, 3]\n", "x.yaml") == ["x.yaml: b is new: [2, 3]"]
    assert _said("a: [1]\n", "a: []\n", "x.yaml") == ["x.yaml: a changes from '[1]' to '[]'"]
    assert _said("a: 1\nb: 2\n", "a: 1\n", "x.yaml") == ["x.yaml: b is gone: 2"]


def test_files_that_are_new_or_gone() -> None:
    assert [str(each) for each in differences({"a.yaml": "a: 1"}, {"b.yaml": "a: 1"})] == [
        "a.yaml is gone",
        "b.yaml is new",
    ]


def test_letters_are_compared_line_by_line() -> None:
    before = "Dear you,\n\nyou get money.\n\nBye.\n"

    assert _said(
        before, before.replace("money", "a card").replace("Bye.", "Bye.\nThe city"), "letters/a.md"
    ) == [
        "letters/a.md changes from 'you get money.' to 'you get a card.'",
        "letters/a.md is new: The city",
    ]
    assert _said(before, before.replace("Bye.\n", ""), "letters/a.md") == ["letters/a.md is gone: Bye."]


def test_what_is_no_yaml_any_more_is_compared_as_text() -> None:
    assert _said("a: 1\n", "a: [1\n", "x.yaml") == ["x.yaml changes from 'a: 1' to 'a: [1'"]


def test_long_texts_are_cut() -> None:
    (found,) = differences({"x.yaml": "a: b"}, {"x.yaml": f"a: {'b' * 500}"})

    assert len(found.after) == 201

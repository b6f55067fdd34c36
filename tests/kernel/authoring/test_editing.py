from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.authoring.conftest import small_service

from commonweal.kernel.authoring.editing import edited, places, values_of, with_texts
from commonweal.kernel.authoring.errors import PlaceNotFound, TextRefused
from commonweal.kernel.base.jurisdiction import root

FILES = sorted(
    path for path in (root() / "services").glob("*/*.yaml") if path.name in {"service.yaml", "form.yaml"}
)

WRITTEN = """\
# At the top
pages:   # beside
- key: you   # not indented
  title: "About you"
  questions:
  # before the question
  - {key: name, type: text, label: Name, hint: 'Your "own"'}
  guidance: |
    One.

    Two.
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_changed_text_changes_its_own_line_only(path: Path) -> None:
    text = path.read_text()
    found = places(text, path.name)
    assert found
    one = next(place for place in found if "\n" not in place.text and place.path[0] in {"name", "pages"})

    new = with_texts(text, path.name, {one.path: "Something quite new"})

    lines, others = text.splitlines(), new.splitlines()
    assert [at for at, pair in enumerate(zip(lines, others, strict=True)) if pair[0] != pair[1]] == [
        next(at for at, line in enumerate(others) if "Something quite new" in line)
    ]


def test_comments_order_and_quotes_stay_in_any_style_of_indentation() -> None:
    new = with_texts(
        WRITTEN,
        "form.yaml",
        {
            ("pages", 0, "title"): "Who you are",
            ("pages", 0, "questions", 0, "hint"): "On your card: here",
            ("pages", 0, "guidance"): "Three.\r\n\r\nFour. ",
        },
    )
    expected = WRITTEN.replace("About you", "Who you are").replace('Your "own"', "On your card: here")
    assert new == expected.replace("One.", "Three.").replace("Two.", "Four.")


def test_several_lines_in_a_line_of_braces_are_kept() -> None:
    path = ("pages", 0, "questions", 0, "hint")
    new = with_texts(WRITTEN, "form.yaml", {path: "On your\ncard: here"})
    assert values_of(new, "form.yaml")["pages"][0]["questions"][0]["hint"] == "On your\ncard: here"


@settings(max_examples=40)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=80)
    .map(str.strip)
    .filter(bool)
)
def test_any_text_is_read_again_as_it_was_typed(said: str) -> None:
    form = small_service()["form.yaml"]
    path = ("pages", 0, "questions", 0, "label")
    new = with_texts(form, "form.yaml", {path: said})
    data = values_of(new, "form.yaml")
    assert data["pages"][0]["questions"][0]["label"] == said
    data["pages"][0]["questions"][0]["label"] = "E-mail address"
    assert data == values_of(form, "form.yaml")


def test_what_is_not_changed_is_not_touched() -> None:
    same = {place.path: f" {place.text}\n" for place in places(WRITTEN, "form.yaml")}
    assert with_texts(WRITTEN, "form.yaml", same) is WRITTEN


def test_a_place_that_is_gone_is_told() -> None:
    with pytest.raises(PlaceNotFound):
        with_texts(WRITTEN, "form.yaml", {("pages", 9, "title"): "x"})
    with pytest.raises(PlaceNotFound):
        edited(WRITTEN, "form.yaml", lambda data: data["pages"].__getitem__(7))


def test_anchors_are_refused_before_they_are_followed() -> None:
    with pytest.raises(TextRefused):
        edited("a: &a [1]\nb: [*a, *a]\n", "form.yaml", lambda data: None)

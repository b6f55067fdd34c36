"""Every component is shown in the gallery, told in the reference and reachable through ``ui``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import Client

from commonweal.kernel.base import gallery

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = gallery.COMPONENTS.parent
PARTS_OF_FIELDS = {"field_hint", "field_error", "described", "field_label", "field_legend"}


@pytest.mark.parametrize(
    "component",
    [component for component in gallery.components() if component.name not in PARTS_OF_FIELDS],
    ids=lambda component: component.name,
)
def test_every_component_is_in_the_gallery(component):
    shown = (TEMPLATES / "gallery.html").read_text()
    assert re.search(rf"ui\.{component.name}\(", shown)


def test_ui_hands_out_every_component():
    handed_out = set(re.findall(r"\{% set (\w+) =", (TEMPLATES / "ui.html").read_text()))
    assert handed_out == {component.name for component in gallery.components()}


def test_every_component_says_the_arguments_it_takes():
    for component in gallery.components():
        text = (gallery.COMPONENTS / f"{component.file}.html").read_text()
        match = re.search(rf"\{{% macro {component.name}\((.*?)\) -?%\}}", text)
        assert match is not None
        taken = re.findall(r"(?:^|, )(\w+)(?==|,|$)", match[1])
        assert re.findall(r"(?:\(|, )(\w+): ", component.signature) == taken, component.name


def test_reference_of_components_is_current():
    page = (ROOT / "docs/reference/components.md").read_text()
    assert page == gallery.reference(), "run `python -m tools.components`"


def test_a_component_without_its_comment_is_refused(tmp_path, monkeypatch):
    (tmp_path / "mute.html").write_text("{% macro mute(text) -%}{{ text }}{%- endmacro %}")
    monkeypatch.setattr(gallery, "COMPONENTS", tmp_path)
    with pytest.raises(ValueError, match=r"mute\.html: no comment with a signature above mute"):
        gallery.components()


@pytest.mark.parametrize("query", ["", "?face=workbench", "?dir=rtl&text=pseudo", "?face=../error"])
def test_gallery_is_open_to_everybody(query):
    response = Client().get(f"/gallery{query}")
    assert response.status_code == 200
    assert "style=" not in response.content.decode()
    assert "<script>" not in response.content.decode()


def test_pseudo_text_is_longer_and_keeps_its_words():
    assert gallery.stretched("Save and go on") == "[Šávé áñd gö öñ · ·]"


def test_components_escape_what_they_are_given():
    hostile = "<script>alert('x')</script>"
    text = _all_fields(hostile)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def _all_fields(text):
    template = engines["jinja2"].from_string(
        """{% import "base/ui.html" as ui %}
        {{ ui.text_field("a", t, t, t, t) }}{{ ui.textarea_field("b", t, t, t, t) }}
        {{ ui.radios_field("c", t, [{"value": t, "label": t, "hint": t}], t, t, t) }}
        {{ ui.checkboxes_field("d", t, [{"value": t, "label": t}], [t], t, t) }}
        {{ ui.select_field("e", t, [{"value": t, "label": t}], t, t, t) }}
        {{ ui.date_field("f", t, {"day": t}, t, t) }}{{ ui.summary_list([{"label": t, "value": t, "change": t}], t) }}
        {{ ui.alert(t, t) }}{{ ui.error_summary({"a": t}) }}{{ ui.explanation([{"title": t, "text": t, "result": t}]) }}
        {{ ui.table(t, [{"key": "a", "label": t}], [{"a": t}]) }}{{ ui.timeline([{"title": t, "time": t}]) }}"""
    )
    return template.render({"t": text})


def test_language_is_remembered_and_leads_back():
    response = Client().get("/language/es?next=/gallery%3Fdir%3Drtl")
    assert (response.status_code, response["Location"]) == (302, "/gallery?dir=rtl")
    assert response.cookies["django_language"].value == "es"


@pytest.mark.parametrize(
    "there", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_language_never_leads_elsewhere(there):
    assert Client().get("/language/es", {"next": there})["Location"] == "/"


def test_language_without_pages_is_not_found():
    assert Client().get("/language/xx").status_code == 404

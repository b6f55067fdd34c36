"""What every template keeps to."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.template import engines
from tests.architecture.tree import SOURCE

TEMPLATES = sorted(path for path in SOURCE.rglob("jinja2/**/*") if path.suffix in {".html", ".txt"})
# `_("… %(day)s")` fills its places at once, so that a filter behind it comes too late and fails when the page is shown.
FILLED_TOO_LATE = re.compile(r'_\((["\'])(?:(?!\1).)*%\(\w+\)s(?:(?!\1).)*\1\)')


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_places_in_translated_texts_are_filled_by_name(path) -> None:
    assert [found.group() for found in FILLED_TOO_LATE.finditer(path.read_text())] == []


# In a text without places, too, `_()` reads a lone per cent sign as the beginning of one.
LONE_PERCENT = re.compile(r'_\((["\'])(?:(?!\1).)*(?<!%)%(?![%(])(?:(?!\1).)*\1')


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_per_cent_signs_in_translated_texts_are_doubled(path) -> None:
    assert [found.group() for found in LONE_PERCENT.finditer(path.read_text())] == []


def test_a_lone_per_cent_sign_is_found() -> None:
    assert LONE_PERCENT.search('{{ _("up to 400 %, and more") }}')
    assert not LONE_PERCENT.search('{{ _("up to 400 %%, %(more)s") }}')


def test_a_place_that_is_filled_too_late_is_found() -> None:
    assert FILLED_TOO_LATE.search('{{ _("Asked on %(day)s")|format(day=today) }}')
    assert not FILLED_TOO_LATE.search('{{ _("Asked on %(day)s", day=today) }}')


def test_our_templates_come_first() -> None:
    assert [engine["NAME"] for engine in settings.TEMPLATES] == ["jinja2", "django"]
    assert type(engines["jinja2"]).__name__ == "Jinja2"

"""No template says anything that cannot be translated."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment
from tests.architecture.tree import SOURCE, relative

PAGES = sorted(SOURCE.glob("**/jinja2/**/*.html"))
ATTRIBUTE = re.compile(r'\b(aria-label|aria-description|title|alt|placeholder)="([^"]*)"')
TAG = re.compile(r'<(?:[^<>"]|"[^"]*")*>', re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}")
# What is the same in every language, and attributes that a block or a macro writes by itself.
NAMES = re.compile(r"SHA-256|\bcw-[\w-]+|\bdata-[\w-]+=\"[\w-]*\"?")
HOLE = "\0"


def untranslatable(source):
    """Words that a template writes outside of gettext, as text or in an attribute that is read aloud."""
    text = COMMENT.sub("", outside_gettext(source))
    found = [value for _name, value in ATTRIBUTE.findall(text)]
    found += TAG.sub(HOLE, text).split(HOLE)
    return [part.strip() for part in found if WORD.search(NAMES.sub("", part.replace(HOLE, " ")))]


def outside_gettext(source):
    """What a template writes itself; a hole for each expression, and nothing for what a `trans` block holds."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    written, words, is_translated, is_block = [], [], False, False
    for _line, kind, value in environment.lex(source):
        if kind == "block_begin":
            words, is_block = [], True
        elif kind == "name" and is_block:
            words.append(value)
        elif kind == "block_end":
            is_block = False
            is_translated = (is_translated or words[:1] == ["trans"]) and words[:1] != ["endtrans"]
        elif kind == "variable_end":
            written.append(HOLE)
        elif kind == "data" and not is_translated:
            written.append(value)
    return "".join(written)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_templates_write_no_words_of_their_own(page):
    assert untranslatable(page.read_text()) == [], relative([page])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{{ _("Hello") }}</p>', []),
        ("<p>{% trans %}Hello <b>you</b>{% endtrans %} there</p>", ["there"]),
        ('<nav aria-label="Main">{{ _("Go") }}</nav>', ["Main"]),
        ('<nav aria-label="{{ _("Main") }}" class="plain words">1 · 2</nav>', []),
        ("{% if a %}<b>yes</b>{% endif %}", ["yes"]),
        ("<!-- said to readers of the source -->{# and this #}", []),
    ],
)
def test_words_outside_of_gettext_are_found(source, found):
    assert untranslatable(source) == found

"""A language that exists in tests only: our texts, with accents on every letter, written from right to left.

It takes the place of Arabic, so that dates, numbers, plural forms and direction are those of a real language. What
still shows plain English letters on a page did not go through gettext.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from tools import messages

LANGUAGE = "ar"
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ACCENTED = "áƀçðéƒĝĥíĵķļɱñóþɋŕšţúṽŵẋýžÁƁÇÐÉƑĜĤÍĴĶĻṀÑÓÞɊŔŠŢÚṼŴẊÝŽ"
_ACCENTS = str.maketrans(_PLAIN, _ACCENTED)
_KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd]|\{\w*\}|</?[a-z][^>]*>)")
_SPOKEN = ("aria-label", "aria-description", "alt", "title", "placeholder")
_SILENT = {"script", "style", "code"}
_VOID = {"meta", "link", "img", "input", "br", "hr", "wbr", "source"}


def pseudo(text: str) -> str:
    """Put accents on a text, but not on its placeholders and tags."""
    parts = _KEPT.split(text)
    return "".join(part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(parts))


def write_catalogue(folder: Path) -> None:
    """Compile the texts of the code into a folder for ``LOCALE_PATHS``."""
    catalog = Catalog(locale=LANGUAGE, domain="django")
    for message in messages.template():
        if isinstance(message.id, str):
            catalog.add(message.id, pseudo(message.id), context=message.context)
        else:
            catalog.add(message.id, (pseudo(message.id[1]),) * catalog.num_plurals, context=message.context)
    home = folder / LANGUAGE / "LC_MESSAGES"
    home.mkdir(parents=True)
    with (home / "django.mo").open("wb") as stream:
        write_mo(stream, catalog)


class Heard(HTMLParser):
    """Everything on a page that a reader sees or hears, in the page's language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_other = tag in _SILENT or given.get("lang", LANGUAGE) != LANGUAGE
        self.open.append((tag, is_other or bool(self.open and self.open[-1][1])))
        if not self.open[-1][1]:
            self.texts += [text for name in _SPOKEN if (text := given.get(name))]
        if tag in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][1]):
            self.texts.append(" ".join(data.split()))

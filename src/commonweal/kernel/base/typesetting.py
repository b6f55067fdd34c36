"""Text as an accessible PDF: letters and paper forms are set by it.

Source: ISO 14289-1 (PDF/UA-1), as typst makes and checks it: tagged headings, lists and tables, title, language.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from unicodedata import category

import structlog
import typst

log = structlog.get_logger(__name__)

FONTS = '("Libertinus Serif", "DejaVu Sans Mono")'
"""The fonts that typst brings along: the second one knows Arabic."""

ISOLATE, END_ISOLATE = "\u2068", "\u2069"
"""Around a text whose direction may differ from its surroundings (Unicode Standard Annex 9)."""

LEFT_TO_RIGHT = "\u2066"
"""Begins a text that runs from left to right, whatever it holds; END_ISOLATE ends it."""

_RIGHT_MARK = "\u200f"
_NUMBER = r"\d(?:[\d.,]*\d)?"
_SIGN = rf"{_RIGHT_MARK}?[-\u2212+]?{_RIGHT_MARK}?"
_CURRENCY = r"(?:[A-Z]{1,3})?[$\u20ac\xa3\xa5]"
_AMOUNT = re.compile(
    rf"[\u2066-\u2068][^\u2069]*\u2069|(?P<amount>{_SIGN}(?:{_CURRENCY}[ \xa0]?{_NUMBER}|{_NUMBER}[ \xa0]?{_CURRENCY}))"
)
_BOX = "\u25a1"
_MOST_MISSING = 20
_NOT_DISPLAYED = re.compile(r"the text `\"(.*?)\"` could not be displayed", re.DOTALL)
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ps", "ur", "yi"}


def direction_of(language: str) -> str:
    """Return ``rtl`` or ``ltr``."""
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def amounts_apart(text: str, language: str) -> str:
    """Return a text in which every amount of money keeps its own order, from left to right, where the language runs the other way.

    The sign of a currency would else stand on the wrong side of its number: after Arabic letters a number counts as Arabic.
    What is isolated already stays as it is.

    Source: Unicode Standard Annex 9, rules W2 to W5.
    """
    return _AMOUNT.sub(_amount_apart, text) if direction_of(language) == "rtl" else text


def _amount_apart(found: re.Match[str]) -> str:
    amount = found["amount"]
    return f"{LEFT_TO_RIGHT}{amount.replace(_RIGHT_MARK, '')}{END_ISOLATE}" if amount else found[0]


def literal(text: str) -> str:
    """Return a text as a string literal of typst: none of it can become markup."""
    return '"' + "".join(_literal_character(character) for character in text) + '"'


def _literal_character(character: str) -> str:
    if character in {'"', "\\"}:
        return f"\\{character}"
    if category(character) == "Cc":
        return " "  # no font shows a control character, and none belongs on paper
    return character if character.isprintable() else f"\\u{{{ord(character):x}}}"


def typeset(source: str, *, dated_at: datetime) -> bytes:
    """Return the PDF of a typst source; the same source gives the same bytes on the same machine.

    A character that no font here can show is printed as a box, and logged: an operator installs a font for it
    (Debian: fonts-noto).

    Args:
        source: Markup of typst; texts in it are written with :func:`literal`.
        dated_at: The date of the document.

    Raises:
        typst.TypstError: A defect: the markup is wrong or breaks a rule of PDF/UA.
    """
    for _ in range(_MOST_MISSING):
        try:
            return _compiled(source, dated_at)
        except typst.TypstError as error:
            missing = _not_displayed(str(error))
            if not missing:
                raise
            log.warning("no font shows a character", code_points=[f"U+{ord(each):04X}" for each in missing])
            for each in missing:
                source = source.replace(each, _BOX).replace(f"\\u{{{ord(each):x}}}", _BOX)
    return _compiled(source, dated_at)


def _compiled(source: str, dated_at: datetime) -> bytes:
    made = typst.compile(
        source.encode(),
        format="pdf",
        pdf_standards=["ua-1"],
        font_paths=_fonts(),
        timestamp=int(dated_at.timestamp()),
    )
    return bytes(made)


@cache
def _fonts() -> typst.Fonts:
    """Find the fonts once for the process: those that typst brings along, and the machine's."""
    return typst.Fonts()


def _not_displayed(message: str) -> list[str]:
    """Return the characters that an error of typst says no font can show."""
    found = _NOT_DISPLAYED.search(message)
    text = re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), found[1]) if found else ""
    return sorted({character for character in text if not character.isascii()})

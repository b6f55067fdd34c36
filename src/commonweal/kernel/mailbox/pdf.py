"""A letter as an accessible PDF.

Source: ISO 14289-1 (PDF/UA-1), as typst makes and checks it: tagged headings, lists and tables, title, language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import structlog
import typst

from commonweal.kernel.mailbox.markup import END_ISOLATE, ISOLATE, direction_of, literal, to_typst

# The fonts that typst brings along: the second one knows Arabic.
log = structlog.get_logger(__name__)

_BOX = "\u25a1"
_MOST_MISSING = 20
_NOT_DISPLAYED = re.compile(r"the text `\"(.*?)\"` could not be displayed", re.DOTALL)
_FONTS = '("Libertinus Serif", "DejaVu Sans Mono")'


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed.

    Attributes:
        language: BCP 47.
        sender: Lines of the letterhead, the first is the government's name.
        receiver: Lines of the address.
        date: As the reader's language writes it.
        reference: Line with the reference; may be empty.
        subject: Title.
        body: Markdown.
        page_label: For example ``Page``.
        sent_at: Becomes the date of the document.
        logo: SVG, or empty.
    """

    language: str
    sender: tuple[str, ...]
    receiver: tuple[str, ...]
    date: str
    reference: str
    subject: str
    body: str
    page_label: str
    sent_at: datetime
    logo: str = ""


def letter_pdf(sheet: Sheet) -> bytes:
    """Return the PDF; the same sheet gives the same bytes on the same machine.

    A character that no font here can show is printed as a box, and logged: an operator installs a font for it
    (Debian: fonts-noto). The message page shows it in any case.

    Raises:
        typst.TypstError: A defect: the markup is wrong or breaks a rule of PDF/UA.
    """
    source = _source(sheet)
    for _ in range(_MOST_MISSING):
        try:
            return _compiled(source, sheet.sent_at)
        except typst.TypstError as error:
            missing = _not_displayed(str(error))
            if not missing:
                raise
            log.warning("no font shows a character", code_points=[f"U+{ord(each):04X}" for each in missing])
            for each in missing:
                source = source.replace(each, _BOX).replace(f"\\u{{{ord(each):x}}}", _BOX)
    return _compiled(source, sheet.sent_at)


def _compiled(source: str, sent_at: datetime) -> bytes:
    made = typst.compile(
        source.encode(),
        format="pdf",
        pdf_standards=["ua-1"],
        font_paths=_fonts(),
        timestamp=int(sent_at.timestamp()),
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


def _source(sheet: Sheet) -> str:
    at, language = sheet.sent_at, sheet.language.partition("-")[0]
    direction = direction_of(language)
    day = f"datetime(year: {at.year}, month: {at.month}, day: {at.day})"
    logo = (
        f'#pdf.artifact(image(bytes({literal(sheet.logo)}), format: "svg", height: 14mm))\n'
        if sheet.logo
        else ""
    )
    return f"""
#set document(title: {literal(sheet.subject)}, author: {literal(sheet.sender[0])}, date: {day})
#set page(paper: "us-letter", margin: (x: 25mm, y: 22mm), footer: context align(center, text(size: 9pt)[
  #{literal(sheet.page_label)} #counter(page).display("1 / 1", both: true)]))
#set text(lang: {literal(language)}, dir: {direction}, font: {_FONTS}, size: 11.5pt)
#set par(leading: 0.75em, spacing: 1.2em)
#set list(spacing: 0.8em)
#set table(stroke: 0.5pt, inset: 6pt)
#show heading: set block(above: 1.6em, below: 0.8em)
#show heading.where(level: 1): set text(size: 15pt)
#show link: underline
{logo}#block[{_lines(sheet.sender, strong_first=True)}]
#v(10mm)
#block[{_lines(sheet.receiver)}]
#v(8mm)
#align(end)[{_lines((sheet.date, *filter(None, (sheet.reference,))))}]
#heading(level: 1)[#{literal(sheet.subject)}]
{to_typst(sheet.body)}
"""


def _lines(lines: tuple[str, ...], *, strong_first: bool = False) -> str:
    # Each line finds its own direction: an address in Latin letters stays in order within an Arabic letter.
    texts = [f"#{literal(f'{ISOLATE}{line}{END_ISOLATE}')}" for line in lines]
    if strong_first:
        texts[0] = f"#strong[{texts[0]}]"
    return "#linebreak()".join(texts)

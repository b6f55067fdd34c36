"""A letter as an accessible PDF.

Source: ISO 14289-1 (PDF/UA-1), as typst makes and checks it: tagged headings, lists and tables, title, language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from commonweal.kernel.base.typesetting import END_ISOLATE, FONTS, ISOLATE, direction_of, literal, typeset
from commonweal.kernel.mailbox.markup import to_typst


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

    A character that no font here can show is printed as a box; the message page shows it in any case.

    Raises:
        typst.TypstError: A defect: the markup is wrong or breaks a rule of PDF/UA.
    """
    return typeset(_source(sheet), dated_at=sheet.sent_at)


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
#set text(lang: {literal(language)}, dir: {direction}, font: {FONTS}, size: 11.5pt)
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

"""A service's form as a document to print: every question, in the order in which a screen would ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from io import BytesIO
from string import ascii_lowercase
from typing import Any

import segno
import typst
from babel.numbers import get_currency_symbol
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.templates import number as written_number
from commonweal.kernel.base.typesetting import direction_of, literal, typeset
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.forms.queries.pages import shown_value
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.schema import GroupQuestion, LongTextQuestion, Simple
from commonweal.kernel.paper.areas import Areas
from commonweal.kernel.paper.codes import qr_text
from commonweal.kernel.paper.preface import Applicant, closing, opening
from commonweal.kernel.paper.wording import Asked, Teller

_FONTS = '("Noto Sans", "Noto Sans Arabic", "Liberation Sans", "DejaVu Sans", "Libertinus Serif", "DejaVu Sans Mono")'
_ON_LETTER = {"US", "CA", "MX", "PH"}
"""Countries that print on paper of 8.5 by 11 inches; the others use A4 (ISO 216)."""

_FEW_PAGES, _MOST_PAGES = 12, 200
_TOO_FEW = "too few marks"
_COLUMNS = 3
_MOST_TOGETHER = 10


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a form, to be printed.

    Attributes:
        code: Stands on every page.
        service: The version.
        language: BCP 47.
        made_at: The date of the document.
        applicant: Whom it is for; None on a blank form.
        answers: What the applicant has answered already, as stored.
    """

    code: str
    service: CompiledService
    language: str
    made_at: datetime
    applicant: Applicant | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def form_pdf(copy: Copy) -> bytes:
    """Return the form as an accessible PDF; the same copy gives the same bytes on the same machine.

    Raises:
        typst.TypstError: A defect: the markup is wrong or breaks a rule of PDF/UA.
    """
    with translation.override(copy.language):
        body = "\n".join(_Printer(copy).document())
        try:
            return typeset(_head(copy, _FEW_PAGES) + body, dated_at=copy.made_at)
        except typst.TypstError as error:
            if _TOO_FEW not in str(error):
                raise
            return typeset(_head(copy, _MOST_PAGES) + body, dated_at=copy.made_at)


def _head(copy: Copy, most_pages: int) -> str:
    here, language = current_in(copy.language), copy.language.partition("-")[0]
    title = copy.service.translator(copy.language)(copy.service.info.name)
    marks = ", ".join(literal(_mark(copy.code, page)) for page in range(1, most_pages + 1))
    words = {
        "sender": here.name,
        "page": _("Page"),
        "foot": _("Write this code on every sheet that you add:"),
    }
    at = copy.made_at
    return f"""
#let code = {literal(copy.code)}
#let title = {literal(title)}
#let paper = {literal("us-letter" if here.country in _ON_LETTER else "a4")}
#let side = {literal("right" if direction_of(language) == "rtl" else "left")}
#let marks = ({marks},)
#let words = ({", ".join(f"{key}: {literal(text)}" for key, text in words.items())})
#set document(title: title, author: {literal(here.name)}, date: datetime(year: {at.year}, month: {at.month}, day: {at.day}))
#set text(lang: {literal(language)}, dir: {direction_of(language)}, font: {_FONTS})
{_looks()}
"""


@cache
def _looks() -> str:
    return files("commonweal.kernel.paper").joinpath("sheet.typ").read_text("utf-8")


def _mark(code: str, page: int) -> str:
    """Return the QR code of a page: a quarter of it may be smudged and it can still be read."""
    drawn = BytesIO()
    segno.make(qr_text(code, page), error="q", version=2, mask=2).save(
        drawn, kind="svg", border=0, xmldecl=False
    )
    return drawn.getvalue().decode()


class _Printer:
    """Writes one copy as typst markup."""

    def __init__(self, copy: Copy) -> None:
        form: CompiledForm = copy.service.sections["form"]
        self.copy, self.form = copy, form
        self.translate = copy.service.translator(copy.language)
        locale = translation.to_locale(copy.language)
        self.areas = Areas(
            self.translate, get_currency_symbol(current_in(copy.language).currency, locale=locale)
        )
        self.numbers = {question.key: str(at) for at, question in enumerate(form.questions, start=1)}
        asked = {
            question.key: Asked(self.numbers[question.key], question.spec) for question in form.questions
        }
        self.teller = Teller(asked, self.translate, lambda number: written_number(Decimal(number)))
        self.asked = asked

    def document(self) -> Iterator[str]:
        """Every part of the form."""
        yield from opening(self.copy.service, self.copy.language, self.copy.applicant)
        for number, page in enumerate(self.form.pages, start=1):
            yield from self._part(number, page)
        yield from closing(self.copy.service, self.copy.language)

    def _part(self, number: int, page: CompiledPage) -> Iterator[str]:
        title = _("Part %(number)s: %(title)s") % {"number": number, "title": self.translate(page.spec.title)}
        yield f"#heading(level: 2, {literal(title)})"
        only = self.teller.only_if(page.when)
        if only:
            yield f"#only({literal(only)})"
        for paragraph in _paragraphs(self.translate(page.spec.guidance)):
            yield f"#par[#{literal(paragraph)}]"
        for question in page.questions:
            yield from self._group(question) if question.is_group else (self._question(question),)

    def _question(self, question: CompiledQuestion) -> str:
        spec = question.spec
        assert not isinstance(spec, GroupQuestion)
        area = self.areas.area(spec, shown_value(spec, self.copy.answers.get(question.key)))
        options = len(getattr(spec, "options", ()))
        whole = "false" if options > _MOST_TOGETHER or isinstance(spec, LongTextQuestion) else "true"
        tells = "".join(f"[{each}], " for each in self._tells(question, self.teller))
        label = f"{self.numbers[question.key]}. {self.translate(spec.label)}"
        return f"#question({literal(label)}, ({tells}), [{area}], whole: {whole})"

    def _tells(self, question: CompiledQuestion, teller: Teller) -> Iterator[str]:
        """What helps to answer: when to, that one need not, the hint, why it is asked."""
        spec = question.spec
        only = teller.only_if(question.when)
        if only:
            yield f"#only({literal(only)})"
        if spec.required is False:
            yield _small(_("You may leave this blank."))
        for text in (*_paragraphs(self.translate(spec.hint)), *self._why(spec.purpose)):
            yield _small(text)

    def _why(self, purpose: str) -> Iterator[str]:
        if purpose:
            yield _("Why we ask this: %(purpose)s") % {"purpose": self.translate(purpose)}

    def _group(self, group: CompiledQuestion) -> Iterator[str]:
        """Questions down the page, one column for each thing: a person, a room."""
        spec = group.spec
        assert isinstance(spec, GroupQuestion)
        number, item = self.numbers[group.key], self.translate(spec.item)
        tells = "".join(f"[{each}], " for each in self._tells(group, self.teller))
        yield f"#question({literal(f'{number}. {self.translate(spec.label)}')}, ({tells}), [])"
        yield _small(self._how_many(spec, number))
        inner = {each.key: Asked(f"{number}{_letter(at)}", each.spec) for at, each in enumerate(group.items)}
        teller = Teller({**self.asked, **inner}, self.translate, self.teller.write_number)
        known = list(self.copy.answers.get(group.key) or [])
        columns = min(_COLUMNS, spec.maximum)
        for first in range(0, max(len(known), 1), columns):
            heads = [f"{item[:1].upper()}{item[1:]} {at}" for at in range(first + 1, first + columns + 1)]
            shown = known[first : first + columns]
            yield self._table(
                heads,
                [self._row(each, inner[each.key].number, teller, shown, columns) for each in group.items],
            )

    def _how_many(self, spec: GroupQuestion, number: str) -> str:
        more = _(
            "Is there not enough room? Copy this table, or write the rest on another sheet: put the code of this form"
            " on top of it, and the numbers (%(number)sa and so on) beside what you write."
        ) % {"number": number}
        none = _("If there is none, leave the table blank.") if not spec.minimum else ""
        return f"{none} {more}".strip()

    def _table(self, heads: list[str], rows: list[str]) -> str:
        head = ", ".join(f"strong[#{literal(each)}]" for each in (_("Question"), *heads))
        widths = "1fr, " * len(heads)
        return f"#table(columns: (1.45fr, {widths}), table.header({head}), {', '.join(rows)})"

    def _row(
        self,
        question: CompiledQuestion,
        number: str,
        teller: Teller,
        known: list[dict[str, Any]],
        columns: int,
    ) -> str:
        spec: Simple = question.spec  # type: ignore[assignment]  # a group holds no groups
        tells = "".join(f"#linebreak(){each}" for each in self._tells(question, teller))
        label = (
            f"#strong[#{literal(f'{number}. {self.translate(spec.label)}')}]{tells}{self.areas.options(spec)}"
        )
        values = [shown_value(spec, item.get(question.key)) for item in known]
        cells = [self.areas.cell(spec, value) for value in (*values, *[None] * (columns - len(values)))]
        return ", ".join(f"table.cell(breakable: false)[{each}]" for each in (label, *cells))


def _small(text: str) -> str:
    return f"#small[#{literal(text)}]"


def _letter(at: int) -> str:
    return ascii_lowercase[at] if at < len(ascii_lowercase) else f".{at + 1}"


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]

"""Where an answer is written on paper: lines, boxes to tick, boxes for a date; with what is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext as _

from commonweal.kernel.base.typesetting import literal
from commonweal.kernel.forms.types.schema import (
    AddressQuestion,
    ChoiceQuestion,
    FileQuestion,
    MoneyQuestion,
    NumberQuestion,
    Simple,
    TextQuestion,
)
from commonweal.kernel.paper.wording import Translate

SHORT, MIDDLE, LONG = "45mm", "95mm", "100%"
_SHORT_TEXT, _MIDDLE_TEXT = 20, 60
_ADDRESS = ("street", "unit", "city", "postal_code")
_MOST_LETTERED = len(ascii_uppercase)


@dataclass(frozen=True, slots=True)
class Areas:
    """Draws where answers are written, in one language.

    Attributes:
        translate: Puts the declaration's texts into the reader's language.
        currency: The symbol of the currency.
    """

    translate: Translate
    currency: str

    def area(self, spec: Simple, value: Any) -> str:
        """Return typst markup for the answer of a question.

        Args:
            spec: As declared.
            value: The answer that is known, as a form shows it; None for a blank one.
        """
        if isinstance(spec, ChoiceQuestion):
            return self._choices(spec, value)
        if isinstance(spec, FileQuestion):
            return self._files(value)
        if isinstance(spec, AddressQuestion):
            return self._address(value or {})
        if isinstance(spec, MoneyQuestion | NumberQuestion):
            return self._figure(spec, value)
        if spec.type == "boolean":
            return _yes_no(value)
        if spec.type == "date":
            return _date(value)
        if spec.type == "long_text":
            return f"#lines({literal(_text(value))})"
        return f"#field({_width(spec)}, {literal(_text(value))})"

    def cell(self, spec: Simple, value: Any) -> str:
        """Return typst markup for the answer in a narrow column; options stand as letters beside the question."""
        if isinstance(spec, ChoiceQuestion):
            letters = zip(spec.options, _letters(spec), strict=True)
            chosen = _chosen(value)
            return " #h(1.5mm) ".join(
                f"{_tick(is_on=option.key in chosen)}~#{literal(letter)}" for option, letter in letters
            )
        if spec.type == "boolean":
            return _yes_no(value, between="#h(2mm) ")
        if spec.type == "date":
            return _date(value, narrow=True)
        unit = self._unit(spec)
        known = _text(value if not isinstance(value, Mapping) else ", ".join(filter(None, value.values())))
        return f"#within({literal(known)}, {literal(unit)})"

    def options(self, spec: Simple) -> str:
        """Return typst markup that says what the letters of :meth:`cell` stand for."""
        if not isinstance(spec, ChoiceQuestion):
            return ""
        lines = (
            f"{letter}: {self.translate(option.label)}"
            for option, letter in zip(spec.options, _letters(spec), strict=True)
        )
        return "".join(f"#linebreak()#small[#{literal(line)}]" for line in lines)

    def _unit(self, spec: Simple) -> str:
        if isinstance(spec, MoneyQuestion):
            return f"{self.currency} {self.translate(spec.per)}".strip()
        return spec.unit if isinstance(spec, NumberQuestion) else ""

    def _choices(self, spec: ChoiceQuestion, value: Any) -> str:
        told = (
            _("Put a cross into one box.")
            if spec.type == "choice"
            else _("Put a cross into every box that is true.")
        )
        chosen = _chosen(value)
        rows = []
        for option in spec.options:
            hint = f"#linebreak()#small[#{literal(self.translate(option.hint))}]" if option.hint else ""
            rows.append(
                f"[{_tick(is_on=option.key in chosen)}], [#{literal(self.translate(option.label))}{hint}]"
            )
        return f"#small[#{literal(told)}]\n#choices({', '.join(rows)})"

    def _files(self, value: Any) -> str:
        handed_in = _("Handed in online already: %(name)s")
        lines = [handed_in % {"name": file["name"]} for file in value or ()]
        known = "".join(f"#small[#{literal(line)}]#linebreak()" for line in lines)
        text = _("I have put it in with this form. Send copies, no originals: we do not send them back.")
        return f"{known}#choices([{_tick()}], [#{literal(text)}])"

    def _address(self, value: Mapping[str, str]) -> str:
        labels = (_("Street and number"), _("Apartment or unit"), _("City"), _("Postal code"))
        street, unit, city, code = (
            f"#labelled({literal(label)}, {literal(value.get(part) or '')})"
            for label, part in zip(labels, _ADDRESS, strict=True)
        )
        return f"#grid(columns: (2fr, 1fr), gutter: 3mm, [{street}], [{unit}], [{city}], [{code}])"

    def _figure(self, spec: MoneyQuestion | NumberQuestion, value: Any) -> str:
        before = f"#{literal(self.currency)} " if isinstance(spec, MoneyQuestion) else ""
        after = self.translate(spec.per) if isinstance(spec, MoneyQuestion) else spec.unit
        return f"{before}#field({SHORT}, {literal(_text(value))}) #{literal(after)}"


def _yes_no(value: Any, between: str = "#h(12mm) ") -> str:
    ticks = (_tick(is_on=value is known) for known in (True, False))
    return between.join(
        f"{tick}~#{literal(label)}" for tick, label in zip(ticks, (_("Yes"), _("No")), strict=True)
    )


def _date(value: Any, *, narrow: bool = False) -> str:
    known = value if isinstance(value, Mapping) else {}
    parts = (("month", _("Month")), ("day", _("Day")), ("year", _("Year")))
    boxes = ", ".join(f"({literal(label)}, {literal(known.get(part) or '')})" for part, label in parts)
    return f"#date({'narrow: true, ' if narrow else ''}{boxes})"


def _tick(*, is_on: bool = False) -> str:
    return f"#tick({'true' if is_on else 'false'})"


def _letters(spec: ChoiceQuestion) -> Sequence[str]:
    """Name options with letters; with numbers where there are more."""
    if len(spec.options) > _MOST_LETTERED:
        return [str(number) for number in range(1, len(spec.options) + 1)]
    return ascii_uppercase[: len(spec.options)]


def _chosen(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _width(spec: Simple) -> str:
    length = spec.max_length if isinstance(spec, TextQuestion) else _MIDDLE_TEXT
    if spec.type == "phone" or length <= _SHORT_TEXT:
        return SHORT
    return MIDDLE if length <= _MIDDLE_TEXT else LONG

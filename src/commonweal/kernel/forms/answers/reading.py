"""Reads one answer: forgiving about how it is written, strict about what it means.

Every refusal is a sentence for the resident. Nothing else leaves these functions, whatever comes in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import regex
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.kernel.base.dates import NotADay, read_day
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.forms.answers.values import ADDRESS_PARTS
from commonweal.kernel.forms.types.schema import (
    AddressQuestion,
    BooleanQuestion,
    ChoiceQuestion,
    DateQuestion,
    EmailQuestion,
    FileQuestion,
    GroupQuestion,
    LongTextQuestion,
    MoneyQuestion,
    NumberQuestion,
    PhoneQuestion,
    Question,
    Simple,
    TextQuestion,
)

Translate = Callable[[str], str]

_LONGEST = 100_000
_NUMBER_MARKS = {0x066C: ",", 0x066B: ".", 0x2212: "-"}  # Arabic thousands and decimal marks, the minus sign
_CURRENCY = re.compile(r"^(US)?[$€£¥]|[$€£¥]$|^[A-Z]{3} | ?[A-Z]{3}$")
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
_DIGITS_15 = re.compile(r"^[+-]?\d{1,15}(\.\d{1,10})?$")
_PHONE = re.compile(r"^\+?[0-9 ().\-/]{5,30}(( ?(x|ext\.?) ?)[0-9]{1,6})?$", re.IGNORECASE)
_POSTAL_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 -]{1,10}[A-Za-z0-9]$")
_YES = frozenset({"yes", "true", "on", "1"})
_NO = frozenset({"no", "false", "off", "0"})


class Wrong(ValueError):
    """An answer cannot be accepted; the message says why and what to do."""


def same(text: str) -> str:
    """Leave a text as it is: what translates where there is no translation."""
    return text


def read(question: Simple | GroupQuestion, given: Any, translate: Translate = same) -> Any:
    """Return an answer as it is stored, or None where it was left blank.

    Args:
        question: What was asked; a group's items are read by the caller.
        given: Text from a browser, or a JSON value; dates may be ``{"day", "month", "year"}``.
        translate: Puts the declaration's texts into the reader's language.

    Raises:
        Wrong: The answer cannot be accepted.
    """
    if isinstance(given, str) and len(given) > _LONGEST:
        raise Wrong(_("What you entered is far too long. Shorten it."))
    reader: Callable[[Any, Any, Translate], Any] = _READERS[question.type]
    return reader(question, given, translate)


def is_blank(given: Any) -> bool:
    """Whether nothing was entered, however deep it lies."""
    waiting = [given]
    while waiting:
        part = waiting.pop()
        if part is None:
            continue
        if isinstance(part, str):
            if len(part) >= _LONGEST or readable(part):
                return False
        elif isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, Sequence):
            waiting.extend(part)
        else:
            return False
    return True


def clean(given: Any, *, is_multiline: bool = False) -> str:
    """Return text without blanks at its ends, invisible characters and odd line ends.

    Raises:
        Wrong: It is no text, or holds characters that no keyboard makes.
    """
    if not isinstance(given, str):
        raise Wrong(_("Enter this as text."))
    text = given.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if not is_multiline:
        text = text.replace("\n", " ")
    for char in "" if text.isprintable() else text:
        if char != "\n" and unicodedata.category(char) in {"Cc", "Cs", "Cn"}:
            raise Wrong(_("There is a character in your answer that we cannot store. Type the answer again."))
    return readable(text)


def missing(question: Question, translate: Translate = same) -> str:
    """Return what to say where a required question was left blank."""
    short = translate(question.short) if question.short else ""
    kind = question.type  # type: ignore[attr-defined]  # every kind of question has one
    if kind == "boolean":
        return _("Say {short}.").format(short=short) if short else _("Select yes or no.")
    if kind == "choice":
        return _("Select {short}.").format(short=short) if short else _("Select one of the answers.")
    if kind == "choices":
        return _("Select {short}.").format(short=short) if short else _("Select at least one answer.")
    if kind == "file":
        return _("Hand in {short}.").format(short=short) if short else _("Hand in a file.")
    return _("Enter {short}.").format(short=short) if short else _("Answer this question.")


def parse_decimal(text: str) -> Decimal | None:
    """Read a number as people write it; None where it is none.

    Example:
        >>> [str(parse_decimal(text)) for text in ("1,250.50", "1.250,50", "$ 850", "1 000", "12,5", "٨٥٠")]
        ['1250.50', '1250.50', '850', '1000', '12.5', '850']
        >>> parse_decimal("12,34,5") is parse_decimal("ten") is None
        True
    """
    if _PLAIN.fullmatch(text):  # as a stored answer is
        return Decimal(text)
    plain = unicodedata.normalize("NFKC", text).strip().translate(_NUMBER_MARKS)
    plain = re.sub(r"[\s'\u2019_]", "", _CURRENCY.sub("", plain).strip())
    pointed = _one_point("".join(_digit(char) for char in plain))
    return Decimal(pointed) if pointed is not None and _DIGITS_15.match(pointed) else None


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _one_point(text: str) -> str | None:
    """Return a number with a point as decimal mark and no other marks; None where they make no sense."""
    marks = {mark for mark in ",." if mark in text}
    if len(marks) == 2:
        mark, grouping = (",", ".") if text.rindex(",") > text.rindex(".") else (".", ",")
        whole, _mark, rest = text.rpartition(mark)
        return f"{whole.replace(grouping, '')}.{rest}" if _is_grouped(whole, grouping) else None
    return _one_kind(text, marks.pop()) if marks else text


def _one_kind(text: str, mark: str) -> str | None:
    """Read a number with one kind of mark, which may group thousands or separate decimals."""
    whole, _mark, rest = text.rpartition(mark)
    if text.count(mark) > 1 or (mark == "," and len(rest) == 3):
        return text.replace(mark, "") if _is_grouped(text, mark) else None
    return f"{whole or '0'}.{rest or '0'}"


def _is_grouped(text: str, mark: str) -> bool:
    parts = text.lstrip("+-").split(mark)
    return 1 <= len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])


def _text(question: TextQuestion, given: Any, translate: Translate) -> str:
    text = " ".join(clean(given).split())
    _within(text, question.max_length)
    if question.upper:
        text = text.upper()
    if question.pattern and not _matches(question.pattern, text):
        raise Wrong(
            translate(question.pattern_message)
            if question.pattern_message
            else _("This does not look right. Check what you typed.")
        )
    return text


def _matches(pattern: str, text: str) -> bool:
    """Match a declared pattern, which may be a slow one, in bounded time."""
    try:
        return regex.fullmatch(pattern, text, timeout=0.2) is not None
    except TimeoutError:
        return False


def _long_text(question: LongTextQuestion, given: Any, translate: Translate) -> str:
    text = clean(given, is_multiline=True)
    _within(text, question.max_length)
    return text


def _within(text: str, limit: int) -> None:
    if len(text) > limit:
        over = len(text) - limit
        raise Wrong(
            ngettext(
                "Your answer is {over} character too long. Use {limit} characters or fewer.",
                "Your answer is {over} characters too long. Use {limit} characters or fewer.",
                over,
            ).format(over=over, limit=limit)
        )


def _decimal(given: Any) -> Decimal | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, (int, float, Decimal)):
        text = format(Decimal(str(given)), "f") if Decimal(str(given)).is_finite() else ""
        return Decimal(text) if _DIGITS_15.match(text) else None
    return parse_decimal(given) if isinstance(given, str) and len(given) <= 60 else None


def _number(question: NumberQuestion, given: Any, translate: Translate) -> str:
    value = _decimal(given)
    short = translate(question.short) if question.short else ""
    if value is None:
        raise Wrong(
            _("Enter {short} as a number, such as 4.").format(short=short)
            if short
            else _("Enter a number, such as 4.")
        )
    if _places(value) > question.decimals:
        if question.decimals == 0:
            raise Wrong(_("Enter a whole number, without a decimal point."))
        raise Wrong(_("Enter a number with at most {count} decimal places.").format(count=question.decimals))
    _in_range(value, question.minimum, question.maximum, short)
    return _plain(value)


def _money(question: MoneyQuestion, given: Any, translate: Translate) -> str:
    value = _decimal(given)
    short = translate(question.short) if question.short else ""
    if value is None:
        raise Wrong(
            _("Enter {short} as a number, such as 850 or 850.50.").format(short=short)
            if short
            else _("Enter an amount as a number, such as 850 or 850.50.")
        )
    if _places(value) > 2:
        raise Wrong(_("Enter an amount with at most two decimal places, such as 850.50."))
    _in_range(value, question.minimum, question.maximum, short)
    return format(value.quantize(Decimal("0.01")), "f").replace("-0.00", "0.00")


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _in_range(value: Decimal, low: Decimal | None, high: Decimal | None, short: str) -> None:
    if low is not None and value < low:
        words = _("For {short}, enter {least} or more.") if short else _("Enter {least} or more.")
        raise Wrong(words.format(short=short, least=_plain(low)))
    if high is not None and value > high:
        words = _("For {short}, enter {most} or less.") if short else _("Enter {most} or less.")
        raise Wrong(words.format(short=short, most=_plain(high)))


def _plain(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def _date(question: DateQuestion, given: Any, translate: Translate) -> str:
    value = _day(given)
    if value < question.earliest:
        raise Wrong(_("Enter {day} or a later date.").format(day=question.earliest.isoformat()))
    if value > question.latest:
        raise Wrong(_("Enter {day} or an earlier date.").format(day=question.latest.isoformat()))
    return value.isoformat()


def _day(given: Any) -> date:
    try:
        return read_day(given)
    except NotADay as error:
        raise Wrong(str(error)) from None


def _boolean(question: BooleanQuestion, given: Any, translate: Translate) -> bool:
    if isinstance(given, bool):
        return given
    word = given.strip().lower() if isinstance(given, str) else ""
    if word in _YES or word in _NO:
        return word in _YES
    raise Wrong(_("Select yes or no."))


def _choice(question: ChoiceQuestion, given: Any, translate: Translate) -> str:
    if isinstance(given, str) and given in {option.key for option in question.options}:
        return given
    raise Wrong(_("Select one of the answers in the list."))


def _choices(question: ChoiceQuestion, given: Any, translate: Translate) -> list[str]:
    chosen = [given] if isinstance(given, str) else given
    known = [option.key for option in question.options]
    if not isinstance(chosen, (list, tuple)) or len(chosen) > 1_000:
        raise Wrong(_("Select answers from the list."))
    if any(not isinstance(key, str) or key not in known for key in chosen):
        raise Wrong(_("Select answers from the list."))
    return [key for key in known if key in chosen]


def _email(question: EmailQuestion, given: Any, translate: Translate) -> str:
    text = clean(given)
    if len(text) > 254 or not _is_email(text):
        raise Wrong(_("Enter an e-mail address in the right form, such as name@example.com."))
    name, _at, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _phone(question: PhoneQuestion, given: Any, translate: Translate) -> str:
    text = " ".join(clean(str(given) if isinstance(given, int) else given).split())
    plain = "".join(_digit(char) for char in text[:60])
    digits = sum(char.isdigit() for char in plain)
    if len(text) > 60 or not _PHONE.match(plain) or not 5 <= digits <= 18:
        raise Wrong(_("Enter a telephone number, such as 555-0100 or +1 555 555 0100."))
    return plain


def _address(question: AddressQuestion, given: Any, translate: Translate) -> dict[str, str]:
    if not isinstance(given, Mapping) or not set(given) <= set(ADDRESS_PARTS):
        raise Wrong(_("Enter an address with street, city and postal code."))
    parts = {name: " ".join(clean(given.get(name) or "").split()) for name in ADDRESS_PARTS}
    names = {"street": _("a street"), "city": _("a city"), "postal_code": _("a postal code")}
    lacking = [label for name, label in names.items() if not parts[name]]
    if lacking:
        raise Wrong(_("The address must include {lack}.").format(lack=_(" and ").join(lacking)))
    for text in parts.values():
        _within(text, 100)
    if not _POSTAL_CODE.match(parts["postal_code"]):
        raise Wrong(_("Enter a postal code, such as 98101."))
    return {name: text for name, text in parts.items() if text}


def _file(question: FileQuestion, given: Any, translate: Translate) -> list[dict[str, Any]]:
    """Read references to files: ids, or what was stored of them; whether there are such files is for the caller."""
    if not isinstance(given, (list, tuple)) or len(given) > 1_000:
        raise Wrong(_("Name the files in a list."))
    files = [_reference(each) for each in given]
    if len({file["id"] for file in files}) != len(files):
        raise Wrong(_("The same file is named twice."))
    if len(files) > question.max_files:
        raise Wrong(too_many_files(question))
    return files


def _reference(given: Any) -> dict[str, Any]:
    said = given if isinstance(given, Mapping) else {"id": given}
    try:
        file_id = str(UUID(str(said.get("id", ""))[:60]))
    except ValueError:
        raise Wrong(_("Hand in the file first, then name it by its number.")) from None
    size = said.get("size_bytes", 0)
    return {
        "id": file_id,
        "name": str(said.get("name", ""))[:120],
        "media_type": str(said.get("media_type", ""))[:120],
        "size_bytes": size if isinstance(size, int) and 0 <= size < 2**40 else 0,
    }


def too_many_files(question: FileQuestion) -> str:
    """Return what to say where more files come than are taken."""
    return ngettext(
        "Only {count} file can be handed in here. Remove the other first.",
        "At most {count} files can be handed in here. Remove some first.",
        question.max_files,
    ).format(count=question.max_files)


def _group(question: GroupQuestion, given: Any, translate: Translate) -> Any:
    raise Wrong(_("Enter a list."))


_READERS: dict[str, Callable[[Any, Any, Translate], Any]] = {
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "money": _money,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
    "choices": _choices,
    "email": _email,
    "phone": _phone,
    "address": _address,
    "file": _file,
    "group": _group,
}

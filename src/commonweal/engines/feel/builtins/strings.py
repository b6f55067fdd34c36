"""String functions; regular expressions are those of XPath.

Source: DMN 1.5, 10.3.4.3; XQuery 1.0 and XPath 2.0 Functions and Operators, 7.6.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import regex

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.types import BOOLEAN, NUMBER, STRING, ListType, Value
from commonweal.engines.feel.values.numbers import is_whole

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

_SECONDS: Final = 0.5
_STEPS_A_SECOND: Final = 200_000
_LONGEST_PATTERN: Final = 2_000
_REFERENCE: Final = re.compile(r"\\(.?)|\$(\d*)", re.DOTALL)


def _position(value: Decimal, what: str) -> int:
    if not is_whole(value):
        raise Undefined(f"`{what}` must be a whole number", "argument-range")
    return int(value) if abs(value) < 10**18 else (10**18 if value > 0 else -(10**18))


@builtin("substring", "string: string, start position: number, length?: number", STRING)
def _substring(evaluation: Evaluation, string: str, start: Decimal, length: Decimal | None = None) -> Value:
    first = _position(start, "start position")
    if first == 0:
        raise Undefined("`start position` counts from 1", "argument-range")
    count = None if length is None else int(length)
    if count is not None and count < 1:
        raise Undefined("`length` must be at least 1", "argument-range")
    begin = first - 1 if first > 0 else max(len(string) + first, 0)
    return string[begin:] if count is None else string[begin : begin + count]


@builtin("string length", "string: string", NUMBER)
def _string_length(evaluation: Evaluation, string: str) -> Value:
    return Decimal(len(string))


@builtin("upper case", "string: string", STRING)
def _upper_case(evaluation: Evaluation, string: str) -> Value:
    return string.upper()


@builtin("lower case", "string: string", STRING)
def _lower_case(evaluation: Evaluation, string: str) -> Value:
    return string.lower()


@builtin("substring before", "string: string, match: string", STRING)
def _substring_before(evaluation: Evaluation, string: str, match: str) -> Value:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string", STRING)
def _substring_after(evaluation: Evaluation, string: str, match: str) -> Value:
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string, match: string", BOOLEAN)
def _contains(evaluation: Evaluation, string: str, match: str) -> Value:
    return match in string


@builtin("starts with", "string: string, match: string", BOOLEAN)
def _starts_with(evaluation: Evaluation, string: str, match: str) -> Value:
    return string.startswith(match)


@builtin("ends with", "string: string, match: string", BOOLEAN)
def _ends_with(evaluation: Evaluation, string: str, match: str) -> Value:
    return string.endswith(match)


# Regular expressions


def _without_blanks(pattern: str) -> str:
    """Drop the blanks outside of character classes, as the flag ``x`` asks."""
    kept: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if depth == 0 and character in " \t\n\r":
            continue
        kept.append(character)
        if not escaped:
            depth += (character == "[") - (character == "]" and depth > 0)
        escaped = character == "\\" and not escaped
    return "".join(kept)


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> regex.Pattern[str]:
    if len(pattern) > _LONGEST_PATTERN:
        raise Undefined("the pattern is too long", "pattern")
    if any(flag not in "smixq" for flag in flags):
        raise Undefined(f"the flags `{flags}` are not among s, m, i, x and q", "pattern")
    from elementpath.regex import RegexError, translate_pattern  # noqa: PLC0415 - slow import, a fifth of FEEL's

    bits = 0
    for flag, bit in (("s", re.DOTALL), ("m", re.MULTILINE), ("i", re.IGNORECASE)):
        bits |= bit if flag in flags else 0
    try:
        if "q" in flags:
            return regex.compile(re.escape(pattern), bits & re.IGNORECASE)
        plain = _without_blanks(pattern) if "x" in flags else pattern
        return regex.compile(translate_pattern(plain, flags=bits, xsd_version="1.1"), bits)
    except (RegexError, regex.error, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise Undefined(f"`{pattern[:80]}` is no regular expression", "pattern") from error


@contextmanager
def _paid(pattern: str, evaluation: Evaluation) -> Iterator[None]:
    """Pay for the time of matching, so that a loop of slow patterns ends with the budget of steps."""
    started = time.process_time()
    try:
        yield
    except TimeoutError:
        raise Undefined(f"`{pattern[:80]}` takes too long to match", "pattern-timeout") from None
    finally:
        evaluation.spend(int((time.process_time() - started) * _STEPS_A_SECOND))


def _refuse_empty_match(compiled: regex.Pattern[str], pattern: str, evaluation: Evaluation) -> None:
    with _paid(pattern, evaluation):
        matches_nothing = compiled.search("", timeout=_SECONDS) is not None
    if matches_nothing:
        raise Undefined(f"`{pattern[:80]}` matches the empty string", "pattern")


@builtin("matches", "input: string, pattern: string, flags?: string?", BOOLEAN)
def _matches(evaluation: Evaluation, text: str, pattern: str, flags: str | None = None) -> Value:
    compiled = _compiled(pattern, flags or "")
    with _paid(pattern, evaluation):
        return compiled.search(text, timeout=_SECONDS) is not None


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string?", STRING)
def _replace(
    evaluation: Evaluation, text: str, pattern: str, replacement: str, flags: str | None = None
) -> Value:
    compiled = _compiled(pattern, flags or "")
    _refuse_empty_match(compiled, pattern, evaluation)
    parts = [replacement] if "q" in (flags or "") else _replacement(replacement, compiled.groups)
    pieces: list[str] = []
    size, end = 0, 0
    with _paid(pattern, evaluation):
        for match in compiled.finditer(text, timeout=_SECONDS):
            new = "".join(part if isinstance(part, str) else match[part] or "" for part in parts)
            size += len(new) + match.start() - end
            evaluation.check_size(size)
            pieces += [text[end : match.start()], new]
            end = match.end()
    return "".join(pieces) + text[end:]


def _replacement(text: str, groups: int) -> list[str | int]:
    r"""Cut a replacement into texts and numbers of groups: ``$1``, ``\$`` and ``\\``."""
    parts: list[str | int] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[2] is None:
            if match[1] not in {"\\", "$"}:
                raise Undefined("in a replacement a backslash must stand before `\\` or `$`", "pattern")
            parts.append(match[1])
        elif not match[2]:
            raise Undefined("in a replacement a digit must follow `$`", "pattern")
        else:
            parts += _group(match[2], groups)
    return [*parts, text[end:]]


def _group(digits: str, groups: int) -> list[str | int]:
    """As many digits as name an existing group; the others are text."""
    used = len(digits)
    while used > 1 and int(digits[:used]) > groups:
        used -= 1
    number = int(digits[:used])
    return [number if number <= groups else "", digits[used:]]


@builtin("split", "string: string, delimiter: string", ListType(STRING))
def _split(evaluation: Evaluation, string: str, delimiter: str) -> Value:
    compiled = _compiled(delimiter, "")
    _refuse_empty_match(compiled, delimiter, evaluation)
    pieces: list[Value] = []
    end = 0
    with _paid(delimiter, evaluation):
        for match in compiled.finditer(string, timeout=_SECONDS):
            pieces.append(string[end : match.start()])
            end = match.end()
    return [*pieces, string[end:]]


@builtin("string join", "list: list, delimiter?: string?", STRING)
def _string_join(evaluation: Evaluation, elements: list[Value], delimiter: str | None = None) -> Value:
    texts: list[str] = []
    for element in elements:
        if element is None:
            continue
        if not isinstance(element, str):
            raise Undefined("only strings can be joined", "argument-type")
        texts.append(element)
    between = delimiter or ""
    evaluation.check_size(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)

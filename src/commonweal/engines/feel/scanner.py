"""The scanner: text to tokens. Names are put together by the parser, which knows the scope.

Source: DMN 1.5, 10.3.1.2 rules 27 to 35, 61 to 66 (names, literals, comments).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from commonweal.engines.feel.errors import FeelSyntaxError, position_of

__all__ = ["KEYWORDS", "LONGEST_TEXT", "Token", "name_parts", "scan"]

KEYWORDS: Final = frozenset(
    [
        "for",
        "return",
        "if",
        "then",
        "else",
        "some",
        "every",
        "satisfies",
        "in",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "true",
        "false",
        "null",
    ]
)
LONGEST_TEXT: Final = 1_000_000

_NAME_START: Final = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_NAME_PART: Final = _NAME_START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_BLANKS: Final = " \t\n\v\f\r\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"

_TOKEN: Final = re.compile(
    rf"(?P<blank>[{_BLANKS}]+)"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<number>(?:[0-9]+(?:\.(?!\.)[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    rf"|(?P<word>[{_NAME_START}][{_NAME_PART}]*)"
    r"|(?P<symbol>\.\.|\*\*|->|<=|>=|!=|[-+*/=<>(){}\[\],:.@'\u2019])",
    re.DOTALL,
)
_PART: Final = re.compile(rf"[{_NAME_PART}]+|[^{_NAME_PART}{_BLANKS}]|[{_BLANKS}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text.

    Attributes:
        kind: ``number``, ``string``, ``word``, ``symbol`` or ``end``.
        text: The piece itself.
        start: Offset of its first character.
        end: Offset after its last character.
        spaced: Does a blank or a comment stand before it?
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool


def scan(text: str) -> list[Token]:
    """Cut a text into tokens, the last one of kind ``end``.

    Raises:
        FeelSyntaxError: A character fits nowhere, a string or a comment is not closed, or the text
            is longer than a million characters.

    >>> [token.text for token in scan("a + 1..2")]
    ['a', '+', '1', '..', '2', '']
    """
    if len(text) > LONGEST_TEXT:
        raise FeelSyntaxError("the text is too long", position_of(text, 0))
    tokens: list[Token] = []
    offset, spaced = 0, False
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise _unreadable(text, offset)
        kind = match.lastgroup or ""
        if kind in {"blank", "comment"}:
            spaced = True
        else:
            piece = match[0]
            if piece == "/" and text.startswith("/*", offset):
                raise FeelSyntaxError("a comment is not closed", position_of(text, offset), "end it with */")
            tokens.append(Token(kind, piece, offset, match.end(), spaced))
            spaced = False
        offset = match.end()
    tokens.append(Token("end", "", len(text), len(text), spaced))
    return tokens


def _unreadable(text: str, offset: int) -> FeelSyntaxError:
    where = position_of(text, offset)
    character = text[offset]
    if character == '"':
        return FeelSyntaxError("a string is not closed", where, 'end it with "')
    hints = {
        "&": "write `and`",
        "|": "write `or`",
        "!": "write `!=` or `not(…)`",
        "%": "write `modulo(a, b)`",
        "^": "write `**`",
        ";": "write `,`",
        "\u201c": 'use straight quotes "',
        "\u201d": 'use straight quotes "',
    }
    return FeelSyntaxError(f"unexpected character {character!r}", where, hints.get(character, ""))


@lru_cache(maxsize=8192)
def name_parts(name: str) -> tuple[str, ...]:
    """Cut a name as the scanner would; a single blank marks where blanks stand.

    >>> name_parts("Monthly  income"), name_parts("a-b")
    (('Monthly', ' ', 'income'), ('a', '-', 'b'))
    """
    return tuple(" " if part.isspace() else part for part in _PART.findall(name.strip()))

"""A letter's Markdown as HTML, and as the markup of typst.

Raw HTML is off: what looks like it is shown as text. Headings are brought below the letter's subject without a level
left out, as accessibility asks.

Source: CommonMark 0.31, with tables as GitHub writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from commonweal.kernel.base.typesetting import literal

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_SAFE_LINKS = ("https://", "http://", "mailto:", "tel:")
_ATTRIBUTES = {"th", "td"}
NUMERIC = "cw-numeric"
"""Class of the cells in a column of figures, written with ``---:``; they stand at the end of their column."""


def to_html(markdown: str, *, top: int = 2) -> str:
    """Return HTML; the highest heading has the level ``top``."""
    return str(_parser.renderer.render(parse(markdown, top=top), _parser.options, {}))


def parse(markdown: str, *, top: int = 2) -> list[Token]:
    """Return the tokens of a text, its headings from ``top`` on, its links limited to safe ones."""
    tokens = _parser.parse(markdown)
    open_levels: list[int] = []
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            written = int(token.tag[1])
            while open_levels and open_levels[-1] >= written:
                open_levels.pop()
            open_levels.append(written)
            token.tag = tokens[position + 2].tag = f"h{min(top + len(open_levels) - 1, 6)}"
        _disarm(token.children or ())
        if token.tag in _ATTRIBUTES:
            style = token.attrs.pop("style", None)  # our pages allow no inline style
            if style == "text-align:right":
                token.attrs["class"] = NUMERIC
    return tokens


def _disarm(tokens: Sequence[Token]) -> None:
    """Let links lead to the web, to mail and to the telephone, and nowhere else."""
    for token in tokens:
        if token.type == "link_open" and not str(token.attrs.get("href", "")).startswith(_SAFE_LINKS):
            token.attrs["href"] = "#"


def plain(text: str) -> str:
    """Return Markdown that shows a plain text: no character of it counts as markup, empty lines part paragraphs."""
    return "\n".join(_PUNCTUATION.sub(r"\\\g<0>", line.strip()) for line in text.splitlines())


def to_typst(markdown: str) -> str:
    """Return typst markup; every text is a string literal, so that none of it can become markup."""
    return "".join(_blocks(iter(parse(markdown, top=2))))


_OPEN = {
    "paragraph_open": "#par[",
    "bullet_list_open": "#list(",
    "list_item_open": "[",
    "blockquote_open": "#quote(block: true)[",
    "th_open": "[",
    "td_open": "[",
    "thead_open": "table.header(",
}
_CLOSE = {
    "paragraph_close": "]\n",
    "bullet_list_close": ")\n",
    "ordered_list_close": ")\n",
    "list_item_close": "],",
    "blockquote_close": "]\n",
    "heading_close": "]\n",
    "th_close": "],",
    "td_close": "],",
    "thead_close": "),",
    "table_close": ")\n",
}


def _blocks(tokens: Iterator[Token]) -> Iterator[str]:
    listed = list(tokens)
    for position, token in enumerate(listed):
        if token.type in _OPEN:
            yield _opening(token)
        elif token.type in _CLOSE:
            yield "" if token.hidden else _CLOSE[token.type]
        elif token.type == "heading_open":
            yield f"#heading(level: {token.tag[1]})["
        elif token.type == "ordered_list_open":
            yield f"#enum(start: {int(token.attrs.get('start', 1))},"
        elif token.type == "table_open":
            yield f"#table(columns: {_columns(listed[position:])},"
        elif token.type == "inline":
            yield _inline(token.children or [])
        elif token.type in {"fence", "code_block"}:
            yield f"#raw({literal(token.content)}, block: true)\n"
        elif token.type == "hr":
            yield "#pdf.artifact(line(length: 100%))\n"


def _opening(token: Token) -> str:
    if token.hidden:
        return ""
    return "table.cell(align: end)[" if token.attrs.get("class") == NUMERIC else _OPEN[token.type]


def _columns(tokens: Sequence[Token]) -> str:
    """The columns of a table: as wide as their text, but where there are figures the words take the room they leave."""
    heads = []
    for token in tokens:
        if token.type == "thead_close":
            break
        if token.type == "th_open":
            heads.append(token.attrs.get("class") == NUMERIC)
    if not any(heads):
        return str(len(heads))
    return f"({', '.join('auto' if is_numeric else '1fr' for is_numeric in heads)},)"


def _inline(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type == "text":
            parts.append(f"#{literal(token.content)}")
        elif token.type == "code_inline":
            parts.append(f"#raw({literal(token.content)})")
        elif token.type == "softbreak":
            parts.append('#" "')
        elif token.type == "hardbreak":
            parts.append("#linebreak()")
        elif token.type in {"strong_open", "em_open"}:
            parts.append("#strong[" if token.type == "strong_open" else "#emph[")
        elif token.type == "link_open":
            parts.append(f"#link({literal(str(token.attrs['href']))})[")
        elif token.type in {"strong_close", "em_close", "link_close"}:
            parts.append("]")
        elif token.type == "image":
            parts.append(f"#{literal(token.content)}")
    return "".join(parts)

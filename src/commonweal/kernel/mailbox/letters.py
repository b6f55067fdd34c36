"""Compiles the files ``letters/<key>.md`` of a service; every name is checked before a resident meets it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from commonweal.engines import feel
from commonweal.kernel.base.declarations import Compilation
from commonweal.kernel.base.documents import Problem, Unreadable, parse_yaml
from commonweal.kernel.base.expressions import impossible, sentence
from commonweal.kernel.base.reading import too_hard
from commonweal.kernel.mailbox.types import (
    FORMATS,
    Block,
    Choice,
    CompiledLetter,
    Loop,
    Node,
    Place,
    Text,
    Wording,
)

LETTER_NAMES: dict[str, feel.Type] = {
    "recipient": feel.ContextType((("name", feel.STRING), ("address", feel.ListType(feel.STRING)))),
    "sent_on": feel.DATE,
}
"""What every letter may name besides the service's own names."""

_FRONT = re.compile(r"---\r?\n(.*?\n)---\r?\n", re.DOTALL)
_TOKEN = re.compile(
    r"\{\{(?P<place>.*?)\}\}|(?P<alone>(?:(?<=\n)|\A)[ \t]*)?\{%(?P<tag>.*?)%\}(?P<end>[ \t]*\n)?", re.DOTALL
)
_FOR = re.compile(r"for\s+([A-Za-z_]\w*)\s+in\s+(.+)", re.DOTALL)
_FORMATTED = re.compile(r"(.*?)\|\s*(\w+)\s*\Z", re.DOTALL)
_ERRORS = {"unknown-name", "unknown-entry"}
_FIELDS = ("subject", "summary")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


@dataclass
class _Wording:
    """One file on its way through the compiler."""

    file: str
    text: str
    problems: list[Problem]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    offset: int = 0
    tokens: list[_Token] = field(default_factory=list)
    at: int = 0

    def problem(self, offset: int, code: str, message: str, hint: str = "") -> None:
        before = self.text[:offset]
        line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
        self.problems.append(Problem(self.file, line, column, code, message, hint))

    # Scanning

    def scan(self, begin: int, end: int) -> None:
        """Divide a part of the file into tokens."""
        self.tokens, self.at, last = [], 0, begin
        for match in _TOKEN.finditer(self.text, begin, end):
            if match["place"] is not None:
                self._add_text(last, match.start())
                self.tokens.append(_Token("place", match["place"], match.start("place")))
                last = match.end()
                continue
            is_alone = match["alone"] is not None and match["end"] is not None
            self._add_text(last, match.start() if is_alone else match.start("tag") - 2)
            self.tokens.append(_Token("tag", match["tag"], match.start("tag")))
            last = match.end() if is_alone else match.end("tag") + 2
        self._add_text(last, end)

    def _add_text(self, begin: int, end: int) -> None:
        text = self.text[begin:end]
        for mark in ("{{", "{%"):
            if mark in text:
                self.problem(begin + text.index(mark), "letter.open", f"'{mark}' is not closed.")
        if text:
            self.tokens.append(_Token("text", text, begin))

    # Parsing

    def block(
        self, names: Mapping[str, feel.Type], ends: tuple[str, ...] = ()
    ) -> tuple[Block, _Token | None]:
        """Read up to one of the tags that may end the block; return the block and that tag."""
        nodes: list[Node] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            word = token.text.split(maxsplit=1)[0] if token.kind == "tag" and token.text.strip() else ""
            if token.kind == "text":
                nodes.append(Text(token.text))
            elif token.kind == "place":
                self._place(token, names, nodes)
            elif word in ends:
                return tuple(nodes), token
            elif word == "if":
                self._choice(token, names, nodes)
            elif word == "for":
                self._loop(token, names, nodes)
            else:
                hint = "Known: if, elif, else, endif, for, endfor."
                self.problem(
                    token.offset, "letter.tag", f"'{token.text.strip()}' does not belong here.", hint
                )
        return tuple(nodes), None

    def _place(self, token: _Token, names: Mapping[str, feel.Type], nodes: list[Node]) -> None:
        text, form = token.text, ""
        formatted = _FORMATTED.fullmatch(text)
        if formatted is not None:
            text, form = formatted[1], formatted[2]
            if form not in FORMATS:
                self.problem(
                    token.offset, "letter.format", f"'{form}' is no format.", f"Known: {', '.join(FORMATS)}."
                )
        expression = self._expression(text, token.offset, names)
        if expression is not None:
            nodes.append(Place(expression, form))

    def _choice(self, token: _Token, names: Mapping[str, feel.Type], nodes: list[Node]) -> None:
        branches: list[tuple[feel.Expression, Block]] = []
        otherwise: Block = ()
        tag: _Token | None = token
        while tag is not None and not tag.text.strip().startswith("endif"):
            is_else = tag.text.split()[0] == "else"
            condition = None if is_else else self._condition(tag, names)
            ends = ("endif",) if is_else else ("elif", "else", "endif")
            block, tag = self.block(names, ends)
            if is_else:
                otherwise = block
            elif condition is not None:
                branches.append((condition, block))
        if tag is None:
            self.problem(token.offset, "letter.open", "'if' has no 'endif'.")
        nodes.append(Choice(tuple(branches), otherwise))

    def _condition(self, tag: _Token, names: Mapping[str, feel.Type]) -> feel.Expression | None:
        word = tag.text.split()[0]
        start = tag.text.index(word) + len(word)
        expression = self._expression(tag.text[start:], tag.offset + start, names)
        if expression is not None and expression.type not in {feel.BOOLEAN, feel.ANY}:
            self.problem(
                tag.offset, "letter.condition", f"A condition is true or false; this is {expression.type}."
            )
        return expression

    def _loop(self, token: _Token, names: Mapping[str, feel.Type], nodes: list[Node]) -> None:
        match = _FOR.fullmatch(token.text.strip())
        if match is None:
            self.problem(token.offset, "letter.tag", "'for' is written 'for name in list'.")
        start = token.text.index(match[2]) if match else 0
        items = self._expression(match[2], token.offset + start, names) if match else None
        known = dict(names)
        if match is not None:
            is_list = items is not None and isinstance(items.type, feel.ListType)
            known[match[1]] = items.type.element if is_list else feel.ANY  # type: ignore[union-attr]  # is_list says so
        block, end = self.block(known, ("endfor",))
        if end is None:
            self.problem(token.offset, "letter.open", "'for' has no 'endfor'.")
        if match is not None and items is not None:
            nodes.append(Loop(match[1], items, block))

    def _expression(self, text: str, offset: int, names: Mapping[str, feel.Type]) -> feel.Expression | None:
        lead = len(text) - len(text.lstrip())
        try:
            expression = feel.compile_expression(text.strip(), feel.Scope(dict(names)))
        except feel.FeelSyntaxError as error:
            self.problem(
                offset + lead + _offset(text.strip(), error.line, error.column),
                "feel.syntax",
                error.message,
                error.hint,
            )
            return None
        for found in expression.problems:
            if found.is_error or found.code in _ERRORS:
                place = offset + lead + _offset(text.strip(), found.line, found.column)
                self.problem(place, f"feel.{found.code}", sentence(found.message), sentence(found.hint))
        for place, message, hint in impossible(expression, self.choices):
            self.problem(offset + lead + place, "feel.choice", message, hint)
        return expression


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1


def compile_letters(compilation: Compilation) -> dict[str, CompiledLetter]:
    """Return a service's letters by key; what is wrong goes to ``compilation.problems``."""
    main = compilation.jurisdiction.languages[0]
    found: dict[str, dict[str, Wording]] = {}
    for name, text in compilation.below("letters").items():
        file = f"{compilation.folder}/letters/{name}"
        key, language = _key_and_language(name, main)
        if language not in compilation.jurisdiction.languages or not name.endswith(".md"):
            hint = (
                "Write letters/<key>.md, or letters/<key>.<language>.md for a language of the jurisdiction."
            )
            problem = Problem(file, 0, 0, "letter.file", "This file is no letter.", hint)
            compilation.problems.append(problem)
            continue
        wording = compile_wording(file, text, language, compilation)
        compilation.problems += _hard_to_read(file, text, language)
        if wording is not None:
            found.setdefault(key, {})[language] = wording
    return {
        key: CompiledLetter(key, wordings, main)
        for key, wordings in found.items()
        if _has_main(key, wordings, main, compilation)
    }


def _hard_to_read(file: str, text: str, language: str) -> list[Problem]:
    """Warn of a letter whose body is too hard to read, at the sentence to mend."""
    _, _, body = text.removeprefix("---").partition("\n---")
    hard = too_hard(body, language)
    if hard is None:
        return []
    beginning = " ".join(hard.sentence.split()[:3])
    line = next((at for at, each in enumerate(text.splitlines(), start=1) if beginning in each), 0)
    hint = f"Say it shorter or in plainer words: '{hard.sentence[:160]}'"
    return [Problem(file, line, 0, "text.hard", hard.why, hint, is_error=False)]


def _key_and_language(name: str, main: str) -> tuple[str, str]:
    key, _, language = name.removesuffix(".md").partition(".")
    return key, language or main


def _has_main(key: str, wordings: Mapping[str, Wording], main: str, compilation: Compilation) -> bool:
    folder = f"{compilation.folder}/letters"
    if main not in wordings:
        if f"letters/{key}.md" not in compilation.files:
            message = f"The letter '{key}' is translated, but has no wording in the main language."
            problem = Problem(f"{folder}/{key}.md", 0, 0, "letter.main", message)
            compilation.problems.append(problem)
        return False
    for language in compilation.jurisdiction.languages[1:]:
        if language not in wordings and f"letters/{key}.{language}.md" not in compilation.files:
            message = (
                f"The letter '{key}' is not translated into '{language}'; readers get the main language."
            )
            compilation.problems.append(
                Problem(f"{folder}/{key}.md", 0, 0, "letter.translation", message, is_error=False)
            )
    return True


def compile_wording(file: str, text: str, language: str, compilation: Compilation) -> Wording | None:
    """Compile one file of a letter; None where its front matter cannot be read."""
    problems = compilation.problems
    front = _FRONT.match(text)
    if front is None:
        hint = "Begin with --- , then 'subject: …', then --- ."
        problems.append(Problem(file, 1, 1, "letter.front", "The letter has no front matter.", hint))
        return None
    try:
        document = parse_yaml(("\n" + front[1]).encode(), file)
    except Unreadable as error:
        problems.append(error.problem)
        return None
    data = document.data if isinstance(document.data, dict) else {}
    problems.extend(
        document.problem((key,), "letter.front", f"'{key}' is not known here.", "Known: subject, summary.")
        for key in data
        if key not in _FIELDS
    )
    if not str(data.get("subject") or "").strip():
        problems.append(Problem(file, 1, 1, "letter.front", "'subject' is missing."))
        return None
    fields = [
        _front_field(document.positions.get((key,), (1, 1))[0], str(data.get(key) or ""), file, compilation)
        for key in _FIELDS
    ]
    wording = _Wording(file, text, problems, compilation.choices)
    wording.scan(front.end(), len(text))
    body, _ = wording.block(_names(compilation))
    return Wording(language, fields[0], fields[1], body)


def _names(compilation: Compilation) -> dict[str, feel.Type]:
    return {**compilation.names, **LETTER_NAMES}


def _front_field(line: int, value: str, file: str, compilation: Compilation) -> Block:
    """Compile a text of the front matter; YAML has unfolded it, so that only its line is known."""
    found: list[Problem] = []
    part = _Wording(file, value, found, compilation.choices)
    part.scan(0, len(value))
    block, _ = part.block(_names(compilation))
    compilation.problems.extend(Problem(file, line, 1, each.code, each.message, each.hint) for each in found)
    return block

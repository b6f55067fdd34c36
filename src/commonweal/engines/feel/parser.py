"""The parser: hand-written, precedence climbing, one pass without going back.

It asks the scope for the longest name that starts at a token, and follows the shape (the type as far
as the text tells) of what stands before a dot, so that entries with blanks and operators are found.

Source: DMN 1.5, 10.3.1.2 (grammar) and 10.3.1.3 (names, precedence).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from commonweal.engines.feel.builtins import FUNCTIONS
from commonweal.engines.feel.errors import FeelSyntaxError, position_of
from commonweal.engines.feel.scanner import KEYWORDS, Token, scan
from commonweal.engines.feel.scope import NameTable, Scope
from commonweal.engines.feel.syntax import (
    AtLiteral,
    Between,
    Binary,
    BooleanLiteral,
    ComparisonTest,
    Conjunction,
    ContextLiteral,
    Disjunction,
    Filter,
    For,
    FunctionLiteral,
    If,
    In,
    InstanceOf,
    Invocation,
    Iteration,
    ListLiteral,
    Name,
    Negation,
    Node,
    NullLiteral,
    NumberLiteral,
    Parameter,
    Path,
    Quantified,
    RangeLiteral,
    StringLiteral,
    TypeName,
    UnaryTestsNode,
)
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
    base_of,
    join,
)
from commonweal.engines.feel.values.numbers import parse_number

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse", "parse_expression", "parse_unary_tests", "unescape"]

_DEEPEST: Final = 100
_LONGEST_CHAIN: Final = 250
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_NAME_SYMBOLS: Final = frozenset("./-'\u2019+*")
_LEVELS: Final = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}
_STARTS: Final = frozenset({"(", "[", "]", "{", "-", "@"})
_STOPPERS: Final = KEYWORDS - {"true", "false", "null", "function", "for", "if", "some", "every"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_BUILT_IN_NAMES: Final = NameTable(FUNCTIONS)
_PLAIN_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


def unescape(literal: str) -> str:
    r"""The text of a string literal without its quotes and escapes.

    >>> unescape(r'"a\n\u00e9"')
    'a\né'
    """

    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code is None:
            return _PLAIN_ESCAPES.get(match[3], match[0])
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else match[0]

    text = _ESCAPE.sub(replace, literal[1:-1])
    # Two \u escapes may spell one character beyond the basic plane.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def parse(text: str, names: Scope | Mapping[str, Type] | None = None) -> Node:
    """Read an expression into a syntax tree.

    Args:
        text: The expression.
        names: Names in scope, needed for those with blanks or operators.

    Raises:
        FeelSyntaxError: The text is no expression.

    >>> parse("a + 1")
    Binary(operator='+', left=Name(name='a'), right=NumberLiteral(value=Decimal('1')))
    """
    return parse_expression(text, names if isinstance(names, Scope) else Scope(names))


def parse_expression(text: str, scope: Scope) -> Node:
    """Read an expression; see ``parse``."""
    return _guarded(text, lambda: _Parser(text, scope).whole_expression())


def parse_unary_tests(text: str, scope: Scope, input_type: Type = ANY) -> UnaryTestsNode:
    """Read the unary tests of a cell; ``?`` has the type ``input_type``.

    Raises:
        FeelSyntaxError: The text is neither tests nor ``-``.
    """
    return _guarded(text, lambda: _Parser(text, scope, {"?": input_type}).whole_unary_tests())


_T = TypeVar("_T")


def _guarded(text: str, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except RecursionError:
        raise FeelSyntaxError("the expression is nested too deeply", position_of(text, 0)) from None


class _Names:
    """Names of one construct of the text, such as the variable of a loop."""

    def __init__(self, types: Mapping[str, Type]) -> None:
        self.types = dict(types)
        self.table = NameTable(types)

    def add(self, name: str, type_: Type) -> None:
        self.types[name] = type_
        self.table.add(name)


class _Parser:
    def __init__(self, text: str, scope: Scope, extra: Mapping[str, Type] | None = None) -> None:
        self.text = text
        self.scope = scope
        self.tokens = scan(text)
        self.index = 0
        self.depth = 0
        self.locals: list[_Names] = [_Names(extra)] if extra else []
        self.shapes: dict[int, tuple[Node, Type]] = {}
        self.keys = NameTable()

    # Whole texts

    def whole_expression(self) -> Node:
        node = self.expression()
        self.expect_end()
        return node

    def whole_unary_tests(self) -> UnaryTestsNode:
        first = self.token
        if first.kind == "end":
            return UnaryTestsNode((), start=0, end=0)
        if first.text == "-" and self.peek(1).kind == "end":
            return UnaryTestsNode((), start=first.start, end=first.end)
        negated = first.text == "not" and self.peek(1).text == "(" and self.closes_at_end(1)
        if negated:
            self.index += 2
        tests = self.tests()
        if negated:
            self.expect(")")
        self.expect_end()
        return UnaryTestsNode(tests, negated, start=first.start, end=self.last_end)

    def closes_at_end(self, ahead: int) -> bool:
        """Is the bracket that opens ``ahead`` tokens from here closed by the last token?"""
        level = 0
        for index in range(self.index + ahead, len(self.tokens) - 1):
            symbol = self.tokens[index].text if self.tokens[index].kind == "symbol" else ""
            level += (symbol == "(") - (symbol == ")")
            if level == 0:
                return index == len(self.tokens) - 2
        return False

    def tests(self) -> tuple[Node, ...]:
        tests = [self.test()]
        while self.accept(","):
            tests.append(self.test())
        return tuple(tests)

    def test(self) -> Node:
        token = self.token
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.index += 1
            operand = self.binary(4)
            return ComparisonTest(token.text, operand, start=token.start, end=self.last_end)
        return self.expression()

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    @property
    def last_end(self) -> int:
        return self.tokens[self.index - 1].end

    def peek(self, ahead: int) -> Token:
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def at(self, text: str) -> bool:
        token = self.token
        return token.text == text and token.kind in {"symbol", "word"}

    def accept(self, text: str) -> bool:
        if self.at(text):
            self.index += 1
            return True
        return False

    def expect(self, text: str, hint: str = "") -> Token:
        token = self.token
        if not self.accept(text):
            raise self.error(f"expected `{text}` but found {self.found(token)}", token, hint)
        return token

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.error(f"unexpected {self.found(self.token)}", self.token)

    @staticmethod
    def found(token: Token) -> str:
        return "the end" if token.kind == "end" else f"`{token.text[:40]}`"

    def error(self, message: str, token: Token, hint: str = "") -> FeelSyntaxError:
        return FeelSyntaxError(message, position_of(self.text, token.start), hint)

    # Names

    @contextmanager
    def names(self, types: Mapping[str, Type]) -> Iterator[_Names]:
        names = _Names(types)
        self.locals.append(names)
        try:
            yield names
        finally:
            self.locals.pop()

    def shape(self, node: Node) -> Type:
        known = self.shapes.get(id(node))
        return base_of(known[1]) if known else ANY

    def shaped(self, node: Node, type_: Type) -> Node:
        if type_ is not ANY:
            self.shapes[id(node)] = (node, type_)
        return node

    def longest(self, tables: list[NameTable]) -> tuple[str, int] | None:
        """The longest known name that starts here, with the offset of its end."""
        best: tuple[str, int] | None = None
        token = self.token
        for table in tables:
            for parts, name in table.candidates(token.text):
                end = self.match(parts, token.start)
                if end is not None:
                    if best is None or end > best[1]:
                        best = (name, end)
                    break
        return best

    def match(self, parts: tuple[str, ...], offset: int) -> int | None:
        """Offset after a name whose parts stand in the text at ``offset``; it must end with a token."""
        for part in parts:
            if part == " ":
                skipped = offset
                while skipped < len(self.text) and self.text[skipped].isspace():
                    skipped += 1
                if skipped == offset:
                    return None
                offset = skipped
            elif self.text.startswith(part, offset):
                offset += len(part)
            else:
                return None
        index = self.index
        while self.tokens[index].end < offset:
            index += 1
        return offset if self.tokens[index].end == offset else None

    def skip_to(self, offset: int) -> None:
        while self.token.start < offset:
            self.index += 1

    def joined_words(self) -> str:
        """The run of plain words here, as one name that nobody declared."""
        words = [self.token.text]
        self.index += 1
        while self.token.kind == "word" and self.token.text not in KEYWORDS:
            words.append(self.token.text)
            self.index += 1
        return " ".join(words)

    def defined_name(self, stops: frozenset[str]) -> str:
        """A name being defined: everything up to one of ``stops``."""
        first = self.token
        if first.kind == "string":
            self.index += 1
            return unescape(first.text)
        pieces = ""
        while self.token.kind in {"word", "number"} or (
            self.token.kind == "symbol" and (self.token.text in _NAME_SYMBOLS or self.token.text == "**")
        ):
            if self.token.text in stops:
                break
            pieces += " " * (bool(pieces) and self.token.spaced) + self.token.text
            self.index += 1
        if not pieces or first.kind != "word":
            raise self.error(f"expected a name but found {self.found(first)}", first)
        return pieces

    # Operators

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error("the expression is nested too deeply", self.token)
        node = self.disjunction()
        self.depth -= 1
        return node

    def disjunction(self) -> Node:
        start = self.token.start  # an operand in parentheses begins before its node
        operands = [self.conjunction()]
        while self.accept("or"):
            operands.append(self.conjunction())
        if len(operands) == 1:
            return operands[0]
        return Disjunction(tuple(operands), start=start, end=self.last_end)

    def conjunction(self) -> Node:
        start = self.token.start
        operands = [self.comparison()]
        while self.accept("and"):
            operands.append(self.comparison())
        if len(operands) == 1:
            return operands[0]
        return Conjunction(tuple(operands), start=start, end=self.last_end)

    def comparison(self) -> Node:
        start = self.token.start
        node = self.binary(4)
        for _ in range(_LONGEST_CHAIN):
            token = self.token
            if token.kind == "symbol" and token.text in _COMPARISONS:
                self.index += 1
                right = self.binary(4)
                node = Binary(token.text, node, right, start=start, end=self.last_end)
            elif self.accept("between"):
                low = self.binary(4)
                self.expect("and", "`between` needs two ends: x between a and b")
                high = self.binary(4)
                node = Between(node, low, high, start=start, end=self.last_end)
            elif self.accept("in"):
                tests = self.in_tests()
                node = In(node, tests, start=start, end=self.last_end)
            else:
                return node
        raise self.error("too many comparisons in a row", self.token)

    def in_tests(self) -> tuple[Node, ...]:
        token = self.token
        if token.kind == "symbol" and token.text in _COMPARISONS:
            return (self.test(),)
        if not self.at("("):
            return (self.binary(4),)
        start = token.start
        tests = self.parenthesis(tests_allowed=True)
        if len(tests) > 1 or isinstance(tests[0], ComparisonTest):
            return tests
        return (self.binary(4, self.postfix(tests[0], start), start),)

    def binary(self, level: int, left: Node | None = None, start: int = -1) -> Node:
        """Operators of at least this level; ``left`` has been read already and began at ``start``."""
        start = self.token.start if left is None else start
        node = left or self.unary()
        links = 0
        while True:
            token = self.token
            strength = _LEVELS.get(token.text, 0) if token.kind == "symbol" else 0
            if strength < level:
                return node
            links += 1
            if links > _LONGEST_CHAIN:
                raise self.error("too many operators in a row", token, "use a list and sum(…)")
            self.index += 1
            right = self.binary(strength + 1)
            node = Binary(token.text, node, right, start=start, end=self.last_end)

    def unary(self) -> Node:
        minuses: list[Token] = []
        while self.token.kind == "symbol" and self.token.text == "-":
            minuses.append(self.token)
            self.index += 1
            if len(minuses) > _DEEPEST:
                raise self.error("too many minus signs in a row", self.token)
        start = self.token.start
        node = self.postfix(self.primary(), start)
        for minus in reversed(minuses):
            node = Negation(node, start=minus.start, end=self.last_end)
        return node

    # What may follow an operand

    def postfix(self, node: Node, start: int) -> Node:
        for _ in range(_LONGEST_CHAIN):
            token = self.token
            if token.kind == "symbol" and token.text == ".":
                node = self.path(node, start)
            elif token.kind == "symbol" and token.text == "[" and self.starts_expression(1):
                node = self.filter(node, start)
            elif token.kind == "symbol" and token.text == "(":
                node = self.invocation(node, start)
            elif token.kind == "word" and token.text == "instance":
                self.index += 1
                self.expect("of")
                type_ = self.type_name()
                node = self.shaped(InstanceOf(node, type_, start=start, end=self.last_end), BOOLEAN)
            else:
                return node
        raise self.error("too many paths, filters or calls in a row", self.token)

    def starts_expression(self, ahead: int) -> bool:
        token = self.peek(ahead)
        if token.kind == "word":
            return token.text not in _STOPPERS
        return token.kind in {"number", "string"} or (token.kind == "symbol" and token.text in _STARTS)

    def path(self, source: Node, start: int) -> Node:
        self.index += 1
        token = self.token
        if token.kind != "word":
            raise self.error(f"expected a name after `.` but found {self.found(token)}", token)
        shape = self.shape(source)
        element = base_of(shape.element) if isinstance(shape, ListType) else shape
        if isinstance(element, ContextType):
            found = self.longest([NameTable(name for name, _ in element.members)])
        else:
            found = self.longest([self.scope.members, self.keys])
        if found:
            name = found[0]
            self.skip_to(found[1])
        else:
            name = self.joined_words()
        node = Path(source, name, start=start, end=self.last_end)
        member = element.member(name) if isinstance(element, ContextType) else None
        if member is None:
            return node
        return self.shaped(node, ListType(member) if isinstance(shape, ListType) else member)

    def filter(self, source: Node, start: int) -> Node:
        self.index += 1
        shape = self.shape(source)
        element = base_of(shape.element) if isinstance(shape, ListType) else shape
        members = dict(element.members) if isinstance(element, ContextType) else {}
        with self.names({"item": element, **members}):
            condition = self.expression()
        close = self.expect("]")
        node = Filter(source, condition, start=start, end=close.end)
        return self.shaped(node, shape if isinstance(shape, ListType) else ListType(shape))

    def invocation(self, function: Node, start: int) -> Node:
        self.index += 1
        arguments: list[Node] = []
        names: list[str] = []
        named = self.is_named_argument()
        while not self.at(")"):
            if named:
                names.append(self.defined_name(frozenset({":"})))
                self.expect(":")
            arguments.append(self.test_as_range() or self.expression())
            if not self.accept(","):
                break
        close = self.expect(")")
        shape = self.shape(function)
        node = Invocation(function, tuple(arguments), tuple(names), start=start, end=close.end)
        return self.shaped(node, shape.result if isinstance(shape, FunctionType) else ANY)

    def is_named_argument(self) -> bool:
        ahead = 0
        if self.token.kind == "string":
            return self.peek(1).text == ":" and self.peek(1).kind == "symbol"
        while True:
            token = self.peek(ahead)
            if token.kind == "symbol" and token.text == ":":
                return ahead > 0
            if token.kind not in {"word", "number"} and token.text not in _NAME_SYMBOLS:
                return False
            if token.kind == "end":
                return False
            ahead += 1

    # Operands

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number(token)
        if token.kind == "string":
            self.index += 1
            return StringLiteral(unescape(token.text), start=token.start, end=token.end)
        if token.kind == "word":
            return self.word(token)
        opener = {
            "(": self.parenthesised,
            "[": self.bracket,
            "]": self.bracket,
            "{": self.context,
            "@": self.at_literal,
        }.get(token.text)
        if opener is None or token.kind == "end":
            raise self.error(f"expected an expression but found {self.found(token)}", token)
        return opener()

    def number(self, token: Token) -> Node:
        value = parse_number(token.text)
        if value is None:
            raise self.error(f"the number {token.text[:40]} is out of range", token)
        self.index += 1
        return NumberLiteral(value, start=token.start, end=token.end)

    def word(self, token: Token) -> Node:
        found = self.longest([*(names.table for names in self.locals), self.scope.table])
        if found is None or found[0] == token.text:
            reader = self.keyword_reader(token.text)
            if reader is not None:
                return reader(token)
        found = self.built_in_or(found)
        if found is None and token.text in _STOPPERS:
            raise self.error(f"expected an expression but found `{token.text}`", token)
        if found is not None:
            start = self.index
            self.skip_to(found[1])
            if self.token.kind != "word" or self.token.text in KEYWORDS:
                name = Name(found[0], start=token.start, end=found[1])
                return self.shaped(name, self.type_of_name(found[0]))
            self.index = start
        return Name(self.joined_words(), start=token.start, end=self.last_end)

    def built_in_or(self, found: tuple[str, int] | None) -> tuple[str, int] | None:
        """The longer one: a name of the scope, or of a built-in function."""
        built_in = self.longest([_BUILT_IN_NAMES])
        if built_in is None or (found is not None and built_in[1] <= found[1]):
            return found
        # One with blanks only counts where it is called or handed on: `date and time(…)`.
        is_used = " " not in built_in[0] or self.text[built_in[1] :].lstrip()[:1] in {"(", ",", ")"}
        return built_in if is_used else found

    def type_of_name(self, name: str) -> Type:
        for names in reversed(self.locals):
            if name in names.types:
                return names.types[name]
        return self.scope.names.get(name, ANY)

    def keyword_reader(self, word: str) -> Callable[[Token], Node] | None:
        return {
            "true": self.constant,
            "false": self.constant,
            "null": self.constant,
            "if": self.conditional,
            "for": self.loop,
            "some": self.quantified,
            "every": self.quantified,
            "function": self.function,
        }.get(word)

    def constant(self, token: Token) -> Node:
        self.index += 1
        if token.text == "null":
            return NullLiteral(start=token.start, end=token.end)
        return BooleanLiteral(token.text == "true", start=token.start, end=token.end)

    def at_literal(self) -> Node:
        at = self.expect("@")
        token = self.token
        if token.kind != "string":
            raise self.error(f"expected a string after `@` but found {self.found(token)}", token)
        self.index += 1
        return AtLiteral(unescape(token.text), start=at.start, end=token.end)

    def parenthesised(self) -> Node:
        return self.parenthesis(tests_allowed=False)[0]

    def parenthesis(self, *, tests_allowed: bool) -> tuple[Node, ...]:
        """``(…)``: an expression, a range, or (after ``in``) several tests."""
        self.depth += 1
        opening = self.expect("(")
        nodes: list[Node] = [self.test() if tests_allowed else (self.test_as_range() or self.expression())]
        if self.at("..") and not isinstance(nodes[0], ComparisonTest):
            nodes = [self.rest_of_range(opening, nodes[0])]
        else:
            while tests_allowed and self.accept(","):
                nodes.append(self.test())
            self.expect(")")
        self.depth -= 1
        return tuple(nodes)

    def test_as_range(self) -> Node | None:
        """``>= 5`` where an expression is asked for: the range without an end."""
        token = self.token
        if token.kind != "symbol" or token.text not in _COMPARISONS:
            return None
        self.index += 1
        end = self.binary(4)
        place = {"start": token.start, "end": self.last_end}
        if token.text in {">", ">="}:
            return RangeLiteral(end, None, token.text == ">=", False, **place)
        if token.text in {"<", "<="}:
            return RangeLiteral(None, end, False, token.text == "<=", **place)
        if token.text == "=":
            return RangeLiteral(end, end, True, True, **place)
        raise self.error("a range cannot be made with `!=`", token, "write not(…)")

    def rest_of_range(self, opening: Token, low: Node) -> Node:
        self.expect("..")
        high = self.expression()
        closing = self.token
        if closing.kind != "symbol" or closing.text not in {")", "]", "["}:
            raise self.error(f"expected the end of the range but found {self.found(closing)}", closing)
        self.index += 1
        node = RangeLiteral(
            low, high, opening.text == "[", closing.text == "]", start=opening.start, end=closing.end
        )
        return self.shaped(node, RangeType())

    def bracket(self) -> Node:
        opening = self.token
        self.index += 1
        if opening.text == "[" and self.at("]"):
            self.index += 1
            return ListLiteral((), start=opening.start, end=self.last_end)
        elements = [self.test_as_range() or self.expression()]
        if self.at(".."):
            return self.rest_of_range(opening, elements[0])
        if opening.text == "]":
            raise self.error("expected `..` of a range", self.token)
        while self.accept(","):
            elements.append(self.test_as_range() or self.expression())
        close = self.expect("]")
        node = ListLiteral(tuple(elements), start=opening.start, end=close.end)
        shape = self.shape(elements[0])
        for element in elements[1:]:
            shape = join(shape, self.shape(element))
        return self.shaped(node, ListType(shape))

    def context(self) -> Node:
        opening = self.expect("{")
        entries: list[tuple[str, Node]] = []
        shapes: dict[str, Type] = {}
        with self.names({}) as names:
            while not self.at("}"):
                key = self.defined_name(frozenset({":"}))
                self.expect(":", "an entry of a context is written name: value")
                value = self.test_as_range() or self.expression()
                entries.append((key, value))
                shapes[key] = self.shape(value)
                names.add(key, shapes[key])
                self.keys.add(key)
                if not self.accept(","):
                    break
        close = self.expect("}")
        node = ContextLiteral(tuple(entries), start=opening.start, end=close.end)
        return self.shaped(node, ContextType.of(shapes))

    # Constructs with keywords

    def conditional(self, start: Token) -> Node:
        self.index += 1
        condition = self.expression()
        self.expect("then", "a conditional is written if … then … else …")
        consequence = self.expression()
        self.expect("else", "a conditional always needs its `else`")
        alternative = self.expression()
        node = If(condition, consequence, alternative, start=start.start, end=self.last_end)
        return self.shaped(node, join(self.shape(consequence), self.shape(alternative)))

    def iterations(self, names: _Names) -> tuple[Iteration, ...]:
        found: list[Iteration] = []
        while True:
            start = self.token
            name = self.defined_name(frozenset({"in"}))
            self.expect("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            found.append(Iteration(name, source, end, start=start.start, end=self.last_end))
            shape = self.shape(source)
            element = shape.element if isinstance(shape, ListType | RangeType) else shape
            names.add(name, ANY if end is not None else element)
            if not self.accept(","):
                return tuple(found)

    def loop(self, start: Token) -> Node:
        self.index += 1
        with self.names({}) as names:
            iterations = self.iterations(names)
            self.expect("return", "an iteration is written for … in … return …")
            names.add("partial", ListType(ANY))
            body = self.expression()
        node = For(iterations, body, start=start.start, end=self.last_end)
        return self.shaped(node, ListType(self.shape(body)))

    def quantified(self, start: Token) -> Node:
        self.index += 1
        with self.names({}) as names:
            iterations = self.iterations(names)
            self.expect("satisfies", f"it is written {start.text} … in … satisfies …")
            condition = self.expression()
        return Quantified(start.text, iterations, condition, start=start.start, end=self.last_end)

    def function(self, start: Token) -> Node:
        self.index += 1
        self.expect("(")
        parameters: list[Parameter] = []
        while not self.at(")"):
            token = self.token
            name = self.defined_name(frozenset({":", ","}))
            type_ = self.type_name() if self.accept(":") else None
            if any(parameter.name == name for parameter in parameters):
                raise self.error(f"the parameter `{name}` stands twice", token)
            parameters.append(Parameter(name, type_, start=token.start, end=self.last_end))
            if not self.accept(","):
                break
        self.expect(")")
        result = self.type_name() if self.accept(":") else None
        external = self.accept("external")
        types = {parameter.name: _declared(parameter.type) for parameter in parameters}
        with self.names(types):
            body = self.expression()
        node = FunctionLiteral(
            tuple(parameters), result, body, external, start=start.start, end=self.last_end
        )
        returned = _declared(result) if result else self.shape(body)
        return self.shaped(node, FunctionType(tuple(types.values()), ANY if external else returned))

    # Types

    def type_name(self) -> TypeName:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error("the type is nested too deeply", self.token)
        start = self.token
        if start.kind != "word":
            raise self.error(f"expected a type but found {self.found(start)}", start)
        text, type_ = self.type_parts()
        self.depth -= 1
        return TypeName(text, type_, start=start.start, end=self.last_end)

    def type_parts(self) -> tuple[str, Type | None]:
        generic = self.peek(1).text == "<" and self.peek(1).kind == "symbol"
        if generic and self.token.text in {"list", "range"}:
            kind: Callable[..., Type] = ListType if self.token.text == "list" else RangeType
            word = self.token.text
            self.index += 2
            element = self.type_name()
            self.close_type()
            return f"{word}<{element.text}>", kind(_declared(element))
        if generic and self.token.text == "context":
            return self.context_type()
        if generic and self.token.text == "function":
            return self.function_type()
        found = self.longest([self.scope.type_table])
        if found is not None:
            self.skip_to(found[1])
            return found[0], self.scope.type_named(found[0])
        words = [self.token.text]
        self.index += 1
        while (self.token.kind == "word" and self.token.text not in KEYWORDS) or self.at("."):
            words.append(" " * self.token.spaced + self.token.text)
            self.index += 1
        return "".join(words), None

    def close_type(self) -> None:
        self.expect(">")

    def context_type(self) -> tuple[str, Type | None]:
        self.index += 2
        members: dict[str, Type] = {}
        texts: list[str] = []
        while not self.at(">"):
            name = self.defined_name(frozenset({":"}))
            self.expect(":")
            member = self.type_name()
            members[name] = _declared(member)
            texts.append(f"{name}: {member.text}")
            if not self.accept(","):
                break
        self.close_type()
        return f"context<{', '.join(texts)}>", ContextType.of(members)

    def function_type(self) -> tuple[str, Type | None]:
        self.index += 2
        parameters: list[TypeName] = []
        while not self.at(">"):
            parameters.append(self.type_name())
            if not self.accept(","):
                break
        self.close_type()
        self.expect("->")
        result = self.type_name()
        inner = ", ".join(parameter.text for parameter in parameters)
        types = tuple(_declared(parameter) for parameter in parameters)
        return f"function<{inner}> -> {result.text}", FunctionType(types, _declared(result))


def _declared(type_: TypeName | None) -> Type:
    return ANY if type_ is None or type_.type is None else type_.type

"""Syntax tree to text: what ``parse`` reads back as the same tree.

Brackets are put only where the precedence asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from commonweal.engines.feel.errors import FeelSyntaxError
from commonweal.engines.feel.scanner import KEYWORDS, scan
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
from commonweal.engines.feel.values.numbers import number_text

__all__ = ["string_literal", "unparse"]

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_OPEN, _OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _UNARY, _POSTFIX = range(9)
_LEVELS: Final = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}


def string_literal(text: str) -> str:
    r"""A string as a FEEL literal.

    >>> print(string_literal('say "hi"'))
    "say \"hi\""
    """
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def unparse(node: Node) -> str:
    """Print a tree as FEEL.

    >>> from commonweal.engines.feel.parser import parse
    >>> unparse(parse("( a+1 ) * (b)"))
    '(a + 1) * b'
    """
    return _print(node, _OPEN)


def _print(node: Node, level: int) -> str:
    if isinstance(node, Binary):
        own, text = _binary(node)
    else:
        own, text = _PRINTERS[type(node)](node)
    return f"({text})" if own < level else text


def _binary(node: Binary) -> tuple[int, str]:
    own = _LEVELS.get(node.operator, _COMPARISON)
    pieces: list[str] = []
    left: Node = node
    while isinstance(left, Binary) and _LEVELS.get(left.operator, _COMPARISON) == own:
        pieces.append(f" {left.operator} {_print(left.right, own + 1)}")
        left = left.left
    return own, _print(left, own) + "".join(reversed(pieces))


def _number(node: NumberLiteral) -> tuple[int, str]:
    exponent = node.value.as_tuple().exponent
    assert isinstance(exponent, int)
    if -100 < exponent <= 0:
        return _POSTFIX, format(node.value, "f")
    return _POSTFIX, str(node.value) if node.value else number_text(Decimal(0))


def _key(name: str) -> str:
    try:
        tokens = scan(name)
    except FeelSyntaxError:
        return string_literal(name)
    plain = all(token.kind == "word" and token.text not in KEYWORDS for token in tokens[:-1])
    spaced = " ".join(token.text for token in tokens[:-1]) == name
    return name if plain and spaced and name else string_literal(name)


def _conjunction(node: Conjunction) -> tuple[int, str]:
    return _AND, " and ".join(_print(operand, _COMPARISON) for operand in node.operands)


def _disjunction(node: Disjunction) -> tuple[int, str]:
    return _OR, " or ".join(_print(operand, _AND) for operand in node.operands)


def _between(node: Between) -> tuple[int, str]:
    value, low, high = _print(node.value, _COMPARISON), _print(node.low, _SUM), _print(node.high, _SUM)
    return _COMPARISON, f"{value} between {low} and {high}"


def _in(node: In) -> tuple[int, str]:
    value = _print(node.value, _COMPARISON)
    if len(node.tests) == 1 and not isinstance(node.tests[0], ComparisonTest):
        return _COMPARISON, f"{value} in {_print(node.tests[0], _SUM)}"
    return _COMPARISON, f"{value} in ({', '.join(_print(test, _OPEN) for test in node.tests)})"


def _instance(node: InstanceOf) -> tuple[int, str]:
    return _POSTFIX, f"{_print(node.value, _POSTFIX)} instance of {node.type.text}"


def _range(node: RangeLiteral) -> tuple[int, str]:
    if node.low is None:
        assert node.high is not None
        return _POSTFIX, f"({'<=' if node.high_closed else '<'} {_print(node.high, _SUM)})"
    if node.high is None:
        return _POSTFIX, f"({'>=' if node.low_closed else '>'} {_print(node.low, _SUM)})"
    opening, closing = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    return _POSTFIX, f"{opening}{_print(node.low, _OPEN)}..{_print(node.high, _OPEN)}{closing}"


def _context(node: ContextLiteral) -> tuple[int, str]:
    entries = (f"{_key(name)}: {_print(value, _OPEN)}" for name, value in node.entries)
    return _POSTFIX, "{" + ", ".join(entries) + "}"


def _invocation(node: Invocation) -> tuple[int, str]:
    arguments = [_print(argument, _OPEN) for argument in node.arguments]
    if node.names:
        arguments = [f"{_key(name)}: {text}" for name, text in zip(node.names, arguments, strict=True)]
    return _POSTFIX, f"{_print(node.function, _POSTFIX)}({', '.join(arguments)})"


def _iterations(iterations: tuple[Iteration, ...]) -> str:
    texts: list[str] = []
    for iteration in iterations:
        text = f"{iteration.name} in {_print(iteration.source, _OPEN)}"
        if iteration.end_source is not None:
            text += f"..{_print(iteration.end_source, _OPEN)}"
        texts.append(text)
    return ", ".join(texts)


def _for(node: For) -> tuple[int, str]:
    return _OPEN, f"for {_iterations(node.iterations)} return {_print(node.body, _OPEN)}"


def _quantified(node: Quantified) -> tuple[int, str]:
    condition = _print(node.condition, _OPEN)
    return _OPEN, f"{node.quantifier} {_iterations(node.iterations)} satisfies {condition}"


def _if(node: If) -> tuple[int, str]:
    parts = (_print(part, _OPEN) for part in (node.condition, node.consequence, node.alternative))
    return _OPEN, "if {} then {} else {}".format(*parts)


def _function(node: FunctionLiteral) -> tuple[int, str]:
    parameters = ", ".join(_PRINTERS[Parameter](parameter)[1] for parameter in node.parameters)
    result = f": {node.result.text}" if node.result else ""
    external = " external" if node.is_external else ""
    return _OPEN, f"function({parameters}){result}{external} {_print(node.body, _OPEN)}"


def _unary_tests(node: UnaryTestsNode) -> tuple[int, str]:
    tests = ", ".join(_print(test, _OPEN) for test in node.tests) or "-"
    return _OPEN, f"not({tests})" if node.is_negated else tests


_PRINTERS: Final[dict[type[Node], Callable[[Any], tuple[int, str]]]] = {
    NumberLiteral: _number,
    StringLiteral: lambda node: (_POSTFIX, string_literal(node.value)),
    BooleanLiteral: lambda node: (_POSTFIX, "true" if node.value else "false"),
    NullLiteral: lambda node: (_POSTFIX, "null"),
    AtLiteral: lambda node: (_POSTFIX, "@" + string_literal(node.text)),
    Name: lambda node: (_POSTFIX, node.name),
    Path: lambda node: (_POSTFIX, f"{_print(node.source, _POSTFIX)}.{node.name}"),
    Negation: lambda node: (_UNARY, f"-{_print(node.operand, _UNARY)}"),
    Conjunction: _conjunction,
    Disjunction: _disjunction,
    Between: _between,
    ComparisonTest: lambda node: (_COMPARISON, f"{node.operator} {_print(node.operand, _SUM)}"),
    In: _in,
    TypeName: lambda node: (_POSTFIX, node.text),
    InstanceOf: _instance,
    RangeLiteral: _range,
    ListLiteral: lambda node: (
        _POSTFIX,
        "[" + ", ".join(_print(part, _OPEN) for part in node.elements) + "]",
    ),
    ContextLiteral: _context,
    Parameter: lambda node: (_OPEN, f"{node.name}: {node.type.text}" if node.type else node.name),
    FunctionLiteral: _function,
    Invocation: _invocation,
    Filter: lambda node: (_POSTFIX, f"{_print(node.source, _POSTFIX)}[{_print(node.condition, _OPEN)}]"),
    For: _for,
    Quantified: _quantified,
    If: _if,
    UnaryTestsNode: _unary_tests,
}

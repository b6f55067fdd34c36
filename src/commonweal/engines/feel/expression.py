"""Compiled texts: expressions and unary tests.

A text is compiled once; ``run`` takes a frame made by the scope and parses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from commonweal.engines.feel.compiling import Code, Compiler
from commonweal.engines.feel.compiling.testing import Tester, compile_tests
from commonweal.engines.feel.errors import FeelLimitError, FeelSyntaxError, TypeProblem, position_of
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.parser import parse_expression, parse_unary_tests
from commonweal.engines.feel.python_values import to_value
from commonweal.engines.feel.scope import Scope, normal_name
from commonweal.engines.feel.types import ANY, Type, Value

if TYPE_CHECKING:
    from commonweal.engines.feel.operations import Ternary
    from commonweal.engines.feel.syntax import Node, UnaryTestsNode

__all__ = ["Expression", "UnaryTests", "compile_expression", "compile_unary_tests"]


def _too_deep() -> FeelLimitError:
    return FeelLimitError("depth", "the evaluation is nested too deeply")


def _prepared(
    scope: Scope, names: frozenset[str], values: Mapping[str, object], evaluation: Evaluation
) -> list[Value]:
    """A frame with converted values of the names that are read, which the evaluation knows as its facts."""
    facts = {name: to_value(value) for name, value in values.items() if normal_name(name) in names}
    evaluation.facts = facts
    evaluation.places = None
    return scope.frame(facts)


class Expression:
    """A compiled expression.

    Attributes:
        text: The text it was compiled from.
        node: Its syntax tree.
        type: What is known of the type of its results.
        names: Names of the scope that it reads.
        problems: What the compiler found wrong, or could not check.
        is_constant: Is the result the same in every run?
        scope: The scope it was compiled in.
    """

    __slots__ = ("_run", "_traced", "is_constant", "names", "node", "problems", "scope", "text", "type")

    def __init__(self, node: Node, code: Code, compiler: Compiler) -> None:
        self.text = compiler.text
        self.node = node
        self.scope = compiler.scope
        self.type: Type = code.type
        self.names = frozenset(compiler.names)
        self.problems: tuple[TypeProblem, ...] = tuple(compiler.problems)
        self.is_constant = code.is_constant
        self._run = code.run
        self._traced: Code | None = None

    def __repr__(self) -> str:
        return f"<Expression {self.text!r}>"

    def run(self, frame: list[Value], evaluation: Evaluation) -> Value:
        """Evaluate over a frame of FEEL values, made by the scope after everything was compiled.

        Raises:
            FeelLimitError: A budget of the evaluation is used up.
        """
        try:
            return self._run(frame, evaluation)
        except RecursionError:
            raise _too_deep() from None

    def run_traced(self, frame: list[Value], evaluation: Evaluation) -> Value:
        """Like ``run``, but every part notes its value in ``evaluation.records``."""
        if self._traced is None:
            compiler = Compiler(self.text, self.scope, is_tracing=True)
            self._traced = compiler.compile(self.node)
            frame.extend([None] * (self.scope.layout.size - len(frame)))
        if evaluation.records is None:
            evaluation.records = []
        try:
            return self._traced.run(frame, evaluation)
        except RecursionError:
            raise _too_deep() from None

    def evaluate(
        self, values: Mapping[str, object] | None = None, evaluation: Evaluation | None = None
    ) -> Value:
        """Evaluate over named values; Python's own numbers and dates are converted.

        Args:
            values: Values by name; a name that is not given is null.
            evaluation: The run; without one a fresh one is made and its warnings are lost.

        Raises:
            FeelError: A value has no place in FEEL, or a budget is used up.

        >>> from commonweal.engines.feel.types import NUMBER
        >>> compile_expression("a * 2", Scope({"a": NUMBER})).evaluate({"a": 21})
        Decimal('42')
        """
        evaluation = evaluation or Evaluation()
        return self.run(_prepared(self.scope, self.names, values or {}, evaluation), evaluation)


class UnaryTests:
    """The compiled tests of a cell.

    Attributes:
        text: The text they were compiled from.
        node: Their syntax tree.
        names: Names of the scope that they read; ``?`` is not among them.
        problems: What the compiler found wrong, or could not check.
        input_type: Type of the tested value.
        is_any: Do they match everything (``-`` or an empty cell)?
        scope: The scope they were compiled in.
    """

    __slots__ = ("_slot", "_test", "input_type", "is_any", "names", "node", "problems", "scope", "text")

    def __init__(self, node: UnaryTestsNode, scope: Scope, test: Tester, compiler: Compiler) -> None:
        self.text = compiler.text
        self.node = node
        self.scope = scope
        self.names = frozenset(compiler.names - {"?"})
        self.problems: tuple[TypeProblem, ...] = tuple(compiler.problems)
        self.input_type = compiler.scope.names["?"]
        self.is_any = not node.tests
        self._test = test
        # Most tests compare the value only; the slot is filled for those that name `?`.
        self._slot = compiler.scope.slots["?"] if "?" in compiler.names else -1

    def __repr__(self) -> str:
        return f"<UnaryTests {self.text!r}>"

    def run(self, value: Value, frame: list[Value], evaluation: Evaluation) -> Ternary:
        """Does the value pass? True, false, null where it cannot be compared, or UNKNOWN.

        Raises:
            FeelLimitError: A budget of the evaluation is used up.
        """
        if self._slot >= 0:
            frame[self._slot] = value
        try:
            return self._test(value, frame, evaluation)
        except RecursionError:
            raise _too_deep() from None

    def evaluate(
        self, value: object, values: Mapping[str, object] | None = None, evaluation: Evaluation | None = None
    ) -> Ternary:
        """Test a value; Python's own numbers and dates are converted.

        >>> compile_unary_tests("[1..5], > 10", Scope()).evaluate(12)
        True
        """
        evaluation = evaluation or Evaluation()
        return self.run(
            to_value(value), _prepared(self.scope, self.names, values or {}, evaluation), evaluation
        )


def compile_expression(text: str, scope: Scope | None = None) -> Expression:
    """Compile an expression.

    Args:
        text: The expression.
        scope: Names it may use; without one only the built-in functions.

    Raises:
        FeelSyntaxError: The text is no expression.

    >>> compile_expression('"a" + "b"').evaluate()
    'ab'
    """
    scope = scope or Scope()
    node = parse_expression(text, scope)
    compiler = Compiler(text, scope)
    try:
        return Expression(node, compiler.compile(node), compiler)
    except RecursionError:
        raise FeelSyntaxError("the expression is nested too deeply", position_of(text, 0)) from None


def compile_unary_tests(text: str, scope: Scope | None = None, input_type: Type = ANY) -> UnaryTests:
    """Compile the tests of a cell.

    Args:
        text: The tests: ``-``, ``< 5``, ``[1..5], "a"``, ``not("b")``, ``? > limit`` …
        scope: Names they may use.
        input_type: Type of the tested value, which they name ``?``.

    Raises:
        FeelSyntaxError: The text is no such tests.
    """
    scope = scope or Scope()
    node = parse_unary_tests(text, scope, input_type)
    inner = Scope({"?": input_type}, parent=scope)
    compiler = Compiler(text, inner)
    try:
        test = compile_tests(node, input_type, compiler)
    except RecursionError:
        raise FeelSyntaxError("the tests are nested too deeply", position_of(text, 0)) from None
    return UnaryTests(node, scope, test, compiler)

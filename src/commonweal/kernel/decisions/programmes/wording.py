"""Says values, and computations with the numbers in the place of the names, as residents read them.

An expression of the law is turned once into functions that say its parts; to say it, they are run over values. Nothing
is decided again: parts are evaluated on what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.engines.feel import (
    UNKNOWN,
    Evaluation,
    Expression,
    FeelError,
    Scope,
    Value,
    compile_expression,
    parse,
    syntax,
)
from commonweal.engines.feel.values.temporal import Date, DateTime, DaysDuration, YearsMonthsDuration
from commonweal.kernel.base.templates import amount_in

_OPERATORS = {
    "*": "×",  # noqa: RUF001 - the sign that people read
    "/": "÷",
    "+": "+",
    "-": "−",  # noqa: RUF001 - the sign that people read
    "<=": "≤",
    ">=": "≥",
    "<": "<",
    ">": ">",
    "=": "=",
    "!=": "≠",
}
_LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2}
_MOST_ADDENDS = 6
_ROUNDINGS = frozenset({"ceiling", "floor", "round half up"})
_CENT = Decimal("0.01")


@dataclass(slots=True)
class Numbers:
    """What is known while something is said.

    Attributes:
        frame: Values, made by the scope after everything was compiled.
        words: Of the reader's language.
        evaluation: The run.
    """

    frame: list[Value]
    words: Words
    evaluation: Evaluation = field(default_factory=Evaluation)


Saying = Callable[[Numbers], str | None]
"""Says a part of an expression; None for what has no plain form."""


def saying_of(text: str, scope: Scope, name_of: Callable[[syntax.Node], str]) -> Saying:
    """Return what says an expression.

    Args:
        text: The expression.
        scope: Its names.
        name_of: Words for a name or a path.
    """
    try:
        return _Sayings(text, scope, name_of).of(parse(text, scope))
    except FeelError:
        return says_nothing


def says_nothing(numbers: Numbers) -> str | None:
    """Say nothing: what has no plain form."""
    return None


def after(before: Sequence[tuple[int, Expression]], last: Saying) -> Saying:
    """Return what says an expression with the values of others before it, each put into its place in the frame."""

    def say(numbers: Numbers) -> str | None:
        inner = Numbers([*numbers.frame], numbers.words, numbers.evaluation)
        for slot, expression in before:
            inner.frame[slot] = expression.run(inner.frame, inner.evaluation)
        return last(inner)

    return say


class _Sayings:
    """Makes what says the parts of one expression."""

    def __init__(self, text: str, scope: Scope, name_of: Callable[[syntax.Node], str]) -> None:
        self.text, self.scope, self.name_of = text, scope, name_of

    def of(self, node: syntax.Node) -> Saying:
        if isinstance(node, syntax.If):
            return self._if(node)
        if isinstance(node, syntax.Binary):
            return self._binary(node)
        if isinstance(node, syntax.Invocation):
            return self._call(node)
        if isinstance(node, (syntax.Conjunction, syntax.Disjunction)):
            return self._together(node)
        if isinstance(node, (syntax.Name, syntax.Path, syntax.Filter, syntax.NumberLiteral)):
            return self._leaf(node)
        return says_nothing

    def _part(self, node: syntax.Node) -> Expression:
        return compile_expression(self.text[node.start : node.end], self.scope)

    def _if(self, node: syntax.If) -> Saying:
        condition, consequence, alternative = (
            self._part(node.condition),
            self.of(node.consequence),
            self.of(node.alternative),
        )

        def say(numbers: Numbers) -> str | None:
            is_so = condition.run(numbers.frame, numbers.evaluation) is True
            return consequence(numbers) if is_so else alternative(numbers)

        return say

    def _leaf(self, node: syntax.Node) -> Saying:
        part, name = self._part(node), self.name_of(node)

        def say(numbers: Numbers) -> str | None:
            value = part.run(numbers.frame, numbers.evaluation)
            if isinstance(value, bool):
                return f"{name} ({numbers.words.plain(value)})"
            return None if isinstance(value, (list, dict)) or value is UNKNOWN else numbers.words.plain(value)

        return say

    def _binary(self, node: syntax.Binary) -> Saying:
        sign = _OPERATORS.get(node.operator)
        if sign is None:
            return says_nothing
        left, right = (
            self._operand(node.left, node, on_right=False),
            self._operand(node.right, node, on_right=True),
        )

        def say(numbers: Numbers) -> str | None:
            before, after = left(numbers), right(numbers)
            return None if before is None or after is None else f"{before} {sign} {after}"

        return say

    def _operand(self, node: syntax.Node, outer: syntax.Binary, *, on_right: bool) -> Saying:
        if not isinstance(node, syntax.Binary):
            return self.of(node)
        inner, level = _LEVELS.get(node.operator, 3), _LEVELS.get(outer.operator, 0)
        return self._bracketed(node) if inner < level or (on_right and inner == level) else self.of(node)

    def _bracketed(self, node: syntax.Node) -> Saying:
        inside = self.of(node)

        def say(numbers: Numbers) -> str | None:
            said = inside(numbers)
            return None if said is None else f"({said})"

        return say

    def _all(
        self, nodes: Sequence[syntax.Node], *bracketed: type[syntax.Node]
    ) -> Callable[[Numbers], list[str] | None]:
        """Return what says each of several parts; None where one has no plain form."""
        parts = [self._bracketed(node) if isinstance(node, bracketed) else self.of(node) for node in nodes]

        def say(numbers: Numbers) -> list[str] | None:
            found = []
            for part in parts:
                said = part(numbers)
                if said is None:
                    return None
                found.append(said)
            return found

        return say

    def _together(self, node: syntax.Conjunction | syntax.Disjunction) -> Saying:
        parts = self._all(node.operands, syntax.Conjunction, syntax.Disjunction)
        is_and = isinstance(node, syntax.Conjunction)

        def say(numbers: Numbers) -> str | None:
            said = parts(numbers)
            return None if said is None else (numbers.words.and_ if is_and else numbers.words.or_).join(said)

        return say

    def _call(self, node: syntax.Invocation) -> Saying:
        name = node.function.name if isinstance(node.function, syntax.Name) else ""
        if name == "sum":
            return self._sum(node.arguments[0])
        if name in {"max", "min"}:
            return self._extreme(node, is_largest=name == "max")
        return self._rounded(name, node.arguments[0]) if name in _ROUNDINGS else says_nothing

    def _rounded(self, function: str, argument: syntax.Node) -> Saying:
        inside = self.of(argument)

        def say(numbers: Numbers) -> str | None:
            said = inside(numbers)
            return None if said is None else numbers.words.rounded[function] % said

        return say

    def _extreme(self, node: syntax.Invocation, *, is_largest: bool) -> Saying:
        parts = self._all(node.arguments, syntax.Binary)

        def say(numbers: Numbers) -> str | None:
            said = parts(numbers)
            if said is None:
                return None
            pattern = numbers.words.extreme[is_largest, len(said) == 2]
            return pattern % numbers.words.and_.join([", ".join(said[:-1]), said[-1]])

        return say

    def _sum(self, node: syntax.Node) -> Saying:
        part = self._part(node)

        def say(numbers: Numbers) -> str | None:
            items = part.run(numbers.frame, numbers.evaluation)
            if not isinstance(items, list) or not all(isinstance(item, Decimal) for item in items):
                return None
            shown = [numbers.words.plain(item) for item in items if item]
            return " + ".join(shown) if 1 < len(shown) <= _MOST_ADDENDS else None

        return say


def is_unknown(value: object) -> bool:
    """Whether a value of a trace stands for what is not known."""
    return type(value) is dict and value.get("@unknown") is True


def is_number(value: object) -> bool:
    """Whether a value of a trace is a number."""
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float, Decimal)) or (isinstance(value, str) and _is_decimal(value))


def _is_decimal(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit() and len(text) > 15


class Words:
    """How values and computations are said in one language; see :func:`words`."""

    def __init__(self, language: str) -> None:
        self.locale = translation.to_locale(language).split("@")[0]
        self.yes, self.no, self.not_known = _("yes"), _("no"), _("not known")
        self.nothing = _("none")
        self.and_, self.or_ = _(" and "), _(" or ")
        self.rounded = {
            "ceiling": _("%s, rounded up"),
            "floor": _("%s, rounded down"),
            "round half up": _("%s, rounded"),
        }
        self.extreme = {
            (True, True): _("the larger of %s"),
            (False, True): _("the smaller of %s"),
            (True, False): _("the largest of %s"),
            (False, False): _("the smallest of %s"),
        }

    def plain(self, value: object) -> str:
        """Write a value in a sentence: numbers with at most two decimals, days in their long form, yes and no."""
        if isinstance(value, Decimal):
            return _number(value, self.locale)
        if isinstance(value, bool):
            return self.yes if value else self.no
        if value is None or value is UNKNOWN or is_unknown(value):
            return self.not_known
        if is_number(value):
            return _number(Decimal(str(value)), self.locale)
        if isinstance(value, list):
            return ", ".join(self.plain(item) for item in value) or self.nothing
        return self._time(value)

    def _time(self, value: object) -> str:
        if isinstance(value, DateTime):
            value = value.date
        if isinstance(value, Date):
            return format_date(date(value.year, value.month, value.day), "long", locale=self.locale)
        if isinstance(value, YearsMonthsDuration):
            years, months = value.parts
            return self._span((years, "year"), (months, "month"))
        if isinstance(value, DaysDuration):
            days, hours, minutes, *_rest = value.parts
            return self._span((days, "day"), (hours, "hour"), (minutes, "minute"))
        return str(value)

    def _span(self, *parts: tuple[int, str]) -> str:
        """Write a length of time in its units, those that are nought left out."""
        said = [_units(count, unit, self.locale) for count, unit in parts if count]
        return ", ".join(said) or _units(0, parts[-1][1] if len(parts) == 2 else parts[0][1], self.locale)

    def amount(self, value: object, currency: str) -> str:
        """Write an amount with its currency, without cents where there are none."""
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        return _currency(exact, currency, self.locale)

    def share(self, value: Decimal) -> str:
        """Write a part of the whole as per cent."""
        return _per_cent(value, self.locale)


def words() -> Words:
    """Return the words of the reader's language; kept, for its catalogue does not change."""
    return _words(translation.get_language() or "en")


@lru_cache(maxsize=64)
def _words(language: str) -> Words:
    return Words(language)


_YEARS = range(1900, 2101)


@lru_cache(maxsize=4096)
def _number(number: Decimal, locale: str) -> str:
    if number in _YEARS:
        return str(int(number))  # a year has no mark for thousands, and a count of that size needs none
    short = number.quantize(_CENT, ROUND_HALF_UP)
    return str(format_decimal(short.normalize() + 0 if abs(number) >= 1 else number, locale=locale))


@lru_cache(maxsize=512)
def _units(count: int, unit: str, locale: str) -> str:
    return str(format_unit(count, f"duration-{unit}", locale=locale))


@lru_cache(maxsize=512)
def _per_cent(value: Decimal, locale: str) -> str:
    return str(format_percent(value, locale=locale, decimal_quantization=False))


@lru_cache(maxsize=4096)
def _currency(exact: Decimal, currency: str, locale: str) -> str:
    money = exact.quantize(_CENT, ROUND_HALF_UP)
    return amount_in(money, currency, locale, is_whole=money == money.to_integral_value())

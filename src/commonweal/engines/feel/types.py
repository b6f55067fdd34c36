"""The types of FEEL: conformance, ``instance of`` and the conversions that DMN makes silently.

Source: DMN 1.5, 10.3.2.2 (types), 10.3.2.9 (equivalence, conformance, conversions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Union

from commonweal.engines.feel.errors import FeelLimitError
from commonweal.engines.feel.unknown import UNKNOWN, Unknown
from commonweal.engines.feel.values.temporal import Date, DateTime, DaysDuration, Time, YearsMonthsDuration

__all__ = [
    "ANY",
    "BOOLEAN",
    "BUILT_IN_TYPES",
    "DATE",
    "DATE_TIME",
    "DAYS_TIME_DURATION",
    "NOTHING",
    "NUMBER",
    "STRING",
    "TIME",
    "YEARS_MONTHS_DURATION",
    "ConstrainedType",
    "ContextType",
    "Function",
    "FunctionType",
    "ListType",
    "Range",
    "RangeType",
    "Type",
    "Value",
    "base_of",
    "check_weight",
    "fits",
    "join",
    "type_of",
]

Value = Union[
    Decimal,
    str,
    bool,
    None,
    Date,
    Time,
    DateTime,
    DaysDuration,
    YearsMonthsDuration,
    list["Value"],
    dict[str, "Value"],
    "Range",
    "Function",
    Unknown,
]


@dataclass(frozen=True, slots=True)
class Range:
    """A range between two endpoints.

    Attributes:
        low: Lower endpoint, None when the range has none (as in ``(<5)``).
        high: Upper endpoint, None when the range has none (as in ``(>=5)``).
        low_closed: Does the lower endpoint belong to the range?
        high_closed: Does the upper endpoint belong to the range?

    Source: DMN 1.5, 10.3.2.7.
    """

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True


class Function:
    """A function as a value: built in, written in FEEL, or supplied by the caller.

    Attributes:
        name: Name for messages; empty for a lambda.
        parameters: Names of the parameters, in order.
        parameter_types: Their types, ``ANY`` where none is declared.
        result_type: Type of the result, ``ANY`` where none is declared.
        known_result: What is known of the type of its results, declared or found in its body.
        is_variadic: May it be called with any number of arguments?
        body: Called with one value a parameter, already coerced to the parameter's type, and the
            ``Evaluation``; ``invoke`` coerces what it returns to ``result_type``.
    """

    __slots__ = (
        "body", "is_variadic", "known_result", "name", "parameter_types", "parameters", "result_type",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        body: Callable[[list[Value], Any], Value],
        *,
        parameter_types: tuple[Type, ...] | None = None,
        result_type: Type | None = None,
        known_result: Type | None = None,
        is_variadic: bool = False,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.body = body
        self.parameter_types = parameter_types or (ANY,) * len(parameters)
        self.result_type = result_type or ANY
        self.known_result = known_result or self.result_type
        self.is_variadic = is_variadic

    def __repr__(self) -> str:
        return f"<Function {self.name or 'lambda'}({', '.join(self.parameters)})>"


@dataclass(frozen=True, slots=True)
class Type:
    """A type. Simple types are instances of this class itself; compare them with ``==``.

    Attributes:
        name: What FEEL calls it, such as ``date and time``.
    """

    name: str

    def __str__(self) -> str:
        return self.name

    def conforms_to(self, other: Type) -> bool:
        """May a value of this type stand wherever ``other`` is asked for?

        >>> ListType(NUMBER).conforms_to(ListType(ANY)), NUMBER.conforms_to(STRING)
        (True, False)
        """
        return self == other or self is NOTHING or other is ANY or self._conforms(base_of(other))

    def _conforms(self, other: Type) -> bool:
        return base_of(self) == other

    def contains(self, value: Value) -> bool:
        """Is the value an ``instance of`` this type? Null is only one of ``Null``.

        >>> NUMBER.contains(Decimal(1)), NUMBER.contains(None), ANY.contains(None)
        (True, False, False)
        """
        if value is UNKNOWN:
            return False
        if value is None:
            return self is NOTHING
        if self is ANY:
            return True
        return isinstance(value, _CLASSES.get(self.name, ())) and (
            self is BOOLEAN or not isinstance(value, bool)
        )


ANY: Final = Type("Any")
NOTHING: Final = Type("Null")
NUMBER: Final = Type("number")
STRING: Final = Type("string")
BOOLEAN: Final = Type("boolean")
DATE: Final = Type("date")
TIME: Final = Type("time")
DATE_TIME: Final = Type("date and time")
DAYS_TIME_DURATION: Final = Type("days and time duration")
YEARS_MONTHS_DURATION: Final = Type("years and months duration")

_HEAVIEST: Final = 1_000_000
_CLASSES: Final[dict[str, tuple[type, ...]]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateTime,),
    "days and time duration": (DaysDuration,),
    "years and months duration": (YearsMonthsDuration,),
}
_OF_CLASS: Final[dict[type, Type]] = {
    Decimal: NUMBER,
    str: STRING,
    bool: BOOLEAN,
    Date: DATE,
    Time: TIME,
    DateTime: DATE_TIME,
    DaysDuration: DAYS_TIME_DURATION,
    YearsMonthsDuration: YEARS_MONTHS_DURATION,
    type(None): NOTHING,
    Unknown: ANY,
}


@dataclass(frozen=True, slots=True)
class ListType(Type):
    """``list<element>``."""

    name: str = field(init=False, default="list", repr=False)
    element: Type = ANY

    def __str__(self) -> str:
        return f"list<{self.element}>"

    def _conforms(self, other: Type) -> bool:
        return isinstance(other, ListType) and self.element.conforms_to(other.element)

    def contains(self, value: Value) -> bool:
        """Is it a list whose every element fits? Null elements fit any element type."""
        if not isinstance(value, list):
            return False
        # An element that stands in the list many times is looked at once.
        elements = {id(element): element for element in value}.values()
        return all(fits(element, self.element) for element in elements)


@dataclass(frozen=True, slots=True)
class ContextType(Type):
    """``context<name: type, …>``; a value may have more entries than the type names."""

    name: str = field(init=False, default="context", repr=False)
    members: tuple[tuple[str, Type], ...] = ()

    def __str__(self) -> str:
        inner = ", ".join(f"{name}: {type_}" for name, type_ in self.members)
        return f"context<{inner}>"

    @classmethod
    def of(cls, members: Mapping[str, Type]) -> ContextType:
        """Build the type from a mapping of entry names to types."""
        return cls(tuple(members.items()))

    def member(self, name: str) -> Type | None:
        """Type of an entry, None when the type does not name it."""
        return next((type_ for key, type_ in self.members if key == name), None)

    def _conforms(self, other: Type) -> bool:
        if not isinstance(other, ContextType):
            return False
        mine = dict(self.members)
        return all(name in mine and mine[name].conforms_to(type_) for name, type_ in other.members)

    def contains(self, value: Value) -> bool:
        """Is it a context that has every named entry, each fitting its type or null?"""
        return isinstance(value, dict) and all(
            name in value and fits(value[name], type_) for name, type_ in self.members
        )


@dataclass(frozen=True, slots=True)
class RangeType(Type):
    """``range<element>``."""

    name: str = field(init=False, default="range", repr=False)
    element: Type = ANY

    def __str__(self) -> str:
        return f"range<{self.element}>"

    def _conforms(self, other: Type) -> bool:
        return isinstance(other, RangeType) and self.element.conforms_to(other.element)

    def contains(self, value: Value) -> bool:
        """Is it a range whose endpoints are of the element type? An open end fits any."""
        return isinstance(value, Range) and all(
            end is None or self.element.contains(end) for end in (value.low, value.high)
        )


@dataclass(frozen=True, slots=True)
class FunctionType(Type):
    """``function<parameters> -> result``."""

    name: str = field(init=False, default="function", repr=False)
    parameters: tuple[Type, ...] = ()
    result: Type = ANY

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters))}> -> {self.result}"

    def _conforms(self, other: Type) -> bool:
        if not isinstance(other, FunctionType) or len(self.parameters) != len(other.parameters):
            return False
        wider = all(theirs.conforms_to(mine) for mine, theirs in _pairs(self, other))
        return wider and self.result.conforms_to(other.result)

    def contains(self, value: Value) -> bool:
        """Is it a function of as many parameters, with fitting types?"""
        return isinstance(value, Function) and type_of(value).conforms_to(self)


@dataclass(frozen=True, slots=True)
class ConstrainedType(Type):
    """A named type whose values must also pass a check, such as an item definition's allowed values.

    Attributes:
        base: The type without the check.
        allows: The check; called with values of the base type only. True lets the value pass.
    """

    base: Type = ANY
    allows: Callable[[Value], bool] = field(default=lambda value: True, compare=False, repr=False)

    def _conforms(self, other: Type) -> bool:
        return self.base.conforms_to(other)

    def contains(self, value: Value) -> bool:
        """Is the value of the base type, and does it pass the check?"""
        return self.base.contains(value) and self.allows(value)


def _pairs(left: FunctionType, right: FunctionType) -> Iterator[tuple[Type, Type]]:
    return zip(left.parameters, right.parameters, strict=True)


BUILT_IN_TYPES: Final[Mapping[str, Type]] = {
    "Any": ANY,
    "Null": NOTHING,
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "days and time duration": DAYS_TIME_DURATION,
    "dayTimeDuration": DAYS_TIME_DURATION,
    "years and months duration": YEARS_MONTHS_DURATION,
    "yearMonthDuration": YEARS_MONTHS_DURATION,
    "list": ListType(),
    "context": ContextType(),
    "range": RangeType(),
}


def base_of(type_: Type) -> Type:
    """The type without its checks."""
    while isinstance(type_, ConstrainedType):
        type_ = type_.base
    return type_


def fits(value: Value, type_: Type) -> bool:
    """May the value stand where the type is asked for? Null and UNKNOWN may stand anywhere."""
    return value is None or value is UNKNOWN or type_ is ANY or type_.contains(value)


def type_of(value: Value) -> Type:
    """The most precise type of a value.

    >>> str(type_of([Decimal(1), "a"])), str(type_of({"a": None}))
    ('list<Any>', 'context<a: Null>')
    """
    simple = _OF_CLASS.get(type(value))
    if simple is not None:
        return simple
    if isinstance(value, list):
        element: Type = NOTHING if value else ANY
        for item in value:
            element = join(element, type_of(item))
        return ListType(element)
    if isinstance(value, dict):
        return ContextType(tuple((key, type_of(item)) for key, item in value.items()))
    if isinstance(value, Range):
        return RangeType(join(type_of(value.low), type_of(value.high)))
    if isinstance(value, Function):
        return FunctionType(value.parameter_types, value.known_result)
    return ANY


def check_weight(*values: Value) -> int:
    """Count the parts of values as a walk over them would, and refuse more than a million.

    A few lists that hold each other many times can unfold to more than any computer can walk over.

    Raises:
        FeelLimitError: They have more.
    """
    weight = 0
    pending = list(values)
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item.values())
        weight += 1
        if weight + len(pending) > _HEAVIEST:
            raise FeelLimitError("size", f"a value has more than {_HEAVIEST} parts")
    return weight


def join(left: Type, right: Type) -> Type:
    """The narrowest type that both conform to, as far as this system can name it.

    >>> str(join(NUMBER, NUMBER)), str(join(NUMBER, STRING)), str(join(NOTHING, DATE))
    ('number', 'Any', 'date')
    """
    if left.conforms_to(right):
        return right
    if right.conforms_to(left):
        return left
    left, right = base_of(left), base_of(right)
    if left == right:
        return left
    if isinstance(left, ListType) and isinstance(right, ListType):
        return ListType(join(left.element, right.element))
    if isinstance(left, ContextType) and isinstance(right, ContextType):
        theirs = dict(right.members)
        shared = ((name, join(mine, theirs[name])) for name, mine in left.members if name in theirs)
        return ContextType(tuple(shared))
    return ANY

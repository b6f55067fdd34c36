"""FEEL, the expression language of DMN 1.5, as a plain library.

>>> from commonweal.engines import feel
>>> scope = feel.Scope({"Monthly income": feel.NUMBER, "limit": feel.NUMBER})
>>> test = feel.compile_expression("Monthly income <= limit", scope)
>>> test.evaluate({"Monthly income": 1850, "limit": 2265})
True

Source: OMG, Decision Model and Notation 1.5, chapter 10.
"""

from __future__ import annotations

from commonweal.engines.feel.builtins import FUNCTIONS
from commonweal.engines.feel.coercion import coerce, coerces
from commonweal.engines.feel.errors import (
    FeelError,
    FeelLimitError,
    FeelSyntaxError,
    FeelWarning,
    Position,
    TypeProblem,
    Undefined,
)
from commonweal.engines.feel.evaluation import Evaluation, Limits
from commonweal.engines.feel.explain import EXPLANATION_VERSION, boundary, explain
from commonweal.engines.feel.expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from commonweal.engines.feel.externals import JAVA_FUNCTIONS
from commonweal.engines.feel.invocation import invoke
from commonweal.engines.feel.operations import compare, equal, in_range, matches
from commonweal.engines.feel.parser import parse, parse_unary_tests
from commonweal.engines.feel.printer import string_literal, unparse
from commonweal.engines.feel.python_values import to_json, to_value
from commonweal.engines.feel.scope import Scope, normal_name
from commonweal.engines.feel.text import value_text
from commonweal.engines.feel.types import (
    ANY,
    BOOLEAN,
    BUILT_IN_TYPES,
    DATE,
    DATE_TIME,
    DAYS_TIME_DURATION,
    NOTHING,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS_DURATION,
    ConstrainedType,
    ContextType,
    Function,
    FunctionType,
    ListType,
    Range,
    RangeType,
    Type,
    Value,
    type_of,
)
from commonweal.engines.feel.unknown import UNKNOWN, Unknown, contains_unknown
from commonweal.engines.feel.values.temporal import (
    UTC,
    Date,
    DateTime,
    DaysDuration,
    NamedZone,
    Offset,
    Time,
    YearsMonthsDuration,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)

__all__ = [
    "ANY",
    "BOOLEAN",
    "BUILT_IN_TYPES",
    "DATE",
    "DATE_TIME",
    "DAYS_TIME_DURATION",
    "EXPLANATION_VERSION",
    "FUNCTIONS",
    "JAVA_FUNCTIONS",
    "NOTHING",
    "NUMBER",
    "STRING",
    "TIME",
    "UNKNOWN",
    "UTC",
    "YEARS_MONTHS_DURATION",
    "ConstrainedType",
    "ContextType",
    "Date",
    "DateTime",
    "DaysDuration",
    "Evaluation",
    "Expression",
    "FeelError",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelWarning",
    "Function",
    "FunctionType",
    "Limits",
    "ListType",
    "NamedZone",
    "Offset",
    "Position",
    "Range",
    "RangeType",
    "Scope",
    "Time",
    "Type",
    "TypeProblem",
    "UnaryTests",
    "Undefined",
    "Unknown",
    "Value",
    "YearsMonthsDuration",
    "boundary",
    "coerce",
    "coerces",
    "compare",
    "compile_expression",
    "compile_unary_tests",
    "contains_unknown",
    "equal",
    "explain",
    "in_range",
    "invoke",
    "matches",
    "normal_name",
    "parse",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
    "parse_unary_tests",
    "string_literal",
    "to_json",
    "to_value",
    "type_of",
    "unparse",
    "value_text",
]

"""The Java functions that a model may name: which there are, what each gives, what each refuses.

Source: the Java SE API, java.lang.Math, Integer, Long, Short, Byte, Float, Double and String.
"""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from tests.engines.feel.evaluating import run

from commonweal.engines.feel import externals
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.types import Value

ONE = "abs acos asin atan cbrt ceil cos cosh exp floor log log10 rint round sin sinh sqrt tan tanh toDegrees toRadians"
NAMES = [
    *(f"Math.{name}(double)" for name in ONE.split()),
    *(f"Math.{name}(double,double)" for name in ("atan2", "hypot", "pow")),
    *(f"Math.{name}({kind},{kind})" for name in ("max", "min") for kind in ("double", "float", "int", "long")),
    *(f"Math.abs({kind})" for kind in ("int", "long")),
    "Short.valueOf(short)",
    "Byte.valueOf(byte)",
    "Integer.valueOf(int)",
    "Long.valueOf(long)",
    "Double.valueOf(double)",
    "Float.valueOf(float)",
    *(f"String.valueOf({kind})" for kind in ("double", "float", "int", "long", "boolean", "java.lang.Object", "char")),
    "String.format(java.lang.String,[Ljava.lang.Object;)",
    *(f"{name}(java.lang.String)" for name in ("Integer.valueOf", "Integer.parseInt", "Long.valueOf", "Long.parseLong")),
    *(f"{name}(java.lang.String)" for name in ("Float.valueOf", "Float.parseFloat", "Double.valueOf", "Double.parseDouble")),
]  # fmt: skip


def call(name: str, *arguments: object) -> Value:
    """Call a function of a list that is made anew."""
    made = externals._java()[f"java.lang.{name}"]
    given = [
        Decimal(str(a)) if isinstance(a, int | float) and not isinstance(a, bool) else a for a in arguments
    ]
    return made(*given)


def test_these_functions_are_allowed_and_no_others() -> None:
    assert sorted(externals._java()) == sorted(f"java.lang.{name}" for name in NAMES)
    assert sorted(externals.JAVA_FUNCTIONS) == sorted(externals._java())


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("Math.abs(double)", [-1.5], 1.5),
        ("Math.acos(double)", [-1], math.pi),
        ("Math.asin(double)", [1], math.pi / 2),
        ("Math.atan(double)", [1], math.pi / 4),
        ("Math.cbrt(double)", [27], 3),
        ("Math.ceil(double)", [1.2], 2),
        ("Math.cos(double)", [math.pi], -1),
        ("Math.cosh(double)", [0], 1),
        ("Math.exp(double)", [1], math.e),
        ("Math.floor(double)", [-1.2], -2),
        ("Math.log(double)", [math.e], 1),
        ("Math.log10(double)", [1000], 3),
        ("Math.rint(double)", [2.5], 2),
        ("Math.round(double)", [2.5], 3),
        ("Math.round(double)", [-2.5], -2),
        ("Math.sin(double)", [math.pi / 2], 1),
        ("Math.sinh(double)", [math.log(2)], 0.75),
        ("Math.sqrt(double)", [16], 4),
        ("Math.tan(double)", [math.pi / 4], 1),
        ("Math.tanh(double)", [math.log(3)], 0.8),
        ("Math.toDegrees(double)", [math.pi], 180),
        ("Math.toRadians(double)", [180], math.pi),
        ("Math.atan2(double,double)", [1, 0], math.pi / 2),
        ("Math.hypot(double,double)", [3, 4], 5),
        ("Math.pow(double,double)", [2, 10], 1024),
        ("Math.max(double,double)", [1.5, 2.5], 2.5),
        ("Math.max(float,float)", [1.5, 2.5], 2.5),
        ("Math.max(int,int)", [1, 2], 2),
        ("Math.max(long,long)", [1, 2], 2),
        ("Math.min(double,double)", [1.5, 2.5], 1.5),
        ("Math.min(float,float)", [1.5, 2.5], 1.5),
        ("Math.min(int,int)", [1, 2], 1),
        ("Math.min(long,long)", [1, 2], 1),
        ("Math.abs(int)", [-3], 3),
        ("Math.abs(long)", [-3], 3),
        ("Short.valueOf(short)", [3], 3),
        ("Byte.valueOf(byte)", [3], 3),
        ("Integer.valueOf(int)", [3], 3),
        ("Long.valueOf(long)", [3], 3),
        ("Double.valueOf(double)", [1.5], 1.5),
        ("Float.valueOf(float)", [1.5], 1.5),
        ("Integer.valueOf(java.lang.String)", ["+12"], 12),
        ("Integer.parseInt(java.lang.String)", ["-12"], -12),
        ("Long.valueOf(java.lang.String)", ["1234567890123456789"], 1234567890123456789),
        ("Long.parseLong(java.lang.String)", ["7"], 7),
        ("Float.valueOf(java.lang.String)", ["1.5"], 1.5),
        ("Float.parseFloat(java.lang.String)", ["1.5"], 1.5),
        ("Double.valueOf(java.lang.String)", ["1e3"], 1000),
        ("Double.parseDouble(java.lang.String)", ["-.5"], -0.5),
    ],
)
def test_numbers_are_those_of_java(name: str, arguments: list[object], expected: float) -> None:
    found = call(name, *arguments)

    assert isinstance(found, Decimal)
    assert found == expected or abs(float(found) - expected) < 1e-12


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("String.valueOf(double)", [1.50], "1.5"),
        ("String.valueOf(float)", [2], "2"),
        ("String.valueOf(int)", [2], "2"),
        ("String.valueOf(long)", [2], "2"),
        ("String.valueOf(boolean)", [True], "true"),
        ("String.valueOf(boolean)", [False], "false"),
        ("String.valueOf(java.lang.Object)", [None], "null"),
        ("String.valueOf(java.lang.Object)", ["x"], "x"),
        ("String.valueOf(char)", ["é"], "é"),
    ],
)
def test_texts_are_those_of_java(name: str, arguments: list[object], expected: str) -> None:
    assert call(name, *arguments) == expected


FORMAT = "String.format(java.lang.String,[Ljava.lang.Object;)"


@pytest.mark.parametrize(
    ("pattern", "values", "expected"),
    [
        ("%s and %d%n%%", [True, 3], "true and 3\n%"),
        ("%f %.2f %.0f", [1, 1.005, 2.4], "1.000000 1.00 2"),
        ("%s%s", [None, 1.5], "null1.5"),
        ("%x %s", ["a"], "%x a"),
        ("plain", ["more than asked"], "plain"),
    ],
)
def test_formats_know_a_few_directives(pattern: str, values: list[object], expected: str) -> None:
    assert call(FORMAT, pattern, *values) == expected
    listed = [Decimal(str(v)) if isinstance(v, int | float) and v is not True else v for v in values]
    assert call(FORMAT, pattern, listed) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "code", "message"),
    [
        ("Math.abs(double)", ["x"], "argument-type", "a number is needed"),
        ("Math.abs(int)", [1.5], "argument-type", "a whole number is needed"),
        ("Math.abs(int)", ["1"], "argument-type", "a whole number is needed"),
        ("Integer.valueOf(java.lang.String)", ["1.5"], "argument-type", "the string holds no whole number"),
        ("Integer.valueOf(java.lang.String)", ["1" * 20], "argument-type", "the string holds no whole number"),
        ("Integer.valueOf(java.lang.String)", ["٣"], "argument-type", "the string holds no whole number"),
        ("Integer.valueOf(java.lang.String)", [1], "argument-type", "a string is needed"),
        ("Double.valueOf(java.lang.String)", ["inf"], "arithmetic", "the result is no finite number"),
        ("Math.hypot(double,double)", [1.7e308, 1.7e308], "arithmetic", "the result is no finite number"),
        ("String.valueOf(char)", ["ab"], "argument-type", "a single character is needed"),
        ("String.valueOf(char)", [""], "argument-type", "a single character is needed"),
        (FORMAT, [1], "argument-type", "a string is needed"),
        (FORMAT, ["%s"], "argument-count", "the format asks for more values"),
        (FORMAT, ["%d", 1.5], "argument-type", "a whole number is needed"),
    ],
)  # fmt: skip
def test_what_java_would_refuse_is_refused(
    name: str, arguments: list[object], code: str, message: str
) -> None:
    with pytest.raises(Undefined) as caught:
        call(name, *arguments)

    assert (caught.value.code, str(caught.value)) == (code, message)


MAPPING = 'function(a, b) external {{java: {{class: "{}", method signature: "{}"}}}}'


@pytest.mark.parametrize(
    ("mapping", "expected", "warnings"),
    [
        (MAPPING.format(" java.lang.Math ", " max ( int , int ) "), Decimal(5), []),
        (MAPPING.format("java.lang.Math", "pow(double,double)"), Decimal(125), []),
        (
            MAPPING.format("java.lang.Runtime", "exec(int,int)"),
            None,
            ["external: the external function java.lang.Runtime.exec(int,int) is not allowed"],
        ),
        (
            MAPPING.format("java.lang.Math", "max"),
            None,
            ["external: an external function needs `class` and `method signature`"],
        ),
        (
            "function(a, b) external {java: {class: 1}}",
            None,
            ["external: an external function needs `class` and `method signature`"],
        ),
        (
            "function(a, b) external {pmml: {}}",
            None,
            ["external: only the `java` mapping of external functions is known"],
        ),
        (
            "function(a, b) external 1",
            None,
            ["external: only the `java` mapping of external functions is known"],
        ),
        (
            MAPPING.format("java.lang.Math", "sqrt(double)"),
            None,
            ["external: java.lang.Math.sqrt(double): "],
        ),
    ],
)
def test_a_definition_names_its_function(mapping: str, expected: Value, warnings: list[str]) -> None:
    found, evaluation = run(f"{{f: {mapping}, r: f(5, 3)}}.r")

    assert found == expected
    said = [f"{warning.code}: {warning.message}" for warning in evaluation.warnings]
    assert said[: len(warnings)] == warnings or said[0].startswith(warnings[0])
    assert bool(said) is bool(warnings)

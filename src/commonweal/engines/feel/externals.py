"""External functions: an allow-list of harmless calls, written in Python.

FEEL may name a Java method; this engine knows those below and runs nothing else. A caller may hand
its own list to the ``Evaluation``; keys are ``class.method(parameter types)``.

Source: DMN 1.5, 10.3.2.13.3 (external functions).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.types import Function, Type, Value
from commonweal.engines.feel.unknown import UNKNOWN, contains_unknown
from commonweal.engines.feel.values.numbers import is_whole, number_text

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

__all__ = ["JAVA_FUNCTIONS", "external_function"]

_SIGNATURE: Final = re.compile(r"\s*([A-Za-z_][\w.]*)\s*\(([^()]*)\)\s*")
_PLACEHOLDER: Final = re.compile(r"%(?:%|n|s|d|(?:\.(\d{1,2}))?f)")


def _float(value: Value) -> float:
    if not isinstance(value, Decimal):
        raise Undefined("a number is needed", "argument-type")
    return float(value)


def _integer(value: Value) -> int:
    if not isinstance(value, Decimal) or not is_whole(value):
        raise Undefined("a whole number is needed", "argument-type")
    return int(value)


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise Undefined("a string is needed", "argument-type")
    return value


def _from_float(value: float) -> Decimal:
    if not math.isfinite(value):
        raise Undefined("the result is no finite number", "arithmetic")
    return Decimal(repr(value))


def _of_floats(function: Callable[..., float]) -> Callable[..., Value]:
    def call(*values: Value) -> Value:
        return _from_float(function(*map(_float, values)))

    return call


def _of_integers(function: Callable[..., int]) -> Callable[..., Value]:
    def call(*values: Value) -> Value:
        return Decimal(function(*map(_integer, values)))

    return call


def _character(value: Value) -> Value:
    text = _text(value)
    if len(text) != 1:
        raise Undefined("a single character is needed", "argument-type")
    return text


def _number_from(value: Value) -> Value:
    return _from_float(float(_text(value)))


def _integer_from(value: Value) -> Value:
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", _text(value), re.ASCII):
        raise Undefined("the string holds no whole number", "argument-type")
    return Decimal(int(_text(value)))


def _shown(value: Value) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _format(pattern: Value, *values: Value) -> Value:
    """The few directives of ``String.format`` that make sense here: %s %d %f %.2f %n %%."""
    remaining = list(values[0] if len(values) == 1 and isinstance(values[0], list) else values)

    def replace(match: re.Match[str]) -> str:
        if match[0] in {"%%", "%n"}:
            return "%" if match[0] == "%%" else "\n"
        if not remaining:
            raise Undefined("the format asks for more values", "argument-count")
        value = remaining.pop(0)
        if match[0] == "%s":
            return _shown(value)
        if match[0] == "%d":
            return str(_integer(value))
        return f"{_float(value):.{match[1] or 6}f}"

    return _PLACEHOLDER.sub(replace, _text(pattern))


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)


def _java() -> dict[str, Callable[..., Value]]:
    found: dict[str, Callable[..., Value]] = {}
    one_float: dict[str, Callable[[float], float]] = {
        "abs": abs, "acos": math.acos, "asin": math.asin, "atan": math.atan, "cbrt": math.cbrt,
        "ceil": math.ceil, "cos": math.cos, "cosh": math.cosh, "exp": math.exp, "floor": math.floor,
        "log": math.log, "log10": math.log10, "rint": round, "round": _half_up, "sin": math.sin,
        "sinh": math.sinh, "sqrt": math.sqrt, "tan": math.tan, "tanh": math.tanh,
        "toDegrees": math.degrees, "toRadians": math.radians,
    }  # fmt: skip
    found.update({f"java.lang.Math.{name}(double)": _of_floats(call) for name, call in one_float.items()})
    of_two = {"atan2": math.atan2, "hypot": math.hypot, "pow": math.pow}
    found.update({f"java.lang.Math.{name}(double,double)": _of_floats(call) for name, call in of_two.items()})
    for name, choose in {"max": max, "min": min}.items():
        for kind in ("double", "float"):
            found[f"java.lang.Math.{name}({kind},{kind})"] = _of_floats(choose)
        for kind in ("int", "long"):
            found[f"java.lang.Math.{name}({kind},{kind})"] = _of_integers(choose)
    for kind in ("int", "long"):
        found[f"java.lang.Math.abs({kind})"] = _of_integers(abs)
    for kind in ("short", "byte", "int", "long"):
        boxed = {"int": "Integer"}.get(kind, kind.title())
        found[f"java.lang.{boxed}.valueOf({kind})"] = _of_integers(int)
    for kind in ("double", "float"):
        found[f"java.lang.{kind.title()}.valueOf({kind})"] = _of_floats(float)
    for kind in ("double", "float", "int", "long", "boolean", "java.lang.Object"):
        found[f"java.lang.String.valueOf({kind})"] = _shown
    found["java.lang.String.valueOf(char)"] = _character
    found["java.lang.String.format(java.lang.String,[Ljava.lang.Object;)"] = _format
    for name in ("Integer.valueOf", "Integer.parseInt", "Long.valueOf", "Long.parseLong"):
        found[f"java.lang.{name}(java.lang.String)"] = _integer_from
    for name in ("Float.valueOf", "Float.parseFloat", "Double.valueOf", "Double.parseDouble"):
        found[f"java.lang.{name}(java.lang.String)"] = _number_from
    return found


JAVA_FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = _java()


def _key(mapping: Value) -> str:
    java = mapping.get("java") if isinstance(mapping, dict) else None
    if not isinstance(java, dict):
        raise Undefined("only the `java` mapping of external functions is known", "external")
    class_name, signature = java.get("class"), java.get("method signature")
    match = _SIGNATURE.fullmatch(signature) if isinstance(signature, str) else None
    if match is None or not isinstance(class_name, str):
        raise Undefined("an external function needs `class` and `method signature`", "external")
    kinds = ",".join(kind.strip() for kind in match[2].split(","))
    return f"{class_name.strip()}.{match[1]}({kinds})"


def external_function(
    mapping: Value, names: tuple[str, ...], types: tuple[Type, ...], result: Type, evaluation: Evaluation
) -> Function:
    """Build the function value for an external definition.

    Args:
        mapping: The context with ``java``, ``class`` and ``method signature``.
        names: Parameters of the definition.
        types: Their types.
        result: Type of the result.
        evaluation: The run, whose allow-list counts; without one the Java functions above.

    Raises:
        Undefined: The function is not on the list.
    """
    key = _key(mapping)
    allowed = JAVA_FUNCTIONS if evaluation.externals is None else evaluation.externals
    called = allowed.get(key)
    if called is None:
        raise Undefined(f"the external function {key} is not allowed", "external")

    def body(arguments: list[Value], evaluation: Evaluation) -> Value:
        if contains_unknown(arguments):
            return UNKNOWN
        try:
            return called(*arguments)
        except (ValueError, ArithmeticError, TypeError) as error:
            raise Undefined(f"{key}: {error}", "external") from error

    return Function(key, names, body, parameter_types=types, result_type=result)

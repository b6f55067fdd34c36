"""Calling a function value: coercion of arguments and result, budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commonweal.engines.feel.coercion import coerce
from commonweal.engines.feel.errors import FeelLimitError, Undefined
from commonweal.engines.feel.types import ANY

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation
    from commonweal.engines.feel.types import Function, Type, Value

__all__ = ["invoke"]


def _converted(value: Value, type_: Type, what: str, function: Function) -> Value:
    if type_ is ANY or value is None:
        return value
    converted = coerce(value, type_)
    if converted is None:
        raise Undefined(f"{what} of {function.name or 'a function'} is no {type_}", "coercion")
    return converted


def invoke(function: Function, arguments: list[Value], evaluation: Evaluation) -> Value:
    """Call a function with positional arguments; null with a warning when it fails.

    Args:
        function: What to call.
        arguments: One value a parameter; each is coerced to its parameter's type.
        evaluation: The run, which pays for the call.

    Raises:
        FeelLimitError: The calls are nested too deeply, or the steps are used up.
    """
    evaluation.spend()
    for argument in arguments:
        evaluation.spend_on(argument)
    evaluation.depth += 1
    if evaluation.depth > evaluation.limits.depth:
        raise FeelLimitError("depth", f"calls are nested more than {evaluation.limits.depth} deep")
    try:
        types = function.parameter_types
        values = [
            _converted(value, types[index], f"argument {index + 1}", function)
            if index < len(types)
            else value
            for index, value in enumerate(arguments)
        ]
        return _converted(function.body(values, evaluation), function.result_type, "the result", function)
    except Undefined as error:
        evaluation.warn(error.code, str(error))
        return None
    finally:
        evaluation.depth -= 1

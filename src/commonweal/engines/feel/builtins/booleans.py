"""Boolean functions.

Source: DMN 1.5, 10.3.4.2 and 10.3.4.4 (all, any).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.operations import Ternary, is_same, kind_name
from commonweal.engines.feel.types import BOOLEAN, Value
from commonweal.engines.feel.unknown import UNKNOWN

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation


@builtin("not", "negand: any?", BOOLEAN)
def _not(evaluation: Evaluation, negand: Value) -> Value:
    if isinstance(negand, list) and len(negand) == 1:
        negand = negand[0]
    if not isinstance(negand, bool):
        raise Undefined(f"`not` is not defined for {kind_name(negand)}", "argument-type")
    return not negand


@builtin("all", "list...: any?", BOOLEAN, sees_unknown=True)
def _all(evaluation: Evaluation, *values: Value) -> Value:
    return _ternary(values, decisive=False)


@builtin("any", "list...: any?", BOOLEAN, sees_unknown=True)
def _any(evaluation: Evaluation, *values: Value) -> Value:
    return _ternary(values, decisive=True)


def _ternary(values: tuple[Value, ...], *, decisive: bool) -> Ternary:
    """Kleene conjunction or disjunction; an element that is no boolean counts as null."""
    elements = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    if len(values) == 1 and values[0] is None:
        raise Undefined("the list must not be null", "argument-null")
    if any(element is decisive for element in elements):
        return decisive
    if any(element is UNKNOWN for element in elements):
        return UNKNOWN
    if any(not isinstance(element, bool) for element in elements):
        raise Undefined("the list holds something that is no boolean", "argument-type")
    return not decisive


@builtin("is", "value1: any?, value2: any?", BOOLEAN)
def _is(evaluation: Evaluation, value1: Value, value2: Value) -> Value:
    return is_same(value1, value2)

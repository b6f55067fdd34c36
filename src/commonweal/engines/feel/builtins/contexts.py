"""Context functions.

Source: DMN 1.5, 10.3.4.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from commonweal.engines.feel.builtins.registry import builtin
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.types import ANY, STRING, ContextType, ListType, Value
from commonweal.engines.feel.unknown import UNKNOWN

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

_ENTRY = ContextType((("key", STRING), ("value", ANY)))


@builtin("get value", "m: context, key: any", ANY)
def _get_value(evaluation: Evaluation, context: dict[str, Value], key: Value) -> Value:
    keys = key if isinstance(key, list) else [key]
    value: Value = context
    if not keys:
        raise Undefined("`key` must not be empty", "argument-type")
    for part in keys:
        if not isinstance(part, str):
            raise Undefined("a key must be a string", "argument-type")
        if not isinstance(value, dict) or part not in value:
            raise Undefined(f"the context has no entry `{part}`", "unknown-entry")
        value = value[part]
        if value is UNKNOWN:
            evaluation.note_missing(f"{evaluation.place_of(context) or 'context'}.{part}")
            return UNKNOWN
    return value


@builtin("get entries", "m: context", ListType(_ENTRY))
def _get_entries(evaluation: Evaluation, context: dict[str, Value]) -> Value:
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list", ContextType())
def _context(evaluation: Evaluation, entries: list[Value]) -> Value:
    result: dict[str, Value] = {}
    for entry in entries:
        if not isinstance(entry, dict) or "key" not in entry or "value" not in entry:
            raise Undefined("an entry needs `key` and `value`", "argument-type")
        key = entry["key"]
        if not isinstance(key, str):
            raise Undefined("a key must be a string", "argument-type")
        if key in result:
            raise Undefined(f"the key `{key}` stands twice", "repeated-entry")
        result[key] = entry["value"]
    return result


@builtin("context put", "context: context, keys: list, value: any?", ContextType(), sees_unknown=True)
@builtin("context put", "context: context, key: any, value: any?", ContextType(), sees_unknown=True)
def _context_put(evaluation: Evaluation, context: Value, key: Value, value: Value) -> Value:
    if context is UNKNOWN or key is UNKNOWN:
        return UNKNOWN
    keys: list[Value] = key if isinstance(key, list) else [key]
    if not keys or not all(isinstance(part, str) for part in keys):
        raise Undefined("a key must be a string", "argument-type")
    return _put(context, keys, value)


def _put(context: Value, keys: list[Value], value: Value) -> Value:
    if not isinstance(context, dict):
        raise Undefined("there is no context at the keys", "argument-type")
    first = keys[0]
    assert isinstance(first, str)
    if len(keys) > 1:
        if first not in context:
            raise Undefined(f"the context has no entry `{first}`", "unknown-entry")
        value = _put(context[first], keys[1:], value)
    return {**context, first: value}


@builtin("context merge", "contexts: list", ContextType())
def _context_merge(evaluation: Evaluation, contexts: list[Value]) -> Value:
    result: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise Undefined("only contexts can be merged", "argument-type")
        result.update(context)
    return result

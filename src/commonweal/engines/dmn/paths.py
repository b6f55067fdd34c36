"""Paths of facts: ``applicant.age``, ``household.members[2].income``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from commonweal.engines.feel.types import ANY, ContextType, ListType, Type, base_of

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def split(path: str, names: Mapping[str, object]) -> tuple[str, list[str | int]]:
    """The fact that a path begins with (the longest name that fits), and the steps below it."""
    fits = [name for name in names if path == name or path.startswith((name + ".", name + "["))]
    fact = max(fits, key=len, default=path)
    return fact, [int(step[2]) if step[2] else step[1].strip() for step in _STEP.finditer(path[len(fact) :])]


def type_at(path: str, types: Mapping[str, Type]) -> Type:
    """The type of what lies at a path."""
    fact, steps = split(path, types)
    type_ = types.get(fact, ANY)
    for step in steps:
        base = base_of(type_)
        if isinstance(step, int):
            type_ = base.element if isinstance(base, ListType) else ANY
            continue
        if isinstance(base, ListType):
            base = base_of(base.element)
        type_ = (base.member(step) or ANY) if isinstance(base, ContextType) else ANY
    return type_


def with_fact(
    facts: Mapping[str, object], path: str, value: object, names: Mapping[str, object]
) -> dict[str, Any]:
    """The facts with one of them changed; nothing given is touched."""
    fact, steps = split(path, names)
    changed: dict[str, Any] = dict(facts)
    changed[fact] = _changed(changed.get(fact), steps, value)
    return changed


def _changed(inside: object, steps: list[str | int], value: object) -> object:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(inside) if isinstance(inside, list | tuple) else []
        items += [None] * (step - len(items))
        items[step - 1] = _changed(items[step - 1], rest, value)
        return items
    below = dict(inside) if isinstance(inside, Mapping) else {}
    below[step] = _changed(below.get(step), rest, value)
    return below

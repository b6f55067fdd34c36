"""Finds a question's answer in what a browser or a program sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonweal.kernel.forms.answers.state import NOT_GIVEN
from commonweal.kernel.forms.answers.values import ADDRESS_PARTS
from commonweal.kernel.forms.types.schema import GroupQuestion, Simple

DATE_PARTS = ("day", "month", "year")


def given(raw: Mapping[str, Any], question: Simple | GroupQuestion) -> Any:
    """Return what was sent for a question, or ``NOT_GIVEN``.

    Dates and addresses come as one value, or as fields ``<key>-day``, ``<key>-street`` and so on; several
    choices come as a list, or as a field that is there several times.
    """
    parts = {"date": DATE_PARTS, "address": ADDRESS_PARTS}.get(question.type, ())
    found = {part: raw[f"{question.key}-{part}"] for part in parts if f"{question.key}-{part}" in raw}
    if found:
        return found
    if question.key not in raw:
        return NOT_GIVEN
    if question.type == "choices" and hasattr(raw, "getlist"):
        return raw.getlist(question.key)
    return raw[question.key]


def typed(raw: Mapping[str, Any], question: Simple | GroupQuestion) -> Any:
    """Return what was sent as a page shows it again: text, or texts by part; nothing where nothing was sent."""
    value = given(raw, question)
    if question.type == "file":
        return None
    if value is NOT_GIVEN or value is None:
        return None
    if isinstance(value, Mapping):
        return {part: str(text)[:200] for part, text in value.items()}
    if isinstance(value, (list, tuple)):
        return [str(item)[:200] for item in value[:200]]
    return value if isinstance(value, bool) else str(value)[:20_000]

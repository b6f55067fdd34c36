"""Stored answers as FEEL values, and the FEEL type of each question."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from commonweal.engines.feel import (
    BOOLEAN,
    DATE,
    NUMBER,
    STRING,
    UNKNOWN,
    ContextType,
    Date,
    ListType,
    Type,
    Value,
)
from commonweal.kernel.forms.types.schema import GroupQuestion, Question, Simple

ADDRESS_PARTS = ("street", "unit", "city", "postal_code")

_TYPES: dict[str, Type] = {
    "text": STRING,
    "long_text": STRING,
    "number": NUMBER,
    "money": NUMBER,
    "date": DATE,
    "boolean": BOOLEAN,
    "choice": STRING,
    "choices": ListType(STRING),
    "email": STRING,
    "phone": STRING,
    "address": ContextType.of(dict.fromkeys(ADDRESS_PARTS, STRING)),
}


def feel_type(question: Simple | GroupQuestion) -> Type:
    """Return the type that the answer has in FEEL."""
    if isinstance(question, GroupQuestion):
        return ListType(ContextType.of({item.key: feel_type(item) for item in question.questions}))
    return _TYPES[question.type]


def to_feel(question: Simple | GroupQuestion, answer: Any) -> Value:
    """Turn a stored answer into FEEL; a blank one becomes the question's default, or null.

    In an item of a group, an optional question without an answer counts as left blank, a required one is
    unknown.
    """
    if answer is None:
        return None if question.default is None else to_feel(question, _stored_default(question))
    if isinstance(question, GroupQuestion):
        return [item_to_feel(question, item) for item in answer]
    if question.type in {"number", "money"}:
        return Decimal(answer)
    if question.type == "date":
        year, month, day = answer.split("-")
        return Date(int(year), int(month), int(day))
    if question.type == "address":
        return {part: answer.get(part) or None for part in ADDRESS_PARTS}
    return list(answer) if question.type == "choices" else answer


def item_to_feel(group: GroupQuestion, item: dict[str, Any]) -> dict[str, Value]:
    """Turn one item of a group into a FEEL context with an entry for every question."""
    return {question.key: absent_to_feel(question, item) for question in group.questions}


def absent_to_feel(question: Simple | GroupQuestion, answers: dict[str, Any]) -> Value:
    """Turn an answer that may be absent into FEEL: unknown where it is required, else blank."""
    if question.key not in answers:
        return to_feel(question, None) if question.required is False else UNKNOWN
    return to_feel(question, answers[question.key])


def _stored_default(question: Question) -> Any:
    default = question.default
    return (
        str(default)
        if isinstance(default, (int, float, Decimal)) and not isinstance(default, bool)
        else default
    )

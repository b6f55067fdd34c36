"""Stored answers as FEEL values, and the FEEL type of each question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    "file": ListType(ContextType.of({"name": STRING, "media_type": STRING, "size_bytes": NUMBER})),
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
        if question.default is None:
            return None
        answer = _stored_default(question)
    if question.type in {"number", "money"}:
        return Decimal(answer)
    if isinstance(question, GroupQuestion):
        return [item_to_feel(question, item) for item in answer]
    writer = _WRITERS.get(question.type)
    return writer(answer) if writer else answer


def _date_to_feel(answer: str) -> Date:
    year, month, day = answer.split("-")
    return Date(int(year), int(month), int(day))


def _address_to_feel(answer: Mapping[str, str]) -> dict[str, Value]:
    return {part: answer.get(part) or None for part in ADDRESS_PARTS}


def _file_to_feel(file: Mapping[str, Any]) -> dict[str, Value]:
    return {"name": file["name"], "media_type": file["media_type"], "size_bytes": Decimal(file["size_bytes"])}


_WRITERS: dict[str, Callable[[Any], Value]] = {
    "date": _date_to_feel,
    "address": _address_to_feel,
    "file": lambda answer: [_file_to_feel(file) for file in answer],
    "choices": list,
}


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

"""Says in plain words what is wrong in a declaration that does not follow its schema."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from commonweal.kernel.base.documents import Document, Path_, Problem

_WANTED = {
    "string_type": "must be text",
    "string_sub_type": "must be text",
    "bool_type": "must be `true` or `false`",
    "bool_parsing": "must be `true` or `false`",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a group of `key: value` lines",
    "model_type": "must be a group of `key: value` lines",
    "model_attributes_type": "must be a group of `key: value` lines",
    "date_type": "must be a date such as 2026-09-15",
    "date_parsing": "must be a date such as 2026-09-15",
    "date_from_datetime_parsing": "must be a date such as 2026-09-15",
}
_LIMITS = {
    "greater_than_equal": "must be at least",
    "greater_than": "must be more than",
    "less_than_equal": "must be at most",
    "less_than": "must be less than",
}
_HINTS = {
    "string_type": "Put the value in quotes if it looks like a number, a date, or yes/no.",
    "missing": "Add it.",
}


def schema_problems(
    document: Document,
    error: ValidationError,
    *,
    at: Path_ = (),
    schema: type[BaseModel] | None = None,
    also: tuple[str, ...] = (),
) -> list[Problem]:
    """Turn a schema's complaints into problems with file and line, one each.

    Args:
        document: Where the value stands.
        error: What pydantic says.
        at: The place in the document at which the validated value begins.
        schema: The schema, so that a misspelt key can be answered with "did you mean".
        also: Keys that are known at the top besides the schema's own.
    """
    problems = []
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and _has_deeper(detail["loc"], details):
            continue
        path = _in_document(detail["loc"], at, document, is_missing=detail["type"] == "missing")
        message, hint = _explain(detail, path, path[len(at) :], schema, also)
        code = f"schema.{detail['type'].replace('_', '-')}"
        problems.append(document.problem(path, code, message, hint))
    return list(dict.fromkeys(problems))


def closest(word: object, known: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    """Return "Did you mean 'x'?", or the known words, or nothing where there are none or too many."""
    names = list(known)
    near = get_close_matches(str(word), names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"Known: {', '.join(sorted(names))}." if 0 < len(names) <= 40 else ""


def _explain(
    detail: Any, path: Path_, inner: Path_, schema: type[BaseModel] | None, also: tuple[str, ...]
) -> tuple[str, str]:
    kind, name = detail["type"], _named(path)
    if kind == "extra_forbidden":
        known = _known_keys(schema, inner[:-1]) + (list(also) if len(inner) == 1 else [])
        return f"'{name}' is not known here.", closest(name, known)
    if kind == "missing":
        return f"'{name}' is missing.", _HINTS["missing"]
    if kind in {"literal_error", "enum"}:
        choices = [word.strip("' ") for word in detail["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"'{detail['input']}' is not a possible value of '{name}'.", closest(detail["input"], choices)
    if kind == "union_tag_invalid":
        tags = [word.strip(" '") for word in detail["ctx"]["expected_tags"].split(",")]
        tag, discriminator = detail["ctx"]["tag"], detail["ctx"]["discriminator"].strip("'")
        return f"'{tag}' is not a possible value of '{discriminator}'.", closest(tag, tags)
    if kind == "union_tag_not_found":
        return f"{detail['ctx']['discriminator']} is missing.", _HINTS["missing"]
    if kind == "string_too_short":
        return f"'{name}' must not be empty.", ""
    if kind == "string_pattern_mismatch":
        return f"'{detail['input']}' is not a possible value of '{name}'.", (
            f"It must match the pattern {detail['ctx']['pattern']}"
        )
    if kind == "too_short":
        return f"'{name}' needs at least {detail['ctx']['min_length']}.", "Add one."
    return f"'{name}'{_complaint(detail)}.", _HINTS.get(kind, "") if kind in _WANTED else ""


def _complaint(detail: Any) -> str:
    """Say of a value what it must be, or what its schema says of it."""
    kind = detail["type"]
    if kind in _LIMITS:
        return f" {_LIMITS[kind]} {next(iter(detail['ctx'].values()))}"
    if kind in _WANTED:
        return f" {_WANTED[kind]}"
    return f": {detail['msg'].removeprefix('Value error, ').rstrip('.')}"


def _named(path: Path_) -> str:
    """Call a place by its key; an entry of a list by the list's key and its number."""
    if not path:
        return "the file"
    if isinstance(path[-1], str) or len(path) == 1:
        return str(path[-1])
    return f"{path[-2]} no. {int(path[-1]) + 1}"


def _has_deeper(loc: Path_, details: list[Any]) -> bool:
    """Whether an entry of the list is wrong itself, so that counting the good ones says nothing."""
    return any(len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in details)


def _in_document(loc: Path_, at: Path_, document: Document, *, is_missing: bool) -> Path_:
    """Leave out the parts of pydantic's path that name a variant of a union, not a place in the file."""
    path = at
    for index, part in enumerate(loc):
        if (*path, part) in document.positions or (is_missing and index == len(loc) - 1):
            path = (*path, part)
    return path


def _known_keys(schema: type[BaseModel] | None, path: Path_) -> list[str]:
    models = [schema] if schema else []
    for part in path:
        if isinstance(part, str):
            fields = [model.model_fields.get(part) for model in models]
            models = [inner for field in fields if field for inner in _models_in(field.annotation)] or models
    return list(dict.fromkeys(name for model in models for name in _names(model)))


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    if get_origin(annotation) is Union or get_args(annotation):
        for inner in get_args(annotation):
            yield from _models_in(inner)

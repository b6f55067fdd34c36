"""Writes a service with a large form: every question has a condition, and every text is translated."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

A_PAGE = 10
KINDS = ("boolean", "choice", "number", "money", "date", "text", "choices", "email", "phone", "long_text")
OPTIONS = ("rent", "own", "guest", "other")
ANSWERS: dict[str, Any] = {
    "boolean": "yes",
    "choice": "rent",
    "number": "7",
    "money": "120.50",
    "date": {"day": "4", "month": "2", "year": "2020"},
    "text": "In the old mill",
    "choices": ["rent", "guest"],
    "email": "resident@example.org",
    "phone": "206 555 0100",
    "long_text": "Two lines\nof text",
}
TESTS = {
    "boolean": "{} = true",
    "choice": '{} in ("rent", "own", "other")',
    "number": "{} between 3 and 9",
    "money": "{} * 12 > 1000",
    "date": '{} < date("2024-01-01")',
    "text": "string length({}) > 2",
    "choices": 'list contains({}, "rent")',
    "email": 'contains({}, "@")',
    "phone": 'starts with({}, "206")',
    "long_text": "string length({}) > 5",
}


def write(root: Path, key: str, *, pages: int, source: Path) -> None:
    """Write a jurisdiction with one service of so many pages, ten questions and ten conditions each.

    Args:
        root: Folder of the jurisdiction; made where it is not there.
        key: Key of the service.
        pages: How many.
        source: A jurisdiction to take names, languages and agencies from.
    """
    root.mkdir(parents=True, exist_ok=True)
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(source / name, root / name)
    folder = root / "services" / key
    (folder / "locale").mkdir(parents=True, exist_ok=True)
    form = {"pages": [_page(number) for number in range(pages)]}
    info = _info(key)
    for name, document in (("service.yaml", info), ("form.yaml", form)):
        (folder / name).write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100))
    texts = dict.fromkeys([*_texts(info), *_texts(form)])
    entries = [
        f'msgid "{text}"\nmsgstr "{text.replace("the", "la").replace("The", "La")}."\n' for text in texts
    ]
    (folder / "locale/es.po").write_text("\n".join(entries))


def fields(page: int) -> dict[str, Any]:
    """Return what a browser sends for a page that is answered in full."""
    sent: dict[str, Any] = {}
    for at, kind in enumerate(KINDS):
        answer = ANSWERS[kind]
        parts = answer.items() if isinstance(answer, dict) else ()
        sent |= {f"{key_of(page, at)}-{part}": text for part, text in parts} or {key_of(page, at): answer}
    return sent


def key_of(page: int, at: int) -> str:
    """Return the key of a question."""
    return f"q{page}_{at}"


def _page(number: int) -> dict[str, Any]:
    return {
        "key": f"page-{number}",
        "title": f"The facts of part {number + 1}",
        "questions": [_question(number, at) for at in range(A_PAGE)],
    }


def _question(page: int, at: int) -> dict[str, Any]:
    kind = KINDS[at]
    place = f"{page + 1}.{at + 1}"
    question: dict[str, Any] = {
        "key": key_of(page, at),
        "type": kind,
        "label": f"What is the answer to question {place}?",
        "hint": f"You find the number {place} on the letter that we sent you.",
        "short": f"the answer {place}",
    }
    condition = _condition(page, at)
    if condition:
        question["when"] = condition
    else:  # the very first hangs on none; it is held to a rule instead
        question["valid"] = [{"that": f"{key_of(page, at)} in (true, false)", "message": "Say yes or no."}]
    if kind in {"choice", "choices"}:
        question["options"] = [{"key": option, "label": f"To {option} the home"} for option in OPTIONS]
    if kind == "number":
        question |= {"min": 0, "max": 50}
    return question


def _condition(page: int, at: int) -> str | None:
    """Hang a question on the one before it and on its like on the page before; the answers of :data:`ANSWERS` meet it."""
    above = TESTS[KINDS[at - 1]].format(key_of(page, at - 1)) if at else None
    if page == 0:
        return above
    like = TESTS[KINDS[at]].format(key_of(page - 1, at))
    return f"{like} or {above}" if above else like


def _info(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": "A large form",
        "summary": "It asks about many things.",
        "description": "It asks about many things.",
        "agency": "human-services",
        "audience": "Everybody who has much to tell.",
        "legal_basis": [{"citation": "PAMC 1.16", "title": "How we decide"}],
        "channels": [{"kind": "online"}],
        "cost": [{"amount": 0, "description": "It is free."}],
        "output": [{"name": "An answer"}],
        "processing": {"description": "You get it in ten days.", "working_days": 10},
        "languages": ["en", "es"],
        "purpose": {
            "description": "We use the answers to measure.",
            "legal_basis": "PAMC 1.16",
            "kept_for": "One year.",
        },
    }


def _texts(document: Any) -> Iterator[str]:
    """Yield what residents read."""
    if isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, str) and name in {
                "label", "hint", "short", "title", "name", "summary", "description", "audience", "kept_for",
                "message",
            }:  # fmt: skip
                yield value
            yield from _texts(value) if not isinstance(value, str) else ()
    elif isinstance(document, list):
        for item in document:
            yield from _texts(item)

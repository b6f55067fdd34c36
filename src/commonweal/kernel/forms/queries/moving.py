"""What becomes of a sheet on an older version of its service, if its owner wants to go on with the newer one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from commonweal.kernel.base.prepared import Question
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.catalogue.queries import Service, offered_asked, offered_service
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.documents import refitted
from commonweal.kernel.forms.queries.pages import review
from commonweal.kernel.forms.queries.sheets import form_of
from commonweal.kernel.forms.types.answers import Answers
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledQuestion

_ASKED = ("type", "label", "hint", "options", "per", "unit", "item")
"""What makes a question another one to whoever answers it."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An answer that has no place in the newer form.

    Attributes:
        key: The question; within a group ``group[2].name``.
        label: The question as it was asked.
        lines: The answer as the resident reads it.
    """

    key: str
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moving:
    """What going on with the newer version means.

    Attributes:
        version_id: The newer version.
        agency: Key of the agency answerable for it.
        answers: Those that stay.
        lost: Those that do not.
        new: Questions that were not there before, as they will be asked.
        again: Headings of pages that were answered, and whose questions have changed.
        again_keys: Keys of those pages.
        done_pages: Keys of the pages that stay answered.
    """

    version_id: UUID
    agency: str
    answers: Answers
    lost: tuple[Lost, ...]
    new: tuple[str, ...]
    again: tuple[str, ...]
    again_keys: frozenset[str]
    done_pages: tuple[str, ...]


def is_behind(sheet: Sheet) -> bool:
    """Whether the service has a newer version than the one that a sheet is pinned to."""
    return _newer(sheet, "") is not None


def newer_asked(sheet: Sheet) -> Question:
    """Return what :func:`is_behind` asks, to be asked together with others."""
    return offered_asked(sheet.service_key)


def moving(sheet: Sheet, language: str, *, at: datetime) -> Moving | None:
    """Return what going on with the newer version would mean; None where there is none."""
    service = _newer(sheet, language)
    if service is None:
        return None
    old, new = form_of(sheet), service.compiled.sections["form"]
    answers, misfits = refitted(new, sheet.answers)
    translate = service.compiled.translator(language)
    known = {question.key for question in old.questions}
    again = [page for page in new.pages if page.key in sheet.done_pages and _differs(page, old)]
    keys = frozenset(page.key for page in again)
    return Moving(
        version_id=service.version_id,
        agency=service.info.agency,
        answers=answers,
        lost=tuple(_lost(sheet, misfits, language, at)),
        new=tuple(translate(one.spec.label) for one in new.questions if one.key not in known),
        again=tuple(translate(page.spec.title) for page in again),
        again_keys=keys,
        done_pages=tuple(key for key in sheet.done_pages if new.page(key) is not None and key not in keys),
    )


def _newer(sheet: Sheet, language: str) -> Service | None:
    try:
        service = offered_service(sheet.service_key, language)
    except ServiceNotFound:
        return None
    is_same = service.version_id == sheet.version_id
    if is_same or service.status is not Status.LIVE or service.compiled.sections.get("form") is None:
        return None
    return service


def _differs(page: Any, old: CompiledForm) -> bool:
    before = {question.key: question for question in old.questions}
    return any(
        question.key in before and _asked(question) != _asked(before[question.key])
        for question in page.questions
    )


def _asked(question: CompiledQuestion) -> list[Any]:
    own = [getattr(question.spec, name, None) for name in _ASKED]
    return [*own, *([inner.key, *_asked(inner)] for inner in question.items)]


def _lost(sheet: Sheet, misfits: list[str], language: str, at: datetime) -> Iterator[Lost]:
    """Return the answers that have no place, as their owner has read them until now."""
    written: dict[str, Lost] = {}
    for group in review(sheet, language, at=at).groups:
        for answer in group.answers:
            written[answer.key] = Lost(answer.key, answer.label, answer.lines)
        for number, (title, answers) in enumerate(group.items, start=1):
            for answer in answers:
                place = f"[{number}].{answer.key.rpartition('.')[2]}"
                written[place] = Lost(answer.key, f"{title}: {answer.label}", answer.lines)
    for key in misfits:
        if sheet.answers.get(key, "") is None:
            continue  # it was left blank
        group_key, bracket, inner = key.partition("[")
        found = written.get(key) or written.get(f"[{inner}" if bracket else "")
        if found is None and group_key in sheet.answers and not bracket:
            found = _whole(group_key, written, sheet)
        yield Lost(key, found.label, found.lines) if found else Lost(key, key, (str(_value(sheet, key)),))


def _whole(key: str, written: dict[str, Lost], sheet: Sheet) -> Lost | None:
    """Return all items of a group that is gone, in one."""
    question = next((one for one in form_of(sheet).questions if one.key == key), None)
    if question is None or not question.is_group:
        return None
    items = [one for place, one in written.items() if place.startswith("[")]
    return Lost(key, question.spec.label, tuple(f"{one.label}: {', '.join(one.lines)}" for one in items))


def _value(sheet: Sheet, key: str) -> Any:
    group, bracket, inner = key.partition("[")
    answer = sheet.answers.get(group)
    if not bracket:
        return answer
    number, _dot, name = inner.partition("].")
    return (answer or [{}])[int(number) - 1].get(name)

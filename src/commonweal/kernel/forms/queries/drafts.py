"""Forms that a person has begun and not sent, as lists show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.catalogue.types import Translator
from commonweal.kernel.forms import rules
from commonweal.kernel.forms.models import Sheet, SheetQuerySet
from commonweal.kernel.forms.queries.pages import next_page, shown_lines
from commonweal.kernel.forms.queries.sheets import form_of
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledQuestion
from commonweal.kernel.forms.types.views import DraftCard

_MOST, _MOST_OF_A_SERVICE = 100, 10
_SHOWN = ("service_key", "version_id", "answers", "done_pages", "created_at", "updated_at", "expires_at")
_of_person = Prepared(
    lambda: (
        Sheet.objects.filter(submitted_at=None, expires_at__gt=Given("at"), owner=Given("owner"))
        .order_by("-updated_at", "-pk")
        .only(*_SHOWN)[:_MOST]
    )
)
_answered = Prepared(
    lambda: (
        Sheet.objects.filter(
            submitted_at=None,
            expires_at__gt=Given("at"),
            owner=Given("owner"),
            service_key=Given("service"),
            revision__gt=0,
        )
        .order_by("-updated_at", "-pk")
        .only("service_key")[:1]
    )
)


def draft_cards(by: Actor, language: str, *, at: datetime) -> list[DraftCard]:
    """Return the forms that a person's records have begun and not sent, at most 100, the one answered last first."""
    owners = rules.owners_of(by)
    if len(owners) == 1:
        rows: Iterable[Sheet] = _of_person.all(owner=owners[0], at=at)
    else:
        rows = _open(owners, at).only(*_SHOWN)[:_MOST]
    return [_card(row, language) for row in rows]


def drafts_asked(owner: UUID, *, at: datetime) -> Question:
    """Return what :func:`draft_cards` asks, to be asked together with others."""
    return _of_person.given(owner=owner, at=at)


def has_begun(by: Actor, service_key: str, *, at: datetime) -> bool:
    """Whether a person has an open form of a service in which something was answered."""
    owners = rules.owners_of(by)
    if len(owners) == 1:
        return _answered.one(owner=owners[0], service=service_key, at=at) is not None
    return _open(owners, at).filter(service_key=service_key, revision__gt=0).exists()


def begun_of(by: Actor, service_key: str, language: str, *, at: datetime) -> list[DraftCard]:
    """Return a person's open forms of one service in which something was answered, at most ten, with where they go on."""
    rows = _open(rules.owners_of(by), at).filter(service_key=service_key, revision__gt=0)
    found = []
    for row in rows[:_MOST_OF_A_SERVICE]:
        key = next_page(row, at=at)
        page = form_of(row).page(key) if key else None
        title = _translator(row, language)(page.spec.title) if page else ""
        found.append(replace(_card(row, language), next_page=title))
    return found


def draft_card(sheet: Sheet, language: str) -> DraftCard:
    """Return one open form as lists show it."""
    return _card(sheet, language)


def _open(owners: tuple[UUID, ...], at: datetime) -> SheetQuerySet:
    return Sheet.objects.open(at).filter(owner__in=owners).order_by("-updated_at", "-pk")


def _card(sheet: Sheet, language: str) -> DraftCard:
    form, translate = form_of(sheet), _translator(sheet, language)
    last = form.page(sheet.done_pages[-1]) if sheet.done_pages else None
    return DraftCard(
        id=sheet.pk,
        service_key=sheet.service_key,
        version_id=sheet.version_id,
        updated_at=sheet.updated_at,
        expires_at=sheet.expires_at,
        created_at=sheet.created_at,
        about=_about(form, sheet.answers, translate),
        pages_done=len(sheet.done_pages),
        last_page=translate(last.spec.title) if last else "",
    )


def _translator(sheet: Sheet, language: str) -> Translator:
    return compiled(sheet.version_id).translator(language)


def _about(form: CompiledForm, answers: Any, translate: Translator) -> str:
    """Return what a form is about, in the words of its answers."""
    wanted = [key for key in form.spec.about if answers.get(key) is not None]
    asked = {question.key: question for question in form.questions} if wanted else {}
    words = [word for key in wanted for word in _words(asked[key], answers[key], translate)]
    return ", ".join(words)


def _words(question: CompiledQuestion, answer: Any, translate: Translator) -> tuple[str, ...]:
    if not question.is_group:
        return shown_lines(question.spec, answer, translate)
    first = question.items[0]
    return tuple(line for item in answer for line in shown_lines(first.spec, item.get(first.key), translate))

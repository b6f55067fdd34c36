"""Which questions need not be asked any more, because their answers can change nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache

from commonweal.kernel.base.clock import local
from commonweal.kernel.base.declarations import Settling
from commonweal.kernel.base.expressions import Verdict
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.forms.answers.state import FormState, evaluate
from commonweal.kernel.forms.types.answers import Answers
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage, CompiledQuestion


def interview(
    service: CompiledService,
    form: CompiledForm,
    answers: Answers,
    *,
    at: datetime,
    done_pages: list[str] | None = None,
    left_out: frozenset[str] | None = None,
) -> FormState:
    """Evaluate a form over stored answers, and leave out what can no longer matter.

    Args:
        service: The service that the form belongs to.
        form: Its form.
        answers: Stored answers.
        at: When.
        done_pages: Pages that have been answered; a list whose page is not among them may still grow. None where
            the answers are a whole document.
        left_out: What was left out when the answers were sent; None where they are not sent yet.
    """
    state = evaluate(form, answers, at=at)
    if left_out is None:
        left_out = _left_out(service, form, answers, at, done_pages)
    state.leave_out(frozenset(key for key in left_out if state.asked[key] is not Verdict.FALSE))
    return state


@cache
def _settles(kind: type) -> bool:
    """Whether a section of this type can say what is settled; asking a protocol about an object is slow."""
    return issubclass(kind, Settling)


_found: dict[bytes, frozenset[str]] = {}
"""What was left out, by the hash of the answers: a page is shown soon after the one before it was saved."""
_KEPT = 1_000


def _left_out(
    service: CompiledService, form: CompiledForm, answers: Answers, at: datetime, done_pages: list[str] | None
) -> frozenset[str]:
    candidates = form.may_skip.difference(answers)
    settling = [section for section in service.sections.values() if _settles(type(section))]  # type: ignore[arg-type]  # a class is hashable
    if not candidates or not settling or not answers:
        return frozenset()
    which = [service.hash, *map(id, settling), str(local(at).date())]
    said = json.dumps([which, done_pages, answers], sort_keys=True)
    key = hashlib.sha256(said.encode()).digest()
    found = _found.get(key)
    if found is None:
        open_ = {
            question.key for question in form.questions if not _stands(question, form, answers, done_pages)
        }
        state = evaluate(form, answers, at=at, unanswered=open_)
        facts = state.facts()
        for section in settling:
            candidates &= section.settled(service.sections, facts, local(at).date())
        found = _without_brought_up(state, candidates)
        if len(_found) >= _KEPT:
            _found.clear()
        _found[key] = found
    return found


def _stands(
    question: CompiledQuestion, form: CompiledForm, answers: Answers, done_pages: list[str] | None
) -> bool:
    """Whether an answer stands; a list of things does only once its page was said to be complete."""
    if question.key not in answers:
        return False
    if not question.is_group or done_pages is None:
        return True
    return any(page.key in done_pages for page in form.pages if page.group is question)


def _without_brought_up(state: FormState, candidates: frozenset[str]) -> frozenset[str]:
    """Return the candidates without those that decide whether a question comes that is not left out itself."""
    while True:
        needed = frozenset(
            name
            for page in state.form.pages
            for question in page.questions
            if question.key not in candidates and state.asked[question.key] is Verdict.UNKNOWN
            for name in _condition_names(page, question)
        )
        if not candidates & needed:
            return candidates
        candidates -= needed


def _condition_names(page: CompiledPage, question: CompiledQuestion) -> frozenset[str]:
    """Return what decides whether a question comes."""
    whens = (when for when in (page.when, question.when) if when is not None)
    return frozenset(name for when in whens for name in when.names)


__all__ = ["interview"]

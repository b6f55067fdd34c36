"""The check by the API."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from ninja import Router, Schema
from pydantic import Field

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.entitlements import actions
from commonweal.kernel.entitlements.queries import SUGGEST, begin_check, suggestions
from commonweal.kernel.forms import queries as forms
from commonweal.kernel.ledger.actions import record_access

router = Router()
routers.register(ApiRouter("entitlements", "", router))


class CheckRequest(Schema):
    """What somebody says.

    Attributes:
        answers: By question; those left out are not known.
        service: Key of the one service to look at; all if empty.
    """

    answers: dict[str, Any] = Field(default_factory=dict)
    service: str = Field("", max_length=60)


class ProspectCard(Schema):
    """What the check finds of one service.

    Attributes:
        service: Its key.
        name: As residents know it.
        verdict: likely, perhaps or unlikely.
        outcome: Key of the outcome; empty where it is open.
        reason: Why, in plain words.
        assuming: What was taken for granted.
        depends_on: What it still hangs on, and the check does not ask.
        waits_for: Questions of the check that it still hangs on.
        law: The rules behind it.
    """

    service: str
    name: str
    verdict: str
    outcome: str
    reason: str
    assuming: str
    depends_on: list[str]
    waits_for: list[str]
    law: list[str]


class CheckAnswer(Schema):
    """What somebody may be entitled to.

    Attributes:
        prospects: One a service, the likely ones first.
        next_questions: Questions of the check that can still change something, in order; empty when all is said.
        questions: JSON Schema of the answers.
    """

    prospects: list[ProspectCard]
    next_questions: list[str]
    questions: dict[str, Any]


@router.post("/entitlements", response={200: CheckAnswer, **PROBLEMS}, summary="Check what somebody may get")
@operation(allows=anyone, discloses=NOTHING)
def check(request: ActorRequest, asked: CheckRequest) -> CheckAnswer:
    """Say of each service whether somebody is likely to get it; nothing is stored, and nobody has to sign in."""
    found = begin_check(
        asked.answers, at=clock.now(), language=translation.get_language() or "", service=asked.service
    )
    prospects = found.prospects()
    waiting = frozenset().union(*(prospect.waits_for for prospect in prospects))
    pages = forms.asked_pages(found.form, found.answers, waiting, at=found.at)
    return CheckAnswer(
        prospects=[
            ProspectCard(
                service=prospect.key,
                name=prospect.name,
                verdict=prospect.verdict,
                outcome=prospect.outcome,
                reason=prospect.reason,
                assuming=prospect.assuming,
                depends_on=list(prospect.depends_on),
                waits_for=sorted(prospect.waits_for),
                law=[law.citation for law in prospect.law],
            )
            for prospect in prospects
        ],
        next_questions=[
            question.key
            for coming in pages
            for question in coming.questions
            if question.key in waiting and question.key not in found.answers
        ],
        questions=forms.json_schema(found.form),
    )


class SuggestionCard(Schema):
    """A service that somebody may get, from what is known of them.

    Attributes:
        service: Its key.
        name: As residents know it.
        verdict: likely or perhaps.
        reason: Why, in plain words.
        assuming: What was taken for granted.
        used: What is known and was used, in words.
        unknown: What is still unknown, in words.
        law: The rules behind it.
    """

    service: str
    name: str
    verdict: str
    reason: str
    assuming: str
    used: list[str]
    unknown: list[str]
    law: list[str]


class SuggestionList(Schema):
    """What is suggested to somebody.

    Attributes:
        is_agreed: Whether they want suggestions; else nothing was worked out.
        purpose: What their data are used for.
        legal_basis: Why that may be.
        items: The likely ones first.
    """

    is_agreed: bool
    purpose: str
    legal_basis: str
    items: list[SuggestionCard]


class SuggestionsWanted(Schema):
    """Whether somebody wants suggestions.

    Attributes:
        is_agreed: True to have them, false to have them no more.
    """

    is_agreed: bool


@router.get("/suggestions", response={200: SuggestionList, **PROBLEMS}, summary="List what one may get")
@operation(allows=is_resident, discloses=SUGGEST)
def suggested(request: ActorRequest) -> SuggestionList:
    """Work out now, from what is known of whoever asks and has agreed, what they may get; nothing is stored."""
    return _suggested(request)


@router.put(
    "/suggestions", response={200: SuggestionList, **PROBLEMS}, summary="Want suggestions, or no more"
)
@operation(allows=is_resident, discloses=SUGGEST)
def want(request: ActorRequest, sent: SuggestionsWanted) -> SuggestionList:
    """Agree that what is known of oneself is used for suggestions, or take it back."""
    change = actions.agree if sent.is_agreed else actions.take_back
    change(by=request.actor, at=clock.now())
    return _suggested(request)


@router.post(
    "/suggestions/{key}/decline", response={200: SuggestionList, **PROBLEMS}, summary="Not interested"
)
@operation(allows=is_resident, discloses=SUGGEST)
def not_interested(request: ActorRequest, key: str) -> SuggestionList:
    """Hear no more of one service."""
    actions.decline(key, by=request.actor, at=clock.now())
    return _suggested(request)


def _suggested(request: ActorRequest) -> SuggestionList:
    now = clock.now()
    record_access(request.actor, request.actor.person_ids, SUGGEST, at=now)
    found = suggestions(request.actor, at=now, language=translation.get_language() or "")
    if found is None:
        return SuggestionList(is_agreed=False, purpose="", legal_basis="", items=[])
    return SuggestionList(
        is_agreed=found.is_agreed,
        purpose=found.purpose,
        legal_basis=found.legal_basis,
        items=[
            SuggestionCard(
                service=each.prospect.key,
                name=each.prospect.name,
                verdict=each.prospect.verdict,
                reason=each.prospect.reason,
                assuming=each.prospect.assuming,
                used=[f"{label} {value}" for label, value in each.used],
                unknown=list(each.unknown),
                law=[law.citation for law in each.prospect.law],
            )
            for each in found.each
        ],
    )

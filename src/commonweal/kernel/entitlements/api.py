"""The check by the API."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from ninja import Router, Schema
from pydantic import Field

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.entitlements.queries import begin_check
from commonweal.kernel.forms import queries as forms

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

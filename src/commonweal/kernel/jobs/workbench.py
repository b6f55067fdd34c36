"""The operator's page of jobs that failed."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base.clock import now
from commonweal.kernel.base.errors import Malformed
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.jobs.actions import discard_job, replay_job
from commonweal.kernel.jobs.queries import dead_letters, queue_state
from commonweal.kernel.jobs.rules import may_operate

_PAGE = 50


@require_GET
@route(allows=may_operate, discloses=NOTHING)
def dead_letter_list(request: ActorRequest) -> HttpResponse:
    """Show how the queue stands, and what was given up."""
    letters = dead_letters(request.actor, after=_after(request), limit=_PAGE)
    context = {
        "state": queue_state(request.actor, at=now()),
        "letters": letters,
        "next_after": letters[-1].id if len(letters) == _PAGE else None,
    }
    return page(request, "jobs/dead_letters.html", context)


@require_GET
@route(allows=may_operate, discloses=NOTHING)
def dead_letter_json(request: ActorRequest) -> HttpResponse:
    """The same as JSON."""
    letters = dead_letters(request.actor, after=_after(request), limit=_PAGE)
    return JsonResponse(
        {
            "state": asdict(queue_state(request.actor, at=now())),
            "dead_letters": [asdict(letter) for letter in letters],
            "next_after": letters[-1].id if len(letters) == _PAGE else None,
        }
    )


@require_POST
@route(allows=may_operate, discloses=NOTHING)
def replay(request: ActorRequest, job_id: UUID) -> HttpResponse:
    """Start a dead letter again."""
    replay_job(job_id, by=request.actor, at=now())
    return HttpResponseRedirect(reverse("jobs:dead-letters"))


@require_POST
@route(allows=may_operate, discloses=NOTHING)
def discard(request: ActorRequest, job_id: UUID) -> HttpResponse:
    """Give a dead letter up for good."""
    discard_job(job_id, by=request.actor, at=now())
    return HttpResponseRedirect(reverse("jobs:dead-letters"))


def _after(request: ActorRequest) -> UUID | None:
    text = request.GET.get("after")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Malformed from None

"""Answers about mass re-assessments. Who may see what is part of the SQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.types import Step
from commonweal.kernel.reassessments.enums import Kind, Stage
from commonweal.kernel.reassessments.errors import ReassessmentNotFound
from commonweal.kernel.reassessments.models import Item, Reassessment
from commonweal.kernel.reassessments.rules import visible
from commonweal.kernel.reassessments.types import Difference, Total
from commonweal.kernel.reassessments.working_out import work_out

MAX_ROWS = 100


def services_under(programme: str, agency: str) -> list[str]:
    """Return the keys of an agency's services that rest on a law and say how to tell of a change."""
    found = []
    for service in catalogue.live_services():
        sections = service.compiled.sections
        decision = sections.get("decision")
        is_told = sections.get("reassessment") is not None and sections.get("award") is not None
        if is_told and decision is not None and service.info.agency == agency:
            found += [service.key] if decision.spec.programme == programme else []
    return sorted(found)


def programmes_of(agency: str) -> list[tuple[str, str]]:
    """Return key and name of the laws under which an agency's awards can be looked at again."""
    return [(law.key, law.name) for law in decisions.programmes() if services_under(law.key, agency)]


def runs_for(actor: Actor) -> QuerySet[Reassessment]:
    """Return the re-assessments that an actor may see, the newest first."""
    return visible(Reassessment.objects.all(), actor).order_by("-started_at", "-id")


def run_for(run_id: UUID, *, actor: Actor) -> Reassessment:
    """Return a re-assessment that an actor may see.

    Raises:
        ReassessmentNotFound: There is none, or it is another agency's.
    """
    found = visible(Reassessment.objects.filter(pk=run_id), actor).order_by("id").first()
    if found is None:
        raise ReassessmentNotFound
    return found


def totals(run: Reassessment) -> list[Total]:
    """Return what a re-assessment comes to, for each kind of change, in one query."""
    counted = run.items.values("kind").annotate(
        awards=Count("pk"),
        pending=Count("pk", filter=Q(stage=Stage.PENDING)),
        sum_before=Sum("before_minor"),
        sum_after=Sum("after_minor"),
    )
    rows = {row["kind"]: row for row in counted.order_by("kind")}
    return [
        Total(
            kind=kind,
            awards=rows[kind]["awards"],
            pending=rows[kind]["pending"] if kind is not Kind.SAME else 0,
            before=Money(rows[kind]["sum_before"] or 0, run.currency),
            after=Money(rows[kind]["sum_after"] or 0, run.currency),
        )
        for kind in Kind
        if kind in rows
    ]


def items(
    run: Reassessment, *, kind: str = "", after: UUID | None = None, limit: int = 25
) -> tuple[list[Item], UUID | None]:
    """Return a stretch of the awards of a re-assessment, and where the next begins; None at the end.

    Args:
        run: The re-assessment.
        kind: Only those of one kind; a wrong word finds nothing.
        after: The last id of the stretch before.
        limit: At most 100.
    """
    limit = max(1, min(limit, MAX_ROWS))
    rows = run.items.select_related("award", "run")
    if kind:
        rows = rows.filter(kind=kind)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def item_for(item_id: UUID, *, actor: Actor) -> Item:
    """Return one award of a re-assessment that an actor may see.

    Raises:
        ReassessmentNotFound: There is none, or it is another agency's.
    """
    runs = visible(Reassessment.objects.all(), actor)
    found = (
        Item.objects.select_related("award", "run").filter(pk=item_id, run__in=runs).order_by("pk").first()
    )
    if found is None:
        raise ReassessmentNotFound
    return found


def differences(item: Item, *, at: datetime) -> list[Difference]:
    """Return the steps of the working-out that come to something else under the new law, in the law's order."""
    before = {step.name: step for step in decisions.explained(item.decision_before)[1]}
    after = {step.name: step for step in _steps_after(item, at)}
    order = [*after, *(name for name in before if name not in after)]
    return [
        _difference(before.get(name), after.get(name))
        for name in order
        if _value(before.get(name)) != _value(after.get(name))
    ]


def _steps_after(item: Item, at: datetime) -> tuple[Step, ...]:
    if item.decision_id is not None:
        return decisions.explained(item.decision_id)[1]
    award = awards.award(item.award_id)
    if award is None:
        return ()
    run = item.run
    found = work_out(award, on=run.reference_on, known_on=run.known_on, at=at, trace=True).found
    return found.steps if found is not None else ()


def _value(step: Step | None) -> str:
    return step.value if step is not None else ""


def _difference(before: Step | None, after: Step | None) -> Difference:
    step = after or before
    assert step is not None
    return Difference(
        label=step.label,
        before=_value(before),
        after=_value(after),
        how=after.how if after else "",
        citations=tuple(citation.text for citation in step.citations),
    )

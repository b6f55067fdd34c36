"""Answers about rounds. Who may see what is part of the SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from pydantic import ValidationError

from commonweal.engines.disclosure import LEAST, rounded
from commonweal.engines.feel import Date, Expression, to_json
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.encryption import steady_draw
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.base.templates import number
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases.enums import Status as CaseStatus
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.rounds.enums import GIVEN_UP, Answer, Status
from commonweal.kernel.rounds.errors import NoOffer, NoWaiting, RoundNotFound
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.registry import Line, Share, Standing, methods
from commonweal.kernel.rounds.rules import visible
from commonweal.kernel.rounds.types import CompiledRound

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

MAX_ROWS = 100
OFFER = "offer"
"""The kind of stage at which an offer waits for its answer."""
WITHDRAWN = "WITHDRAWN"
"""What a case that its applicant took back shows as its outcome."""


def section_of(service_key: str) -> CompiledRound:
    """Return how a service's rounds are shared out.

    Raises:
        RoundNotFound: There is no such service, or it does not decide in rounds.
    """
    try:
        found = catalogue.offered_service(service_key).compiled.sections.get("round")
    except ServiceNotFound:
        found = None
    if not isinstance(found, CompiledRound):
        raise RoundNotFound
    return found


def services_with_rounds(agency: str) -> list[tuple[str, str]]:
    """Return key and name of an agency's services that decide in rounds."""
    return [
        (service.key, service.info.name)
        for service in catalogue.live_services()
        if service.info.agency == agency and service.compiled.sections.get("round") is not None
    ]


def rounds_for(actor: Actor) -> QuerySet[Round]:
    """Return the rounds of an officer's agency, the latest first."""
    return visible(Round.objects.all(), actor).order_by("-closes_on", "-id")


def round_for(round_id: UUID, *, actor: Actor) -> Round:
    """Return a round whose list an actor may see.

    Raises:
        RoundNotFound: There is none, or it is another agency's.
    """
    found = visible(Round.objects.filter(pk=round_id), actor).order_by("pk").first()
    if found is None:
        raise RoundNotFound
    return found


def rounds_of(service_key: str) -> QuerySet[Round]:
    """Return a service's rounds, the latest first; everybody may know of them."""
    return Round.objects.filter(service_key=service_key).order_by("-closes_on", "-id")


def open_round(service_key: str, on: date) -> Round | None:
    """Return the round that an application of a day takes part in: the next that closes, and is open."""
    return open_rounds(service_key, on).first()


def open_rounds(service_key: str, on: date) -> QuerySet[Round]:
    """Return the open rounds of a service that close on a day or after, the next first."""
    rows = Round.objects.filter(service_key=service_key, status=Status.OPEN, closes_on__gte=on)
    return rows.order_by("closes_on")


def rounds_to_enter(
    section: CompiledRound, case: Case, names: Mapping[str, Any], *, at: datetime
) -> QuerySet[Round]:
    """Return the round that a case belongs to, the first of the rows; :func:`takes` says whether it still takes it.

    Args:
        section: Of its service.
        case: It is about to take part.
        names: What FEEL may name about it.
        at: When.
    """
    if section.last_day is None:
        return open_rounds(case.service_key, clock.local(case.opened_at).date())
    day = _as_date(section.last_day.evaluate(names, new_evaluation(at)))
    if day is None:
        return Round.objects.none()
    return Round.objects.filter(service_key=case.service_key, closes_on=day).order_by("closes_on")


def takes(one: Round, section: CompiledRound, *, at: datetime) -> bool:
    """Whether a round takes applications at a time: in time while it is open, late ones until its end."""
    today = clock.local(at).date()
    if one.status in {Status.CLOSING, Status.CLOSED}:
        return False
    if section.last_day is None or today <= one.closes_on:
        return one.status == Status.OPEN
    ends_on = day_of(one, section.ends_on)
    return ends_on is not None and today <= ends_on


def day_of(one: Round, expression: Expression | None) -> date | None:
    """Return a day that a service declares for its rounds; None where it declares none."""
    if expression is None:
        return None
    names = {"round": {"name": one.name, "closes_on": one.closes_on}}
    return _as_date(expression.evaluate(names, new_evaluation(clock.start_of(one.closes_on))))


def _as_date(value: Any) -> date | None:
    return date(value.year, value.month, value.day) if isinstance(value, Date) else None


def told_on(one: Round) -> date | None:
    """Return the day before which nobody is told what a round brought; None where they are told at once."""
    return day_of(one, section_of(one.service_key).told_on)


def is_too_early(one: Round, on: date) -> bool:
    """Whether what a round being issued brought must not be told yet on a day."""
    day = told_on(one) if one.status == Status.ISSUING else None
    return day is not None and on < day


def ends_on(one: Round) -> date | None:
    """Return the day until which late applications are taken and the waiting goes on; None where an officer says so."""
    return day_of(one, section_of(one.service_key).ends_on)


def rounds_over(on: date) -> list[Round]:
    """Return the first 100 decided rounds whose waiting lists have ended before a day, the oldest first.

    Those without such an end, for example of a service that is no longer offered, take nobody's place.
    """
    rows = Round.objects.filter(status=Status.DONE, closes_on__lt=on).order_by("closes_on", "id")
    ended = (one for one in rows.iterator() if (last := _ends_on_or_none(one)) is not None and last < on)
    return list(islice(ended, MAX_ROWS))


def _ends_on_or_none(one: Round) -> date | None:
    try:
        return ends_on(one)
    except RoundNotFound:  # the service is no longer offered
        return None


def said_by(section: CompiledRound, names: Mapping[str, Any], *, at: datetime) -> str | None:
    """Return what a case has to say to the method, as it is stored; None where that cannot be told."""
    value = section.entry.evaluate(names, new_evaluation(at)) if section.entry else None
    try:
        facts = methods[section.method].entry.model_validate(to_json(value))
    except (ValidationError, TypeError, ValueError):
        return None
    return json.dumps(facts.model_dump(mode="json"))


def entry_of(case_id: UUID) -> Entry | None:
    """Return a case's entry, or None while it takes part in no round."""
    return Entry.objects.select_related("round").filter(case=case_id).order_by("pk").first()


def taking_part(one: Round) -> QuerySet[Entry]:
    """Return the entries that wait for the next turn; a case that was withdrawn waits no more."""
    return (
        one.entries.filter(is_waiting=True, case__status=CaseStatus.WAITING)
        .select_related("case")
        .order_by("case__reference")
    )


def to_issue(one: Round) -> QuerySet[Entry]:
    """Return the entries that have yet to go on in a round that is being issued or closed."""
    waiting = taking_part(one)
    return waiting.filter(turn=one.turn, issued_at=None) if one.status == Status.ISSUING else waiting


def still_checked(one: Round) -> int:
    """Return how many cases were sent in time for a round that takes applications, and do not yet take part in it.

    Such a case is being checked, waits for its applicant, or waits for somebody's signature; once it is decided, it takes
    part or is closed. A case that another open round closes before is that round's.
    """
    earlier = Round.objects.filter(
        service_key=one.service_key, status=Status.OPEN, closes_on__lt=one.closes_on
    ).order_by("-closes_on")
    after = earlier.values_list("closes_on", flat=True).first()
    rows = cases.on_the_way_to("round", one.service_key, after=after, until=one.closes_on)
    return rows.exclude(pk__in=Entry.objects.filter(case__service_key=one.service_key).values("case")).count()


def standings(one: Round) -> dict[str, Standing]:
    """Return what the last turn brought, and what was issued before, by the case's reference."""
    rows = one.entries.exclude(result="").select_related("case").order_by("place", "case__reference")
    return {entry.case.reference: standing_of(entry) for entry in rows}


def standing_of(entry: Entry) -> Standing:
    """Return what an entry came to; who declined, let it lapse or withdrew holds nothing."""
    detail = json.loads(entry.detail)
    is_given_up = entry.answer in GIVEN_UP or entry.case.outcome == WITHDRAWN
    holds = bool(detail.pop("holds")) and not is_given_up
    detail.pop("before", None)
    return Standing(entry.result, holds=holds, place=entry.place, detail=detail)


def before(entry: Entry, turn: int) -> Standing | None:
    """Return what somebody was told in earlier turns; None where nothing yet."""
    if entry.turn != turn:
        return standing_of(entry) if entry.result else None
    kept = json.loads(entry.detail).get("before")
    return None if kept is None else Standing(**kept)


def told(entry: Entry) -> Standing | None:
    """Return what somebody has been told: of the last turn, or of the one before while that one is not approved."""
    return standing_of(entry) if entry.issued_at is not None else before(entry, entry.turn)


def is_news(entry: Entry) -> bool:
    """Whether what the last turn brought is something else than what was told before."""
    earlier = before(entry, entry.turn)
    method = methods[section_of(entry.round.service_key).method]
    return earlier is None or method.is_news(earlier, standing_of(entry))


def used(one: Round) -> int:
    """Return how many units of a round's pool are used by awards outside the list."""
    pool = section_of(one.service_key).pool
    return awards.capacity_used(f"{pool}:{one.closes_on}") if pool else 0


def worked_out(
    one: Round,
    facts: Mapping[str, str],
    held: Mapping[str, Standing],
    own: Mapping[str, Standing],
) -> Mapping[str, Standing]:
    """Share out what a round has, without writing anything: the same facts and seed bring the same.

    Args:
        one: The round, its seed drawn.
        facts: Stored facts of those who ask, by the case's reference.
        held: What others keep.
        own: What those who ask have had since an earlier turn.
    """
    method = methods[section_of(one.service_key).method]
    entries = {key: method.entry.model_validate_json(text) for key, text in facts.items()}
    settings = method.settings.model_validate(one.settings)
    return method.work_out(settings, one.seed, entries, held, used(one), own, one.turn)


def public_lines(one: Round) -> list[Line]:
    """Return what a decided round comes to, for everybody: numbers of people rounded, and no sum that few share.

    A sum is told once the round is closed, for until then it changes with each offer that somebody declines; the
    difference would be theirs. See :mod:`commonweal.engines.disclosure`.
    """
    found = []
    for place, line in enumerate(lines(one)):
        value = line.value
        if line.is_count and line.people is not None:
            draw = steady_draw(f"round:{one.pk}:{place}", below=LEAST)
            value = number(rounded(line.people, base=LEAST, draw=draw))
        elif line.people is not None and (one.status != Status.CLOSED or line.people < LEAST):
            value = _("not told, so that nobody can be found in it")
        found.append(Line(line.label, value))
    return found


def lines(one: Round, labels: Mapping[str, str] | None = None) -> list[Line]:
    """Return what a round comes to, exactly, for officers of its agency; ``labels`` saves looking them up once more."""
    method = methods[section_of(one.service_key).method]
    found = method.lines(method.settings.model_validate(one.settings), standings(one))
    labels = labels_of(one.service_key) if labels is None else labels
    return [replace(line, label=labels.get(line.label, line.label)) for line in found]


def shares(one: Round, labels: Mapping[str, str], *, is_public: bool) -> list[dict[str, str]]:
    """Return what a round comes to at each of its places, as rows of a table; for everybody, people are rounded."""
    method = methods[section_of(one.service_key).method]

    def people(share: Share, name: str) -> str:
        count: int = getattr(share, name)
        if not is_public:
            return number(count)
        draw = steady_draw(f"round:{one.pk}:{share.key}:{name}", below=LEAST)
        return number(rounded(count, base=LEAST, draw=draw))

    return [
        {
            "place": labels.get(share.key, share.key),
            "available": number(share.available),
            "given": people(share, "given"),
            "waiting": people(share, "waiting"),
        }
        for share in method.shares(method.settings.model_validate(one.settings), standings(one))
    ]


def labels_of(service_key: str) -> dict[str, str]:
    """Return what the keys of the method are called, in the reader's language."""
    service = catalogue.offered_service(service_key).compiled
    translate = service.translator(translation.get_language() or "")
    section = service.sections.get("round")
    declared = section.labels if isinstance(section, CompiledRound) else {}
    return {key: translate(label) for key, label in declared.items()}


def list_of(one: Round, *, offset: int = 0, limit: int = 25) -> tuple[list[Entry], int]:
    """Return a stretch of a round's list, the first first, and how long the list is."""
    rows = one.entries.select_related("case").order_by(
        F("place").asc(nulls_last=True), "case__reference", "id"
    )
    return list(rows[offset : offset + max(1, min(limit, MAX_ROWS))]), rows.count()


def offer_for(reference: str, *, actor: Actor, on: date) -> Entry:
    """Return the entry of one's own case that holds an offer which waits for an answer, and still stands on a day.

    Raises:
        NoOffer: There is none.
    """
    mine = Q(case__reference=reference, case__applicant__in=actor.person_ids)
    found = (
        Entry.objects.select_related("case", "round")
        .filter(mine, answer="", answer_due_on__gte=on, case__status=CaseStatus.WAITING)
        .order_by("pk")
        .first()
    )
    if found is None or cases.stage_kind(found.case) != OFFER:
        raise NoOffer
    return found


def offers_of(one: Round) -> list[tuple[str, UUID]]:
    """Return reference and applicant of the cases whose offer waits for an answer."""
    rows = one.entries.filter(answer="", answer_due_on__isnull=False).order_by("case__reference")
    return list(rows.values_list("case__reference", "case__applicant_id"))


def waits_for(reference: str, *, actor: Actor) -> Entry:
    """Return the entry of one's own case that has a place and waits for a better one.

    Raises:
        NoWaiting: There is none.
    """
    mine = Q(case__reference=reference, case__applicant__in=actor.person_ids)
    rows = Entry.objects.select_related("case", "round").filter(mine, is_waiting=True, answer=Answer.ACCEPTED)
    found = rows.order_by("pk").first()
    if found is None or found.case.status != CaseStatus.WAITING:
        raise NoWaiting
    return found


def fact_of(one: Round, entry: Entry | None = None) -> Mapping[str, Any]:
    """Return what FEEL sees as ``round``: what there is, and what it brought a case once that is decided."""
    standing = None if entry is None else told(entry)
    return {
        **dict.fromkeys(methods[section_of(one.service_key).method].details),
        **({} if standing is None else standing.detail),
        "name": one.name,
        "closes_on": one.closes_on,
        "settings": one.settings,
        "used": used(one),
        "result": None if standing is None else standing.result,
        "place": None if standing is None else standing.place,
        "turn": entry.turn if entry is not None and entry.issued_at is not None else 0,
        "answer": (entry.answer or None) if entry is not None else None,
    }

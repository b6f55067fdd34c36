"""What changes a rehearsal. Each step is played first, where it is undone; then only what was done is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.authoring.errors import DraftNotFound, RehearsalNotFound
from commonweal.kernel.authoring.models import Draft, Rehearsal
from commonweal.kernel.authoring.playing import WAIT, Scene, done, due_next, played, sent, waited
from commonweal.kernel.authoring.residents import RESIDENTS
from commonweal.kernel.authoring.rules import allows, may_rehearse
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry

R = TypeVar("R")
KEPT_FOR = timedelta(days=14)
AT_ONCE = 20
MOST_STEPS = 20
MOST_DAYS = 3_660
_BATCH = 1_000


@action
def begin_rehearsal(
    service_key: str,
    *,
    draft_id: UUID | None,
    law_id: UUID | None = None,
    resident: str,
    language: str,
    by: Actor,
    at: datetime,
) -> Rehearsal:
    """Begin a rehearsal of a draft, or of the version that residents meet, for practice.

    Args:
        service_key: The service.
        draft_id: The draft whose text is rehearsed, also while it is being changed; None for the live version.
        law_id: The draft of a law that counts; left out, the one beside the draft of the service, or the law in force.
        resident: Key of an invented resident.
        language: In which the resident reads.
        by: Who rehearses; nobody else sees it.
        at: When.

    Raises:
        DraftNotFound: There is none, or it is another agency's.
        ServiceNotFound: The officer's agency offers no such service.
        Invalid: There is no such resident or language.
        Conflict: The officer has twenty rehearsals already.
        Forbidden: The officer may not rehearse.
    """
    if not may_rehearse(by) or not by.agency:
        raise Forbidden
    if resident not in RESIDENTS or language not in current().languages:
        raise Invalid({"resident": _("Choose who applies, and in which language.")})
    draft, law = _texts(draft_id, law_id, by)
    key = draft.service_key if draft else service_key
    if draft is None:
        offered = catalogue.offered_version(key)
        if offered is None or offered.agency != by.agency:
            raise ServiceNotFound(service=key)
    if Rehearsal.objects.filter(officer=by.id).count() >= AT_ONCE:
        raise Conflict
    rehearsal = Rehearsal.objects.create(
        draft=draft,
        law=law,
        service_key=key,
        agency=by.agency,
        officer=by.id,
        resident=resident,
        language=language,
        began_at=at,
        expires_at=at + KEPT_FOR,
    )
    record("authoring.rehearsal_begun", stream=rehearsal.stream, by=by, at=at, rehearsal=str(rehearsal.pk))
    return rehearsal


def answer_in_rehearsal(rehearsal_id: UUID, act: Callable[[Scene], R], *, by: Actor, at: datetime) -> R:
    """Answer a page, as the invented resident.

    Args:
        rehearsal_id: The rehearsal.
        act: What the resident does with the sheet; it is played and undone.
        by: Who rehearses.
        at: When.

    Raises:
        RehearsalNotFound: There is none, or it is another officer's.
        Conflict: The application was sent.
        AnswersInvalid: Some answers cannot be accepted.
    """
    rehearsal = _own(rehearsal_id, by)
    if rehearsal.is_sent:
        raise Conflict
    with played(rehearsal) as scene:
        saved = act(scene)
        sheet = scene.sheet()
    rehearsal.answers, rehearsal.sources = sheet.answers, sheet.sources
    rehearsal.done_pages = sheet.done_pages
    _note(rehearsal, ("answers", "sources", "done_pages"), "answered", by, at)
    return saved


def send_in_rehearsal(rehearsal_id: UUID, *, by: Actor, at: datetime) -> Rehearsal:
    """Send the application; sending it again changes nothing.

    Raises:
        RehearsalNotFound: There is none, or it is another officer's.
        AnswersInvalid: Something is missing.
    """
    rehearsal = _own(rehearsal_id, by)
    if rehearsal.is_sent:
        return rehearsal
    with played(rehearsal) as scene:
        case = sent(scene).case
    assert case is not None
    rehearsal.is_sent, rehearsal.reference = True, case.reference
    _note(rehearsal, ("is_sent", "reference"), "sent", by, at)
    return rehearsal


def rehearse_step(rehearsal_id: UUID, step: Mapping[str, Json], *, by: Actor, at: datetime) -> Rehearsal:
    """Do what the officer of the case's team would do.

    Args:
        rehearsal_id: The rehearsal.
        step: ``act`` (confirm, decide, ask); for a decision by hand ``outcome``, ``reasons`` and ``legal_ground``, for a
            question ``question``.
        by: Who rehearses.
        at: When.

    Raises:
        RehearsalNotFound: There is none, or it is another officer's.
        Conflict: The application was not sent, or too much was done with it.
        CommonwealError: What a real case would answer.
    """
    rehearsal = _own(rehearsal_id, by)
    if not rehearsal.is_sent or len(rehearsal.steps) >= MOST_STEPS:
        raise Conflict
    with played(rehearsal) as scene:
        done(scene, dict(step))
    rehearsal.steps = [*rehearsal.steps, dict(step)]
    _note(rehearsal, ("steps",), "decided", by, at)
    return rehearsal


def let_time_pass(rehearsal_id: UUID, *, days: int | None, by: Actor, at: datetime) -> Rehearsal:
    """Let time pass in a rehearsal: its clock goes on, and what the nights' jobs would do to its case is done.

    Args:
        rehearsal_id: The rehearsal.
        days: How many; None for the day on which something happens next.
        by: Who rehearses.
        at: When, by the real clock.

    Raises:
        RehearsalNotFound: There is none, or it is another officer's.
        Invalid: It is no number of days between 1 and 3,660, or nothing is to come.
        Conflict: The application was not sent, or too much was done with it.
        CommonwealError: What a night's job would say.
    """
    rehearsal = _own(rehearsal_id, by)
    if not rehearsal.is_sent or len(rehearsal.steps) >= MOST_STEPS:
        raise Conflict
    if days is not None and not 0 < days <= MOST_DAYS:
        raise Invalid({"days": _("Enter a number of days between 1 and %(most)s.") % {"most": MOST_DAYS}})
    with played(rehearsal) as scene:
        until = due_next(scene) if days is None else scene.today + timedelta(days=days)
        if until is None or (until - clock.local(rehearsal.began_at).date()).days > MOST_DAYS:
            raise Invalid({"days": _("Nothing happens by itself any more that could be waited for.")})
        waited(scene, until=until)
    rehearsal.steps = [*rehearsal.steps, {"act": WAIT, "until": until.isoformat()}]
    _note(rehearsal, ("steps",), "waited", by, at)
    return rehearsal


@action
def end_rehearsal(rehearsal_id: UUID, *, by: Actor, at: datetime) -> None:
    """Throw a rehearsal away.

    Raises:
        RehearsalNotFound: There is none, or it is another officer's.
    """
    rehearsal = _own(rehearsal_id, by)
    record("authoring.rehearsal_ended", stream=rehearsal.stream, by=by, at=at, rehearsal=str(rehearsal.pk))
    rehearsal.delete()


def sweep_rehearsals(*, by: Actor, at: datetime) -> int:
    """Delete rehearsals whose fortnight is over, at most 1,000 a call; return how many."""
    with Transaction():
        rows = list(Rehearsal.objects.filter(expires_at__lte=at).order_by("expires_at", "pk")[:_BATCH])
        if rows:
            entries = [Entry(row.stream, None, {"rehearsal": str(row.pk)}) for row in rows]
            record_many("authoring.rehearsal_swept", entries, by=by, at=at)
            Rehearsal.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _texts(draft_id: UUID | None, law_id: UUID | None, by: Actor) -> tuple[Draft | None, Draft | None]:
    """Return the draft of a service that is rehearsed, and that of a law that counts in it."""
    draft = _draft(draft_id, by) if draft_id else None
    law = _draft(law_id, by) if law_id else draft.law_beside if draft else None
    if (law is not None and not law.is_law) or (draft is not None and draft.is_law):
        raise DraftNotFound
    return draft, law


def _draft(draft_id: UUID, by: Actor) -> Draft:
    found = Draft.objects.filter(pk=draft_id).select_related("beside").order_by("pk").first()
    if found is None or not allows(by, found):
        raise DraftNotFound
    return found


def _own(rehearsal_id: UUID, by: Actor) -> Rehearsal:
    found = (
        Rehearsal.objects.filter(pk=rehearsal_id, officer=by.id)
        .select_related("draft", "law")
        .order_by("pk")
        .first()
    )
    if found is None or not may_rehearse(by):
        raise RehearsalNotFound
    return found


@action
def _note(rehearsal: Rehearsal, fields: tuple[str, ...], what: str, by: Actor, at: datetime) -> None:
    rehearsal.save(update_fields=fields)
    record(
        "authoring.rehearsed", stream=rehearsal.stream, by=by, at=at, rehearsal=str(rehearsal.pk), what=what
    )

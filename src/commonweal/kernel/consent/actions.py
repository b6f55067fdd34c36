"""Everything that changes requests for erasure and holds, and that erases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from commonweal.kernel.base.errors import Forbidden, Invalid, NotFound
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.personal import Erasure as How
from commonweal.kernel.base.personal import must_not_be_held, without_held
from commonweal.kernel.base.rules import is_officer
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.consent import erasing, rules, telling
from commonweal.kernel.consent.enums import OPEN, Status
from commonweal.kernel.consent.errors import (
    ErasureElsewhere,
    ErasureMovedOn,
    HoldMovedOn,
    NotErasableYet,
    SecondOfficerNeeded,
)
from commonweal.kernel.consent.models import Erasure, Hold
from commonweal.kernel.consent.registry import matters
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.ledger.actions import erase_subject, record
from commonweal.kernel.ledger.queries import has_stream
from commonweal.kernel.people import queries as people

ERASE_JOB = "consent.erase"
REASON_LENGTH = 1_000


@action
def request_erasure(person_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> Erasure:
    """Ask that a person's data be erased; a request that is open already is returned as it is.

    A resident asks for the own data. An officer who asks has checked the request, too: another one confirms it.

    Args:
        person_id: Any record of the person.
        by: The person, or an officer who may erase.
        at: When, with a time zone.
        reason: An officer says why.

    Raises:
        NotFound: There is no such person.
        Forbidden: The actor is neither.
        Invalid: An officer gives no reason.
        ErasureElsewhere: Another agency deals with a request already.
    """
    person_id = people.standing_id(person_id)
    is_own = rules.is_own_business(by, person_id)
    if not is_own and not (is_officer(by) and rules.may_erase(by)):
        raise Forbidden
    reason = readable(reason)
    if not is_own and not 0 < len(reason) <= REASON_LENGTH:
        raise Invalid({"reason": _("Say why the data are to be erased, in at most 1,000 letters.")})
    standing = Erasure.objects.filter(person_id=person_id, status__in=OPEN).order_by("id").first()
    if standing is not None:
        return _if_seen(standing, by)
    try:
        with transaction.atomic():
            erasure = Erasure.objects.create(
                person_id=person_id,
                agency="" if is_own else by.agency or "",
                status=Status.REQUESTED if is_own else Status.CHECKED,
                reason=reason,
                requested_by=f"{by.kind}:{by.id}",
                requested_at=at,
                checked_by=None if is_own else UUID(by.id),
            )
    except IntegrityError:  # another request was quicker
        return _if_seen(Erasure.objects.get(person_id=person_id, status__in=OPEN), by)
    _record("requested", erasure, by=by, at=at, reason=reason)
    return erasure


def _if_seen(standing: Erasure, by: Actor) -> Erasure:
    if not rules.allows_erasure(by, standing):
        raise ErasureElsewhere
    return standing


@action
def withdraw_erasure(erasure_id: UUID, *, by: Actor, at: datetime) -> Erasure:
    """Take one's own request back, as long as nothing has been erased.

    Raises:
        NotFound: There is no such request of this resident.
        ErasureMovedOn: It is being carried out, or finished.
    """
    erasure = _locked(erasure_id)
    if not rules.is_own_business(by, erasure.person_id):
        raise NotFound
    return _finish(erasure, Status.WITHDRAWN, {Status.REQUESTED, Status.CHECKED}, by=by, at=at)


@action
def refuse_erasure(erasure_id: UUID, *, answer: str, by: Actor, at: datetime) -> Erasure:
    """Refuse a request; the person reads why.

    Raises:
        NotFound: There is no such request.
        Forbidden: The actor may not erase.
        Invalid: There is no answer.
        ErasureMovedOn: It is being carried out, or finished.
    """
    erasure = _dealt_with(erasure_id, by)
    answer = readable(answer)
    if not 0 < len(answer) <= REASON_LENGTH:
        raise Invalid({"answer": _("Say why you refuse, in at most 1,000 letters. The person reads it.")})
    erasure.answer = answer
    return _finish(erasure, Status.REFUSED, {Status.REQUESTED, Status.CHECKED}, by=by, at=at)


@action
def check_erasure(erasure_id: UUID, *, by: Actor, at: datetime) -> Erasure:
    """Note that one officer has looked at what goes and what stays. Doing it again changes nothing.

    From now on the officer's agency deals with it.

    Raises:
        NotFound: There is no such request.
        Forbidden: The actor may not erase.
        ErasureMovedOn: Another officer has checked it, or it is further on.
    """
    erasure = _dealt_with(erasure_id, by)
    if erasure.status == Status.CHECKED and erasure.checked_by == UUID(by.id):
        return erasure
    if erasure.status != Status.REQUESTED:
        raise ErasureMovedOn
    erasure.status, erasure.checked_by, erasure.agency = Status.CHECKED, UUID(by.id), by.agency or ""
    erasure.save(update_fields=["status", "checked_by", "agency"])
    _record("checked", erasure, by=by, at=at)
    return erasure


@action
def confirm_erasure(erasure_id: UUID, *, by: Actor, at: datetime) -> Erasure:
    """Let a request be carried out: a job erases what may go. Another officer than the one who checked it does so.

    Raises:
        NotFound: There is no such request.
        Forbidden: The actor may not erase.
        ErasureMovedOn: It was not checked yet, or is further on.
        SecondOfficerNeeded: The actor checked it.
        NotErasableYet: A hold forbids it, or something of the person is open.
    """
    erasure = _dealt_with(erasure_id, by)
    if erasure.status != Status.CHECKED:
        raise ErasureMovedOn
    if erasure.checked_by == UUID(by.id):
        raise SecondOfficerNeeded
    persons = people.record_ids(erasure.person_id)
    for obstacle in erasing.obstacles(persons, erasing.kept_of(persons, at=at), at=at):
        raise NotErasableYet(reason=obstacle)
    erasure.status, erasure.confirmed_by, erasure.confirmed_at = Status.RUNNING, UUID(by.id), at
    erasure.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    _record("confirmed", erasure, by=by, at=at)
    _enqueue(erasure, at=at)
    return erasure


def _enqueue(erasure: Erasure, *, at: datetime) -> None:
    enqueue(ERASE_JOB, {"erasure": str(erasure.pk)}, at=at, unique_key=f"{ERASE_JOB}:{erasure.pk}")


@action
def resume_erasure(erasure_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Go on with an erasure that waited for what the law keeps; False if it does not wait."""
    erasure = _locked(erasure_id)
    if erasure.status != Status.PARTLY:
        return False
    erasure.status = Status.RUNNING
    erasure.save(update_fields=["status"])
    _record("resumed", erasure, by=by, at=at)
    _enqueue(erasure, at=at)
    return True


@action
def erase_step(
    erasure_id: UUID, *, table: int, after: str, by: Actor, at: datetime
) -> tuple[int, str] | None:
    """Erase the next rows of a confirmed erasure; return where to go on, or None at its end.

    What was erased stays so if it is interrupted. A hold, or an application sent meanwhile, stops it: it waits, and
    goes on by itself once that is settled.

    Args:
        erasure_id: A request that is being carried out.
        table: How many tables are done.
        after: Key of the last row of this table that was looked at; empty at its beginning.
        by: The job.
        at: When, with a time zone.
    """
    erasure = _locked(erasure_id)
    if erasure.status != Status.RUNNING:
        return None
    persons = people.record_ids(erasure.person_id)
    kept = erasing.kept_of(persons, at=at)
    if any(erasing.obstacles(persons, kept, at=at)):
        _wait(erasure, by=by, at=at)
        return None
    tables = erasing.erasable()
    while table < len(tables):
        about = erasing.may_go(tables[table], erasing.rows_about(tables[table], persons), kept, at=at)
        rows, reached = erasing.batch(about, after=after)
        if reached:
            erasing.erase_rows(tables[table], rows, by=by, at=at)
            return table, reached
        table, after = table + 1, ""
    found = erasing.survey(persons, at=at)
    if found.is_name_kept:
        _wait(erasure, by=by, at=at)
        _tell_once(erasure, at=at)
        return None
    card = people.person_card(erasure.person_id)
    for each in erasing.last():
        erasing.erase_rows(each, erasing.rows_about(each, persons), by=by, at=at)
    for person in persons:
        erase_subject(person, by=by, at=at)
    erasure.status, erasure.next_on, erasure.finished_at = Status.DONE, None, at
    erasure.save(update_fields=["status", "next_on", "finished_at"])
    record("consent.erasure_done", stream=erasure.stream, by=by, at=at)  # its subject has no key any more
    telling.tell_done(erasure, card, at=at)
    return None


def _wait(erasure: Erasure, *, by: Actor, at: datetime) -> None:
    """Let an erasure rest until more of it can be done; what cannot be told is looked at tomorrow."""
    persons = people.record_ids(erasure.person_id)
    found = erasing.survey(persons, at=at)
    tomorrow = (at + timedelta(days=1)).date()
    erasure.status, erasure.next_on = Status.PARTLY, max(found.next_on or tomorrow, tomorrow)
    erasure.save(update_fields=["status", "next_on"])
    _record("waits", erasure, by=by, at=at, next_on=erasure.next_on)


def _tell_once(erasure: Erasure, *, at: datetime) -> None:
    """Say that a part is done, when the law lets no more go now for the first time."""
    if erasure.told_at is None:
        erasure.told_at = at
        erasure.save(update_fields=["told_at"])
        telling.tell_waits(erasure, people.person_card(erasure.person_id), at=at)


@action
def erase_stream(stream: str, *, by: Actor, at: datetime) -> None:
    """Erase what belongs to a matter that is no longer kept, in every app, but for what another law keeps.

    Raises:
        UnderHold: A hold forbids it.
    """
    must_not_be_held(streams=[stream])
    for table in erasing.tables():
        model, declared = table
        if declared.stream and declared.erasure is not How.WITH_PARENT:
            rows = model._default_manager.filter(**{declared.stream: stream})  # noqa: SLF001 - Django's documented model API
            erasing.erase_rows(table, erasing.may_go(table, rows, [], at=at), by=by, at=at)
    record("consent.stream_erased", stream=stream, by=by, at=at)


@action
def retain_step(*, table: int, by: Actor, at: datetime) -> int | None:
    """Erase some rows that are past their retention, and on which no hold is; return which table is next, or None.

    Args:
        table: How many tables are done.
        by: The job.
        at: When, with a time zone.
    """
    tables = erasing.tables()
    while table < len(tables):
        model, declared = tables[table]
        if declared.expired is not None:
            expired = model._default_manager.filter(declared.expired(at))  # noqa: SLF001 - likewise
            rows, reached = erasing.batch(without_held(expired, declared))
            if reached:
                gone = rows.count()
                erasing.erase_rows(tables[table], rows, by=by, at=at)
                label = model._meta.label  # noqa: SLF001 - likewise
                record(
                    "consent.retention_kept", stream="consent:retention", by=by, at=at, table=label, rows=gone
                )
                return table
        table += 1
    return None


@action
def place_hold(
    *, reason: str, by: Actor, at: datetime, person_id: UUID | None = None, stream: str = ""
) -> Hold:
    """Forbid that a person's data, or a matter, are deleted; one that the agency has on it already is returned.

    Args:
        reason: Why, for example the number of a court's file.
        by: An officer who may place holds.
        at: When, with a time zone.
        person_id: The person, or None.
        stream: The matter, by what people call it, for example the reference of a case, or by its stream in the ledger,
            ``case:<id>``; one of the two. It is the officer's agency's own, or belongs to none.

    Raises:
        Forbidden: The actor may not place holds.
        Invalid: There is no reason, not exactly one of the two, or no such matter of this agency.
        NotFound: There is no such person.
    """
    if not (is_officer(by) and rules.may_hold(by)):
        raise Forbidden
    reason = readable(reason)
    wrong = {}
    stream = _as_recorded(stream)
    if not 0 < len(reason) <= REASON_LENGTH:
        wrong["reason"] = _("Say why, in at most 1,000 letters.")
    if (person_id is None) is (not stream):
        wrong["target"] = _("Name a person or a matter, and not both.")
    elif stream and not _is_known(stream, by):
        wrong["target"] = _("There is no such matter. Copy its number from the page of the case.")
    if wrong:
        raise Invalid(wrong)
    subject = people.standing_id(person_id) if person_id else None
    agency = by.agency or ""
    rows = Hold.objects.filter(subject=subject, stream=stream, agency=agency, released_at=None)
    standing = rows.order_by("id").first()
    if standing is not None:
        return standing
    hold = Hold.objects.create(
        subject=subject,
        stream=stream,
        agency=agency,
        reason=reason,
        placed_by=f"{by.kind}:{by.id}",
        placed_at=at,
    )
    _record_hold("placed", hold, by=by, at=at, reason=reason)
    return hold


def _as_recorded(stream: str) -> str:
    """Return a stream as the ledger writes it, however its number was typed, or whatever people call the matter."""
    prefix, _colon, number = stream.strip().partition(":")
    try:
        return f"{prefix.strip().lower()}:{UUID(number.strip())}"
    except ValueError:
        called = (matter.find(stream.strip()) for matter in matters)
        return next(filter(None, called), stream.strip())


def _is_known(stream: str, by: Actor) -> bool:
    """Whether a hold on this stream can hold anything, and is this officer's to place."""
    prefix = stream.partition(":")[0]
    if prefix in matters:
        return matters[prefix].agency(stream) in {"", by.agency}
    return has_stream(stream)


@action
def ask_release(hold_id: UUID, *, reason: str, by: Actor, at: datetime) -> Hold:
    """Say as the first officer that a hold may end; it stands until another one agrees. Doing it again changes nothing.

    Raises:
        Forbidden: The actor may not place holds.
        NotFound: There is no such hold of the actor's agency.
        Invalid: There is no reason.
        HoldMovedOn: Another officer has said so before, or it has ended.
    """
    hold = _seen_hold(hold_id, by)
    reason = readable(reason)
    if not 0 < len(reason) <= REASON_LENGTH:
        raise Invalid({"reason": _("Say why, in at most 1,000 letters.")})
    if hold.released_at is None and hold.release_asked_by == _named(by):
        return hold
    if hold.released_at is not None or hold.release_asked_by:
        raise HoldMovedOn
    hold.release_asked_by, hold.release_asked_at, hold.release_reason = _named(by), at, reason
    hold.save(update_fields=["release_asked_by", "release_asked_at", "release_reason"])
    _record_hold("release_asked", hold, by=by, at=at, reason=reason)
    return hold


@action
def keep_hold(hold_id: UUID, *, by: Actor, at: datetime) -> Hold:
    """Let a hold stand after all: nobody says any more that it may end. Doing it again changes nothing.

    Raises:
        Forbidden: The actor may not place holds.
        NotFound: There is no such hold of the actor's agency.
        HoldMovedOn: It has ended.
    """
    hold = _seen_hold(hold_id, by)
    if hold.released_at is not None:
        raise HoldMovedOn
    if hold.release_asked_by:
        hold.release_asked_by, hold.release_asked_at, hold.release_reason = "", None, ""
        hold.save(update_fields=["release_asked_by", "release_asked_at", "release_reason"])
        _record_hold("kept", hold, by=by, at=at)
    return hold


@action
def release_hold(hold_id: UUID, *, by: Actor, at: datetime) -> Hold:
    """End a hold, as another officer than the one who said that it may end. Doing it again changes nothing.

    Raises:
        Forbidden: The actor may not place holds.
        NotFound: There is no such hold of the actor's agency.
        HoldMovedOn: Nobody has said that it may end.
        SecondOfficerNeeded: The actor has.
    """
    hold = _seen_hold(hold_id, by)
    if hold.released_at is not None:
        return hold
    if not hold.release_asked_by:
        raise HoldMovedOn
    if hold.release_asked_by == _named(by):
        raise SecondOfficerNeeded
    hold.released_at, hold.released_by = at, _named(by)
    hold.save(update_fields=["released_at", "released_by"])
    _record_hold("released", hold, by=by, at=at, reason=hold.release_reason)
    return hold


def _seen_hold(hold_id: UUID, by: Actor) -> Hold:
    """Lock a hold of the officer's agency."""
    if not (is_officer(by) and rules.may_hold(by)):
        raise Forbidden
    hold = Hold.objects.select_for_update().filter(pk=hold_id).order_by().first()
    if hold is None or not rules.allows_hold(by, hold):
        raise NotFound
    return hold


def _named(by: Actor) -> str:
    return f"{by.kind}:{by.id}"


def _record_hold(what: str, hold: Hold, *, by: Actor, at: datetime, reason: str = "") -> None:
    # Words about a matter may name somebody: without a subject's key to seal them, they stay out.
    said = {"reason": reason} if hold.subject and reason else {}
    record(
        f"consent.hold_{what}",
        stream=f"hold:{hold.pk}",
        subject=hold.subject,
        by=by,
        at=at,
        held=hold.stream or str(hold.subject),
        **said,
    )


def _dealt_with(erasure_id: UUID, by: Actor) -> Erasure:
    """Lock a request that the officer's agency deals with, or none yet."""
    if not (is_officer(by) and rules.may_erase(by)):
        raise Forbidden
    erasure = _locked(erasure_id)
    if not rules.allows_erasure(by, erasure):
        raise NotFound
    return erasure


def _locked(erasure_id: UUID) -> Erasure:
    erasure = Erasure.objects.select_for_update().filter(pk=erasure_id).order_by().first()
    if erasure is None:
        raise NotFound
    return erasure


def _finish(erasure: Erasure, status: Status, before: set[Status], *, by: Actor, at: datetime) -> Erasure:
    if erasure.status == status:
        return erasure
    if erasure.status not in before:
        raise ErasureMovedOn
    erasure.status, erasure.finished_at = status, at
    erasure.save(update_fields=["status", "finished_at", "answer"])
    _record(str(status), erasure, by=by, at=at, answer=erasure.answer)
    return erasure


def _record(what: str, erasure: Erasure, *, by: Actor, at: datetime, **more: Any) -> None:
    record(f"consent.erasure_{what}", stream=erasure.stream, subject=erasure.person_id, by=by, at=at, **more)

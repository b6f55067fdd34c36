"""Everything that changes a round."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.cases import actions as cases
from commonweal.kernel.cases import queries as case_queries
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry as LedgerEntry
from commonweal.kernel.rounds import queries
from commonweal.kernel.rounds.enums import Answer, Status
from commonweal.kernel.rounds.errors import (
    NoRounds,
    NotClosedYet,
    NothingLeft,
    RoundFourEyes,
    RoundMovedOn,
    RoundNotFound,
    StillChecked,
    WrongStep,
)
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.registry import Standing, methods
from commonweal.kernel.rounds.rules import allows, may_approve

ISSUE = "rounds.issue"
_NAME = 100
_GOING_ON = (Status.ISSUING, Status.CLOSING)
_WORKED_OUT = ("turn", "revision", "seed", "status", "worked_out_by", "worked_out_at", "approved_by")


@action
def open_round(
    service_key: str, *, name: str, closes_on: date, settings: str, by: Actor, at: datetime
) -> Round:
    """Open a round: from now on, applications until its last day take part in it.

    Args:
        service_key: A service of the officer's agency that decides in rounds.
        name: As residents know it.
        closes_on: Last day for an application; not before today.
        settings: What there is to share out, as the method reads it.
        by: An officer of the agency; named in the ledger.
        at: When.

    Raises:
        NoRounds: The service does not decide in rounds, or is another agency's.
        Invalid: A field is empty or cannot be read, or another round closes on that day.
    """
    if service_key not in dict(queries.services_with_rounds(by.agency or "")):
        raise NoRounds({"service_key": str(NoRounds.message)})
    problems = _problems(service_key, name, closes_on, at)
    try:
        read = methods[queries.section_of(service_key).method].read_settings(settings)
    except ValueError as error:
        problems["settings"] = str(error)
    if problems:
        raise Invalid(problems)
    one = Round.objects.create(
        id=new_id(),
        service_key=service_key,
        agency=by.agency or "",
        name=readable(name),
        closes_on=closes_on,
        settings=read.model_dump(mode="json"),
        opened_by=by.id,
        opened_at=at,
    )
    record(
        "rounds.opened",
        stream=one.stream,
        by=by,
        at=at,
        service=service_key,
        closes_on=closes_on,
        settings=one.settings,
    )
    return one


def _problems(service_key: str, name: str, closes_on: date, at: datetime) -> dict[str, str]:
    found = {}
    if not 0 < len(readable(name)) <= _NAME:
        found["name"] = _("Give the round a name of at most 100 letters.")
    if closes_on < clock.local(at).date():
        found["closes_on"] = _("Choose a day that is not over.")
    elif Round.objects.filter(service_key=service_key, closes_on=closes_on).exists():
        found["closes_on"] = _("Another round closes on this day.")
    return found


def _locked_for(round_id: UUID, by: Actor, *allowed: Status) -> Round:
    one = Round.objects.select_for_update().filter(pk=round_id).order_by("pk").first()
    if one is None or not allows(by, one):
        raise RoundNotFound
    if one.status not in allowed:
        raise WrongStep(status=str(Status(one.status).label))
    return one


@action
def work_out(round_id: UUID, *, by: Actor, at: datetime) -> Round:
    """Share out what there is among all who wait; nothing is told to anybody until another officer approves it.

    Worked out again before that, the same comes out, but for cases that were withdrawn. Once decided, what was given up
    is shared out among those who still wait, in a turn of its own. The seed of the lottery is drawn once, after the
    last day.

    Args:
        round_id: The row is locked until the transaction ends.
        by: An officer of the agency; named in the ledger.
        at: When.

    Raises:
        RoundNotFound: There is none, or it is another agency's.
        WrongStep: Decisions are being issued, or it is closed.
        NotClosedYet: Applications can still come in.
        StillChecked: Cases that came in time are not decided yet.
        NothingLeft: Nobody waits.
    """
    one = _locked_for(round_id, by, Status.OPEN, Status.READY, Status.DONE)
    if clock.local(at).date() <= one.closes_on:
        raise NotClosedYet(day=one.closes_on.isoformat())
    checked = queries.still_checked(one) if one.status == Status.OPEN else 0
    if checked:
        raise StillChecked(count=checked)
    entries = list(queries.taking_part(one))
    if not entries:
        raise NothingLeft
    one.revision += 1
    one.turn += one.status != Status.READY
    one.seed = one.seed or secrets.token_hex(16)
    _ask_anew(one, entries, at)
    _share_out(one, entries)
    one.status, one.worked_out_by, one.worked_out_at, one.approved_by = Status.READY, by.id, at, ""
    one.save(update_fields=_WORKED_OUT)
    record(
        "rounds.worked_out",
        stream=one.stream,
        by=by,
        at=at,
        turn=one.turn,
        revision=one.revision,
        seed=one.seed,
        cases=len(entries),
    )
    record_many("rounds.standing", [_said(one, entry) for entry in entries], by=by, at=at)
    return one


def _ask_anew(one: Round, entries: Sequence[Entry], at: datetime) -> None:
    """Let each case say once more what it has to say, where the service wants that: somebody may have moved since.

    What can no longer be told stays as it was said before.
    """
    section = queries.section_of(one.service_key)
    if not section.is_anew:
        return
    for entry in entries:
        names = case_queries.names_as_they_are(entry.case, at=at)
        entry.facts = queries.said_by(section, names, at=at) or entry.facts
    Entry.objects.bulk_update(entries, ["facts"], batch_size=200)


def _share_out(one: Round, entries: Sequence[Entry]) -> None:
    """Write down what each entry gets; whoever holds something from an earlier turn keeps it."""
    asking = {entry.case.reference for entry in entries}
    withdrawn = one.entries.filter(issued_at=None).exclude(pk__in=[entry.pk for entry in entries])
    withdrawn.update(result="", place=None, detail="{}")
    held = {
        key: standing
        for key, standing in queries.standings(one).items()
        if key not in asking and standing.holds
    }
    before = {entry.case.reference: queries.before(entry, one.turn) for entry in entries}
    own = {key: standing for key, standing in before.items() if standing is not None and standing.holds}
    found = queries.worked_out(one, {entry.case.reference: entry.facts for entry in entries}, held, own)
    for entry in entries:
        standing: Standing = found[entry.case.reference]
        told = before[entry.case.reference]
        entry.result, entry.place, entry.turn = standing.result, standing.place, one.turn
        kept = None if told is None else _plain(told)
        entry.detail = json.dumps({**standing.detail, "holds": standing.holds, "before": kept})
        entry.issued_at = None
    Entry.objects.bulk_update(entries, ["result", "place", "turn", "detail", "issued_at"], batch_size=200)


def _plain(standing: Standing) -> dict[str, Json]:
    return {
        "result": standing.result,
        "holds": standing.holds,
        "place": standing.place,
        "detail": dict(standing.detail),
    }


def _said(one: Round, entry: Entry) -> LedgerEntry:
    return LedgerEntry(
        one.stream,
        entry.case.applicant_id,
        {"case": entry.case.reference, "turn": entry.turn, "result": entry.result, "place": entry.place},
    )


@action
def approve(round_id: UUID, *, revision: int, by: Actor, at: datetime) -> Round:
    """Approve, as another officer, what was worked out; a job then lets the cases go on one by one.

    Args:
        round_id: The row is locked until the transaction ends.
        revision: Of the result that the officer saw.
        by: An officer who may approve, and is not the one who worked it out.
        at: When.

    Raises:
        RoundNotFound: There is none, or it is another agency's.
        WrongStep: It has not been worked out, or is approved already.
        RoundFourEyes: The same officer worked it out, or may not approve.
        RoundMovedOn: It was worked out again since.
    """
    one = _locked_for(round_id, by, Status.READY)
    if not may_approve(by) or by.id == one.worked_out_by:
        raise RoundFourEyes
    if one.revision != revision:
        raise RoundMovedOn
    one.status, one.approved_by, one.approved_at = Status.ISSUING, by.id, at
    one.save(update_fields=["status", "approved_by", "approved_at"])
    record(
        "rounds.approved",
        stream=one.stream,
        by=by,
        at=at,
        turn=one.turn,
        revision=one.revision,
        worked_out_by=one.worked_out_by,
    )
    told_on = queries.told_on(one)
    _enqueue(one, at, run_at=None if told_on is None else max(at, clock.start_of(told_on)))
    return one


@action
def close(round_id: UUID, *, by: Actor, at: datetime) -> Round:
    """Close a decided round: whoever still waits for what others give up goes on with what was decided.

    Args:
        round_id: The row is locked until the transaction ends.
        by: An officer of the agency.
        at: When.

    Raises:
        RoundNotFound: There is none, or it is another agency's.
        WrongStep: It has not been decided.
    """
    return _close(_locked_for(round_id, by, Status.DONE), by, at)


@action
def end_waiting(round_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Close a decided round whose waiting lists have ended by law; False if there is nothing to do.

    Args:
        round_id: The row is locked until the transaction ends.
        by: The system.
        at: When.
    """
    one = Round.objects.select_for_update().filter(pk=round_id, status=Status.DONE).order_by("pk").first()
    last = None if one is None else queries.ends_on(one)
    if one is None or last is None or clock.local(at).date() <= last:
        return False
    _close(one, by, at)
    return True


def _close(one: Round, by: Actor, at: datetime) -> Round:
    one.status = Status.CLOSING
    one.save(update_fields=["status"])
    record("rounds.closing", stream=one.stream, by=by, at=at)
    _enqueue(one, at)
    return one


def _enqueue(one: Round, at: datetime, run_at: datetime | None = None) -> None:
    key = f"{ISSUE}:{one.pk}:{one.turn}:{one.status}"
    enqueue(ISSUE, {"round": str(one.pk)}, at=at, run_at=run_at, unique_key=key, agency=one.agency)


@action
def issue_next(round_id: UUID, *, by: Actor, at: datetime) -> UUID | None:
    """Let the next case of an approved round go on: its service decides it with what the round brought.

    Who gets nothing new in a later turn is told nothing and waits on. Nobody goes on before the day on which the service
    tells what a round brought.

    Args:
        round_id: The row is locked until the transaction ends.
        by: Who works; named in the ledger.
        at: When.

    Returns:
        The entry; None when all have gone on.
    """
    seen = Round.objects.filter(pk=round_id).order_by("pk").first()
    if seen is None or seen.status not in _GOING_ON or queries.is_too_early(seen, clock.local(at).date()):
        return None
    following = queries.to_issue(seen).values_list("pk", flat=True).first()
    if following is None:
        return _finish(round_id, by=by, at=at)
    entry = _locked_entry(following)
    if entry.round.status not in _GOING_ON or not queries.to_issue(entry.round).filter(pk=following).exists():
        return following  # somebody was faster; the next call looks again
    entry.is_waiting = entry.round.status == Status.ISSUING and not queries.is_news(entry)
    entry.issued_at = entry.issued_at or (at if entry.result else None)
    entry.save(update_fields=["is_waiting", "issued_at"])
    if not entry.is_waiting:
        cases.go_on(entry.case_id, by=by, at=at)
    return entry.pk


def _finish(round_id: UUID, *, by: Actor, at: datetime) -> UUID | None:
    """Note that all cases have gone on; return an entry that came in between, if one did."""
    rows = Round.objects.select_for_update().filter(pk=round_id, status__in=_GOING_ON)
    one = rows.order_by("pk").first()
    if one is None:
        return None
    following = queries.to_issue(one).values_list("pk", flat=True).first()
    if following is not None:
        return following
    one.status = Status.DONE if one.status == Status.ISSUING else Status.CLOSED
    one.finished_at = at
    one.save(update_fields=["status", "finished_at"])
    record("rounds.issued", stream=one.stream, by=by, at=at, turn=one.turn, status=one.status)
    return None


def _locked_entry(entry_id: UUID) -> Entry:
    """Return an entry with its case and its round, all three locked until the transaction ends, in the order of all locks.

    That order is: case, round, entry. A stage of a case runs with the case locked already, so the case comes first.
    """
    case = Entry.objects.select_for_update(of=("case",)).select_related("case").get(pk=entry_id).case
    one = Round.objects.select_for_update().get(entries=entry_id)
    entry = Entry.objects.select_for_update().get(pk=entry_id)
    entry.case, entry.round = case, one
    return entry


@action
def answer_offer(reference: str, *, accepts: bool, by: Actor, at: datetime) -> Entry:
    """Accept or decline what one was offered; the case then goes on, and what is declined goes to others.

    Args:
        reference: Of one's own case.
        accepts: Yes or no.
        by: The applicant.
        at: When; an offer whose last day is over has lapsed.

    Raises:
        NoOffer: There is no offer that waits for an answer.
    """
    today = clock.local(at).date()
    _locked_entry(queries.offer_for(reference, actor=by, on=today).pk)
    entry = queries.offer_for(
        reference, actor=by, on=today
    )  # as it stands now that nobody else can change it
    entry.answer = Answer.ACCEPTED if accepts else Answer.DECLINED
    entry.save(update_fields=["answer"])
    record(
        "rounds.answered",
        stream=entry.case.stream,
        subject=entry.case.applicant_id,
        by=by,
        at=at,
        answer=entry.answer,
    )
    cases.go_on(entry.case_id, by=by, at=at)
    return entry


@action
def leave_waiting(reference: str, *, by: Actor, at: datetime) -> Entry:
    """Keep what one accepted and wait for nothing better any more; the case then goes on.

    Args:
        reference: Of one's own case.
        by: The applicant.
        at: When.

    Raises:
        NoWaiting: There is nothing to keep, or nothing to wait for.
        WrongStep: The round is being worked out or issued; the place may be changing just now.
    """
    _locked_entry(queries.waits_for(reference, actor=by).pk)
    entry = queries.waits_for(reference, actor=by)
    if entry.round.status != Status.DONE:
        raise WrongStep(status=str(Status(entry.round.status).label))
    entry.answer, entry.is_waiting = Answer.STAYS, False
    entry.save(update_fields=["answer", "is_waiting"])
    record(
        "rounds.left_waiting",
        stream=entry.case.stream,
        subject=entry.case.applicant_id,
        by=by,
        at=at,
        answer=entry.answer,
    )
    cases.go_on(entry.case_id, by=by, at=at)
    return entry

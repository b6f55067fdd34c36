"""Everything that changes a revocation."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from commonweal.kernel.awards import actions as awards
from commonweal.kernel.awards import queries as award_queries
from commonweal.kernel.base import clock
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.cases.errors import CaseNotFound
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.revocations import letters
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.errors import RevocationMovedOn, RevocationNotFound
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.revocations.queries import case_to_revoke, planned, revocable, written_text

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case


@action
def announce_revocation(
    reference: str, *, ground: str, reasons: str, seen_on: date | None = None, by: Actor, at: datetime
) -> Revocation:
    """Take back what a case granted: at once, or after the notice that the service declares. The holder gets a letter.

    Args:
        reference: Of the case.
        ground: Key of one of the service's grounds.
        reasons: As the holder will read them.
        seen_on: From which day it is to hold, as the officer saw it before sending; any where None.
        by: An officer of the case's team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        Forbidden: The officer may not revoke.
        NothingToRevoke: Nothing runs that could be taken back, or it is under way.
        RevocationMovedOn: It would hold from another day than the officer saw.
        Invalid: The ground is none of the service's, or the reasons are empty or too long.
    """
    case = case_to_revoke(reference, actor=by)
    if (award := revocable(case)) is not None:
        award_queries.locked(award.pk)  # of two officers the slower one finds nothing to revoke
    found = planned(case, ground=ground, reasons=reasons, at=at)
    if seen_on not in {None, found.effective_on}:
        raise RevocationMovedOn
    found.save(force_insert=True)
    _note("announced", found, case, by, at, ground=ground, effective_on=found.effective_on.isoformat())
    if found.effective_on <= clock.local(at).date():
        _end(found, by=by, at=at)
    letters.announce(case, found, by=by, at=at)
    return found


@action
def state_view(reference: str, *, text: str, by: Actor, at: datetime) -> Revocation:
    """Say, as the holder, what one thinks of a revocation that has not taken effect; the latest word counts.

    Args:
        reference: Of the case.
        text: What the officers read.
        by: The holder.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is not the actor's.
        RevocationNotFound: Nothing of it is being taken back.
        RevocationMovedOn: It has taken effect or was dropped.
        Invalid: The text is empty or too long.
    """
    case = cases.case_for(reference, actor=by)
    if case.applicant_id not in by.person_ids:
        raise CaseNotFound
    found = _locked(case)
    if not found.is_open:
        raise RevocationMovedOn
    found.statement = written_text(text, "statement")
    _save(found, "statement")
    _note("stated", found, case, by, at)
    return found


@action
def suspend(reference: str, *, remark: str, revision: int, by: Actor, at: datetime) -> Revocation:
    """Suspend a revocation, for example because of an appeal; one that has taken effect is undone for so long.

    Args:
        reference: Of the case.
        remark: Why, as the holder will read it.
        revision: What the page showed.
        by: An officer of the case's team.
        at: When.

    Raises:
        CaseNotFound: There is none, or it is another team's.
        Forbidden: The officer may not revoke.
        RevocationNotFound: Nothing of it is being taken back.
        RevocationMovedOn: It does not stand so that this could be done, or the page is out of date.
        AwardEnded: Its term is over meanwhile.
        Invalid: The remark is empty or too long.
    """
    case, found = _to_change(reference, revision, by, Status.ANNOUNCED, Status.DONE)
    found.remark = written_text(remark, "remark")
    if found.status == Status.DONE:
        awards.reinstate(found.award_id, reason=found.remark[:500], by=by, at=at)
    found.status, found.ended_at = Status.SUSPENDED, None
    return _change("suspended", found, case, by, at)


@action
def resume(reference: str, *, remark: str, revision: int, by: Actor, at: datetime) -> Revocation:
    """Go on with a suspended revocation, for example because the appeal was lost.

    It takes effect at once where its day has passed meanwhile. Arguments and errors are those of :func:`suspend`.
    """
    case, found = _to_change(reference, revision, by, Status.SUSPENDED)
    found.remark = written_text(remark, "remark")
    found.status = Status.ANNOUNCED
    if found.effective_on <= clock.local(at).date():
        _end(found, by=by, at=at)
    return _change("resumed", found, case, by, at)


@action
def drop(reference: str, *, remark: str, revision: int, by: Actor, at: datetime) -> Revocation:
    """Give a revocation up: the holder keeps what was granted.

    Arguments and errors are those of :func:`suspend`, but that a term may be over.
    """
    case, found = _to_change(reference, revision, by, Status.ANNOUNCED, Status.SUSPENDED)
    found.remark = written_text(remark, "remark")
    found.status, found.ended_at = Status.DROPPED, at
    return _change("dropped", found, case, by, at)


@action
def take_effect(revocation_id: UUID, *, on: date, by: Actor, at: datetime) -> bool:
    """Let an announced revocation take effect whose day has come; False if there is nothing to do.

    What has ended by itself before is not revoked: then there is nothing left to take back.

    Args:
        revocation_id: The row is locked until the transaction ends.
        on: The day.
        by: Who noticed; named in the ledger.
        at: When.
    """
    rows = Revocation.objects.select_for_update(of=("self",)).filter(pk=revocation_id, effective_on__lte=on)
    found = rows.filter(status=Status.ANNOUNCED).order_by("pk").first()
    if found is None:
        return False
    award = award_queries.award(found.award_id)
    if award is None or not award.is_running:
        found.status, found.ended_at = Status.DROPPED, at
    else:
        _end(found, by=by, at=at)
    _save(found, "status", "ended_at")
    _note(found.status, found, found.case, by, at)
    return True


def _end(found: Revocation, *, by: Actor, at: datetime) -> None:
    awards.revoke(found.award_id, reason=found.reasons[:500], by=by, at=at)
    found.status, found.ended_at = Status.DONE, at
    found.save(update_fields=["status", "ended_at"])


def _locked(case: Case) -> Revocation:
    rows = Revocation.objects.select_for_update().filter(case=case.pk)
    found = rows.order_by("-announced_at", "-id").first()
    if found is None:
        raise RevocationNotFound
    return found


def _to_change(reference: str, revision: int, by: Actor, *allowed: Status) -> tuple[Case, Revocation]:
    case = case_to_revoke(reference, actor=by)
    found = _locked(case)
    if found.status not in allowed or found.revision != revision:
        raise RevocationMovedOn
    return case, found


def _change(what: str, found: Revocation, case: Case, by: Actor, at: datetime) -> Revocation:
    _save(found, "status", "ended_at", "remark")
    _note(what, found, case, by, at)
    letters.tell(case, found, by=by, at=at)
    return found


def _save(found: Revocation, *fields: str) -> None:
    found.revision += 1
    found.save(update_fields=["revision", *fields])


def _note(what: str, found: Revocation, case: Case, by: Actor, at: datetime, **payload: str) -> None:
    record(
        f"revocations.{what}",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        revocation=found.pk,
        award=found.award_id,
        **payload,
    )


__all__ = ["announce_revocation", "drop", "resume", "state_view", "suspend", "take_effect"]

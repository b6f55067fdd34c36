"""Everything that changes an award."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F

from commonweal.kernel.awards.enums import Status
from commonweal.kernel.awards.errors import AwardEnded, CapacityFull
from commonweal.kernel.awards.models import Award, Change, Pool
from commonweal.kernel.awards.types import Amendment, Terms
from commonweal.kernel.base import clock
from commonweal.kernel.base.rows import insert, new
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry

_EXPIRED_AT_ONCE = 1_000


@action
def grant(
    person_id: UUID,
    terms: Terms,
    *,
    service_key: str,
    agency: str,
    source_stream: str,
    decision_id: UUID,
    outcome: str,
    by: Actor,
    at: datetime,
) -> Award:
    """Grant what a decision says, and use up the capacity it needs.

    A case grants once: a repeated call returns the award of the first.

    Args:
        person_id: Who is granted it.
        terms: Term, amount, pool.
        service_key: The service.
        agency: Who grants.
        source_stream: Ledger stream of the case.
        decision_id: The decision.
        outcome: Key of its outcome.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        CapacityFull: The pool has no room for the units asked for.
    """
    pool = _use(terms) if terms.pool else None
    award = new(
        Award,
        person_id=person_id,
        service_key=service_key,
        agency=agency,
        source_stream=source_stream,
        decision_id=decision_id,
        outcome=outcome,
        holder=terms.holder,
        item=terms.item,
        pool_id=pool.pk if pool else None,
        units=terms.units,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        amount_minor=terms.amount.minor if terms.amount else None,
        currency=terms.amount.currency if terms.amount else "",
        period=terms.period,
        granted_at=at,
        look_on=clock.local(at).date(),
    )
    if not insert(award, ignore_conflicts=True):
        if pool is not None:
            Pool.objects.filter(pk=pool.pk).update(used=F("used") - terms.units)
        return Award.objects.get(source_stream=source_stream)
    record(
        "awards.granted",
        stream=award.stream,
        subject=person_id,
        by=by,
        at=at,
        case=source_stream,
        decision=decision_id,
        outcome=outcome,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        amount=terms.amount,
        pool=terms.pool,
    )
    return award


def _use(terms: Terms) -> Pool:
    pool, _ = Pool.objects.get_or_create(key=terms.pool)
    pool = Pool.objects.select_for_update().get(pk=pool.pk)
    limit = terms.capacity or 0
    if pool.used + terms.units > limit:
        raise CapacityFull(used=pool.used, limit=limit)
    pool.used += terms.units
    pool.save(update_fields=["used"])
    return pool


@action
def revoke(award_id: UUID, *, reason: str, by: Actor, at: datetime) -> Award:
    """Take an award back, and give its capacity free. Repeating it changes nothing.

    Args:
        award_id: The row is locked until the transaction ends.
        reason: In plain words, for the person and the record.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        AwardEnded: It has expired.
    """
    award = Award.objects.select_for_update().get(pk=award_id)
    if award.status == Status.REVOKED:
        return award
    if award.status == Status.EXPIRED:
        raise AwardEnded
    award.status, award.ended_at, award.end_reason, award.look_on = Status.REVOKED, at, reason, None
    award.save(update_fields=["status", "ended_at", "end_reason", "look_on"])
    _give_back([award])
    record("awards.revoked", stream=award.stream, subject=award.person_id, by=by, at=at, reason=reason)
    return award


@action
def reinstate(award_id: UUID, *, reason: str, by: Actor, at: datetime) -> Award:
    """Let a revoked award run on, as if it had not been taken back. Repeating it changes nothing.

    It takes up its capacity again even where that has been given to somebody else: its holder has the older right.

    Args:
        award_id: The row is locked until the transaction ends.
        reason: In plain words, for the record.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        AwardEnded: Its term is over.
    """
    award = Award.objects.select_for_update().get(pk=award_id)
    if award.status == Status.RUNNING:
        return award
    today = clock.local(at).date()
    if award.status == Status.EXPIRED or (award.ends_on and award.ends_on < today):
        raise AwardEnded
    award.status, award.ended_at, award.end_reason, award.look_on = Status.RUNNING, None, "", today
    award.save(update_fields=["status", "ended_at", "end_reason", "look_on"])
    if award.pool_id:
        Pool.objects.filter(pk=award.pool_id).update(used=F("used") + award.units)
    record("awards.reinstated", stream=award.stream, subject=award.person_id, by=by, at=at, reason=reason)
    return award


@action
def let_rest(award_id: UUID, *, since: date, reason: str, by: Actor, at: datetime) -> Award:
    """Let an award rest: it stands, and gives no right until it runs on. Repeating it changes nothing.

    Args:
        award_id: The row is locked until the transaction ends.
        since: First day.
        reason: For the record.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        AwardEnded: It is not running any more.
    """
    award = Award.objects.select_for_update().get(pk=award_id)
    if award.rested_on is not None:
        return award
    if award.status != Status.RUNNING:
        raise AwardEnded
    award.rested_on = since
    award.save(update_fields=["rested_on"])
    record(
        "awards.rests",
        stream=award.stream,
        subject=award.person_id,
        by=by,
        at=at,
        since=since.isoformat(),
        reason=reason,
    )
    return award


@action
def run_on(award_id: UUID, *, by: Actor, at: datetime) -> Award:
    """Let an award that rests run on. Repeating it changes nothing.

    Args:
        award_id: The row is locked until the transaction ends.
        by: Who decided; named in the ledger.
        at: When.
    """
    award = Award.objects.select_for_update().get(pk=award_id)
    if award.rested_on is None:
        return award
    award.rested_on = None
    award.save(update_fields=["rested_on"])
    record("awards.ran_on", stream=award.stream, subject=award.person_id, by=by, at=at)
    return award


@action
def change_amount(
    award_id: UUID,
    amount: Money | None,
    *,
    from_on: date,
    decision_id: UUID,
    outcome: str,
    by: Actor,
    at: datetime,
) -> Award:
    """Go on with an award at another amount, as a later decision says. The same decision changes it once.

    Args:
        award_id: The row is locked until the transaction ends.
        amount: What is granted from then on.
        from_on: First day of the new amount.
        decision_id: The decision.
        outcome: Key of its outcome.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        AwardEnded: It is not running any more, or ends before that day.
    """
    award = _running(award_id, from_on)
    if award.decision_id == decision_id:
        return award
    _note_change(award, amount, from_on, decision_id, at)
    award.decision_id, award.outcome = decision_id, outcome
    award.amount_minor = amount.minor if amount else None
    award.currency = amount.currency if amount else ""
    award.look_on = clock.local(at).date()
    award.save(update_fields=["decision_id", "outcome", "amount_minor", "currency", "look_on"])
    record(
        "awards.changed",
        stream=award.stream,
        subject=award.person_id,
        by=by,
        at=at,
        decision=decision_id,
        outcome=outcome,
        from_on=from_on,
        amount=amount,
    )
    return award


@action
def end_from(
    award_id: UUID, *, from_on: date, decision_id: UUID, outcome: str, by: Actor, at: datetime
) -> Award:
    """End an award before a day, as a later decision says; it runs to the day before. The same decision ends it once.

    Args:
        award_id: The row is locked until the transaction ends.
        from_on: First day without it.
        decision_id: The decision.
        outcome: Key of its outcome.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        AwardEnded: It is not running any more, or ends before that day.
    """
    before = Award.objects.select_for_update().get(pk=award_id)
    if before.decision_id == decision_id:
        return before
    award = _running(award_id, from_on)
    _note_change(award, None, from_on, decision_id, at)
    award.decision_id, award.outcome = decision_id, outcome
    award.ends_on = max(from_on - timedelta(days=1), award.starts_on)
    award.look_on = clock.local(at).date()
    award.save(update_fields=["decision_id", "outcome", "ends_on", "look_on"])
    record(
        "awards.ended",
        stream=award.stream,
        subject=award.person_id,
        by=by,
        at=at,
        decision=decision_id,
        outcome=outcome,
        ends_on=award.ends_on,
    )
    return award


@action
def amend(
    award_id: UUID, amendment: Amendment, *, decision_id: UUID, reason: str, by: Actor, at: datetime
) -> Award:
    """Change an award as its holder asked and a decision says. The same decision changes it once.

    The award stays one of the decision that granted it. Where the new last day lies before the first, it is taken back,
    and its capacity is free at once; otherwise the capacity is free when the award has run out.

    Args:
        award_id: The row is locked until the transaction ends.
        amendment: What changes.
        decision_id: The decision on the request.
        reason: What was decided, in plain words; kept where the award never begins.
        by: Who decided; named in the ledger.
        at: When.

    Raises:
        AwardEnded: It is not running any more.
    """
    award = Award.objects.select_for_update().get(pk=award_id)
    if award.changes.filter(decision_id=decision_id).exists():
        return award
    if award.status != Status.RUNNING:
        raise AwardEnded
    ends = amendment.from_on is None and amendment.last_day is not None
    from_on = amendment.from_on or (
        amendment.last_day + timedelta(days=1) if amendment.last_day else award.starts_on
    )
    amount = None if ends else amendment.amount or award.money
    _note_change(award, amount, from_on, decision_id, at)
    award.look_on = clock.local(at).date()
    _write(award, amendment)
    record(
        "awards.amended",
        stream=award.stream,
        subject=award.person_id,
        by=by,
        at=at,
        decision=decision_id,
        from_on=from_on,
        ends_on=amendment.last_day,
        item=amendment.item,
        holder=amendment.holder,
        amount=amendment.amount,
    )
    if amendment.last_day is not None and amendment.last_day < award.starts_on:
        return revoke(award.pk, reason=reason, by=by, at=at)
    return award


def _write(award: Award, amendment: Amendment) -> None:
    if amendment.last_day is not None:
        award.ends_on = max(amendment.last_day, award.starts_on)
    if amendment.item is not None:
        award.item = amendment.item
    if amendment.holder is not None:
        award.holder = amendment.holder
    if amendment.amount is not None:
        award.amount_minor, award.currency = amendment.amount.minor, amendment.amount.currency
    award.save(update_fields=["ends_on", "item", "holder", "amount_minor", "currency", "look_on"])


def _running(award_id: UUID, on: date) -> Award:
    award = Award.objects.select_for_update().get(pk=award_id)
    if award.status != Status.RUNNING or (award.ends_on is not None and award.ends_on < on):
        raise AwardEnded
    return award


def _note_change(award: Award, amount: Money | None, from_on: date, decision_id: UUID, at: datetime) -> None:
    Change.objects.create(
        award=award,
        decision_id=decision_id,
        from_on=from_on,
        before_minor=award.amount_minor,
        after_minor=amount.minor if amount else None,
        currency=amount.currency if amount else award.currency,
        changed_at=at,
    )


@action
def look_again(award: Award, *, on: date | None) -> Award:
    """Say when a job looks again at what is due of an award; each change of the award says the same day anew.

    Args:
        award: Its row is locked.
        on: The day; None where nothing comes any more.
    """
    if award.look_on != on:
        award.look_on = on
        award.save(update_fields=["look_on"])
    return award


@action
def expire(on: date, *, by: Actor, at: datetime) -> int:
    """Mark up to 1,000 awards whose last day lies before a day, and give their capacity free.

    Returns:
        How many were marked; call again while it is 1,000.
    """
    ending = Award.objects.running().filter(ends_on__lt=on).order_by("ends_on", "id")
    return _expired(list(ending.select_for_update()[:_EXPIRED_AT_ONCE]), by, at)


@action
def expire_award(award_id: UUID, *, on: date, by: Actor, at: datetime) -> bool:
    """Mark one award as ended where its last day lies before a day; False if there is nothing to do."""
    ending = Award.objects.running().filter(pk=award_id, ends_on__lt=on).order_by("id")
    return bool(_expired(list(ending.select_for_update()), by, at))


def _expired(awards: list[Award], by: Actor, at: datetime) -> int:
    Award.objects.filter(pk__in=[award.pk for award in awards]).update(
        status=Status.EXPIRED, ended_at=at, look_on=None
    )
    _give_back(awards)
    entries = [Entry(award.stream, award.person_id, {"ends_on": award.ends_on}) for award in awards]
    record_many("awards.expired", entries, by=by, at=at)
    return len(awards)


def _give_back(awards: list[Award]) -> None:
    freed: dict[str, int] = {}
    for award in awards:
        if award.pool_id:
            freed[award.pool_id] = freed.get(award.pool_id, 0) + award.units
    for key in sorted(freed):
        Pool.objects.filter(pk=key).update(used=F("used") - freed[key])

"""Answers about awards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, JSONObject, Replace

from commonweal.kernel.awards.enums import Status
from commonweal.kernel.awards.models import Award, Pool
from commonweal.kernel.awards.sections import CompiledAward, CompiledChange, amendment_of, label_of, terms_of
from commonweal.kernel.base.keyset import Behind
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.rehearsal import is_rehearsal
from commonweal.kernel.base.types import Money

__all__ = [
    "CompiledAward",
    "CompiledChange",
    "amendment_of",
    "amount_on",
    "award",
    "award_of_case",
    "awards_of",
    "capacity_used",
    "changed_by",
    "granted_in",
    "held",
    "label_of",
    "locked",
    "next_resting",
    "next_to_look_at",
    "own",
    "running",
    "running_services",
    "standing",
    "terms_of",
]

_of_case = Prepared(lambda: Award.objects.filter(source_stream=Given("stream")).order_by())


def capacity_used(pool: str) -> int:
    """Return how many units of a pool the running awards use."""
    return Pool.objects.filter(key=pool).values_list("used", flat=True).order_by("key").first() or 0


def awards_of(person_id: UUID) -> QuerySet[Award]:
    """Return a person's awards, the newest first."""
    return Award.objects.filter(person=person_id).order_by("-starts_on", "-id")


def award_of_case(stream: str) -> Award | None:
    """Return what was granted in a case, or None."""
    return _of_case.one(stream=stream)


def granted_in(*, person: str, service: str, case: str) -> Subquery:
    """Return an expression for what was granted in each case of a queryset: JSON, or null where nothing was.

    Its keys are ``minor``, ``currency``, ``period``, ``ends_on`` and ``status``.

    Args:
        person: Name of the field that holds the applicant's id; with ``service`` it leads to the index.
        service: Of the field that holds the service's key.
        case: Of the field that holds the id of the case.
    """
    rows = Award.objects.filter(person=OuterRef(person), service_key=OuterRef(service))
    # SQLite keeps an id without hyphens, PostgreSQL writes it with them.
    stream = Concat(Value("case:"), Replace(Cast(OuterRef(case), CharField()), Value("-")))
    rows = rows.annotate(of=Replace("source_stream", Value("-"))).filter(of=stream).order_by()
    names = {"minor": "amount_minor", "currency": "currency", "period": "period"}
    told = JSONObject(**names, ends_on="ends_on", status="status")
    return Subquery(rows.annotate(told=told).values("told")[:1])


def award_asked(stream: str) -> Question:
    """Return what :func:`award_of_case` asks, to be asked together with others."""
    return _of_case.given(stream=stream)


def own(
    person_ids: Iterable[UUID],
    service_key: str,
    *,
    item: str = "",
    holder: str = "",
    on: date,
    since: date | None = None,
    resting: bool = False,
) -> Award | None:
    """Return an award that a person holds and that has not ended by a day; of several the one that begins first.

    Args:
        person_ids: The records of one person.
        service_key: The service that granted it.
        item: What it is for; any where empty.
        holder: What it counts for; any where empty.
        on: The day.
        since: Count awards too that ran out on or after this day, and take the last instead; whether it rests then makes
            no difference.
        resting: Whether awards that rest count too.
    """
    if is_rehearsal():  # nobody looks up real people for practice
        return None
    named = {"holder": holder, "item": item}
    rows = Award.objects.exclude(status=Status.REVOKED) if since else Award.objects.running()
    rows = rows.filter(person__in=list(person_ids), service_key=service_key)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=since or on))
    rows = rows if resting or since else rows.awake(on)
    rows = rows.filter(**{name: value for name, value in named.items() if value})
    return rows.order_by(*(("-starts_on", "-id") if since else ("starts_on", "id"))).first()


def own_running(person_ids: Iterable[UUID], service_key: str, *, on: date) -> list[Award]:
    """Return the awards of a service that a person holds and that have not ended by a day, at most 25, the oldest first."""
    if is_rehearsal():  # nobody looks up real people for practice
        return []
    rows = Award.objects.running().filter(person__in=list(person_ids), service_key=service_key)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    return list(rows.order_by("starts_on", "id")[:25])


def standing(person_ids: Iterable[UUID], service_key: str, *, holder: str = "", on: date) -> list[Award]:
    """Return the awards of a service that had not ended by a day, of a person or for a holder; the last to begin comes first.

    Taken back they do not count; run out since they do.

    Args:
        person_ids: The records of one person.
        service_key: The service that granted them.
        holder: What they count for; nobody else's where empty.
        on: The day.
    """
    if is_rehearsal():  # nobody looks up real people for practice
        return []
    persons = list(person_ids)
    if len(persons) == 1 and not holder:
        return _standing.all(person=persons[0], service=service_key, day=on)
    whose = Q(person__in=persons) | (Q(holder=holder) if holder else Q())
    rows = _not_ended(on).filter(whose, service_key=service_key)
    return list(rows.order_by("-starts_on", "-id")[:25])


def _not_ended(on: Any) -> QuerySet[Award]:
    rows = Award.objects.exclude(status=Status.REVOKED)
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))


_standing = Prepared(
    lambda: (
        _not_ended(Given("day"))
        .filter(person=Given("person"), service_key=Given("service"))
        .order_by("-starts_on", "-id")[:25]
    )
)


def running_services(person_ids: Iterable[UUID], *, on: date, resting: bool = False) -> list[str]:
    """Return the keys of the services of which a person holds an award in force on a day, in order.

    Args:
        person_ids: The records of one person.
        on: The day.
        resting: Whether awards that rest count too.
    """
    if is_rehearsal():  # nobody looks up real people for practice
        return []
    rows = Award.objects.in_force(on).filter(person__in=list(person_ids)).order_by("service_key")
    rows = rows if resting else rows.awake(on)
    return list(rows.values_list("service_key", flat=True).distinct())


def held(
    service_key: str, *, holder: str = "", item: str = "", on: date, resting: bool = False
) -> QuerySet[Award]:
    """Return the awards of a service that are in force on a day for a holder, an item or both, the oldest first.

    Args:
        service_key: The service that granted them.
        holder: What they count for; any where empty.
        item: What they are for; any where empty.
        on: The day.
        resting: Whether awards that rest count too.
    """
    rows = Award.objects.in_force(on).filter(service_key=service_key)
    rows = rows if resting else rows.awake(on)
    if is_rehearsal():  # nobody looks up real people for practice
        return rows.none()
    named = {"holder": holder, "item": item}
    return rows.filter(**{name: value for name, value in named.items() if value}).order_by("starts_on", "id")


def items_held_since(
    service_key: str, *, holder: str = "", item: str = "", since: date, on: date, resting: bool = False
) -> int:
    """Return for how many items awards run that do not end before a day, those too that begin later.

    Somebody who renews early holds two awards for one item for a while: they count once. Awards for no item count each.

    Args:
        service_key: The service that granted them.
        holder: What they count for; any where empty.
        item: What they are for; any where empty.
        since: The day.
        on: Today; what rests then does not count.
        resting: Whether awards that rest count too.
    """
    if is_rehearsal():  # nobody looks up real people for practice
        return 0
    rows = Award.objects.running().filter(service_key=service_key)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=since))
    rows = rows if resting else rows.awake(on)
    named = {"holder": holder, "item": item}
    rows = rows.filter(**{name: value for name, value in named.items() if value})
    return len({each or str(pk) for pk, each in rows.order_by("id").values_list("id", "item")})


def running(
    service_keys: Sequence[str], agency: str | None, *, on: date, after: UUID | None, limit: int
) -> list[Award]:
    """Return running awards of some services that have not ended by a day, by id from a place on.

    Args:
        service_keys: The services.
        agency: Key of the agency that granted them; of any where None.
        on: The award covers this day or a later one.
        after: The last id of the stretch before.
        limit: At most so many.
    """
    rows = Award.objects.running().filter(service_key__in=service_keys)
    if agency is not None:
        rows = rows.filter(agency=agency)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.order_by("pk")[:limit])


def award(award_id: UUID) -> Award | None:
    """Return an award, or None where it is gone."""
    return Award.objects.filter(pk=award_id).order_by("pk").first()


def changed_by(award: Award) -> list[UUID]:
    """Return the ids of the decisions that changed an award, in the order in which they were made."""
    rows = award.changes.order_by("changed_at", "id")
    return list(rows.values_list("decision_id", flat=True))


def locked(award_id: UUID) -> Award:
    """Return an award, its row locked until the transaction ends."""
    return Award.objects.select_for_update().get(pk=award_id)


def next_resting(*, after: UUID | None) -> Award | None:
    """Return the next award that rests, by id from a place on; also one that has ended since."""
    rows = Award.objects.filter(rested_on__isnull=False)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows.order_by("pk").first()


def next_to_look_at(
    service_key: str, *, on: date, after: tuple[date, UUID] | None
) -> tuple[date, UUID] | None:
    """Return the next award of a service of which something may be due by a day: since when, and its id; None at the end.

    Args:
        service_key: The service.
        on: The day.
        after: The answer of the step before.
    """
    rows = Award.objects.filter(service_key=service_key, look_on__lte=on)
    if after is not None:
        rows = rows.filter(Behind(Award, look_on=after[0], id=after[1]))
    found = rows.order_by("look_on", "id").values_list("look_on", "id").first()
    return cast("tuple[date, UUID] | None", found)


def amount_on(award: Award, on: date) -> Money | None:
    """Return what an award grants on a day: the amount of the latest change that has begun, or that of the beginning."""
    changes = list(award.changes.order_by("from_on", "changed_at"))
    begun = [change for change in changes if change.from_on <= on]
    if begun:
        minor, currency = begun[-1].after_minor, begun[-1].currency
    elif changes:
        minor, currency = changes[0].before_minor, changes[0].currency
    else:
        return award.money
    return None if minor is None else Money(minor, currency)

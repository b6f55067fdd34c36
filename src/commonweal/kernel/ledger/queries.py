"""What the ledger answers."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator
from uuid import UUID

from commonweal.kernel.base.encryption import Undecryptable
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.ledger import envelope
from commonweal.kernel.ledger.models import AccessRecord, Event, Stream, SubjectKey
from commonweal.kernel.ledger.types import Access, LedgerEvent

_events = Prepared(lambda: Event.objects.filter(stream=Given("stream")).order_by("sequence"))

_key = Prepared(lambda: SubjectKey.objects.filter(id=Given("id")).order_by())


def events_of(stream: str) -> list[LedgerEvent]:
    """Return a stream's entries, decrypted, in order.

    An entry whose subject was erased has no payload.

    Raises:
        Undecryptable: A row has been altered, or a master key is missing from the ring; ``verify`` says which.
    """
    rows = _events.all(stream=stream)
    keys = _keys({row.key_id for row in rows})
    return [_event(row, keys) for row in rows]


def accesses_to(
    subject: UUID, *, by: Collection[UUID] = (), but: Collection[UUID] = (), limit: int = 1000
) -> list[Access]:
    """Return who was shown a person's data, the latest first.

    Args:
        subject: The record.
        by: Only these actors; all where empty.
        but: Not these actors: whoever visits their own pages every day hides nobody else.
        limit: At most so many.
    """
    rows = AccessRecord.objects.filter(subject=subject)
    if by:
        rows = rows.filter(actor_id__in=[str(each) for each in by])
    if but:
        rows = rows.exclude(actor_id__in=[str(each) for each in but])
    return [Access(_actor(row), row.purpose, row.at) for row in rows.order_by("-at", "-id")[:limit]]


def streams() -> Iterator[str]:
    """Return the names of all streams, in order."""
    return iter(Stream.objects.order_by("name").values_list("name", flat=True).iterator())


def has_stream(name: str) -> bool:
    """Whether anything was ever recorded in a stream."""
    return Stream.objects.filter(name=name).exists()


def verify(stream: str) -> list[str]:
    """Check a stream and return what is wrong with it, in plain words; nothing when all is well.

    Numbers must run from 1 without gaps to the last one given out. Each commitment must follow from its row's
    columns, salt and payload; of an erased subject's entries only the number can be checked.
    """
    rows = list(Event.objects.filter(stream=stream).order_by("sequence"))
    keys = _keys({row.key_id for row in rows})
    problems = _gaps(stream, [row.sequence for row in rows])
    for row in rows:
        problem = _flaw(row, keys)
        if problem:
            problems.append(f"{row}: {problem}")
    return problems


def _gaps(stream: str, sequences: list[int]) -> list[str]:
    last = Stream.objects.filter(name=stream).values_list("last", flat=True).order_by("name").first() or 0
    expected = range(1, max([last, *sequences]) + 1)
    missing = sorted(set(expected) - set(sequences))
    problems = [f"{stream}#{number}: the entry is missing" for number in missing]
    if sequences and sequences[-1] > last:
        problems.append(f"{stream}: the last number given out is {last}, but there is {sequences[-1]}")
    return problems


def _flaw(row: Event, keys: dict[UUID, bytes | None]) -> str:
    if row.key_id not in keys:
        return "its key has vanished without an erasure"
    key = keys[row.key_id]
    if key is None:
        return ""
    try:
        salt, payload = envelope.open_(key, row.id, bytes(row.ciphertext))
    except Undecryptable:
        return "the sealed payload has been altered"
    commitment = envelope.commit(
        salt,
        envelope.canonical(payload),
        stream=row.stream,
        sequence=row.sequence,
        type_=row.type,
        actor=_actor(row),
        at=row.at,
        subject=row.subject,
    )
    if not hmac.compare_digest(commitment, bytes(row.commitment)):
        return "the commitment does not fit the row"
    return ""


def _keys(key_ids: set[UUID]) -> dict[UUID, bytes | None]:
    """Return the data key of each id; None where it was destroyed."""
    if len(key_ids) == 1:
        rows = _key.all(id=next(iter(key_ids)))
    else:
        rows = list(SubjectKey.objects.filter(id__in=key_ids).order_by("id"))
    return {row.id: envelope.unwrap(row.id, bytes(row.wrapped)) if row.wrapped else None for row in rows}


def _actor(row: Event | AccessRecord) -> Actor:
    return Actor(ActorKind(row.actor_kind), row.actor_id, row.on_behalf_of, row.agency)


def _event(row: Event, keys: dict[UUID, bytes | None]) -> LedgerEvent:
    if row.key_id not in keys:
        raise Undecryptable(key=str(row.key_id), context=str(row))
    key = keys[row.key_id]
    return LedgerEvent(
        id=row.id,
        stream=row.stream,
        sequence=row.sequence,
        type=row.type,
        actor=_actor(row),
        at=row.at,
        subject=row.subject,
        payload=envelope.open_(key, row.id, bytes(row.ciphertext))[1] if key else None,
        commitment=bytes(row.commitment),
    )

"""Everything that adds to the ledger; nothing is ever changed in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import must_not_be_held
from commonweal.kernel.base.prepared import Question, together
from commonweal.kernel.base.routes import note_disclosure
from commonweal.kernel.base.rows import BATCH, insert_rows, insertion
from commonweal.kernel.base.statements import fetch
from commonweal.kernel.base.transactions import action, around_one_statement, catch_up, put_off
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger import envelope
from commonweal.kernel.ledger.errors import CannotErase, NoTimeZone, OutsideTransaction
from commonweal.kernel.ledger.models import AccessRecord, Event, SubjectKey
from commonweal.kernel.ledger.types import Entry, Value

SYSTEM = UUID(int=0)
"""Stands for "about nobody" among the data keys."""


def record(
    type_: str, /, *, stream: str, by: Actor, at: datetime, subject: UUID | None = None, **payload: Value
) -> None:
    """Add one entry to a stream, in the caller's transaction; see :func:`record_many`.

    Args:
        type_: ``app.happened``; never changes, for it is stored.
        stream: For example ``case:<uuid>``.
        by: Who did it.
        at: When, with a time zone.
        subject: Whom it is about; the payload is erased with this person. Without one, the payload holds no
            personal data.
        payload: The facts.

    Raises:
        OutsideTransaction: The caller has not opened one.
        NoTimeZone: ``at`` has none.
        TypeError: A value of the payload cannot be written as JSON.
    """
    record_many(type_, [Entry(stream, subject, payload)], by=by, at=at)


def record_many(type_: str, entries: Sequence[Entry], *, by: Actor, at: datetime) -> None:
    """Add entries of one type to any streams, in the caller's transaction.

    Inside an action they are numbered and written at its end, together with what else it records.

    Args:
        type_: ``app.happened``.
        entries: In order; several may go to one stream.
        by: Who did it.
        at: When, with a time zone.

    Raises:
        OutsideTransaction: The caller has not opened one.
        NoTimeZone: ``at`` has none.
        TypeError: A value of a payload cannot be written as JSON.
    """
    _check(at)
    if not connection.in_atomic_block:
        raise OutsideTransaction(type=type_)
    put_off(
        _write,
        [
            _Said(type_, entry.stream, entry.subject, envelope.plain(entry.payload), by, at)
            for entry in entries
        ],
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """An entry that is still to be numbered; its payload is plain JSON."""

    type: str
    stream: str
    subject: UUID | None
    payload: dict[str, Any]
    by: Actor
    at: datetime


def _write(entries: list[_Said]) -> None:
    """Number the entries within their streams, seal and insert them, in three statements."""
    if not entries:
        return
    next_of = _reserve(Counter(entry.stream for entry in entries))
    keys = _data_keys({entry.subject or SYSTEM for entry in entries}, max(entry.at for entry in entries))
    ciphers = {subject: AESGCM(key) for subject, (_, key) in keys.items()}
    rows = []
    for entry in entries:
        subject = entry.subject or SYSTEM
        rows.append(_row(entry, next_of[entry.stream], keys[subject][0], ciphers[subject]))
        next_of[entry.stream] += 1
    insert_rows(Event, rows)


def _row(entry: _Said, sequence: int, key_id: UUID, cipher: AESGCM) -> dict[str, Any]:
    event_id, salt, payload = new_id(), envelope.new_salt(), envelope.canonical(entry.payload)
    commitment = envelope.commit(
        salt,
        payload,
        stream=entry.stream,
        sequence=sequence,
        type_=entry.type,
        actor=entry.by,
        at=entry.at,
        subject=entry.subject,
    )
    return {
        "id": event_id,
        "stream": entry.stream,
        "sequence": sequence,
        "type": entry.type,
        **_of_actor(entry.by),
        "at": entry.at,
        "subject": entry.subject,
        "key_id": key_id,
        "commitment": commitment,
        "ciphertext": envelope.close(cipher, event_id, salt, payload),
    }


def record_access(by: Actor, subjects: Iterable[UUID], purpose: str, *, at: datetime) -> None:
    """Write into the access log that an actor is about to be shown data of these persons.

    Opens its own transaction where the caller has none, so that a page that only reads can call it. It also tells
    the middleware that the disclosure which the route declares has been recorded; a search that found nobody calls it
    with no subjects.

    Args:
        by: Who will see the data.
        subjects: Whose data; each is written once.
        purpose: The purpose that the route declares.
        at: When, with a time zone.

    Raises:
        NoTimeZone: ``at`` has none.
    """
    rows = _accesses(by, subjects, purpose, at)
    if rows:
        with around_one_statement() if len(rows) <= BATCH else transaction.atomic():
            insert_rows(AccessRecord, rows)
    note_disclosure(purpose, tuple(row["subject"] for row in rows))


@contextmanager
def recording_access(
    by: Actor, subjects: Iterable[UUID], purpose: str, *, at: datetime, asking: Sequence[Question]
) -> Iterator[None]:
    """Record an access, and ask in the same statement what is about to be shown; see :func:`record_access` and ``together``.

    Args:
        by: Who will see the data.
        subjects: Whose data; at most 500, each is written once.
        purpose: The purpose that the route declares.
        at: When, with a time zone.
        asking: Whoever asks one of these inside the block gets its answer.

    Raises:
        NoTimeZone: ``at`` has none.
    """
    rows = _accesses(by, subjects, purpose, at)
    with together(*asking, writing=insertion(AccessRecord, rows) if rows else None):
        note_disclosure(purpose, tuple(row["subject"] for row in rows))
        yield


def _accesses(by: Actor, subjects: Iterable[UUID], purpose: str, at: datetime) -> list[dict[str, Any]]:
    _check(at)
    return [
        {"id": new_id(), "subject": subject, **_of_actor(by), "purpose": purpose, "at": at}
        for subject in dict.fromkeys(subjects)
    ]


@action
def erase_subject(subject: UUID, *, by: Actor, at: datetime) -> None:
    """Destroy the key of a person's entries: their payloads can never be read again, their rows stay.

    Erasing somebody whose key is gone already changes nothing.

    Args:
        subject: The person.
        by: Who decided so.
        at: When, with a time zone.

    Raises:
        CannotErase: ``subject`` stands for the system's own entries.
        NoTimeZone: ``at`` has none.
        UnderHold: A hold forbids it.
    """
    _check(at)
    if subject == SYSTEM:
        raise CannotErase
    must_not_be_held(subjects=[subject])
    catch_up()  # what was said of the person until now goes with the key
    erased = SubjectKey.objects.filter(subject=subject, erased_at=None).update(wrapped=None, erased_at=at)
    if erased:
        record("ledger.subject_erased", stream="ledger:erasures", by=by, at=at, subject_id=subject)


def _check(at: datetime) -> None:
    if at.tzinfo is None:
        raise NoTimeZone


def _of_actor(by: Actor) -> dict[str, Any]:
    return {
        "actor_kind": str(by.kind),
        "actor_id": by.id,
        "on_behalf_of": by.on_behalf_of,
        "agency": by.agency,
    }


def _reserve(wanted: Counter[str]) -> dict[str, int]:
    """Lock each stream's row in order of the names, and return the first free number of each."""
    places = ",".join(["(%s,%s)"] * len(wanted))
    values = [value for name in sorted(wanted) for value in (name, wanted[name])]
    rows = fetch(
        transaction.get_connection(),
        f"INSERT INTO ledger_stream (name, last) VALUES {places} "  # noqa: S608 - only placeholders are put in
        "ON CONFLICT (name) DO UPDATE SET last = ledger_stream.last + excluded.last RETURNING name, last",
        values,
    )
    return {name: last - wanted[name] + 1 for name, last in rows}


def _data_keys(subjects: set[UUID], at: datetime) -> dict[UUID, tuple[UUID, bytes]]:
    """Return the id and the data key of each subject; whoever has none gets one."""
    found = _stored_keys(subjects)
    missing = sorted(subjects - found.keys())
    if not missing:
        return found
    rows = []
    for subject in missing:
        key_id = new_id()
        wrapped = envelope.new_wrapped_key(key_id)
        rows.append(SubjectKey(id=key_id, subject=subject, wrapped=wrapped, created_at=at))
    # Another transaction may have given the same person a key meanwhile: then that one counts.
    SubjectKey.objects.bulk_create(rows, ignore_conflicts=True)
    return found | _stored_keys(set(missing))


def _stored_keys(subjects: set[UUID]) -> dict[UUID, tuple[UUID, bytes]]:
    places = ",".join(["%s"] * len(subjects))
    field = SubjectKey._meta.get_field("subject")  # noqa: SLF001 - Django's documented model API
    database = transaction.get_connection()
    found = fetch(
        database,
        "SELECT subject, id, wrapped FROM ledger_subjectkey "  # noqa: S608 - only placeholders are put in
        f"WHERE erased_at IS NULL AND subject IN ({places})",
        [field.get_db_prep_value(subject, database) for subject in sorted(subjects)],
    )
    rows = [(_uuid(subject), _uuid(key_id), bytes(wrapped)) for subject, key_id, wrapped in found]
    return {subject: (key_id, envelope.unwrap(key_id, wrapped)) for subject, key_id, wrapped in rows}


def _uuid(value: UUID | str) -> UUID:
    """Read an id as the database gives it: SQLite knows text only."""
    return value if isinstance(value, UUID) else UUID(value)

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from commonweal.kernel.base.encryption import Undecryptable
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger import envelope
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.ledger.cli import main
from commonweal.kernel.ledger.models import Event, Stream, SubjectKey
from commonweal.kernel.ledger.queries import streams, verify

AT = datetime(2026, 9, 15, 12, tzinfo=UTC)
BY = Actor.system("test")
PERSON = UUID("01900000-0000-7000-8000-000000000001")

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream() -> str:
    for n in range(3):
        record("test.done", stream="case:1", by=BY, at=AT, subject=PERSON, n=n)
    return "case:1"


def _copy_into_fresh_stream(**columns: object) -> str:
    """Return a stream that holds row 1 of ``case:1``, altered."""
    row = Event.objects.get(stream="case:1", sequence=1)
    original = row.pk
    for name, value in columns.items():
        setattr(row, name, value)
    row.pk = UUID(int=original.int ^ 1)
    row.stream = "case:2"
    row.save(force_insert=True)
    Stream.objects.create(name="case:2", last=1)
    return "case:2"


def test_verify_finds_nothing_wrong_in_what_was_recorded(stream: str) -> None:
    assert verify(stream) == []
    assert verify("no:such") == []
    assert list(streams()) == ["case:1"]


def test_verify_finds_a_lost_tail(stream: str) -> None:
    Stream.objects.filter(name=stream).update(last=5)

    assert verify(stream) == ["case:1#4: the entry is missing", "case:1#5: the entry is missing"]


def test_verify_finds_a_lost_beginning(stream: str) -> None:
    other = _copy_into_fresh_stream(sequence=2)
    Stream.objects.filter(name=other).update(last=2)

    assert verify(other)[0] == "case:2#1: the entry is missing"


def test_verify_finds_entries_beyond_the_last_number(stream: str) -> None:
    Stream.objects.filter(name=stream).update(last=2)

    assert verify(stream) == ["case:1: the last number given out is 2, but there is 3"]


def test_verify_finds_a_payload_moved_to_another_row(stream: str) -> None:
    assert verify(_copy_into_fresh_stream()) == ["case:2#1: the sealed payload has been altered"]


def test_verify_finds_a_changed_column(stream: str) -> None:
    row = Event.objects.get(stream=stream, sequence=1)
    pk = UUID(int=row.pk.int ^ 1)
    key = _data_key()
    salt, payload = envelope.open_(key, row.pk, bytes(row.ciphertext))
    other = _copy_into_fresh_stream(
        ciphertext=envelope.close(AESGCM(key), pk, salt, envelope.canonical(payload))
    )

    assert verify(other) == ["case:2#1: the commitment does not fit the row"]


def test_verify_finds_a_vanished_key(stream: str) -> None:
    SubjectKey.objects.all().delete()

    assert verify(stream) == [f"case:1#{n}: its key has vanished without an erasure" for n in (1, 2, 3)]


def test_cli_verify_says_what_it_found(stream: str, capsys) -> None:
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "1 streams checked, 0 problems\n"

    Stream.objects.filter(name=stream).update(last=4)
    assert main(["verify", "case:1"]) == 1
    assert capsys.readouterr().out == "case:1#4: the entry is missing\n1 streams checked, 1 problems\n"

    Stream.objects.create(name="case:3", last=1)
    assert main(["verify"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 streams checked, 2 problems"


def test_cli_wants_a_word(capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "usage: commonweal ledger" in capsys.readouterr().err


def _data_key() -> bytes:
    row = SubjectKey.objects.get(subject=PERSON)
    return envelope.unwrap(row.pk, bytes(row.wrapped or b""))


@pytest.mark.parametrize(("subject", "written"), [(None, "null"), (PERSON, f'"{PERSON}"')])
def test_commitment_is_that_of_the_published_form(subject: UUID | None, written: str) -> None:
    actor = Actor.system("test")
    salt = b"s" * 32
    text = (
        '{"actor":{"agency":null,"id":"test","kind":"system","on_behalf_of":null},'
        '"at":"2026-09-15T12:00:00.000000Z","payload":{"a":1,"b":"x"},"sequence":1,"stream":"case:1",'
        f'"subject":{written},"type":"test.done","version":1}}'
    )

    commitment = envelope.commit(
        salt,
        envelope.canonical({"b": "x", "a": 1}),
        stream="case:1",
        sequence=1,
        type_="test.done",
        actor=actor,
        at=AT,
        subject=subject,
    )

    assert commitment == hashlib.sha256(salt + text.encode()).digest()


def test_moment_is_in_utc_wherever_the_server_stands(monkeypatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert envelope.moment(AT) == "2026-09-15T12:00:00.000000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_altered_payload_is_named() -> None:
    row, key = UUID(int=7), b"k" * 32
    sealed = envelope.close(AESGCM(key), row, b"s" * 32, b'{"a":1}')

    with pytest.raises(Undecryptable) as caught:
        envelope.open_(key, row, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert caught.value.data == {"key": "", "context": f"ledger_event.ciphertext.{row}"}


def test_connection_is_the_applications_role_on_postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no roles")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableowner <> current_user FROM pg_tables WHERE tablename = 'ledger_event'")
        assert cursor.fetchone() == (True,)

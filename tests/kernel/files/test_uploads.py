"""Files that come piece by piece, and bounds on what comes at once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadhandler import StopUpload
from pytest_django import Settings
from tests.kernel.files.test_files import AT, BY, PDF, STREAM, SUBJECT, in_store, keep

from commonweal.kernel.files import actions, content, queries, store, tasks, uploads
from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.errors import (
    FileEmpty,
    FileNotScanned,
    FileTooLarge,
    FileTypeRefused,
    TooManyUploads,
    UploadNotFound,
    UploadOutOfStep,
)
from commonweal.kernel.files.models import StoredFile, Upload
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT, settings.COMMONWEAL_CLAMD = str(tmp_path), ""
    return tmp_path


def begin(size: int = 10, **changes: Any) -> Upload:
    values: dict[str, Any] = {"slot": "proof", "name": "../x.pdf", "max_bytes": 1000, "subject": SUBJECT}
    return actions.begin_upload(STREAM, size_bytes=size, by=BY, at=AT, **(values | changes))


def send(upload: Upload, offset: int, *pieces: bytes, at: Any = AT) -> Upload:
    return actions.append_to_upload(upload.pk, stream=STREAM, offset=offset, chunks=pieces, by=BY, at=at)


def test_pieces_make_a_file(folder: Path) -> None:
    upload = begin()
    assert (upload.name, upload.expires_at) == ("x.pdf", AT + timedelta(hours=23))

    assert send(upload, 0, b"0123", b"4").offset_bytes == 5
    done = send(upload, 5, b"56789 and more than was announced")

    with queries.open_upload(done) as bytes_:
        assert bytes_.read() == b"0123456789"
    assert actions.end_upload(upload.pk, stream=STREAM, by=BY, at=AT) is True
    assert actions.end_upload(upload.pk, stream=STREAM, by=BY, at=AT) is False
    assert [event.type for event in events_of(STREAM)] == ["files.upload_begun", "files.upload_ended"]


def test_what_came_before_the_connection_broke_counts() -> None:
    upload = begin()

    def broken() -> Iterator[bytes]:
        yield b"012"
        return

    assert (
        actions.append_to_upload(
            upload.pk, stream=STREAM, offset=0, chunks=broken(), by=BY, at=AT
        ).offset_bytes
        == 3
    )
    with pytest.raises(UploadOutOfStep) as caught:
        send(upload, 0, b"0123456789")
    assert caught.value.data == {"offset": 3}
    assert send(upload, 3, b"3456789").offset_bytes == 10


def test_of_two_pieces_at_once_one_is_out_of_step() -> None:
    upload = begin()

    def meanwhile() -> Iterator[bytes]:
        send(upload, 0, b"other")
        yield b"mine"

    with pytest.raises(UploadOutOfStep):
        actions.append_to_upload(upload.pk, stream=STREAM, offset=0, chunks=meanwhile(), by=BY, at=AT)

    with queries.open_upload(queries.upload_within(upload.pk, STREAM, at=AT)) as bytes_:
        assert bytes_.read() == b"other"


def test_bytes_that_nobody_counted_are_overwritten(folder: Path) -> None:
    upload = begin()
    send(upload, 0, b"012")
    store.path_of(upload.key).write_bytes(b"012xyz")  # written, and the process died before the row was

    with queries.open_upload(send(upload, 3, b"34")) as bytes_:
        assert bytes_.read() == b"01234"


def test_bounds_of_an_announcement() -> None:
    with pytest.raises(FileEmpty):
        begin(0)
    with pytest.raises(FileTooLarge):
        begin(1001)
    with pytest.raises(FileTooLarge):
        begin(store.MAX_BYTES + 1, max_bytes=10**12)
    for _ in range(actions.UPLOADS_AT_ONCE):
        begin()
    with pytest.raises(TooManyUploads):
        begin()


def test_an_upload_of_another_stream_or_time_is_not_found() -> None:
    upload = begin()
    late = AT + timedelta(hours=23)

    for stream, at in ((STREAM, late), ("sheet:2", AT)):
        with pytest.raises(UploadNotFound):
            queries.upload_within(upload.pk, stream, at=at)
    with pytest.raises(UploadNotFound):
        send(upload, 0, b"1", at=late)
    send(upload, 0, b"1", at=AT + timedelta(hours=1))
    assert queries.upload_within(upload.pk, STREAM, at=late)


def test_bytes_that_are_gone_are_not_found() -> None:
    with pytest.raises(UploadNotFound):
        queries.open_upload(begin())


@pytest.mark.django_db(transaction=True)
def test_the_bytes_of_a_forgotten_upload_go_with_it(folder: Path) -> None:
    upload = begin()
    send(upload, 0, b"012")
    assert len(in_store(folder)) == 1

    actions.discard([STREAM], reason="tests", by=BY, at=AT)

    assert in_store(folder) == []


def test_files_that_came_before_there_was_a_scanner_wait_for_it(settings: Settings) -> None:
    file_id = keep()
    settings.COMMONWEAL_CLAMD = "127.0.0.1:1"

    with pytest.raises(FileNotScanned):
        queries.open_within(file_id, STREAM)
    tasks.scan_what_waits({})

    assert StoredFile.objects.get().scan == Scan.PENDING
    assert Job.objects.filter(key=actions.SCAN_JOB, payload__contains=str(file_id)).count() == 1
    settings.COMMONWEAL_CLAMD = ""
    assert actions.scan_waiting(by=BY, at=AT) == 0


def test_only_kinds_that_are_asked_for_are_kept() -> None:
    with pytest.raises(FileTypeRefused):
        keep(allowed={"image/png"})
    with pytest.raises(FileTooLarge):
        keep(max_bytes=len(PDF) - 1)


def archive(entries: int, size: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", b"\0" * size)
        for number in range(entries):
            file.writestr(str(number), b"")
    return made.getvalue()


@pytest.mark.parametrize(("entries", "size"), [(content.MOST_ENTRIES, 1), (0, 3_000_000)])
def test_a_trap_in_an_office_file_is_refused(entries: int, size: int) -> None:
    with pytest.raises(FileTypeRefused):
        keep(archive(entries, size), name="letter.docx")
    assert keep(archive(3, 1), name="letter.docx")


def handler(pieces: list[bytes]) -> Any:
    made = uploads.BoundedUploadHandler()
    made.new_file("file", "x.pdf", "application/pdf", None, "utf-8", {})
    for piece in pieces:
        made.receive_data_chunk(piece, 0)
    return made


def test_a_browser_cannot_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 10)
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 40)

    kept = handler([b"12345678"] * 4).file_complete(32)
    assert kept.read() == b"12345678123"
    with pytest.raises(StopUpload):
        handler([b"12345678"] * 6)

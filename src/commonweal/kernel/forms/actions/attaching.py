"""Files are handed in as answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from django.core.files.base import File

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError
from commonweal.kernel.base.expressions import Verdict
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.files import actions as file_actions
from commonweal.kernel.files.actions import delete_files, discard, hand_over, store_file
from commonweal.kernel.files.errors import FileEmpty, FileTooLarge, FileTypeRefused
from commonweal.kernel.files.queries import kept_files, media_types
from commonweal.kernel.forms.actions.sending import Submission
from commonweal.kernel.forms.actions.work import locked, save
from commonweal.kernel.forms.answers.reading import too_many_files
from commonweal.kernel.forms.answers.state import (
    evaluate,
)
from commonweal.kernel.forms.errors import (
    AnswersInvalid,
    PageNotFound,
)
from commonweal.kernel.forms.handed_in import files_in, refused_file
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.sheets import form_of
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage
from commonweal.kernel.forms.types.schema import FileQuestion

if TYPE_CHECKING:
    from commonweal.kernel.files.models import Upload


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was handed in, or removed.

    Attributes:
        file_id: The file.
        before: The sheet's revision before; whoever knew that one knows the sheet as it is now, too.
        revision: The sheet's revision now.
    """

    file_id: UUID
    before: int
    revision: int


def attach_file(
    sheet_id: UUID,
    question_key: str,
    content: bytes | BinaryIO | File[bytes],
    *,
    name: str,
    by: Actor,
    at: datetime,
    token: str = "",
) -> Attached:
    """Hand in a file for a question of a sheet; it belongs to the sheet from now on.

    Args:
        sheet_id: The sheet.
        question_key: A question for files that is asked with these answers, or may be once more is known.
        content: The bytes.
        name: As the sender calls it.
        by: Who hands it in.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        AnswersInvalid: The file is too large, empty, of another kind than is asked for, or one too many.
        PageNotFound: No such question for files is asked.
        SheetNotFound: There is none, or it belongs to somebody else.
        SheetExpired: Nobody finished it in time.
        SheetSubmitted: It was sent already.
    """
    sheet, _page, question = _asking_for_files(sheet_id, question_key, by=by, at=at, token=token)
    if len(sheet.answers.get(question_key) or []) >= question.max_files:
        raise AnswersInvalid({question_key: too_many_files(question)})
    try:
        file_id = store_file(
            content,
            name=name,
            stream=sheet.stream,
            subject=sheet.owner_id,
            purpose=question.purpose[:200],
            retention_on=None,
            allowed=media_types(question.kinds),
            max_bytes=question.max_mb * 1024**2,
            by=by,
            at=at,
        )
    except (FileTooLarge, FileEmpty, FileTypeRefused) as refusal:
        raise AnswersInvalid({question_key: refused_file(name, refusal, question)}) from refusal
    try:
        with Transaction():
            sheet, page, question = _asking_for_files(sheet_id, question_key, by=by, at=at, token=token)
            files = list(sheet.answers.get(question_key) or [])
            if len(files) >= question.max_files:
                raise AnswersInvalid({question_key: too_many_files(question)})
            kept = kept_files([file_id])[file_id]
            files.append(
                {
                    "id": str(file_id),
                    "name": kept.name,
                    "media_type": kept.media_type,
                    "size_bytes": kept.size_bytes,
                }
            )
            before, sheet.answers = sheet.revision, {**sheet.answers, question_key: files}
            save(sheet, by=by, at=at, page=page.key)
    except CommonwealError:
        delete_files([file_id], reason="refused", by=by, at=at)
        raise
    return Attached(file_id, before, sheet.revision)


@action
def remove_file(
    sheet_id: UUID, question_key: str, file_id: UUID, *, by: Actor, at: datetime, token: str = ""
) -> Attached:
    """Take a file back that was handed in; its bytes are deleted. Doing it again changes nothing.

    Raises:
        PageNotFound: No such question for files is asked.
        SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`attach_file`.
    """
    sheet, page, _question = _asking_for_files(sheet_id, question_key, by=by, at=at, token=token)
    before, files = sheet.revision, sheet.answers.get(question_key) or []
    left = [file for file in files if file["id"] != str(file_id)]
    if len(left) != len(files):
        others = {key: answer for key, answer in sheet.answers.items() if key != question_key}
        sheet.answers = others | ({question_key: left} if left else {})
        save(sheet, by=by, at=at, page=page.key)
        delete_files([file_id], reason="removed", by=by, at=at)
    return Attached(file_id, before, sheet.revision)


def begin_upload(
    sheet_id: UUID, question_key: str, *, name: str, size_bytes: int, by: Actor, at: datetime, token: str = ""
) -> Upload:
    """Announce a file for a question, that will come piece by piece.

    Raises:
        AnswersInvalid: It will be too large, empty, or one too many.
        TooManyUploads: Too many are on their way for this sheet.
        PageNotFound, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`attach_file`.
    """
    sheet, _page, question = _asking_for_files(sheet_id, question_key, by=by, at=at, token=token)
    if len(sheet.answers.get(question_key) or []) >= question.max_files:
        raise AnswersInvalid({question_key: too_many_files(question)})
    try:
        return file_actions.begin_upload(
            sheet.stream,
            slot=question_key,
            name=name,
            size_bytes=size_bytes,
            max_bytes=question.max_mb * 1024**2,
            subject=sheet.owner_id,
            by=by,
            at=at,
        )
    except (FileTooLarge, FileEmpty) as refusal:
        raise AnswersInvalid({question_key: refused_file(name, refusal, question)}) from refusal


def _asking_for_files(
    sheet_id: UUID, question_key: str, *, by: Actor, at: datetime, token: str
) -> tuple[Sheet, CompiledPage, FileQuestion]:
    """Return a sheet with a question for files that it asks or may yet ask; its row is locked inside a transaction."""
    with Transaction():
        sheet = locked(sheet_id, by=by, at=at, token=token)
    form = form_of(sheet)
    state = evaluate(form, sheet.answers, at=sheet.as_of(at))
    question = form.file_questions.get(question_key)
    if question is None or state.asked[question_key] is Verdict.FALSE:
        raise PageNotFound
    page = next(page for page in form.pages if any(each.key == question_key for each in page.questions))
    return sheet, page, question


@action
def hand_over_files(sent: Submission, *, to: str, subject: UUID, by: Actor, at: datetime) -> None:
    """Let the files of a sheet that was sent belong to what it became; those no longer asked for are deleted.

    Args:
        sent: The sheet as it was sent.
        to: The ledger's stream of what it became, for example ``case:<id>``.
        subject: Whom it is for.
        by: Who sent it.
        at: When.
    """
    form: CompiledForm = compiled(sent.version_id).sections["form"]
    asked = form.file_questions
    if not asked:
        return
    stream, today = f"sheet:{sent.sheet_id}", clock.local(at).date()
    days = {file_id: asked[key].kept_days for file_id, key in files_in(form, sent.answers).items()}
    retention = {file_id: today + timedelta(days=kept) if kept else None for file_id, kept in days.items()}
    hand_over(stream, to=to, subject=subject, retention=retention, by=by, at=at)
    discard([stream], reason="not asked for any more", by=by, at=at)

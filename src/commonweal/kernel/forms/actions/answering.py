"""Pages and questions are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base.rehearsal import must_be_rehearsed
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.files.actions import delete_files, lay_out_file
from commonweal.kernel.forms.actions.work import Saved, Work, change_sheet, locked, save
from commonweal.kernel.forms.answers.collecting import given
from commonweal.kernel.forms.answers.mattering import interview
from commonweal.kernel.forms.answers.state import (
    NOT_GIVEN,
    FormState,
    Reading,
    read_page,
)
from commonweal.kernel.forms.errors import (
    AnswersInvalid,
    PageNotFound,
    SheetMoved,
)
from commonweal.kernel.forms.handed_in import files_in, with_files
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.documents import check_answers
from commonweal.kernel.forms.queries.sheets import form_of
from commonweal.kernel.forms.types.answers import Answers, RawAnswers, Sources
from commonweal.kernel.forms.types.compiled import CompiledPage, CompiledQuestion


def answer_page(
    sheet_id: UUID,
    page_key: str,
    raw: RawAnswers,
    *,
    revision: int,
    by: Actor,
    at: datetime,
    token: str = "",
    anyway: bool = False,
) -> Saved:
    """Save the answers of one page.

    The answers are saved together or not at all. Sending the same answers twice changes nothing. On the list
    page of a repeating group, this says that the list is complete.

    Args:
        sheet_id: The row is locked until the transaction ends.
        page_key: The page.
        raw: What a browser sent, or JSON values by question.
        revision: What the page said when it was shown.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.
        anyway: Whether the page showed questions that can no longer matter.

    Raises:
        AnswersInvalid: Some answers cannot be accepted; ``fields`` says which and why.
        SheetMoved: The sheet was changed elsewhere since the page was shown.
        SheetNotFound: There is none, or it belongs to somebody else.
        SheetExpired: Nobody finished it in time.
        SheetSubmitted: It was sent already.
        PageNotFound: There is no such page, or it does not come with these answers.
    """

    def change(work: Work) -> Reading:
        page = work.page(page_key)
        if page.group is not None:
            return _confirm_group(work, page, page.group)
        known = work.prefilled(page)
        reading = _read(work, page, raw)
        work.note_sources(known, reading.answers)
        return reading

    return change_sheet(
        sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, anyway=anyway
    )


def put_aside(
    sheet_id: UUID,
    page_key: str,
    raw: RawAnswers,
    *,
    revision: int,
    by: Actor,
    at: datetime,
    token: str = "",
) -> Saved:
    """Save what can be accepted of a page that somebody leaves unfinished; the page is asked again later.

    What cannot be accepted is left out, so that somebody in a hurry is never held up. On the list page of a
    repeating group, whose items are saved one by one, this changes nothing.

    Args:
        sheet_id: The row is locked until the transaction ends.
        page_key: The page.
        raw: What a browser sent, or JSON values by question.
        revision: What the page said when it was shown.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        SheetMoved: The sheet was changed elsewhere since the page was shown.
        SheetNotFound: There is none, or it belongs to somebody else.
        SheetExpired: Nobody finished it in time.
        SheetSubmitted: It was sent already.
        PageNotFound: There is no such page, or it does not come with these answers.
    """

    def change(work: Work) -> Reading:
        page = work.page(page_key)
        if page.group is not None:
            return Reading()
        known = work.prefilled(page)
        reading = _read(work, page, raw)
        work.note_sources(known, reading.answers)
        return Reading(reading.answers)

    return change_sheet(
        sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, is_list=True
    )


def answer_question(
    sheet_id: UUID,
    key: str,
    answer: Any,
    *,
    revision: int,
    by: Actor,
    at: datetime,
    token: str = "",
) -> Saved:
    """Save the answer to one question, as an assistant or a text message asks it.

    The others of its page may come later; the page is done with the last of them.

    Args:
        sheet_id: The row is locked until the transaction ends.
        key: Of the question; of a repeating group, the whole list is answered.
        answer: A JSON value; None leaves it blank.
        revision: What came with the question.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        AnswersInvalid: It cannot be accepted; ``fields`` says why, by path.
        PageNotFound: There is no such question, it is not asked with these answers, or it is one for files.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """

    def change(work: Work) -> Reading:
        page = next((page for page in work.state.pages() if _asks(work.state, page, key)), None)
        if page is None:
            raise PageNotFound
        stored = work.sheet.answers

        def sent(question: CompiledQuestion) -> Any:
            return answer if question.key == key else stored.get(question.key, NOT_GIVEN)

        before = dict(work.state.asked)
        reading = read_page(work.state, page, sent, before=before, translate=work.translate)
        mine = {path: text for path, text in reading.problems.items() if _is_about(path, key)}
        left = _still_open(work.state, page, {*stored, key})
        work.note_sources({}, {key: answer})
        return Reading({key: reading.answers.get(key)} if not mine else {}, mine, left)

    with Transaction():
        sheet = locked(sheet_id, by=by, at=at, token=token)
        page_key = _page_asking(sheet, key)
        return change_sheet(sheet_id, page_key, change, revision=revision, by=by, at=at, token=token)


def contradict(
    sheet_id: UUID, key: str, raw: RawAnswers, *, revision: int, by: Actor, at: datetime, token: str = ""
) -> Any:
    """Save another answer than the one that a record gives; the sheet keeps both.

    Args:
        sheet_id: The row is locked until the transaction ends.
        key: Of a question that a record answers; not of a repeating group.
        raw: What a browser sent, or JSON values by question.
        revision: What the page said when it was shown.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Returns:
        The answer, as it is stored.

    Raises:
        AnswersInvalid: It cannot be accepted, or says the same as the record.
        PageNotFound: There is no such question, it is not asked with these answers, or no record answers it.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    saved: list[Any] = []

    def change(work: Work) -> Reading:
        reading = _contradiction(work, page_key, key, raw)
        saved.append(reading.answers.get(key))
        return reading

    with Transaction():
        sheet = locked(sheet_id, by=by, at=at, token=token)
        page_key = _page_asking(sheet, key)
        change_sheet(sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, anyway=True)
    return saved[0]


def _contradiction(work: Work, page_key: str, key: str, raw: RawAnswers) -> Reading:
    """Read another answer than the one that a record gives, and keep what the record says."""
    page = work.page(page_key)
    known = {name: found for name, found in work.prefilled(page).items() if name == key}
    if not known or not _asks(work.state, page, key):
        raise PageNotFound
    stored = work.sheet.answers

    def sent(question: CompiledQuestion) -> Any:
        return given(raw, question.spec) if question.key == key else stored.get(question.key, NOT_GIVEN)

    reading = read_page(work.state, page, sent, before=dict(work.state.asked), translate=work.translate)
    mine = {path: text for path, text in reading.problems.items() if _is_about(path, key)}
    answer = reading.answers.get(key)
    if not mine and answer == known[key][0]:
        mine[key] = _("This is what we hold already. Enter what is right instead.")
    left = _still_open(work.state, page, {*stored, key})
    work.note_sources(known, {key: answer})
    return Reading({key: answer} if not mine else {}, mine, left)


def _page_asking(sheet: Sheet, key: str) -> str:
    """Return the key of the page that holds a question."""
    for page in form_of(sheet).pages:
        if any(question.key == key for question in page.questions):
            return page.key
    raise PageNotFound


def _asks(state: FormState, page: CompiledPage, key: str) -> bool:
    return any(question.key == key and question.spec.type != "file" for question in state.questions(page))


def _still_open(state: FormState, page: CompiledPage, answered: set[str]) -> list[str]:
    """Return the questions of a page that are asked and not answered yet."""
    return [each.key for each in state.questions(page) if each.key not in answered]


def _is_about(path: str, key: str) -> bool:
    return path == key or path.startswith((f"{key}[", f"{key}."))


def _read(work: Work, page: CompiledPage, raw: RawAnswers) -> Reading:
    """Read what was sent of a page; files came on their own, and are there already."""

    def sent(question: CompiledQuestion) -> Any:
        if question.spec.type == "file":
            return work.state.answers.get(question.key, NOT_GIVEN)
        return given(raw, question.spec)

    return read_page(work.state, page, sent, before=dict(work.state.asked), translate=work.translate)


def answer_all(
    sheet_id: UUID, document: Mapping[str, Any], *, revision: int, by: Actor, at: datetime, token: str = ""
) -> Saved:
    """Save a whole document of answers, as the API takes it; it replaces the answers given before.

    Files that were handed in stay where the document does not speak of their question; those that it leaves out of
    its list are deleted.

    Raises:
        AnswersInvalid: ``fields`` names every problem by its path.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    with Transaction():
        sheet = locked(sheet_id, by=by, at=at, token=token)
        form = form_of(sheet)
        document, strangers = with_files(form, sheet.answers, document)
        service = compiled(sheet.version_id)
        translate = service.translator(translation.get_language() or "")
        checked = check_answers(form, document, at=sheet.as_of(at), translate=translate, service=service)
        if checked.problems or strangers:
            raise AnswersInvalid(checked.problems | strangers)
        if sheet.answers == checked.answers and sheet.done_pages:
            return Saved(sheet.pk, sheet.revision, True, None)
        if sheet.revision != revision:
            raise SheetMoved(revision=sheet.revision)
        state = interview(service, form, checked.answers, at=sheet.as_of(at))
        gone = set(files_in(form, sheet.answers)) - set(files_in(form, checked.answers))
        if gone:
            delete_files(gone, reason="removed", by=by, at=at)
        sheet.answers, sheet.sources, sheet.faults = checked.answers, {}, checked.faults
        sheet.done_pages = [page.key for page in state.pages()]
        save(sheet, by=by, at=at, page="")
    return Saved(sheet.pk, sheet.revision, True, None)


@action
def lay_out(
    sheet_id: UUID, *, answers: Answers, sources: Sources, done_pages: Sequence[str], by: Actor, at: datetime
) -> int:
    """Put the answers of a rehearsal into its new sheet, as they were left; return its revision.

    Raises:
        RuntimeError: This is no rehearsal.
        SheetNotFound: There is none, or it belongs to somebody else.
    """
    must_be_rehearsed()
    sheet = locked(sheet_id, by=by, at=at, token="")
    sheet.answers, sheet.sources, sheet.done_pages = dict(answers), dict(sources), list(done_pages)
    for key in form_of(sheet).file_questions:
        for file in answers.get(key) or []:
            lay_out_file(
                UUID(file["id"]),
                name=file["name"],
                media_type=file["media_type"],
                size_bytes=file["size_bytes"],
                stream=sheet.stream,
                by=by,
                at=at,
            )
    save(sheet, by=by, at=at, page="")
    return sheet.revision


def _confirm_group(work: Work, page: CompiledPage, group: CompiledQuestion) -> Reading:
    """Check a group's list as a whole, and every item once more."""
    page, group, items = work.group(page.key)
    if group.key not in work.state.answers and items:
        work.keep_item_sources(page, group, list(range(len(items))))
    return read_page(
        work.state,
        page,
        lambda question: items or (None if work.state.is_required(question, question.key) is False else []),
        before=None,
        translate=work.translate,
    )

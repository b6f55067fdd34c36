"""Everything that changes a sheet."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

from django.core.files.base import File
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.engines.feel import Value
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Forbidden
from commonweal.kernel.base.expressions import Verdict
from commonweal.kernel.base.personal import without_held
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rehearsal import must_be_rehearsed
from commonweal.kernel.base.rows import insert, update
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.enums import Channel, Status
from commonweal.kernel.catalogue.errors import ServiceSuspended
from commonweal.kernel.catalogue.queries import compiled, offered_service
from commonweal.kernel.files import actions as file_actions
from commonweal.kernel.files.actions import delete_files, discard, hand_over, store_file
from commonweal.kernel.files.errors import FileEmpty, FileTooLarge, FileTypeRefused
from commonweal.kernel.files.queries import kept_files, media_types
from commonweal.kernel.forms import rules
from commonweal.kernel.forms.answers.collecting import given
from commonweal.kernel.forms.answers.mattering import interview
from commonweal.kernel.forms.answers.prefill import prefilled
from commonweal.kernel.forms.answers.reading import too_many_files
from commonweal.kernel.forms.answers.state import (
    NOT_GIVEN,
    FormState,
    Reading,
    after_answers,
    count_problem,
    evaluate,
    read_item,
    read_page,
    walk_problems,
)
from commonweal.kernel.forms.errors import (
    AnswersInvalid,
    PageNotFound,
    SheetExpired,
    SheetMoved,
    SheetNotFound,
    SheetSubmitted,
    SheetTaken,
)
from commonweal.kernel.forms.handed_in import bad_files, files_in, refused_file, with_files
from commonweal.kernel.forms.models import Sheet, Unsent
from commonweal.kernel.forms.queries.documents import check_answers, feel_facts, pruned
from commonweal.kernel.forms.queries.moving import moving
from commonweal.kernel.forms.queries.pages import group_items, is_done, known_facts, page_of
from commonweal.kernel.forms.queries.sheets import form_of, state_of
from commonweal.kernel.forms.types.answers import Answers, RawAnswers, Sources
from commonweal.kernel.forms.types.compiled import CompiledForm, CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.schema import FileQuestion, GroupQuestion
from commonweal.kernel.forms.types.views import Provenance
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry

if TYPE_CHECKING:
    from commonweal.kernel.files.models import Upload

KEPT_FOR = timedelta(days=30)
UNSENT_KEPT = timedelta(hours=1)
_MOST_UNSENT, _MOST_PLACE, _UNSENT_A_SHEET = 100_000, 300, 5
_BATCH = 1_000
_begun = Prepared(
    lambda: Sheet.objects.filter(
        owner=Given("owner"),
        version=Given("version"),
        channel=Channel.ONLINE,
        revision=0,
        submitted_at=None,
        expires_at__gt=Given("at"),
    ).order_by("-pk")[:1]
)
_sheet_to_change = Prepared(lambda: Sheet.objects.select_for_update().filter(pk=Given("id")).order_by())


@dataclass(frozen=True, slots=True)
class Started:
    """A sheet that has begun.

    Attributes:
        sheet_id: The sheet.
        token: The secret of its link, shown once; empty where it belongs to an account.
    """

    sheet_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A page that was saved.

    Attributes:
        sheet_id: The sheet.
        revision: Goes back with the next change.
        is_page_done: False where the answers brought up another question on the same page, or in the same item.
        next_page: The next page that has not been answered; None where only the review is left.
        item: Of a group, the index of the item that was saved, or None.
    """

    sheet_id: UUID
    revision: int
    is_page_done: bool
    next_page: str | None
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A sheet that was sent.

    Attributes:
        sheet_id: The sheet.
        version_id: The version of the service that it is pinned to.
        answers: Answers to the questions that were asked, and no others.
        facts: The answers as FEEL sees them; see :func:`~commonweal.kernel.forms.queries.feel_facts`.
        sources: Where answers come from that a register gave.
        faults: Conditions and rules that gave no answer, by place; a case with faults goes to an officer.
        is_new: False where it had been sent before.
        owner_id: The person's record that it belongs to; None while only a link leads to it.
        channel: The way by which it reached us.
        left_out: Questions that were not asked, because their answers could no longer matter.
        received_at: When it reached us on paper; None where it was filled in on a screen.
    """

    sheet_id: UUID
    version_id: UUID
    answers: Answers
    facts: dict[str, Value]
    sources: Sources
    faults: dict[str, str]
    is_new: bool
    owner_id: UUID | None = None
    channel: str = Channel.ONLINE
    left_out: tuple[str, ...] = ()
    received_at: datetime | None = None


def start_sheet(
    service_key: str,
    *,
    by: Actor,
    at: datetime,
    channel: Channel = Channel.ONLINE,
    received_at: datetime | None = None,
) -> Started:
    """Begin a form on the version of a service that is live now; it stays on that version.

    A resident who has just begun one and answered nothing gets the same one again.

    Args:
        service_key: The service.
        by: Who begins.
        at: When.
        channel: The way by which the one whom it is for reaches us.
        received_at: When it reached us on paper.

    Raises:
        ServiceNotFound: No such service is offered.
        ServiceSuspended: It takes no new applications for now.
        SheetNotFound: The service asks no questions.
        Forbidden: An officer or a program does not say whom it fills in for.
    """
    service = offered_service(service_key)
    if service.status is Status.SUSPENDED:
        raise ServiceSuspended(service=service_key)
    if service.compiled.sections.get("form") is None:
        raise SheetNotFound
    owner = rules.owner_of(by)
    if owner is None and by.kind is not ActorKind.GUEST:
        raise Forbidden
    token = "" if owner else secrets.token_urlsafe(32)
    with Transaction():
        is_own = owner is not None and channel is Channel.ONLINE
        sheet = _begun.one(owner=owner, version=service.version_id, at=at) if is_own else None
        if sheet is not None:
            return Started(sheet.pk, "")
        sheet = Sheet(
            version_id=service.version_id,
            service_key=service_key,
            agency=service.info.agency,
            channel=channel,
            owner_id=owner,
            token_hash=rules.token_hash(token),
            created_at=at,
            updated_at=at,
            expires_at=at + KEPT_FOR,
            received_at=received_at,
        )
        insert(sheet)
        record(
            "forms.sheet_started",
            stream=sheet.stream,
            by=by,
            at=at,
            subject=owner,
            service=service_key,
            version=str(service.version_id),
            channel=channel.value,
        )
    return Started(sheet.pk, token)


@action
def receive_on_paper(sheet_id: UUID, *, received_at: datetime, by: Actor, at: datetime) -> None:
    """Note that a form that was begun on a screen has come in on paper; it counts from that day.

    Args:
        sheet_id: The row is locked until the transaction ends.
        received_at: When it reached us.
        by: The officer who types it in, on behalf of its owner.
        at: When.

    Raises:
        SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    sheet = _locked(sheet_id, by=by, at=at, token="")
    sheet.channel, sheet.received_at, sheet.expires_at = Channel.POST, received_at, at + KEPT_FOR
    sheet.revision += 1
    update(sheet, ("channel", "received_at", "expires_at", "revision"))
    record(
        "forms.sheet_received",
        stream=sheet.stream,
        by=by,
        at=at,
        subject=sheet.owner_id,
        received_at=received_at.isoformat(),
    )


def carry_over(
    sheet_id: UUID, answers: Answers, *, source: str, by: Actor, at: datetime, token: str = ""
) -> None:
    """Fill in what somebody has said elsewhere; each page is still asked, with where its answers come from.

    Answers that the sheet has already stay as they are.

    Args:
        sheet_id: The row is locked until the transaction ends.
        answers: In their stored form; lists are not carried.
        source: Where they come from: a key of ``SOURCES``, or in plain words.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    with Transaction():
        sheet = _locked(sheet_id, by=by, at=at, token=token)
        known = {question.key for question in form_of(sheet).questions}
        new = {key: answer for key, answer in answers.items() if key in known and key not in sheet.answers}
        if not new:
            return
        sheet.answers = sheet.answers | new
        noted = {"source": source, "observed_at": at.isoformat()}
        sheet.sources = sheet.sources | dict.fromkeys(new, noted)
        _save(sheet, by=by, at=at, page="")


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

    def change(work: _Work) -> Reading:
        page = work.page(page_key)
        if page.group is not None:
            return _confirm_group(work, page, page.group)
        known = work.prefilled(page)
        reading = _read(work, page, raw)
        work.note_sources(known, reading.answers)
        return reading

    return _change(sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, anyway=anyway)


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

    def change(work: _Work) -> Reading:
        page = work.page(page_key)
        if page.group is not None:
            return Reading()
        known = work.prefilled(page)
        reading = _read(work, page, raw)
        work.note_sources(known, reading.answers)
        return Reading(reading.answers)

    return _change(sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, is_list=True)


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

    def change(work: _Work) -> Reading:
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
        sheet = _locked(sheet_id, by=by, at=at, token=token)
        page_key = _page_asking(sheet, key)
        return _change(sheet_id, page_key, change, revision=revision, by=by, at=at, token=token)


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

    def change(work: _Work) -> Reading:
        reading = _contradiction(work, page_key, key, raw)
        saved.append(reading.answers.get(key))
        return reading

    with Transaction():
        sheet = _locked(sheet_id, by=by, at=at, token=token)
        page_key = _page_asking(sheet, key)
        _change(sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, anyway=True)
    return saved[0]


def _contradiction(work: _Work, page_key: str, key: str, raw: RawAnswers) -> Reading:
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


def _read(work: _Work, page: CompiledPage, raw: RawAnswers) -> Reading:
    """Read what was sent of a page; files came on their own, and are there already."""

    def sent(question: CompiledQuestion) -> Any:
        if question.spec.type == "file":
            return work.state.answers.get(question.key, NOT_GIVEN)
        return given(raw, question.spec)

    return read_page(work.state, page, sent, before=dict(work.state.asked), translate=work.translate)


def answer_item(
    sheet_id: UUID,
    page_key: str,
    index: int | None,
    raw: RawAnswers,
    *,
    revision: int,
    by: Actor,
    at: datetime,
    token: str = "",
) -> Saved:
    """Save the answers about one item of a repeating group.

    Args:
        sheet_id: The row is locked until the transaction ends.
        page_key: The page of the group.
        index: Of the item, from 0; None adds one.
        raw: What a browser sent, or JSON values by question.
        revision: What the page said when it was shown.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        AnswersInvalid: Some answers cannot be accepted, or there are too many items.
        PageNotFound: There is no such page or item.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    saved_at: list[int] = []

    def change(work: _Work) -> Reading:
        page, group, items = work.group(page_key)
        if index is not None and not 0 <= index < len(items):
            raise PageNotFound
        place = len(items) if index is None else index
        saved_at.append(place)
        before = {} if index is None else items[index]
        reading = read_item(work.state, group, _sent(group, raw), before=before, translate=work.translate)
        kept = {key: value for key, value in before.items() if key not in reading.answers}
        changed = [*items[:place], kept | reading.answers, *items[place + 1 :]]
        problem = count_problem(_spec(group), max(len(changed), _spec(group).minimum), work.translate)
        if problem:
            reading.problems[group.items[0].key] = problem
        work.keep_item_sources(page, group, [*range(place), None, *range(place + 1, len(items))])
        return Reading({group.key: changed}, reading.problems, reading.unasked)

    return _change(
        sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, is_list=True, item=saved_at
    )


def remove_item(
    sheet_id: UUID, page_key: str, index: int, *, revision: int, by: Actor, at: datetime, token: str = ""
) -> Saved:
    """Take an item out of a repeating group.

    Raises:
        PageNotFound: There is no such page or item.
        SheetMoved, SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """

    def change(work: _Work) -> Reading:
        page, group, items = work.group(page_key)
        if not 0 <= index < len(items):
            raise PageNotFound
        left = [*items[:index], *items[index + 1 :]]
        work.keep_item_sources(page, group, [*range(index), *range(index + 1, len(items))])
        return Reading({group.key: left})

    return _change(sheet_id, page_key, change, revision=revision, by=by, at=at, token=token, is_list=True)


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
        sheet = _locked(sheet_id, by=by, at=at, token=token)
        form = form_of(sheet)
        document, strangers = with_files(form, sheet.answers, document)
        service = compiled(sheet.version_id)
        checked = check_answers(form, document, at=sheet.as_of(at), service=service)
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
        _save(sheet, by=by, at=at, page="")
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
    sheet = _locked(sheet_id, by=by, at=at, token="")
    sheet.answers, sheet.sources, sheet.done_pages = dict(answers), dict(sources), list(done_pages)
    _save(sheet, by=by, at=at, page="")
    return sheet.revision


def move_forward(sheet_id: UUID, *, to: UUID, revision: int, by: Actor, at: datetime, token: str = "") -> int:
    """Go on with the version that is offered now; answers that fit stay, the others were shown before, and go.

    Pages whose questions have changed are asked again, with the answers that were given. Doing it again changes nothing.

    Args:
        sheet_id: The row is locked until the transaction ends.
        to: The version that the page showed.
        revision: What the page showed.
        by: Who fills in.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Returns:
        The sheet's revision.

    Raises:
        SheetMoved: The sheet was changed elsewhere, or the service has moved on once more.
        SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    with Transaction():
        sheet = _locked(sheet_id, by=by, at=at, token=token)
        if sheet.version_id == to:
            return sheet.revision
        found = moving(sheet, translation.get_language() or "", at=at)
        if found is None or found.version_id != to or sheet.revision != revision:
            raise SheetMoved(revision=sheet.revision)
        gone = [lost.key for lost in found.lost]
        before, new = str(sheet.version_id), compiled(to).sections["form"]
        unneeded = set(files_in(form_of(sheet), sheet.answers)) - set(files_in(new, found.answers))
        if unneeded:
            delete_files(unneeded, reason="removed", by=by, at=at)
        sheet.version_id, sheet.agency, sheet.answers = to, found.agency, found.answers
        sheet.done_pages, sheet.faults = list(found.done_pages), {}
        sheet.sources = {
            key: source for key, source in sheet.sources.items() if key.split("[")[0] in found.answers
        }
        sheet.revision += 1
        sheet.updated_at, sheet.expires_at = at, at + KEPT_FOR
        sheet.save(
            update_fields=[
                "version", "agency", "answers", "done_pages", "faults", "sources", "revision", "updated_at", "expires_at"
            ]
        )  # fmt: skip
        record(
            "forms.sheet_moved_forward",
            stream=sheet.stream,
            by=by,
            at=at,
            subject=sheet.owner_id,
            before=before,
            after=str(to),
            lost=gone,
        )
    return sheet.revision


def submit_sheet(sheet_id: UUID, *, revision: int, by: Actor, at: datetime, token: str = "") -> Submission:
    """Send a sheet: every answer is checked once more, and what is not asked any more is left out.

    Sending a sheet again gives the same submission, so the call may be repeated safely.

    Raises:
        AnswersInvalid: Something is missing or has become wrong; ``fields`` names the pages.
        SheetMoved: The sheet was changed elsewhere since the review was shown.
        SheetNotFound: There is none, or it belongs to somebody else.
        SheetExpired: Nobody finished it in time.
    """
    with Transaction():
        sheet = _locked(sheet_id, by=by, at=at, token=token, may_be_sent=True)
        if sheet.submitted_at is not None:
            facts = feel_facts(form_of(sheet), sheet.answers, at=sheet.as_of(at), left_out=sheet.left_out)
            return _submission(sheet, facts, is_new=False)
        if sheet.revision != revision:
            raise SheetMoved(revision=sheet.revision)
        state = state_of(sheet, at=at)
        facts = state.facts()
        wrong: dict[str, str] = {}
        undone = {page.key for page in state.pages() if not is_done(state, page, sheet.done_pages)}
        for page, problems in walk_problems(state):
            if problems:
                wrong[page.key] = next(iter(problems.values()))
            elif page.key in undone:
                wrong[page.key] = _("Answer the questions on this page.")
        wrong |= bad_files(state)
        if wrong:
            raise AnswersInvalid(wrong)
        sheet.faults = sheet.faults | state.faults
        sheet.answers = pruned(state)
        sheet.left_out = sorted(state.left_out)
        sheet.submitted_at = sheet.updated_at = at
        sheet.revision += 1
        update(sheet, ("answers", "left_out", "faults", "submitted_at", "updated_at", "revision"))
        record(
            "forms.sheet_submitted",
            stream=sheet.stream,
            by=by,
            at=at,
            subject=sheet.owner_id,
            service=sheet.service_key,
            version=str(sheet.version_id),
            faults=len(sheet.faults),
        )
    return _submission(sheet, facts, is_new=True)


def claim_sheet(sheet_id: UUID, *, token: str, by: Actor, at: datetime) -> None:
    """Take a sheet into the account of the person who signs in; its link stops working.

    Claiming a sheet again changes nothing, so the call may be repeated safely.

    Raises:
        Forbidden: Nobody has signed in as a resident.
        SheetNotFound: There is none, or the token is not the one of its link.
        SheetTaken: It belongs to another account.
    """
    owner = rules.owner_of(by)
    if owner is None:
        raise Forbidden
    with Transaction():
        sheet = _row(sheet_id)
        if sheet.owner_id in rules.owners_of(by):
            return
        if sheet.owner_id is not None:
            raise SheetTaken
        if not rules.allows(by, sheet, token):
            raise SheetNotFound
        sheet.owner_id, sheet.token_hash = owner, ""
        sheet.save(update_fields=["owner", "token_hash"])
        own = dict.fromkeys(files_in(form_of(sheet), sheet.answers))
        if own:
            hand_over(sheet.stream, to=sheet.stream, subject=owner, retention=own, by=by, at=at)
        record("forms.sheet_claimed", stream=sheet.stream, by=by, at=at, subject=owner)


def delete_expired(*, by: Actor, at: datetime) -> int:
    """Delete sheets that nobody finished in time, at most 1,000 a call; return how many."""
    with Transaction():
        rows = list(
            _not_held(Sheet.objects.expired(at))
            .order_by("expires_at", "pk")
            .only("owner")[:_BATCH]
            .select_for_update()
        )
        if rows:
            entries = [Entry(row.stream, row.owner_id, {}) for row in rows]
            record_many("forms.sheet_expired", entries, by=by, at=at)
            discard([row.stream for row in rows], reason="draft expired", by=by, at=at)
            Sheet.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


@action
def keep_unsent(
    sheet_id: UUID, *, place: str, typed: Mapping[str, Sequence[str]], by: Actor, at: datetime
) -> str:
    """Keep for an hour what was typed into a page whose session was over, for the owner to see it again.

    Whoever sends it has not signed in, so nothing of the form is told or changed.

    Args:
        sheet_id: The form.
        place: Path of the page.
        typed: Texts by field; files are not kept.
        by: A guest.
        at: When.

    Returns:
        The secret with which it is shown to the owner; empty where nothing was kept: there is no such form, it belongs to
        no account, or it is more text than is kept.
    """
    open_rows = Sheet.objects.open(at).select_for_update().filter(pk=sheet_id)
    sheet = open_rows.exclude(owner=None).order_by("pk").first()
    length = sum(len(text) for texts in typed.values() for text in texts)
    if sheet is None or length > _MOST_UNSENT or len(place) > _MOST_PLACE:
        return ""
    before = Unsent.objects.filter(sheet=sheet).order_by("-expires_at", "-pk")
    Unsent.objects.filter(pk__in=[each.pk for each in before[_UNSENT_A_SHEET - 1 :]]).delete()
    secret = secrets.token_urlsafe(32)
    kept: Any = {name: list(texts) for name, texts in typed.items()}
    Unsent.objects.create(
        sheet=sheet,
        place=place,
        revision=sheet.revision,
        typed=kept,
        secret_hash=rules.token_hash(secret),
        expires_at=at + UNSENT_KEPT,
    )
    record("forms.unsent_kept", stream=sheet.stream, subject=sheet.owner_id, by=by, at=at)
    return secret


@action
def delete_unsent(*, by: Actor, at: datetime) -> int:
    """Delete what was kept for an hour and is over; return how much."""
    count, _by_model = Unsent.objects.filter(expires_at__lte=at).delete()
    if count:
        record("forms.unsent_deleted", stream="forms:unsent", by=by, at=at, count=count)
    return count


def _not_held(rows: QuerySet[Sheet]) -> QuerySet[Sheet]:
    return without_held(rows, Sheet.personal) if Sheet.personal else rows


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
            _save(sheet, by=by, at=at, page=page.key)
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
        _save(sheet, by=by, at=at, page=page.key)
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
        sheet = _locked(sheet_id, by=by, at=at, token=token)
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


@action
def delete_submitted(sheet_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the answers of an application that is no longer kept. Doing it again changes nothing."""
    sheet = Sheet.objects.select_for_update().filter(pk=sheet_id).order_by().first()
    if sheet is not None:
        record("forms.sheet_deleted", stream=sheet.stream, by=by, at=at)
        sheet.delete()


class _Work:
    """One change of a sheet: the form with its answers, and where they come from."""

    def __init__(self, sheet: Sheet, at: datetime, *, anyway: bool = False) -> None:
        self.sheet = sheet
        self.anyway = anyway
        self.state: FormState = state_of(sheet, at=at)
        self.translate = compiled(sheet.version_id).translator(translation.get_language() or "")
        self.sources: Sources = dict(sheet.sources)

    def page(self, key: str) -> CompiledPage:
        """Return a page that comes, or that is to be answered anyway."""
        return page_of(self.state, key, anyway=self.anyway)

    def group(self, page_key: str) -> tuple[CompiledPage, CompiledQuestion, list[dict[str, Any]]]:
        """Return a repeating group with its items: those given, else those known already."""
        page = self.page(page_key)
        if page.group is None:
            raise PageNotFound
        items, _provenance = group_items(self.state, page.group, known_facts(self.sheet, page))
        return page, page.group, items

    def prefilled(self, page: CompiledPage) -> dict[str, tuple[Any, Provenance]]:
        """Return what the page showed as known already, by question."""
        known = known_facts(self.sheet, page)
        found = {question.key: prefilled(self.state, question, known) for question in page.questions}
        return {key: (value.answer, value.provenance) for key, value in found.items() if value}

    def note_sources(self, known: Mapping[str, tuple[Any, Provenance]], answers: Answers) -> None:
        """Keep where an answer comes from that was known; where the resident changed it, also what was known."""
        for key, answer in answers.items():
            self.sources.pop(key, None)
            if key in known:
                was, provenance = known[key]
                self.sources[key] = _written(provenance) | ({} if was == answer else {"says": was})

    def keep_item_sources(
        self, page: CompiledPage, group: CompiledQuestion, origins: list[int | None]
    ) -> None:
        """Renumber the sources of a group's items; ``origins`` says which item each was before."""
        _items, provenance = group_items(self.state, group, known_facts(self.sheet, page))
        before = {number: self.sources.pop(f"{group.key}[{number + 1}]", None) for number in range(100)}
        for number, origin in enumerate(origins, start=1):
            source = None if origin is None else before.get(origin)
            if source is None and origin is not None and provenance is not None:
                source = _written(provenance)
            if source is not None:
                self.sources[f"{group.key}[{number}]"] = source


def _change(
    sheet_id: UUID,
    page_key: str,
    change: Callable[[_Work], Reading],
    *,
    revision: int,
    by: Actor,
    at: datetime,
    token: str,
    is_list: bool = False,
    item: list[int] | None = None,
    anyway: bool = False,
) -> Saved:
    """Lock a sheet, let ``change`` read the answers, save them, and say what comes next."""
    with Transaction():
        sheet = _locked(sheet_id, by=by, at=at, token=token)
        work = _Work(sheet, at, anyway=anyway)
        reading = change(work)
        if reading.problems:
            raise AnswersInvalid(reading.problems)
        answers = sheet.answers | reading.answers
        done = list(sheet.done_pages)
        if not is_list and page_key not in done and not reading.unasked:
            done.append(page_key)
        if (answers, done, work.sources) != (sheet.answers, sheet.done_pages, sheet.sources):
            if sheet.revision != revision:
                raise SheetMoved(revision=sheet.revision)
            sheet.faults = _faults(sheet.faults, work, page_key)
            _forget_looked_up(work, reading.answers, answers, done)
            sheet.answers, sheet.done_pages, sheet.sources = answers, done, work.sources
            _save(sheet, by=by, at=at, page=page_key)
    if work.state.form.may_skip:
        after = state_of(sheet, at=at)
    else:
        after = after_answers(work.state, page_key, answers)
    return Saved(
        sheet_id=sheet.pk,
        revision=sheet.revision,
        is_page_done=not reading.unasked,
        next_page=_next(after, done, page_key),
        item=item[0] if item else None,
    )


def _forget_looked_up(work: _Work, new: Answers, answers: Answers, done: list[str]) -> None:
    """Take out what a register said of another entry than the one that the answers name now; it is asked again."""
    before = work.sheet.answers
    changed = {key for key, answer in new.items() if key in before and before[key] != answer}
    for page in work.state.form.pages if changed else ():
        stale = [
            question.key
            for question in page.questions
            if question.prefill_key is not None
            and question.prefill_key.names & changed
            and question.key in work.sources
            and question.key in answers
            and question.key not in new
        ]
        for key in stale:
            del answers[key], work.sources[key]
        if stale and page.key in done:
            done.remove(page.key)


def _next(state: FormState, done: list[str], page_key: str) -> str | None:
    pages = state.pages()
    at = [page.key for page in pages].index(page_key) if state.form.page(page_key) in pages else -1
    ordered = pages[at + 1 :] + pages[: at + 1]
    return next((page.key for page in ordered if not is_done(state, page, done)), None)


def _confirm_group(work: _Work, page: CompiledPage, group: CompiledQuestion) -> Reading:
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


def _faults(before: Mapping[str, str], work: _Work, page_key: str) -> dict[str, str]:
    """Keep faults of rules on other pages; those of conditions have just been found anew."""
    page = work.page(page_key)
    own = tuple(question.key for question in page.questions)
    kept = {
        place: reason for place, reason in before.items() if ".valid[" in place and not place.startswith(own)
    }
    return kept | work.state.faults


def _sent(group: CompiledQuestion, raw: RawAnswers) -> dict[str, Any]:
    """Return what was sent about an item, by question."""
    found = {question.key: given(raw, question.spec) for question in group.items}
    return {key: value for key, value in found.items() if value is not NOT_GIVEN}


def _spec(group: CompiledQuestion) -> GroupQuestion:
    spec = group.spec
    assert isinstance(spec, GroupQuestion)
    return spec


def _written(provenance: Provenance) -> dict[str, Any]:
    written = {"source": provenance.source, "observed_at": provenance.observed_at.isoformat()}
    more = {"legal_basis": provenance.legal_basis, "record": provenance.record}
    return written | {name: text for name, text in more.items() if text}


def _row(sheet_id: UUID) -> Sheet:
    sheet = _sheet_to_change.one(id=sheet_id)
    if sheet is None:
        raise SheetNotFound
    return sheet


def _locked(sheet_id: UUID, *, by: Actor, at: datetime, token: str, may_be_sent: bool = False) -> Sheet:
    """Lock a sheet that the actor may answer.

    Raises:
        SheetNotFound: There is none, or it belongs to somebody else.
        SheetExpired: Nobody finished it in time.
        SheetSubmitted: It was sent already.
    """
    sheet = _row(sheet_id)
    if not rules.allows(by, sheet, token):
        raise SheetNotFound
    if sheet.submitted_at is not None:
        if may_be_sent:
            return sheet
        raise SheetSubmitted
    if sheet.expires_at <= at:
        raise SheetExpired
    return sheet


def _save(sheet: Sheet, *, by: Actor, at: datetime, page: str) -> None:
    sheet.revision += 1
    sheet.updated_at, sheet.expires_at = at, at + KEPT_FOR
    update(sheet, ("answers", "sources", "faults", "done_pages", "revision", "updated_at", "expires_at"))
    record(
        "forms.page_answered",
        stream=sheet.stream,
        by=by,
        at=at,
        subject=sheet.owner_id,
        page=page,
        revision=sheet.revision,
    )


def _submission(sheet: Sheet, facts: dict[str, Value], *, is_new: bool) -> Submission:
    return Submission(
        sheet.pk,
        sheet.version_id,
        sheet.answers,
        facts,
        sheet.sources,
        sheet.faults,
        is_new,
        sheet.owner_id,
        sheet.channel,
        tuple(sheet.left_out),
        sheet.received_at,
    )

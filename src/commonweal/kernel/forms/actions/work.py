"""One change of a sheet: it is locked, read, saved, and its page noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import translation

from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rows import update
from commonweal.kernel.base.transactions import Transaction
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.forms import rules
from commonweal.kernel.forms.answers.prefill import prefilled
from commonweal.kernel.forms.answers.state import (
    FormState,
    Reading,
    after_answers,
)
from commonweal.kernel.forms.errors import (
    AnswersInvalid,
    PageNotFound,
    SheetExpired,
    SheetMoved,
    SheetNotFound,
    SheetSubmitted,
)
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.pages import group_items, is_done, known_facts, page_of
from commonweal.kernel.forms.queries.sheets import state_of
from commonweal.kernel.forms.types.answers import Answers, Sources
from commonweal.kernel.forms.types.compiled import CompiledPage, CompiledQuestion
from commonweal.kernel.forms.types.views import Provenance
from commonweal.kernel.ledger.actions import record

KEPT_FOR = timedelta(days=30)


_sheet_to_change = Prepared(lambda: Sheet.objects.select_for_update().filter(pk=Given("id")).order_by())


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


class Work:
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
        before = {place: self.sources.pop(place) for place in list(self.sources) if _is_in(place, group.key)}
        for number, origin in enumerate(origins, start=1):
            if origin is None:
                continue
            was, now = f"{group.key}[{origin + 1}]", f"{group.key}[{number}]"
            own = {now + place[len(was) :]: source for place, source in before.items() if _is_of(place, was)}
            if not own and provenance is not None:
                own = {now: _written(provenance)}
            self.sources |= own

    def keep_field_sources(
        self, group: CompiledQuestion, index: int, before: Mapping[str, Any], after: Answers
    ) -> None:
        """Keep where each value of an item comes from that is changed; of one that differs now, also what was known.

        Args:
            group: The repeating group.
            index: Of the item, from 0; its sources are in place.
            before: The item's answers as they stood.
            after: As they are now.
        """
        place = f"{group.key}[{index + 1}]"
        whole = self.sources.get(place)
        if whole is not None and _adds_nothing(before, after):
            return
        self.sources.pop(place, None)
        for question in group.items:
            path, was = f"{place}.{question.key}", before.get(question.key)
            source = whole if whole is not None and was is not None else self.sources.get(path)
            if source is not None:
                self.sources[path] = _beside(source, was, after.get(question.key))


def change_sheet(
    sheet_id: UUID,
    page_key: str,
    change: Callable[[Work], Reading],
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
        sheet = locked(sheet_id, by=by, at=at, token=token)
        work = Work(sheet, at, anyway=anyway)
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
            save(sheet, by=by, at=at, page=page_key)
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


def _forget_looked_up(work: Work, new: Answers, answers: Answers, done: list[str]) -> None:
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


def _faults(before: Mapping[str, str], work: Work, page_key: str) -> dict[str, str]:
    """Keep faults of rules on other pages; those of conditions have just been found anew."""
    page = work.page(page_key)
    own = tuple(question.key for question in page.questions)
    kept = {
        place: reason for place, reason in before.items() if ".valid[" in place and not place.startswith(own)
    }
    return kept | work.state.faults


def _adds_nothing(before: Mapping[str, Any], after: Answers) -> bool:
    """Whether an item says the same as before, blanks aside."""
    same = all(after.get(key) == value for key, value in before.items())
    return same and all(value is None or key in before for key, value in after.items())


def _beside(source: Mapping[str, Any], was: Any, answer: Any) -> dict[str, Any]:
    """Return the source of a value, with what it says where the answer is another one now."""
    known = source.get("says", was)
    kept = {name: value for name, value in source.items() if name != "says"}
    return kept | ({} if answer == known else {"says": known})


def _is_in(place: str, group: str) -> bool:
    return place.startswith(f"{group}[")


def _is_of(place: str, item: str) -> bool:
    return place == item or place.startswith(f"{item}.")


def _written(provenance: Provenance) -> dict[str, Any]:
    written = {"source": provenance.source, "observed_at": provenance.observed_at.isoformat()}
    more = {"legal_basis": provenance.legal_basis, "record": provenance.record}
    return written | {name: text for name, text in more.items() if text}


def row_to_change(sheet_id: UUID) -> Sheet:
    """Lock a sheet, whoever asks.

    Raises:
        SheetNotFound: There is none.
    """
    sheet = _sheet_to_change.one(id=sheet_id)
    if sheet is None:
        raise SheetNotFound
    return sheet


def locked(sheet_id: UUID, *, by: Actor, at: datetime, token: str, may_be_sent: bool = False) -> Sheet:
    """Lock a sheet that the actor may answer.

    Raises:
        SheetNotFound: There is none, or it belongs to somebody else.
        SheetExpired: Nobody finished it in time.
        SheetSubmitted: It was sent already.
    """
    sheet = row_to_change(sheet_id)
    if not rules.allows(by, sheet, token):
        raise SheetNotFound
    if sheet.submitted_at is not None:
        if may_be_sent:
            return sheet
        raise SheetSubmitted
    if sheet.expires_at <= at:
        raise SheetExpired
    return sheet


def save(sheet: Sheet, *, by: Actor, at: datetime, page: str) -> None:
    """Write what was answered, and note which page."""
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

"""A sheet is sent, or goes on with a newer version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.engines.feel import Value
from commonweal.kernel.base.rows import update
from commonweal.kernel.base.transactions import Transaction
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.files.actions import delete_files
from commonweal.kernel.forms.actions.work import KEPT_FOR, locked
from commonweal.kernel.forms.answers.state import (
    walk_problems,
)
from commonweal.kernel.forms.errors import (
    AnswersInvalid,
    SheetMoved,
)
from commonweal.kernel.forms.handed_in import bad_files, files_in
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.documents import feel_facts, pruned
from commonweal.kernel.forms.queries.moving import moving
from commonweal.kernel.forms.queries.pages import is_done
from commonweal.kernel.forms.queries.sheets import form_of, state_of
from commonweal.kernel.forms.types.answers import Answers, Sources
from commonweal.kernel.ledger.actions import record


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
        sheet = locked(sheet_id, by=by, at=at, token=token)
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
        sheet = locked(sheet_id, by=by, at=at, token=token, may_be_sent=True)
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

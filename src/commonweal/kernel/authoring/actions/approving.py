"""What becomes of a draft: proposed, sent back, approved by another officer, discarded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.authoring.enums import Stage
from commonweal.kernel.authoring.errors import (
    DraftClosed,
    NothingChanged,
    NotProposed,
    OwnProposal,
)
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.queries import check, check_draft, is_outdated
from commonweal.kernel.authoring.steps import (
    LONGEST_NOTE,
    find_draft,
    must_be_open,
    must_edit,
    record_step,
)
from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import actions as publishing
from commonweal.kernel.catalogue.errors import BrokenDeclaration, VersionOutdated
from commonweal.kernel.catalogue.rules import may_publish
from commonweal.kernel.decisions import actions as laws
from commonweal.kernel.decisions import queries as decisions


@action
def propose(draft_id: UUID, *, note: str, revision: int, by: Actor, at: datetime) -> Draft:
    """Propose to publish a draft; another officer approves. Proposing it again changes nothing.

    Args:
        draft_id: The row is locked until the transaction ends.
        note: What it is for, for the officer who approves and for the record.
        revision: What the page showed.
        by: Who proposes.
        at: When.

    Raises:
        BrokenDeclaration: It does not compile.
        VersionOutdated: Another version was published meanwhile.
        NothingChanged: It says what the live version says.
        Conflict: It was changed since ``revision``.
        Invalid: There is no note, or it is too long.
        DraftClosed: It is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = find_draft(draft_id, by)
    must_edit(by)
    if draft.stage == Stage.PROPOSED and draft.revision == revision:
        return draft
    must_be_open(draft)
    if draft.revision != revision:
        raise Conflict
    note = readable(note)
    if not note or len(note) > LONGEST_NOTE:
        raise Invalid({"note": _("Say in a few words what changes and why.")})
    if is_outdated(draft):
        raise VersionOutdated(service=draft.service_key)
    if draft.files == (draft.base if draft.is_law else draft.based_on and draft.based_on.files):
        raise NothingChanged
    _must_compile(draft)
    draft.stage, draft.proposed_by, draft.proposed_at, draft.note = Stage.PROPOSED, by.id, at, note
    draft.save(update_fields=["stage", "proposed_by", "proposed_at", "note"])
    record_step("authoring.proposed", draft, by, at, note=draft.note)
    return draft


@action
def take_back(draft_id: UUID, *, by: Actor, at: datetime) -> Draft:
    """Go on writing a draft that was proposed. Taking back what is open changes nothing.

    Raises:
        DraftClosed: It is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = find_draft(draft_id, by)
    must_edit(by)
    if draft.is_open:
        return draft
    if draft.stage != Stage.PROPOSED:
        raise DraftClosed(stage=Stage(draft.stage).label)
    return _opened(draft, "authoring.taken_back", draft.note, by, at)


@action
def send_back(draft_id: UUID, *, note: str, by: Actor, at: datetime) -> Draft:
    """Do not approve a draft, and say why.

    Raises:
        NotProposed: It does not wait for approval.
        Invalid: There is no reason, or it is too long.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not publish services.
    """
    draft = _proposed(draft_id, by)
    note = readable(note)
    if not note or len(note) > LONGEST_NOTE:
        raise Invalid({"reason": _("Say in a few words what has to change.")})
    return _opened(draft, "authoring.sent_back", note, by, at)


@action
def approve(draft_id: UUID, *, revision: int, by: Actor, at: datetime) -> Draft:
    """Publish what another officer proposed: a new version, live from now on. Doing it again changes nothing.

    Args:
        draft_id: The row is locked until the transaction ends.
        revision: What the page showed.
        by: An officer who may publish, and who has not worked on the draft.
        at: When.

    Raises:
        OwnProposal: The officer has worked on it.
        NotProposed: It does not wait for approval.
        Conflict: It is not what the page showed.
        VersionOutdated: Another version was published meanwhile.
        BrokenDeclaration: It does not compile any more.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not publish services.
    """
    draft = find_draft(draft_id, by)
    if draft.stage == Stage.PUBLISHED and draft.approved_by == by.id:
        return draft
    draft = _proposed(draft_id, by)
    if by.id == draft.proposed_by or by.id in draft.editors:
        raise OwnProposal
    if draft.revision != revision:
        raise Conflict
    published = _publish(draft, by, at)
    draft.stage, draft.approved_by, draft.changed_at = Stage.PUBLISHED, by.id, at
    draft.save(update_fields=["stage", "approved_by", "version", "law_text", "changed_at"])
    record_step("authoring.approved", draft, by, at, proposed_by=draft.proposed_by, version=str(published))
    return draft


def _publish(draft: Draft, by: Actor, at: datetime) -> UUID:
    """Publish a draft, and note what it became."""
    if draft.is_law:
        instead_of = decisions.text_hash(draft.base) if draft.base else ""
        draft.law_text = laws.publish_law(draft.service_key, draft.files, instead_of=instead_of, by=by, at=at)
        return draft.law_text.pk
    draft.version = publishing.publish_files(
        draft.service_key,
        draft.files,
        instead_of=draft.based_on.number if draft.based_on else 0,
        by=by,
        at=at,
    )
    return draft.version.pk


@action
def discard(draft_id: UUID, *, by: Actor, at: datetime) -> Draft:
    """Give a draft up; its text stays where it is. Doing it again changes nothing.

    Raises:
        DraftClosed: It was published.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = find_draft(draft_id, by)
    must_edit(by)
    if draft.stage == Stage.DISCARDED:
        return draft
    if draft.stage == Stage.PUBLISHED:
        raise DraftClosed(stage=Stage(draft.stage).label)
    draft.stage, draft.changed_at = Stage.DISCARDED, at
    draft.save(update_fields=["stage", "changed_at"])
    record_step("authoring.discarded", draft, by, at)
    return draft


def _opened(draft: Draft, type_: str, note: str, by: Actor, at: datetime) -> Draft:
    draft.stage, draft.note, draft.proposed_by, draft.proposed_at = Stage.OPEN, note, "", None
    draft.save(update_fields=["stage", "note", "proposed_by", "proposed_at"])
    record_step(type_, draft, by, at, note=note)
    return draft


def _proposed(draft_id: UUID, by: Actor) -> Draft:
    draft = find_draft(draft_id, by)
    if not may_publish(by):
        raise Forbidden
    if draft.stage != Stage.PROPOSED:
        raise NotProposed
    return draft


def _must_compile(draft: Draft) -> None:
    """Refuse what could not be published now: with the law in force, whatever draft of one lies beside it."""
    checked = check_draft(draft) if draft.is_law else check(draft.service_key, draft.files)
    if checked.errors:
        raise BrokenDeclaration(service=draft.service_key, problems=checked.errors)
    if checked.service and checked.service.info.agency != draft.agency:
        raise Invalid({"agency": _("A service stays with its agency: write '%s'.") % draft.agency})

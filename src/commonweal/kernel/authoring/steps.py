"""What every action on a draft does: find and lock its row, keep the change, record it, refuse what may not be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.authoring.enums import Stage
from commonweal.kernel.authoring.errors import DraftClosed, DraftNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.rules import allows, may_edit
from commonweal.kernel.base.documents import Problem, Unreadable
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.ledger.actions import record_many
from commonweal.kernel.ledger.types import Entry

MAIN = "service.yaml"
LONGEST_NOTE = 1_000
LAW_FILE = re.compile(r"parameters\.yaml|cases\.yaml|summary\.md|\d{4}-\d\d-\d\d(@\d{4}-\d\d-\d\d)?\.dmn")
MODEL_FILE = re.compile(r"\d{4}-\d\d-\d\d(@\d{4}-\d\d-\d\d)?\.dmn")


def keep_changed(draft: Draft, files: Mapping[str, str], by: Actor, at: datetime, what: str) -> Draft:
    """Keep a draft's new text, and say in the ledger what has changed it."""
    draft.files, draft.changed_at, draft.revision = dict(files), at, draft.revision + 1
    if by.id not in draft.editors:
        draft.editors = [*draft.editors, by.id]
    draft.save(update_fields=["files", "based_on", "base", "changed_at", "revision", "editors"])
    record_step("authoring.changed", draft, by, at, what=what, content_hash=catalogue.content_hash(files))
    return draft


def record_step(type_: str, draft: Draft, by: Actor, at: datetime, **more: Json) -> None:
    """Write a step of a draft into the ledger."""
    facts: Mapping[str, Json] = {"draft": str(draft.pk), "revision": draft.revision, **more}
    record_many(type_, [Entry(draft.stream, None, facts)], by=by, at=at)


def find_draft(draft_id: UUID, by: Actor) -> Draft:
    """Return a draft, its row locked.

    Raises:
        DraftNotFound: There is none, or it is not theirs to see.
    """
    found = Draft.objects.select_for_update(of=("self",)).filter(pk=draft_id).order_by("pk").first()
    if found is None or not allows(by, found):
        raise DraftNotFound
    return found


def lock_draft(draft_id: UUID, by: Actor) -> Draft:
    """Return a draft that can be changed, its row locked."""
    draft = find_draft(draft_id, by)
    must_edit(by)
    must_be_open(draft)
    return draft


def must_edit(by: Actor) -> None:
    """Refuse whoever may not write drafts."""
    if not may_edit(by) or not by.agency:
        raise Forbidden


def must_be_open(draft: Draft) -> None:
    """Refuse a draft that is proposed, published or discarded."""
    if not draft.is_open:
        raise DraftClosed(stage=Stage(draft.stage).label)


def no_law_file(name: str) -> Problem:
    """Return what is wrong with a file that has no place among a programme's."""
    message = _("A law has parameters.yaml, cases.yaml, summary.md and models named 2027-01-01.dmn.")
    return Problem(name, 0, 0, "law.file", message)


def read_texts(raw: Mapping[str, bytes], key: str, *, field: str = "text") -> dict[str, str]:
    """Return files as text.

    Raises:
        TextRefused: One is no text, too long or too many.
    """
    try:
        return catalogue.readable(raw, key)
    except Unreadable as error:
        raise TextRefused(error.problem, field=field) from None

"""What changes the text of a draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.authoring import figures
from commonweal.kernel.authoring.columns import elements_of, with_law_member
from commonweal.kernel.authoring.enums import UNFINISHED, Stage
from commonweal.kernel.authoring.errors import (
    DraftClosed,
    DraftMoved,
    DraftNotFound,
    DraftOutdated,
    PlaceNotFound,
    TextRefused,
)
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.queries import fingerprint, is_outdated
from commonweal.kernel.authoring.steps import (
    LAW_FILE,
    MODEL_FILE,
    find_draft,
    keep_changed,
    lock_draft,
    no_law_file,
    read_texts,
    record_step,
)
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions import queries as decisions

if TYPE_CHECKING:
    from commonweal.kernel.catalogue.models import ServiceVersion


_FIGURE = re.compile(r"[a-z][a-z0-9_]{0,59}")


@action
def save_file(draft_id: UUID, name: str, text: str, *, seen: str, by: Actor, at: datetime) -> Draft:
    """Save the text of a file, a new one too. Text that does not compile is kept; only publishing asks for more.

    Args:
        draft_id: The row is locked until the transaction ends.
        name: Path inside the service's folder.
        text: All of it.
        seen: Fingerprint of the text as it was shown; empty for a file that was not there.
        by: Who writes.
        at: When.

    Raises:
        DraftMoved: Somebody else changed the file since; the error holds their text.
        TextRefused: It is no text of a service: too long, control characters, a name that does not belong.
        DraftClosed: The draft waits for approval, or is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = lock_draft(draft_id, by)
    present = draft.files.get(name)
    _must_belong(draft, name)
    clean = read_texts({name: text.replace("\r\n", "\n").encode()}, draft.service_key)[name]
    if present == clean:
        return draft
    if fingerprint(present) != seen:
        raise DraftMoved(file=name, theirs=present or "")
    files = read_texts({**_raw(draft.files), name: clean.encode()}, draft.service_key)
    return keep_changed(draft, files, by, at, name)


@action
def add_figure(draft_id: UUID, key: str, sent: Mapping[str, str], *, by: Actor, at: datetime) -> Draft:
    """Add a figure to a law, with its first value; the newest rules know it as ``law.<key>`` from then on.

    Args:
        draft_id: The draft of a law; its row is locked until the transaction ends.
        key: Its name in FEEL.
        sent: What was typed about it, and of its first value, by field.
        by: Who writes.
        at: When.

    Raises:
        Invalid: Something about it is wrong, by field.
        TextRefused: A file cannot be read as it stands.
        DraftClosed: The draft waits for approval, or is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = lock_draft(draft_id, by)
    if not draft.is_law:
        raise DraftNotFound
    if not _FIGURE.fullmatch(key):
        raise Invalid({"key": _("Use small letters, digits and low lines, such as late_charge.")})
    figure = figures.new_figure(sent)
    try:
        text = figures.with_figure(draft.files[figures.FILE], key, figure)
    except PlaceNotFound:
        raise Invalid({"key": _("There is a figure of this name already.")}) from None
    wrong = {**figures.said_of_figure(text, key, figure), **figures.wrong_days(sent)}
    if wrong:
        raise Invalid(wrong)
    files = {**draft.files, figures.FILE: text}
    models = sorted(name for name in files if MODEL_FILE.fullmatch(name))
    if models:
        files[models[-1]] = with_law_member(files[models[-1]], models[-1], key, figure.get("kind", ""))
    return keep_changed(draft, files, by, at, figures.FILE)


@action
def remove_file(draft_id: UUID, name: str, *, seen: str, by: Actor, at: datetime) -> Draft:
    """Take a file away; one that is not there changes nothing.

    Raises:
        DraftMoved: Somebody else changed the file since it was shown.
        Invalid: It is the file without which there is no service.
        DraftClosed: The draft waits for approval, or is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = lock_draft(draft_id, by)
    if name not in draft.files:
        return draft
    if name == draft.main:
        raise Invalid({"name": _("Without %(file)s there is nothing.") % {"file": draft.main}})
    if fingerprint(draft.files[name]) != seen:
        raise DraftMoved(file=name, theirs=draft.files[name])
    return keep_changed(draft, {key: text for key, text in draft.files.items() if key != name}, by, at, name)


@action
def rewrite(
    draft_id: UUID, name: str, change: Callable[[str], str], *, seen: str, by: Actor, at: datetime
) -> Draft:
    """Change a file by a function of its text, as the pages for questions and texts do.

    Raises:
        PlaceNotFound: What was to be changed is not there.
        DraftMoved: Somebody else changed the file since it was shown.
        TextRefused: The file cannot be read as it stands, or a model could not be read any more afterwards.
        DraftClosed: The draft waits for approval, or is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = lock_draft(draft_id, by)
    present = draft.files.get(name, "")
    if fingerprint(draft.files.get(name)) != seen:
        raise DraftMoved(file=name, theirs=present)
    text = change(present)
    if name.endswith(".dmn"):
        elements_of(text, name)
    return save_file(draft_id, name, text, seen=seen, by=by, at=at)


@action
def catch_up(draft_id: UUID, *, is_merged: bool = False, by: Actor, at: datetime) -> Draft:
    """Take over what was published since the draft was begun, file by file.

    A file that only one side changed is taken from that side. Doing it again changes nothing.

    Args:
        draft_id: The row is locked until the transaction ends.
        is_merged: The author has brought the two texts of each file in conflict together; the draft's text stands.
        by: Who writes.
        at: When.

    Raises:
        DraftOutdated: A file was changed on both sides, and ``is_merged`` was not said.
        DraftClosed: The draft waits for approval, or is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = lock_draft(draft_id, by)
    if not is_outdated(draft):
        return draft
    offered = None if draft.is_law else catalogue.offered_version(draft.service_key)
    base = draft.based_on.files if draft.based_on else draft.base
    theirs = _theirs(draft, offered)
    if theirs is None:
        return draft
    files, clashes = _merged(base, theirs, draft.files)
    if clashes and not is_merged:
        raise DraftOutdated(files=", ".join(clashes))
    draft.based_on = offered
    draft.base = theirs if draft.is_law else {}
    return keep_changed(draft, files, by, at, "version")


@action
def lay_beside(draft_id: UUID, law_id: UUID | None, *, by: Actor, at: datetime) -> Draft:
    """Check and rehearse the draft of a service with the draft of a law, instead of the law in force.

    Publishing it still asks for the law in force: the law goes first.

    Args:
        draft_id: The draft of a service; its row is locked until the transaction ends.
        law_id: A draft of law that is under way in the same agency; None for the law in force.
        by: Who writes.
        at: When.

    Raises:
        DraftNotFound: There is no such draft of a service or of a law, or it is another agency's.
        DraftClosed: One of them is done with, or that of the service waits for approval.
        Forbidden: The officer may not write services.
    """
    draft = lock_draft(draft_id, by)
    law = find_draft(law_id, by) if law_id else None
    if draft.is_law or (law is not None and not law.is_law):
        raise DraftNotFound
    if law is not None and law.stage not in UNFINISHED:
        raise DraftClosed(stage=Stage(law.stage).label)
    if draft.beside_id != (law.pk if law else None):
        draft.beside = law
        draft.save(update_fields=["beside"])
        record_step("authoring.laid_beside", draft, by, at, law=str(law.pk) if law else None)
    return draft


def _theirs(draft: Draft, offered: ServiceVersion | None) -> dict[str, str] | None:
    """Return the text that is in force now; None where a service is offered no more."""
    if draft.is_law:
        return decisions.law_text(draft.service_key)
    return dict(offered.files) if offered else None


def _must_belong(draft: Draft, name: str) -> None:
    """Refuse a file that has no place among a programme's."""
    if draft.is_law and not LAW_FILE.fullmatch(name):
        raise TextRefused(no_law_file(name))


def _raw(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def _merged(
    base: Mapping[str, str], theirs: Mapping[str, str], ours: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the files of both sides, and the names of those that both changed; there ours stand."""
    files, clashes = {}, []
    for name in sorted({*theirs, *ours, *base}):
        old, live, mine = base.get(name), theirs.get(name), ours.get(name)
        kept = live if mine == old else mine
        if mine not in (old, live) and live != old:
            clashes.append(name)
        if kept is not None:
            files[name] = kept
    return files, clashes

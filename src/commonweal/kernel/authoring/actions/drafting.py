"""Everything that changes a draft of a service, up to its approval by another officer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.authoring import figures
from commonweal.kernel.authoring.archives import OF_LAW, read_zip
from commonweal.kernel.authoring.columns import elements_of, with_law_member
from commonweal.kernel.authoring.enums import UNFINISHED, Kind, Stage
from commonweal.kernel.authoring.errors import (
    DraftClosed,
    DraftElsewhere,
    DraftMoved,
    DraftNotFound,
    DraftOutdated,
    NothingChanged,
    NotProposed,
    OwnProposal,
    PlaceNotFound,
    TextRefused,
)
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.queries import check, check_draft, fingerprint, is_outdated, laws_to_change
from commonweal.kernel.authoring.rules import allows, may_edit
from commonweal.kernel.authoring.starting import new_law, new_service, wrong_in_law
from commonweal.kernel.base.documents import Problem, Unreadable, parse_yaml
from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.catalogue import actions as publishing
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.errors import BrokenDeclaration, ServiceNotFound, VersionOutdated
from commonweal.kernel.catalogue.rules import may_publish
from commonweal.kernel.decisions import actions as laws
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.errors import LawFixed, LawNotFound
from commonweal.kernel.ledger.actions import record_many
from commonweal.kernel.ledger.types import Entry

if TYPE_CHECKING:
    from commonweal.kernel.catalogue.models import ServiceVersion

MAIN = "service.yaml"
LONGEST_NOTE = 1_000
_OF_LAW = re.compile(r"parameters\.yaml|cases\.yaml|summary\.md|\d{4}-\d\d-\d\d(@\d{4}-\d\d-\d\d)?\.dmn")
_MODEL = re.compile(r"\d{4}-\d\d-\d\d(@\d{4}-\d\d-\d\d)?\.dmn")
_STAYS_IN_FOLDER = re.compile(r"locale/.*|simulation\.yaml")
_FIGURE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")


@action
def begin_draft(service_key: str, *, by: Actor, at: datetime) -> Draft:
    """Begin to change a service from the version that residents meet; return the draft under way where there is one.

    Raises:
        ServiceNotFound: The officer's agency offers no such service.
        Forbidden: The officer may not write services.
    """
    _must_edit(by)
    offered = catalogue.offered_version(service_key)
    if offered is None or offered.agency != by.agency:
        raise ServiceNotFound(service=service_key)
    under_way = _under_way(service_key)
    if under_way is not None:
        return under_way
    draft = Draft(
        service_key=service_key,
        agency=offered.agency,
        files=offered.files,
        based_on=offered,
        began_at=at,
        changed_at=at,
    )
    return _begun(draft, "version", by, at)


@action
def begin_law(programme: str, *, by: Actor, at: datetime) -> Draft:
    """Begin to change a programme of law from the text in force; return the draft under way where there is one.

    Raises:
        LawNotFound: No service of the officer's agency rests on such a law, or it cannot be published here.
        DraftElsewhere: An officer of another agency is changing it.
        Forbidden: The officer may not write services.
    """
    _must_edit(by)
    if programme not in dict(laws_to_change(by)):
        raise LawNotFound(programme=programme)
    under_way = _under_way(programme, Kind.LAW)
    if under_way is not None:
        if under_way.agency != by.agency:
            raise DraftElsewhere(agency=under_way.agency)
        return under_way
    files = decisions.law_text(programme)
    draft = Draft(
        kind=Kind.LAW,
        service_key=programme,
        agency=by.agency or "",
        files=files,
        base=files,
        began_at=at,
        changed_at=at,
    )
    return _begun(draft, "version", by, at)


@action
def begin_new(key: str, *, name: str, summary: str, by: Actor, at: datetime) -> Draft:
    """Begin a service that is not there yet, from a small one that works.

    Args:
        key: Stored with every case, so it never changes.
        name: As residents know it.
        summary: One or two sentences.
        by: The author; the service belongs to the author's agency.
        at: When.

    Raises:
        Invalid: A field is empty, or the key is taken or none.
        Forbidden: The officer may not write services.
    """
    _must_edit(by)
    here = current()
    name, summary = readable(name), readable(summary)
    team = next((team.key for team in here.teams if team.agency == by.agency), here.teams[0].key)
    wrong = {
        field: _("Write it in one line of at most 300 characters.")
        for field, text in (("name", name), ("summary", summary))
        if not text or len(text) > 300 or not text.isprintable()
    }
    wrong |= _wrong_key(key)
    if wrong:
        raise Invalid(wrong)
    files = new_service(
        key=key,
        name=name,
        summary=summary,
        agency=by.agency or "",
        language=here.languages[0],
        team=team,
    )
    draft = Draft(service_key=key, agency=by.agency or "", files=files, began_at=at, changed_at=at)
    return _begun(draft, "nothing", by, at)


@action
def begin_new_law(key: str, sent: Mapping[str, str], *, by: Actor, at: datetime) -> Draft:
    """Begin a law that is not there yet, from a small one that works: a figure, a table that uses it, two worked cases.

    Args:
        key: Stored with every decision, so it never changes.
        sent: What was typed: ``name``, ``summary``, ``reference``, the first day (``from``), of the figure ``label``,
            ``unit`` and ``value``, and the name of the ``fact`` that is compared with it, in the way that ``compare`` says.
        by: The author.
        at: When.

    Raises:
        Invalid: A field is empty or wrong, by field; the compiler has looked at the law already.
        LawFixed: This installation takes its law from the folder alone.
        Forbidden: The officer may not write services.
    """
    _must_edit(by)
    if not decisions.may_publish_law():
        raise LawFixed
    wrong = wrong_in_law(sent)
    if not _KEY.fullmatch(key):
        wrong["key"] = _("Use small letters, digits and hyphens, such as library-card.")
    elif decisions.is_law(key) or _under_way(key, Kind.LAW) is not None:
        wrong["key"] = _("There is a law or a draft with this name already.")
    if wrong:
        raise Invalid(wrong)
    files = new_law(key, sent)
    errors = decisions.check_law(key, files).errors
    if errors:
        is_unit = any(error.code == "parameters.unit" for error in errors)
        raise Invalid({"unit" if is_unit else "value": str(errors[0].message)})
    draft = Draft(
        kind=Kind.LAW, service_key=key, agency=by.agency or "", files=files, began_at=at, changed_at=at
    )
    return _begun(draft, "nothing", by, at)


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
    draft = _lock(draft_id, by)
    law = _find(law_id, by) if law_id else None
    if draft.is_law or (law is not None and not law.is_law):
        raise DraftNotFound
    if law is not None and law.stage not in UNFINISHED:
        raise DraftClosed(stage=Stage(law.stage).label)
    if draft.beside_id != (law.pk if law else None):
        draft.beside = law
        draft.save(update_fields=["beside"])
        _record("authoring.laid_beside", draft, by, at, law=str(law.pk) if law else None)
    return draft


@action
def take_in(content: bytes, *, by: Actor, at: datetime) -> Draft:
    """Begin a draft from a zip archive of the folder of a service or law, or put its text into the draft under way.

    A service that the agency offers already is changed by it; the differences say how. Of a law, what stays in the folder
    (translations, the declaration for simulations) is left out.

    Raises:
        ArchiveRefused: It is no archive of the folder of one service or law.
        DraftElsewhere: An officer of another agency is changing the law.
        TextRefused: One of its files cannot be taken.
        DraftClosed: A draft of the service waits for approval.
        Invalid: The service is another agency's.
        Forbidden: The officer may not write services.
    """
    _must_edit(by)
    raw = read_zip(content)
    if MAIN not in raw:
        return _take_in_law(raw, by, at)
    key = _key_of(raw)
    files = _readable(raw, key, field="archive")
    offered = catalogue.offered_version(key)
    under_way = _under_way(key)
    if any(agency != by.agency for agency in (each.agency for each in (offered, under_way) if each)):
        raise Invalid({"archive": _("This service is another agency's.")})
    if under_way is not None:
        if not under_way.is_open:
            raise DraftClosed(stage=Stage(under_way.stage).label)
        return _changed(under_way, files, by, at, "archive")
    draft = Draft(
        service_key=key, agency=by.agency or "", files=files, based_on=offered, began_at=at, changed_at=at
    )
    return _begun(draft, "archive", by, at)


def _take_in_law(raw: Mapping[str, bytes], by: Actor, at: datetime) -> Draft:
    kept = {name: content for name, content in raw.items() if not _STAYS_IN_FOLDER.fullmatch(name)}
    key = _key_of(kept, main=OF_LAW, field="programme")
    files = _readable(kept, key, field="archive")
    for name in files:
        if not _OF_LAW.fullmatch(name):
            raise TextRefused(_not_of_law(name), field="archive")
    if key not in dict(laws_to_change(by)):
        raise Invalid({"archive": _("Your agency changes no law of this name: %(name)s.") % {"name": key}})
    draft = begin_law(key, by=by, at=at)
    if not draft.is_open:
        raise DraftClosed(stage=Stage(draft.stage).label)
    return draft if draft.files == files else _changed(draft, files, by, at, "archive")


@action
def begin_rules(
    draft_id: UUID,
    *,
    copied_from: str,
    first_day: date,
    known_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Draft:
    """Begin the rules of a law that count from another day on, as a copy of those of before. They go on until that day.

    Args:
        draft_id: The draft of a law; its row is locked until the transaction ends.
        copied_from: File of the model that is copied.
        first_day: From which the new rules count.
        known_on: When they became public, where other rules of the same day were known before.
        by: Who writes.
        at: When.

    Raises:
        Invalid: There is no such model, or rules of this day are there already.
        DraftClosed: The draft waits for approval, or is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = _lock(draft_id, by)
    name = f"{first_day}@{known_on}.dmn" if known_on else f"{first_day}.dmn"
    if not draft.is_law or not _MODEL.fullmatch(copied_from) or copied_from not in draft.files:
        raise Invalid({"copied_from": _("Choose the rules to begin with.")})
    if name in draft.files:
        raise Invalid({"first_day": _("There are rules from this day on already.")})
    was, now = copied_from.removesuffix(".dmn"), name.removesuffix(".dmn")
    text = re.sub(
        rf'(\snamespace="[^"]*){re.escape(was)}"',
        lambda found: f'{found[1]}{now}"',
        draft.files[copied_from],
        count=1,
    )
    return save_file(draft_id, name, text, seen="", by=by, at=at)


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
    draft = _lock(draft_id, by)
    present = draft.files.get(name)
    _must_belong(draft, name)
    clean = _readable({name: text.replace("\r\n", "\n").encode()}, draft.service_key)[name]
    if present == clean:
        return draft
    if fingerprint(present) != seen:
        raise DraftMoved(file=name, theirs=present or "")
    files = _readable({**_raw(draft.files), name: clean.encode()}, draft.service_key)
    return _changed(draft, files, by, at, name)


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
    draft = _lock(draft_id, by)
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
    models = sorted(name for name in files if _MODEL.fullmatch(name))
    if models:
        files[models[-1]] = with_law_member(files[models[-1]], models[-1], key, figure.get("kind", ""))
    return _changed(draft, files, by, at, figures.FILE)


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
    draft = _lock(draft_id, by)
    if name not in draft.files:
        return draft
    if name == draft.main:
        raise Invalid({"name": _("Without %(file)s there is nothing.") % {"file": draft.main}})
    if fingerprint(draft.files[name]) != seen:
        raise DraftMoved(file=name, theirs=draft.files[name])
    return _changed(draft, {key: text for key, text in draft.files.items() if key != name}, by, at, name)


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
    draft = _lock(draft_id, by)
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
    draft = _lock(draft_id, by)
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
    return _changed(draft, files, by, at, "version")


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
    draft = _find(draft_id, by)
    _must_edit(by)
    if draft.stage == Stage.PROPOSED and draft.revision == revision:
        return draft
    _must_be_open(draft)
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
    _record("authoring.proposed", draft, by, at, note=draft.note)
    return draft


@action
def take_back(draft_id: UUID, *, by: Actor, at: datetime) -> Draft:
    """Go on writing a draft that was proposed. Taking back what is open changes nothing.

    Raises:
        DraftClosed: It is done with.
        DraftNotFound: There is none, or it is another agency's.
        Forbidden: The officer may not write services.
    """
    draft = _find(draft_id, by)
    _must_edit(by)
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
    draft = _find(draft_id, by)
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
    _record("authoring.approved", draft, by, at, proposed_by=draft.proposed_by, version=str(published))
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
    draft = _find(draft_id, by)
    _must_edit(by)
    if draft.stage == Stage.DISCARDED:
        return draft
    if draft.stage == Stage.PUBLISHED:
        raise DraftClosed(stage=Stage(draft.stage).label)
    draft.stage, draft.changed_at = Stage.DISCARDED, at
    draft.save(update_fields=["stage", "changed_at"])
    _record("authoring.discarded", draft, by, at)
    return draft


def _begun(draft: Draft, source: str, by: Actor, at: datetime) -> Draft:
    if source in {"nothing", "archive"}:
        draft.editors = [by.id]
    draft.save(force_insert=True)
    _record("authoring.begun", draft, by, at, source=source)
    return draft


def _changed(draft: Draft, files: Mapping[str, str], by: Actor, at: datetime, what: str) -> Draft:
    draft.files, draft.changed_at, draft.revision = dict(files), at, draft.revision + 1
    if by.id not in draft.editors:
        draft.editors = [*draft.editors, by.id]
    draft.save(update_fields=["files", "based_on", "base", "changed_at", "revision", "editors"])
    _record("authoring.changed", draft, by, at, what=what, content_hash=catalogue.content_hash(files))
    return draft


def _opened(draft: Draft, type_: str, note: str, by: Actor, at: datetime) -> Draft:
    draft.stage, draft.note, draft.proposed_by, draft.proposed_at = Stage.OPEN, note, "", None
    draft.save(update_fields=["stage", "note", "proposed_by", "proposed_at"])
    _record(type_, draft, by, at, note=note)
    return draft


def _record(type_: str, draft: Draft, by: Actor, at: datetime, **more: Json) -> None:
    facts: Mapping[str, Json] = {"draft": str(draft.pk), "revision": draft.revision, **more}
    record_many(type_, [Entry(draft.stream, None, facts)], by=by, at=at)


def _find(draft_id: UUID, by: Actor) -> Draft:
    found = Draft.objects.select_for_update(of=("self",)).filter(pk=draft_id).order_by("pk").first()
    if found is None or not allows(by, found):
        raise DraftNotFound
    return found


def _lock(draft_id: UUID, by: Actor) -> Draft:
    """Return a draft that can be changed, its row locked."""
    draft = _find(draft_id, by)
    _must_edit(by)
    _must_be_open(draft)
    return draft


def _proposed(draft_id: UUID, by: Actor) -> Draft:
    draft = _find(draft_id, by)
    if not may_publish(by):
        raise Forbidden
    if draft.stage != Stage.PROPOSED:
        raise NotProposed
    return draft


def _theirs(draft: Draft, offered: ServiceVersion | None) -> dict[str, str] | None:
    """Return the text that is in force now; None where a service is offered no more."""
    if draft.is_law:
        return decisions.law_text(draft.service_key)
    return dict(offered.files) if offered else None


def _under_way(key: str, kind: Kind = Kind.SERVICE) -> Draft | None:
    drafts = Draft.objects.select_for_update(of=("self",))
    waiting = drafts.filter(kind=kind, service_key=key, stage__in=UNFINISHED)
    return waiting.order_by("pk").first()


def _must_edit(by: Actor) -> None:
    if not may_edit(by) or not by.agency:
        raise Forbidden


def _must_be_open(draft: Draft) -> None:
    if not draft.is_open:
        raise DraftClosed(stage=Stage(draft.stage).label)


def _must_compile(draft: Draft) -> None:
    """Refuse what could not be published now: with the law in force, whatever draft of one lies beside it."""
    checked = check_draft(draft) if draft.is_law else check(draft.service_key, draft.files)
    if checked.errors:
        raise BrokenDeclaration(service=draft.service_key, problems=checked.errors)
    if checked.service and checked.service.info.agency != draft.agency:
        raise Invalid({"agency": _("A service stays with its agency: write '%s'.") % draft.agency})


def _must_belong(draft: Draft, name: str) -> None:
    """Refuse a file that has no place among a programme's."""
    if draft.is_law and not _OF_LAW.fullmatch(name):
        raise TextRefused(_not_of_law(name))


def _not_of_law(name: str) -> Problem:
    message = _("A law has parameters.yaml, cases.yaml, summary.md and models named 2027-01-01.dmn.")
    return Problem(name, 0, 0, "law.file", message)


def _wrong_key(key: str) -> dict[str, str]:
    if not _KEY.fullmatch(key):
        return {"key": _("Use small letters, digits and hyphens, such as library-card.")}
    if catalogue.versions_of(key) or _under_way(key) is not None:
        return {"key": _("There is a service or a draft with this key already.")}
    return {}


def _key_of(raw: Mapping[str, bytes], *, main: str = MAIN, field: str = "key") -> str:
    try:
        data = parse_yaml(raw[main], main).data
    except Unreadable as error:
        raise TextRefused(error.problem, field="archive") from None
    key = data.get(field) if isinstance(data, dict) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Invalid(
            {
                "archive": _("%(file)s does not say under '%(field)s' what it is.")
                % {"file": main, "field": field}
            }
        )
    return key


def _raw(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def _readable(raw: Mapping[str, bytes], key: str, *, field: str = "text") -> dict[str, str]:
    try:
        return catalogue.readable(raw, key)
    except Unreadable as error:
        raise TextRefused(error.problem, field=field) from None


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

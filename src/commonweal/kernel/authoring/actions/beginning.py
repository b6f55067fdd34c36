"""Beginnings of drafts: from what is offered, from nothing, from an archive, from rules alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.authoring.actions.editing import save_file
from commonweal.kernel.authoring.archives import OF_LAW, read_zip
from commonweal.kernel.authoring.enums import UNFINISHED, Kind, Stage
from commonweal.kernel.authoring.errors import DraftClosed, DraftElsewhere, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.queries import laws_to_change
from commonweal.kernel.authoring.starting import new_law, new_service, wrong_in_law
from commonweal.kernel.authoring.steps import (
    LAW_FILE,
    MAIN,
    MODEL_FILE,
    keep_changed,
    lock_draft,
    must_edit,
    no_law_file,
    read_texts,
    record_step,
)
from commonweal.kernel.base.documents import Unreadable, parse_yaml
from commonweal.kernel.base.errors import Invalid
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.errors import LawFixed, LawNotFound

_STAYS_IN_FOLDER = re.compile(r"locale/.*|simulation\.yaml")
_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")


@action
def begin_draft(service_key: str, *, by: Actor, at: datetime) -> Draft:
    """Begin to change a service from the version that residents meet; return the draft under way where there is one.

    Raises:
        ServiceNotFound: The officer's agency offers no such service.
        Forbidden: The officer may not write services.
    """
    must_edit(by)
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
    must_edit(by)
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
    must_edit(by)
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
    must_edit(by)
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
    must_edit(by)
    raw = read_zip(content)
    if MAIN not in raw:
        return _take_in_law(raw, by, at)
    key = _key_of(raw)
    files = read_texts(raw, key, field="archive")
    offered = catalogue.offered_version(key)
    under_way = _under_way(key)
    if any(agency != by.agency for agency in (each.agency for each in (offered, under_way) if each)):
        raise Invalid({"archive": _("This service is another agency's.")})
    if under_way is not None:
        if not under_way.is_open:
            raise DraftClosed(stage=Stage(under_way.stage).label)
        return keep_changed(under_way, files, by, at, "archive")
    draft = Draft(
        service_key=key, agency=by.agency or "", files=files, based_on=offered, began_at=at, changed_at=at
    )
    return _begun(draft, "archive", by, at)


def _take_in_law(raw: Mapping[str, bytes], by: Actor, at: datetime) -> Draft:
    kept = {name: content for name, content in raw.items() if not _STAYS_IN_FOLDER.fullmatch(name)}
    key = _key_of(kept, main=OF_LAW, field="programme")
    files = read_texts(kept, key, field="archive")
    for name in files:
        if not LAW_FILE.fullmatch(name):
            raise TextRefused(no_law_file(name), field="archive")
    if key not in dict(laws_to_change(by)):
        raise Invalid({"archive": _("Your agency changes no law of this name: %(name)s.") % {"name": key}})
    draft = begin_law(key, by=by, at=at)
    if not draft.is_open:
        raise DraftClosed(stage=Stage(draft.stage).label)
    return draft if draft.files == files else keep_changed(draft, files, by, at, "archive")


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
    draft = lock_draft(draft_id, by)
    name = f"{first_day}@{known_on}.dmn" if known_on else f"{first_day}.dmn"
    if not draft.is_law or not MODEL_FILE.fullmatch(copied_from) or copied_from not in draft.files:
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


def _begun(draft: Draft, source: str, by: Actor, at: datetime) -> Draft:
    if source in {"nothing", "archive"}:
        draft.editors = [by.id]
    draft.save(force_insert=True)
    record_step("authoring.begun", draft, by, at, source=source)
    return draft


def _under_way(key: str, kind: Kind = Kind.SERVICE) -> Draft | None:
    drafts = Draft.objects.select_for_update(of=("self",))
    waiting = drafts.filter(kind=kind, service_key=key, stage__in=UNFINISHED)
    return waiting.order_by("pk").first()


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

"""Questions about drafts of services."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from commonweal.kernel.authoring import figures, saying
from commonweal.kernel.authoring.archives import write_zip
from commonweal.kernel.authoring.enums import UNFINISHED, Kind
from commonweal.kernel.authoring.errors import DraftNotFound, RehearsalNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft, Rehearsal
from commonweal.kernel.authoring.rules import visible
from commonweal.kernel.authoring.types import Checked, WorkedCase
from commonweal.kernel.base.documents import Problem, Unreadable, parse_yaml
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions import queries as decisions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commonweal.kernel.catalogue.queries import Difference

MOST_DRAFTS = 200
CASES = "cases.yaml"
_OF_CASES = frozenset({"decision.case", "law.case"})


def drafts_for(actor: Actor) -> list[Draft]:
    """Return the latest drafts that an officer may see, without their text, those under way first."""
    found = visible(Draft.objects.all(), actor).defer("files").order_by("-changed_at", "pk")[:MOST_DRAFTS]
    return sorted(found, key=lambda draft: draft.stage not in UNFINISHED)


def draft_for(draft_id: UUID, *, actor: Actor) -> Draft:
    """Return a draft that an officer may see.

    Raises:
        DraftNotFound: There is none.
    """
    found = visible(Draft.objects.filter(pk=draft_id), actor).select_related("based_on", "beside").first()
    if found is None:
        raise DraftNotFound
    return found


def model_of(draft_id: UUID, file: str, *, actor: Actor) -> Draft:
    """Return a draft that has a model of this name.

    Raises:
        DraftNotFound: There is none.
    """
    draft = draft_for(draft_id, actor=actor)
    if not file.endswith(".dmn") or file not in draft.files:
        raise DraftNotFound
    return draft


def services_to_change(actor: Actor) -> list[tuple[str, str]]:
    """Return key and name of the services of an officer's agency, by name."""
    return [
        (service.key, service.name)
        for service in catalogue.live_services()
        if service.info.agency == actor.agency
    ]


def laws_to_change(actor: Actor) -> list[tuple[str, str]]:
    """Return key and name of the programmes of law that an agency's services rest on, or none do, by name."""
    if not decisions.may_publish_law():
        return []
    users: dict[str, set[str]] = {}
    for key, agency in decisions.agencies_by_law():
        users.setdefault(key, set()).add(agency)
    found = [
        (law.key, law.name)
        for law in decisions.programmes()
        if law.key not in users or actor.agency in users[law.key]
    ]
    return sorted(found, key=lambda one: one[1])


def laws_under_way(actor: Actor) -> list[Draft]:
    """Return the drafts of law of an officer's agency that are not done with, the latest first."""
    rows = visible(Draft.objects.filter(kind=Kind.LAW, stage__in=UNFINISHED), actor).defer("files", "base")
    return list(rows.order_by("-changed_at", "pk")[:MOST_DRAFTS])


def services_to_try(law: Draft, actor: Actor) -> list[tuple[str, str]]:
    """Return with which services a draft of law can be rehearsed: drafts beside it by their id, live ones by their key."""
    beside = visible(Draft.objects.filter(beside=law.pk, stage__in=UNFINISHED), actor).defer("files")
    drafts = [(str(one.pk), one.service_key) for one in beside.order_by("service_key", "pk")]
    live = [
        (one.key, one.name)
        for one in decisions.services_on(law.service_key)
        if one.info.agency == actor.agency
    ]
    return [*drafts, *sorted(live, key=lambda one: one[1])]


def check(key: str, files: Mapping[str, str], *, law: Draft | None = None) -> Checked:
    """Return what the compiler says of a service's text, with the law in force or a draft of one."""
    with decisions.law_on_trial(law.service_key, law.files) if law is not None else nullcontext():
        service, problems = catalogue.compile_text(key, files)
    found = _from_home(problems, f"services/{key}/")
    return Checked(service, _mistakes_first(found), service.info.name if service else "")


def check_draft(
    draft: Draft, files: Mapping[str, str] | None = None, *, with_services: bool = True
) -> Checked:
    """Return what the compiler says of a draft; for law, worked cases and the services that rest on it too.

    Args:
        draft: The draft.
        files: Text in place of the draft's own.
        with_services: Whether services are tried with a law; that takes longer.
    """
    text = draft.files if files is None else files
    if not draft.is_law:
        return check(draft.service_key, text, law=draft.law_beside)
    found = decisions.check_law(draft.service_key, text, with_services=with_services)
    home = f"law/{draft.service_key}/"
    said = [*_from_home(found.problems, home), *_unusual(draft.base, text)]
    return Checked(None, _mistakes_first(said), found.programme.name if found.programme else "")


def _from_home(problems: Sequence[Problem], home: str) -> tuple[Problem, ...]:
    return tuple(replace(problem, file=problem.file.removeprefix(home)) for problem in problems)


def _mistakes_first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: not problem.is_error))


def _unusual(before: Mapping[str, str], after: Mapping[str, str]) -> list[Problem]:
    """Return the figures that a draft of law changes by more than is usual there, as advice for whoever approves it."""
    try:
        return figures.unusual_in(before.get(figures.FILE, ""), after.get(figures.FILE, ""))
    except TextRefused:
        return []


def changes(draft: Draft) -> list[Difference]:
    """Return what the draft changes of the version that it was made from; for a new service, its files."""
    if draft.is_law:
        return decisions.changes_in_law(draft.base, draft.files)
    return catalogue.differences(_before(draft), draft.files)


def told_changes(draft: Draft) -> list[saying.Told]:
    """Return what the draft changes in sentences, by figure, table and file; nothing for a new service."""
    if draft.is_law:
        return saying.told_of_law(draft.base, draft.files)
    return saying.told_of_service(_before(draft), draft.files) if draft.based_on else []


def changed_lines(draft: Draft) -> list[saying.Lines]:
    """Return the lines of the files that the draft changes."""
    return saying.lines_of(_before(draft), draft.files)


def _before(draft: Draft) -> Mapping[str, str]:
    if draft.is_law:
        return dict(draft.base)
    return dict(draft.based_on.files) if draft.based_on else {}


def is_outdated(draft: Draft) -> bool:
    """Whether another version was published since the draft was made from one."""
    if draft.is_law and not draft.base:
        return decisions.is_law(draft.service_key)
    if draft.is_law:
        return bool(decisions.law_text(draft.service_key) != draft.base)
    offered = catalogue.offered_version(draft.service_key)
    return (offered.pk if offered else None) != draft.based_on_id


def worked_cases(files: Mapping[str, str], checked: Checked) -> list[WorkedCase]:
    """Return the worked cases of a service or law, each with what the compiler says of it.

    Where something else is wrong, so that no case could be decided, there are none.
    """
    if CASES not in files:
        return []
    try:
        document = parse_yaml(files[CASES].encode(), CASES)
    except Unreadable:
        return []
    data: Any = document.data
    written = data.get("cases") if isinstance(data, dict) else None
    if not isinstance(written, list) or any(problem.code not in _OF_CASES for problem in checked.errors):
        return []
    starts = [document.positions[("cases", at)][0] for at in range(len(written))]
    said: dict[int, list[str]] = {}
    for problem in checked.of(CASES):
        said.setdefault(starts[max(bisect_right(starts, problem.line) - 1, 0)], []).append(problem.message)
    return [
        WorkedCase(
            str(case.get("id", "")),
            str(case.get("note", "")),
            _expected(case),
            " ".join(said.get(line, [])),
        )
        for case, line in zip(written, starts, strict=True)
        if isinstance(case, dict)
    ]


def _expected(case: dict[str, Any]) -> str:
    """Return what a case expects: the outcome of a service, the figures of a law."""
    if "outcome" in case or not ({"expected", "missing"} & case.keys()):
        return str(case.get("outcome", ""))
    figures, missing = case.get("expected"), case.get("missing")
    said = [f"{name} {value}" for name, value in figures.items()] if isinstance(figures, dict) else []
    said += [f"{name} ?" for name in missing] if isinstance(missing, list) else []
    return ", ".join(said)


def archive_of(draft: Draft) -> bytes:
    """Return a draft as a zip archive of its folder."""
    return write_zip(draft.service_key, draft.files)


def fingerprint(text: str | None) -> str:
    """Return what a page remembers of a file's text, so that a change of somebody else is noticed; empty for no file."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def rehearsals_of(actor: Actor) -> list[Rehearsal]:
    """Return an officer's own rehearsals, the latest first."""
    return list(Rehearsal.objects.filter(officer=actor.id).order_by("-began_at", "-pk")[:MOST_DRAFTS])


def rehearsal_of(rehearsal_id: UUID, *, actor: Actor) -> Rehearsal:
    """Return an officer's own rehearsal.

    Raises:
        RehearsalNotFound: There is none.
    """
    rows = Rehearsal.objects.filter(pk=rehearsal_id, officer=actor.id).select_related("draft", "law")
    found = rows.order_by("pk").first()
    if found is None:
        raise RehearsalNotFound
    return found

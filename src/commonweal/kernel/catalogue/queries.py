"""Questions to the catalogue."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from threading import Lock
from typing import TypeVar
from uuid import UUID

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.jurisdiction import current, root, wordings
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.compiler.folder import content_hash, locale_hash, texts_of
from commonweal.kernel.catalogue.compiler.service import (
    compile_files,
    compile_service,
    with_version,
)
from commonweal.kernel.catalogue.compiler.service import life_events as read_life_events
from commonweal.kernel.catalogue.differences import NAMES as ENTRY_NAMES
from commonweal.kernel.catalogue.differences import Difference, differences
from commonweal.kernel.catalogue.differences import Kind as DifferenceKind
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import BrokenDeclaration, FourEyesNeeded, ServiceNotFound
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.rules import may_publish, visible_versions
from commonweal.kernel.catalogue.types import CompiledService, LifeEvent, ServiceInfo
from commonweal.kernel.people.queries import officer_with_email

_KEPT = 256
MOST_VERSIONS = 200
SHORTEST_GUESSED = 4
K = TypeVar("K", UUID, tuple[str, str])
_compiled: dict[UUID, CompiledService] = {}
_by_hash: dict[tuple[str, str], CompiledService] = {}
_lock = Lock()
_live = Prepared(lambda: ServiceVersion.objects.live().without_files().order_by("service_key"))
_offered = Prepared(
    lambda: (
        ServiceVersion.objects.filter(status__in=[Status.LIVE, Status.SUSPENDED], service_key=Given("key"))
        .without_files()
        .order_by()
    )
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service as it is offered now, in one language.

    Attributes:
        key: The service's key.
        version_id: The version that a new applicant begins on.
        number: The version's number.
        status: Live or suspended.
        name: As residents know it.
        summary: One or two sentences.
        info: Everything else, in the main language.
        compiled: The whole service.
    """

    key: str
    version_id: UUID
    number: int
    status: Status
    name: str
    summary: str
    info: ServiceInfo
    compiled: CompiledService


def live_services(
    language: str = "", which: Callable[[CompiledService], bool] = lambda _compiled: True
) -> list[Service]:
    """Return the services that take new applications, by name in the language asked for.

    Args:
        language: Of the names; the services' main one by default.
        which: Whether one is wanted; all by default.
    """
    versions = _live.all()
    _warm([version.pk for version in versions])
    found = [_service(version, language) for version in versions if which(compiled(version.pk))]
    return sorted(found, key=lambda service: _plain(service.name))


def live_asked() -> Question:
    """Return what :func:`live_services` asks, to be asked together with others."""
    return _live.given()


def live_version(key: str) -> ServiceVersion:
    """Return the version of a service that new applicants begin on, without its files.

    Raises:
        ServiceNotFound: No version of it is live.
    """
    try:
        return ServiceVersion.objects.live().without_files().get(service_key=key)
    except ServiceVersion.DoesNotExist:
        raise ServiceNotFound(service=key) from None


def offered_service(key: str, language: str = "") -> Service:
    """Return a service that is live or suspended, for its page.

    Raises:
        ServiceNotFound: The service is neither.
    """
    version = _offered.one(key=key)
    if version is None:
        raise ServiceNotFound(service=key)
    return _service(version, language)


def offered_asked(key: str) -> Question:
    """Return what :func:`offered_service` asks, to be asked together with others."""
    return _offered.given(key=key)


def versions_of(key: str) -> list[ServiceVersion]:
    """Return every version of a service, the newest first, without their files."""
    return list(ServiceVersion.objects.of(key).without_files())


def versions_met() -> list[tuple[UUID, str]]:
    """Return id and service of each version that residents may have met: all but drafts, by service and number."""
    rows = ServiceVersion.objects.exclude(status=Status.DRAFT).order_by("service_key", "number")
    return list(rows.values_list("pk", "service_key"))


def version_with_hash(start: str) -> ServiceVersion | None:
    """Return the newest version that residents have met and whose content's hash begins so, without its files."""
    found = ServiceVersion.objects.filter(content_hash__startswith=start).exclude(status=Status.DRAFT)
    return found.without_files().order_by("-published_at", "-id").first()


def history_of(key: str) -> list[ServiceVersion]:
    """Return the versions of a service that residents have met, the newest first, without their files.

    Raises:
        ServiceNotFound: No such service is or was offered.
    """
    found = list(ServiceVersion.objects.of(key).exclude(status=Status.DRAFT).without_files()[:MOST_VERSIONS])
    if not found:
        raise ServiceNotFound(service=key)
    return found


def versions_for(actor: Actor) -> list[ServiceVersion]:
    """Return the latest versions that an officer may change, the newest first, without their files."""
    versions = visible_versions(ServiceVersion.objects.all(), actor).defer("files")
    return list(versions.order_by("-published_at", "service_key")[:MOST_VERSIONS])


def version_for(actor: Actor, version_id: UUID) -> ServiceVersion:
    """Return a version that an officer may change.

    Raises:
        ServiceNotFound: There is none.
    """
    found = visible_versions(ServiceVersion.objects.filter(pk=version_id), actor).first()
    if found is None:
        raise ServiceNotFound(version=str(version_id))
    return found


def version_of(key: str, number: int) -> ServiceVersion:
    """Return a version that residents have met, with its files.

    Raises:
        ServiceNotFound: There is none.
    """
    found = ServiceVersion.objects.of(key).exclude(status=Status.DRAFT).filter(number=number).first()
    if found is None:
        raise ServiceNotFound(service=key, number=number)
    return found


def changes_in(version: ServiceVersion) -> list[Difference]:
    """Return what changed from the version before to this one; nothing for the first."""
    before = ServiceVersion.objects.of(version.service_key).filter(number__lt=version.number).first()
    return differences(before.files, version.files) if before is not None else []


def compiled(version_id: UUID) -> CompiledService:
    """Return a version, compiled from its stored files; each process compiles it once.

    Raises:
        ServiceNotFound: There is no such version.
        BrokenDeclaration: The stored files do not compile any more, for this release reads them otherwise.
    """
    if version_id not in _compiled:
        _warm([version_id])
    try:
        return _compiled[version_id]
    except KeyError:
        raise ServiceNotFound(version=str(version_id)) from None


def search_services(words: str, language: str = "", *, life_event: str = "") -> list[Service]:
    """Return the live services that match, the best first; without words, all of them.

    Every word has to occur, whole, as the beginning of a word or with a slip of the hand, in the name, the
    keywords, the summary or the description. Accents and capitals do not matter. What occurs as written comes first.
    """
    found = [
        service
        for service in live_services(language)
        if not life_event or life_event in service.info.life_events
    ]
    wanted = _plain(words[:200]).split()
    if not wanted:
        return found
    scored = [
        (_score(_index(service.compiled, language), wanted), at, service) for at, service in enumerate(found)
    ]
    return [service for score, _, service in sorted(scored, key=lambda row: (-row[0], row[1])) if score]


def life_events(language: str = "") -> Sequence[LifeEvent]:
    """Return the jurisdiction's life events, in its order."""
    say = wordings(root(), language)
    return [
        event.model_copy(
            update={"name": say.get(event.name, event.name), "summary": say.get(event.summary, event.summary)}
        )
        for event in read_life_events(root())
    ]


def compile_text(key: str, files: Mapping[str, str]) -> tuple[CompiledService | None, list[Problem]]:
    """Compile a service from the text of its files; return it, or None if it has errors, and every problem."""
    return compile_files(root(), f"services/{key}", files)


def readable(raw: Mapping[str, bytes], key: str) -> dict[str, str]:
    """Return files that came from outside as a service's text.

    Raises:
        Unreadable: See :func:`~commonweal.kernel.catalogue.compiler.folder.texts_of`.
    """
    return texts_of(raw, f"services/{key}")


def offered_version(key: str) -> ServiceVersion | None:
    """Return the version of a service that is live or suspended, with its files; None where none is."""
    return ServiceVersion.objects.of(key).filter(status__in=[Status.LIVE, Status.SUSPENDED]).first()


def signatories(by: str, approved_by: str) -> tuple[Actor | None, str]:
    """Return the officer who publishes on the command line, and the id of the one who approved.

    Args:
        by: E-mail address of the first; empty where the jurisdiction does not ask.
        approved_by: E-mail address of the second.

    Raises:
        FourEyesNeeded: The jurisdiction asks for two officers who may publish, and these are not.
    """
    if not current().four_eyes and not (by or approved_by):
        return None, ""
    first, second = officer_with_email(by), officer_with_email(approved_by)
    if first is None or second is None or first.id == second.id:
        raise FourEyesNeeded
    if not (may_publish(first) and may_publish(second)):
        raise FourEyesNeeded
    return first, second.id


def version_files(version_id: UUID) -> dict[str, str]:
    """Return the text of a version's files.

    Raises:
        ServiceNotFound: There is no such version.
    """
    found = (
        ServiceVersion.objects.filter(pk=version_id).values_list("files", flat=True).order_by("pk").first()
    )
    if found is None:
        raise ServiceNotFound(version=str(version_id))
    return dict(found)


def _service(version: ServiceVersion, language: str) -> Service:
    whole = compiled(version.pk)
    translate = whole.translator(language)
    return Service(
        key=version.service_key,
        version_id=version.pk,
        number=version.number,
        status=Status(version.status),
        name=translate(whole.info.name),
        summary=translate(whole.info.summary),
        info=whole.info,
        compiled=whole,
    )


def _warm(version_ids: Sequence[UUID]) -> None:
    """Compile the versions that this process does not know yet, with one query for all."""
    unknown = [version_id for version_id in version_ids if version_id not in _compiled]
    if not unknown:
        return
    for version in ServiceVersion.objects.filter(pk__in=unknown).order_by("pk"):
        with _lock:
            _keep(version)


def _keep(version: ServiceVersion) -> None:
    hashes = (version.content_hash, version.locale_hash)
    if hashes not in _by_hash:
        folder = f"services/{version.service_key}"
        service, problems = compile_files(root(), folder, version.files)
        if service is None:
            errors = [problem for problem in problems if problem.is_error]
            raise BrokenDeclaration(service=version.service_key, problems=errors)
        _trim(_by_hash)
        _by_hash[hashes] = service
    _trim(_compiled)
    _compiled[version.pk] = with_version(_by_hash[hashes], version.pk, version.number)


def _trim(cache: dict[K, CompiledService]) -> None:
    """Forget the oldest entries where the cache is full."""
    while len(cache) >= _KEPT:
        del cache[next(iter(cache))]


@lru_cache(maxsize=_KEPT)
def _searchable(hashes: tuple[str, str], texts: tuple[tuple[int, str], ...]) -> list[tuple[int, list[str]]]:
    return [(weight, _plain(text).split()) for weight, text in texts]


def _index(service: CompiledService, language: str) -> list[tuple[int, list[str]]]:
    translate, info = service.translator(language), service.info
    texts = (
        (8, translate(info.name)),
        (5, " ".join(translate(word) for word in info.keywords)),
        (3, translate(info.summary)),
        (1, f"{translate(info.description)} {translate(info.audience)}"),
    )
    return _searchable((service.hash, service.locale_hash), texts)


def _score(index: list[tuple[int, list[str]]], wanted: list[str]) -> int:
    """Return the sum of the best field's weight for each word; nothing if a word occurs nowhere."""
    total = 0
    for word in wanted:
        best = max((weight * _nearness(word, tokens) for weight, tokens in index), default=0)
        if not best:
            return 0
        total += best
    return total


def _nearness(word: str, tokens: list[str]) -> int:
    """Return how well a word occurs: 4 as written, 1 misspelt, 0 not at all; short words are not guessed at."""
    if any(token.startswith(word) for token in tokens):
        return 4
    is_near = len(word) >= SHORTEST_GUESSED and get_close_matches(word, tokens, n=1, cutoff=0.8)
    return 1 if is_near else 0


def _plain(text: str) -> str:
    """Return text without accents, capitals and punctuation."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char if char.isalnum() else " " for char in split if not unicodedata.combining(char))


__all__ = [
    "ENTRY_NAMES",
    "Difference",
    "DifferenceKind",
    "Service",
    "changes_in",
    "compile_service",
    "compile_text",
    "compiled",
    "content_hash",
    "differences",
    "history_of",
    "life_events",
    "live_services",
    "live_version",
    "locale_hash",
    "offered_service",
    "offered_version",
    "readable",
    "search_services",
    "version_for",
    "version_of",
    "versions_for",
    "versions_of",
]

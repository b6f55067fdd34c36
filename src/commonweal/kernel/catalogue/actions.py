"""Everything that changes the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

from commonweal.kernel.base.jurisdiction import current, root
from commonweal.kernel.base.rehearsal import must_be_rehearsed
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.compiler.folder import content_hash, locale_hash, read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files
from commonweal.kernel.catalogue.enums import MOVES, Status
from commonweal.kernel.catalogue.errors import (
    BrokenDeclaration,
    FourEyesNeeded,
    StatusRefused,
    VersionOutdated,
)
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.queries import changes_in
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.ledger.actions import record

MOST_CHANGES = 100
_STAGE = UUID("3f0c2f1e-6d0a-4f6e-9a55-1d2f0f7f5b10")
_OFFERED = (Status.LIVE, Status.SUSPENDED)


def publish_folder(
    key: str, *, by: Actor, at: datetime, status: Status = Status.LIVE, approved_by: str = ""
) -> ServiceVersion:
    """Make a new version of a service from its folder.

    The version offered before is closed for new applicants; drafts and cases that began on it go on with
    it. If the service was suspended, the new version is suspended too. A folder whose text is that of the
    version offered (or of the newest draft, where a draft is asked for) changes nothing, so the call may be
    repeated safely.

    Args:
        key: Name of the folder below the jurisdiction's ``services``.
        by: Who publishes; named in the ledger.
        at: When.
        status: ``LIVE``, or ``DRAFT`` for a version that is only rehearsed.
        approved_by: Pseudonymous id of the officer who approved it; for the record.

    Raises:
        BrokenDeclaration: The folder does not compile; nothing is stored.
        Unreadable: The folder cannot be read.
    """
    return publish_files(
        key, read_folder(root(), f"services/{key}"), by=by, at=at, status=status, approved_by=approved_by
    )


def publish_files(
    key: str,
    files: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
    status: Status = Status.LIVE,
    instead_of: int | None = None,
    approved_by: str = "",
) -> ServiceVersion:
    """Make a new version of a service from the text of its files, as :func:`publish_folder` does.

    Args:
        key: The service's key.
        files: Text by path inside the folder.
        by: Who publishes; named in the ledger.
        at: When.
        status: ``LIVE``, or ``DRAFT`` for a version that is only rehearsed.
        instead_of: Number of the version that the text was made from; 0 where none was offered. Left out, any.
        approved_by: Pseudonymous id of the officer who approved it; for the record.

    Raises:
        BrokenDeclaration: The files do not compile; nothing is stored.
        VersionOutdated: Another version is offered than ``instead_of``.
    """
    compiled = _compiled_files(key, files)
    hashes = {"content_hash": content_hash(files), "locale_hash": locale_hash(files)}
    with Transaction():
        versions = list(ServiceVersion.objects.of(key).without_files().select_for_update())
        offered = next((version for version in versions if version.status in _OFFERED), None)
        number = offered.number if offered else 0
        if instead_of is not None and instead_of != number:
            raise VersionOutdated(service=key, base=instead_of, offered=number)
        present = offered if status is Status.LIVE else _newest_draft(versions)
        if present and all(getattr(present, name) == value for name, value in hashes.items()):
            return present
        if offered and status is Status.LIVE:
            status = Status(offered.status)
            offered.status = Status.CLOSED
            offered.save(update_fields=["status"])
        version = ServiceVersion.objects.create(
            service_key=key,
            agency=compiled.info.agency,
            number=versions[0].number + 1 if versions else 1,
            files=dict(files),
            published_at=at,
            status=status,
            **hashes,
        )
        record(
            "catalogue.published",
            stream=version.stream,
            by=by,
            at=at,
            version=str(version.pk),
            number=version.number,
            status=str(status),
            content_hash=version.content_hash,
            locale_hash=version.locale_hash,
            changes=[str(change) for change in changes_in(version)[:MOST_CHANGES]],
            approved_by=approved_by,
        )
    return version


@action
def put_on_stage(
    key: str, files: Mapping[str, str], *, agency: str, beside: str = "", by: Actor, at: datetime
) -> ServiceVersion:
    """Offer a text in place of the live version, in a rehearsal only.

    The same text has the same id each time, so that a process compiles it once.

    Args:
        key: The service.
        files: Its text.
        agency: Answerable for it.
        beside: Hash of what else is on trial with it and counts when it is compiled, such as a law.
        by: Who rehearses.
        at: When.

    Raises:
        RuntimeError: This is no rehearsal.
    """
    must_be_rehearsed()
    text = f"{key} {content_hash(files)} {locale_hash(files)} {beside}".rstrip()
    version = ServiceVersion(
        id=uuid5(_STAGE, text),
        service_key=key,
        agency=agency,
        number=0,
        content_hash=content_hash(files),
        locale_hash=locale_hash(files),
        files=dict(files),
        published_at=at,
        status=Status.LIVE,
    )
    ServiceVersion.objects.of(key).filter(status__in=_OFFERED).update(status=Status.CLOSED)
    version.save(force_insert=True)
    record("catalogue.rehearsed", stream=version.stream, by=by, at=at, content_hash=version.content_hash)
    return version


def set_status(
    version_id: UUID, status: Status, *, by: Actor, at: datetime, reason: str = ""
) -> ServiceVersion:
    """Offer, suspend or close a version.

    Making a draft live closes the version offered before. A version that has the status already is left
    as it is, so the call may be repeated safely.

    Args:
        version_id: The row is locked until the transaction ends.
        status: The new status.
        by: Who decided so; named in the ledger.
        at: When.
        reason: Why, for the record.

    Raises:
        StatusRefused: The version cannot go there, for example from closed to live.
        FourEyesNeeded: The jurisdiction lets nobody offer a rehearsed version alone.
        ServiceVersion.DoesNotExist: There is no such version.
    """
    with Transaction():
        version = ServiceVersion.objects.without_files().select_for_update().get(pk=version_id)
        if version.status == status:
            return version
        if status not in MOVES[version.status]:
            raise StatusRefused(present=version.status, wanted=str(status))
        if status is Status.LIVE and version.status == Status.DRAFT and current().four_eyes:
            raise FourEyesNeeded
        if status is Status.LIVE:
            _close_offered(version, by=by, at=at)
        before, version.status = version.status, status
        version.save(update_fields=["status"])
        _record_status(version, before, by=by, at=at, reason=reason)
    return version


def _close_offered(version: ServiceVersion, *, by: Actor, at: datetime) -> None:
    others = ServiceVersion.objects.of(version.service_key).filter(status__in=_OFFERED).exclude(pk=version.pk)
    for other in others.without_files().select_for_update():
        before, other.status = other.status, Status.CLOSED
        other.save(update_fields=["status"])
        _record_status(other, before, by=by, at=at, reason="superseded")


def _record_status(version: ServiceVersion, before: str, *, by: Actor, at: datetime, reason: str) -> None:
    record(
        "catalogue.status_set",
        stream=version.stream,
        by=by,
        at=at,
        version=str(version.pk),
        number=version.number,
        before=str(before),
        after=str(version.status),
        reason=reason,
    )


def _compiled_files(key: str, files: Mapping[str, str]) -> CompiledService:
    compiled, problems = compile_files(root(), f"services/{key}", files)
    if compiled is None:
        raise BrokenDeclaration(service=key, problems=[problem for problem in problems if problem.is_error])
    return compiled


def _newest_draft(versions: list[ServiceVersion]) -> ServiceVersion | None:
    return next((version for version in versions if version.status == Status.DRAFT), None)

"""The API's list of services."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.utils import translation
from ninja import Path, Query, Router, Schema

from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import NOTHING, ActorRequest
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.catalogue import queries
from commonweal.kernel.catalogue.models import ServiceVersion

router = Router()
routers.register(ApiRouter("catalogue", "", router))


class ServiceCard(Schema):
    """A service in a list.

    Attributes:
        key: Its key.
        name: As residents know it.
        summary: One or two sentences.
        agency: Key of the agency answerable.
        version: The version that a new application begins on.
        number: The version's number.
    """

    key: str
    name: str
    summary: str
    agency: str
    version: str
    number: int


class ServiceList(Schema):
    """The services that take applications."""

    items: list[ServiceCard]


class ServiceDetail(ServiceCard):
    """A service with everything that its page says.

    Attributes:
        hash: SHA-256 of the declaration.
        info: As declared, in the terms of CPSV-AP.
    """

    hash: str
    info: dict[str, Any]


def _card(service: queries.Service) -> dict[str, Any]:
    return {
        "key": service.key,
        "name": service.name,
        "summary": service.summary,
        "agency": service.info.agency,
        "version": str(service.version_id),
        "number": service.number,
    }


@router.get("/services", response={200: ServiceList, **PROBLEMS}, summary="List the services")
@operation(allows=anyone, discloses=NOTHING)
def services(
    request: ActorRequest,
    words: Annotated[str, Query(max_length=200)] = "",
    life_event: Annotated[str, Query(max_length=60)] = "",
) -> ServiceList:
    """Return the services that take applications; with words, those that match, the best first."""
    found = queries.search_services(words, translation.get_language() or "", life_event=life_event)
    return ServiceList(items=[ServiceCard(**_card(service)) for service in found])


@router.get("/services/{key}", response={200: ServiceDetail, **PROBLEMS}, summary="Show a service")
@operation(allows=anyone, discloses=NOTHING)
def service(request: ActorRequest, key: str) -> ServiceDetail:
    """Return a service with everything that its page says."""
    found = queries.offered_service(key, translation.get_language() or "")
    return ServiceDetail(**_card(found), hash=found.compiled.hash, info=found.info.model_dump(mode="json"))


class VersionCard(Schema):
    """A version of a service.

    Attributes:
        number: From 1.
        status: live, suspended or closed.
        published_at: When.
        hash: SHA-256 of the declaration.
    """

    number: int
    status: str
    published_at: datetime
    hash: str


class VersionList(Schema):
    """The versions of a service, the newest first."""

    items: list[VersionCard]


class Change(Schema):
    """What changed since the version before.

    Attributes:
        file: In the service's folder.
        place: What, from the outside in.
        kind: new, gone, changed or moved.
        before: As it was.
        after: As it is.
    """

    file: str
    place: list[str]
    kind: str
    before: str
    after: str


class VersionDetail(VersionCard):
    """A version, and what changed with it."""

    changes: list[Change]


@router.get(
    "/services/{key}/versions", response={200: VersionList, **PROBLEMS}, summary="List a service's versions"
)
@operation(allows=anyone, discloses=NOTHING)
def versions(request: ActorRequest, key: str) -> VersionList:
    """Return the versions of a service, the newest first, at most 200."""
    return VersionList(items=[VersionCard(**_version(found)) for found in queries.history_of(key)])


@router.get(
    "/services/{key}/versions/{number}",
    response={200: VersionDetail, **PROBLEMS},
    summary="Show what changed with a version",
)
@operation(allows=anyone, discloses=NOTHING)
def version(
    request: ActorRequest, key: str, number: Annotated[int, Path(ge=1, le=100_000_000)]
) -> VersionDetail:
    """Return a version, and what changed since the one before."""
    found = queries.version_of(key, number)
    changes = [Change(**{**asdict(one), "place": list(one.place)}) for one in queries.changes_in(found)]
    return VersionDetail(**_version(found), changes=changes)


def _version(found: ServiceVersion) -> dict[str, Any]:
    return {
        "number": found.number,
        "status": found.status,
        "published_at": found.published_at,
        "hash": found.content_hash,
    }

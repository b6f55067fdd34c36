from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, Settings
from tests.kernel.catalogue.conftest import MINIMAL, Write

from commonweal.kernel.base.declarations import sections
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import BrokenDeclaration, ServiceNotFound
from commonweal.kernel.catalogue.models import ServiceVersion

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def _jurisdiction(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    monkeypatch.setattr(sections, "_items", {})
    monkeypatch.setattr(queries, "_compiled", {})
    monkeypatch.setattr(queries, "_by_hash", {})


def _publish(home: Path, key: str, **changes: str) -> ServiceVersion:
    text = MINIMAL.replace("library-card", key)
    for old, new in changes.items():
        text = text.replace({"name": "Library card", "summary": "Borrow books"}[old], new)
    folder = home / "services" / key
    folder.mkdir(exist_ok=True)
    (folder / "service.yaml").write_text(text)
    return publish_folder(key, by=SYSTEM, at=AT)


def test_live_services_are_ordered_by_name_and_leave_out_the_rest(home: Path) -> None:
    _publish(home, "zoo", name="Animals")
    _publish(home, "library-card")
    gone = _publish(home, "gone")
    set_status(gone.pk, Status.SUSPENDED, by=SYSTEM, at=AT)

    assert [(service.key, service.name) for service in queries.live_services()] == [
        ("zoo", "Animals"),
        ("library-card", "Library card"),
    ]


def test_live_services_are_told_in_the_language_asked_for(home: Path, write: Write) -> None:
    write("service.yaml", old="[en]", new="[en, es]")
    write("locale/es.po", 'msgid "Library card"\nmsgstr "Carné"\n')
    publish_folder("library-card", by=SYSTEM, at=AT)

    assert [queries.live_services(language)[0].name for language in ("es", "ar")] == [
        "Carné",
        "Library card",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_live_services_take_two_queries_cold_and_one_warm(
    home: Path, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        _publish(home, f"service-{number}")

    with django_assert_num_queries(2):
        queries.live_services()
    with django_assert_num_queries(1):
        queries.live_services()


def test_a_version_is_compiled_from_its_stored_text_once(
    home: Path, write: Write, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = publish_folder("library-card", by=SYSTEM, at=AT)
    write("service.yaml", old="Library card", new="Borrower's card")
    second = publish_folder("library-card", by=SYSTEM, at=AT)

    found = [queries.compiled(version.pk) for version in (first, second)]

    assert [(service.info.name, service.number, service.version_id) for service in found] == [
        ("Library card", 1, first.pk),
        ("Borrower's card", 2, second.pk),
    ]
    with django_assert_num_queries(0):
        assert queries.compiled(first.pk) is found[0]


def test_two_versions_of_the_same_text_are_compiled_once(home: Path) -> None:
    first = publish_folder("library-card", by=SYSTEM, at=AT)
    set_status(first.pk, Status.CLOSED, by=SYSTEM, at=AT)
    second = publish_folder("library-card", by=SYSTEM, at=AT)

    assert queries.compiled(first.pk).info is queries.compiled(second.pk).info


def test_the_cache_forgets_the_oldest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_KEPT", 1)
    first, second = _publish(home, "one"), _publish(home, "two")

    queries.compiled(first.pk)
    queries.compiled(second.pk)

    assert list(queries._compiled) == [second.pk]


def test_a_version_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(ServiceNotFound):
        queries.compiled(uuid4())


def test_stored_text_that_does_not_compile_any_more_is_said_so(home: Path) -> None:
    version = ServiceVersion.objects.create(
        service_key="old",
        agency="human-services",
        number=1,
        content_hash="x",
        locale_hash="x",
        files={"service.yaml": "key: old"},
        published_at=AT,
        status=Status.CLOSED,
    )

    with pytest.raises(BrokenDeclaration, match="'old'"):
        queries.compiled(version.pk)


def test_live_version_and_offered_service_know_what_is_suspended(home: Path) -> None:
    version = publish_folder("library-card", by=SYSTEM, at=AT)

    assert queries.live_version("library-card").pk == version.pk
    set_status(version.pk, Status.SUSPENDED, by=SYSTEM, at=AT)

    assert queries.offered_service("library-card").status is Status.SUSPENDED
    with pytest.raises(ServiceNotFound):
        queries.live_version("library-card")
    with pytest.raises(ServiceNotFound):
        queries.offered_service("none")


def test_versions_of_a_service_come_newest_first(home: Path, write: Write) -> None:
    publish_folder("library-card", by=SYSTEM, at=AT)
    write("service.yaml", old="Library card", new="Card")
    publish_folder("library-card", by=SYSTEM, at=AT)

    assert [version.number for version in queries.versions_of("library-card")] == [2, 1]


def test_search_finds_by_the_beginning_of_words_whatever_their_accents(home: Path) -> None:
    _publish(home, "library-card")
    _publish(home, "cafe", name="Café permit", summary="Serve coffee near the library")

    def found(words: str) -> list[str]:
        return [service.key for service in queries.search_services(words)]

    assert found("LIB") == ["library-card", "cafe"]
    assert found("cafe coff") == ["cafe"]
    assert found("café nothing") == []
    assert found("  ") == ["cafe", "library-card"]
    assert found("'; DROP TABLE") == []


def test_search_forgives_a_slip_of_the_hand_but_prefers_what_is_written(home: Path) -> None:
    _publish(home, "library-card")
    _publish(home, "cafe", name="Café permit", summary="Serve coffee near the library")

    def found(words: str) -> list[str]:
        return [service.key for service in queries.search_services(words)]

    assert found("libary card") == ["library-card", "cafe"]
    assert found("permitt") == ["cafe"]
    assert found("coffe") == ["cafe"]
    assert found("crd") == []


def test_search_within_a_life_event(home: Path, write: Write) -> None:
    write("service.yaml", MINIMAL + "life_events: [moving-home]\n")
    publish_folder("library-card", by=SYSTEM, at=AT)
    _publish(home, "zoo")

    assert [service.key for service in queries.search_services("", life_event="moving-home")] == [
        "library-card"
    ]
    assert "moving-home" in [event.key for event in queries.life_events()]

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings
from tests.kernel.catalogue.conftest import MINIMAL, Write

from commonweal.kernel.base.declarations import sections
from commonweal.kernel.base.documents import Unreadable
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.errors import BrokenDeclaration, StatusRefused
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.ledger.queries import events_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
DESIGNER = Actor(ActorKind.OFFICER, "0190-designer", agency="human-services")
KEY = "library-card"


@pytest.fixture(autouse=True)
def _jurisdiction(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    monkeypatch.setattr(sections, "_items", {})


def _statuses() -> dict[int, str]:
    return dict(ServiceVersion.objects.order_by("number").values_list("number", "status"))


def test_publish_folder_stores_the_text_and_records_it() -> None:
    version = publish_folder(KEY, by=DESIGNER, at=AT)

    stored = ServiceVersion.objects.get()
    assert (stored.pk, stored.number, stored.agency, stored.status, stored.published_at) == (
        version.pk,
        1,
        "human-services",
        Status.LIVE,
        AT,
    )
    assert stored.files == {"service.yaml": MINIMAL}
    assert [(event.type, event.actor.id, event.payload) for event in events_of(f"service:{KEY}")] == [
        (
            "catalogue.published",
            "0190-designer",
            {
                "version": str(version.pk),
                "number": 1,
                "status": "live",
                "content_hash": stored.content_hash,
                "locale_hash": stored.locale_hash,
                "changes": [],
                "approved_by": "",
            },
        )
    ]


def test_publishing_the_same_text_again_changes_nothing() -> None:
    first = publish_folder(KEY, by=DESIGNER, at=AT)

    assert publish_folder(KEY, by=DESIGNER, at=AT).pk == first.pk
    assert len(events_of(f"service:{KEY}")) == 1


def test_a_changed_text_makes_a_new_version_and_closes_the_one_before(write: Write) -> None:
    publish_folder(KEY, by=DESIGNER, at=AT)
    write("service.yaml", old="Borrow books", new="Borrow books and films")

    version = publish_folder(KEY, by=DESIGNER, at=AT)

    assert version.number == 2
    assert _statuses() == {1: "closed", 2: "live"}
    assert ServiceVersion.objects.get(number=1).files == {"service.yaml": MINIMAL}


def test_a_changed_translation_makes_a_new_version_under_the_same_content_hash(write: Write) -> None:
    write("service.yaml", old="[en]", new="[en, es]")
    first = publish_folder(KEY, by=DESIGNER, at=AT)
    write("locale/es.po", 'msgid "Library card"\nmsgstr "Carné"\n')

    second = publish_folder(KEY, by=DESIGNER, at=AT)

    assert (second.number, second.content_hash) == (2, first.content_hash)
    assert second.locale_hash != first.locale_hash


def test_a_version_published_while_the_service_is_suspended_is_suspended(write: Write) -> None:
    first = publish_folder(KEY, by=DESIGNER, at=AT)
    set_status(first.pk, Status.SUSPENDED, by=DESIGNER, at=AT, reason="The law is under review.")
    write("service.yaml", old="Borrow books", new="Borrow films")

    assert publish_folder(KEY, by=DESIGNER, at=AT).status == Status.SUSPENDED
    assert _statuses() == {1: "closed", 2: "suspended"}


def test_a_draft_is_not_offered_until_it_is_made_live(write: Write) -> None:
    publish_folder(KEY, by=DESIGNER, at=AT)
    write("service.yaml", old="Borrow books", new="Borrow films")
    draft = publish_folder(KEY, by=DESIGNER, at=AT, status=Status.DRAFT)
    before = _statuses()

    assert publish_folder(KEY, by=DESIGNER, at=AT, status=Status.DRAFT).pk == draft.pk
    set_status(draft.pk, Status.LIVE, by=DESIGNER, at=AT)

    assert before == {1: "live", 2: "draft"}
    assert _statuses() == {1: "closed", 2: "live"}
    assert [
        (event.type, (event.payload or {}).get("number"), (event.payload or {}).get("reason"))
        for event in events_of(f"service:{KEY}")
    ] == [
        ("catalogue.published", 1, None),
        ("catalogue.published", 2, None),
        ("catalogue.status_set", 1, "superseded"),
        ("catalogue.status_set", 2, ""),
    ]


def test_setting_the_same_status_again_changes_nothing() -> None:
    version = publish_folder(KEY, by=DESIGNER, at=AT)

    assert set_status(version.pk, Status.LIVE, by=DESIGNER, at=AT).status == Status.LIVE
    assert len(events_of(f"service:{KEY}")) == 1


def test_a_closed_version_stays_closed() -> None:
    version = publish_folder(KEY, by=DESIGNER, at=AT)
    set_status(version.pk, Status.CLOSED, by=DESIGNER, at=AT)

    with pytest.raises(StatusRefused, match="closed cannot become live"):
        set_status(version.pk, Status.LIVE, by=DESIGNER, at=AT)


def test_a_broken_folder_is_not_published(write: Write) -> None:
    write("service.yaml", old="agency: human-services", new="agency: nobody")

    with pytest.raises(BrokenDeclaration) as caught:
        publish_folder(KEY, by=DESIGNER, at=AT)

    assert [problem.code for problem in caught.value.problems] == ["service.agency"]
    assert not ServiceVersion.objects.exists()


def test_a_folder_that_is_not_there_is_not_published() -> None:
    with pytest.raises(Unreadable):
        publish_folder("none", by=DESIGNER, at=AT)


def test_the_database_holds_one_offered_version_a_service() -> None:
    version = publish_folder(KEY, by=DESIGNER, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceVersion.objects.create(
            service_key=KEY,
            agency="human-services",
            number=2,
            content_hash="x",
            locale_hash="x",
            files={},
            published_at=AT,
            status=Status.SUSPENDED,
        )
    assert str(version) == "library-card 1"

"""A draft on an older version goes on with the newer one: nothing is lost silently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT, make_account, make_person, make_team, resident

from commonweal.kernel.authoring.starting import new_service
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_files, set_status
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.queries import live_version
from commonweal.kernel.forms import queries
from commonweal.kernel.forms.actions import answer_all, move_forward, start_sheet
from commonweal.kernel.forms.errors import SheetMoved, SheetNotFound
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.queries import events_of

KEY = "club"
FORM = """\
pages:
  - key: you
    title: About you
    questions:
      - {key: name, type: text, label: What is your name?, short: your name}
      - {key: age, type: number, label: How old are you?, short: your age}
  - key: club
    title: Your club
    questions:
      - {key: branch, type: choice, label: Which branch?, short: a branch, options: [{key: north, label: North}, {key: south, label: South}]}
      - {key: note, type: text, label: Anything else?, required: false}
  - key: family
    title: Family
    questions:
      - key: members
        type: group
        label: Members
        item: member
        questions:
          - {key: first, type: text, label: First name, short: a name}
          - {key: pet, type: text, label: Pet, required: false}
"""
ANSWERS = {
    "name": "Somebody",
    "age": 40,
    "branch": "south",
    "note": None,
    "members": [{"first": "A", "pet": "Dog"}, {"first": "B"}],
}
Publish = Callable[..., None]


@pytest.fixture
def publish(db: None) -> Publish:
    make_team(key="food-assistance")

    def put(form: str) -> None:
        files = new_service(
            key=KEY,
            name="Club",
            summary="A club.",
            agency="human-services",
            language="en",
            team="food-assistance",
        )
        publish_files(KEY, {**files, "form.yaml": form}, by=Actor.system("tests"), at=AT)

    return put


@pytest.fixture
def person(db: None) -> Any:
    return make_person(account=make_account())


def begun(person: Any, answers: dict[str, Any] = ANSWERS) -> Sheet:
    me = resident(person)
    sheet_id = start_sheet(KEY, by=me, at=AT).sheet_id
    answer_all(sheet_id, answers, revision=0, by=me, at=AT)
    return Sheet.objects.get(pk=sheet_id)


def forward(sheet: Sheet, person: Any, **changes: Any) -> Sheet:
    options = {
        "to": live_version(KEY).pk,
        "revision": sheet.revision,
        "by": resident(person),
        "at": AT,
    } | changes
    move_forward(sheet.pk, **options)
    return Sheet.objects.get(pk=sheet.pk)


def test_answers_that_fit_stay_and_the_others_are_named(publish: Publish, person: Any) -> None:
    publish(FORM)
    sheet = begun(person)
    assert not queries.is_behind(sheet)
    assert queries.moving(sheet, "en", at=AT) is None
    publish(
        FORM.replace("How old are you?", "How old are you today?")
        .replace("{key: south, label: South}", "{key: east, label: East}")
        .replace("          - {key: pet, type: text, label: Pet, required: false}\n", "")
        .replace("Anything else?, required: false", "Anything else?, required: false, max_length: 50")
        .replace(
            "  - key: family",
            "      - {key: phone, type: phone, label: Telephone, short: a number}\n  - key: family",
        )
    )

    assert queries.is_behind(sheet)
    found = queries.moving(sheet, "en", at=AT)
    assert found is not None
    assert [(lost.key, lost.lines) for lost in found.lost] == [
        ("branch", ("South",)),
        ("members[1].pet", ("Dog",)),
    ]
    assert [lost.label for lost in found.lost] == ["Which branch?", "A: Pet"]
    assert found.new == ("Telephone",)
    assert set(found.again) == {"About you", "Your club", "Family"}

    moved = forward(sheet, person)
    assert moved.version_id == live_version(KEY).pk
    assert moved.answers == {
        "name": "Somebody",
        "age": "40",
        "note": None,
        "members": [{"first": "A"}, {"first": "B"}],
    }
    assert queries.next_page(moved, at=AT) == "you"
    event = events_of(moved.stream)[-1]
    assert event.type == "forms.sheet_moved_forward"
    assert event.payload is not None
    assert event.payload["lost"] == ["branch", "members[1].pet"]
    assert forward(moved, person).revision == moved.revision  # once more changes nothing


def test_a_change_that_nobody_is_asked_about_leaves_pages_answered(publish: Publish, person: Any) -> None:
    publish(FORM)
    sheet = begun(person)
    publish(FORM.replace("title: Family", "title: Your family"))
    found = queries.moving(sheet, "en", at=AT)
    assert found is not None
    assert (found.lost, found.new, found.again) == ((), (), ())
    moved = forward(sheet, person)
    assert (moved.answers, moved.done_pages) == (sheet.answers, sheet.done_pages)
    assert queries.next_page(moved, at=AT) is None


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (("type: number, label: How", "type: date, label: How"), {"age": ("40",)}),
        (
            ("key: members\n", "key: relatives\n"),
            {"members": ("A: First name: A", "A: Pet: Dog", "B: First name: B")},
        ),
        (
            ("      - {key: age, type: number, label: How old are you?, short: your age}\n", ""),
            {"age": ("40",)},
        ),
    ],
)
def test_whatever_goes_is_shown_as_it_was_answered(
    publish: Publish, person: Any, change: tuple[str, str], lost: dict[str, tuple[str, ...]]
) -> None:
    publish(FORM)
    sheet = begun(person)
    publish(FORM.replace(*change))
    found = queries.moving(sheet, "en", at=AT)
    assert found is not None
    assert {one.key: one.lines for one in found.lost} == lost


def test_a_move_that_was_not_shown_is_refused(publish: Publish, person: Any) -> None:
    publish(FORM)
    sheet = begun(person)
    publish(FORM.replace("About you", "You"))
    shown = live_version(KEY).pk
    publish(FORM.replace("About you", "You yourself"))
    for changes in ({"to": shown}, {"revision": 0}):
        with pytest.raises(SheetMoved):
            forward(sheet, person, **changes)
    with pytest.raises(SheetNotFound):
        forward(sheet, person, by=resident(make_person()))
    assert Sheet.objects.get(pk=sheet.pk).version_id == sheet.version_id


def test_a_service_that_is_suspended_or_closed_is_nothing_to_move_to(publish: Publish, person: Any) -> None:
    publish(FORM)
    sheet = begun(person)
    publish(FORM.replace("About you", "You"))
    live = live_version(KEY)
    for status in (Status.SUSPENDED, Status.CLOSED):
        set_status(live.pk, status, by=Actor.system("tests"), at=AT)
        assert queries.moving(sheet, "en", at=AT) is None


def test_the_portal_shows_what_is_lost_before_it_is(publish: Publish, person: Any, settings: Any) -> None:
    settings.COMMONWEAL_CLOCK_START = AT
    publish(FORM)
    client = Client()
    client.force_login(person.account)
    sheet = begun(person)
    review = reverse("cases:review", args=[sheet.pk])
    newer = reverse("cases:newer", args=[sheet.pk])
    assert newer not in client.get(review).content.decode()
    assert client.get(newer).status_code == 302
    publish(FORM.replace("{key: south, label: South}", "{key: east, label: East}"))
    assert newer in client.get(review).content.decode()

    shown = client.get(newer).content.decode()
    assert "These answers go" in shown
    assert "South" in shown
    version = live_version(KEY).pk
    stale = client.post(newer, {"version": str(version), "revision": "0"})
    assert stale.status_code == 409
    assert "Look at this once more." in stale.content.decode()
    assert client.post(newer, {"version": "x", "revision": "0"}).status_code == 400
    done = client.post(newer, {"version": str(version), "revision": str(sheet.revision)})
    assert done.status_code == 302
    assert Sheet.objects.get().version_id == UUID(str(version))


def test_a_program_goes_on_with_the_newer_version(publish: Publish, person: Any, settings: Any) -> None:
    settings.COMMONWEAL_CLOCK_START = AT
    publish(FORM)
    client = Client()
    client.force_login(person.account)
    sheet = begun(person)
    path = f"/api/v1/drafts/{sheet.pk}/newer"
    assert client.get(path).json() == {"version": None, "lost": {}, "new": [], "again": []}
    publish(FORM.replace("{key: south, label: South}", "{key: east, label: East}"))
    shown = client.get(path).json()
    version = str(live_version(KEY).pk)
    assert shown == {
        "version": version,
        "lost": {"branch": ["Which branch?", "South"]},
        "new": [],
        "again": ["Your club"],
    }
    sent = {"version": version, "revision": sheet.revision}
    moved = client.post(path, sent, content_type="application/json")
    assert (moved.status_code, moved.json()["version"]) == (200, version)
    assert "branch" not in moved.json()["answers"]

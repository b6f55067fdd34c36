"""An answer that a register gives, as soon as the answers before it name the entry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.factories.people import AT, make_account, make_person

from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.forms.actions import answer_page, start_sheet
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries import open_sheet, page_view
from commonweal.kernel.ledger.models import AccessRecord
from commonweal.kernel.people.models import Person
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.loading import registers_of
from commonweal.kernel.registers.types import NewEntry

pytestmark = pytest.mark.django_db
CHIP, OTHER = "981000000000001", "981000000000002"
SYSTEM = Actor.system("tests")


def a_dog(chip: str = CHIP, *, keeper: Person | None = None, born_on: str = "2022-03-27") -> None:
    values = {
        "born_on": born_on,
        "is_neutered": True,
        "is_service_dog": False,
        "is_dangerous": False,
        "rabies_until": "2028-08-31",
    }
    put_entry("dogs", NewEntry(chip, values, AT, keeper.pk if keeper else None), by=SYSTEM, at=AT)


@pytest.fixture
def owner(db: None, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(clock, "now", lambda: AT)
    publish_folder("dog-licence", by=SYSTEM, at=AT)
    return make_person(account=make_account())


def by(person: Person) -> Actor:
    assert person.account is not None
    return actor_of(person.account)


def fill_in(person: Person, chip: str = CHIP) -> UUID:
    """Answer what comes before the page about the dog."""
    sheet = start_sheet("dog-licence", by=by(person), at=AT).sheet_id
    pages: list[tuple[str, dict[str, Any]]] = [
        ("request", {"request": "licence"}),
        ("dog", {"chip_number": chip, "dog_name": "Rex"}),
    ]
    for revision, (page, raw) in enumerate(pages):
        answer_page(sheet, page, raw, revision=revision, by=by(person), at=AT)
    return sheet


def shown(person: Person, sheet: UUID, page: str = "about") -> dict[str, Any]:
    view = page_view(open_sheet(sheet, by=by(person), at=AT), page, "", at=AT)
    return {each.key: each.value for each in view.questions if each.prefilled}


def test_what_the_register_knows_is_filled_in_with_source_day_and_law(owner: Person) -> None:
    a_dog()
    sheet = fill_in(owner)
    view = page_view(open_sheet(sheet, by=by(owner), at=AT), "about", "", at=AT)
    known = {each.key: each for each in view.questions if each.prefilled}
    assert {key: each.value for key, each in known.items()} == {
        "born_on": {"day": "27", "month": "3", "year": "2022"},
        "is_neutered": True,
    }
    source = known["born_on"].prefilled
    assert source is not None
    assert (source.source, source.legal_basis, source.why, source.record) == (
        "Register of dogs of Port Alder",
        "PAMC 6.08.030, 6.08.046",
        "To fill in when the dog was born.",
        f"entry:dogs:born_on:{CHIP}",
    )


def test_another_answer_asks_the_register_anew_and_keeps_what_the_person_said(owner: Person) -> None:
    a_dog()
    a_dog(OTHER, born_on="2020-01-01")
    sheet = fill_in(owner)
    raw = {"born_on": "2022-03-27", "kept_since": "2022-06-01", "is_neutered": True, "is_service_dog": False}
    answer_page(sheet, "about", raw, revision=2, by=by(owner), at=AT)
    assert Sheet.objects.get().sources["born_on"]["record"] == f"entry:dogs:born_on:{CHIP}"

    answer_page(sheet, "dog", {"chip_number": OTHER, "dog_name": "Rex"}, revision=3, by=by(owner), at=AT)
    after = Sheet.objects.get()
    assert "born_on" not in after.answers
    assert after.answers["kept_since"] == "2022-06-01"
    assert "about" not in after.done_pages
    assert shown(owner, sheet)["born_on"]["year"] == "2020"


@pytest.mark.parametrize("is_personal", [True, False])
def test_what_tells_of_a_person_is_shown_to_that_person_alone(
    owner: Person, monkeypatch: pytest.MonkeyPatch, *, is_personal: bool
) -> None:
    stranger = make_person(account=make_account())
    a_dog(keeper=stranger)
    declared = registers_of.__wrapped__  # the register as declared, but for one field
    from commonweal.kernel.base.jurisdiction import root
    from commonweal.kernel.registers import queries

    dogs = declared(root())["dogs"]
    fields = tuple(each.model_copy(update={"is_personal": is_personal}) for each in dogs.fields)
    changed = declared(root()) | {"dogs": dogs.model_copy(update={"fields": fields})}
    monkeypatch.setattr(queries, "registers_of", lambda _root: changed)

    of_stranger, of_owner = shown(owner, fill_in(owner)), shown(stranger, fill_in(stranger))
    assert set(of_owner) == {"born_on", "is_neutered"}
    assert set(of_stranger) == (set() if is_personal else set(of_owner))


def test_each_look_is_in_the_access_log_of_whom_the_entry_is_about(owner: Person) -> None:
    stranger = make_person(account=make_account())
    a_dog(keeper=stranger)
    sheet, client = fill_in(owner), Client()
    assert owner.account is not None
    client.force_login(owner.account)
    page = client.get(f"/drafts/{sheet}/pages/about/").content.decode()
    assert "We know this from: Register of dogs of Port Alder" in page
    assert "We asked the register: To fill in when the dog was born." in page
    assert f"/drafts/{sheet}/wrong/born_on/" in page
    looked_at = set(AccessRecord.objects.values_list("subject", flat=True))
    assert {owner.pk, stranger.pk} <= looked_at


def test_a_guest_learns_nothing_from_a_register(owner: Person) -> None:
    a_dog()
    started = start_sheet("dog-licence", by=Actor.guest(), at=AT)
    args: dict[str, Any] = {"by": Actor.guest(), "at": AT, "token": started.token}
    answer_page(started.sheet_id, "request", {"request": "licence"}, revision=0, **args)
    answer_page(started.sheet_id, "dog", {"chip_number": CHIP, "dog_name": "Rex"}, revision=1, **args)
    view = page_view(open_sheet(started.sheet_id, **args), "about", "", at=AT)
    assert [each.key for each in view.questions if each.prefilled] == []


def test_what_cannot_be_found_is_asked(owner: Person) -> None:
    assert shown(owner, fill_in(owner)) == {}


def test_the_district_and_the_value_of_a_home_are_known(owner: Person) -> None:
    publish_folder("housing-repair", by=SYSTEM, at=AT)
    home = {"address": "Pier 1", "district": "old-mill", "is_car_free": False}
    put_entry("dwellings", NewEntry("OM-0042", home, AT), by=SYSTEM, at=AT)
    roll = {"assessed_value": 312_000, "approved_band": 0}
    put_entry("tax-roll", NewEntry("OM-0042/2026", roll, AT), by=SYSTEM, at=AT)
    sheet = start_sheet("housing-repair", by=by(owner), at=AT).sheet_id
    answer_page(sheet, "home", {"dwelling_id": "OM-0042"}, revision=0, by=by(owner), at=AT)
    assert shown(owner, sheet, "about-home") == {"district": "old-mill", "assessed_value": "312000"}

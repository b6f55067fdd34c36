"""What registers hold about somebody, on the page "What we know about you"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.test import Client
from django.utils import translation
from tests.factories.people import make_account, make_person

from commonweal.kernel.base.jurisdiction import root, wordings
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.queries import accesses_to
from commonweal.kernel.people.models import Person
from commonweal.kernel.registers.actions import put_entries, put_entry
from commonweal.kernel.registers.presenting import own_entries
from commonweal.kernel.registers.queries import declared
from commonweal.kernel.registers.types import NewEntry

AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
BY = Actor.system("tests")
_CODE = re.compile(r"[A-Z]{1,2}\d?|m2?|kg|g/km|USD")


def _vehicle(person: Person, plate: str = "ABC1234") -> NewEntry:
    values = {
        "gross_weight_kg": 1800,
        "length_m": "4.40",
        "fuel": "diesel",
        "first_registered_on": date(2015, 8, 31),
    }
    return NewEntry(plate, values, AT, person.pk)


def _fine(person: Person, number: int = 1) -> NewEntry:
    values = {"number_plate": "ABC1234", "amount": 722, "issued_on": date(2026, 3, 1), "is_paid": False}
    return NewEntry(f"PF{number:06}", values, AT, person.pk)


@pytest.mark.django_db
def test_own_entries_stand_by_register_with_source_day_and_law() -> None:
    person, other = make_person(), make_person()
    put_entry("vehicles", _vehicle(person), by=BY, at=AT)
    put_entry("vehicles", _vehicle(other, "OTHER1"), by=BY, at=AT)
    put_entry("parking-fines", _fine(person), by=BY, at=AT)

    shown = own_entries([person.pk])
    with translation.override("ar"):
        fines, _vehicles = own_entries([person.pk]).groups

    assert (shown.previous, shown.next) == (0, 0)
    assert [group["title"] for group in shown.groups] == ["Register of parking fines", "Register of vehicles"]
    assert shown.groups[1]["rows"] == [
        {
            "label": "Number plate: ABC1234",
            "value": [
                "Gross weight: 1,800 kg",
                "Length: 4.4 m",
                "Fuel: diesel",
                "First registered on: August 31, 2015",
            ],
            "note": (
                "From: Vehicle register of the state's licensing office. As of September 15, 2026. "
                "Legal basis: PAMC 11.24.034, 11.24.036, 11.24.060"
            ),
        }
    ]
    assert fines["title"] == "سجل غرامات الوقوف"
    assert fines["rows"][0]["value"][1:] == [
        "المبلغ: \u2066722.00\u00a0US$\u2069",
        "تاريخ الإصدار: \u20671 مارس 2026\u2069",
        "مدفوعة: لا",
    ]


@pytest.mark.django_db
def test_many_own_entries_come_page_by_page() -> None:
    person = make_person()
    put_entries("parking-fines", [_fine(person, number) for number in range(21)], by=BY, at=AT)

    first, second = own_entries([person.pk]), own_entries([person.pk], number_of_page=2)

    assert (first.previous, first.next, len(first.groups[0]["rows"])) == (0, 2, 20)
    assert (second.previous, second.next, len(second.groups[0]["rows"])) == (1, 0, 1)
    assert own_entries([]).groups == ()


@pytest.mark.django_db
def test_the_page_of_own_details_shows_entries_and_the_access_is_recorded(client: Client) -> None:
    account = make_account()
    person = make_person(account=account)
    put_entries("parking-fines", [_fine(person, number) for number in range(21)], by=BY, at=AT)
    client.force_login(account)

    first = unescape(client.get("/me/details/").content.decode())
    last = unescape(client.get("/me/details/?entries=2").content.decode())
    odd = client.get("/me/details/?entries=²x")

    assert "Register of parking fines" in first
    assert "Number of the fine: PF000000" in first
    assert 'href="/me/details/?entries=2"' in first
    assert "PF000020" not in first
    assert "Number of the fine: PF000020" in last
    assert "PF000000" in odd.content.decode()
    assert "We hold no further facts" not in first
    assert {found.purpose for found in accesses_to(person.pk)} == {"own details"}


def test_registers_are_told_in_every_language_of_the_city() -> None:
    texts = {
        text
        for register in declared().values()
        for text in (
            register.name,
            register.source,
            register.entry_key.label,
            *(each for field in register.fields for each in (field.label, field.unit, *field.options)),
        )
        if text and not _CODE.fullmatch(text)
    }
    assert {language: texts - wordings(root(), language).keys() for language in ("es", "ar")} == {
        "es": set(),
        "ar": set(),
    }

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from tests.factories.people import make_person

from commonweal.engines.feel import Date, Scope, compile_expression
from commonweal.kernel.base.documents import Unreadable
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.registers.actions import put_entries, put_entry
from commonweal.kernel.registers.errors import EntryInvalid, NotSearchable, RegisterUnknown
from commonweal.kernel.registers.loading import read_registers, registers_of
from commonweal.kernel.registers.models import RegisterEntry, SearchValue
from commonweal.kernel.registers.plugins import RegistersCheck
from commonweal.kernel.registers.queries import declared, feel_value, look_up, look_up_many, register, search
from commonweal.kernel.registers.types import NewEntry

AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
BY = Actor.system("tests")


def _vehicle(plate: str = "ABC1234", *, at: datetime = AT, subject: Any = None, **values: Any) -> NewEntry:
    facts = {
        "dwelling_id": "HP-0042",
        "gross_weight_kg": 1800,
        "length_m": "4.40",
        "fuel": "diesel",
        "co2": None,
        "first_registered_on": date(2015, 8, 31),
    }
    return NewEntry(plate, facts | values, at, subject)


def test_the_city_declares_its_registers() -> None:
    names = sorted(path.stem for path in (root() / "registers").glob("*.yaml"))
    assert {"dwellings", "dogs", "parcels", "vehicles"} <= set(names)
    assert list(declared()) == names
    assert RegistersCheck().check(root()) == []


@pytest.mark.django_db
def test_put_entry_keeps_values_with_source_and_time_and_records_it() -> None:
    person = make_person()

    assert put_entry("vehicles", _vehicle(" abc 1234", subject=person.pk), by=BY, at=AT)

    entry = look_up("vehicles", "abc1234")
    assert entry is not None
    assert (entry.key, entry.source, entry.observed_at, entry.subject) == (
        "ABC1234",
        "Vehicle register of the state's licensing office",
        AT,
        person.pk,
    )
    assert entry.values == {
        "dwelling_id": "HP-0042",
        "gross_weight_kg": "1800",
        "length_m": "4.4",
        "fuel": "diesel",
        "co2": None,
        "first_registered_on": "2015-08-31",
    }
    events = events_of(f"register:{entry.id}")
    assert [(event.type, event.subject) for event in events] == [("registers.entry_put", person.pk)]
    assert events[0].payload == {
        "register": "vehicles",
        "observed_at": "2026-09-15T09:00:00.000000Z",
        "is_new": True,
    }


@pytest.mark.django_db
def test_what_is_the_same_or_older_changes_nothing() -> None:
    put_entry("vehicles", _vehicle(), by=BY, at=AT)

    assert not put_entry("vehicles", _vehicle(), by=BY, at=AT)
    assert not put_entry("vehicles", _vehicle(at=AT - timedelta(days=1), fuel="petrol"), by=BY, at=AT)
    assert put_entry("vehicles", _vehicle(at=AT + timedelta(days=1), fuel="petrol"), by=BY, at=AT)
    entry = look_up("vehicles", "ABC1234")
    assert entry is not None
    assert entry.values["fuel"] == "petrol"
    assert len(events_of(f"register:{entry.id}")) == 2


@pytest.mark.django_db
def test_of_two_entries_under_one_key_the_later_counts() -> None:
    later = _vehicle(at=AT + timedelta(days=1), fuel="petrol")

    assert put_entries("vehicles", [later, _vehicle()], by=BY, at=AT) == 1
    assert RegisterEntry.objects.get().values["fuel"] == "petrol"


@pytest.mark.django_db
def test_one_wrong_entry_refuses_them_all_and_is_named() -> None:
    wrong = NewEntry(
        "A-B",
        {
            "dwelling_id": "x" * 501,
            "gross_weight_kg": True,
            "length_m": "long",
            "fuel": "wood",
            "first_registered_on": "31.8.2015",
            "colour": "red",
        },
        AT,
    )

    with pytest.raises(EntryInvalid) as caught:
        put_entries("vehicles", [_vehicle(), wrong], by=BY, at=AT)

    assert caught.value.fields == {
        "A-B": "This is not a key of the register 'Register of vehicles'.",
        "A-B.dwelling_id": "This must be text of at most 500 characters.",
        "A-B.gross_weight_kg": "This must be a number.",
        "A-B.length_m": "This must be a number.",
        "A-B.fuel": "This must be one of: petrol, diesel, electric, hydrogen, hybrid.",
        "A-B.first_registered_on": "This must be a date such as 2026-09-15.",
        "A-B.colour": "The register has no such field.",
    }
    assert not RegisterEntry.objects.exists()


@pytest.mark.django_db
def test_a_fact_that_is_missing_or_no_yes_or_no_is_named() -> None:
    with pytest.raises(EntryInvalid) as caught:
        put_entry(
            "dwellings", NewEntry("HP-0042", {"address": "1 Quay", "is_car_free": "no"}, AT), by=BY, at=AT
        )

    assert caught.value.fields == {
        "HP-0042.district": "This is missing.",
        "HP-0042.is_car_free": "This must be true or false.",
    }


def test_too_many_entries_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="At most 1000"):
        put_entries("vehicles", [_vehicle()] * 1_001, by=BY, at=AT)


@pytest.mark.django_db
def test_search_finds_by_searchable_fields() -> None:
    put_entries(
        "vehicles", [_vehicle("B1"), _vehicle("A1"), _vehicle("C1", dwelling_id="HP-1")], by=BY, at=AT
    )
    put_entry("vehicles", _vehicle("B1", at=AT + timedelta(1), dwelling_id="HP-1"), by=BY, at=AT)

    assert [entry.key for entry in search("vehicles", dwelling_id="HP-0042")] == ["A1"]
    assert [entry.key for entry in search("vehicles", dwelling_id="HP-1")] == ["B1", "C1"]
    assert search("vehicles", dwelling_id="' OR 1=1 --\x00") == []
    assert SearchValue.objects.count() == 3


@pytest.mark.django_db
def test_search_takes_several_fields_and_truth_values() -> None:
    fine = {"number_plate": "A1", "amount": 45, "issued_on": "2026-09-01", "is_paid": False}
    put_entries(
        "parking-fines",
        [NewEntry("PF000001", fine, AT), NewEntry("PF000002", fine | {"is_paid": True}, AT)],
        by=BY,
        at=AT,
    )

    assert [entry.key for entry in search("parking-fines", number_plate="A1", is_paid=False)] == ["PF000001"]
    with pytest.raises(NotSearchable):
        search("parking-fines", amount=45)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_look_up_many_takes_one_query(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    plates = [f"A{number}" for number in range(count)]
    put_entries("vehicles", [_vehicle(plate) for plate in plates], by=BY, at=AT)

    with django_assert_num_queries(1):
        assert list(look_up_many("vehicles", [*plates, "ZZ"])) == plates


@pytest.mark.django_db
def test_an_entry_is_a_context_in_feel() -> None:
    put_entry("vehicles", _vehicle(), by=BY, at=AT)
    entry = look_up("vehicles", "ABC1234")
    assert entry is not None

    value = feel_value(entry)

    assert value == {
        "key": "ABC1234",
        "dwelling_id": "HP-0042",
        "gross_weight_kg": Decimal(1800),
        "length_m": Decimal("4.4"),
        "fuel": "diesel",
        "co2": None,
        "first_registered_on": Date(2015, 8, 31),
    }
    scope = Scope({"vehicle": register("vehicles").feel_type})
    old = compile_expression('vehicle.first_registered_on < date("2015-09-01")', scope)
    assert old.problems == ()
    assert old.evaluate({"vehicle": value}) is True


def test_a_register_that_is_not_kept_is_unknown() -> None:
    with pytest.raises(RegisterUnknown):
        look_up("spaceships", "A")


@pytest.mark.django_db
def test_an_entry_that_is_not_there_is_none() -> None:
    assert look_up("vehicles", "NOPE") is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("key: vehicles", "key: cars", "registers/vehicles.yaml:1:6: The key 'cars' is not the file's name. Write 'vehicles'."),
        ("agency: transportation", "agency: transport", "registers/vehicles.yaml:4:9: There is no agency 'transport' in jurisdiction.yaml. Did you mean 'transportation'?"),
        ("searchable: true", "searchabel: true", "registers/vehicles.yaml:11:96: 'searchabel' is not known here. Did you mean 'searchable'?"),
        ("options: [petrol, diesel, electric, hydrogen, hybrid]", "options: []", "registers/vehicles.yaml:14:5: 'fields no. 4': a choice needs 'options', and nothing else has them."),
        ('"[A-Z0-9]{2,8}"', '"["', "registers/vehicles.yaml:9:43: 'pattern': this is not a regular expression: unterminated character set at position 1."),
        ("key: fuel", "key: co2", "registers/vehicles.yaml:1:1: 'the file': the field 'co2' stands here twice."),
        ("key: fuel", "key: key", "registers/vehicles.yaml:1:1: 'the file': 'key' is the entry's own name; call the field otherwise."),
        ("key: vehicles", "key: [", "registers/vehicles.yaml:3:12: This is not YAML: did not find expected ',' or ']'."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_declaration_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    shutil.copy(root() / "jurisdiction.yaml", tmp_path)
    (tmp_path / "registers").mkdir()
    text = (root() / "registers" / "vehicles.yaml").read_text()
    assert old in text
    (tmp_path / "registers" / "vehicles.yaml").write_text(text.replace(old, new, 1))

    assert [str(problem) for problem in read_registers(tmp_path)[1]] == [expected]
    with pytest.raises(Unreadable):
        registers_of(tmp_path)


def test_a_jurisdiction_without_registers_has_none(tmp_path: Path) -> None:
    shutil.copy(root() / "jurisdiction.yaml", tmp_path)

    assert read_registers(tmp_path) == ({}, [])

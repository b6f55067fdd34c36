"""A record's value written out for an officer, and read back in the same shape."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories.people import AT
from tests.kernel.disputes.conftest import Records

from commonweal.kernel.base.types import Actor
from commonweal.kernel.disputes import records as written_records
from commonweal.kernel.disputes.errors import RecordGone, ReportInvalid
from commonweal.kernel.disputes.types import Record
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.queries import look_up
from commonweal.kernel.registers.types import NewEntry

HOUSEHOLD = Record("fact", "household")
ADDRESS = Record("fact", "address")
LENGTH = Record("entry", "vehicles", "length_m", "ABC1234")


def typed(form: Any) -> dict[str, str]:
    return {leaf.name: leaf.value for leaf in form.leaves}


@pytest.mark.parametrize(
    ("record", "value"),
    [
        (ADDRESS, {"street": "Pier 1", "unit": "", "city": "Port Alder"}),
        (
            HOUSEHOLD,
            [{"name": "Bo", "birth_date": "2019-03-04"}, {"name": "Ada", "birth_date": "1990-01-02"}],
        ),
        (Record("fact", "birth_date"), "1990-01-02"),
        (Record("fact", "is_veteran"), True),
    ],
)
def test_what_is_not_touched_comes_back_as_it_was(record: Record, value: Any) -> None:
    form = written_records.written(record, value, None)
    assert written_records.read_back(form, typed(form)) == value


def test_one_of_a_list_is_changed_taken_out_or_added() -> None:
    form = written_records.written(HOUSEHOLD, [{"name": "Bo"}, {"name": "Ada"}], None)
    changed = typed(form) | {"value-0-name": "B\u202eob", "value-1-name": "", "value-2-name": "Cy"}
    assert written_records.read_back(form, changed) == [{"name": "Bob"}, {"name": "Cy"}]


@pytest.mark.parametrize(
    ("record", "value", "text"),
    [
        (Record("fact", "birth_date"), "1990-01-02", "yesterday"),
        (Record("fact", "birth_date"), "1990-01-02", ""),
        (Record("fact", "is_veteran"), True, "maybe"),
        (Record("fact", "dwelling_id"), "HP-0042", "x" * 501),
    ],
)
def test_a_value_of_another_kind_is_refused(record: Record, value: Any, text: str) -> None:
    form = written_records.written(record, value, None)
    with pytest.raises(ReportInvalid) as refusal:
        written_records.read_back(form, {"value": text})
    assert list(refusal.value.fields) == ["value"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value-0-birth_date": "31.2.2019"}, "value-0-birth_date"),
        ({"value-1-name": "Cy", "value-1-birth_date": "soon"}, "value-1-birth_date"),
        ({"value-0-name": None}, "value-0-name"),
        ({"value-0-name": "\u200b"}, "value-0-name"),
    ],
)
def test_a_slip_in_a_list_takes_nothing_out_of_the_record(change: dict[str, str | None], field: str) -> None:
    form = written_records.written(HOUSEHOLD, [{"name": "Bo", "birth_date": "2019-03-04"}], None)
    sent = {name: text for name, text in (typed(form) | change).items() if text is not None}
    with pytest.raises(ReportInvalid) as refusal:
        written_records.read_back(form, sent)
    assert list(refusal.value.fields) == [field]


def test_no_stays_no() -> None:
    form = written_records.written(Record("fact", "flags"), {"is_veteran": True}, None)
    assert written_records.read_back(form, {"value-is_veteran": "no"}) == {"is_veteran": False}


@pytest.mark.parametrize("text", ["", "check", "entry:vehicles", "fact:", "register:x:y:z"])
def test_what_names_no_record_is_none(text: str) -> None:
    assert Record.read(text) is None


@pytest.mark.django_db
def test_a_register_takes_only_what_it_declares(records: Records) -> None:
    by = Actor.system("tests")
    values = {"gross_weight_kg": 1500, "length_m": 4.2, "fuel": "petrol", "first_registered_on": "2020-01-01"}
    put_entry("vehicles", NewEntry("ABC1234", values, AT, records.person.pk), by=by, at=AT)
    assert written_records.value_of(LENGTH, records.person.pk) == "4.2"
    assert [leaf.label for leaf in written_records.written(LENGTH, "4.2", "4.4").leaves] == ["Length"]

    def put(value: Any, record: Record = LENGTH) -> None:
        written_records.put_right(
            record, records.person.pk, value, source="s", legal_basis="l", reference="r", by=by, at=AT
        )

    put("4.4")
    entry = look_up("vehicles", "ABC1234")
    assert entry is not None
    assert (entry.values["length_m"], entry.subject) == ("4.4", records.person.pk)
    with pytest.raises(ReportInvalid):
        put("long")
    with pytest.raises(RecordGone):
        put("4.4", Record("entry", "vehicles", "length_m", "GONE"))

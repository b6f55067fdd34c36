"""The section `look_ups`: what is refused when it is compiled, and what is found or not found."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from tests.factories.people import AT, make_person

from commonweal.engines import feel
from commonweal.kernel.awards.actions import grant
from commonweal.kernel.awards.types import Terms
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.types import Actor, Money
from commonweal.kernel.cases.look_ups import CompiledLookUps, LookUps, LookUpSection, fetch, rank_of
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

SYSTEM = Actor.system("tests")
SOUND = """\
dwelling: {register: dwellings, key: dwelling_id, why: To find the zone.}
fines: {register: parking-fines, where: {number_plate: plate, is_paid: "false"}, why: Unpaid fines.}
held: {awards: parking-permit, holder: '"dwelling:" + dwelling_id', why: Permits of the home.}
on_it: {awards: parking-permit, item: '"vehicle:" + plate', why: Permits of the vehicle.}
used: {pool: '"parking:" + dwelling.zone', why: Permits of the zone.}
"""


def compile_look_ups(text: str) -> tuple[CompiledLookUps, Compilation]:
    document = parse_yaml(text.encode(), "services/x/service.yaml")
    compilation = Compilation(Path(), "services/x", "x", current(), files={"service.yaml": text})
    compilation.names |= {"dwelling_id": feel.STRING, "plate": feel.STRING}
    source = Source(document, (), LookUps.model_validate(document.data))
    return LookUpSection().compile(source, compilation), compilation


def fetched(**facts: Any) -> dict[str, Any]:
    return fetch(compile_look_ups(SOUND)[0], {"dwelling_id": None, "plate": None} | facts, at=AT)


def test_each_look_up_is_a_name_for_those_after_it() -> None:
    compiled, compilation = compile_look_ups(SOUND)

    assert [problem for problem in compilation.problems if problem.is_error] == []
    assert next(iter(compiled.texts())) == "To find the zone."
    assert {name: str(compilation.names[name]) for name in ("dwelling", "fines", "held", "used")} == {
        "dwelling": "Any",
        "fines": "Any",
        "held": "number",
        "used": "number",
    }


@pytest.mark.django_db
def test_an_entry_says_whether_it_is_about_the_applicant() -> None:
    person, other = make_person(), make_person(email="other@example.org")
    compiled, _ = compile_look_ups(
        "licence: {register: driving-licences, key: dwelling_id, why: To renew it.}\n"
    )
    licence = {"birth_date": "1985-06-01", "standing": "valid", "expires_on": "2026-12-31"}
    licence |= {f"has_{one}": False for one in "bmcp"} | {"photo_taken_on": "2020-01-15"}

    said = []
    for day, about in enumerate((person.pk, other.pk, None)):
        entry = NewEntry("WDL0A1B2C3D4", licence, AT + timedelta(days=day), about)
        put_entry("driving-licences", entry, by=SYSTEM, at=AT + timedelta(days=day))
        facts = {"dwelling_id": "WDL0A1B2C3D4", "plate": None}
        said.append(fetch(compiled, facts, at=AT, person_id=person.pk)["licence"]["is_own"])

    assert said == [True, False, None]
    assert fetch(compiled, facts, at=AT)["licence"]["is_own"] is None


def test_a_service_without_the_section_fetches_nothing() -> None:
    compiled = LookUpSection().compile(None, Compilation(Path(), "services/x", "x", current()))

    assert fetch(compiled, {}, at=AT) == {}


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"register": "dwellings"},
        {"register": "dwellings", "key": "a", "where": {"b": "c"}},
        {"register": "dwellings", "pool": "a"},
        {"register": "dwellings", "key": "a", "holder": "b"},
        {"awards": "parking-permit"},
        {"awards": "parking-permit", "holder": "a", "item": "b"},
        {"pool": "a", "key": "b"},
        {"key": "a"},
    ],
)
def test_a_look_up_goes_one_way(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="write a register with 'key' or 'where'"):
        LookUps.model_validate({"found": written | {"why": "To know."}})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: {register: nothing, key: plate, why: x}", (1, "look-ups.register")),
        ("a: {register: dwellings, key: plane, why: x}", (1, "feel.unknown-name")),
        ("a: {pool: '1 +', why: x}", (1, "feel.syntax")),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, problem: tuple[int, str]) -> None:
    _, compilation = compile_look_ups(text)

    assert [(found.line, found.code) for found in compilation.problems if found.is_error] == [problem]


@pytest.mark.django_db
def test_what_is_known_is_found() -> None:
    dwelling = {"address": "1 Mill Lane", "district": "old-mill", "zone": "Z2", "is_car_free": False, "built_on": "1950-01-01"}  # fmt: skip
    put_entry("dwellings", NewEntry("OM-0001", dwelling, AT), by=SYSTEM, at=AT)
    for number, is_paid in enumerate((False, True, False)):
        fine = {
            "number_plate": "ABC1234",
            "amount": 20 + number,
            "issued_on": "2026-08-01",
            "is_paid": is_paid,
        }
        put_entry("parking-fines", NewEntry(f"PF00000{number}", fine, AT), by=SYSTEM, at=AT)
    grant(
        make_person().pk,
        Terms(AT.date(), pool="parking:Z2", capacity=9, holder="dwelling:OM-0001", item="vehicle:XYZ"),
        service_key="parking-permit",
        agency="transportation",
        source_stream="case:one",
        decision_id=uuid4(),
        outcome="GRANTED",
        by=SYSTEM,
        at=AT,
    )

    found = fetched(dwelling_id="OM-0001", plate="ABC1234")

    assert found["dwelling"]["zone"] == "Z2"
    assert sorted(fine["amount"] for fine in found["fines"]) == [20, 22]
    assert (found["held"], found["on_it"], found["used"]) == (1, 0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("given", [None, "", feel.UNKNOWN, "nobody"])
def test_what_is_not_known_is_null_or_empty_or_nought(given: Any) -> None:
    assert fetched(dwelling_id=given, plate=given) == {
        "dwelling": None,
        "fines": [],
        "held": 0,
        "on_it": 0,
        "used": 0,
    }


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("{after: event, days: '30', why: x}", "2026-12-28"),  # ends on Christmas Day
        ("{after: event, working_days: '20', why: x}", "2026-12-28"),
        ("{after: event, working_days: '20', counted_in: school-days, why: x}", "2027-01-08"),
        ("{after: event, days: '0', why: x}", "2026-11-25"),
        ("{after: 'null', days: '30', why: x}", None),
        ("{after: event, days: '-1', why: x}", None),
        ("{after: event, days: '5000', why: x}", None),  # no calendar reaches so far
        ("{after: event, days: '5000000000', why: x}", None),  # no date reaches so far
    ],
)
def test_the_end_of_a_period_follows_the_calendar(written: str, day: str | None) -> None:
    document = parse_yaml(f"end: {written}".encode(), "services/x/service.yaml")
    compilation = Compilation(Path(), "services/x", "x", current(), files={"service.yaml": ""})
    compilation.names["event"] = feel.DATE
    source = Source(document, (), LookUps.model_validate(document.data))
    look_ups = LookUpSection().compile(source, compilation)

    found = fetch(look_ups, {"event": feel.parse_date("2026-11-25")}, at=AT)

    assert compilation.problems == []
    assert found == {"end": None if day is None else feel.parse_date(day)}


def test_days_that_the_jurisdiction_no_longer_counts_end_no_period() -> None:
    look_ups, _ = compile_look_ups(
        "end: {after: event, working_days: '20', counted_in: no-such-days, why: x}"
    )

    assert fetch(look_ups, {"event": feel.parse_date("2026-11-25")}, at=AT) == {"end": None}


@pytest.mark.django_db
def test_an_award_of_ones_own_is_found_as_it_was_granted() -> None:
    person, on = make_person(), AT.date()
    compiled, _ = compile_look_ups(
        "mine: {award: parking-permit, item: '\"vehicle:\" + plate', why: To change it.}"
    )
    award = grant(
        person.pk,
        Terms(on, on + timedelta(days=9), amount=Money(12600, "USD"), item="vehicle:XYZ"),
        service_key="parking-permit",
        agency="transportation",
        source_stream="case:mine",
        decision_id=uuid4(),
        outcome="GRANTED",
        by=SYSTEM,
        at=AT,
    )
    facts = {"plate": "XYZ", "dwelling_id": None}

    found = fetch(compiled, facts, at=AT, person_id=person.pk)["mine"]

    assert found == {
        "id": str(award.pk),
        "outcome": "GRANTED",
        "item": "vehicle:XYZ",
        "holder": "",
        "starts_on": feel.to_value(on),
        "ends_on": feel.to_value(on + timedelta(days=9)),
        "amount": Decimal(126),
        "units": Decimal(1),
        "granted_on": feel.to_value(on),
        "result": None,
        "changes": [],
    }
    nobody = {"mine": None}
    assert fetch(compiled, facts | {"plate": "ABC"}, at=AT, person_id=person.pk) == nobody
    assert fetch(compiled, facts | {"plate": None}, at=AT, person_id=person.pk) == nobody
    assert fetch(compiled, facts, at=AT, person_id=make_person().pk) == nobody
    assert fetch(compiled, facts, at=AT) == nobody
    assert fetch(compiled, facts, at=AT + timedelta(days=10), person_id=person.pk) == nobody


@pytest.mark.parametrize(
    ("rank", "kept"),
    [
        (Decimal(0), 0),
        (Decimal("1.0"), 1),
        (Decimal(-32_767), -32_767),
        (Decimal("1.5"), None),
        (Decimal(32_768), None),
        ("first", None),
        (None, None),
        (True, None),
    ],
)
def test_a_rank_is_a_whole_number_that_the_table_holds(rank: Any, kept: int | None) -> None:
    assert rank_of(rank) == kept


@pytest.mark.django_db
def test_how_many_wait_before_cannot_be_told_without_a_rank() -> None:
    text = "ahead: {waiting: '\"parking:Z2\"', rank: plate, why: How many wait.}"
    compiled, compilation = compile_look_ups(text)

    assert [problem.code for problem in compilation.problems if problem.is_error] == ["feel.result-type"]
    assert fetch(compiled, {"plate": "first"}, at=AT) == {"ahead": None}

"""School enrolment from the form to the waiting lists, with the example of the chapter's explanatory table."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import hypot, sqrt
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pydantic import ValidationError
from tests.factories.people import make_officer
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, letters, open_counter, register

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.actions import decide_by_hand
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.models import Case
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.forms.types.schema import ChoiceQuestion
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.ledger.queries import verify
from commonweal.kernel.people.models import Account, Person, Team
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.rounds import queries
from commonweal.kernel.rounds.actions import (
    answer_offer,
    approve,
    end_waiting,
    issue_next,
    leave_waiting,
    open_round,
    work_out,
)
from commonweal.kernel.rounds.errors import NothingLeft, NoWaiting
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.queries import rounds_over, standing_of, standings

pytestmark = pytest.mark.django_db
SERVICE = "school-enrolment"
SENT = datetime(2027, 1, 20, 17, tzinfo=UTC)
LAST_DAY = datetime(2027, 2, 16, 17, tzinfo=UTC).date()
WORKED_OUT = datetime(2027, 4, 14, 17, tzinfo=UTC)
TOLD = datetime(2027, 4, 16, 17, tzinfo=UTC)
SEED = "PA-2027-K"
GATES = {"HP": (0.0, 0.0), "OM": (1700.0, 0.0), "RP": (2450.0, 700.0)}

# Section 6 of the explanatory table: wishes with metres, best first; who serves the home; what else counts.
TABLE: dict[str, tuple[dict[str, int], str, str]] = {
    "K01": ({"HP": 420, "OM": 1900}, "HP", ""),
    "K02": ({"HP": 800, "RP": 2500}, "HP", "sibling HP"),
    "K03": ({"OM": 1500, "HP": 420}, "HP", ""),
    "K04": ({"HP": 420, "OM": 1700, "RP": 2200}, "HP", ""),
    "K05": ({"OM": 300}, "OM", ""),
    "K06": ({"OM": 650, "RP": 900}, "OM", "sibling RP"),
    "K07": ({"RP": 1200}, "RP", ""),
    "K08": ({"RP": 5000, "HP": 3000}, "", "plan RP"),
}


@dataclass
class Office:
    """School enrolment with two officers, and families who apply."""

    counter: Counter
    supervisor: Actor
    worker: Account

    @property
    def officer(self) -> Actor:
        return self.counter.officer

    def open(self, places: str) -> Round:
        return open_round(SERVICE, name="2027", closes_on=LAST_DAY, settings=places, by=self.officer, at=SENT)

    def issue(self, one: Round, at: datetime) -> None:
        while issue_next(one.pk, by=SYSTEM, at=at) is not None:
            pass

    def decide(self, one: Round, *, worked_out: datetime = WORKED_OUT, told: datetime = TOLD) -> Round:
        seen = work_out(one.pk, by=self.officer, at=worked_out)
        approve(one.pk, revision=seen.revision, by=self.supervisor, at=worked_out)
        self.issue(one, told)
        one.refresh_from_db()
        return one


@pytest.fixture
def office() -> Office:
    counter = open_counter(SERVICE, at=datetime(2026, 9, 1, tzinfo=UTC))
    supervisor = make_officer(
        roles=("supervisor",), teams=(Team.objects.get(key="enrolment"),), agency="schools"
    )
    for key, (east, north) in GATES.items():
        school(key, east, north)
    return Office(counter, actor_of(supervisor.account), supervisor.account)


def school(key: str, east: float, north: float) -> None:
    values = {"name": f"School {key}", "district": "harbour", "has_kindergarten": True, "places": 30}
    register("schools", key, values | {"gate_east_m": metre(east), "gate_north_m": metre(north)})


def metre(value: float) -> str:
    return str(Decimal(value).quantize(Decimal("0.01")))


def home(number: int, catchment: str, east: float, north: float) -> str:
    key = f"HP-{number:04}"
    values = {"school": catchment, "door_east_m": metre(east), "door_north_m": metre(north)}
    register("catchments", key, values)
    return key


def child(number: int, dwelling: str, **changes: Any) -> None:
    values = {
        "name": f"Child {number}",
        "birth_date": "2022-03-14",
        "dwelling_id": dwelling,
        "is_looked_after": False,
    }
    register("children", f"CH-{number:04}", values | changes)


def answers(number: int, dwelling: str, *wishes: str, **changes: Any) -> dict[str, Any]:
    words = ("first", "second", "third", "fourth")
    asked = {f"{words[place]}_choice": wish for place, wish in enumerate(wishes)}
    return {
        "child_name": f"Child {number}",
        "child_birth_date": "2022-03-14",
        "start_year": "2027",
        "dwelling_id": dwelling,
        "is_shared": False,
        "email": "resident@example.org",
        **asked,
        **changes,
    }


def door(metres: dict[str, int]) -> tuple[float, float]:
    """A place as far from the schools as the table says, half a metre over, so that rounding down shows."""
    (one, first), *others = [(GATES[key], length + 0.5) for key, length in metres.items()]
    if not others:
        return one[0] - first, one[1]
    two, second = others[0]
    apart = hypot(two[0] - one[0], two[1] - one[1])
    along = (first**2 - second**2 + apart**2) / (2 * apart)
    aside = sqrt(first**2 - along**2)
    x, y = (two[0] - one[0]) / apart, (two[1] - one[1]) / apart
    return one[0] + along * x - aside * y, one[1] + along * y + aside * x


def again(case: Case) -> Case:
    case.refresh_from_db()
    return case


def test_the_example_of_the_table(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    one = office.open("HP 2\nOM 2\nRP 1")
    cases = {}
    for number, (key, (metres, catchment, besides)) in enumerate(TABLE.items(), 1):
        dwelling = home(number, catchment or "EP", *door(metres))
        what, _, where = besides.partition(" ")
        child(number, dwelling, plan_school=where if what == "plan" else None)
        if what == "sibling":
            register("pupils", f"PU-{number:04}", {"dwelling_id": dwelling, "school": where})
        case = office.counter.send(answers(number, dwelling, *metres), at=SENT)
        assert (case.outcome, case.status) == ("LISTED", Status.WAITING), case.status_reason
        Case.objects.filter(pk=case.pk).update(reference=key)
        cases[key] = case
    monkeypatch.setattr(secrets, "token_hex", lambda _length: SEED)

    one = office.decide(one)

    outcomes = {key: again(case).outcome for key, case in cases.items()}
    assert outcomes == dict.fromkeys(TABLE, "OFFERED") | dict.fromkeys(("K03", "K04", "K07"), "NO_PLACE")
    found = standings(one)
    assert {key: found[key].detail["school"] for key in TABLE} == {
        "K01": "HP", "K02": "HP", "K03": None, "K04": None, "K05": "OM", "K06": "OM", "K07": None, "K08": "RP",
    }  # fmt: skip
    assert [found[key].detail["lottery"] for key in TABLE] == [
        1622812676, 2727353932, 1711042177, 3438273516, 2891100968, 1212969741, 1558458204, 3724309200,
    ]  # fmt: skip
    waiting = {
        (entry["school"], entry["place"]): key
        for key, standing in found.items()
        for entry in standing.detail["waiting"]
    }
    assert waiting == {
        ("HP", 1): "K03", ("HP", 2): "K04",
        ("OM", 1): "K03", ("OM", 2): "K04",
        ("RP", 1): "K07", ("RP", 2): "K04",
    }  # fmt: skip
    assert "School HP: priority 3, 420 metres" in letters(cases["K01"])[0]
    assert "We offer Child 8 a place at School RP." in letters(cases["K08"])[-1]
    assert "School OM: your child is number 2" in letters(cases["K04"])[-1]
    assert verify(one.stream) == []


def test_an_offer_is_accepted_or_withdrawn(office: Office, client: Client) -> None:
    one = office.open("HP 2")
    cases = []
    for number in (1, 2):
        dwelling = home(number, "HP", 100 * number, 0)
        child(number, dwelling)
        cases.append(office.counter.send(answers(number, dwelling, "HP"), at=SENT))
    office.decide(one)

    answer_offer(cases[0].reference, accepts=True, by=office.counter.resident, at=TOLD)
    answer_offer(cases[1].reference, accepts=False, by=office.counter.resident, at=TOLD)

    assert [(again(case).outcome, case.status) for case in cases] == [
        ("PLACED", Status.CLOSED),
        ("WITHDRAWN", Status.CLOSED),
    ]
    assert "School starts on September 1\\, 2027" in letters(cases[0])[-1]
    told = client.get(f"/services/{SERVICE}/rounds/").content.decode()
    assert "Place by place" in told
    assert "Harbour School" in told
    client.force_login(office.worker)
    assert "Place by place" in client.get(f"/workbench/rounds/{one.pk}/").content.decode()


def test_a_child_that_is_too_young_is_refused_at_once(office: Office) -> None:
    office.open("HP 2")
    dwelling = home(1, "HP", 100, 0)
    child(1, dwelling, birth_date="2022-09-01")

    case = office.counter.send(answers(1, dwelling, "HP", child_birth_date="2022-09-01"), at=SENT)

    assert (case.outcome, case.status) == ("REFUSED_AGE", Status.CLOSED)
    assert "(PAMC 20.12.020)" in letters(case)[0]
    assert "Enrolment Appeals Panel until" in letters(case)[0]


def family(
    office: Office,
    number: int,
    *wishes: str,
    catchment: str = "HP",
    metres: float = 100,
    at: datetime = SENT,
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> Case:
    """A family that lives so far from the first school, to the north, applies."""
    dwelling = home(number, catchment, 0, metres)
    child(number, dwelling, **(facts or {}))
    return office.counter.send(answers(number, dwelling, *wishes, **changes), at=at)


def answer(office: Office, case: Case, *, accepts: bool = True, at: datetime = TOLD) -> None:
    answer_offer(case.reference, accepts=accepts, by=office.counter.resident, at=at)


def stands(*cases: Case) -> list[tuple[str, str | None]]:
    """What each case came to, and at which school it holds a place."""
    found = []
    for case in cases:
        entry = Entry.objects.select_related("case").get(case=case)
        standing = standing_of(entry)
        found.append((again(case).outcome, standing.detail["school"] if standing.holds else None))
    return found


JUNE = datetime(2027, 6, 1, 17, tzinfo=UTC)


def test_nobody_is_told_before_the_day_of_the_offers(office: Office) -> None:
    one = office.open("HP 2")
    case = family(office, 1, "HP")

    office.decide(one, told=datetime(2027, 4, 15, 17, tzinfo=UTC))
    early = again(case).outcome
    office.issue(one, TOLD)

    assert (early, again(case).outcome) == ("LISTED", "OFFERED")
    assert Job.objects.get(key="rounds.issue").run_at == datetime(2027, 4, 16, 7, tzinfo=UTC)
    assert Entry.objects.get(case=case).answer_due_on == date(2027, 4, 30)


def test_late_applications_go_behind_all_others_and_are_ordered_without_time_afterwards(
    office: Office,
) -> None:
    one = office.open("HP 1\nOM 0")
    in_time = family(office, 1, "HP", catchment="EP", metres=900)
    too_far = family(office, 2, "HP", catchment="EP", metres=950)
    late = family(office, 3, "HP", at=datetime(2027, 2, 17, 17, tzinfo=UTC))

    office.decide(one)

    assert stands(in_time, too_far, late) == [("OFFERED", "HP"), ("NO_PLACE", None), ("NO_PLACE", None)]
    assert "The last day for applications was February 16\\, 2027" in letters(late)[0]
    assert "School HP: your child is number 1" in letters(late)[-1]
    assert "School HP: your child is number 2" in letters(too_far)[-1]
    answer(office, in_time, accepts=False)
    office.decide(one, worked_out=JUNE, told=JUNE)
    assert stands(too_far, late) == [("NO_PLACE", None), ("OFFERED", "HP")]


def test_what_is_free_goes_down_the_waiting_lists_and_places_move_up(office: Office) -> None:
    one = office.open("HP 1\nOM 1\nRP 1")
    first = family(office, 1, "HP", metres=100)
    second = family(office, 2, "HP", "OM", metres=200)
    third = family(office, 3, "HP", "OM", metres=300)
    office.decide(one)
    assert stands(first, second, third) == [("OFFERED", "HP"), ("OFFERED", "OM"), ("NO_PREFERENCE_MET", "RP")]
    for case in (second, third):
        answer(office, case)
    assert again(second).status == Status.WAITING
    answer(office, first, accepts=False)

    one = office.decide(one, worked_out=JUNE, told=JUNE)

    # The second child moves up to HP, and what it leaves goes to the third.
    assert stands(first, second, third) == [("WITHDRAWN", None), ("PLACED", "HP"), ("PLACED", "OM")]
    assert (again(second).status, again(third).status) == (Status.CLOSED, Status.WAITING)
    assert "has a place at School HP" in letters(second)[-1]
    assert len(letters(third)) == 4
    assert "School HP: your child is number 1" in letters(third)[-1]
    assert award_of_case(third.stream) is not None


def test_who_likes_the_place_leaves_the_waiting_lists(office: Office) -> None:
    one = office.open("HP 1\nOM 1")
    first = family(office, 1, "HP", metres=100)
    second = family(office, 2, "HP", "OM", metres=200)
    office.decide(one)
    answer(office, second)
    client = Client()
    client.force_login(office.counter.person.account)

    kept = client.post(f"/api/v1/cases/{second.reference}/offer/keep")
    assert (kept.status_code, kept.json()["answer"]) == (200, "stays")
    with pytest.raises(NoWaiting):
        leave_waiting(second.reference, by=office.counter.resident, at=TOLD)

    answer(office, first, accepts=False)
    assert stands(second) == [("PLACED", "OM")]
    assert again(second).status == Status.CLOSED
    with pytest.raises(NothingLeft):
        work_out(one.pk, by=office.officer, at=JUNE)


def test_who_gets_nothing_new_waits_on_until_the_lists_end(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = office.open("HP 1")
    first, second, third = (family(office, number, "HP", metres=100 * number) for number in (1, 2, 3))
    office.decide(one)
    answer(office, first, accepts=False)
    office.decide(one, worked_out=JUNE, told=JUNE)
    assert stands(second, third) == [("OFFERED", "HP"), ("NO_PLACE", None)]
    assert (again(third).status, len(letters(third))) == (Status.WAITING, 2)
    answer(office, second, at=JUNE)

    new_year = datetime(2028, 1, 1, 9, tzinfo=UTC)
    assert not end_waiting(one.pk, by=SYSTEM, at=datetime(2027, 12, 31, 17, tzinfo=UTC))
    assert rounds_over(date(2027, 12, 31)) == []
    monkeypatch.setattr(queries, "MAX_ROWS", 1)
    no_end = Round.objects.get(pk=one.pk)
    no_end.pk, no_end.service_key, no_end.closes_on = uuid4(), "given-up", date(2020, 1, 1)
    no_end.save(force_insert=True)
    assert rounds_over(date(2028, 1, 1)) == [one]
    no_end.delete()
    assert end_waiting(one.pk, by=SYSTEM, at=new_year)
    office.issue(one, new_year)

    assert (again(third).outcome, third.status) == ("NO_PLACE", Status.CLOSED)
    assert "The waiting lists have ended" in letters(third)[-1]


def test_a_move_after_the_first_of_february_counts_on_the_waiting_lists_only(office: Office) -> None:
    one = office.open("HP 1\nOM 0")
    neighbour = family(office, 1, "HP", metres=500)
    other = family(office, 2, "HP", metres=600)
    former = home(3, "OM", 3000, 0)
    mover = family(office, 4, "HP", metres=50)
    moved = {"moved_in_on": "2027-04-16", "former_dwelling_id": former}
    child(4, "HP-0004", **moved)  # the register learns of it after the application was sent

    office.decide(one)

    assert stands(neighbour, other, mover) == [("OFFERED", "HP"), ("NO_PLACE", None), ("NO_PLACE", None)]
    assert "School HP: your child is number 1" in letters(mover)[-1]
    assert "School HP: your child is number 2" in letters(other)[-1]


def test_twins_stay_together_and_a_looked_after_child_may_exceed_the_places_by_two(office: Office) -> None:
    one = office.open("HP 1\nOM 1")
    twins = [family(office, number, "HP", metres=100, facts={"birth": "B1"}) for number in (1, 2)]
    cared_for = [
        family(office, number, "OM", catchment="EP", facts={"is_looked_after": True})
        for number in (3, 4, 5, 6)
    ]

    office.decide(one)

    assert stands(*twins) == [("OFFERED", "HP"), ("OFFERED", "HP")]
    assert sorted(school or "none" for _, school in stands(*cared_for)) == ["OM", "OM", "OM", "none"]


def test_what_no_register_knows_counts_when_an_officer_has_seen_it(office: Office) -> None:
    one = office.open("HP 2\nOM 0")
    nearer = family(office, 1, "HP", catchment="OM", metres=100)
    claims = {"missing": ["sibling"], "sibling_school": "HP"}
    seen, not_shown = (
        family(office, number, "HP", catchment="OM", metres=300, **claims) for number in (2, 3)
    )
    assert (seen.status, seen.outcome) == (Status.UNASSIGNED, "")
    assert "stands in no register" in seen.status_reason
    office.counter.confirm(seen, at=SENT)
    decide_by_hand(
        not_shown.pk,
        revision=not_shown.revision,
        outcome="LISTED",
        reasons="No brother or sister goes to the school.",
        legal_ground="PAMC 20.12.040",
        amount=None,
        by=office.officer,
        at=SENT,
    )

    office.decide(one)

    assert stands(nearer, seen, not_shown) == [("OFFERED", "HP"), ("OFFERED", "HP"), ("NO_PLACE", None)]


def test_with_two_homes_the_nights_decide(office: Office) -> None:
    office.open("HP 1")
    home(9, "OM", 0, 700)
    shared = {"is_shared": True, "other_dwelling_id": "HP-0009"}

    here, there, tie = (
        family(
            office, number, "HP", nights_with_you=nights, facts={"record_dwelling_id": "HP-0009"}, **shared
        )
        for number, nights in ((1, 6), (2, 4), (3, 5))
    )

    assert "priority 3, 100 metres" in letters(here)[0]
    assert "priority 6, 700 metres" in letters(there)[0]
    assert "priority 6, 700 metres" in letters(tie)[0]


def test_the_wishes_open_as_lists(office: Office, client: Client) -> None:
    client.force_login(Person.objects.get(pk=office.counter.resident.id).account)  # type: ignore[arg-type]
    started = start_sheet(SERVICE, by=office.counter.resident, at=SENT)

    page = client.get(f"/drafts/{started.sheet_id}/pages/schools/").content.decode()

    assert page.count("<select") == 4
    assert page.count("Airport Road School") == 4
    with pytest.raises(ValidationError, match="only a 'choice'"):
        ChoiceQuestion.model_validate(
            {
                "key": "many",
                "label": "Many",
                "type": "choices",
                "drop_down": True,
                "options": [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}],
            }
        )

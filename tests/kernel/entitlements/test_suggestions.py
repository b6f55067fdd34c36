"""Services suggested to those who want it, from what is known of them, with the reason shown and nothing stored."""

from __future__ import annotations

import html
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.test import Client
from tests.factories.people import AT, make_account, make_fact, make_person

from commonweal.kernel.awards.models import Award
from commonweal.kernel.base import clock
from commonweal.kernel.base.documents import Unreadable
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.entitlements import actions, loading, plugins, queries
from commonweal.kernel.entitlements.errors import NotAgreed
from commonweal.kernel.entitlements.loading import read_suggestions
from commonweal.kernel.entitlements.models import Agreement
from commonweal.kernel.entitlements.queries import suggestions
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.models import AccessRecord, Event
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Person
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.registers.actions import put_entry
from commonweal.kernel.registers.types import NewEntry

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
FAMILY = [
    {"relation": "self", "name": "A", "birth_date": "1988-02-01"},
    {"relation": "child", "name": "B", "birth_date": "2016-02-01"},
]


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(clock, "now", lambda: AT)
    for key in ("school-meals", "parking-permit"):
        publish_folder(key, by=SYSTEM, at=AT)
    return make_person(account=make_account(), household=FAMILY)


def by(person: Person) -> Actor:
    assert person.account is not None
    return actor_of(person.account)


def gets_food_assistance(person: Person) -> None:
    Award.objects.create(
        person=person, service_key="food-assistance", agency="human-services", source_stream=f"case:{new_id()}",
        decision_id=new_id(), outcome="ELIGIBLE", starts_on=AT.date(), granted_at=AT,
    )  # fmt: skip


def found(person: Person) -> dict[str, Any]:
    shown = suggestions(by(person), at=AT, language="")
    assert shown is not None
    return {each.prospect.key: each for each in shown.each}


def test_nothing_is_worked_out_for_who_has_not_agreed(
    parent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commonweal.kernel.entitlements import queries

    monkeypatch.setattr(queries, "known_answers", lambda *_: pytest.fail("nobody agreed"))
    shown = suggestions(by(parent), at=AT, language="")
    assert shown is not None
    assert (shown.is_agreed, shown.each, shown.purpose) == (
        False,
        (),
        "To tell you what you may be entitled to.",
    )


def test_what_is_known_makes_a_suggestion_with_its_reason(parent: Person) -> None:
    gets_food_assistance(parent)
    actions.agree(by=by(parent), at=AT)
    meals = found(parent)["school-meals"]
    assert meals.prospect.verdict == "likely"
    assert meals.prospect.reason.startswith("Lunch and breakfast are free")
    assert dict(meals.used)["Does your household get food assistance (SNAP) now?"] == "Yes"
    assert meals.unknown == ()


def test_what_is_not_known_is_named(parent: Person) -> None:
    actions.agree(by=by(parent), at=AT)
    meals = found(parent)["school-meals"]
    assert meals.prospect.verdict == "perhaps"
    assert meals.unknown == ("How much comes in each month, from all of you together?",)


def test_only_what_registers_hold_about_the_person_counts(parent: Person) -> None:
    values = {"gross_weight_kg": 1500, "length_m": 4.2, "fuel": "petrol", "first_registered_on": "2020-01-01"}
    put_entry("vehicles", NewEntry("AAA1111", values, AT, make_person().pk), by=SYSTEM, at=AT)
    actions.agree(by=by(parent), at=AT)
    assert "parking-permit" not in found(parent)
    put_entry("vehicles", NewEntry("BBB2222", values, AT, parent.pk), by=SYSTEM, at=AT)
    assert found(parent)["parking-permit"].unknown == ("In which part of the city do you live?",)


def test_the_district_is_known_from_the_dwelling(parent: Person) -> None:
    values = {"gross_weight_kg": 1500, "length_m": 4.2, "fuel": "petrol", "first_registered_on": "2020-01-01"}
    put_entry("vehicles", NewEntry("BBB2222", values, AT, parent.pk), by=SYSTEM, at=AT)
    dwelling = {"address": "1 Mill Lane", "district": "old-mill", "zone": "Z2", "is_car_free": False}
    put_entry("dwellings", NewEntry("OM-0001", dwelling, AT, make_person().pk), by=SYSTEM, at=AT)
    make_fact(parent, "dwelling_id", "OM-0001")
    actions.agree(by=by(parent), at=AT)

    permit = found(parent)["parking-permit"]

    client = Client()
    client.force_login(parent.account)
    assert "Start with what is known of me" in client.get("/entitlements/").content.decode()
    begun = " ".join(client.post("/entitlements/known").content.decode().split())
    assert 'In which part of the city do you live?</dt> <dd class="cw-summary__value">Old Mill</dd>' in begun
    assert dict(permit.used)["In which part of the city do you live?"] == "Old Mill"
    assert "In which part of the city do you live?" not in permit.unknown


def test_what_one_has_applied_for_or_does_not_want_is_left_out(parent: Person) -> None:
    with pytest.raises(NotAgreed):
        actions.decline("school-meals", by=by(parent), at=AT)
    actions.agree(by=by(parent), at=AT)
    actions.agree(by=by(parent), at=AT)
    assert "school-meals" in found(parent)
    start_sheet("school-meals", by=by(parent), at=AT)
    assert "school-meals" not in found(parent)
    Sheet.objects.all().delete()
    for _ in range(2):
        actions.decline("school-meals", by=by(parent), at=AT)
    assert "school-meals" not in found(parent)
    for _ in range(2):
        actions.take_back(by=by(parent), at=AT)
    assert not Agreement.objects.exists()
    kinds = [event.type for event in events_of(f"person:{parent.pk}")]
    assert kinds == ["entitlements.agreed", "entitlements.declined", "entitlements.taken_back"]


def test_nobody_agrees_for_somebody_else(parent: Person) -> None:
    for act in (actions.agree, actions.take_back):
        with pytest.raises(Forbidden):
            act(by=Actor.guest(), at=AT)


def test_the_home_asks_first_then_shows_and_stores_nothing(parent: Person) -> None:
    gets_food_assistance(parent)
    client = Client()
    assert parent.account is not None
    client.force_login(parent.account)

    def home() -> str:
        return " ".join(html.unescape(client.get("/me/").content.decode()).split())

    assert "Yes, suggest services to me" in home()
    assert "School meals" not in home()
    client.post("/me/suggestions/agree")
    before = (Event.objects.count(), Sheet.objects.count())
    shown = home()
    assert "Because we know:" in shown
    assert "Lunch and breakfast are free for all children" in shown
    assert (Event.objects.count(), Sheet.objects.count()) == before
    assert AccessRecord.objects.filter(
        subject=parent.pk, purpose="suggest what people may be entitled to"
    ).exists()

    client.post("/me/suggestions/school-meals/decline")
    assert "School meals" not in home()
    client.post("/me/suggestions/stop")
    assert "Yes, suggest services to me" in home()


def test_the_api_does_the_same(parent: Person) -> None:
    gets_food_assistance(parent)
    client, kind = Client(), "application/json"
    assert parent.account is not None
    client.force_login(parent.account)
    assert client.get("/api/v1/suggestions").json()["items"] == []
    wanted = client.put("/api/v1/suggestions", {"is_agreed": True}, content_type=kind).json()
    assert [(each["service"], each["verdict"]) for each in wanted["items"]] == [("school-meals", "likely")]
    left = client.post("/api/v1/suggestions/school-meals/decline", {}, content_type=kind).json()
    assert left["items"] == []
    assert not client.put("/api/v1/suggestions", {"is_agreed": False}, content_type=kind).json()["is_agreed"]


def test_a_file_that_asks_what_there_is_not_is_refused(tmp_path: Path) -> None:
    home = Path("jurisdictions/port-alder")
    for name in ("jurisdiction.yaml", "entitlements.yaml"):
        (tmp_path / name).write_text((home / name).read_text())
    assert read_suggestions(tmp_path) == (None, [])
    (tmp_path / "suggestions.yaml").write_text(
        "purpose: To tell.\nlegal_basis: Agreement\nknown:\n  houshold_size: '1'\n  savings: 1 +\n"
    )
    problems = read_suggestions(tmp_path)[1]
    assert (problems[0].line, problems[0].code) == (4, "suggestions.name")
    assert len(problems) == 2


def test_guests_and_those_who_act_for_others_are_suggested_nothing(parent: Person) -> None:
    guest, other = Actor.guest(), replace(by(parent), on_behalf_of=by(parent).id)
    request: Any = SimpleNamespace(actor=guest)
    assert plugins._suggested(request) is None
    request.actor = other
    assert plugins._suggested(request) is None
    assert queries.agreement_of(guest) is None
    assert queries.known_of(guest, at=AT) == {}


def test_a_city_that_suggests_nothing_answers_so(
    parent: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "suggestions_of", lambda _root: None)
    client.force_login(parent.account)

    assert suggestions(by(parent), at=AT, language="en") is None
    request: Any = SimpleNamespace(actor=by(parent))
    assert plugins._suggested(request) is None
    assert client.get("/api/v1/suggestions").json() == {
        "is_agreed": False, "purpose": "", "legal_basis": "", "items": [],
    }  # fmt: skip


def test_of_two_records_of_one_person_either_may_have_agreed(parent: Person) -> None:
    actions.agree(by=by(parent), at=AT)
    both = replace(by(parent), records=(make_person().pk, parent.pk))
    assert len(both.person_ids) == 2

    found = queries.agreement_of(both)

    assert found is not None
    assert found.person_id == parent.pk


def test_without_questions_of_the_city_nothing_is_known(
    parent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = queries.suggestions_of(root())
    assert found is not None
    monkeypatch.setattr(queries, "shared_questions", lambda _root: (None, []))

    assert queries.known_answers(found, by(parent), AT) == {}


def test_a_file_that_names_no_register_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    written = root() / "suggestions.yaml"
    assert "looked_up:" in written.read_text(), "the declaration has changed: mend this test"
    declared = yaml.safe_load(written.read_text())
    first = next(iter(declared["looked_up"].values()))
    for change, code in (({"register": "nothing"}, "suggestions.register"), ({"key": "1 +"}, "feel.syntax")):
        home = tmp_path / code
        shutil.copytree(root(), home, ignore=shutil.ignore_patterns("services", "law", "locale"))
        before = dict(first)
        first.update(change)
        (home / "suggestions.yaml").write_text(yaml.safe_dump(declared))
        first.clear()
        first.update(before)
        assert code in {problem.code for problem in read_suggestions(home)[1]}
        with pytest.raises(Unreadable):
            loading.suggestions_of(home)

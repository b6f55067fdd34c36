"""Neighbours of works hear of them, comment with the code of their letter, and are heard before an officer decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.people import AT
from tests.jurisdictions.port_alder.counter import SYSTEM, Counter, letters, open_counter, register

from commonweal.engines.feel import Scope, compile_expression
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Invalid, NotFound
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.actions import keep_silence, wake
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import NothingToDecide
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.registry import Step
from commonweal.kernel.catalogue.compiler.folder import read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.consultations import codes, plugins
from commonweal.kernel.consultations.actions import comment, consult, note_posted
from commonweal.kernel.consultations.codes import WRONG_CODES
from commonweal.kernel.consultations.errors import CodeUnknown, CommentsOver
from commonweal.kernel.consultations.models import Consultation, Neighbour
from commonweal.kernel.consultations.plugins import ConsultStage
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Officer
from commonweal.kernel.places.actions import RegisteredAddress, put_addresses
from commonweal.kernel.places.queries import addresses_within

pytestmark = pytest.mark.django_db
GUEST = Actor(ActorKind.GUEST, "")
METRE = 1 / 111_195
DECK = {
    "kind": "deck", "value": 4000, "height_m": "2.50", "area_m2": 30, "side_m": 5, "rear_m": 9,
    "in_sight_triangle": False, "is_visible": False,
}  # fmt: skip
PARCEL = {
    "district": "old-mill", "lot_m2": 600, "zone": "R2", "is_corner": False, "is_heritage_street": False,
    "is_flood": False,
}  # fmt: skip


def addresses(*metres: float) -> None:
    """Register the home of the works, and addresses so many metres north of it."""
    put_addresses(
        [
            RegisteredAddress(
                register_id="OM-0001" if number == 0 else f"OM-{1000 + number}",
                street="Weir Street",
                number=str(number + 1),
                unit="",
                postcode="98001",
                district="old-mill",
                longitude=Decimal("-122.5"),
                latitude=Decimal(str(47.5 + north * METRE)),
            )
            for number, north in enumerate((0, *metres))
        ],
        by=SYSTEM,
        at=AT,
    )


def send(work: dict[str, Any] = DECK) -> tuple[Counter, Case]:
    register("parcels", "OM-0001", PARCEL)
    counter = open_counter("small-works")
    answers = {
        "dwelling_id": "OM-0001", "works": [work], "has_contractor": True, "low_income_reason": "none",
        "email": "resident@example.org",
    }  # fmt: skip
    return counter, counter.send(answers)


def post(counter: Counter, case: Case, at: datetime = AT) -> None:
    """Say that the letters are posted."""
    note_posted(case.pk, revision=case.revision, by=counter.officer, at=at)
    case.refresh_from_db()


def test_households_within_the_distance_are_found_the_nearest_first() -> None:
    addresses(19.9, 3, 20.2, -12)

    assert [one.number for one in addresses_within("OM-0001", 20)] == ["3", "5", "2"]
    assert addresses_within("OM-0001", 2) == []
    with pytest.raises(NotFound):
        addresses_within("OM-9999", 20)


def test_the_case_waits_until_neighbours_had_time_and_the_officer_sees_what_they_say() -> None:
    addresses(8, 15, 30)
    counter, case = send()

    assert (case.status, case.stage, case.wake_on) == (Status.UNASSIGNED, "neighbours", None)
    assert case.status_reason == "The letters to the neighbours have to be printed and posted."
    assert "They may comment for 14 days once they have our letter" in letters(case)[0]
    post(counter, case)
    assert (case.status, case.stage, case.wake_on) == (Status.WAITING, "neighbours", date(2026, 10, 6))
    one, two = Neighbour.objects.order_by("address")
    assert [one.address, two.address] == ["2 Weir Street", "3 Weir Street"]
    for text in ("Too high.", "Too high, and it takes our light."):
        comment(one.code.lower(), text, by=GUEST, at=AT)
    with pytest.raises(Invalid):
        comment(two.code, "  ", by=GUEST, at=AT)
    with pytest.raises(Invalid):
        comment(two.code, "x" * 4001, by=GUEST, at=AT)
    assert [one.comment for one in Neighbour.objects.order_by("address")] == [
        "Too high, and it takes our light.",
        "",
    ]
    with pytest.raises(CommentsOver):
        comment(two.code, "Late.", by=GUEST, at=AT + timedelta(days=21))

    wake(case.pk, on=date(2026, 10, 6), by=SYSTEM, at=AT + timedelta(days=21))

    case.refresh_from_db()
    assert (case.status, case.stage, case.due_on) == (Status.ASSIGNED, "review", date(2026, 10, 27))
    assert len(letters(case)) == 1
    decided = counter.confirm(case, at=AT + timedelta(days=22))
    assert decided.outcome == "STANDARD"
    kinds = [event.type for event in events_of(case.stream)]
    assert kinds.count("consultations.opened") == 1
    assert kinds.count("consultations.commented") == 2


@pytest.mark.parametrize("works", [DECK | {"height_m": "1.50"}, DECK])
def test_where_nobody_is_asked_the_officer_looks_at_once(works: dict[str, Any]) -> None:
    addresses(30)
    _counter, case = send(works)

    assert (case.status, case.stage, len(letters(case))) == (Status.UNASSIGNED, "review", 1)
    assert not Consultation.objects.exists()


def test_an_address_that_nobody_knows_brings_an_officer() -> None:
    _counter, case = send()

    assert (case.status, case.stage) == (Status.UNASSIGNED, "neighbours")
    assert "consultations" not in {event.type.split(".")[0] for event in events_of(case.stream)}


def test_an_officer_goes_on_without_neighbours_and_says_why(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    counter, case = send()
    officer = Officer.objects.get()
    assert officer.account is not None
    client.force_login(officer.account)
    place = f"/workbench/cases/{case.reference}/neighbours/"
    with pytest.raises(NothingToDecide):
        counter.confirm(case)

    work = client.get(f"/workbench/cases/{case.reference}/").content.decode()
    assert "The neighbours could not be written to." in work
    assert place in work
    assert f"/workbench/cases/{case.reference}/retry" in client.get(place).content.decode()
    revision = {"revision": str(case.revision)}
    assert client.post(f"{place}none/", {"reasons": " "} | revision).status_code == 422
    assert client.post(f"{place}none/", {"reasons": "Too old.", "revision": "x"}).status_code == 409
    assert client.post(f"{place}none/", {"reasons": "A new house."} | revision).status_code == 302

    case.refresh_from_db()
    assert (case.status, case.stage, str(case.worker_id)) == (Status.ASSIGNED, "review", str(officer.pk))
    assert client.get(place).status_code == 404
    assert client.post(f"{place}none/", {"reasons": "x", "revision": str(case.revision)}).status_code == 409
    (passed,) = [each for each in events_of(case.stream) if each.type == "cases.stage_passed_over"]
    assert passed.payload is not None
    assert passed.payload["reasons"] == "A new house."
    assert counter.confirm(case).outcome == "STANDARD"


def test_a_case_is_noted_as_late_where_its_neighbours_cannot_be_told() -> None:
    _counter, case = send()

    assert keep_silence(case.pk, on=case.due_on, by=SYSTEM, at=AT) is False
    assert keep_silence(case.pk, on=case.due_on + timedelta(days=1), by=SYSTEM, at=AT) is True

    case.refresh_from_db()
    assert case.late_on == case.due_on + timedelta(days=1)


def test_all_households_are_written_with_one_statement() -> None:
    _counter, case = send()
    near = [f"{number} Weir Street" for number in range(1, 41)]

    with CaptureQueriesContext(connection) as made:
        consult(
            case,
            stage="neighbours",
            letter="neighbours",
            place="1 Weir Street",
            about=["A deck"],
            addresses=near,
            days=14,
            by=SYSTEM,
            at=AT,
        )

    inserts = [one for one in made.captured_queries if 'INTO "consultations_neighbour"' in one["sql"]]
    assert len(inserts) == 1
    assert sorted(one.address for one in Neighbour.objects.all()) == sorted(near)


def test_the_same_comment_again_writes_no_event() -> None:
    addresses(8)
    _counter, case = send()
    code = Neighbour.objects.get().code

    for text in ("Too high.", " Too high. "):
        comment(code, text, by=GUEST, at=AT)

    assert [event.type for event in events_of(case.stream)].count("consultations.commented") == 1


def test_a_letter_names_the_public_address(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.COMMONWEAL_URL = "https://city.example/"
    monkeypatch.setattr(clock, "now", lambda: AT)
    addresses(8)
    _counter, case = send()
    officer = Officer.objects.get()
    assert officer.account is not None
    client.force_login(officer.account)
    given: dict[str, Any] = {}

    def printed(letter: str, version: Any, values: dict[str, Any], **more: Any) -> bytes:
        given.update(values["consultation"])
        return b"%PDF-"

    monkeypatch.setattr("commonweal.kernel.mailbox.queries.printed", printed)
    one = Neighbour.objects.get()
    client.get(f"/workbench/cases/{case.reference}/neighbours/{one.pk}/en.pdf")

    assert given["page"] == "https://city.example/comment/"


def test_a_neighbour_finds_what_is_planned_and_later_how_it_was_decided(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    addresses(8)
    counter, case = send()
    code = Neighbour.objects.get().code

    assert client.get("/comment/").status_code == 200
    assert client.post("/comment/", {"code": "7K3M-2QX9-CD41"}).status_code == 404
    assert client.post("/comment/", {"code": code.lower()})["Location"] == f"/comment/{code}/"
    shown = client.get(f"/comment/{code}/").content.decode()
    assert "What is planned at 1 Weir Street" in shown
    assert "A deck or terrace" in shown
    assert counter.person.name not in shown
    assert case.reference not in shown
    assert client.post(f"/comment/{code}/", {"comment": ""}).status_code == 422
    assert client.post(f"/comment/{code}/", {"comment": "Fine with me."}).status_code == 302
    assert "We have your comment" in client.get(f"/comment/{code}/?thanks").content.decode()
    assert client.get("/comment/7K3M-2QX9-CD41/").status_code == 404

    post(counter, case)
    later = AT + timedelta(days=21)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "The time for comments is over" in client.get(f"/comment/{code}/").content.decode()
    assert client.post(f"/comment/{code}/", {"comment": "More."}).status_code == 409
    wake(case.pk, on=later.date(), by=SYSTEM, at=later)
    case.refresh_from_db()
    counter.confirm(case, at=later)
    assert "You have a standard permit" in client.get(f"/comment/{code}/").content.decode()
    with pytest.raises(CodeUnknown):
        comment("nothing", "x", by=GUEST, at=later)


def test_officers_print_a_letter_that_names_nobody_and_read_the_comments(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    addresses(8, 15)
    counter, case = send()
    one = Neighbour.objects.order_by("address")[0]
    post(counter, case)
    comment(one.code, "It takes our light.", by=GUEST, at=AT)
    officer = Officer.objects.get()
    assert officer.account is not None
    client.force_login(officer.account)
    place = f"/workbench/cases/{case.reference}/neighbours/"

    work = client.get(f"/workbench/cases/{case.reference}/").content.decode()
    assert "2 households near by were written to. 1 of them have commented." in work
    assert "It takes our light." in client.get(place).content.decode()
    for language in ("en", "es", "ar"):
        letter = client.get(f"{place}{one.pk}/{language}.pdf")
        assert (letter.status_code, letter.content[:5]) == (200, b"%PDF-")
    assert client.get(f"{place}{one.pk}/xx.pdf").status_code == 404


def test_a_case_stays_in_the_queue_until_its_letters_are_posted_and_the_days_run_from_then(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses(8)
    _counter, case = send()
    officer = Officer.objects.get()
    assert officer.account is not None
    client.force_login(officer.account)
    later = AT + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    place = f"/workbench/cases/{case.reference}/neighbours/"

    assert case.reference in client.get("/workbench/").content.decode()
    work = client.get(f"/workbench/cases/{case.reference}/").content.decode()
    assert "Letters to 1 households near by have to be posted." in work
    assert "The neighbours can then comment until November 3, 2026." in client.get(place).content.decode()
    revision = {"revision": str(case.revision)}
    assert client.post(f"{place}posted/", {"revision": "0"}).status_code == 409
    assert Consultation.objects.get().until_on is None
    assert client.post(f"{place}posted/", revision).status_code == 302
    assert client.post(f"{place}posted/", revision).status_code == 409

    case.refresh_from_db()
    made = Consultation.objects.get()
    assert (made.posted_on, made.until_on) == (date(2026, 10, 15), date(2026, 11, 3))
    assert (case.status, case.wake_on) == (Status.WAITING, date(2026, 11, 4))
    assert "The letters were posted on October 15, 2026." in client.get(place).content.decode()
    assert client.post(f"{place}none/", {"reasons": "x", "revision": str(case.revision)}).status_code == 409


def test_a_household_comments_and_officers_read_it_through_the_api(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    addresses(8, 15)
    _counter, case = send()
    one, two = Neighbour.objects.order_by("address")
    place, work = f"/api/v1/comments/{one.code}", f"/api/v1/workbench/cases/{case.reference}/neighbours"
    officer = Client()
    officer.force_login(Officer.objects.get().account)  # type: ignore[arg-type]  # made with one

    def put(body: dict[str, Any]) -> Any:
        return client.put(place, body, content_type="application/json")

    def post(what: str, body: dict[str, Any]) -> Any:
        return officer.post(f"{work}/{what}", body, content_type="application/json")

    assert client.get(place).json() == {
        "service": "Small works permit",
        "place": "1 Weir Street",
        "about": ["A deck or terrace"],
        "until_on": "2026-10-05",
        "is_open": True,
        "comment": "",
        "commented_at": None,
        "outcome": "",
        "appeal": "",
    }
    assert put({"text": " "}).json()["fields"] == {"comment": "Write what you want to say."}
    assert put({"text": "Too high."}).json()["comment"] == "Too high."
    first = officer.get(work, {"limit": 1}).json()
    assert (first["is_waiting"], first["posted_on"], first["next_cursor"]) == (True, None, 1)
    said = [{"id": str(one.pk), "address": "2 Weir Street", "code": one.code, "comment": "Too high."}]
    assert [{key: row[key] for key in said[0]} for row in first["items"]] == said
    rest = officer.get(work, {"limit": 1, "cursor": 1}).json()
    assert ([row["address"] for row in rest["items"]], rest["next_cursor"]) == (["3 Weir Street"], None)
    assert post("posted", {"revision": 0}).status_code == 409
    posted = post("posted", {"revision": first["revision"]}).json()
    assert (posted["posted_on"], posted["until_on"], posted["is_waiting"]) == (
        "2026-09-15", "2026-10-05", False,
    )  # fmt: skip
    again = post("posted", {"revision": posted["revision"]})
    assert (again.status_code, again.json()["code"]) == (409, "letters-posted")
    assert client.get(work).status_code == 401
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=21))
    assert put({"text": "Late."}).json()["code"] == "comments-over"
    assert two.comment == ""


def test_an_officer_goes_on_without_neighbours_through_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    _counter, case = send()
    officer = Client()
    officer.force_login(Officer.objects.get().account)  # type: ignore[arg-type]  # made with one
    work = f"/api/v1/workbench/cases/{case.reference}/neighbours"

    shown = officer.get(work).json()
    assert (shown["is_waiting"], shown["place"], shown["items"]) == (True, "", [])
    body = {"reasons": "A new house.", "revision": shown["revision"]}
    done = officer.post(f"{work}/none", body, content_type="application/json")

    assert (done.status_code, done.json()["is_waiting"]) == (200, False)
    case.refresh_from_db()
    assert case.stage == "review"


def test_too_many_wrong_codes_are_told_to_wait_while_a_right_one_passes(client: Client) -> None:
    addresses(8)
    send()
    code = Neighbour.objects.get().code

    doors = ["/comment/7K3M-2QX9-CD41/", "/api/v1/comments/7K3M-2QX9-CD41"]
    statuses = [client.get(doors[number % 2]).status_code for number in range(WRONG_CODES)]

    assert set(statuses) == {404}
    assert [client.get(door).status_code for door in doors] == [429, 429]
    assert client.post("/comment/", {"code": "7K3M-2QX9-CD41"}).status_code == 429
    assert client.get(f"/comment/{code}/").status_code == 200
    assert client.get("/comment/7K3M-2QX9-CD41/", REMOTE_ADDR="10.1.1.1").status_code == 404


def test_a_comment_is_changed_so_often_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(codes, "CHANGES", 2)
    addresses(8)
    send()
    place = f"/comment/{Neighbour.objects.get().code}/"

    statuses = [client.post(place, {"comment": f"No. {number}"}).status_code for number in range(3)]

    assert statuses == [302, 302, 429]
    assert Neighbour.objects.get().comment == "No. 1"


def test_a_consultation_is_opened_once() -> None:
    addresses(8)
    _counter, case = send()
    made = Consultation.objects.get()

    again = consult(
        case, stage=made.stage, letter="other", place="2", about=[], addresses=["9"], days=1, by=SYSTEM, at=AT
    )

    assert (again.pk, again.letter, Neighbour.objects.count()) == (made.pk, "neighbours", 1)


def test_a_stage_that_is_gone_through_again_after_the_last_day_asks_nobody_anew() -> None:
    addresses(8)
    counter, case = send()
    post(counter, case)
    stage = next(
        each for each in compiled(case.version_id).sections["stages"].stages if each.key == "neighbours"
    )
    known = SimpleNamespace(names_as_proposed=lambda: {"proposed": True})
    declared = replace(stage.spec, expressions={"when": compile_expression("true", Scope({}))})
    run: Any = SimpleNamespace(case=case, known=known, by=SYSTEM, at=AT + timedelta(days=30))

    assert ConsultStage().enter(replace(stage, spec=declared), run) is Step.ON
    run.at = AT
    assert ConsultStage().enter(replace(stage, spec=declared), run) is Step.STAY
    assert Consultation.objects.count() == 1


@pytest.mark.parametrize(("around", "about"), [("null", "[]"), ('"OM-0001"', "7")])
def test_whom_it_concerns_has_to_be_told(around: str, about: str) -> None:
    written = {"when": "true", "around": around, "about": about}
    declared: Any = SimpleNamespace(
        expressions={name: compile_expression(text, Scope({})) for name, text in written.items()}
    )
    stage: Any = SimpleNamespace(label="Neighbours")
    run: Any = SimpleNamespace(at=AT)

    with pytest.raises(plugins._Unclear, match="cannot be told"):
        plugins._open(declared, stage, run, {})


def test_nobody_lives_near_and_nobody_is_told() -> None:
    addresses()
    written = {"when": "true", "around": '"OM-0001"', "about": '["A deck"]'}
    declared: Any = SimpleNamespace(
        expressions={name: compile_expression(text, Scope({})) for name, text in written.items()},
        spec=SimpleNamespace(within_m=20, tells=None),
    )
    stage: Any = SimpleNamespace(label="Neighbours")
    run: Any = SimpleNamespace(at=AT)

    assert plugins._open(declared, stage, run, {}) is None


def test_a_declaration_that_cannot_work_is_refused() -> None:
    folder = "services/small-works"
    files = dict(read_folder(root(), folder))
    for old, new, code in (
        ("letter: neighbours", "letter: nobody", "consult.letter"),
        ("around: ", "around: 1 + ", "feel."),
    ):
        assert old in files["service.yaml"], "the declaration has changed: mend this test"
        changed = files | {"service.yaml": files["service.yaml"].replace(old, new, 1)}
        _, found = compile_files(root(), folder, changed)
        assert any(problem.code.startswith(code) for problem in found if problem.is_error)


def test_without_a_consultation_there_is_no_letter(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    _counter, case = send()
    officer = Officer.objects.get()
    assert officer.account is not None
    client.force_login(officer.account)

    place = f"/workbench/cases/{case.reference}/neighbours/{case.pk}/en.pdf"
    assert client.get(place).status_code == 404

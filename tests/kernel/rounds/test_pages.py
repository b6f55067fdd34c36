"""What officers, applicants and everybody else see of rounds, on pages and over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.kernel.rounds.conftest import AFTER, SENT, SERVICE, Office

from commonweal.kernel.base import clock
from commonweal.kernel.cases.actions import withdraw
from commonweal.kernel.cases.models import Case
from commonweal.kernel.ledger.models import Event
from commonweal.kernel.people.models import Person
from commonweal.kernel.rounds.actions import work_out
from commonweal.kernel.rounds.enums import Status
from commonweal.kernel.rounds.models import Entry, Round
from commonweal.kernel.rounds.queries import entry_of, public_lines


def _signed_in(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office.workers[who].account)
    return client


def _applicant(office: Office, case: Case) -> Client:
    client = Client()
    account = Person.objects.get(pk=office.residents[case.pk].id).account
    assert account is not None
    client.force_login(account)
    return client


def _text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def on_the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AFTER)


def test_an_officer_opens_a_round(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: SENT)
    client = _signed_in(office, "officer")
    data = {"service_key": SERVICE, "name": "Autumn", "closes_on": "2026-09-30", "settings": "$60,000"}

    wrong = client.post(reverse("rounds:open"), data | {"settings": "60 or so"})
    when = client.post(reverse("rounds:open"), data | {"closes_on": "soon"})
    made = client.post(reverse("rounds:open"), data)

    assert (wrong.status_code, when.status_code) == (422, 422)
    assert "Write the budget as a whole number" in _text(wrong)
    assert "Write the date as 2026-10-01." in _text(when)
    one = Round.objects.get()
    assert (made.status_code, one.settings, one.status) == (302, {"budget": 6_000_000}, Status.OPEN)
    listed = _text(client.get(reverse("rounds:list")))
    assert "Autumn" in listed
    assert "open for applications" in listed
    monkeypatch.setattr(clock, "now", lambda: AFTER)
    assert "closed for applications, to be worked out" in _text(client.get(reverse("rounds:list")))


def test_one_officer_works_it_out_and_another_approves(office: Office, on_the_day_after: None) -> None:
    one = office.open("15000")
    cases = [office.listed(reserve_years=years) for years in (2, 1)]
    officer, supervisor = _signed_in(office, "officer"), _signed_in(office, "supervisor")
    page = reverse("rounds:show", kwargs={"round_id": one.pk})
    approve = reverse("rounds:approve", kwargs={"round_id": one.pk})

    before = _text(officer.get(page))
    officer.post(reverse("rounds:work-out", kwargs={"round_id": one.pk}))
    shown = _text(officer.get(page))
    seen = {"revision": "1"}
    refused, approved = officer.post(approve, seen), supervisor.post(approve, seen)

    assert "closed for applications, to be worked out" in before
    assert "open for applications" not in before
    assert [">Place</th>" in each for each in (before, shown)] == [False, True]  # it is empty before
    assert "You worked this out." in shown
    assert shown.index(cases[0].reference) < shown.index(cases[1].reference)
    assert (refused.status_code, approved.status_code) == (403, 302)
    assert Round.objects.get().status == Status.ISSUING
    assert "decisions are being issued" in _text(supervisor.get(page))


def test_a_step_out_of_turn_is_explained(office: Office, on_the_day_after: None) -> None:
    one = office.open()

    answer = _signed_in(office, "officer").post(reverse("rounds:work-out", kwargs={"round_id": one.pk}))

    assert answer.status_code == 409
    assert "There is nothing to share out again" in _text(answer)


def test_an_officer_approves_only_what_they_saw(office: Office, on_the_day_after: None) -> None:
    one = office.open("9000")
    first, _second = office.listed(reserve_years=1), office.listed()
    work_out(one.pk, by=office.officer, at=AFTER)
    supervisor = _signed_in(office, "supervisor")
    shown = _text(supervisor.get(reverse("rounds:show", kwargs={"round_id": one.pk})))
    first.refresh_from_db()
    withdraw(first.pk, by=office.residents[first.pk], at=AFTER)
    work_out(one.pk, by=office.officer, at=AFTER)
    approve, there = reverse("rounds:approve", kwargs={"round_id": one.pk}), f"/workbench/rounds/{one.pk}"

    stale = [supervisor.post(approve, seen) for seen in ({"revision": "1"}, {}, {"revision": "x"})]
    stale_api = _api(supervisor, f"{there}/approve", {"revision": 1})
    one.refresh_from_db()

    assert '<input type="hidden" name="revision" value="1">' in shown
    assert [each.status_code for each in (*stale, stale_api)] == [409] * 4
    assert "worked out again since you opened this page" in _text(stale[0])
    assert stale_api.json()["type"].endswith("round-moved-on")
    assert (one.status, one.approved_by) == (Status.READY, "")
    assert not Event.objects.filter(type="rounds.approved").exists()
    assert _api(supervisor, f"{there}/approve", {"revision": 2}).status_code == 200


def test_a_round_is_not_worked_out_without_who_came_in_time(office: Office, on_the_day_after: None) -> None:
    one = office.open()
    office.listed()
    case = office.send()
    officer = _signed_in(office, "officer")
    page, there = reverse("rounds:show", kwargs={"round_id": one.pk}), f"/workbench/rounds/{one.pk}"

    shown = _text(officer.get(page))
    refused = officer.post(reverse("rounds:work-out", kwargs={"round_id": one.pk}))
    refused_api = _api(officer, f"{there}/work-out", {})

    said = "Applications that came in time and are still being checked: 1."
    assert said in shown
    assert "Work the round out" not in shown
    assert (refused.status_code, refused_api.status_code) == (409, 409)
    assert said in _text(refused)
    assert refused_api.json()["type"].endswith("round-still-checked")
    assert refused_api.json()["title"] == said
    office.check(case, at=AFTER)
    assert "Work the round out" in _text(officer.get(page))
    assert _api(officer, f"{there}/work-out", {}).status_code == 200
    assert Entry.objects.get(case=case).result == "funded"


def test_a_list_of_any_length_costs_the_same(
    office: Office, on_the_day_after: None, django_assert_max_num_queries: Any
) -> None:
    one = office.open()
    for _ in range(6):
        office.listed()
    work_out(one.pk, by=office.officer, at=AFTER)
    client = _signed_in(office, "officer")

    with django_assert_max_num_queries(19):
        assert client.get(reverse("rounds:show", kwargs={"round_id": one.pk})).status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get(reverse("rounds:list")).status_code == 200


def test_an_applicant_sees_the_place_and_accepts_the_offer(office: Office, on_the_day_after: None) -> None:
    one = office.open("15000")
    office.listed(reserve_years=2)
    case = office.listed()
    client = _applicant(office, case)
    own = reverse("rounds:own", kwargs={"reference": case.reference})
    answer = reverse("rounds:answer", kwargs={"reference": case.reference})
    assert "not decided yet" in _text(client.get(own))
    office.decide(one)
    told = _text(client.get(reverse("cases:case", kwargs={"reference": case.reference})))
    shown = _text(client.get(own))

    answers = [client.post(answer, {"answer": said}).status_code for said in ("perhaps", "accept", "decline")]

    assert "You have an offer." in told
    assert own in told
    assert "2 of 2" in shown
    assert "$6,000.00" in shown
    assert answers == [200, 302, 409]
    entry = entry_of(case.pk)
    assert entry is not None
    assert entry.answer == "accepted"


def test_others_see_neither_the_list_nor_the_place(office: Office, on_the_day_after: None) -> None:
    one = office.open()
    case, other = office.listed(), office.listed()
    own = reverse("rounds:own", kwargs={"reference": case.reference})
    stranger = _signed_in(office, "stranger")

    assert _applicant(office, other).get(own).status_code == 404
    assert stranger.get(reverse("rounds:show", kwargs={"round_id": one.pk})).status_code == 404
    assert one.name not in _text(stranger.get(reverse("rounds:list")))


def test_everybody_sees_the_rule_and_later_what_it_came_to(office: Office, on_the_day_after: None) -> None:
    one = office.open("15000")
    case = office.listed()
    address = reverse("rounds:of-service", kwargs={"key": SERVICE})
    before = _text(Client().get(address))
    work_out(one.pk, by=office.officer, at=AFTER)
    one.refresh_from_db()
    worked_out = _text(Client().get(address))
    office.decide(one)
    after = _text(Client().get(address))

    assert "More points go first" in before
    assert "open for applications" in before
    assert one.seed not in worked_out
    assert "$9,000.00" not in worked_out
    assert one.seed in after
    assert "$9,000.00" not in after  # one person's
    assert "not told, so that nobody can be found in it" in after
    assert case.reference not in after
    assert Client().get(reverse("rounds:of-service", kwargs={"key": "parking-permit"})).status_code == 404


SECRET = "not told, so that nobody can be found in it"


def test_a_sum_is_told_of_many_and_when_nothing_can_change_it(office: Office) -> None:
    one = office.open("150000")
    for _ in range(10):
        office.listed()
    one = office.decide(one)
    decided = [line.value for line in public_lines(one)]
    Round.objects.update(status=Status.CLOSED)
    one.refresh_from_db()
    closed = [line.value for line in public_lines(one)]
    Entry.objects.filter(pk=Entry.objects.order_by("pk").values("pk")[:1]).update(answer="declined")
    few = [line.value for line in public_lines(one)]

    assert decided == ["$150,000.00", SECRET, "10", "0", "0"]
    assert closed == ["$150,000.00", "$90,000.00", "10", "0", "0"]
    assert few == ["$150,000.00", SECRET, "10", "0", "0"]


def _api(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    if body is None:
        return client.get(f"/api/v1{path}")
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")


def test_the_api_does_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    officer, supervisor = _signed_in(office, "officer"), _signed_in(office, "supervisor")
    monkeypatch.setattr(clock, "now", lambda: SENT)
    asked = {"service": SERVICE, "name": "Autumn", "closes_on": "2026-09-30", "settings": "15000"}
    made = _api(officer, "/workbench/rounds", asked)
    one = made.json()
    cases = [office.listed(reserve_years=years) for years in (2, 1)]
    monkeypatch.setattr(clock, "now", lambda: AFTER)

    worked = _api(officer, f"/workbench/rounds/{one['id']}/work-out", {})
    hidden = _api(Client(), f"/services/{SERVICE}/rounds").json()["items"][0]
    listed = _api(officer, f"/workbench/rounds/{one['id']}/entries?limit=1").json()
    approved = _api(
        supervisor, f"/workbench/rounds/{one['id']}/approve", {"revision": worked.json()["revision"]}
    )
    office.issue(Round.objects.get())
    told = _api(Client(), f"/services/{SERVICE}/rounds").json()["items"][0]
    answered = _api(_applicant(office, cases[1]), f"/cases/{cases[1].reference}/offer", {"accepts": False})
    closed = _api(officer, f"/workbench/rounds/{one['id']}/close", {})

    steps = (made, worked, approved, answered, closed)
    assert [step.status_code for step in steps] == [201, 200, 200, 200, 200]
    assert (hidden["seed"], hidden["figures"]) == ("", [])
    first = {"case": cases[0].reference, "place": 1, "result": "funded", "answer": ""}
    assert listed == {"items": [first], "count": 2}
    assert told["seed"] == Round.objects.get().seed
    assert [figure["value"] for figure in told["figures"]][:2] == ["$15,000.00", SECRET]
    assert {figure["value"] for figure in told["figures"][2:]} <= {"0", "10"}
    exact = _api(officer, "/workbench/rounds").json()["items"][0]["figures"]
    assert [figure["value"] for figure in exact] == ["$15,000.00", "$9,000.00", "1", "1", "0"]
    assert len(_api(officer, "/workbench/rounds").json()["items"]) == 1
    assert Entry.objects.get(case=cases[1]).answer == answered.json()["answer"] == "declined"

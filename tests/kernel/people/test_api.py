"""Officers' rights through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.people import AT, make_account, make_officer, make_person, make_team

from commonweal.kernel.base import clock
from commonweal.kernel.ledger.queries import accesses_to, events_of
from commonweal.kernel.people.models import Grant, Officer

pytestmark = pytest.mark.django_db
HOME = "/api/v1/workbench/officers"


class Program:
    """Sends JSON in an officer's name."""

    def __init__(self, officer: Officer) -> None:
        self.client = Client()
        assert officer.account is not None
        self.client.force_login(officer.account)

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(HOME + path, query)

    def send(self, path: str, data: Any = None, *, method: str = "post", key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return getattr(self.client, method)(
            HOME + path, data or {}, content_type="application/json", headers=headers
        )


@pytest.fixture
def operator() -> Officer:
    return make_officer(name="Operator", roles=("operator",))


@pytest.fixture
def program(operator: Officer) -> Program:
    return Program(operator)


def refusal(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_roles_and_capabilities_that_can_be_given_are_listed(program: Program) -> None:
    shown = program.client.get("/api/v1/workbench/roles").json()

    operator = next(role for role in shown["roles"] if role["key"] == "operator")
    assert operator["label"] == "Operator"
    assert {"people.grant", "jobs.operate"} <= set(operator["capabilities"])
    assert {"key": "people.search", "label": "Find a person"} in shown["capabilities"]


def test_a_role_and_a_capability_are_given_and_ended(program: Program) -> None:
    officer, today = make_officer(name="Sam Field"), clock.today()
    path, last = f"/{officer.pk}", today + timedelta(days=90)

    role = program.send(f"{path}/grants", {"role": "auditor", "until_on": last.isoformat()})
    single = program.send(f"{path}/grants", {"capability": "people.search"})
    coming = {"capability": "people.merge", "from_on": (today + timedelta(days=1)).isoformat()}
    assert [each.status_code for each in (role, single, program.send(f"{path}/grants", coming))] == [201] * 3
    given = role.json()
    assert (given["role"], given["capability"]) == ("auditor", "")
    assert (given["from_on"], given["until_on"]) == (today.isoformat(), last.isoformat())
    shown = program.get(path).json()
    assert (shown["name"], shown["agency"]) == ("Sam Field", "human-services")
    assert (len(shown["grants"]), "people.search" in shown["capabilities"]) == (3, True)
    assert "people.merge" not in shown["capabilities"]  # from tomorrow on

    ended = program.send(f"{path}/grants/{single.json()['id']}/revoke")
    again = program.send(f"{path}/grants/{single.json()['id']}/revoke")

    assert (ended.status_code, ended.json()["revoked_at"] is not None) == (200, True)
    assert again.json() == ended.json()
    assert "people.search" not in program.get(path).json()["capabilities"]
    assert [event.type for event in events_of(f"officer:{officer.pk}")] == [
        "people.granted",
        "people.granted",
        "people.granted",
        "people.grant_revoked",
    ]
    assert {access.purpose for access in accesses_to(officer.pk)} == {"grant rights to officers"}


def test_a_repeated_request_gives_once_and_a_key_serves_one_request(program: Program) -> None:
    officer = make_officer()
    path = f"/{officer.pk}/grants"

    first = program.send(path, {"role": "auditor"}, key="one")
    second = program.send(path, {"role": "auditor"}, key="one")

    assert (second.status_code, second.json()) == (201, first.json())
    other = program.send(path, {"role": "counter"}, key="one")
    assert refusal(other) == (409, "idempotency-key-reused")
    assert [grant.role for grant in Grant.objects.filter(officer=officer)] == ["auditor"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({}, "invalid"),
        ({"role": "auditor", "capability": "people.search"}, "invalid"),
        ({"role": "king"}, "unknown-role"),
        ({"capability": "people.rule"}, "unknown-role"),
        ({"role": "auditor", "from_on": "2020-01-01"}, "invalid"),
        ({"role": "auditor", "until_on": "2020-01-01"}, "wrong-term"),
        ({"role": "auditor", "until_on": "soon"}, "invalid"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(program: Program, order: Any, code: str) -> None:
    officer = make_officer()

    assert refusal(program.send(f"/{officer.pk}/grants", order)) == (422, code)
    assert not Grant.objects.filter(officer=officer).exists()


def test_teams_are_set_and_those_of_another_agency_refused(program: Program) -> None:
    officer = make_officer()
    for key, agency in (("one", "human-services"), ("two", "human-services"), ("far", "transportation")):
        make_team(key=key, agency=agency)
    path = f"/{officer.pk}/teams"

    assert program.send(path, {"teams": ["one"]}, method="put").json()["teams"] == ["one"]
    assert program.send(path, {"teams": ["two"]}, method="put").json()["teams"] == ["two"]
    assert refusal(program.send(path, {"teams": ["far"]}, method="put")) == (422, "invalid")
    assert program.get(f"/{officer.pk}").json()["teams"] == ["two"]


def test_nobody_changes_their_own_rights(program: Program, operator: Officer) -> None:
    own = Grant.objects.get(officer=operator)

    assert refusal(program.send(f"/{operator.pk}/grants", {"role": "auditor"})) == (403, "forbidden")
    assert refusal(program.send(f"/{operator.pk}/grants/{own.pk}/revoke")) == (403, "forbidden")
    assert refusal(program.send(f"/{operator.pk}/teams", {"teams": []}, method="put")) == (403, "forbidden")


def test_officers_and_grants_elsewhere_are_not_found(program: Program) -> None:
    stranger, colleague = make_officer(agency="transportation", roles=("auditor",)), make_officer()
    theirs = Grant.objects.get(officer=stranger)

    def answers(officer: UUID) -> list[tuple[int, str]]:
        return [
            refusal(program.get(f"/{officer}")),
            refusal(program.send(f"/{officer}/grants", {"role": "auditor"})),
            refusal(program.send(f"/{officer}/grants/{theirs.pk}/revoke")),
            refusal(program.send(f"/{officer}/teams", {"teams": []}, method="put")),
        ]

    assert answers(stranger.pk) == answers(uuid4()) == [(404, "not-found")] * 4
    assert refusal(program.send(f"/{colleague.pk}/grants/{theirs.pk}/revoke")) == (404, "not-found")
    assert refusal(program.get(cursor=str(stranger.pk))) == (404, "not-found")
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_the_list_is_by_name_in_stretches_and_costs_the_same_queries(program: Program) -> None:
    program.get()  # what is read once for all
    with CaptureQueriesContext(connection) as with_one:
        assert [each["name"] for each in program.get().json()["items"]] == ["Operator"]
    for name in ("Ann", "Zoe", "Ann"):
        make_officer(name=name)
    with CaptureQueriesContext(connection) as with_four:
        assert len(program.get().json()["items"]) == 4
    assert len(with_four) == len(with_one)

    found, cursor = [], None
    for _ in range(4):
        shown = program.get(limit=1, **({"cursor": cursor} if cursor else {})).json()
        found += [each["name"] for each in shown["items"]]
        cursor = shown["next_cursor"]
    assert (found, cursor) == (["Ann", "Ann", "Operator", "Zoe"], None)


def test_an_officer_who_left_may_do_nothing(program: Program) -> None:
    officer = make_officer(roles=("auditor",))
    Officer.objects.filter(pk=officer.pk).update(is_active=False)

    assert program.get(f"/{officer.pk}").json()["capabilities"] == []


def test_only_operators_come_here(operator: Officer) -> None:
    resident = Client()
    account = make_person(account=make_account()).account
    assert account is not None
    resident.force_login(account)

    assert refusal(Client().get(HOME)) == (401, "sign-in-needed")
    assert refusal(resident.get(HOME)) == (403, "forbidden")
    supervisor = Program(make_officer(roles=("supervisor",)))
    assert refusal(supervisor.get()) == (403, "forbidden")
    assert refusal(supervisor.send(f"/{operator.pk}/grants", {"role": "auditor"})) == (403, "forbidden")


def test_a_grant_holds_from_its_first_day_to_its_last() -> None:
    first = AT.date()
    grant = Grant(from_on=first, until_on=first + timedelta(days=1))

    days = [first + timedelta(days=each) for each in (-1, 0, 1, 2)]
    assert [grant.is_in_force(day) for day in days] == [False, True, True, False]
    grant.until_on = None
    assert grant.is_in_force(days[3])
    grant.revoked_at = AT
    assert not grant.is_in_force(first)

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.people import AT, make_account, make_officer, make_person, make_team, officer_actor

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.ledger.queries import accesses_to, events_of
from commonweal.kernel.people.actions import grant_role, join_team, revoke_grant
from commonweal.kernel.people.models import Grant, Officer
from commonweal.kernel.people.rules import GRANT

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Officer:
    return make_officer(roles=("operator",))


def page(client: Client, path: str) -> str:
    response: Any = client.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def test_an_operator_gives_and_takes_roles_and_teams(client: Client, operator: Officer) -> None:
    officer = make_officer(name="Sam Field")
    for key, agency in (("one", "human-services"), ("two", "human-services"), ("far", "transportation")):
        make_team(key=key, agency=agency)
    client.force_login(operator.account)
    path = f"/workbench/officers/{officer.pk}/"

    assert path in page(client, "/workbench/officers/")
    assert "Nothing has been granted" in page(client, path)
    wrong = client.post(f"{path}grant/", {"role": "king", "days": "9"})
    assert (wrong.status_code, b"Choose a role" in wrong.content) == (422, True)
    client.post(f"{path}grant/", {"role": "caseworker", "days": "90"})
    client.post(f"{path}teams/", {"teams": ["one"]})
    client.post(f"{path}teams/", {"teams": ["two"]})
    refused = client.post(f"{path}teams/", {"teams": ["far"]})
    shown = page(client, path)

    assert refused.status_code == 422
    assert "Work on cases of one&#39;s teams" in shown
    grant = Grant.objects.get(officer=officer)
    assert (grant.role, grant.until_on) == ("caseworker", clock.today() + timedelta(days=90))
    assert [each.team.key for each in officer.memberships.all()] == ["two"]
    assert client.post(f"{path}revoke/", {"grant": "x"}).status_code == 422
    client.post(f"{path}revoke/", {"grant": str(grant.pk)})
    assert "Past grants" in page(client, path)
    assert [event.type for event in events_of(f"officer:{officer.pk}")] == [
        "people.granted",
        "people.team_joined",
        "people.team_joined",
        "people.team_left",
        "people.grant_revoked",
    ]
    assert {access.purpose for access in accesses_to(officer.pk)} == {"grant rights to officers"}


def test_nobody_changes_their_own_rights(client: Client, operator: Officer) -> None:
    make_team(key="one")
    client.force_login(operator.account)
    path = f"/workbench/officers/{operator.pk}/"
    own = officer_actor(operator, GRANT)

    assert "Nobody changes their own rights" in page(client, path)
    assert client.post(f"{path}grant/", {"role": "supervisor", "days": ""}).status_code == 403
    assert client.post(f"{path}teams/", {"teams": ["one"]}).status_code == 403
    with pytest.raises(Forbidden):
        grant_role(operator.pk, "supervisor", from_on=AT.date(), by=own, at=AT)
    with pytest.raises(Forbidden):
        join_team(operator.pk, "one", by=own, at=AT)
    with pytest.raises(Forbidden):
        revoke_grant(Grant.objects.get(officer=operator).pk, by=own, at=AT)


def test_officers_of_another_agency_are_not_found(client: Client, operator: Officer) -> None:
    stranger = make_officer(agency="transportation")
    client.force_login(operator.account)

    assert client.get(f"/workbench/officers/{stranger.pk}/").status_code == 404
    assert client.post(f"/workbench/officers/{stranger.pk}/grant/", {"role": "caseworker"}).status_code == 404
    assert str(stranger.pk) not in page(client, "/workbench/officers/")


def test_only_operators_come_here(client: Client) -> None:
    for account in (make_officer(roles=("supervisor",)).account, make_person(account=make_account()).account):
        client.force_login(account)
        assert client.get("/workbench/officers/").status_code == 403


def test_a_list_of_three_officers_takes_the_queries_of_a_list_of_one(
    client: Client, operator: Officer
) -> None:
    client.force_login(operator.account)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, "/workbench/officers/")
        return len(captured)

    queries()
    with_one = queries()
    for _ in range(3):
        make_officer()
    assert queries() == with_one

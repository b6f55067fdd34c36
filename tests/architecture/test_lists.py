"""Lists: the agency is in the SQL, and the number of queries does not grow with the rows."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.architecture.routes import operations, routes
from tests.factories.people import AT, make_account, make_officer, make_person
from tests.kernel.cases.conftest import Town, food_answers, town  # noqa: F401 - the fixture

from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.queries import open_cases
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.jobs.queries import dead_letters, queue_state
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.registry import roles

STRIKE = food_answers(circumstances=["strike"])

# Pages without an argument, by who sees rows on them; those without rows of persons say why they are not measured here.
LISTS = {
    "cases:home": "resident",
    "mailbox:list": "resident",
    "people_access": "resident",
    "people_details": "resident",
    "cases:queue": "officer",
    "consent:own-erasure": "resident",
    "consent:erasures": "supervisor",
    "consent:holds": "supervisor",
    "GET /workbench/erasures": "supervisor",
    "GET /workbench/holds": "supervisor",
    "GET /cases": "resident",
    "GET /drafts": "resident",
    "GET /me/erasure": "resident",
    "GET /messages": "resident",
    "GET /workbench/cases": "officer",
}
NO_ROWS = {
    "authoring:new-law": "a form",
    "base:accessibility": "a statement",
    "base:api": "a page of text",
    "base:imprint": "a page of text",
    "base:security": "whom to tell of a weakness, of the jurisdiction",
    "base:privacy": "a statement",
    "base:gallery": "one of each component",
    "base:health": "no page",
    "consultations:door": "asks for a code",
    "catalogue:home": "services are files, compiled and cached",
    "catalogue:services": "likewise",
    "catalogue:turtle": "services are files, compiled and cached",
    "catalogue:json-ld": "likewise",
    "catalogue:versions": "measured in tests/kernel/catalogue",
    "decisions:law-list": "law is files, compiled and cached",
    "decisions:algorithms": "likewise",
    "places:districts": "areas are a file",
    "people_officers": "measured in tests/kernel/people/test_workbench.py",
    "people_account": "one account",
    "people_tokens": "one's own tokens, at most 20, in one query",
    "people_token_new": "a form",
    "people_face": "answers a POST",
    "people_session": "one question",
    "consent:ask": "answers a POST",
    "consent:withdraw": "answers a POST",
    "consent:place": "answers a POST",
    "reassessments:list": "measured in tests/kernel/reassessments",
    "reassessments:start": "answers a POST",
    "authoring:list": "measured in tests/kernel/authoring",
    "authoring:begin": "answers a POST",
    "authoring:begin-law": "answers a POST",
    "authoring:rehearsals": "one's own, at most 20, in one query",
    "authoring:begin-rehearsal": "answers a POST",
    "authoring:new": "answers a POST",
    "authoring:import": "answers a POST",
    "GET /workbench/drafts": "measured in tests/kernel/authoring, by its page",
    "counter:desk": "measured in tests/kernel/counter",
    "counter:join": "answers a POST",
    "counter:register": "answers a POST",
    "paper:desk": "measured in tests/kernel/paper",
    "statistics:list": "counts of services, in one query",
    "GET /workbench/reassessments": "measured in tests/kernel/reassessments",
    "disputes:queue": "measured in tests/kernel/disputes",
    "GET /disputes": "one's own, at most 25, in one query",
    "GET /workbench/disputes": "the same query as the page's",
    "rounds:list": "measured in tests/kernel/rounds",
    "rounds:open": "answers a POST",
    "GET /workbench/rounds": "measured in tests/kernel/rounds",
    "GET /workbench/jobs": "the same query as the page's",
    "GET /workbench/officers": "measured in tests/kernel/people/test_api.py",
    "GET /workbench/roles": "roles are registered in code",
    "jobs:dead-letters": "measured in tests/kernel/jobs",
    "jobs:dead-letters-json": "the same query",
    "entitlements:agree": "answers a POST",
    "entitlements:take-back": "answers a POST",
    "GET /suggestions": "services are files; what is known of one person",
    "entitlements:check-known": "answers a POST",
    "entitlements:check": "services are files, compiled and cached",
    "insight:lab": "measured in tests/domains/insight",
    "insight:begin": "a form",
    "insight:change": "a form",
    "insight:compare": "two simulations, not a list",
    "insight:upload": "a form",
    "GET /simulations/": "measured in tests/domains/insight",
    "GET /law/programmes": "law is files, compiled and cached",
    "usersessions_list": "one account's own sessions",
    "GET /signatures": "what one person is to sign, at most 25, each shown whole",
    "GET /me/tokens": "one's own tokens, at most 20, in one query",
    "GET /services": "services are files, compiled and cached",
}
OFFICERS_LISTS = {
    "open_cases": lambda actor: open_cases(actor)[0],
    "officers": lambda actor: list(people.officers(actor=actor)),
    "teams": lambda actor: list(people.teams(actor=actor)),
    "grants_of": lambda actor: list(people.grants_of(UUID(actor.id), actor=actor)),
    "dead_letters": dead_letters,
    "queue_state": lambda actor: queue_state(actor, at=AT),
}


def without_argument(names: Any) -> set[str]:
    return {route.name for route in names if not re.search(r"[<{]", route.path)}


def test_every_page_without_an_argument_is_measured_or_says_why_not() -> None:
    ours = without_argument(route for route in routes() if not route.is_foreign)
    listing = without_argument(each for each in operations() if each.name.startswith("GET "))
    assert sorted(ours | listing) == sorted({*LISTS, *NO_ROWS})


def one_more(town: Town) -> None:  # noqa: F811 - the fixture is meant
    town.send(STRIKE)
    town.send(food_answers())
    start_sheet("food-assistance", by=town.resident, at=AT)
    record_access(town.officer, [town.person.pk], "tests", at=AT)
    other = make_person(account=make_account())
    record_access(town.colleague, [other.pk, town.person.pk], "tests", at=AT)


def queries_of(client: Client, name: str) -> int:
    from django.urls import reverse

    path = f"/api/v1{name.removeprefix('GET ')}" if name.startswith("GET ") else reverse(name)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == 200
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_of_three_takes_the_queries_of_a_list_of_one(town: Town, name: str) -> None:  # noqa: F811
    client = Client()
    account = town.person.account if LISTS[name] == "resident" else town.workers[LISTS[name]].account
    client.force_login(account)
    one_more(town)
    queries_of(client, name)  # what is remembered by process is remembered now
    with_one = queries_of(client, name)
    one_more(town)
    one_more(town)

    assert queries_of(client, name) == with_one


AGENCY_TABLES = {
    model._meta.db_table
    for model in apps.get_models()
    if model.__module__.startswith("commonweal.") and "agency" in {f.name for f in model._meta.get_fields()}
}


ANYBODYS = re.compile(r"""WHERE "catalogue_serviceversion"\."(status" = 'live'|id" IN )""")
"""Services that are offered are shown to everybody, and the version of a case by its id."""


def without_agency(statements: list[str]) -> list[str]:
    """Statements that list rows of an agency's table and do not say which agency."""
    found = []
    for statement in statements:
        table = re.search(r'FROM "(\w+)"', statement)
        where = statement.partition(" WHERE ")[2]
        if table and table.group(1) in AGENCY_TABLES and '"agency"' not in where:
            found.append(statement)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(OFFICERS_LISTS))
def test_officers_lists_are_limited_to_the_agency_in_sql(town: Town, name: str) -> None:  # noqa: F811
    town.send(STRIKE)
    operator = people.actor_of(make_officer(roles=("operator", "supervisor"), teams=(town.team,)).account)

    with CaptureQueriesContext(connection) as captured:
        OFFICERS_LISTS[name](operator)

    statements = [query["sql"] for query in captured]
    assert statements
    assert without_agency(statements) == []


@pytest.mark.django_db
def test_every_closed_page_and_list_that_an_officer_opens_names_the_agency_in_sql(town: Town) -> None:  # noqa: F811
    officer = make_officer(roles=tuple(role.key for role in roles), teams=(town.team,))
    own = re.compile(f"\"officer(_id)?\" = '{officer.pk.hex}'|\"officer(_id)?\" = '{officer.pk}'")
    opened, found = 0, {}
    for each in [*routes(), *operations()]:
        is_read = not each.path.startswith("/api/") or each.name.startswith("GET ")
        is_closed = each.rule is not None and not each.rule.allows(Actor.guest())
        if each.is_foreign or not is_read or not is_closed or not without_argument([each]):
            continue
        client = Client()  # a new one each, for one of the pages signs out
        client.force_login(officer.account)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"/{each.path.removeprefix('/')}")
        opened += response.status_code == 200 and "workbench" in each.path
        response.close()
        reads = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
        wrong = [sql for sql in without_agency(reads) if not own.search(sql) and not ANYBODYS.search(sql)]
        if wrong:
            found[each.name] = wrong

    assert found == {}
    assert opened >= 25, opened


@pytest.mark.django_db
def test_an_officer_sees_nothing_of_another_agency(town: Town) -> None:  # noqa: F811
    case = town.send(STRIKE)

    assert [found.pk for found in open_cases(town.officer)[0]] == [case.pk]
    assert open_cases(town.stranger)[0] == []
    agencies = {found.agency for found in people.officers(actor=town.stranger)}
    assert agencies == {"transportation"}
    assert {found.agency for found in people.teams(actor=town.stranger)} == {"transportation"}


def test_a_list_without_an_agency_is_found() -> None:
    assert without_agency(['SELECT * FROM "cases_case" WHERE "cases_case"."status" = 1']) != []
    assert without_agency(['SELECT * FROM "cases_case" WHERE "cases_case"."agency" = 1']) == []


def test_the_guest_is_shown_nothing() -> None:
    assert list(people.officers(actor=Actor.guest())) == []

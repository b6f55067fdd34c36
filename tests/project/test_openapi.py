"""The API does what its description says, whoever asks and whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase
from hypothesis import settings as bounds
from schemathesis import Case, checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.schemas import OpenApiSchema
from tests.factories.databases import Unblocked, kept
from tests.factories.people import AT, make_officer, make_person, officer_actor
from tests.kernel.cases.conftest import Town, food_answers, make_town

from commonweal.domains.insight.actions import order_simulation
from commonweal.domains.insight.types import Order, PopulationChoice
from commonweal.kernel.base.references import new_reference
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.models import Case as CaseRow
from commonweal.kernel.cases.models import Signature
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.queries import live_version
from commonweal.kernel.consent.models import Erasure, Hold
from commonweal.kernel.consultations.models import Consultation, Neighbour
from commonweal.kernel.consultations.queries import code_hash
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.jobs.actions import enqueue
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.paper.codes import new_code
from commonweal.kernel.paper.models import Scan
from commonweal.kernel.people.actions import grant_role, make_token
from commonweal.kernel.people.models import Grant
from commonweal.kernel.reassessments import actions as reassessments
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.rounds.models import Entry as RoundEntry
from commonweal.kernel.rounds.models import Round
from commonweal.project.wsgi import application
from tools import openapi

SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
FOR_OFFICERS = r"^/api/v1/(workbench|simulations)/"


def described(*, edges: bool = False, credentials: bool = False) -> OpenApiSchema:
    """The description, and what is to be made up from it.

    Args:
        edges: Each value within, at and beyond the bounds of its type in turn, and each method that an address does not take.
        credentials: Cookies and tokens, too; they would take the place of a visitor's own.
    """
    wanted = {
        "generation": {"with-security-parameters": credentials},
        "phases": {"coverage": {"enabled": edges}},
    }
    schema = from_dict(SCHEMA.raw_schema, config=SchemathesisConfig.from_dict(wanted))
    schema.app = application
    return schema


AT_RANDOM, WITH_CREDENTIALS, AT_EDGES = described(), described(credentials=True), described(edges=True)
CHECKS = [
    checks.not_a_server_error,
    checks.CHECKS.get_one("status_code_conformance"),
    checks.CHECKS.get_one("content_type_conformance"),
    checks.CHECKS.get_one("response_headers_conformance"),
    checks.CHECKS.get_one("response_schema_conformance"),
]
CSRF = "t" * 32
__all__ = ["kept"]


def test_the_description_in_the_repository_is_current() -> None:
    assert openapi.PAGE.read_text() == openapi.description(), "run `python -m tools.openapi`"


@dataclass
class Visitor:
    """Who asks, and what the town holds that can be asked for."""

    sends: dict[str, Any]
    known: dict[str, str]


def _round(case: CaseRow) -> UUID:
    """A round of housing repair grants that a case takes part in."""
    publish_folder("housing-repair", by=Actor.system("tests"), at=AT)
    one = Round.objects.create(
        service_key="housing-repair",
        agency="human-services",
        name="Autumn",
        closes_on=AT.date(),
        settings={"budget": 0},
        opened_by="tests",
        opened_at=AT,
    )
    RoundEntry.objects.create(round=one, case=case, facts="{}")
    return one.pk


def _law_change(officer: Actor) -> UUID:
    """A re-assessment that is ready to be looked at."""
    run = reassessments.start("snap", reference_on=AT.date(), agency="human-services", by=officer, at=AT)
    reassessments.assess_next(run.pk, after=None, by=officer, at=AT)
    return run.pk


def _simulation() -> UUID:
    """A simulation that waits to be worked out."""
    analyst = officer_actor(make_officer(roles=("policy-analyst",)), "insight.simulate")
    choice = PopulationChoice(place="port-alder", people=1_000)
    return order_simulation(Order("snap", AT.date(), choice), by=analyst, at=AT).pk


def _household(case: CaseRow) -> str:
    """The code of a household that was written to about a case."""
    made = Consultation.objects.create(
        case=case, stage="neighbours", letter="neighbours", place="1 Weir Street", about=["A deck"],
        until_on=AT.date(), opened_at=AT,
    )  # fmt: skip
    code = new_reference()
    Neighbour.objects.create(consultation=made, address="2 Weir Street", code=code, code_hash=code_hash(code))
    return code


def _take_back(case: CaseRow) -> None:
    """Announce that what a case granted is taken back."""
    Revocation.objects.create(
        case=case,
        award_id=uuid4(),
        ground="moved",
        reasons="Why.",
        announced_at=AT,
        effective_on=AT.date(),
    )


def _failed_letter() -> UUID:
    """A job that was given up."""
    job_id = enqueue("mailbox.render_pdf", {"message": str(uuid4())}, at=AT)
    assert job_id is not None
    Job.objects.filter(pk=job_id).update(dead_at=AT, attempts=10, error="broken")
    return job_id


def _vehicle_draft(town: Town) -> UUID:
    """A draft whose form has a question for files."""
    publish_folder("parking-permit", by=Actor.system("tests"), at=AT)
    return start_sheet("parking-permit", by=town.resident, at=AT).sheet_id


def _invitation(town: Town) -> UUID:
    """An invitation to sign somebody else's application, for the resident."""
    case = town.send(food_answers(circumstances=["strike"]))
    CaseRow.objects.filter(pk=case.pk).update(applicant=make_person())
    return Signature.objects.create(case=case, name="N", email="e", person=town.person, asked_at=AT).pk


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's connection open between requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@dataclass
class World:
    """A town that has one of everything, and what each is called in an address."""

    town: Town
    known: dict[str, str]


@pytest.fixture(scope="module")
def world(kept: Unblocked) -> World:
    """Made once: the tests of each operation find it as it was."""
    with kept():
        return make_world(make_town())


def make_world(town: Town) -> World:
    decided = town.send(food_answers())
    town.send(food_answers(circumstances=["strike"]))
    assert town.person.account is not None
    _take_back(decided)
    token = make_token(
        town.person.account.pk,
        name="tests",
        scope="read",
        expires_at=AT + timedelta(days=1),
        by=town.resident,
        at=AT,
    )
    scan = Scan.objects.create(
        agency="human-services",
        file_id=uuid4(),
        received_on=AT.date(),
        taken_in_by=town.workers["officer"],
        taken_in_at=AT,
    )
    grant_role(
        town.workers["officer"].pk, "operator", from_on=AT.date(), by=Actor.system("tests"), at=AT
    )  # so that this visitor comes to the operators' operations, too
    known = {
        "officer_id": str(town.workers["supervisor"].pk),
        "grant_id": str(Grant.objects.filter(officer=town.workers["supervisor"]).latest("granted_at").pk),
        "job_id": str(_failed_letter()),
        "code": new_code(live_version("food-assistance").content_hash),
        "letter_code": _household(decided),
        "scan_id": str(scan.pk),
        "service": "food-assistance",
        "programme": "snap",
        "number": "1",
        "simulation_id": str(_simulation()),
        "run_id": str(_law_change(town.officer)),
        "token_id": str(token.id),
        "key": "food-assistance",
        "reference": decided.reference,
        "message_id": str(messages_about(decided.stream)[0].id),
        "draft_id": str(_vehicle_draft(town)),
        "question": "driver_letter",
        "piece": "0",
        "file_id": str(uuid4()),
        "signature_id": str(_invitation(town)),
        "round_id": str(_round(decided)),
        "hold_id": str(
            Hold.objects.create(subject=town.person.pk, reason="tests", placed_by="tests", placed_at=AT).pk
        ),
        "erasure_id": str(
            Erasure.objects.create(person_id=town.person.pk, requested_by="tests", requested_at=AT).pk
        ),
    }
    return World(town, known)


@pytest.fixture
def visitor(request: Any, world: World, db: None) -> Visitor:
    town, known = world.town, world.known
    if request.param == "guest":
        return Visitor({}, known)
    account = town.person.account if request.param == "resident" else town.workers["officer"].account
    assert account is not None
    client = Client()
    client.force_login(account)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
    return Visitor({"headers": {"X-CSRFToken": CSRF}, "cookies": cookies}, known)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("visitor", "path", "status"),
    [
        ("guest", "/cases", 401),
        ("resident", "/cases", 200),
        ("resident", "/workbench/cases", 403),
        ("officer", "/workbench/cases", 200),
    ],
    indirect=["visitor"],
)
def test_visitors_are_who_they_are_meant_to_be(visitor: Visitor, path: str, status: int) -> None:
    case = SCHEMA[f"/api/v1{path}"]["GET"].Case()
    assert case.call(**visitor.sends).status_code == status


BOUNDS = bounds(
    max_examples=5,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def name_what_is_there(case: Case, visitor: Visitor) -> None:
    for name in case.path_parameters:
        case.path_parameters[name] = visitor.known[name]


def hold(case: Case, visitor: Visitor) -> None:
    """Send what was made up, and again with things that are there in its address."""
    case.call_and_validate(**visitor.sends, checks=CHECKS)
    if case.path_parameters:
        name_what_is_there(case, visitor)
        case.call_and_validate(**visitor.sends, checks=CHECKS)


def hold_edge(case: Case, visitor: Visitor) -> None:
    """Send it with things that are there in its address, unless the edge itself is in the address."""
    if case.meta.phase.data.parameter_location is not ParameterLocation.PATH:
        name_what_is_there(case, visitor)
    case.call_and_validate(**visitor.sends, checks=CHECKS)


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["resident", "officer"], indirect=True)
@AT_RANDOM.parametrize()
@BOUNDS
def test_every_operation_answers_as_described(case: Case, visitor: Visitor) -> None:
    hold(case, visitor)


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["guest"], indirect=True)
@WITH_CREDENTIALS.parametrize()
@BOUNDS
def test_whoever_makes_up_credentials_is_answered_as_described(case: Case, visitor: Visitor) -> None:
    hold(case, visitor)


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["officer"], indirect=True)
@AT_EDGES.include(path_regex=FOR_OFFICERS).parametrize()
@bounds(BOUNDS, phases=[Phase.explicit])
def test_officers_operations_hold_at_every_edge(case: Case, visitor: Visitor) -> None:
    hold_edge(case, visitor)


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["resident"], indirect=True)
@AT_EDGES.exclude(path_regex=FOR_OFFICERS).parametrize()
@bounds(BOUNDS, phases=[Phase.explicit])
def test_all_other_operations_hold_at_every_edge(case: Case, visitor: Visitor) -> None:
    hold_edge(case, visitor)

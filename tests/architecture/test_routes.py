"""Every route says who may come and whose data leave; what it says is held."""

from __future__ import annotations

import base64
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from tests.architecture.routes import Route, every_route, operations, routes, undeclared
from tests.factories.databases import Unblocked, kept
from tests.factories.people import AT, make_account, make_officer, make_person
from tests.kernel.cases.conftest import Town, food_answers, make_town

from commonweal.kernel.base import clock
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.routes import NOTHING, RouteRule
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.cases import actions
from commonweal.kernel.cases.models import Case, Signature
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.queries import live_version
from commonweal.kernel.consent.models import Erasure, Hold
from commonweal.kernel.consultations.models import Consultation, Neighbour
from commonweal.kernel.counter import actions as counter
from commonweal.kernel.disputes.actions import raise_dispute
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.entitlements.actions import agree
from commonweal.kernel.files.actions import store_file
from commonweal.kernel.files.models import StoredFile
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger import actions as ledger
from commonweal.kernel.ledger.models import AccessRecord
from commonweal.kernel.mailbox.actions import attach, mark_read
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.paper.actions import print_draft
from commonweal.kernel.paper.codes import new_code
from commonweal.kernel.paper.models import Scan
from commonweal.kernel.people.actions import record_facts
from commonweal.kernel.people.models import Account, Grant, Team
from commonweal.kernel.people.registry import capabilities
from commonweal.kernel.proactive.models import Offer
from commonweal.kernel.reassessments import actions as reassessments
from commonweal.kernel.reassessments.models import Item
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.rounds.models import Entry, Round

__all__ = ["kept"]

ALLAUTH = """
account_change_password account_complete_password_reset account_confirm_login_code
account_confirm_password_reset_code account_email account_email_verification_sent account_inactive
account_login account_logout account_password_reset_completed account_reauthenticate
account_request_login_code account_reset_password account_set_password account_signup mfa_activate_totp
mfa_add_webauthn mfa_authenticate mfa_deactivate_totp mfa_download_recovery_codes mfa_edit_webauthn
mfa_generate_recovery_codes mfa_index mfa_list_webauthn mfa_login_webauthn mfa_reauthenticate
mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_view_recovery_codes openid_connect_callback
openid_connect_login socialaccount_connections socialaccount_login_cancelled socialaccount_login_error
socialaccount_signup
"""
"""Views of django-allauth, which itself checks who has signed in and shows nobody's data but the visitor's own."""

DISCLOSING = [route for route in routes() if route.rule and route.rule.discloses != NOTHING]
DISCLOSING_OPERATIONS = [each for each in operations() if each.rule and each.rule.discloses != NOTHING]


def test_every_route_says_who_may_come_and_what_it_discloses() -> None:
    assert undeclared(routes()) == []


def test_every_operation_of_the_api_says_who_may_come_and_what_it_discloses() -> None:
    assert undeclared(operations()) == []
    assert len(operations()) >= 11


def test_a_route_or_operation_that_declares_nothing_is_found() -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse()

    def silent(request: Any) -> HttpResponse:
        return HttpResponse()

    silent.route_rule = RouteRule(anyone, " ")  # type: ignore[attr-defined]  # as a careless author would
    assert undeclared([Route("new", "/new", view), Route("silent", "/silent", silent)]) == ["new", "silent"]


def test_views_of_other_packages_are_those_that_were_looked_at() -> None:
    assert sorted({route.name for route in routes() if route.is_foreign}) == sorted(ALLAUTH.split())


def test_the_api_has_no_routes_but_its_operations_and_its_description() -> None:
    described = {each.path.replace("{", "<").replace("}", ">") for each in operations()}
    others = {route.path for route in every_route() if route.name.startswith("api:")}
    assert {f"/{path}" for path in others} - described == {"/api/v1/", "/api/v1/openapi.json"}


def test_every_capability_that_a_rule_asks_for_can_be_granted() -> None:
    rules = [each.rule.allows.__name__ for each in [*routes(), *operations()] if each.rule]
    asked = {name.removeprefix("may:") for name in rules if name.startswith("may:")}
    assert {"cases.work", "jobs.operate"} <= asked
    held = {capability.key for capability in capabilities if capability.roles}
    assert asked - held == set()


@dataclass
class World:
    """A town with an application in every state that a page may show."""

    town: Town
    decided: Case
    waiting: Case
    asked: Case
    letter: Message
    file_id: UUID
    erasure: Erasure
    hold: Hold
    run_id: UUID
    account_of: dict[str, Account] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        client = Client(raise_request_exception=True)
        client.force_login(self.account_of[who])
        return client


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def built(kept: Unblocked, media: Path) -> World:
    """Made once: each route finds it as it was."""
    with kept(), override_settings(MEDIA_ROOT=media):
        return make_world(make_town())


@pytest.fixture
def world(built: World, media: Path, db: None, settings: Any) -> World:
    settings.MEDIA_ROOT = media
    return deepcopy(built)


def make_world(town: Town) -> World:
    decided = town.send(food_answers())
    waiting = town.send(food_answers(circumstances=["strike"]))
    asked = town.send(food_answers(circumstances=["strike"]))
    actions.ask_applicant(asked.pk, "Since when?", by=town.officer, at=AT, revision=asked.revision)
    letter = Message.objects.get(thread__stream=decided.stream)
    mark_read(letter.pk, by=town.resident, at=AT)
    attach(letter.pk, b"%PDF-1.7\n%%EOF", name="letter.pdf", by=town.officer, at=AT)
    file_id = store_file(
        b"%PDF-1.7\n%%EOF",
        name="proof.pdf",
        stream=f"person:{town.person.pk}",
        subject=town.person.pk,
        purpose="tests",
        retention_on=None,
        by=town.resident,
        at=AT,
    )
    assert town.person.account is not None
    return World(
        town,
        decided,
        waiting,
        asked,
        letter,
        file_id,
        Erasure.objects.create(
            person_id=town.person.pk, status="running", requested_by="resident:x", requested_at=AT
        ),
        Hold.objects.create(subject=town.person.pk, reason="tests", placed_by="tests", placed_at=AT),
        _law_change(town.officer),
        {
            "resident": town.person.account,
            "officer": town.workers["officer"].account,
            "supervisor": town.workers["supervisor"].account,
            "operator": make_officer(roles=("operator",)).account,
            "other resident": make_person(account=make_account()).account,
            "officer elsewhere": make_officer(
                roles=("caseworker", "supervisor", "operator", "auditor"),
                teams=(Team.objects.get(key="parking"),),
                agency="transportation",
            ).account,
        },
    )


def _law_change(officer: Actor) -> UUID:
    """A re-assessment that was given up."""
    run = reassessments.start("snap", reference_on=AT.date(), agency="human-services", by=officer, at=AT)
    reassessments.assess_next(run.pk, after=None, by=officer, at=AT)
    return reassessments.cancel(run.pk, by=officer, at=AT).pk


Visit = tuple[str, Callable[[World], tuple[str, dict[str, Any]]]]


def _get(who: str, name: str, **kwargs: Callable[[World], Any]) -> Visit:
    return who, lambda world: ("get", {"path": _url(name, world, kwargs)})


def _post(who: str, name: str, data: dict[str, Any], **kwargs: Callable[[World], Any]) -> Visit:
    return who, lambda world: ("post", {"path": _url(name, world, kwargs), "data": data})


def _api(who: str, path: Callable[[World], str]) -> Visit:
    return who, lambda world: ("get", {"path": f"/api/v1{path(world)}"})


def _url(name: str, world: World, kwargs: dict[str, Callable[[World], Any]]) -> str:
    return reverse(name, kwargs={key: find(world) for key, find in kwargs.items()})


def _sent_again(world: World) -> tuple[str, dict[str, Any]]:
    path = f"/api/v1/drafts/{world.decided.sheet_id}/submit"
    return "post", {"path": path, "data": {"revision": 1}, "content_type": "application/json"}


def _withdrawn(world: World) -> tuple[str, dict[str, Any]]:
    Erasure.objects.update(status="requested")
    return "delete", {"path": "/api/v1/me/erasure"}


def _known(name: str, *more: Any, is_kept: bool = False) -> Visit:
    """Visit a draft of somebody of whose household a register knows; ``is_kept`` takes it over as the answer."""

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        now, tests = clock.now(), Actor.system("tests")
        facts: dict[str, Json] = {
            "household": [{"relation": "child", "birth_date": "2019-03-04", "name": "Bo"}]
        }
        record_facts(
            person(world), facts, source="register", legal_basis="law", by=tests, at=now, observed_at=now
        )
        sheet = start_sheet("food-assistance", by=world.town.resident, at=now).sheet_id
        if is_kept:
            path = reverse("cases:page", args=[sheet, "household"])
            world.client("resident").post(path, {"revision": "0"})
        return "get", {"path": reverse(name, args=[sheet, *more]) if name else f"/api/v1/drafts/{sheet}"}

    return "resident", visit


def _begun(world: World) -> tuple[str, dict[str, Any]]:
    """Start a service of which something has been answered already."""
    _known("", is_kept=True)[1](world)
    return "get", {"path": reverse("cases:begun", args=["food-assistance"])}


def _helping(method: str, name: str, data: dict[str, Any] | None = None, of: str = "") -> Visit:
    """Visit a page of the counter as an officer whom somebody lets fill in a form; ``of`` says what the address names."""

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        by, who = world.town.supervisor, world.town.person.pk
        help_given = counter.begin_in_person(
            who, "food-assistance", document="passport", by=by, at=clock.now()
        )
        if name == "counter:code":  # asked again where it is wrong
            help_given = counter.ask_by_phone(who, "food-assistance", by=by, at=clock.now())
        ids = {"assistance_id": help_given.pk, "person_id": who, "sheet_id": help_given.sheet_id}
        path = reverse(name, kwargs={of: ids[of]} if of else {})
        return method, {"path": path} | ({"data": data} if data is not None else {})

    return "supervisor", visit


def _sent_for(world: World) -> tuple[str, dict[str, Any]]:
    """Visit a form that an officer has sent for somebody."""
    method, visit = _helping("get", "cases:draft", of="sheet_id")[1](world)
    sheet = Sheet.objects.get(pk=visit["path"].split("/")[2])
    Sheet.objects.filter(pk=sheet.pk).update(submitted_at=AT)
    Case.objects.filter(pk=world.decided.pk).update(sheet=sheet)
    return method, visit


def _behind(world: World) -> tuple[str, dict[str, Any]]:
    """Visit a form of an earlier version that an officer fills in for somebody."""
    method, visit = _helping("get", "cases:newer", of="sheet_id")[1](world)
    earlier = ServiceVersion.objects.get(service_key="food-assistance")
    earlier.pk, earlier.number, earlier.status = new_id(), 99, "closed"
    earlier.save(force_insert=True)
    Sheet.objects.filter(pk=visit["path"].split("/")[2]).update(version=earlier)
    return method, visit


def _file_of_a_draft(world: World) -> tuple[str, dict[str, Any]]:
    """Open a file of a form that an officer fills in for somebody."""
    method, visit = _helping("get", "cases:draft", of="sheet_id")[1](world)
    stream = Sheet.objects.get(pk=visit["path"].split("/")[2]).stream
    StoredFile.objects.filter(pk=world.file_id).update(stream=stream)
    return method, {"path": f"{visit['path']}files/{world.file_id}/"}


def _on_paper(method: str, name: str, **more: int) -> Visit:
    """Visit a form that came on paper, as an officer who types it in."""

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        version, now = live_version("food-assistance"), clock.now()
        scan = Scan(
            agency="human-services",
            pages=1,
            code=""
            if name == "paper:begin"
            else new_code(version.content_hash),  # refused where it is missing
            received_on=now.date(),
            taken_in_by_id=UUID(world.town.supervisor.id),
            taken_in_at=now,
            version_id=version.pk,
            service_key="food-assistance",
            person_id=world.town.person.pk,
        )
        picture = segno.make("none of ours").png_data_uri(scale=4)
        scan.file_id = store_file(
            base64.b64decode(picture.partition(",")[2]),
            name="scan.png",
            stream=scan.stream,
            subject=None,
            purpose="tests",
            retention_on=None,
            by=Actor.system("tests"),
            at=now,
        )
        scan.save()
        path = reverse(name, kwargs={"scan_id": scan.pk, **more} if name != "paper:desk" else {})
        return method, {"path": path} | ({"data": {}} if method == "post" else {})

    return "supervisor", visit


def _printed(world: World) -> tuple[str, dict[str, Any]]:
    sheet = start_sheet("food-assistance", by=world.town.resident, at=clock.now()).sheet_id
    copy = print_draft(sheet, "en", by=world.town.resident, at=clock.now())
    return "get", {"path": reverse("paper:printed", args=[sheet, copy.pk])}


def decided(world: World) -> str:
    return world.decided.reference


def waiting(world: World) -> str:
    return world.waiting.reference


def asked(world: World) -> str:
    return world.asked.reference


def to_sign(world: World) -> UUID:
    """An invitation to sign the waiting case, for its own applicant: no page would make one, and it serves here."""
    return Signature.objects.create(
        case=world.waiting, name="N", email="n@example.org", person=world.town.person, asked_at=AT
    ).pk


def signed(world: World) -> UUID:
    signature_id = to_sign(world)
    Signature.objects.filter(pk=signature_id).update(answer="signed", answered_at=AT)
    return signature_id


def _signature(end: str, method: str = "post") -> Visit:
    return "resident", lambda world: (method, {"path": f"/api/v1/signatures/{to_sign(world)}{end}"})


def _questioned(method: str, end: str = "", data: dict[str, Any] | None = None) -> Visit:
    """Visit the question about a case through the API; it asks for one piece of evidence."""

    def how(world: World) -> tuple[str, dict[str, Any]]:
        inquiry = world.asked.inquiries.get()
        inquiry.pieces = [{"key": "", "name": "Your lease", "files": []}]
        inquiry.save()
        sent: dict[str, Any] = {"path": f"/api/v1/cases/{world.asked.reference}/question{end}"}
        if data is not None:
            sent |= {"data": data, "content_type": "application/json"}
        return method, sent

    return "resident", how


def _handed_in(world: World) -> tuple[str, dict[str, Any]]:
    _who, how = _questioned("post", "/pieces/0/files")
    method, sent = how(world)
    return method, sent | {"data": {"file": SimpleUploadedFile("a.txt", b"words")}}


def _asked_for(world: World) -> tuple[str, dict[str, Any]]:
    path = f"/api/v1/workbench/cases/{waiting(world)}/ask"
    data = {"question": "Since when?", "revision": world.waiting.revision}
    return "post", {"path": path, "data": data, "content_type": "application/json"}


def _invited_again(world: World) -> tuple[str, dict[str, Any]]:
    path = f"/api/v1/cases/{waiting(world)}/signatures/{to_sign(world)}/invite-again"
    return "post", {"path": path, "data": {"email": "n@example.org"}, "content_type": "application/json"}


def person(world: World) -> UUID:
    return world.town.person.pk


def erasure(world: World) -> UUID:
    return world.erasure.pk


def an_officer(world: World) -> UUID:
    return world.town.workers["officer"].pk


def _rights(method: str, end: str = "", data: dict[str, Any] | None = None) -> Visit:
    """Visit the rights of an officer through the API; ``GRANT`` in the address is one that the officer holds."""

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        grant = Grant.objects.filter(officer=an_officer(world)).latest("granted_at")
        path = f"/api/v1/workbench/officers/{an_officer(world)}{end.replace('GRANT', str(grant.pk))}"
        return method, {"path": path} | ({"data": data, "content_type": "application/json"} if data else {})

    return "operator", visit


def hold(world: World) -> UUID:
    return world.hold.pk


def _dealt_with(what: str, body: Any = None, **erasure: Any) -> Visit:
    """Deal with the request for erasure through the API, nothing standing in the way."""

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        Erasure.objects.update(**erasure)
        Hold.objects.all().delete()
        Case.objects.update(dispose_on=AT.date() + timedelta(days=9_999))
        path = f"/api/v1/workbench/erasures/{world.erasure.pk}/{what}"
        return "post", {"path": path, "data": body or {}, "content_type": "application/json"}

    return "supervisor", visit


def _held(what: str, body: Any = None, **hold: Any) -> Visit:
    """Do something to the hold through the API."""

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        Hold.objects.update(**hold or {"release_asked_by": ""})
        path = f"/api/v1/workbench/holds/{world.hold.pk}/{what}"
        return "post", {"path": path, "data": body or {}, "content_type": "application/json"}

    return "supervisor", visit


def _hold_placed(world: World) -> tuple[str, dict[str, Any]]:
    body = {"person_id": str(world.town.person.pk), "reason": "tests"}
    return "post", {"path": "/api/v1/workbench/holds", "data": body, "content_type": "application/json"}


def ended_hold(world: World) -> UUID:
    """A hold for which it is too late: the page shows those that stand, and says so."""
    return Hold.objects.create(
        stream="case:x",
        reason="tests",
        placed_by="tests",
        placed_at=AT,
        released_at=AT,
        released_by="tests",
    ).pk


def letter(world: World) -> UUID:
    return world.letter.pk


def run(world: World) -> UUID:
    return world.run_id


def item(world: World) -> UUID:
    return Item.objects.get(run_id=world.run_id, case_reference=decided(world)).pk


def a_round(world: World) -> UUID:
    """A round that the decided case takes part in."""
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
    Entry.objects.create(round=one, case=world.decided, facts="{}")
    return one.pk


def revoked(world: World) -> str:
    """What a case granted is being taken back."""
    day = AT.date()
    Revocation.objects.create(
        case=world.decided,
        award_id=uuid4(),
        ground="moved",
        reasons="Why.",
        announced_at=AT,
        effective_on=day,
    )
    return world.decided.reference


def in_a_round(world: World) -> str:
    a_round(world)
    return world.decided.reference


def _offered(world: World) -> tuple[str, dict[str, Any]]:
    a_round(world)
    Entry.objects.update(case=world.waiting, answer_due_on=AT.date().replace(year=2099))
    version = ServiceVersion.objects.get(service_key="housing-repair")
    Case.objects.filter(pk=world.waiting.pk).update(status="waiting", stage="offer", version=version)
    path = f"/api/v1/cases/{world.waiting.reference}/offer"
    return "post", {"path": path, "data": {"accepts": True}, "content_type": "application/json"}


def _keeping(world: World) -> tuple[str, dict[str, Any]]:
    _offered(world)
    Entry.objects.update(answer="accepted", is_waiting=True)
    Round.objects.update(
        status="done",
        worked_out_by="one",
        worked_out_at=AT,
        approved_by="other",
        approved_at=AT,
    )
    return "post", {"path": f"/api/v1/cases/{world.waiting.reference}/offer/keep"}


def _disputing(method: str, name: str, data: dict[str, Any] | None = None, *, api: str = "") -> Visit:
    """Visit a page of a report that a dwelling is held wrongly, as who raised it or as the team that answers."""
    who = (
        "officer"
        if "workbench" in api
        or not (api or name in {"disputes:own", "disputes:wrong", "disputes:wrong-fact"})
        else "resident"
    )

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        now, tests, people_key = clock.now(), Actor.system("tests"), person(world)
        publish_folder("parking-permit", by=tests, at=now)
        Team.objects.update_or_create(key="food-assistance", defaults={"key": "resident-records"})
        facts: dict[str, Json] = {"dwelling_id": "HP-0042"}
        record_facts(
            people_key, facts, source="register", legal_basis="law", by=tests, at=now, observed_at=now
        )
        sheet = start_sheet("parking-permit", by=world.town.resident, at=now).sheet_id
        body: dict[str, Any] = {"question": "dwelling_id", "answer": "HP-0099", "reason": "x", "revision": 0}
        if name == "disputes:wrong-fact":
            return method, {"path": reverse(name, args=["dwelling_id"])}
        if name == "disputes:wrong":
            return method, {"path": reverse(name, args=[sheet, "dwelling_id"])}
        if api == "/drafts/disputes":
            path = f"/api/v1/drafts/{sheet}/disputes"
            return method, {"path": path, "data": body, "content_type": "application/json"}
        found = raise_dispute(
            sheet, "dwelling_id", {"dwelling_id": "HP-0099"}, reason="x", revision=0,
            by=world.town.resident, at=now,
        )  # fmt: skip
        if name in {"disputes:claim", "disputes:release"}:  # too late: the page is shown again
            Dispute.objects.update(status="refused", answered_at=now, dispose_on=now.date())
        if api:
            path = f"/api/v1{api}".replace("REFERENCE", found.reference)
            sent = {"data": data, "content_type": "application/json"} if data is not None else {}
            return method, {"path": path} | sent
        path = reverse(name, kwargs={} if name == "disputes:queue" else {"reference": found.reference})
        return method, {"path": path} | ({"data": data} if data is not None else {})

    return who, visit


def unasked(world: World) -> str:
    """A case whose applicant did not apply."""
    Offer.objects.create(
        case=world.decided,
        sheet_id=world.decided.sheet_id,
        service_key=world.decided.service_key,
        person=world.town.person,
        once="2026",
        source_award=UUID(int=1),
        offered_at=AT,
    )
    return world.decided.reference


def _asked_neighbour(world: World) -> Neighbour:
    """A household that was written to about the case that is decided."""
    made, _ = Consultation.objects.get_or_create(
        case=world.decided, stage="neighbours", letter="neighbours", place="1 Weir Street", about=["A deck"],
        until_on=AT.date(), opened_at=AT,
    )  # fmt: skip
    return Neighbour.objects.create(
        consultation=made, address="2 Weir Street", code="7K3M-2QX9-CD41", code_hash="c" * 64
    )


def consulted(world: World) -> str:
    """The reference of a case of which the neighbours heard."""
    return _asked_neighbour(world).consultation.case.reference


def revocable(world: World) -> str:
    """A case whose service says on which grounds what it granted is taken back."""
    publish_folder("parking-permit", by=Actor.system("tests"), at=AT)
    Case.objects.filter(pk=world.decided.pk).update(version=live_version("parking-permit").pk)
    return world.decided.reference


def suspended(world: World) -> str:
    """What a case granted was to be taken back, and that is suspended."""
    reference = revoked(world)
    Revocation.objects.update(status="suspended", effective_on=AT.date().replace(year=2099))
    return reference


def unposted(world: World) -> str:
    """A case that stands at a stage at which neighbours are heard; its letters wait."""
    publish_folder("small-works", by=Actor.system("tests"), at=AT)
    _asked_neighbour(world)
    Consultation.objects.update(case=world.waiting, until_on=None)
    version = live_version("small-works").pk
    Case.objects.filter(pk=world.waiting.pk).update(version=version, stage="neighbours", revision=1)
    return world.waiting.reference


def _neighbours_letter(world: World) -> tuple[str, dict[str, Any]]:
    one = _asked_neighbour(world)
    publish_folder("small-works", by=Actor.system("tests"), at=AT)
    Case.objects.filter(pk=world.decided.pk).update(version_id=live_version("small-works").pk)
    kwargs = {"reference": world.decided.reference, "neighbour_id": one.pk, "language": "en"}
    return "get", {"path": reverse("consultations:letter", kwargs=kwargs)}


def _sent_to(
    reference: Callable[[World], str], end: str, body: dict[str, Any], *, who: str = "officer"
) -> Visit:
    """Send something about a case through the API."""

    def visit(world: World) -> tuple[str, dict[str, Any]]:
        path = f"/api/v1{'' if who == 'resident' else '/workbench'}/cases/{reference(world)}{end}"
        return "post", {"path": path, "data": body, "content_type": "application/json"}

    return who, visit


def _suggested(method: str, end: str = "", body: dict[str, Any] | None = None, page: str = "") -> Visit:
    def visit(world: World) -> tuple[str, dict[str, Any]]:
        agree(by=world.town.resident, at=clock.now())
        sent = {"data": body, "content_type": "application/json"} if body is not None else {}
        return method, {"path": page or f"/api/v1/suggestions{end}"} | sent

    return "resident", visit


# How a fitting actor calls each route with a purpose; a POST sends what is wrong, so that data are shown again.
VISITS: dict[str, Visit] = {
    "files:download": _get("resident", "files:download", file_id=lambda world: world.file_id),
    "people_details": _get("resident", "people_details"),
    "people_access": _get("resident", "people_access"),
    "mailbox:list": _get("resident", "mailbox:list"),
    "mailbox:message": _get("resident", "mailbox:message", message_id=letter),
    "mailbox:pdf": _get("resident", "mailbox:pdf", message_id=letter),
    "cases:draft": ("supervisor", _sent_for),
    "cases:later": _helping("get", "cases:later", of="sheet_id"),
    "cases:newer": ("supervisor", _behind),
    "cases:draft-file": ("supervisor", _file_of_a_draft),
    "cases:page": _known("cases:page", "household"),
    "cases:item": _known("cases:item", "household", 0),
    "cases:new-item": _known("cases:new-item", "household"),
    "cases:review": _known("cases:review", is_kept=True),
    "cases:begun": ("resident", _begun),
    "cases:held": _get("resident", "cases:held", key=lambda _: "food-assistance"),
    "cases:delete-draft": _known("cases:delete-draft"),
    "GET /drafts": _api("resident", lambda _: "/drafts"),
    "GET /drafts/{draft_id}": _known("", is_kept=True),
    "cases:home": _get("resident", "cases:home"),
    "cases:case": _get("resident", "cases:case", reference=decided),
    "cases:decision": _get("resident", "cases:decision", reference=decided),
    "cases:record": _get("resident", "cases:record", reference=decided),
    "cases:answer": _post("resident", "cases:answer", {"answer": ""}, reference=asked),
    "cases:signature": _get("resident", "cases:signature", signature_id=to_sign),
    "cases:answer-signature": _post(
        "resident", "cases:answer-signature", {"answer": "decline"}, signature_id=signed
    ),
    "cases:invite-again": _post(
        "resident", "cases:invite-again", {"email": "x"}, reference=waiting, signature_id=to_sign
    ),
    "GET /cases/{reference}/signatures": _api(
        "resident", lambda world: f"/cases/{waiting(world)}/signatures"
    ),
    "POST /cases/{reference}/signatures/{signature_id}/invite-again": ("resident", _invited_again),
    "GET /signatures": _api("resident", lambda world: "/signatures" if to_sign(world) else ""),
    "GET /signatures/{signature_id}": _signature("", "get"),
    "POST /signatures/{signature_id}/sign": _signature("/sign"),
    "POST /signatures/{signature_id}/decline": _signature("/decline"),
    "cases:withdraw": _get("resident", "cases:withdraw", reference=waiting),
    "cases:queue": _get("officer", "cases:queue"),
    "cases:work": _get("officer", "cases:work", reference=waiting),
    "cases:claim": _post("officer", "cases:claim", {}, reference=decided),
    "cases:release": _post("officer", "cases:release", {}, reference=decided),
    "cases:assign": _post("supervisor", "cases:assign", {"worker": "x"}, reference=waiting),
    "cases:note": _post("officer", "cases:note", {"note": ""}, reference=waiting),
    "cases:ask": _post("officer", "cases:ask", {"question": "", "revision": "1"}, reference=waiting),
    "cases:complete": _post("officer", "cases:complete", {"revision": "0"}, reference=waiting),
    "cases:confirm": _post("officer", "cases:confirm", {"revision": "0"}, reference=waiting),
    "cases:retry": _post("officer", "cases:retry", {"revision": "0"}, reference=waiting),
    "cases:letter": _post("officer", "cases:letter", {"revision": "0"}, reference=waiting),
    "cases:decide": _post("officer", "cases:decide", {"revision": "0"}, reference=waiting),
    "people_officers": _get("operator", "people_officers"),
    "people_officer": _get("operator", "people_officer", officer_id=an_officer),
    "people_grant": _post("operator", "people_grant", {"role": "x"}, officer_id=an_officer),
    "people_revoke": _post("operator", "people_revoke", {"grant": "x"}, officer_id=an_officer),
    "people_teams": _post("operator", "people_teams", {"teams": "x"}, officer_id=an_officer),
    "GET /workbench/officers": _api("operator", lambda _: "/workbench/officers"),
    "GET /workbench/officers/{officer_id}": _rights("get"),
    "POST /workbench/officers/{officer_id}/grants": _rights("post", "/grants", {"role": "auditor"}),
    "POST /workbench/officers/{officer_id}/grants/{grant_id}/revoke": _rights("post", "/grants/GRANT/revoke"),
    "PUT /workbench/officers/{officer_id}/teams": _rights("put", "/teams", {"teams": []}),
    "consent:own-erasure": _get("resident", "consent:own-erasure"),
    "consent:erasures": _get("supervisor", "consent:erasures"),
    "consent:erasure": _get("supervisor", "consent:erasure", erasure_id=erasure),
    "consent:person": _get("supervisor", "consent:person", person_id=person),
    "consent:request": _post("supervisor", "consent:request", {"reason": ""}, person_id=person),
    "consent:check": _post("supervisor", "consent:check", {}, erasure_id=erasure),
    "consent:confirm": _post("supervisor", "consent:confirm", {}, erasure_id=erasure),
    "consent:refuse": _post("supervisor", "consent:refuse", {"answer": ""}, erasure_id=erasure),
    "consent:holds": _get("supervisor", "consent:holds"),
    "consent:place": _post("supervisor", "consent:place", {"target": "x"}),
    "consent:ask-release": _post("supervisor", "consent:ask-release", {}, hold_id=hold),
    "consent:release": _post("supervisor", "consent:release", {}, hold_id=hold),
    "consent:keep": _post("supervisor", "consent:keep", {}, hold_id=ended_hold),
    "counter:desk": _helping("get", "counter:desk"),
    "counter:join": _helping("post", "counter:join", {"code": "1"}),
    "counter:register": _helping("post", "counter:register", {}),
    "counter:person": _helping("get", "counter:person", of="person_id"),
    "counter:help-given": _helping("get", "counter:help-given", of="assistance_id"),
    "counter:code": _helping("post", "counter:code", {}, of="assistance_id"),
    "paper:printed": ("resident", _printed),
    "paper:desk": _on_paper("get", "paper:desk"),
    "paper:scan": _on_paper("get", "paper:scan"),
    "paper:code": _on_paper("post", "paper:code"),
    "paper:begin": _on_paper("post", "paper:begin"),
    "paper:ask": _on_paper("post", "paper:ask"),
    "paper:picture": _on_paper("get", "paper:picture", page=1),
    "reassessments:show": _get("officer", "reassessments:show", run_id=run),
    "reassessments:propose": _post("officer", "reassessments:propose", {}, run_id=run),
    "reassessments:approve": _post("supervisor", "reassessments:approve", {}, run_id=run),
    "reassessments:cancel": _post("officer", "reassessments:cancel", {}, run_id=run),
    "reassessments:item": _get("officer", "reassessments:item", item_id=item),
    "reassessments:decide": _post("officer", "reassessments:decide", {}, item_id=item),
    "reassessments:leave": _post("officer", "reassessments:leave", {}, item_id=item),
    "rounds:show": _get("officer", "rounds:show", round_id=a_round),
    "rounds:work-out": _post("officer", "rounds:work-out", {}, round_id=a_round),
    "rounds:approve": _post("supervisor", "rounds:approve", {}, round_id=a_round),
    "rounds:close": _post("officer", "rounds:close", {}, round_id=a_round),
    "rounds:own": _get("resident", "rounds:own", reference=in_a_round),
    "rounds:answer": _post("resident", "rounds:answer", {}, reference=in_a_round),
    "POST /cases/{reference}/offer": ("resident", _offered),
    "POST /cases/{reference}/offer/keep": ("resident", _keeping),
    "GET /workbench/rounds/{round_id}/entries": _api(
        "officer", lambda world: f"/workbench/rounds/{a_round(world)}/entries"
    ),
    "GET /workbench/reassessments/{run_id}/awards": _api(
        "officer", lambda world: f"/workbench/reassessments/{run(world)}/awards"
    ),
    "GET /me/erasure": _api("resident", lambda _: "/me/erasure"),
    "POST /me/erasure": ("resident", lambda _: ("post", {"path": "/api/v1/me/erasure"})),
    "DELETE /me/erasure": ("resident", _withdrawn),
    "GET /workbench/erasures": _api("supervisor", lambda _: "/workbench/erasures"),
    "POST /workbench/erasures/{erasure_id}/check": _dealt_with("check", status="requested"),
    "POST /workbench/erasures/{erasure_id}/confirm": _dealt_with(
        "confirm", status="checked", checked_by=UUID(int=1)
    ),
    "POST /workbench/erasures/{erasure_id}/refuse": _dealt_with(
        "refuse", {"answer": "no"}, status="requested"
    ),
    "GET /workbench/holds": _api("supervisor", lambda _: "/workbench/holds"),
    "POST /workbench/holds": ("supervisor", _hold_placed),
    "POST /workbench/holds/{hold_id}/ask-release": _held("ask-release", {"reason": "over"}),
    "POST /workbench/holds/{hold_id}/release": _held("release", release_asked_by="officer:x"),
    "POST /workbench/holds/{hold_id}/keep": _held("keep", release_asked_by="officer:x"),
    "POST /drafts/{draft_id}/submit": ("resident", _sent_again),
    "GET /cases": _api("resident", lambda _: "/cases"),
    "GET /cases/{reference}": _api("resident", lambda world: f"/cases/{decided(world)}"),
    "GET /cases/{reference}/decision": _api("resident", lambda world: f"/cases/{decided(world)}/decision"),
    "GET /cases/{reference}/question": _questioned("get"),
    "POST /cases/{reference}/question/answer": _questioned("post", "/answer", {"text": "No.", "lacks": True}),
    "POST /cases/{reference}/question/pieces/{piece}/files": ("resident", _handed_in),
    "DELETE /cases/{reference}/question/pieces/{piece}/files/{file_id}": _questioned(
        "delete", f"/pieces/0/files/{UUID(int=1)}"
    ),
    "POST /workbench/cases/{reference}/ask": ("officer", _asked_for),
    "GET /messages": _api("resident", lambda _: "/messages"),
    "GET /messages/{message_id}": _api("resident", lambda world: f"/messages/{letter(world)}"),
    "POST /messages/{message_id}/open": (
        "resident",
        lambda world: ("post", {"path": f"/api/v1/messages/{letter(world)}/open"}),
    ),
    "GET /workbench/cases": _api("officer", lambda _: "/workbench/cases"),
    "entitlements:check-known": _suggested("post", page="/entitlements/known"),
    "GET /suggestions": _suggested("get"),
    "PUT /suggestions": _suggested("put", "", {"is_agreed": True}),
    "POST /suggestions/{key}/decline": _suggested("post", "/food-assistance/decline", {}),
    "revocations:own": _get("resident", "revocations:own", reference=revoked),
    "revocations:work": _get("officer", "revocations:work", reference=revoked),
    "revocations:preview": _post("officer", "revocations:preview", {}, reference=revoked),
    "revocations:announce": _post("officer", "revocations:announce", {}, reference=revoked),
    "revocations:suspend": _post("officer", "revocations:suspend", {}, reference=revoked),
    "revocations:resume": _post("officer", "revocations:resume", {}, reference=revoked),
    "revocations:drop": _post("officer", "revocations:drop", {}, reference=revoked),
    "consultations:neighbours": _get("officer", "consultations:neighbours", reference=consulted),
    "consultations:letter": ("officer", _neighbours_letter),
    "consultations:posted": _post("officer", "consultations:posted", {}, reference=consulted),
    "consultations:without": _post("officer", "consultations:without", {}, reference=consulted),
    "GET /cases/{reference}/revocation": _api(
        "resident", lambda world: f"/cases/{revoked(world)}/revocation"
    ),
    "POST /cases/{reference}/revocation/statement": _sent_to(
        revoked, "/revocation/statement", {"text": "No."}, who="resident"
    ),
    "GET /workbench/cases/{reference}/revocation": _api(
        "officer", lambda world: f"/workbench/cases/{revoked(world)}/revocation"
    ),
    "POST /workbench/cases/{reference}/revocation/preview": _sent_to(
        revocable, "/revocation/preview", {"ground": "moved", "reasons": "Why."}
    ),
    "POST /workbench/cases/{reference}/revocation/announce": _sent_to(
        revocable, "/revocation/announce", {"ground": "moved", "reasons": "Why."}
    ),
    "POST /workbench/cases/{reference}/revocation/suspend": _sent_to(
        revoked, "/revocation/suspend", {"remark": "Why.", "revision": 1}
    ),
    "POST /workbench/cases/{reference}/revocation/resume": _sent_to(
        suspended, "/revocation/resume", {"remark": "Why.", "revision": 1}
    ),
    "POST /workbench/cases/{reference}/revocation/drop": _sent_to(
        revoked, "/revocation/drop", {"remark": "Why.", "revision": 1}
    ),
    "GET /workbench/cases/{reference}/neighbours": _api(
        "officer", lambda world: f"/workbench/cases/{consulted(world)}/neighbours"
    ),
    "POST /workbench/cases/{reference}/neighbours/posted": _sent_to(
        unposted, "/neighbours/posted", {"revision": 1}
    ),
    "POST /workbench/cases/{reference}/neighbours/none": _sent_to(
        unposted, "/neighbours/none", {"reasons": "x", "revision": 1}
    ),
    "proactive:decline": _get("resident", "proactive:decline", reference=unasked),
    "POST /cases/{reference}/no-thanks": (
        "resident",
        lambda world: ("post", {"path": f"/api/v1/cases/{unasked(world)}/no-thanks"}),
    ),
    "disputes:wrong": _disputing("get", "disputes:wrong"),
    "disputes:wrong-fact": _disputing("get", "disputes:wrong-fact"),
    "disputes:own": _disputing("get", "disputes:own"),
    "disputes:queue": _disputing("get", "disputes:queue"),
    "disputes:show": _disputing("get", "disputes:show"),
    "disputes:claim": _disputing("post", "disputes:claim", {}),
    "disputes:release": _disputing("post", "disputes:release", {}),
    "disputes:accept": _disputing("post", "disputes:accept", {}),
    "disputes:refuse": _disputing("post", "disputes:refuse", {}),
    "POST /drafts/{draft_id}/disputes": _disputing("post", "", api="/drafts/disputes"),
    "GET /disputes": _disputing("get", "", api="/disputes"),
    "GET /disputes/{reference}": _disputing("get", "", api="/disputes/REFERENCE"),
    "GET /workbench/disputes": _disputing("get", "", api="/workbench/disputes"),
    "POST /workbench/disputes/{reference}/claim": _disputing(
        "post", "", {}, api="/workbench/disputes/REFERENCE/claim"
    ),
    "POST /workbench/disputes/{reference}/accept": _disputing(
        "post",
        "",
        {"value": {"value": "HP-0099"}, "revision": 1},
        api="/workbench/disputes/REFERENCE/accept",
    ),
    "POST /workbench/disputes/{reference}/refuse": _disputing(
        "post",
        "",
        {"reasons": "x", "legal_ground": "y", "revision": 1},
        api="/workbench/disputes/REFERENCE/refuse",
    ),
}


# Where another may come as well, and sees only what is the other's own, or is sent on because there is nothing.
OWN = {
    "guest": {"cases:begun"},
    "other resident": {
        "cases:begun",
        "cases:held",
        "cases:home",
        "consent:own-erasure",
        "disputes:wrong-fact",
        "entitlements:check-known",
        "mailbox:list",
        "people_access",
        "people_details",
        "GET /cases",
        "GET /disputes",
        "GET /drafts",
        "GET /me/erasure",
        "POST /me/erasure",
        "GET /messages",
        "GET /signatures",
        "GET /suggestions",
        "PUT /suggestions",
        "POST /suggestions/{key}/decline",
        "POST /cases/{reference}/offer",
        "POST /cases/{reference}/offer/keep",
    },
    "officer elsewhere": {
        "cases:begun",
        "cases:queue",
        "counter:desk",
        "counter:join",
        "counter:register",
        "disputes:queue",
        "paper:desk",
        "people_officers",
        "GET /workbench/cases",
        "GET /workbench/disputes",
        "GET /workbench/officers",
    },
}
# Residents belong to no agency: whoever may find, erase or keep their records sees them; the access log names each.
OF_NO_AGENCY = ("consent:", "counter:person", "files:download")
OF_NO_AGENCY_API = ("/workbench/erasures", "/workbench/holds")


def is_of_no_agency(name: str) -> bool:
    return name.startswith(OF_NO_AGENCY) or name.partition(" ")[2].startswith(OF_NO_AGENCY_API)


def call(world: World, name: str) -> Any:
    who, how = VISITS[name]
    method, arguments = how(world)
    return send(world.client(who), method, arguments)


def send(client: Client, method: str, arguments: dict[str, Any]) -> Any:
    response = getattr(client, method)(**arguments)
    response.close()
    return response


def test_every_route_with_a_purpose_is_visited_below() -> None:
    assert sorted(VISITS) == sorted(route.name for route in [*DISCLOSING, *DISCLOSING_OPERATIONS]), (
        "a route that discloses personal data is called by this test: say how in VISITS"
    )


def refusals(world: World, name: str, method: str, arguments: dict[str, Any]) -> list[str]:
    """Who comes through that should not, and of whom the access log then speaks."""
    found = []
    for who in ("guest", "other resident", "officer elsewhere"):
        if who == "officer elsewhere" and is_of_no_agency(name):
            continue
        before = AccessRecord.objects.filter(subject__in=[world.town.person.pk, an_officer(world)]).count()
        client = Client() if who == "guest" else world.client(who)
        answer = send(client, method, arguments)
        is_sent_away = answer.status_code == 302 and answer["Location"].startswith("/account/login/")
        if not (answer.status_code in {401, 403, 404} or is_sent_away or name in OWN[who]):
            found.append(f"{who}: {answer.status_code}")
        if (
            AccessRecord.objects.filter(subject__in=[world.town.person.pk, an_officer(world)]).count()
            > before
        ):
            found.append(f"{who}: disclosed")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("route", [*DISCLOSING, *DISCLOSING_OPERATIONS], ids=lambda route: route.name)
def test_what_a_route_discloses_goes_to_nobody_else_and_stands_in_the_access_log(
    world: World, route: Route
) -> None:
    assert route.rule is not None
    subjects = [world.town.person.pk, an_officer(world)]
    who, how = VISITS[route.name]
    method, arguments = how(world)
    assert refusals(world, route.name, method, arguments) == []
    before = AccessRecord.objects.filter(subject__in=subjects, purpose=route.rule.discloses).count()

    response = send(world.client(who), method, arguments)

    assert response.status_code in {200, 201, 409, 422}, (
        response.status_code,
        getattr(response, "url", ""),
    )
    after = AccessRecord.objects.filter(subject__in=subjects, purpose=route.rule.discloses).count()
    assert after > before


@pytest.mark.django_db
@pytest.mark.parametrize("route", [*DISCLOSING, *DISCLOSING_OPERATIONS], ids=lambda route: route.name)
def test_an_answer_whose_disclosure_is_not_recorded_is_withheld(
    world: World, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "note_disclosure", lambda *_: None)

    response = call(world, route.name)

    assert response.status_code == 500
    assert b"access-not-recorded" in response.content or b"Something went wrong" in response.content

"""Others who have to sign: invited, signed in on their own, shown exactly what was sent; they sign, decline, or are late."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from tests.factories.people import AT, make_account, make_officer, make_person, make_team
from tests.kernel.cases.conftest import Town

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions, queries
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import (
    CaseClosed,
    NotYourOwn,
    SignatureAnswered,
    SignatureNotFound,
)
from commonweal.kernel.cases.history import history
from commonweal.kernel.cases.models import Case, Signature
from commonweal.kernel.cases.signing import sealed_hash
from commonweal.kernel.cases.tasks import wake_cases
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.jobs.models import OutboxMessage
from commonweal.kernel.ledger.queries import accesses_to, events_of
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.people.models import Person, Team
from commonweal.kernel.people.queries import actor_of

pytestmark = pytest.mark.django_db

JOINT = {
    "tax_year": "2025",
    "filing_status": "J",
    "birth_date": "1980-06-15",
    "has_ssn": True,
    "can_be_claimed": False,
    "spouse_birth_date": "1982-01-09",
    "spouse_has_ssn": True,
    "spouse_signs": "online",
    "spouse_name": "Sam Example",
    "spouse_email": "sam@example.org",
    "wages": 60000,
    "spouse_wages": 40000,
    "withheld": 7000,
    "has_dependents": False,
    "email": "resident@example.org",
}


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def taxes(town: Town) -> Town:
    publish_folder("file-tax-return", by=Actor.system("tests"), at=AT)
    make_team(key="tax-returns", agency="finance")
    return town


def sent(town: Town, **changes: Any) -> Case:
    return town.send(JOINT | changes, service="file-tax-return")


def actor(person: Person) -> Actor:
    return Actor(ActorKind.RESIDENT, str(person.pk))


@pytest.fixture
def spouse() -> Person:
    """Somebody with an account under another address than the one that was named."""
    return make_person(name="Sam Example", account=make_account(email="other@example.org"))


def token_of() -> str:
    """The secret of the link in the one e-mail that invites."""
    return str(mail()["text"].split("/sign/")[1].split("/")[0])


def mail() -> dict[str, Any]:
    """The one e-mail that invites."""
    found: dict[str, Any] = json.loads(
        OutboxMessage.objects.get(idempotency_key__startswith="cases.signature:").payload or "{}"
    )
    return found


def signature() -> Signature:
    return Signature.objects.get()


def test_a_return_of_one_person_goes_on_at_once(taxes: Town) -> None:
    single = {key: value for key, value in JOINT.items() if not key.startswith("spouse")}

    case = taxes.send(single | {"filing_status": "S"}, service="file-tax-return")

    assert (case.is_closed, Signature.objects.count()) == (True, 0)


def test_a_joint_return_that_is_not_signed_online_is_looked_at_by_an_officer(taxes: Town) -> None:
    changes = dict.fromkeys(("spouse_name", "spouse_email"))

    case = sent(taxes, spouse_signs="otherwise", **changes)

    assert (case.stage, case.status, case.decision_id) == ("review", Status.UNASSIGNED, None)


def test_the_case_waits_until_the_other_has_signed_what_was_sent(taxes: Town, spouse: Person) -> None:
    case = sent(taxes)
    assert (case.stage, case.status, case.wake_on) == ("sign", Status.WAITING, date(2026, 10, 15))
    written = mail()
    assert written["to"] == ["sam@example.org"]
    for secret in ("Sam", "tax", taxes.person.name, case.reference):
        assert secret not in f"{written['subject']} {written['text']}"

    taken = actions.take_invitation(token_of(), by=actor(spouse), at=AT)
    assert actions.take_invitation(token_of(), by=actor(spouse), at=AT) == taken
    later = AT + timedelta(days=7)
    signed = actions.sign(taken.pk, by=actor(spouse), at=later)

    assert (signed.is_closed, signed.outcome) == (True, Case.objects.get().outcome)
    assert signed.decision_id is not None
    assert signed.due_on == case.due_on + timedelta(days=7)
    assert actions.sign(taken.pk, by=actor(spouse), at=later).pk == signed.pk
    (event,) = [each for each in events_of(case.stream) if each.type == "cases.signature_signed"]
    assert (event.subject, event.payload) == (
        spouse.pk,
        {"signature": str(taken.pk), "sealed_hash": sealed_hash(case)},
    )
    told = [(line.what, line.who) for line in history(case.stream, actor=taxes.resident)]
    assert ("Signed", "the person who was asked") in told
    assert ("We asked somebody to sign", "automatically") in told


def test_somebody_we_know_by_a_proven_address_is_told_in_their_mailbox(taxes: Town) -> None:
    known = make_person(account=make_account(email="sam@example.org"))

    case = sent(taxes, spouse_email="Sam@Example.org")

    assert signature().person_id == known.pk
    (message,) = Message.objects.filter(recipient=known)
    assert message.subject == "Somebody asks you to sign an application"
    assert messages_about(case.stream) == []
    assert not OutboxMessage.objects.filter(idempotency_key__startswith="cases.signature:").exists()
    with pytest.raises(SignatureNotFound):
        queries.signature_for(signature().pk, actor=taxes.resident)


def test_the_applicants_own_address_does_not_let_them_sign_beside_themselves(taxes: Town) -> None:
    account = taxes.person.account
    assert account is not None
    sent(taxes, spouse_email=account.email)
    assert signature().person_id is None

    with pytest.raises(NotYourOwn):
        actions.take_invitation(token_of(), by=taxes.resident, at=AT)


def test_an_invitation_is_for_one_account_and_for_nobody_who_acts_for_others(
    taxes: Town, spouse: Person
) -> None:
    sent(taxes)
    stranger = actor(make_person())
    for nobody in (Actor.guest(), taxes.officer, replace(stranger, on_behalf_of=str(spouse.pk))):
        with pytest.raises(Forbidden):
            actions.take_invitation(token_of(), by=nobody, at=AT)
    taken = actions.take_invitation(token_of(), by=actor(spouse), at=AT)

    for token in (token_of(), "", "nothing"):
        with pytest.raises(SignatureNotFound):
            actions.take_invitation(token, by=stranger, at=AT)
    for act in (actions.sign, actions.decline):
        with pytest.raises(SignatureNotFound):
            act(taken.pk, by=stranger, at=AT)
        with pytest.raises(SignatureNotFound):
            act(taken.pk, by=replace(actor(spouse), on_behalf_of=str(spouse.pk)), at=AT)


def test_whoever_declines_ends_the_application_and_the_applicant_is_told(taxes: Town, spouse: Person) -> None:
    case = sent(taxes)
    taken = actions.take_invitation(token_of(), by=actor(spouse), at=AT)

    ended = actions.decline(taken.pk, by=actor(spouse), at=AT)
    actions.decline(taken.pk, by=actor(spouse), at=AT)

    assert (ended.status, ended.outcome, ended.decision_id) == (Status.CLOSED, "DECLINED", None)
    assert ended.dispose_on == date(2029, 9, 15)
    assert [message.subject for message in messages_about(case.stream)] == ["Your application was not signed"]
    with pytest.raises(SignatureAnswered):
        actions.sign(taken.pk, by=actor(spouse), at=AT)


def test_what_is_not_signed_in_time_lapses(
    taxes: Town, spouse: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sent(taxes)
    taken = actions.take_invitation(token_of(), by=actor(spouse), at=AT)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=30))

    assert wake_cases({}, wake_cases({}, None)) is None

    lapsed = Case.objects.get()
    assert (lapsed.status, lapsed.outcome) == (Status.CLOSED, "UNSIGNED")
    assert "cases.signing_lapsed" in [event.type for event in events_of(case.stream)]
    with pytest.raises(CaseClosed):
        actions.sign(taken.pk, by=actor(spouse), at=AT)


def test_an_answer_is_given_once(taxes: Town, spouse: Person) -> None:
    sent(taxes)
    taken = actions.take_invitation(token_of(), by=actor(spouse), at=AT)
    Signature.objects.update(answer="signed", answered_at=AT)

    with pytest.raises(SignatureAnswered):
        actions.decline(taken.pk, by=actor(spouse), at=AT)


def test_the_invitation_goes_with_its_case(taxes: Town) -> None:
    known = make_person(account=make_account(email="sam@example.org"))
    case = sent(taxes)
    ended = actions.decline(signature().pk, by=actor(known), at=AT)
    assert ended.dispose_on is not None

    actions.dispose(case.pk, on=ended.dispose_on, by=Actor.system("tests"), at=AT)

    assert (Signature.objects.count(), [each.subject for each in Message.objects.all()]) == (0, [])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_pages_of_whoever_signs(taxes: Town, spouse: Person) -> None:
    case = sent(taxes)
    client = Client()
    link = f"/sign/{token_of()}/"
    outside = text_of(client.get(link))
    assert f"/account/login/?next={link}" in outside
    for secret in (case.reference, taxes.person.name, "tax"):
        assert secret not in outside
    assert client.get("/sign/nothing/").status_code == 404
    assert client.post(link).status_code == 403
    assert spouse.account is not None
    client.force_login(spouse.account)
    assert "Only your account" not in text_of(client.get(link))

    there = client.post(link)["Location"]
    shown = text_of(client.get(there))
    assert f"What {taxes.person.name} has sent" in shown
    assert "60,000.00" in shown
    assert "I have read this return." in shown
    assert "show what is to be signed" in [each.purpose for each in accesses_to(taxes.person.pk)]
    assert there in text_of(client.get("/me/"))
    assert client.get(f"/cases/{case.reference}/").status_code == 404

    client.post(f"{there}answer", {"answer": "sign"})

    assert "You have signed" in text_of(client.get(there))
    assert there not in text_of(client.get("/me/"))
    declined = client.post(f"{there}answer", {"answer": "decline"})
    assert (declined.status_code, "You have answered this already" in text_of(declined)) == (409, True)


def test_the_applicant_and_the_officer_see_who_has_to_sign(
    taxes: Town, spouse: Person, client: Client
) -> None:
    case = sent(taxes)
    assert taxes.person.account is not None
    client.force_login(taxes.person.account)
    waiting = text_of(client.get(f"/cases/{case.reference}/"))
    assert "waiting for signatures" in waiting
    assert "They have time until October 15, 2026." in waiting
    assert "Sam Example" in waiting
    own = client.post(f"/sign/{token_of()}/")
    assert (own.status_code, "it is your own application" in text_of(own)) == (409, True)
    officer = make_officer(
        roles=("caseworker",), teams=(Team.objects.get(key="tax-returns"),), agency="finance"
    )
    assert officer.account is not None
    client.force_login(officer.account)
    assert "not signed yet" in text_of(client.get(f"/workbench/cases/{case.reference}/"))


def test_signing_by_the_api(taxes: Town, spouse: Person, client: Client) -> None:
    sent(taxes)
    actions.take_invitation(token_of(), by=actor(spouse), at=AT)
    assert spouse.account is not None
    client.force_login(spouse.account)

    (asked,) = client.get("/api/v1/signatures").json()
    assert (asked["service"], asked["is_open"], asked["answers"]["wages"]) == (
        "file-tax-return",
        True,
        "60000.00",
    )
    address = f"/api/v1/signatures/{asked['id']}"
    assert client.get(address).json() == asked
    signed = client.post(f"{address}/sign").json()

    assert (signed["answer"], signed["is_open"]) == ("signed", False)
    assert client.get("/api/v1/signatures").json() == []
    assert client.post(f"{address}/decline").status_code == 409


def test_signers_that_cannot_be_told_bring_an_officer(taxes: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commonweal.kernel.cases.signing.MOST_SIGNERS", 0)

    case = sent(taxes)

    assert (case.status, case.status_reason) == (
        Status.UNASSIGNED,
        "Who has to sign at the stage 'Your spouse signs' cannot be told.",
    )


def _shown(person: Person, address: str) -> str:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    answer = client.get(address)
    return text_of(answer) if answer.status_code == 200 else str(answer.status_code)


def _reads(person: Person, found: Signature) -> bool:
    """Whether somebody reads the application anywhere: by page, by program or by its files."""
    secrets = {
        "page": "60,000.00" in _shown(person, f"/signatures/{found.pk}/"),
        "api": "60000.00" in _shown(person, f"/api/v1/signatures/{found.pk}"),
        "files": queries.signs(actor(person), Case.objects.get()),
    }
    assert len(set(secrets.values())) == 1, secrets
    return secrets["page"]


def test_only_who_can_sign_or_has_signed_reads_what_was_sent(taxes: Town, spouse: Person) -> None:
    case = sent(taxes)
    taken = actions.take_invitation(token_of(), by=actor(spouse), at=AT)
    assert _reads(spouse, taken)
    ways: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "declined": ({"answer": "declined", "answered_at": AT}, {"status": "closed", "closed_at": AT}),
        "lapsed": ({"answer": "", "answered_at": None}, {"status": "closed", "closed_at": AT}),
    }
    for answered, closed in ways.values():
        Signature.objects.update(**answered)
        Case.objects.filter(pk=case.pk).update(**closed)
        assert not _reads(spouse, taken)
        assert taxes.person.name not in _shown(spouse, f"/signatures/{taken.pk}/")
    Signature.objects.update(answer="signed", answered_at=AT)
    assert _reads(spouse, taken)


def test_the_applicant_sends_an_invitation_again_to_a_corrected_address(
    taxes: Town, spouse: Person, client: Client
) -> None:
    case = sent(taxes, spouse_email="wrong@example.org")
    wrong, old = spouse, token_of()
    taken = actions.take_invitation(old, by=actor(wrong), at=AT)
    assert taxes.person.account is not None
    client.force_login(taxes.person.account)
    page, again = f"/cases/{case.reference}/", f"/cases/{case.reference}/signatures/{taken.pk}/again"
    assert 'value="wrong@example.org"' in text_of(client.get(page))

    refused = client.post(again, {"email": "sam at home"})
    done = client.post(again, {"email": " sam@example.org "})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert "Enter an e-mail address" in text_of(refused)
    assert 'value="sam at home"' in text_of(refused)
    assert not _reads(wrong, taken)
    assert _shown(wrong, f"/signatures/{taken.pk}/") == "404"
    with pytest.raises(SignatureNotFound):
        actions.take_invitation(old, by=actor(wrong), at=AT)
    with pytest.raises(SignatureNotFound):
        actions.sign(taken.pk, by=actor(wrong), at=AT)
    second = json.loads(OutboxMessage.objects.order_by("pk").last().payload or "{}")  # type: ignore[union-attr]
    assert second["to"] == ["sam@example.org"]
    token = second["text"].split("/sign/")[1].split("/")[0]
    right = make_person(name="Sam Example", account=make_account(email="third@example.org"))
    assert actions.sign(
        actions.take_invitation(token, by=actor(right), at=AT).pk, by=actor(right), at=AT
    ).is_closed
    (event,) = [each for each in events_of(case.stream) if each.type == "cases.signature_asked_again"]
    assert event.payload == {"signature": str(taken.pk), "is_corrected": True}
    assert "The invitation to sign was sent again" in text_of(client.get(f"{page}record/"))
    assert client.post(again, {"email": "x@example.org"}).status_code == 409


def test_an_invitation_goes_again_by_the_api_five_times_at_most(
    taxes: Town, spouse: Person, client: Client
) -> None:
    case = sent(taxes)
    assert taxes.person.account is not None
    client.force_login(taxes.person.account)
    there = f"/api/v1/cases/{case.reference}/signatures"
    (asked,) = client.get(there).json()
    assert (asked["name"], asked["email"], asked["answer"]) == ("Sam Example", "sam@example.org", "")
    again = f"{there}/{asked['id']}/invite-again"

    def invite(email: str = "sam@example.org", by: Client = client) -> int:
        return by.post(again, json.dumps({"email": email}), content_type="application/json").status_code

    stranger = Client()
    assert spouse.account is not None
    stranger.force_login(spouse.account)
    assert [invite(by=stranger), invite("nobody")] == [404, 422]
    assert [invite() for _ in range(5)] == [200, 200, 200, 200, 409]
    assert OutboxMessage.objects.filter(idempotency_key__startswith="cases.signature:").count() == 5
    known = make_person(account=make_account(email="known@example.org"))
    Signature.objects.update(times_asked=1)
    assert invite("known@example.org") == 200
    assert signature().person_id == known.pk
    assert Message.objects.filter(recipient=known).count() == 1
    with pytest.raises(SignatureNotFound):
        actions.invite_again(signature().pk, email="a@example.org", by=actor(known), at=AT)


def _two(monkeypatch: pytest.MonkeyPatch, *emails: str) -> None:
    """Let the declaration ask two people, as one of several signers would."""
    asked = [(email, email) for email in emails]
    monkeypatch.setattr("commonweal.kernel.cases.signing._signers", lambda *_: asked)


def test_two_signers_with_one_address_are_told_before_it_is_sent(
    taxes: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(account=make_account(email="sam@example.org"))
    _two(monkeypatch, "sam@example.org", "Sam@Example.org")
    started = start_sheet("file-tax-return", by=taxes.resident, at=AT)
    saved = answer_all(started.sheet_id, JOINT, revision=0, by=taxes.resident, at=AT)
    assert taxes.person.account is not None
    client.force_login(taxes.person.account)

    refused = client.post(f"/drafts/{started.sheet_id}/check/", {"revision": str(saved.revision)})

    assert refused.status_code == 409
    assert "Two of those who have to sign have the same e-mail address." in text_of(refused)
    assert (Case.objects.count(), Signature.objects.count()) == (0, 0)


def test_two_addresses_of_one_account_need_two_accounts(taxes: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    known = make_person(account=make_account(email="sam@example.org"))
    assert known.account is not None
    EmailAddress.objects.create(user=known.account, email="two@example.org", verified=True)
    _two(monkeypatch, "sam@example.org", "two@example.org")

    sent(taxes)

    by_message, by_link = Signature.objects.order_by("pk")
    assert (by_message.person_id, by_link.person_id) == (known.pk, None)
    with pytest.raises(NotYourOwn):
        actions.take_invitation(token_of(), by=actor(known), at=AT)


def test_two_signers_with_one_address_later_on_bring_an_officer(
    taxes: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commonweal.kernel.cases.signing.MOST_SIGNERS", 0)
    case = sent(taxes)
    _two(monkeypatch, "sam@example.org", "sam@example.org")
    worker = make_officer(
        roles=("caseworker",), teams=(Team.objects.get(key="tax-returns"),), agency="finance"
    )

    again = actions.retry_stage(case.pk, revision=case.revision, by=actor_of(worker.account), at=AT)

    assert (again.stage, again.status) == ("sign", Status.ASSIGNED)
    assert again.status_reason == "Two of those who have to sign have the same e-mail address."

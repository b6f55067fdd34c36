from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from tests.factories.people import AT, make_account, make_officer, make_person, make_team
from tests.kernel.cases.conftest import Town, food_answers, town  # noqa: F401 - the fixture

from commonweal.kernel.awards.actions import expire
from commonweal.kernel.awards.models import Award, Change
from commonweal.kernel.base.models import IdempotentAnswer
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import actions as cases
from commonweal.kernel.cases.models import Case, Place, Signature
from commonweal.kernel.consent import actions
from commonweal.kernel.consent.models import Hold
from commonweal.kernel.consultations.models import Consultation, Neighbour
from commonweal.kernel.counter.models import Assistance
from commonweal.kernel.disputes.models import Dispute
from commonweal.kernel.entitlements.models import Agreement
from commonweal.kernel.files.actions import store_file
from commonweal.kernel.files.models import Upload
from commonweal.kernel.forms.actions import answer_all, keep_unsent, start_sheet
from commonweal.kernel.jobs import tasks
from commonweal.kernel.jobs.actions import queue_mail
from commonweal.kernel.jobs.messages import StoredMail
from commonweal.kernel.jobs.models import OutboxMessage
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.mailbox.actions import attach
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.paper.models import Copy, Scan
from commonweal.kernel.people import actions as people
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.proactive.models import Offer
from commonweal.kernel.reassessments.models import Item, Reassessment
from commonweal.kernel.registers.models import RegisterEntry, SearchValue
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.rounds.models import Entry, Round

SYSTEM = Actor.system("tests")
LATER = timedelta(days=365 * 5)


@dataclass
class Life:
    """A person about whom every app of the kernel holds something.

    Attributes:
        words: What is known of the person and of nobody else: no table may hold one of these after an erasure.
    """

    town: Town
    first: Actor
    second: Actor
    cases: list[Case]
    words: list[str] = field(default_factory=list)

    @property
    def person(self) -> UUID:
        return self.town.person.pk


@pytest.fixture
def marked() -> Callable[[str], str]:
    """Make words that stand nowhere else."""
    numbers = count(1)
    return lambda kind: f"xq7{kind}{next(numbers)}zk"


@pytest.fixture
def life(town: Town, settings: Any, tmp_path: Path) -> Life:  # noqa: F811 - the fixture is meant
    """Let a person go through everything that leaves a row."""
    settings.MEDIA_ROOT = tmp_path
    numbers, words = count(1), []

    def word(kind: str) -> str:
        words.append(f"xq7{kind}{next(numbers)}zk")
        return words[-1]

    person, resident = town.person, town.resident
    account = person.account
    assert account is not None
    account.email = f"{word('signin')}@example.org"
    account.save()
    account.emailaddress_set.create(email=f"{word('second')}@example.org", verified=True)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": word("totp")})
    session = SessionStore()
    session["said"] = word("session")
    session.save()
    UserSession.objects.create(
        user=account, session_key=session.session_key, ip="198.51.100.7", user_agent=word("agent")
    )
    people.change_person(
        person.pk,
        name=word("name"),
        email=f"{word('contact')}@example.org",
        language="en",
        by=resident,
        at=AT,
    )
    people.add_identifier(person.pk, scheme="test", issuer="test", value=word("number"), by=SYSTEM, at=AT)
    people.record_facts(
        person.pk,
        {"address": {"street": word("street"), "city": "Port Alder"}},
        source="tests",
        legal_basis="tests",
        observed_at=AT,
        by=SYSTEM,
        at=AT,
    )
    other = make_person(name=word("alias"))
    people.merge_persons(person.pk, other.pk, reason=f"also called {word('merge')}", by=SYSTEM, at=AT)
    people.make_token(
        account.pk, name=word("token"), scope="read", expires_at=AT + timedelta(9), by=resident, at=AT
    )

    eligible = food_answers(members=[{"name": word("member"), "age": 35, "earned": 1100}])
    granted = town.send(eligible)
    asked = town.send(food_answers(circumstances=["strike"], email=f"{word('form')}@example.org"))
    cases.claim_case(asked.pk, by=town.officer, at=AT)
    cases.add_note(asked.pk, f"spoke of {word('note')}", by=town.officer, at=AT)
    cases.ask_applicant(asked.pk, f"what of {word('question')}?", by=town.officer, at=AT)
    cases.answer_inquiry(asked.pk, f"this: {word('answer')}", by=resident, at=AT)
    asked.refresh_from_db()
    cases.decide_by_hand(
        asked.pk,
        outcome=_denial(asked),
        reasons=f"because of {word('reasons')}",
        legal_ground="7 CFR 273.1(e)",
        revision=asked.revision,
        by=town.officer,
        at=AT,
    )
    draft = start_sheet("food-assistance", by=resident, at=AT)
    answer_all(
        draft.sheet_id,
        food_answers(email=f"{word('draft')}@example.org"),
        revision=0,
        by=resident,
        at=AT,
    )
    keep_unsent(
        draft.sheet_id,
        place=f"/drafts/{draft.sheet_id}/pages/contact/",
        typed={"email": [f"{word('unsent')}@example.org"]},
        by=Actor.guest(),
        at=AT,
    )
    letter = Message.objects.filter(thread__stream=asked.stream).order_by("pk").first()
    assert letter is not None
    attach(letter.pk, b"%PDF-1.7 letter\n%%EOF", name="letter.pdf", by=SYSTEM, at=AT)
    store_file(
        f"%PDF-1.7 {word('bytes')}\n%%EOF".encode(),
        name=f"{word('file')}.pdf",
        stream=f"person:{person.pk}",
        subject=person.pk,
        purpose="tests",
        retention_on=None,
        by=resident,
        at=AT,
    )
    entry = RegisterEntry.objects.create(
        register="vehicles",
        key=word("plate"),
        values={"make": word("make")},
        source="tests",
        observed_at=AT,
        updated_at=AT,
        subject=person,
    )
    SearchValue.objects.create(entry=entry, register="vehicles", field="make", value=word("found"))
    IdempotentAnswer.objects.create(
        actor=f"resident:{person.pk}", key="k", request_hash="h", body=word("body"), created_at=AT
    )
    queue_mail(
        to=[f"{word('to')}@example.org"],
        subject_line="Sent",
        text="Sent",
        idempotency_key="tests",
        at=AT,
        subject=person.pk,
    )
    record_access(town.officer, [person.pk], "tests", at=AT)
    Award.objects.update(end_reason=word("award"), holder=word("holder"))
    _reassess(word("reassessed"))
    _take_part(granted, word)
    _be_known_of(granted, word)
    _be_heard(granted, word)
    for case in (granted, asked):
        case.refresh_from_db()
    team = make_team()
    officers = [make_officer(roles=("supervisor",), teams=(team,), account=make_account()) for _ in range(2)]
    first, second = (actor_of(officer.account) for officer in officers)
    hold = actions.place_hold(reason=f"court file {word('hold')}", person_id=person.pk, by=first, at=AT)
    actions.ask_release(hold.pk, reason=f"settled {word('release')}", by=first, at=AT)
    actions.release_hold(hold.pk, by=second, at=AT)
    return Life(town, first, second, [granted, asked], words)


def _take_part(case: Case, word: Callable[[str], str]) -> None:
    """Let a case take part in a round, be signed by somebody else, and be filled in with an officer's help."""
    one = Round.objects.create(
        service_key=case.service_key,
        agency=case.agency,
        name="Autumn",
        closes_on=AT.date(),
        settings={},
        opened_by="tests",
        opened_at=AT,
    )
    Entry.objects.create(round=one, case=case, facts=word("facts"), result="funded", detail=word("detail"))
    Signature.objects.create(
        case=case, name=word("signer"), email=f"{word('signer')}@example.org", asked_at=AT
    )
    Assistance.objects.create(
        person=case.applicant,
        agency=case.agency,
        service_key=case.service_key,
        channel="counter",
        way="in-person",
        code_hash=word("code"),
        asked_at=AT,
        ends_at=AT,
    )
    printed = Copy.objects.create(
        code=word("copy"),
        sheet_id=case.sheet_id,
        person=case.applicant,
        agency=case.agency,
        service_key=case.service_key,
        version_id=case.version_id,
        language="en",
        made_at=AT,
    )
    Scan.objects.create(
        agency=case.agency,
        file_id=printed.pk,
        code=word("scan"),
        received_on=AT.date(),
        taken_in_by=make_officer(roles=("counter",), account=make_account()),
        taken_in_at=AT,
        person=case.applicant,
        sheet_id=case.sheet_id,
        sent_at=AT,
    )
    Upload.objects.create(
        key="0" * 64,
        stream=f"sheet:{case.sheet_id}",
        slot="proof",
        subject=case.applicant_id,
        name=f"{word('upload')}.pdf",
        size_bytes=10,
        begun_at=AT,
        expires_at=AT + LATER + LATER,
    )


def _be_heard(case: Case, word: Callable[[str], str]) -> None:
    """Let neighbours say something to a case, and what it granted be taken back with a hearing."""
    heard = Consultation.objects.create(
        case=case,
        stage="neighbours",
        letter="neighbours",
        place=word("place"),
        about=[word("about")],
        until_on=AT.date(),
        opened_at=AT,
    )
    Neighbour.objects.create(
        consultation=heard,
        address=word("neighbour"),
        code=word("code"),
        code_hash="h",
        comment=word("comment"),
        commented_at=AT,
    )
    Revocation.objects.create(
        case=case,
        award_id=case.pk,
        ground="misuse",
        reasons=word("ground"),
        statement=word("view"),
        remark=word("remark"),
        announced_at=AT,
        effective_on=AT.date(),
    )


def _be_known_of(case: Case, word: Callable[[str], str]) -> None:
    """Let a case wait on a list and have been opened unasked; let the person agree to suggestions and report a mistake."""
    Place.objects.create(case=case, stage="turn", pool="tests", rank=1, complete_at=AT)
    Agreement.objects.create(person=case.applicant, agreed_at=AT, declined=[word("declined")])
    Offer.objects.create(
        case=case,
        sheet_id=case.sheet_id,
        service_key=case.service_key,
        person=case.applicant,
        once="2026",
        source_award=case.pk,
        offered_at=AT,
    )
    told = {
        name: word(f"wrong{name.removesuffix('s')}")
        for name in ("record", "held", "claimed", "reason", "corrected", "reasons")
    }
    Dispute.objects.create(
        agency=case.agency,
        team=make_team(),
        subject=case.applicant,
        record_hash="h",
        label="Address",
        service_key=case.service_key,
        version_id=case.version_id,
        sheet_id=case.sheet_id,
        claimed_answer=word("wrongclaim"),
        observed_at=AT,
        raised_at=AT,
        due_on=AT.date(),
        status="refused",
        answered_at=AT,
        dispose_on=AT.date() + timedelta(30),
        **told,
    )


def released(hold: Hold, *, by: tuple[Actor, Actor], at: datetime) -> None:
    """End a hold, as two officers do."""
    actions.ask_release(hold.pk, reason="settled", by=by[0], at=at)
    actions.release_hold(hold.pk, by=by[1], at=at)


@pytest.fixture
def delivered(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[StoredMail]]:
    """Let the outbox be emptied into a list."""

    def empty() -> list[StoredMail]:
        sent: list[StoredMail] = []
        monkeypatch.setattr(tasks, "_transmit", sent.append)
        for message in OutboxMessage.objects.filter(payload__isnull=False).order_by("pk"):
            commit = tasks.send_mail({"message": str(message.pk)})
            assert commit is not None
            commit()
        return sent

    return empty


def _reassess(reason: str) -> None:
    """Let a change of the law have been worked out for every award."""
    for award in Award.objects.all():
        Change.objects.create(
            award=award, decision_id=award.decision_id, from_on=AT.date(), changed_at=AT, currency="USD"
        )
        run = Reassessment.objects.create(
            agency=award.agency,
            programme="snap",
            reference_on=AT.date(),
            known_on=AT.date(),
            model_hash="h",
            parameters_hash="h",
            currency="USD",
            started_by="tests",
            started_at=AT,
        )
        Item.objects.create(
            run=run,
            award=award,
            service_key=award.service_key,
            kind="same",
            decision_before=award.decision_id,
            currency="USD",
            reason=reason,
        )


def _denial(case: Case) -> str:
    from commonweal.kernel.catalogue.queries import compiled
    from commonweal.kernel.decisions.queries import outcomes_of

    outcomes = outcomes_of(compiled(case.version_id))
    return next(key for key, outcome in outcomes.items() if not outcome.grants and not outcome.officer)


@pytest.fixture
def over(life: Life) -> Life:
    """The same person five years later: no law keeps the cases any more, and the award ended long ago."""
    at = AT + timedelta(days=400)
    expire(at.date(), by=SYSTEM, at=at)
    return life

"""What those do who have to sign beside the applicant."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.deciding import begin
from commonweal.kernel.cases.enums import SignatureAnswer, Status
from commonweal.kernel.cases.errors import (
    InvitedTooOften,
    NotYourOwn,
    SignatureAnswered,
    SignatureNotFound,
    SignersAlike,
)
from commonweal.kernel.cases.flow import advance, lock, save
from commonweal.kernel.cases.models import Case, Signature
from commonweal.kernel.cases.rules import allows
from commonweal.kernel.cases.signing import DECLINED, end, sealed_hash, send_invitation
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.forms.rules import token_hash
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.people import queries as people
from commonweal.kernel.places import queries as places

MOST_TIMES = 5
"""How often an invitation may go out: each is an e-mail to an address that an applicant typed."""


@action
def take_invitation(token: str, *, by: Actor, at: datetime) -> Signature:
    """Take an invitation to sign into one's own account; its link stops working for everybody else.

    Taking it again changes nothing.

    Args:
        token: Of the link.
        by: A resident who acts for nobody but themselves.
        at: When.

    Raises:
        Forbidden: Nobody has signed in as a resident.
        SignatureNotFound: The link leads nowhere, or another account has taken it.
        CaseClosed: The application has ended.
        NotYourOwn: It is the resident's own application, or they sign it already.
    """
    if not is_resident(by) or by.on_behalf_of:
        raise Forbidden
    found = Signature.objects.filter(token_hash=token_hash(token)).exclude(token_hash="").order_by().first()
    if found is None:
        raise SignatureNotFound
    case = lock(found.case_id)
    signature = Signature.objects.select_for_update().get(pk=found.pk)
    if signature.person_id is not None:
        if signature.person_id in by.person_ids:
            return signature
        raise SignatureNotFound
    others = Signature.objects.filter(case=case).exclude(person=None).values_list("person_id", flat=True)
    taken = people.all_record_ids([case.applicant_id, *others])
    if taken.intersection(by.person_ids):
        raise NotYourOwn
    signature.person_id = by.person_ids[0]
    signature.save(update_fields=["person"])
    record(
        "cases.invitation_taken",
        stream=case.stream,
        subject=signature.person_id,
        by=by,
        at=at,
        signature=signature.pk,
    )
    return signature


@action
def invite_again(signature_id: UUID, *, email: str, by: Actor, at: datetime) -> Signature:
    """Send an invitation to sign once more, to the same address or to a corrected one.

    The invitation before stops working, its link and the account that took it: whoever had it reads nothing more. The
    last day for signing stays.

    Args:
        signature_id: Not answered yet; the case's row is locked until the transaction ends.
        email: Where it goes.
        by: The applicant.
        at: When.

    Raises:
        SignatureNotFound: There is none, or the application is somebody else's.
        CaseClosed: The application has ended.
        SignatureAnswered: They have signed.
        Invalid: The address cannot be right, or is that of another who signs.
        InvitedTooOften: It went out as often as it may.
    """
    found = Signature.objects.filter(pk=signature_id).select_related("case").order_by().first()
    if found is None or not is_resident(by) or not allows(by, found.case):
        raise SignatureNotFound
    case = lock(found.case_id)
    signature = Signature.objects.select_for_update().get(pk=signature_id)
    if signature.answer:
        raise SignatureAnswered
    if signature.times_asked >= MOST_TIMES:
        raise InvitedTooOften
    address = _address(email, signature)
    is_corrected = address != signature.email
    signature.case, signature.email, signature.asked_at = case, address, at
    signature.times_asked += 1
    send_invitation(signature, begin(case, catalogue.compiled(case.version_id), by=by, at=at))
    record(
        "cases.signature_asked_again",
        stream=case.stream,
        subject=case.applicant_id,
        by=by,
        at=at,
        signature=signature.pk,
        is_corrected=is_corrected,
    )
    return signature


def _address(text: str, signature: Signature) -> str:
    email = text.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid({"email": _("Enter an e-mail address, such as name@example.org.")}) from None
    others = Signature.objects.filter(case=signature.case_id).exclude(pk=signature.pk).order_by("id")
    if email.casefold() in {each.email.casefold() for each in others}:
        raise Invalid({"email": str(SignersAlike.message)})
    return email


@action
def sign(signature_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Sign an application beside its applicant; once all have signed, it goes on. Signing again changes nothing.

    The days since it was sent do not count towards the limit for the decision.

    Args:
        signature_id: The case's row is locked until the transaction ends.
        by: Whom the invitation is for; nobody can sign for somebody else.
        at: When.

    Raises:
        SignatureNotFound: There is none, or it is for somebody else.
        SignatureAnswered: They declined before.
        CaseClosed: The application has ended.
    """
    case, signature = _locked(signature_id, SignatureAnswer.SIGNED, by=by)
    if signature.answer:
        return case
    _answer(signature, case, SignatureAnswer.SIGNED, by=by, at=at)
    is_missing = Signature.objects.filter(case=case).exclude(answer=SignatureAnswer.SIGNED).exists()
    if case.status == Status.WAITING and not is_missing:
        case.status, case.wake_on = Status.RUNNING, None
        if case.due_on != date.max:
            stood = places.working_days_between(clock.local(case.opened_at).date(), clock.local(at).date())
            case.due_on = places.add_working_days(case.due_on, stood)
        advance(case, by=by, at=at, start_after=case.stage)
    return case


@action
def decline(signature_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Decline to sign an application; it ends, and its applicant is told. Declining again changes nothing.

    Raises:
        SignatureNotFound: There is none, or it is for somebody else.
        SignatureAnswered: They signed before.
        CaseClosed: The application has ended otherwise.
    """
    case, signature = _locked(signature_id, SignatureAnswer.DECLINED, by=by)
    if signature.answer:
        return case
    _answer(signature, case, SignatureAnswer.DECLINED, by=by, at=at)
    end(begin(case, catalogue.compiled(case.version_id), by=by, at=at), DECLINED)
    save(case)
    return case


def _locked(signature_id: UUID, answer: SignatureAnswer, *, by: Actor) -> tuple[Case, Signature]:
    """Return a case with an invitation to sign it, both locked; not locked where this is what was answered before."""
    found = Signature.objects.filter(pk=signature_id).select_related("case").order_by().first()
    if found is None or found.person_id not in by.person_ids or by.on_behalf_of or not is_resident(by):
        raise SignatureNotFound
    if not found.answer:
        case = lock(found.case_id)
        found = Signature.objects.select_for_update().get(pk=signature_id)
        found.case = case
    if found.answer not in {"", answer}:
        raise SignatureAnswered
    return found.case, found


def _answer(signature: Signature, case: Case, answer: SignatureAnswer, *, by: Actor, at: datetime) -> None:
    signature.answer, signature.answered_at, signature.sealed_hash = answer, at, sealed_hash(case)
    signature.save(update_fields=["answer", "answered_at", "sealed_hash"])
    record(
        f"cases.signature_{answer}",
        stream=case.stream,
        subject=signature.person_id,
        by=by,
        at=at,
        signature=signature.pk,
        sealed_hash=signature.sealed_hash,
    )

"""Everything that changes a consent to be helped."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.queries import offered_service
from commonweal.kernel.counter import rules
from commonweal.kernel.counter.enums import Document, Way
from commonweal.kernel.counter.errors import (
    AssistanceNotFound,
    ChannelNotOffered,
    CodeWrong,
    NoAddressForCode,
)
from commonweal.kernel.counter.models import Assistance
from commonweal.kernel.forms.actions import receive_on_paper, start_sheet
from commonweal.kernel.forms.queries import open_sheet
from commonweal.kernel.jobs.actions import queue_mail
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.people.actions import record_facts, register_person
from commonweal.kernel.people.queries import person_card

AT_THE_COUNTER, BY_PHONE, ON_PAPER = timedelta(hours=2), timedelta(hours=1), timedelta(hours=8)
LENGTHS = {Channel.COUNTER: AT_THE_COUNTER, Channel.PHONE: BY_PHONE, Channel.POST: ON_PAPER}
"""How long an officer may fill in, by the way in which they were asked to."""

CODE_KEPT_FOR = timedelta(minutes=15)
MOST_WRONG = 5
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Invited:
    """A code that a person may tell an officer.

    Attributes:
        assistance_id: What it leads to.
        code: Shown once.
    """

    assistance_id: UUID
    code: str


@action
def begin_in_person(
    person_id: UUID, service_key: str, *, document: str, by: Actor, at: datetime
) -> Assistance:
    """Begin to fill in for somebody who stands at the counter, has shown a document and agreed.

    Args:
        person_id: Whose record it is.
        service_key: What is applied for.
        document: Kind of identity document that was shown.
        by: The officer.
        at: When.

    Raises:
        Forbidden: The officer may not fill in for others.
        Invalid: No document was named.
        ChannelNotOffered: The service is not offered at the counter.
        ServiceNotFound, ServiceSuspended, SheetNotFound: As for :func:`~commonweal.kernel.forms.actions.start_sheet`.
    """
    if document not in Document.values:
        raise Invalid({"document": _("Choose the document that you have seen.")})
    assistance = _asked(person_id, service_key, Channel.COUNTER, Way.IN_PERSON, by=by, at=at)
    assistance.document = document
    _give(assistance, by=by, at=at)
    return assistance


@action
def begin_on_paper(
    person_id: UUID,
    service_key: str,
    *,
    sheet_id: UUID | None = None,
    received_at: datetime,
    by: Actor,
    at: datetime,
) -> Assistance:
    """Begin to type in a form that somebody has filled in and signed on paper.

    Args:
        person_id: Whose record it is.
        service_key: What is applied for.
        sheet_id: The draft that the form was printed from; without one, a new one begins.
        received_at: When the paper reached us; the form counts from then.
        by: The officer.
        at: When.

    Raises:
        Forbidden: The officer may not fill in for others.
        ChannelNotOffered: The service takes no forms on paper.
        SheetSubmitted, SheetExpired, SheetNotFound: The draft was sent already, is gone, or is another's.
        ServiceNotFound, ServiceSuspended: As for :func:`~commonweal.kernel.forms.actions.start_sheet`.
    """
    info = offered_service(service_key).info
    if not info.takes_paper:
        raise ChannelNotOffered(service=service_key, channel=str(Channel.POST))
    assistance = _for_person(person_id, service_key, info.agency, Channel.POST, Way.ON_PAPER, by=by, at=at)
    if sheet_id is not None:
        acting = replace(by, on_behalf_of=str(person_id))
        receive_on_paper(sheet_id, received_at=received_at, by=acting, at=at)
        assistance.sheet_id = sheet_id
    _give(assistance, by=by, at=at, received_at=received_at)
    return assistance


@action
def ask_by_phone(person_id: UUID, service_key: str, *, by: Actor, at: datetime) -> Assistance:
    """Send somebody on the phone a code; reading it out to the officer is the consent.

    Raises:
        Forbidden: The officer may not fill in for others.
        ChannelNotOffered: The service is not offered by phone.
        NoAddressForCode: No e-mail address of the person is known.
    """
    card = person_card(person_id)
    if not card.email:
        raise NoAddressForCode({"way": str(NoAddressForCode.message)})
    assistance = _asked(person_id, service_key, Channel.PHONE, Way.CODE_SENT, by=by, at=at)
    code = _new_code(assistance, at)
    assistance.save()
    record(
        "counter.consent_asked",
        stream=assistance.stream,
        subject=person_id,
        by=by,
        at=at,
        service=service_key,
    )
    with translation.override(card.language):
        queue_mail(
            to=[card.email],
            subject_line=_("Your code"),
            text=_(
                "An officer asks to fill in a form for you while you are on the phone. If you agree, read out this"
                " code: %(code)s\n\nIt is good for 15 minutes. If nobody is on the phone with you, do nothing."
            )
            % {"code": code},
            idempotency_key=f"counter.code:{assistance.pk}",
            at=at,
            subject=person_id,
            agency=assistance.agency,
        )
    return assistance


def confirm_code(assistance_id: UUID, code: str, *, by: Actor, at: datetime) -> Assistance:
    """Enter the code that the person on the phone has read out; the form begins.

    Raises:
        AssistanceNotFound: There is none, or it is another officer's.
        CodeWrong: The code is wrong or too old; it is counted.
    """
    assistance = _confirmed(assistance_id, code, by=by, at=at)
    if assistance is None:
        raise CodeWrong({"code": str(CodeWrong.message)})
    return assistance


@action
def _confirmed(assistance_id: UUID, code: str, *, by: Actor, at: datetime) -> Assistance | None:
    """Give the consent where the code is right; a wrong one is counted, so nothing is raised here."""
    assistance = _locked(assistance_id)
    if not rules.may_help(by) or not rules.allows(by, assistance):
        raise AssistanceNotFound
    if assistance.given_at is not None:
        return assistance
    if not _is_right(assistance, code, at):
        assistance.wrong_codes += 1
        assistance.save(update_fields=["wrong_codes"])
        record("counter.code_wrong", stream=assistance.stream, subject=assistance.person_id, by=by, at=at)
        return None
    _give(assistance, by=by, at=at)
    return assistance


@action
def invite(sheet_id: UUID, *, by: Actor, at: datetime) -> Invited:
    """Let an officer fill in a form together with its owner; a code made before no longer serves.

    Args:
        sheet_id: The form, of the one who invites.
        by: The resident.
        at: When.

    Raises:
        Forbidden: Nobody has signed in as a resident.
        SheetNotFound, SheetExpired: As for :func:`~commonweal.kernel.forms.queries.open_sheet`.
        ChannelNotOffered: The service is not offered by phone.
    """
    if by.kind is not ActorKind.RESIDENT:
        raise Forbidden
    sheet = open_sheet(sheet_id, by=by, at=at)
    if sheet.owner_id is None or sheet.submitted_at is not None:
        raise AssistanceNotFound
    _must_offer(sheet.service_key, Channel.PHONE)
    Assistance.objects.filter(sheet_id=sheet_id, given_at=None).update(code_hash="", ended_at=at)
    assistance = Assistance(
        person_id=sheet.owner_id,
        agency=sheet.agency,
        service_key=sheet.service_key,
        sheet_id=sheet_id,
        channel=Channel.PHONE,
        way=Way.OWN_CODE,
        asked_at=at,
        ends_at=at + BY_PHONE,
    )
    code = _new_code(assistance, at)
    assistance.save()
    record(
        "counter.invited",
        stream=assistance.stream,
        subject=assistance.person_id,
        by=by,
        at=at,
        service=sheet.service_key,
        sheet=sheet_id,
    )
    return Invited(assistance.pk, code)


@action
def join(code: str, *, by: Actor, at: datetime) -> Assistance:
    """Join somebody in filling in their form, by the code that they have read out.

    Raises:
        Forbidden: The officer may not fill in for others.
        CodeWrong: No such code is good now.
    """
    if not rules.may_help(by):
        raise Forbidden
    waiting = Assistance.objects.select_for_update().filter(
        way=Way.OWN_CODE, code_hash=_hash(code), given_at=None, ended_at=None, code_ends_at__gt=at
    )
    assistance = waiting.order_by("id").first()
    if assistance is None:
        raise CodeWrong({"code": str(CodeWrong.message)})
    assistance.officer_id = UUID(by.id)
    _give(assistance, by=by, at=at)
    return assistance


@action
def take_up(name: str, birth_date: date, email: str, *, language: str, by: Actor, at: datetime) -> UUID:
    """Take up somebody whom we do not know yet; return the id of their record.

    Args:
        name: In full, as they say or write it.
        birth_date: Likewise.
        email: Empty where they have none.
        language: BCP 47; in which they read.
        by: The officer.
        at: When.

    Raises:
        Forbidden: The officer may not fill in for others.
    """
    if not rules.may_help(by):
        raise Forbidden
    known = register_person(name, email=email, language=language, by=by, at=at)
    facts = {"birth_date": birth_date.isoformat()}
    record_facts(known.pk, facts, source="person", legal_basis="consent", observed_at=at, by=by, at=at)
    return known.pk


@action
def end(assistance_id: UUID, *, by: Actor, at: datetime) -> Assistance:
    """End a help, for the one who helps and for the one who is helped. Ending it again changes nothing.

    Raises:
        AssistanceNotFound: There is none, or it is another's.
    """
    assistance = _locked(assistance_id)
    if not rules.allows(by, assistance):
        raise AssistanceNotFound
    if assistance.ended_at is None:
        assistance.ended_at, assistance.code_hash = at, ""
        assistance.save(update_fields=["ended_at", "code_hash"])
        record("counter.ended", stream=assistance.stream, subject=assistance.person_id, by=by, at=at)
    return assistance


def _asked(
    person_id: UUID, service_key: str, channel: Channel, way: Way, *, by: Actor, at: datetime
) -> Assistance:
    agency = _must_offer(service_key, channel)
    return _for_person(person_id, service_key, agency, channel, way, by=by, at=at)


def _for_person(
    person_id: UUID, service_key: str, agency: str, channel: Channel, way: Way, *, by: Actor, at: datetime
) -> Assistance:
    if by.kind is not ActorKind.OFFICER or not rules.may_help(by):
        raise Forbidden
    person_card(person_id)  # there is such a person
    return Assistance(
        id=new_id(),
        person_id=person_id,
        officer_id=UUID(by.id),
        agency=agency,
        service_key=service_key,
        channel=channel,
        way=way,
        asked_at=at,
        ends_at=at + LENGTHS[channel],
    )


def _must_offer(service_key: str, channel: Channel) -> str:
    """Return the agency of a service that may be reached by a channel.

    Raises:
        ChannelNotOffered: It may not.
    """
    info = offered_service(service_key).info
    if channel not in {each.kind for each in info.channels}:
        raise ChannelNotOffered(service=service_key, channel=str(channel))
    return info.agency


def _give(assistance: Assistance, *, by: Actor, at: datetime, received_at: datetime | None = None) -> None:
    """Note that the consent was given, and begin the form where there is none yet."""
    channel = Channel(assistance.channel)
    assistance.given_at, assistance.ends_at = at, at + LENGTHS[channel]
    assistance.code_hash, assistance.code_ends_at = "", None
    if assistance.sheet_id is None:
        acting = replace(by, on_behalf_of=str(assistance.person_id))
        started = start_sheet(
            assistance.service_key, by=acting, at=at, channel=channel, received_at=received_at
        )
        assistance.sheet_id = started.sheet_id
    assistance.save()
    record(
        "counter.consent_given",
        stream=assistance.stream,
        subject=assistance.person_id,
        by=by,
        at=at,
        way=assistance.way,
        document=assistance.document,
        channel=assistance.channel,
        purpose="to fill in a form",
        service=assistance.service_key,
        sheet=assistance.sheet_id,
        until=assistance.ends_at.isoformat(),
    )


def _locked(assistance_id: UUID) -> Assistance:
    found = Assistance.objects.select_for_update().filter(pk=assistance_id).order_by("id").first()
    if found is None:
        raise AssistanceNotFound
    return found


def _new_code(assistance: Assistance, at: datetime) -> str:
    code = "".join(secrets.choice("0123456789") for _digit in range(_DIGITS))
    assistance.code_hash, assistance.code_ends_at = _hash(code), at + CODE_KEPT_FOR
    return f"{code[:4]} {code[4:]}"


def _is_right(assistance: Assistance, code: str, at: datetime) -> bool:
    is_good = assistance.code_ends_at is not None and assistance.code_ends_at > at
    is_good &= assistance.wrong_codes < MOST_WRONG and assistance.ended_at is None
    return is_good and hmac.compare_digest(assistance.code_hash, _hash(code))


def _hash(code: str) -> str:
    """Return what is stored of a code: keyed, for eight digits alone could be tried out."""
    digits = "".join(each for each in code if each in "0123456789")
    return hmac.new(
        settings.SECRET_KEY.encode(), b"counter.code:" + digits.encode(), hashlib.sha256
    ).hexdigest()

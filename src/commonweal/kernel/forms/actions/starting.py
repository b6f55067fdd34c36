"""Sheets begin, change hands, and go."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.personal import must_not_be_held, without_held
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rows import insert, update
from commonweal.kernel.base.transactions import Transaction, action
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.enums import Channel, Status
from commonweal.kernel.catalogue.errors import ServiceSuspended
from commonweal.kernel.catalogue.queries import offered_service
from commonweal.kernel.files.actions import discard, hand_over
from commonweal.kernel.forms import rules
from commonweal.kernel.forms.actions.work import KEPT_FOR, locked, row_to_change, save
from commonweal.kernel.forms.errors import (
    SheetNotFound,
    SheetTaken,
)
from commonweal.kernel.forms.handed_in import files_in
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.forms.queries.sheets import form_of
from commonweal.kernel.forms.types.answers import Answers
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry

_BATCH = 1_000


_begun = Prepared(
    lambda: Sheet.objects.filter(
        owner=Given("owner"),
        version=Given("version"),
        channel=Channel.ONLINE,
        revision=0,
        submitted_at=None,
        expires_at__gt=Given("at"),
    ).order_by("-pk")[:1]
)


@dataclass(frozen=True, slots=True)
class Started:
    """A sheet that has begun.

    Attributes:
        sheet_id: The sheet.
        token: The secret of its link, shown once; empty where it belongs to an account.
    """

    sheet_id: UUID
    token: str


def start_sheet(
    service_key: str,
    *,
    by: Actor,
    at: datetime,
    channel: Channel = Channel.ONLINE,
    received_at: datetime | None = None,
) -> Started:
    """Begin a form on the version of a service that is live now; it stays on that version.

    A resident who has just begun one and answered nothing gets the same one again.

    Args:
        service_key: The service.
        by: Who begins.
        at: When.
        channel: The way by which the one whom it is for reaches us.
        received_at: When it reached us on paper.

    Raises:
        ServiceNotFound: No such service is offered.
        ServiceSuspended: It takes no new applications for now.
        SheetNotFound: The service asks no questions.
        Forbidden: An officer or a program does not say whom it fills in for.
    """
    service = offered_service(service_key)
    if service.status is Status.SUSPENDED:
        raise ServiceSuspended(service=service_key)
    if service.compiled.sections.get("form") is None:
        raise SheetNotFound
    owner = rules.owner_of(by)
    if owner is None and by.kind is not ActorKind.GUEST:
        raise Forbidden
    token = "" if owner else secrets.token_urlsafe(32)
    with Transaction():
        is_own = owner is not None and channel is Channel.ONLINE
        sheet = _begun.one(owner=owner, version=service.version_id, at=at) if is_own else None
        if sheet is not None:
            return Started(sheet.pk, "")
        sheet = Sheet(
            version_id=service.version_id,
            service_key=service_key,
            agency=service.info.agency,
            channel=channel,
            owner_id=owner,
            token_hash=rules.token_hash(token),
            created_at=at,
            updated_at=at,
            expires_at=at + KEPT_FOR,
            received_at=received_at,
        )
        insert(sheet)
        record(
            "forms.sheet_started",
            stream=sheet.stream,
            by=by,
            at=at,
            subject=owner,
            service=service_key,
            version=str(service.version_id),
            channel=channel.value,
        )
    return Started(sheet.pk, token)


@action
def receive_on_paper(sheet_id: UUID, *, received_at: datetime, by: Actor, at: datetime) -> None:
    """Note that a form that was begun on a screen has come in on paper; it counts from that day.

    Args:
        sheet_id: The row is locked until the transaction ends.
        received_at: When it reached us.
        by: The officer who types it in, on behalf of its owner.
        at: When.

    Raises:
        SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    sheet = locked(sheet_id, by=by, at=at, token="")
    sheet.channel, sheet.received_at, sheet.expires_at = Channel.POST, received_at, at + KEPT_FOR
    sheet.revision += 1
    update(sheet, ("channel", "received_at", "expires_at", "revision"))
    record(
        "forms.sheet_received",
        stream=sheet.stream,
        by=by,
        at=at,
        subject=sheet.owner_id,
        received_at=received_at.isoformat(),
    )


def carry_over(
    sheet_id: UUID, answers: Answers, *, source: str, by: Actor, at: datetime, token: str = ""
) -> None:
    """Fill in what somebody has said elsewhere; each page is still asked, with where its answers come from.

    Answers that the sheet has already stay as they are.

    Args:
        sheet_id: The row is locked until the transaction ends.
        answers: In their stored form; lists are not carried.
        source: Where they come from: a key of ``SOURCES``, or in plain words.
        by: Who answers.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        SheetNotFound, SheetExpired, SheetSubmitted: As for :func:`answer_page`.
    """
    with Transaction():
        sheet = locked(sheet_id, by=by, at=at, token=token)
        known = {question.key for question in form_of(sheet).questions}
        new = {key: answer for key, answer in answers.items() if key in known and key not in sheet.answers}
        if not new:
            return
        sheet.answers = sheet.answers | new
        noted = {"source": source, "observed_at": at.isoformat()}
        sheet.sources = sheet.sources | dict.fromkeys(new, noted)
        save(sheet, by=by, at=at, page="")


def claim_sheet(sheet_id: UUID, *, token: str, by: Actor, at: datetime) -> None:
    """Take a sheet into the account of the person who signs in; its link stops working.

    Claiming a sheet again changes nothing, so the call may be repeated safely.

    Raises:
        Forbidden: Nobody has signed in as a resident.
        SheetNotFound: There is none, or the token is not the one of its link.
        SheetTaken: It belongs to another account.
    """
    owner = rules.owner_of(by)
    if owner is None:
        raise Forbidden
    with Transaction():
        sheet = row_to_change(sheet_id)
        if sheet.owner_id in rules.owners_of(by):
            return
        if sheet.owner_id is not None:
            raise SheetTaken
        if not rules.allows(by, sheet, token):
            raise SheetNotFound
        sheet.owner_id, sheet.token_hash = owner, ""
        sheet.save(update_fields=["owner", "token_hash"])
        own = dict.fromkeys(files_in(form_of(sheet), sheet.answers))
        if own:
            hand_over(sheet.stream, to=sheet.stream, subject=owner, retention=own, by=by, at=at)
        record("forms.sheet_claimed", stream=sheet.stream, by=by, at=at, subject=owner)


def delete_expired(*, by: Actor, at: datetime) -> int:
    """Delete sheets that nobody finished in time, at most 1,000 a call; return how many."""
    with Transaction():
        rows = list(
            _not_held(Sheet.objects.expired(at))
            .order_by("expires_at", "pk")
            .only("owner")[:_BATCH]
            .select_for_update()
        )
        if rows:
            entries = [Entry(row.stream, row.owner_id, {}) for row in rows]
            record_many("forms.sheet_expired", entries, by=by, at=at)
            discard([row.stream for row in rows], reason="draft expired", by=by, at=at)
            Sheet.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _not_held(rows: QuerySet[Sheet]) -> QuerySet[Sheet]:
    return without_held(rows, Sheet.personal) if Sheet.personal else rows


@action
def delete_draft(sheet_id: UUID, *, by: Actor, at: datetime, token: str = "") -> None:
    """Delete a form that was not sent, with its answers and files, as the one who fills it in wants.

    Args:
        sheet_id: The row is locked until the transaction ends.
        by: Its owner, or whoever has its link.
        at: When.
        token: The link's secret, where no account owns the sheet.

    Raises:
        Forbidden: An officer who helps leaves that to the owner.
        SheetNotFound: There is none, it belongs to somebody else, or it was deleted before.
        SheetExpired: Its time is over; it is deleted anyway.
        SheetSubmitted: It was sent already.
        UnderHold: A hold forbids it.
        FileHeld: A hold on one of its files forbids it.
    """
    if by.kind is ActorKind.OFFICER:
        raise Forbidden
    sheet = locked(sheet_id, by=by, at=at, token=token)
    must_not_be_held(subjects=[sheet.owner_id] if sheet.owner_id else (), streams=[sheet.stream])
    record("forms.draft_deleted", stream=sheet.stream, by=by, at=at, subject=sheet.owner_id)
    discard([sheet.stream], reason="draft deleted", by=by, at=at)
    sheet.delete()


@action
def delete_submitted(sheet_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the answers of an application that is no longer kept. Doing it again changes nothing."""
    sheet = Sheet.objects.select_for_update().filter(pk=sheet_id).order_by().first()
    if sheet is not None:
        record("forms.sheet_deleted", stream=sheet.stream, by=by, at=at)
        sheet.delete()

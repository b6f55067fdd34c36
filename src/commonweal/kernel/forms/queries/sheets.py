"""Sheets: which there are, and who may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.forms import rules
from commonweal.kernel.forms.answers.mattering import interview
from commonweal.kernel.forms.answers.state import FormState
from commonweal.kernel.forms.errors import SheetExpired, SheetNotFound
from commonweal.kernel.forms.models import Sheet, Unsent
from commonweal.kernel.forms.types.compiled import CompiledForm
from commonweal.kernel.forms.types.views import SheetCard

_MOST_DRAFTS = 100
_SHOWN = ("service_key", "version_id", "updated_at", "expires_at")
_sheet = Prepared(lambda: Sheet.objects.filter(pk=Given("id")).order_by())
_drafts = Prepared(
    lambda: (
        Sheet.objects.filter(submitted_at=None, expires_at__gt=Given("at"), owner=Given("owner"))
        .order_by("-updated_at", "-pk")
        .only(*_SHOWN)[:_MOST_DRAFTS]
    )
)


def open_sheet(sheet_id: UUID, *, by: Actor, at: datetime, token: str = "") -> Sheet:
    """Return a sheet for the one who fills it in.

    Raises:
        SheetNotFound: There is none, or it belongs to somebody else.
        SheetExpired: Nobody finished it in time.
    """
    sheet = _sheet.one(id=sheet_id)
    if sheet is None:
        raise SheetNotFound
    return checked(sheet, by=by, at=at, token=token)


def checked(sheet: Sheet, *, by: Actor, at: datetime, token: str) -> Sheet:
    """Return a sheet if the actor may see it.

    Raises:
        SheetNotFound: It belongs to somebody else.
        SheetExpired: Nobody finished it in time.
    """
    if not rules.allows(by, sheet, token):
        raise SheetNotFound
    if sheet.submitted_at is None and sheet.expires_at <= at:
        raise SheetExpired
    return sheet


def sheet_by_token(token: str, *, at: datetime) -> Sheet:
    """Return the sheet that a link leads to.

    Raises:
        SheetNotFound: The link leads nowhere: mistyped, replaced, or claimed by an account.
        SheetExpired: Nobody finished it in time.
    """
    sheet = Sheet.objects.filter(token_hash=rules.token_hash(token)).exclude(token_hash="").order_by().first()
    if sheet is None:
        raise SheetNotFound
    return checked(sheet, by=Actor.guest(), at=at, token=token)


def submitted_sheet(sheet_id: UUID) -> Sheet:
    """Return a sheet that was sent, for the case that it belongs to; whoever asks has checked who may see it.

    Raises:
        SheetNotFound: There is none, or it was not sent.
    """
    sheet = _sheet.one(id=sheet_id)
    if sheet is None or sheet.submitted_at is None:
        raise SheetNotFound
    return sheet


def is_open(sheet_id: UUID, *, at: datetime) -> bool:
    """Whether a sheet is still being filled in."""
    sheet = _sheet.one(id=sheet_id)
    return sheet is not None and sheet.submitted_at is None and sheet.expires_at > at


def drafts_of(*person_ids: UUID, at: datetime) -> list[SheetCard]:
    """Return the sheets that a person's records have begun and not sent, the newest first."""
    if len(person_ids) == 1:
        rows = _drafts.all(owner=person_ids[0], at=at)
    else:
        several = Sheet.objects.open(at).filter(owner__in=person_ids).order_by("-updated_at", "-pk")
        rows = list(several.only(*_SHOWN)[:_MOST_DRAFTS])
    return [
        SheetCard(row.pk, row.service_key, row.version_id, row.updated_at, row.expires_at) for row in rows
    ]


def draft_of(person_id: UUID, service_key: str, *, at: datetime) -> SheetCard | None:
    """Return the newest sheet of a service that a person has begun and not sent, or None."""
    return next((draft for draft in drafts_of(person_id, at=at) if draft.service_key == service_key), None)


def state_of(sheet: Sheet, *, at: datetime) -> FormState:
    """Evaluate a sheet's form over its answers; what can no longer matter is left out.

    Raises:
        SheetNotFound: The service asks no questions.
    """
    return interview(
        compiled(sheet.version_id),
        form_of(sheet),
        sheet.answers,
        at=sheet.as_of(at),
        done_pages=sheet.done_pages,
        left_out=frozenset(sheet.left_out) if sheet.submitted_at is not None else None,
    )


def form_of(sheet: Sheet) -> CompiledForm:
    """Return the form that a sheet is pinned to.

    Raises:
        SheetNotFound: The service asks no questions.
    """
    form: CompiledForm | None = compiled(sheet.version_id).sections.get("form")
    if form is None:
        raise SheetNotFound
    return form


def may_read_files(actor: Actor, stream: str) -> bool:
    """Whether an actor fills in the sheet of a stream, and so may open the files that belong to it."""
    try:
        sheet = _sheet.one(id=UUID(stream.partition(":")[2]))
    except ValueError:
        return False
    return sheet is not None and rules.allows(actor, sheet)


def unsent(
    sheet: Sheet, *, place: str, secret: str, by: Actor, at: datetime
) -> Mapping[str, Sequence[str]] | None:
    """Return what the owner had typed into a page when their session ended; None where nothing is kept.

    Args:
        sheet: Opened by :func:`open_sheet`.
        place: Path of the page.
        secret: Of the browser from which it was sent.
        by: The owner; nobody who acts for them sees it.
        at: When.
    """
    is_owner = by.kind is ActorKind.RESIDENT and not by.on_behalf_of and sheet.owner_id in by.person_ids
    if not secret or not is_owner:
        return None
    rows = Unsent.objects.filter(
        sheet=sheet, place=place, revision=sheet.revision, secret_hash=rules.token_hash(secret)
    )
    found = rows.filter(expires_at__gt=at).order_by("-expires_at", "-pk").first()
    return None if found is None else found.typed

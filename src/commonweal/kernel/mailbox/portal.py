"""A resident's mailbox.

A letter that was not opened yet shows its envelope; opening it is a POST, for it is the proof that it was served.
"""

from __future__ import annotations

from uuid import UUID

from babel.dates import format_date
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from commonweal.kernel.base.clock import local, now
from commonweal.kernel.base.errors import Malformed
from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.typesetting import direction_of
from commonweal.kernel.ledger.actions import record_access, recording_access
from commonweal.kernel.mailbox.actions import LETTER_FILE, mark_read
from commonweal.kernel.mailbox.markup import to_html
from commonweal.kernel.mailbox.queries import (
    agency_name,
    has_file,
    letter_file,
    mailbox_of,
    message_for,
    newest_asked,
    owner_ids,
)

PURPOSE = "mailbox.read"
_PAGE = 30


@require_GET
@route(allows=is_resident, discloses=PURPOSE)
def message_list(request: ActorRequest) -> HttpResponse:
    """Show the letters, the latest first."""
    owners, after = owner_ids(request.actor), _after(request)
    if after is None and len(owners) == 1:
        asking = [newest_asked(owners[0])]
        with recording_access(request.actor, owners, PURPOSE, at=now(), asking=asking):
            lines = mailbox_of(request.actor, limit=_PAGE)
    else:
        lines = mailbox_of(request.actor, after=after, limit=_PAGE)
        record_access(request.actor, {line.recipient_id for line in lines}, PURPOSE, at=now())
    return page(
        request,
        "mailbox/list.html",
        {"lines": lines, "next_after": lines[-1].id if len(lines) == _PAGE else None},
    )


@require_GET
@route(allows=is_resident, discloses=PURPOSE)
def message(request: ActorRequest, message_id: UUID) -> HttpResponse:
    """Show a letter; before it is opened, its envelope only."""
    found = message_for(request.actor, message_id)
    record_access(request.actor, [found.recipient_id], PURPOSE, at=now())
    here = current_in(found.language)
    context = {
        "message": found,
        "agency": agency_name(found.agency),
        "sender": [here.name, agency_name(found.agency, found.language), here.address],
        "receiver": found.address.split("\n"),
        "date": format_date(local(found.sent_at), "long", locale=translation.to_locale(found.language)),
        "body": mark_safe(to_html(found.body)),  # noqa: S308  # nosec B703 - made from Markdown with raw HTML off
        "letter_direction": direction_of(found.language),
        "has_pdf": has_file(found.pk, LETTER_FILE),
    }
    return page(request, "mailbox/message.html", context)


@require_POST
@route(allows=is_resident, discloses=NOTHING)
def open_message(request: ActorRequest, message_id: UUID) -> HttpResponse:
    """Note that a letter was opened, and show it."""
    mark_read(message_id, by=request.actor, at=now())
    return HttpResponseRedirect(reverse("mailbox:message", args=[message_id]))


@require_GET
@route(allows=is_resident, discloses=PURPOSE)
def download(request: ActorRequest, message_id: UUID) -> HttpResponseBase:
    """Hand out the PDF of a letter that was opened."""
    found = message_for(request.actor, message_id)
    if found.read_at is None:
        return HttpResponseRedirect(reverse("mailbox:message", args=[message_id]))
    file = letter_file(found, LETTER_FILE, request.actor)
    record_access(request.actor, [found.recipient_id], PURPOSE, at=now())
    name = f"{found.letter_key}-{found.reference or found.pk}.pdf"
    return FileResponse(file.content, as_attachment=True, filename=name, content_type=file.media_type)


def _after(request: ActorRequest) -> UUID | None:
    text = request.GET.get("after")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Malformed from None

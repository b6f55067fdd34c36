"""Files for an application: in a page's own form, or piece by piece with a pause where the connection breaks.

Source: tus 1.0.0 (https://tus.io/protocols/resumable-upload): the core protocol with the extensions creation,
termination and expiration.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_GET

from commonweal.kernel.base import clock, failures
from commonweal.kernel.base.desks import shown_revision
from commonweal.kernel.base.errors import CommonwealError, Malformed
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.base.templates import address
from commonweal.kernel.cases.presenting import HELP, note_helper
from commonweal.kernel.files import actions as files
from commonweal.kernel.files.queries import open_upload, open_within, upload_within
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms import queries as sheets
from commonweal.kernel.forms.errors import AnswersInvalid, PageNotFound

if TYPE_CHECKING:
    from commonweal.kernel.files.models import Upload
    from commonweal.kernel.forms.models import Sheet

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
MOST_BYTES = 20 * 1024 * 1024
PIECE_BYTES = 64 * 1024
PIECE_TYPE = "application/offset+octet-stream"

P = ParamSpec("P")


@dataclass
class Came:
    """What became of the files that came with a page.

    Attributes:
        revision: The sheet's revision, as far as the page may know it: what it was shown with, and these files.
        is_all: Whether the reader wants nothing but to hand in or remove files for now.
        problems: What was refused, by question.
    """

    revision: int
    is_all: bool = False
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def error(self) -> AnswersInvalid | None:
        """What was refused, or None."""
        return AnswersInvalid(dict(self.problems)) if self.problems else None

    def note(self, done: forms.Attached) -> None:
        """Follow the sheet's revision, unless somebody else changed it since the page was shown."""
        if done.before == self.revision:
            self.revision = done.revision


def take_files(request: ActorRequest, sheet: Sheet, page_key: str, *, token: str) -> Came:
    """Keep the files that came with a page's form, and remove the one whose button was pressed.

    Each file is kept or refused on its own: a refused one takes nothing else with it.
    """
    came = Came(shown_revision(request))
    form = sheets.form_of(sheet)
    page = form.page(page_key)
    here = (
        [question.key for question in page.questions if question.key in form.file_questions] if page else []
    )
    for key in here:
        for sent in request.FILES.getlist(key):
            _take(request, sheet, key, sent, came, token=token)
    question, _colon, number = request.POST.get("remove-file", "").partition(":")
    if question in here:
        done = forms.remove_file(
            sheet.pk, question, _uuid(number), by=request.actor, at=clock.now(), token=token
        )
        came.note(done)
    came.is_all = bool(here) and (bool(question) or "hand-in" in request.POST)
    return came


def _take(
    request: ActorRequest, sheet: Sheet, key: str, sent: UploadedFile[bytes], came: Came, *, token: str
) -> None:
    try:
        done = forms.attach_file(
            sheet.pk, key, sent, name=sent.name or "", by=request.actor, at=clock.now(), token=token
        )
    except AnswersInvalid as refusal:
        came.problems[key] = " ".join([came.problems.get(key, ""), *refusal.fields.values()]).strip()
    except PageNotFound:
        return  # these answers do not ask for it any more
    else:
        came.note(done)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Malformed from None


def file_addresses(sheet: Sheet) -> dict[str, str]:
    """Return for the templates of forms where files of a draft are opened, and where they are sent to."""
    here = address("cases:draft", sheet_id=sheet.pk)
    return {"files_url": f"{here}files/", "uploads_url": f"{here}uploads/"}


def _token(request: ActorRequest, sheet_id: UUID) -> str:
    return str(request.session.get(f"sheet:{sheet_id}", ""))


def _sheet(request: ActorRequest, sheet_id: UUID) -> Sheet:
    return sheets.open_sheet(sheet_id, by=request.actor, at=clock.now(), token=_token(request, sheet_id))


@require_GET
@route(allows=anyone, discloses=HELP)
def download(request: ActorRequest, sheet_id: UUID, file_id: UUID) -> FileResponse:
    """Give those who fill in a form a file back that they handed in: to be saved, never to be run in our name."""
    opened = open_within(file_id, _sheet(request, sheet_id).stream)
    note_helper(request)
    response = FileResponse(
        opened.content, as_attachment=True, filename=opened.name, content_type=opened.media_type
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _tus(
    view: Callable[Concatenate[ActorRequest, P], HttpResponse],
) -> Callable[Concatenate[ActorRequest, P], HttpResponse]:
    """Speak tus 1.0.0: its headers stand on every answer, on refusals too."""

    @wraps(view)
    def spoken(request: ActorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = HttpResponse(status=HTTPStatus.PRECONDITION_FAILED)
        else:
            try:
                response = view(request, *args, **kwargs)
            except CommonwealError as error:
                response = failures.problem_json(request, error)
        response["Tus-Resumable"] = response["Tus-Version"] = VERSION
        return response

    return cast("Callable[Concatenate[ActorRequest, P], HttpResponse]", spoken)


@route(allows=anyone, discloses=NOTHING)
@_tus
def uploads(request: ActorRequest, sheet_id: UUID, question: str) -> HttpResponse:
    """Take the announcement of a file, and say where its pieces go."""
    if request.method == "OPTIONS":
        headers = {"Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(MOST_BYTES)}
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)
    if request.method != "POST":
        return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "OPTIONS, POST"})
    begun = forms.begin_upload(
        sheet_id,
        question,
        name=_said(request.headers.get("Upload-Metadata", "")).get("filename", ""),
        size_bytes=_number(request, "Upload-Length"),
        by=request.actor,
        at=clock.now(),
        token=_token(request, sheet_id),
    )
    there = reverse("cases:upload", args=[sheet_id, question, begun.pk])
    return HttpResponse(status=HTTPStatus.CREATED, headers={"Location": there, **_standing(begun)})


@route(allows=anyone, discloses=NOTHING)
@_tus
def upload(request: ActorRequest, sheet_id: UUID, question: str, upload_id: UUID) -> HttpResponse:
    """Say how much of a file has arrived, take its next piece, or forget it."""
    sheet, now = _sheet(request, sheet_id), clock.now()
    found = upload_within(upload_id, sheet.stream, at=now)
    if request.method == "HEAD":
        note_helper(request)
        headers = {"Upload-Length": str(found.size_bytes), "Cache-Control": "no-store", **_standing(found)}
        return HttpResponse(headers=headers)
    if request.method == "DELETE":
        files.end_upload(found.pk, stream=sheet.stream, by=request.actor, at=now)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.method != "PATCH":
        return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "DELETE, HEAD, PATCH"})
    if request.headers.get("Content-Type") != PIECE_TYPE:
        return HttpResponse(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    found = files.append_to_upload(
        found.pk,
        stream=sheet.stream,
        offset=_number(request, "Upload-Offset"),
        chunks=_pieces(request),
        by=request.actor,
        at=now,
    )
    headers = _standing(found)
    if found.offset_bytes == found.size_bytes:
        headers |= _complete(request, sheet, found)
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)


def _complete(request: ActorRequest, sheet: Sheet, found: Upload) -> dict[str, str]:
    """Hand in a file of which every byte has arrived, once; a refused one is forgotten likewise."""
    by, at = request.actor, clock.now()
    with open_upload(found) as content:
        if not files.end_upload(found.pk, stream=sheet.stream, by=by, at=at):
            return {}
        done = forms.attach_file(
            sheet.pk,
            found.slot,
            File(content),
            name=found.name,
            by=by,
            at=at,
            token=_token(request, sheet.pk),
        )
    return {"Form-Revision": str(done.revision), "Form-Revision-Before": str(done.before)}


def _standing(found: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(found.offset_bytes),
        "Upload-Expires": http_date(found.expires_at.timestamp()),
    }


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """Return what comes, as long as it comes: what arrived before the connection broke need not be sent again."""
    try:
        while piece := request.read(PIECE_BYTES):
            yield piece
    except OSError:
        return


def _number(request: HttpRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Malformed
    return int(text)


def _said(metadata: str) -> dict[str, Any]:
    """Read the header Upload-Metadata: names and values in base64, with commas between."""
    said = {}
    for pair in metadata.split(","):
        name, _blank, value = pair.strip().partition(" ")
        try:
            said[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise Malformed from None
    return said

"""The one way to a stored file."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from django.views.decorators.http import require_GET

from commonweal.kernel.base import clock
from commonweal.kernel.base.routes import ActorRequest, route
from commonweal.kernel.base.rules import signed_in
from commonweal.kernel.files.queries import open_file
from commonweal.kernel.ledger.actions import record_access

DOWNLOAD = "download of a file"


@require_GET
@route(allows=signed_in, discloses=DOWNLOAD)
def download(request: ActorRequest, file_id: UUID) -> FileResponse:
    """Give a file to somebody who may read it: to be saved, never to be run in our name."""
    file = open_file(file_id, request.actor)
    record_access(request.actor, [file.subject] if file.subject else [], DOWNLOAD, at=clock.now())
    response = FileResponse(
        file.content, as_attachment=True, filename=file.name, content_type=file.media_type
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response

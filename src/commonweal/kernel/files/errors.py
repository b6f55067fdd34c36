"""What can go wrong with files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError, Conflict, NotFound, TooManyRequests


class FileTooLarge(CommonwealError):
    """More bytes than we take."""

    code = "file-too-large"
    status = 413
    message = _("The file is larger than {limit_mb} MB.")
    next_step = _("Send a smaller file: a photo at a lower quality, or a document in parts.")


class FileEmpty(CommonwealError):
    """Not a single byte."""

    code = "file-empty"
    status = 422
    message = _("The file is empty.")
    next_step = _("Choose the file again; perhaps it was not saved yet.")


class FileTypeRefused(CommonwealError):
    """The content is of no kind that we take, or is not what the name says."""

    code = "file-type-refused"
    status = 422
    message = _("We cannot take this kind of file.")
    next_step = _("Send a PDF, a photo (JPEG, PNG, HEIC), a Word, Excel or OpenDocument file, or plain text.")


class FileInfected(CommonwealError):
    """The virus scanner found something."""

    code = "file-infected"
    status = 410
    message = _("This file is dangerous, so nobody can open it.")
    next_step = _("Ask the sender for another copy.")


class FileNotScanned(CommonwealError):
    """The virus scanner has not looked at it yet."""

    code = "file-not-scanned"
    status = 409
    message = _("This file is still being checked for viruses.")
    next_step = _("Try again in a minute.")


class FileDeleted(CommonwealError):
    """Its time was over; the record of it stays."""

    code = "file-deleted"
    status = 410
    message = _("This file was deleted when its time was over.")
    next_step = _("Ask the sender for another copy if you need one.")


class FileHeld(CommonwealError):
    """A hold forbids to delete it."""

    code = "file-held"
    status = 409
    message = _("This file is on hold and cannot be deleted.")
    next_step = _("Release the hold first, if the reason for it is over.")


class ScannerDown(CommonwealError):
    """The virus scanner does not answer, or not in its own words."""

    code = "scanner-down"
    status = 503
    message = _("Files cannot be checked for viruses at the moment.")
    next_step = _("Try again in a few minutes.")


class UploadNotFound(NotFound):
    """There is no such upload on its way: it is complete, was given up, or nobody went on with it for a day."""

    code = "upload-not-found"
    message = _("This upload is not on its way any more.")
    next_step = _("Choose the file again.")


class UploadOutOfStep(Conflict):
    """What was sent does not begin where the upload stands."""

    code = "upload-out-of-step"
    message = _("The upload stands at another place than you think.")
    next_step = _("Ask where it stands, and go on from there.")


class TooManyUploads(TooManyRequests):
    """More uploads are on their way at once than we take."""

    code = "too-many-uploads"
    message = _("Too many files are on their way at once.")
    next_step = _("Wait until some have arrived, then choose the others.")

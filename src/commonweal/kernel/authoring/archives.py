"""The folder of a service, or of a law, as a zip archive, out and in. What comes in is distrusted."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from commonweal.kernel.authoring.errors import ArchiveRefused
from commonweal.kernel.base.zips import open_short

MAX_ARCHIVE_BYTES = 5_000_000
MAX_ENTRIES = 1_000
_MOST_LISTED = 2 * MAX_ENTRIES
"""With folders, which are listed and not counted as files."""
MAX_ENTRY_BYTES = 2_000_000
MAX_TOTAL_BYTES = 10_000_000
MAIN, OF_LAW = "service.yaml", "parameters.yaml"
"""The file without which a folder is no service, or no law."""
_MADE_AT = (1980, 1, 1, 0, 0, 0)


def write_zip(key: str, files: Mapping[str, str]) -> bytes:
    """Return a folder as an archive; the same text always gives the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{key}/{name}", _MADE_AT)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return buffer.getvalue()


def read_zip(content: bytes) -> dict[str, bytes]:
    """Return the files of the one service or law in an archive, by their path in its folder.

    The folder may lie deep in the archive, as `git archive` writes it. Hidden files, and what a Mac adds, are left out.

    Raises:
        ArchiveRefused: It is no zip archive, too large, damaged, encrypted, holds links or paths that lead out, holds no
            ``service.yaml`` or ``parameters.yaml``, or several, or files beside the folder of it.
    """
    if len(content) > MAX_ARCHIVE_BYTES:
        raise ArchiveRefused(_("It is larger than %(bytes)s bytes.") % {"bytes": f"{MAX_ARCHIVE_BYTES:,}"})
    try:
        with open_short(BytesIO(content), most_entries=_MOST_LISTED) as archive:
            return _inside_folder(_read(archive))
    except (
        zipfile.BadZipFile,
        zlib.error,
        UnicodeError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        OSError,
    ) as error:
        raise ArchiveRefused(_("It is damaged, or not a zip archive.")) from error


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise ArchiveRefused(_("It holds more than %(count)s files.") % {"count": MAX_ENTRIES})
    files: dict[str, bytes] = {}
    left = MAX_TOTAL_BYTES
    for entry in entries:
        _must_be_plain(entry)
        if _is_hidden(entry.filename):
            continue
        limit = min(MAX_ENTRY_BYTES, left)
        with archive.open(entry) as stream:
            raw = stream.read(limit + 1)  # what the archive says of its sizes proves nothing
        if len(raw) > limit:
            raise ArchiveRefused(_("The file '%(name)s' is too large.") % {"name": entry.filename[:200]})
        if entry.filename in files:
            raise ArchiveRefused(_("The file '%(name)s' is there twice.") % {"name": entry.filename[:200]})
        left -= len(raw)
        files[entry.filename] = raw
    return files


def _must_be_plain(entry: zipfile.ZipInfo) -> None:
    """Refuse links, encrypted files, and paths that lead out.

    Raises:
        ArchiveRefused: It is one of these.
    """
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        # bzip2 and LZMA unpack without a bound, whatever the archive says of its sizes
        raise ArchiveRefused(_("It is damaged, or not a zip archive."))
    name = {"name": entry.filename[:200]}
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise ArchiveRefused(_("'%(name)s' is a link or a device, not a file.") % name)
    if entry.flag_bits & 0x1:
        raise ArchiveRefused(_("'%(name)s' is encrypted.") % name)
    parts = PurePosixPath(entry.filename).parts
    leads_out = (
        entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in entry.filename
    )
    if leads_out or not entry.filename.isprintable():
        raise ArchiveRefused(_("The path '%(name)s' leads out of the folder.") % name)


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)


def _inside_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    mains = {MAIN, OF_LAW}
    homes = [str(PurePosixPath(name).parent) for name in files if PurePosixPath(name).name in mains]
    if not homes:
        raise ArchiveRefused(_("It holds neither a file service.yaml nor parameters.yaml."))
    if len(homes) > 1:
        raise ArchiveRefused(_("It holds several services or laws; send one at a time."))
    prefix = "" if homes[0] == "." else f"{homes[0]}/"
    strangers = [name for name in files if not name.startswith(prefix)]
    if strangers:
        raise ArchiveRefused(
            _("'%(name)s' lies outside the folder of the service or law.") % {"name": strangers[0][:200]}
        )
    return {name.removeprefix(prefix): raw for name, raw in files.items()}

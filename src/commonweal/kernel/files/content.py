"""What a file is, by its content; and a name that is safe to give back."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import puremagic

from commonweal.kernel.base.zips import open_short
from commonweal.kernel.files.enums import FileKind
from commonweal.kernel.files.errors import FileTypeRefused

MAX_NAME = 120
HEAD_BYTES = 8_192
MOST_ENTRIES = 5_000
MOST_UNPACKED = 500 * 1024 * 1024
MOST_SWELLING = 200
"""An office file that holds more entries, or unpacks to more than so many bytes or times its size, is a trap."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
DOCX, XLSX = _OFFICE + "wordprocessingml.document", _OFFICE + "spreadsheetml.sheet"
ODT, ODS = _OPEN + "text", _OPEN + "spreadsheet"
PARQUET = "application/vnd.apache.parquet"
_PARQUET_MARK = b"PAR1"

ALLOWED: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/heif": (".heic", ".heif"),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    ODT: (".odt",),
    ODS: (".ods",),
    "text/csv": (".csv",),
    "text/plain": (".txt",),
    PARQUET: (".parquet",),
}
"""Media types that we take, each with the endings that a name may have."""

KINDS: dict[FileKind, tuple[str, ...]] = {
    FileKind.PDF: ("application/pdf",),
    FileKind.PHOTO: ("image/jpeg", "image/png", "image/heif"),
    FileKind.DOCUMENT: (DOCX, ODT),
    FileKind.TABLE: (XLSX, ODS, "text/csv"),
    FileKind.TEXT: ("text/plain",),
}
"""Media types of each kind of file that a declaration may ask for."""

_BY_MAGIC = {"application/pdf", "image/jpeg", "image/png", "image/heif"}
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""All that office formats allow."""
_ZIP_MARKS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_MACROS = "vbaProject.bin"
_CHUNK = 1024 * 1024
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


def media_type_of(path: Path, name: str, *, allowed: Collection[str] | None = None) -> str:
    """Return a file's media type by its content; the name's ending must agree with it.

    Args:
        path: Its bytes.
        name: As its sender called it.
        allowed: Media types that are taken here; all that we take anywhere by default.

    Raises:
        FileTypeRefused: It is of no kind that we take, holds macros, or is not what its name says.
    """
    taken = ALLOWED.keys() if allowed is None else allowed
    ending = Path(name).suffix.lower()
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(_PARQUET_MARK):
        found = _parquet(path)
    else:
        found = (
            _zipped(path) if head.startswith(b"PK\x03\x04") else _by_magic(head) or _text(path, ending, taken)
        )
    if found is None or found not in taken or ending not in ALLOWED[found]:
        raise FileTypeRefused
    return found


def _by_magic(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    return next((match.mime_type for match in matches if match.mime_type in _BY_MAGIC), None)


def _parquet(path: Path) -> str | None:
    """Return the type of a table that begins and ends as the format says."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(_PARQUET_MARK)))
        return PARQUET if file.read() == _PARQUET_MARK else None


def _zipped(path: Path) -> str | None:
    try:
        with path.open("rb") as file, open_short(file, most_entries=MOST_ENTRIES) as archive:
            if _is_trap(archive, path.stat().st_size):
                return None
            names = set(archive.namelist())
            if any(name.endswith(_MACROS) for name in names):
                return None
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                with archive.open("mimetype") as stream:
                    stated = stream.read(100).decode("ascii", errors="replace").strip()
                return stated if stated in {ODT, ODS} else None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        return None
    return next((kind for mark, kind in _ZIP_MARKS.items() if mark in names), None)


def _is_trap(archive: zipfile.ZipFile, size: int) -> bool:
    entries = archive.infolist()
    if any(entry.compress_type not in _PACKED for entry in entries):
        return True  # bzip2 and LZMA unpack without a bound, whatever the archive says of its sizes
    unpacked = sum(entry.file_size for entry in entries)
    return len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_SWELLING * size


def _text(path: Path, ending: str, taken: Collection[str]) -> str | None:
    """Return a text type where it is taken, the file says to be plain, and all of it is text."""
    kind = {".txt": "text/plain", ".csv": "text/csv"}.get(ending)
    return kind if kind in taken and _is_text(path) else None


def _is_text(path: Path) -> bool:
    """Whether a file is UTF-8 without control characters, but for tabs and ends of lines and pages."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while chunk := file.read(_CHUNK):
                if _CONTROL.search(chunk):
                    return False
    except UnicodeDecodeError:
        return False
    return True


def safe_name(name: str) -> str:
    """Return a name without folders, control characters, direction marks and leading dots, at most 120 long.

    Example:
        >>> safe_name("../../etc/passwd.pdf")
        'passwd.pdf'
        >>> safe_name("...")
        'file'
    """
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in base if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*')
    plain = " ".join(plain.split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= 10:
        plain = f"{stem[: MAX_NAME - len(ending) - 1].strip('. ')}.{ending}" if stem else ending
    return plain[:MAX_NAME].strip(". ") or "file"

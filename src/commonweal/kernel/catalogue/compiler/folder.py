"""Reads a service's folder into text, and hashes it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import rfc8785

from commonweal.kernel.base.documents import MAX_BYTES, Problem, Unreadable, read_bytes

MAX_FILES = 300
MAX_TOTAL_BYTES = 10_000_000
SUFFIXES = (".yaml", ".md", ".po", ".csv", ".dmn", ".json", ".txt")
LOCALE = "locale/"

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9._@-]{0,99}){0,4}")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e]"
)  # isolates may stand: Arabic texts need them


def read_folder(root: Path, folder: str) -> dict[str, str]:
    r"""Return the text of every file in a service's folder, by its path inside it.

    Hidden files are left out. Line ends become ``\\n``, so that a folder hashes alike on every system.

    Raises:
        Unreadable: The folder is missing, holds links, too much, or files that are not UTF-8 text.
    """
    home = root / folder
    if not home.resolve().is_relative_to(root.resolve()):
        raise _unreadable(folder, "path", "The path leads out of the jurisdiction's folder.")
    if not home.is_dir():
        raise _unreadable(folder, "path", "There is no such folder.")
    raw: dict[str, bytes] = {}
    for path in _walk(home, folder):
        name = path.relative_to(home).as_posix()
        raw[name] = read_bytes(root, f"{folder}/{name}")
        _must_be_bounded(raw, folder)
    return texts_of(raw, folder)


def texts_of(raw: Mapping[str, bytes], folder: str) -> dict[str, str]:
    r"""Return the text of files that came by another way, held to the same rules as those of a folder.

    Args:
        raw: Bytes by path inside the folder.
        folder: The service's own, for problems.

    Raises:
        Unreadable: A path leads out of the folder or is none of a service, a file is too large or not UTF-8 text,
            or there are too many.
    """
    _must_be_bounded(raw, folder)
    for name, content in raw.items():
        if not _PATH.fullmatch(name) or not name.endswith(SUFFIXES):
            message = f"A file of this name does not belong in a service. Known kinds: {', '.join(SUFFIXES)}."
            hint = "Use letters, digits, - and _ in names, and / between folders."
            raise _unreadable(f"{folder}/{name[:200]}", "kind", message, hint)
        if len(content) > MAX_BYTES:
            raise _unreadable(f"{folder}/{name}", "size", f"The file is larger than {MAX_BYTES:,} bytes.")
    return {name: _text(content, f"{folder}/{name}") for name, content in raw.items()}


def _must_be_bounded(raw: Mapping[str, bytes], folder: str) -> None:
    if len(raw) > MAX_FILES or sum(len(content) for content in raw.values()) > MAX_TOTAL_BYTES:
        message = f"The folder holds more than {MAX_FILES} files or {MAX_TOTAL_BYTES:,} bytes."
        raise _unreadable(folder, "size", message, "A service is text; put data into a register.")


def content_hash(files: Mapping[str, str]) -> str:
    """Return the hash of a service's files but the translations.

    Example:
        >>> files = {"service.yaml": "key: a"}
        >>> content_hash(files) == content_hash(files | {"locale/es.po": "x"})
        True
    """
    return _hash({name: text for name, text in files.items() if not name.startswith(LOCALE)})


def locale_hash(files: Mapping[str, str]) -> str:
    """Return the hash of a service's translations."""
    return _hash({name: text for name, text in files.items() if name.startswith(LOCALE)})


def _hash(files: Mapping[str, str]) -> str:
    return hashlib.sha256(rfc8785.dumps(dict(files))).hexdigest()


def _walk(home: Path, folder: str) -> Iterator[Path]:
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        if any(part.startswith(".") for part in name.parts):
            continue
        if path.is_symlink():
            message = "Links are not followed in declarations; put the file itself here."
            raise _unreadable(f"{folder}/{name.as_posix()}", "path", message)
        if path.is_dir():
            continue
        if path.suffix not in SUFFIXES:
            message = f"A file of this kind does not belong in a service. Known: {', '.join(SUFFIXES)}."
            raise _unreadable(f"{folder}/{name.as_posix()}", "kind", message, "Remove it.")
        yield path


def _text(raw: bytes, file: str) -> str:
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable(
            Problem(file, line, 0, "document.text", "This is not UTF-8 text.", "Save the file as UTF-8.")
        ) from None
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        message = f"The control character {found.group()!r} does not belong in text."
        raise Unreadable(Problem(file, line, 0, "document.text", message, "Delete it."))
    return text


def _unreadable(file: str, code: str, message: str, hint: str = "") -> Unreadable:
    return Unreadable(Problem(file, 0, 0, f"document.{code}", message, hint))


__all__ = ["LOCALE", "MAX_BYTES", "content_hash", "locale_hash", "read_folder", "texts_of"]

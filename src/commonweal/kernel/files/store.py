"""Where the bytes lie: written aside, made durable, then renamed into place under a random key."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from commonweal.kernel.files.errors import FileEmpty, FileTooLarge

MAX_BYTES = 20 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes that lie aside and have no place yet."""

    path: Path
    sha256: str
    size_bytes: int


def root() -> Path:
    """Return the folder of the store."""
    return Path(settings.MEDIA_ROOT)


def path_of(key: str) -> Path:
    """Return where the bytes of a key lie.

    Raises:
        ValueError: It is no key of ours.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("This is no key of the file store.")
    return root() / key[:2] / key[2:4] / key


@contextlib.contextmanager
def written(
    chunks: Iterable[bytes], *, max_bytes: int = MAX_BYTES, aside: Path | None = None
) -> Iterator[Written]:
    """Write bytes aside and make them durable; whatever has not been placed is gone afterwards.

    Args:
        chunks: The bytes.
        max_bytes: Most that are taken.
        aside: The folder; one of the store where none is given.

    Raises:
        FileTooLarge: There are more than ``max_bytes``, or than ``MAX_BYTES``.
        FileEmpty: There are none.
    """
    limit = min(max_bytes, MAX_BYTES)
    aside = root() / "incoming" if aside is None else aside
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = aside / secrets.token_hex(32)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise FileTooLarge(limit_mb=limit // 1024**2)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise FileEmpty
        yield Written(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


def place(aside: Written) -> str:
    """Rename bytes into their place and return their key."""
    key = secrets.token_hex(32)
    target = path_of(key)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside.path.rename(target)
    for folder in (target.parent, target.parent.parent, root()):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return key


def remove(key: str) -> None:
    """Delete the bytes of a key; doing it again changes nothing."""
    path_of(key).unlink(missing_ok=True)


def keys_older_than(age_s: float) -> Iterator[str]:
    """Return the keys whose bytes have lain in the store for some time, in no order."""
    before = time.time() - age_s
    for path in root().glob("??/??/*"):
        if _KEY.fullmatch(path.name) and path.stat().st_mtime < before:
            yield path.name


@contextlib.contextmanager
def piece(chunks: Iterable[bytes], *, at_most: int) -> Iterator[Path]:
    """Write a piece of a file aside, and take it away afterwards; what is more than ``at_most`` bytes is dropped."""
    aside = root() / "incoming"
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, size = aside / secrets.token_hex(32), 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += file.write(chunk[: at_most - size])
        yield path
    finally:
        path.unlink(missing_ok=True)


def append(key: str, offset: int, more: Path) -> int:
    """Write a piece behind the bytes that a key has already, make them durable, and return how many there are now.

    What lies behind ``offset`` is overwritten: nobody was told that it had arrived.
    """
    target = path_of(key)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("r+b" if target.exists() else "w+b") as file, more.open("rb") as source:
        file.truncate(offset)
        file.seek(offset)
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()

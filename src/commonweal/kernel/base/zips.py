"""Zip archives that others made, opened only where their list of contents is short.

Python's ``zipfile`` reads the whole list, whatever its length, before anybody can count it. The end of an archive says how
long the list is: 22 bytes, behind them a comment.

Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16.
"""

from __future__ import annotations

import os
import struct
import zipfile
from typing import BinaryIO

_END = struct.Struct("<4s4H2LH")
_END_MARK, _ZIP64_MARK = b"PK\x05\x06", b"PK\x06\x07"
_ZIP64_LENGTH = 20
_MOST_COMMENT = 65_535
_BYTES_AN_ENTRY = 256
"""More than an entry of an office file takes on average: 46 bytes and its name."""


def open_short(source: BinaryIO, *, most_entries: int) -> zipfile.ZipFile:
    """Open an archive whose list of contents names no more files than this, and is about as long as that takes.

    Args:
        source: Its bytes; they can be read from any place.
        most_entries: How many files it may hold.

    Raises:
        zipfile.BadZipFile: It is no archive, its list is too long, or it is of the kind for more than 4 GB (ZIP64).
    """
    count, length = _list_of(source)
    if count > most_entries or length > most_entries * _BYTES_AN_ENTRY:
        raise zipfile.BadZipFile("The list of contents is too long.")
    source.seek(0)
    return zipfile.ZipFile(source)


def _list_of(source: BinaryIO) -> tuple[int, int]:
    """Return how many files the archive says to hold, and how many bytes the list of them takes.

    The end is looked for as ``zipfile`` looks for it, or one could show a short list here and a long one there.
    """
    size = source.seek(0, os.SEEK_END)
    start = source.seek(max(0, size - _MOST_COMMENT - _END.size))
    tail = source.read()
    last = tail[-_END.size :]
    if last.startswith(_END_MARK) and last.endswith(b"\0\0") and len(last) == _END.size:
        at = len(tail) - _END.size
    else:
        at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile("There is no end of a list of contents.")
    before = start + at - _ZIP64_LENGTH
    if before >= 0:
        source.seek(before)
        if source.read(len(_ZIP64_MARK)) == _ZIP64_MARK:
            raise zipfile.BadZipFile("An archive for more than 4 GB is not taken.")
    _mark, _disk, _disk_of_list, _count_here, count, length, _offset, _comment = _END.unpack_from(tail, at)
    return count, length

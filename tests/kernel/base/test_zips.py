"""An archive's list is bounded before it is read."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.base import zips
from commonweal.kernel.base.zips import open_short


def archive(count: int, *, name: str = "a{}", comment: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.comment = comment
        for number in range(count):
            made.writestr(name.format(number), b"")
    return packed.getvalue()


def trap(listed: int, said: int) -> bytes:
    """An archive that lists so many files, and says to hold another number."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    body = b"PK\x03\x04" + b"\0" * 26
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, said, said, len(entry) * listed, len(body), 0)
    return body + entry * listed + end


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may read the list."""

    def read(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(zips.zipfile, "ZipFile", read)


@given(st.integers(0, 20), st.binary(max_size=300).filter(lambda comment: b"PK" not in comment))
def test_a_short_archive_opens_whatever_its_comment(count: int, comment: bytes) -> None:
    with open_short(io.BytesIO(archive(count, comment=comment)), most_entries=20) as opened:
        assert len(opened.namelist()) == count


@pytest.mark.parametrize(
    "content",
    [
        trap(300_000, 1),  # says one, lists many: 14 MB of list
        trap(1, 60_000),
        trap(300_000, 300_000 & 0xFFFF),
        b"",
        b"PK",
        b"PK\x05\x06",
        b"no archive" * 10_000,
    ],
    ids=["hides its list", "says too many", "both", "empty", "begun", "cut off", "none"],
)
def test_a_long_list_is_refused_before_it_is_read(content: bytes, unread: None) -> None:
    with pytest.raises(zipfile.BadZipFile):
        open_short(io.BytesIO(content), most_entries=5_000)


def test_a_list_cannot_hide_behind_the_end_for_large_archives(unread: None) -> None:
    long = trap(300_000, 1)
    listed = len(long) - 22 - 30
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, listed, 30)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(long) - 22, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 47, 30, 0)

    with pytest.raises(zipfile.BadZipFile, match="4 GB"):
        open_short(io.BytesIO(long[:-22] + large + locator + end), most_entries=5_000)


def test_the_end_is_found_where_python_finds_it(unread: None) -> None:
    """Of two ends, one in the other's comment, Python takes the last 22 bytes if they are one, else the last mark."""
    short, long = trap(1, 1), trap(300_000, 1)
    end = short[-22:-2] + struct.pack("<H", 22)

    with pytest.raises(zipfile.BadZipFile):
        open_short(io.BytesIO(long[:-22] + end + long[-22:]), most_entries=5_000)

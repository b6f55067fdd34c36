from __future__ import annotations

import stat
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.kernel.authoring import archives
from commonweal.kernel.authoring.archives import read_zip, write_zip
from commonweal.kernel.authoring.errors import ArchiveRefused


def packed(*entries: tuple[str, bytes], mode: int = stat.S_IFREG | 0o644) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


names = st.from_regex(r"[a-z][a-z0-9-]{0,8}\.(yaml|md)", fullmatch=True)


@settings(max_examples=20)
@given(st.dictionaries(names, st.text(st.characters(exclude_categories=["Cs"]), max_size=50), max_size=5))
def test_what_is_written_is_read_again(files: dict[str, str]) -> None:
    files = files | {"service.yaml": "key: x"}
    archive = write_zip("x", files)
    assert read_zip(archive) == {name: text.encode() for name, text in files.items()}
    assert write_zip("x", dict(reversed(files.items()))) == archive


def test_the_folder_may_lie_deep_and_what_is_hidden_is_left_out() -> None:
    found = read_zip(
        packed(
            ("repo/services/x/service.yaml", b"key: x"),
            ("repo/services/x/letters/a.md", b"A"),
            ("repo/.git/config", b"x"),
            ("__MACOSX/repo/._service.yaml", b"x"),
        )
    )
    assert found == {"service.yaml": b"key: x", "letters/a.md": b"A"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a zip",
        packed(("a.md", b"x")),
        packed(("x/service.yaml", b"x"), ("y/service.yaml", b"x")),
        packed(("x/service.yaml", b"x"), ("other/a.md", b"x")),
        packed(("x/service.yaml", b"x"), ("x/../../a.md", b"x")),
        packed(("/x/service.yaml", b"x")),
        packed(("x\\service.yaml", b"x"), ("service.yaml", b"x")),
        packed(("c:/service.yaml", b"x")),
        packed(("service.yaml", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777),
        packed(("service.yaml", b"x"), ("big.md", b"0" * 2_000_001)),
        packed(("service.yaml", b"x"))[:-30],
        packed(("service.yaml", b"x")) + b"0" * archives.MAX_ARCHIVE_BYTES,
        packed(*((f"{number}.md", b"") for number in range(archives.MAX_ENTRIES + 1))),
    ],
)
def test_a_doubtful_archive_is_refused(content: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        read_zip(content)


def test_a_bomb_is_refused_after_a_bounded_read() -> None:
    bomb = packed(("service.yaml", b"x"), *((f"{number}.md", b"0" * 1_999_999) for number in range(40)))
    assert len(bomb) < 200_000
    with pytest.raises(ArchiveRefused, match="too large"):
        read_zip(bomb)


def test_sizes_that_the_archive_lies_about_are_not_believed() -> None:
    raw = bytearray(packed(("service.yaml", b"0" * 3_000_000)))
    raw = raw.replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(ArchiveRefused):
        read_zip(bytes(raw))


def test_the_same_file_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = packed(("service.yaml", b"x"), ("service.yaml", b"y"))
    with pytest.raises(ArchiveRefused, match="twice"):
        read_zip(content)


def test_an_encrypted_file_is_refused() -> None:
    raw = bytearray(packed(("service.yaml", b"x")))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(magic) + offset] |= 1
    with pytest.raises(ArchiveRefused, match="encrypted"):
        read_zip(bytes(raw))

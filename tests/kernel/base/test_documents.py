from __future__ import annotations

from pathlib import Path

import pytest

from commonweal.kernel.base import documents
from commonweal.kernel.base.documents import Unreadable, read_yaml


def refusal(root: Path, name: str) -> str:
    """What is said of a file that is refused."""
    with pytest.raises(Unreadable) as caught:
        read_yaml(root, name)
    return str(caught.value)


def test_a_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "secret.yaml").write_text("a: 1")
    assert "leads out of" in refusal(tmp_path / "city", "../secret.yaml")


def test_a_link_is_refused_even_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "true.yaml").write_text("a: 1")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "true.yaml")
    assert "Links are not followed" in refusal(tmp_path, "link.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path, "none.yaml")
    assert "no such file" in refusal(tmp_path, ".")


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 5)
    (tmp_path / "a.yaml").write_text("a: 12")
    (tmp_path / "b.yaml").write_text("a: 123")
    assert read_yaml(tmp_path, "a.yaml").data == {"a": 12}
    assert "larger than 5 bytes" in refusal(tmp_path, "b.yaml")


def test_broken_yaml_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\nb: [1, 2\n")
    assert "a.yaml:3" in refusal(tmp_path, "a.yaml")


@pytest.mark.parametrize("raw", [b"a: \xff", b"a: \x00"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(raw)
    assert "not YAML" in refusal(tmp_path, "a.yaml")

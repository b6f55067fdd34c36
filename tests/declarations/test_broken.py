"""Every broken declaration is refused with its own message, and nothing of it is published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django import Settings

from commonweal.kernel.base.documents import Problem, Unreadable
from commonweal.kernel.base.jurisdiction import load, root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.compiler.service import compile_service
from commonweal.kernel.catalogue.errors import BrokenDeclaration
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.registry import folder_checks

AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
BROKEN = Path(__file__).parent / "broken"
SERVICE = "services/parking-permit"
KEPT = {"services": {"parking-permit"}, "law": {"parking"}}
"""Of these folders of the city; the checks read whatever else is there, once for each case."""


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What a copy of the city does not hold: pages' colours, and other services and laws."""
    inside = Path(folder).relative_to(root())
    return ({"theme"} & set(names)) | (set(names) - KEPT.get(str(inside), set(names)))


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Path]:
    """A copy of the city with the parking permit, its law and its registers."""
    home = tmp_path / "city"
    shutil.copytree(root(), home, ignore=_left_out)
    load.cache_clear()
    yield home
    load.cache_clear()


def _problems(home: Path) -> list[Problem]:
    try:
        load(home)
    except Unreadable as error:
        return [error.problem]
    found = [problem for check in folder_checks for problem in check.check(home)]
    return found + compile_service(home, SERVICE)[1]


def _place(home: Path, problem: Problem) -> str:
    """Return the line that a problem names, with a mark before the column; line numbers would change with every edit above."""
    if not problem.line:
        return ""
    line = (home / problem.file).read_text(errors="replace").split("\n")[problem.line - 1]
    at = max(problem.column - 1, 0)
    return f"{line[:at]}▸{line[at:]}".strip()


def _break(home: Path, change: dict[str, Any]) -> None:
    path = home / change["file"]
    if change.get("delete"):
        path.unlink()
    elif "text" in change:
        path.write_text(change["text"])
    else:
        before = path.read_text()
        assert change["old"] in before, "the declaration has changed: mend this case"
        path.write_text(before.replace(change["old"], change["new"], 1))


def test_there_are_at_least_sixty() -> None:
    assert len(list(BROKEN.glob("*.yaml"))) >= 60


def test_the_city_itself_has_no_errors(city: Path) -> None:
    assert [str(problem) for problem in _problems(city) if problem.is_error] == []


@pytest.mark.parametrize("name", sorted(path.stem for path in BROKEN.glob("*.yaml")))
def test_a_broken_declaration_is_refused_with_its_message(city: Path, name: str) -> None:
    case = yaml.safe_load((BROKEN / f"{name}.yaml").read_text())
    _break(city, case["change"])

    found = {
        (problem.code, str(replace(problem, line=0)), _place(city, problem))
        for problem in _problems(city)
        if problem.is_error
    }

    expected = (case["code"], case["says"], case.get("at", ""))
    assert expected in found, "\n".join(sorted(str(each) for each in found))


@pytest.mark.django_db
def test_nothing_broken_is_published(city: Path, settings: Settings) -> None:
    settings.COMMONWEAL_JURISDICTION = str(city)
    good = publish_folder("parking-permit", by=Actor.system("publish"), at=AT)
    letter = city / SERVICE / "letters/permit.md"
    letter.write_text(letter.read_text().replace("{% endif %}", ""))

    with pytest.raises(BrokenDeclaration):
        publish_folder("parking-permit", by=Actor.system("publish"), at=AT)

    assert [version.pk for version in ServiceVersion.objects.all()] == [good.pk]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("form.yaml", b"x: " + b"1" * 2_000_001, "larger than 2,000,000 bytes"),
        ("form.yaml", b"a: \xff\xfe", "UTF-8"),
        ("form.yaml", b"a: 'x\x07'", "control character"),
        ("notes.exe", b"MZ", "A file of this kind does not belong in a service."),
    ],
)
def test_a_file_that_cannot_be_a_declaration_is_refused(
    city: Path, name: str, content: bytes, says: str
) -> None:
    (city / SERVICE / name).write_bytes(content)

    found = [str(problem) for problem in _problems(city) if problem.is_error]

    assert len(found) == 1
    assert says in found[0]


def test_fifty_megabytes_are_refused_before_they_are_read(city: Path) -> None:
    path = city / SERVICE / "form.yaml"
    with path.open("wb") as stream:
        os.truncate(stream.fileno(), 50_000_000)

    (problem,) = [problem for problem in _problems(city) if problem.is_error]

    assert problem.code == "document.size"


@pytest.mark.parametrize("target", ["../../jurisdiction.yaml", "/etc/hostname"])
def test_a_link_is_refused(city: Path, target: str) -> None:
    path = city / SERVICE / "letters/extra.md"
    path.symlink_to(target)

    (problem,) = [problem for problem in _problems(city) if problem.is_error]

    assert problem.message == "Links are not followed in declarations; put the file itself here."


def test_a_billion_laughs_are_refused_at_the_second(city: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 10)]
    (city / SERVICE / "form.yaml").write_text("\n".join(lines))

    (problem,) = [problem for problem in _problems(city) if problem.is_error]

    assert (problem.code, problem.line) == ("document.alias", 1)

"""The JSON Schemas for editors are those of the compiler: they take what it takes, and mark what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tools.declarations import SCHEMAS

from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.jurisdiction import root

SERVICE = "services/parking-permit"


def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _files() -> Iterator[tuple[str, Path]]:
    home = root()
    for key in ("parking-permit", "school-enrolment", "file-tax-return"):
        yield from ((path.stem, path) for path in sorted(home.glob(f"services/{key}/*.yaml")))
    yield "register", home / "registers/dwellings.yaml"
    yield "law-cases", home / "law/parking/cases.yaml"
    yield "life-events", home / "life-events.yaml"
    yield "jurisdiction", home / "jurisdiction.yaml"


def _plain(value: Any) -> Any:
    """Return a document as an editor sees it: days are texts."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _read(text: bytes) -> Any:
    return _plain(parse_yaml(text, "x.yaml").data)


@pytest.mark.parametrize(("name", "path"), list(_files()), ids=lambda one: getattr(one, "name", one))
def test_what_the_compiler_takes_an_editor_takes(name: str, path: Path) -> None:
    found = [
        f"{error.json_path}: {error.message}"
        for error in _validator(name).iter_errors(_read(path.read_bytes()))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("service", "agency: transportation", "agencie: transportation", "$"),
        ("service", "  retention: {years: 3,", "  retention: {years: three,", "$.stages.retention.years"),
        ("form", "type: boolean", "type: yesno", "$.pages[1].questions[2]"),
    ],
)
def test_what_the_compiler_refuses_an_editor_marks(name: str, old: str, new: str, place: str) -> None:
    text = (root() / SERVICE / f"{name}.yaml").read_text()
    assert old in text

    found = [
        error.json_path for error in _validator(name).iter_errors(_read(text.replace(old, new, 1).encode()))
    ]

    assert set(found) == {place}


def test_every_key_is_explained() -> None:
    schema = json.loads((SCHEMAS / "service.json").read_text())

    assert schema["properties"]["agency"]["description"] == "Key of the agency that is answerable."
    assert "look_ups" in schema["properties"]

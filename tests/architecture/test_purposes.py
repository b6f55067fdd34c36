"""What the access log names as a purpose, people read in plain words of their language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from tests.architecture.routes import operations, routes

from commonweal.kernel.base.routes import NOTHING
from commonweal.kernel.people.presenting import PURPOSES, purpose_label

SOURCE = Path(__file__).parents[2] / "src/commonweal"


def _declared() -> set[str]:
    """Return the purposes that routes and operations declare."""
    found = {each.rule.discloses for each in (*routes(), *operations()) if each.rule is not None}
    return found - {NOTHING}


def _recorded(path: Path) -> Iterator[str]:
    """Return the purposes that a module's own constants give to the access log."""
    tree = ast.parse(path.read_text())
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
            "record_access",
            "recording_access",
        }:
            purpose = node.args[2]
            if isinstance(purpose, ast.Name) and purpose.id in constants:
                yield str(constants[purpose.id])
            elif isinstance(purpose, ast.Constant):
                yield str(purpose.value)


def test_every_purpose_has_words_for_the_person_concerned() -> None:
    modules = [path for path in SOURCE.rglob("*.py") if re.search("record(ing)?_access", path.read_text())]
    recorded = {purpose for path in modules for purpose in _recorded(path)}

    assert recorded, "this test reads the sources"
    assert sorted(PURPOSES) == sorted(_declared() | recorded)


@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_words_are_in_every_language(language: str) -> None:
    with translation.override("en"):
        english = {purpose: purpose_label(purpose) for purpose in PURPOSES}
    with translation.override(language):
        assert [each for each in PURPOSES if purpose_label(each) == english[each]] == []

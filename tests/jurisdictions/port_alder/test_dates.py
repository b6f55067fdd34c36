"""A hint that shows a date shows it in the order of the three inputs, in every language."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from babel.messages.pofile import read_po
from tests.architecture.tree import ROOT

SERVICES = sorted((ROOT / "jurisdictions/port-alder/services").iterdir())
MONTH_DAY_YEAR = re.compile(r"\b(\d{1,2}) (\d{1,2}) (\d{4})\b")


def texts(node: Any) -> set[str]:
    """Every text of a form."""
    if isinstance(node, dict):
        return set().union(*map(texts, node.values())) if node else set()
    if isinstance(node, list):
        return set().union(*map(texts, node)) if node else set()
    return {node} if isinstance(node, str) else set()


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_examples_of_dates_have_the_order_of_the_inputs(service: Any) -> None:
    form = service / "form.yaml"
    examples = {
        text: found.groups()
        for text in (texts(yaml.safe_load(form.read_text())) if form.exists() else set())
        if (found := MONTH_DAY_YEAR.search(text))
    }
    for month, day, _year in examples.values():
        assert int(month) <= 12 < int(day), "an example tells month and day apart"
    for path in sorted((service / "locale").glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        for text, example in examples.items():
            message = catalogue.get(text)
            if message is None or not message.string:
                continue
            shown = MONTH_DAY_YEAR.search(str(message.string))
            assert shown is not None, (path.name, text)
            assert shown.groups() == example, (path.name, text)


def test_there_is_an_example_to_look_at() -> None:
    forms = [service / "form.yaml" for service in SERVICES]
    assert any(MONTH_DAY_YEAR.search(form.read_text()) for form in forms if form.exists())

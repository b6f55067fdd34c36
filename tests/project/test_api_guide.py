"""Every example of the guide to the API runs as it stands."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from django.test import Client
from tests.architecture.tree import ROOT
from tests.kernel.cases.conftest import Town, town  # noqa: F401 - the fixture

GUIDE = (ROOT / "docs/guides/api.md").read_text()
EXAMPLES = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]


def sent(line: str) -> tuple[str, str, dict[str, str], str]:
    """What curl would send: method, path, headers, body."""
    words = iter(shlex.split(line)[1:])
    method, path, headers, body = "GET", "", {}, ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            path = word.removeprefix("http://localhost:8000")
    return method, path, headers, body


@pytest.mark.django_db
@pytest.mark.parametrize("line", EXAMPLES, ids=range(len(EXAMPLES)))
def test_example_of_the_guide_runs(town: Town, client: Client, line: str) -> None:  # noqa: F811
    method, path, headers, body = sent(line)
    kind = headers.pop("Content-Type", "application/json")

    response = client.generic(method, path, body, content_type=kind, headers=headers)

    assert response.status_code in {200, 201}, response.content
    assert json.loads(response.content)


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.django_db
def test_the_page_for_people_says_how_to_begin(client: Client) -> None:
    text = client.get("/api/").content.decode()
    assert "curl http://localhost:8000/api/v1/services" in text
    assert "/api/v1/openapi.json" in text

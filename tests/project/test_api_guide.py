"""Every example of the guide to the API runs as it stands."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.architecture.tree import ROOT
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, town  # noqa: F401 - the fixture

from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.people.actions import make_token

GUIDE = (ROOT / "docs/guides/api.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
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
    assert len(EXAMPLES) == 7
    assert len(PROGRAMS) == 1


@pytest.mark.django_db(transaction=True)
def test_the_program_of_the_guide_signs_in_with_a_token_and_applies(
    live_server: Any,
    town: Town,  # noqa: F811 - the fixture is meant
    settings: Any,
) -> None:
    settings.COMMONWEAL_CLOCK_START = AT  # law of a month that we have
    account, now = town.person.account, clock.now()
    assert account is not None
    made = make_token(
        account.pk, name="guide", scope="read write", expires_at=now + timedelta(1), by=town.resident, at=now
    )

    done = subprocess.run(
        [sys.executable, "-c", PROGRAMS[0]],
        env={**os.environ, "COMMONWEAL_URL": live_server.url, "COMMONWEAL_TOKEN": made.secret},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    case = Case.objects.get()
    assert case.applicant_id == town.person.pk
    assert done.stdout.startswith(case.reference)


@pytest.mark.django_db
def test_the_page_for_people_says_how_to_begin(client: Client) -> None:
    text = client.get("/api/").content.decode()
    assert "curl http://localhost:8000/api/v1/services" in text
    assert "/api/v1/openapi.json" in text

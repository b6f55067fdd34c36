"""Every page is made from our Jinja2 templates; nothing is rendered or sent inside a transaction."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.template import base as django_templates
from django.test import Client
from django.urls import reverse
from tests.architecture.routes import routes
from tests.architecture.test_lists import without_argument
from tests.kernel.cases.conftest import Town, food_answers, town  # noqa: F401 - the fixture

from commonweal.kernel.base.routes import NOTHING
from commonweal.kernel.jobs import tasks as jobs
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.mailbox import tasks
from commonweal.kernel.mailbox.models import Attachment

PAGES = sorted(without_argument(routes()))
SILENT = {route.name for route in routes() if route.rule and route.rule.discloses == NOTHING}
"""What says that it shows nobody's data."""


def _refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("rendered by Django's template language")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["guest", "resident", "officer"])
def test_no_page_is_made_by_djangos_template_language_or_shows_data_it_does_not_declare(
    town: Town,  # noqa: F811 - the fixture is meant
    who: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = [town.send(food_answers()), town.send(food_answers(circumstances=["strike"]))]
    private = [
        b"resident@example.org",
        str(town.person.pk).encode(),
        *(each.reference.encode() for each in cases),
    ]
    accounts = {"resident": town.person.account, "officer": town.workers["supervisor"].account}
    monkeypatch.setattr(django_templates.Template, "render", _refuse)
    shown = 0
    for name in PAGES:
        client = Client()  # a new one each, for one of the pages signs out
        if who in accounts:
            client.force_login(accounts[who])
        response = client.get(reverse(name))
        assert response.status_code < 500, name
        if who != "resident" and name in SILENT and not response.streaming:
            assert [each for each in private if each in response.content] == [], name
        shown += response.status_code == 200 and response["Content-Type"].startswith("text/html")
    assert shown >= 15


@pytest.mark.django_db(transaction=True)
def test_nothing_is_rendered_or_sent_inside_a_transaction(
    town: Town,  # noqa: F811 - the fixture is meant
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    town.send(food_answers())
    assert Attachment.objects.count() == 0
    seen = []

    def make(sheet: Any) -> bytes:
        seen.append(connection.in_atomic_block)
        return b"%PDF-1.7\n%%EOF"

    def connect(*_: Any, **__: Any) -> None:
        seen.append(connection.in_atomic_block)
        raise OSError("no mail server here")

    monkeypatch.setattr(tasks, "letter_pdf", make)
    monkeypatch.setattr(jobs.smtplib, "SMTP", connect)
    Worker().run_until_empty()

    assert len(seen) >= 2  # the letter, and the notice by e-mail
    assert not any(seen)
    assert Attachment.objects.count() == 1

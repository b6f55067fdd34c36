"""What the site says about itself, and the foot of every page that leads there."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from commonweal.kernel.base import about, clock
from commonweal.kernel.base.jurisdiction import Security, current


@pytest.mark.parametrize("path", ["/about/accessibility/", "/about/privacy/", "/about/imprint/"])
def test_the_foot_of_each_page_leads_to_what_the_site_says_of_itself(client, db, path):
    assert f'<a href="{path}">' in client.get("/gallery").content.decode()

    answer = client.get(path)
    text = answer.content.decode()

    assert answer.status_code == 200
    assert f'<a href="{path}" aria-current="page">' in text
    assert "hello@port-alder.example" in text


@pytest.mark.parametrize("path", ["/law/", "/algorithms/", "/districts/"])
def test_the_foot_of_each_page_leads_to_what_everybody_may_see(client, db, path):
    assert f'<a href="{path}">' in client.get("/gallery").content.decode()


def test_the_site_says_whom_to_tell_of_a_weakness(client, db, settings):
    settings.COMMONWEAL_URL = "https://port-alder.example"

    answer = client.get("/.well-known/security.txt")
    fields = [line.split(": ", 1) for line in answer.content.decode().splitlines()]
    (expires,) = [datetime.fromisoformat(value) for name, value in fields if name == "Expires"]

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert [each for each in fields if each[0] != "Expires"] == [
        ["Contact", "mailto:security@port-alder.example"],
        ["Contact", "tel:555-0100"],
        ["Preferred-Languages", "en, es, ar"],
        ["Canonical", "https://port-alder.example/.well-known/security.txt"],
    ]
    assert timedelta(days=80) < expires - clock.now() < timedelta(days=365)


def test_a_jurisdiction_may_say_more_or_nothing(client, db, monkeypatch):
    more = Security(
        contacts=("https://city.example/report",),
        policy="https://city.example/policy",
        encryption="https://city.example/key",
        acknowledgments="https://city.example/thanks",
    )
    for declared in (more, None):
        here = current().model_copy(update={"security": declared})
        monkeypatch.setattr(about, "current", lambda here=here: here)
        answer = client.get("/.well-known/security.txt")
        if declared is None:
            assert answer.status_code == 404
        else:
            names = re.findall(r"^[A-Za-z-]+", answer.content.decode(), re.MULTILINE)
            assert names == [
                "Contact",
                "Expires",
                "Preferred-Languages",
                "Policy",
                "Encryption",
                "Acknowledgments",
            ]


@pytest.mark.parametrize("contact", ["security@city.example", "http://city.example", "mailto:a b@c"])
def test_a_contact_is_an_address_that_programs_can_follow(contact):
    with pytest.raises(ValidationError):
        Security(contacts=(contact,))

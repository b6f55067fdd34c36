"""The page shell: language, the practice banner, and one page for every failure."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from tests.factories.people import make_officer

from commonweal.kernel.base import errors, failures


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Malformed(), 400),
        (errors.Forbidden(), 403),
        (errors.NotFound(), 404),
        (errors.Conflict(), 409),
        (errors.Gone(), 410),
        (errors.TooLarge(), 413),
        (errors.TooManyRequests(), 429),
        (errors.CommonwealError(), 500),
        (errors.Unavailable(), 503),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_every_failure_has_a_page_that_says_what_to_do(error, status, db):
    request = RequestFactory().get("/anything")
    request.request_id = "0123456789abcdef"
    response = failures.answer(request, error)
    text = response.content.decode()
    assert response.status_code == status
    assert f"{error}</h1>" in text
    assert str(error.next_step) in unescape(text)
    assert "0123456789abcdef" in text


@pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_page_says_its_language_and_direction(code, direction, client, db):
    text = client.get("/gallery", headers={"accept-language": code}).content.decode()
    assert f'<html lang="{code}" dir="{direction}">' in text
    translation.activate("en")


@pytest.mark.parametrize("is_demo", [True, False])
def test_practice_city_says_so(is_demo, settings, db):
    settings.COMMONWEAL_DEMO = is_demo
    assert ("Practice city." in Client().get("/gallery").content.decode()) is is_demo


def test_page_loads_only_from_its_own_house(client, db):
    text = client.get("/gallery").content.decode()
    assert "https://" not in text.replace("http://www.w3.org", "")
    assert " onclick" not in text
    assert "<style" not in text


@pytest.mark.parametrize("path", ["/workbench/", "/workbench/rounds/"])
def test_one_room_of_the_workbench_is_marked_as_the_one_that_is_open(path, client, db):
    client.force_login(make_officer(roles=("supervisor",)).account)
    navigation = client.get(path).content.decode().split("cw-bench__nav")[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]*)" aria-current="(\w+)"', navigation) == [(path, "page")]

"""Every main page in the pseudo-language: from right to left, and nothing on it in plain English."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.journeys.city import open_city
from tests.kernel.cases.conftest import food_answers
from tests.project import pseudo

from commonweal.kernel.base import clock, jinja, templates
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.cases.actions import submit
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.people.queries import actor_of

PLAIN = re.compile(r"[A-Za-z]{2,}(?:[ ,.'-]+[A-Za-z]+)*")
# Names, addresses and citations are the same in every language.
NAMES = re.compile(
    r"\S+@\S+|https?://\S+|City Hall, 1 Harbour Square, Port Alder, WA|1 Harbour Square|Port Alder|Harbour|Old Mill|Riverside"
    r"|Elm Park|Northgate|Airport|Basic Food|Hearing Examiner|Noor Haddad|Ines Okafor"
    r"|\b(?:SNAP|EBT|CFR|USC|WAC|PAMC|SSI|SSDI|TANF|USD|US|PDF|UA|JavaScript)\b|CO2"
    r"|[A-Z]{2}-\d+|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}|\b[0-9a-f]{16}\b"
    r"|\bEnglish\b|\bEspañol\b"  # how a language calls itself
    r"|Register of residents|\btests\b"  # sources of facts are data
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    """The texts of the whole code in the pseudo-language."""
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.write_catalogue(folder)
    return folder


def forget_words():
    """Let templates look every text up again: a process keeps what it has read of its catalogues."""
    for value in [*vars(jinja).values(), *vars(templates).values()]:
        if hasattr(value, "cache_clear"):
            value.cache_clear()


@pytest.fixture
def city(db, settings, catalogue):
    settings.LOCALE_PATHS = [catalogue]
    forget_words()  # other tests of this process have read the true catalogue
    yield open_city(settings)
    forget_words()


def reader(account=None):
    client = Client(headers={"accept-language": pseudo.LANGUAGE})
    client.cookies["django_language"] = pseudo.LANGUAGE
    if account is not None:
        client.force_login(account)
    return client


def plain_english(response):
    heard = pseudo.Heard(response.content.decode()).texts
    return [text for text in heard if PLAIN.search(NAMES.sub("", text))]


def assert_speaks(client, path, status=200):
    response = client.get(path, follow=True)
    assert response.status_code == status, path
    assert '<html lang="ar" dir="rtl">' in response.content.decode(), path
    assert plain_english(response) == [], path


def apply(city, **changes):
    actor = actor_of(city.resident.account)
    started = start_sheet("food-assistance", by=actor, at=clock.now())
    saved = answer_all(started.sheet_id, food_answers(**changes), revision=0, by=actor, at=clock.now())
    return submit(
        started.sheet_id,
        applicant_id=city.resident.pk,
        revision=saved.revision,
        by=actor,
        at=clock.now(),
    )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/services/",
        "/services/?q=١٢٣",
        "/services/food-assistance/",
        "/services/parking-permit/",
        "/account/login/",
        "/account/signup/",
        "/account/password/reset/",
        "/account/login/code/",
        "/algorithms/",
    ],
)
def test_pages_for_everybody(city, path):
    assert_speaks(reader(), path)


def test_pages_that_fail(city):
    assert_speaks(reader(), "/nowhere/", 404)
    assert_speaks(reader(city.resident.account), "/cases/ABCD-EFGH-JKLM/", 404)


@pytest.mark.parametrize(
    "path",
    [
        "/me/",
        "/me/details/",
        "/me/access/",
        "/mailbox/",
        "/account/",
        "/account/email/",
        "/account/2fa/",
        "/account/sessions/",
        "/account/password/change/",
    ],
)
def test_pages_of_a_resident(city, path):
    assert_speaks(reader(city.resident.account), path)


@pytest.mark.parametrize("service", ["food-assistance", "parking-permit", "school-meals"])
def test_every_page_of_a_form_and_its_errors(city, service):
    client = reader(city.resident.account)
    page = client.post(f"/services/{service}/start", follow=True)
    assert page.status_code == 200
    draft = page.redirect_chain[-1][0]
    assert plain_english(page) == []
    wrong = client.post(draft, {"revision": "0"}, follow=True)
    assert (wrong.status_code, plain_english(wrong)) == (422, [])


def test_a_case_and_its_letter_are_in_the_readers_language(city):
    city.resident.language = pseudo.LANGUAGE
    city.resident.save(update_fields=["language"])
    case = apply(city, contact_language=pseudo.LANGUAGE)
    client = reader(city.resident.account)
    letter = Message.objects.get()
    client.post(f"/mailbox/{letter.pk}/open/")
    assert_speaks(client, f"/mailbox/{letter.pk}/")
    page = client.get(f"/cases/{case.reference}/")
    shown = pseudo.Heard(page.content.decode()).texts
    assert pseudo.pseudo("How we came to this decision") in shown
    assert current().short_name not in shown


def test_the_workbench(city):
    case = apply(city, circumstances=["student"])
    client = reader(city.officer)
    assert_speaks(client, "/workbench/")
    page = client.get(f"/workbench/cases/{case.reference}/")
    assert page.status_code == 200
    assert pseudo.pseudo("Why this case needs an officer") in pseudo.Heard(page.content.decode()).texts


def test_plain_english_would_be_found():
    html = '<html lang="ar"><p title="Hello there">Plain words</p><p lang="en">Others</p><code>code</code><br>Port Alder</html>'
    heard = pseudo.Heard(html).texts
    assert heard == ["Hello there", "Plain words", "Port Alder"]
    assert [bool(PLAIN.search(NAMES.sub("", text))) for text in heard] == [True, True, False]
    assert pseudo.pseudo("Step %(step)s of {of}") == "Šţéþ %(step)s óƒ {of}"

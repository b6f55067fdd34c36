from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from django.test import Client
from tests.factories.people import AT
from tests.kernel.catalogue.conftest import Write, home, write  # noqa: F401 - fixtures
from tests.kernel.forms.conftest import FORM
from tests.kernel.paper.pdfs import texts

from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.paper import queries
from commonweal.kernel.paper.printing import Copy as Printed
from commonweal.kernel.paper.printing import form_pdf

pytestmark = pytest.mark.django_db
KEY = "library-card"


@pytest.fixture
def library(home: Path, write: Write, settings: object) -> Write:  # noqa: F811 - pytest hands fixtures over by name
    settings.COMMONWEAL_JURISDICTION = str(home)  # type: ignore[attr-defined]  # pytest-django's own type
    write("form.yaml", FORM)
    write(
        "service.yaml",
        old="channels: [{kind: online}]",
        new="channels: [{kind: online}, {kind: counter, details: At any branch.}]",
    )
    return write


def publish() -> None:
    publish_folder(KEY, by=Actor.system("tests"), at=AT)


def test_the_page_of_a_service_leads_to_its_form_to_print(client: Client, library: Write) -> None:
    publish()
    page = client.get(f"/services/{KEY}/").content.decode()
    answer = client.get(f"/services/{KEY}/form-en.pdf")

    assert f'href="/services/{KEY}/form-en.pdf" hreflang="en"' in page
    assert f"/services/{KEY}/form-es.pdf" not in page
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "Or bring it to: At any branch." in texts(answer.content)[0]


def test_a_form_is_set_once_for_all_who_ask_within_ten_minutes(
    client: Client, library: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    made: list[str] = []

    def count(copy: Printed) -> bytes:
        made.append(copy.code)
        return form_pdf(copy)

    monkeypatch.setattr(queries, "form_pdf", count)
    later = iter((AT, AT + timedelta(minutes=9), AT + timedelta(minutes=10)))
    monkeypatch.setattr(queries, "_copy_made", lru_cache(queries._copy_made.__wrapped__))

    first, second, third = (queries.blank_form(KEY, "en", at=at) for at in later)

    assert first == second
    assert len(set(made)) == len(made) == 2
    assert made[1] in texts(third)[0]


def test_a_service_that_is_only_online_has_no_form_to_print(
    client: Client,
    home: Path,  # noqa: F811 - as above
    library: Write,
) -> None:
    library("service.yaml", old=", {kind: counter, details: At any branch.}", new="")
    publish()

    assert "form-en.pdf" not in client.get(f"/services/{KEY}/").content.decode()
    assert client.get(f"/services/{KEY}/form-en.pdf").status_code == 404


@pytest.mark.parametrize("address", [f"/services/{KEY}/form-fr.pdf", "/services/no-such/form-en.pdf"])
def test_there_is_no_form_in_a_language_that_a_service_does_not_speak(
    client: Client, library: Write, address: str
) -> None:
    publish()

    assert client.get(address).status_code == 404

"""The guide "Write a service in the browser" works field by field."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from tests.factories.people import AT, make_account, make_person
from tests.kernel.authoring.conftest import Office
from tests.kernel.authoring.test_law import LAW, law
from tests.kernel.authoring.test_rehearsals import walk
from tests.kernel.authoring.test_workbench import client_of, path, said

from commonweal.kernel.authoring.models import Draft, Rehearsal
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.catalogue.queries import search_services
from commonweal.kernel.decisions.queries import law_text
from commonweal.kernel.mailbox.models import Message

__all__ = ["law"]

GUIDE = (Path(__file__).resolve().parents[3] / "docs/guides/authoring.md").read_text()
TABLE = re.compile(r"^\| (.+?) \| \|\n\|---\|---\|\n((?:\|.*\|\n)+)", re.MULTILINE)
TABLES = {
    title: [tuple(cell.strip() for cell in row.strip("|").split(" | ", 1)) for row in rows.splitlines()]
    for title, rows in TABLE.findall(GUIDE)
}
LETTER = re.findall(r"```markdown\n(.*?)```", GUIDE, re.DOTALL)[0]


def filled_in(html: str, table: str) -> dict[str, str]:
    """What a reader of the guide sends: every field of the page's form as it stands, and those of the table changed."""
    sent = {}
    for label, value in TABLES[table]:
        found = re.search(rf'<label[^>]* for="([^"]+)"[^>]*>\s*{re.escape(label)}\s*(?:<|$)', html)
        found = found or re.search(
            rf'<textarea[^>]* name="([^"]+)"[^>]* aria-label="{re.escape(label)}"', html
        )
        legend = rf'<legend[^>]*><span[^>]*>{re.escape(label)}<.*?name="([^"]+)-month"'
        boxes = re.search(legend, html, re.DOTALL)
        if found is None and boxes:
            sent |= dict(
                zip(
                    (f"{boxes[1]}-{part}" for part in ("year", "month", "day")), value.split("-"), strict=True
                )
            )
            continue
        assert found, f"{table}: there is no field '{label}'"
        name = found[1]
        option = re.search(rf'<option value="([^"]*)"[^>]*>{re.escape(value)}</option>', html)
        sent[name] = option[1] if option else value
    seen = re.search(r'name="seen" value="([^"]*)"', html)
    return sent | ({"seen": seen[1]} if seen else {})


def test_the_guide_leads_to_a_service_that_residents_use(office: Office, settings: Any) -> None:
    settings.COMMONWEAL_CLOCK_START = AT
    _without_the_small_service()
    author = client_of(office, "author")
    listing = unescape(said(author.get(reverse("authoring:list"))))
    author.post(reverse("authoring:new"), filled_in(listing, "Begin a new service"))
    draft = Draft.objects.get()

    texts = path("texts", draft, file="service.yaml")
    assert "Saved." in said(author.post(texts, filled_in(_page(author, texts), "Texts of service.yaml")))
    outline = path("questions", draft)
    author.post(path("add-question", draft), filled_in(_page(author, outline), "Add a question"))
    seen = {"seen": _seen(_page(author, outline))}
    author.post(path("arrange", draft), {"act": "up reach/birth_date", **seen})
    one = path("question", draft, place="reach/birth_date")
    saved = said(author.post(one, filled_in(_page(author, one), "Question reach/birth_date")))
    assert "Saved." in saved
    letter = path("file", draft, file="letters/answer.md")
    author.post(letter, {"text": LETTER, "seen": _seen(_page(author, letter))})
    assert "Mistakes: 0." in _page(author, path("draft", draft))

    begin = {"draft": str(draft.pk), "resident": "minor", "language": "en"}
    author.post(reverse("authoring:begin-rehearsal"), begin)
    tried = Rehearsal.objects.get()
    page = reverse("authoring:rehearsal-page", args=[tried.pk, "reach"])
    too_young = _answers(2020)
    assert "You must be 14 or older" in said(author.post(page, too_young), 422)
    walk(author, tried, {"reach": _answers(2011)})
    done = said(author.post(reverse("authoring:rehearsal-check", args=[tried.pk]), follow=True))
    assert "your library card is ready" in done
    assert not Case.objects.exists()

    draft.refresh_from_db()
    proposal = {"note": "A new service.", "revision": draft.revision}
    author.post(path("propose", draft), proposal)
    colleague = client_of(office, "other")
    approved = colleague.post(path("approve", draft), {"revision": draft.revision}, follow=True)
    assert "See the version that it became" in said(approved)

    assert [service.key for service in search_services("library card")] == ["library-card"]
    resident = Client()
    resident.force_login(make_person(account=make_account()).account)
    first = resident.post(reverse("cases:start", args=["library-card"]), follow=True)
    at = first.redirect_chain[-1][0]
    review = resident.post(at, {**_answers(1990), "revision": "0"}, follow=True)
    revision = re.search(r'name="revision" value="(\d+)"', review.content.decode())
    assert revision
    resident.post(review.redirect_chain[-1][0], {"revision": revision[1]})
    assert Case.objects.get().service_key == "library-card"
    assert Message.objects.get().subject == "Your library card"


def test_the_guide_leads_to_a_law_in_force(law: Office, django_capture_on_commit_callbacks: Any) -> None:
    author = client_of(law, "author")
    author.post(reverse("authoring:begin-law"), {"law": LAW})
    draft = Draft.objects.get()
    listing = _page(author, path("figures", draft))
    assert "Fee for a neutered dog" in listing
    one = path("figure", draft, key="fee_neutered")
    source = {"reference": "PAMC 6.08.040", "at": ""}
    assert "Saved." in said(author.post(one, source | filled_in(_page(author, one), "Figure fee_neutered")))
    tables = _page(author, path("tables", draft, file="2026-01-01.dmn"))
    found = re.search(r'href="([^"]+)">Low income<', tables)
    assert found
    sent = filled_in(_page(author, found[1]), "Rules of Low income")
    assert "Saved." in said(author.post(found[1], sent))
    draft.refresh_from_db()
    author.post(path("propose", draft), {"note": "The fee of 2029.", "revision": draft.revision})
    with django_capture_on_commit_callbacks(execute=True):
        client_of(law, "other").post(path("approve", draft), {"revision": draft.revision})
    in_force = law_text(LAW)
    assert "from: 2029-01-01, known_from: 2028-11-01" in in_force["parameters.yaml"]
    assert "Basic Food or SSI is received in the household." in in_force["2026-01-01.dmn"]


def _without_the_small_service() -> None:
    ServiceVersion.objects.all().delete()


def _page(client: Client, address: str) -> str:
    return unescape(said(client.get(address)))


def _seen(html: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', html)
    assert found
    return found[1]


def _answers(year: int) -> dict[str, str]:
    return {
        "birth_date-year": str(year),
        "birth_date-month": "5",
        "birth_date-day": "3",
        "email": "somebody@example.org",
    }

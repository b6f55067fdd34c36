"""Questions that can change nothing are not asked: by the pages and by the API."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from tests.factories.people import AT, make_fact
from tests.kernel.cases.conftest import Town, food_answers
from tests.kernel.cases.test_portal import Draft, text_of

from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.presenting import answers_of
from commonweal.kernel.decisions.queries import basis_of
from commonweal.kernel.forms.actions import answer_all, start_sheet
from commonweal.kernel.forms.errors import AnswersInvalid

pytestmark = pytest.mark.django_db
COSTS = ("home", "bills", "care", "savings")


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def draft(town: Town, client: Client) -> Draft:
    """Somebody whose pay is far over every limit has told who lives with them."""
    assert town.person.account is not None
    client.force_login(town.person.account)
    begun = Draft(client)
    begun.send("new-item", "household", name="Me", age="35", earned="9000")
    begun.send("page", "household")
    return begun


def test_what_cannot_matter_is_left_out_and_the_review_says_so(draft: Draft) -> None:
    assert draft.next() == draft.path("page", "circumstances")
    draft.send("page", "circumstances")
    draft.send("page", "contact", email="resident@example.org", contact_language="en")
    assert draft.next() == draft.path("review")
    shown = text_of(draft.client.get(draft.path("review")))
    assert "What we did not ask" in shown
    assert "Your bills" in shown
    assert f"{draft.path('page', 'bills')}?from=check&amp;anyway=1" in shown

    draft.client.post(draft.path("review"), {"revision": draft.sheet.revision})
    case = Case.objects.get()
    assert (case.outcome, case.status) == ("DENIED_GROSS", "closed")
    assert case.decision_id is not None
    recorded = basis_of(case.decision_id).facts["Household"]
    assert isinstance(recorded, dict)
    assert recorded["rent_or_mortgage"] == {"@unknown": True}
    assert draft.sheet.left_out == sorted(draft.sheet.left_out) != []
    every = text_of(draft.client.get(f"/cases/{case.reference}/decision/"))
    assert "What we did not need to know" in every
    assert "Housing costs" in every.split("What we did not need to know")[1]
    assert "not known" not in every


def test_it_can_be_answered_anyway(draft: Draft) -> None:
    draft.send("page", "circumstances")
    draft.send("page", "contact", email="resident@example.org", contact_language="en")
    shown = text_of(draft.client.get(draft.path("page", "savings") + "?from=check&anyway=1"))
    assert "How much money does your household have?" in shown
    response = draft.send("page", "savings", query="?from=check&anyway=1", resources="12")
    assert response["Location"] == draft.path("review")
    assert draft.sheet.answers["resources"] == "12.00"
    review = text_of(draft.client.get(draft.path("review")))
    assert "$12.00" in review
    assert f"{draft.path('page', 'savings')}?from=check&amp;anyway=1" not in review


def test_an_answer_that_makes_it_matter_again_brings_it_back(draft: Draft) -> None:
    draft.send("page", "circumstances")
    draft.send("page", "contact", email="resident@example.org", contact_language="en")
    draft.send("page", "circumstances", circumstances=["strike"])
    assert draft.next() == draft.path("page", "home")
    response = draft.client.post(draft.path("review"), {"revision": draft.sheet.revision})
    assert response.status_code == 422
    assert not Case.objects.exists()


def test_who_changes_what_is_known_has_both_values_in_the_application(draft: Draft, town: Town) -> None:
    make_fact(town.person, "email", "resident@example.org", source="Register of residents")
    page = text_of(draft.client.get(draft.path("page", "contact")))
    assert "We know this from: Register of residents" in page
    assert "We may keep it by: " in page
    draft.send("page", "circumstances")
    draft.send("page", "contact", email="other@example.org", contact_language="en")
    review = text_of(draft.client.get(draft.path("review")))
    assert "There it says: resident@example.org." in review
    draft.client.post(draft.path("review"), {"revision": draft.sheet.revision})
    rows = [row for summary in answers_of(Case.objects.get(), "en") for row in summary["rows"]]
    mail = next(row["value"] for row in rows if row["label"] == "E-mail address")
    assert mail[0] == "other@example.org"
    assert mail[1].startswith("Something else stands in: ")
    assert mail[1].endswith(": resident@example.org")


def test_a_document_may_leave_out_what_cannot_matter(town: Town) -> None:
    full = food_answers(members=[{"name": "Me", "age": 35, "earned": 9000}])
    for key in ("rent_or_mortgage", "all_members_homeless", "utilities_heating_or_cooling", "resources"):
        del full[key]
    case = town.send(full)
    assert case.outcome == "DENIED_GROSS"

    poor = {key: value for key, value in food_answers().items() if key != "utilities_heating_or_cooling"}
    started = start_sheet("food-assistance", by=town.resident, at=AT)
    with pytest.raises(AnswersInvalid) as caught:
        answer_all(UUID(str(started.sheet_id)), poor, revision=0, by=town.resident, at=AT)
    assert set(caught.value.fields) == {"utilities_heating_or_cooling"}


def test_the_register_that_knows_an_answer_is_named_in_the_readers_language(draft: Draft, town: Town) -> None:
    make_fact(town.person, "email", "resident@example.org", source="Register of residents of Port Alder")
    draft.client.cookies.load({"django_language": "es"})
    page = draft.client.get(draft.path("page", "contact"))
    assert "Registro de habitantes de Port Alder" in text_of(page)

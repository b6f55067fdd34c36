"""What officers see and do: the queue, a case, and every refusal beside what they typed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT, make_fact, make_officer
from tests.kernel.cases.conftest import Town, food_answers
from tests.kernel.cases.test_parking import answers, parking  # noqa: F401 - the fixture

from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Money
from commonweal.kernel.cases import actions
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.models import Case, Inquiry, Note
from commonweal.kernel.jobs.models import OutboxMessage
from commonweal.kernel.people.models import Person

pytestmark = pytest.mark.django_db
STRIKE = food_answers(circumstances=["strike"])


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def case(town: Town) -> Case:
    """A case that waits for an officer."""
    return town.send(STRIKE)


def as_(town: Town, who: str) -> Client:
    client = Client()
    client.force_login(town.workers[who].account)
    return client


@pytest.fixture
def officer(town: Town) -> Client:
    return as_(town, "officer")


def path(name: str, case: Case) -> str:
    return reverse(f"cases:{name}", args=[case.reference])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_queue_shows_the_open_cases_or_says_that_there_are_none(town: Town, officer: Client) -> None:
    empty = text_of(officer.get("/workbench/"))
    case = town.send(STRIKE)

    shown = text_of(officer.get("/workbench/"))

    assert case.reference not in empty
    assert path("work", case) in shown
    assert "nobody" in shown
    assert "October 15, 2026" in shown


def test_queue_marks_what_is_late_and_what_has_no_limit(
    town: Town, case: Case, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=60))
    late = text_of(officer.get("/workbench/"))
    Case.objects.update(due_on=date.max)
    unlimited = text_of(officer.get("/workbench/"))

    assert "October 15, 2026, late" in late
    assert "no limit" in unlimited
    assert "no limit" in text_of(officer.get(path("work", case)))


def test_queue_of_ones_own_holds_only_these(town: Town, case: Case, officer: Client) -> None:
    other = town.send(STRIKE)
    officer.post(path("claim", case))

    mine = text_of(officer.get("/workbench/?show=mine"))
    free = text_of(officer.get("/workbench/?show=unassigned"))
    every = text_of(officer.get("/workbench/?show=all"))

    assert (case.reference in mine, other.reference in mine) == (True, False)
    assert (case.reference in free, other.reference in free) == (False, True)
    assert (case.reference in every, other.reference in every) == (True, True)


def test_queue_of_a_service_without_cases_is_empty(town: Town, case: Case, officer: Client) -> None:
    assert case.reference in text_of(officer.get("/workbench/?service=food-assistance"))
    assert case.reference not in text_of(officer.get("/workbench/?service=parking-permit"))


def test_queue_goes_on_behind_its_last_line(
    town: Town, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commonweal.kernel.cases.workbench._ROWS", 1)
    cases = [town.send(STRIKE) for _ in range(2)]

    first = text_of(officer.get("/workbench/"))
    links = [
        part.split('"')[0] for part in first.split('href="') if part.startswith("?") and "after=" in part
    ]
    (link,) = links
    second = text_of(officer.get("/workbench/" + link.replace("&amp;", "&")))

    assert [each.reference in first for each in cases] == [True, False]
    assert [each.reference in second for each in cases] == [False, True]


def test_a_reference_is_looked_up_however_it_is_typed(town: Town, case: Case, officer: Client) -> None:
    typed = f" {case.reference.lower()} "

    found = officer.get("/workbench/", {"reference": typed})
    unknown = officer.get("/workbench/", {"reference": "what is this"})
    elsewhere = as_(town, "stranger").get("/workbench/", {"reference": case.reference})

    assert (found.status_code, found["Location"]) == (302, path("work", case))
    assert unknown.status_code == 200
    assert 'value="what is this"' in text_of(unknown)
    assert elsewhere.status_code == 404


def test_a_case_is_claimed_and_put_back(town: Town, case: Case, officer: Client) -> None:
    claimed = officer.post(path("claim", case))
    assert (claimed.status_code, claimed["Location"]) == (302, path("work", case))
    assert Case.objects.get().worker_id == town.workers["officer"].pk
    refused = as_(town, "colleague").post(path("claim", case))
    assert refused.status_code == 409
    assert case.reference in text_of(refused)

    officer.post(path("release", case))

    assert (Case.objects.get().worker_id, Case.objects.get().status) == (None, Status.UNASSIGNED)


def test_putting_back_what_nobody_has_changes_nothing(case: Case, officer: Client) -> None:
    assert officer.post(path("release", case)).status_code == 302
    assert Case.objects.get().revision == case.revision


def test_only_a_supervisor_puts_back_what_another_has(town: Town, case: Case, officer: Client) -> None:
    officer.post(path("claim", case))

    assert as_(town, "colleague").post(path("release", case)).status_code == 409
    assert as_(town, "supervisor").post(path("release", case)).status_code == 302
    assert Case.objects.get().worker_id is None


def test_a_question_of_an_officer_who_hands_the_case_back_stays_open(
    town: Town, case: Case, officer: Client
) -> None:
    officer.post(path("ask", case), {"question": "Since when?", "revision": case.revision})
    officer.post(path("release", case))

    assert (Case.objects.get().worker_id, Case.objects.get().status) == (None, Status.ASKED)


def test_a_supervisor_gives_a_case_to_a_colleague_of_the_team(
    town: Town, case: Case, officer: Client
) -> None:
    supervisor = as_(town, "supervisor")
    colleague, stranger = town.workers["colleague"], town.workers["stranger"]
    assert f'value="{colleague.pk}"' in text_of(supervisor.get(path("work", case)))
    assert f'value="{colleague.pk}"' not in text_of(officer.get(path("work", case)))

    nobody = supervisor.post(path("assign", case), {"worker": ""})
    outsider = supervisor.post(path("assign", case), {"worker": str(stranger.pk)})
    forbidden = officer.post(path("assign", case), {"worker": str(colleague.pk)})
    assert (nobody.status_code, outsider.status_code, forbidden.status_code) == (422, 403, 403)
    assert "Choose a colleague." in text_of(nobody)
    assert Case.objects.get().worker_id is None

    for _ in range(2):
        assert supervisor.post(path("assign", case), {"worker": str(colleague.pk)}).status_code == 302
    assert Case.objects.get().worker_id == colleague.pk
    assert Case.objects.get().revision == case.revision + 1


def test_a_note_is_kept_for_colleagues(town: Town, case: Case, officer: Client) -> None:
    blank = officer.post(path("note", case), {"note": " "})
    kept = officer.post(path("note", case), {"note": "Called back."})

    assert (blank.status_code, kept.status_code) == (422, 302)
    assert [note.text for note in Note.objects.all()] == ["Called back."]
    assert "Called back." in text_of(as_(town, "colleague").get(path("work", case)))


def test_a_question_goes_to_the_applicant_once(town: Town, case: Case, officer: Client) -> None:
    blank = officer.post(path("ask", case), {"question": "", "revision": case.revision})
    moved = officer.post(path("ask", case), {"question": "Since when?", "revision": "77"})
    asked = officer.post(path("ask", case), {"question": "Since when?", "revision": case.revision})
    again = officer.post(path("ask", case), {"question": "Why?", "revision": case.revision + 1})

    assert (blank.status_code, moved.status_code, asked.status_code, again.status_code) == (
        422,
        409,
        302,
        409,
    )
    assert "Since when?" in text_of(moved)
    assert [inquiry.question for inquiry in Inquiry.objects.all()] == ["Since when?"]


def test_an_applicant_without_an_address_gets_no_mail_about_a_question(town: Town, case: Case) -> None:
    Person.objects.update(email="")
    before = OutboxMessage.objects.count()
    actions.ask_applicant(case.pk, "Since when?", by=town.officer, at=AT)

    assert OutboxMessage.objects.count() == before


def test_the_laws_proposal_is_shown_and_confirmed(parking: Town) -> None:  # noqa: F811 - the fixture is meant
    case = parking.send(answers(), service="parking-permit")
    client = as_(parking, "stranger")  # the officer of the parking team

    shown = text_of(client.get(path("work", case)))
    moved = client.post(path("confirm", case), {"revision": "x"})
    confirmed = client.post(path("confirm", case), {"revision": case.revision})

    assert "You get a parking permit" in shown
    assert "$84.00" in shown
    assert (moved.status_code, confirmed.status_code) == (409, 302)
    decided = text_of(client.get(path("work", case)))
    assert "$84.00 a year" in decided
    assert "October 1, 2026" in decided


def test_where_the_law_cannot_decide_there_is_nothing_to_confirm(case: Case, officer: Client) -> None:
    refused = officer.post(path("confirm", case), {"revision": case.revision})

    assert refused.status_code == 409
    assert (Case.objects.get().decision_id, Case.objects.get().worker_id) == (None, None)


def test_an_officer_decides_by_hand_with_an_amount(town: Town, case: Case, officer: Client) -> None:
    fields = {"outcome": "ELIGIBLE", "reasons": "Seen at the counter.", "legal_ground": "7 CFR 273.9"}

    done = officer.post(path("decide", case), {**fields, "amount": " $1,120.50 ", "revision": case.revision})

    award = award_of_case(case.stream)
    assert award is not None
    assert (done.status_code, award.money) == (302, Money(112050, "USD"))
    shown = text_of(officer.get(path("work", case)))
    assert "$1,120.50" in shown
    assert "Seen at the counter." in shown


@pytest.mark.parametrize("amount", ["much", "1.005", "-1", "NaN", "Infinity", "1000000000.01", "1e400"])
def test_an_amount_that_is_none_is_refused_and_nothing_is_decided(
    town: Town, case: Case, officer: Client, amount: str
) -> None:
    fields = {"outcome": "ELIGIBLE", "reasons": "Seen.", "legal_ground": "7 CFR 273.9", "amount": amount}

    refused = officer.post(path("decide", case), {**fields, "revision": case.revision})

    assert refused.status_code == 422
    shown = text_of(refused)
    assert "Enter the amount as a number, such as 120 or 120.50." in shown
    assert f'value="{amount}"' in shown
    assert Case.objects.get().decision_id is None


@pytest.mark.parametrize("amount", ["0", "1000000000.00"])
def test_the_least_and_the_greatest_amount_are_taken(
    town: Town, case: Case, officer: Client, amount: str
) -> None:
    fields = {"outcome": "ELIGIBLE", "reasons": "Seen.", "legal_ground": "7 CFR 273.9", "amount": amount}

    assert officer.post(path("decide", case), {**fields, "revision": case.revision}).status_code == 302


def test_a_denial_needs_no_amount(town: Town, case: Case, officer: Client) -> None:
    fields = {"outcome": "DENIED_NET", "reasons": "Too much.", "legal_ground": "7 CFR 273.9"}

    done = officer.post(path("decide", case), {**fields, "revision": case.revision})

    assert (done.status_code, award_of_case(case.stream)) == (302, None)
    shown = text_of(officer.get(path("work", case)))
    assert "Too much." in shown


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"outcome": "MAYBE"}, 422),
        ({"reasons": ""}, 422),
        ({"legal_ground": " "}, 422),
        ({"revision": "99"}, 409),
    ],
)
def test_a_decision_that_cannot_be_taken_is_shown_again(
    town: Town, case: Case, officer: Client, changes: dict[str, str], status: int
) -> None:
    fields = {
        "outcome": "DENIED_NET",
        "reasons": "Because of wages.",
        "legal_ground": "7 CFR 273.9",
        "revision": str(case.revision),
    }

    refused = officer.post(path("decide", case), fields | changes)

    assert refused.status_code == status
    if "reasons" not in changes:
        assert "Because of wages." in text_of(refused)
    assert Case.objects.get().status == Status.UNASSIGNED


def test_nobody_decides_what_another_has_or_what_waits_for_an_answer(
    town: Town, case: Case, officer: Client
) -> None:
    fields = {"outcome": "DENIED_NET", "reasons": "No.", "legal_ground": "7 CFR 273.9"}
    officer.post(path("claim", case))
    taken = as_(town, "colleague").post(path("decide", case), {**fields, "revision": case.revision + 1})
    officer.post(path("ask", case), {"question": "Since when?", "revision": case.revision + 1})
    waits = officer.post(path("decide", case), {**fields, "revision": case.revision + 2})

    assert (taken.status_code, waits.status_code) == (409, 409)
    assert Case.objects.get().decision_id is None


def test_a_case_shows_what_is_known_of_the_applicant(town: Town, case: Case, officer: Client) -> None:
    bare = text_of(officer.get(path("work", case)))
    make_fact(town.person, "birth_date", "1980-02-29")
    make_fact(town.person, "address", {"line1": "1 Mill Lane", "city": "Port Alder"})
    Person.objects.update(email="")

    full = text_of(officer.get(path("work", case)))

    assert ("Born" in bare, "resident@example.org" in bare) == (False, True)
    assert "not known" in full


def test_officers_of_another_agency_find_nothing(town: Town, case: Case) -> None:
    stranger = as_(town, "stranger")

    assert stranger.get(path("work", case)).status_code == 404
    assert stranger.post(path("claim", case)).status_code == 404
    assert stranger.post(path("note", case), {"note": "x"}).status_code == 404
    assert Client().get(path("work", case))["Location"].startswith("/account/login/")


def test_a_resident_has_no_workbench(town: Town, case: Case, client: Client) -> None:
    assert town.person.account is not None
    client.force_login(town.person.account)

    assert client.get("/workbench/").status_code == 403
    assert client.post(path("claim", case)).status_code == 403


def test_an_officer_who_works_on_no_cases_is_led_to_their_own_place(client: Client) -> None:
    client.force_login(make_officer(roles=("operator",)).account)
    operator = client.get("/workbench/")
    client.force_login(make_officer().account)
    nobody = client.get("/workbench/")

    assert (operator.status_code, nobody.status_code) == (302, 302)
    assert operator["Location"].startswith("/workbench/")
    assert nobody["Location"] == "/account/"

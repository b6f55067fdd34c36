"""What residents see: an application from its first page to its answer, with every way back and aside."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT, make_account, make_person
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.kernel.awards.actions import revoke
from commonweal.kernel.awards.models import Award
from commonweal.kernel.base import clock
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import actions
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.models import Case, Inquiry
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status as ServiceStatus
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.queries import accesses_to
from commonweal.kernel.people.actions import record_facts
from commonweal.kernel.people.models import Person

pytestmark = pytest.mark.django_db
STRIKE = food_answers(circumstances=["strike"])
START = "/services/food-assistance/start"


@pytest.fixture(autouse=True)
def _practice_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def as_resident(town: Town, client: Client) -> Client:
    assert town.person.account is not None
    client.force_login(town.person.account)
    return client


class Draft:
    """An application that somebody fills in by the pages alone."""

    def __init__(self, client: Client, start: str = START) -> None:
        self.client = client
        self.address = client.post(start)["Location"]
        self.pk = UUID(self.address.strip("/").split("/")[1])

    @property
    def sheet(self) -> Sheet:
        return Sheet.objects.get(pk=self.pk)

    def path(self, name: str, *more: Any) -> str:
        return reverse(f"cases:{name}", args=[self.pk, *more])

    def send(self, name: str, /, *more: Any, query: str = "", **fields: Any) -> Any:
        fields = {"revision": self.sheet.revision} | fields
        return self.client.post(self.path(name, *more) + query, fields)

    def next(self) -> str:
        return str(self.client.get(self.address)["Location"])

    def fill(self) -> None:
        self.send("new-item", "household", name="Me", age="35", earned="1100")
        self.send("page", "household")
        self.send("page", "home", rent_or_mortgage="700", all_members_homeless="no")
        bills = {"utilities_heating_or_cooling": "yes", "utilities_kinds": "3", "utilities_telephone": "yes"}
        self.send("page", "bills", **bills)
        self.send("page", "care", dependent_care="0")
        self.send("page", "savings", resources="0")
        self.send("page", "circumstances")
        self.send("page", "contact", email="resident@example.org", contact_language="en")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_known_child_on_a_page_leaves_one_access(town: Town, as_resident: Client) -> None:
    household = [{"relation": "child", "birth_date": "2019-03-04", "name": "Zebulonia"}]
    record_facts(
        town.person.pk,
        {"household": household},
        source="register",
        legal_basis="law",
        by=Actor.system("tests"),
        at=AT,
        observed_at=AT,
    )
    draft = Draft(as_resident)

    for name, key in (("page", "home"), ("page", "household"), ("item", "household")):
        before = len(known_accesses(town))
        answer = as_resident.get(draft.path(name, key, *([0] if name == "item" else [])))
        is_shown = "Zebulonia" in text_of(answer)
        assert (answer.status_code, is_shown) == (200, key == "household")
        assert len(known_accesses(town)) - before == is_shown

    draft.send("page", "household")
    before = len(known_accesses(town))
    assert "Zebulonia" in text_of(as_resident.get(draft.path("review")))
    assert len(known_accesses(town)) == before + 1
    assert "Zebulonia" in as_resident.get(f"/api/v1/drafts/{draft.pk}").content.decode()
    assert len(known_accesses(town)) == before + 2


def known_accesses(town: Town) -> list[Any]:
    return [each for each in accesses_to(town.person.pk) if each.purpose == "fill in what is known"]


def test_an_application_by_pages_alone_is_decided(as_resident: Client) -> None:
    draft = Draft(as_resident)
    assert draft.next() == draft.path("page", "household")
    draft.fill()
    assert draft.next() == draft.path("review")
    assert "Check your answers" in text_of(as_resident.get(draft.path("review")))

    sent = draft.send("review")

    case = Case.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, reverse("cases:case", args=[case.reference]))
    assert (case.status, case.outcome) == (Status.CLOSED, "ELIGIBLE")
    assert case.reference in text_of(as_resident.get(sent["Location"]))


@pytest.mark.parametrize(("name", "more"), [("draft", ()), ("review", ()), ("page", ("home",))])
def test_every_page_of_a_sent_application_leads_to_its_case(
    town: Town, as_resident: Client, name: str, more: tuple[str, ...]
) -> None:
    case = town.send(food_answers())

    response = as_resident.get(reverse(f"cases:{name}", args=[case.sheet_id, *more]))

    assert (response.status_code, response["Location"]) == (302, reverse("cases:case", args=[case.reference]))


def test_answering_a_sent_application_leads_to_its_case_and_changes_nothing(
    town: Town, as_resident: Client
) -> None:
    case = town.send(food_answers())

    response = as_resident.post(
        reverse("cases:page", args=[case.sheet_id, "home"]), {"rent_or_mortgage": "1"}
    )

    assert response["Location"] == reverse("cases:case", args=[case.reference])
    assert Sheet.objects.get(pk=case.sheet_id).answers["rent_or_mortgage"] == "700.00"


def test_pages_are_asked_one_after_the_other(as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.send("new-item", "household", name="Me", age="35")

    listed = draft.send("page", "household")
    second = draft.send("page", "home", rent_or_mortgage="700", all_members_homeless="no")

    assert listed["Location"] == draft.path("page", "home")
    assert second["Location"] == draft.path("page", "bills")
    shown = text_of(as_resident.get(draft.path("page", "home")))
    assert draft.path("page", "household") in shown


def test_the_first_page_leads_back_to_the_service(as_resident: Client) -> None:
    draft = Draft(as_resident)

    shown = text_of(as_resident.get(draft.path("page", "household")))

    assert 'href="/services/food-assistance/"' in shown


def test_wrong_answers_are_shown_beside_their_fields_with_what_was_typed(as_resident: Client) -> None:
    draft = Draft(as_resident)

    refused = draft.send("page", "home", rent_or_mortgage="a lot", all_members_homeless="no")

    assert refused.status_code == 422
    assert 'value="a lot"' in text_of(refused)
    assert "rent_or_mortgage" not in draft.sheet.answers


def test_a_page_that_was_changed_elsewhere_says_so_and_keeps_what_was_typed(as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.send("page", "home", rent_or_mortgage="700", all_members_homeless="no")

    refused = draft.send("page", "home", revision="0", rent_or_mortgage="800", all_members_homeless="no")

    assert refused.status_code == 409
    assert 'value="800"' in text_of(refused)
    assert draft.sheet.answers["rent_or_mortgage"] == "700.00"


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 10, "²", "1.0"])
def test_a_broken_revision_counts_as_out_of_date(as_resident: Client, revision: str) -> None:
    draft = Draft(as_resident)

    refused = draft.send("page", "home", revision=revision, rent_or_mortgage="1", all_members_homeless="no")

    assert refused.status_code == 409


def test_people_are_added_changed_and_removed(as_resident: Client) -> None:
    draft = Draft(as_resident)

    assert as_resident.get(draft.path("new-item", "household")).status_code == 200
    added = draft.send("new-item", "household", name="Me", age="35")
    draft.send("new-item", "household", name="Ada", age="7")
    shown = text_of(as_resident.get(draft.path("item", "household", 1)))
    changed = draft.send("item", "household", 1, name="Ada", age="8")
    listed = text_of(as_resident.get(draft.path("page", "household")))
    removed = draft.send("remove-item", "household", 0)

    assert added["Location"] == changed["Location"] == removed["Location"] == draft.path("page", "household")
    assert 'value="Ada"' in shown
    assert draft.path("item", "household", 1) in listed
    assert [(each["name"], each["age"]) for each in draft.sheet.answers["members"]] == [("Ada", "8")]


def test_a_person_with_wrong_answers_is_not_added(as_resident: Client) -> None:
    draft = Draft(as_resident)

    refused = draft.send("new-item", "household", name="Me", age="young")
    moved = draft.send("new-item", "household", revision="7", name="Me", age="35")

    assert (refused.status_code, moved.status_code) == (422, 409)
    assert 'value="young"' in text_of(refused)
    assert not draft.sheet.answers.get("members")


def test_changes_from_the_review_lead_back_to_it(as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.fill()

    by_form = draft.send(
        "page", "home", rent_or_mortgage="650", all_members_homeless="no", **{"return": "review"}
    )
    item = draft.send("item", "household", 0, query="?from=check", name="Me", age="36", earned="1000")
    listed = text_of(as_resident.get(item["Location"]))
    done = draft.send("page", "household", query="?from=check")

    assert by_form["Location"] == done["Location"] == draft.path("review")
    assert item["Location"] == draft.path("page", "household") + "?from=check"
    assert f"{draft.path('new-item', 'household')}?from=check" in listed


def test_a_question_that_an_answer_calls_for_is_asked_on_the_same_page(
    town: Town, as_resident: Client
) -> None:
    publish_folder("parking-permit", by=Actor.system("tests"), at=AT)
    draft = Draft(as_resident, "/services/parking-permit/start")
    start = {"start_date_month": "10", "start_date_day": "1", "start_date_year": "2026"}

    asked = draft.send("page", "permit", **start, start_date="2026-10-01", blue_badge="yes")
    shown = text_of(as_resident.get(asked["Location"]))
    done = draft.send(
        "page", "permit", **start, start_date="2026-10-01", blue_badge="yes", blue_badge_number="ab-1234"
    )

    assert asked["Location"] == draft.path("page", "permit")
    assert "Number of the blue badge" in shown
    assert done["Location"] != draft.path("page", "permit")
    assert draft.sheet.answers["blue_badge_number"] == "AB-1234"


def test_an_unfinished_group_is_asked_again(as_resident: Client) -> None:
    draft = Draft(as_resident)
    refused = draft.send("page", "household")

    assert (refused.status_code, draft.next()) == (422, draft.path("page", "household"))


def test_an_unfinished_page_can_be_put_aside(as_resident: Client) -> None:
    draft = Draft(as_resident)

    aside = draft.send("page", "home", query="?then=later", rent_or_mortgage="700")
    later = text_of(as_resident.get(aside["Location"]))

    assert (aside.status_code, aside["Location"]) == (302, draft.path("later"))
    assert draft.sheet.answers["rent_or_mortgage"] == "700.00"
    assert "sign in and open “My applications”" in later
    assert draft.path("draft") in later


def test_a_finished_page_can_be_put_aside_too(as_resident: Client) -> None:
    draft = Draft(as_resident)

    aside = draft.send("page", "home", query="?then=later", rent_or_mortgage="7", all_members_homeless="no")

    assert aside["Location"] == draft.path("later")


def test_nothing_is_put_aside_over_what_was_changed_elsewhere(as_resident: Client) -> None:
    draft = Draft(as_resident)

    moved = draft.send("page", "home", query="?then=later", revision="5", rent_or_mortgage="700")

    assert (moved.status_code, draft.sheet.answers) == (409, {})


def test_a_guest_comes_back_by_the_link_and_sends_it_once_signed_in(town: Town, client: Client) -> None:
    draft = Draft(client)
    draft.fill()
    shown = text_of(client.get(draft.path("later")))
    link = shown.split('href="http://testserver')[1].split('"')[0]
    assert link.startswith("/resume/")

    elsewhere = Client()
    assert elsewhere.get(draft.path("draft")).status_code == 404
    back = elsewhere.get(link)
    assert back["Location"] == draft.path("draft")
    review = elsewhere.get(elsewhere.get(back["Location"])["Location"])
    assert "Check your answers" in text_of(review)
    asked = elsewhere.post(draft.path("review"), {"revision": draft.sheet.revision})
    assert (asked.status_code, Case.objects.count()) == (302, 0)
    assert asked["Location"].startswith("/account/login/")

    session = elsewhere.session
    assert town.person.account is not None
    elsewhere.force_login(town.person.account)
    kept = elsewhere.session
    kept.update({key: value for key, value in session.items() if key.startswith("sheet:")})
    kept.save()
    sent = elsewhere.post(draft.path("review"), {"revision": draft.sheet.revision})

    assert (sent.status_code, Case.objects.get().applicant_id) == (302, town.person.pk)
    assert f"sheet:{draft.pk}" not in elsewhere.session


def test_a_link_that_nobody_was_given_leads_nowhere(town: Town, client: Client) -> None:
    assert client.get("/resume/nothing-of-this-kind/").status_code == 404


def test_an_expired_draft_says_so(as_resident: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = Draft(as_resident)
    after = draft.sheet.expires_at + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: after)

    assert as_resident.get(draft.path("page", "home")).status_code == 410


def test_an_incomplete_application_is_not_sent(as_resident: Client) -> None:
    draft = Draft(as_resident)

    refused = draft.send("review")

    assert (refused.status_code, Case.objects.count()) == (422, 0)


def test_an_application_that_was_changed_since_the_review_is_shown_again(as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.fill()

    refused = draft.send("review", revision="1")

    assert (refused.status_code, Case.objects.count()) == (409, 0)


def test_a_suspended_service_takes_no_applications(town: Town, as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.fill()
    set_status(draft.sheet.version_id, ServiceStatus.SUSPENDED, by=Actor.system("tests"), at=AT)

    refused = draft.send("review")

    assert refused.status_code >= 400
    assert (Case.objects.count(), draft.sheet.submitted_at) == (0, None)


def test_home_lists_drafts_and_applications_or_says_that_there_are_none(
    town: Town, as_resident: Client
) -> None:
    empty = text_of(as_resident.get("/me/"))
    case = town.send(food_answers())
    draft = as_resident.post(START, {"begin": "anyway"})["Location"]

    shown = text_of(as_resident.get("/me/"))

    assert case.reference not in empty
    assert case.reference in shown
    assert "Sent on September 15, 2026" in shown
    assert draft in shown


def test_home_says_in_words_what_came_of_each_application(town: Town, as_resident: Client) -> None:
    granted = town.send(food_answers())
    asked, taken_back, open_ = (town.send(STRIKE) for _ in range(3))
    actions.ask_applicant(asked.pk, "Since when?", by=town.officer, at=AT, revision=asked.revision)
    actions.withdraw(taken_back.pk, by=town.resident, at=AT)
    refused = town.send(STRIKE)
    actions.decide_by_hand(
        refused.pk,
        outcome="DENIED_NET",
        reasons="Because.",
        legal_ground="7 CFR 273.9",
        revision=refused.revision,
        by=town.officer,
        at=AT,
    )

    cards = as_resident.get("/me/").content.decode().split('<li class="cw-card">')[1:]
    told = {}
    for card in cards:
        (reference,) = re.findall(r"/cases/([^/]+)/", card)
        told[reference] = re.findall(r'(?:cw-tag"[^>]*|cw-line")>([^<]+)<', card)

    assert told == {
        granted.reference: [
            "granted",
            "You get food assistance",
            "$298.00 a month",
            "Until August 31, 2027.",
        ],
        refused.reference: ["decided", "You do not get food assistance"],
        asked.reference: ["waiting for the applicant", "We have a question for you. Please answer it."],
        taken_back.reference: ["closed", "You took this application back."],
        open_.reference: [
            "waiting for an officer",
            "We are working on it. You hear from us by October 15, 2026.",
        ],
    }


def test_home_in_arabic_keeps_amounts_and_dates_in_one_piece(town: Town, as_resident: Client) -> None:
    town.send(food_answers())
    Person.objects.filter(pk=town.person.pk).update(language="ar")
    shown = as_resident.get("/me/", headers={"accept-language": "ar"}).content.decode()

    assert 'dir="rtl"' in shown
    assert "\u2066298.00\xa0US$\u2069" in shown
    assert "\u206731 أغسطس 2027\u2069" in shown


def test_home_says_that_an_award_is_over(town: Town, as_resident: Client) -> None:
    town.send(food_answers())
    revoke(Award.objects.get().pk, reason="Moved away.", by=town.supervisor, at=AT)
    shown = text_of(as_resident.get("/me/"))

    assert ">over<" in shown
    assert "It was taken back." in shown


def test_a_waiting_case_says_by_when_it_is_answered(town: Town, as_resident: Client) -> None:
    case = town.send(STRIKE)
    path = reverse("cases:case", args=[case.reference])
    dated = text_of(as_resident.get(path))
    Case.objects.update(due_on=date.max)
    undated = text_of(as_resident.get(path))

    assert case.due_on == date(2026, 10, 15)
    assert "in your mailbox by October 15, 2026." in dated
    assert "You will get a letter in your mailbox." in undated


def test_a_question_is_answered_once(town: Town, as_resident: Client) -> None:
    case = town.send(STRIKE)
    actions.ask_applicant(case.pk, "Since when?", by=town.officer, at=AT, revision=case.revision)
    page, path = (reverse(f"cases:{name}", args=[case.reference]) for name in ("case", "answer"))
    shown = text_of(as_resident.get(page))
    assert "Since when?" in shown
    assert "waiting for you" in shown

    blank = as_resident.post(path, {"answer": "  "})
    given = as_resident.post(path, {"answer": "Since Monday."})
    again = as_resident.post(path, {"answer": "Since Tuesday."})

    assert (blank.status_code, given.status_code, again.status_code) == (422, 302, 409)
    assert given["Location"] == page
    assert Inquiry.objects.get().answer == "Since Monday."


def test_an_application_is_taken_back_after_being_asked_once_more(town: Town, as_resident: Client) -> None:
    case = town.send(STRIKE)
    path = reverse("cases:withdraw", args=[case.reference])

    assert f"Take application {case.reference} back?" in text_of(as_resident.get(path))
    assert Case.objects.get().status == Status.UNASSIGNED
    done = as_resident.post(path)
    again = as_resident.post(path)

    assert (done.status_code, again.status_code) == (302, 409)
    assert (Case.objects.get().outcome, Case.objects.get().dispose_on) == ("WITHDRAWN", date(2029, 9, 15))


def test_others_do_not_find_an_application(town: Town, as_resident: Client) -> None:
    case = town.send(STRIKE)
    draft = Draft(as_resident)
    stranger = Client()
    stranger.force_login(make_person(account=make_account()).account)

    names = ("case", "withdraw")
    assert {stranger.get(reverse(f"cases:{name}", args=[case.reference])).status_code for name in names} == {
        404
    }
    assert stranger.post(reverse("cases:answer", args=[case.reference]), {"answer": "x"}).status_code == 404
    assert stranger.get(reverse("cases:draft", args=[case.sheet_id])).status_code == 404
    assert stranger.get(draft.path("page", "home")).status_code == 404
    assert stranger.post(draft.path("remove-item", "household", 0), {"revision": "0"}).status_code == 404


def test_two_tabs_show_both_answers_and_each_is_chosen(as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.send("new-item", "household", name="Me", age="35", earned="100")
    draft.send("page", "household")
    stale = draft.sheet.revision
    bills = {"utilities_heating_or_cooling": "yes", "utilities_kinds": "3", "utilities_telephone": "yes"}
    draft.send("page", "bills", **bills)
    other = bills | {"utilities_heating_or_cooling": "no", "utilities_kinds": "2"}

    refused = draft.send("page", "bills", **other, revision=stale)
    shown = text_of(refused)
    both = {"take-utilities_heating_or_cooling": "newer", "take-utilities_kinds": "mine"}
    draft.send("page", "bills", **other, **both)

    assert refused.status_code == 409
    assert "What you typed: No" in shown
    assert "The newer one: Yes" in shown
    assert "What you typed: 2" in shown
    assert "The newer one: 3" in shown
    assert 'name="take-utilities_telephone"' not in shown
    assert draft.sheet.answers["utilities_heating_or_cooling"] is True
    assert draft.sheet.answers["utilities_kinds"] == "2"


def test_two_tabs_on_one_member_of_the_household_show_both_names(as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.send("new-item", "household", name="Me", age="35", earned="100")
    draft.send("item", "household", 0, name="Mine", age="35", earned="100")

    refused = draft.send("item", "household", 0, name="Yours", age="35", earned="100", revision=1)
    gone = draft.send("remove-item", "household", 0, revision=1)
    draft.send(
        "item", "household", 0, **{"name": "Yours", "age": "36", "earned": "100", "take-name": "newer"}
    )

    assert refused.status_code == 409
    assert "The newer one: Mine" in text_of(refused)
    assert "so nothing was removed" in text_of(as_resident.get(gone["Location"]))
    assert draft.sheet.answers["members"] == [{"name": "Mine", "age": "36", "earned": "100.00"}]


def test_a_page_that_differs_in_nothing_says_so_when_another_was_saved(as_resident: Client) -> None:
    draft = Draft(as_resident)
    draft.send("page", "savings", resources="10")

    refused = draft.send("page", "home", rent_or_mortgage="7", all_members_homeless="no", revision=0)

    assert refused.status_code == 409
    assert "Nothing on this page differs from what is saved" in text_of(refused)
    assert 'value="7"' in text_of(refused)

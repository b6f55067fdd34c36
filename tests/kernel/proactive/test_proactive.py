"""School meals for children of households with food assistance: granted without an application, told, declined."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.factories.people import AT, make_account, make_officer, make_person, make_team

from commonweal.kernel.awards.actions import revoke
from commonweal.kernel.awards.errors import AwardEnded
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base import clock
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.compiler.folder import read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.queries import offered_service
from commonweal.kernel.forms.actions import start_sheet
from commonweal.kernel.forms.models import Sheet
from commonweal.kernel.ledger.models import AccessRecord
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.people.models import Person
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.proactive import tasks
from commonweal.kernel.proactive.actions import decline, offer
from commonweal.kernel.proactive.errors import NotGrantedUnasked
from commonweal.kernel.proactive.models import Offer
from commonweal.kernel.proactive.plugins import OfferedFact, OfferedNotice
from commonweal.kernel.proactive.queries import document_of, known_of, next_award, offer_for, section_of
from commonweal.kernel.proactive.tasks import offer_to_holders

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
CHILD = {"relation": "child", "name": "Bo", "birth_date": "2016-02-01"}
SELF = {"relation": "self", "name": "Ada", "birth_date": "1988-02-01"}


@pytest.fixture(autouse=True)
def _city(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    make_team(key="food-assistance")
    for key in ("school-meals", "food-assistance"):
        publish_folder(key, by=SYSTEM, at=AT)


def a_family(*members: dict[str, Any], email: str = "parent@example.org", language: str = "en") -> Award:
    person = make_person(
        account=make_account(), email=email, language=language, household=[SELF, *(members or [CHILD])]
    )
    return Award.objects.create(
        person=person, service_key="food-assistance", agency="human-services", source_stream=f"case:{new_id()}",
        decision_id=new_id(), outcome="ELIGIBLE", starts_on=AT.date() - timedelta(days=30), granted_at=AT,
    )  # fmt: skip


def every_night() -> int:
    """Run the job to its end; return its steps."""
    steps, cursor = 0, offer_to_holders({}, None)
    while cursor is not None:
        steps, cursor = steps + 1, offer_to_holders({}, cursor)
    return steps


def by(person: Person) -> Actor:
    assert person.account is not None
    return actor_of(person.account)


def test_what_facts_decide_is_granted_and_told_without_an_application() -> None:
    award = a_family(CHILD, {"relation": "child", "name": "Baby", "birth_date": "2025-02-01"})
    assert every_night() == 1
    case = Case.objects.get(service_key="school-meals")
    assert (case.outcome, case.status, case.channel, case.applicant_id) == (
        "FREE",
        "closed",
        "offered",
        award.person_id,
    )
    assert [child["name"] for child in Sheet.objects.get(pk=case.sheet_id).answers["children"]] == ["Bo"]
    assert Award.objects.get(service_key="school-meals").ends_on.isoformat() == "2027-06-30"  # type: ignore[union-attr]  # it has an end
    letter = Message.objects.get(thread__stream=case.stream)
    assert letter.letter_key == "certified"
    assert "You did not have to apply" in letter.body.replace("\\", "")
    assert Offer.objects.get().once == "school year 2026"
    kinds = [event.type for event in events_of(case.stream)]
    assert kinds[0] == "cases.submitted"
    assert {"decisions.decided", "mailbox.sent", "proactive.offered"} <= set(kinds)
    assert AccessRecord.objects.filter(subject=award.person_id, purpose__startswith="grant what").exists()


def test_a_second_night_and_a_killed_job_change_nothing() -> None:
    for number in range(3):
        a_family(email=f"parent{number}@example.org")
    cursor = offer_to_holders({}, None)
    assert Case.objects.count() == 1
    for _ in range(2):  # killed before its cursor was saved: the step comes again
        again = offer_to_holders({}, cursor)
    assert again is not None
    every_night()
    every_night()
    assert Case.objects.count() == Offer.objects.count() == Message.objects.count() == 3


@pytest.mark.parametrize(
    "members", [[{"relation": "child", "name": "Baby", "birth_date": "2025-02-01"}], [{"name": "X"}]]
)
def test_where_facts_do_not_suffice_nothing_is_stored(members: list[dict[str, Any]]) -> None:
    award = a_family(*members)
    assert offer("school-meals", award.pk, by=SYSTEM, at=AT) is None
    assert not Sheet.objects.exists()
    assert not Offer.objects.exists()


def test_where_the_law_does_not_grant_by_itself_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    from commonweal.kernel.proactive import actions

    award = a_family()
    monkeypatch.setattr(actions, "outcomes_of", lambda _service: {})
    assert offer("school-meals", award.pk, by=SYSTEM, at=AT) is None
    assert not Case.objects.exists()
    assert not Sheet.objects.exists()
    assert not Message.objects.exists()
    assert Award.objects.count() == 1


def test_who_is_about_to_apply_or_has_it_is_left_alone() -> None:
    award = a_family()
    start_sheet("school-meals", by=by(award.person), at=AT)
    assert offer("school-meals", award.pk, by=SYSTEM, at=AT) is None
    Sheet.objects.all().delete()
    case = offer("school-meals", award.pk, by=SYSTEM, at=AT)
    assert case is not None
    Offer.objects.all().delete()
    assert offer("school-meals", award.pk, by=SYSTEM, at=AT) is None


def test_one_says_no_and_is_not_asked_again_in_the_period() -> None:
    award = a_family()
    case = offer("school-meals", award.pk, by=SYSTEM, at=AT)
    assert case is not None
    client = Client()
    client.force_login(award.person.account)  # type: ignore[arg-type]  # it has one
    page = client.get(f"/cases/{case.reference}/").content.decode()
    assert "You did not have to apply for this." in page
    assert "7 CFR 245.6(b)" in page
    assert "Do you want to say no" in client.get(f"/cases/{case.reference}/no-thanks/").content.decode()
    client.post(f"/cases/{case.reference}/no-thanks/")
    assert Award.objects.get(service_key="school-meals").status == "revoked"
    assert "You said no to this." in client.get(f"/cases/{case.reference}/").content.decode()
    assert [event.type for event in events_of(case.stream)][-1] == "proactive.declined"
    every_night()
    assert Case.objects.count() == 1
    with pytest.raises(NotGrantedUnasked):
        decline(case.reference, by=by(award.person), at=AT)
    assert client.post(f"/api/v1/cases/{case.reference}/no-thanks").status_code == 409


def test_nobody_else_says_no() -> None:
    case = offer("school-meals", a_family().pk, by=SYSTEM, at=AT)
    assert case is not None
    for account in (make_account(), make_officer(roles=("caseworker",)).account):
        client = Client()
        client.force_login(account)  # type: ignore[arg-type]  # it has one
        assert client.post(f"/cases/{case.reference}/no-thanks/").status_code in {302, 403, 404}
    assert Award.objects.get(service_key="school-meals").status == "running"


@pytest.mark.parametrize("error", [AwardEnded, KeyError, ValueError])
def test_what_goes_wrong_with_one_holder_stops_nobody_else(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    first, second = (a_family(CHILD, email=f"{name}@example.org") for name in ("one", "two"))
    offered = tasks.offer

    def offer(service: str, award_id: UUID, **who: Any) -> Any:
        if award_id == first.pk:
            raise error
        return offered(service, award_id, **who)

    monkeypatch.setattr(tasks, "offer", offer)

    every_night()

    assert [each.source_award for each in Offer.objects.all()] == [second.pk]


def test_what_is_not_there_is_not_offered() -> None:
    award = a_family()
    assert offer("food-assistance", award.pk, by=SYSTEM, at=AT) is None  # it is granted on application alone
    assert offer("school-meals", new_id(), by=SYSTEM, at=AT) is None
    assert next_award("no-such-service", at=AT, after=None) is None
    assert not Case.objects.exists()
    assert not Offer.objects.exists()


def test_a_suspended_service_is_offered_to_nobody() -> None:
    a_family()
    version = offered_service("school-meals").version_id
    set_status(version, Status.SUSPENDED, by=SYSTEM, at=AT, reason="The canteens are closed.")
    assert every_night() == 0
    assert not Case.objects.exists()


def test_one_says_no_through_the_api() -> None:
    award = a_family()
    case = offer("school-meals", award.pk, by=SYSTEM, at=AT)
    assert case is not None
    client = Client()
    client.force_login(award.person.account)  # type: ignore[arg-type]  # it has one
    answer = client.post(f"/api/v1/cases/{case.reference}/no-thanks")
    assert (answer.status_code, answer.json()["service"]) == (200, "school-meals")
    assert answer.json()["once"] == "school year 2026"
    assert Award.objects.get(service_key="school-meals").status == "revoked"
    seen = AccessRecord.objects.filter(actor_id=str(award.person_id), subject=award.person_id)
    assert seen.exists()


def test_what_was_taken_back_by_an_officer_is_not_called_granted_any_more() -> None:
    case = offer("school-meals", a_family().pk, by=SYSTEM, at=AT)
    assert case is not None
    assert OfferedNotice().notice(case) is not None
    award = award_of_case(case.stream)
    assert award is not None
    revoke(award.pk, reason="A mistake.", by=SYSTEM, at=AT)

    assert OfferedNotice().notice(case) is None


def test_of_who_applied_nothing_is_said_to_be_offered() -> None:
    case = offer("school-meals", a_family().pk, by=SYSTEM, at=AT)
    Offer.objects.all().delete()

    assert case is not None
    assert OfferedNotice().notice(case) is None
    assert OfferedFact().value(case) is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    children:", "    childs:", "proactive.question"),
        ("  when: ", "  when: 1 + ", "feel.syntax"),
        ("  award: food-assistance", "  award: food-asistance", "proactive.award"),
        ("kind: decide", "kind: review", "proactive.stage"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(old: str, new: str, code: str) -> None:
    files = dict(read_folder(root(), "services/school-meals"))
    before, section, after = files["service.yaml"].partition("\nproactive:")
    assert section
    assert old in after, "the declaration has changed: mend this test"
    files["service.yaml"] = before + section + after.replace(old, new, 1)
    _, found = compile_files(root(), "services/school-meals", files)
    assert code in {problem.code for problem in found if problem.is_error}


def test_of_what_is_not_known_nothing_is_answered() -> None:
    section = section_of(offered_service("school-meals").compiled)
    assert section is not None
    told, untold = (known_of(section, a_family(email=email), at=AT) for email in ("a@example.org", ""))

    assert ["email" in dict(known["applicant"]) for known in (told, untold)] == [True, False]
    assert document_of(section, {}, at=AT) is None


def test_who_applied_has_nothing_to_say_no_to() -> None:
    case = offer("school-meals", a_family().pk, by=SYSTEM, at=AT)
    assert case is not None
    who = by(Person.objects.get(pk=case.applicant_id))
    Offer.objects.all().delete()

    with pytest.raises(NotGrantedUnasked):
        offer_for(case.reference, actor=who)


def test_a_night_goes_on_behind_the_service_at_which_it_was_killed() -> None:
    a_family()

    assert offer_to_holders({}, {"service": "zzz", "after": ""}) is None
    assert not Case.objects.exists()

"""Something granted is taken back: with a ground, after its notice; it can be answered, suspended, resumed and dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.test import Client
from pydantic import ValidationError
from tests.factories.people import AT, make_account, make_officer, make_person, make_team
from tests.jurisdictions.port_alder.counter import Counter, letters
from tests.jurisdictions.port_alder.test_business_licence import answers

from commonweal.kernel.awards.errors import AwardEnded
from commonweal.kernel.awards.models import Award
from commonweal.kernel.awards.queries import award_of_case
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases.errors import CaseNotFound
from commonweal.kernel.cases.models import Case
from commonweal.kernel.catalogue.compiler.folder import read_folder
from commonweal.kernel.catalogue.compiler.service import compile_files
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.decisions.queries import appeal_day
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.people.models import Account, Person
from commonweal.kernel.people.queries import actor_of
from commonweal.kernel.revocations import actions, queries, tasks
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.errors import NothingToRevoke, RevocationMovedOn, RevocationNotFound
from commonweal.kernel.revocations.letters import announcement
from commonweal.kernel.revocations.models import Revocation
from commonweal.kernel.revocations.plugins import RevocationNotice
from commonweal.kernel.revocations.queries import next_due, planned, revocation_of
from commonweal.kernel.revocations.types import RevocationSource

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
EFFECT_ON = date(2026, 10, 3)  # served on 18 September; the 14 days end on Friday 2 October


def announce(case: Case, counter: Counter, ground: str = "conditions", at: datetime = AT) -> Revocation:
    why = "The fire door was blocked on both visits."
    return actions.announce_revocation(case.reference, ground=ground, reasons=why, by=counter.officer, at=at)


def types_in(case: Case) -> list[str]:
    return [event.type for event in events_of(case.stream) if event.type.startswith("revocations.")]


def is_running(case: Case) -> bool:
    award = award_of_case(case.stream)
    assert award is not None
    return award.is_running


def plain(text: str) -> str:
    return text.replace("\\", "")


def test_a_licence_ends_after_a_notice_of_fourteen_days(case: Case, counter: Counter) -> None:
    found = announce(case, counter)

    assert (found.status, found.effective_on, is_running(case)) == (Status.ANNOUNCED, EFFECT_ON, True)
    letter = plain(letters(case)[-1])
    for words in (
        "It takes effect on October 3, 2026. Until then nothing changes.",
        "The ground: The conditions of the licence are not kept. (PAMC 5.04.050)",
        "The fire door was blocked on both visits.",
        f"/cases/{case.reference}/revocation/",
        "You can appeal until October 19, 2026 (PAMC 5.04, 1.20.010).",
        "the licence runs on until the Hearing Examiner rules",
    ):
        assert words in letter
    assert next_due(EFFECT_ON - timedelta(days=1), after=None) is None
    assert not actions.take_effect(found.pk, on=EFFECT_ON - timedelta(days=1), by=SYSTEM, at=AT)

    assert next_due(EFFECT_ON, after=None) == found.pk
    assert actions.take_effect(found.pk, on=EFFECT_ON, by=SYSTEM, at=AT)

    award = award_of_case(case.stream)
    assert award is not None
    assert (award.status, award.end_reason) == ("revoked", "The fire door was blocked on both visits.")
    assert not actions.take_effect(found.pk, on=EFFECT_ON, by=SYSTEM, at=AT)
    assert types_in(case) == ["revocations.announced", "revocations.done"]


def test_a_day_beyond_the_calendar_ends_no_time_to_appeal(case: Case) -> None:
    assert appeal_day(compiled(case.version_id), told_on=date.max) is None


@pytest.mark.parametrize(
    ("channel", "has_account", "effective_on", "until"),
    [
        (
            "counter",
            False,
            date(2026, 10, 6),
            "October 20",
        ),  # served on 20 September; ends on Monday 5 October
        ("counter", True, EFFECT_ON, "October 19"),
        ("online", False, EFFECT_ON, "October 19"),
    ],
)
def test_who_is_told_on_paper_is_served_on_the_fifth_day(
    case: Case, counter: Counter, channel: str, has_account: bool, effective_on: date, until: str
) -> None:
    Case.objects.filter(pk=case.pk).update(channel=channel)
    if not has_account:
        Person.objects.filter(pk=counter.person.pk).update(account=None)

    found = announce(case, counter)

    letter = plain(letters(case)[-1])
    assert found.effective_on == effective_on
    assert f"It takes effect on {effective_on:%B} {effective_on.day}, 2026." in letter
    assert f"You can appeal until {until}, 2026" in letter


def test_danger_ends_a_licence_at_once(case: Case, counter: Counter) -> None:
    found = announce(case, counter, "danger")

    assert (found.status, found.effective_on, is_running(case)) == (Status.DONE, date(2026, 9, 15), False)
    letter = plain(letters(case)[-1])
    assert "It took effect today." in letter
    assert "tell us before" not in letter
    with pytest.raises(NothingToRevoke):
        announce(case, counter)


def test_the_night_takes_back_what_is_due_and_nothing_else(
    case: Case, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(case, counter)
    other = counter.confirm(counter.send(answers()))
    announce(other, counter)
    kept = counter.confirm(counter.send(answers()))
    expired = award_of_case(other.stream)
    assert expired is not None
    Award.objects.filter(pk=expired.pk).update(status="expired", ended_at=AT)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 3, 18, tzinfo=AT.tzinfo))
    cursor = tasks.let_take_effect({}, None)
    while cursor is not None:
        cursor = tasks.let_take_effect({}, cursor)

    assert [is_running(each) for each in (case, kept)] == [False, True]
    ended = revocation_of(other.pk)
    assert ended is not None
    assert ended.status == Status.DROPPED


def test_what_goes_wrong_with_one_revocation_stops_no_other(
    case: Case, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [announce(each, counter) for each in (case, counter.confirm(counter.send(answers())))]
    broken, other = sorted(both, key=lambda each: each.pk)
    taken = tasks.take_effect

    def take_effect(revocation_id: UUID, **who: Any) -> bool:
        done = taken(revocation_id, **who)
        if revocation_id == broken.pk:
            raise KeyError(revocation_id)
        return done

    monkeypatch.setattr(tasks, "take_effect", take_effect)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 3, 18, tzinfo=AT.tzinfo))
    cursor = tasks.let_take_effect({}, None)
    while cursor is not None:
        cursor = tasks.let_take_effect({}, cursor)

    assert [is_running(each.case) for each in (broken, other)] == [True, False]


def test_an_appeal_suspends_it_even_after_it_took_effect(case: Case, counter: Counter) -> None:
    found = announce(case, counter, "danger")
    change = {"by": counter.officer, "at": AT}

    held = actions.suspend(case.reference, remark="You appealed.", revision=found.revision, **change)

    assert (held.status, is_running(case)) == (Status.SUSPENDED, True)
    assert "You appealed." in plain(letters(case)[-1])
    assert next_due(date(2030, 1, 1), after=None) is None
    with pytest.raises(RevocationMovedOn):
        actions.suspend(case.reference, remark="Again.", revision=held.revision, **change)

    gone_on = actions.resume(case.reference, remark="You lost.", revision=held.revision, **change)

    assert (gone_on.status, is_running(case)) == (Status.DONE, False)
    held = actions.suspend(case.reference, remark="Looked at anew.", revision=gone_on.revision, **change)
    dropped = actions.drop(case.reference, remark="You won.", revision=held.revision, **change)
    assert (dropped.status, is_running(case)) == (Status.DROPPED, True)
    assert types_in(case)[1:] == [
        f"revocations.{what}" for what in ("suspended", "resumed", "suspended", "dropped")
    ]


def test_an_announced_one_waits_on_after_a_suspension(case: Case, counter: Counter) -> None:
    found = announce(case, counter)
    held = actions.suspend(case.reference, remark="Appeal.", revision=1, by=counter.officer, at=AT)

    gone_on = actions.resume(
        case.reference, remark="Lost.", revision=held.revision, by=counter.officer, at=AT
    )

    assert (gone_on.pk, gone_on.status, is_running(case)) == (found.pk, Status.ANNOUNCED, True)


def test_what_has_run_out_is_not_put_back(case: Case, counter: Counter) -> None:
    found = announce(case, counter, "danger")
    Award.objects.update(ends_on=date(2026, 9, 14), starts_on=date(2026, 9, 1))

    with pytest.raises(AwardEnded):
        actions.suspend(case.reference, remark="Appeal.", revision=found.revision, by=counter.officer, at=AT)


def test_the_holder_is_heard_and_nobody_else(case: Case, counter: Counter) -> None:
    found = announce(case, counter)
    say = {"text": "The door is free now.", "at": AT}

    heard = actions.state_view(case.reference, by=counter.resident, **say)

    assert (heard.statement, heard.revision) == ("The door is free now.", found.revision + 1)
    with pytest.raises(Invalid):
        actions.state_view(case.reference, text=" ", by=counter.resident, at=AT)
    with pytest.raises(Invalid):
        actions.state_view(case.reference, text="x" * 5_001, by=counter.resident, at=AT)
    with pytest.raises(CaseNotFound):
        actions.state_view(case.reference, by=counter.officer, **say)
    stranger = make_person(account=make_account())
    with pytest.raises(CaseNotFound):
        actions.state_view(case.reference, by=Actor(ActorKind.RESIDENT, str(stranger.pk)), **say)
    actions.drop(case.reference, remark="Mended.", revision=heard.revision, by=counter.officer, at=AT)
    with pytest.raises(RevocationMovedOn):
        actions.state_view(case.reference, by=counter.resident, **say)


@pytest.mark.parametrize("change", [{"ground": "whim"}, {"reasons": ""}, {"reasons": "x" * 5_001}])
def test_ground_and_reasons_have_to_be_there(case: Case, counter: Counter, change: dict[str, str]) -> None:
    said = {"ground": "rules", "reasons": "The shop moved."} | change
    with pytest.raises(Invalid):
        actions.announce_revocation(case.reference, **said, by=counter.officer, at=AT)
    assert not Revocation.objects.exists()


def test_only_the_team_takes_back_and_only_what_runs(case: Case, counter: Counter) -> None:
    other = make_officer(roles=("caseworker",), teams=(make_team(key="parking"),), agency="transportation")
    said = {"ground": "rules", "reasons": "The shop moved.", "at": AT}
    with pytest.raises(CaseNotFound):
        actions.announce_revocation(case.reference, **said, by=actor_of(other.account))
    with pytest.raises(CaseNotFound):
        actions.announce_revocation(case.reference, **said, by=counter.resident)
    grants = counter.officer.capabilities - {"revocations.revoke"}
    with pytest.raises(Forbidden):
        actions.announce_revocation(case.reference, **said, by=replace(counter.officer, capabilities=grants))
    with pytest.raises(RevocationNotFound):
        actions.drop(case.reference, remark="No.", revision=1, by=counter.officer, at=AT)
    waiting = counter.send(answers())
    with pytest.raises(NothingToRevoke):
        announce(waiting, counter)


def _client(account: Account | None) -> Client:
    assert account is not None
    client = Client()
    client.force_login(account)
    return client


def test_officer_and_holder_do_it_on_their_pages(
    case: Case, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    officer = _client(Account.objects.get(officer=counter.officer.id))
    holder = _client(counter.person.account)
    base, own = f"/workbench/cases/{case.reference}/", f"/cases/{case.reference}/"

    def post(name: str, **said: Any) -> int:
        return officer.post(f"{base}revocation/{name}", said).status_code

    moved = {"ground": "rules", "reasons": "The shop moved.", "seen_on": EFFECT_ON.isoformat()}
    assert "Take it back" in officer.get(base).content.decode()
    assert holder.get(f"{own}revocation/").status_code == 404
    assert post("announce", ground="", reasons="") == 422
    assert post("announce", **moved) == 302
    assert post("announce", **moved) == 409
    assert "taken back. It takes effect on October 3, 2026" in holder.get(own).content.decode()
    assert holder.post(f"{own}revocation/", {"statement": ""}).status_code == 422
    assert holder.post(f"{own}revocation/", {"statement": "It did not."}).status_code == 302
    assert "It did not." in officer.get(f"{base}revocation/").content.decode()
    assert post("suspend", remark="Appeal.", revision="1") == 409
    assert post("suspend", remark="", revision="2") == 422
    assert post("suspend", remark="Appeal.", revision="2") == 302
    assert "is suspended" in holder.get(own).content.decode()
    assert post("resume", remark="Lost.", revision="3") == 302
    assert post("drop", remark="It moved back.", revision="4") == 302
    assert "being taken back: dropped" in officer.get(base).content.decode()
    assert "Read why" not in holder.get(own).content.decode()


def test_an_officer_sees_letter_and_day_before_sending(
    case: Case, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    officer = _client(Account.objects.get(officer=counter.officer.id))
    place = f"/workbench/cases/{case.reference}/revocation/"
    said = {"ground": "conditions", "reasons": "The fire door was <b>blocked</b>."}
    assert "Corner Shop (HP-0001)" in officer.get(place).content.decode()
    assert officer.post(f"{place}preview", said | {"ground": "whim"}).status_code == 422

    shown = officer.post(f"{place}preview", said).content.decode()

    for words in (
        "It holds from October 3, 2026.",
        "What was granted to you: Corner Shop (HP-0001).",
        "The fire door was &lt;b&gt;blocked&lt;/b&gt;.",
        "You can appeal until October 19, 2026",
        'name="seen_on" value="2026-10-03"',
    ):
        assert words in shown
    assert not Revocation.objects.exists()
    sent_before = len(letters(case))
    for seen in ("", "x", "2026-02-30", "2026-10-04"):
        stale = officer.post(f"{place}announce", said | {"seen_on": seen})
        assert stale.status_code == 409
        assert "The fire door was" in stale.content.decode()
    assert officer.post(f"{place}announce", said | {"seen_on": "2026-10-03"}).status_code == 302
    assert len(letters(case)) == sent_before + 1
    assert officer.post(f"{place}preview", said).status_code == 409


def test_the_letter_that_is_shown_is_the_one_that_is_sent(case: Case, counter: Counter) -> None:
    for ground in ("danger", "conditions"):
        plan = planned(case, ground=ground, reasons="Why it is so.", at=AT)
        shown = announcement(case, plan, at=AT)
        actions.announce_revocation(
            case.reference, ground=ground, reasons="Why it is so.", seen_on=plan.effective_on,
            by=counter.officer, at=AT,
        )  # fmt: skip
        assert plain(letters(case)[-1]) == shown.text
        actions.suspend(case.reference, remark="Appeal.", revision=1, by=counter.officer, at=AT)
        actions.drop(case.reference, remark="Won.", revision=2, by=counter.officer, at=AT)


def test_a_letter_says_what_the_service_declares_and_no_more(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(case, ground="conditions", reasons="Why.", at=AT)
    monkeypatch.setattr("commonweal.kernel.decisions.queries.appeal_day", lambda *_of, **_on: None)
    monkeypatch.setattr("commonweal.kernel.cases.queries.granted_label", lambda *_of, **_at: "")

    text = announcement(case, plan, at=AT).text

    assert "appeal until" not in text
    assert "What was granted" not in text


def test_what_cannot_be_taken_back_has_no_page(
    case: Case, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    officer = _client(Account.objects.get(officer=counter.officer.id))
    waiting = counter.send(answers())
    assert officer.get(f"/workbench/cases/{waiting.reference}/revocation/").status_code == 404
    notice = RevocationNotice()
    assert notice.notice_for_officer(waiting, counter.officer) is None
    assert notice.notice_for_officer(case, counter.resident) is None
    assert notice.notice_for_officer(case, counter.officer) is not None

    monkeypatch.setattr(queries, "section_of", lambda _case: None)

    assert queries.revocable(case) is None


def test_a_declaration_that_cannot_work_is_refused() -> None:
    folder = "services/business-licence"
    files = dict(read_folder(root(), folder))
    service = yaml.safe_load(files["service.yaml"])
    grounds = service["revocation"]["grounds"]
    with pytest.raises(ValidationError, match="two grounds have the same key"):
        RevocationSource.model_validate({"grounds": [grounds[0], grounds[0]]})
    for section in ("award", "change", "held"):
        service.pop(section, None)

    _, found = compile_files(root(), folder, files | {"service.yaml": yaml.safe_dump(service)})

    assert "revocation.nothing" in {problem.code for problem in found if problem.is_error}

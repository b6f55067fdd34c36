"""The section `stages`: what is refused when it is compiled, and what each kind of stage does to a case."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.engines import feel
from commonweal.engines.parameters import Entry, Kind, Parameter, ParameterSet, Reference
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.jurisdiction import current, root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import actions, tasks
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import CaseClosed, NoStages, NothingToDecide, NotStuck, TakenByAnother
from commonweal.kernel.cases.flow import due_on, stages_of, years_after
from commonweal.kernel.cases.kinds import CloseStage
from commonweal.kernel.cases.limits import AnswerWithin, beyond_law
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.stages import StagesSection, StagesSource
from commonweal.kernel.cases.types import CompiledStages
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.ledger.models import Event
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.markup import to_html, to_typst
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.people.actions import record_facts

SYSTEM = Actor.system("tests")
SOUND = """
team: parking
answer_within: {working_days: 10}
retention: {years: 3, legal_basis: PAMC 11.24}
steps:
  - {key: apply, kind: form, label: You apply}
  - {key: decide, kind: decide, label: The law decides}
  - {key: review, kind: review, label: An officer looks, when: decision = null}
  - {key: wait, kind: wait, label: Time passes, options: {until: start_date}}
  - {key: letter, kind: letter, label: You get a letter, options: {letter: permit}}
  - {key: done, kind: close, label: Done}
"""


def compile_stages(text: str) -> tuple[CompiledStages | None, list[str]]:
    document = parse_yaml(text.encode(), "services/x/service.yaml")
    compilation = Compilation(Path(), "services/x", "x", current(), files={"service.yaml": text})
    compilation.names |= {"start_date": feel.DATE, "decision": feel.ANY}
    source = Source(document, (), StagesSource.model_validate(document.data))
    compiled = StagesSection().compile(source, compilation)
    return compiled, [f"{p.line} {p.code}: {p.message}" for p in compilation.problems if p.is_error]


def test_sound_stages_are_compiled_in_order() -> None:
    compiled, problems = compile_stages(SOUND)

    assert problems == []
    assert compiled is not None
    assert [stage.key for stage in compiled.stages] == ["apply", "decide", "review", "wait", "letter", "done"]
    assert (compiled.team, compiled.answer_working_days, compiled.retention_years) == ("parking", 10, 3)
    assert list(compiled.texts())[:2] == ["You apply", "The law decides"]
    assert (compiled.index("apply"), compiled.index("done")) == (0, 5)
    with pytest.raises(KeyError, match="nowhere"):
        compiled.index("nowhere")


def test_a_service_without_the_section_has_no_stages(town: Town) -> None:
    assert StagesSection().compile(None, Compilation(Path(), "services/x", "x", current())) is None
    with pytest.raises(NoStages):
        stages_of(type("Service", (), {"sections": {}, "key": "x"})())  # type: ignore[arg-type]  # one without sections


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("kind: wait", "kind: dance", "9 stages.kind: There is no kind of stage named 'dance'."),
        ("options: {until: start_date}", "options: {}", "9 schema.missing: 'until' is missing."),
        ("until: start_date", "until: '1 + 1'", "9 feel.result-type: "),
        ("when: decision = null", "when: strat_date = null", "8 feel.unknown-name: "),
        ("team: parking", "team: dancing", "2 stages.team: There is no team 'dancing'."),
        ("{working_days: 10}", "{working_days: 10, calendar_days: 9}", "3 stages.limit: There are two limits for an answer."),
        ("key: decide", "key: apply", "7 stages.twice: Two stages are called 'apply'."),
        ("kind: form", "kind: letter", "6 stages.beginning: A case begins with a form."),
        ("kind: close", "kind: review", "11 stages.dead-end: A case that comes here is never answered."),
        ("kind: review", "kind: letter", "7 stages.no-officer: Where the law cannot decide, nobody looks at the case."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(old: str, new: str, problem: str) -> None:
    assert SOUND.count(old) == 1

    _, problems = compile_stages(SOUND.replace(old, new))

    assert len(problems) == 1, problems
    assert problems[0].startswith(problem)


def test_limits_are_counted_in_working_or_calendar_days_or_not_at_all() -> None:
    stages, _ = compile_stages(SOUND)
    by_calendar, _ = compile_stages(SOUND.replace("working_days: 10", "calendar_days: 30"))
    without, _ = compile_stages(SOUND.replace("answer_within: {working_days: 10}\n", ""))
    assert stages is not None
    assert by_calendar is not None
    assert without is not None

    tuesday = date(2026, 9, 15)
    assert due_on(stages, tuesday) == date(2026, 9, 29)
    assert due_on(by_calendar, tuesday) == date(2026, 10, 15)
    assert due_on(without, tuesday) == date.max


def test_years_after_the_29th_of_february_end_with_the_month() -> None:
    assert years_after(date(2028, 2, 29), 3) == date(2031, 2, 28)
    assert years_after(date(2028, 2, 29), 4) == date(2032, 2, 29)
    assert years_after(date(2026, 9, 15), 0) == date(2026, 9, 15)


# ---- a city whose food service goes through other stages ---------------------------------------


@pytest.fixture
def restage(town: Town, tmp_path: Path, settings: Any) -> Any:
    """Publish food assistance with changed texts in its files."""
    shutil.copytree(root(), tmp_path / "city")
    settings.COMMONWEAL_JURISDICTION = str(tmp_path / "city")

    def put(old: str, new: str, name: str = "service.yaml") -> None:
        path = tmp_path / "city/services/food-assistance" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        publish_folder("food-assistance", by=SYSTEM, at=AT)

    return put


LETTER = "    - {key: letter, kind: letter, label: You get a letter}\n"


def waits_until(day: str) -> str:
    return f"    - {{key: wait, kind: wait, label: Time passes, options: {{until: '{day}'}}}}\n{LETTER}"


@pytest.mark.django_db
def test_a_waiting_case_goes_on_when_its_day_has_come(town: Town, restage: Any, monkeypatch: Any) -> None:
    restage(LETTER, waits_until('case.submitted_on + duration("P3D")'))
    case = town.send(food_answers())
    assert (case.status, case.stage, case.wake_on) == (Status.WAITING, "wait", date(2026, 9, 18))
    assert Message.objects.count() == 0

    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=2))
    assert tasks.wake_cases({}, None) is None
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=3))
    place = [case.wake_on.isoformat(), str(case.pk), "", ""]
    cursor = tasks.wake_cases({}, None)
    assert cursor == {"last": str(case.pk), "place": place}
    assert tasks.wake_cases({}, cursor) is None

    case.refresh_from_db()
    assert (case.status, case.wake_on, Message.objects.count()) == (Status.CLOSED, None, 1)
    assert "cases.woken" in [event.type for event in events_of(case.stream)]


@pytest.mark.django_db
def test_waking_a_case_that_does_not_wait_changes_nothing(town: Town) -> None:
    case = town.send(food_answers())

    assert actions.wake(case.pk, on=date(2030, 1, 1), by=SYSTEM, at=AT) is False


@pytest.mark.django_db
def test_a_day_that_has_come_already_is_not_waited_for(town: Town, restage: Any) -> None:
    restage(LETTER, waits_until("case.submitted_on"))

    assert town.send(food_answers()).status == Status.CLOSED


@pytest.mark.django_db
def test_a_day_that_cannot_be_told_brings_an_officer(town: Town, restage: Any) -> None:
    restage(LETTER, waits_until("date(applicant.nothing_known)"))

    case = town.send(food_answers())

    assert (case.status, case.wake_on) == (Status.UNASSIGNED, None)
    assert case.status_reason == "The day of the stage 'Time passes' cannot be told."


@pytest.mark.django_db
def test_a_letter_that_cannot_be_written_brings_an_officer_and_nothing_is_sent(
    town: Town, restage: Any
) -> None:
    restage("{{", "{{ applicant.nothing_known }} {{", "letters/award.md")

    case = town.send(food_answers())

    assert (case.status, case.stage, case.outcome) == (Status.UNASSIGNED, "letter", "ELIGIBLE")
    assert case.status_reason
    assert Message.objects.count() == 0


def stuck_letter(town: Town, restage: Any) -> Case:
    restage("{{", "{{ applicant.nothing_known }} {{", "letters/award.md")
    return town.send(food_answers())


@pytest.mark.django_db
def test_a_letter_is_sent_again_once_what_was_missing_is_known(town: Town, restage: Any) -> None:
    case = stuck_letter(town, restage)
    with pytest.raises(NothingToDecide):
        actions.decide_by_hand(
            case.pk,
            outcome="ELIGIBLE",
            reasons="x",
            legal_ground="x",
            revision=case.revision,
            by=town.officer,
            at=AT,
        )
    first = actions.retry_stage(case.pk, revision=case.revision, by=town.officer, at=AT)
    assert (first.status, first.stage, Message.objects.count()) == (Status.ASSIGNED, "letter", 0)
    assert "nothing_known" in first.status_reason
    with pytest.raises(TakenByAnother):
        actions.retry_stage(case.pk, revision=first.revision, by=town.colleague, at=AT)

    record_facts(
        town.person.pk,
        {"nothing_known": "now known"},
        source="tests",
        legal_basis="tests",
        observed_at=AT,
        by=SYSTEM,
        at=AT,
    )
    done = actions.retry_stage(case.pk, revision=first.revision, by=town.officer, at=AT)

    assert (done.status, done.status_reason, Message.objects.count()) == (Status.CLOSED, "", 1)
    assert Decision.objects.filter(stream=case.stream).count() == 1
    assert [event.type for event in events_of(case.stream)].count("cases.stage_retried") == 2
    with pytest.raises(CaseClosed):
        actions.retry_stage(case.pk, revision=done.revision, by=town.officer, at=AT)


@pytest.mark.django_db
def test_an_officer_writes_the_letter_and_the_case_goes_on(town: Town, restage: Any) -> None:
    case = stuck_letter(town, restage)
    client = Client()
    client.force_login(town.workers["officer"].account)
    path = f"/workbench/cases/{case.reference}/"

    page = client.get(path).content.decode()
    wrong = client.post(
        f"{path}letter", {"title": "x" * 151, "letter": "Kept <b>text</b>", "revision": case.revision}
    )
    stale = client.post(f"{path}letter", {"title": "Award", "letter": "Kept text", "revision": 0})
    sent = client.post(
        f"{path}letter",
        {"title": "Your award", "letter": "# Not a heading\n\nYou get *it*.", "revision": case.revision},
    )

    assert "Send the letter again" in page
    assert "Write the letter yourself" in page
    assert 'id="decide"' not in page
    assert (wrong.status_code, "Kept &lt;b&gt;text" in wrong.content.decode()) == (422, True)
    assert (stale.status_code, "Kept text" in stale.content.decode()) == (409, True)
    assert sent.status_code == 302
    case.refresh_from_db()
    message = Message.objects.get()
    assert (case.status, message.subject, message.letter_key) == (Status.CLOSED, "Your award", "by-hand")
    assert to_html(message.body) == "<p># Not a heading</p>\n<p>You get *it*.</p>\n"
    assert "Not a heading" in to_typst(message.body)


@pytest.mark.django_db
def test_a_day_that_could_not_be_told_is_told_later(town: Town, restage: Any) -> None:
    restage(LETTER, waits_until("date(applicant.nothing_known)"))
    case = town.send(food_answers())
    with pytest.raises(NotStuck):
        actions.send_letter_by_hand(
            case.pk, title="x", text="x", revision=case.revision, by=town.officer, at=AT
        )
    record_facts(
        town.person.pk,
        {"nothing_known": "2026-09-20"},
        source="tests",
        legal_basis="tests",
        observed_at=AT,
        by=SYSTEM,
        at=AT,
    )
    done = actions.retry_stage(case.pk, revision=case.revision, by=town.officer, at=AT)
    assert (done.status, done.wake_on) == (Status.WAITING, date(2026, 9, 20))


@pytest.mark.django_db
def test_a_case_in_review_has_nothing_to_try_again(town: Town) -> None:
    case = town.send(food_answers(circumstances=["strike"]))
    with pytest.raises(NotStuck):
        actions.retry_stage(case.pk, revision=case.revision, by=town.officer, at=AT)


@pytest.mark.django_db
def test_what_was_decided_is_not_decided_again_by_a_later_stage(town: Town, restage: Any) -> None:
    again = "    - {key: again, kind: decide, label: The law decides}\n    - {key: look, kind: review, label: An officer, when: decision = null}\n"
    restage(LETTER, again + LETTER)

    case = town.send(food_answers())

    assert (case.status, Decision.objects.filter(stream=case.stream).count()) == (Status.CLOSED, 1)


@pytest.mark.django_db
def test_a_case_is_destroyed_when_its_time_is_over_and_its_entries_stay(town: Town, monkeypatch: Any) -> None:
    cases = [town.send(food_answers(), by=by) for by in (town.resident, town.neighbour())]
    monkeypatch.setattr(clock, "now", lambda: datetime(2029, 9, 14, 12, tzinfo=UTC))
    assert tasks.dispose_of_cases({}, None) is None
    entries = Event.objects.count()

    monkeypatch.setattr(clock, "now", lambda: datetime(2029, 9, 15, 12, tzinfo=UTC))
    cursor, steps = None, 0
    while (cursor := tasks.dispose_of_cases({}, cursor)) is not None:
        steps += 1

    assert (steps, Case.objects.count()) == (2, 0)
    assert Event.objects.count() == entries + 2 * 4
    last = [event.type for event in events_of(cases[0].stream)][-3:]
    assert last == ["cases.disposed", "mailbox.deleted", "consent.stream_erased"]
    assert actions.dispose(cases[0].pk, on=date(2040, 1, 1), by=SYSTEM, at=AT) is False


def test_the_limit_of_a_review_is_an_expression() -> None:
    compiled, problems = compile_stages(
        SOUND.replace(
            "when: decision = null}", "options: {working_days: 'if decision = null then 5 else 9'}}"
        )
    )

    assert problems == []
    assert compiled is not None
    assert compiled.stages[2].spec.limit.text == "if decision = null then 5 else 9"


def test_a_limit_that_is_no_number_is_refused() -> None:
    _, problems = compile_stages(
        SOUND.replace("when: decision = null}", "options: {working_days: '\"soon\"'}}")
    )

    assert problems == ["8 feel.result-type: This gives string, but number is needed here."]


@pytest.mark.parametrize(
    ("within", "unit", "refused"),
    [
        ({"working_days": 10}, "calendar days", True),
        ({"calendar_days": 10}, "working days", True),
        ({"working_days": 10}, "working days", False),
        ({"working_days": 10}, "days", False),
    ],
)
def test_a_limit_in_other_days_than_the_law_counts_is_refused(
    within: dict[str, int], unit: str, refused: bool
) -> None:
    entry = Entry(date(2026, 1, 1), None, date(2026, 1, 1), Reference("X"), Decimal(10))
    figure = Parameter("decision_days", "Days", "", unit, Kind.NUMBER, (), (entry,))
    figures = ParameterSet("x", "X", {figure.key: figure}, "")
    limit = AnswerWithin(**within, at_most="law.decision_days")

    found = [code for _field, code, _message, _hint in beyond_law(limit, 10, figures)]

    assert found == (["law-limit"] if refused else [])


@pytest.mark.django_db
def test_a_stage_meets_a_case_that_was_sent_just_now_before_its_row(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract of ``StageKind.enter`` says so: whoever queries for the case there finds nothing."""
    rows, entered = [], CloseStage.enter

    def enter(self: CloseStage, stage: Any, run: Any) -> Any:
        rows.append(Case.objects.filter(pk=run.case.pk).count())
        return entered(self, stage, run)

    monkeypatch.setattr(CloseStage, "enter", enter)

    town.send(food_answers())
    waiting = town.send(food_answers(circumstances=["strike"]))
    actions.decide_by_hand(
        waiting.pk,
        outcome="DENIED_NET",
        reasons="Because.",
        legal_ground="7 CFR 273.9",
        revision=waiting.revision,
        by=town.officer,
        at=AT,
    )

    assert rows == [0, 1]

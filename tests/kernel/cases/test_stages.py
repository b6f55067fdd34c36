"""The section `stages`: what is refused when it is compiled, and what each kind of stage does to a case."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.factories.people import AT
from tests.kernel.cases.conftest import Town, food_answers

from commonweal.engines import feel
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.jurisdiction import current, root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import actions, tasks
from commonweal.kernel.cases.actions.applying import due_on
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import NoStages
from commonweal.kernel.cases.flow import stages_of, years_after
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.plugins import StagesSection, StagesSource
from commonweal.kernel.cases.types import CompiledStages
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.ledger.models import Event
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.mailbox.models import Message

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
    assert tasks.wake_cases({}, None) == {"last": str(case.pk)}
    assert tasks.wake_cases({}, {"last": str(case.pk)}) is None

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


@pytest.mark.django_db
def test_what_was_decided_is_not_decided_again_by_a_later_stage(town: Town, restage: Any) -> None:
    again = "    - {key: again, kind: decide, label: The law decides}\n    - {key: look, kind: review, label: An officer, when: decision = null}\n"
    restage(LETTER, again + LETTER)

    case = town.send(food_answers())

    assert (case.status, Decision.objects.filter(stream=case.stream).count()) == (Status.CLOSED, 1)


@pytest.mark.django_db
def test_a_case_is_destroyed_when_its_time_is_over_and_its_entries_stay(town: Town, monkeypatch: Any) -> None:
    cases = [town.send(food_answers()) for _ in range(2)]
    monkeypatch.setattr(clock, "now", lambda: datetime(2029, 9, 14, 12, tzinfo=UTC))
    assert tasks.dispose_of_cases({}, None) is None
    entries = Event.objects.count()

    monkeypatch.setattr(clock, "now", lambda: datetime(2029, 9, 15, 12, tzinfo=UTC))
    cursor, steps = None, 0
    while (cursor := tasks.dispose_of_cases({}, cursor)) is not None:
        steps += 1

    assert (steps, Case.objects.count()) == (2, 0)
    assert Event.objects.count() == entries + 2 * 3  # of the case, its answers, and what else belonged to it
    assert events_of(cases[0].stream)[-2].type == "cases.disposed"
    assert actions.dispose(cases[0].pk, on=date(2040, 1, 1), by=SYSTEM, at=AT) is False

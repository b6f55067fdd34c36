"""The jobs: changes of the law are found by themselves, and a killed worker leaves nothing done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.kernel.cases.conftest import Town
from tests.kernel.reassessments.conftest import DAY, NOW, ends

from commonweal.kernel.awards.models import Award, Change
from commonweal.kernel.base import clock
from commonweal.kernel.cases.models import Case
from commonweal.kernel.decisions.models import Decision
from commonweal.kernel.jobs.models import Job
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.ledger.queries import events_of, verify
from commonweal.kernel.mailbox.models import Message
from commonweal.kernel.reassessments import actions, tasks
from commonweal.kernel.reassessments.enums import Status
from commonweal.kernel.reassessments.models import Reassessment

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def _october(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.django_db
@pytest.mark.usefixtures("_october")
def test_worker_works_out_and_issues(town: Town, sent: Callable[..., Case]) -> None:
    for answers in (None, None, ends()):
        sent(answers)
    run = actions.start("snap", reference_on=DAY, agency="human-services", by=town.officer, at=NOW)
    worker = Worker(batch=1)
    worker.run_until_empty()
    assert Reassessment.objects.get().status == Status.READY
    actions.propose(run.pk, by=town.officer, at=NOW)
    actions.approve(run.pk, by=town.supervisor, at=NOW)

    worker.run_until_empty()

    assert Reassessment.objects.get().status == Status.DONE
    assert (Change.objects.count(), Message.objects.filter(letter_key__in=["change", "end"]).count()) == (
        3,
        3,
    )


@pytest.mark.django_db
def test_changes_of_the_law_are_found_once_they_are_known() -> None:
    since, until = date(2025, 8, 20), date(2025, 10, 4)

    assert tasks.changes_of("snap", since, until, known_on=date(2025, 9, 30)) == []
    assert tasks.changes_of("snap", since, until, known_on=date(2025, 10, 1)) == [DAY]
    assert tasks.changes_of("snap", date(2024, 8, 20), date(2024, 10, 4), date(2024, 8, 20)) == [
        date(2024, 10, 1)
    ]
    assert date(2026, 10, 1) in tasks.changes_of("snap", date(2026, 9, 20), date(2026, 10, 30), date.max)


@pytest.mark.django_db
def test_a_change_begins_by_itself_and_only_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2024, 9, 1, 12, tzinfo=UTC))

    tasks.look_for_changes({})
    tasks.look_for_changes({})

    run = Reassessment.objects.get()
    assert (run.programme, run.agency, run.reference_on) == ("snap", "human-services", date(2024, 10, 1))
    assert run.started_by == tasks.LOOK
    actions.cancel(run.pk, by=town.officer, at=NOW)
    tasks.look_for_changes({})  # what officers gave up does not come back
    assert Reassessment.objects.count() == 1


PROGRAM = """
import django
django.setup()
from commonweal.kernel.jobs.worker import Worker
worker = Worker(batch=1, lease_s=1.0)
worker.stop_on_signals()
print("ready", flush=True)
worker.run()
"""


def worker_program(place: str, var: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "COMMONWEAL_DATABASE": place,
        "COMMONWEAL_VAR": str(var),
        "COMMONWEAL_LOG": "error",
        "DJANGO_SETTINGS_MODULE": "commonweal.project.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def kill_until(done: Callable[[], bool], place: str, var: Path, kills: int) -> int:
    """Kill workers at random moments while there is work, then let one finish; return how many were killed."""
    dice, killed, until = random.Random(4), 0, time.monotonic() + 200
    while not done():
        assert time.monotonic() < until, "the work does not end"
        worker = worker_program(place, var)
        try:
            if killed < kills:
                time.sleep(dice.uniform(0.02, 0.25))
                worker.send_signal(signal.SIGKILL)
                killed += 1
            else:
                while not done() and time.monotonic() < until:
                    time.sleep(0.1)
                worker.terminate()
        finally:
            worker.wait(timeout=30)
            assert worker.stdout is not None
            worker.stdout.close()
    return killed


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_it_goes_on_without_doubles(
    place: str, town: Town, sent: Callable[..., Case], tmp_path: Path
) -> None:
    cases = [sent() for _ in range(25)]
    decisions, letters = Decision.objects.count(), Message.objects.count()
    run = actions.start("snap", reference_on=DAY, agency="human-services", by=town.officer, at=NOW)

    def stands(status: Status) -> bool:
        return Reassessment.objects.filter(pk=run.pk, status=status).exists()

    killed = kill_until(lambda: stands(Status.READY), place, tmp_path, 2)
    assert run.items.count() == 25
    actions.propose(run.pk, by=town.officer, at=NOW)
    actions.approve(run.pk, by=town.supervisor, at=NOW)
    killed += kill_until(lambda: stands(Status.DONE), place, tmp_path, 5)

    assert killed > 0
    assert Decision.objects.count() == decisions + 25
    assert Message.objects.count() == letters + 25
    assert Change.objects.count() == 25
    assert set(Award.objects.values_list("amount_minor", flat=True)) == {29_800}
    issued = [event.subject for event in events_of(run.stream) if event.type == "reassessments.issued"]
    assert len(issued) == 25
    assert verify(run.stream) == []
    for case in cases:
        kinds = [event.type for event in events_of(case.stream)]
        assert kinds.count("cases.reassessed") == 1
    assert Job.objects.filter(key__startswith="reassessments", dead_at__isnull=False).count() == 0

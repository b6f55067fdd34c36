"""A simulation goes on where it was interrupted: part by part, with any number of workers, after any kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.domains.insight.conftest import AT

from commonweal.domains.insight import actions, populations, queries
from commonweal.domains.insight.models import Checkpoint, Simulation
from commonweal.domains.insight.simulation.exact import exact_figures
from commonweal.domains.insight.simulation.preparing import plan_of
from commonweal.domains.insight.simulation.running import simulate
from commonweal.domains.insight.simulation.tally import Tally, tally_of
from commonweal.domains.insight.simulation.versions import code_versions
from commonweal.domains.insight.simulation.working import Standing, advance
from commonweal.domains.insight.types import Kept, PopulationChoice
from commonweal.engines.executor import Inline

ROOT = Path(__file__).resolve().parents[3]
PLANTED = 7
"""Households that a test puts into a checkpoint: they are in the figures only if it was gone on from."""


def plan(found):
    work = queries.work_of(found)
    return plan_of(work.declaration, work.snapshot, work.baseline, work.reform, work.changes)


def blocks(found):
    made = found.population
    return populations.blocks(made["place"], people=made["people"], seed=made["seed"])


def stood_after(found, parts: int) -> Standing:
    law = plan(found)
    work = advance(law, blocks(found), Inline(), Standing(0, 0, Tally.of(law.spec)))
    return next(standing for standing in work if standing.parts == parts)


def keep(found, standing: Standing, **versions: str) -> None:
    tally = standing.tally
    tally.faults += PLANTED
    kept = Kept(standing.parts, standing.rows, tally.as_bytes(), code_versions() | versions, 1)
    actions.note_progress(found.pk, standing.rows, kept)


def test_a_tally_that_was_written_down_is_the_same_again(lab):
    found = lab.order(changes={"shelter_cap": 900})
    standing = stood_after(found, 3)

    again = tally_of(standing.tally.as_bytes())

    law = plan(found)
    assert exact_figures(again, law) == exact_figures(standing.tally, law)
    assert exact_figures(again, law)["district"]


def test_a_worker_goes_on_from_a_checkpoint_and_clears_it_away(lab):
    whole = lab.done(changes={"shelter_cap": 900})
    found = actions.repeat_simulation(whole.pk, by=lab.actor, at=AT)
    keep(found, stood_after(found, 4))
    found.refresh_from_db()
    assert (found.status, found.rows_done > 0) == ("running", True)

    lab.work_off()

    found.refresh_from_db()
    assert found.figures == dict(whole.figures) | {"faults": whole.figures["faults"] + PLANTED}
    assert not Checkpoint.objects.exists()


def test_a_checkpoint_of_other_code_is_not_gone_on_from(lab):
    found = lab.order()
    keep(found, stood_after(found, 2), code="another")

    lab.work_off()

    found.refresh_from_db()
    assert (found.status, found.figures["faults"]) == ("done", 0)


def test_a_checkpoint_is_replaced_by_one_that_goes_further_only(lab):
    found = lab.order()
    versions = code_versions()
    for parts in (2, 4, 3):
        actions.note_progress(found.pk, parts, Kept(parts, parts, b"", versions, 1))

    assert queries.kept_of(found, versions) == Kept(4, 4, b"", versions, 1)
    actions.fail_simulation(found.pk, "stopped", by=lab.actor, at=AT)
    actions.note_progress(found.pk, 9, Kept(9, 9, b"", versions, 1))
    assert queries.kept_of(found, versions) is None


PEOPLE = 500_000
"""Enough of them that a worker shares the work out among processes of its own."""

PROGRAM = """
import django
django.setup()
from commonweal.kernel.jobs.worker import Worker
worker = Worker(batch=1, lease_s=1.0)
worker.stop_on_signals()
worker.run()
"""

SLOWLY = """
import time
from commonweal.domains.insight.simulation import working
advance = working.advance
def slowly(*given):
    for standing in advance(*given):
        time.sleep(1.1)
        yield standing
working.advance = slowly
"""
"""Put before the program: each part takes longer than a second, so that each is noted, and there is time to kill."""


def worker_program(place: str, var: Path, *, processes: int, before: str = "") -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "COMMONWEAL_DATABASE": place,
        "COMMONWEAL_VAR": str(var),
        "COMMONWEAL_LOG": "error",
        "COMMONWEAL_SIMULATION_WORKERS": str(processes),
        "DJANGO_SETTINGS_MODULE": "commonweal.project.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    program = PROGRAM.replace("django.setup()\n", f"django.setup()\n{before}")
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment)


def wait_until(done, worker: subprocess.Popen[bytes], limit_s: float = 240) -> None:
    until = time.monotonic() + limit_s
    while not done():
        assert worker.poll() is None, "the worker has died"
        assert time.monotonic() < until, "the work does not end"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_loses_no_more_than_a_second(place, lab, tmp_path):
    found = lab.order(changes={"shelter_cap": 900}, population=PopulationChoice(place="state", people=PEOPLE))
    first = worker_program(place, tmp_path, processes=2, before=SLOWLY)
    try:
        wait_until(lambda: Checkpoint.objects.filter(parts__gte=2).exists(), first)
        first.send_signal(signal.SIGKILL)
    finally:
        first.kill()
        first.wait(timeout=30)
    found.refresh_from_db()
    assert (found.status, found.figures) == ("running", None)
    checkpoint = Checkpoint.objects.get()
    tally = tally_of(bytes(checkpoint.tally))
    tally.faults += PLANTED
    Checkpoint.objects.update(tally=tally.as_bytes())

    second = worker_program(place, tmp_path, processes=1)
    try:
        wait_until(lambda: Simulation.objects.filter(pk=found.pk, status="done").exists(), second)
    finally:
        second.terminate()
        second.wait(timeout=30)

    found.refresh_from_db()
    assert found.figures["faults"] == PLANTED
    assert found.figures["total"]["people"] == PEOPLE
    law = plan(found)
    alone = exact_figures(simulate(law, populations.make("state", people=PEOPLE)), law)
    assert alone == dict(found.figures) | {"faults": 0}

"""A process is killed in the middle of sending an application: there is a whole case, or none."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.kernel.jobs.test_kills import ROOT, _database

HITS = 30
WITHIN_S = 240
"""A busy machine needs more kills for as many hits: a kill that comes too late costs some 30 ms."""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_submit_that_is_killed_leaves_a_whole_case_or_none(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    environment = os.environ | {
        "COMMONWEAL_DATABASE": _database(tmp_path),
        "COMMONWEAL_DEMO": "yes",
        "COMMONWEAL_VAR": str(tmp_path),
        "COMMONWEAL_LOG": "error",
        "DJANGO_SETTINGS_MODULE": "commonweal.project.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.kernel.cases.senders", str(HITS), str(WITHIN_S), str(seed)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])

    assert (found["flaws"], found["unsent"]) == ([], 0), f"seed {seed}: {found}"
    assert found["hits"] == HITS, f"seed {seed}: too few kills fell into the sending: {found}"
    sys.stdout.write(f"{found}\n")

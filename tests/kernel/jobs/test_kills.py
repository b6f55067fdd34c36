"""Workers are killed at random, and every effect in the database is there exactly once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[3]


def _database(tmp_path: Path) -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{tmp_path / 'kills.sqlite3'}"
    values = {key: quote(str(connection.settings_dict[key]), safe="") for key in ("USER", "PASSWORD", "NAME")}
    host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
    return f"postgresql://{values['USER']}:{values['PASSWORD']}@{host}:{port}/{values['NAME']}"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_effect_happens_exactly_once_however_often_workers_are_killed(tmp_path: Path) -> None:
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
        [sys.executable, "-m", "tests.kernel.jobs.nursery", "3000", "25", str(seed)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])

    assert {key: found[key] for key in ("left", "wrong", "stray", "flaws")} == {
        "left": 0,
        "wrong": {},
        "stray": [],
        "flaws": [],
    }, f"seed {seed}: {found}"
    assert found["hits"] >= 5, f"seed {seed}: too few kills hit a worker that had work: {found}"
    sys.stdout.write(f"{found}\n")

"""Every app's jobs are known to a process that has just begun, the worker's for example."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
ASK = """
import sys
import django
django.setup()
print(" ".join(name for name in sys.argv[1:] if name not in sys.modules))
"""


def test_a_process_that_begins_knows_the_jobs_of_every_app():
    modules = [
        ".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in sorted(SOURCE.rglob("tasks.py"))
    ]
    assert "commonweal.kernel.decisions.tasks" in modules
    command, environment = [sys.executable, "-c", ASK, *modules], {**os.environ, "PYTHONPATH": str(SOURCE)}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []

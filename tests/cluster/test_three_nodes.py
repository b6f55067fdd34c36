"""Three Ray nodes in network namespaces, one killed in mid-run: see `three_nodes.py`."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.cluster.three_nodes import ROOT, SKIPPED, why_not


@pytest.mark.slow
def test_totals_are_exact_although_a_node_is_killed():
    why = why_not()
    if why:
        pytest.skip(f"no cluster: {why}")
    done = subprocess.run(
        [sys.executable, "-m", "tests.cluster.three_nodes", "--people", "1500000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode == SKIPPED:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "node three killed" in done.stdout
    assert done.stdout.strip().endswith(": exact")

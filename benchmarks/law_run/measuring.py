"""Processor time, memory, and the peers in an environment of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "var" / "bench-law"
PEERS = ("openfisca-core", "openfisca-country-template", "polars")


@dataclass(frozen=True)
class Measure:
    """One line of the report.

    Attributes:
        name: What was measured.
        value: The figure.
        unit: Of the figure.
        aim: What it should be; None where nothing was promised.
        is_most: Whether the aim is the most that is allowed, not the least.
    """

    name: str
    value: float
    unit: str
    aim: float | None = None
    is_most: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the figure is as good as the aim."""
        if self.aim is None:
            return True
        return self.value <= self.aim if self.is_most else self.value >= self.aim

    def line(self) -> str:
        """Return the line as it is printed."""
        aim = f"{'at most' if self.is_most else 'at least'} {self.aim:,g}" if self.aim is not None else ""
        verdict = "" if self.aim is None else ("met" if self.is_met else "MISSED")
        return f"{self.name:58} {self.value:16,.2f} {self.unit:24} {aim:20} {verdict}"


def cpu_seconds(work: Callable[[], Any], *, least: float = 0.5, best_of: int = 3) -> float:
    """Return the processor time of one call, all threads together: the best of a few rounds."""
    best = float("inf")
    for _ in range(best_of):
        began, calls = time.process_time(), 0
        while (spent := time.process_time() - began) < least / best_of:
            work()
            calls += 1
            spent = time.process_time() - began
        best = min(best, spent / calls)
    return best


@dataclass(frozen=True)
class Child:
    """What a process of its own took.

    Attributes:
        cpu: Processor time, in seconds.
        peak_mib: The most memory that it held.
        output: What it said last, read as JSON if it can be.
    """

    cpu: float
    peak_mib: float
    output: Any


_LAUNCH = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.stdout]))
"""
"""A small process between: Linux lets a process begin with the peak memory of the one that started it."""


def child(command: list[str], **environment: str) -> Child:
    """Run a process and measure it.

    Raises:
        SystemExit: It failed; its last words are told.
    """
    settings = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "COMMONWEAL_SECRET_KEY": "bench",
        **environment,
    }
    launch = [sys.executable, "-S", "-c", _LAUNCH, *command]
    done = subprocess.run(launch, capture_output=True, text=True, check=True, env=settings, cwd=ROOT)
    code, cpu, peak_mib, text = json.loads(done.stdout)
    if code:
        raise SystemExit(f"{' '.join(command)[:200]} failed:\n{text[-1500:]}")
    last = (text.strip().splitlines() or [""])[-1]
    try:
        answer = json.loads(last)
    except ValueError:
        answer = text
    return Child(cpu, peak_mib, answer)


def peers_python() -> Path | None:
    """Return the interpreter of the peers' environment, made at the first call; None where it cannot be made."""
    python = PLACE / "venv" / "bin" / "python"
    marker = PLACE / "installed"
    if marker.exists():
        return python
    print("installing the peers …", flush=True)
    venv.create(PLACE / "venv", with_pip=False, symlinks=True)
    tool = (
        ["uv", "pip", "install", "-q", "--python", str(python)]
        if shutil.which("uv")
        else [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    )
    done = subprocess.run([*tool, *PEERS], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the peers cannot be installed: {(done.stderr.strip().splitlines() or ['?'])[-1][:200]}")
        return None
    marker.touch()
    return python

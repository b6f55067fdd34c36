"""`./cw test`: every test, in lanes, with one honest sum at the end.

Without arguments all lanes run one after the other; a lane that cannot run here is skipped aloud.
With arguments pytest gets them as they are; `--postgres` in front runs them on PostgreSQL.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tools import coverage
from tools.postgres import temporary_server

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "var" / "test-reports"
NEWER_PYTHONS = ("3.14", "3.13", "3.12")
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Browsers for the journeys, the best first: the one without windows takes a third less time on each page."""

NOT_HERE = "not journey and not suite"
SMOKE = ("base", "cases", "catalogue", "jobs", "ledger", "people")
ON_SQLITE_ONLY = ("test_demo.py", "test_tour.py", "test_pseudo_language.py")
"""Tests of the project that build a city of their own on SQLite, or only draw pages: another database changes nothing."""

BOTH_CORES = ("-n", "2", "--dist", "worksteal")
"""Each process gets one half of the tests, so that what a file makes for its tests is made once, and helps the other at the end."""


@cache
def seed() -> int:
    """Return the seed of the tests' order, from what stands in them: the same tests come in the same order everywhere.

    Each change of a test shuffles all anew, so that one which rests on another shows; and a commit that passed here does
    not fail elsewhere for its order.
    """
    found = hashlib.sha256()
    for path in sorted((ROOT / "tests").rglob("*.py")):
        found.update(path.read_bytes())
    return int.from_bytes(found.digest()[:4])


@dataclass
class Lane:
    """One way of running tests, and how it went.

    Attributes:
        name: Shown to people.
        run: Runs it and fills in the rest.
        skipped_because: Why it did not run at all; empty when it did.
        problem: Why it counts as failed although no test failed; empty otherwise.
        note: What it measured besides; empty where it measured nothing.
    """

    name: str
    run: Callable[[Lane], None]
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    skipped_because: str = ""
    problem: str = ""
    note: str = ""
    seconds: float = 0.0
    paths: list[str] = field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        """Whether nothing went wrong."""
        return not self.failed and not self.problem

    def verdict(self) -> str:
        """The outcome in one line."""
        if self.skipped_because:
            return f"skipped: {self.skipped_because}"
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return "; ".join(filter(None, [counts, self.note, self.problem]))


def count(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of a JUnit report; an error in a fixture counts as failed."""
    passed = failed = skipped = 0
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - written by our own pytest
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def present(*folders: str) -> list[str]:
    """Those folders of tests that exist and hold tests."""
    return [folder for folder in folders if any((ROOT / folder).rglob("test_*.py"))]


def pytest(
    lane: Lane,
    *arguments: str,
    command: tuple[str, ...] = (sys.executable, "-m", "pytest"),
    environment: dict[str, str] | None = None,
) -> None:
    """Run pytest for a lane, showing its output, and read the counts from its report."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{lane.name.lower().replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    told = ("-ra", f"--randomly-seed={seed()}", f"--junitxml={report}")
    whole = [*command, *arguments, *told, *lane.paths]
    done = subprocess.run(whole, cwd=ROOT, env={**os.environ, **(environment or {})}, check=False)
    if report.exists():
        lane.passed, lane.failed, lane.skipped = count(report)
    if done.returncode and not lane.failed:
        lane.problem = f"pytest ended with {done.returncode}"


def on_sqlite(lane: Lane) -> None:
    """The whole suite but journeys and standards' suites; how many branches it runs is measured and held."""
    lane.paths = ["tests"]
    pytest(lane, *BOTH_CORES, "-m", NOT_HERE, *coverage.ARGUMENTS, environment=coverage.begin())
    found = coverage.figures()
    lane.note = coverage.in_one_line(found)
    lane.problem = "; ".join(filter(None, [lane.problem, *coverage.verdict(found)]))


def on_postgres(lane: Lane) -> None:
    """What uses a database in kernel, domains and project again, on a real PostgreSQL with an owner's and an application's role."""
    lane.paths = present("tests/kernel", "tests/domains", "tests/project")
    if not lane.paths:
        lane.skipped_because = "no tests of kernel, domains or project yet"
        return
    ignored = [f"--ignore=tests/project/{name}" for name in ON_SQLITE_ONLY]
    with temporary_server() as server:
        pytest(
            lane, *BOTH_CORES, "-m", f"database and {NOT_HERE}", *ignored, environment=server.environment()
        )


def in_browser(lane: Lane) -> None:
    """Journeys in a real browser."""
    lane.paths = present("tests/journeys")
    browser = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not lane.paths:
        lane.skipped_because = "no journeys yet"
    elif browser is None:
        lane.skipped_because = "no Chromium on the PATH (Debian: sudo apt install chromium)"
    else:
        pytest(lane, *BOTH_CORES, "-m", "journey", environment={"COMMONWEAL_CHROMIUM": browser})


def newer_python() -> Path | None:
    """A Python newer than the oldest supported, on the PATH or among pyenv's, that can install packages."""
    for version in NEWER_PYTHONS:
        on_path = shutil.which(f"python{version}")
        versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        known = [str(path) for path in sorted(versions.glob(f"{version}.*/bin/python"))]
        for candidate in [on_path, *known] if on_path else known:
            probe = [candidate, "-m", "pip", "--version"]
            with contextlib.suppress(OSError):
                if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                    return Path(candidate)
    return None


def on_newer_python(lane: Lane) -> None:
    """A smoke test on a newer Python, where the pinned requirements resolve to the newest Django."""
    lane.paths = present(*(f"tests/kernel/{app}" for app in SMOKE))
    python = newer_python()
    if not lane.paths:
        lane.skipped_because = "no tests of kernel or domains yet"
    elif python is None:
        lane.skipped_because = f"no Python {', '.join(NEWER_PYTHONS)} with pip was found"
    else:
        # The launcher under that Python makes an environment of its own and hands pytest the rest.
        environment = {"COMMONWEAL_VENV": ".venv-next"}
        command = (str(python), str(ROOT / "cw"), "test")
        pytest(lane, *BOTH_CORES, "-m", f"{NOT_HERE} and not slow", command=command, environment=environment)


def marked(marker: str) -> list[str]:
    """Those files of tests that use a marker: reading them all in takes both processes longer than some lanes."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(file.relative_to(ROOT)) for file in files if f"mark.{marker}" in file.read_text()]


def against_suites(lane: Lane) -> None:
    """The standards' own test suites, where their data are present."""
    lane.paths = marked("suite")
    suites = Path(os.environ.get("COMMONWEAL_SUITES", ROOT.parent / "shared" / "suites"))
    if not suites.is_dir():
        lane.skipped_because = "no standards' suites here (set COMMONWEAL_SUITES to their folder)"
        return
    pytest(lane, *BOTH_CORES, "-m", "suite", environment={"COMMONWEAL_SUITES": str(suites)})
    if lane.problem.endswith(" 5"):  # pytest's way of saying that it found none
        lane.problem, lane.skipped_because = "", "no tests of standards' suites yet"


LANES = (
    ("SQLite", on_sqlite),
    ("PostgreSQL", on_postgres),
    ("Browser", in_browser),
    ("Newer Python", on_newer_python),
    ("Standards", against_suites),
)


def summary(lanes: list[Lane]) -> str:
    """What all lanes did; the last line sums them up."""
    rows = [f"{lane.name:14}{lane.seconds:6.0f} s  {lane.verdict()}" for lane in lanes]
    passed, failed, skipped = (
        sum(getattr(lane, key) for lane in lanes) for key in ("passed", "failed", "skipped")
    )
    # A lane that broke without a failing test must not hide behind a zero.
    broken = sum(bool(lane.problem) and not lane.failed for lane in lanes)
    total = f"{passed} passed, {failed + broken} failed"
    return "\n".join([*rows, total + (f", {skipped} skipped" if skipped else "")])


def run_lanes() -> int:
    """Run every lane and print the sum; 0 when all went well."""
    lanes = [Lane(name, run) for name, run in LANES]
    print(f"The tests come in the order of --randomly-seed={seed()}", flush=True)
    for lane in lanes:
        print(f"\n== {lane.name}: {(lane.run.__doc__ or '').splitlines()[0]}", flush=True)
        begun = time.monotonic()
        try:
            lane.run(lane)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            lane.problem = str(error)
        lane.seconds = time.monotonic() - begun
        print(f"== {lane.name}: {lane.verdict()}", flush=True)
    print(f"\n{summary(lanes)}", flush=True)
    return 0 if all(lane.is_ok for lane in lanes) else 1


def main(arguments: list[str]) -> int:
    """Run all lanes, or pytest with the arguments given."""
    if not arguments:
        return run_lanes()
    with contextlib.ExitStack() as stack:
        environment = dict(os.environ)
        if arguments[0] == "--postgres":
            environment |= stack.enter_context(temporary_server()).environment()
            del arguments[0]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *arguments], env=environment, check=False
        ).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

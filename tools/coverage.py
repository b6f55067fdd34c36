"""`./cw coverage [--postgres] [--report]`: how much of engines and kernel the tests run, branch by branch.

Fails where less than 95 % of the branches, or of lines and branches together, of either floor are run.
`--postgres` runs the kernel's tests on PostgreSQL too and adds what they run; `--report` runs nothing and
prints the figures of the last run again. The lane SQLite of `./cw test` measures the same.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.postgres import temporary_server

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "var" / "coverage"
FLOORS = ("engines", "kernel")
LEAST = 0.95
ARGUMENTS = (
    *(f"--cov=commonweal.{floor}" for floor in FLOORS),
    "--cov-branch",
    "--cov-report=",
    "--cov-append",
)
"""What pytest is told besides, so that it follows the branches of both floors; add it to what is known."""


@dataclass
class Share:
    """How much of a package was run.

    Attributes:
        lines: Statements.
        lines_run: Those that were run.
        branches: Ways out of a condition.
        branches_run: Those that were taken.
    """

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    def add(self, summary: Mapping[str, Any]) -> None:
        """Take in one file's figures."""
        self.lines += summary["num_statements"]
        self.lines_run += summary["covered_lines"]
        self.branches += summary["num_branches"]
        self.branches_run += summary["covered_branches"]

    @property
    def of_branches(self) -> float:
        """Share of the branches; one where there is none."""
        return self.branches_run / self.branches if self.branches else 1.0

    @property
    def of_all(self) -> float:
        """Share of lines and branches together, as coverage.py counts."""
        whole = self.lines + self.branches
        return (self.lines_run + self.branches_run) / whole if whole else 1.0


def shares(report: Mapping[str, Any]) -> dict[str, Share]:
    """The figures of each floor and of each package on it, from coverage.py's JSON."""
    found: dict[str, Share] = {}
    for name, figures in sorted(report["files"].items()):
        parts = Path(name).parts
        floor, *rest = parts[parts.index("commonweal") + 1 :]
        packages = [floor, f"{floor}/{rest[0]}"] if len(rest) > 1 else [floor]
        for package in packages if floor in FLOORS else []:
            found.setdefault(package, Share()).add(figures["summary"])
    return found


def table(found: Mapping[str, Share]) -> Iterator[str]:
    """The figures as lines to print."""
    yield f"{'package':24}{'branches':>14}{'':8}{'with lines':>12}"
    for package, share in sorted(found.items()):
        taken = f"{share.branches_run}/{share.branches}"
        yield f"{package:24}{taken:>14}{share.of_branches:8.1%}{share.of_all:12.1%}"


def verdict(found: Mapping[str, Share]) -> list[str]:
    """What is wrong with the figures; nothing where both floors have enough."""
    return [
        f"{floor}: less than {LEAST:.0%} are run"
        for floor in FLOORS
        if floor not in found or min(found[floor].of_branches, found[floor].of_all) < LEAST
    ]


def in_one_line(found: Mapping[str, Share]) -> str:
    """The figures of both floors, and the packages that have less than their floor must have."""
    floors = ", ".join(f"{found[floor].of_branches:.1%} of {floor}" for floor in FLOORS if floor in found)
    poor = [
        f"{package} {share.of_branches:.1%}"
        for package, share in sorted(found.items())
        if share.of_branches < LEAST and package not in FLOORS
    ]
    return f"branches run: {floors or 'none'}" + (f" (too few: {', '.join(poor)})" if poor else "")


def begin() -> dict[str, str]:
    """Forget the last run; the environment in which pytest writes down the next."""
    DATA.mkdir(parents=True, exist_ok=True)
    for old in DATA.glob("data*"):
        old.unlink()
    return {"COVERAGE_FILE": str(DATA / "data")}


def figures() -> dict[str, Share]:
    """What the last run ran; nothing where it left no data."""
    written = DATA / "report.json"
    command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(written)]
    known = {**os.environ, "COVERAGE_FILE": str(DATA / "data")}
    if subprocess.run(command, cwd=ROOT, env=known, check=False).returncode:
        return {}
    return shares(json.loads(written.read_text()))


def measure(*arguments: str, environment: Mapping[str, str]) -> int:
    """Run tests under coverage; what they run is added to what is known."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "2",
        "-m",
        "not journey and not suite",
        *arguments,
        *ARGUMENTS,
    ]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def tell() -> int:
    """Print the figures of the last run; 0 when both floors have enough."""
    found = figures()
    print("\n".join(table(found)))
    print("Missing lines and branches of each file: var/coverage/report.json")
    problems = verdict(found)
    print("\n".join(problems) or "coverage: engines and kernel have enough")
    return 1 if problems else 0


def main(arguments: list[str]) -> int:
    """Measure and tell; 0 when the tests pass and both floors have enough."""
    parser = argparse.ArgumentParser(prog="./cw coverage", description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="the kernel's tests on PostgreSQL too")
    parser.add_argument("--report", action="store_true", help="only print the figures of the last run again")
    options = parser.parse_args(arguments)
    failed = 0
    if not options.report:
        environment = begin()
        failed = measure("tests", environment=environment)
        if options.postgres:
            with temporary_server() as server:
                known = {**environment, **server.environment()}
                failed = measure("tests/kernel", environment=known) or failed
    return tell() or failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

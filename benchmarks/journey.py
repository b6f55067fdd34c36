"""The main journey, from the first page to the decision: processor time and queries of every step.

`./cw bench journey` fills throw-away databases (SQLite, and PostgreSQL in a server of its own) with
1,000 and with 100,000 cases. On each it walks a resident from the service's page through every page
of the form to the decision, letter and mailbox, opens an officer's queue at its beginning and deep
inside, and a case, and asks the API to evaluate.

Every figure is a median of processor time: the application's process, and on PostgreSQL the server's
process behind its connection too (SQLite works inside the application's). Each is also given as a
ratio to a bare Django view without middleware, measured in the same run. Garbage is collected between
the measurements, not during them. Requests go straight into the WSGI application, so the web server is
left out. Settings are those of production; data lie on this machine's disk.

A process for each database and size takes its turn, one round through everything at a time, so that all
figures are of the same minutes. Between the steps a fixed piece of work is measured: the report says how much the
host's speed swung, and the column "calm" what a step would have taken at the run's calmest moments. The aims are
held against what was measured.

`--quick` takes fewer repetitions and 1,000 and 10,000 cases; `--json FILE` writes the figures. `--against CHECKOUT` lets
another checkout's code take its turn too, in its own virtual environment where it has one, and prints how many times as
long each step takes here. Two checkouts of one commit compare two Pythons: a Python with its core in a shared library takes
longer than Debian's own.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.journey_run.figures import Sample, figures, in_turns
from benchmarks.journey_run.host import OtherWork, host

ROOT = Path(__file__).resolve().parents[1]
WARM_UP = 6
"""Rounds before those that are kept: five to get warm, one to count statements."""
PORTAL_MS, SUBMIT_MS, GROWTH = 3.0, 9.0, 1.3
PORTAL = (
    "GET home",
    "GET service page",
    "GET form page",
    "GET review",
    "GET resident's",
    "GET my",
    "GET mailbox",
)
QUEUES = ("GET queue, first page", "GET queue, deep", "GET queue, unassigned")
SUBMIT = "POST submit to decision"
BARE = "bare view"


@dataclass(frozen=True)
class Aim:
    """A claim, and whether it holds.

    Attributes:
        text: What is claimed, on which database.
        figure: What was measured.
        is_met: Whether it holds.
    """

    text: str
    figure: str
    is_met: bool


def environment(home: Path, checkout: Path = ROOT) -> dict[str, str]:
    """Return the settings of production with secrets of this run, and a day whose law is known."""

    def key() -> str:
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()

    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMMONWEAL_")}
    return kept | {
        "COMMONWEAL_VAR": str(home),
        "COMMONWEAL_SECRET_KEY": secrets.token_hex(32),
        "COMMONWEAL_KEYS": f"main:{key()},index:{key()}",
        "COMMONWEAL_CLOCK_START": "2026-09-15T16:00:00+00:00",
        "COMMONWEAL_BOOTED_AT": datetime.now(UTC).isoformat(),
        "COMMONWEAL_HTTPS": "no",
        "COMMONWEAL_OFFICER_MFA": "no",
        "COMMONWEAL_LOG": "error",
        "DJANGO_SETTINGS_MODULE": "commonweal.project.settings",
        "PYTHONPATH": f"{checkout / 'src'}:{ROOT}",
    }


@contextlib.contextmanager
def databases(kind: str, homes: Sequence[Path]) -> Iterator[list[str]]:
    """Run throw-away databases, one for each folder, and yield their addresses."""
    if kind == "sqlite":
        yield [f"sqlite:///{home / 'bench.sqlite3'}" for home in homes]
        return
    import psycopg
    from tools.postgres import temporary_server

    with temporary_server() as server:
        # The owner: the benchmark says ANALYZE, as the server's own housekeeping does in time.
        base = server.owner.rpartition("/")[0]
        with psycopg.connect(server.owner, autocommit=True) as connection:
            for number in range(len(homes)):
                connection.execute(f"CREATE DATABASE bench{number}")
        yield [f"{base}/bench{number}" for number in range(len(homes))]


@contextlib.contextmanager
def database(kind: str, home: Path) -> Iterator[dict[str, str]]:
    """Run a throw-away database with empty tables, and yield the variables that lead to it."""
    with databases(kind, [home]) as (address,):
        settings = environment(home) | {"COMMONWEAL_DATABASE": address}
        prepare(settings)
        yield settings


def prepare(settings: dict[str, str], python: str = sys.executable) -> None:
    """Make the tables, and gather the static files."""
    for words in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
        subprocess.run([python, "-m", "django", *words], env=settings, check=True, cwd=ROOT)


def python_of(checkout: Path) -> str:
    """Return the interpreter of a checkout's virtual environment, else the one that runs this."""
    own = checkout / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


class Walker:
    """A process that walks through everything on a database of its own, one round when it is told to.

    Args:
        kind: Of its database.
        size: How many cases lie in it.
        checkout: Whose code it runs.
        home: A folder for its files.
        address: Of its database.
    """

    def __init__(self, kind: str, size: int, checkout: Path, home: Path, address: str) -> None:
        self.kind, self.size, self.checkout = kind, size, checkout
        self.out = home / "figures.json"
        settings = environment(home, checkout) | {"COMMONWEAL_DATABASE": address}
        python = python_of(checkout)
        prepare(settings, python)
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.journey_run.scenario", str(size), str(self.out)],
            env=settings,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._hear()

    def round(self) -> None:
        """Go once through everything."""
        assert self.process.stdin is not None
        self.process.stdin.write("round\n")
        self.process.stdin.flush()
        self._hear()

    def end(self) -> dict[str, Any]:
        """Stop, and return what it measured."""
        self.process.communicate()
        if self.process.returncode:
            raise SystemExit(f"{self.kind}, {self.size:,} cases: ended with {self.process.returncode}")
        found: dict[str, Any] = json.loads(self.out.read_text())
        found["samples"] = {
            name: [Sample(*each) for each in several] for name, several in found["samples"].items()
        }
        return found

    def _hear(self) -> None:
        assert self.process.stdout is not None
        if not self.process.stdout.readline():
            raise SystemExit(f"{self.kind}, {self.size:,} cases: ended early, with {self.process.wait()}")


def walked(
    kinds: Sequence[str], sizes: Sequence[int], checkouts: Sequence[Path], repetitions: int
) -> list[tuple[Path, dict[str, Any]]]:
    """Let a process for each database, size and checkout take turns; return what each measured, and whose code it ran."""
    each = [(size, checkout) for size in sizes for checkout in checkouts]
    with contextlib.ExitStack() as stack:
        walkers: list[Walker] = []
        for kind in kinds:
            prefix = "commonweal-bench-"
            homes = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix))) for _ in each]
            addresses = stack.enter_context(databases(kind, homes))
            for (size, checkout), home, address in zip(each, homes, addresses, strict=True):
                print(f"  {kind}: {size:,} cases …", flush=True)
                walkers.append(Walker(kind, size, checkout, home, address))
                stack.callback(walkers[-1].process.kill)
        print(f"  {repetitions} rounds, in turns …", flush=True)
        for _ in range(WARM_UP + repetitions):
            for walker in walkers:
                walker.round()
        return [(walker.checkout, walker.end()) for walker in walkers]


def summed_up(found: Sequence[dict[str, Any]], calm_ms: float) -> list[dict[str, Any]]:
    """Return one result for each database, with its figures by number of cases."""
    results: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        row = {"cases": each["cases"], "figures": figures(each["samples"], calm_ms, each["queries"])}
        results.setdefault(each["database"], []).append(row)
    return [{"database": name, "runs": runs} for name, runs in results.items()]


def print_turns(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Print what a step took in the other checkout and in this one, and their ratio within each turn."""
    print(
        f"\n{after['database']}, {after['cases']:,} cases: CPU ms there and here, ratio within each turn, statements"
    )
    for name, new in after["samples"].items():
        old = before["samples"].get(name)
        if old and len(old) == len(new):
            one, two = (figure["cpu_ms"] for figure in (_of(before, name), _of(after, name)))
            counts = f"{before['queries'].get(name, 0):4d}{after['queries'].get(name, 0):4d}"
            print(f"{name:34}{one:8.2f}{two:8.2f}   x {in_turns(old, new):.2f}  {counts}")


def _of(found: dict[str, Any], name: str) -> dict[str, Any]:
    return figures({name: found["samples"][name]}, 1.0, found["queries"])[name]


def print_table(result: dict[str, Any]) -> None:
    """Print one database's figures: milliseconds, ratio and queries, for each number of cases."""
    runs = result["runs"]
    print(f"\n{result['database']}")
    heads = "".join(f"{run['cases']:>12,} cases {'':22}" for run in runs)
    print(f"{'':34}{heads}")
    print(f"{'':34}" + f"{'CPU ms':>9}{'app':>7}{'db':>6}{'calm':>7}{'x bare':>8}{'SQL':>5}  " * len(runs))
    for name in runs[0]["figures"]:
        cells = ""
        for run in runs:
            row = run["figures"][name]
            ratio = row["cpu_ms"] / run["figures"][BARE]["cpu_ms"]
            cells += (
                f"{row['cpu_ms']:9.2f}{row['application_ms']:7.2f}{row['database_ms']:6.2f}"
                f"{row['calm_ms']:7.2f}{ratio:8.1f}{row['queries']:5d}  "
            )
        print(f"{name:34}{cells}")


def aims(result: dict[str, Any]) -> list[Aim]:
    """Hold the figures against what we claim."""
    name, runs = result["database"], result["runs"]
    small, large = runs[0]["figures"], runs[-1]["figures"]
    found = []
    for run in runs:
        for page, row in run["figures"].items():
            limit = SUBMIT_MS if page == SUBMIT else PORTAL_MS if page.startswith(PORTAL) else None
            if limit is not None:
                text = f"{name}, {run['cases']:,} cases: {page}, at most {limit:g} ms"
                told = f"{row['cpu_ms']:.2f} ms (calm {row['calm_ms']:.2f})"
                found.append(Aim(text, told, row["cpu_ms"] <= limit))
    for page in QUEUES:
        growth = large[page]["cpu_ms"] / small[page]["cpu_ms"]
        same = small[page]["queries"] == large[page]["queries"]
        text = f"{name}: {page} does not grow with the cases (at most x {GROWTH}, same queries)"
        told = f"x {growth:.2f}, {small[page]['queries']} and {large[page]['queries']} queries"
        found.append(Aim(text, told, same and growth <= GROWTH))
    return found


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark.

    Returns:
        0 when our aims are met, 1 otherwise.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few repetitions, 1,000 and 10,000 cases")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument(
        "--cases", type=int, action="append", help="how many, instead of the two numbers above"
    )
    parser.add_argument("--repetitions", type=int, help="how many rounds are kept")
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="code that takes its turn beside this"
    )
    options = parser.parse_args(argv)
    sizes, repetitions = ([1_000, 10_000], 15) if options.quick else ([1_000, 100_000], 30)
    sizes, repetitions = options.cases or sizes, options.repetitions or repetitions
    machine = f"{os.cpu_count()} cores, {platform.platform(terse=True)}, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}; medians of {repetitions} repetitions", flush=True)
    checkouts = [ROOT, *([options.against.resolve()] if options.against else [])]
    other_work = OtherWork()
    every = walked(options.database or ("sqlite", "postgresql"), sizes, checkouts, repetitions)
    found = [each for checkout, each in every if checkout == ROOT]
    machine_then = host([pace for _, each in every for pace in each["paces"]], other_work.share())
    results = summed_up(found, machine_then.calm_ms)
    for result in results:
        print_table(result)
    for before, after in zip((each for checkout, each in every if checkout != ROOT), found, strict=False):
        print_turns(before, after)
    held = [aim for result in results for aim in aims(result)]
    print()
    for aim in held:
        print(f"{'met   ' if aim.is_met else 'MISSED'}  {aim.text}: {aim.figure}")
    print(f"\n{machine_then.verdict()}")
    if options.json:
        document = {"machine": machine, "at": datetime.now(UTC).isoformat(), "databases": results}
        document |= {"host": machine_then.told(), "missed": [aim.text for aim in held if not aim.is_met]}
        options.json.write_text(json.dumps(document, indent=1))
    return 0 if all(aim.is_met for aim in held) else 1


if __name__ == "__main__":
    sys.exit(main())

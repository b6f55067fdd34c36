"""The main journey, from the first page to the decision: processor time and queries of every step.

`./cw bench journey` fills throw-away databases (SQLite, and PostgreSQL in a server of its own) with
1,000 and then 100,000 cases. On each it walks a resident from the service's page through every page
of the form to the decision, letter and mailbox, opens an officer's queue at its beginning and deep
inside, and a case, and asks the API to evaluate.

Every figure is a median of processor time: the application's process, and on PostgreSQL the server's
process behind its connection too (SQLite works inside the application's). Each is also given as a
ratio to a bare Django view without middleware, measured in the same run. Garbage is collected between
the measurements, not during them. Requests go straight into the WSGI application, so the web server is
left out. Settings are those of production; data lie on this machine's disk.

`--quick` takes fewer repetitions and 1,000 and 10,000 cases; `--json FILE` writes the figures.
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
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
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


def environment(home: Path) -> dict[str, str]:
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
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }


@contextlib.contextmanager
def database(kind: str, home: Path) -> Iterator[dict[str, str]]:
    """Run a throw-away database with empty tables, and yield the variables that lead to it."""
    settings = environment(home)
    if kind == "sqlite":
        settings["COMMONWEAL_DATABASE"] = f"sqlite:///{home / 'bench.sqlite3'}"
        prepare(settings)
        yield settings
        return
    from tools.postgres import temporary_server

    with temporary_server() as server:
        # The owner: the benchmark says ANALYZE, as the server's own housekeeping does in time.
        settings["COMMONWEAL_DATABASE"] = server.owner
        prepare(settings)
        yield settings


def prepare(settings: dict[str, str]) -> None:
    """Make the tables, and gather the static files."""
    for words in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
        subprocess.run([sys.executable, "-m", "django", *words], env=settings, check=True, cwd=ROOT)


def measured(kind: str, sizes: list[int], repetitions: int) -> dict[str, Any]:
    """Return what one database came to."""
    with tempfile.TemporaryDirectory(prefix="commonweal-bench-") as folder:
        home = Path(folder)
        with database(kind, home) as settings:
            out = home / "figures.json"
            arguments = [",".join(map(str, sizes)), str(repetitions), str(out)]
            module = [sys.executable, "-m", "benchmarks.journey_run.scenario", *arguments]
            subprocess.run(module, env=settings, check=True, cwd=ROOT)
            found: dict[str, Any] = json.loads(out.read_text())
            return found


def print_table(result: dict[str, Any]) -> None:
    """Print one database's figures: milliseconds, ratio and queries, for each number of cases."""
    runs = result["runs"]
    print(f"\n{result['database']}")
    heads = "".join(f"{run['cases']:>12,} cases {'':15}" for run in runs)
    print(f"{'':34}{heads}")
    print(f"{'':34}" + f"{'CPU ms':>9}{'app':>7}{'db':>6}{'x bare':>8}{'SQL':>5}  " * len(runs))
    for name in runs[0]["figures"]:
        cells = ""
        for run in runs:
            row = run["figures"][name]
            ratio = row["cpu_ms"] / run["figures"][BARE]["cpu_ms"]
            cells += (
                f"{row['cpu_ms']:9.2f}{row['application_ms']:7.2f}{row['database_ms']:6.2f}"
                f"{ratio:8.1f}{row['queries']:5d}  "
            )
        print(f"{name:34}{cells}")


def aims(result: dict[str, Any]) -> list[Aim]:
    """Hold the figures against what we claim."""
    name, runs = result["database"], result["runs"]
    small, large = runs[0]["figures"], runs[-1]["figures"]
    found = []
    for run in runs:
        submit = run["figures"][SUBMIT]["cpu_ms"]
        text = f"{name}, {run['cases']:,} cases: submit to decision, at most {SUBMIT_MS:g} ms"
        found.append(Aim(text, f"{submit:.2f} ms", submit <= SUBMIT_MS))
        for page, row in run["figures"].items():
            if page.startswith(PORTAL):
                text = f"{name}, {run['cases']:,} cases: {page}, at most {PORTAL_MS:g} ms"
                found.append(Aim(text, f"{row['cpu_ms']:.2f} ms", row["cpu_ms"] <= PORTAL_MS))
    for page in QUEUES:
        growth = large[page]["cpu_ms"] / small[page]["cpu_ms"]
        same = small[page]["queries"] == large[page]["queries"]
        text = f"{name}: {page} does not grow with the cases (at most x {GROWTH}, same queries)"
        found.append(
            Aim(
                text,
                f"x {growth:.2f}, {small[page]['queries']} and {large[page]['queries']} queries",
                same and growth <= GROWTH,
            )
        )
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
    options = parser.parse_args(argv)
    sizes, repetitions = ([1_000, 10_000], 15) if options.quick else ([1_000, 100_000], 30)
    machine = f"{os.cpu_count()} cores, {platform.platform(terse=True)}, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}; medians of {repetitions} repetitions", flush=True)
    results = [measured(kind, sizes, repetitions) for kind in options.database or ("sqlite", "postgresql")]
    for result in results:
        print_table(result)
    held = [aim for result in results for aim in aims(result)]
    print()
    for aim in held:
        print(f"{'met   ' if aim.is_met else 'MISSED'}  {aim.text}: {aim.figure}")
    if options.json:
        document = {"machine": machine, "at": datetime.now(UTC).isoformat(), "databases": results}
        options.json.write_text(
            json.dumps(document | {"missed": [a.text for a in held if not a.is_met]}, indent=1)
        )
    return 0 if all(aim.is_met for aim in held) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())

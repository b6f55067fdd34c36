"""Large forms: processor time of every page of 100 questions, and of saving and checking 1,000.

`./cw bench forms` writes two services into a folder of its own: one of 10 pages, 100 questions and 100
conditions, and one of 1,000 questions and conditions, both translated in full. On SQLite and on
PostgreSQL (a server of its own), a resident fills in every page of the first in a browser; the second is
changed, checked and published again and again, and checked as `commonweal check` does.

It measures as `./cw bench journey` does: medians of processor time, the application's process and, on
PostgreSQL, the server's behind its connection; each also as a ratio to a bare Django view in the same run.

`--quick` takes fewer repetitions; `--json FILE` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.journey import BARE, Aim, database
from benchmarks.journey_run.figures import Sample, figures
from benchmarks.journey_run.host import OtherWork, host

ROOT = Path(__file__).resolve().parents[1]
CITY = ROOT / "jurisdictions/port-alder"
PAGE_MS, SAVE_MS, CHECK_MS = 5.0, 1_000.0, 2_000.0


def measured(kind: str, repetitions: int) -> dict[str, Any]:
    """Return what one database came to."""
    other_work = OtherWork()
    with tempfile.TemporaryDirectory(prefix="commonweal-bench-") as folder:
        home = Path(folder)
        with database(kind, home) as settings:
            out = home / "figures.json"
            module = [sys.executable, "-m", "benchmarks.forms_run.scenario"]
            here = settings | {"COMMONWEAL_JURISDICTION": str(home / "jurisdiction")}
            subprocess.run([*module, str(CITY), str(repetitions), str(out)], env=here, check=True, cwd=ROOT)
            found: dict[str, Any] = json.loads(out.read_text())
    machine = host(found["paces"], other_work.share())
    samples = {name: [Sample(*each) for each in rows] for name, rows in found["samples"].items()}
    rows = figures(samples, machine.calm_ms, found["queries"])
    return {"database": found["database"], "figures": rows, "host": machine.verdict()}


def print_table(result: dict[str, Any]) -> None:
    """Print one database's figures: milliseconds, ratio and queries."""
    bare = result["figures"][BARE]["cpu_ms"]
    print(f"\n{result['database']:34}{'CPU ms':>9}{'app':>9}{'db':>7}{'calm':>9}{'x bare':>9}{'SQL':>5}")
    for name, row in result["figures"].items():
        queries = "" if row["queries"] is None else row["queries"]
        print(
            f"{name:34}{row['cpu_ms']:9.2f}{row['application_ms']:9.2f}{row['database_ms']:7.2f}"
            f"{row['calm_ms']:9.2f}{row['cpu_ms'] / bare:9.1f}{queries:>5}"
        )


def aims(result: dict[str, Any]) -> list[Aim]:
    """Hold the figures against what we claim."""
    limits = {"GET page": PAGE_MS, "POST page": PAGE_MS, "save": SAVE_MS, "check": CHECK_MS}
    found = []
    for start, limit in limits.items():
        rows = {name: row for name, row in result["figures"].items() if name.startswith(start)}
        name, worst = max(rows.items(), key=lambda item: item[1]["cpu_ms"])
        text = f"{result['database']}: {name} (the dearest of {len(rows)}), at most {limit:g} ms"
        found.append(
            Aim(text, f"{worst['cpu_ms']:.2f} ms (calm {worst['calm_ms']:.2f})", worst["cpu_ms"] <= limit)
        )
    return found


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark.

    Returns:
        0 when our aims are met, 1 otherwise.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few repetitions")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    options = parser.parse_args(argv)
    repetitions = 7 if options.quick else 30
    machine = f"{os.cpu_count()} cores, {platform.platform(terse=True)}, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}; medians of {repetitions} repetitions", flush=True)
    results = [measured(kind, repetitions) for kind in options.database or ("sqlite", "postgresql")]
    for result in results:
        print_table(result)
    held = [aim for result in results for aim in aims(result)]
    print()
    for aim in held:
        print(f"{'met   ' if aim.is_met else 'MISSED'}  {aim.text}: {aim.figure}")
    print("\n" + "\n".join(f"{result['database']}: {result['host']}" for result in results))
    if options.json:
        document = {"machine": machine, "at": datetime.now(UTC).isoformat(), "databases": results}
        options.json.write_text(
            json.dumps(document | {"missed": [aim.text for aim in held if not aim.is_met]}, indent=1)
        )
    return 0 if all(aim.is_met for aim in held) else 1


if __name__ == "__main__":
    sys.exit(main())

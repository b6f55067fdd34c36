"""`./cw bench NAME`: runs one script of `benchmarks/`, one claim each."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def main(arguments: list[str]) -> int:
    """Run a benchmark by name, handing it the remaining arguments."""
    known = sorted(path.stem for path in BENCHMARKS.glob("[!_]*.py"))
    if not arguments or arguments[0] not in known:
        print("Usage: ./cw bench NAME; known: " + (", ".join(known) or "none yet"))
        return 0 if not arguments else 2
    script = BENCHMARKS / f"{arguments[0]}.py"
    sys.argv = [str(script), *arguments[1:]]
    runpy.run_path(str(script), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

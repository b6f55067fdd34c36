"""`./cw conformance NAME [--suite DIR]`: runs the test suite of a standard; ends with `NAME: passed/total`.

A runner is the module `tests/conformance/NAME.py` (a dash in the name is an underscore there) or,
where an engine brings its own, `commonweal.engines.NAME.conformance`. It takes `--suite DIR`, prints
what failed, and its last line is `NAME: passed/total`. Nothing of a suite lies in the repository: the data come from `--suite`,
from `COMMONWEAL_SUITES`, or from `../shared/suites`.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def runners() -> dict[str, str]:
    """The module that runs each standard's suite, by name."""
    engines = ROOT / "src/commonweal/engines"
    found = {path.parent.name: f"commonweal.engines.{path.parent.name}.conformance"
             for path in engines.glob("*/conformance.py")}  # fmt: skip
    here = (ROOT / "tests/conformance").glob("[!_]*.py")
    found |= {
        path.stem.replace("_", "-"): f"tests.conformance.{path.stem}"
        for path in here
        if not path.stem.startswith("test_")
    }
    return dict(sorted(found.items()))


def main(arguments: list[str]) -> int:
    """Run a standard's suite by name, handing its runner the remaining arguments."""
    known = runners()
    arguments = [arguments[0].replace("_", "-"), *arguments[1:]] if arguments else []
    if not arguments or arguments[0] not in known:
        print("Usage: ./cw conformance NAME [--suite DIR]; known: " + (", ".join(known) or "none yet"))
        return 0 if not arguments else 2
    beside = ROOT.parent / "shared" / "suites"
    if beside.is_dir():
        os.environ.setdefault("COMMONWEAL_SUITES", str(beside))
    module = known[arguments[0]]
    sys.argv = [module, *arguments[1:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

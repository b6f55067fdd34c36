"""`./cw lint`: every static check, two at a time; all run, and one failure fails the whole.

With the names of steps as arguments only those run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(sys.executable).parent
AT_ONCE = 2


def module(name: str, *arguments: str) -> list[str]:
    """A tool that is a Python module."""
    return [sys.executable, "-m", name, *arguments]


def templates() -> list[str]:
    """Our own page templates."""
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "src").glob("**/jinja2/**/*.html"))]


def steps() -> dict[str, list[str]]:
    """The command of each step, by its name, cheapest first but for the longest, beside which the others run."""
    pages = templates()
    return {
        "mypy": module("mypy"),
        "ruff": module("ruff", "check", "--quiet", "."),
        "ruff format": module("ruff", "format", "--check", "--quiet", "."),
        "djangofmt": [str(HERE / "djangofmt"), "check", *pages],
        "codespell": module("codespell_lib"),
        "imports": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo"],
        "complexity": [sys.executable, "-c", "from complexipy.cli import main; main()", "src", "tools", "--failed"],
        "vulture": module("tools.dead_code", "src", "tools"),
        "reference": module("tools.reference", "--check"),
        "messages": module("tools.messages", "--check"),
        "deptry": module("deptry", "src"),
        "djlint": module("djlint", "--lint", "--quiet", *pages),
        "bandit": module("bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", "src"),
    }  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run all steps, or those named; 0 when every one succeeds."""
    known = steps()
    wanted = {name: command for name, command in known.items() if not arguments or name in arguments}
    if unknown := set(arguments) - set(known):
        print(f"Unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
        return 2
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "commonweal.project.settings",
        "PYTEST_VERSION": "lint",
    }

    def run(name: str) -> tuple[str, float, subprocess.CompletedProcess[str]]:
        begun = time.monotonic()
        done = subprocess.run(
            wanted[name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        return name, time.monotonic() - begun, done

    failed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for running in as_completed([pool.submit(run, name) for name in wanted]):
            name, took_s, done = running.result()
            print(f"{name:18}{took_s:6.1f} s  {'FAILED' if done.returncode else 'ok'}", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr, flush=True)
    sum_ = f"{len(wanted) - len(failed)} of {len(wanted)} checks are green"
    print(f"{sum_}; failed: {', '.join(failed)}" if failed else sum_)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`./cw mutation [feel|dmn|ledger] [--sample N] [--seed S] [--full]`: how many small changes the tests notice."""

from __future__ import annotations

import argparse
import functools
import math
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.mutation.mutants import mutants
from tools.mutation.session import Trial, Verdict

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "var" / "mutation"
LEAST_SHARE = 0.8


@dataclass(frozen=True)
class Target:
    """What is changed and what should notice.

    Attributes:
        source: Folder of the package.
        tests: Folder of its own tests; no other tests count.
        not_changed: Files that run a standard's suite: they are tests themselves.
    """

    source: str
    tests: str
    not_changed: tuple[str, ...] = ()


TARGETS = {
    "feel": Target("src/commonweal/engines/feel", "tests/engines/feel"),
    "dmn": Target("src/commonweal/engines/dmn", "tests/engines/dmn", ("conformance.py", "tck.py")),
    "ledger": Target("src/commonweal/kernel/ledger", "tests/kernel/ledger"),
}


def sources(target: Target) -> list[Path]:
    """The files that are changed."""
    found = sorted((ROOT / target.source).rglob("*.py"))
    return [path for path in found if "migrations" not in path.parts and path.name not in target.not_changed]


def margin(share: float, tried: int, total: int) -> float:
    """Half the width of the 95 % interval of a share measured on a sample drawn without replacement."""
    if tried >= total:
        return 0.0
    return 1.96 * math.sqrt(share * (1 - share) / tried * (total - tried) / (total - 1))


def measure(name: str, sample: int, seed: int) -> int:
    """Try the mutants of one package; 0 when enough of them were killed."""
    target = TARGETS[name]
    begun = time.monotonic()
    every = mutants(sources(target))
    total = len(every)
    random.Random(f"{name} {seed}").shuffle(every)  # noqa: S311 - a sample, not a secret
    trial = Trial(ROOT / target.source, iter(every), sample or total, functools.partial(report, name))
    print(f"{name}: {total} mutants; trying {min(sample or total, total)}, seed {seed}", flush=True)
    pytest.main(
        [str(ROOT / target.tests), f"--rootdir={ROOT}", "-qq", "-p", "no:randomly", "-p", "no:cacheprovider",
         "-p", "no:xdist", "-m", "not suite and not journey and not slow"],
        plugins=[trial],
    )  # fmt: skip
    if trial.problem or not trial.verdicts:
        print(f"mutation {name}: {trial.problem or 'no test could be run'}")
        return 1
    counts = Counter(trial.verdicts.values())
    report(name, trial)
    print(f"{name}: what no test failed for stands in var/mutation/{name}.txt")
    killed, tried = counts[Verdict.KILLED] + counts[Verdict.TIMEOUT], len(trial.verdicts)
    share = killed / tried
    around = margin(share, tried, total if sample and tried == sample else tried)
    print(f"{name}: " + ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict))
    print(
        f"{name}: {share:.1%} killed, ± {around:.1%}, in {time.monotonic() - begun:.0f} s; time-outs count as killed"
    )
    print(f"mutation {name}: {killed}/{tried}", flush=True)
    return 0 if share >= LEAST_SHARE else 1


def report(name: str, trial: Trial) -> None:
    """Write down what no test has failed for so far, time-outs too, as differences to read."""
    left = [(verdict, mutant) for mutant, verdict in trial.verdicts.items() if verdict is not Verdict.KILLED]
    left.sort(key=lambda each: (each[1].file.path, each[1].line))
    REPORTS.mkdir(parents=True, exist_ok=True)
    text = "\n".join(f"{verdict} {mutant}" for verdict, mutant in left).replace(f"{ROOT}/", "")
    (REPORTS / f"{name}.txt").write_text(text + "\n")


def main(arguments: list[str]) -> int:
    """Measure the packages named, or all; each in a process of its own."""
    parser = argparse.ArgumentParser(prog="./cw mutation", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of {', '.join(TARGETS)}; all where none is named")
    parser.add_argument("--sample", type=int, default=400, help="mutants a package, drawn at random (400)")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws another sample (1)")
    parser.add_argument("--full", action="store_true", help="try every mutant; takes hours")
    options = parser.parse_args(arguments)
    names = options.name or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(TARGETS)}")
    sample = 0 if options.full else options.sample
    if len(names) == 1:
        os.chdir(ROOT)
        return measure(names[0], sample, options.seed)
    rest = ["--full"] if options.full else ["--sample", str(sample)]
    command = [sys.executable, "-m", "tools.mutation", *rest, "--seed", str(options.seed)]
    return max(subprocess.run([*command, name], check=False).returncode for name in names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

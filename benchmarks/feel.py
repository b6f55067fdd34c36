"""FEEL and DMN beside their peers, on one decision: three expressions and a table of ten rows.

`./cw bench feel` prints microseconds of processor time for each decision and the ratio to ours,
untraced and traced; then how long a generated model of 1 MB takes to load, and how much memory
a million evaluations leave behind. The peers (SpiffWorkflow, zen-engine, pySFeel; feelin where
npm is at hand) are installed by this script into `var/bench-feel`, apart from our environment;
`--no-peers` leaves them out.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import subprocess
import sys
import time
import tracemalloc
import venv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))

from commonweal.engines import dmn  # noqa: E402 -- after the path is known
from commonweal.engines.dmn import model as m  # noqa: E402

SHARED = HERE / "feel_peers" / "decision.json"
PLACE = HERE.parent / "var" / "bench-feel"
PEERS = {
    "SpiffWorkflow": ("SpiffWorkflow", "spiffworkflow.py"),
    "zen-engine": ("zen-engine", "zen_engine.py"),
    "pySFeel": ("pySFeel", "pysfeel.py"),
}
AIMS = {"commonweal": 30.0, "commonweal, traced": 100.0}


def shared() -> dict[str, Any]:
    """The decision that all take."""
    data: dict[str, Any] = json.loads(SHARED.read_text(encoding="utf-8"))
    return data


def our_model() -> m.Model:
    """The decision as a model: a decision for each expression, one for the table."""
    data = shared()

    def needs(*names: str) -> tuple[m.Requirement, ...]:
        inputs = set(data["facts"])
        return tuple(
            m.Requirement(kind="requiredInput" if name in inputs else "requiredDecision", href=f"#{name}")
            for name in names
        )

    def decision(name: str, expression: m.Boxed, *required: str) -> m.Decision:
        variable = m.Variable(name=name, type_ref="number")
        return m.Decision(
            id=name, name=name, variable=variable, information=needs(*required), expression=expression
        )

    table = m.DecisionTable(
        inputs=tuple(
            m.InputClause(expression=m.Literal(text=name, type_ref="number")) for name in ("age", "per head")
        ),
        outputs=(m.OutputClause(name="base", type_ref="number"),),
        rules=tuple(
            m.Rule(
                tests=(m.UnaryTests(text=age), m.UnaryTests(text=per_head)),
                outputs=(m.Literal(text=outcome),),
            )
            for age, per_head, outcome in data["rows"]
        ),
    )
    facts = tuple(
        m.InputData(id=name, name=name, variable=m.Variable(name=name, type_ref="number"))
        for name in data["facts"]
    )
    yearly, per_head, outcome = data["expressions"]
    return m.Model(
        name="bench",
        namespace="urn:bench",
        elements=(
            *facts,
            decision("yearly", m.Literal(text=yearly), "income"),
            decision("per head", m.Literal(text=per_head), "yearly", "members"),
            decision("base", table, "age", "per head"),
            decision("outcome", m.Literal(text=outcome), "base", "members"),
        ),
    )


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """Processor time of one call: the best of five runs."""
    work()
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _ in range(rounds // 5):
            work()
        best = min(best, (time.process_time() - start) / (rounds // 5) * 1e6)
    return best


def ours(rounds: int) -> dict[str, float]:
    """Our figures."""
    data = shared()
    compiled = dmn.compile(our_model())
    facts = data["facts"]
    value = compiled.decide("outcome", facts).value
    if value != Decimal(data["outcome"]):
        raise SystemExit(f"commonweal decides {value}, not {data['outcome']}: {compiled.problems}")
    return {
        "commonweal": microseconds(lambda: compiled.decide("outcome", facts), rounds),
        "commonweal, traced": microseconds(lambda: compiled.decide("outcome", facts, trace=True), rounds),
    }


# ---- peers -------------------------------------------------------------------------------


def peers(rounds: int) -> dict[str, float | str]:
    """The peers' figures, or why there is none."""
    results: dict[str, float | str] = {}
    environment = PLACE / "venv"
    python = environment / "bin" / "python"
    if not python.exists():
        print("installing the peers …", flush=True)
        venv.create(environment, with_pip=False, symlinks=True)
    for name, (package, driver) in PEERS.items():
        problem = _install(python, package)
        if problem:
            results[name] = f"cannot be installed: {problem}"
        else:
            results[name] = _measured(
                [str(python), str(HERE / "feel_peers" / driver), str(SHARED), str(rounds)]
            )
    results["feelin"] = _feelin(rounds)
    return results


def _install(python: Path, package: str) -> str:
    marker = PLACE / f"{package}.installed"
    if marker.exists():
        return ""
    if shutil.which("uv"):
        command = ["uv", "pip", "install", "-q", "--python", str(python), package, "setuptools"]
    else:
        command = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "-q",
            package,
            "setuptools",
        ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no reason given"])[-1][:100]
    marker.touch()
    return ""


def _feelin(rounds: int) -> float | str:
    if not shutil.which("npm") or not shutil.which("node"):
        return "no npm here"
    place = PLACE / "feelin"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "node_modules" / "feelin").exists():
        done = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), "feelin"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return "cannot be installed"
    return _measured(["node", str(HERE / "feel_peers" / "feelin.mjs"), str(SHARED), str(rounds)], place)


def _measured(command: list[str], place: Path | None = None) -> float | str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place)
    try:
        answer = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1][:100]}"
    if answer["value"] != shared()["outcome"]:
        return f"decides {answer['value']}"
    return float(answer["us"])


# ---- loading and memory ------------------------------------------------------------------


def large_model(size: int) -> bytes:
    """A model of about this many bytes: tables and expressions in chains of ten."""
    small = our_model()
    elements: list[m.DrgElement] = list(small.inputs)
    written = 0
    number = 0
    each = len(dmn.write(small))
    while written < size:
        elements.extend(_copy(decision, number) for decision in small.decisions)
        written += each
        number += 1
    return dmn.write(m.Model(name="large", namespace="urn:large", elements=tuple(elements)))


def _copy(decision: m.Decision, number: int) -> m.Decision:
    def moved(requirement: m.Requirement) -> m.Requirement:
        is_fact = requirement.kind == "requiredInput"
        return (
            requirement
            if is_fact
            else m.Requirement(kind=requirement.kind, href=f"{requirement.href}-{number}")
        )

    return m.Decision(
        id=f"{decision.id}-{number}",
        name=f"{decision.name} {number}",
        variable=m.Variable(name=decision.name, type_ref="number"),
        information=tuple(map(moved, decision.information)),
        expression=decision.expression,
    )


def load_seconds(source: bytes) -> tuple[float, float]:
    """Seconds to read and to compile."""
    start = time.process_time()
    model = dmn.read(source)
    middle = time.process_time()
    compiled = dmn.compile(model)
    end = time.process_time()
    errors = [problem for problem in compiled.problems if problem.is_error]
    if errors:
        raise SystemExit(f"the large model does not compile: {errors[0]}")
    return middle - start, end - middle


def growth_bytes(evaluations: int) -> int:
    """Memory that evaluations leave behind."""
    data = shared()
    compiled = dmn.compile(our_model())
    for _ in range(1000):
        compiled.decide("outcome", data["facts"])
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(evaluations):
        compiled.decide("outcome", data["facts"])
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark.

    Returns:
        0 when our aims are met, 1 otherwise.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--rounds", type=int, default=5000)
    parser.add_argument(
        "--evaluations", type=int, default=100_000, help="for memory; a million takes minutes"
    )
    options = parser.parse_args(argv)
    figures: dict[str, float | str] = dict(ours(options.rounds))
    if not options.no_peers:
        figures |= peers(max(100, options.rounds // 10))
    base = figures["commonweal"]
    assert isinstance(base, float)
    for name, figure in figures.items():
        if isinstance(figure, float):
            print(f"{name:20} {figure:10.1f} µs {figure / base:8.1f} x")
        else:
            print(f"{name:20} {figure}")
    source = large_model(1_000_000)
    reading, compiling = load_seconds(source)
    print(
        f"load {len(source) / 1e6:.2f} MB: {reading + compiling:.2f} s (read {reading:.2f}, compile {compiling:.2f})"
    )
    grown = growth_bytes(options.evaluations)
    print(f"memory after {options.evaluations} evaluations: {grown:+d} bytes")
    met = (
        all(figures[name] <= aim for name, aim in AIMS.items())
        and reading + compiling < 1
        and grown < 100_000
    )  # type: ignore[operator]  # ours are floats
    print("aims met" if met else "aims NOT met")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

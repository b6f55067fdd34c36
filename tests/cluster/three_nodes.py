"""A Ray cluster of three nodes, each in a network namespace of its own; one is killed in mid-run.

    sudo python -m tests.cluster.three_nodes --install     makes var/ray-env first, then runs
    sudo python -m tests.cluster.three_nodes --people 8000000

The nodes see each other over a bridge with virtual cables, as three machines on one switch would. A reform of a part of
the state is simulated on them by the policy lab's own code; when some blocks are done, every process of the third node
is killed at once. All figures must be those of one process that did it alone, to the last household and cent.
Everything lives in a namespace that goes with the process: nothing is left behind.

Ends with status 0 when all is exact, 1 when it is not, and 77 when it cannot be tried here, saying why.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "ray-env"
RAY = "ray>=2.52"
NODES = ("one", "two", "three")
NETWORK = "10.77.0"
PORT = 6379
SKIPPED = 77
DONE_BEFORE = 6
"""Blocks that are finished before the third node is killed."""
ON = date(2026, 9, 15)
REFORM = {"shelter_cap": 900, "earned_income_deduction_rate": "0.25", "contribution_rate": "0.28"}
"""A higher cap, more of the earnings left out, a lower contribution."""


def main(argv: list[str] | None = None) -> int:
    """Run it in a namespace of its own, or be one of its parts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=2_000_000)
    parser.add_argument("--install", action="store_true", help="install Ray into var/ray-env")
    parser.add_argument("--part", choices=("machines", "driver"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.part == "machines":
        return machines(options.people)
    if options.part == "driver":
        return driver(options.people)
    if options.install:
        install()
    why = why_not()
    if why:
        say(f"skipped: {why}")
        return SKIPPED
    # Nodes know each other by a token of this run's own, whatever Ray's default is on this machine.
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    command = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.cluster.three_nodes"]
    return subprocess.run(
        [*command, "--part", "machines", "--people", str(options.people)],
        check=False,
        env=environment(),
        cwd=ROOT,
    ).returncode


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def install() -> None:
    """Make an environment that holds Ray; the rest comes from ours."""
    if not (HOME / "bin/python").exists():
        venv.create(HOME, with_pip=False, symlinks=True)
    python = str(HOME / "bin/python")
    tool = (
        ["uv", "pip", "install", "-q", "--python", python]
        if shutil.which("uv")
        else [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
    )
    subprocess.run([*tool, RAY], check=True)


def why_not() -> str:
    """Say why it cannot be tried here; nothing if it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool in ("ip", "unshare"):
        if not shutil.which(tool):
            return f"the command '{tool}' is missing"
    if not (HOME / "bin/python").exists():
        return f"Ray is not installed; `python -m {__spec__.name if __spec__ else 'tests.cluster.three_nodes'} --install` does it"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "true"], check=False, capture_output=True, text=True
    )
    return f"no namespaces here: {tried.stderr.strip()}" if tried.returncode else ""


def environment() -> dict[str, str]:
    """The settings of every process: our packages after Ray's own."""
    ours = [path for path in sys.path if path.endswith("site-packages")]
    folders = [str(ROOT / "src"), str(ROOT / "benchmarks"), str(ROOT), *ours]
    patient = {"RAY_raylet_start_wait_time_s": "120"}  # a busy machine starts nodes slowly
    quiet = {"RAY_DEDUP_LOGS": "0", "RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
    ours_too = {
        "DJANGO_SETTINGS_MODULE": "commonweal.project.settings",
        "COMMONWEAL_SECRET_KEY": "three nodes",
    }
    return {**os.environ, "PYTHONPATH": ":".join(folders), **quiet, **patient, **ours_too}


# ---- the machines --------------------------------------------------------------------------


def machines(people: int) -> int:
    """Build the network, start the nodes, run the driver on the first, kill the third."""
    place = Path(tempfile.mkdtemp(prefix="cw-"))
    nodes: list[subprocess.Popen[bytes]] = []
    try:
        build_network(place)
        nodes = [start_node(at, place) for at in range(len(NODES))]
        return run_driver(people, place)
    finally:
        for node in NODES:
            kill_node(node)
        for process in nodes:
            process.wait()
        for name in NODES:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        subprocess.run(["umount", "/run/netns"], check=False, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


def ip(*words: str) -> None:
    """Run ``ip``."""
    subprocess.run(["ip", *words], check=True)


def build_network(place: Path) -> None:
    """Three namespaces, each with a cable to one bridge."""
    names = place / "netns"
    names.mkdir()
    Path("/run/netns").mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", str(names), "/run/netns"], check=True)  # only in our mount namespace
    ip("link", "set", "lo", "up")
    ip("link", "add", "switch", "type", "bridge")
    ip("link", "set", "switch", "up")
    for at, name in enumerate(NODES, 1):
        ip("netns", "add", name)
        ip("link", "add", f"cable{at}", "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", f"cable{at}", "master", "switch", "up")
        ip("-n", name, "address", "add", f"{NETWORK}.{at}/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "link", "set", "lo", "up")


def start_node(at: int, place: Path) -> subprocess.Popen[bytes]:
    """Start a node of Ray; the first is the head."""
    role = (
        ["--head", f"--port={PORT}", "--include-dashboard=false"]
        if at == 0
        else [f"--address={NETWORK}.1:{PORT}"]
    )
    command = [
        "ip",
        "netns",
        "exec",
        NODES[at],
        str(HOME / "bin/python"),
        "-m",
        "ray.scripts.scripts",
        "start",
    ]
    command += [*role, f"--node-ip-address={NETWORK}.{at + 1}", "--num-cpus=1", "--block"]
    command += ["--object-store-memory=100000000", "--disable-usage-stats"]
    if at == 0:
        command.append(f"--temp-dir={place / 'ray'}")
    log = place / f"{NODES[at]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment(), cwd=ROOT
        )
    for _ in range(240):
        if b"Ray runtime started" in log.read_bytes() or process.poll() is not None:
            break
        time.sleep(0.5)
    return process


def kill_node(name: str) -> int:
    """Kill every process of a node at once; return how many there were."""
    listed = subprocess.run(["ip", "netns", "pids", name], check=False, capture_output=True, text=True)
    pids = [int(pid) for pid in listed.stdout.split()]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(pids)


def run_driver(people: int, place: Path) -> int:
    """Run the driver on the first node; kill the third when some blocks are done."""
    command = ["ip", "netns", "exec", NODES[0], str(HOME / "bin/python"), "-m", "tests.cluster.three_nodes"]
    command += ["--part", "driver", "--people", str(people)]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            say(line.rstrip())
            if line.startswith(f"block {DONE_BEFORE} "):
                killed = kill_node(NODES[2])
                say(
                    f"node three killed: {killed} processes, after {time.monotonic() - began:.1f} s",
                )
    if process.returncode:
        for name in NODES:
            say((place / f"{name}.log").read_text()[-2000:])
    return process.returncode


# ---- the driver ----------------------------------------------------------------------------


def driver(people: int) -> int:
    """Simulate on the cluster as the policy lab does, then alone, and compare."""
    from commonweal.engines import executor

    plan, parts = reform(people)
    crew = executor.Ray(workers=6, address=f"{NETWORK}.1:{PORT}")
    nodes = wait_for_nodes()
    say(f"{nodes} nodes, {len(parts)} blocks")
    began = time.monotonic()
    together = added_up(
        plan, parts, crew, lambda done: say(f"block {done} after {time.monotonic() - began:.1f} s")
    )
    clock = time.monotonic() - began
    left = wait_for_nodes(fewer_than=nodes)
    crew.close()
    alone = added_up(plan, parts, executor.Inline())
    is_exact = together == alone
    total = together["total"]
    say(
        f"{total['households']:,} households in {clock:.1f} s, {crew.cpu_seconds:.1f} CPU-seconds of work, {nodes} nodes at "
        f"first and {left} at the end; cost a month {total['before_minor'] // 100:,} -> {total['after_minor'] // 100:,}: "
        f"{'exact' if is_exact else 'NOT EXACT'}",
    )
    return 0 if is_exact and (nodes, left) == (len(NODES), len(NODES) - 1) else 1


def reform(people: int) -> tuple[Any, Any]:
    """Return both laws of a reform of SNAP, and the parts of the state's people."""
    import django

    django.setup()
    from commonweal.domains.insight import populations, queries
    from commonweal.domains.insight.simulation.overlays import read_overlay
    from commonweal.domains.insight.simulation.preparing import plan_of

    law = queries.baseline_of("snap", ON)
    changes, wrong = read_overlay(law.programme.parameters, law.snapshot, REFORM)
    assert not wrong, wrong
    plan = plan_of(law.declaration, law.snapshot, law.model, law.model, changes)
    return plan, populations.blocks("state", people=people, seed=1)


def added_up(plan: Any, parts: Any, crew: Any, note: Callable[[int], object] = id) -> Any:
    """Work every part out and return all figures."""
    from commonweal.domains.insight.simulation.exact import exact_figures
    from commonweal.domains.insight.simulation.tally import Tally
    from commonweal.domains.insight.simulation.working import Standing, advance

    standing = Standing(0, 0, Tally.of(plan.spec))
    for now_at in advance(plan, parts, crew, standing):
        note(now_at.parts)
    return exact_figures(standing.tally, plan)


def wait_for_nodes(fewer_than: int | None = None) -> int:
    """Wait until all nodes are there, or one is seen to be gone; return how many there are."""
    import ray

    alive = 0
    for _ in range(120):
        alive = sum(node["Alive"] for node in ray.nodes())
        if alive == len(NODES) if fewer_than is None else alive < fewer_than:
            break
        time.sleep(0.5)
    return alive


if __name__ == "__main__":
    sys.exit(main())

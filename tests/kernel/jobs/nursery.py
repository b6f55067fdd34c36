"""Raises workers and kills them at random; a program of its own, so that the kills hit nobody else.

    python -m tests.kernel.jobs.nursery JOBS KILLS SEED

Prints one line of JSON: what was done, and the CPU time of it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import django

STEPS = 3
WORKERS = 2
PATIENCE_S = 240


def register_jobs() -> None:
    """Three kinds of jobs, each with one effect in the database for each step: an entry of the ledger."""
    from commonweal.kernel.base.clock import now
    from commonweal.kernel.base.types import Actor
    from commonweal.kernel.jobs.enums import Kind
    from commonweal.kernel.jobs.registry import job
    from commonweal.kernel.ledger.actions import record

    def leave_trace(payload: dict[str, Any], step: int = 0) -> None:
        record("test.done", stream=f"kill:{payload['n']}", by=Actor.system("test"), at=now(), step=step)

    @job("test.atomic")
    def atomic(payload: dict[str, Any]) -> None:
        leave_trace(payload)

    @job("test.effect", kind=Kind.EFFECT)
    def effect(payload: dict[str, Any]) -> Callable[[], None]:
        return lambda: leave_trace(payload)

    @job("test.chunked", kind=Kind.CHUNKED)
    def chunked(payload: dict[str, Any], cursor: dict[str, Any] | None) -> dict[str, Any] | None:
        step = (cursor or {"step": 0})["step"]
        leave_trace(payload, step)
        return {"step": step + 1} if step + 1 < STEPS else None


def enqueue_all(jobs: int) -> None:
    from django.db import transaction

    from commonweal.kernel.base.clock import now
    from commonweal.kernel.jobs.actions import enqueue

    for start in range(0, jobs, 500):
        with transaction.atomic():
            for n in range(start, min(start + 500, jobs)):
                kind = ("atomic", "atomic", "effect", "chunked")[n % 4]
                enqueue(f"test.{kind}", {"n": n}, at=now())


def raise_worker() -> int:
    """Fork a worker; return its process id."""
    from django.db import connection

    from commonweal.kernel.jobs.worker import Worker

    connection.close()
    child = os.fork()
    if child == 0:
        worker = Worker(batch=10, lease_s=1.5)
        worker.stop_on_signals()
        worker.run()
        connection.close()
        os._exit(0)
    return child


def kill_at_random(kills: int, seed: int) -> int:
    """Kill one worker after another while there is work; return how many were killed with work under way."""
    from commonweal.kernel.jobs.models import Job

    dice = random.Random(seed)
    workers = [raise_worker() for _ in range(WORKERS)]
    hits = 0
    for _ in range(kills):
        time.sleep(dice.uniform(0.02, 0.25))
        victim = workers.pop(dice.randrange(len(workers)))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        hits += Job.objects.exists()
        workers.append(raise_worker())
    until = time.monotonic() + PATIENCE_S
    while Job.objects.filter(dead_at=None).exists() and time.monotonic() < until:
        time.sleep(0.1)
    for child in workers:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
    return hits


def summary(jobs: int, hits: int, begun: float, enqueued: float) -> dict[str, Any]:
    from django.db.models import Count

    from commonweal.kernel.jobs.models import Job
    from commonweal.kernel.ledger.models import Event
    from commonweal.kernel.ledger.queries import verify

    traces = dict(
        Event.objects.filter(stream__startswith="kill:")
        .values_list("stream")
        .annotate(count=Count("id"))
        .order_by("stream")
    )
    expected = {f"kill:{n}": STEPS if n % 4 == 3 else 1 for n in range(jobs)}
    return {
        "left": Job.objects.count(),
        "hits": hits,
        "wrong": {name: traces.get(name, 0) for name in expected if traces.get(name) != expected[name]},
        "stray": sorted(traces.keys() - expected.keys()),
        "flaws": [flaw for n in range(0, jobs, 50) for flaw in verify(f"kill:{n}")],
        "enqueue_cpu_ms": round(1000 * (enqueued - begun) / jobs, 3),
        "run_cpu_ms": round(1000 * _cpu(resource.RUSAGE_CHILDREN) / jobs, 3),
    }


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def main(jobs: int, kills: int, seed: int) -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
    register_jobs()
    begun = _cpu(resource.RUSAGE_SELF)
    enqueue_all(jobs)
    enqueued = _cpu(resource.RUSAGE_SELF)
    hits = kill_at_random(kills, seed)
    sys.stdout.write(json.dumps(summary(jobs, hits, begun, enqueued)) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))

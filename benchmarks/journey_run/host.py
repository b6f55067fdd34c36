"""How fast the machine was while something was measured, and what else ran on it.

A machine that other work shares takes up to twice as long for the same instructions from one minute to the next. A fixed piece
of work, measured every few samples, tells how fast it was then. Nothing is corrected in silence: a figure at the calmest moments
stands beside the measured one, and who reads a run is told whether to trust it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STEADY = 1.25
"""How many times longer the fixed work may take at a slow moment than at a calm one, in a run that is to be trusted."""

OTHERS = 0.1
"""Which share of all cores other work may have in such a run: it empties the caches, and two cores are often one."""


@dataclass(frozen=True)
class Host:
    """How the machine was during a run.

    Attributes:
        calm_ms: What the fixed work took in the calmest tenth of the run.
        median_ms: What it took in the middle.
        slow_ms: What it took in the slowest tenth.
        others: Which share of all cores other work had, from 0 to 1; None where the system does not say.
    """

    calm_ms: float
    median_ms: float
    slow_ms: float
    others: float | None = None

    @property
    def spread(self) -> float:
        """How many times longer the slow moments took than the calm ones."""
        return self.slow_ms / self.calm_ms

    @property
    def is_trusted(self) -> bool:
        """Whether the run's milliseconds are to be trusted."""
        return self.spread <= STEADY and (self.others or 0) <= OTHERS

    def verdict(self) -> str:
        """Say it in a few sentences."""
        text = (
            f"Host: the same fixed work took {self.calm_ms:.2f} ms at calm moments, {self.median_ms:.2f} in the middle, "
            f"{self.slow_ms:.2f} at slow ones: a swing of x {self.spread:.2f}."
        )
        if self.others is not None:
            text += f" Other work had {self.others:.0%} of the processor."
        if self.is_trusted:
            return f"{text} The milliseconds are to be trusted."
        return (
            f"{text} DO NOT TRUST the milliseconds (a swing over x {STEADY:g}, or over {OTHERS:.0%} for others): run it again at a "
            "quieter time. Statement counts hold; 'calm' is an estimate of the run's calmest moments, which may all be slow."
        )

    def told(self) -> dict[str, Any]:
        """Return it for JSON."""
        return vars(self) | {"spread": self.spread, "is_trusted": self.is_trusted}


def host(paces: Iterable[float], others: float | None = None) -> Host:
    """Return how the machine was, from what the fixed work took each time and what other work had."""
    tenths = statistics.quantiles(paces, n=10, method="inclusive")
    return Host(calm_ms=tenths[0], median_ms=tenths[4], slow_ms=tenths[8], others=others)


class OtherWork:
    """Counts what others do on this machine, from its making on."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.monotonic(), _busy_s(), _own_s()

    def share(self) -> float | None:
        """Return which share of all cores others had; call it when the processes that were started have ended."""
        busy = _busy_s()
        if busy is None or self._busy is None:
            return None
        others = (busy - self._busy) - (_own_s() - self._own)
        return max(0.0, others / (time.monotonic() - self._began) / (os.cpu_count() or 1))


def _busy_s() -> float | None:
    """Return how long this machine's cores were busy since it started, in seconds; what its own host took counts too."""
    try:
        line = Path("/proc/stat").read_text().partition("\n")[0].split()
    except OSError:
        return None
    user, nice, system, _, _, irq, soft, steal = map(int, line[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    """Return the processor time of this process and of those it waited for, in seconds."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


class FixedWork:
    """A piece of work that is always the same, and like an application's: dicts, texts, calls, JSON, a megabyte of memory."""

    def __init__(self) -> None:
        chance = random.Random(20_261_122)
        self._rows = [
            {"key": f"key-{number}", "value": chance.random(), "parts": [number, str(number)]}
            for number in range(4_000)
        ]
        chance.shuffle(self._rows)

    def take_ms(self) -> float:
        """Do it once and return its processor time in milliseconds."""
        started = time.process_time_ns()
        kept = {}
        for row in self._rows[::4]:
            kept[row["key"]] = self._line(row)
        json.loads(json.dumps(kept))
        sorted(kept.values())
        return (time.process_time_ns() - started) / 1e6

    @staticmethod
    def _line(row: Mapping[str, Any]) -> str:
        return f"{row['key']}: {row['value']:.3f}, {', '.join(map(str, row['parts']))}".upper()

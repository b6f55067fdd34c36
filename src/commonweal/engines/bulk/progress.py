"""Tells how far a run is: one moving line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

_WIDTH = 24
_REDRAW_S = 0.2
_PLAIN_S = 10.0


@dataclass
class Progress:
    """Rows done, rate and time left.

    Attributes:
        stream: Where it is told.
        total: Rows in all; None where nobody knows.
        clock: Seconds that only go forward.
        done: Rows finished.
    """

    stream: TextIO
    total: int | None
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    skipped: int = 0
    is_moving: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_moving = self.stream.isatty()
        self._began = self._told = self.clock()

    def skip(self, rows: int) -> None:
        """Count rows that an earlier run has finished; they do not count for the rate."""
        self.done += rows
        self.skipped += rows

    def add(self, rows: int) -> None:
        """Count finished rows, and tell it if it is time."""
        self.done += rows
        now = self.clock()
        if now - self._told >= (_REDRAW_S if self.is_moving else _PLAIN_S):
            self._told = now
            self._tell(now)

    def end(self) -> None:
        """Clear the moving line."""
        if self.is_moving:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def _tell(self, now: float) -> None:
        line = self.line(now)
        self.stream.write(f"\r{line}\x1b[K" if self.is_moving else f"{line}\n")
        self.stream.flush()

    def line(self, now: float) -> str:
        """Return what is told at a time."""
        rate = (self.done - self.skipped) / max(now - self._began, 1e-9)
        if not self.total:
            return f"{self.done:,} rows, {rate:,.0f} rows/s"
        share = min(1.0, self.done / self.total)
        bar = "#" * int(share * _WIDTH)
        drawn = f"[{bar:.<{_WIDTH}}] " if self.is_moving else ""
        left = (self.total - self.done) / rate if rate else 0
        return (
            f"{drawn}{share:4.0%}  {self.done:,} of {self.total:,} rows, {rate:,.0f} rows/s, "
            f"{_span(left)} left"
        )


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

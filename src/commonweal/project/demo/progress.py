"""Shows what is being done, how far it is, and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

WIDTH = 24


class Progress:
    """One line a step: a moving bar on a terminal, its last state elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._moves = self._stream.isatty()
        self._drawn_at = 0.0
        self._label = ""

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """Name what is done inside, and say how long it took."""
        self._label, begun = label, time.monotonic()
        self.show(0, 0)
        yield
        self._write(f"  {label:44} {time.monotonic() - begun:5.1f} s", ends=True)

    def show(self, done: int, total: int) -> None:
        """Draw how far the step is; nothing where nobody sees it move."""
        now = time.monotonic()
        if not self._moves or (done and now - self._drawn_at < 0.1):
            return
        self._drawn_at = now
        filled = WIDTH * done // total if total else 0
        count = f"{done:,} of {total:,}" if total else ""
        self._write(f"  {self._label:44} [{'#' * filled}{'.' * (WIDTH - filled)}] {count}", ends=False)

    def _write(self, line: str, *, ends: bool) -> None:
        if self._moves:
            line = f"\r\x1b[K{line}"
        self._stream.write(line + ("\n" if ends else ""))
        self._stream.flush()

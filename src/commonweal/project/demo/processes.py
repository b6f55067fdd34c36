"""Starts several programs as one, and stops them as one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PATIENCE_S = 10.0
"""How long the programs may take to stop by themselves."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class NotStarted(Exception):
    """Something that has to run does not; the message says what, and what to do."""


@dataclass(frozen=True)
class Program:
    """One of the programs.

    Attributes:
        name: As a person calls it.
        command: What is run.
    """

    name: str
    command: Sequence[str]


class Group:
    """Programs that live and die together, in one process group of their own.

    The terminal's Ctrl-C reaches only us; we pass it on, so that each program is told once. A program whose
    supervisor is killed is told by the kernel (see :mod:`commonweal.project.demo.bound`).
    """

    def __init__(self, *, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._leader: int | None = None
        self._stop = threading.Event()
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, program: Program) -> None:
        """Start a program; what it writes goes into a file of its own.

        Raises:
            NotStarted: It cannot be started.
        """
        command = [sys.executable, "-m", "commonweal.project.demo.bound", str(os.getpid()), *program.command]
        try:
            with self.log_of(program.name).open("wb") as log:
                process = subprocess.Popen(  # noqa: S603 - a command of our own making
                    command,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    process_group=self._leader or 0,
                )
        except OSError as error:
            raise NotStarted(f"The {program.name} cannot be started: {error}") from error
        self._leader = self._leader or process.pid
        self._running[program.name] = process

    def log_of(self, name: str) -> Path:
        """Return the file that holds what a program wrote."""
        return self._logs / f"{name.replace(' ', '-')}.log"

    def stop_on_signals(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to stop."""
        for number in SIGNALS:
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def fallen(self) -> str | None:
        """Return the name of a program that has ended by itself."""
        return next((name for name, process in self._running.items() if process.poll() is not None), None)

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for something; return False where somebody asked to stop meanwhile.

        Raises:
            NotStarted: A program ended, or the time is over.
        """
        ends = time.monotonic() + seconds
        while not self._stop.is_set():
            self._check()
            if is_ready():
                return True
            if time.monotonic() > ends:
                raise NotStarted(f"Nothing answers after {seconds:.0f} s; see {self._logs}.")
            self._stop.wait(0.05)
        return False

    def run(self, *, every_s: float, tick: Callable[[], None]) -> None:
        """Stay until somebody asks to stop, and do something now and then.

        Raises:
            NotStarted: A program ended by itself.
        """
        last = time.monotonic()
        while not self._stop.wait(0.2):
            self._check()
            if time.monotonic() - last >= every_s:
                last = time.monotonic()
                tick()

    def _check(self) -> None:
        fallen = self.fallen()
        if fallen is not None:
            status = self._running[fallen].returncode
            said = _last_line(self.log_of(fallen))
            told = f" It said: {said}" if said else ""
            raise NotStarted(
                f"The {fallen} ended by itself (status {status}).{told} See {self.log_of(fallen)}."
            )

    def stop(self) -> None:
        """Ask every program to stop, wait, and end by force what is left, children of theirs too."""
        ends = time.monotonic() + PATIENCE_S
        while self._alive() and time.monotonic() < ends:
            for process in self._alive():
                process.terminate()  # again and again: one that is just starting may miss the first
            self._wait_for_end(until=min(ends, time.monotonic() + 1.0))
        if self._leader is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._leader, signal.SIGKILL)
        for process in self._running.values():
            process.wait()

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        return [process for process in self._running.values() if process.poll() is None]

    def _wait_for_end(self, *, until: float) -> None:
        for process in self._alive():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else ""


def free_port(wanted: int, *, host: str = "127.0.0.1", tries: int = 50) -> int:
    """Return a port that nobody listens on: the one that is wanted, or the next that is free.

    Raises:
        NotStarted: None of them is.
    """
    for port in range(wanted, min(wanted + tries, 65_536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError:
                continue
            return port
    raise NotStarted(f"No port from {wanted} on is free. Choose another one with --port.")


def answers(address: str) -> bool:
    """Whether a web server gives an answer at an address, whatever it is."""
    try:
        with urllib.request.urlopen(address, timeout=30):  # noqa: S310 - an http address of our own making
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def accepts(port: int, *, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens on a port."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False

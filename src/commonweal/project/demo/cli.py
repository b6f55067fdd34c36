"""The command line's word ``demo``: builds the practice city where needed, starts it, stops it."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

from commonweal.project.demo.city import City
from commonweal.project.demo.processes import Group, NotStarted, Program, accepts, answers, free_port
from commonweal.project.demo.tour import welcome

HOST = "127.0.0.1"
MAIL_PORT = 8025
READY_WITHIN_S = 300.0


class Stopped(Exception):
    """Somebody asked to stop."""


def main(argv: list[str]) -> int:
    """Run ``commonweal demo``.

    Returns:
        0 when it was stopped by Ctrl-C or SIGTERM (130 while it was still building), 1 when something went wrong.
    """
    arguments = _parser().parse_args(argv)
    city = City.of_repository()
    try:
        with _alone(city):
            _build_where_needed(city, arguments)
            return 0 if arguments.build_only else _run(city, arguments.port)
    except NotStarted as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    except Stopped:
        sys.stderr.write("\nStopped. The city is not complete; the next start builds it anew.\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="commonweal demo",
        description="Build the practice city of Port Alder and start it on this computer. Ctrl-C stops it.",
    )
    parser.add_argument(
        "--port", type=int, default=8000, help="port to listen on (default 8000, or the next free)"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what was done in it and build it anew")
    parser.add_argument("--build-only", action="store_true", help="build it, but do not start it")
    parser.add_argument("--residents", type=int, default=500, help="how many live in it (default 500)")
    parser.add_argument("--cases", type=int, default=2000, help="how many cases it has (default 2,000)")
    return parser


@contextmanager
def _alone(city: City) -> Iterator[None]:
    """Make sure that the city is not built or run twice at once.

    Raises:
        NotStarted: It is.
    """
    city.home.mkdir(parents=True, exist_ok=True)
    with (city.home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise NotStarted(
                f"The practice city runs already: {lock.read().strip()}. Stop that one first."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield


def _build_where_needed(city: City, arguments: argparse.Namespace) -> None:
    size = f"{arguments.residents} {arguments.cases}"
    if not arguments.fresh and city.is_current(size):
        if not city.has_current_styles():
            _program(city, "--styles")
            city.note_styles()
        return
    if city.is_built() and not arguments.fresh:
        sys.stdout.write("The code or the declarations have changed: the practice city is built anew.\n")
    sys.stdout.write("Building the practice city of Port Alder; this takes a minute or two.\n")
    sys.stdout.flush()
    city.raze()
    # Mails of the past name the address at which the city is about to open.
    _program(city, str(arguments.residents), str(arguments.cases), address=f"http://{HOST}:{arguments.port}")
    city.note_styles()
    city.complete(size)


def _program(city: City, *arguments: str, address: str = "") -> None:
    """Run the builder in a process of its own, which ends with us.

    Raises:
        NotStarted: It failed; it has said why.
        Stopped: Somebody asked to stop.
    """
    command = [sys.executable, "-m", "commonweal.project.demo.building", *arguments]
    environment = {**os.environ, **city.environment(), "COMMONWEAL_LOG": "warning"}
    if address:
        environment["COMMONWEAL_URL"] = address
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, process_group=0) as builder:  # noqa: S603 - ours

        def stop(number: int, frame: FrameType | None) -> None:
            builder.kill()
            raise Stopped

        before = {
            number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            status = builder.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    if status:
        raise NotStarted(f"The practice city could not be built (status {status}); the lines above say why.")


def _run(city: City, wanted_port: int) -> int:
    port, mail_port = free_port(wanted_port), free_port(MAIL_PORT)
    if port != wanted_port:
        sys.stdout.write(f"Port {wanted_port} is taken, so this is port {port}.\n")
    address = f"http://{HOST}:{port}"
    booted_at, opened_at = datetime.now(UTC), city.opens_at()
    environment = city.environment(booted_at) | {
        "COMMONWEAL_URL": address,
        "COMMONWEAL_SMTP_HOST": HOST,
        "COMMONWEAL_SMTP_PORT": str(mail_port),
        "COMMONWEAL_LOG": os.environ.get("COMMONWEAL_LOG", "warning"),
    }
    group = Group(environment=environment, logs=city.home / "log")
    group.stop_on_signals()
    sys.stdout.write("Starting the web server, the worker and the mail catcher …\n")
    sys.stdout.flush()
    try:
        for program in _programs(city, port, mail_port):
            group.start(program)
        if group.wait_until(lambda: accepts(mail_port) and answers(f"{address}/"), seconds=READY_WITHIN_S):
            sys.stdout.write(welcome(address))
            sys.stdout.flush()
            group.run(every_s=10.0, tick=lambda: city.note_time(opened_at + (datetime.now(UTC) - booted_at)))
    finally:
        group.stop()
        city.note_time(opened_at + (datetime.now(UTC) - booted_at))
    sys.stdout.write("\nStopped. What was done is kept; `./cw demo --fresh` begins anew.\n")
    return 0


def _programs(city: City, port: int, mail_port: int) -> list[Program]:
    python = sys.executable
    own = [python, "-m", "commonweal.project.cli"]
    return [
        Program(
            "mail catcher",
            [python, "-m", "commonweal.project.demo.mail_catcher", str(mail_port), str(city.mails)],
        ),
        Program("worker", [*own, "worker"]),
        Program("web server", [*own, "web", "--host", HOST, "--port", str(port)]),
    ]

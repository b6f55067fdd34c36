"""The command line's word ``web``."""

from __future__ import annotations

import argparse
import os
import sys


def command(host: str, port: int, workers: int = 1) -> list[str]:
    """Return the command that serves the application; one blocking thread a worker measured fastest."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        "1",
        "--no-ws",
        "--log-level",
        "warning",
        "commonweal.project.wsgi:application",
    ]


def main(argv: list[str]) -> int:
    """Run ``commonweal web``: become the web server, so that signals and exit status are its own."""
    parser = argparse.ArgumentParser(prog="commonweal web", description="Serve the pages and the API.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    arguments = parser.parse_args(argv)
    line = command(arguments.host, arguments.port, arguments.workers)
    sys.stdout.flush()
    os.execv(line[0], line)  # noqa: S606 - a command of our own making

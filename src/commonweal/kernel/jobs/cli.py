"""The command line's word ``worker``."""

from __future__ import annotations

import argparse
import sys

from commonweal.kernel.jobs.worker import Worker


def main(argv: list[str]) -> int:
    """Run ``commonweal worker``: do jobs until SIGTERM or Ctrl-C.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(prog="commonweal worker", description="Do the work that is waiting.")
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--once", action="store_true", help="do one batch and end")
    how_long.add_argument("--until-empty", action="store_true", help="do what is due and end")
    parser.add_argument("--batch", type=int, default=10, help="jobs taken at a time (default 10)")
    parser.add_argument(
        "--lease", type=float, default=60.0, help="seconds until others may take over (default 60)"
    )
    arguments = parser.parse_args(argv)
    worker = Worker(batch=arguments.batch, lease_s=arguments.lease)
    worker.stop_on_signals()
    if arguments.once:
        sys.stdout.write(f"{worker.run_once()} jobs\n")
    elif arguments.until_empty:
        sys.stdout.write(f"{worker.run_until_empty()} jobs\n")
    else:
        worker.run()
    return 0

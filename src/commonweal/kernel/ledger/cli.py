"""The command line's word ``ledger``."""

from __future__ import annotations

import argparse
import sys

from commonweal.kernel.ledger.queries import streams, verify


def main(argv: list[str]) -> int:
    """Run ``commonweal ledger verify [STREAM …]``; all streams where none is named.

    Returns:
        0 where everything is well, 1 where something was found.
    """
    parser = argparse.ArgumentParser(prog="commonweal ledger", description="Look after the ledger.")
    words = parser.add_subparsers(dest="word", required=True)
    verify_word = words.add_parser("verify", help="recompute numbers and commitments")
    verify_word.add_argument("stream", nargs="*", help="for example case:<uuid>; all where none is named")
    arguments = parser.parse_args(argv)
    checked = flaws = 0
    for stream in arguments.stream or streams():
        for problem in verify(stream):
            sys.stdout.write(f"{problem}\n")
            flaws += 1
        checked += 1
    sys.stdout.write(f"{checked} streams checked, {flaws} problems\n")
    return 1 if flaws else 0

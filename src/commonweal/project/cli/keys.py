"""The command line's word ``reencrypt``."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from django.db import transaction

from commonweal.kernel.base import clock, keys
from commonweal.kernel.base.encryption import Undecryptable, ring
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record

BY = Actor.system("reencrypt")


def main(argv: list[str]) -> int:
    """Run ``commonweal reencrypt [--check]``: bring every encrypted value under the first key of the ring.

    It may be interrupted and run again, and runs beside the site.

    Returns:
        0 where every value lies under the current key, 1 where one does not or cannot be read.
    """
    parser = argparse.ArgumentParser(
        prog="commonweal reencrypt", description="Bring encrypted values under the current key."
    )
    parser.add_argument("--check", action="store_true", help="count values by key, and change nothing")
    if not parser.parse_args(argv).check and not _renewed():
        return 1
    return _told()


def _renewed() -> bool:
    total = 0
    for values in keys.every():
        seen = changed = 0
        try:
            for done in keys.renew(values):
                seen, changed = seen + done.seen, changed + done.changed
                sys.stdout.write(f"\r{values.key}: {seen} looked at, {changed} renewed")
                sys.stdout.flush()
        except Undecryptable as error:
            missing = error.data.get("key") or "unknown"
            sys.stdout.write(
                f"\n{values.key}: a value cannot be read; its key '{missing}' is not in the ring\n"
            )
            return False
        sys.stdout.write("\n" if seen else "\r")
        total += changed
    if total:
        with transaction.atomic():
            record(
                "base.re_encrypted",
                stream="keys:ring",
                by=BY,
                at=clock.now(),
                key=ring().current,
                values=total,
            )
    return True


def _told() -> int:
    names: Counter[str] = sum((values.names() for values in keys.every()), Counter())
    current = ring().current
    for name, count in sorted(names.items()):
        sys.stdout.write(
            f"{count} values lie under the key '{name}'{' (current)' if name == current else ''}\n"
        )
    left = sorted(name for name in names if name != current)
    unused = sorted(name for name in ring().keys if name not in names and name != current)
    if unused:
        sys.stdout.write(
            f"No value needs these keys any more; they can leave the ring: {', '.join(unused)}\n"
        )
    return 1 if left else 0

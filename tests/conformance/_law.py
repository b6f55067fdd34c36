"""Runs the comparison of a programme of law with its second working-out from the command line."""

from __future__ import annotations

import argparse
import os
import sys


def main(name: str, count: int) -> int:
    """Compare random households, print what differs; the last line says how many agree: `snap: 20000/20000`.

    Args:
        name: Of the claim.
        count: How many households, unless `--count` says otherwise.
    """
    parser = argparse.ArgumentParser(prog=f"./cw conformance {name}")
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    os.environ.setdefault("COMMONWEAL_SECRET_KEY", "conformance")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    from tests.jurisdictions.port_alder.truth import compare

    found = compare(name, arguments.count, seed=arguments.seed)
    for line in found.wrong:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{found.unknown} households need a figure that is not known, and each says so\n")
    sys.stdout.write(f"{name}: {found.total - found.failed}/{found.total}\n")
    return 1 if found.failed else 0

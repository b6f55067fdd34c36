"""The `commonweal` command line: one word a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

Command = Callable[[list[str]], int]


def main(argv: list[str] | None = None) -> int:
    """Run a command line and return its exit status.

    Words that are not ours go to Django's ``manage`` commands (``migrate``, ``shell``, …).
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    arguments = sys.argv[1:] if argv is None else argv
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - slow import

    execute_from_command_line(["commonweal", *arguments])
    return 0

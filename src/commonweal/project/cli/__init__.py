"""The `commonweal` command line: one word a command."""

from __future__ import annotations

import importlib
import os
import secrets
import sys
from pathlib import Path

from commonweal.project.cli.words import Needs, Word, find, page, unknown

HELP = ("help", "words", "-h", "--help")
REPOSITORY = Path(__file__).resolve().parents[4]


def main(argv: list[str] | None = None) -> int:
    """Run a command line and return its exit status: 0 for success, 2 for a word that is not there."""
    name, *arguments = (sys.argv[1:] if argv is None else argv) or ["help"]
    if name in HELP:
        sys.stdout.write(page())
        return 0
    word = find(name)
    if word is None:
        sys.stderr.write(unknown(name))
        return 2
    problem = _prepare(word)
    if problem:
        sys.stderr.write(problem)
        return 2
    return run(word, arguments)


def run(word: Word, arguments: list[str]) -> int:
    """Load a word's program and run it; what it needs is there."""
    if not word.target:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - slow import

        names = arguments if word.name == "manage" else [word.name, *arguments]
        execute_from_command_line(["commonweal", *names])
        return 0
    module, _, function = word.target.partition(":")
    names = [word.name, *arguments] if word.keeps_name else arguments
    return int(getattr(importlib.import_module(module), function)(names))


def _prepare(word: Word) -> str:
    """Set up what the word needs; return a sentence where it cannot be had."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    if word.needs is Needs.NOTHING:
        return ""
    if word.needs is Needs.DECLARATIONS:
        os.environ.setdefault("COMMONWEAL_SECRET_KEY", secrets.token_hex())  # nothing is signed with it
    elif "COMMONWEAL_SECRET_KEY" not in os.environ and not _use_practice_city():
        return (
            f"'{word.name}' needs a database. Set COMMONWEAL_SECRET_KEY, COMMONWEAL_KEYS and COMMONWEAL_DATABASE,\n"
            "or build the practice city with `./cw demo`: without settings, that is the one that is meant.\n"
        )
    if word.target:
        import django  # noqa: PLC0415 - slow import

        django.setup()
    return ""


def _use_practice_city() -> bool:
    """Take the settings of the practice city, if it has been built."""
    from commonweal.project.demo.city import City  # noqa: PLC0415 - slow import

    city = City.of_repository()
    if not city.is_built():
        return False
    os.environ.update(city.environment())
    sys.stderr.write(f"Using the practice city in {city.home}.\n")
    return True

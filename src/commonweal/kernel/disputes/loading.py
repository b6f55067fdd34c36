"""Reads ``corrections.yaml`` of a jurisdiction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError

from commonweal.kernel.base.documents import Document, Problem, Unreadable, read_yaml
from commonweal.kernel.base.jurisdiction import load
from commonweal.kernel.base.schemas import closest, schema_problems
from commonweal.kernel.disputes.types import Corrections
from commonweal.kernel.registers.queries import declared_in

FILE = "corrections.yaml"


def read_corrections(root: Path) -> tuple[Corrections | None, list[Problem]]:
    """Return who puts records right, and what is wrong with the file; a jurisdiction without one puts nothing right."""
    if not (root / FILE).is_file():
        return None, []
    try:
        document = read_yaml(root, FILE)
    except Unreadable as error:
        return None, [error.problem]
    try:
        found = Corrections.model_validate(document.data)
    except ValidationError as error:
        return None, list(schema_problems(document, error, schema=Corrections))
    return found, _unknown(found, document, root)


def _unknown(found: Corrections, document: Document, root: Path) -> list[Problem]:
    teams = [team.key for team in load(root).teams]
    registers = list(declared_in(root))
    problems = []
    for part, named in (("facts", found.facts), ("registers", found.registers)):
        for key, team in named.items():
            if team not in teams:
                message = f"There is no team '{team}' in jurisdiction.yaml."
                problems.append(
                    document.problem((part, key), "corrections.team", message, closest(team, teams))
                )
    for key in found.registers:
        if key not in registers:
            message = f"There is no register '{key}'."
            problems.append(
                document.problem(("registers", key), "corrections.register", message, closest(key, registers))
            )
    return problems


@cache
def corrections_of(root: Path) -> Corrections | None:
    """Return who puts records right, read once a process; None where nobody does.

    Raises:
        Unreadable: The file is wrong; the problem names it.
    """
    found, problems = read_corrections(root)
    if problems:
        raise Unreadable(problems[0])
    return found

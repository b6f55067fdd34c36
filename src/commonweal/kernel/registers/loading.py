"""Reads the declared registers of a jurisdiction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError

from commonweal.kernel.base.documents import Problem, Unreadable, read_yaml
from commonweal.kernel.base.jurisdiction import load
from commonweal.kernel.base.schemas import closest, schema_problems
from commonweal.kernel.registers.types import Register

FOLDER = "registers"


def read_registers(root: Path) -> tuple[dict[str, Register], list[Problem]]:
    """Return the registers that a jurisdiction declares, by key, and what is wrong with their files."""
    found: dict[str, Register] = {}
    problems: list[Problem] = []
    home = root / FOLDER
    agencies = [agency.key for agency in load(root).agencies]
    for path in sorted(home.glob("*.yaml")) if home.is_dir() else []:
        name = f"{FOLDER}/{path.name}"
        try:
            document = read_yaml(root, name)
            register = Register.model_validate(document.data)
        except Unreadable as error:
            problems.append(error.problem)
            continue
        except ValidationError as error:
            problems += schema_problems(document, error, schema=Register)
            continue
        if register.key != path.stem:
            message = f"The key '{register.key}' is not the file's name."
            problems.append(document.problem(("key",), "register.key", message, f"Write '{path.stem}'."))
        if register.agency not in agencies:
            message = f"There is no agency '{register.agency}' in jurisdiction.yaml."
            hint = closest(register.agency, agencies)
            problems.append(document.problem(("agency",), "register.agency", message, hint))
        found[register.key] = register
    return found, problems


@cache
def registers_of(root: Path) -> dict[str, Register]:
    """Return the registers that a jurisdiction declares, read once a process.

    Raises:
        Unreadable: A file is wrong; the problem names it.
    """
    found, problems = read_registers(root)
    if problems:
        raise Unreadable(problems[0])
    return found

"""Worked cases of a programme: facts in, figures out, compared to the cent.

Numbers are compared with as many decimals as the case writes, and at least two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from commonweal.engines.dmn.facts import to_json
from commonweal.engines.feel import UNKNOWN
from commonweal.kernel.base.documents import Document, Problem, Unreadable, parse_yaml, read_bytes
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.schemas import schema_problems
from commonweal.kernel.decisions.programmes.reading import CASES, FOLDER, Programme

Tree = Any
Difference = tuple[tuple[str, ...], str]


class WorkedCase(Declared):
    """One case.

    Attributes:
        id: For people to speak of.
        note: What it shows.
        reference_on: The day whose law applies.
        known_on: The day as of which it is known; everything if left out.
        decision: Which decision; the file's if left out.
        facts: By input of the model; what is left out comes from the file's defaults.
        expected: Figures of the result by name, or one value under ``result``; figures left out are not compared.
        missing: Parameters or facts that have to be named as missing.
    """

    id: str
    note: str = ""
    reference_on: date
    known_on: date | None = None
    decision: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)
    expected: dict[str, Any] = Field(default_factory=dict)
    missing: tuple[str, ...] = ()


class WorkedCases(Declared):
    """The file ``cases.yaml`` of a programme.

    Attributes:
        decision: Name of the decision that is made.
        defaults: Facts for every case; the one item of a list stands for each item that a case lists.
        cases: In order.
    """

    decision: str
    defaults: dict[str, Any] = Field(default_factory=dict)
    cases: tuple[WorkedCase, ...] = Field(min_length=1)


def check_cases(folder: Path, programme: Programme) -> list[Problem]:
    """Decide every worked case of a programme; return where the figures differ."""
    file = f"{FOLDER}/{programme.key}/{CASES}"
    try:
        return check_cases_in(read_bytes(folder, file).decode(), programme)
    except Unreadable as error:
        return [error.problem]


def check_cases_in(text: str, programme: Programme) -> list[Problem]:
    """Decide every worked case of a text; return where the figures differ."""
    try:
        document = parse_yaml(text.encode(), f"{FOLDER}/{programme.key}/{CASES}")
        written = WorkedCases.model_validate(document.data)
    except Unreadable as error:
        return [error.problem]
    except ValidationError as error:
        return schema_problems(document, error, schema=WorkedCases)
    return [
        problem
        for at, case in enumerate(written.cases)
        for problem in _compare(document, at, written, case, programme)
    ]


def _compare(
    document: Document, at: int, written: WorkedCases, case: WorkedCase, programme: Programme
) -> list[Problem]:
    differences = differences_of(written, case, programme)
    return [
        document.problem(("cases", at, *path), "law.case", f"Case {case.id}: {message}")
        for path, message in differences
    ]


def differences_of(written: WorkedCases, case: WorkedCase, programme: Programme) -> list[Difference]:
    """Decide one case; return each difference with its place in the case."""
    model = programme.model_on(case.reference_on, case.known_on)
    if model is None:
        return [(("reference_on",), "No model is in force on that day.")]
    law = programme.parameters.at(case.reference_on, case.known_on).context(UNKNOWN)
    facts = {**with_defaults(written.defaults, case.facts), "law": law}
    result = model.compiled.decide(
        case.decision or written.decision, facts, now=case.reference_on, unknown=True
    )
    found: list[Difference] = [((), warning.message) for warning in result.warnings]
    named = ", ".join(result.missing) or "nothing"
    found += [
        (("missing",), f"'{name}' is not among what is missing: {named}.")
        for name in case.missing
        if name not in result.missing
    ]
    if not case.missing and result.missing:
        found.append(((), f"These are missing: {named}."))
    value = to_json(result.value)
    actual = value if isinstance(value, dict) else {"result": value}
    for name, expected in case.expected.items():
        if not is_same(actual.get(name), expected):
            found.append((("expected", name), f"{name} is {actual.get(name)}, {expected} is expected."))
    return found


def with_defaults(defaults: Tree, given: Tree) -> Tree:
    """Complete what is given from the defaults, at any depth."""
    if isinstance(defaults, Mapping) and isinstance(given, Mapping):
        return {
            **defaults,
            **{key: with_defaults(defaults.get(key), value) for key, value in given.items()},
        }
    if isinstance(defaults, list) and len(defaults) == 1 and isinstance(given, list):
        return [with_defaults(defaults[0], item) for item in given]
    return given


def is_same(actual: object, expected: object) -> bool:
    """Whether two values are the same to the cent.

    Example:
        >>> is_same("3051.666666666666666666666666666667", 3051.67), is_same(True, 1)
        (True, False)
    """
    if isinstance(actual, bool) or isinstance(expected, bool) or actual is None or expected is None:
        return actual is expected
    if isinstance(expected, int | float):
        wanted = Decimal(str(expected))
        places = Decimal(1).scaleb(min(int(wanted.as_tuple().exponent), -2))
        try:
            return Decimal(str(actual)).quantize(places, ROUND_HALF_UP) == wanted.quantize(places)
        except ArithmeticError:
            return False
    return actual == (expected.isoformat() if isinstance(expected, date) else expected)

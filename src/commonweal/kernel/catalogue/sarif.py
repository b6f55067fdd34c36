"""Problems as SARIF 2.1.0 (OASIS), which editors and code hosts show beside the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from commonweal.kernel.base.documents import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(problems: Sequence[Problem], folder: str) -> dict[str, Any]:
    """Return a SARIF log; ``folder`` is the address (URI, with a slash at its end) of the jurisdiction's folder."""
    codes = sorted({problem.code for problem in problems})
    driver = {"name": "commonweal check", "rules": [{"id": code} for code in codes]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"JURISDICTION": {"uri": folder}},
                "results": [_result(problem, codes.index(problem.code)) for problem in problems],
            }
        ],
    }


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": problem.file, "uriBaseId": "JURISDICTION"}}
    if problem.line:
        place["region"] = {"startLine": problem.line}
        if problem.column:
            place["region"]["startColumn"] = problem.column
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": "error" if problem.is_error else "warning",
        "message": {"text": f"{problem.message} {problem.hint}".strip()},
        "locations": [{"physicalLocation": place}],
    }

"""What is found wrong with a model before it decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding.

    Attributes:
        kind: A stable word: ``gap``, ``overlap``, ``syntax``, ``type`` …
        message: What is wrong, in a sentence.
        place: The decision, function or type where it is.
        is_error: False for advice and for what could not be checked.
        rules: Numbers of the rules concerned, from 1.
        example: Values of the table's inputs that show it, as JSON-able data.
        line: Line of the XML source.
    """

    kind: str
    message: str
    place: str
    is_error: bool = True
    rules: tuple[int, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        return f"{where}{'error' if self.is_error else 'note'}: {self.place}: {self.message} [{self.kind}]"

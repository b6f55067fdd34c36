"""What authoring's questions answer with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.catalogue.types import CompiledService


@dataclass(frozen=True, slots=True)
class Checked:
    """What the compiler says of a draft.

    Attributes:
        service: The compiled service; None where there are errors, and for law.
        problems: Every error and warning, their files named from the draft's folder on.
        name: As people know the service or law; empty where it cannot be told.
    """

    service: CompiledService | None
    problems: Sequence[Problem]
    name: str = ""

    @property
    def errors(self) -> list[Problem]:
        """What stops the draft from being published."""
        return [problem for problem in self.problems if problem.is_error]

    @property
    def warnings(self) -> list[Problem]:
        """What does not."""
        return [problem for problem in self.problems if not problem.is_error]

    def of(self, file: str) -> list[Problem]:
        """Return what concerns one file."""
        return [problem for problem in self.problems if problem.file == file]


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A worked case of a service, and whether it comes out as written.

    Attributes:
        id: As the author named it.
        note: What it shows.
        expected: The outcome written down; empty for a fault.
        problem: How it comes out otherwise; empty where it is right.
    """

    id: str
    note: str
    expected: str
    problem: str


@dataclass(frozen=True, slots=True)
class Place:
    """A text of a file that people read, with where it stands.

    Attributes:
        path: From the outside in, for example ``("pages", 0, "title")``.
        name: The same in words: ``pages > you > title``.
        text: As written.
        is_long: Whether it wants several lines.
    """

    path: tuple[str | int, ...]
    name: str
    text: str
    is_long: bool

    @property
    def field(self) -> str:
        """The name of its field in a form."""
        return "t:" + "/".join(str(part) for part in self.path)


Values = dict[str, Any]

"""How an app teaches the compiler its own section of a service declaration.

A service is a folder of files. Each *section* of it belongs to one app: `form` to forms, `decision` to
decisions, `letters` to mailbox, `stages` to cases, and so on. The app registers a :class:`Section`;
``catalogue`` walks over the registry and knows none of them by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel

from commonweal.engines import feel
from commonweal.kernel.base.documents import Document, Path_, Problem
from commonweal.kernel.base.jurisdiction import Jurisdiction
from commonweal.kernel.base.registry import Registry

COMMON_NAMES: dict[str, feel.Type] = {
    "case": feel.ContextType(
        (
            ("reference", feel.STRING),
            ("submitted_on", feel.DATE),
            ("begins_on", feel.DATE),
            ("is_late", feel.BOOLEAN),
        )
    ),
    "applicant": feel.ANY,
    "decision": feel.ContextType(
        (
            ("outcome", feel.STRING),
            ("label", feel.STRING),
            ("explanation", feel.STRING),
            ("grants", feel.BOOLEAN),
            ("reason", feel.STRING),
            ("legal_ground", feel.STRING),
            ("amounts", feel.ANY),
            ("result", feel.ANY),
            ("appeal_until", feel.DATE),
        )
    ),
}
"""What every service's expressions may name: the case, what is known about the applicant, and the decision (null until
there is one)."""


@dataclass
class Compilation:
    """One service on its way through the compiler.

    Attributes:
        root: The jurisdiction's folder; the service's own is ``root / folder``.
        folder: For example ``services/food-assistance``.
        key: The service's key.
        jurisdiction: Languages, calendar, agencies.
        files: Text of every file of the service's folder, by its path inside the folder. Sections read the service's
            files here and never from the disk: a published version compiles from its stored files.
        compiled: What each section before this one compiled to, by key.
        names: What FEEL in the service may name, with its types; a section adds what it brings (forms its
            questions, decisions ``decision``).
        choices: Every text that a path can be, for paths that can be few: the outcomes of ``decision.outcome``.
        problems: What is wrong so far.
        from_folder: Whether everything around the service, the law for one, is that of the jurisdiction's folder too;
            else what was published counts.
    """

    root: Path
    folder: str
    key: str
    jurisdiction: Jurisdiction
    files: Mapping[str, str] = field(default_factory=dict)
    compiled: dict[str, Any] = field(default_factory=dict)
    names: dict[str, feel.Type] = field(default_factory=lambda: dict(COMMON_NAMES))
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    from_folder: bool = False

    def scope(self) -> feel.Scope:
        """Return the names as FEEL takes them."""
        return feel.Scope(self.names)

    def below(self, folder: str) -> dict[str, str]:
        """Return the files in one of the service's own folders, by name, sorted; for example ``letters``."""
        prefix = f"{folder}/"
        return {
            name.removeprefix(prefix): text
            for name, text in sorted(self.files.items())
            if name.startswith(prefix)
        }


@dataclass(frozen=True)
class Source:
    """A section's text as written.

    Attributes:
        document: The file, for positions.
        path: Where in the file the section begins; empty if it is the whole file.
        value: The validated schema.
    """

    document: Document
    path: Path_
    value: Any

    def problem(
        self, path: Path_, code: str, message: str, hint: str = "", *, is_error: bool = True
    ) -> Problem:
        """Return a problem at a path within the section."""
        return self.document.problem((*self.path, *path), code, message, hint, is_error=is_error)


@runtime_checkable
class Translatable(Protocol):
    """What a section compiles to, if residents read any of its texts."""

    def texts(self) -> Iterable[str]:
        """Return every text that a resident may see, in the main language, as message ids."""


@runtime_checkable
class Asking(Protocol):
    """What a section compiles to, if it asks questions: it reads answers for sections that cannot see its app."""

    @property
    def may_skip(self) -> frozenset[str]:
        """Questions that are asked only while they can still matter."""

    def facts(self, answers: Mapping[str, Any]) -> dict[str, feel.Value]:
        """Return one FEEL value a question: blank ones as their default or null, unanswered ones unknown."""


@runtime_checkable
class Settling(Protocol):
    """What a section compiles to, if it can say which answers no longer matter."""

    def settled(
        self, sections: Mapping[str, Any], answers: Mapping[str, feel.Value], on: date
    ) -> frozenset[str]:
        """Return the answers that the section takes, and that can no longer change anything.

        Args:
            sections: All compiled sections of the service.
            answers: FEEL values by question; unknown where nobody has answered.
            on: The day on which the application is sent, if it were sent now.
        """


class Section(ABC):
    """The contract of one section; see ``docs/reference/plug-ins.md``.

    A section is found under its key in ``service.yaml``, or in a file ``<key>.yaml`` beside it.

    Attributes:
        key: The key in ``service.yaml`` and the stem of the section's own file.
        schema: What may be written there; its JSON Schema is published for editors.
        is_required: Whether a service without it is refused.
        order: Sections compile in ascending order; a section may read those before it.
    """

    key: ClassVar[str]
    schema: ClassVar[type[BaseModel]]
    is_required: ClassVar[bool] = False
    order: ClassVar[int]

    @abstractmethod
    def compile(self, source: Source | None, compilation: Compilation) -> Any:
        """Return what the running system uses, or None; add what is wrong to ``compilation.problems``.

        ``source`` is None where an optional section is absent. Files beside ``service.yaml`` that the section needs
        (letters, for example) are in ``compilation.files``. If what is returned has a method ``texts()`` (see
        :class:`Translatable`), the compiler looks for a translation of each.
        """

    def check(  # noqa: B027 - most sections have nothing to compare
        self, compiled: Any, source: Source | None, compilation: Compilation
    ) -> None:
        """Look across sections once all are compiled; add what is wrong to ``compilation.problems``."""


sections: Registry[Section] = Registry("base.section")

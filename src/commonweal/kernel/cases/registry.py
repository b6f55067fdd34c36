"""The plug-in point of stages: what a case goes through."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel

from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.documents import Path_
from commonweal.kernel.base.registry import Registry
from commonweal.kernel.base.types import Actor

if TYPE_CHECKING:
    from commonweal.kernel.cases.deciding import Knowledge
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.cases.types import CompiledStage
    from commonweal.kernel.catalogue.types import CompiledService


class Step(Enum):
    """What a stage says when a case enters it."""

    ON = "go on to the next stage"
    STAY = "wait here"
    BACK = "go back to the earlier stage that the stage names as its spec"


@dataclass
class Run:
    """A case on its way through its stages, inside one transaction that holds its row.

    Attributes:
        case: Locked; a stage changes it and leaves saving to the caller.
        service: The version pinned to the case.
        by: Who set it going.
        at: When.
        known: What FEEL may name about the case.
        is_back: Whether it has gone back to an earlier stage on this way.
    """

    case: Case
    service: CompiledService
    by: Actor
    at: datetime
    known: Knowledge
    is_back: bool = False


class StageKind(ABC):
    """The contract of a kind of stage; see ``docs/reference/plug-ins.md``.

    Attributes:
        key: Written as ``kind`` in a service's stages.
        schema: What else may be written there.
        is_retried: Whether a case in the queue at such a stage waits for it to be entered again, not for a decision.
        has_own_page: Whether a notice leads officers to where they go on with such a case; its page offers no other way.
    """

    key: ClassVar[str]
    schema: ClassVar[type[BaseModel]]
    is_retried: ClassVar[bool] = False
    has_own_page: ClassVar[bool] = False

    def compile(self, spec: BaseModel, source: Source, path: Path_, compilation: Compilation) -> Any:
        """Return what :meth:`enter` needs of the declaration; add what is wrong to ``compilation.problems``."""
        return spec

    @abstractmethod
    def enter(self, stage: CompiledStage, run: Run) -> Step:
        """Do what the stage is for.

        It runs inside the transaction that holds the case: it may call actions of other apps, and never sends or
        renders anything itself. Entering twice must do no more than entering once.

        A case that was sent just now has no row yet: it is written once, when it stands still. Rows may refer to it, for
        its id is known; a query for it, or one that joins it, finds nothing.
        """

    def leave(self, stage: CompiledStage, run: Run) -> None:  # noqa: B027 - most kinds have nothing to do
        """Do what is left to do when a case that waited here goes on, in the same transaction."""

    def wake(self, stage: CompiledStage, run: Run) -> Step:
        """Say what happens on the day until which a case waited at this stage; by default it goes on."""
        return Step.ON


stage_kinds: Registry[StageKind] = Registry("cases.stage")


class CaseFact(ABC):
    """A name that another app gives to what FEEL knows of a case; it adds the name's type in its own section.

    Attributes:
        key: The name.
        section: Key of the section of a service that brings it.
    """

    key: ClassVar[str]
    section: ClassVar[str]

    @abstractmethod
    def value(self, case: Case) -> Any:
        """Return what FEEL sees; None while there is nothing to say."""


case_facts: Registry[CaseFact] = Registry("cases.fact")


@dataclass(frozen=True)
class Notice:
    """What another app tells the applicant on the page of a case.

    Attributes:
        text: One or two sentences.
        href: Where there is more to read or to do; empty where there is nothing more.
        link: What the link says.
    """

    text: str
    href: str
    link: str


class CaseNotice(ABC):
    """Something that another app tells the applicant on the page of a case.

    Attributes:
        key: Of its own.
        section: Key of the section of a service that brings it.
    """

    key: ClassVar[str]
    section: ClassVar[str]

    @abstractmethod
    def notice(self, case: Case) -> Notice | None:
        """Return what to tell, in the reader's language; None where there is nothing."""

    def notice_for_officer(self, case: Case, actor: Actor) -> Notice | None:
        """Return what an officer of the case's team is told on their page of it; nothing by default."""
        return None


case_notices: Registry[CaseNotice] = Registry("cases.notice")


class Night(ABC):
    """Something that happens to a case by itself, once a day has come.

    The jobs of the night do it for all cases that are due; a rehearsal, which has a clock of its own, does it for its one.

    Attributes:
        key: Of its own.
    """

    key: ClassVar[str]

    @abstractmethod
    def due_on(self, case: Case, *, at: datetime) -> date | None:
        """Return the day on whose morning it happens as things stand; None where no day can be told."""

    @abstractmethod
    def act(self, case: Case, *, on: date, by: Actor, at: datetime) -> None:
        """Do on a day what is due then; nothing where nothing is. Doing it again changes nothing."""


nights: Registry[Night] = Registry("cases.night")

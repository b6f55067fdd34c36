"""What cases register with the house: keeping, erasing, files, navigation and what officers may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.personal import Eraser, Keeper, Kept, erasers, keepers
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import (  # noqa: F401 - register on import
    held,
    kinds,
    look_ups,
    once,
    resting,
    signing,
    stages,
    waiting,
)
from commonweal.kernel.cases.actions import dispose
from commonweal.kernel.cases.queries import case_of_stream, evidence_in, kept_cases, signs, stream_called
from commonweal.kernel.cases.rules import SUPERVISE, WORK, allows, may_work
from commonweal.kernel.consent.registry import Matter, matters
from commonweal.kernel.decisions.rules import CAPABILITY as DECIDE
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.people.registry import CASEWORKER, SUPERVISOR, Capability, capabilities


@keepers.register
class CaseKeeper(Keeper):
    """Open cases need everything; closed ones are kept as their service declares."""

    key = "cases"

    def kept(self, persons: Sequence[UUID], *, at: datetime) -> list[Kept]:
        """Return the cases that must stay."""
        return kept_cases(persons, at=at)


@matters.register
class CaseMatter(Matter):
    """Cases, which officers name by their reference."""

    key = "case"

    def find(self, text: str) -> str:
        """Return the stream of the case with this reference."""
        return stream_called(text)

    def agency(self, stream: str) -> str | None:
        """Return the agency that works on it."""
        found = case_of_stream(stream)
        return found.agency if found else None


@erasers.register
class CaseEraser(Eraser):
    """A case goes with its answers, decisions, letters and files."""

    key = "cases.Case"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Destroy closed cases whose time of keeping is over."""
        for case_id in rows.order_by("pk").values_list("pk", flat=True):
            dispose(case_id, on=clock.local(at).date(), by=by, at=at)


@access.register
class CaseFiles(FileAccess):
    """Files of a case: for its applicant, for those who sign it, and for the officers of its team."""

    key = "case"

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may see the case."""
        case = case_of_stream(stream)
        return case is not None and (allows(actor, case) or signs(actor, case))

    def may_open(self, actor: Actor, file_id: UUID, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may open this file: those who sign see what was sent, not what an officer asked for."""
        case = case_of_stream(stream)
        if case is None or allows(actor, case):
            return case is not None
        return signs(actor, case) and file_id not in evidence_in(case)


navigation.register(
    NavigationItem("cases.home", "portal", _("My applications"), "cases:home", 20, is_resident)
)
navigation.register(NavigationItem("cases.queue", "workbench", _("Cases"), "cases:queue", 10, may_work))
capabilities.register(Capability(WORK, _("Work on cases of one's teams"), (CASEWORKER, SUPERVISOR)))
capabilities.register(Capability(DECIDE, _("Decide in place of the law's model"), (CASEWORKER, SUPERVISOR)))
capabilities.register(Capability(SUPERVISE, _("Give cases to colleagues"), (SUPERVISOR,)))

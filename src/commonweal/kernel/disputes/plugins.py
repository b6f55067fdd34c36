"""What disputes hang into the check, navigation, roles, files and the erasing of data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.kernel.base import clock
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.personal import Eraser, Keeper, Kept, erasers, keepers
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks
from commonweal.kernel.disputes.actions import dispose
from commonweal.kernel.disputes.loading import read_corrections
from commonweal.kernel.disputes.queries import dispute_of_stream, disputes_of, facts_to_correct
from commonweal.kernel.disputes.rules import CORRECT, allows, may_correct
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.people.registry import CASEWORKER, SUPERVISOR, Capability, capabilities

navigation.register(
    NavigationItem(
        "disputes.queue", "workbench", gettext_lazy("Corrections"), "disputes:queue", 12, may_correct
    )
)
capabilities.register(
    Capability(CORRECT, gettext_lazy("Put right what residents report as wrong"), (CASEWORKER, SUPERVISOR))
)
slots.register(
    PageSlot(
        "correcting",
        lambda request: {key: reverse("disputes:wrong-fact", args=[key]) for key in facts_to_correct()},
    )
)


@folder_checks.register
class CorrectionsCheck(FolderCheck):
    """``corrections.yaml`` names teams, facts and registers that there are."""

    key: ClassVar[str] = "corrections"

    def check(self, root: Path) -> list[Problem]:
        """Return what is wrong with the file."""
        return read_corrections(root)[1]


@access.register
class DisputeFiles(FileAccess):
    """Files of a dispute: for whoever raised it, and for the officers of the team that keeps the record."""

    key = "dispute"

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may see the dispute."""
        found = dispute_of_stream(stream)
        return found is not None and allows(actor, found)


@keepers.register
class DisputeKeeper(Keeper):
    """Open disputes need their letters and files; answered ones are kept as the jurisdiction declares."""

    key = "disputes"

    def kept(self, persons: Sequence[UUID], *, at: datetime) -> list[Kept]:
        """Return the disputes that must stay."""
        found = []
        for dispute in disputes_of(persons):
            what = _("A mistake that you reported, reference %(reference)s") % {
                "reference": dispute.reference
            }
            if dispute.dispose_on is None:
                found.append(
                    Kept(what, dispute.stream, None, _("It has not been answered yet."), is_open=True)
                )
            elif dispute.dispose_on > clock.local(at).date():
                reason = _("It shows that we looked into it.")
                found.append(Kept(what, dispute.stream, dispute.dispose_on, reason))
        return found


@erasers.register
class DisputeEraser(Eraser):
    """A dispute goes with its letters and files."""

    key = "disputes.Dispute"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Destroy disputes."""
        for dispute_id in rows.order_by("pk").values_list("pk", flat=True):
            dispose(dispute_id, by=by, at=at)

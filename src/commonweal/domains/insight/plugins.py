"""What insight hangs into the house: a role, a link in the workbench, a check."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.domains.insight.rules import SIMULATE, may_simulate
from commonweal.domains.insight.simulation.declaring import declared_in, read_declaration
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.people.registry import Capability, Role, capabilities, roles

ANALYST = "policy-analyst"

roles.register(Role(ANALYST, _("Policy analyst")))
capabilities.register(Capability(SIMULATE, _("Simulate reforms of the law"), (ANALYST,)))
navigation.register(
    NavigationItem(
        key="insight.lab",
        face="workbench",
        label=_("Policy lab"),
        url_name="insight:lab",
        order=400,
        shown_to=may_simulate,
    )
)


@access.register
class PopulationAccess(FileAccess):
    """Files of populations are read by the job that runs simulations, and by nobody else."""

    key: ClassVar[str] = "population"

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Refuse: a population is worked on, not handed out."""
        return False


@folder_checks.register
class SimulationCheck(FolderCheck):
    """Every ``simulation.yaml`` below ``law`` can be read."""

    key: ClassVar[str] = "law"

    def check(self, root: Path) -> list[Problem]:
        """Return what is wrong with the declarations of simulations."""
        return [
            problem for programme in declared_in(root) for problem in read_declaration(root, programme)[1]
        ]

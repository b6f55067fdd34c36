"""What insight hangs into the house: a role, a link in the workbench, a check."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.domains.insight.queries import is_bulk_installed
from commonweal.domains.insight.rules import SIMULATE, may_simulate
from commonweal.domains.insight.simulation.declaring import FILE, declared_in, read_declaration
from commonweal.engines.dmn.errors import DmnError
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks
from commonweal.kernel.decisions.queries import programme_below
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
        return [problem for programme in declared_in(root) for problem in _wrong(root, programme)]


def _wrong(root: Path, programme: str) -> list[Problem]:
    declaration, problems = read_declaration(root, programme)
    if declaration is None or not is_bulk_installed():
        return problems
    from commonweal.domains.insight.simulation.preparing import measured  # noqa: PLC0415 - optional dependency

    law = programme_below(root, programme)
    for model in law.models if law else ():
        spec = declaration.spec
        try:
            measured(model, spec.decision, spec.amount.value, spec.receives)
        except DmnError as error:
            message = f"What is counted cannot be worked out by {model.file}: {error}"
            problems.append(Problem(f"law/{programme}/{FILE}", 0, 0, "simulation.measure", message))
    return problems

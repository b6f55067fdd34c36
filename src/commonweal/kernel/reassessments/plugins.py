"""What mass re-assessment hangs into declarations, navigation and roles."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from commonweal.engines import feel
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.jurisdiction import Declared, Key
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.people.registry import CASEWORKER, SUPERVISOR, Capability, capabilities
from commonweal.kernel.reassessments.rules import APPROVE, PREPARE, may_prepare
from commonweal.kernel.reassessments.types import CompiledReassessment

navigation.register(
    NavigationItem(
        "reassessments", "workbench", _("Changes of the law"), "reassessments:list", 60, may_prepare
    )
)
capabilities.register(
    Capability(PREPARE, _("Look at awards again when the law changes"), (CASEWORKER, SUPERVISOR))
)
capabilities.register(Capability(APPROVE, _("Approve what a change of the law brings"), (SUPERVISOR,)))


class ReassessmentSource(Declared):
    """How people are told that a change of the law changes what they were granted.

    Attributes:
        changed: Key of the letter about another amount. It may name ``change`` (amount_before, amount_after, from_on).
        ended: Key of the letter about an end; likewise.
    """

    changed: Key
    ended: Key


@sections.register
class ReassessmentSection(Section):
    """The letters of a mass re-assessment; a service without this section is left out of it."""

    key: ClassVar[str] = "reassessment"
    schema: ClassVar[type[BaseModel]] = ReassessmentSource
    order: ClassVar[int] = 390

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledReassessment | None:
        """Return the keys of the letters, and let letters name ``change``."""
        if source is None:
            return None
        written: ReassessmentSource = source.value
        compilation.names["change"] = feel.ContextType.of(
            {"amount_before": feel.NUMBER, "amount_after": feel.NUMBER, "from_on": feel.DATE}
        )
        return CompiledReassessment(written.changed, written.ended)

    def check(
        self, compiled: CompiledReassessment | None, source: Source | None, compilation: Compilation
    ) -> None:
        """Complain about a service that decides or grants nothing, and about letters that are not there."""
        if source is None or compiled is None:
            return
        for needed in ("decision", "award"):
            if compilation.compiled.get(needed) is None:
                message = f"Nothing can be looked at again: the service has no section '{needed}'."
                compilation.problems.append(source.problem((), "reassessment.nothing", message))
        letters = compilation.compiled.get("letters") or {}
        for name, key in (("changed", compiled.changed), ("ended", compiled.ended)):
            if key not in letters:
                hint = f"Letters are files in letters/: {', '.join(sorted(letters)) or 'none yet'}."
                message = f"There is no letter '{key}'."
                compilation.problems.append(source.problem((name,), "reassessment.letter", message, hint))

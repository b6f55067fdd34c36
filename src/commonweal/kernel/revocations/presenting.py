"""A revocation in words, for holders and officers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonweal.kernel.base.templates import long_date
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.queries import section_of

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.revocations.models import Revocation


def rows(case: Case, found: Revocation, language: str) -> list[dict[str, Any]]:
    """Return what is known of a revocation for the component that draws answers."""
    section = section_of(case)
    ground = section.ground(found.ground) if section else None
    translate = catalogue.compiled(case.version_id).translator(language)
    written = [
        {"label": _("State"), "value": str(Status(found.status).label)},
        {"label": _("Takes effect on"), "value": long_date(found.effective_on)},
        {"label": _("Ground"), "value": translate(ground.label) if ground else found.ground},
        {"label": _("Rule"), "value": ground.legal_basis if ground else ""},
        {"label": _("Reasons"), "value": found.reasons},
        {"label": _("What the holder says"), "value": found.statement},
        {"label": _("Remark"), "value": found.remark},
    ]
    return [row for row in written if row["value"]]


def ground_options(case: Case, language: str) -> list[dict[str, str]]:
    """Return the declared grounds for a choice."""
    section = section_of(case)
    translate = catalogue.compiled(case.version_id).translator(language)
    grounds = section.grounds if section else ()
    return [{"value": each.key, "label": translate(each.label), "hint": each.legal_basis} for each in grounds]

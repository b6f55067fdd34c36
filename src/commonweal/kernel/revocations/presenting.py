"""A revocation in words, for holders and officers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.queries import section_of
from commonweal.kernel.revocations.types import Ground

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.revocations.models import Revocation


def ground_in_words(case: Case, key: str, language: str) -> Ground:
    """Return a ground in a language; where the service does not declare it any more, what was stored, without a rule."""
    found = [ground for ground in grounds_in_words(case, language) if ground.key == key]
    return found[0] if found else Ground.model_construct(key=key, label=key, legal_basis="")


def grounds_in_words(case: Case, language: str) -> list[Ground]:
    """Return the declared grounds in a language."""
    section = section_of(case)
    translate = catalogue.compiled(case.version_id).translator(language)
    grounds = section.grounds if section else ()
    return [ground.model_copy(update={"label": translate(ground.label)}) for ground in grounds]


def rows(case: Case, found: Revocation, language: str) -> list[dict[str, Any]]:
    """Return what is known of a revocation for the component that draws answers."""
    award = awards.award(found.award_id)
    ground = ground_in_words(case, found.ground, language)
    written = [
        {
            "label": _("What was granted"),
            "value": cases.granted_label(case, award, at=clock.now()) if award else "",
        },
        {"label": _("State"), "value": str(Status(found.status).label)},
        {"label": _("Takes effect on"), "value": long_date(found.effective_on)},
        {"label": _("Ground"), "value": ground.label},
        {"label": _("Rule"), "value": ground.legal_basis},
        {"label": _("Reasons"), "value": found.reasons},
        {"label": _("What the holder says"), "value": found.statement},
        {"label": _("Remark"), "value": found.remark},
    ]
    return [row for row in written if row["value"]]


def ground_options(case: Case, language: str) -> list[dict[str, str]]:
    """Return the declared grounds for a choice."""
    return [
        {"value": ground.key, "label": ground.label, "hint": ground.legal_basis}
        for ground in grounds_in_words(case, language)
    ]

"""How a service's decisions are held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions.fairness.figures import public_figures
from commonweal.kernel.decisions.models import FairnessReport
from commonweal.kernel.decisions.rules import may_see_exact_fairness
from commonweal.kernel.decisions.types import CompiledDecision


@dataclass(frozen=True)
class FairnessCard:
    """The latest fairness report of a service.

    Attributes:
        figures: With small groups hidden, or exact for an officer who may see them.
        is_flagged: Whether a flip changed something that no rule with a source explains.
        is_exact: Whether nothing is hidden.
        made_at: When it was worked out.
    """

    figures: Mapping[str, Any]
    is_flagged: bool
    is_exact: bool
    made_at: datetime


def fairness_of(service_key: str, actor: Actor) -> FairnessCard | None:
    """Return the latest fairness report of a service as an actor may see it; None where there is none yet."""
    found = FairnessReport.objects.filter(service_key=service_key).order_by("-made_at", "-id").first()
    if found is None:
        return None
    is_exact = may_see_exact_fairness(actor, found.agency)
    figures = found.figures if is_exact else public_figures(found.figures)
    return FairnessCard(figures, found.is_flagged, is_exact, found.made_at)


def services_with_fairness() -> list[str]:
    """Return the keys of the live services that declare how their decisions are compared."""
    return [
        service.key
        for service in catalogue.live_services("")
        if isinstance(decision := service.compiled.sections.get("decision"), CompiledDecision)
        and decision.fairness is not None
    ]

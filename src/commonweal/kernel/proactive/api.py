"""The API's door: saying no to what was granted unasked."""

from __future__ import annotations

from datetime import datetime

from ninja import Router, Schema

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import PROBLEMS, ApiRouter, operation, routers
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.proactive import actions

OWN = "show people what was granted to them without an application"

router = Router()
routers.register(ApiRouter("proactive", "", router))


class OfferDeclined(Schema):
    """What somebody said no to.

    Attributes:
        service: Key of the service.
        once: The period.
        declined_at: When.
    """

    service: str
    once: str
    declined_at: datetime | None


@router.post(
    "/cases/{reference}/no-thanks",
    response={200: OfferDeclined, **PROBLEMS},
    summary="Say no to what was granted without an application",
)
@operation(allows=is_resident, discloses=OWN)
def decline(request: ActorRequest, reference: str) -> OfferDeclined:
    """End the award; it is not offered again in the period, and one can apply at any time."""
    found = actions.decline(reference, by=request.actor, at=clock.now())
    record_access(request.actor, [found.person_id], OWN, at=clock.now())
    return OfferDeclined(service=found.service_key, once=found.once, declined_at=found.declined_at)

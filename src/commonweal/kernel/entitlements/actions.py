"""What residents say about suggestions: that they want them, or no more, or not of one service."""

from __future__ import annotations

from datetime import datetime

from commonweal.kernel.base.errors import Forbidden
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.entitlements.errors import NotAgreed
from commonweal.kernel.entitlements.models import Agreement
from commonweal.kernel.ledger.actions import record

_MOST_DECLINED = 200


def _must_be_own(by: Actor) -> None:
    """Go on only for a resident who speaks for nobody else."""
    if not is_resident(by) or by.on_behalf_of:
        raise Forbidden


@action
def agree(*, by: Actor, at: datetime) -> Agreement:
    """Agree that what is known of oneself is used for suggestions. Agreeing again changes nothing.

    Raises:
        Forbidden: It is no resident, or one who acts for somebody else.
    """
    _must_be_own(by)
    found = Agreement.objects.filter(person__in=by.person_ids).order_by("agreed_at").first()
    if found is not None:
        return found
    agreement, is_new = Agreement.objects.get_or_create(
        person_id=by.person_ids[0], defaults={"agreed_at": at}
    )  # of two requests at once, one writes it
    if is_new:
        _record("entitlements.agreed", by, at)
    return agreement


@action
def take_back(*, by: Actor, at: datetime) -> None:
    """Take the agreement back; what was declined is forgotten. Taking it back again changes nothing.

    Raises:
        Forbidden: It is no resident, or one who acts for somebody else.
    """
    _must_be_own(by)
    gone, _rows = Agreement.objects.filter(person__in=by.person_ids).delete()
    if gone:
        _record("entitlements.taken_back", by, at)


@action
def decline(service_key: str, *, by: Actor, at: datetime) -> None:
    """Say that one does not want to hear of a service any more. Saying it again changes nothing.

    Raises:
        Forbidden: It is no resident, or one who acts for somebody else.
        NotAgreed: Suggestions are not wanted at all.
        ServiceNotFound: There is no such service.
    """
    _must_be_own(by)
    catalogue.offered_service(service_key)
    rows = Agreement.objects.select_for_update().filter(person__in=by.person_ids)
    agreement = rows.order_by("agreed_at").first()
    if agreement is None:
        raise NotAgreed
    if service_key in agreement.declined:
        return
    agreement.declined = [*agreement.declined, service_key][-_MOST_DECLINED:]
    agreement.save(update_fields=["declined"])
    _record("entitlements.declined", by, at, service=service_key)


def _record(what: str, by: Actor, at: datetime, **payload: str) -> None:
    person = by.person_ids[0]
    record(what, stream=f"person:{person}", subject=person, by=by, at=at, **payload)

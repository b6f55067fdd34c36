"""Everything that changes places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record_many
from commonweal.kernel.ledger.types import Entry
from commonweal.kernel.places.errors import NoSuchDistrict, TooManyAddresses
from commonweal.kernel.places.models import Address, street_key
from commonweal.kernel.places.queries import areas

MAX_AT_ONCE = 1_000
_STORED = ("street", "number", "unit", "postcode", "district", "longitude", "latitude")


@dataclass(frozen=True, slots=True)
class RegisteredAddress:
    """An address as its register gives it.

    Attributes:
        register_id: Its id there; the same id again replaces what is known.
        street: Name of the street, as the sign has it.
        number: House number, with a letter if it has one.
        postcode: As letters need it.
        district: Key of the area.
        longitude: WGS 84, degrees.
        latitude: WGS 84, degrees.
        unit: Flat or suite.
    """

    register_id: str
    street: str
    number: str
    postcode: str
    district: str
    longitude: Decimal
    latitude: Decimal
    unit: str = ""


@action
def put_addresses(rows: Sequence[RegisteredAddress], *, by: Actor, at: datetime) -> list[UUID]:
    """Take over addresses from their register: new ones are added, changed ones replaced, the same ones left.

    Args:
        rows: At most 1,000.
        by: Who does it.
        at: When, with a time zone.

    Returns:
        The id of each address, in the order of ``rows``.

    Raises:
        TooManyAddresses: There are more than 1,000.
        NoSuchDistrict: A district is none of the jurisdiction's.
    """
    _check(rows)
    known = Address.objects.select_for_update().in_bulk(
        [row.register_id for row in rows], field_name="register_id"
    )
    changed: dict[str, Address] = {}
    for row in rows:
        stored = known.setdefault(row.register_id, Address(register_id=row.register_id))
        if _take_over(row, stored):
            changed[row.register_id] = stored
    Address.objects.bulk_create(
        changed.values(),
        update_conflicts=True,
        unique_fields=["register_id"],
        update_fields=[*_STORED, "street_key"],
    )
    entries = [
        Entry(f"address:{row.pk}", None, {"register_id": row.register_id, "district": row.district})
        for row in changed.values()
    ]
    record_many("places.address_put", entries, by=by, at=at)
    return [known[row.register_id].pk for row in rows]


def _check(rows: Sequence[RegisteredAddress]) -> None:
    if len(rows) > MAX_AT_ONCE:
        raise TooManyAddresses(limit=MAX_AT_ONCE)
    known_districts = {area.key for area in areas()}
    for row in rows:
        if row.district not in known_districts:
            raise NoSuchDistrict(district=row.district)


def _take_over(row: RegisteredAddress, stored: Address) -> bool:
    """Put what the register says into the address; return whether anything is new."""
    values = {name: getattr(row, name) for name in _STORED}
    if all(getattr(stored, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(stored, name, value)
    stored.street_key = street_key(row.street)
    return True

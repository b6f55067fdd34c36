from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.queries import events_of
from commonweal.kernel.places import queries
from commonweal.kernel.places.actions import RegisteredAddress, put_addresses
from commonweal.kernel.places.errors import NoSuchDistrict, TooManyAddresses
from commonweal.kernel.places.models import Address

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
BY = Actor.system("tests")


def row(register_id: str = "r1", **changes: str) -> RegisteredAddress:
    made = RegisteredAddress(
        register_id, "Quay Street", "12", "98000", "harbour", Decimal("-122.6500000"), Decimal("47.9200000")
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests change texts only


def test_addresses_are_added_with_a_ledger_entry_each() -> None:
    ids = put_addresses([row(), row("r2", unit="4B")], by=BY, at=AT)

    assert [str(queries.address(found)) for found in ids] == ["12 Quay Street", "12 Quay Street, 4B"]
    assert [(event.type, event.actor, event.at) for event in events_of(f"address:{ids[1]}")] == [
        ("places.address_put", BY, AT)
    ]


def test_the_same_address_again_changes_nothing() -> None:
    first = put_addresses([row()], by=BY, at=AT)

    assert put_addresses([row(), row()], by=BY, at=AT) == [first[0], first[0]]
    assert Address.objects.count() == 1
    assert len(events_of(f"address:{first[0]}")) == 1


def test_a_changed_address_replaces_what_was_known() -> None:
    (address_id,) = put_addresses([row()], by=BY, at=AT)

    assert put_addresses([row(street="Harbour Row", district="old-mill")], by=BY, at=AT) == [address_id]
    stored = queries.address(address_id)
    assert (stored.street, stored.street_key, stored.district) == ("Harbour Row", "harbour row", "old-mill")
    assert [event.payload for event in events_of(f"address:{address_id}")] == [
        {"register_id": "r1", "district": "harbour"},
        {"register_id": "r1", "district": "old-mill"},
    ]


def test_an_unknown_district_is_refused_and_nothing_stored() -> None:
    with pytest.raises(NoSuchDistrict, match="atlantis"):
        put_addresses([row(), row("r2", district="atlantis")], by=BY, at=AT)

    assert not Address.objects.exists()


def test_too_many_addresses_are_refused() -> None:
    with pytest.raises(TooManyAddresses, match="1000"):
        put_addresses([row()] * 1_001, by=BY, at=AT)


def test_none_at_all_is_nothing() -> None:
    assert put_addresses([], by=BY, at=AT) == []


def test_unknown_address_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.address(new_id())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("quay", ["12 Quay Street", "120A Quay Street", "7 Quayside"]),
        ("  QUAY   St ", ["12 Quay Street", "120A Quay Street"]),
        ("12 quay", ["12 Quay Street", "120A Quay Street"]),
        ("Quay Street 120a", ["120A Quay Street"]),
        ("7 quay", ["7 Quayside"]),
        ("5th ave", ["3 5th Avenue"]),
        ("3 5th", ["3 5th Avenue"]),
        ("12", []),
        ("12 3", []),
        ("", []),
        ("street", []),
        ("%", []),
    ],
)
def test_search_finds_streets_by_their_beginning(text: str, found: list[str]) -> None:
    put_addresses(
        [
            row("a"),
            row("b", number="120A"),
            row("c", street="Quayside", number="7"),
            row("d", street="5th Avenue", number="3"),
        ],
        by=BY,
        at=AT,
    )

    assert [str(address) for address in queries.search_addresses(text)] == found


def test_search_finds_twenty_at_most() -> None:
    put_addresses([row(f"r{at}", number=str(at)) for at in range(1, 40)], by=BY, at=AT)

    assert len(queries.search_addresses("quay")) == 20

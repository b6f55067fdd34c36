"""Locks on things that are no row: nobody else decides about them until the transaction ends."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from django.db import connection, transaction

from commonweal.kernel.base.statements import fetch

_NUMBER_BYTES = 8


def are_needed() -> bool:
    """Whether transactions that write run side by side here: on PostgreSQL; SQLite has one writer at a time."""
    return connection.vendor == "postgresql"


def take(names: Iterable[str]) -> None:
    """Hold locks until the transaction ends; whoever wants one of them waits.

    All are taken in one order, whatever the order of the names, so that of two who want the same ones each gets all or
    waits. A savepoint that is rolled back gives back what was taken inside.

    Args:
        names: What is held, each after the pattern ``kind:more``.

    Source: PostgreSQL, "Advisory Locks": ``pg_advisory_xact_lock``, whose key is a number of 64 bits.
    """
    numbers = sorted(
        {
            int.from_bytes(blake2b(name.encode(), digest_size=_NUMBER_BYTES).digest(), signed=True)
            for name in names
        }
    )
    if numbers and are_needed():
        values = ", ".join(["(%s::bigint)"] * len(numbers))
        statement = f"SELECT pg_advisory_xact_lock(number) FROM (VALUES {values}) AS held (number)"  # noqa: S608 - only placeholders are put in
        fetch(transaction.get_connection(), statement, numbers)

"""Model fields that every app uses."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any
from uuid import UUID

from django.db import models

from commonweal.kernel.base.encryption import decrypt, encrypt


def new_id() -> UUID:
    """Return a time-ordered random id, so that rows of one day lie together and one process's in their order.

    Source: RFC 9562, section 5.7 (UUID version 7); section 6.2, method 3 (a quarter of a microsecond in place of
    twelve random bits).
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (rest * 4096 // 1_000_000) << 64
    return UUID(int=value | 0b10 << 62 | secrets.randbits(62))


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # the plugin infers them from `null`
    """Text that is encrypted in the database; it can be neither searched nor ordered there.

    Where a value must be found again, keep its :func:`~commonweal.kernel.base.encryption.blind_index` in a
    column beside it.
    """

    description = "Encrypted text"

    def get_internal_type(self) -> str:
        """Store bytes."""
        return "BinaryField"

    @property
    def context(self) -> str:
        """What the values are bound to: ``table.column``."""
        return f"{self.model._meta.db_table}.{self.column}"  # noqa: SLF001 - Django's documented model API

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Encrypt on the way in."""
        if value is None:
            return None
        return connection.Database.Binary(encrypt(str(value).encode(), context=self.context))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        """Decrypt on the way out.

        Raises:
            Undecryptable: The key is missing, or the value was changed or moved.
        """
        return None if value is None else decrypt(bytes(value), context=self.context).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow to ask whether there is a value, and nothing else.

        Raises:
            TypeError: Any other look-up; it could never match.
        """
        if lookup_name != "isnull":
            raise TypeError(f"{self.context} is encrypted; look it up by its blind index.")
        return super().get_lookup(lookup_name)


class EncryptedJSONField(EncryptedTextField):
    """A JSON value that is encrypted in the database."""

    description = "Encrypted JSON"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Write as JSON and encrypt on the way in."""
        plain = None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return super().get_db_prep_value(plain, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Decrypt and read as JSON on the way out.

        Raises:
            Undecryptable: The key is missing, or the value was changed or moved.
        """
        plain = super().from_db_value(value, expression, connection)
        return None if plain is None else json.loads(plain)

    def to_python(self, value: Any) -> Any:
        """Leave a value as it is; only the database holds text."""
        return value

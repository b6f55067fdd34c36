"""Brings what is encrypted under the key that encrypts now, so that an older one can leave the ring.

Values lie in encrypted fields, and where an app registers :class:`SealedValues`. Each step is a transaction of its own
and looks at each value once; whatever is interrupted goes on with what is still under an older key. A value that was
changed meanwhile is left alone, for whoever changed it used the current key.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from commonweal.kernel.base.encryption import decrypt, encrypt, is_current, key_name
from commonweal.kernel.base.fields import EncryptedTextField
from commonweal.kernel.base.registry import Registry

STEP = 500


@dataclass(frozen=True, slots=True)
class Renewed:
    """What one step did.

    Attributes:
        last: Where the next step begins; None at the end.
        seen: How many values were looked at.
        changed: How many of them were under an older key.
    """

    last: Any
    seen: int
    changed: int


class SealedValues(ABC):
    """The contract: encrypted values that no encrypted field holds.

    Attributes:
        key: Where they lie, for example ``ledger_subjectkey.wrapped``.
    """

    key: ClassVar[str]

    @abstractmethod
    def renew(self, after: Any, *, limit: int) -> Renewed:
        """Bring the next values under the current key, inside the caller's transaction.

        Args:
            after: What the step before returned as ``last``; None at the beginning.
            limit: How many rows to look at.

        Raises:
            Undecryptable: A key is not in the ring, or a value was changed.
        """

    @abstractmethod
    def names(self) -> Counter[str]:
        """Return how many values lie under each key of the ring, by its name."""


sealed_values: Registry[SealedValues] = Registry("base.sealed")


class SealedColumn(SealedValues):
    """A column of ciphertexts; what a value is bound to is the column, or the column and the row.

    Attributes:
        key: ``table.column``.
    """

    def __init__(self, model: type[Model], column: str, *, is_bound_to_row: bool = False) -> None:
        meta = model._meta  # noqa: SLF001 - Django's documented model API
        self.table, self.pk, self.column = meta.db_table, meta.pk.column, column
        self.key = f"{self.table}.{column}"  # type: ignore[misc]  # one object a column, none a class
        self.is_bound_to_row, self._pk_field = is_bound_to_row, meta.pk

    def _context(self, pk: Any) -> str:
        return f"{self.key}.{self._pk_field.to_python(pk)}" if self.is_bound_to_row else self.key

    def renew(self, after: Any, *, limit: int) -> Renewed:
        """Bring the next rows under the current key."""
        where = f'AND "{self.pk}" > %s' if after is not None else ""
        values = [limit] if after is None else [after, limit]
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{self.pk}", "{self.column}" FROM "{self.table}" '  # noqa: S608 - the models' own names
                f'WHERE "{self.column}" IS NOT NULL {where} ORDER BY "{self.pk}" LIMIT %s',
                values,
            )
            rows = [(pk, bytes(cipher)) for pk, cipher in cursor.fetchall()]
            changed = 0
            for pk, cipher in rows:
                if is_current(cipher):
                    continue
                context = self._context(pk)
                fresh = encrypt(decrypt(cipher, context=context), context=context)
                cursor.execute(
                    f'UPDATE "{self.table}" SET "{self.column}" = %s '  # noqa: S608 - likewise
                    f'WHERE "{self.pk}" = %s AND "{self.column}" = %s',
                    [fresh, pk, cipher],
                )
                changed += cursor.rowcount
        return Renewed(rows[-1][0] if len(rows) == limit else None, len(rows), changed)

    def names(self) -> Counter[str]:
        """Count the values by key."""
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{self.column}" FROM "{self.table}" WHERE "{self.column}" IS NOT NULL')  # noqa: S608 - likewise
            found: Counter[str] = Counter()
            while rows := cursor.fetchmany(STEP):
                found.update(key_name(bytes(cipher)) for (cipher,) in rows)
            return found


def every() -> list[SealedValues]:
    """Return everything that is encrypted under the key ring: encrypted fields, and what apps have registered."""
    fields: list[SealedValues] = [
        SealedColumn(model, str(field.column))
        for model in apps.get_models()
        if model._meta.managed  # noqa: SLF001 - likewise
        for field in model._meta.concrete_fields  # noqa: SLF001 - likewise
        if isinstance(field, EncryptedTextField)
    ]
    return [*fields, *sealed_values]


def renew(values: SealedValues) -> Iterator[Renewed]:
    """Bring all values of one place under the current key, and tell of each step once it is committed."""
    last: Any = None
    while True:
        with transaction.atomic():
            done = values.renew(last, limit=STEP)
        yield done
        last = done.last
        if last is None:
            return

"""Queries that are written as SQL once in each process, for those that every request or submission asks.

Django builds the SQL of a queryset anew each time, which costs more than running it: two thirds of a small query's
processor time. A prepared query keeps the SQL; rows are made into instances by Django itself, as always.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Model, QuerySet

M = TypeVar("M", bound=Model)


class Given(Expression):
    """A value that a prepared query is given each time it is asked.

    Args:
        name: By which it is given.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Return a placeholder, with this object in the place of its value."""
        return "%s", (self,)


class Prepared(Generic[M]):
    """A queryset whose SQL is kept.

    Args:
        build: Returns the queryset, with :class:`Given` where a value is to be filled in: a text, number, id, date or
            time, and neither null nor a list. It runs at the first call, when Django is ready.

    Example::

        _named = Prepared(lambda: Team.objects.filter(key=Given("key")))
        team = _named.one(key="parking")
    """

    def __init__(self, build: Callable[[], QuerySet[M]]) -> None:
        self._build = build
        self._written: _Written | None = None

    def all(self, **values: object) -> list[M]:
        """Return what is found, in the order of the queryset.

        Raises:
            KeyError: A value is missing.
        """
        if self._written is None:
            self._written = _Written(self._build())
        return self._written.ask(values)

    def one(self, **values: object) -> M | None:
        """Return the first that is found, or None.

        Raises:
            KeyError: A value is missing.
        """
        found = self.all(**values)
        return found[0] if found else None


class _Written:
    """The SQL of a queryset, and what Django has to know to read its rows."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(using=queryset.db)
        self.sql, self.params = self.compiler.as_sql()
        columns = [each[0] for each in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(columns)

    def ask(self, values: Mapping[str, object]) -> list[Any]:
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = database = connections[DEFAULT_DB_ALIAS]
        params = tuple(
            _stored(values[each.name], database) if isinstance(each, Given) else each for each in self.params
        )
        compiler.as_sql = lambda: (self.sql, params)
        compiler.get_converters = lambda columns: self.converters
        rows: QuerySet[Any] = QuerySet(self.queryset.model, _Asked(compiler), self.queryset.db)  # type: ignore[arg-type]  # of a query, Django wants the compiler only
        return list(rows)


class _Asked:
    """Stands for a query that has been compiled."""

    values_select = ()

    def __init__(self, compiler: Any) -> None:
        self._compiler = compiler

    def get_compiler(self, *, using: str) -> Any:
        """Return the compiler with the values of this call."""
        return self._compiler


def _stored(value: Any, database: BaseDatabaseWrapper) -> Any:
    """Return a value as the database takes it."""
    if isinstance(value, UUID):
        return value if database.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return database.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return database.ops.adapt_datefield_value(value)
    return value

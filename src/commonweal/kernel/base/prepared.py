"""Queries that are written as SQL once in each process, for those that every request or submission asks.

Django builds the SQL of a queryset anew each time, which costs more than running it: two thirds of a small query's
processor time. A prepared query keeps the SQL and how rows are read, and puts a row's values into an instance at once.

On PostgreSQL the way to the server and back costs more than what most of these queries look up. What a page is going to ask
is therefore asked in one statement (:func:`together`), where nothing depends on the answer to something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Model, QuerySet
from django.db.models.base import ModelState

from commonweal.kernel.base.statements import Statement, fetch, run
from commonweal.kernel.base.transactions import around_one_statement

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
    """A queryset whose SQL is kept; what is annotated comes along as attributes.

    Args:
        build: Returns the queryset, with :class:`Given` where a value is to be filled in: a text, number, id, date or
            time, and neither null nor a list. It runs at the first call, when Django is ready.

    Example::

        _named = Prepared(lambda: Team.objects.filter(key=Given("key")))
        team = _named.one(key="parking")
    """

    def __init__(self, build: Callable[[], QuerySet[M]]) -> None:
        self._build = build
        self._kept: _Written[M] | None = None

    @property
    def written(self) -> _Written[M]:
        """Its SQL."""
        if self._kept is None:
            self._kept = _Written(self._build())
        return self._kept

    def given(self, **values: object) -> Question:
        """Return it with its values, to be asked :func:`together` with others."""
        return Question(self, tuple(values.items()))

    def all(self, **values: object) -> list[M]:
        """Return what is found, in the order of the queryset.

        Raises:
            KeyError: A value is missing.
        """
        answers = _answers.get()
        if answers:
            answer = answers.pop(Question(self, tuple(values.items())), None)
            if answer is not None:
                return answer
        return self.written.ask(values)

    def one(self, **values: object) -> M | None:
        """Return the first that is found, or None.

        Raises:
            KeyError: A value is missing.
        """
        found = self.all(**values)
        return found[0] if found else None


class Question(NamedTuple):
    """A prepared query with its values.

    Attributes:
        query: The query.
        values: By name.
    """

    query: Prepared[Any]
    values: tuple[tuple[str, object], ...]


_answers: ContextVar[dict[Question, list[Any]] | None] = ContextVar("answers", default=None)


@contextmanager
def together(*questions: Question, writing: Statement | None = None) -> Iterator[None]:
    """Ask in one statement; who asks one of these inside the block gets its answer, once, as if it were asked then.

    The block only reads: it must change nothing that it asks for.

    Args:
        questions: Each a different query, ordered by columns that it reads, if at all.
        writing: An insertion that goes along on PostgreSQL, and before it elsewhere; nothing asked for may hang on it.
    """
    if writing is not None and connection.vendor != "postgresql":
        with around_one_statement():
            run(connections[DEFAULT_DB_ALIAS], *writing)
        writing = None
    joint = _joint(tuple(question.query for question in questions))
    token = _answers.set(dict(zip(questions, joint.ask(questions, writing), strict=True)))
    try:
        yield
    finally:
        _answers.reset(token)


@lru_cache(maxsize=256)
def _joint(queries: tuple[Prepared[Any], ...]) -> _Joint:
    return _Joint([query.written for query in queries])


_JOIN = "LEFT JOIN ({sql}) q{number} ON one.n = {number}"
_JOINS = {
    "postgresql": "LEFT JOIN LATERAL (SELECT * FROM ({sql}) x WHERE one.n = {number}) q{number} ON true"
}
"""PostgreSQL looks a query up for each of the numbers, unless it depends on the number."""


class _Joint:
    """One statement for several queries: each row is one query's, whose number it begins with; the others' columns are empty.

    Args:
        parts: The queries.
    """

    def __init__(self, parts: Sequence[_Written[Any]]) -> None:
        self.parts = parts
        self.places: list[slice] = []
        order, at = ["1"], 1
        for part in parts:
            self.places.append(slice(at, at + part.width))
            order += [f"{at + place + 1}{direction}" for place, direction in part.order]
            at += part.width
        columns = ", ".join(f"q{number}.*" for number in range(len(parts)))
        numbers = " UNION ALL ".join(f"SELECT {number} AS n" for number in range(len(parts)))
        join = _JOINS.get(connections[DEFAULT_DB_ALIAS].vendor, _JOIN)
        joined = " ".join(join.format(sql=part.sql, number=number) for number, part in enumerate(parts))
        self.sql = f"SELECT one.n, {columns} FROM ({numbers}) one {joined} ORDER BY {', '.join(order)}"  # noqa: S608 - all of it Django's SQL and ours

    def ask(self, questions: Sequence[Question], writing: Statement | None = None) -> list[list[Any]]:
        """Return what each finds."""
        database = connections[DEFAULT_DB_ALIAS]
        before = (
            Statement("", ()) if writing is None else Statement(f"WITH w AS ({writing.sql}) ", writing.params)
        )
        params = [
            param
            for part, question in zip(self.parts, questions, strict=True)
            for param in part.filled(dict(question.values), database)
        ]
        found: list[list[Any]] = [[] for _ in self.parts]
        for row in fetch(database, before.sql + self.sql, [*before.params, *params]):
            number = row[0]
            own = row[self.places[number]]
            if any(value is not None for value in own):
                found[number].append(self.parts[number].instance(own, database))
        return found


class _Written(Generic[M]):
    """The SQL of a queryset, and how its rows are read."""

    def __init__(self, queryset: QuerySet[M]) -> None:
        compiler: Any = queryset.query.get_compiler(using=queryset.db)
        self.sql, self.params = compiler.as_sql()
        columns = [each[0] for each in compiler.select[: compiler.col_count]]
        self.conversions = [
            (at, convert, column)
            for at, (several, column) in compiler.get_converters(columns).items()
            for convert in several
        ]
        self.part: _Part[M] = _Part(compiler.klass_info, compiler.select)
        self.added = tuple(compiler.annotation_col_map.items())
        self.width = len(compiler.select)
        self._compiler = compiler

    @cached_property
    def order(self) -> list[tuple[int, str]]:
        """By which of its columns it is ordered, counted from 0, and ``" DESC"`` where downwards.

        Raises:
            ValueError: It is ordered by something that it does not read.
        """
        columns = [column for column, _, _ in self._compiler.select]
        return [
            (columns.index(by.expression), " DESC" if by.descending else "")
            for by, _ in self._compiler.get_order_by()
        ]

    def ask(self, values: Mapping[str, object]) -> list[M]:
        database = connections[DEFAULT_DB_ALIAS]
        rows = fetch(database, self.sql, self.filled(values, database))
        return [self.instance(row, database) for row in rows]

    def filled(self, values: Mapping[str, object], database: BaseDatabaseWrapper) -> list[Any]:
        """Return the parameters with the values where they belong."""
        return [
            _stored(values[each.name], database) if isinstance(each, Given) else each for each in self.params
        ]

    def instance(self, row: Sequence[Any], database: BaseDatabaseWrapper) -> M:
        """Make what a row tells of."""
        values = list(row)
        for at, convert, column in self.conversions:
            values[at] = convert(values[at], column, database)
        found = self.part.read(values, database.alias)
        for name, at in self.added:
            found.__dict__[name] = values[at]
        return found


class _Part(Generic[M]):
    """One model's columns in a row, and those of the models that are joined to it.

    Args:
        info: What Django's compiler says of them.
        select: Its columns.
    """

    def __init__(self, info: Mapping[str, Any], select: Sequence[Any]) -> None:
        places = info["select_fields"]
        self.model: type[M] = info["model"]
        self.columns = slice(places[0], places[-1] + 1)
        self.names = [select[place][0].target.attname for place in places]
        self.joined = [
            (each["local_setter"], each["remote_setter"], _Joined(each, select))
            for each in info.get("related_klass_infos", ())
        ]

    def read(self, row: list[Any], alias: str) -> M:
        """Make the instance of a row, with those that are joined to it.

        It comes to be as by copying: nobody here listens to ``pre_init``, and a row has no columns but the table's.
        """
        found = self.model.__new__(self.model)
        found.__dict__.update(zip(self.names, row[self.columns], strict=True))
        found._state = state = ModelState()  # noqa: SLF001 - as `from_db` leaves it
        state.adding, state.db = False, alias
        for set_here, set_there, part in self.joined:
            other = part.read_or_none(row, alias)
            set_here(found, other)
            if other is not None:
                set_there(other, found)
        return found


class _Joined(_Part[Any]):
    """A model that a row need not have."""

    def __init__(self, info: Mapping[str, Any], select: Sequence[Any]) -> None:
        super().__init__(info, select)
        self.key = self.columns.start + self.names.index(self.model._meta.pk.attname)  # noqa: SLF001 - Django's documented model API

    def read_or_none(self, row: list[Any], alias: str) -> Model | None:
        """Make the instance of a row, or None where the row has none."""
        return None if row[self.key] is None else self.read(row, alias)


def _stored(value: Any, database: BaseDatabaseWrapper) -> Any:
    """Return a value as the database takes it."""
    if isinstance(value, UUID):
        return value if database.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return database.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return database.ops.adapt_datefield_value(value)
    return value

"""A cursor of psycopg that turns each statement into PostgreSQL's own words once, however many values it has.

psycopg keeps what it made of a statement only where that has at most 50 values; an insert of several rows has more. This one
keeps it always, and hands over numbered places (``$1``), which psycopg need not search for.

psycopg is installed only where PostgreSQL is used: import this module there alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db.backends.postgresql.base import CursorMixin
from psycopg import RawCursor
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import execute as executed
from psycopg.pq import TransactionStatus
from psycopg.sql import Composable

KEPT = 512
"""How many statements are kept in a process."""

IDLE, INTRANS = int(TransactionStatus.IDLE), int(TransactionStatus.INTRANS)
_PLACES = re.compile(r"%(?:\(([^)]+)\))?(.?)", re.DOTALL)


class NumberedCursor(CursorMixin, RawCursor[Any]):
    """Binds values on the server; statements have ``%s`` or ``%(name)s``, as Django writes them."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> NumberedCursor:
        """Run a statement; see psycopg's own.

        Raises:
            ValueError: The statement's places cannot be read.
            KeyError: A named value is missing.
        """
        if params is None:
            super().execute(query, None, **options)
        else:
            statement, names = numbered(query if type(query) is str else self._text(query))
            values = _in_order(params, names)
            if options or not self._repeat(statement, values):
                super().execute(statement, values, **options)
        return self

    def _repeat(self, statement: bytes, values: Sequence[Any]) -> bool:
        """Run a statement that the server has planned already; False where it has not, or a transaction has to begin first.

        psycopg does the same in twice as many steps, for it also thinks about having the statement planned.
        """
        connection = self._conn
        pgconn, status = connection.pgconn, connection.pgconn.transaction_status
        is_begun = status == INTRANS or (status == IDLE and connection.autocommit)
        if not is_begun or self.closed or connection._pipeline is not None:  # noqa: SLF001 - its own cursor
            return False
        if self._last_query is not statement:
            if self._last_query is not None:
                self._tx.set_pgresult(None)  # what was read before is let go
            self._tx, self._last_query = self._transformer(statement), statement
        sent = self._tx.dump_sequence(values, [PyFormat.AUTO] * len(values))
        planned, key = connection._prepared._names, (statement, self._tx.types or ())  # noqa: SLF001 - likewise
        if key not in planned:
            return False
        with connection.lock:
            pgconn.send_query_prepared(planned[key], sent, self._tx.formats, self.format)
            results = connection.wait(executed(pgconn))
        planned.move_to_end(key)
        self._reset()
        self._check_results(results)
        self._set_results(results)
        return True

    def _transformer(self, statement: bytes) -> Any:
        """Return what reads and writes a statement's values; kept, for it finds out anew how each type is written and read."""
        kept: dict[bytes, Any] = self.__dict__.setdefault("_kept_transformers", {})
        if len(kept) > KEPT:
            kept.clear()
        if statement not in kept:
            kept[statement] = Transformer(self)
        return kept[statement]

    def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        """Run a statement with one set of values after the other; see psycopg's own.

        Raises:
            ValueError: The statement's places cannot be read.
            KeyError: A named value is missing.
        """
        statement, names = numbered(self._text(query))
        super().executemany(statement, [_in_order(params, names) for params in params_seq], **options)

    def _text(self, query: Any) -> str:
        if isinstance(query, str):
            return query
        return query.as_string(self) if isinstance(query, Composable) else bytes(query).decode()


@lru_cache(maxsize=KEPT)
def numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement with numbered places, and the names of their values where they have names.

    Args:
        statement: With ``%s`` or ``%(name)s`` for values and ``%%`` for a percent sign.

    Raises:
        ValueError: Another sign follows a percent sign, or places with and without names are mixed.
    """
    names: list[str] = []
    count = 0

    def place(found: re.Match[str]) -> str:
        nonlocal count
        name, kind = found.groups()
        if kind == "%" and name is None:
            return "%"
        if kind != "s":
            raise ValueError(f"a statement has {found[0]!r}; places are %s or %(name)s, a percent sign is %%")
        if name is None:
            count += 1
            return f"${count}"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    text = _PLACES.sub(place, statement)
    if names and count:
        raise ValueError("a statement has places with and without names")
    return text.encode(), tuple(names)


def _in_order(params: Sequence[Any] | Mapping[str, Any], names: tuple[str, ...]) -> Sequence[Any]:
    if names or type(params) is dict:
        return [params[name] for name in names]  # type: ignore[call-overload]  # named values come in a mapping
    return params  # type: ignore[return-value]  # places without names take a sequence

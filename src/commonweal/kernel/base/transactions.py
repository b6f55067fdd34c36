"""Transactions of actions: an action that another action calls becomes a part of its transaction.

Django's ``atomic`` makes a savepoint for each inner block, which serves only somebody who catches the inner error and
goes on. Whoever means to do that says ``transaction.atomic()`` around the call: that is the one savepoint there is.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.transaction import Atomic

P = ParamSpec("P")
R = TypeVar("R")
_log = structlog.get_logger(__name__)


class Transaction(Atomic):
    """A transaction, or a part of the calling action's; one object serves one ``with``.

    What was put off by :func:`put_off` is done at the end of the outermost, before the commit.
    """

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __enter__(self) -> None:
        """Begin; inside another action without a savepoint."""
        self.savepoint = not _is_under_way(connection.atomic_blocks)
        super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End; the outermost does first what was put off."""
        if kind is None and not _is_under_way(connection.atomic_blocks[:-1]):
            try:
                catch_up()
            except BaseException as late:
                super().__exit__(type(late), late, late.__traceback__)
                raise
        super().__exit__(kind, error, traceback)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function in a transaction, its own or the calling action's.

    As a part of another it needs no block of its own: an error has the transaction rolled back all the same, as Django does
    for a block without a savepoint.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        database = transaction.get_connection()
        if not _is_under_way(database.atomic_blocks):
            with Transaction():
                return function(*args, **kwargs)
        try:
            return function(*args, **kwargs)
        except BaseException:
            database.needs_rollback = True
            raise

    return run


def try_row(job: str, row: UUID, work: Callable[[], object]) -> bool:
    """Do a job's work on one of many rows; what goes wrong with it is undone and logged, and stops none of the others.

    The log tells the row's id and the class of the error. The message of an error may name somebody, so it is left out.

    Args:
        job: Key of the job.
        row: Id of what the job looks at.
        work: What it does; an action.

    Returns:
        Whether it was done.
    """
    try:
        with transaction.atomic():
            work()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one row, the next one is looked at
        _log.error("jobs.row_left_out", job=job, row=str(row), error=type(error).__name__)
        return False
    return True


def around_one_statement() -> AbstractContextManager[None]:
    """Return what a single statement that writes needs around it where no transaction is under way.

    On SQLite a transaction, for it makes the writer queue; on PostgreSQL nothing, for each statement is one by itself.
    """
    return nullcontext() if connection.vendor == "postgresql" else transaction.atomic()


class _PutOff:
    """Something to do at the end of the outermost action; Django keeps it among what is to run on commit."""

    def __init__(self, work: Callable[[list[Any]], None], items: list[Any]) -> None:
        self.work, self.items = work, items

    def __call__(self) -> None:
        """Do nothing: it was done before the commit."""


def put_off(work: Callable[[list[Any]], None], items: list[Any]) -> None:
    """Put something off to the end of the outermost action, where all of its kind is done in one go.

    A savepoint that is rolled back takes with it what was put off inside. Outside of an action it is done at once.

    Args:
        work: Called with everything that was put off for it, in order; a function of a module.
        items: What to do.
    """
    database = transaction.get_connection()
    if _is_under_way(database.atomic_blocks):
        database.on_commit(_PutOff(work, items))
    else:
        work(items)


def catch_up() -> None:
    """Do now what was put off."""
    database = transaction.get_connection()
    waiting = [each[1] for each in database.run_on_commit if isinstance(each[1], _PutOff)]
    if not waiting:
        return
    database.run_on_commit = [each for each in database.run_on_commit if not isinstance(each[1], _PutOff)]
    for work in dict.fromkeys(each.work for each in waiting):
        work([item for each in waiting if each.work is work for item in each.items])


def _is_under_way(blocks: list[Atomic]) -> bool:
    return any(isinstance(block, Transaction) for block in blocks)

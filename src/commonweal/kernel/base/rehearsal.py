"""Doing something for practice: whatever it does to the database is undone, and nothing leaves it.

This is the one place that makes a rehearsal harmless. Every effect of ours goes through the database: what is awarded,
counted, decided and entered into the ledger are rows; e-mails, PDFs and announcements are jobs, which are rows too until
a worker takes them after the commit. A rehearsal never commits. What does not go through the database asks
:func:`is_rehearsal` or :func:`must_be_real`: bytes of files, and facts about real people, which nobody may look up for practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict

_is_on: ContextVar[bool] = ContextVar("rehearsal", default=False)


class OnlyForReal(Conflict):
    """This cannot be rehearsed."""

    code = "only-for-real"
    message = _("This cannot be done in a rehearsal.")
    next_step = _("Go on without it.")


@contextmanager
def rehearsal() -> Iterator[None]:
    """Run a block in a transaction that is always undone; it must not be part of another one.

    Raises:
        RuntimeError: A transaction is open already, which would keep what the block does.
    """
    token = _is_on.set(True)
    try:
        with transaction.atomic(durable=True):
            try:
                yield
            finally:
                transaction.set_rollback(True)
    finally:
        _is_on.reset(token)


def is_rehearsal() -> bool:
    """Whether what is being done now will be undone."""
    return _is_on.get()


def must_be_real() -> None:
    """Go on only outside of a rehearsal.

    Raises:
        OnlyForReal: This is one.
    """
    if _is_on.get():
        raise OnlyForReal


def must_be_rehearsed() -> None:
    """Go on only in a rehearsal: what follows would do harm if it stayed.

    Raises:
        RuntimeError: This is none.
    """
    if not _is_on.get():
        raise RuntimeError("This is for rehearsals only.")

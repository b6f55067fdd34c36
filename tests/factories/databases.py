"""Databases of tests: one kept for a whole module, one for programs of their own."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

Unblocked = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Unblocked]:
    """What a module's own fixtures write, each inside `with kept():`, is there for all of its tests.

    Each test finds it as it was, for the test's transaction lies inside the module's; so this is not for tests with
    real transactions.
    """
    whole = transaction.atomic()
    whole._from_testcase = True
    with django_db_blocker.unblock():
        whole.__enter__()
    try:
        yield django_db_blocker.unblock
    finally:
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


@pytest.fixture
def place(tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """The database's address for a program of its own; on SQLite a file for as long as the test takes."""
    if connection.vendor != "sqlite":
        values = {
            key: quote(str(connection.settings_dict[key]), safe="") for key in ("USER", "PASSWORD", "NAME")
        }
        host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
        yield f"postgresql://{values['USER']}:{values['PASSWORD']}@{host}:{port}/{values['NAME']}"
        return
    connection.ensure_connection()
    held, name = connection.connection, connection.settings_dict["NAME"]
    with contextlib.closing(sqlite3.connect(tmp_path / "city.sqlite3")) as copy:
        held.backup(copy)
    connection.settings_dict["NAME"] = str(tmp_path / "city.sqlite3")
    connection.connection = None
    connection.connect()
    yield f"sqlite:///{tmp_path / 'city.sqlite3'}"
    connection.close()
    connection.settings_dict["NAME"], connection.connection = name, held

"""What every test shares: on PostgreSQL the owner makes the tables, the application runs the tests."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management.commands import flush
from django.db import connection, transaction
from django.utils import translation
from hypothesis import settings

from commonweal.kernel.base import append_only, jurisdiction, routes
from commonweal.kernel.base.registry import Registry
from commonweal.kernel.catalogue import actions as catalogue

# A busy computer makes a single example slow: the time of all is bounded by CI, not of each.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def _role(variable):
    parts = urlsplit(os.environ[variable])
    return {"USER": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or "")}


def _become(variable):
    """Connect as another role from now on, in this and in later threads."""
    if "COMMONWEAL_DATABASE_OWNER" in os.environ:
        connection.close()
        connection.settings_dict.update(_role(variable))


@contextlib.contextmanager
def _as_owner():
    _become("COMMONWEAL_DATABASE_OWNER")
    try:
        yield
    finally:
        _become("COMMONWEAL_DATABASE")


OURS = ("COMMONWEAL_", "DJANGO_", "LANG", "TZ")
"""How the names of those variables begin that our own code reads."""
USES = {"db", "transactional_db", "django_db_setup", "live_server"}
STARTS = re.compile(r"subprocess|COMMONWEAL_DATABASE|postgres")
"""What the file of a test says that starts programs with a database of their own."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark the tests that another database may change: pytest keeps all others away from it."""
    starting = cache(lambda path: bool(STARTS.search(path.read_text())))
    for item in items:
        if item.get_closest_marker("django_db") or USES & set(item.fixturenames) or starting(item.path):
            item.add_marker("database")


def _state():
    """What a process shares between tests, and what a test may change without anybody putting it back."""
    return {
        # a tool that sets up logging for itself may switch off all other loggers
        "loggers are off": logging.getLogger("django.request").disabled,
        "plug-ins": {registry.name: [each.key for each in registry] for registry in Registry.every},
        "folder": Path.cwd(),
        "environment": {name: value for name, value in os.environ.items() if name.startswith(OURS)},
    }


@pytest.fixture(scope="module", autouse=True)
def leave_the_process_as_it_was():
    """Tests that come later, in whatever order, find what they would find alone."""
    before = _state()
    yield
    assert _state() == before


@pytest.fixture
def collector_at_rest():
    """For tests of what something costs: what other tests left behind is not walked over meanwhile, half a second of it."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def compile_each_text_once():
    """Nearly every test publishes a service of the city: compile each text of it once, not a thousand times.

    Only what stands in the repository, for no test changes that; a copy of the city is compiled each time.
    """
    compile_files, shipped = catalogue.compile_files, jurisdiction.root()

    @cache
    def once(folder, files):
        return compile_files(shipped, folder, dict(files))

    def compiled(root, folder, files):
        if root != shipped:
            return compile_files(root, folder, files)
        service, problems = once(folder, tuple(files.items()))
        return service, list(problems)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "compile_files", compiled)
        yield


@pytest.fixture(autouse=True)
def begin_afresh():
    """No test reads what the last request of another one left behind: its language, and whose data it disclosed."""
    translation.activate("en")
    routes._disclosed.set(None)
    routes._shown.set(None)


@pytest.fixture
def as_owner():
    """For a test that makes tables of its own: `with as_owner(): …`, outside a transaction."""
    return _as_owner


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The owner creates the test database and runs the migrations in it."""
    _become("COMMONWEAL_DATABASE_OWNER")


def _delete_all_rows():
    """Empty the tables that hold rows: a test fills a few, and Django's TRUNCATE of all writes a new file for each."""
    tables = map(connection.ops.quote_name, connection.introspection.django_table_names(only_existing=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tests run as the application, which can neither change tables nor empty them."""
    with django_db_blocker.unblock():
        _become("COMMONWEAL_DATABASE")
    original = flush.Command.handle

    def emptied_by_owner(self, **options):
        with _as_owner(), append_only.suspended(connection):
            if connection.vendor == "postgresql" and not options["reset_sequences"]:
                _delete_all_rows()
            else:
                # Nobody asks for the content types and permissions that Django would write anew each time.
                original(self, **{**options, "inhibit_post_migrate": True})

    flush.Command.handle = emptied_by_owner  # the clean-up after a test with real transactions
    yield
    flush.Command.handle = original
    with django_db_blocker.unblock():
        _become("COMMONWEAL_DATABASE_OWNER")

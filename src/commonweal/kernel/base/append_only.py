"""Tables whose rows are written once: neither updated nor deleted nor emptied.

A migration lists ``AppendOnly("app_table")`` after the table's creation. On PostgreSQL every role but the owner
loses the privileges, and triggers stop the owner's mistakes too; on SQLite, which knows no roles, there are
triggers alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION commonweal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
# The application's role is not known by name here: whoever holds the privilege and is not the owner loses it.
_POSTGRES_REVOKE = """
DO $$ DECLARE grantee_ text; BEGIN
    REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC;
    FOR grantee_ IN
        SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_class, aclexplode(relacl) AS acl
        WHERE oid = '{table}'::regclass AND acl.grantee <> relowner AND acl.grantee <> 0
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', grantee_);
    END LOOP;
END $$
"""


class AppendOnly(Operation):
    """Guard a table in a migration."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models stay as they are."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Install the guards."""
        for statement in guard(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Take the guards away."""
        for statement in unguard(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        """Say it in the migration's plan."""
        return f"Rows of {self.table} are written once"


def guard(vendor: str, table: str) -> list[str]:
    """Return the statements that let rows of a table be neither updated nor deleted nor emptied."""
    if vendor == "postgresql":
        return [
            _POSTGRES_FUNCTION,
            _POSTGRES_REVOKE.format(table=table),
            *(
                f"CREATE TRIGGER {table}_append_only_{name} BEFORE {what} ON {table} "
                f"FOR EACH {level} EXECUTE FUNCTION commonweal_append_only()"
                for name, what, level in (
                    ("rows", "UPDATE OR DELETE", "ROW"),
                    ("all", "TRUNCATE", "STATEMENT"),
                )
            ),
        ]
    return [
        f"CREATE TRIGGER {table}_append_only_{name} BEFORE {name.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are append-only'); END"
        for name in ("update", "delete")
    ]


def unguard(vendor: str, table: str) -> list[str]:
    """Return the statements that take the triggers of a table away; privileges stay revoked."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_append_only_{name} ON {table}" for name in ("rows", "all")]
    return [f"DROP TRIGGER IF EXISTS {table}_append_only_{name}" for name in ("update", "delete")]


def guarded_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables that are guarded now, in order of their names."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE tgname = relname || '_append_only_rows' ORDER BY 1"
            )
        else:
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' "
                "AND name = tbl_name || '_append_only_update' ORDER BY 1"
            )
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def suspended(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the guards away for a while: only for emptying a test database between tests.

    On PostgreSQL the connection must be the owner's.
    """
    tables = guarded_tables(connection)
    _execute(connection, [statement for table in tables for statement in unguard(connection.vendor, table)])
    try:
        yield
    finally:
        _execute(connection, [statement for table in tables for statement in guard(connection.vendor, table)])


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

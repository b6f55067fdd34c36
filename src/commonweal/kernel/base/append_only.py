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
    IF TG_OP = 'DELETE' AND TG_NARGS = 2
        AND (to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz < now() - make_interval(years => TG_ARGV[1]::int)
    THEN RETURN OLD; END IF;
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


_POSTGRES_GRANT = """
DO $$ DECLARE grantee_ text; BEGIN
    FOR grantee_ IN
        SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_class, aclexplode(relacl) AS acl
        WHERE oid = '{table}'::regclass AND acl.privilege_type = 'INSERT'
            AND acl.grantee <> relowner AND acl.grantee <> 0
    LOOP
        EXECUTE format('GRANT DELETE ON {table} TO %I', grantee_);
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


class DeletableAfter(Operation):
    """Let the rows of a guarded table be deleted once they are old enough; younger ones stay guarded.

    Args:
        table: A table that :class:`AppendOnly` guards.
        column: When a row was written.
        years: How old it has to be, by the database's own clock.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, *, column: str, years: int) -> None:
        self.table, self.column, self.years = table, column, years

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models stay as they are."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Replace the guard against deleting."""
        for statement in loosen(schema_editor.connection.vendor, self.table, self.column, self.years):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Guard every row again."""
        vendor = schema_editor.connection.vendor
        for statement in [*unguard(vendor, self.table), *guard(vendor, self.table)]:
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        """Say it in the migration's plan."""
        return f"Rows of {self.table} may be deleted after {self.years} years"


def loosen(vendor: str, table: str, column: str, years: int) -> list[str]:
    """Return the statements that let rows of a guarded table be deleted once they are old enough."""
    if vendor == "postgresql":
        return [
            _POSTGRES_FUNCTION,
            f"DROP TRIGGER {table}_append_only_rows ON {table}",
            (
                f"CREATE TRIGGER {table}_append_only_rows BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION commonweal_append_only('{column}', '{years}')"
            ),
            _POSTGRES_GRANT.format(table=table),
        ]
    return [
        f"DROP TRIGGER {table}_append_only_delete",
        (
            f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} "
            f"WHEN OLD.{column} >= datetime('now', '-{years} years') "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are append-only'); END"
        ),
    ]


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
    tables, guards = guarded_tables(connection), _guards(connection)
    _execute(connection, [statement for table in tables for statement in unguard(connection.vendor, table)])
    try:
        yield
    finally:
        _execute(connection, guards)


def _guards(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the statements that made the triggers as they are now."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger "
                "WHERE NOT tgisinternal AND tgname LIKE '%\\_append\\_only\\_%' ORDER BY tgname"
            )
        else:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%!_append!_only!_%' ESCAPE '!'"
            )
        return [row[0] for row in cursor.fetchall()]


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

"""Indexes that Django makes by itself and nobody reads, for migrations to take away."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import AlterField


class WithoutOwnIndex(AlterField):
    """Take a foreign key's own index away, for another one begins with its column and finds the same rows.

    The field says ``db_index=False``. Django's ``AlterField`` would copy the whole table on SQLite to drop an index.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the index."""
        schema_editor.execute(f"DROP INDEX IF EXISTS {self._index(app_label, schema_editor, to_state)[0]}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make it again."""
        name, table, column = self._index(app_label, schema_editor, to_state)
        schema_editor.execute(f"CREATE INDEX {name} ON {table} ({column})")

    def describe(self) -> str:
        """Say it in the migration's plan."""
        return f"Drop the index of {self.model_name}.{self.name}, which another one covers"

    def _index(self, app_label: str, schema_editor: Any, state: Any) -> tuple[str, str, str]:
        """Return the names of index, table and column, in quotes."""
        model = state.apps.get_model(app_label, self.model_name)
        table, column = model._meta.db_table, model._meta.get_field(self.name).column  # noqa: SLF001 - Django's documented model API
        name = schema_editor._create_index_name(table, [column])  # noqa: SLF001 - as Django named it
        quote = schema_editor.quote_name
        return quote(name), quote(table), quote(column)

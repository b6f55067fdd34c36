"""Goes on behind a row: what a list with a cursor asks, so that no stretch costs more than the first."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Field, Func, Lookup, Model, Value


class Row(Func):
    """Some values side by side: ``(a, b)``.

    Source: SQL:2016, 7.1 (row value constructor).
    """

    template = "(%(expressions)s)"
    output_field = Field()


class Behind(Lookup):
    """Whether a row comes behind a place in the order of some columns: ``(a, b) > (x, y)``.

    Both databases answer it from an index on these columns, at the cost of one look-up however many rows are equal in
    the first. ``a > x OR (a = x AND b > y)``, which says the same, makes them read every row that is equal.

    It is a look-up and no mere expression: since 6.1 Django asks of any other condition whether it ``= True`` where
    the database has no type for booleans, and then SQLite reads all rows.

    Args:
        model: Whose columns.
        place: Value by name of the column, in the order of the list, ascending.

    Source: SQL:2016, 8.2 (comparison of row values).
    """

    lookup_name = "behind"

    def __init__(self, model: type[Model], **place: Any) -> None:
        meta = model._meta  # noqa: SLF001 - Django's documented model API
        values = [Value(value, output_field=meta.get_field(name)) for name, value in place.items()]  # type: ignore[arg-type]  # a column, no relation
        super().__init__(Row(*map(F, place)), Row(*values))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Write the comparison."""
        columns, no_params = self.process_lhs(compiler, connection)
        values, params = self.process_rhs(compiler, connection)
        return f"{columns} > {values}", (*no_params, *params)

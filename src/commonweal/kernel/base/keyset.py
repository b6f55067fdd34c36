"""Goes on behind a row: what a list with a cursor asks, so that no stretch costs more than the first."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, Func, Model, Value


class Behind(Func):
    """Whether a row comes behind a place in the order of some columns: ``(a, b) > (x, y)``.

    Both databases answer it from an index on these columns, at the cost of one look-up however many rows are equal in
    the first. ``a > x OR (a = x AND b > y)``, which says the same, makes them read every row that is equal.

    Args:
        model: Whose columns.
        place: Value by name of the column, in the order of the list, ascending.

    Source: SQL:2016, 8.2 (comparison of row values).
    """

    output_field = BooleanField()

    def __init__(self, model: type[Model], **place: Any) -> None:
        meta = model._meta  # noqa: SLF001 - Django's documented model API
        values = [Value(value, output_field=meta.get_field(name)) for name, value in place.items()]  # type: ignore[arg-type]  # a column, no relation
        super().__init__(*map(F, place), *values)

    def as_sql(  # type: ignore[override]  # Func's own templates have one place for everything
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, Any]:
        """Write the comparison."""
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        columns, values = (
            [sql for sql, _ in half] for half in (parts[: len(parts) // 2], parts[len(parts) // 2 :])
        )
        return f"({', '.join(columns)}) > ({', '.join(values)})", [
            param for _, params in parts for param in params
        ]

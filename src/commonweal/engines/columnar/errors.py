"""What can go wrong between columns and the law."""

from __future__ import annotations

__all__ = ["ColumnError", "ColumnarError", "EngineError", "OutputError", "Refusal"]


class ColumnarError(ValueError):
    """Anything that this engine raises."""


class ColumnError(ColumnarError):
    """A column of the input is missing, of a wrong type, or holds a value that cannot be read exactly.

    Attributes:
        column: Its path, such as ``Household.members.earned``.
        row: The first bad row, counted from 0; None where the whole column is wrong.
    """

    def __init__(self, column: str, message: str, row: int | None = None) -> None:
        self.column, self.row = column, row
        place = f"column {column!r}" + (f", row {row}" if row is not None else "")
        super().__init__(f"{place}: {message}")


class OutputError(ColumnarError):
    """A column was asked for that the model does not give."""


class EngineError(ColumnarError):
    """The back end asked for cannot run this program; the message says why."""


class Refusal(ColumnarError):
    """An expression that cannot be compiled: the decision runs in Decimal rows.

    Attributes:
        where: The decision, or the place in it.
        why: The reason, with the expression.
    """

    def __init__(self, why: str, where: str = "") -> None:
        self.where, self.why = where, why
        super().__init__(f"{where}: {why}" if where else why)

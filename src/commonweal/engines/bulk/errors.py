"""What can go wrong with files of whole populations, in words for whoever started the run."""

from __future__ import annotations

__all__ = ["BulkError", "DiskFull", "FileWrong", "InputWrong", "RunChanged"]


class BulkError(ValueError):
    """Anything that a run raises of its own."""


class FileWrong(BulkError):
    """A file cannot be read, or is not what its name says."""


class InputWrong(BulkError):
    """A column of the input is missing, of a wrong type, or holds a value that the law does not take.

    Attributes:
        column: Its path, such as ``Household.members.age``.
        message: What is wrong.
        row: The first such row of the file, counted from 0; None where the whole column is wrong.
    """

    def __init__(self, column: str, message: str, row: int | None = None) -> None:
        super().__init__(column, message, row)  # all of them, so that the error can be sent
        self.column, self.message, self.row = column, message, row

    def __str__(self) -> str:
        place = f"Column {self.column}" if self.row is None else f"Row {self.row}, column {self.column}"
        return f"{place}: {self.message}"

    def below(self, rows: int) -> InputWrong:
        """Return the same, so many rows further down."""
        return self if self.row is None else InputWrong(self.column, self.message, self.row + rows)


class RunChanged(BulkError):
    """An interrupted run cannot go on: something has changed since."""


class DiskFull(BulkError):
    """There is no room for the results; the finished parts are kept."""

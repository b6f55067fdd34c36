"""What can go wrong in a decision model: every error of this engine."""

from __future__ import annotations


class DmnError(ValueError):
    """Root of the engine's errors; the message says what is wrong and where.

    Attributes:
        code: A stable word for programs.
        line: Line of the XML source, where one is known.
    """

    code = "dmn"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        self.line = line
        super().__init__(f"line {line}: {message}" if line is not None else message)


class XmlError(DmnError):
    """The text is not XML that this engine will read."""

    code = "dmn.xml"


class ModelError(DmnError):
    """The XML is well formed and the model in it is wrong."""

    code = "dmn.model"


class CycleError(ModelError):
    """Decisions, types or imports depend on themselves."""

    code = "dmn.cycle"


class NameUnknownError(DmnError):
    """No decision, service or fact of that name."""

    code = "dmn.name"


class FactError(DmnError):
    """A fact cannot be read as a value."""

    code = "dmn.fact"


class SheetError(DmnError):
    """A spreadsheet does not hold a decision table."""

    code = "dmn.sheet"


class LimitError(DmnError):
    """A bound of the engine was reached (size, depth)."""

    code = "dmn.limit"

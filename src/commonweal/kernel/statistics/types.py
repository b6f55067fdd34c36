"""How a service declares its statistics, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator

from commonweal.engines.disclosure import LEAST
from commonweal.kernel.base.jurisdiction import Declared

Measure = Literal["received", "channels", "outcomes", "time", "open"]
MEASURES: tuple[Measure, ...] = ("received", "channels", "outcomes", "time", "open")


class StatisticsSource(Declared):
    """What everybody may see of how a service does; all of it where the section is left out.

    Attributes:
        public: Whether everybody may see it; officers of the agency always do.
        measures: What is shown: applications by month (``received``), by way (``channels``), by outcome
            (``outcomes``), days to the answer beside the limit (``time``), and how long those have waited that wait
            (``open``).
        smallest: The public sees counts as multiples of this, rounded up or down.
    """

    public: bool = True
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)] = MEASURES
    smallest: int = Field(default=LEAST, ge=3, le=100)

    @field_validator("measures")
    @classmethod
    def _once(cls, value: tuple[Measure, ...]) -> tuple[Measure, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a measure stands here twice")
        return value


@dataclass(frozen=True, slots=True)
class CountTable:
    """Counts by two things, with their sums.

    Attributes:
        rows: Keys of the rows.
        columns: Keys of the columns.
        cells: One list a row.
        row_sums: One a row.
        column_sums: One a column.
        total: Of everything.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    row_sums: tuple[int, ...]
    column_sums: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of one service.

    Attributes:
        service_key: The service.
        months: The first day of each month that is looked at, the oldest first.
        received: Applications, months by channels.
        answered: Answers, months by outcomes.
        timely: Answers, by how they stood to the limit; one row.
        waiting: Those that wait for an answer, by how many days; one row.
        median_days: Half of the answers took at most so many days; None where too few were given to say so.
        ninth_decile_days: Nine of ten took at most so many days; None likewise.
        smallest: Counts are rounded to multiples of this; nought where they are exact.
    """

    service_key: str
    months: tuple[date, ...]
    received: CountTable
    answered: CountTable
    timely: CountTable
    waiting: CountTable
    median_days: int | None
    ninth_decile_days: int | None
    smallest: int

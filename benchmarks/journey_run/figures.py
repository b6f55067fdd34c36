"""What samples come to: medians as measured, and what they would have been at the host's calmest moments."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Sample(NamedTuple):
    """One measurement, in milliseconds of processor time.

    Attributes:
        application: Of our process.
        database: Of PostgreSQL's process behind our connection.
        pace: What the fixed work took shortly before.
    """

    application: float
    database: float
    pace: float

    @property
    def whole(self) -> float:
        """Application and database together."""
        return self.application + self.database


def figure(samples: Sequence[Sample], calm_ms: float, queries: int | None) -> dict[str, Any]:
    """Return the medians of one step.

    Args:
        samples: Of that step.
        calm_ms: What the fixed work took at the run's calm moments.
        queries: How many statements the step sent.

    Returns:
        `cpu_ms` as measured, its two parts, and `calm_ms`: the median of each sample scaled by how much longer the
        fixed work took beside it than at the calm moments.
    """
    return {
        "application_ms": round(statistics.median(sample.application for sample in samples), 3),
        "database_ms": round(statistics.median(sample.database for sample in samples), 3),
        "cpu_ms": round(statistics.median(sample.whole for sample in samples), 3),
        "calm_ms": round(statistics.median(sample.whole * calm_ms / sample.pace for sample in samples), 3),
        "samples": len(samples),
        "queries": queries,
    }


def figures(
    samples: Mapping[str, Sequence[Sample]], calm_ms: float, queries: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    """Return the medians of all steps, by name."""
    return {name: figure(each, calm_ms, queries.get(name)) for name, each in samples.items()}


def in_turns(before: Sequence[Sample], after: Sequence[Sample]) -> float:
    """Return how many times as long a step takes now as before: the median of the ratios within each turn."""
    return statistics.median(
        new.whole / old.whole for old, new in zip(before, after, strict=True) if old.whole
    )

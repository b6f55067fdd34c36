"""What an analyst orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class PopulationChoice:
    """Whom a reform is tried on.

    Attributes:
        place: Key of a made population; empty for an uploaded one.
        people: How many are made; as many as live there if None.
        seed: Another seed, other people.
        uploaded: Id of an uploaded population.
    """

    place: str = ""
    people: int | None = None
    seed: int = 1
    uploaded: UUID | None = None


@dataclass(frozen=True)
class Order:
    """A reform to be worked out.

    Attributes:
        programme: Key of the programme.
        reference_on: The day whose law is the baseline.
        population: Whom it is tried on.
        title: As the analyst calls it.
        changes: Changed figures, whole values by key.
        model_file: Another of the programme's models; empty for the one in force.
        model_text: A DMN file in the place of the model; empty for none.
    """

    programme: str
    reference_on: date
    population: PopulationChoice
    title: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    model_file: str = ""
    model_text: str = ""


@dataclass(frozen=True)
class Kept:
    """What is kept of a simulation under way.

    Attributes:
        parts: So many parts of the population are in the tally.
        rows: Their households.
        tally: As `simulation.tally` writes it.
        versions: What worked them out.
        cpu_ms: Processor time used.
    """

    parts: int
    rows: int
    tally: bytes
    versions: Mapping[str, str]
    cpu_ms: int

"""Small values of the places app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Point: TypeAlias = tuple[int, int]
"""Longitude and latitude in ten-millionths of a degree (about a centimetre): whole numbers compare exactly."""

Ring: TypeAlias = tuple[Point, ...]
"""A closed line; the last point is the first."""

Polygon: TypeAlias = tuple[Ring, ...]
"""The outer ring, then the holes."""

DEGREE = 10_000_000


@dataclass(frozen=True, slots=True)
class Area:
    """A district of the jurisdiction.

    Attributes:
        key: Stable name.
        name: As residents know it.
        population: Residents.
        polygons: Its parts.
        west: Least longitude of the outer rings; ``south``, ``east``, ``north`` likewise.
    """

    key: str
    name: str
    population: int
    polygons: tuple[Polygon, ...] = field(repr=False)
    west: int
    south: int
    east: int
    north: int


@dataclass(frozen=True, slots=True)
class DrawnArea:
    """A district as the map draws it.

    Attributes:
        number: What stands on the map and in the table.
        area: The district.
        path: SVG path data.
        label_x: Where the number stands.
        label_y: Likewise.
    """

    number: int
    area: Area
    path: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class DistrictMap:
    """A map of all districts, to be drawn by the server.

    Attributes:
        width: Of the drawing, in its own units.
        height: Likewise.
        areas: The districts in their order.
    """

    width: int
    height: int
    areas: tuple[DrawnArea, ...]

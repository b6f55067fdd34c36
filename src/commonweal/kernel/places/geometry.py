"""Points in polygons, exactly: whole numbers only.

Source: RFC 7946 (GeoJSON); the crossing-number test with half-open edges.
"""

from __future__ import annotations

from enum import Enum
from itertools import pairwise

from commonweal.kernel.places.types import DEGREE, Point, Polygon, Ring


class Side(Enum):
    """Where a point lies."""

    INSIDE = "inside"
    BOUNDARY = "boundary"
    OUTSIDE = "outside"


def to_point(longitude: float, latitude: float) -> Point:
    """Return a position in whole ten-millionths of a degree."""
    return round(longitude * DEGREE), round(latitude * DEGREE)


def side_of_ring(point: Point, ring: Ring) -> Side:
    """Return where a point lies to a closed ring, whichever way it turns."""
    x, y = point
    is_inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        turn = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return Side.BOUNDARY
        if (y1 > y) != (y2 > y) and (turn > 0) == (y2 > y1):
            is_inside = not is_inside
    return Side.INSIDE if is_inside else Side.OUTSIDE


def side_of(point: Point, polygons: tuple[Polygon, ...]) -> Side:
    """Return where a point lies to an area; the edge of a hole is its boundary too."""
    for outer, *holes in polygons:
        side = side_of_ring(point, outer)
        for hole in holes if side is Side.INSIDE else []:
            in_hole = side_of_ring(point, hole)
            if in_hole is not Side.OUTSIDE:
                side = Side.BOUNDARY if in_hole is Side.BOUNDARY else Side.OUTSIDE
                break
        if side is not Side.OUTSIDE:
            return side
    return Side.OUTSIDE


def centroid(ring: Ring) -> Point:
    """Return the centre of gravity of what a ring encloses."""
    x0, y0 = ring[0]
    twice_area = x_sum = y_sum = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        twice_area += cross
        x_sum += (x1 + x2 - 2 * x0) * cross
        y_sum += (y1 + y2 - 2 * y0) * cross
    return x0 + x_sum // (3 * twice_area), y0 + y_sum // (3 * twice_area)

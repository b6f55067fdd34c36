"""Answers about districts, addresses and days."""

from __future__ import annotations

import re
from functools import cache
from math import cos, hypot, radians
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from django.db.models import QuerySet
from pydantic import BaseModel, Field, ValidationError

from commonweal.kernel.base.documents import Problem, Unreadable, read_yaml
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.jurisdiction import current, root
from commonweal.kernel.base.schemas import schema_problems
from commonweal.kernel.places.geometry import Side, centroid, side_of, to_point
from commonweal.kernel.places.models import Address, street_key
from commonweal.kernel.places.types import DEGREE, Area, DistrictMap, DrawnArea, Point, Polygon, Ring
from commonweal.kernel.places.working_days import (
    add_working_days,
    as_in_mailbox,
    counts,
    deadline,
    is_working_day,
    next_working_day,
    objection_until,
    working_days_between,
)

__all__ = [
    "add_working_days",
    "address",
    "address_called",
    "addresses_within",
    "area",
    "area_containing",
    "areas",
    "as_in_mailbox",
    "counts",
    "deadline",
    "district_map",
    "is_working_day",
    "next_working_day",
    "objection_until",
    "search_addresses",
    "working_days_between",
]

MAX_FOUND = 20
_METRES_A_DEGREE = 6_371_008.8 * radians(1)
"""On the mean sphere of the Earth."""
_ROOM = 1e-6
_MAP_WIDTH = 1_000
_HOUSE_NUMBER = re.compile(r"\d{1,6}[a-z]?")

_Position = tuple[
    Annotated[float, Field(ge=-180, le=180)],
    Annotated[float, Field(ge=-90, le=90)],
]
_Rings = Annotated[list[Annotated[list[_Position], Field(min_length=4)]], Field(min_length=1)]


class _Polygon(BaseModel):
    type: Literal["Polygon"]
    coordinates: _Rings


class _MultiPolygon(BaseModel):
    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[_Rings], Field(min_length=1)]


class _Properties(BaseModel):
    name: str
    population: Annotated[int, Field(ge=0)]


class _Feature(BaseModel):
    type: Literal["Feature"]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    properties: _Properties
    geometry: Annotated[_Polygon | _MultiPolygon, Field(discriminator="type")]


class _Collection(BaseModel):
    type: Literal["FeatureCollection"]
    features: Annotated[list[_Feature], Field(min_length=1)]


def areas() -> tuple[Area, ...]:
    """Return the districts, in the order of the jurisdiction's file.

    Raises:
        Unreadable: The file is missing or wrong; the problem says what and where.
    """
    return _read(root(), current().areas)


@cache
def _read(folder: Path, file: str) -> tuple[Area, ...]:
    document = read_yaml(folder, file)  # YAML holds JSON, and this reader knows the line of each value
    try:
        collection = _Collection.model_validate(document.data)
    except ValidationError as error:
        raise Unreadable(schema_problems(document, error)[0]) from None
    found = tuple(_area(feature, file) for feature in collection.features)
    if len({area.key for area in found}) < len(found):
        raise Unreadable(Problem(file, 0, 0, "areas.key", "Two districts have the same id."))
    return found


def _area(feature: _Feature, file: str) -> Area:
    shape = feature.geometry
    parts = [shape.coordinates] if isinstance(shape, _Polygon) else shape.coordinates
    polygons: tuple[Polygon, ...] = tuple(
        tuple(_ring(ring, feature.id, file) for ring in part) for part in parts
    )
    points = [point for outer, *_ in polygons for point in outer]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Area(
        feature.id,
        feature.properties.name,
        feature.properties.population,
        polygons,
        min(xs),
        min(ys),
        max(xs),
        max(ys),
    )


def _ring(positions: list[_Position], key: str, file: str) -> Ring:
    ring = tuple(to_point(*position) for position in positions)
    if ring[0] != ring[-1]:
        message = f"A ring of '{key}' is not closed."
        hint = "Repeat its first position at the end."
        raise Unreadable(Problem(file, 0, 0, "areas.ring", message, hint))
    return ring


def area(key: str) -> Area:
    """Return a district.

    Raises:
        NotFound: There is none with this key.
    """
    for found in areas():
        if found.key == key:
            return found
    raise NotFound


def area_containing(longitude: float, latitude: float) -> Area | None:
    """Return the district in which a position lies, or None.

    A position on a boundary belongs to the district that the file lists first.
    """
    point = to_point(longitude, latitude)
    return next((area for area in areas() if _holds(area, point)), None)


def _holds(area: Area, point: Point) -> bool:
    x, y = point
    if not (area.west <= x <= area.east and area.south <= y <= area.north):
        return False
    return side_of(point, area.polygons) is not Side.OUTSIDE


def address(address_id: UUID) -> Address:
    """Return an address.

    Raises:
        NotFound: There is none with this id.
    """
    try:
        return Address.objects.get(pk=address_id)
    except Address.DoesNotExist:
        raise NotFound from None


def address_called(register_id: str) -> Address:
    """Return the address with an id of the register of addresses.

    Raises:
        NotFound: There is none.
    """
    found = Address.objects.filter(register_id=register_id).order_by("pk").first()
    if found is None:
        raise NotFound
    return found


def addresses_within(register_id: str, metres: float) -> list[Address]:
    """Return the other addresses that lie within a distance of one, the nearest first.

    Measured straight from the point of one address to that of the other, on a plane at their latitude; further units of
    the same house lie at 0 metres.

    Args:
        register_id: Of the address in the middle.
        metres: How far, with the end included.

    Raises:
        NotFound: There is no such address.
    """
    middle = address_called(register_id)
    x, y = float(middle.longitude), float(middle.latitude)
    squeeze = cos(radians(y))
    high, wide = metres / _METRES_A_DEGREE, metres / (_METRES_A_DEGREE * max(squeeze, 0.01))
    near = Address.objects.exclude(pk=middle.pk).filter(
        latitude__range=(y - high - _ROOM, y + high + _ROOM),
        longitude__range=(x - wide - _ROOM, x + wide + _ROOM),
    )
    found = [
        (hypot((float(one.longitude) - x) * squeeze, float(one.latitude) - y) * _METRES_A_DEGREE, one)
        for one in near.order_by("pk")
    ]
    inside = sorted((pair for pair in found if pair[0] <= metres), key=lambda pair: (pair[0], pair[1].pk))
    return [one for _distance, one in inside]


def search_addresses(text: str) -> QuerySet[Address]:
    """Return up to 20 addresses whose street begins so, with the house number if one was typed.

    Args:
        text: What somebody typed: ``12 quay str`` or ``quay street 12``; without a street nothing is found.
    """
    words = street_key(text[:200]).split()
    number = ""
    if len(words) > 1 and _HOUSE_NUMBER.fullmatch(words[0]):
        number, *words = words
    elif len(words) > 1 and _HOUSE_NUMBER.fullmatch(words[-1]):
        *words, number = words
    if not words or _HOUSE_NUMBER.fullmatch(words[0]):
        return Address.objects.none()
    found = Address.objects.filter(street_key__startswith=" ".join(words))
    if number:
        found = found.filter(number__istartswith=number)
    return found.order_by("street_key", "number", "unit", "id")[:MAX_FOUND]


def district_map() -> DistrictMap:
    """Return the districts as a drawing, north up, true to scale at their middle latitude."""
    return _drawn(areas())


@cache
def _drawn(found: tuple[Area, ...]) -> DistrictMap:
    west, east = min(area.west for area in found), max(area.east for area in found)
    south, north = min(area.south for area in found), max(area.north for area in found)
    squeeze = cos(radians((south + north) / 2 / DEGREE))
    scale = _MAP_WIDTH / ((east - west) * squeeze)

    def place(point: Point) -> Point:
        return round((point[0] - west) * squeeze * scale), round((north - point[1]) * scale)

    def path(area: Area) -> str:
        rings = (ring for polygon in area.polygons for ring in polygon)
        return " ".join("M" + " ".join(f"{x},{y}" for x, y in map(place, ring[:-1])) + "Z" for ring in rings)

    drawn = tuple(
        DrawnArea(number, area, path(area), *place(centroid(area.polygons[0][0])))
        for number, area in enumerate(found, start=1)
    )
    return DistrictMap(_MAP_WIDTH, round((north - south) * scale), drawn)

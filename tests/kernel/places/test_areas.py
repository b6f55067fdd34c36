from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest_django import Settings

from commonweal.kernel.base.documents import Unreadable
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.places import queries
from commonweal.kernel.places.apps import areas_are_readable
from commonweal.kernel.places.geometry import Side, centroid, side_of, side_of_ring
from commonweal.kernel.places.types import Polygon, Ring

SQUARE: Ring = ((0, 0), (10, 0), (10, 10), (0, 10), (0, 0))
HOLE: Ring = ((4, 4), (4, 6), (6, 6), (6, 4), (4, 4))
RING: tuple[Polygon, ...] = ((SQUARE, HOLE),)


@pytest.mark.parametrize(
    ("point", "side"),
    [
        ((1, 1), Side.INSIDE),
        ((5, 5), Side.OUTSIDE),
        ((4, 5), Side.BOUNDARY),
        ((6, 6), Side.BOUNDARY),
        ((0, 0), Side.BOUNDARY),
        ((10, 3), Side.BOUNDARY),
        ((11, 3), Side.OUTSIDE),
        ((-1, 10), Side.OUTSIDE),
        ((11, 10), Side.OUTSIDE),
    ],
)
def test_side_of_an_area_with_a_hole(point: tuple[int, int], side: Side) -> None:
    assert side_of(point, RING) is side
    assert side_of(point, ((SQUARE[::-1], HOLE[::-1]),)) is side


def test_side_of_an_area_in_two_parts() -> None:
    island: Ring = ((20, 0), (22, 0), (21, 2), (20, 0))

    assert side_of((21, 1), (*RING, (island,))) is Side.INSIDE
    assert side_of((5, 5), (*RING, (((4, 4), (6, 4), (5, 7), (4, 4)),))) is Side.INSIDE


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=3, unique=True),
    st.data(),
)
def test_side_of_a_triangle_agrees_with_its_barycentric_weights(
    corners: list[tuple[int, int]], data: st.DataObject
) -> None:
    (x1, y1), (x2, y2), (x3, y3) = corners
    whole = (x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)
    assume(whole)
    x, y = data.draw(st.tuples(st.integers(-21, 21), st.integers(-21, 21)))
    a = Fraction((x2 - x) * (y3 - y) - (x3 - x) * (y2 - y), whole)
    b = Fraction((x3 - x) * (y1 - y) - (x1 - x) * (y3 - y), whole)
    least = min(a, b, 1 - a - b)
    expected = Side.INSIDE if least > 0 else Side.BOUNDARY if least == 0 else Side.OUTSIDE

    assert side_of_ring((x, y), (*corners, corners[0])) is expected


def test_centroid_of_a_square_is_its_middle() -> None:
    assert centroid(SQUARE) == centroid(SQUARE[::-1]) == (5, 5)


def test_port_alder_has_its_six_districts() -> None:
    found = [(area.key, area.name, area.population) for area in queries.areas()]

    assert found == [
        ("harbour", "Harbour", 31_200),
        ("old-mill", "Old Mill", 27_400),
        ("northgate", "Northgate", 38_900),
        ("riverside", "Riverside", 33_600),
        ("elm-park", "Elm Park", 36_100),
        ("airport", "Airport", 16_800),
    ]
    assert sum(population for _, _, population in found) == 184_000


@pytest.mark.parametrize(
    ("longitude", "latitude", "key"),
    [
        (-122.6500, 47.9200, "harbour"),
        (-122.6780, 47.9070, "harbour"),
        (-122.6200, 47.9150, "old-mill"),
        (-122.6000, 47.9400, "northgate"),
        (-122.6300, 47.8900, "riverside"),
        (-122.5900, 47.9100, "elm-park"),
        (-122.6000, 47.8650, "airport"),
    ],
)
def test_a_position_lies_in_its_district(longitude: float, latitude: float, key: str) -> None:
    area = queries.area_containing(longitude, latitude)

    assert area == queries.area(key)


def test_a_position_on_a_boundary_belongs_to_the_district_listed_first() -> None:
    corner = queries.area_containing(-122.6370, 47.9270)

    assert corner is not None
    assert corner.key == "harbour"


def test_positions_in_the_water_lie_in_no_district() -> None:
    assert queries.area_containing(-122.6700, 47.9100) is None
    assert queries.area_containing(0, 0) is None


@given(st.floats(-122.6815, -122.565), st.floats(47.853, 47.956))
def test_no_position_lies_inside_two_districts(longitude: float, latitude: float) -> None:
    point = round(longitude * 10**7), round(latitude * 10**7)
    inside = [area.key for area in queries.areas() if side_of(point, area.polygons) is Side.INSIDE]

    assert len(inside) <= 1


def test_districts_share_their_inner_boundaries() -> None:
    edges: dict[frozenset[tuple[int, int]], int] = {}
    for area in queries.areas():
        for outer, *_ in area.polygons:
            for pair in pairwise(outer):
                edges[frozenset(pair)] = edges.get(frozenset(pair), 0) + 1

    assert set(edges.values()) == {1, 2}
    assert sum(count == 2 for count in edges.values()) > 20


def test_unknown_district_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.area("atlantis")


def feature(**changes: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": "a",
        "properties": {"name": "A", "population": 1},
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        **changes,
    }


def shape(*ring: tuple[int, int], kind: str = "Polygon") -> dict[str, Any]:
    return {"type": kind, "coordinates": [ring]}


@pytest.fixture
def city(tmp_path: Path, settings: Settings) -> Path:
    text = (Path(settings.COMMONWEAL_JURISDICTION) / "jurisdiction.yaml").read_text()
    (tmp_path / "jurisdiction.yaml").write_text(text)
    settings.COMMONWEAL_JURISDICTION = str(tmp_path)
    return tmp_path / "areas.geojson"


@pytest.mark.parametrize(
    ("features", "complaint"),
    [
        ([], "at least 1"),
        ([feature(), feature()], "same id"),
        ([feature(geometry=shape((0, 0), (1, 0), (1, 1), (0, 1)))], "not closed"),
        ([feature(geometry=shape((0, 0), (1, 0), (0, 0)))], "at least 4"),
        ([feature(geometry=shape((0, 0), kind="Point"))], "Point"),
        ([feature(geometry=shape((0, 0), (1, 0), (1, 91), (0, 0)))], "90"),
        ([feature(properties={"name": "A"})], "population"),
        ([feature(id="Not A Key")], "pattern"),
    ],
)
def test_wrong_districts_are_refused_at_start_up(
    city: Path, features: list[dict[str, Any]], complaint: str
) -> None:
    city.write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    with pytest.raises(Unreadable, match=complaint):
        queries.areas()
    assert [problem.id for problem in areas_are_readable(None)] == ["places.E001"]


def test_districts_that_are_no_json_or_missing_are_refused(city: Path) -> None:
    with pytest.raises(Unreadable, match="no such file"):
        queries.areas()
    city.write_text("{")
    with pytest.raises(Unreadable, match=r"areas\.geojson:2:1: This is not YAML"):
        queries.areas()


def test_areas_of_the_jurisdiction_are_readable() -> None:
    assert areas_are_readable(None) == []

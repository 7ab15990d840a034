"""The schematic map: what is in Portugal lies on its land, and numbers do not cover one another."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from app.services import route_map
from app.services.route_map import APART, MAINLAND, draw
from seeds.tables import read_table

Place = tuple[float, float]


def inside(place: Place, outline: tuple[Place, ...]) -> bool:
    """Ray casting."""
    y, x = place
    crossed = False
    for (y1, x1), (y2, x2) in pairwise((*outline, outline[0])):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


@pytest.mark.parametrize("row", [one for one in read_table("offices") if one["latitude"]],
                         ids=lambda one: one["code"])  # fmt: skip
def test_every_office_stands_on_the_land_that_is_drawn(row: dict[str, str]) -> None:
    place = (float(row["latitude"]), float(row["longitude"]))
    drawn = draw([[("1", place)]])
    (dot,) = drawn.dots
    assert 0 < dot.x < drawn.width
    assert 0 < dot.y < drawn.height
    on_island = any(
        ((dot.x - x) / across) ** 2 + ((dot.y - y) / up) ** 2 <= 2.2
        for x, y, across, up in drawn.islands
    )
    # Towns on the coast may stand a fifteenth of a degree, some seven kilometres, off the outline.
    near = [
        (place[0] + up / 15, place[1] + across / 15) for up in (-1, 0, 1) for across in (-1, 0, 1)
    ]
    assert on_island or any(inside(one, MAINLAND) for one in near)


def test_the_sea_and_spain_are_outside() -> None:
    assert not inside((39.0, -9.9), MAINLAND)
    assert not inside((38.88, -6.97), MAINLAND), "Badajoz"
    assert draw([[("1", (48.8, 2.3))]]).dots == ()


def test_the_outline_does_not_cross_itself() -> None:
    def turns(a: Place, b: Place, c: Place) -> bool:
        return (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])

    edges = list(pairwise((*MAINLAND, MAINLAND[0])))
    for (a, b), (c, d) in combinations(edges, 2):
        if {a, b} & {c, d}:
            continue
        assert not (turns(a, c, d) != turns(b, c, d) and turns(a, b, c) != turns(a, b, d))


def test_numbers_in_one_town_stand_apart_and_a_way_joins_them() -> None:
    places = [(str(n), (38.72 + n / 1000, -9.14)) for n in range(1, 6)]
    drawn = draw([places, [("6", (37.74, -25.67))]])
    for one, other in combinations(drawn.dots, 2):
        assert abs(one.x - other.x) >= APART or abs(one.y - other.y) >= APART
    assert [line.points.count(",") for line in drawn.lines] == [5]
    assert len(drawn.boxes) == len(route_map.FRAMES) - 1

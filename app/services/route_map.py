"""A schematic map of Portugal, drawn from a few coordinates of our own: no tiles, no service.

Pure: coordinates in, points of a drawing out. The mainland and each archipelago have a frame of
their own; inside one, east and north are to scale for its middle latitude.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Place = tuple[float, float]
"""Latitude and longitude in degrees."""

MAINLAND: tuple[Place, ...] = (
    (41.87, -8.87), (41.95, -8.75), (42.05, -8.62), (42.15, -8.20), (41.92, -8.17), (41.81, -8.05),
    (41.88, -7.70), (41.86, -7.42), (41.88, -7.20), (41.98, -6.98), (41.95, -6.58), (41.68, -6.55),
    (41.57, -6.19), (41.35, -6.40), (41.03, -6.93), (40.85, -6.80), (40.35, -6.80), (40.20, -7.03),
    (40.01, -6.87), (39.67, -7.02), (39.66, -7.54), (39.45, -7.29), (39.10, -7.05), (38.88, -7.04),
    (38.43, -7.32), (38.20, -6.94), (38.02, -7.02), (37.98, -7.25), (37.55, -7.52), (37.17, -7.41),
    (37.08, -7.70), (36.96, -7.89), (37.08, -8.28), (37.10, -8.67), (37.00, -8.95), (37.20, -8.91),
    (37.44, -8.80), (37.95, -8.88), (38.30, -8.78), (38.48, -8.92), (38.41, -9.22), (38.67, -9.25),
    (38.68, -9.42), (38.78, -9.50), (39.36, -9.41), (39.60, -9.08), (40.19, -8.91), (40.64, -8.75),
    (41.15, -8.68), (41.69, -8.85),
)  # fmt: skip
"""The outline of the mainland, from the mouth of the Minho eastward round."""

ISLANDS: tuple[tuple[float, float, float, float], ...] = (
    (39.70, -31.11, 0.03, 0.03), (39.44, -31.20, 0.08, 0.06), (38.58, -28.70, 0.07, 0.12),
    (38.46, -28.33, 0.08, 0.23), (38.65, -28.03, 0.06, 0.29), (39.05, -28.02, 0.05, 0.07),
    (38.72, -27.22, 0.09, 0.18), (37.79, -25.49, 0.11, 0.37), (36.97, -25.10, 0.05, 0.09),
    (32.75, -17.00, 0.12, 0.29), (33.07, -16.34, 0.04, 0.06),
)  # fmt: skip
"""Middle, and half the height and width, of each island: the Azores, then Madeira."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the map: what it spans in degrees, and where it stands in the drawing."""

    name: str
    south: float
    north: float
    west: float
    east: float
    left: float
    top: float
    scale: float
    """Units of the drawing for a degree of latitude."""

    def holds(self, place: Place) -> bool:
        latitude, longitude = place
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east

    def point(self, place: Place) -> Place:
        """x and y in the drawing."""
        latitude, longitude = place
        narrow = math.cos(math.radians((self.south + self.north) / 2))
        x = self.left + (longitude - self.west) * narrow * self.scale
        y = self.top + (self.north - latitude) * self.scale
        return round(x, 1), round(y, 1)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width and height."""
        right, bottom = self.point((self.south, self.east))
        return self.left, self.top, round(right - self.left, 1), round(bottom - self.top, 1)


FRAMES = (
    Frame("mainland", 36.8, 42.3, -9.7, -6.0, left=190, top=8, scale=88),
    Frame("azores", 36.7, 40.0, -31.6, -24.8, left=8, top=330, scale=30),
    Frame("madeira", 32.5, 33.3, -17.5, -16.1, left=8, top=210, scale=75),
)
WIDTH, HEIGHT = 455, 500


@dataclass(frozen=True, slots=True)
class Dot:
    """A numbered place in the drawing."""

    number: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """The way from place to place, as far as they lie in one frame."""

    pattern: int
    """0, 1, 2…: routes are told apart by the dashes of their line, not by colour."""
    points: str


@dataclass(frozen=True, slots=True)
class RouteMap:
    width: int
    height: int
    outline: str
    """Of the mainland: points of a polygon."""
    islands: tuple[tuple[float, float, float, float], ...]
    """Middle and half axes of ellipses."""
    boxes: tuple[tuple[float, float, float, float], ...]
    """Frames of the archipelagos."""
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]


def draw(routes: Sequence[Sequence[tuple[str, Place]]]) -> RouteMap:
    """The map with each route's (number, place) in order; a place off the map is left out."""
    lines, dots = [], []
    for pattern, route in enumerate(routes):
        for frame in FRAMES:
            there = [(number, frame.point(place)) for number, place in route if frame.holds(place)]
            dots += [Dot(number, *point) for number, point in there]
            if len(there) > 1:
                lines.append(Line(pattern % 4, _points(point for _number, point in there)))
    mainland, *archipelagos = FRAMES
    return RouteMap(
        width=WIDTH,
        height=HEIGHT,
        outline=_points(mainland.point(one) for one in MAINLAND),
        islands=tuple(_ellipses(archipelagos)),
        boxes=tuple(frame.box for frame in archipelagos),
        lines=tuple(lines),
        dots=tuple(_apart(dots)),
    )


def _ellipses(frames: Iterable[Frame]) -> Iterable[tuple[float, float, float, float]]:
    for frame in frames:
        for latitude, longitude, tall, wide in ISLANDS:
            if frame.holds((latitude, longitude)):
                x, y = frame.point((latitude, longitude))
                right, top = frame.point((latitude + tall, longitude + wide))
                yield x, y, round(right - x, 1), round(y - top, 1)


def _points(points: Iterable[Place]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


APART = 17.0
"""Least distance between two numbers, so that both can be read."""


def _apart(dots: list[Dot]) -> list[Dot]:
    """Dots in one spot are moved down, one under the other."""
    placed: list[Dot] = []
    for dot in dots:
        y = dot.y
        while any(abs(one.x - dot.x) < APART and abs(one.y - y) < APART for one in placed):
            y = round(y + APART, 1)
        placed.append(Dot(dot.number, dot.x, y))
    return placed

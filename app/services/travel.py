"""How long it takes from one office to another, and what that costs and forbids.

From coordinates alone: the great circle, lengthened as roads are and driven at the speed of
regional roads, with some minutes to set out and to arrive. Somebody who works at another office has
to be back, and rest, before the next day (CT 214: 11 hours; the regime's figure counts): an office
for which the day is too short is none for them. Nor is one across the sea.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.models import Office, OfficeKind

ROADS_LONGER = 1.3
KM_AN_HOUR = 70
SETTING_OUT_MINUTES = 10
ISLAND_KM = 60
"""No island of the Azores or of Madeira is longer; what lies further apart there lies overseas."""
MAINLAND = "Europe/Lisbon"
EARTH_KM = 6371.0
DAY_MINUTES = 24 * 60
UNKNOWN_COST = 3
"""Of a shift away from home, where a place is not known."""
COST_MINUTES = 15
"""So much of a journey, one way, costs a shift there 1."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One way between two offices; `minutes` is None where one of them has no place, and 0 where
    there is no way to go."""

    minutes: int | None
    overseas: bool = False

    @property
    def cost(self) -> int:
        """What a roster pays for a shift at its end."""
        if self.minutes is None:
            return UNKNOWN_COST
        if self.minutes == 0:
            return 0
        return max(1, round(self.minutes / COST_MINUTES))

    def fits(self, shift_minutes: int, rest_minutes: int) -> bool:
        """Whether a shift there and both ways leave the rest before the next day."""
        if self.overseas:
            return False
        return not self.minutes or shift_minutes <= self.longest_shift(rest_minutes)

    def longest_shift(self, rest_minutes: int) -> int:
        """Minutes of a shift there that both ways and the rest leave of a day; below 0 for none."""
        return DAY_MINUTES - 2 * (self.minutes or 0) - rest_minutes


def journey(home: Office, other: Office) -> Journey:
    """From one office to another. An office without walls is wherever one is."""
    if OfficeKind.TELEPHONE in (home.kind, other.kind):
        return Journey(0)
    start, end = _place(home), _place(other)
    if start is None or end is None:
        return Journey(None)
    km = _great_circle(*start, *end)
    islands = {home.zone, other.zone} - {MAINLAND}
    overseas = home.zone != other.zone or (bool(islands) and km > ISLAND_KM)
    minutes = SETTING_OUT_MINUTES + km * ROADS_LONGER / KM_AN_HOUR * 60
    return Journey(math.ceil(minutes), overseas)


def _place(office: Office) -> tuple[float, float] | None:
    if office.latitude is None or office.longitude is None:
        return None
    return office.latitude, office.longitude


def _great_circle(latitude: float, longitude: float, to: float, to_longitude: float) -> float:
    """Kilometres, by the haversine formula."""
    first, second = math.radians(latitude), math.radians(to)
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * (
        math.sin(math.radians(to_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half))

"""A field route as a coordinator describes it, and what is asked of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from app.i18n import _
from app.models import Language
from app.services.checks import DAY_MINUTES, SLOT_MINUTES, Faults

STOPS_MOST = 12
PROFESSIONALS = 2
"""Who go with the mobile unit, as the service describes it."""
LATITUDES, LONGITUDES = (30.0, 43.0), (-32.0, -6.0)
"""Portugal with its islands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFacts:
    """A place; minutes are of the office's wall clock on the route's date."""

    place: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    from_minute: int
    until_minute: int
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    office_id: int
    date: dt.date
    name: str
    leaves_minute: int
    returns_minute: int
    stops: tuple[StopFacts, ...]


def check_route(route: RouteFacts) -> None:
    """Raises Invalid with every fault of a route."""
    faults = Faults()
    faults.text("name", route.name)
    whole = _clock(faults, "leaves_minute", route.leaves_minute)
    whole &= _clock(faults, "returns_minute", route.returns_minute)
    if whole and route.leaves_minute >= route.returns_minute:
        faults.add("returns_minute", route.returns_minute, _("a time after leaving"))
        whole = False
    if not 1 <= len(route.stops) <= STOPS_MOST:
        faults.add("stops", len(route.stops), _("1 to %(n)d places", n=STOPS_MOST))
    known = {row.code for row in Language.select(Language.code)}
    sound = [_check_stop(faults, f"stops.{n}.", one, known) for n, one in enumerate(route.stops)]
    if whole and all(sound):
        for number, one in enumerate(route.stops):
            if one.from_minute < route.leaves_minute or one.until_minute > route.returns_minute:
                expected = _("hours between leaving and being back")
                faults.add(f"stops.{number}.from_minute", one.from_minute, expected)
        for number, (before, after) in enumerate(pairwise(route.stops), start=1):
            if after.from_minute < before.until_minute:
                expected = _("a time after the place before")
                faults.add(f"stops.{number}.from_minute", after.from_minute, expected)
    faults.raise_any()


def _check_stop(faults: Faults, prefix: str, stop: StopFacts, known: set[str]) -> bool:
    faults.text(f"{prefix}place", stop.place)
    faults.length(f"{prefix}address", stop.address, 500, lines=True)
    sound = _clock(faults, f"{prefix}from_minute", stop.from_minute)
    sound &= _clock(faults, f"{prefix}until_minute", stop.until_minute)
    if sound and stop.from_minute >= stop.until_minute:
        faults.add(f"{prefix}until_minute", stop.until_minute, _("a time after the start"))
        sound = False
    where = (stop.latitude, stop.longitude)
    if where != (None, None) and not _in_portugal(*where):
        told = _("latitude and longitude in Portugal, such as 38.72, -9.14")
        faults.add(f"{prefix}coordinates", where, told)
    for code in stop.languages:
        faults.one_of(f"{prefix}languages", code, known)
    return sound


def _clock(faults: Faults, field: str, minute: int | None) -> bool:
    if minute is None:
        faults.add(field, "", _("a time on the half hour, such as 09:30"))
        return False
    return faults.whole(field, minute, 0, DAY_MINUTES, SLOT_MINUTES)


def _in_portugal(latitude: float | None, longitude: float | None) -> bool:
    if latitude is None or longitude is None:
        return False
    south, north = LATITUDES
    west, east = LONGITUDES
    return south <= latitude <= north and west <= longitude <= east

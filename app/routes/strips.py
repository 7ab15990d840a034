"""A day drawn to scale: where its bars lie, for the small drawings of a day's shifts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.services.my_shifts import DayView, MyShifts

EARLIEST_HOUR, LATEST_HOUR = 7, 21
"""What is always drawn, so that two people's weeks look alike."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of work, training or a route; wall-clock minutes after the strip's beginning."""

    x: int
    width: int
    kind: str
    """`shift`, `away`, `training` or `route`."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The hours that every strip of a page covers, first to last."""

    first_hour: int
    last_hour: int

    @property
    def width(self) -> int:
        return (self.last_hour - self.first_hour) * 60

    @property
    def ticks(self) -> tuple[tuple[int, int], ...]:
        """Position and hour of every third hour inside the strip."""
        return tuple(
            ((hour - self.first_hour) * 60, hour)
            for hour in range(self.first_hour + 1, self.last_hour)
            if hour % 3 == 0
        )


def scale_of(mine: MyShifts) -> Scale:
    """The usual hours, widened to whatever the person works."""
    spans = [
        _minutes(one.starts_at, one.ends_at, one.zone)
        for week in mine.weeks
        for day in week.days
        for one in (*day.shifts, *day.training, *day.routes)
    ]
    return Scale(
        min([EARLIEST_HOUR, *(start // 60 for start, _end in spans)]),
        max([LATEST_HOUR, *(-(-end // 60) for _start, end in spans)]),
    )


def bars_of(day: DayView, scale: Scale) -> tuple[Bar, ...]:
    """The day's stretches, breaks left open."""
    bars: list[Bar] = []
    for shift in day.shifts:
        kind = "away" if shift.away else "shift"
        edges = [shift.starts_at, *(e for pause in shift.breaks for e in pause), shift.ends_at]
        bars.extend(_bars(zip(edges[::2], edges[1::2], strict=True), shift.zone, scale, kind))
    for session in day.training:
        span = [(session.starts_at, session.ends_at)]
        bars.extend(_bars(span, session.zone, scale, "training"))
    for route in day.routes:
        bars.extend(_bars([(route.starts_at, route.ends_at)], route.zone, scale, "route"))
    return tuple(bars)


def _bars(
    spans: Iterable[tuple[dt.datetime, dt.datetime]], zone: str, scale: Scale, kind: str
) -> Iterable[Bar]:
    for starts_at, ends_at in spans:
        start, end = _minutes(starts_at, ends_at, zone)
        yield Bar(start - scale.first_hour * 60, end - start, kind)


def _minutes(starts_at: dt.datetime, ends_at: dt.datetime, zone: str) -> tuple[int, int]:
    """Wall-clock minutes of the first day; past midnight goes beyond 1440."""
    start, end = (instant.astimezone(ZoneInfo(zone)) for instant in (starts_at, ends_at))
    days = (end.date() - start.date()).days
    return start.hour * 60 + start.minute, days * 1440 + end.hour * 60 + end.minute

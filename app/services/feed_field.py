"""Field routes as a feed's events: whole for each who goes along, place by place for an office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import FieldRoute, FieldSeat, FieldStop, Mediator, Office
from app.services.feed_parts import Feed, one_line
from app.services.feed_subjects import SubjectKind
from app.services.telling import name_of
from calendars.feed import EventStatus, FeedEvent


def outings(feed: Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """People's routes, each as one event; of an office the stops of those that it sends out."""
    if feed.kind is SubjectKind.OFFICE:
        for stop in _stops(since).where(FieldRoute.office == feed.id):
            if feed.keep_cancelled or not _gone(stop):
                yield _stop_event(feed, stop)
        return
    whose = (
        FieldSeat.mediator == feed.id
        if feed.kind is SubjectKind.MEDIATOR
        else Mediator.association == feed.id
    )
    seats = FieldSeat.select(FieldSeat, Mediator).join(Mediator).where(whose)
    by_route: dict[int, list[FieldSeat]] = {}
    for seat in seats:
        by_route.setdefault(seat.route_id, []).append(seat)
    for route in _routes(since).where(FieldRoute.id.in_(list(by_route))):
        stops = list(route.stops.order_by(FieldStop.position, FieldStop.id))
        for seat in by_route[route.id]:
            if feed.keep_cancelled or not (route.cancelled_at or seat.cancelled_at):
                yield _seat_event(feed, route, stops, seat)


def _routes(since: dt.datetime) -> Any:
    return (
        FieldRoute.select(FieldRoute, Office)
        .join(Office)
        .where(FieldRoute.ends_at > since)
        .order_by(FieldRoute.starts_at, FieldRoute.id)
    )


def _stops(since: dt.datetime) -> Any:
    return (
        FieldStop.select(FieldStop, FieldRoute, Office)
        .join(FieldRoute)
        .join(Office)
        .where(FieldStop.ends_at > since)
        .order_by(FieldStop.starts_at, FieldStop.id)
    )


def _gone(stop: FieldStop) -> bool:
    return stop.cancelled_at is not None or stop.route.cancelled_at is not None


def _stop_event(feed: Feed, stop: FieldStop) -> FeedEvent:
    route = stop.route
    zone = ZoneInfo(route.office.zone)
    leaves, back = (one.astimezone(zone) for one in (route.starts_at, route.ends_at))
    return FeedEvent(
        uid=feed.uid(f"stop-{stop.uid}@escala"),
        start=stop.starts_at,
        end=stop.ends_at,
        sequence=stop.sequence + (route.cancelled_at is not None),
        created=route.created_at,
        modified=max(stop.changed_at, route.changed_at),
        summary=f"{route.office.name} · {stop.place}",
        location=_where(stop),
        description=_(
            "%(route)s: leaves at %(leaves)s, back at %(back)s.",
            route=route.name, leaves=f"{leaves:%H:%M}", back=f"{back:%H:%M}",
        ),
        status=EventStatus.CANCELLED if _gone(stop) else EventStatus.CONFIRMED,
        zone=route.office.zone,
    )  # fmt: skip


def _seat_event(
    feed: Feed, route: FieldRoute, stops: list[FieldStop], seat: FieldSeat
) -> FeedEvent:
    """The whole outing of one person, from leaving to being back, with its places in words.

    SEQUENCE is of all stops the route ever had, each counting one more, so that a place that
    comes, goes or changes takes it further.
    """
    gone = seat.cancelled_at is not None or route.cancelled_at is not None
    standing = [one for one in stops if one.cancelled_at is None]
    summary = f"{route.office.name} · {route.name}"
    if feed.kind is not SubjectKind.MEDIATOR:
        summary = f"{name_of(seat.mediator)} · {summary}"
    changes = (route.changed_at, seat.assigned_at, seat.cancelled_at)
    return FeedEvent(
        uid=feed.uid(f"route-{route.uid}-{seat.mediator_id}@escala"),
        start=route.starts_at,
        end=route.ends_at,
        sequence=sum(one.sequence + 1 for one in stops)
        + (route.cancelled_at is not None)
        + seat.sequence,
        created=seat.assigned_at,
        modified=max(one for one in (*changes, *(stop.changed_at for stop in stops)) if one),
        summary=summary,
        location=_where(standing[0]) if standing else "",
        description="\n".join(_told(route, one) for one in standing),
        status=EventStatus.CANCELLED if gone else EventStatus.CONFIRMED,
        zone=route.office.zone,
    )


def _told(route: FieldRoute, stop: FieldStop) -> str:
    zone = ZoneInfo(route.office.zone)
    start, end = (one.astimezone(zone) for one in (stop.starts_at, stop.ends_at))
    return f"{start:%H:%M}–{end:%H:%M} {_where(stop)}"


def _where(stop: FieldStop) -> str:
    """The place with its address, on one line."""
    return one_line(f"{stop.place}, {stop.address}" if stop.address else str(stop.place))

"""Field routes as a feed's events: one a place, with its address, for each who goes along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import FieldRoute, FieldSeat, FieldStop, Mediator, Office
from app.services.feed_parts import Feed, one_line
from app.services.feed_subjects import SubjectKind
from app.services.telling import name_of
from calendars.feed import EventStatus, FeedEvent


def outings(feed: Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """The stops of people's routes; of an office, those of the routes that it sends out."""
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
    for stop in _stops(since).where(FieldRoute.id.in_(list(by_route))):
        for seat in by_route[stop.route_id]:
            if feed.keep_cancelled or not (_gone(stop) or seat.cancelled_at):
                yield _seat_event(feed, stop, seat)


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
    where = f"{stop.place}, {stop.address}" if stop.address else stop.place
    return FeedEvent(
        uid=feed.uid(f"stop-{stop.uid}@escala"),
        start=stop.starts_at,
        end=stop.ends_at,
        sequence=stop.sequence + (route.cancelled_at is not None),
        created=route.created_at,
        modified=max(stop.changed_at, route.changed_at),
        summary=f"{route.office.name} · {stop.place}",
        location=one_line(where),
        description=_(
            "%(route)s: leaves at %(leaves)s, back at %(back)s.",
            route=route.name, leaves=f"{leaves:%H:%M}", back=f"{back:%H:%M}",
        ),
        status=EventStatus.CANCELLED if _gone(stop) else EventStatus.CONFIRMED,
        zone=route.office.zone,
    )  # fmt: skip


def _seat_event(feed: Feed, stop: FieldStop, seat: FieldSeat) -> FeedEvent:
    event = _stop_event(feed, stop)
    gone = seat.cancelled_at is not None
    return replace(
        event,
        uid=feed.uid(f"stop-{stop.uid}-{seat.mediator_id}@escala"),
        sequence=event.sequence + seat.sequence,
        created=seat.assigned_at,
        modified=max(one for one in (event.modified, seat.assigned_at, seat.cancelled_at) if one),
        summary=event.summary
        if feed.kind is SubjectKind.MEDIATOR
        else f"{name_of(seat.mediator)} · {event.summary}",
        status=EventStatus.CANCELLED if gone else event.status,
    )

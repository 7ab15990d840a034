"""When mediators cannot or would rather not be asked to come, for reasons that are nobody else's.

Approved leave, field routes, hours they said they do not work, busy hours of their own calendars
and wishes to be off are one and the same here: what reads this cannot tell them apart, and so
cannot pass on which it is.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.models import Absence, Availability, Mediator, Office, RequestStatus, Wish, WishKind
from app.services.field_busy import field_spans
from app.services.own_calendars import busy_times

Span = tuple[dt.datetime, dt.datetime]


def leave_between(mediator_ids: list[int], since: dt.datetime, until: dt.datetime) -> list[Absence]:
    """Approved absences of these people that touch `[since, until)`."""
    return list(
        Absence.select().where(
            Absence.mediator.in_(mediator_ids),
            Absence.status == RequestStatus.APPROVED,
            Absence.starts_at < until,
            Absence.ends_at > since,
        )
    )


def times_away(
    mediator_ids: Iterable[int], since: dt.datetime, until: dt.datetime
) -> dict[int, list[Span]]:
    """All of it that touches `[since, until)`, by mediator, in no order; spans may overlap."""
    ids = list(mediator_ids)
    found: defaultdict[int, list[Span]] = defaultdict(list)
    for one in leave_between(ids, since, until):
        found[one.mediator_id].append((one.starts_at, one.ends_at))
    for mediator_id, start, end in (
        *field_spans(since, until, ids),
        *busy_times(ids, since, until),
    ):
        found[mediator_id].append((start, end))
    wishes = Wish.select().where(
        Wish.mediator.in_(ids),
        Wish.kind == WishKind.OFF,
        Wish.starts_at < until,
        Wish.ends_at > since,
    )
    for wish in wishes:
        found[wish.mediator_id].append((wish.starts_at, wish.ends_at))
    _add_hours_not_worked(found, ids, since, until)
    return found


def _add_hours_not_worked(
    found: dict[int, list[Span]], ids: list[int], since: dt.datetime, until: dt.datetime
) -> None:
    """Weekly and dated unavailability, on the wall clock of the home office."""
    rows = (
        Availability.select(Availability, Mediator, Office)
        .join(Mediator)
        .join(Office)
        .where(Availability.mediator.in_(ids))
    )
    for row in rows:
        zone = ZoneInfo(row.mediator.home_office.zone)
        day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        while day <= last:
            if day == row.date or (row.date is None and day.weekday() == row.weekday):
                start, end = (
                    _wall(day, minute, zone) for minute in (row.from_minute, row.until_minute)
                )
                if start < until and end > since:
                    found[row.mediator_id].append((start, end))
            day += dt.timedelta(days=1)


def _wall(day: dt.date, minute: int, zone: ZoneInfo) -> dt.datetime:
    midnight = dt.datetime.combine(day + dt.timedelta(days=minute // 1440), dt.time(), zone)
    return (midnight + dt.timedelta(minutes=minute % 1440)).astimezone(dt.UTC)

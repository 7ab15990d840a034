"""Calendar days of a mediator's home office, and the instants between which they lie."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from app.models import Mediator

FRIDAY = 4


def date_of(mediator: Mediator, instant: dt.datetime) -> dt.date:
    return instant.astimezone(ZoneInfo(mediator.home_office.zone)).date()


def last_date_of(mediator: Mediator, ends_at: dt.datetime) -> dt.date:
    """The last day that a span until `ends_at` touches: not the day that begins then."""
    return date_of(mediator, ends_at - dt.timedelta(microseconds=1))


def midnight(mediator: Mediator, date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), ZoneInfo(mediator.home_office.zone))


def with_weekend(first: dt.date, last: dt.date) -> dt.date:
    """The Sunday where whole weeks of work, to a Friday, are taken off; else `last`.

    Who is away from Monday to Friday means to be back on Monday: the Saturday between is no day on
    which a roster should look for them. Hours owed are counted by weekdays, so it takes none.
    """
    week = dt.timedelta(days=FRIDAY)
    until_friday = last.weekday() == FRIDAY and first <= last - week
    return last + dt.timedelta(days=2) if until_friday else last


def span_of(mediator: Mediator, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """From the first day's midnight to the one after the last day."""
    return midnight(mediator, first), midnight(mediator, last + dt.timedelta(days=1))

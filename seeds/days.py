"""Days of the demonstration on which people are at work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.services.openings import OpeningCalendar


def working_day(date: dt.date, calendars: Sequence[OpeningCalendar], step: int = 1) -> dt.date:
    """The first of `date` and the days after it, or with a step of -1 before it, on which all are
    open."""
    while not all(one.intervals(date) for one in calendars):
        date += dt.timedelta(days=step)
    return date

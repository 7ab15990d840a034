"""A week without holidays, for tests of pages that read the clock."""

from __future__ import annotations

import datetime as dt

from app.models import Office
from app.services.horizon import monday_of
from app.services.openings import opening_intervals


def first_open_week(office: Office, today: dt.date) -> dt.date:
    """The Monday of the first week after today's in which `office` opens on five days."""
    week = monday_of(today) + dt.timedelta(weeks=1)
    while not all(opening_intervals(office, week + dt.timedelta(days=n)) for n in range(5)):
        week += dt.timedelta(weeks=1)
    return week

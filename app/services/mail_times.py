"""When a mail goes out: at once, with the next daily mail, again after a failure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=4)
GIVE_UP_AFTER = dt.timedelta(days=5)
"""How long a mail is tried (RFC 5321, 4.5.4.1: at least four to five days)."""


def next_digest(after: dt.datetime, hour: int, zone: str) -> dt.datetime:
    """The first instant later than `after` at which it is `hour` o'clock in `zone`, in UTC.

    One a day, also where the clock changes: an hour that is skipped is the instant of the change,
    one that comes twice counts the first time.
    """
    place = ZoneInfo(zone)
    date = after.astimezone(place).date() - dt.timedelta(days=1)
    while True:
        wall = dt.datetime.combine(date, dt.time(hour), place)
        found = wall.astimezone(dt.UTC)
        if found > after:
            return found
        date += dt.timedelta(days=1)


def wait_after(attempts: int) -> dt.timedelta:
    """How long to leave a mail after so many attempts: a minute, doubled each time."""
    doubled = FIRST_WAIT * 2 ** min(attempts - 1, 16)
    return min(doubled, LONGEST_WAIT)

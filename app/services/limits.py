"""How often something may be tried: counts in the database, the same for every process.

The window begins with the first try. Libraries for this keep their counts in one process or want
a Redis beside; these counts are few, since only what fails is counted.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from peewee import Case, Value

from app.database import is_postgresql
from app.i18n import _
from app.models import RateCount, database
from app.services.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    most: int
    window: dt.timedelta


_QUARTER, _HOUR = dt.timedelta(minutes=15), dt.timedelta(hours=1)
_TEN_MINUTES = dt.timedelta(minutes=10)

SIGN_IN_PAIR = Limit("sign-in", 8, _QUARTER)
"""Wrong passwords for one account from one address: what a person who errs meets."""
SIGN_IN_FROM = Limit("sign-in-from", 40, _QUARTER)
"""From one address for any account; an office of thirty people shares one."""
SIGN_IN_FOR = Limit("sign-in-for", 60, _QUARTER)
"""For one account from anywhere: guessing from many addresses. Wide, since whoever knows a mail
address could use it to keep its owner out."""
SECOND_STEP = Limit("second-step", 6, _QUARTER)
CONFIRM = Limit("confirm", 8, _QUARTER)
FORGOTTEN_FROM = Limit("forgotten-from", 10, _HOUR)
FORGOTTEN_FOR = Limit("forgotten-for", 3, _HOUR)
LINK_MISSES = Limit("link", 20, _TEN_MINUTES)
FEED_MISSES = Limit("feed", 120, _TEN_MINUTES)
"""Wide: calendar services ask for many people's feeds, and for stopped ones, from few addresses."""
SCREEN_MISSES = Limit("screen", 60, _TEN_MINUTES)
CERTIFICATE_MISSES = Limit("certificate", 30, _TEN_MINUTES)
API_MISSES = Limit("api", 30, _TEN_MINUTES)


class TooManyTries(ServiceError):
    """The limit is reached; `wait_seconds` until it is worth trying again."""

    def __init__(self, wait_seconds: int) -> None:
        minutes = max(1, math.ceil(wait_seconds / 60))
        super().__init__(_("Try again in %(n)d min.", n=minutes))
        self.wait_seconds = wait_seconds


def count(limit: Limit, subject: str, now: dt.datetime) -> None:
    """Count one try. Raises TooManyTries for those past the limit, counted all the same.

    `subject` is in disguise already (`Keyring.disguise`). Counted before the try is judged, so
    that many at once do not all slip through.
    """
    key = f"{limit.name}:{subject}"
    over = RateCount.ends_at <= now
    fresh_count = Case(None, [(over, 1)], RateCount.count + 1)
    # Inside an expression a value does not pass through its column's field by itself.
    end = Value(now + limit.window, converter=RateCount.ends_at.db_value)
    fresh_end = Case(None, [(over, end)], RateCount.ends_at)
    with database.atomic():
        RateCount.insert(key=key, count=1, ends_at=now + limit.window).on_conflict(
            conflict_target=[RateCount.key],
            update={RateCount.count: fresh_count, RateCount.ends_at: fresh_end},
        ).execute()
        row = RateCount.get(RateCount.key == key)
    if row.count == 1:
        _sweep(now)
    if row.count > limit.most:
        raise TooManyTries(_seconds(row, now))


def _sweep(now: dt.datetime) -> None:
    """Take away the counts that are over: in a transaction of its own, and leaving those that
    another counts just now. Two that each held their own and waited for the other's would end in
    a deadlock."""
    over = RateCount.select(RateCount.key).where(RateCount.ends_at <= now)
    if is_postgresql():
        over = over.for_update(skip_locked=True)
    with database.atomic():
        RateCount.delete().where(RateCount.key.in_(over)).execute()


def check(limit: Limit, subject: str, now: dt.datetime) -> None:
    """Raises TooManyTries where the limit is reached; counts nothing."""
    row = RateCount.get_or_none(RateCount.key == f"{limit.name}:{subject}", RateCount.ends_at > now)
    if row is not None and row.count >= limit.most:
        raise TooManyTries(_seconds(row, now))


def give_back(limit: Limit, subject: str) -> None:
    """The try was a right one and does not count."""
    RateCount.update(count=RateCount.count - 1).where(
        RateCount.key == f"{limit.name}:{subject}", RateCount.count > 0
    ).execute()


def forget(limit: Limit, subject: str) -> None:
    """Start over: the person has shown who they are."""
    RateCount.delete().where(RateCount.key == f"{limit.name}:{subject}").execute()


def _seconds(row: RateCount, now: dt.datetime) -> int:
    return max(1, math.ceil((row.ends_at - now).total_seconds()))

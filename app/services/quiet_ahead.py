"""What of a telephone's quiet hours can still be given: what is over or given is not counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.services.phone_turns import Turn
from app.services.quiet import QuietHours, QuietWeek


@dataclass(frozen=True, slots=True)
class QuietAhead:
    hours: tuple[QuietHours, ...]
    """Those not over yet, given or not."""
    minutes: int
    """Of people who have not been given theirs, all together, from now on; 0 for nobody."""


def ahead_of(quiet: QuietWeek, turns: Iterable[Turn], now: dt.datetime) -> QuietAhead:
    """`turns` are what is given of the telephone's week."""
    given = tuple(turns)
    hours = tuple(one for one in quiet.hours if one.ends_at > now)
    left = (
        one.ends_at - max(one.starts_at, now)
        for one in hours
        for who in one.people
        if not any(_covers(turn, who.id, one) for turn in given)
    )
    return QuietAhead(hours, sum(left, dt.timedelta()) // dt.timedelta(minutes=1))


def _covers(turn: Turn, mediator_id: int, hours: QuietHours) -> bool:
    same = turn.mediator_id == mediator_id
    return same and turn.starts_at <= hours.starts_at and turn.ends_at >= hours.ends_at

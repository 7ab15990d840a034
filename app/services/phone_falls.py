"""Hours at the telephone fall with the shift they stood beside, as a newer version is published.

What does not stand would be told nowhere anyhow. It is taken back all the same, for good: else a
still newer version with the old shift would bring it back unasked, and a calendar would see its
SEQUENCE go down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app.models import PhoneTurn
from app.services.horizon import Horizon
from app.services.phone_telling import tell_of
from app.services.phone_turns import Turn, standing_turns


def standing_in(week: dt.date) -> tuple[Turn, ...]:
    """What stands in a week as it is published now."""
    horizon = Horizon(week)
    return standing_turns(horizon.starts_at, horizon.ends_at)


def fall(before: Iterable[Turn], week: dt.date, user_id: int | None, now: dt.datetime) -> None:
    """Take back what stood `before` and does no longer; who is concerned is told, unless it is
    over. Call within the transaction of the publication."""
    stood = tuple(before)
    if not stood:
        return
    standing = {one.id for one in standing_in(week)}
    for turn in stood:
        if turn.id in standing:
            continue
        if end(turn, now) and turn.ends_at > now:
            tell_of(turn, "taken_back", user_id, now)


def end(turn: Turn, now: dt.datetime) -> bool:
    """Keep it as one taken back; False where somebody else has done so by now."""
    changed = PhoneTurn.update(
        cancelled_at=now, changed_at=now, sequence=PhoneTurn.sequence + 1
    ).where(PhoneTurn.id == turn.id, PhoneTurn.cancelled_at.is_null())
    return bool(changed.execute())

"""Swaps that can go no further: their shift has begun, or the roster has changed under them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.models import Assignment, Swap, SwapStatus, database
from app.services.published import standing_row
from app.services.telling import name_of, tell, users_of

LIVE = (SwapStatus.OFFERED, SwapStatus.ACCEPTED)


def close_overtaken(now: dt.datetime) -> int:
    """Close every swap that can go no further and tell its people; how many there were."""
    live = list(Swap.select().where(Swap.status.in_(LIVE)))
    with database.atomic():
        return sum(lapse(swap, now) for swap in live if not fits(swap, now))


def fits(swap: Swap, now: dt.datetime) -> bool:
    """Whether both shifts are still published so, and to come."""
    shifts = [one for one in (swap.given, swap.returned) if one is not None]
    standing = [standing_row(one) for one in shifts]
    return all(one is not None and one.starts_at > now for one in standing)


def lapse(swap: Swap, now: dt.datetime) -> bool:
    """Close it and tell both; False where it had ended already. Call within a transaction."""
    closed = Swap.update(status=SwapStatus.LAPSED, decided_at=now)
    if not closed.where(Swap.id == swap.id, Swap.status.in_(LIVE)).execute():
        return False
    people = [swap.given.mediator_id, swap.taker_id or swap.asked_id]
    tell(users_of(people), "swap_lapsed", f"swap.{swap.id}.lapsed", told_of(swap), now)
    return True


def told_of(swap: Swap) -> dict[str, Any]:
    """A swap as messages keep it."""

    def shift(row: Assignment | None) -> dict[str, str] | None:
        if row is None:
            return None
        return {
            "office": row.office.name,
            "zone": row.office.zone,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
        }

    taker = swap.taker or swap.asked
    return {
        "swap": swap.id,
        "giver": name_of(swap.given.mediator),
        "taker": name_of(taker) if taker else "",
        "given": shift(swap.given),
        "returned": shift(swap.returned),
    }

"""Swaps that can go no further: their shift has begun, or the roster has changed under them."""

from __future__ import annotations

import datetime as dt
import logging
from enum import StrEnum

from app.failures import AWAY
from app.models import Swap, SwapStatus, database
from app.services.published import standing_row
from app.services.swap_telling import Gone, tell_gone, told_of
from app.services.telling import tell, users_of

LIVE = (SwapStatus.OFFERED, SwapStatus.ACCEPTED)
REST = dt.timedelta(minutes=1)
"""Between two looks of one worker, also after one that failed."""
log = logging.getLogger("escala.swaps")


class Cause(StrEnum):
    """Why a swap can go no further."""

    BEGUN = "begun"
    CHANGED = "changed"


class Closing:
    """One worker's care for overtaken swaps, about once a minute."""

    def __init__(self) -> None:
        self._due: dt.datetime | None = None

    def when_due(self, now: dt.datetime) -> int:
        """Close what is overtaken where the time has come; how many there were.

        One that fails is logged and holds up neither the others nor the mail.
        """
        if self._due is not None and now < self._due:
            return 0
        self._due = now + REST
        try:
            return close_overtaken(now)
        except AWAY:
            raise
        except Exception:
            log.exception("overtaken swaps could not be looked for")
            return 0


def close_overtaken(now: dt.datetime) -> int:
    """Close every swap that can go no further and tell its people; how many there were.

    It is looked outside a transaction, which would keep everybody else from writing.
    """
    live = list(Swap.select().where(Swap.status.in_(LIVE)))
    return sum(_close(swap, now) for swap in live if cause_of(swap, now))


def _close(swap: Swap, now: dt.datetime) -> bool:
    try:
        with database.atomic():
            return cause_of(swap, now) is not None and lapse(swap, now)
    except AWAY:
        raise
    except Exception:
        log.exception("swap %s could not be closed", swap.id)
        return False


def cause_of(swap: Swap, now: dt.datetime) -> Cause | None:
    """Why it can go no further; None where both shifts are still published so, and to come."""
    shifts = [one for one in (swap.given, swap.returned) if one is not None]
    standing = [standing_row(one) for one in shifts]
    if any(one is None for one in standing):
        return Cause.CHANGED
    if any(one is not None and one.starts_at <= now for one in standing):
        return Cause.BEGUN
    return None


def lapse(swap: Swap, now: dt.datetime) -> bool:
    """Close it and tell both; False where it had ended already. Call within a transaction."""
    closed = Swap.update(status=SwapStatus.LAPSED, decided_at=now)
    if not closed.where(Swap.id == swap.id, Swap.status.in_(LIVE)).execute():
        return False
    people = [swap.given.mediator_id, swap.taker_id or swap.asked_id]
    told = told_of(swap) | {
        "cause": str(cause_of(swap, now) or Cause.CHANGED),
        "agreed": swap.taker_id is not None,
    }
    tell(users_of(people), "swap_lapsed", f"swap.{swap.id}.lapsed", told, now)
    # That a shift of which they have seen the hours has begun is no news to anybody else.
    if told["cause"] == Cause.CHANGED:
        tell_gone(swap, Gone.CHANGED, now, but=swap.taker_id)
    return True

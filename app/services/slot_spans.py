"""Minutes and spans of a week in slots, as the roster problem counts them."""

from __future__ import annotations

from collections.abc import Iterable

from app.services.horizon import Horizon
from solver import problem as sp


def intervals(spans: Iterable[tuple[int, int] | None]) -> tuple[sp.Interval, ...]:
    return tuple(sp.Interval(*span) for span in sorted(span for span in spans if span))


def whole_slots(minutes: int, horizon: Horizon) -> int:
    return minutes // horizon.slot_minutes


def slots_up(minutes: int, horizon: Horizon) -> int:
    return -(-minutes // horizon.slot_minutes)


def covers(spans: Iterable[sp.Interval], day: tuple[int, int] | None) -> bool:
    """Whether one of the spans holds the whole day, or what of it lies in the horizon."""
    return day is not None and any(one.start <= day[0] and one.end >= day[1] for one in spans)


def runs(slots: list[int]) -> Iterable[tuple[int, int]]:
    """Runs of consecutive numbers, half-open."""
    start: int | None = None
    for index, slot in enumerate(slots):
        if start is None:
            start = slot
        if index + 1 == len(slots) or slots[index + 1] != slot + 1:
            yield start, slot + 1
            start = None

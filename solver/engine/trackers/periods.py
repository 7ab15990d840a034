"""Groups of days that a tracker sums over."""

from __future__ import annotations


class Periods:
    """Which periods (weeks, weekends) are open before, on and after each day."""

    def __init__(self, periods: tuple[tuple[int, ...], ...], days: int) -> None:
        self.on: list[tuple[int, ...]] = [() for _ in range(days)]
        self.closing: list[tuple[int, ...]] = [() for _ in range(days)]
        on: list[list[int]] = [[] for _ in range(days)]
        closing: list[list[int]] = [[] for _ in range(days)]
        for index, period in enumerate(periods):
            for day in period:
                on[day].append(index)
            if period:
                closing[max(period)].append(index)
        self.on = [tuple(sorted(set(found))) for found in on]
        self.closing = [tuple(found) for found in closing]

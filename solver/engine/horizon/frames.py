"""Which values of a crew's counters each day can reach and still end well.

A counter that no path can bring to a value, or that leads to no legal end from there, needs no
place in the arrays of that day.
"""

from __future__ import annotations

from dataclasses import dataclass

from solver.engine.horizon.crew import Crew
from solver.engine.horizon.space import Space

Frame = tuple[tuple[int, int], ...]
"""[low, high) of each counter: weekends, unsocial shifts, kinds…, the week's units and days."""
Offsets = tuple[int, ...]
Slices = tuple[slice, ...]


def shape(frame: Frame) -> tuple[int, ...]:
    return tuple(high - low for low, high in frame)


def shift(
    before: Frame, after: Frame, offsets: Offsets, limits: Offsets | None = None
) -> tuple[Slices, Slices] | None:
    """Where counters that move by `offsets` are taken from and put, or None if nowhere.

    A limit lets only that value of its counter move; -1 lets all.
    """
    taken, given = [], []
    for axis, ((low, high), (to, end), offset) in enumerate(
        zip(before, after, offsets, strict=True)
    ):
        first, last = max(low, to - offset), min(high, end - offset)
        if limits is not None and limits[axis] >= 0:
            first, last = max(first, limits[axis]), min(last, limits[axis] + 1)
        if last <= first:
            return None
        taken.append(slice(first - low, last - low))
        given.append(slice(first + offset - to, last + offset - to))
    return tuple(taken), tuple(given)


@dataclass(frozen=True)
class Frames:
    """The frames of every day."""

    start: Frame
    closing: tuple[Frame, ...]
    """At the end of each day, its week not yet settled."""
    settled: tuple[Frame, ...]
    """After that: the same but on the last day of a week."""

    def entry(self, day: int) -> Frame:
        """The frame on the eve of a day."""
        return self.settled[day - 1] if day else self.start


def build_frames(space: Space, crew: Crew) -> Frames:
    fixed = [(0, 1 if crew.free_unsocial is None else crew.free_unsocial + 1)]
    fixed += [(0, most + 1) for _, most in crew.kinds]
    week_of = {d: w for w, week in enumerate(space.problem.weeks) for d in week}
    last_day = {max(week) for week in space.problem.weeks if week}
    first_of_weekends = sorted(min(weekend) for weekend in space.problem.weekends if weekend)
    units = [_week_windows(space, crew, w) for w in range(len(space.problem.weeks))]
    closing, settled = [], []
    for day in range(space.days):
        week = week_of[day]
        place = sorted(space.problem.weeks[week]).index(day)
        weekends = 0
        if crew.weekends is not None:
            begun = sum(first <= day for first in first_of_weekends)
            weekends = min(begun, int(crew.weekends.max()))
        most_days = crew.week_days[week]
        duty = 0 if most_days is None else min(most_days, place + 1)
        head = ((0, weekends + 1), *fixed)
        closing.append((*head, units[week][place], (0, duty + 1)))
        settled.append((*head, (0, 1), (0, 1)) if day in last_day else closing[-1])
    return Frames(((0, 1), *fixed, (0, 1), (0, 1)), tuple(closing), tuple(settled))


def _week_windows(space: Space, crew: Crew, week: int) -> list[tuple[int, int]]:
    """[low, high) of the week's units at the end of each of its days."""
    days = sorted(space.problem.weeks[week])
    limit = crew.week_units[week]
    if not limit:
        return [(0, 1)] * len(days)
    most = [max((one.units for one in crew.days[day].classes), default=0) for day in days]
    ahead = _most_after(crew, most)
    behind = _most_after(crew, most[::-1])[::-1]
    least = limit
    for m in crew.members:
        busy = int(space.busy_amount[m, days].sum())
        hard = space.problem.mediators[m].weeks[week].hard_min_slots
        least = min(least, max(0, hard - busy) // crew.unit)
    windows = []
    for place in range(len(days)):
        high = min(limit, ahead[place])
        left = behind[place + 1] if place + 1 < len(days) else 0
        low = min(high, max(0, least - left))
        windows.append((low, high + 1))
    return windows


def _most_after(crew: Crew, most: list[int]) -> list[int]:
    """Most units by the end of each day, where only the longest runs and days off bind."""
    longest = int(crew.longest.max()) if crew.longest_binds else len(most)
    rest = int(crew.shortest_off.min())
    best = [0]
    """Day -> most units up to its eve, free to begin a run on it."""
    out: list[int] = []
    for day in range(len(most)):
        # Whoever rests keeps what was reached.
        reached = out[-1] if out else 0
        for first in range(max(0, day + 1 - longest), day + 1):
            reached = max(reached, best[first] + sum(most[first : day + 1]))
        out.append(reached)
        begun = best[day]
        # A run that ended on the eve of `after` is followed by `rest` days off.
        end = day + 1 - rest
        for first in range(max(0, end - longest), max(0, end)):
            begun = max(begun, best[first] + sum(most[first:end]))
        best.append(begun)
    return out

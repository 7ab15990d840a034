"""What a history says once its known events are taken out of it.

A cell (a day, a language, a need) under an event is divided by the event's factor. Where next to
nothing was left, a division would make much of little: such a cell is emptied, and stands as it
would have by the rest of its slot. A day of which too little is left is not learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.arrays import BoolArray, FloatArray, IntArray
from forecast.cells import Cells
from forecast.grid import Grid
from forecast.series import ArrivalSeries, Event

SMALLEST_FACTOR = 0.05
"""Events that together leave less than this of a cell leave nothing to learn from in it."""
LEAST_LEFT = 0.5
"""Part of a day's usual visitors that must be left for the rest to be told from them."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What can be learned from a history of n slots, with or without events.

    history: as it would have been without the events. days: its days (ordinals), in order; usable:
    those of them that may be learned from, [days].
    """

    history: ArrivalSeries
    days: IntArray
    usable: BoolArray


def event_factor(
    events: Sequence[Event],
    office: str,
    grid: Grid,
    languages: Sequence[str],
    needs: Sequence[str],
) -> FloatArray:
    """Product of the events' factors, [n, languages, needs]."""
    factor = np.ones((len(grid), len(languages), len(needs)))
    for event in events:
        if event.offices and office not in event.offices:
            continue
        days = (grid.days >= event.first.toordinal()) & (grid.days <= event.last.toordinal())
        touched = np.array([not event.languages or name in event.languages for name in languages])
        wanted = np.array([not event.needs or name in event.needs for name in needs])
        chosen = days[:, None, None] & touched[None, :, None] & wanted[None, None, :]
        factor[chosen] *= event.factor
    return factor


def learned_from(history: ArrivalSeries, events: Sequence[Event]) -> Learned:
    """The history without its events."""
    days, day_at = np.unique(history.grid.days, return_inverse=True)
    everything = np.ones(len(days), dtype=np.bool_)
    if not any(_touches(event, history.office, days) for event in events):
        return Learned(history, days, everything)
    daily = Grid(days, np.zeros_like(days), history.grid.slot_minutes)
    factor = event_factor(events, history.office, daily, history.languages, history.needs)
    if (factor == 1.0).all():
        return Learned(history, days, everything)
    emptied = factor < SMALLEST_FACTOR
    divisor = np.where(emptied, 1.0, factor)
    if isinstance(history.logged, Cells) and not emptied.any():
        divided = history.logged.divided(divisor, day_at)
        return Learned(history.with_logged(divided), days, everything)
    counts = history.counts / divisor[day_at]
    usable = np.asarray(~emptied.all(axis=(1, 2)))
    if emptied.any():
        counts, usable = _filled(counts, emptied, day_at, usable)
    return Learned(history.with_logged(counts), days, usable)


def _touches(event: Event, office: str, days: IntArray) -> bool:
    """Whether an event was at an office on any of some days, [n] in order."""
    if event.offices and office not in event.offices:
        return False
    first, last = np.searchsorted(days, [event.first.toordinal(), event.last.toordinal() + 1])
    return bool(first < last)


def usable_days(history: ArrivalSeries, events: Sequence[Event]) -> int:
    """How many days of a history can be learned from."""
    return int(np.count_nonzero(learned_from(history, events).usable))


def _filled(
    counts: FloatArray, emptied: BoolArray, day_at: IntArray, usable: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Counts whose emptied cells follow the rest of their slot, and the days still usable.

    emptied: [days, languages, needs]. How a cell stands to the rest is taken from the days on
    which fewer cells were emptied; where there are none, what was counted stands.
    """
    flat = emptied.reshape(len(emptied), -1)
    patterns, pattern_of = np.unique(flat, axis=0, return_inverse=True)
    pattern_at = pattern_of.reshape(-1)[day_at]
    cells = counts.reshape(len(counts), -1)
    sums = [cells[pattern_at == k].sum(axis=0) for k in range(len(patterns))]
    filled, usable = cells.copy(), usable.copy()
    for k, gone in enumerate(patterns):
        kept = ~gone
        cell, rest = np.zeros(len(gone)), np.zeros(len(gone))
        for other, total in zip(patterns, sums, strict=True):
            if (other & ~gone).any():
                continue
            known = gone & ~other
            cell[known] += total[known]
            rest[known] += total[kept].sum()
        ratio = np.where(gone & (rest > 0), cell / np.maximum(rest, 1e-12), 0.0)
        if 1 / (1 + ratio.sum()) < LEAST_LEFT:
            usable[pattern_of.reshape(-1) == k] = False
            continue
        where, told = pattern_at == k, gone & (rest > 0)
        of_slot = cells[where][:, kept].sum(axis=1)
        filled[np.ix_(where, told)] = of_slot[:, None] * ratio[told]
    return filled.reshape(counts.shape), usable

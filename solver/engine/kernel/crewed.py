"""A crew's days in flat arrays, and what reaching each state of them costs.

`solver.engine.horizon.path_layout` lays a crew's days out in the arrays of `Crewed`. A day's
states stand in one row: off (days off so far, the last rested), then on duty (label, length of
the run), each with the crew's counters as inmost index. What moves the counters is kept as
stretches that are adjacent before and after, so that the innermost loops run over neighbours.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.kernel.compiled import compiled, inlined

Whole = int | np.signedinteger[Any]
FAR = 1 << 29
"""Longer than any path."""


class Crewed(NamedTuple):
    """A crew's days and members."""

    days: int
    runs: int
    offs: int
    labels: Ints
    """Labels of the duty states on each eve, and after the last day."""
    entry_first: Ints
    """Where the states on each eve begin, and those after the last day."""
    entry_counters: Ints
    """How many combinations of counters there are on each eve, and after the last day."""
    closing_first: Ints
    """Where the states at the end of each day begin: the next eve's, but at the end of a week."""
    closing_counters: Ints
    pay_first: Ints
    """Where the pay of the week that a day ends begins; -1 on other days."""
    pay_size: Ints
    """Combinations of the week's counters, which stand inmost."""
    # sources: sets of labels that may come before, day after day
    source_first: Ints
    source_label_first: Ints
    source_label: Ints
    # classes, day after day
    class_first: Ints
    class_label: Ints
    class_source: Ints
    """Which of the day's sources a class may follow."""
    # moves: from rest those of class c at move_first[2 * c], from a run at move_first[2 * c + 1]
    move_first: Ints
    move_extra: Ints
    move_stretch: Ints
    """Where the move's stretches begin; they end where `move_stretch_end` says."""
    move_stretch_end: Ints
    rest_stretch: Ints
    rest_stretch_end: Ints
    """Stretches of a day off, by day."""
    taken: Ints
    """First counter of a stretch before."""
    given: Ints
    """First counter of a stretch after."""
    length: Ints
    # members
    history: Ints
    shortest: Ints
    shortest_off: Ints
    longest: Ints
    longest_binds: bool
    most_weekends: Ints
    """Most weekends; weekends are the outmost counter."""
    weekend_places: int
    """Values of that counter after the last day."""
    pay: np.ndarray
    """[members, weeks' combinations of counters] what a week costs, -1 where it is illegal."""


@inlined
def carry(
    before: np.ndarray, taken: int, after: np.ndarray, given: int, length: int, cost: Whole
) -> None:
    """Go from states to states at a cost, where that is better than what is there."""
    source = before[taken : taken + length]
    target = after[given : given + length]
    for index in range(length):
        target[index] = min(target[index], np.int32(source[index] + cost))


@inlined
def stops_after(crewed: Crewed, member: int, day: int, run: int) -> bool:
    """Whether a run of `run + 1` days may end on the eve of `day`."""
    length = run + 1
    return length >= crewed.shortest[member] or crewed.history[member] + day == length


@inlined
def rest_place(crewed: Crewed, member: int, day: int) -> int:
    """Where among the days off the first one after a run counts."""
    return crewed.offs - 1 if day == 0 else crewed.offs - crewed.shortest_off[member]


@compiled
def gather(crewed: Crewed, day: int, table: np.ndarray, sources: np.ndarray) -> None:
    """The least over the labels of each source, [sources, runs, counters], on a day's eve."""
    counters = crewed.entry_counters[day]
    size = crewed.runs * counters
    duty = crewed.entry_first[day] + crewed.offs * counters
    first = crewed.source_first[day]
    for source in range(first, crewed.source_first[day + 1]):
        into = (source - first) * size
        sources[into : into + size] = FAR
        for place in range(
            crewed.source_label_first[source], crewed.source_label_first[source + 1]
        ):
            begin = duty + crewed.source_label[place] * size
            carry(table, begin, sources, into, size, 0)


@compiled
def forward(
    crewed: Crewed,
    prices: np.ndarray,
    column: int,
    member: int,
    must_work: np.ndarray,
    scale: int,
    table: np.ndarray,
    sources: np.ndarray,
) -> None:
    """Fill `table` with the least cost of reaching each state."""
    offs, runs = crewed.offs, crewed.runs
    table[:] = FAR
    counters = crewed.entry_counters[0]
    run = crewed.history[member]
    if run:
        table[crewed.entry_first[0] + (offs + min(run, runs) - 1) * counters] = 0
    else:
        table[crewed.entry_first[0] + (offs - 1) * counters] = 0
    for day in range(crewed.days):
        gather(crewed, day, table, sources)
        if not must_work[member, day]:
            rest(crewed, day, member, table, True)
        _take_shifts(crewed, day, prices, column, member, scale, table, sources)
        if crewed.pay_first[day] >= 0:
            _settle(crewed, day, member, scale, table)


@compiled
def rest(crewed: Crewed, day: int, member: int, table: np.ndarray, onward: bool) -> None:
    """Let days off go on and runs end; or, not `onward`, the same backwards."""
    offs, runs = crewed.offs, crewed.runs
    before, after = crewed.entry_counters[day], crewed.closing_counters[day]
    entry, closing = crewed.entry_first[day], crewed.closing_first[day]
    first_off = rest_place(crewed, member, day)
    for stretch in range(crewed.rest_stretch[day], crewed.rest_stretch_end[day]):
        taken, given = crewed.taken[stretch], crewed.given[stretch]
        length = crewed.length[stretch]
        for row in range(offs + crewed.labels[day] * runs):
            place = min(row + 1, offs - 1) if row < offs else first_off
            if row >= offs and not stops_after(crewed, member, day, (row - offs) % runs):
                continue
            eve = entry + row * before + taken
            evening = closing + place * after + given
            if onward:
                carry(table, eve, table, evening, length, 0)
            else:
                carry(table, evening, table, eve, length, 0)


@compiled
def _take_shifts(
    crewed: Crewed,
    day: int,
    prices: np.ndarray,
    column: int,
    member: int,
    scale: int,
    table: np.ndarray,
    sources: np.ndarray,
) -> None:
    """Let who is rested, and who is on a run, take each class."""
    offs, runs = crewed.offs, crewed.runs
    longest = min(runs, crewed.longest[member])
    before, after = crewed.entry_counters[day], crewed.closing_counters[day]
    rested = crewed.entry_first[day] + (offs - 1) * before
    for one in range(crewed.class_first[day], crewed.class_first[day + 1]):
        price = prices[column, one]
        if price >= FAR // 2 or longest == 0:
            continue
        duty = crewed.closing_first[day] + (offs + crewed.class_label[one] * runs) * after
        for move in range(crewed.move_first[2 * one], crewed.move_first[2 * one + 1]):
            cost = np.int32(price + crewed.move_extra[move] * scale)
            for stretch in range(crewed.move_stretch[move], crewed.move_stretch_end[move]):
                taken, given = crewed.taken[stretch], crewed.given[stretch]
                length = crewed.length[stretch]
                carry(table, rested + taken, table, duty + given, length, cost)
        begin = crewed.class_source[one] * runs * before
        for move in range(crewed.move_first[2 * one + 1], crewed.move_first[2 * one + 2]):
            cost = np.int32(price + crewed.move_extra[move] * scale)
            for stretch in range(crewed.move_stretch[move], crewed.move_stretch_end[move]):
                taken, given = crewed.taken[stretch], crewed.given[stretch]
                length = crewed.length[stretch]
                for run in range(runs):
                    to = run + 1
                    if to >= longest:
                        if crewed.longest_binds or run + 1 < runs:
                            continue
                        to = run
                    at = begin + run * before + taken
                    carry(sources, at, table, duty + to * after + given, length, cost)


@compiled
def _settle(crewed: Crewed, day: int, member: int, scale: int, table: np.ndarray) -> None:
    """Pay the week that ends with `day`: its counters start again."""
    size = crewed.pay_size[day]
    pay = crewed.pay[member, crewed.pay_first[day] : crewed.pay_first[day] + size]
    rows = (crewed.offs + crewed.labels[day + 1] * crewed.runs) * crewed.entry_counters[day + 1]
    closing, entry = crewed.closing_first[day], crewed.entry_first[day + 1]
    for row in range(rows):
        least = np.int64(FAR)
        for index in range(size):
            if pay[index] >= 0:
                least = min(least, table[closing + row * size + index] + pay[index] * scale)
        table[entry + row] = least

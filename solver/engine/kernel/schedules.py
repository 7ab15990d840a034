"""The cheapest schedules of a crew's members, by dynamic programming over their days."""

from __future__ import annotations

import numpy as np

from solver.engine.kernel.compiled import compiled
from solver.engine.kernel.crewed import FAR, Crewed, forward, rest_place, stops_after


@compiled
def cheapest(
    crewed: Crewed,
    prices: np.ndarray,
    who: np.ndarray,
    must_work: np.ndarray,
    scale: int,
    table: np.ndarray,
    sources: np.ndarray,
    values: np.ndarray,
    classes: np.ndarray,
) -> None:
    """Write each member's least cost, and the class taken on each day, -1 on days off.

    `prices` are [places in who, classes]; `who` names members of the crew; `must_work` is
    [members of the crew, days]. A member without a legal schedule has FAR.
    """
    for column in range(len(who)):
        member = who[column]
        forward(crewed, prices, column, member, must_work, scale, table, sources)
        end = _least_end(crewed, member, table)
        values[column] = table[end]
        if table[end] < FAR // 2:
            _trace(crewed, prices, column, member, scale, table, end, classes)
        else:
            values[column] = FAR


@compiled
def _least_end(crewed: Crewed, member: int, table: np.ndarray) -> int:
    """The cheapest state after the last day."""
    counters = crewed.entry_counters[crewed.days]
    weekend = counters // crewed.weekend_places
    first = crewed.entry_first[crewed.days]
    rows = crewed.offs + crewed.labels[crewed.days] * crewed.runs
    best = first
    least = np.int32(FAR)
    for row in range(rows):
        for counter in range(counters):
            if counter // weekend > crewed.most_weekends[member]:
                break
            if table[first + row * counters + counter] < least:
                least = table[first + row * counters + counter]
                best = first + row * counters + counter
    return best


@compiled
def _trace(
    crewed: Crewed,
    prices: np.ndarray,
    column: int,
    member: int,
    scale: int,
    table: np.ndarray,
    end: int,
    classes: np.ndarray,
) -> None:
    at = end
    for day in range(crewed.days - 1, -1, -1):
        if crewed.pay_first[day] >= 0:
            at = _before_settling(crewed, day, member, scale, table, at)
        counters = crewed.closing_counters[day]
        row = (at - crewed.closing_first[day]) // counters
        counter = (at - crewed.closing_first[day]) % counters
        classes[column, day] = -1
        if row < crewed.offs:
            at = _before_rest(crewed, day, member, table, row, counter, table[at])
        else:
            at = _before_shift(
                crewed, day, prices, column, scale, table, row, counter, table[at], classes
            )


@compiled
def _before_settling(
    crewed: Crewed, day: int, member: int, scale: int, table: np.ndarray, at: int
) -> int:
    size = crewed.pay_size[day]
    first = crewed.closing_first[day] + (at - crewed.entry_first[day + 1]) * size
    for index in range(size):
        pay = crewed.pay[member, crewed.pay_first[day] + index]
        if pay >= 0 and table[first + index] + pay * scale == table[at]:
            return first + index
    return -1


@compiled
def _before_rest(
    crewed: Crewed, day: int, member: int, table: np.ndarray, place: int, counter: int, value: int
) -> int:
    """The state on the eve of a day off that ends in this one."""
    offs, runs = crewed.offs, crewed.runs
    before, entry = crewed.entry_counters[day], crewed.entry_first[day]
    ended = rest_place(crewed, member, day) == place
    for stretch in range(crewed.rest_stretch[day], crewed.rest_stretch_end[day]):
        inside = counter - crewed.given[stretch]
        if inside < 0 or inside >= crewed.length[stretch]:
            continue
        at = crewed.taken[stretch] + inside
        if place > 0 and table[entry + (place - 1) * before + at] == value:
            return entry + (place - 1) * before + at
        if place == offs - 1 and table[entry + place * before + at] == value:
            return entry + place * before + at
        if ended:
            for row in range(offs, offs + crewed.labels[day] * runs):
                stops = stops_after(crewed, member, day, (row - offs) % runs)
                if stops and table[entry + row * before + at] == value:
                    return entry + row * before + at
    return -1


@compiled
def _before_shift(
    crewed: Crewed,
    day: int,
    prices: np.ndarray,
    column: int,
    scale: int,
    table: np.ndarray,
    row: int,
    counter: int,
    value: int,
    classes: np.ndarray,
) -> int:
    """The state on the eve of a shift that ends in this one; the class is noted."""
    offs, runs = crewed.offs, crewed.runs
    before, entry = crewed.entry_counters[day], crewed.entry_first[day]
    label, run = (row - offs) // runs, (row - offs) % runs
    for one in range(crewed.class_first[day], crewed.class_first[day + 1]):
        if crewed.class_label[one] != label or prices[column, one] >= FAR // 2:
            continue
        classes[column, day] = one
        for move in range(crewed.move_first[2 * one], crewed.move_first[2 * one + 2]):
            resting = move < crewed.move_first[2 * one + 1]
            if resting and run > 0:
                continue
            left = value - prices[column, one] - crewed.move_extra[move] * scale
            for stretch in range(crewed.move_stretch[move], crewed.move_stretch_end[move]):
                inside = counter - crewed.given[stretch]
                if inside < 0 or inside >= crewed.length[stretch]:
                    continue
                at = crewed.taken[stretch] + inside
                if resting:
                    if table[entry + (offs - 1) * before + at] == left:
                        return entry + (offs - 1) * before + at
                    continue
                found = _run_before(crewed, day, one, run, at, left, table)
                if found >= 0:
                    return found
    return -1


@compiled
def _run_before(
    crewed: Crewed, day: int, one: int, run: int, at: int, value: int, table: np.ndarray
) -> int:
    """The state of a run that a class lengthens to `run + 1` days, -1 if none has this value."""
    runs = crewed.runs
    before = crewed.entry_counters[day]
    duty = crewed.entry_first[day] + crewed.offs * before
    source = crewed.source_first[day] + crewed.class_source[one]
    for earlier in (run - 1, run):
        if earlier < 0 or (earlier == run and (crewed.longest_binds or run < runs - 1)):
            continue
        for place in range(
            crewed.source_label_first[source], crewed.source_label_first[source + 1]
        ):
            state = duty + (crewed.source_label[place] * runs + earlier) * before + at
            if table[state] == value:
                return state
    return -1

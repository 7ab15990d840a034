"""What the best schedules through each choice of a crew's members cost.

The days are walked forwards as for the cheapest schedules, then backwards; a choice costs what
leads to it and what is left from there.
"""

from __future__ import annotations

import numpy as np

from solver.engine.kernel.compiled import compiled, inlined
from solver.engine.kernel.crewed import FAR, Crewed, Whole, carry, forward, gather, rest


@compiled
def through(
    crewed: Crewed,
    prices: np.ndarray,
    who: np.ndarray,
    must_work: np.ndarray,
    scale: int,
    table: np.ndarray,
    sources: np.ndarray,
    ahead: np.ndarray,
    ahead_of_sources: np.ndarray,
    classes: np.ndarray,
    off: np.ndarray,
) -> None:
    """Write what the best schedules through each choice cost, without the choice's own price.

    `classes` are [classes, members] a class taken, `off` [members, days] a day off; as
    `cheapest` otherwise. FAR and above where there is none.
    """
    for column in range(len(who)):
        member = who[column]
        forward(crewed, prices, column, member, must_work, scale, table, sources)
        ahead[:] = FAR
        _open_ends(crewed, member, ahead)
        for day in range(crewed.days - 1, -1, -1):
            if crewed.pay_first[day] >= 0:
                _unsettle(crewed, day, member, scale, ahead)
            after = crewed.closing_counters[day]
            closing = crewed.closing_first[day]
            off[column, day] = FAR
            if not must_work[member, day]:
                off[column, day] = _meet(table, ahead, closing, closing, crewed.offs * after)
                rest(crewed, day, member, ahead, False)
            gather(crewed, day, table, sources)
            _back_to_shifts(
                crewed,
                day,
                prices,
                column,
                member,
                scale,
                table,
                sources,
                ahead,
                ahead_of_sources,
                classes,
            )


@compiled
def _open_ends(crewed: Crewed, member: int, ahead: np.ndarray) -> None:
    counters = crewed.entry_counters[crewed.days]
    weekend = counters // crewed.weekend_places
    first = crewed.entry_first[crewed.days]
    for row in range(crewed.offs + crewed.labels[crewed.days] * crewed.runs):
        for counter in range(counters):
            if counter // weekend <= crewed.most_weekends[member]:
                ahead[first + row * counters + counter] = 0


@compiled
def _unsettle(crewed: Crewed, day: int, member: int, scale: int, ahead: np.ndarray) -> None:
    size = crewed.pay_size[day]
    rows = (crewed.offs + crewed.labels[day + 1] * crewed.runs) * crewed.entry_counters[day + 1]
    closing, entry = crewed.closing_first[day], crewed.entry_first[day + 1]
    for row in range(rows):
        for index in range(size):
            pay = crewed.pay[member, crewed.pay_first[day] + index]
            if pay >= 0:
                ahead[closing + row * size + index] = min(
                    np.int64(FAR), ahead[entry + row] + pay * scale
                )


@compiled
def _back_to_shifts(
    crewed: Crewed,
    day: int,
    prices: np.ndarray,
    column: int,
    member: int,
    scale: int,
    table: np.ndarray,
    sources: np.ndarray,
    ahead: np.ndarray,
    ahead_of_sources: np.ndarray,
    classes: np.ndarray,
) -> None:
    offs, runs = crewed.offs, crewed.runs
    longest = min(runs, crewed.longest[member])
    before, after = crewed.entry_counters[day], crewed.closing_counters[day]
    rested = crewed.entry_first[day] + (offs - 1) * before
    first = crewed.source_first[day]
    count = (crewed.source_first[day + 1] - first) * runs * before
    ahead_of_sources[:count] = FAR
    for one in range(crewed.class_first[day], crewed.class_first[day + 1]):
        price = prices[column, one]
        classes[one, column] = 2 * FAR
        if longest == 0:
            continue
        least = np.int64(2 * FAR)
        duty = crewed.closing_first[day] + (offs + crewed.class_label[one] * runs) * after
        for move in range(crewed.move_first[2 * one], crewed.move_first[2 * one + 1]):
            extra = crewed.move_extra[move] * scale
            for stretch in range(crewed.move_stretch[move], crewed.move_stretch_end[move]):
                taken, given = rested + crewed.taken[stretch], duty + crewed.given[stretch]
                length = crewed.length[stretch]
                least = min(least, _meet(table, ahead, taken, given, length) + extra)
                if price < FAR // 2:
                    carry(ahead, given, ahead, taken, length, np.int32(price + extra))
        begin = crewed.class_source[one] * runs * before
        for move in range(crewed.move_first[2 * one + 1], crewed.move_first[2 * one + 2]):
            extra = crewed.move_extra[move] * scale
            for stretch in range(crewed.move_stretch[move], crewed.move_stretch_end[move]):
                length = crewed.length[stretch]
                for run in range(runs):
                    to = run + 1
                    if to >= longest:
                        if crewed.longest_binds or run + 1 < runs:
                            continue
                        to = run
                    at = begin + run * before + crewed.taken[stretch]
                    into = duty + to * after + crewed.given[stretch]
                    least = min(least, _meet(sources, ahead, at, into, length) + extra)
                    if price < FAR // 2:
                        cost = np.int32(price + extra)
                        carry(ahead, into, ahead_of_sources, at, length, cost)
        classes[one, column] = min(least, np.int64(2 * FAR))
    _scatter(crewed, day, ahead, ahead_of_sources)


@compiled
def _scatter(crewed: Crewed, day: int, ahead: np.ndarray, ahead_of_sources: np.ndarray) -> None:
    """What is ahead of each source is ahead of every label in it."""
    counters = crewed.entry_counters[day]
    size = crewed.runs * counters
    duty = crewed.entry_first[day] + crewed.offs * counters
    first = crewed.source_first[day]
    for source in range(first, crewed.source_first[day + 1]):
        for place in range(
            crewed.source_label_first[source], crewed.source_label_first[source + 1]
        ):
            begin = duty + crewed.source_label[place] * size
            carry(ahead_of_sources, (source - first) * size, ahead, begin, size, 0)


@inlined
def _meet(table: np.ndarray, ahead: np.ndarray, taken: int, given: int, length: int) -> Whole:
    """The least of paying up to here and from there on."""
    before = table[taken : taken + length]
    after = ahead[given : given + length]
    least = np.int32(2 * FAR)
    for index in range(length):
        least = min(least, np.int32(before[index] + after[index]))
    return least

"""Cheapest schedules of one crew's members over a long horizon, by dynamic programming.

`solver.engine.horizon.path_layout` lays a crew's days out in the arrays of `Crewed`. A day's
states stand in one row: off (days off so far, the last rested), then on duty (label, length of
the run), each with the crew's counters as inmost index. What moves the counters is kept as
stretches that are adjacent before and after, so that the innermost loops run over neighbours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.engine.arrays import Ints
from solver.engine.kernel.compiled import compiled, inlined

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
def _carry(table: np.ndarray, taken: int, given: int, length: int, cost: int) -> None:
    """Go from states to states at a cost, where that is better than what is there."""
    source = table[taken : taken + length]
    target = table[given : given + length]
    for index in range(length):
        target[index] = min(target[index], np.int32(source[index] + cost))


@inlined
def _back(ahead: np.ndarray, taken: int, given: int, length: int, cost: int) -> None:
    """The same backwards: what is left to pay from the states taken."""
    target = ahead[taken : taken + length]
    source = ahead[given : given + length]
    for index in range(length):
        target[index] = min(target[index], np.int32(source[index] + cost))


@inlined
def _meet(table: np.ndarray, ahead: np.ndarray, taken: int, given: int, length: int) -> int:
    """The least of paying up to here and from there on."""
    before = table[taken : taken + length]
    after = ahead[given : given + length]
    least = np.int32(2 * FAR)
    for index in range(length):
        least = min(least, np.int32(before[index] + after[index]))
    return least


@inlined
def _stops(crewed: Crewed, member: int, day: int, run: int) -> bool:
    """Whether a run of `run + 1` days may end on the eve of `day`."""
    length = run + 1
    return length >= crewed.shortest[member] or crewed.history[member] + day == length


@inlined
def _rest_place(crewed: Crewed, member: int, day: int) -> int:
    """Where among the days off the first one after a run counts."""
    return crewed.offs - 1 if day == 0 else crewed.offs - crewed.shortest_off[member]


@compiled
def _gather(crewed: Crewed, day: int, table: np.ndarray, sources: np.ndarray) -> None:
    """The least over the labels of each source, [sources, runs, counters], on a day's eve."""
    counters = crewed.entry_counters[day]
    size = crewed.runs * counters
    duty = crewed.entry_first[day] + crewed.offs * counters
    first = crewed.source_first[day]
    for source in range(first, crewed.source_first[day + 1]):
        target = sources[(source - first) * size : (source - first + 1) * size]
        target[:] = FAR
        for place in range(
            crewed.source_label_first[source], crewed.source_label_first[source + 1]
        ):
            begin = duty + crewed.source_label[place] * size
            label = table[begin : begin + size]
            for index in range(size):
                target[index] = min(target[index], label[index])


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


@compiled
def _forward(
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
        _gather(crewed, day, table, sources)
        if not must_work[member, day]:
            _rest(crewed, day, member, table)
        _take_shifts(crewed, day, prices, column, member, scale, table, sources)
        if crewed.pay_first[day] >= 0:
            _settle(crewed, day, member, scale, table)


@compiled
def _rest(crewed: Crewed, day: int, member: int, table: np.ndarray) -> None:
    """Let days off go on and runs end."""
    offs, runs = crewed.offs, crewed.runs
    before, after = crewed.entry_counters[day], crewed.closing_counters[day]
    entry, closing = crewed.entry_first[day], crewed.closing_first[day]
    ended = closing + _rest_place(crewed, member, day) * after
    for stretch in range(crewed.rest_stretch[day], crewed.rest_stretch_end[day]):
        taken, given = crewed.taken[stretch], crewed.given[stretch]
        length = crewed.length[stretch]
        for place in range(offs):
            to = closing + min(place + 1, offs - 1) * after + given
            _carry(table, entry + place * before + taken, to, length, 0)
        for label in range(crewed.labels[day]):
            for run in range(runs):
                if _stops(crewed, member, day, run):
                    at = entry + (offs + label * runs + run) * before + taken
                    _carry(table, at, ended + given, length, 0)


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
        price = prices[one, column]
        if price >= FAR // 2:
            continue
        duty = crewed.closing_first[day] + (offs + crewed.class_label[one] * runs) * after
        for move in range(crewed.move_first[2 * one], crewed.move_first[2 * one + 1]):
            cost = np.int32(price + crewed.move_extra[move] * scale)
            for stretch in range(crewed.move_stretch[move], crewed.move_stretch_end[move]):
                taken, given = crewed.taken[stretch], crewed.given[stretch]
                _carry(table, rested + taken, duty + given, crewed.length[stretch], cost)
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
                    source = sources[at : at + length]
                    into = duty + to * after + given
                    target = table[into : into + length]
                    for index in range(length):
                        target[index] = min(target[index], np.int32(source[index] + cost))


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

    `prices` are [classes, places in who]; `who` names members of the crew; `must_work` is
    [members of the crew, days]. A member without a legal schedule has FAR.
    """
    for column in range(len(who)):
        member = who[column]
        _forward(crewed, prices, column, member, must_work, scale, table, sources)
        end = _least_end(crewed, member, table)
        values[column] = table[end]
        if table[end] < FAR // 2:
            _trace(crewed, prices, column, member, scale, table, end, classes)
        else:
            values[column] = FAR


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
    ended = _rest_place(crewed, member, day) == place
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
                stops = _stops(crewed, member, day, (row - offs) % runs)
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
        if crewed.class_label[one] != label or prices[one, column] >= FAR // 2:
            continue
        classes[column, day] = one
        for move in range(crewed.move_first[2 * one], crewed.move_first[2 * one + 2]):
            resting = move < crewed.move_first[2 * one + 1]
            if resting and run > 0:
                continue
            left = value - prices[one, column] - crewed.move_extra[move] * scale
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
        _forward(crewed, prices, column, member, must_work, scale, table, sources)
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
                _back_to_rest(crewed, day, member, ahead)
            _gather(crewed, day, table, sources)
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
def _back_to_rest(crewed: Crewed, day: int, member: int, ahead: np.ndarray) -> None:
    offs, runs = crewed.offs, crewed.runs
    before, after = crewed.entry_counters[day], crewed.closing_counters[day]
    entry, closing = crewed.entry_first[day], crewed.closing_first[day]
    ended = closing + _rest_place(crewed, member, day) * after
    for stretch in range(crewed.rest_stretch[day], crewed.rest_stretch_end[day]):
        taken, given = crewed.taken[stretch], crewed.given[stretch]
        length = crewed.length[stretch]
        for place in range(offs):
            to = closing + min(place + 1, offs - 1) * after + given
            _back(ahead, entry + place * before + taken, to, length, 0)
        for label in range(crewed.labels[day]):
            for run in range(runs):
                if _stops(crewed, member, day, run):
                    at = entry + (offs + label * runs + run) * before + taken
                    _back(ahead, at, ended + given, length, 0)


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
        price = prices[one, column]
        least = np.int64(2 * FAR)
        duty = crewed.closing_first[day] + (offs + crewed.class_label[one] * runs) * after
        for move in range(crewed.move_first[2 * one], crewed.move_first[2 * one + 1]):
            extra = crewed.move_extra[move] * scale
            for stretch in range(crewed.move_stretch[move], crewed.move_stretch_end[move]):
                taken, given = rested + crewed.taken[stretch], duty + crewed.given[stretch]
                length = crewed.length[stretch]
                least = min(least, _meet(table, ahead, taken, given, length) + extra)
                if price < FAR // 2:
                    _back(ahead, taken, given, length, np.int32(price + extra))
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
                        target = ahead_of_sources[at : at + length]
                        source = ahead[into : into + length]
                        cost = np.int32(price + extra)
                        for index in range(length):
                            target[index] = min(target[index], np.int32(source[index] + cost))
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
        ready = ahead_of_sources[(source - first) * size : (source - first + 1) * size]
        for place in range(
            crewed.source_label_first[source], crewed.source_label_first[source + 1]
        ):
            begin = duty + crewed.source_label[place] * size
            target = ahead[begin : begin + size]
            for index in range(size):
                target[index] = min(target[index], ready[index])

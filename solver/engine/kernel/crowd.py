"""The people in each cell and what they are counted for, kept optimal as they come and go.

The exchanges of `solver.engine.crowd`, over flat arrays: one who comes fills the dearest open
place that an alternating path reaches; the place of one who goes is refilled along the path
that leaves the cheapest place open.
"""

from __future__ import annotations

from solver.engine.kernel.compiled import compiled, inlined
from solver.engine.kernel.layout import Layout, State


@inlined
def learn_gains(layout: Layout, state: State, cell: int) -> None:
    """Per requirement: the dearest open place reached when one more person answers it."""
    first = layout.exclusive_first[cell]
    count = layout.exclusive_first[cell + 1] - first
    begin = layout.crowd_first[cell]
    for requirement in range(count):
        state.gain[first + requirement] = 0
        state.reaches[requirement] = 0
    state.gain_known[cell] = 1
    for at in range(begin, begin + state.crowd_size[cell]):
        if state.person_serves[at] >= 0:
            state.reaches[state.person_serves[at]] |= state.person_mask[at]
    unset = (1 << count) - 1
    while True:
        best, target = 0, -1
        for requirement in range(count):
            if unset >> requirement & 1:
                number = first + requirement
                place = layout.value_first[number] + state.held[number]
                if place < layout.value_first[number + 1] and layout.value[place] > best:
                    best, target = layout.value[place], requirement
        if target < 0:
            return
        unset &= ~(1 << target)
        state.queue[0] = target
        tail = 1
        while tail:
            tail -= 1
            target = state.queue[tail]
            state.gain[first + target] = best
            for source in range(count):
                if unset >> source & 1 and state.reaches[source] >> target & 1:
                    unset &= ~(1 << source)
                    state.queue[tail] = source
                    tail += 1


@compiled
def move(layout: Layout, state: State, mediator: int, sign: int) -> None:
    """Put everyone's plan of one mediator on the cells (sign 1) or take it off (-1)."""
    for day in range(layout.days):
        choice = state.plan[mediator, day]
        span = layout.choice_span[choice]
        if span < 0:
            continue
        local = span * layout.slots - layout.span_cell[span]
        for run in range(layout.run_first[choice], layout.run_first[choice + 1]):
            for cell in range(layout.run_begin[run], layout.run_end[run]):
                if state.kept_in[cell] != state.trial[0]:
                    _keep(layout, state, cell)
                state.serving[cell] += sign
                mask = layout.mask[local + cell]
                if mask:
                    if sign > 0:
                        _come(layout, state, cell, mediator, mask)
                    else:
                        _go(layout, state, cell, mediator)
                bits = layout.presence[local + cell]
                if bits:
                    _count(layout, state, cell, bits, sign)


@compiled
def begin_trial(state: State) -> None:
    """From here on, cells are kept at their first touch, for `undo_trial`."""
    state.trial[0] += 1
    state.trial[1] = 0
    state.trial[2] = state.cover[0]


@compiled
def undo_trial(layout: Layout, state: State) -> None:
    """Put every cell back as it was when the trial began; plans are the caller's to restore."""
    state.cover[0] = state.trial[2]
    for number in range(state.trial[1]):
        cell = state.kept_cell[number]
        begin = layout.crowd_first[cell]
        size = state.kept_size[cell]
        state.crowd_size[cell] = size
        state.serving[cell] = state.kept_serving[cell]
        state.gain_known[cell] = 0
        for at in range(begin, begin + size):
            state.person[at] = state.kept_person[at]
            state.person_mask[at] = state.kept_mask[at]
            state.person_serves[at] = state.kept_serves[at]
        for item in range(layout.exclusive_first[cell], layout.exclusive_first[cell + 1]):
            state.held[item] = state.kept_held[item]
        for item in range(layout.present_first[cell], layout.present_first[cell + 1]):
            state.present[item] = state.kept_present[item]
    begin_trial(state)


@inlined
def _keep(layout: Layout, state: State, cell: int) -> None:
    state.kept_in[cell] = state.trial[0]
    state.kept_cell[state.trial[1]] = cell
    state.trial[1] += 1
    begin = layout.crowd_first[cell]
    size = state.crowd_size[cell]
    state.kept_size[cell] = size
    state.kept_serving[cell] = state.serving[cell]
    for at in range(begin, begin + size):
        state.kept_person[at] = state.person[at]
        state.kept_mask[at] = state.person_mask[at]
        state.kept_serves[at] = state.person_serves[at]
    for item in range(layout.exclusive_first[cell], layout.exclusive_first[cell + 1]):
        state.kept_held[item] = state.held[item]
    for item in range(layout.present_first[cell], layout.present_first[cell + 1]):
        state.kept_present[item] = state.present[item]


@inlined
def _count(layout: Layout, state: State, cell: int, bits: int, sign: int) -> None:
    item = layout.present_first[cell]
    while bits:
        if bits & 1:
            if sign > 0:
                state.cover[0] -= presence_gain(layout, state, item)
                state.present[item] += 1
            else:
                state.present[item] -= 1
                state.cover[0] += presence_gain(layout, state, item)
        bits >>= 1
        item += 1


@inlined
def presence_gain(layout: Layout, state: State, item: int) -> int:
    """What one more person saves for a presence requirement."""
    first = layout.worth_first[item]
    people = state.present[item]
    if first + people < layout.worth_first[item + 1]:
        return layout.worth[first + people]
    return -layout.excess_cost[item]


@inlined
def _come(layout: Layout, state: State, cell: int, mediator: int, mask: int) -> None:
    first = layout.exclusive_first[cell]
    begin = layout.crowd_first[cell]
    size = state.crowd_size[cell]
    tail = 0
    rest, requirement = mask, 0
    while rest:
        if rest & 1:
            state.queue[tail] = requirement
            state.parent_person[requirement] = -1
            tail += 1
        rest >>= 1
        requirement += 1
    seen = mask
    best, end = 0, -1
    head = 0
    while head < tail:
        requirement = state.queue[head]
        head += 1
        number = first + requirement
        place = layout.value_first[number] + state.held[number]
        if place < layout.value_first[number + 1] and layout.value[place] > best:
            best, end = layout.value[place], requirement
        for at in range(begin, begin + size):
            if state.person_serves[at] != requirement:
                continue
            fresh = state.person_mask[at] & ~seen
            seen |= fresh
            other = 0
            while fresh:
                if fresh & 1:
                    state.parent_requirement[other] = requirement
                    state.parent_person[other] = at
                    state.queue[tail] = other
                    tail += 1
                fresh >>= 1
                other += 1
    at = begin + size
    state.crowd_size[cell] = size + 1
    state.person[at] = mediator
    state.person_mask[at] = mask
    state.person_serves[at] = -1
    if end < 0:
        return
    state.gain_known[cell] = 0
    state.cover[0] -= best
    state.held[first + end] += 1
    while state.parent_person[end] >= 0:
        state.person_serves[state.parent_person[end]] = end
        end = state.parent_requirement[end]
    state.person_serves[at] = end


@inlined
def _go(layout: Layout, state: State, cell: int, mediator: int) -> None:
    first = layout.exclusive_first[cell]
    begin = layout.crowd_first[cell]
    last = begin + state.crowd_size[cell] - 1
    at = begin
    while state.person[at] != mediator:
        at += 1
    left = state.person_serves[at]
    state.person[at] = state.person[last]
    state.person_mask[at] = state.person_mask[last]
    state.person_serves[at] = state.person_serves[last]
    state.crowd_size[cell] -= 1
    if left < 0:
        return
    state.gain_known[cell] = 0
    state.held[first + left] -= 1
    number = first + left
    least, end = layout.value[layout.value_first[number] + state.held[number]], left
    state.queue[0] = left
    tail, head = 1, 0
    seen = 1 << left
    while head < tail:
        requirement = state.queue[head]
        head += 1
        for at in range(begin, last):
            other = state.person_serves[at]
            if other < 0:
                if state.person_mask[at] >> requirement & 1:
                    _hand_down(state, requirement, left)
                    state.person_serves[at] = requirement
                    state.held[first + left] += 1
                    return
            elif not seen >> other & 1 and state.person_mask[at] >> requirement & 1:
                seen |= 1 << other
                state.parent_requirement[other] = requirement
                state.parent_person[other] = at
                state.queue[tail] = other
                tail += 1
                number = first + other
                value = layout.value[layout.value_first[number] + state.held[number] - 1]
                if value < least:
                    least, end = value, other
    state.cover[0] += least
    state.held[first + left] += 1
    state.held[first + end] -= 1
    _hand_down(state, end, left)


@inlined
def _hand_down(state: State, end: int, left: int) -> None:
    """Move people along the path from `end` to `left`, leaving a place open at `end`."""
    while end != left:
        after = state.parent_requirement[end]
        state.person_serves[state.parent_person[end]] = after
        end = after

"""One mediator's choices priced against everyone on the board, and their best plan."""

from __future__ import annotations

import numpy as np

from solver.engine.kernel.compiled import compiled, inlined
from solver.engine.kernel.crowd import learn_gains, move, presence_gain
from solver.engine.kernel.layout import Layout, State

FULL = 1e12
"""Outweighs any cost: the price of serving in a cell that is full."""


@compiled
def price_choices(layout: Layout, state: State, mediator: int) -> None:
    """Write to `state.values` the cost of each choice of a mediator off the board."""
    begin, end = layout.choice_first[mediator], layout.choice_first[mediator + 1]
    slots = layout.slots
    choice = begin
    for index in range(begin, end):
        state.values[index - begin] = layout.choice_cost[index]
    for span in range(layout.span_first[mediator], layout.span_first[mediator + 1]):
        base = layout.span_cell[span]
        total = 0.0
        state.sums[0] = 0.0
        for slot in range(slots):
            total += _gain_in_cell(layout, state, span * slots + slot, base + slot)
            state.sums[slot + 1] = total
        for choice in range(begin, end):
            if layout.choice_span[choice] != span:
                continue
            saved = 0.0
            for run in range(layout.run_first[choice], layout.run_first[choice + 1]):
                saved += state.sums[layout.run_end[run] - base]
                saved -= state.sums[layout.run_begin[run] - base]
            state.values[choice - begin] -= saved


@inlined
def _gain_in_cell(layout: Layout, state: State, local: int, cell: int) -> float:
    gain = 0
    mask = layout.mask[local]
    if mask:
        if not state.gain_known[cell]:
            learn_gains(layout, state, cell)
        number = layout.exclusive_first[cell]
        while mask:
            if mask & 1 and state.gain[number] > gain:
                gain = state.gain[number]
            mask >>= 1
            number += 1
    bits = layout.presence[local]
    item = layout.present_first[cell]
    while bits:
        if bits & 1:
            gain += presence_gain(layout, state, item)
        bits >>= 1
        item += 1
    if state.serving[cell] >= layout.limit[cell]:
        return gain - FULL
    return float(gain)


@compiled
def best_plan(layout: Layout, state: State, mediator: int) -> float:
    """Cheapest legal plan at `state.values`, written to `state.taken`; infinite if none."""
    first = layout.choice_first[mediator]
    for group in range(layout.groups):
        state.group_value[group] = np.inf
    for choice in range(first, layout.choice_first[mediator + 1]):
        group = layout.choice_group[choice]
        value = state.values[choice - first]
        if value < state.group_value[group]:
            state.group_value[group] = value
            state.group_choice[group] = choice
    states = layout.states
    state.state_value[0] = 0.0
    before, after = 0, states
    layer = layout.graph[mediator] * layout.days
    for day in range(layout.days):
        for target in range(after, after + states):
            state.state_value[target] = np.inf
        for arc in range(layout.layer_first[layer + day], layout.layer_first[layer + day + 1]):
            value = (
                state.state_value[before + layout.arc_source[arc]]
                + state.group_value[layout.arc_group[arc]]
                + layout.arc_cost[arc]
            )
            target = layout.arc_target[arc]
            if value < state.state_value[after + target]:
                state.state_value[after + target] = value
                state.best_arc[day * states + target] = arc
        before, after = after, before
    target = 0
    for index in range(states):
        if state.state_value[before + index] < state.state_value[before + target]:
            target = index
    value = state.state_value[before + target]
    if value >= FULL / 2:
        return np.inf
    for day in range(layout.days - 1, -1, -1):
        arc = state.best_arc[day * states + target]
        state.taken[day] = arc
        target = layout.arc_source[arc]
    return value


@compiled
def give(layout: Layout, state: State, mediator: int) -> None:
    """Put a mediator on the board with the plan in `state.taken`."""
    own = 0.0
    for day in range(layout.days):
        arc = state.taken[day]
        choice = state.group_choice[layout.arc_group[arc]]
        state.plan[mediator, day] = choice
        own += layout.arc_cost[arc] + layout.choice_cost[choice]
    state.own_cost[mediator] = own
    move(layout, state, mediator, 1)


@compiled
def best_plans(layout: Layout, state: State, values: np.ndarray, taken: np.ndarray) -> float:
    """Everyone's cheapest plan at `values` of all choices; `taken` gets the choices.

    Returns the sum of their values.
    """
    total = 0.0
    for mediator in range(len(layout.choice_first) - 1):
        first = layout.choice_first[mediator]
        for choice in range(first, layout.choice_first[mediator + 1]):
            state.values[choice - first] = values[choice]
        total += best_plan(layout, state, mediator)
        for day in range(layout.days):
            arc = state.taken[day]
            taken[mediator, day] = state.group_choice[layout.arc_group[arc]]
    return total

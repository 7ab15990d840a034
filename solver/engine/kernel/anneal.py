"""Rearranging small groups of mediators, with annealing."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from solver.engine.arrays import Floats, Ints
from solver.engine.kernel.compiled import allocating, compiled
from solver.engine.kernel.crowd import begin_trial, move, undo_trial
from solver.engine.kernel.layout import Layout, State
from solver.engine.kernel.reply import best_plan, give, price_choices

LARGEST_GROUP = 8
BLURS = np.array([0.0, 3.0, 6.0, 10.0, 20.0])
"""Random amounts, up to these, that blur the values of choices."""


class Likeness(NamedTuple):
    """For each mediator, others who may take their place, and how readily they are drawn."""

    first: Ints
    other: Ints
    weight: Floats
    """Running sums within each mediator's list."""


class Best(NamedTuple):
    """The best roster a search has held."""

    plan: Ints
    own_cost: Floats
    cost: Floats
    """Two entries: the cost of the roster on the board, and the best."""


@allocating
def seed_randomness(seed: int) -> None:
    """Begin the random numbers of this process's searches anew."""
    np.random.seed(seed)


@allocating
def put(layout: Layout, state: State, mediator: int, plan: Ints, own_cost: float) -> None:
    """Put a mediator who is off the board on it with a given plan."""
    for day in range(layout.days):
        state.plan[mediator, day] = plan[day]
    state.own_cost[mediator] = own_cost
    move(layout, state, mediator, 1)


@allocating
def restore(layout: Layout, state: State, best: Best) -> None:
    """Put the best roster back on the board."""
    mediators = state.plan.shape[0]
    for mediator in range(mediators):
        same = True
        for day in range(layout.days):
            same = same and state.plan[mediator, day] == best.plan[mediator, day]
        if not same:
            move(layout, state, mediator, -1)
            put(layout, state, mediator, best.plan[mediator], best.own_cost[mediator])
    best.cost[0] = best.cost[1]


@allocating
def anneal(
    layout: Layout,
    state: State,
    best: Best,
    near: Likeness,
    leaning: Floats,
    steps: int,
    temperature: float,
    largest: int,
) -> bool:
    """`steps` rearrangements of groups of two to `largest` mediators.

    `leaning`, one for each choice, mediator after mediator, is added to the values of choices while
    a group is put back. Returns whether a better roster than the best was found.
    """
    found = False
    group = np.zeros(LARGEST_GROUP, dtype=np.int64)
    old = np.zeros((LARGEST_GROUP, layout.days), dtype=np.int64)
    old_own = np.zeros(LARGEST_GROUP)
    for _ in range(steps):
        size = _draw_group(near, group, 2 + int(np.random.random() * (largest - 1)))
        blur = BLURS[int(np.random.random() * len(BLURS))]
        if _rearrange(layout, state, best, leaning, group, size, blur, temperature, old, old_own):
            found = True
    return found


@allocating
def settle(layout: Layout, state: State, best: Best) -> bool:
    """Everyone's best reply in turn, once; whether that was cheaper."""
    better = False
    for mediator in range(state.plan.shape[0]):
        before = state.own_cost[mediator] + state.cover[0]
        old = state.plan[mediator].copy()
        old_own = state.own_cost[mediator]
        move(layout, state, mediator, -1)
        price_choices(layout, state, mediator)
        if best_plan(layout, state, mediator) == np.inf:
            put(layout, state, mediator, old, old_own)
            continue
        give(layout, state, mediator)
        change = state.own_cost[mediator] + state.cover[0] - before
        if change > -0.5:
            move(layout, state, mediator, -1)
            put(layout, state, mediator, old, old_own)
        else:
            best.cost[0] += change
            better = True
    _keep(state, best)
    return better


@compiled
def _draw_group(near: Likeness, group: Ints, size: int) -> int:
    mediators = len(near.first) - 1
    first = int(np.random.random() * mediators)
    group[0] = first
    begin, end = near.first[first], near.first[first + 1]
    size = min(size, end - begin + 1, LARGEST_GROUP)
    count = 1
    for _ in range(8 * size):
        if count == size:
            break
        mark = np.random.random() * near.weight[end - 1]
        low, high = begin, end - 1
        while low < high:
            middle = (low + high) // 2
            if near.weight[middle] > mark:
                high = middle
            else:
                low = middle + 1
        other = near.other[low]
        fresh = True
        for index in range(count):
            fresh = fresh and group[index] != other
        if fresh:
            group[count] = other
            count += 1
    return count


@compiled
def _rearrange(
    layout: Layout,
    state: State,
    best: Best,
    leaning: Floats,
    group: Ints,
    size: int,
    blur: float,
    temperature: float,
    old: Ints,
    old_own: Floats,
) -> bool:
    """Take a group off, put them back by leaning, blurred best replies, keep the result or not."""
    begin_trial(state)
    before = float(state.cover[0])
    for index in range(size):
        mediator = group[index]
        for day in range(layout.days):
            old[index, day] = state.plan[mediator, day]
        old_own[index] = state.own_cost[mediator]
        before += old_own[index]
        move(layout, state, mediator, -1)
    offset = int(np.random.random() * size)
    for index in range(size):
        mediator = group[(index + offset) % size]
        price_choices(layout, state, mediator)
        first = layout.choice_first[mediator]
        for choice in range(layout.choice_first[mediator + 1] - first):
            state.values[choice] += leaning[first + choice]
            if blur > 0:
                state.values[choice] += np.random.random() * blur
        if best_plan(layout, state, mediator) == np.inf:
            break
        give(layout, state, mediator)
    else:
        after = float(state.cover[0])
        same = True
        for index in range(size):
            mediator = group[index]
            after += state.own_cost[mediator]
            for day in range(layout.days):
                same = same and state.plan[mediator, day] == old[index, day]
        if same:
            return False
        after += _second_thoughts(layout, state, group, size, offset)
        change = after - before
        if change <= 0.5 or (
            temperature > 0 and np.random.random() < math.exp(-change / temperature)
        ):
            best.cost[0] += change
            return _keep(state, best)
    undo_trial(layout, state)
    for index in range(size):
        for day in range(layout.days):
            state.plan[group[index], day] = old[index, day]
        state.own_cost[group[index]] = old_own[index]
    return False


@compiled
def _second_thoughts(layout: Layout, state: State, group: Ints, size: int, offset: int) -> float:
    """Everyone of the group replies once more, to the exact values; the change of cost."""
    change = 0.0
    for index in range(size):
        mediator = group[(index + offset) % size]
        change -= state.own_cost[mediator] + state.cover[0]
        move(layout, state, mediator, -1)
        price_choices(layout, state, mediator)
        best_plan(layout, state, mediator)
        give(layout, state, mediator)
        change += state.own_cost[mediator] + state.cover[0]
    return change


@allocating
def _keep(state: State, best: Best) -> bool:
    if best.cost[0] > best.cost[1] - 0.5:
        return False
    best.cost[1] = best.cost[0]
    best.plan[:] = state.plan
    best.own_cost[:] = state.own_cost
    return True

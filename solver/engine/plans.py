"""The best legal plan of one mediator for given values of their choices.

The trackers' states, day by day, form a layered graph whose paths are exactly the
mediator's legal plans. A shortest path gives the best reply to a priced board (search), the
cheapest plan under dual prices (bound) and, from both ends, what each choice costs at least.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np

from solver.engine.arrays import Floats, Ints
from solver.engine.choices import Choices
from solver.engine.frame import Frame
from solver.engine.trackers import TRACKERS
from solver.engine.trackers.tracker import DayWork, Tracker
from solver.look import Look, no_look

INFEASIBLE = float("inf")
BROKEN = object()
"""In place of a state: a rule is broken."""
MOST_CODES = 2**62
"""More kinds of rows than a whole number can tell apart."""


@dataclass(frozen=True)
class _Layer:
    """The transitions of one day, sorted by the state they lead to."""

    source: Ints
    group: Ints
    cost: Floats
    target: Ints
    first: Ints
    """Where each target's transitions begin."""
    by_source: Ints
    """The same transitions sorted by source, and where each source's begin."""
    first_by_source: Ints


@dataclass(frozen=True)
class PlanGraph:
    """Layered graph of one mediator's legal plans over groups of choices; may be shared."""

    layers: tuple[_Layer, ...]
    feasible: bool


@dataclass(frozen=True)
class Plans:
    """A mediator's choices, gathered in groups that no tracker tells apart, and their graph."""

    choices: Choices
    group: Ints
    """Group of each choice."""
    order: Ints
    """The choices sorted by group."""
    first: Ints
    """Where each group begins in `order`."""
    present: Ints
    """The group number of each such run of choices."""
    groups: int
    graph: PlanGraph

    @property
    def feasible(self) -> bool:
        return self.graph.feasible

    def best(self, values: Floats) -> tuple[float, list[int]]:
        """Cheapest legal plan: its value and the choice taken on each day.

        `values` prices each choice (infinite: forbidden); the costs between days come on
        top. Returns `(inf, [])` where no plan is left.
        """
        if not self.feasible:
            return INFEASIBLE, []
        group_value = self._group_values(values)
        state_value = np.zeros(1)
        steps = []
        for layer in self.graph.layers:
            step = state_value[layer.source] + group_value[layer.group] + layer.cost
            steps.append(step)
            state_value = np.minimum.reduceat(step, layer.first)
        state = int(state_value.argmin())
        value = float(state_value[state])
        if value == INFEASIBLE:
            return INFEASIBLE, []
        taken = []
        for layer, step in zip(reversed(self.graph.layers), reversed(steps), strict=True):
            begin = int(layer.first[state])
            end = int(layer.first[state + 1]) if state + 1 < len(layer.first) else len(step)
            best = begin + int(step[begin:end].argmin())
            taken.append(self._cheapest_choice(int(layer.group[best]), values))
            state = int(layer.source[best])
        taken.reverse()
        return value, taken

    def cost_of(self, taken: Sequence[int]) -> float:
        """Own cost of a plan: its choices and what ties its days; infinite where illegal."""
        if not self.feasible or len(taken) != len(self.graph.layers):
            return INFEASIBLE
        total = float(self.choices.cost[list(taken)].sum())
        state = 0
        for layer, choice in zip(self.graph.layers, taken, strict=True):
            arcs = np.flatnonzero((layer.source == state) & (layer.group == self.group[choice]))
            if not len(arcs):
                return INFEASIBLE
            total += float(layer.cost[arcs[0]])
            state = int(layer.target[arcs[0]])
        return total

    def through(self, values: Floats) -> Floats:
        """Value of the cheapest legal plan that takes each choice (infinite where none does)."""
        result = np.full(len(self.choices), INFEASIBLE)
        if not self.feasible:
            return result
        group_value = self._group_values(values)
        forward = [np.zeros(1)]
        for layer in self.graph.layers:
            step = forward[-1][layer.source] + group_value[layer.group] + layer.cost
            forward.append(np.minimum.reduceat(step, layer.first))
        backward = np.zeros(len(forward[-1]))
        rest = np.full(self.groups, INFEASIBLE)
        for depth in range(len(self.graph.layers) - 1, -1, -1):
            layer = self.graph.layers[depth]
            ahead = backward[layer.target] + layer.cost
            np.minimum.at(rest, layer.group, forward[depth][layer.source] + ahead)
            step = (ahead + group_value[layer.group])[layer.by_source]
            backward = np.minimum.reduceat(step, layer.first_by_source)
        sizes = np.diff(np.append(self.first, len(self.order)))
        result[self.order] = values[self.order] + np.repeat(rest[self.present], sizes)
        return result

    def _group_values(self, values: Floats) -> Floats:
        found = np.full(self.groups, INFEASIBLE)
        found[self.present] = np.minimum.reduceat(values[self.order], self.first)
        return found

    def _cheapest_choice(self, group: int, values: Floats) -> int:
        place = int(np.searchsorted(self.present, group))
        begin = self.first[place]
        end = self.first[place + 1] if place + 1 < len(self.first) else len(self.order)
        members = self.order[begin:end]
        return int(members[values[members].argmin()])


class PlanMaker:
    """Builds plans; mediators under the same rules and with like choices share a graph.

    Looks up between mediators, and between the days of a graph.
    """

    def __init__(self, frame: Frame, look: Look = no_look) -> None:
        self._frame = frame
        self._look = look
        self._graphs: dict[Hashable, PlanGraph] = {}

    def make(self, choices: Choices) -> Plans:
        """The plans of a mediator. Raises as the look."""
        self._look()
        person = self._frame.problem.mediators[choices.mediator]
        every = [make(self._frame, person, choices) for make in TRACKERS]
        trackers = [tracker for tracker in every if tracker.signature()]
        columns = [choices.day]
        for tracker in trackers:
            columns += tracker.features(choices)
        table = np.stack(columns, axis=1)
        kinds, group = _kinds(table)
        order = np.argsort(group, kind="stable")
        sizes = np.bincount(group, minlength=len(kinds))
        present, first = np.arange(len(kinds)), np.cumsum(sizes) - sizes
        signature = (
            tuple(tracker.signature() for tracker in trackers),
            kinds.shape,
            kinds.tobytes(),
        )
        graph = self._graphs.get(signature)
        if graph is None:
            works = [_work_of(choices, int(order[begin])) for begin in first]
            graph = _make_graph(trackers, works, len(self._frame.problem.days), self._look)
            self._graphs[signature] = graph
        return Plans(choices, group, order, first, present, len(kinds), graph)


def _kinds(table: Ints) -> tuple[Ints, Ints]:
    """The different rows of a table, in order, and the number of each row among them."""
    low = table.min(axis=0, initial=0)
    spread = table.max(axis=0, initial=0) - low + 1
    if math.prod(spread.tolist()) >= MOST_CODES:
        kinds, group = np.unique(table, axis=0, return_inverse=True)
        return kinds, group.reshape(-1)
    # One number a row, the first column counting most: far quicker to sort than rows are.
    weight = np.append(np.cumprod(spread[:0:-1])[::-1], 1)
    _, first, group = np.unique((table - low) @ weight, return_index=True, return_inverse=True)
    return table[first], group


def _work_of(choices: Choices, row: int) -> DayWork:
    return DayWork(
        day=int(choices.day[row]),
        duty=bool(choices.duty[row]),
        worked=int(choices.worked[row]),
        start=int(choices.start[row]),
        end=int(choices.end[row]),
        kind=int(choices.kind[row]),
        unsocial=bool(choices.unsocial[row]),
        touched=tuple(choices.touched[row].tolist()),
    )


def _make_graph(trackers: list[Tracker], works: list[DayWork], days: int, look: Look) -> PlanGraph:
    by_day: list[list[int]] = [[] for _ in range(days)]
    for group, work in enumerate(works):
        by_day[work.day].append(group)
    states: dict[tuple[Hashable, ...], int] = {tuple(tracker.start() for tracker in trackers): 0}
    raw: list[list[tuple[int, int, int, int]]] = []
    for day in range(days):
        after: dict[tuple[Hashable, ...], int] = {}
        arcs = []
        groups = by_day[day]
        steps = [_Steps(tracker, [works[group] for group in groups]) for tracker in trackers]
        for state, source in states.items():
            look()
            rows = [row[part] for row, part in zip(steps, state, strict=True)]
            reached = zip(*(row.states for row in rows), strict=True) if rows else repeat(())
            costs = map(sum, zip(*(row.costs for row in rows), strict=True)) if rows else repeat(0)
            for group, one, cost in zip(groups, reached, costs, strict=False):
                if BROKEN not in one:
                    arcs.append((after.setdefault(one, len(after)), source, group, cost))
        states = after
        raw.append(arcs)
        if not states:
            return PlanGraph((), False)
    return PlanGraph(_pruned(raw, len(states), look), True)


class _Row(NamedTuple):
    """A tracker's steps from one state with each work of a day."""

    states: list[Hashable]
    """`BROKEN` where a rule is."""
    costs: list[int]


class _Steps(dict[Hashable, _Row]):
    """A tracker's state → its steps with each work of a day, taken at the first question."""

    def __init__(self, tracker: Tracker, works: list[DayWork]) -> None:
        super().__init__()
        self._tracker = tracker
        self._works = works

    def __missing__(self, state: Hashable) -> _Row:
        steps = [self._tracker.step(state, work) or (BROKEN, 0) for work in self._works]
        row = self[state] = _Row([after for after, _ in steps], [cost for _, cost in steps])
        return row


def _pruned(
    raw: list[list[tuple[int, int, int, int]]], last: int, look: Look
) -> tuple[_Layer, ...]:
    """Drop states from which the horizon cannot be finished, merge equal ones, lay out arrays.

    Two states with the same transitions (group, cost, target) have the same futures; merging
    them from the last day backwards gives the smallest graph with these paths.
    """
    merged = dict.fromkeys(range(last), 0)
    layers: list[_Layer] = []
    for arcs in reversed(raw):
        look()
        outgoing: dict[int, list[tuple[int, int, int]]] = {}
        for target, source, group, cost in arcs:
            if target in merged:
                outgoing.setdefault(source, []).append((group, cost, merged[target]))
        names: dict[Hashable, int] = {}
        before: dict[int, int] = {}
        for source in sorted(outgoing):
            before[source] = names.setdefault(tuple(sorted(outgoing[source])), len(names))
        layers.append(_layout([(t, s, g, c) for key, s in names.items() for g, c, t in key]))  # type: ignore[attr-defined]
        merged = before
    layers.reverse()
    return tuple(layers)


def _layout(arcs: list[tuple[int, int, int, int]]) -> _Layer:
    table = np.array(sorted(arcs), dtype=np.int64)
    target, source, group, cost = table.T
    _, first = np.unique(target, return_index=True)
    by_source = np.argsort(source, kind="stable")
    _, first_by_source = np.unique(source[by_source], return_index=True)
    return _Layer(
        source=source.copy(),
        group=group.copy(),
        cost=cost.astype(np.float64),
        target=target.copy(),
        first=first,
        by_source=by_source,
        first_by_source=first_by_source,
    )

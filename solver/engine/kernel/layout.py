"""A problem and a roster as flat arrays.

Lists of lists are laid end to end: entry `first[i]` to `first[i + 1]` belongs to i. Cells are
numbered as in `solver.engine.choices`; a *span* is one office of one mediator, with an entry
for each slot; choices of all mediators are numbered through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from solver.engine.arrays import Floats, Ints
from solver.engine.board import Instance
from solver.engine.choices import NO_SHIFT
from solver.engine.plans import PlanGraph

MOST_BITS = 62
"""Most requirements of one kind in a cell that a mask of 64 bits can tell apart."""


class Layout(NamedTuple):
    """What does not change during a search."""

    slots: int
    days: int
    # choices, mediator after mediator
    choice_first: Ints
    choice_cost: Floats
    choice_group: Ints
    choice_span: Ints
    """The span served, -1 for a day without a shift."""
    run_first: Ints
    """Runs of cells that a choice serves."""
    run_begin: Ints
    run_end: Ints
    # spans, mediator after mediator
    span_first: Ints
    span_cell: Ints
    """First cell of the span's office."""
    mask: Ints
    """[span * slots + slot]: exclusive requirements answered, bit by bit."""
    presence: Ints
    """[span * slots + slot]: presence requirements answered, bit by bit."""
    # plan graphs
    graph: Ints
    """Plan graph of each mediator."""
    groups: int
    """Most groups of any mediator."""
    states: int
    """Most states of any layer."""
    layer_first: Ints
    """[graph * days + day]."""
    arc_source: Ints
    arc_target: Ints
    arc_group: Ints
    arc_cost: Floats
    # requirements, cell after cell
    exclusive_first: Ints
    value_first: Ints
    value: Ints
    present_first: Ints
    worth_first: Ints
    worth: Ints
    excess_cost: Ints
    crowd_first: Ints
    """Room for the people of each cell."""
    limit: Ints
    """Most people serving in each cell."""


class State(NamedTuple):
    """A roster on the board and the counting of every cell."""

    plan: Ints
    """[mediator, day]: the choice, -1 off the board."""
    own_cost: Floats
    """What each mediator's plan costs besides cover."""
    crowd_size: Ints
    person: Ints
    person_mask: Ints
    person_serves: Ints
    """The requirement's place in its cell, -1 for nobody's turn."""
    held: Ints
    """People counted for each exclusive requirement."""
    gain: Ints
    """What one more person who answers the requirement saves."""
    gain_known: Ints
    present: Ints
    serving: Ints
    cover: Ints
    """One entry: the cost of cover."""
    # the cells as they were when a trial began, kept at their first touch
    trial: Ints
    """Three entries: the trial's number, cells kept, the cost of cover."""
    kept_in: Ints
    """The last trial that touched each cell."""
    kept_cell: Ints
    kept_size: Ints
    kept_person: Ints
    kept_mask: Ints
    kept_serves: Ints
    kept_held: Ints
    kept_present: Ints
    kept_serving: Ints
    # scratch
    queue: Ints
    parent_requirement: Ints
    parent_person: Ints
    reaches: Ints
    sums: Floats
    values: Floats
    group_value: Floats
    group_choice: Ints
    state_value: Floats
    best_arc: Ints
    taken: Ints


def suits(instance: Instance) -> bool:
    """Whether every cell's requirements fit a mask."""
    return all(
        len(cell.exclusive) <= MOST_BITS and len(cell.presence) <= MOST_BITS
        for cell in instance.demand.cells.values()
    )


def make_layout(instance: Instance) -> Layout:
    """Lay out a problem for which `suits` holds. Raises as `instance.look`."""
    slots = instance.frame.slots
    choices = _choices(instance)
    spans = _spans(instance)
    demand = _demand(instance)
    graphs = _graphs(instance)
    limit = np.full(len(instance.problem.offices) * slots, np.iinfo(np.int64).max)
    for office, most in instance.capacity.items():
        limit[office * slots :][:slots] = most
    return Layout._make(
        (slots, len(instance.problem.days), *choices, *spans, *graphs, *demand, limit)
    )


def make_state(layout: Layout) -> State:
    """An empty board."""
    mediators = len(layout.choice_first) - 1
    requirements = len(layout.value_first) - 1
    room = int(layout.crowd_first[-1])
    most_choices = int(np.diff(layout.choice_first).max(initial=1))
    cells = len(layout.limit)

    def zeros(size: int) -> Ints:
        return np.zeros(max(size, 1), dtype=np.int64)

    return State(
        plan=np.full((mediators, layout.days), -1, dtype=np.int64),
        own_cost=np.zeros(mediators),
        crowd_size=zeros(cells),
        person=zeros(room),
        person_mask=zeros(room),
        person_serves=zeros(room),
        held=zeros(requirements),
        gain=zeros(requirements),
        gain_known=zeros(cells),
        present=zeros(len(layout.worth_first) - 1),
        serving=zeros(cells),
        cover=np.array([layout.value.sum() + layout.worth.sum()], dtype=np.int64),
        trial=zeros(3),
        kept_in=zeros(cells),
        kept_cell=zeros(cells),
        kept_size=zeros(cells),
        kept_person=zeros(room),
        kept_mask=zeros(room),
        kept_serves=zeros(room),
        kept_held=zeros(requirements),
        kept_present=zeros(len(layout.worth_first) - 1),
        kept_serving=zeros(cells),
        queue=zeros(64),
        parent_requirement=zeros(64),
        parent_person=zeros(64),
        reaches=zeros(64),
        sums=np.zeros(layout.slots + 1),
        values=np.zeros(most_choices),
        group_value=np.zeros(layout.groups),
        group_choice=zeros(layout.groups),
        state_value=np.zeros(2 * layout.states),
        best_arc=zeros(layout.days * layout.states),
        taken=zeros(layout.days),
    )


def firsts(sizes: Iterable[int]) -> Ints:
    """Where each of some lists laid end to end begins, and the end of the last."""
    return np.concatenate([[0], np.cumsum(np.fromiter(sizes, dtype=np.int64))]).astype(np.int64)


def _choices(instance: Instance) -> tuple[Ints | Floats, ...]:
    slots = instance.frame.slots
    run_count: list[Ints] = []
    run_begin: list[Ints] = []
    run_end: list[Ints] = []
    span: list[Ints] = []
    before = 0
    for choices in instance.choices:
        instance.look()
        count, begin, end = _runs(
            choices.matrix.indptr.astype(np.int64), choices.cells[choices.matrix.indices]
        )
        run_count.append(count)
        run_begin.append(begin)
        run_end.append(end)
        offices = _offices(choices.cells, slots)
        place = np.searchsorted(offices, choices.office)
        served = np.diff(choices.matrix.indptr) > 0
        span.append(np.where(served & (choices.shift != NO_SHIFT), place + before, -1))
        before += len(offices)
    return (
        firsts(len(choices) for choices in instance.choices),
        np.concatenate([choices.cost for choices in instance.choices]).astype(np.float64),
        np.concatenate([plans.group for plans in instance.plans]).astype(np.int64),
        np.concatenate(span).astype(np.int64),
        firsts(np.concatenate(run_count).tolist()),
        np.concatenate(run_begin).astype(np.int64),
        np.concatenate(run_end).astype(np.int64),
    )


def _runs(indptr: Ints, cells: Ints) -> tuple[Ints, Ints, Ints]:
    """Runs of neighbouring cells in each row of a matrix: how many, begins, ends."""
    if not len(cells):
        return np.zeros(len(indptr) - 1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((cells, row))
    row, cells = row[order], cells[order]
    begins = np.ones(len(cells), dtype=bool)
    begins[1:] = (np.diff(cells) != 1) | (np.diff(row) != 0)
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(cells)) - 1
    return np.bincount(row[starts], minlength=len(indptr) - 1), cells[starts], cells[ends] + 1


def _offices(cells: Ints, slots: int) -> Ints:
    found: Ints = np.unique(cells // slots)
    return found


def _spans(instance: Instance) -> tuple[Ints, ...]:
    slots = instance.frame.slots
    counts: list[int] = []
    cells: list[int] = []
    masks: list[Ints] = []
    presences: list[Ints] = []
    for mediator, choices in enumerate(instance.choices):
        instance.look()
        offices = _offices(choices.cells, slots).tolist()
        counts.append(len(offices))
        place = {office: index for index, office in enumerate(offices)}
        for held, rows in (
            (instance.demand.masks[mediator], masks),
            (instance.demand.presences[mediator], presences),
        ):
            table = np.zeros((len(offices), slots), dtype=np.int64)
            for cell, bits in held.items():
                office, slot = divmod(cell, slots)
                if office in place:
                    table[place[office], slot] = bits
            rows.append(table.ravel())
        cells += [office * slots for office in offices]
    return (
        firsts(counts),
        np.array(cells, dtype=np.int64),
        np.concatenate(masks),
        np.concatenate(presences),
    )


def _graphs(instance: Instance) -> tuple[Ints | Floats | int, ...]:
    numbers: dict[int, int] = {}
    graphs: list[PlanGraph] = []
    for plans in instance.plans:
        if id(plans.graph) not in numbers:
            numbers[id(plans.graph)] = len(graphs)
            graphs.append(plans.graph)
    layers = [layer for graph in graphs for layer in graph.layers]
    return (
        np.array([numbers[id(plans.graph)] for plans in instance.plans], dtype=np.int64),
        max(plans.groups for plans in instance.plans),
        max(int(layer.target.max()) + 1 for layer in layers),
        firsts(len(layer.source) for layer in layers),
        np.concatenate([layer.source for layer in layers]),
        np.concatenate([layer.target for layer in layers]),
        np.concatenate([layer.group for layer in layers]),
        np.concatenate([layer.cost for layer in layers]),
    )


def _demand(instance: Instance) -> tuple[Ints, ...]:
    cells = len(instance.problem.offices) * instance.frame.slots
    demand = [instance.demand.cells.get(cell) for cell in range(cells)]
    exclusive = [() if one is None else one.exclusive for one in demand]
    presence = [() if one is None else one.presence for one in demand]
    values: list[Sequence[int]] = [places.values for row in exclusive for places in row]
    worths: list[Sequence[int]] = [item.worth for row in presence for item in row]
    room = [0] * cells
    for masks, choices in zip(instance.demand.masks, instance.choices, strict=True):
        instance.look()
        for cell in choices.cells.tolist():
            room[cell] += cell in masks
    return (
        firsts(len(row) for row in exclusive),
        firsts(len(row) for row in values),
        np.array([value for row in values for value in row], dtype=np.int64),
        firsts(len(row) for row in presence),
        firsts(len(row) for row in worths),
        np.array([value for row in worths for value in row], dtype=np.int64),
        np.array([item.excess_cost for row in presence for item in row], dtype=np.int64),
        firsts(room),
    )

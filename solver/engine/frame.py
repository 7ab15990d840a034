"""The parts of a problem that every mediator shares, numbered and laid out in arrays.

A *cell* is one slot of one office: `office * slot_count + slot`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from solver.engine.arrays import Ints
from solver.look import Look, no_look
from solver.problem import Problem


@dataclass(frozen=True)
class Catalogue:
    """The shifts of one (office, day) as arrays; identical shapes appear once."""

    shift: Ints
    start: Ints
    end: Ints
    worked: Ints
    kind: Ints
    unsocial: Ints


@dataclass(frozen=True)
class Frame:
    """The parts of a problem that every mediator shares, indexed by number."""

    problem: Problem
    office_index: dict[str, int]
    kind_index: dict[str, int]
    mediator_index: dict[str, int]
    shift_index: dict[str, int]
    shift_cells: list[Ints]
    """Per shift: the cells of its worked slots."""
    served: Ints
    """The same of all shifts, one after the other."""
    served_first: Ints
    """Where each shift's begin there, and the end of the last."""
    shift_start: Ints
    shift_end: Ints
    catalogue: dict[tuple[int, int], Catalogue]
    locked: dict[tuple[int, int], list[int]]
    """(mediator, day) -> locked shifts."""
    previous: dict[tuple[int, int], list[int]] | None
    allowed: dict[Hashable, Catalogue] = field(default_factory=dict)
    """What `solver.engine.choices` found to be left of the catalogue for days that are alike."""

    @property
    def slots(self) -> int:
        return self.problem.slot_count


def make_frame(problem: Problem, look: Look = no_look) -> Frame:
    """Number the offices, kinds and shifts, and group the catalogue by office and day.

    Raises as `look`.
    """
    offices = {office.id: index for index, office in enumerate(problem.offices)}
    kinds: dict[str, int] = {}
    for shift in problem.shifts:
        if shift.kind is not None:
            kinds.setdefault(shift.kind, len(kinds))
    mediators = {one.id: index for index, one in enumerate(problem.mediators)}
    shifts = {shift.id: index for index, shift in enumerate(problem.shifts)}
    slot_count = problem.slot_count
    cells = []
    for shift in problem.shifts:
        look()
        cells.append(np.array(shift.worked, dtype=np.int64) + offices[shift.office] * slot_count)
    locked = _by_day(problem, mediators, shifts, problem.locked)
    previous = (
        None if problem.previous is None else _by_day(problem, mediators, shifts, problem.previous)
    )
    named = {index for chosen in locked.values() for index in chosen}
    if previous is not None:
        named |= {index for chosen in previous.values() for index in chosen}
    return Frame(
        problem=problem,
        office_index=offices,
        kind_index=kinds,
        mediator_index=mediators,
        shift_index=shifts,
        shift_cells=cells,
        served=np.concatenate([*cells, np.zeros(0, dtype=np.int64)]),
        served_first=np.cumsum([0, *map(len, cells)]),
        shift_start=np.array([*(shift.start for shift in problem.shifts), 0], dtype=np.int64),
        shift_end=np.array([*(shift.end for shift in problem.shifts), 0], dtype=np.int64),
        catalogue=_catalogue(problem, offices, kinds, named, look),
        locked=locked,
        previous=previous,
    )


def _by_day(
    problem: Problem,
    mediators: dict[str, int],
    shifts: dict[str, int],
    assignments: tuple[tuple[str, str], ...],
) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for mediator, shift in assignments:
        if mediator in mediators and shift in shifts:
            index = shifts[shift]
            found[mediators[mediator], problem.shifts[index].day].append(index)
    return dict(found)


def _catalogue(
    problem: Problem,
    offices: dict[str, int],
    kinds: dict[str, int],
    named: set[int],
    look: Look,
) -> dict[tuple[int, int], Catalogue]:
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    seen: set[tuple[object, ...]] = set()
    for index, shift in enumerate(problem.shifts):
        place = (offices[shift.office], shift.day)
        shape = (*place, shift.start, shift.end, shift.worked, shift.unsocial, shift.kind)
        if shape in seen and index not in named:
            continue
        seen.add(shape)
        groups[place].append(index)
    result = {}
    for place, members in groups.items():
        look()
        shifts = [problem.shifts[index] for index in members]
        result[place] = Catalogue(
            shift=np.array(members, dtype=np.int64),
            start=np.array([shift.start for shift in shifts], dtype=np.int64),
            end=np.array([shift.end for shift in shifts], dtype=np.int64),
            worked=np.array([len(shift.worked) for shift in shifts], dtype=np.int64),
            kind=np.array(
                [-1 if shift.kind is None else kinds[shift.kind] for shift in shifts],
                dtype=np.int64,
            ),
            unsocial=np.array([int(shift.unsocial) for shift in shifts], dtype=np.int64),
        )
    return result

"""What each mediator can do on each day: one shift, or none.

A *choice* is a shift that the rules of the single day allow (office, unavailable, lengths,
locks), or the day without a shift (which busy time may still make a duty day). Rules that
tie days together live in `solver.engine.trackers`. Everything is laid out in flat arrays so
that thousands of choices are priced by one sparse product.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solver.engine.arrays import Ints
from solver.engine.frame import Catalogue, Frame
from solver.problem import Interval, Mediator, Problem, Wish, WishKind

NO_SHIFT = -1
NO_TIME = -(10**9)
"""Start and end of a day without duty."""


@dataclass
class Choices:
    """All choices of one mediator, sorted by day; the arrays run in parallel.

    `matrix[i, j]` is 1 where choice i serves in cell `cells[j]`.
    """

    mediator: int
    day: Ints
    shift: Ints
    office: Ints
    cost: Ints
    """Office, change and single-day wishes."""
    worked: Ints
    """Slots that count as worked that day, busy time included."""
    start: Ints
    end: Ints
    kind: Ints
    unsocial: Ints
    touched: NDArray[np.bool_]
    """[i, j]: choice i works within `spanning[j]`."""
    spanning: tuple[Wish, ...]
    """Wishes that more than one day can touch."""
    cells: Ints
    matrix: sparse.csr_matrix
    duty: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.duty = self.start != NO_TIME

    def __len__(self) -> int:
        return len(self.day)

    def served(self, choice: int) -> Ints:
        """The cells served by `choice`."""
        start, end = self.matrix.indptr[choice], self.matrix.indptr[choice + 1]
        found: Ints = self.cells[self.matrix.indices[start:end]]
        return found


@dataclass
class _Rows:
    """Choices under construction, one list entry a day and office."""

    day: list[Ints] = field(default_factory=list)
    shift: list[Ints] = field(default_factory=list)
    office: list[Ints] = field(default_factory=list)
    cost: list[Ints] = field(default_factory=list)
    worked: list[Ints] = field(default_factory=list)
    start: list[Ints] = field(default_factory=list)
    end: list[Ints] = field(default_factory=list)
    kind: list[Ints] = field(default_factory=list)
    unsocial: list[Ints] = field(default_factory=list)


def make_choices(frame: Frame, mediator: int) -> Choices:
    """Every choice of mediator number `mediator`; a day with no legal choice has none."""
    problem = frame.problem
    person = problem.mediators[mediator]
    rows = _Rows()
    busy_days = _busy_by_day(problem, person)
    for index in range(len(problem.days)):
        _add_day(frame, mediator, person, index, busy_days.get(index, ()), rows)
    day = _joined(rows.day)
    shift = _joined(rows.shift)
    cost = _joined(rows.cost)
    flat, lengths = _served_cells(frame, person, shift)
    touched, spanning, extra = _wishes(frame, person, day, shift, busy_days)
    cells, local = _numbered(flat, len(problem.offices) * frame.slots)
    matrix = sparse.csr_matrix(
        (np.ones(len(flat)), local, np.concatenate([[0], np.cumsum(lengths)])),
        shape=(len(day), len(cells)),
    )
    return Choices(
        mediator=mediator,
        day=day,
        shift=shift,
        office=_joined(rows.office),
        cost=cost + extra,
        worked=_joined(rows.worked),
        start=_joined(rows.start),
        end=_joined(rows.end),
        kind=_joined(rows.kind),
        unsocial=_joined(rows.unsocial),
        touched=touched,
        spanning=spanning,
        cells=cells,
        matrix=matrix,
    )


def _numbered(cells: Ints, most: int) -> tuple[Ints, Ints]:
    """The cells that occur (all below `most`), ascending, and the place of each among them."""
    occurs = np.zeros(most, dtype=bool)
    occurs[cells] = True
    found = np.flatnonzero(occurs)
    place = np.zeros(most, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[cells]


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _busy_by_day(problem: Problem, person: Mediator) -> dict[int, tuple[int, ...]]:
    by_day: dict[int, list[int]] = defaultdict(list)
    for slot in sorted(person.busy_slots):
        by_day[problem.day_of_slot[slot]].append(slot)
    return {day: tuple(slots) for day, slots in by_day.items()}


def _add_day(
    frame: Frame, mediator: int, person: Mediator, day: int, busy: tuple[int, ...], rows: _Rows
) -> None:
    locked = set(frame.locked.get((mediator, day), []))
    if not locked and len(busy) <= person.max_day_slots:
        _add_rest_of_day(frame, mediator, day, busy, rows)
    if len(locked) > 1:
        return
    for office_id, office_cost in person.offices.items():
        office = frame.office_index[office_id]
        shapes = frame.catalogue.get((office, day))
        if shapes is not None:
            _add_shifts(
                frame, mediator, person, day, busy, locked, office, office_cost, shapes, rows
            )


def _add_rest_of_day(
    frame: Frame, mediator: int, day: int, busy: tuple[int, ...], rows: _Rows
) -> None:
    """The day without a shift; busy time alone makes it a duty day."""
    rows.day.append(np.array([day]))
    rows.shift.append(np.array([NO_SHIFT]))
    rows.office.append(np.array([-1]))
    rows.cost.append(_change_costs(frame, mediator, day, np.array([NO_SHIFT])))
    rows.worked.append(np.array([len(busy)]))
    rows.start.append(np.array([busy[0] if busy else NO_TIME]))
    rows.end.append(np.array([busy[-1] + 1 if busy else NO_TIME]))
    rows.kind.append(np.array([-1]))
    rows.unsocial.append(np.array([0]))


def _change_costs(frame: Frame, mediator: int, day: int, shifts: Ints) -> Ints:
    """The `change` cost of working each of `shifts` (`NO_SHIFT`: none) on a day: once where
    that is not what was published."""
    if frame.previous is None:
        return np.zeros(len(shifts), dtype=np.int64)
    before = set(frame.previous.get((mediator, day), [NO_SHIFT]))
    same = np.array([before == {int(shift)} for shift in shifts], dtype=np.int64)
    return (1 - same) * frame.problem.costs.change


def _add_shifts(
    frame: Frame,
    mediator: int,
    person: Mediator,
    day: int,
    busy: tuple[int, ...],
    locked: set[int],
    office: int,
    office_cost: int,
    shapes: Catalogue,
    rows: _Rows,
) -> None:
    first, last = int(shapes.start.min()), int(shapes.end.max())
    away = tuple(span for span in person.unavailable if span.start < last and span.end > first)
    limits = (*person.shift_slots, person.max_day_slots)
    key = (office, day, limits, away, busy, frozenset(locked))
    allowed = frame.allowed.get(key)
    if allowed is None:
        allowed = frame.allowed[key] = _allowed(frame, office, shapes, limits, away, busy, locked)
    count = len(allowed.shift)
    if not count:
        return
    rows.day.append(np.full(count, day))
    rows.shift.append(allowed.shift)
    rows.office.append(np.full(count, office))
    rows.cost.append(_change_costs(frame, mediator, day, allowed.shift) + office_cost)
    rows.worked.append(allowed.worked)
    rows.start.append(allowed.start)
    rows.end.append(allowed.end)
    rows.kind.append(allowed.kind)
    rows.unsocial.append(allowed.unsocial)


def _allowed(
    frame: Frame,
    office: int,
    shapes: Catalogue,
    limits: tuple[int, int, int],
    away: tuple[Interval, ...],
    busy: tuple[int, ...],
    locked: set[int],
) -> Catalogue:
    """Those of an office's shifts of a day that a mediator's day leaves, with the whole duty's
    times and slots worked: the same for all whose day is alike."""
    low, high, most = limits
    fits = (shapes.worked >= low) & (shapes.worked <= high)
    for span in away:
        fits &= (shapes.end <= span.start) | (shapes.start >= span.end)
    if locked:
        fits &= np.isin(shapes.shift, list(locked))
    worked = shapes.worked.copy()
    start, end = shapes.start, shapes.end
    if busy:
        start, end = np.minimum(start, busy[0]), np.maximum(end, busy[-1] + 1)
        base = office * frame.slots
        busy_cells = np.array(busy, dtype=np.int64) + base
        for index in np.flatnonzero(fits):
            worked[index] = len(np.union1d(frame.shift_cells[shapes.shift[index]], busy_cells))
    fits &= worked <= most
    kept = np.flatnonzero(fits)
    return Catalogue(
        shift=shapes.shift[kept],
        start=start[kept],
        end=end[kept],
        worked=worked[kept],
        kind=shapes.kind[kept],
        unsocial=shapes.unsocial[kept],
    )


def _served_cells(frame: Frame, person: Mediator, shift: Ints) -> tuple[Ints, Ints]:
    """The cells that each choice serves, one choice after the other, and how many each has."""
    some = shift != NO_SHIFT
    begin = frame.served_first[shift]
    lengths = np.where(some, frame.served_first[shift + 1] - begin, 0)
    row = np.repeat(np.arange(len(shift)), lengths)
    place = np.arange(len(row)) + (begin - (np.cumsum(lengths) - lengths))[row]
    flat = frame.served[place]
    if person.busy:
        free = ~np.isin(flat % frame.slots, np.array(sorted(person.busy_slots), dtype=np.int64))
        flat, lengths = flat[free], np.bincount(row[free], minlength=len(shift))
    return flat, lengths


def _wishes(
    frame: Frame,
    person: Mediator,
    day: Ints,
    shift: Ints,
    busy_days: dict[int, tuple[int, ...]],
) -> tuple[NDArray[np.bool_], tuple[Wish, ...], Ints]:
    """Touches of the wishes that several days can touch, those wishes, and the cost of the rest.

    A wish that only one day can touch is part of the cost of that day's choices, whatever the
    choice; one that none can touch costs nothing if `off` and its whole cost if `on`: that
    constant falls on the choices of day 0.
    """
    touched: list[NDArray[np.bool_]] = []
    extra = np.zeros(len(day), dtype=np.int64)
    spanning: list[Wish] = []
    for wish in person.wishes:
        hit = _touching(frame, wish, day, shift, busy_days)
        days = np.unique(day[hit])
        pays = hit if wish.kind == WishKind.OFF else ~hit
        if len(days) <= 1:
            extra[pays & (day == (days[0] if len(days) else 0))] += wish.cost
        else:
            touched.append(hit)
            spanning.append(wish)
    table = np.array(touched, dtype=bool).reshape(len(spanning), len(day)).T
    return table, tuple(spanning), extra


def _touching(
    frame: Frame, wish: Wish, day: Ints, shift: Ints, busy_days: dict[int, tuple[int, ...]]
) -> NDArray[np.bool_]:
    """Which choices work in a slot of the wish, busy time included."""
    busy = [
        one
        for one, slots in busy_days.items()
        if any(wish.start <= slot < wish.end for slot in slots)
    ]
    hit: NDArray[np.bool_] = np.isin(day, busy)
    near = (frame.shift_start[shift] < wish.end) & (frame.shift_end[shift] > wish.start)
    for row in np.flatnonzero(near & (shift != NO_SHIFT) & ~hit).tolist():
        worked = frame.problem.shifts[shift[row]].worked
        hit[row] = any(wish.start <= slot < wish.end for slot in worked)
    return hit

"""What the offices ask for: points, lines, exact counting and Hall inequalities.

A *point* is an office and a slot in which something is asked for; a *line* is one requirement
at one point. Who serves at a point is a set of mediators. Exclusive lines share them: each
mediator counts for one. By Hall's theorem, in Gale's form for supplies and demands, shortfalls
`u` can be met by those present exactly when, for every set S of the exclusive lines,

    (mediators serving who qualify for a line of S) + u(S) >= count(S).

What a served unit saves depends on its line alone, so the sets of units that can be served form
a transversal matroid and the greedy algorithm, dearest unit first, counts exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from solver.engine.horizon.space import Bools, Floats, Ints, Space
from solver.problem import Problem, Requirement

SUBSET_LIMIT = 14
"""Most exclusive lines at a point for which all subsets are looked at; beyond, only the sets
of lines that some mediators' missing skills suggest."""


@dataclass(frozen=True)
class Line:
    """One requirement at one point."""

    point: int
    requirement: Requirement
    qualified: int
    """Bit m is set when mediator m holds all needs in the slot."""

    @property
    def tiers(self) -> tuple[tuple[int, int], ...]:
        """(units, cost of each unit missing), the cheaper first; empty tiers left out."""
        need = self.requirement
        both = ((need.count - need.minimum, need.cost), (need.minimum, need.minimum_cost))
        return tuple((units, cost) for units, cost in both if units)


@dataclass
class Demand:
    """All points and lines of a problem, and who serves where with which option."""

    problem: Problem
    points: tuple[tuple[int, int], ...]
    """(office index, slot)."""
    lines: tuple[Line, ...]
    exclusive: tuple[tuple[int, ...], ...]
    """Point -> its exclusive lines."""
    presence: tuple[tuple[int, ...], ...]
    """Point -> its presence lines."""
    serves: sp.csr_array
    """[options, points] 1 where the option's mediator serves."""
    owners: list[int]
    """Option -> mediator."""
    capacity: Ints
    """Point -> most mediators, or a number never reached."""
    _memo: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def tight(self) -> Ints:
        """The points whose capacity can be passed."""
        return np.flatnonzero(self.capacity <= len(self.problem.mediators))

    def present(self, chosen: Ints) -> list[int]:
        """Point -> bit set of the mediators who serve there with the options `chosen`."""
        people = [0] * len(self.points)
        matrix = self.serves
        for option in chosen.tolist():
            bit = 1 << self.owners[option]
            for point in matrix.indices[matrix.indptr[option] : matrix.indptr[option + 1]]:
                people[point] |= bit
        return people

    def cost(self, chosen: Ints) -> int:
        """The cover cost of a roster, given as options."""
        return sum(self.point_cost(point, who) for point, who in enumerate(self.present(chosen)))

    def point_cost(self, point: int, people: int) -> int:
        """Least-cost counting at one point, `people` a bit set of mediators serving."""
        key = point, people
        if key not in self._memo:
            if len(self._memo) > 400_000:
                self._memo.clear()
            self._memo[key] = self._count(point, people)
        return self._memo[key]

    def _count(self, point: int, people: int) -> int:
        total = 0
        for index in self.presence[point]:
            line = self.lines[index]
            here = (people & line.qualified).bit_count()
            total += line.requirement.shortfall_cost(max(0, line.requirement.count - here))
            total += line.requirement.excess_cost * max(0, here - line.requirement.count)
        if self.exclusive[point]:
            total += self._count_exclusive(point, people)
        return total

    def _count_exclusive(self, point: int, people: int) -> int:
        units: list[tuple[int, int]] = []
        excess = 0
        for index in self.exclusive[point]:
            for count, cost in self.lines[index].tiers:
                units.extend((cost, self.lines[index].qualified & people) for _ in range(count))
        units.sort(key=lambda unit: -unit[0])
        taken: dict[int, int] = {}
        for number, (cost, _) in enumerate(units):
            if not _augment(number, units, taken, [people]):
                excess += cost
        return excess


def _augment(
    unit: int, units: list[tuple[int, int]], taken: dict[int, int], unseen: list[int]
) -> bool:
    """Kuhn's augmenting path from `unit` over the mediators not yet seen."""
    while candidates := units[unit][1] & unseen[0]:
        bit = candidates & -candidates
        unseen[0] ^= bit
        if bit not in taken or _augment(taken[bit], units, taken, unseen):
            taken[bit] = unit
            return True
    return False


def build_demand(space: Space) -> Demand:
    """Lay the requirements and capacities of `space.problem` out by office and slot."""
    problem = space.problem
    office_of = {office.id: index for index, office in enumerate(problem.offices)}
    at: dict[tuple[int, int], list[Requirement]] = {}
    for need in problem.requirements:
        for slot in range(need.start, need.end):
            at.setdefault((office_of[need.office], slot), []).append(need)
    reachable = _reachable(space, office_of)
    for key, people in reachable.items():
        capacity = problem.offices[key[0]].capacity
        if capacity is not None and people.bit_count() > capacity:
            at.setdefault(key, [])
    points = tuple(sorted(at))
    place = {key: index for index, key in enumerate(points)}
    lines: list[Line] = []
    exclusive: list[tuple[int, ...]] = []
    presence: list[tuple[int, ...]] = []
    for index, key in enumerate(points):
        mine = range(len(lines), len(lines) + len(at[key]))
        lines.extend(Line(index, need, _qualified(problem, need, key[1])) for need in at[key])
        exclusive.append(tuple(i for i in mine if lines[i].requirement.exclusive))
        presence.append(tuple(i for i in mine if not lines[i].requirement.exclusive))
    plenty = len(problem.mediators) + 1
    capacities = [problem.offices[office].capacity for office, _ in points]
    demand = Demand(
        problem=problem,
        points=points,
        lines=tuple(lines),
        exclusive=tuple(exclusive),
        presence=tuple(presence),
        serves=_serves(space, office_of, place),
        owners=space.mediator.tolist(),
        capacity=np.array([plenty if c is None else c for c in capacities], dtype=np.int64),
    )
    return demand


def _qualified(problem: Problem, need: Requirement, slot: int) -> int:
    bits = 0
    for m, mediator in enumerate(problem.mediators):
        if need.office in mediator.offices and all(mediator.holds(s, slot) for s in need.needs):
            bits |= 1 << m
    return bits


def _serving(space: Space, option: int) -> list[int]:
    shift = space.problem.shifts[int(space.shift[option])]
    busy = space.problem.mediators[int(space.mediator[option])].busy_slots
    return [slot for slot in shift.worked if slot not in busy] if busy else list(shift.worked)


def _reachable(space: Space, office_of: dict[str, int]) -> dict[tuple[int, int], int]:
    people: dict[tuple[int, int], int] = {}
    if all(office.capacity is None for office in space.problem.offices):
        return people
    for option in range(len(space.shift)):
        office = office_of[space.problem.shifts[int(space.shift[option])].office]
        bit = 1 << int(space.mediator[option])
        for slot in _serving(space, option):
            people[office, slot] = people.get((office, slot), 0) | bit
    return people


def _serves(
    space: Space, office_of: dict[str, int], place: dict[tuple[int, int], int]
) -> sp.csr_array:
    pointers = [0]
    indices: list[int] = []
    for option in range(len(space.shift)):
        office = office_of[space.problem.shifts[int(space.shift[option])].office]
        indices.extend(
            place[office, slot] for slot in _serving(space, option) if (office, slot) in place
        )
        pointers.append(len(indices))
    shape = (len(space.shift), len(place))
    return sp.csr_array(
        (np.ones(len(indices)), np.array(indices, dtype=np.int64), np.array(pointers)), shape=shape
    )


@dataclass(frozen=True)
class CoverRow:
    """One inequality of a point: a presence line alone, or a Hall set of exclusive lines."""

    point: int
    lines: tuple[int, ...]
    qualified: int
    count: int


def first_rows(demand: Demand) -> list[CoverRow]:
    """Each line alone, and each point's exclusive lines together."""
    rows: list[CoverRow] = []
    for point in range(len(demand.points)):
        rows.extend(cover_row(demand, point, (line,)) for line in demand.presence[point])
        rows.extend(cover_row(demand, point, (line,)) for line in demand.exclusive[point])
        if len(demand.exclusive[point]) > 1:
            rows.append(cover_row(demand, point, demand.exclusive[point]))
    return rows


def cover_row(demand: Demand, point: int, lines: tuple[int, ...]) -> CoverRow:
    qualified = 0
    for index in lines:
        qualified |= demand.lines[index].qualified
    count = sum(demand.lines[index].requirement.count for index in lines)
    return CoverRow(point, lines, qualified, count)


def violated_row(
    demand: Demand, point: int, serving: Floats, short: Floats, tolerance: float
) -> CoverRow | None:
    """The most violated Hall set of `point`, or None.

    `serving` holds how much of each mediator serves there, `short` each exclusive line's
    shortfall. All sets at once: those who qualify for none of S have their lines within S's
    complement, so one subset-sum table over the lines answers for every S.
    """
    indices = demand.exclusive[point]
    if len(indices) < 2:
        return None
    if len(indices) > SUBSET_LIMIT:
        # The costliest lines first: a set of the others alone is looked at as one line.
        order = np.argsort(
            [demand.lines[i].requirement.count - s for i, s in zip(indices, short, strict=True)]
        )[::-1][:SUBSET_LIMIT]
        indices = tuple(indices[i] for i in order)
        short = short[order]
    size = 1 << len(indices)
    table = np.zeros(size)
    for m in np.flatnonzero(serving > 1e-9).tolist():
        pattern = 0
        for bit, index in enumerate(indices):
            if demand.lines[index].qualified >> m & 1:
                pattern |= 1 << bit
        table[pattern] += serving[m]
    total = table.sum()
    need = np.zeros(1)
    for bit, index in enumerate(indices):
        need = np.concatenate((need, need + demand.lines[index].requirement.count - short[bit]))
        view = table.reshape(-1, 2, 1 << bit)
        view[:, 1] += view[:, 0]
    violation = need - (total - table[::-1])
    worst = int(np.argmax(violation))
    if violation[worst] <= tolerance:
        return None
    return cover_row(demand, point, tuple(i for b, i in enumerate(indices) if worst >> b & 1))


def mask_rows(rows: list[CoverRow], mediators: int) -> Bools:
    """[rows, mediators] who counts for each row."""
    out = np.zeros((len(rows), mediators), dtype=bool)
    for index, row in enumerate(rows):
        bits = row.qualified
        while bits:
            low = bits & -bits
            out[index, low.bit_length() - 1] = True
            bits ^= low
    return out

"""Mediators whose rules have one shape, and the classes their shifts fall into.

A class gathers the shifts of a day that the rules cannot tell apart: as many slots worked, the
same shifts allowed before and after, the same limited kind, unsocial or not. A shortest path
over days need only know the cheapest shift of each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np

from solver.engine.horizon.clashes import ClashTable
from solver.engine.horizon.space import Bools, Ints, Space

STATE_BUDGET = 2500
"""Most combinations of counters (weekends, unsocial, kinds, slots, duty days) of one crew."""


@dataclass(frozen=True)
class ShiftClass:
    """What the path sees of a shift (or of a busy day without one)."""

    units: int
    before: tuple[bool, ...]
    """Label of the day before -> may it be followed by this class."""
    label: int
    unsocial: bool
    kind: int
    """Index among the counted kinds, or -1."""


@dataclass(frozen=True)
class CrewDay:
    classes: tuple[ShiftClass, ...]
    labels: int
    options: Ints
    """The crew's options of the day, ordered by class, then member."""
    starts: Ints
    """Where each (class, member) group of `options` starts."""
    groups: Ints
    """(class * members + member) of each group."""
    idle_class: int
    """The class of a busy day without a shift, or -1."""


@dataclass(frozen=True)
class Crew:
    """Members whose rules count the same things; their counters share one set of axes.

    How far each may count differs from member to member.
    """

    members: tuple[int, ...]
    days: tuple[CrewDay, ...]
    longest: Ints
    """Member -> where a run ends if `longest_binds`, else how far runs are counted."""
    longest_binds: bool
    shortest: Ints
    shortest_off: Ints
    weekends: Ints | None
    """Member -> most weekends, or None where they bind nobody."""
    free_unsocial: int | None
    unsocial_cost: int
    kinds: tuple[tuple[str, int], ...]
    """Counted kinds and their limits; other limits are left to the caller's rows."""
    unit: int
    """Slots in a unit of the week's work."""
    week_units: tuple[int, ...]
    """Week -> most units any member may have, beyond busy time."""
    week_days: tuple[int | None, ...]
    """Week -> most duty days any member may have, or None where slots imply it."""
    banned: Ints
    """Options that come too soon after the last duty before the horizon."""
    exact: bool
    """Whether the path knows every rule of the crew but the kinds left out."""


def build_crews(space: Space) -> list[Crew]:
    """Split the mediators into crews."""
    clashes = ClashTable(space)
    groups: dict[_Shape, list[int]] = {}
    for m in range(space.mediators):
        groups.setdefault(_shape(space, clashes, m), []).append(m)
    return [_crew(space, clashes, shape, tuple(members)) for shape, members in groups.items()]


def uncounted_kinds(space: Space, crews: Sequence[Crew]) -> list[tuple[int, str, int]]:
    """(mediator, kind, most) of the limits that no crew's path counts."""
    out = []
    for crew in crews:
        counted = {kind for kind, _ in crew.kinds}
        for m in crew.members:
            for kind, most in _binding_kinds(space, m):
                if kind not in counted:
                    out.append((m, kind, most))
    return out


def _binding_kinds(space: Space, m: int) -> list[tuple[str, int]]:
    """Limits that could be passed, the smallest first."""
    shifts = space.problem.shifts
    days: dict[str, set[int]] = {}
    for x in _options(space, m):
        kind = shifts[int(space.shift[x])].kind
        if kind is not None:
            days.setdefault(kind, set()).add(int(space.day[x]))
    limits = space.problem.mediators[m].kind_max
    found = [(k, n) for k, n in limits.items() if len(days.get(k, ())) > n]
    return sorted(found, key=lambda one: (one[1], one[0]))


def _options(space: Space, m: int) -> range:
    return range(int(space.first[m * space.days]), int(space.first[(m + 1) * space.days]))


def _unit(space: Space, m: int) -> int:
    return gcd(*(int(a) for a in np.unique(space.amount[list(_options(space, m))]))) or 1


@dataclass(frozen=True)
class _Shape:
    """What the members of a crew have in common."""

    busy: int
    """The only member, where someone has busy time; -1 for all others."""
    rest: int
    longest_binds: bool
    weekends_bind: bool
    free_unsocial: int | None
    unsocial_cost: int
    kinds: tuple[tuple[str, int], ...]
    unit: int
    exact: bool


def _shape(space: Space, clashes: ClashTable, m: int) -> _Shape:
    mediator, unit = space.problem.mediators[m], _unit(space, m)
    weekends = [weekend for weekend in space.problem.weekends if weekend]
    most_weekends = mediator.max_weekends
    if most_weekends is not None and most_weekends >= len(weekends):
        most_weekends = None
    size = max(
        (units + 1) * (1 if days is None else days + 1)
        for units, days in zip(_week_units(space, (m,), unit), _week_days(space, (m,)), strict=True)
    )
    size *= 1 if most_weekends is None else most_weekends + 1
    free = mediator.unsocial.free if mediator.unsocial.cost else None
    exact = True
    if free is not None and free and size * (free + 1) > STATE_BUDGET:
        free, exact = None, False
    size *= 1 if free is None else free + 1
    kinds: list[tuple[str, int]] = []
    for kind, most in _binding_kinds(space, m):
        if size * (most + 1) <= STATE_BUDGET:
            kinds.append((kind, most))
            size *= most + 1
    before = mediator.history.consecutive_days
    odd_weekend = most_weekends is not None and any(
        len(w) > 2 or (len(w) == 2 and w[1] != w[0] + 1) for w in weekends
    )
    return _Shape(
        busy=m if space.busy_day[m].any() else -1,
        rest=mediator.min_rest_slots,
        longest_binds=mediator.max_consecutive_days < space.days + before,
        weekends_bind=most_weekends is not None,
        free_unsocial=free,
        unsocial_cost=mediator.unsocial.cost,
        kinds=tuple(kinds),
        unit=unit,
        exact=exact
        and not odd_weekend
        and not any(None in clashes.after_history(m, d) for d in range(space.days))
        and clashes.reach(mediator) == 1
        and not any(wish.mediator == m for wish in space.long_wishes),
    )


def _crew(space: Space, clashes: ClashTable, shape: _Shape, members: tuple[int, ...]) -> Crew:
    mediators = [space.problem.mediators[m] for m in members]
    if shape.longest_binds:
        longest = [one.max_consecutive_days for one in mediators]
    else:
        longest = [max(1, *(one.min_consecutive_days for one in mediators))] * len(members)
    banned = [x for m in members for d in range(space.days) for x in clashes.after_history(m, d)]
    return Crew(
        members=members,
        days=_days(space, members, clashes, [kind for kind, _ in shape.kinds], shape.unit),
        longest=np.array(longest),
        longest_binds=shape.longest_binds,
        shortest=np.array([one.min_consecutive_days for one in mediators]),
        shortest_off=np.array([one.min_consecutive_off for one in mediators]),
        weekends=np.array([one.max_weekends for one in mediators]) if shape.weekends_bind else None,
        free_unsocial=shape.free_unsocial,
        unsocial_cost=shape.unsocial_cost,
        kinds=shape.kinds,
        unit=shape.unit,
        week_units=_week_units(space, members, shape.unit),
        week_days=_week_days(space, members),
        banned=np.array([x for x in banned if x is not None], dtype=np.int64),
        exact=shape.exact,
    )


def _week_units(space: Space, members: tuple[int, ...], unit: int) -> tuple[int, ...]:
    """Week -> how far units must be counted; 0 where they bind nobody."""
    out = []
    for w, week in enumerate(space.problem.weeks):
        most, binding = 0, False
        for m in members:
            reach = sum(_most_amount(space, m, day) for day in week)
            busy = int(space.busy_amount[m, list(week)].sum())
            limits = space.problem.mediators[m].weeks[w]
            ceiling = max(0, limits.max_slots - busy)
            binding |= reach > 0 and bool(
                reach > ceiling or limits.hard_min_slots or limits.min_slots
            )
            most = max(most, min(reach, ceiling) // unit)
        out.append(most if binding else 0)
    return tuple(out)


def _most_amount(space: Space, m: int, day: int) -> int:
    options = space.options_of(m, day)
    return int(space.amount[options.start : options.stop].max(initial=0))


def _week_days(space: Space, members: tuple[int, ...]) -> tuple[int | None, ...]:
    """Week -> how far duty days must be counted, or None where they bind nobody."""
    out: list[int | None] = []
    for w, week in enumerate(space.problem.weeks):
        most, binding = 0, False
        for m in members:
            limits = space.problem.mediators[m].weeks[w]
            amounts = [
                int(space.amount[x.start : x.stop].min())
                for day in week
                if len(x := space.options_of(m, day))
            ]
            busy = bool(space.busy_day[m, list(week)].any())
            least = min(amounts, default=1)
            implied = not busy and least > 0 and limits.max_slots // least <= limits.max_days
            binding |= limits.max_days < len(week) and not implied
            most = max(most, min(limits.max_days, len(week)))
        out.append(most if binding else None)
    return tuple(out)


def _days(
    space: Space, members: tuple[int, ...], clashes: ClashTable, kinds: list[str], unit: int
) -> tuple[CrewDay, ...]:
    tables = [_Candidates(space, members, day, clashes) for day in range(space.days)]
    out = []
    labels_before = 1
    allowed = np.ones((1, len(tables[0].choices)), dtype=bool)
    for day, table in enumerate(tables):
        if day + 1 < space.days:
            clash = table.clash(tables[day + 1])
            distinct, label = np.unique(clash, axis=0, return_inverse=True)
            label = label.ravel()
        else:
            distinct = np.zeros((1, 0), dtype=bool)
            label = np.zeros(len(table.choices), dtype=np.int64)
        out.append(
            _crew_day(space, members, table, allowed, label, max(1, len(distinct)), kinds, unit)
        )
        allowed = ~distinct if len(distinct) else np.ones((1, distinct.shape[1]), dtype=bool)
        labels_before = len(allowed)
    assert labels_before >= 1  # noqa: S101 - a table of none still holds one row
    return tuple(out)


class _Candidates:
    """The distinct shifts (or, for someone with busy time, spans) of one day of a crew."""

    def __init__(
        self, space: Space, members: tuple[int, ...], day: int, clashes: ClashTable
    ) -> None:
        self.space = space
        self.clashes = clashes
        self.owner = members[0]
        self.day = day
        self.options = [x for m in members for x in space.options_of(m, day)]
        self.choices: list[int | None] = []
        self.place: dict[int, int] = {}
        seen: dict[int, int] = {}
        for x in self.options:
            shift = int(space.shift[x])
            if shift not in seen:
                seen[shift] = len(self.choices)
                self.choices.append(x)
            self.place[x] = seen[shift]
        self.idle = -1
        if space.busy_day[self.owner, day]:
            self.idle = len(self.choices)
            self.choices.append(None)

    def clash(self, after: _Candidates) -> Bools:
        if not self.choices or not after.choices:
            return np.zeros((len(self.choices), len(after.choices)), dtype=bool)
        return self.clashes.table(self.owner, self.day, self.choices, after.choices)


def _crew_day(
    space: Space,
    members: tuple[int, ...],
    table: _Candidates,
    allowed: Bools,
    label: Ints,
    labels: int,
    kinds: list[str],
    unit: int,
) -> CrewDay:
    classes: dict[ShiftClass, int] = {}
    class_of = []
    for index, choice in enumerate(table.choices):
        before = tuple(allowed[:, index].tolist())
        if choice is None:
            one = ShiftClass(0, before, int(label[index]), False, -1)
        else:
            shift = space.problem.shifts[int(space.shift[choice])]
            kind = kinds.index(shift.kind) if shift.kind in kinds else -1
            units = int(space.amount[choice]) // unit
            one = ShiftClass(units, before, int(label[index]), shift.unsocial, kind)
        class_of.append(classes.setdefault(one, len(classes)))
    rank = {m: i for i, m in enumerate(members)}
    keys = [
        class_of[table.place[x]] * len(members) + rank[int(space.mediator[x])]
        for x in table.options
    ]
    order = np.argsort(keys, kind="stable") if keys else np.zeros(0, dtype=np.int64)
    ordered = np.array(keys, dtype=np.int64)[order]
    groups, starts = np.unique(ordered, return_index=True)
    return CrewDay(
        classes=tuple(classes),
        labels=labels,
        options=np.array(table.options, dtype=np.int64)[order],
        starts=starts,
        groups=groups,
        idle_class=class_of[table.idle] if table.idle >= 0 else -1,
    )

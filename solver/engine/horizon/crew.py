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
from solver.problem import Mediator

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
    """Members with the same shape of rules; their counters share one set of axes."""

    members: tuple[int, ...]
    days: tuple[CrewDay, ...]
    longest: int
    """Runs are counted up to here; beyond it none goes on if `longest_binds`."""
    longest_binds: bool
    shortest: int
    shortest_off: int
    weekends: int | None
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
    groups: dict[tuple[object, ...], list[int]] = {}
    for m, mediator in enumerate(space.problem.mediators):
        groups.setdefault(_shape(space, m, mediator), []).append(m)
    return [_crew(space, tuple(members)) for members in groups.values()]


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


def _shape(space: Space, m: int, mediator: Mediator) -> tuple[object, ...]:
    busy = m if space.busy_day[m].any() else -1
    unsocial = mediator.unsocial if mediator.unsocial.cost else None
    return (
        busy,
        mediator.max_consecutive_days,
        mediator.min_consecutive_days,
        mediator.min_consecutive_off,
        mediator.max_weekends,
        mediator.min_rest_slots,
        unsocial,
        tuple(_binding_kinds(space, m)),
        _unit(space, m),
    )


def _crew(space: Space, members: tuple[int, ...]) -> Crew:
    first = space.problem.mediators[members[0]]
    unit = _unit(space, members[0])
    weekends = [w for w in space.problem.weekends if w]
    most_weekends = first.max_weekends
    if most_weekends is not None and most_weekends >= len(weekends):
        most_weekends = None
    week_units = _week_units(space, members, unit)
    week_days = _week_days(space, members, unit)
    size = max(
        (units + 1) * (1 if days is None else days + 1)
        for units, days in zip(week_units, week_days, strict=True)
    )
    size *= 1 if most_weekends is None else most_weekends + 1
    free = first.unsocial.free if first.unsocial.cost else None
    exact = True
    if free is not None and free and size * (free + 1) > STATE_BUDGET:
        free, exact = None, False
    size *= 1 if free is None else free + 1
    kinds: list[tuple[str, int]] = []
    for kind, most in _binding_kinds(space, members[0]):
        if size * (most + 1) <= STATE_BUDGET:
            kinds.append((kind, most))
            size *= most + 1
    binds = first.max_consecutive_days < space.days + max(
        space.problem.mediators[m].history.consecutive_days for m in members
    )
    clashes = ClashTable(space)
    banned = [x for m in members for d in range(space.days) for x in clashes.after_history(m, d)]
    busy_banned = any(x is None for x in banned)
    odd_weekend = most_weekends is not None and any(
        len(w) > 2 or (len(w) == 2 and w[1] != w[0] + 1) for w in weekends
    )
    return Crew(
        members=members,
        days=_days(space, members, clashes, [k for k, _ in kinds], unit),
        longest=first.max_consecutive_days if binds else max(1, first.min_consecutive_days),
        longest_binds=binds,
        shortest=first.min_consecutive_days,
        shortest_off=first.min_consecutive_off,
        weekends=most_weekends,
        free_unsocial=free,
        unsocial_cost=first.unsocial.cost,
        kinds=tuple(kinds),
        unit=unit,
        week_units=week_units,
        week_days=week_days,
        banned=np.array([x for x in banned if x is not None], dtype=np.int64),
        exact=exact
        and not odd_weekend
        and not busy_banned
        and clashes.reach(first) == 1
        and not any(wish.mediator in members for wish in space.long_wishes),
    )


def _week_units(space: Space, members: tuple[int, ...], unit: int) -> tuple[int, ...]:
    out = []
    for w, week in enumerate(space.problem.weeks):
        most = 0
        for m in members:
            options = [x for d in week for x in space.options_of(m, d)]
            reach = sum(
                int(space.amount[list(space.options_of(m, d))].max())
                for d in week
                if len(space.options_of(m, d))
            )
            busy = int(space.busy_amount[m, list(week)].sum())
            limits = space.problem.mediators[m].weeks[w]
            ceiling = max(0, limits.max_slots - busy)
            if not options or (
                reach <= ceiling and not limits.hard_min_slots and not limits.min_slots
            ):
                continue
            most = max(most, min(reach, ceiling) // unit)
        out.append(most)
    return tuple(out)


def _week_days(space: Space, members: tuple[int, ...], unit: int) -> tuple[int | None, ...]:
    out: list[int | None] = []
    for w, week in enumerate(space.problem.weeks):
        most: int | None = None
        for m in members:
            limits = space.problem.mediators[m].weeks[w]
            options = [x for d in week for x in space.options_of(m, d)]
            busy = bool(space.busy_day[m, list(week)].any())
            least = int(space.amount[options].min()) if options else 1
            implied = not busy and least > 0 and limits.max_slots // least <= limits.max_days
            if limits.max_days < len(week) and not implied:
                most = max(most or 0, limits.max_days)
        out.append(most)
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
    assert labels_before >= 1  # noqa: S101
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

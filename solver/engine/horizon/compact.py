"""The rules and the mediators' own costs as linear rows over options and duty days.

Columns: one binary per option, then one `on` per (mediator, day), then the auxiliary ones
(weekends worked, hours short, unsocial shifts beyond the free ones, wishes over several days).
The rows that tie days together follow Curtois and Qu, "Computational results on new staff
scheduling benchmark instances" (2014), with the runs written from their first day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from solver.engine.horizon.space import Bools, Floats, Ints, Space
from solver.problem import Mediator, Shift, WishKind

INFINITE = np.inf


@dataclass(frozen=True)
class Rules:
    """`lower <= matrix @ columns <= upper`, with the columns' own bounds, costs and kinds."""

    matrix: sp.csr_array
    lower: Floats
    upper: Floats
    column_lower: Floats
    column_upper: Floats
    cost: Floats
    integer: Bools
    owner: Ints
    """Column -> mediator."""
    options: int
    days: int

    def on(self, mediator: int, day: int) -> int:
        return self.options + mediator * self.days + day


class _Rows:
    """Collects rows and auxiliary columns."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.columns = len(space.shift) + space.mediators * space.days
        self.extra: list[tuple[float, float, bool, int]] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.pointers = [0]
        self.indices: list[int] = []
        self.values: list[float] = []

    def column(self, upper: float, cost: float, integer: bool, mediator: int) -> int:
        self.extra.append((upper, cost, integer, mediator))
        return self.columns + len(self.extra) - 1

    def add(
        self, lower: float, upper: float, *parts: tuple[Iterable[int], float | Iterable[float]]
    ) -> None:
        for columns, values in parts:
            columns = [int(column) for column in columns]
            self.indices.extend(columns)
            if isinstance(values, (int, float)):
                self.values.extend([float(values)] * len(columns))
            else:
                self.values.extend(float(value) for value in values)
        self.lower.append(lower)
        self.upper.append(upper)
        self.pointers.append(len(self.indices))

    def on(self, mediator: int, days: Iterable[int]) -> list[int]:
        start = len(self.space.shift) + mediator * self.space.days
        return [start + day for day in days]


def build_rules(space: Space) -> Rules:
    """The rows of every mediator, one rule after the other."""
    rows = _Rows(space)
    clashes = ClashTable(space)
    for m, mediator in enumerate(space.problem.mediators):
        _one_shift_a_day(rows, m)
        _weeks(rows, m, mediator)
        _longest_run(rows, m, mediator)
        _shortest_runs(rows, m, mediator)
        _weekends(rows, m, mediator)
        _kinds(rows, m, mediator)
        _unsocial(rows, m, mediator)
        for before, after in clashes.bicliques(m):
            rows.add(-INFINITE, 1.0, (before, 1.0), (after, 1.0))
    for wish in space.long_wishes:
        _long_wish(rows, wish.mediator, wish.kind, wish.cost, wish.options)
    return _finish(rows)


def _finish(rows: _Rows) -> Rules:
    space = rows.space
    options, cells = len(space.shift), space.mediators * space.days
    extra = rows.extra
    busy = space.busy_day.ravel().astype(float)
    forced = space.forced.ravel().astype(float)
    fixed_on = np.maximum(busy, forced)
    return Rules(
        matrix=sp.csr_array(
            (rows.values, rows.indices, rows.pointers),
            shape=(len(rows.lower), options + cells + len(extra)),
        ),
        lower=np.array(rows.lower, dtype=float),
        upper=np.array(rows.upper, dtype=float),
        column_lower=np.concatenate([np.zeros(options), fixed_on, np.zeros(len(extra))]),
        column_upper=np.concatenate([np.ones(options + cells), [one[0] for one in extra]]),
        cost=np.concatenate([space.cost, np.zeros(cells), [one[1] for one in extra]]),
        integer=np.concatenate(
            [np.ones(options + cells, dtype=bool), np.array([one[2] for one in extra], dtype=bool)]
        ),
        owner=np.concatenate(
            [
                space.mediator,
                np.repeat(np.arange(space.mediators), space.days),
                np.array([one[3] for one in extra], dtype=np.int64),
            ]
        ),
        options=options,
        days=space.days,
    )


def _one_shift_a_day(rows: _Rows, m: int) -> None:
    space = rows.space
    for day in range(space.days):
        options = space.options_of(m, day)
        if space.busy_day[m, day]:
            least = 1.0 if space.forced[m, day] else 0.0
            rows.add(least, 1.0, (options, 1.0))
        else:
            rows.add(0.0, 0.0, (options, 1.0), (rows.on(m, [day]), -1.0))


def _weeks(rows: _Rows, m: int, mediator: Mediator) -> None:
    space = rows.space
    under = space.problem.costs.under_slot
    for week, limits in zip(space.problem.weeks, mediator.weeks, strict=True):
        options = [x for day in week for x in space.options_of(m, day)]
        amounts = space.amount[options].tolist()
        busy = int(space.busy_amount[m, list(week)].sum())
        least = max(limits.hard_min_slots - busy, 0)
        rows.add(float(least), float(limits.max_slots - busy), (options, amounts))
        if under and limits.min_slots > max(busy, limits.hard_min_slots):
            short = rows.column(float(limits.min_slots), under, False, m)
            rows.add(float(limits.min_slots - busy), INFINITE, (options, amounts), ([short], 1.0))
        if limits.max_days < len(week):
            rows.add(0.0, float(limits.max_days), (rows.on(m, week), 1.0))


def _longest_run(rows: _Rows, m: int, mediator: Mediator) -> None:
    most, days, before = mediator.max_consecutive_days, rows.space.days, 0
    before = mediator.history.consecutive_days
    if before and most - before < days:
        first = range(max(0, most - before) + 1)
        rows.add(0.0, float(max(0, most - before)), (rows.on(m, first), 1.0))
    for start in range(days - most):
        rows.add(0.0, float(most), (rows.on(m, range(start, start + most + 1)), 1.0))


def _shortest_runs(rows: _Rows, m: int, mediator: Mediator) -> None:
    """A run that begins after day 0 goes on for its minimum or to the last day."""
    days = rows.space.days
    for start in range(1, days):
        before, first = rows.on(m, (start - 1, start))
        for day in range(start + 1, min(start + mediator.min_consecutive_days, days)):
            rows.add(-INFINITE, 0.0, ([first], 1.0), ([before], -1.0), (rows.on(m, [day]), -1.0))
        for day in range(start + 1, min(start + mediator.min_consecutive_off, days)):
            rows.add(-INFINITE, 1.0, ([before], 1.0), ([first], -1.0), (rows.on(m, [day]), 1.0))


def _weekends(rows: _Rows, m: int, mediator: Mediator) -> None:
    weekends = [weekend for weekend in rows.space.problem.weekends if weekend]
    if mediator.max_weekends is None or mediator.max_weekends >= len(weekends):
        return
    worked = []
    for weekend in weekends:
        worked.append(rows.column(1.0, 0.0, True, m))
        for on in rows.on(m, weekend):
            rows.add(0.0, INFINITE, ([worked[-1]], 1.0), ([on], -1.0))
    rows.add(0.0, float(mediator.max_weekends), (worked, 1.0))


def _kinds(rows: _Rows, m: int, mediator: Mediator) -> None:
    shifts, space = rows.space.problem.shifts, rows.space
    mine = np.arange(space.first[m * space.days], space.first[(m + 1) * space.days])
    for kind, most in sorted(mediator.kind_max.items()):
        counted = [x for x in mine if shifts[int(space.shift[x])].kind == kind]
        if len(np.unique(space.day[counted])) > most:
            rows.add(0.0, float(most), (counted, 1.0))


def _unsocial(rows: _Rows, m: int, mediator: Mediator) -> None:
    shifts, space = rows.space.problem.shifts, rows.space
    mine = np.arange(space.first[m * space.days], space.first[(m + 1) * space.days])
    flagged = [x for x in mine if shifts[int(space.shift[x])].unsocial]
    if mediator.unsocial.cost and len(np.unique(space.day[flagged])) > mediator.unsocial.free:
        beyond = rows.column(float(space.days), mediator.unsocial.cost, False, m)
        rows.add(-INFINITE, float(mediator.unsocial.free), (flagged, 1.0), ([beyond], -1.0))


def _long_wish(rows: _Rows, m: int, kind: WishKind, cost: int, inside: Ints) -> None:
    if kind is WishKind.OFF:
        broken = rows.column(1.0, cost, False, m)
        for day in np.unique(rows.space.day[inside]):
            day_options = inside[rows.space.day[inside] == day]
            rows.add(-INFINITE, 0.0, (day_options, 1.0), ([broken], -1.0))
    else:
        kept = rows.column(1.0, -cost, False, m)
        rows.add(0.0, INFINITE, (inside, 1.0), ([kept], -1.0))


class ClashTable:
    """Which option of one day excludes which of a following day: rest and forbidden successions."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.forbidden = set(space.problem.forbidden_successions)

    def reach(self, mediator: Mediator) -> int:
        """Most days between two duty days whose rest can still be too short."""
        days = self.space.problem.days
        shortest = min(day.end - day.start for day in days)
        overhang = max((s.end - days[s.day].end for s in self.space.problem.shifts), default=0)
        return 1 + max(0, max(0, overhang) + mediator.min_rest_slots - 1) // shortest

    def clash(self, m: int, day: int, gap: int) -> tuple[Bools, list[int | None], list[int | None]]:
        """[choices of `day`, choices of `day + gap`] True where the second may not follow.

        A choice is an option, or None for a busy day without a shift.
        """
        before, after = self.choices(m, day), self.choices(m, day + gap)
        return self.table(m, day, before, after, gap), before, after

    def table(
        self,
        m: int,
        day: int,
        before: list[int | None],
        after: list[int | None],
        gap: int = 1,
    ) -> Bools:
        """`clash` for given choices, all with m's rest (and m's busy time)."""
        rest = self.space.problem.mediators[m].min_rest_slots
        ends = np.array([self._edge(m, x, day)[1] for x in before], dtype=np.int64)
        starts = np.array([self._edge(m, x, day + gap)[0] for x in after], dtype=np.int64)
        table = np.asarray(ends[:, None] + rest > starts[None, :])
        if gap == 1 and self.forbidden:
            kinds = sorted({kind for pair in self.forbidden for kind in pair})
            row = np.array([self._kind(x, kinds) for x in before], dtype=np.int64)
            column = np.array([self._kind(x, kinds) for x in after], dtype=np.int64)
            banned = np.zeros((len(kinds) + 1, len(kinds) + 1), dtype=bool)
            for first, second in self.forbidden:
                banned[kinds.index(first), kinds.index(second)] = True
            table |= banned[row[:, None], column[None, :]]
        return table

    def choices(self, m: int, day: int) -> list[int | None]:
        options: list[int | None] = list(self.space.options_of(m, day))
        if self.space.busy_day[m, day]:
            options.append(None)
        return options

    def after_history(self, m: int, day: int) -> list[int | None]:
        """Choices of `day` that come too soon after the last duty before the horizon."""
        mediator = self.space.problem.mediators[m]
        last = mediator.history.last_end
        if last is None:
            return []
        earliest = last + mediator.min_rest_slots
        return [x for x in self.choices(m, day) if self._edge(m, x, day)[0] < earliest]

    def bicliques(self, m: int) -> list[tuple[list[int], list[int]]]:
        """Sets of options of which at most one may be worked, over all pairs of days.

        Busy days without a shift are duty of their own: what clashes with them is emptied by
        a row that allows none (the second set is then a single option twice).
        """
        out: list[tuple[list[int], list[int]]] = []
        mediator = self.space.problem.mediators[m]
        for day in range(self.space.days):
            banned = [x for x in self.after_history(m, day) if x is not None]
            out.extend(([x], [x]) for x in banned)
            for gap in range(1, self.reach(mediator) + 1):
                if day + gap < self.space.days:
                    out.extend(self._day_pair(m, day, gap))
        return out

    def _day_pair(self, m: int, day: int, gap: int) -> list[tuple[list[int], list[int]]]:
        table, before, after = self.clash(m, day, gap)
        if not table.any():
            return []
        out = []
        distinct, group = np.unique(table, axis=1, return_inverse=True)
        group = group.ravel()
        for index in range(distinct.shape[1]):
            rows = distinct[:, index]
            if not rows.any():
                continue
            wider = (distinct & rows[:, None]).sum(axis=0) == rows.sum()
            members = [after[j] for j in np.flatnonzero(wider[group])]
            first = [before[i] for i in np.flatnonzero(rows)]
            # A busy day clashes with or without a shift: banning each option is enough.
            out.extend(([x], [x]) for x in members if x is not None and None in first)
            out.extend(([x], [x]) for x in first if x is not None and None in members)
            plain = [x for x in first if x is not None], [x for x in members if x is not None]
            if plain[0] and plain[1]:
                out.append(plain)
        return out

    def _edge(self, m: int, option: int | None, day: int) -> tuple[int, int]:
        span = self.space.span(m, option, day)
        assert span is not None  # noqa: S101 - a choice is duty
        return span

    def _kind(self, option: int | None, kinds: list[str]) -> int:
        if option is None:
            return len(kinds)
        kind = self._shift(option).kind
        return kinds.index(kind) if kind in kinds else len(kinds)

    def _shift(self, option: int) -> Shift:
        return self.space.problem.shifts[int(self.space.shift[option])]

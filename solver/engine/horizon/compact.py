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

from solver.engine.horizon.clashes import ClashTable
from solver.engine.horizon.space import Bools, Floats, Ints, Space
from solver.problem import Mediator, WishKind

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

"""The cheapest schedule of each mediator over the whole horizon, by dynamic programming.

States of a day: on duty (label of the shift, length of the run) or off (length of the run),
times the counters a rule needs (weekends, unsocial shifts, limited kinds, slots and duty days
of the week). All members of a crew advance together as one array of whole numbers, so the
value of the best path is exact and sums to a Lagrangian bound without rounding doubts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.engine.horizon.crew import Crew, ShiftClass
from solver.engine.horizon.space import Bools, Ints, Space

Values = NDArray[np.int32]
FAR = 1 << 29
"""Longer than any path."""

Index = tuple[int, ...]


@dataclass(frozen=True)
class _Layer:
    """Values at the end of a day."""

    duty: Values
    """[members, labels, runs, counters…]."""
    off: Values
    """[members, runs off, counters…]."""


class CrewPaths:
    """Shortest paths for one crew under any option costs."""

    def __init__(self, space: Space, crew: Crew) -> None:
        self.space = space
        self.crew = crew
        self._demanded: Bools | None = None
        self._everyone = np.arange(len(crew.members))
        problem = space.problem
        mediators = [problem.mediators[m] for m in crew.members]
        self._all_history = np.array([one.history.consecutive_days for one in mediators])
        self._all_must_work = (space.busy_day | space.forced)[list(crew.members)]
        self._week_of = {d: w for w, week in enumerate(problem.weeks) for d in week}
        self._last_day = {w: max(week) for w, week in enumerate(problem.weeks) if week}
        self._weekend = self._weekend_days()
        self.axes = (
            1 if crew.weekends is None else crew.weekends + 1,
            1 if crew.free_unsocial is None else crew.free_unsocial + 1,
            *(most + 1 for _, most in crew.kinds),
        )
        self._all_pay = [self._week_pay(w) for w in range(len(problem.weeks))]

    def _weekend_days(self) -> dict[int, bool]:
        """Day -> True if being on duty the day before settles that the weekend is counted."""
        if self.crew.weekends is None:
            return {}
        days: dict[int, bool] = {}
        for weekend in self.space.problem.weekends:
            for day in weekend:
                days[day] = day - 1 in weekend
        return days

    def _week_shape(self, week: int) -> tuple[int, int]:
        days = self.crew.week_days[week]
        return self.crew.week_units[week] + 1, 1 if days is None else days + 1

    def _week_pay(self, week: int) -> NDArray[np.int64]:
        """[members, units, duty days] what the week's totals cost, FAR where they are illegal."""
        units, days = self._week_shape(week)
        problem = self.space.problem
        pay = np.zeros((len(self.crew.members), units, days), dtype=np.int64)
        for i, m in enumerate(self.crew.members):
            limits = problem.mediators[m].weeks[week]
            busy = int(self.space.busy_amount[m, list(problem.weeks[week])].sum())
            worked = np.arange(units) * self.crew.unit + busy
            cost = problem.costs.under_slot * np.maximum(0, limits.min_slots - worked)
            if self.crew.week_units[week]:
                illegal = (worked > limits.max_slots) | (worked < limits.hard_min_slots)
            else:
                illegal = worked < limits.hard_min_slots
            pay[i] = cost[:, None]
            pay[i, illegal] = -1
            if self.crew.week_days[week] is not None:
                pay[i, :, limits.max_days + 1 :] = -1
        return pay

    # --- values ---------------------------------------------------------------------------

    def demand(self, duty: Bools | None) -> None:
        """Demand duty on these [mediators of the problem, days] besides what facts demand."""
        self._demanded = None if duty is None else duty[list(self.crew.members)]

    def solve(
        self, cost: Ints, scale: int, who: Sequence[int] | None = None
    ) -> tuple[Ints, list[Ints | None]]:
        """Least cost of each member's schedule and its options.

        `cost` is that of every option of the space, in units of `1 / scale`; costs of hours and
        unsocial shifts are scaled here. `who` picks members by their place in the crew. A
        member without a legal schedule has value FAR and None.
        """
        self._who = self._everyone if who is None else np.array(who, dtype=np.int64)
        self.size = len(self._who)
        self._history = self._all_history[self._who]
        self._must_work = self._all_must_work[self._who]
        if self._demanded is not None:
            self._must_work = self._must_work | self._demanded[self._who]
        self._cost = cost
        self._scale = scale
        self._day_costs = [self._class_costs(day) for day in range(self.space.days)]
        self._entries: list[_Layer] = [self._before()]
        self._closing: dict[int, _Layer] = {}
        for day in range(self.space.days):
            self._entries.append(self._settle(day, self._advance(day, self._entries[-1])))
        final = self._entries[-1]
        best = np.minimum(
            final.duty.reshape(self.size, -1).min(axis=1),
            final.off.reshape(self.size, -1).min(axis=1),
        ).astype(np.int64)
        legal = best < FAR // 2
        chosen = [self._trace(i) if legal[i] else None for i in range(self.size)]
        return np.where(legal, best, FAR), chosen

    def _class_costs(self, day: int) -> Values:
        """[classes, members] the cheapest option of each class."""
        plan = self.crew.days[day]
        width = len(self.crew.members)
        table = np.full(max(1, len(plan.classes)) * width, FAR, dtype=np.int32)
        if len(plan.options):
            table[plan.groups] = np.minimum.reduceat(self._cost[plan.options], plan.starts)
        table = table.reshape(-1, width)[:, self._who]
        if plan.idle_class >= 0 and not self._forced(day):
            table[plan.idle_class] = np.minimum(table[plan.idle_class], 0)
        return table

    def _forced(self, day: int) -> bool:
        return bool(self.space.forced[self.crew.members[0], day])

    def _before(self) -> _Layer:
        """The eve of day 0: the history's run, or off for long enough."""
        units, days = self._week_shape(self._week_of[0])
        tail = (*self.axes, units, days)
        duty = np.full((self.size, 1, self.crew.longest, *tail), FAR, dtype=np.int32)
        off = np.full((self.size, self.crew.shortest_off, *tail), FAR, dtype=np.int32)
        zero = (0,) * len(tail)
        for i, run in enumerate(self._history.tolist()):
            if run:
                duty[(i, 0, min(run, self.crew.longest) - 1, *zero)] = 0
            else:
                off[(i, -1, *zero)] = 0
        return _Layer(duty, off)

    def _advance(self, day: int, before: _Layer) -> _Layer:
        crew, plan = self.crew, self.crew.days[day]
        tail = before.off.shape[2:]
        off = np.full((self.size, crew.shortest_off, *tail), FAR, dtype=np.int32)
        if crew.shortest_off > 1:
            off[:, 1:] = before.off[:, :-1]
        np.minimum(off[:, -1], before.off[:, -1], out=off[:, -1])
        any_label = before.duty.min(axis=1)
        target = off.shape[1] - 1 if day == 0 else 0
        for run in range(1, crew.longest + 1):
            who = self._may_stop(day, run)
            if who is True:
                np.minimum(off[:, target], any_label[:, run - 1], out=off[:, target])
            elif isinstance(who, np.ndarray):
                off[who, target] = np.minimum(off[who, target], any_label[who, run - 1])
        off[self._must_work[:, day]] = FAR
        duty = np.full((self.size, plan.labels, crew.longest, *tail), FAR, dtype=np.int32)
        sources: dict[tuple[bool, ...], Values] = {}
        for index, one in enumerate(plan.classes):
            price = self._day_costs[day][index]
            if (price >= FAR // 2).all():
                continue
            if one.before not in sources:
                sources[one.before] = self._source(before, one.before, any_label)
            self._enter(day, duty[:, one.label], sources[one.before], one, price)
        return _Layer(duty, off)

    def _may_stop(self, day: int, run: int) -> bool | Bools:
        """Whether a run of `run` days may end on the eve of `day`."""
        if run >= self.crew.shortest:
            return True
        exempt = self._history + day == run
        return np.asarray(exempt) if exempt.any() else False

    def _source(self, before: _Layer, allowed: tuple[bool, ...], any_label: Values) -> Values:
        """[members, 1 + runs, counters…]: rested, then on a run, ready for a class."""
        picked = any_label
        if not all(allowed):
            labels = [label for label, yes in enumerate(allowed) if yes]
            if not labels:
                picked = np.full_like(any_label, FAR)
            elif len(labels) == 1:
                picked = before.duty[:, labels[0]]
            else:
                picked = before.duty[:, labels].min(axis=1)
        return np.concatenate([before.off[:, -1:], picked], axis=1)

    def _steps(self, day: int, one: ShiftClass, resting: bool) -> list[tuple[Index, Index, int]]:
        """Counter moves of a class: (offsets, source limits, extra cost).

        Offsets per counter axis; a limit of -1 leaves an axis alone, otherwise only that value
        of the counter moves.
        """
        crew = self.crew
        weekend = 0
        if day in self._weekend and (resting or not self._weekend[day]):
            weekend = 1
        kinds = tuple(int(one.kind == k) for k in range(len(crew.kinds)))
        duty_days = int(crew.week_days[self._week_of[day]] is not None)
        units = one.units if crew.week_units[self._week_of[day]] else 0
        free = crew.free_unsocial
        anywhere = (-1,) * (4 + len(kinds))
        if free is None or not one.unsocial:
            return [((weekend, 0, *kinds, units, duty_days), anywhere, 0)]
        beyond = (-1, free, *anywhere[2:])
        return [
            ((weekend, 1, *kinds, units, duty_days), anywhere, 0),
            ((weekend, 0, *kinds, units, duty_days), beyond, crew.unsocial_cost * self._scale),
        ]

    def _enter(
        self, day: int, duty: Values, source: Values, one: ShiftClass, price: Values
    ) -> None:
        """Let `source` take the class on `day` into `duty` [members, runs, counters…]."""
        crew = self.crew
        split = day in self._weekend and self._weekend[day]
        parts = (
            [(slice(0, 1), True), (slice(1, None), False)] if split else [(slice(0, None), True)]
        )
        for runs, resting in parts:
            for offsets, limits, extra in self._steps(day, one, resting):
                move = _move(source.shape[2:], offsets, limits)
                if move is None:
                    continue
                taken, given = move
                cost = (price + np.int32(extra)).reshape(-1, *([1] * (source.ndim - 1)))
                values = source[(slice(None), runs, *taken)] + cost
                begin = runs.start or 0
                fits = min(values.shape[1], crew.longest - begin)
                view = duty[(slice(None), slice(begin, begin + fits), *given)]
                np.minimum(view, values[:, :fits], out=view)
                if not crew.longest_binds and values.shape[1] > fits:
                    last = duty[(slice(None), slice(-1, None), *given)]
                    np.minimum(last, values[:, -1:], out=last)

    def _settle(self, day: int, layer: _Layer) -> _Layer:
        """At the end of a week its counters are paid and start again."""
        np.minimum(layer.duty, FAR, out=layer.duty)
        np.minimum(layer.off, FAR, out=layer.off)
        week = self._week_of[day]
        if self._last_day[week] != day:
            return layer
        self._closing[day] = layer
        units, days = 1, 1
        if day + 1 < self.space.days:
            units, days = self._week_shape(self._week_of[day + 1])
        pay = self._scaled_pay(week)
        out = []
        for array in (layer.duty, layer.off):
            middle = (1,) * (array.ndim - 3)
            paid = (array + pay.reshape(self.size, *middle, *pay.shape[1:])).min(axis=(-2, -1))
            fresh = np.full((*paid.shape, units, days), FAR, dtype=np.int32)
            fresh[..., 0, 0] = np.minimum(paid, FAR)
            out.append(fresh)
        return _Layer(*out)

    def _scaled_pay(self, week: int) -> Values:
        pay = self._all_pay[week][self._who]
        return np.where(pay < 0, FAR, pay * self._scale).astype(np.int32)

    # --- tracing --------------------------------------------------------------------------

    def _trace(self, member: int) -> Ints:
        """The options of a best path, from the last day back."""
        options: list[int] = []
        final = self._entries[-1]
        off, duty = final.off[member], final.duty[member]
        state = (-1, *_least(off)) if int(off.min()) <= int(duty.min()) else _least(duty)
        for day in range(self.space.days - 1, -1, -1):
            if day in self._closing:
                state = self._unsettle(member, day, state)
            state, index = self._step_back(member, day, state)
            option = self._cheapest(member, day, index) if index >= 0 else None
            if option is not None:
                options.append(option)
        return np.array(options[::-1], dtype=np.int64)

    def _unsettle(self, member: int, day: int, state: Index) -> Index:
        """The state before the week of `day` was settled."""
        layer, pay = self._closing[day], self._scaled_pay(self._week_of[day])[member]
        array = layer.off if state[0] < 0 else layer.duty
        place = (member, *(state[1:] if state[0] < 0 else state))[:-2]
        units, days = _least(np.minimum(array[place], FAR) + pay)
        return (*state[:-2], units, days)

    def _value(self, day: int, member: int, state: Index) -> int:
        """Value of a state at the end of `day`, its week not yet settled."""
        layer = self._closing.get(day) or self._entries[day + 1]
        if state[0] < 0:
            return int(layer.off[(member, *state[1:])])
        return int(layer.duty[(member, *state)])

    def _step_back(self, member: int, day: int, state: Index) -> tuple[Index, int]:
        """The state on the eve of `day` that led to `state`, and the class taken (-1 for off)."""
        value = self._value(day, member, state)
        before = self._entries[day]
        if state[0] < 0:
            return self._step_back_off(member, day, state, value, before), -1
        label, run, *counters = state
        for index, one in enumerate(self.crew.days[day].classes):
            price = int(self._day_costs[day][index, member])
            if one.label != label or price >= FAR // 2:
                continue
            for came in self._origins(one, before, run):
                for offsets, limits, extra in self._steps(day, one, came[0] < 0):
                    source = tuple(c - o for c, o in zip(counters, offsets, strict=True))
                    if min(source) < 0 or any(
                        limit not in (-1, c) for limit, c in zip(limits, source, strict=True)
                    ):
                        continue
                    array = before.off if came[0] < 0 else before.duty
                    place = came[1:] if came[0] < 0 else came
                    if int(array[(member, *place, *source)]) + price + extra == value:
                        return (*came, *source), index
        raise AssertionError("a state without an origin")

    def _origins(self, one: ShiftClass, before: _Layer, run: int) -> list[Index]:
        """Where a duty day of run index `run` may come from: (-1, off) or (label, run)."""
        if run == 0:
            out: list[Index] = [(-1, before.off.shape[1] - 1)]
            if self.crew.longest_binds or self.crew.longest > 1:
                return out
        else:
            out = []
        runs = [run - 1] if run else []
        if not self.crew.longest_binds and run == self.crew.longest - 1:
            runs.append(run)
        labels = [label for label, yes in enumerate(one.before) if yes]
        return out + [(label, r) for r in runs for label in labels]

    def _step_back_off(
        self, member: int, day: int, state: Index, value: int, before: _Layer
    ) -> Index:
        _, off, *counters = state
        last = before.off.shape[1] - 1
        for came in ([off - 1] if off else []) + ([last] if off == last else []):
            if int(before.off[(member, came, *counters)]) == value:
                return (-1, came, *counters)
        for run in range(1, self.crew.longest + 1):
            may = self._may_stop(day, run)
            if may is True or (isinstance(may, np.ndarray) and may[member]):
                for label in range(before.duty.shape[1]):
                    if int(before.duty[(member, label, run - 1, *counters)]) == value:
                        return (label, run - 1, *counters)
        raise AssertionError("a day off without an origin")

    def _cheapest(self, member: int, day: int, index: int) -> int | None:
        """The cheapest option of a class, or None for the busy day without a shift."""
        plan = self.crew.days[day]
        key = index * len(self.crew.members) + int(self._who[member])
        group = int(np.searchsorted(plan.groups, key))
        price = int(self._day_costs[day][index, member])
        if group < len(plan.groups) and plan.groups[group] == key:
            end = plan.starts[group + 1] if group + 1 < len(plan.starts) else len(plan.options)
            options = plan.options[plan.starts[group] : end]
            best = int(options[np.argmin(self._cost[options])])
            if int(self._cost[best]) == price:
                return best
        return None


def _least(array: NDArray[np.int32]) -> Index:
    return tuple(int(i) for i in np.unravel_index(int(np.argmin(array)), array.shape))


def _move(
    shape: tuple[int, ...], offsets: Index, limits: Index
) -> tuple[tuple[slice, ...], tuple[slice, ...]] | None:
    """Slices of the counters to move from and to, or None where none can move."""
    taken, given = [], []
    for size, offset, limit in zip(shape, offsets, limits, strict=True):
        first, end = (0, size - offset) if limit < 0 else (limit, limit + 1)
        if end <= first or first + offset >= size:
            return None
        taken.append(slice(first, end))
        given.append(slice(first + offset, end + offset))
    return tuple(taken), tuple(given)

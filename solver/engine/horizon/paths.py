"""The cheapest schedule of each mediator over the whole horizon, by dynamic programming.

States of a day: on duty (label of the shift, length of the run) or off (length of the run),
times the counters a rule needs (weekends, unsocial shifts, limited kinds, slots and duty days
of the week). All members of a crew advance together as one array of whole numbers, so the
value of the best path is exact and sums to a Lagrangian bound without rounding doubts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.engine.horizon.class_prices import FAR, ClassPrices, Values
from solver.engine.horizon.crew import Crew
from solver.engine.horizon.frames import Offsets, build_frames, shape, shift
from solver.engine.horizon.space import Bools, Ints, Space
from solver.engine.horizon.trace import trace

ALL = slice(None)
Move = tuple[Any, Any, np.int32]
"""The counters taken from, those given to, and what the move costs beyond the shift."""


@dataclass(frozen=True)
class Layer:
    """Values at the end of a day. Those of duty may pass FAR, up to twice."""

    duty: Values
    """[members, labels, runs, counters…]."""
    off: Values
    """[members, runs off, counters…]; the last is rested."""


class CrewPaths:
    """Shortest paths for one crew under any option costs."""

    def __init__(self, space: Space, crew: Crew) -> None:
        self.space = space
        self.crew = crew
        self.frames = build_frames(space, crew)
        self.runs = int(crew.longest.max())
        self.offs = int(crew.shortest_off.max())
        self._demanded: Bools | None = None
        self._everyone = np.arange(len(crew.members))
        problem = space.problem
        mediators = [problem.mediators[m] for m in crew.members]
        self._all_history = np.array([one.history.consecutive_days for one in mediators])
        self._all_must_work = (space.busy_day | space.forced)[list(crew.members)]
        self.week_of = {d: w for w, week in enumerate(problem.weeks) for d in week}
        self._last_day = {max(week) for week in problem.weeks if week}
        self._weekend = self._weekend_days()
        self._all_pay = [self._week_pay(w) for w in range(len(problem.weeks))]
        self._buffers: dict[tuple[int, str], Values] = {}
        self._scale = 1
        self._known_moves: dict[tuple[int, int, bool], list[Move]] = {}
        self.classes = ClassPrices(space, crew)

    def _weekend_days(self) -> dict[int, bool]:
        """Day -> True if being on duty the day before settles that the weekend is counted."""
        if self.crew.weekends is None:
            return {}
        days: dict[int, bool] = {}
        for weekend in self.space.problem.weekends:
            for day in weekend:
                days[day] = day - 1 in weekend
        return days

    def _week_pay(self, week: int) -> NDArray[np.int64]:
        """[members, units, duty days] what the week's totals cost, -1 where they are illegal."""
        problem = self.space.problem
        *_, (low, high), (_, days) = self.frames.closing[max(problem.weeks[week])]
        pay = np.zeros((len(self.crew.members), high - low, days), dtype=np.int64)
        for i, m in enumerate(self.crew.members):
            limits = problem.mediators[m].weeks[week]
            busy = int(self.space.busy_amount[m, list(problem.weeks[week])].sum())
            worked = np.arange(low, high) * self.crew.unit + busy
            illegal = worked < limits.hard_min_slots
            if self.crew.week_units[week]:
                illegal |= worked > limits.max_slots
            pay[i] = (problem.costs.under_slot * np.maximum(0, limits.min_slots - worked))[:, None]
            pay[i, illegal] = -1
            if self.crew.week_days[week] is not None:
                pay[i, :, limits.max_days + 1 :] = -1
        return pay

    @property
    def states(self) -> int:
        """How many states the members' paths have."""
        return sum(
            prod(shape(frame)) * len(self.crew.members) * (plan.labels * self.runs + self.offs)
            for frame, plan in zip(self.frames.closing, self.crew.days, strict=True)
        )

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
        best = self.values(cost, scale, who)
        return best, trace(self, best < FAR)

    def values(self, cost: Ints, scale: int, who: Sequence[int] | None = None) -> Ints:
        """As `solve`, the values alone."""
        self.who = self._everyone if who is None else np.array(who, dtype=np.int64)
        self.size = len(self.who)
        self._history = self._all_history[self.who]
        self._must_work = self._all_must_work[self.who]
        if self._demanded is not None:
            self._must_work = self._must_work | self._demanded[self.who]
        if scale != self._scale:
            self._known_moves.clear()
        self._scale = scale
        self.classes.price(cost, self.who)
        self._stops = [self._may_stop(day) for day in range(self.space.days)]
        self.entries: list[Layer] = [self._before()]
        self.closings: list[Layer] = []
        return self._go_on()

    def with_prices(self, day: int, prices: Values, on_duty: bool) -> Ints:
        """The values if the classes of `day` had these prices, after `values` of everyone.

        With `on_duty` nobody is off that day. What was found from `day` on is lost.
        """
        classes = self.classes
        first = classes.first_class[day]
        rows = slice(first, first + len(prices))
        kept = (
            classes.prices[rows].copy(),
            classes.shut[rows].copy(),
            self._must_work[:, day].copy(),
        )
        classes.prices[rows] = prices
        classes.shut[rows] = (prices >= FAR // 2).all(axis=1)
        self._must_work[:, day] |= on_duty
        del self.entries[day + 1 :], self.closings[day:]
        values = self._go_on()
        classes.prices[rows], classes.shut[rows], self._must_work[:, day] = kept
        return values

    def _go_on(self) -> Ints:
        """Advance from the last day known to the end of the horizon; the least values there."""
        for day in range(len(self.closings), self.space.days):
            self.closings.append(self._advance(day, self.entries[-1]))
            self.entries.append(self._settle(day, self.closings[-1]))
        final = self.entries[-1]
        self._shut_weekends(final)
        best = np.minimum(
            final.duty.reshape(self.size, -1).min(axis=1),
            final.off.reshape(self.size, -1).min(axis=1),
        ).astype(np.int64)
        return np.where(best < FAR // 2, best, FAR)

    def _may_stop(self, day: int) -> Bools:
        """[members, runs] whether a run may end on the eve of `day`."""
        runs = np.arange(1, self.runs + 1)
        long_enough = runs >= self.crew.shortest[self.who, None]
        return np.asarray(long_enough | (self._history[:, None] + day == runs))

    def rest_place(self, day: int) -> Ints:
        """Member -> where among the days off the first one after a run counts."""
        if day == 0:
            return np.full(self.size, self.offs - 1)
        return np.asarray(self.offs - self.crew.shortest_off[self.who])

    def may_stop(self, day: int) -> Bools:
        return self._stops[day]

    def steps(
        self, day: int, index: int, resting: bool
    ) -> list[tuple[Offsets, Offsets | None, int]]:
        """How a class moves the counters: (offsets, limits, extra cost), as `frames.shift`."""
        crew = self.crew
        one = crew.days[day].classes[index]
        weekend = int(day in self._weekend and (resting or not self._weekend[day]))
        kinds = tuple(int(one.kind == k) for k in range(len(crew.kinds)))
        week = self.week_of[day]
        duty_days = int(crew.week_days[week] is not None)
        units = one.units if crew.week_units[week] else 0
        free = crew.free_unsocial
        if free is None or not one.unsocial:
            return [((weekend, 0, *kinds, units, duty_days), None, 0)]
        beyond = (-1, free, *(-1 for _ in kinds), -1, -1)
        return [
            ((weekend, 1, *kinds, units, duty_days), None, 0),
            ((weekend, 0, *kinds, units, duty_days), beyond, crew.unsocial_cost * self._scale),
        ]

    def _moves(self, day: int, index: int, resting: bool) -> list[Move]:
        """As `steps`, as slices of the counters; they stay from one call to the next."""
        key = day, index, resting
        if key not in self._known_moves:
            entry, frame = self.frames.entry(day), self.frames.closing[day]
            moves = []
            for offsets, limits, extra in self.steps(day, index, resting):
                move = shift(entry, frame, offsets, limits)
                if move is not None:
                    moves.append((*move, np.int32(extra)))
            self._known_moves[key] = moves
        return self._known_moves[key]

    def _buffer(self, day: int, name: str, size: tuple[int, ...]) -> Values:
        """An array full of FAR; kept from one call to the next."""
        array = self._buffers.get((day, name))
        if array is None or array.shape != size:
            array = self._buffers[day, name] = np.empty(size, dtype=np.int32)
        array.fill(FAR)
        return array

    def _before(self) -> Layer:
        """The eve of day 0: the history's run, or off for long enough."""
        tail = shape(self.frames.start)
        duty = np.full((self.size, 1, self.runs, *tail), FAR, dtype=np.int32)
        off = np.full((self.size, self.offs, *tail), FAR, dtype=np.int32)
        zero = (0,) * len(tail)
        for i, run in enumerate(self._history.tolist()):
            if run:
                duty[(i, 0, min(run, self.runs) - 1, *zero)] = 0
            else:
                off[(i, -1, *zero)] = 0
        return Layer(duty, off)

    def _advance(self, day: int, before: Layer) -> Layer:
        plan = self.crew.days[day]
        tail = shape(self.frames.closing[day])
        any_label = np.minimum(before.duty.min(axis=1), FAR)
        off = self._buffer(day, "off", (self.size, self.offs, *tail))
        self._rest(day, off, before, any_label)
        duty = self._buffer(day, "duty", (self.size, max(1, plan.labels), self.runs, *tail))
        sources: dict[tuple[bool, ...], Values] = {}
        entered: set[int] = set()
        for index, one in enumerate(plan.classes):
            row = self.classes.first_class[day] + index
            if self.classes.shut[row]:
                continue
            if one.before not in sources:
                sources[one.before] = _of_labels(before, one.before, any_label)
            start = before.off[:, -1], sources[one.before]
            moves = self._moves(day, index, True), self._moves(day, index, False)
            fresh = one.label not in entered
            self._enter(duty[:, one.label], start, moves, self.classes.prices[row], fresh)
            entered.add(one.label)
        if self.crew.longest_binds:
            longest = self.crew.longest[self.who]
            for most in np.unique(longest[longest < self.runs]).tolist():
                duty[longest == most, :, most:] = FAR
        return Layer(duty, off)

    def _rest(self, day: int, off: Values, before: Layer, any_label: Values) -> None:
        """Let days off go on and runs end."""
        frame = self.frames.closing[day]
        moved = shift(self.frames.entry(day), frame, (0,) * len(frame))
        if moved is None:
            return
        taken: Any
        given: Any
        taken, given = moved
        if self.offs > 1:
            off[(ALL, slice(1, None), *given)] = before.off[(ALL, slice(None, -1), *taken)]
        rested = off[(ALL, -1, *given)]
        np.minimum(rested, before.off[(ALL, -1, *taken)], out=rested)
        stops = self._stops[day]
        ended = None
        for run in range(self.runs):
            if stops[:, run].any():
                one = any_label[(ALL, run, *taken)]
                if not stops[:, run].all():
                    one = np.where(_column(stops[:, run], one.ndim), one, np.int32(FAR))
                ended = one if ended is None else np.minimum(ended, one)
        if ended is not None:
            places = self.rest_place(day)
            for place in np.unique(places).tolist():
                who = np.flatnonzero(places == place)
                off[(who, place, *given)] = np.minimum(off[(who, place, *given)], ended[who])
        off[self._must_work[:, day]] = FAR

    def _enter(
        self,
        duty: Values,
        start: tuple[Values, Values],
        moves: tuple[list[Move], list[Move]],
        price: Values,
        fresh: bool,
    ) -> None:
        """Let who is rested, and who is on a run, take a class into `duty`.

        `fresh`: nothing was entered there yet, so values need no comparing.
        """
        rested, running = start
        begin = fresh
        for taken, given, extra in moves[0]:
            _put(duty[(ALL, 0, *given)], rested[(ALL, *taken)], price + extra, begin)
            begin = False
        begin = fresh
        for taken, given, extra in moves[1]:
            cost = price + extra
            if self.runs > 1:
                values = running[(ALL, slice(None, -1), *taken)]
                _put(duty[(ALL, slice(1, None), *given)], values, cost, begin)
                begin = False
            if not self.crew.longest_binds:
                _put(duty[(ALL, -1, *given)], running[(ALL, -1, *taken)], cost, False)

    def _settle(self, day: int, layer: Layer) -> Layer:
        """At the end of a week its counters are paid and start again."""
        if day not in self._last_day:
            return layer
        pay = self.pay(self.week_of[day])
        out = []
        for array in (layer.duty, layer.off):
            middle = (1,) * (array.ndim - 3)
            held = np.minimum(array, FAR)
            paid = (held + pay.reshape(self.size, *middle, *pay.shape[1:])).min(axis=(-2, -1))
            out.append(np.minimum(paid, FAR)[..., None, None])
        return Layer(*out)

    def pay(self, week: int) -> Values:
        """[members, units, duty days] what the week's totals cost, FAR where they are illegal."""
        pay = self._all_pay[week][self.who]
        return np.where(pay < 0, FAR, pay * self._scale).astype(np.int32)

    def _shut_weekends(self, final: Layer) -> None:
        """Of the last day, the states of who worked too many weekends."""
        if self.crew.weekends is None:
            return
        for i, most in enumerate(self.crew.weekends[self.who].tolist()):
            final.duty[i, :, :, most + 1 :] = FAR
            final.off[i, :, most + 1 :] = FAR


def _column(values: NDArray[np.generic], dimensions: int) -> NDArray[np.generic]:
    """One value a member, to go with an array of so many dimensions."""
    return values.reshape(-1, *([1] * (dimensions - 1)))


def _put(view: Values, values: Values, price: Values, fresh: bool) -> None:
    column = price.reshape(-1, *([1] * (values.ndim - 1)))
    if fresh:
        np.add(values, column, out=view)
    else:
        np.minimum(view, values + column, out=view)


def _of_labels(before: Layer, allowed: tuple[bool, ...], any_label: Values) -> Values:
    """[members, runs, counters…] the least over the labels that may come before."""
    if all(allowed):
        return any_label
    labels = [label for label, yes in enumerate(allowed) if yes]
    if not labels:
        return np.full_like(any_label, FAR)
    least = np.minimum(before.duty[:, labels[0]], FAR)
    for label in labels[1:]:
        np.minimum(least, before.duty[:, label], out=least)
    return least

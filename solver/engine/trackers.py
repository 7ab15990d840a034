"""The rules and costs that tie a mediator's days together, one tracker each.

A tracker walks the days in order and carries a small state. `step` takes the state before a
day and what is done that day, and gives the state after it with the cost incurred, or None
where the rule is broken. `features` names what the tracker looks at, so that choices no
tracker can tell apart form one class. A new rule of this kind is one tracker and one line in
`TRACKERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple, Protocol

import numpy as np

from solver.engine.choices import Choices, Frame, Ints
from solver.problem import Mediator, WishKind


class DayWork(NamedTuple):
    """What a mediator does on one day, as trackers see it."""

    day: int
    duty: bool
    worked: int
    start: int
    end: int
    kind: int
    unsocial: bool
    touched: tuple[bool, ...]


Step = tuple[Hashable, int] | None


class Tracker(Protocol):
    def signature(self) -> Hashable:
        """Equal signatures mean equal behaviour: plan graphs are shared by it.

        An empty one says that the tracker neither forbids nor costs anything here.
        """

    def features(self, choices: Choices) -> list[Ints]: ...

    def start(self) -> Hashable: ...

    def step(self, state: Hashable, work: DayWork) -> Step: ...


class _Periods:
    """Which periods (weeks, weekends) are open before, on and after each day."""

    def __init__(self, periods: tuple[tuple[int, ...], ...], days: int) -> None:
        self.on: list[tuple[int, ...]] = [() for _ in range(days)]
        self.closing: list[tuple[int, ...]] = [() for _ in range(days)]
        on: list[list[int]] = [[] for _ in range(days)]
        closing: list[list[int]] = [[] for _ in range(days)]
        for index, period in enumerate(periods):
            for day in period:
                on[day].append(index)
            if period:
                closing[max(period)].append(index)
        self.on = [tuple(sorted(set(found))) for found in on]
        self.closing = [tuple(found) for found in closing]


class Weeks:
    """`week_max_slots`, `week_min_slots`, `week_max_days` and the `hours` cost."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        problem = frame.problem
        self._periods = _Periods(problem.weeks, len(problem.days))
        self._limits = person.weeks
        self._under = problem.costs.under_slot

    def signature(self) -> Hashable:
        return ("weeks", self._limits)

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.worked, choices.duty.astype(np.int64)]

    def start(self) -> Hashable:
        return ()

    def step(self, state: Hashable, work: DayWork) -> Step:
        open_weeks = dict(state)  # type: ignore[call-overload]
        cost = 0
        for week in self._periods.on[work.day]:
            limits = self._limits[week]
            slots, days = open_weeks.get(week, (0, 0))
            slots, days = slots + work.worked, days + work.duty
            if slots > limits.max_slots or days > limits.max_days:
                return None
            open_weeks[week] = (slots, days)
        for week in self._periods.closing[work.day]:
            limits = self._limits[week]
            slots, _ = open_weeks.pop(week)
            if slots < limits.hard_min_slots:
                return None
            cost += self._under * max(0, limits.min_slots - slots)
        return tuple(sorted(open_weeks.items())), cost


class Runs:
    """`max_consecutive_days`, `min_consecutive_days`, `min_consecutive_off`.

    The state is the length of the present run, positive on duty and negative off, and
    whether it may end: it is long enough, or touches the first day. A run still going at the
    end touches the last day. Lengths that no limit looks at are not told apart.
    """

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._most = person.max_consecutive_days
        self._least_on = person.min_consecutive_days
        self._least_off = person.min_consecutive_off
        self._before = person.history.consecutive_days
        self._last = len(frame.problem.days) - 1
        most_days = sum(week.max_days for week in person.weeks)
        self._bounded = self._most < min(self._last + 1, most_days) + self._before

    def signature(self) -> Hashable:
        return ("runs", self._most, self._least_on, self._least_off, self._before, self._bounded)

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.duty.astype(np.int64)]

    def start(self) -> Hashable:
        return (self._before, True)

    def step(self, state: Hashable, work: DayWork) -> Step:
        run, settled = state  # type: ignore[misc]
        if work.day == 0:
            run, settled = (self._before + 1 if work.duty else -1), True
        elif work.duty == (run > 0):
            run += 1 if work.duty else -1
        else:
            if not settled:
                return None
            run, settled = (1 if work.duty else -1), False
        if run > self._most:
            return None
        return self._shortened(run, settled), 0

    def _shortened(self, run: int, settled: bool) -> Hashable:
        least = self._least_on if run > 0 else self._least_off
        settled = settled or abs(run) >= least
        if settled and (run < 0 or not self._bounded):
            run = 1 if run > 0 else -1
        return (run, settled)


class Rest:
    """`min_rest` between duty days, and from `history.last_end`.

    The state is the end of the last duty while a later start could still come too soon.
    """

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._rest = person.min_rest_slots
        days = len(frame.problem.days)
        self._earliest = [10**9] * (days + 1)
        for day in range(days - 1, -1, -1):
            starts = choices.start[(choices.day == day) & choices.duty]
            first = int(starts.min()) if len(starts) else 10**9
            self._earliest[day] = min(first, self._earliest[day + 1])
        last_end = person.history.last_end
        self._first = self._pending(last_end, 0) if last_end is not None else None
        ends = [
            int(choices.end[(choices.day == day) & choices.duty].max(initial=-(10**9)))
            for day in range(days)
        ]
        before = [last_end if last_end is not None else -(10**9), *ends]
        self._latest_before = np.maximum.accumulate(np.array(before, dtype=np.int64))
        """[day]: the latest end of any duty before that day."""
        self._binds = self._first is not None or any(
            self._pending(ends[day], day + 1) is not None for day in range(days)
        )

    def _pending(self, end: int, day: int) -> int | None:
        return end if self._earliest[day] < end + self._rest else None

    def signature(self) -> Hashable:
        return ("rest", self._rest, tuple(self._earliest), self._first) if self._binds else ()

    def features(self, choices: Choices) -> list[Ints]:
        """Starts and ends, those that no rest can forbid or ask for left out."""
        if not self._binds:
            return []
        early = choices.duty & (choices.start < self._latest_before[choices.day] + self._rest)
        earliest_after = np.array(self._earliest)[choices.day + 1]
        late = choices.duty & (choices.end + self._rest > earliest_after)
        return [np.where(early, choices.start, -1), np.where(late, choices.end, -1)]

    def start(self) -> Hashable:
        return self._first

    def step(self, state: Hashable, work: DayWork) -> Step:
        if not self._binds:
            return None, 0
        end = state
        if work.duty:
            if end is not None and work.start - end < self._rest:  # type: ignore[operator]
                return None
            end = work.end
        return (None if end is None else self._pending(end, work.day + 1)), 0  # type: ignore[arg-type]


class Weekends:
    """`max_weekends`: weekends with a duty day."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        problem = frame.problem
        self._most = person.max_weekends
        self._periods = _Periods(problem.weekends, len(problem.days))
        if self._most is not None and self._most >= len(problem.weekends):
            self._most = None

    def signature(self) -> Hashable:
        return ("weekends", self._most) if self._most is not None else ()

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.duty.astype(np.int64)] if self._most is not None else []

    def start(self) -> Hashable:
        return (0, ())

    def step(self, state: Hashable, work: DayWork) -> Step:
        if self._most is None:
            return state, 0
        count: int
        touched: tuple[int, ...]
        count, touched = state  # type: ignore[misc]
        if work.duty:
            fresh = [one for one in self._periods.on[work.day] if one not in touched]
            count += len(fresh)
            touched = tuple(sorted((*touched, *fresh)))
            if count > self._most:
                return None
        closing = self._periods.closing[work.day]
        return (count, tuple(one for one in touched if one not in closing)), 0


class Kinds:
    """`kind_max`: most shifts of a kind in the horizon."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._most = {
            frame.kind_index[kind]: most
            for kind, most in sorted(person.kind_max.items())
            if kind in frame.kind_index and most < len(frame.problem.days)
        }

    def signature(self) -> Hashable:
        return ("kinds", tuple(self._most.items())) if self._most else ()

    def features(self, choices: Choices) -> list[Ints]:
        limited = np.isin(choices.kind, list(self._most))
        return [np.where(limited, choices.kind, -1)] if self._most else []

    def start(self) -> Hashable:
        return tuple(0 for _ in self._most)

    def step(self, state: Hashable, work: DayWork) -> Step:
        if work.kind not in self._most:
            return state, 0
        counts = tuple(
            count + (kind == work.kind)
            for count, kind in zip(state, self._most, strict=True)  # type: ignore[call-overload]
        )
        if any(count > most for count, most in zip(counts, self._most.values(), strict=True)):
            return None
        return counts, 0


class Successions:
    """`forbidden_succession`: no shift of the second kind on the day after the first."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        index = frame.kind_index
        self._pairs = frozenset(
            (index[first], index[second])
            for first, second in frame.problem.forbidden_successions
            if first in index and second in index
        )
        self._firsts = frozenset(first for first, _ in self._pairs)

    def signature(self) -> Hashable:
        return ("successions", self._pairs) if self._pairs else ()

    def features(self, choices: Choices) -> list[Ints]:
        if not self._pairs:
            return []
        named = {kind for pair in self._pairs for kind in pair}
        return [np.where(np.isin(choices.kind, list(named)), choices.kind, -1)]

    def start(self) -> Hashable:
        return None

    def step(self, state: Hashable, work: DayWork) -> Step:
        if not self._pairs:
            return None, 0
        if (state, work.kind) in self._pairs:
            return None
        return (work.kind if work.kind in self._firsts else None), 0


class UnsocialShifts:
    """The `unsocial` cost: each unsocial shift beyond the free ones pays."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._free, self._cost = person.unsocial.free, person.unsocial.cost

    def signature(self) -> Hashable:
        return ("unsocial", self._free, self._cost) if self._cost else ()

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.unsocial] if self._cost else []

    def start(self) -> Hashable:
        return 0

    def step(self, state: Hashable, work: DayWork) -> Step:
        if not (self._cost and work.unsocial):
            return state, 0
        if state == self._free:
            return state, self._cost
        return state + 1, 0  # type: ignore[operator]


class SpanningWishes:
    """The `wishes` cost of wishes that several days can touch; the state: those touched."""

    def __init__(self, frame: Frame, person: Mediator, choices: Choices) -> None:
        self._wishes = choices.spanning
        self._days = [
            np.unique(choices.day[choices.touched[:, index]]).tolist()
            for index in range(len(self._wishes))
        ]

    def signature(self) -> Hashable:
        if not self._wishes:
            return ()
        spans = tuple(tuple(days) for days in self._days)
        return (
            "wishes",
            tuple((wish.kind, wish.cost) for wish in self._wishes),
            spans,
        )

    def features(self, choices: Choices) -> list[Ints]:
        return [choices.touched[:, index].astype(np.int64) for index in range(len(self._wishes))]

    def start(self) -> Hashable:
        return ()

    def step(self, state: Hashable, work: DayWork) -> Step:
        touched = set(state)  # type: ignore[call-overload]
        cost = 0
        for index, wish in enumerate(self._wishes):
            if work.touched[index] and index not in touched:
                touched.add(index)
                cost += wish.cost if wish.kind == WishKind.OFF else 0
            if work.day == self._days[index][-1]:
                if index not in touched and wish.kind == WishKind.ON:
                    cost += wish.cost
                touched.discard(index)
        return tuple(sorted(touched)), cost


TRACKERS: tuple[Callable[[Frame, Mediator, Choices], Tracker], ...] = (
    Weeks,
    Runs,
    Rest,
    Weekends,
    Kinds,
    Successions,
    UnsocialShifts,
    SpanningWishes,
)

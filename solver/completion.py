"""Whether one mediator's horizon can be completed at all, given facts and locks.

Exact, by going over the days once with all states a partial roster can leave the mediator in.
The slots worked in the running week are kept as the bits of one number, so that thousands of
combinations advance in one shift of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from solver.duty import Duty
from solver.problem import Interval, Mediator, Problem, Shift

MOST_STATES = 400_000
BEAM = 400
"""States kept of each day in a first, quick try: most horizons can be completed easily."""


class TooHard(Exception):
    """More states than can be looked at; the question stays open."""


class Choice(NamedTuple):
    """What a mediator may do on a day, as far as later days are concerned."""

    start: int
    end: int
    slots: int
    kind: str | None


class _State(NamedTuple):
    """What later days need to know; the slots of the week are kept beside it."""

    on_duty: bool
    run: int
    """Duty days in a row, those before the horizon included."""
    owed: int
    """Days for which the present run, of duty or off, has still to go on."""
    earliest: int
    """First slot at which the next duty may start; 0 if any."""
    kind: str | None
    """Yesterday's kind, if it forbids any."""
    week_days: int
    weekends: int
    open_weekends: frozenset[int]
    """Weekends counted already, of which days are still to come."""
    kinds: tuple[int, ...]
    """Shifts left of each limited kind."""


def can_complete(
    problem: Problem,
    mediator: Mediator,
    locks: Iterable[Shift] = (),
    blocked: Collection[str] = (),
) -> bool:
    """Whether some choice of shifts, holding `locks` and none of `blocked`, breaks no rule.

    Only what binds the mediator alone is looked at. Raises `TooHard` beyond `MOST_STATES`.
    """
    search = _Search(problem, mediator, tuple(locks), blocked)
    return search.succeeds(beam=BEAM) or search.succeeds()


class _Search:
    def __init__(
        self,
        problem: Problem,
        mediator: Mediator,
        locks: tuple[Shift, ...],
        blocked: Collection[str],
    ) -> None:
        self.problem = problem
        self.mediator = mediator
        self.busy = _busy_days(problem, mediator)
        self.locks: dict[int, list[Shift]] = {}
        for shift in dict.fromkeys(locks):
            self.locks.setdefault(shift.day, []).append(shift)
        self.choices = _choices(problem, mediator, self.busy, self.locks, blocked)
        self.week_of = {day: week for week, days in enumerate(problem.weeks) for day in days}
        self.weekends_of: dict[int, set[int]] = {}
        if mediator.max_weekends is not None:
            for weekend, days in enumerate(problem.weekends):
                for day in days:
                    self.weekends_of.setdefault(day, set()).add(weekend)
        self.forbidden = set(problem.forbidden_successions)
        self.forbidding = {first for first, _ in self.forbidden}
        self.kinds = _limited_kinds(problem, mediator)

    def succeeds(self, beam: int | None = None) -> bool:
        """Whether the last day is reached; with a `beam` by way of few states, so that only
        success is an answer."""
        if any(len(shifts) > 1 for shifts in self.locks.values()):
            return False
        layer = {self._begin(): 1}
        for day in range(len(self.problem.days)):
            layer = self._close_week(day, self._advance(day, layer))
            if beam is not None and len(layer) > beam:
                layer = _most_promising(layer, beam)
            if len(layer) > MOST_STATES:
                raise TooHard
            if not layer:
                return False
        return True

    def _begin(self) -> _State:
        history = self.mediator.history
        earliest = 0
        if history.last_end is not None:
            earliest = max(0, history.last_end + self.mediator.min_rest_slots)
        return _State(
            on_duty=history.consecutive_days > 0,
            run=history.consecutive_days,
            owed=0,
            earliest=earliest,
            kind=None,
            week_days=0,
            weekends=0,
            open_weekends=frozenset(),
            kinds=tuple(self.mediator.kind_max[kind] for kind in self.kinds),
        )

    def _advance(self, day: int, layer: Mapping[_State, int]) -> dict[_State, int]:
        limit = self.mediator.weeks[self.week_of[day]]
        most = (1 << (limit.max_slots + 1)) - 1
        forced = day in self.locks or day in self.busy
        after: dict[_State, int] = {}
        for state, slots in layer.items():
            if not forced:
                rested = self._off(day, state)
                if rested is not None:
                    after[rested] = after.get(rested, 0) | slots
            for choice in self.choices[day]:
                worked = self._on(day, state, choice)
                if worked is None or worked.week_days > limit.max_days:
                    continue
                total = slots << choice.slots & most
                if total:
                    after[worked] = after.get(worked, 0) | total
        return after

    def _close_week(self, day: int, layer: dict[_State, int]) -> dict[_State, int]:
        """At the end of a week ask for its hard minimum, and begin the next with nothing."""
        week = self.week_of[day]
        if day != self.problem.weeks[week][-1]:
            return layer
        least = self.mediator.weeks[week].hard_min_slots
        return {state._replace(week_days=0): 1 for state, slots in layer.items() if slots >> least}

    def _off(self, day: int, state: _State) -> _State | None:
        if state.on_duty and state.owed and day > 0:
            return None
        owed = max(0, state.owed - 1)
        if state.on_duty:
            owed = self.mediator.min_consecutive_off - 1 if day > 0 else 0
        return state._replace(
            on_duty=False,
            run=0,
            owed=owed,
            earliest=self._relevant(day, state.earliest),
            kind=None,
            open_weekends=self._still_open(day, state.open_weekends),
        )

    def _on(self, day: int, state: _State, choice: Choice) -> _State | None:
        mediator = self.mediator
        if choice.start < state.earliest or (state.kind, choice.kind) in self.forbidden:
            return None
        if not state.on_duty and state.owed:
            return None
        if state.run + 1 > mediator.max_consecutive_days:
            return None
        owed = max(0, state.owed - 1)
        if not state.on_duty:
            owed = mediator.min_consecutive_days - 1 if day > 0 else 0
        counted = state.open_weekends | self.weekends_of.get(day, set())
        weekends = state.weekends + len(counted) - len(state.open_weekends)
        if mediator.max_weekends is not None and weekends > mediator.max_weekends:
            return None
        kinds = state.kinds
        if choice.kind in self.kinds:
            place = self.kinds.index(choice.kind)
            if not kinds[place]:
                return None
            kinds = (*kinds[:place], kinds[place] - 1, *kinds[place + 1 :])
        return _State(
            on_duty=True,
            run=state.run + 1,
            owed=owed,
            earliest=self._relevant(day, choice.end + mediator.min_rest_slots),
            kind=choice.kind if choice.kind in self.forbidding else None,
            week_days=state.week_days + 1,
            weekends=weekends,
            open_weekends=self._still_open(day, counted),
            kinds=kinds,
        )

    def _relevant(self, day: int, earliest: int) -> int:
        return earliest if earliest > self.problem.days[day].end else 0

    def _still_open(self, day: int, weekends: frozenset[int]) -> frozenset[int]:
        return frozenset(one for one in weekends if self.problem.weekends[one][-1] > day)


def _most_promising(layer: Mapping[_State, int], beam: int) -> dict[_State, int]:
    """Those who have worked most and used up least."""

    def promise(entry: tuple[_State, int]) -> tuple[int, int, int]:
        state, slots = entry
        return slots.bit_length(), -state.weekends, sum(state.kinds)

    return dict(sorted(layer.items(), key=promise, reverse=True)[:beam])


def _busy_days(problem: Problem, mediator: Mediator) -> dict[int, tuple[Interval, ...]]:
    by_day: dict[int, tuple[Interval, ...]] = {}
    for span in mediator.busy:
        day = problem.day_of_slot[span.start]
        by_day[day] = (*by_day.get(day, ()), span)
    return by_day


def _limited_kinds(problem: Problem, mediator: Mediator) -> tuple[str, ...]:
    """The kinds whose limit could be reached: fewer than the days that offer the kind."""
    days: dict[str, set[int]] = {}
    for shift in problem.shifts:
        if shift.kind in mediator.kind_max:
            days.setdefault(str(shift.kind), set()).add(shift.day)
    return tuple(sorted(kind for kind in days if mediator.kind_max[kind] < len(days[kind])))


def _choices(
    problem: Problem,
    mediator: Mediator,
    busy: Mapping[int, tuple[Interval, ...]],
    locks: Mapping[int, list[Shift]],
    blocked: Collection[str],
) -> list[list[Choice]]:
    """Day -> the ways to be on duty, each once."""
    choices: list[set[Choice]] = [set() for _ in problem.days]
    for day in busy:
        if day not in locks:
            choices[day].update(_of_duty(mediator, Duty(mediator, 0, (), {day: busy[day]})))
    for shift in problem.shifts:
        day = shift.day
        if day in locks and shift.id != locks[day][0].id:
            continue
        if shift.id in blocked or not fits(mediator, shift):
            continue
        here = {day: busy[day]} if day in busy else {}
        choices[day].update(_of_duty(mediator, Duty(mediator, 0, (shift,), here)))
    return [list(some) for some in choices]


def _of_duty(mediator: Mediator, duty: Duty) -> Iterator[Choice]:
    """The day as a choice, unless it is longer than a day may be."""
    (span,) = duty.spans
    slots = len(duty.worked)
    if slots <= mediator.max_day_slots:
        kind = duty.shifts[0].kind if duty.shifts else None
        yield Choice(span.start, span.end, slots, kind)


def fits(mediator: Mediator, shift: Shift) -> bool:
    """Whether office, leave, the shift's length and its kind allow the shift by itself."""
    least, most = mediator.shift_slots
    return (
        shift.office in mediator.offices
        and least <= len(shift.worked) <= most
        and (shift.kind is None or mediator.kind_max.get(shift.kind, 1) > 0)
        and not any(start < shift.end and shift.start < end for start, end in mediator.unavailable)
    )

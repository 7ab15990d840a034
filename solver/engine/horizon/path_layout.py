"""A crew's days, counters and moves as the arrays its compiled paths run over.

States of a day: off (how long; the last is rested) or on duty (label of the shift, length of
the run), times the counters a rule needs (weekends, unsocial shifts, limited kinds, slots and
duty days of the week).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import prod

import numpy as np
from numpy.typing import NDArray

from solver.engine.horizon.crew import Crew
from solver.engine.horizon.frames import (
    Frame,
    Frames,
    Offsets,
    build_frames,
    shape,
    shift,
)
from solver.engine.horizon.space import Ints, Space
from solver.engine.kernel.crewed import Crewed

ANY_NUMBER = 1 << 20
"""More weekends than a horizon has."""
Stretches = tuple[Ints, Ints, Ints]
"""First counters before and after, and how many follow each other."""


@dataclass
class _Moves:
    """Moves of the counters and their stretches; moves alike share them."""

    extra: list[int] = field(default_factory=list)
    begin: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    length: list[int] = field(default_factory=list)
    known: dict[tuple[object, ...], tuple[int, int]] = field(default_factory=dict)

    def stretches(
        self, before: Frame, after: Frame, offsets: Offsets, limits: Offsets | None
    ) -> tuple[int, int]:
        """Where the stretches of such a move begin and end."""
        key = before, after, offsets, limits
        if key not in self.known:
            begin = len(self.taken)
            for taken, given, length in zip(*_stretches(*key), strict=True):
                self.taken.append(int(taken))
                self.given.append(int(given))
                self.length.append(int(length))
            self.known[key] = begin, len(self.taken)
        return self.known[key]

    def add(
        self, before: Frame, after: Frame, offsets: Offsets, limits: Offsets | None, extra: int
    ) -> None:
        begin, end = self.stretches(before, after, offsets, limits)
        if end > begin:
            self.extra.append(extra)
            self.begin.append(begin)
            self.end.append(end)


def _stretches(before: Frame, after: Frame, offsets: Offsets, limits: Offsets | None) -> Stretches:
    """Counters that follow each other both before and after a move, as one stretch each."""
    moved = shift(before, after, offsets, limits)
    if moved is None:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    places = [
        np.arange(prod(shape(frame))).reshape(shape(frame))[part].ravel()
        for frame, part in zip((before, after), moved, strict=True)
    ]
    taken, given = places
    breaks = np.flatnonzero((np.diff(taken) != 1) | (np.diff(given) != 1)) + 1
    first = np.concatenate([[0], breaks])
    return taken[first], given[first], np.diff(np.append(first, len(taken)))


class _Days:
    """What a crew's frames and weekends say of each day."""

    def __init__(self, space: Space, crew: Crew) -> None:
        problem = space.problem
        self.space = space
        self.crew = crew
        self.frames: Frames = build_frames(space, crew)
        self.week_of = {d: w for w, week in enumerate(problem.weeks) for d in week}
        self.last_of_week = {max(week): w for w, week in enumerate(problem.weeks) if week}
        self.weekend: dict[int, bool] = {}
        """Day -> whether being on duty the day before settles that the weekend is counted."""
        if crew.weekends is not None:
            for weekend in problem.weekends:
                for day in weekend:
                    self.weekend[day] = day - 1 in weekend

    def steps(
        self, day: int, index: int, resting: bool
    ) -> list[tuple[Offsets, Offsets | None, int]]:
        """How a class moves the counters: (offsets, limits, extra cost), as `frames.shift`."""
        crew = self.crew
        one = crew.days[day].classes[index]
        weekend = int(day in self.weekend and (resting or not self.weekend[day]))
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
            ((weekend, 0, *kinds, units, duty_days), beyond, crew.unsocial_cost),
        ]

    def pay(self, week: int) -> NDArray[np.int64]:
        """[members, units, duty days] what the week's totals cost, -1 where they are illegal."""
        problem, crew = self.space.problem, self.crew
        *_, (low, high), (_, days) = self.frames.closing[max(problem.weeks[week])]
        pay = np.zeros((len(crew.members), high - low, days), dtype=np.int64)
        for i, m in enumerate(crew.members):
            limits = problem.mediators[m].weeks[week]
            busy = int(self.space.busy_amount[m, list(problem.weeks[week])].sum())
            worked = np.arange(low, high) * crew.unit + busy
            illegal = worked < limits.hard_min_slots
            if crew.week_units[week]:
                illegal |= worked > limits.max_slots
            pay[i] = (problem.costs.under_slot * np.maximum(0, limits.min_slots - worked))[:, None]
            pay[i, illegal] = -1
            if crew.week_days[week] is not None:
                pay[i, :, limits.max_days + 1 :] = -1
        return pay


def lay_out(space: Space, crew: Crew) -> Crewed:
    """The arrays of a crew."""
    days = _Days(space, crew)
    frames = days.frames
    runs, offs = max(1, int(crew.longest.max())), int(crew.shortest_off.max())
    labels = [1, *(max(1, plan.labels) for plan in crew.days)]
    entry = [prod(shape(frames.entry(day))) for day in range(space.days)]
    entry.append(prod(shape(frames.settled[-1])))
    closing = [prod(shape(frame)) for frame in frames.closing]
    entry_first, closing_first = [0], []
    end = (offs + runs) * entry[0]
    for day in range(space.days):
        rows = offs + labels[day + 1] * runs
        closing_first.append(end)
        end += rows * closing[day]
        entry_first.append(end if day in days.last_of_week else closing_first[day])
        end += rows * entry[day + 1] if day in days.last_of_week else 0
    sources = _sources(crew)
    moves, move_first, rest = _moves(days)
    pays = {w: days.pay(w) for w in days.last_of_week.values()}
    sizes = [pay[0].size for pay in pays.values()]
    pay_place = dict(zip(pays, accumulate([0, *sizes]), strict=False))
    at_end = [days.last_of_week.get(day, -1) for day in range(space.days)]
    mediators = [space.problem.mediators[m] for m in crew.members]
    no_limit = np.full(len(crew.members), ANY_NUMBER)
    return Crewed(
        days=space.days,
        runs=runs,
        offs=offs,
        labels=_ints(labels),
        entry_first=_ints(entry_first),
        entry_counters=_ints(entry),
        closing_first=_ints(closing_first),
        closing_counters=_ints(closing),
        pay_first=_ints([-1 if w < 0 else pay_place[w] for w in at_end]),
        pay_size=_ints([0 if w < 0 else pays[w][0].size for w in at_end]),
        source_first=sources.first,
        source_label_first=sources.label_first,
        source_label=sources.label,
        class_first=_ints([*accumulate([0, *(len(plan.classes) for plan in crew.days)])]),
        class_label=_ints([one.label for plan in crew.days for one in plan.classes]),
        class_source=sources.of_class,
        move_first=_ints(move_first),
        move_extra=_ints(moves.extra),
        move_stretch=_ints(moves.begin),
        move_stretch_end=_ints(moves.end),
        rest_stretch=_ints([begin for begin, _ in rest]),
        rest_stretch_end=_ints([end for _, end in rest]),
        taken=_ints(moves.taken),
        given=_ints(moves.given),
        length=_ints(moves.length),
        history=_ints([one.history.consecutive_days for one in mediators]),
        shortest=_ints(crew.shortest),
        shortest_off=_ints(crew.shortest_off),
        longest=_ints(crew.longest),
        longest_binds=crew.longest_binds,
        most_weekends=_ints(no_limit if crew.weekends is None else crew.weekends),
        weekend_places=shape(frames.settled[-1])[0],
        pay=np.concatenate([pay.reshape(len(pay), -1) for pay in pays.values()], axis=1),
    )


def _ints(values: Sequence[int] | Ints) -> Ints:
    return np.array(values, dtype=np.int64)


@dataclass
class _Sources:
    first: Ints
    label_first: Ints
    label: Ints
    of_class: Ints


def _sources(crew: Crew) -> _Sources:
    """The sets of labels that classes may follow, each once a day."""
    first, label_first, label, of_class = [0], [0], [], []
    for plan in crew.days:
        known: dict[tuple[bool, ...], int] = {}
        for one in plan.classes:
            of_class.append(known.setdefault(one.before, len(known)))
        for before in known:
            label += [place for place, yes in enumerate(before) if yes]
            label_first.append(len(label))
        first.append(first[-1] + len(known))
    return _Sources(_ints(first), _ints(label_first), _ints(label), _ints(of_class))


def _moves(days: _Days) -> tuple[_Moves, list[int], list[tuple[int, int]]]:
    """All moves, where those of each class from rest and from a run begin, and days off."""
    moves, first, rest = _Moves(), [0], []
    for day, plan in enumerate(days.crew.days):
        before, after = days.frames.entry(day), days.frames.closing[day]
        still = (0,) * len(after)
        rest.append(moves.stretches(before, after, still, None))
        for index in range(len(plan.classes)):
            for resting in (True, False):
                for offsets, limits, extra in days.steps(day, index, resting):
                    moves.add(before, after, offsets, limits, extra)
                first.append(len(moves.extra))
    return moves, first, rest

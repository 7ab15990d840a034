"""The nurse rostering instances of Curtois and Qu as roster problems.

T. Curtois, R. Qu, "Computational results on new staff scheduling benchmark instances", 2014;
the text form of schedulingbenchmarks.org. The shift types of a day are laid end to end in one
long day, so that each has slots of its own:

- a cover line is a presence requirement on the first slot of its shift, with the weights of
  those missing (`cost`) and of those too many (`excess_cost`);
- a request is a wish over the slots of its shift; a fixed day off is unavailable time;
- the horizon is one accounting week with a hard minimum; the most shifts of a type are
  `kind_max`, a type that may not follow is a forbidden succession;
- no rest is asked for, the successions say it all.

The cost of a roster is then the published objective.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from math import gcd

from solver.formats.limits import MOST_DAY_SLOTS, MOST_SLOTS
from solver.problem import (
    Costs,
    Day,
    History,
    Interval,
    Mediator,
    Office,
    Problem,
    Requirement,
    Shift,
    Unsocial,
    WeekLimits,
    Wish,
    WishKind,
)
from solver.result import BadInput, Fault

WARD = "ward"
FIRST_MONDAY = datetime.date(2024, 1, 1)
DAYS_A_WEEK = 7
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class ShiftType:
    minutes: int
    not_followed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    most_shifts: dict[str, int]
    most_minutes: int
    least_minutes: int
    most_consecutive: int
    least_consecutive: int
    least_consecutive_off: int
    most_weekends: int


@dataclass(frozen=True, slots=True)
class Request:
    staff: str
    day: int
    shift: str
    weight: int
    kind: WishKind


@dataclass(frozen=True, slots=True)
class CoverLine:
    day: int
    shift: str
    wanted: int
    under: int
    over: int


@dataclass
class Instance:
    days: int = 0
    shift_types: dict[str, ShiftType] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    days_off: dict[str, list[int]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    cover: list[CoverLine] = field(default_factory=list)


def problem_of(instance: Instance, name: str) -> Problem:
    """The problem of an instance that has no faults. Raises `BadInput` if it is too large."""
    return _Builder(instance, name).problem()


class _Builder:
    def __init__(self, instance: Instance, name: str) -> None:
        self.instance = instance
        self.name = name
        minutes = [one.minutes for one in instance.shift_types.values()]
        self.slot_minutes = gcd(60, *minutes)
        self.offset: dict[str, int] = {}
        self.day_slots = 0
        for shift, one in instance.shift_types.items():
            self.offset[shift] = self.day_slots
            self.day_slots += one.minutes // self.slot_minutes

    def problem(self) -> Problem:
        days = range(self.instance.days)
        if self.day_slots > MOST_DAY_SLOTS:
            expected = f"at most {MOST_DAY_SLOTS} in a day"
            raise BadInput([Fault(self.name, "slots", self.day_slots, expected)])
        if self.instance.days * self.day_slots > MOST_SLOTS:
            slots = self.instance.days * self.day_slots
            raise BadInput([Fault(self.name, "slots", slots, f"at most {MOST_SLOTS}")])
        return Problem(
            name=self.name,
            slot_minutes=self.slot_minutes,
            days=tuple(map(self._day, days)),
            weeks=(tuple(days),),
            offices=(Office(WARD, None),),
            shifts=tuple(
                self._shift(day, kind) for day in days for kind in self.instance.shift_types
            ),
            mediators=tuple(self._mediator(*one) for one in self.instance.staff.items()),
            requirements=tuple(
                self._requirement(f"cover.{index}", line)
                for index, line in enumerate(self.instance.cover)
            ),
            locked=(),
            previous=None,
            costs=Costs(under_slot=0, change=0),
            weekends=tuple(
                tuple(day for day in (saturday, saturday + 1) if day < self.instance.days)
                for saturday in range(SATURDAY, self.instance.days, DAYS_A_WEEK)
            ),
            forbidden_successions=tuple(
                (kind, follower)
                for kind, one in self.instance.shift_types.items()
                for follower in one.not_followed_by
            ),
        )

    def _day(self, day: int) -> Day:
        date = FIRST_MONDAY + datetime.timedelta(days=day)
        return Day(date.isoformat(), day * self.day_slots, (day + 1) * self.day_slots)

    def _span(self, day: int, kind: str) -> Interval:
        start = day * self.day_slots + self.offset[kind]
        return Interval(start, start + self.instance.shift_types[kind].minutes // self.slot_minutes)

    def _shift(self, day: int, kind: str) -> Shift:
        start, end = self._span(day, kind)
        return Shift(
            id=f"{day}.{kind}",
            office=WARD,
            day=day,
            start=start,
            end=end,
            breaks=(),
            unsocial=False,
            kind=kind,
        )

    def _mediator(self, name: str, staff: Staff) -> Mediator:
        lengths = [one.minutes // self.slot_minutes for one in self.instance.shift_types.values()]
        days_off = sorted(set(self.instance.days_off.get(name, ())))
        return Mediator(
            id=name,
            skills={},
            offices={WARD: 0},
            unavailable=tuple(
                Interval(day * self.day_slots, (day + 1) * self.day_slots) for day in days_off
            ),
            busy=(),
            shift_slots=(min(lengths), max(lengths)),
            max_day_slots=max(lengths),
            weeks=(
                WeekLimits(
                    min_slots=0,
                    max_slots=staff.most_minutes // self.slot_minutes,
                    max_days=self.instance.days,
                    hard_min_slots=-(-staff.least_minutes // self.slot_minutes),
                ),
            ),
            min_rest_slots=0,
            max_consecutive_days=staff.most_consecutive,
            history=History(last_end=None, consecutive_days=0),
            wishes=tuple(self._wish(one) for one in self.instance.requests if one.staff == name),
            unsocial=Unsocial(free=0, cost=0),
            min_consecutive_days=max(1, staff.least_consecutive),
            min_consecutive_off=max(1, staff.least_consecutive_off),
            max_weekends=staff.most_weekends,
            kind_max=staff.most_shifts,
        )

    def _wish(self, request: Request) -> Wish:
        return Wish(*self._span(request.day, request.shift), request.kind, request.weight)

    def _requirement(self, identifier: str, line: CoverLine) -> Requirement:
        start = self._span(line.day, line.shift).start
        return Requirement(
            id=identifier,
            office=WARD,
            start=start,
            end=start + 1,
            needs=(),
            count=line.wanted,
            minimum=0,
            cost=line.under,
            minimum_cost=line.under,
            exclusive=False,
            excess_cost=line.over,
        )

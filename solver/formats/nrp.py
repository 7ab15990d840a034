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
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from math import gcd
from pathlib import Path

from solver.formats.fields import Faults
from solver.formats.limits import MOST_COUNT, MOST_SLOTS
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
MOST_DAYS = 4000
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _ShiftType:
    minutes: int
    not_followed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Staff:
    most_shifts: dict[str, int]
    most_minutes: int
    least_minutes: int
    most_consecutive: int
    least_consecutive: int
    least_consecutive_off: int
    most_weekends: int


@dataclass(frozen=True, slots=True)
class _Request:
    staff: str
    day: int
    shift: str
    weight: int
    kind: WishKind


@dataclass(frozen=True, slots=True)
class _Cover:
    day: int
    shift: str
    wanted: int
    under: int
    over: int


@dataclass
class _Instance:
    days: int = 0
    shift_types: dict[str, _ShiftType] = field(default_factory=dict)
    staff: dict[str, _Staff] = field(default_factory=dict)
    days_off: dict[str, list[int]] = field(default_factory=dict)
    requests: list[_Request] = field(default_factory=list)
    cover: list[_Cover] = field(default_factory=list)


def load_nrp(path: str | os.PathLike[str]) -> Problem:
    """The instance in a text file, named after it. Raises `BadInput`."""
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError(f"over {MOST_BYTES} bytes")
        text = content.decode("utf-8")
    except (OSError, ValueError) as error:
        raise BadInput([Fault(name, "content", str(error), "a text file in UTF-8")]) from None
    return read_nrp(text, Path(path).stem)


def read_nrp(text: str, name: str) -> Problem:
    """The instance in a text. Raises `BadInput` with every fault at once."""
    faults = Faults()
    instance = _Instance()
    seen = set()
    for line in _lines(text, faults):
        seen.add(line.section)
        _SECTIONS[line.section](line, instance)
    for section in ("SECTION_HORIZON", "SECTION_SHIFTS", "SECTION_STAFF"):
        if section not in seen:
            faults.add(name, section, "(missing)", "a section with at least one line")
    faults.raise_any()
    return _Builder(instance, name).problem()


@dataclass
class _Line:
    """A line's cells, read one by one; what is wrong is noted under the line's number."""

    section: str
    number: int
    cells: list[str]
    faults: Faults
    ok: bool = True

    def fault(self, field: str, value: object, expected: str) -> None:
        self.ok = False
        self.faults.add(f"line {self.number}", field, value, expected)

    def text(self, index: int, field: str) -> str:
        if index < len(self.cells) and self.cells[index]:
            return self.cells[index]
        self.fault(field, "(missing)", "a name")
        return ""

    def number_at(self, index: int, field: str, low: int = 0, high: int = MOST_SLOTS) -> int:
        value = self.cells[index] if index < len(self.cells) else "(missing)"
        if value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high:
            return int(value)
        self.fault(field, value, f"a whole number from {low} to {high}")
        return low

    def known(self, index: int, field: str, names: Collection[str]) -> str:
        name = self.text(index, field)
        if self.ok and name not in names:
            self.fault(field, name, "one named in its section")
        return name

    def day(self, index: int, instance: _Instance) -> int:
        return self.number_at(index, "day", 0, max(0, instance.days - 1))


def _lines(text: str, faults: Faults) -> Iterator[_Line]:
    section = ""
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("SECTION_"):
            section = line
            if section not in _SECTIONS:
                faults.add(f"line {number}", "section", line, "one of " + ", ".join(_SECTIONS))
        elif not section:
            faults.add(f"line {number}", "section", line, "a line within a section")
        elif section in _SECTIONS:
            yield _Line(section, number, [cell.strip() for cell in line.split(",")], faults)


def _read_horizon(line: _Line, instance: _Instance) -> None:
    instance.days = line.number_at(0, "days", 1, MOST_DAYS)


def _read_shift(line: _Line, instance: _Instance) -> None:
    name = line.text(0, "ShiftID")
    minutes = line.number_at(1, "minutes", 1, 24 * 60)
    followers = line.cells[2].split("|") if len(line.cells) > 2 and line.cells[2] else []
    if name in instance.shift_types:
        line.fault("ShiftID", name, "a name no other shift has")
    instance.shift_types[name] = _ShiftType(minutes, tuple(followers))


def _read_staff(line: _Line, instance: _Instance) -> None:
    name = line.text(0, "ID")
    if name in instance.staff:
        line.fault("ID", name, "a name nobody else has")
    instance.staff[name] = _Staff(
        most_shifts=_most_shifts(line, instance),
        most_minutes=line.number_at(2, "MaxTotalMinutes"),
        least_minutes=line.number_at(3, "MinTotalMinutes"),
        most_consecutive=line.number_at(4, "MaxConsecutiveShifts"),
        least_consecutive=line.number_at(5, "MinConsecutiveShifts"),
        least_consecutive_off=line.number_at(6, "MinConsecutiveDaysOff"),
        most_weekends=line.number_at(7, "MaxWeekends"),
    )


def _most_shifts(line: _Line, instance: _Instance) -> dict[str, int]:
    most = {}
    for part in line.text(1, "MaxShifts").split("|"):
        shift, _, count = part.partition("=")
        if shift in instance.shift_types and count.isdigit() and int(count) <= MOST_COUNT:
            most[shift] = int(count)
        else:
            line.fault("MaxShifts", part, "shift=number, of a shift in its section")
    return most


def _read_days_off(line: _Line, instance: _Instance) -> None:
    name = line.known(0, "EmployeeID", instance.staff)
    days = [line.day(index, instance) for index in range(1, len(line.cells))]
    instance.days_off.setdefault(name, []).extend(days)


def _read_request(kind: WishKind) -> Callable[[_Line, _Instance], None]:
    def read(line: _Line, instance: _Instance) -> None:
        name = line.known(0, "EmployeeID", instance.staff)
        day = line.day(1, instance)
        shift = line.known(2, "ShiftID", instance.shift_types)
        weight = line.number_at(3, "Weight")
        instance.requests.append(_Request(name, day, shift, weight, kind))

    return read


def _read_cover(line: _Line, instance: _Instance) -> None:
    instance.cover.append(
        _Cover(
            day=line.day(0, instance),
            shift=line.known(1, "ShiftID", instance.shift_types),
            wanted=line.number_at(2, "Requirement", 0, MOST_COUNT),
            under=line.number_at(3, "Weight for under"),
            over=line.number_at(4, "Weight for over"),
        )
    )


_SECTIONS: dict[str, Callable[[_Line, _Instance], None]] = {
    "SECTION_HORIZON": _read_horizon,
    "SECTION_SHIFTS": _read_shift,
    "SECTION_STAFF": _read_staff,
    "SECTION_DAYS_OFF": _read_days_off,
    "SECTION_SHIFT_ON_REQUESTS": _read_request(WishKind.ON),
    "SECTION_SHIFT_OFF_REQUESTS": _read_request(WishKind.OFF),
    "SECTION_COVER": _read_cover,
}


class _Builder:
    """The problem of an instance that has no faults."""

    def __init__(self, instance: _Instance, name: str) -> None:
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

    def _mediator(self, name: str, staff: _Staff) -> Mediator:
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

    def _wish(self, request: _Request) -> Wish:
        return Wish(*self._span(request.day, request.shift), request.kind, request.weight)

    def _requirement(self, identifier: str, line: _Cover) -> Requirement:
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

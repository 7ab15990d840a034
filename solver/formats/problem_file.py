"""`escala-problem/1`: the file form of a `Problem`, read with every fault at once."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeVar

from solver.formats.fields import Faults, Fields, is_integer, is_text
from solver.formats.json_file import load_json, write_json
from solver.formats.limits import (
    MOST_COST,
    MOST_COUNT,
    MOST_COVERED_SLOTS,
    MOST_DAY_SLOTS,
    MOST_ENTRIES,
    MOST_SLOTS,
)
from solver.formats.mediator_reading import read_mediator
from solver.formats.problem_writing import FORMAT, write_problem
from solver.problem import (
    Assignment,
    Costs,
    Day,
    Interval,
    Office,
    Problem,
    Requirement,
    Shift,
)

Read = TypeVar("Read")


def load_problem(path: str | os.PathLike[str]) -> Problem:
    """The problem in a file, gzipped or not. Raises `BadInput`."""
    return read_problem(load_json(path))


def save_problem(path: str | os.PathLike[str], problem: Problem) -> None:
    """Write the problem whole: beside `path`, then renamed."""
    write_json(path, write_problem(problem))


def read_problem(data: Any) -> Problem:
    """Read a parsed `escala-problem/1`. Raises `BadInput` with every fault at once."""
    faults = Faults()
    root = Fields(faults, "problem", "", data)
    if not root.clean:
        faults.raise_any()
    if root.data.get("format") != FORMAT:
        root.fault("format", root.data.get("format"), repr(FORMAT))
    name = root.text("name")
    slot_minutes = root.integer("slot_minutes", 1, 60)
    if root.sound("slot_minutes") and 60 % slot_minutes:
        root.fault("slot_minutes", slot_minutes, "a divisor of 60")

    days, known = _days(root)
    horizon = days[-1].end if known else MOST_SLOTS
    spans = days if known else ()
    weeks = _weeks(root, len(days) or MOST_COUNT)
    week_count = len(weeks) if isinstance(root.data.get("weeks"), list) else None
    offices = _identified(root, "offices", _office)
    office_ids = {office.id for office in offices}
    shifts = _identified(
        root, "shifts", lambda one: _shift(one, spans, len(days) or MOST_COUNT, office_ids)
    )
    mediators = _identified(
        root, "mediators", lambda one: read_mediator(one, spans, week_count, office_ids)
    )
    requirements = _identified(
        root, "requirements", lambda one: _requirement(one, horizon, office_ids)
    )
    _refuse_too_much(root, (shift.end - shift.start for shift in shifts), "shifts")
    _refuse_too_much(root, (need.end - need.start for need in requirements), "requirements")
    busy = (span.end - span.start for mediator in mediators for span in mediator.busy)
    _refuse_too_much(root, busy, "mediators", "busy slots")

    mediator_ids = {mediator.id for mediator in mediators}
    shift_ids = {shift.id for shift in shifts}
    locked = read_assignments(root, "locked", mediator_ids, shift_ids)
    previous = None
    if root.data.get("previous") is not None:
        previous = read_assignments(root, "previous", mediator_ids, shift_ids)
    costs = root.part("costs")
    problem = Problem(
        name=name,
        slot_minutes=slot_minutes,
        days=days,
        weeks=weeks,
        offices=offices,
        shifts=shifts,
        mediators=mediators,
        requirements=requirements,
        locked=locked,
        previous=previous,
        costs=Costs(
            under_slot=costs.integer("under_slot", 0, MOST_COST),
            change=costs.integer("change", 0, MOST_COST),
        ),
        weekends=_weekends(root, len(days) or MOST_COUNT),
        forbidden_successions=_successions(root),
    )
    faults.raise_any()
    return problem


def read_assignments(
    root: Fields,
    field: str,
    mediator_ids: Collection[str] | None,
    shift_ids: Collection[str] | None,
) -> tuple[Assignment, ...]:
    """A list of `{mediator, shift}`; where the ids are given, each must be one of them."""
    read = []
    for index, value in enumerate(root.items(field)):
        one = Fields(root.faults, root.owner, root.at(f"{field}[{index}]"), value)
        if not one.clean:
            continue
        pair = Assignment(one.text("mediator"), one.text("shift"))
        if mediator_ids is not None and one.sound("mediator"):
            one.refuse_unknown("mediator", pair.mediator, mediator_ids, "a mediator")
        if shift_ids is not None and one.sound("shift"):
            one.refuse_unknown("shift", pair.shift, shift_ids, "a shift")
        read.append(pair)
    return tuple(read)


def _identified(root: Fields, field: str, read: Callable[[Fields], Read]) -> tuple[Read, ...]:
    """The list of objects in `field`, each with an `id` of its own."""
    made = []
    seen: set[str] = set()
    values = root.items(field)
    if len(values) > MOST_ENTRIES:
        root.fault(field, f"{len(values)} entries", f"at most {MOST_ENTRIES}")
        return ()
    for index, value in enumerate(values):
        path = f"{field}[{index}]"
        named = isinstance(value, dict) and is_text(value.get("id"))
        one = Fields(root.faults, value["id"] if named else path, path, value)
        if not one.clean:
            continue
        identifier = one.text("id")
        if named and identifier in seen:
            one.fault("id", identifier, "an id no other entry of the list has")
        seen.add(identifier)
        made.append(read(one))
    return tuple(made)


def _days(root: Fields) -> tuple[tuple[Day, ...], bool]:
    """The days, and whether their slots are known, so that others may be held against them."""
    days: list[Day] = []
    before = root.faults.count
    known = True
    begin: int | None = 0  # where the next day has to begin; None where that is not known
    eve: datetime.date | None = None
    for index, value in enumerate(root.items("days")):
        one = Fields(root.faults, f"day {index}", f"days[{index}]", value)
        day = Day(
            date=one.text("date"),
            start=one.integer("start", 0, MOST_SLOTS),
            end=one.integer("end", 1, MOST_SLOTS),
        )
        _judge_day(one, day, begin)
        begin = day.end if one.sound("end") else None
        eve = _judge_date(one, day, eve)
        known = known and one.sound("start", "end")
        days.append(day)
    if not days and root.faults.count == before:
        root.fault("days", [], "at least one day")
    return tuple(days), known and bool(days)


def _judge_day(one: Fields, day: Day, begin: int | None) -> None:
    if one.sound("start", "end"):
        _judge_length(one, day.start, day.end)
    if begin is not None and one.sound("start") and day.start != begin:
        one.fault("start", day.start, f"{begin}, where the day before ends" if begin else "0")


def _judge_length(one: Fields, start: int, end: int) -> None:
    """A day or a shift is of one slot at least, and not absurdly long."""
    if end <= start:
        one.fault("end", end, f"a slot after the start, {start}")
    elif end - start > MOST_DAY_SLOTS:
        one.fault("end", end, f"at most {MOST_DAY_SLOTS} slots after the start")


def _judge_date(one: Fields, day: Day, eve: datetime.date | None) -> datetime.date | None:
    """The day's date, or None where it is not known."""
    if not one.sound("date"):
        return None
    date = _date(day.date)
    if date is None:
        one.fault("date", day.date, "a date like 2026-03-02")
    elif eve is not None and date - eve != datetime.timedelta(days=1):
        one.fault("date", day.date, f"the day after {eve.isoformat()}")
    return date


def _date(text: str) -> datetime.date | None:
    """The date, written the one way the format knows: not 20260302, nor a day of a week."""
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return date if date.isoformat() == text else None


def _day_lists(root: Fields, field: str, day_count: int, optional: bool) -> list[tuple[int, ...]]:
    """A list of lists of day indices, each in order and in range."""
    read = []
    for index, value in enumerate(root.items(field, optional)):
        if not isinstance(value, list) or not all(
            is_integer(day) and 0 <= day < day_count for day in value
        ):
            root.fault(f"{field}[{index}]", value, f"a list of days from 0 to {day_count - 1}")
        elif not value or any(one >= two for one, two in pairwise(value)):
            root.fault(f"{field}[{index}]", value, "at least one day, ascending")
        read.append(tuple(value) if isinstance(value, list) else ())
    return read


def _weeks(root: Fields, day_count: int) -> tuple[tuple[int, ...], ...]:
    before = root.faults.count
    weeks = _day_lists(root, "weeks", day_count, optional=False)
    if root.faults.count > before or day_count == MOST_COUNT:
        return tuple(weeks)
    if [day for week in weeks for day in week] != list(range(day_count)):
        root.fault("weeks", [list(week) for week in weeks], "each day in one week, in order")
    return tuple(weeks)


def _weekends(root: Fields, day_count: int) -> tuple[tuple[int, ...], ...]:
    return tuple(_day_lists(root, "weekends", day_count, optional=True))


def _successions(root: Fields) -> tuple[tuple[str, str], ...]:
    read = []
    for index, value in enumerate(root.items("forbidden_successions", optional=True)):
        if isinstance(value, list) and len(value) == 2 and all(is_text(kind) for kind in value):
            read.append((value[0], value[1]))
        else:
            root.fault(f"forbidden_successions[{index}]", value, "[kind, kind]")
    return tuple(read)


def _office(one: Fields) -> Office:
    return Office(id=one.text("id"), capacity=one.optional_integer("capacity", 0, MOST_COUNT))


def _shift(
    one: Fields, days: tuple[Day, ...], day_count: int, office_ids: Collection[str]
) -> Shift:
    """`days` is empty where their slots are not known."""
    horizon = days[-1].end if days else MOST_SLOTS
    shift = Shift(
        id=one.text("id"),
        office=one.text("office"),
        day=one.integer("day", 0, day_count - 1),
        start=one.integer("start", 0, horizon),
        end=one.integer("end", 0, horizon),
        breaks=(),
        unsocial=one.flag("unsocial"),
        kind=one.optional_text("kind"),
    )
    if one.sound("office"):
        one.refuse_unknown("office", shift.office, office_ids, "an office")
    if one.sound("start", "end"):
        _judge_length(one, shift.start, shift.end)
    day = days[shift.day] if days and one.sound("day", "start") else None
    if day is not None and not day.start <= shift.start < day.end:
        one.fault("start", shift.start, f"a slot of day {shift.day}, [{day.start}, {day.end})")
    return replace(shift, breaks=_breaks(one, shift, horizon))


def _breaks(one: Fields, shift: Shift, horizon: int) -> tuple[Interval, ...]:
    placed = one.sound("start", "end")
    low, high = (shift.start, shift.end) if placed else (0, horizon)
    breaks = one.intervals("breaks", low, high)
    one.refuse_overlaps("breaks", breaks)
    paused = sum(end - start for start, end in breaks)
    if placed and one.sound("breaks") and paused == shift.end - shift.start:
        one.fault("breaks", [list(span) for span in breaks], "at least one slot left to work")
    return tuple(sorted(breaks))


def _requirement(one: Fields, horizon: int, office_ids: Collection[str]) -> Requirement:
    needs = one.items("needs")
    if not all(is_text(skill) for skill in needs):
        one.fault("needs", needs, "a list of skills")
        needs = []
    elif len(set(needs)) < len(needs):
        one.fault("needs", needs, "each skill once")
    need = Requirement(
        id=one.text("id"),
        office=one.text("office"),
        start=one.integer("start", 0, horizon),
        end=one.integer("end", 0, horizon),
        needs=tuple(needs),
        count=one.integer("count", 0, MOST_COUNT),
        minimum=one.integer("minimum", 0, MOST_COUNT),
        cost=one.integer("cost", 0, MOST_COST),
        minimum_cost=one.integer("minimum_cost", 0, MOST_COST),
        exclusive=one.flag("exclusive"),
        excess_cost=one.integer("excess_cost", 0, MOST_COST, default=0),
    )
    _judge_requirement(one, need, office_ids)
    return need


def _judge_requirement(one: Fields, need: Requirement, office_ids: Collection[str]) -> None:
    if one.sound("office"):
        one.refuse_unknown("office", need.office, office_ids, "an office")
    if one.sound("start", "end") and need.end <= need.start:
        one.fault("end", need.end, f"a slot after the start, {need.start}")
    if one.sound("minimum", "count") and need.minimum > need.count:
        one.fault("minimum", need.minimum, f"at most the count, {need.count}")
    if one.sound("minimum_cost", "cost") and need.minimum_cost < need.cost:
        one.fault("minimum_cost", need.minimum_cost, f"at least the cost, {need.cost}")
    if one.sound("exclusive", "excess_cost") and need.exclusive and need.excess_cost:
        one.fault("excess_cost", need.excess_cost, "0, for only a presence can be exceeded")


def _refuse_too_much(root: Fields, lengths: Iterable[int], field: str, what: str = "slots") -> None:
    total = sum(length for length in lengths if length > 0)
    if total > MOST_COVERED_SLOTS:
        root.fault(field, f"{total} {what} in all", f"at most {MOST_COVERED_SLOTS}")

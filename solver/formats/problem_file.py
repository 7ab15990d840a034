"""`escala-problem/1`: the file form of a `Problem`, read with every fault at once."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Collection, Iterable
from itertools import pairwise
from typing import Any, TypeVar

from solver.formats.fields import Faults, Fields, is_integer, is_text
from solver.formats.json_file import load_json, write_json
from solver.formats.limits import (
    MOST_COST,
    MOST_COUNT,
    MOST_COVERED_SLOTS,
    MOST_ENTRIES,
    MOST_SLOTS,
)
from solver.formats.mediator_reading import read_mediator
from solver.formats.problem_writing import FORMAT, write_problem
from solver.problem import (
    Assignment,
    Costs,
    Day,
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
    if root.clean and 60 % slot_minutes:
        root.fault("slot_minutes", slot_minutes, "a divisor of 60")

    days = _days(root)
    horizon = days[-1].end if days else MOST_SLOTS
    weeks = _weeks(root, len(days) or MOST_COUNT)
    week_count = len(weeks) if isinstance(root.data.get("weeks"), list) else None
    offices = _identified(root, "offices", _office)
    office_ids = {office.id for office in offices}
    shifts = _identified(root, "shifts", lambda one: _shift(one, days, office_ids))
    mediators = _identified(
        root, "mediators", lambda one: read_mediator(one, days, week_count, office_ids)
    )
    requirements = _identified(
        root, "requirements", lambda one: _requirement(one, horizon, office_ids)
    )
    _refuse_too_much(root, (shift.end - shift.start for shift in shifts), "shifts")
    _refuse_too_much(root, (need.end - need.start for need in requirements), "requirements")

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
        if one.clean and mediator_ids is not None and pair.mediator not in mediator_ids:
            one.fault("mediator", pair.mediator, "the id of a mediator")
        if one.clean and shift_ids is not None and pair.shift not in shift_ids:
            one.fault("shift", pair.shift, "the id of a shift")
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


def _days(root: Fields) -> tuple[Day, ...]:
    days: list[Day] = []
    for index, value in enumerate(root.items("days")):
        one = Fields(root.faults, f"day {index}", f"days[{index}]", value)
        if not one.clean:
            continue
        day = Day(
            date=one.text("date"),
            start=one.integer("start", 0, MOST_SLOTS),
            end=one.integer("end", 1, MOST_SLOTS),
        )
        if one.clean:
            _judge_day(one, day, days[-1] if days else None)
        days.append(day)
    if not days and root.clean:
        root.fault("days", [], "at least one day")
    return tuple(days)


def _judge_day(one: Fields, day: Day, eve: Day | None) -> None:
    if day.end <= day.start:
        one.fault("end", day.end, f"a slot after the start, {day.start}")
    begin = eve.end if eve else 0
    if day.start != begin:
        one.fault("start", day.start, f"{begin}, where the day before ends" if eve else "0")
    date = _date(day.date)
    if date is None:
        one.fault("date", day.date, "a date like 2026-03-02")
        return
    before = _date(eve.date) if eve else None
    if before is not None and date != before + datetime.timedelta(days=1):
        one.fault("date", day.date, f"the day after {before.isoformat()}")


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


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


def _shift(one: Fields, days: tuple[Day, ...], office_ids: Collection[str]) -> Shift:
    horizon = days[-1].end if days else MOST_SLOTS
    shift = Shift(
        id=one.text("id"),
        office=one.text("office"),
        day=one.integer("day", 0, len(days) - 1 if days else MOST_COUNT),
        start=one.integer("start", 0, horizon),
        end=one.integer("end", 0, horizon),
        breaks=(),
        unsocial=one.flag("unsocial"),
        kind=one.optional_text("kind"),
    )
    if not one.clean:
        return shift
    one.refuse_unknown("office", shift.office, office_ids, "an office")
    if shift.end <= shift.start:
        one.fault("end", shift.end, f"a slot after the start, {shift.start}")
    if days and not days[shift.day].start <= shift.start < days[shift.day].end:
        day = days[shift.day]
        one.fault("start", shift.start, f"a slot of day {shift.day}, [{day.start}, {day.end})")
    if not one.clean:
        return shift
    breaks = one.intervals("breaks", shift.start, shift.end)
    one.refuse_overlaps("breaks", breaks)
    if one.clean and sum(end - start for start, end in breaks) == shift.end - shift.start:
        one.fault("breaks", [list(span) for span in breaks], "at least one slot left to work")
    return Shift(
        shift.id, shift.office, shift.day, shift.start, shift.end,
        tuple(sorted(breaks)), shift.unsocial, shift.kind,
    )  # fmt: skip


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
    if one.clean:
        _judge_requirement(one, need, office_ids)
    return need


def _judge_requirement(one: Fields, need: Requirement, office_ids: Collection[str]) -> None:
    one.refuse_unknown("office", need.office, office_ids, "an office")
    if need.end <= need.start:
        one.fault("end", need.end, f"a slot after the start, {need.start}")
    if need.minimum > need.count:
        one.fault("minimum", need.minimum, f"at most the count, {need.count}")
    if need.minimum_cost < need.cost:
        one.fault("minimum_cost", need.minimum_cost, f"at least the cost, {need.cost}")
    if need.exclusive and need.excess_cost:
        one.fault("excess_cost", need.excess_cost, "0, for only a presence can be exceeded")


def _refuse_too_much(root: Fields, lengths: Iterable[int], field: str) -> None:
    total = sum(lengths)
    if total > MOST_COVERED_SLOTS:
        root.fault(field, f"{total} slots in all", f"at most {MOST_COVERED_SLOTS}")

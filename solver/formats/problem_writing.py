"""A `Problem` as an `escala-problem/1` object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from solver.problem import Assignment, Mediator, Problem, Requirement, Shift

FORMAT = "escala-problem/1"


def write_problem(problem: Problem) -> dict[str, Any]:
    """The JSON object `read_problem` reads back equal."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "name": problem.name,
        "slot_minutes": problem.slot_minutes,
        "days": [{"date": day.date, "start": day.start, "end": day.end} for day in problem.days],
        "weeks": [list(week) for week in problem.weeks],
        "offices": [{"id": office.id, "capacity": office.capacity} for office in problem.offices],
        "shifts": [_write_shift(shift) for shift in problem.shifts],
        "mediators": [_write_mediator(mediator) for mediator in problem.mediators],
        "requirements": [_write_requirement(need) for need in problem.requirements],
        "locked": _write_assignments(problem.locked),
        "previous": None if problem.previous is None else _write_assignments(problem.previous),
        "costs": {"under_slot": problem.costs.under_slot, "change": problem.costs.change},
    }
    if problem.weekends:
        data["weekends"] = [list(weekend) for weekend in problem.weekends]
    if problem.forbidden_successions:
        data["forbidden_successions"] = [list(pair) for pair in problem.forbidden_successions]
    return data


def _write_assignments(assignments: Iterable[Assignment]) -> list[dict[str, str]]:
    return [{"mediator": one.mediator, "shift": one.shift} for one in assignments]


def _write_shift(shift: Shift) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": shift.id,
        "office": shift.office,
        "day": shift.day,
        "start": shift.start,
        "end": shift.end,
        "breaks": [list(span) for span in shift.breaks],
        "unsocial": shift.unsocial,
    }
    if shift.kind is not None:
        data["kind"] = shift.kind
    return data


def _write_requirement(need: Requirement) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": need.id,
        "office": need.office,
        "start": need.start,
        "end": need.end,
        "needs": list(need.needs),
        "count": need.count,
        "minimum": need.minimum,
        "cost": need.cost,
        "minimum_cost": need.minimum_cost,
        "exclusive": need.exclusive,
    }
    if need.excess_cost:
        data["excess_cost"] = need.excess_cost
    return data


def _write_mediator(mediator: Mediator) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": mediator.id,
        "skills": {
            skill: None if span is None else list(span) for skill, span in mediator.skills.items()
        },
        "offices": dict(mediator.offices),
        "unavailable": [list(span) for span in mediator.unavailable],
        "busy": [list(span) for span in mediator.busy],
        "shift_slots": list(mediator.shift_slots),
        "max_day_slots": mediator.max_day_slots,
        "weeks": [
            {
                "min_slots": week.min_slots,
                "max_slots": week.max_slots,
                "max_days": week.max_days,
                "hard_min_slots": week.hard_min_slots,
            }
            for week in mediator.weeks
        ],
        "min_rest_slots": mediator.min_rest_slots,
        "max_consecutive_days": mediator.max_consecutive_days,
        "min_consecutive_days": mediator.min_consecutive_days,
        "min_consecutive_off": mediator.min_consecutive_off,
        "history": {
            "last_end": mediator.history.last_end,
            "consecutive_days": mediator.history.consecutive_days,
        },
        "wishes": [
            {"start": wish.start, "end": wish.end, "kind": str(wish.kind), "cost": wish.cost}
            for wish in mediator.wishes
        ],
        "unsocial": {"free": mediator.unsocial.free, "cost": mediator.unsocial.cost},
    }
    if mediator.max_weekends is not None:
        data["max_weekends"] = mediator.max_weekends
    if mediator.kind_max:
        data["kind_max"] = dict(mediator.kind_max)
    return data

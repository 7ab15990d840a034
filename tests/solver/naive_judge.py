"""A second judge, written from the contract alone: slow, slot by slot, with no table kept.

It shares nothing with the first but the problem's dataclasses.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from solver.problem import Mediator, Problem, Requirement, Shift, WishKind

Roster = list[tuple[str, str]]


def judge(problem: Problem, roster: Roster) -> dict[str, Any]:
    people = {one.id: one for one in problem.mediators}
    catalogue = {one.id: one for one in problem.shifts}
    known = [
        (people[name], catalogue[shift])
        for name, shift in roster
        if name in people and shift in catalogue
    ]
    return {
        "parts": {
            "cover": cover(problem, known),
            "hours": hours(problem, known),
            "wishes": wishes(problem, known),
            "office": sum(one.offices.get(shift.office, 0) for one, shift in known),
            "unsocial": unsocial(problem, known),
            "change": change(problem, known),
        },
        "rules": sorted(rules(problem, roster, known)),
    }


Known = list[tuple[Mediator, Shift]]


def works(shift: Shift, slot: int) -> bool:
    return shift.start <= slot < shift.end and not any(s <= slot < e for s, e in shift.breaks)


def busy(one: Mediator, slot: int) -> bool:
    return any(s <= slot < e for s, e in one.busy)


def shifts_of(known: Known, one: Mediator) -> list[Shift]:
    return [shift for other, shift in known if other.id == one.id]


def worked(problem: Problem, known: Known, one: Mediator, day: int) -> set[int]:
    """Slots worked on a day: of the day's shifts wherever they lie, and the day's busy time."""
    span = problem.days[day]
    slots = {slot for slot in range(span.start, span.end) if busy(one, slot)}
    for shift in shifts_of(known, one):
        if shift.day == day:
            slots |= {slot for slot in range(shift.start, shift.end) if works(shift, slot)}
    return slots


def servers(known: Known, office: str, slot: int) -> list[Mediator]:
    return [
        one
        for one, shift in known
        if shift.office == office and works(shift, slot) and not busy(one, slot)
    ]


def qualifies(one: Mediator, need: Requirement, slot: int) -> bool:
    for skill in need.needs:
        if skill not in one.skills:
            return False
        span = one.skills[skill]
        if span is not None and not span[0] <= slot < span[1]:
            return False
    return True


def cover(problem: Problem, known: Known) -> int:
    total = 0
    for office in problem.offices:
        for slot in range(problem.days[-1].end):
            asked = [
                need
                for need in problem.requirements
                if need.office == office.id and need.start <= slot < need.end
            ]
            there = servers(known, office.id, slot)
            total += exclusive_cost([need for need in asked if need.exclusive], there, slot)
            for need in asked:
                if not need.exclusive:
                    present = sum(qualifies(one, need, slot) for one in there)
                    total += shortage(need, need.count - present)
                    total += need.excess_cost * max(0, present - need.count)
    return total


def shortage(need: Requirement, missing: int) -> int:
    return sum(
        need.cost if unit < need.count - need.minimum else need.minimum_cost
        for unit in range(max(0, missing))
    )


def exclusive_cost(asked: list[Requirement], there: list[Mediator], slot: int) -> int:
    """The least cost over every way to let each one there serve something or nothing."""

    @cache
    def least(person: int, met: tuple[int, ...]) -> int:
        if person == len(there):
            return sum(
                shortage(need, need.count - count) for need, count in zip(asked, met, strict=True)
            )
        best = least(person + 1, met)
        for index, need in enumerate(asked):
            if met[index] < need.count and qualifies(there[person], need, slot):
                more = (*met[:index], met[index] + 1, *met[index + 1 :])
                best = min(best, least(person + 1, more))
        return best

    return least(0, (0,) * len(asked))


def hours(problem: Problem, known: Known) -> int:
    total = 0
    for one in problem.mediators:
        for week, days in enumerate(problem.weeks):
            slots = sum(len(worked(problem, known, one, day)) for day in days)
            total += problem.costs.under_slot * max(0, one.weeks[week].min_slots - slots)
    return total


def wishes(problem: Problem, known: Known) -> int:
    total = 0
    for one in problem.mediators:
        slots: set[int] = set()
        for day in range(len(problem.days)):
            slots |= worked(problem, known, one, day)
        for wish in one.wishes:
            inside = any(slot in slots for slot in range(wish.start, wish.end))
            if inside == (wish.kind is WishKind.OFF):
                total += wish.cost
    return total


def unsocial(problem: Problem, known: Known) -> int:
    total = 0
    for one in problem.mediators:
        count = sum(shift.unsocial for shift in shifts_of(known, one))
        total += one.unsocial.cost * max(0, count - one.unsocial.free)
    return total


def change(problem: Problem, known: Known) -> int:
    if problem.previous is None:
        return 0
    total = 0
    for one in problem.mediators:
        for day in range(len(problem.days)):
            now = {shift.id for shift in shifts_of(known, one) if shift.day == day}
            before = {
                pair.shift
                for pair in problem.previous
                if pair.mediator == one.id
                and any(shift.id == pair.shift and shift.day == day for shift in problem.shifts)
            }
            total += problem.costs.change * max(len(now - before), int(now != before))
    return total


def rules(problem: Problem, roster: Roster, known: Known) -> list[str]:
    broken = []
    people = {one.id for one in problem.mediators}
    catalogue = {one.id for one in problem.shifts}
    for name, shift_id in roster:
        broken += ["unknown_mediator"] * (name not in people)
        broken += ["unknown_shift"] * (shift_id not in catalogue)
    for one in problem.mediators:
        broken += own_rules(problem, known, one)
    for office in problem.offices:
        for slot in range(problem.days[-1].end):
            there = len(servers(known, office.id, slot))
            if office.capacity is not None and there > office.capacity:
                broken.append("capacity")
    for lock in set(problem.locked):
        if not any((one.id, shift.id) == tuple(lock) for one, shift in known):
            broken.append("locked")
    return broken


def own_rules(problem: Problem, known: Known, one: Mediator) -> list[str]:
    broken = []
    shifts = shifts_of(known, one)
    days = range(len(problem.days))
    for shift in shifts:
        length = sum(works(shift, slot) for slot in range(shift.start, shift.end))
        broken += ["office"] * (shift.office not in one.offices)
        broken += ["shift_slots"] * (not one.shift_slots[0] <= length <= one.shift_slots[1])
        away = any(shift.start < e and s < shift.end for s, e in one.unavailable)
        broken += ["unavailable"] * away
    for day in days:
        broken += ["one_shift_a_day"] * (sum(shift.day == day for shift in shifts) > 1)
        broken += ["max_day_slots"] * (len(worked(problem, known, one, day)) > one.max_day_slots)
    for week, week_days in enumerate(problem.weeks):
        limit = one.weeks[week]
        slots = sum(len(worked(problem, known, one, day)) for day in week_days)
        on = sum(bool(on_duty(problem, known, one, day)) for day in week_days)
        broken += ["week_max_slots"] * (slots > limit.max_slots)
        broken += ["week_min_slots"] * (slots < limit.hard_min_slots)
        broken += ["week_max_days"] * (on > limit.max_days)
    broken += rests(problem, known, one)
    broken += runs([on_duty(problem, known, one, day) for day in days], one)
    if one.max_weekends is not None:
        count = sum(
            any(on_duty(problem, known, one, day) for day in weekend)
            for weekend in problem.weekends
        )
        broken += ["max_weekends"] * (count > one.max_weekends)
    for kind, most in one.kind_max.items():
        broken += ["kind_max"] * (sum(shift.kind == kind for shift in shifts) > most)
    for first, second in set(problem.forbidden_successions):
        for day in days:
            today = any(shift.day == day and shift.kind == second for shift in shifts)
            eve = any(shift.day == day - 1 and shift.kind == first for shift in shifts)
            broken += ["forbidden_succession"] * (today and eve)
    return broken


def on_duty(problem: Problem, known: Known, one: Mediator, day: int) -> bool:
    return bool(worked(problem, known, one, day))


def rests(problem: Problem, known: Known, one: Mediator) -> list[str]:
    broken = []
    last = one.history.last_end
    for day, span in enumerate(problem.days):
        starts = [shift.start for shift in shifts_of(known, one) if shift.day == day]
        ends = [shift.end for shift in shifts_of(known, one) if shift.day == day]
        inside = [slot for slot in range(span.start, span.end) if busy(one, slot)]
        starts += inside[:1]
        ends += [slot + 1 for slot in inside[-1:]]
        if not starts:
            continue
        if last is not None and min(starts) - last < one.min_rest_slots:
            broken.append("min_rest")
        last = max(ends)
    return broken


def runs(on: list[bool], one: Mediator) -> list[str]:
    broken = []
    first = 0
    while first < len(on):
        end = first
        while end < len(on) and on[end] == on[first]:
            end += 1
        inside = first > 0 and end < len(on)
        length = end - first
        if on[first]:
            before = one.history.consecutive_days if first == 0 else 0
            broken += ["max_consecutive_days"] * (length + before > one.max_consecutive_days)
            broken += ["min_consecutive_days"] * (inside and length < one.min_consecutive_days)
        else:
            broken += ["min_consecutive_off"] * (inside and length < one.min_consecutive_off)
        first = end
    return broken

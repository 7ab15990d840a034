"""Rows to the roster problem: a planning group's week as `escala-problem/1`.

Identifiers are codes: mediators' and offices' own, `ShiftMaker`'s for shifts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from app.models import (
    Assignment,
    Mediator,
    Office,
    PlanningGroup,
    Requirement,
    Roster,
)
from app.services.field_cover import beside_routes
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.lent_across import shift_of
from app.services.openings import opening_slots
from app.services.passed import keep_passed
from app.services.problem_people import AS_USUAL, BuildOptions, People
from app.services.shapes import shapes_of_day
from app.services.shift_making import ShiftMaker
from app.services.standing import current_roster
from solver import problem as sp

UNDER_SLOT_COST = 2
CHANGE_COST = 20


def build_problem(
    group: PlanningGroup,
    week_starts_on: dt.date,
    options: BuildOptions = AS_USUAL,
    base: Roster | None = None,
    now: dt.datetime | None = None,
) -> sp.Problem:
    """The problem of `group`'s week. `base` gives the locks and, with few changes and nothing
    published yet, the previous. What has begun of a published week by `now` stays as it is;
    without it the week is taken to be still to come."""
    horizon = Horizon(week_starts_on)
    offices = list(
        Office.select().where(Office.group == group, Office.active).order_by(Office.position)
    )
    people = People(group, offices, horizon, options)
    openings = opening_slots(offices, horizon)
    shifts = _catalogue(offices, people, openings, horizon)
    if base is not None and options.keep_locks:
        shifts += _locked_of_own(base, shifts, {office.code for office in offices})
    guests = _guests(people, horizon)
    offered = {shift.id for shift in shifts}
    shifts += [shift for _one, shift in guests if shift.id not in offered]
    locked, previous = _fixed(base, {shift.id for shift in shifts}, people.codes(), options)
    # Two coordinators agreed, so it stays whatever becomes of other locks.
    lent = tuple(one for one, _shift in guests)
    locked, previous = (*locked, *lent), None if previous is None else (*previous, *lent)
    mediators = tuple(people.mediators(openings))
    problem = sp.Problem(
        name=f"{group.code}-{week_starts_on.isoformat()}",
        slot_minutes=horizon.slot_minutes,
        days=horizon.days,
        weeks=(tuple(range(horizon.day_count)),),
        offices=tuple(sp.Office(office.code, office.capacity) for office in offices),
        shifts=tuple(shifts),
        mediators=mediators,
        requirements=requirements_of(offices, mediators, horizon),
        locked=locked,
        previous=previous,
        costs=sp.Costs(under_slot=UNDER_SLOT_COST, change=CHANGE_COST),
    )
    if now is None:
        return problem
    return keep_passed(problem, horizon, current_roster(group.id, week_starts_on), now)


def _catalogue(
    offices: list[Office],
    people: People,
    openings: dict[tuple[int, dt.date], list[tuple[int, int]]],
    horizon: Horizon,
) -> list[sp.Shift]:
    shifts: list[sp.Shift] = []
    for office in offices:
        rules = people.shape_rules(office)
        for date in horizon.dates:
            maker = ShiftMaker(office, date, horizon)
            shifts += [
                maker.make(shape.start, shape.end, shape.breaks)
                for shape in shapes_of_day(openings[office.id, date], rules)
            ]
    return shifts


def _guests(people: People, horizon: Horizon) -> list[tuple[sp.Assignment, sp.Shift]]:
    """Who is lent to the group, with the shift that they were promised for."""
    found = []
    for code, one in people.guest_locks():
        shift = shift_of(one, horizon)
        if shift is not None and one.office_id in people.offices:
            found.append((sp.Assignment(code, one.shift), shift))
    return found


def _locked_of_own(base: Roster, offered: list[sp.Shift], offices: set[str]) -> list[sp.Shift]:
    """Locked hours that a coordinator made up: no build offers them, and yet they are kept."""
    rows = Assignment.select(Assignment.shift).where(Assignment.roster == base, Assignment.locked)
    missing = {row.shift for row in rows} - {shift.id for shift in offered}
    if not missing or not base.problem_json:
        return []
    known = problem_of_text(base.problem_json).shift_by_id
    return [known[one] for one in sorted(missing) if one in known and known[one].office in offices]


def _fixed(
    base: Roster | None, shift_ids: set[str], codes: set[str], options: BuildOptions
) -> tuple[tuple[sp.Assignment, ...], tuple[sp.Assignment, ...] | None]:
    """Locks of `base`, and the published roster to stay close to; without one `base` itself."""
    if base is None:
        return (), None

    def known(roster: Roster) -> list[Assignment]:
        rows = (
            Assignment.select(Assignment, Mediator)
            .join(Mediator)
            .where(Assignment.roster == roster)
            .order_by(Assignment.date, Mediator.code)
        )
        return [row for row in rows if row.shift in shift_ids and row.mediator.code in codes]

    locked = tuple(
        sp.Assignment(row.mediator.code, row.shift)
        for row in (known(base) if options.keep_locks else ())
        if row.locked
    )
    if not options.few_changes:
        return locked, None
    published = current_roster(base.group_id, base.week_starts_on)
    previous = known(published or base)
    return locked, tuple(sp.Assignment(row.mediator.code, row.shift) for row in previous)


def requirements_of(
    offices: Sequence[Office], mediators: Iterable[sp.Mediator], horizon: Horizon
) -> tuple[sp.Requirement, ...]:
    """What the offices ask for in the week, told apart by the mobile units' routes."""
    people = {one.id: one for one in mediators}
    return beside_routes(tuple(_requirements(offices, horizon)), offices, people, horizon)


def _requirements(offices: Sequence[Office], horizon: Horizon) -> Iterable[sp.Requirement]:
    rows = (
        Requirement.select()
        .where(
            Requirement.office.in_([office.id for office in offices]),
            Requirement.week_starts_on == horizon.starts_on,
            Requirement.count > 0,
        )
        .order_by(Requirement.office, Requirement.starts_at, Requirement.id)
    )
    codes = {office.id: office.code for office in offices}
    for row in rows:
        span = horizon.span(row.starts_at, row.ends_at)
        if span is None:
            continue
        yield sp.Requirement(
            id=f"{codes[row.office_id]}.{span[0]}.{row.label}.{row.id}",
            office=codes[row.office_id],
            start=span[0],
            end=span[1],
            needs=tuple(row.needs),
            count=row.count,
            minimum=row.minimum,
            cost=row.cost,
            minimum_cost=row.minimum_cost,
            exclusive=row.exclusive,
            excess_cost=row.excess_cost,
        )

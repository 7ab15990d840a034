"""One person's week judged by itself: shifts given, time that is taken, and the week after.

For changes that touch single people: a field route, a swap. Only rules on people are asked, not
cover; rest and days in a row are followed over the Sunday into the week after.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from app.models import Assignment, Mediator, Office, PlanningGroup, Roster
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.people_week import mediators_of_week
from app.services.standing import current_roster
from solver import check
from solver import problem as sp
from solver.check import violations_of
from solver.result import Violation
from solver.stand_in import has_new
from solver.view import View, facts_of

Given = Mapping[str, tuple[sp.Shift, ...]]
"""Code → the shifts that somebody has."""


class Frame:
    """A week without people, requirements, wishes and room: what rules on one person need."""

    def __init__(self, horizon: Horizon) -> None:
        self._empty = sp.Problem(
            name="person",
            slot_minutes=horizon.slot_minutes,
            days=horizon.days,
            weeks=(tuple(range(horizon.day_count)),),
            offices=tuple(sp.Office(row.code, None) for row in Office.select(Office.code)),
            shifts=(),
            mediators=(),
            requirements=(),
            locked=(),
            previous=None,
            costs=sp.Costs(under_slot=0, change=0),
        )

    def broken(self, person: sp.Mediator, shifts: tuple[sp.Shift, ...]) -> tuple[Violation, ...]:
        problem = replace(self._empty, mediators=(person,), shifts=shifts)
        return check(problem, tuple(sp.Assignment(person.id, one.id) for one in shifts)).violations

    def broken_by_each(
        self, people: Iterable[sp.Mediator], given: Given
    ) -> dict[str, list[Violation]]:
        """The same for many at once, by code: quicker than one by one, and without the places they
        would serve, which is no rule's matter."""
        listed = tuple(people)
        found: dict[str, list[Violation]] = {one.id: [] for one in listed}
        shifts = {shift.id: shift for code in found for shift in given.get(code, ())}
        problem = replace(self._empty, mediators=listed, shifts=tuple(shifts.values()))
        facts = facts_of(problem)
        duties = [facts.duty(place, given.get(one.id, ())) for place, one in enumerate(listed)]
        for broken in violations_of(View(facts, duties, {})):
            found[str(broken.details["mediator"])].append(broken)
        return found

    def newly_broken(
        self, before: sp.Mediator, after: sp.Mediator, shifts: tuple[sp.Shift, ...]
    ) -> list[Violation]:
        known = self.broken(before, shifts)
        return [one for one in self.broken(after, shifts) if has_new([one], known)]


class NextWeek:
    """The week after one, as it is published, with its people as they are known today; of them,
    with `only`, those of these codes."""

    def __init__(
        self, group: PlanningGroup, week_starts_on: dt.date, only: Collection[str] | None = None
    ) -> None:
        self._group, self._only = group, only
        self._horizon = Horizon(week_starts_on + dt.timedelta(weeks=1))

    def broken(
        self, before: Mapping[str, sp.History], after: Mapping[str, sp.History]
    ) -> list[Violation]:
        """What is broken in it once people begin it with `after` instead of `before`, by code."""
        found: list[Violation] = []
        for code in sorted(before.keys() & after.keys()):
            if before[code] == after[code] or not self._given:
                continue
            person = self._people.get(code)
            if person is not None:
                was, is_now = (replace(person, history=one[code]) for one in (before, after))
                found += self._frame.newly_broken(was, is_now, self._given.get(code, ()))
        return found

    @cached_property
    def _given(self) -> Given:
        roster = current_roster(self._group.id, self._horizon.starts_on)
        return given_in(roster) if roster is not None else {}

    @cached_property
    def _people(self) -> dict[str, sp.Mediator]:
        people = mediators_of_week(self._group, self._horizon, only=self._only)
        return {one.id: one for one in people}

    @cached_property
    def _frame(self) -> Frame:
        return Frame(self._horizon)


def given_in(roster: Roster) -> Given:
    """Who has which shifts in a roster; nobody has any in one that keeps no problem."""
    found: defaultdict[str, list[sp.Shift]] = defaultdict(list)
    known = problem_of_text(roster.problem_json).shift_by_id if roster.problem_json else {}
    rows: Any = Assignment.select(Mediator.code, Assignment.shift).join(Mediator)
    for code, shift in rows.where(Assignment.roster == roster).tuples():
        if shift in known:
            found[code].append(known[shift])
    return {code: tuple(shifts) for code, shifts in found.items()}


def history_after(horizon: Horizon, person: sp.Mediator, shifts: Iterable[sp.Shift]) -> sp.History:
    """What the week after begins with, once the person's week holds these shifts and their busy
    time: training and routes are duty as shifts are."""
    given = tuple(shifts)
    days = {shift.day for shift in given}
    days |= {
        index
        for index, day in enumerate(horizon.days)
        if any(day.start <= one.start < day.end for one in person.busy)
    }
    run = 0
    while run < horizon.day_count and horizon.day_count - 1 - run in days:
        run += 1
    if run == horizon.day_count:
        run += person.history.consecutive_days
    ends = [one.end for one in (*given, *person.busy)]
    last = max(ends) if ends else person.history.last_end
    return sp.History(None if last is None else min(0, last - horizon.slot_count), run)

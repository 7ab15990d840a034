"""The home side of a loan to another planning group: may they go, what is lost, and letting go.

At the borrower's a guest is bound by no rule (`lent_across`); here the shift is laid on the
person's own week, as published and as known today, and given to the judge of rosters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from app.models import Assignment, LateCause, Loan, Mediator, Office, PlanningGroup, Roster
from app.services import lent_across, rosters
from app.services.effects import CoverEffect, Effects
from app.services.horizon import Horizon, monday_of
from app.services.judging import Fault, faults_of
from app.services.late_changes import Why
from app.services.new_versions import new_version
from app.services.people_week import mediators_of_week
from app.services.person_rules import Frame, NextWeek, given_in, history_after
from app.services.rights import Actor
from app.services.standing import current_roster
from app.services.swap_rules import PublishedWeek
from solver import Change
from solver import problem as sp
from solver.result import Violation
from solver.stand_in import has_new


class HomeWeek:
    """The week of those at home in a group, some of whom could work for another that day."""

    def __init__(self, group: PlanningGroup, date: dt.date) -> None:
        self.group, self.date = group, date
        self.horizon = Horizon(monday_of(date))
        self.roster: Roster | None = current_roster(group.id, self.horizon.starts_on)

    def given(self, mediator_id: int) -> Assignment | None:
        """Their published shift of that day."""
        return self._rows.get(mediator_id)

    def person(self, code: str) -> sp.Mediator | None:
        """Somebody of the week, as known today."""
        return self._people.get(code)

    def faults(self, code: str, shift: sp.Shift) -> tuple[Fault, ...]:
        """The rules that `shift`, in place of their own of that day, breaks anew, in words."""
        return faults_of(self._broken(code, shift))

    def lost(self, code: str) -> tuple[CoverEffect, ...]:
        """What cover loses without their shift of that day, and what it costs."""
        return self._without(code)[0]

    def cost(self, code: str) -> int:
        """What cover costs more without it."""
        return self._without(code)[1]

    def let_go(self, actor: Actor, loan: Loan, shift: sp.Shift, now: dt.datetime) -> None:
        """Publish the week with the person busy elsewhere; nothing where it is not published.

        Call within the transaction that publishes the borrower's.
        """
        week = self._published
        if week is None:
            return
        code = loan.mediator.code
        known = week.open.problem.mediator_by_id.get(code)
        if known is not None:
            gone = lent_across.away(known, shift, week.open.problem)
            week = PublishedWeek(week.roster, instead={code: gone})
        changes = [Change(code, week.open.day(loan.date), None)] if self._has(code) else []
        made = new_version(week, week.open.judged.with_changes(changes), now)
        rosters.publish(
            actor,
            made.id,
            now,
            why=Why(LateCause.LOAN, loan.reason),
            undo_swaps=True,
            only_new=True,
        )

    def _broken(self, code: str, shift: sp.Shift) -> list[Violation]:
        person = self._people[code]
        widened = replace(person, offices={shift.office: 0, **person.offices})
        kept = tuple(one for one in self._shifts(code) if one.day != shift.day)
        after = (*kept, shift)
        known = self._frame.broken(person, self._shifts(code))
        found = [
            one for one in self._frame.broken(widened, after) if has_new([one], known)
        ]  # fmt: skip
        # Busy elsewhere that day is no rule's matter, and yet nobody is in two places.
        if set(shift.worked) & person.busy_slots:
            day = {"mediator": code, "shift": shift.id, "day": shift.day}
            found.append(Violation("unavailable", day))
        before = {code: history_after(self.horizon, person, self._shifts(code))}
        then = {code: history_after(self.horizon, person, after)}
        return found + self._next.broken(before, then)

    def _shifts(self, code: str) -> tuple[sp.Shift, ...]:
        return self._given.get(code, ())

    def _has(self, code: str) -> bool:
        return any(row.mediator.code == code for row in self._rows.values())

    def _without(self, code: str) -> tuple[tuple[CoverEffect, ...], int]:
        if self._published is None or self._effects is None or not self._has(code):
            return (), 0
        change = Change(code, self._published.open.day(self.date), None)
        judged = self._published.open.judged
        after = judged.with_changes([change])
        cost = after.parts["cover"] - judged.parts["cover"]
        return self._effects.cover([change], after), cost

    @cached_property
    def _effects(self) -> Effects | None:
        return Effects(self._published.open) if self._published is not None else None

    @cached_property
    def _published(self) -> PublishedWeek | None:
        return PublishedWeek(self.roster) if self.roster is not None else None

    @cached_property
    def _rows(self) -> dict[int, Assignment]:
        if self.roster is None:
            return {}
        rows: Iterable[Assignment] = (
            Assignment.select(Assignment, Mediator, Office)
            .join(Mediator)
            .switch(Assignment)
            .join(Office)
            .where(Assignment.roster == self.roster, Assignment.date == self.date)
        )
        return {row.mediator_id: row for row in rows}

    @cached_property
    def _given(self) -> dict[str, tuple[sp.Shift, ...]]:
        return dict(given_in(self.roster)) if self.roster is not None else {}

    @cached_property
    def _people(self) -> dict[str, sp.Mediator]:
        return {
            one.id: one
            for one in mediators_of_week(self.group, self.horizon)
            if not lent_across.is_guest(one, self.horizon.slot_count)
        }

    @cached_property
    def _frame(self) -> Frame:
        return Frame(self.horizon)

    @cached_property
    def _next(self) -> NextWeek:
        return NextWeek(self.group, self.horizon.starts_on)


def guest_of(person: sp.Mediator, offices: Mapping[str, int], slots: int) -> sp.Mediator:
    """Somebody as a guest at `offices`, at whatever time of the week's `slots`."""
    return lent_across.guest(person.id, person.skills, offices, (), slots)

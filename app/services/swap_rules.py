"""Who may legally take a published shift, and what the change does to cover.

A change is judged three times: on the problem the roster was published on, on what is known of
the people today (leave, training, contracts since then), and, where rest or days in a row reach
into it, on the week after. Only what it breaks anew counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from app.i18n import _
from app.models import Assignment, Mediator, Roster
from app.services.errors import InputFault, Invalid
from app.services.horizon import Horizon
from app.services.judging import Fault, faults_of
from app.services.open_drafts import OpenDraft, open_draft
from app.services.people_week import mediators_of_week
from app.services.person_rules import NextWeek, history_after
from solver import Change, Draft
from solver import problem as sp
from solver.result import Violation
from solver.stand_in import has_new


@dataclass(frozen=True, slots=True)
class Move:
    """`given` goes to `taker`; `returned`, a shift of theirs, comes back."""

    given: Assignment
    taker: Mediator
    returned: Assignment | None

    @property
    def changes(self) -> tuple[tuple[Mediator, dt.date, str | None], ...]:
        """Who works which shift on which day instead; None is a day off."""
        giver, taker, given, back = self.given.mediator, self.taker, self.given, self.returned
        if back is None:
            return (giver, given.date, None), (taker, given.date, given.shift)
        if back.date == given.date:
            return (giver, given.date, back.shift), (taker, given.date, given.shift)
        return (
            (giver, given.date, None),
            (giver, back.date, back.shift),
            (taker, back.date, None),
            (taker, given.date, given.shift),
        )


@dataclass(frozen=True, slots=True)
class Lent:
    """The office, by code, at which somebody may work besides, and what a shift there costs."""

    office: str
    cost: int


class PublishedWeek:
    """A published roster, ready to judge moves on it."""

    def __init__(
        self,
        roster: Roster,
        lent: Mapping[str, Lent] = MappingProxyType({}),
        instead: Mapping[str, sp.Mediator] = MappingProxyType({}),
        *,
        to_weigh: bool = False,
    ) -> None:
        """`lent` are people, by code, who may work at one more office in this week; `instead`
        stand in the place of those of their code, or besides (guests of another group).
        `to_weigh` is for moves of these people that are only weighed: cover is counted where they
        may work, rules of today are asked of them, and no more, which is quick and no week to
        publish."""
        self.roster = roster
        self.lent = lent
        self.instead = instead
        self._only = {*lent, *instead} if to_weigh else None
        found = open_draft(roster)
        if lent or instead:
            problem = replace(found.problem, mediators=self._changed(found.problem.mediators))
            if self._only is not None:
                problem = replace(problem, requirements=_asked_of(problem, self._only))
            judged = Draft(problem, found.judged.assignments)
            found = replace(found, problem=problem, judged=judged)
        self.open: OpenDraft = found

    @property
    def rows(self) -> Iterable[Assignment]:
        return self.open.rows.values()

    def moves(
        self, given: Assignment, now: dt.datetime, taker_id: int | None = None
    ) -> Iterator[Move]:
        """Every legal way to give this shift away, or those to one taker: outright first, then
        for each of their shifts in return."""
        for taker in self._people:
            if taker.id == given.mediator_id or taker_id not in (None, taker.id):
                continue
            theirs = [row for row in self.rows if row.mediator_id == taker.id]
            for back in (None, *(row for row in theirs if row.starts_at > now)):
                move = Move(given, taker, back)
                if self.is_legal(move):
                    yield move

    def is_legal(self, move: Move) -> bool:
        if self._obstacles(move):
            return False
        changes = self._solver_changes(move)
        known = self.open.judged.violations
        if has_new(self.open.judged.own_violations(changes), known):
            return False
        return not self._broken(move)

    def require_legal(self, move: Move) -> None:
        """Raises Invalid with every fault: what stands in the way, every rule broken anew."""
        found = self._obstacles(move)
        if not found:
            told: Sequence[Fault] = faults_of(self._broken(move))
            found = [InputFault("shift", one.text, _("no broken rule")) for one in told]
        if found:
            raise Invalid(found)

    def after(self, move: Move) -> Draft:
        return self.open.judged.with_changes(self._solver_changes(move))

    def cover_change(self, move: Move) -> int:
        """What cover costs more with the move than without; below 0 where it gains."""
        return self.after(move).parts["cover"] - self.open.judged.parts["cover"]

    def _obstacles(self, move: Move) -> list[InputFault]:
        """What no rule names: a day that is taken, a lock, people of no longer this week."""
        found = []
        giver, taker, given, back = move.given.mediator, move.taker, move.given, move.returned
        for row in (given, back):
            if row is not None and row.locked:
                found.append(InputFault("shift", row.shift, _("a shift that is not locked")))
        if back is not None and back.roster_id != self.roster.id:
            # Another week has days and shifts that this one does not know.
            return [*found, InputFault("returned", back.shift, _("a shift of the same week"))]
        if giver.id == taker.id or (back is not None and back.mediator_id != taker.id):
            found.append(InputFault("taker", taker.code, _("a shift of the one who takes it")))
        for one in (giver, taker):
            if {one.code} - self._known:
                found.append(InputFault("taker", one.code, _("somebody of this week")))
        if back is not None and _same_hours(given, back):
            found.append(InputFault("returned", back.shift, _("a shift of other hours")))
        other_day = back is None or back.date != given.date
        if other_day and self.open.row(taker.id, given.date):
            found.append(InputFault("taker", taker.code, _("somebody who is off on that day")))
        if back is not None and other_day and self.open.row(giver.id, back.date):
            found.append(InputFault("returned", back.shift, _("a day on which the giver is off")))
        return found

    def faults(self, changes: Sequence[Change]) -> tuple[Fault, ...]:
        """The rules that the changes break anew, in words."""
        known = self.open.judged.violations
        own = [one for one in self.open.judged.own_violations(changes) if has_new([one], known)]
        return faults_of(own or self._broken_by(changes))

    @property
    def altered(self) -> bool:
        """Whether its problem is other than the published one's."""
        return bool(self.lent or self.instead)

    def _changed(self, people: Iterable[sp.Mediator]) -> tuple[sp.Mediator, ...]:
        listed = tuple(people)
        known = {one.id for one in listed}
        listed = tuple(self.instead.get(one.id, one) for one in listed)
        listed += tuple(one for code, one in self.instead.items() if code not in known)
        return tuple(
            replace(one, offices={self.lent[one.id].office: self.lent[one.id].cost, **one.offices})
            if one.id in self.lent
            else one
            for one in listed
        )

    def _broken(self, move: Move) -> list[Violation]:
        return self._broken_by(self._solver_changes(move))

    def _broken_by(self, changes: Sequence[Change]) -> list[Violation]:
        before = self.open.judged
        # A rule that both the week as published and the people of today see broken is told once.
        found = [
            one
            for one in before.with_changes(changes).violations
            if has_new([one], before.violations)
        ]
        today = self._today
        for one in today.own_violations(changes):
            if has_new([one], today.violations) and one not in found:
                found.append(one)
        return found + self._broken_next_week(changes)

    def _solver_changes(self, move: Move) -> list[Change]:
        return [Change(who.code, self.open.day(date), shift) for who, date, shift in move.changes]

    @cached_property
    def _people(self) -> list[Mediator]:
        codes = list(self._known)
        return list(Mediator.select().where(Mediator.code.in_(codes)).order_by(Mediator.name))

    @property
    def known(self) -> set[str]:
        """Codes of those who may change their week."""
        return self._known

    @cached_property
    def _known(self) -> set[str]:
        """Codes of those in the week both when it was published and today."""
        return set(self.open.problem.mediator_by_id) & set(self._today.problem.mediator_by_id)

    @cached_property
    def _today(self) -> Draft:
        """The week with its people as they are known today: their rules, without its cover, which
        takes nearly all of a whole judging and is no rule's matter."""
        horizon = Horizon(self.roster.week_starts_on)
        people = self._changed(mediators_of_week(self.roster.group, horizon, only=self._only))
        problem = replace(
            self.open.problem, mediators=people, requirements=(), locked=(), previous=None
        )
        return Draft(problem, _of(self.open.judged.assignments, {one.id for one in people}))

    @cached_property
    def _next(self) -> NextWeek:
        return NextWeek(self.roster.group, self.roster.week_starts_on, self._only)

    def _broken_next_week(self, changes: Sequence[Change]) -> list[Violation]:
        codes = {one.mediator for one in changes} & set(self._today.problem.mediator_by_id)
        moved = self._today.with_changes(changes)
        return self._next.broken(self._histories(self._today, codes), self._histories(moved, codes))

    def _histories(self, week: Draft, codes: Iterable[str]) -> dict[str, sp.History]:
        people = week.problem.mediator_by_id
        return {
            code: history_after(self.open.horizon, people[code], week.duty(code).shifts)
            for code in codes
        }


def _same_hours(one: Assignment, other: Assignment) -> bool:
    """At one place from the same hour to the same: who changes them has nothing of it, whenever
    the breaks are, which no page of a swap shows."""
    return (one.office_id, one.starts_at, one.ends_at) == (
        other.office_id,
        other.starts_at,
        other.ends_at,
    )


def _asked_of(problem: sp.Problem, codes: Collection[str]) -> tuple[sp.Requirement, ...]:
    """What the offices ask for at which any of these people may work."""
    people = [one for one in problem.mediators if one.id in codes]
    offices = {office for one in people for office in one.offices}
    return tuple(one for one in problem.requirements if one.office in offices)


def _of(assignments: Iterable[sp.Assignment], codes: set[str]) -> tuple[sp.Assignment, ...]:
    return tuple(one for one in assignments if one.mediator in codes)

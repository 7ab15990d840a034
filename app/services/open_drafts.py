"""A roster read for editing: its rows, its problem, its judgement, and who may touch it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from app.models import Assignment, Mediator, Office, Roster, RosterStatus
from app.models.written import written
from app.services.errors import Forbidden, NotFound
from app.services.horizon import Horizon
from app.services.judging import Fault, drafts, faults_of, problem_of_text
from app.services.rights import Actor, coordinates, require_any_coordinator, require_coordinator
from app.services.roster_rows import given_in, office_ids
from solver import Draft
from solver import problem as sp
from solver.stand_in import has_new


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What a mediator's day becomes: a shift of the roster's problem or, with None, a day off."""

    mediator_id: int
    date: dt.date
    shift: str | None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a coordinator has said to on the pages that refused an edit before."""

    allow_broken: bool = False
    """It may break a rule anew."""
    correct_passed: bool = False
    """A shift that has begun is changed to what was worked."""


UNSAID = Said()


class RosterRows:
    """A roster's rows, with their mediators, each read when it is asked for."""

    def __init__(self, roster_id: int) -> None:
        self._roster_id = roster_id
        self._known: dict[tuple[int, dt.date], Assignment | None] = {}

    def get(self, mediator_id: int, date: dt.date) -> Assignment | None:
        key = mediator_id, date
        if key not in self._known:
            found = _row_of(self._roster_id, mediator_id, date)
            self._known[key] = found[0] if found else None
        return self._known[key]

    def values(self) -> list[Assignment]:
        """All, by person and date; read once, however often they are asked for."""
        return self._all

    @cached_property
    def _all(self) -> list[Assignment]:
        query = _rows_of(self._roster_id)
        return list(query.order_by(Mediator.code, Assignment.date))


def _rows_of(roster_id: Any) -> Any:
    query = Assignment.select(Assignment, Mediator).join(Mediator)
    return query.where(Assignment.roster == roster_id)


@written
def _row_of(roster_id: Any, mediator_id: Any, date: Any) -> Any:
    query = _rows_of(roster_id)
    return query.where(Assignment.mediator == mediator_id, Assignment.date == date)


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A roster with its problem and judgement."""

    roster: Roster
    problem: sp.Problem
    horizon: Horizon
    rows: RosterRows
    judged: Draft

    def row(self, mediator_id: int, date: dt.date) -> Assignment | None:
        return self.rows.get(mediator_id, date)

    def day(self, date: dt.date) -> int:
        """The day's index in the problem."""
        return (date - self.horizon.starts_on).days


def open_draft(roster: Roster) -> OpenDraft:
    """A roster as it stands in the database."""
    problem = problem_of_text(roster.problem_json)
    return OpenDraft(
        roster=roster,
        problem=problem,
        horizon=Horizon(roster.week_starts_on, slot_minutes=problem.slot_minutes),
        rows=RosterRows(roster.id),
        judged=drafts.get(roster.problem_json, given_in(roster.id)),
    )


def find_roster(actor: Actor, roster_id: int) -> Roster:
    """A roster that the actor may read. Raises NotFound, Forbidden."""
    require_any_coordinator(actor)
    roster = Roster.get_or_none(Roster.id == roster_id)
    if roster is None:
        raise NotFound
    if not coordinates_in(actor, roster.group_id):
        raise Forbidden
    return roster


def coordinates_in(actor: Actor, group_id: int) -> bool:
    """Whether a coordinator has an office in the planning group, whose rosters they may read."""
    if actor.office_ids is None:
        return True
    own = Office.select().where(Office.id.in_(list(actor.office_ids)), Office.group == group_id)
    return bool(own.exists())


def seen_draft(actor: Actor, roster_id: int, revision: int) -> OpenDraft | None:
    """The draft that an edit was made on; None where it is no draft any more or has changed since,
    which `editing.change` refuses. Raises as `find_roster`."""
    roster = find_roster(actor, roster_id)
    if roster.status != RosterStatus.DRAFT or roster.revision != revision:
        return None
    return open_draft(roster)


def require_cells(actor: Actor, draft: OpenDraft, cells: Iterable[CellEdit]) -> None:
    """The actor coordinates every office that the edit touches."""
    if actor.office_ids is None:
        require_coordinator(actor)
        return
    offices = office_ids()
    for one in cells:
        mediator = Mediator.get_or_none(Mediator.id == one.mediator_id)
        if mediator is None:
            raise NotFound
        home = mediator.home_office_id
        row = draft.row(one.mediator_id, one.date)
        touched = {home, row.office_id if row else home}
        if one.shift is not None and one.shift in draft.problem.shift_by_id:
            touched.add(offices[draft.problem.shift_by_id[one.shift].office])
        for office in touched:
            require_coordinator(actor, office)


def coordinates_day(actor: Actor, draft: OpenDraft, mediator: Mediator, date: dt.date) -> bool:
    """Whether the actor coordinates the home office, or the one where the day's shift is."""
    row = draft.row(mediator.id, date)
    return coordinates(actor, mediator.home_office_id) or (
        row is not None and coordinates(actor, row.office_id)
    )


def opens_day(actor: Actor, roster: Roster, mediator: Mediator, row: Assignment | None) -> bool:
    """Whether the actor may open a mediator's day of a roster of theirs, whose row it has.

    In a draft, where it could be changed, the home office and the shift's are both theirs.
    """
    offices = {mediator.home_office_id, row.office_id if row else mediator.home_office_id}
    own = [coordinates(actor, one) for one in offices]
    return all(own) if roster.status == RosterStatus.DRAFT else any(own)


def told_to(actor: Actor, roster: Roster, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The roster's broken rules, each with whether this reader may open the day it is of."""
    faults = tuple(faults)
    people = {
        one.id: one
        for one in Mediator.select().where(Mediator.id.in_([one.mediator_id for one in faults]))
    }
    dates, rows = dict(enumerate(Horizon(roster.week_starts_on).dates)), RosterRows(roster.id)

    def may_open(one: Fault) -> bool:
        if one.mediator_id is None or one.day not in dates:
            return False
        row = rows.get(one.mediator_id, dates[one.day])
        return opens_day(actor, roster, people[one.mediator_id], row)

    return tuple(replace(one, may_open=may_open(one)) for one in faults)


def new_faults(before: Draft, after: Draft) -> tuple[Fault, ...]:
    """Rules broken in `after` and not in `before`, in words."""
    known = before.violations
    return faults_of(one for one in after.violations if has_new([one], known))

"""At which desk, or for which language, a shift is counted on: `solver.stations` in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import solver
from app.models import Assignment, Desk, Language, Mediator, Roster
from app.models.written import written
from app.services.errors import NotFound
from app.services.horizon import Horizon
from app.services.kept_weeks import KeptWeek, week_of_text
from app.services.names import in_readers_language
from solver import problem as sp
from solver.stations import Station


@dataclass(frozen=True, slots=True)
class DeskSpan:
    """Counted on at `name` (a desk, or languages) in [starts_at, ends_at); empty: wherever."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str


def desks_of(rows: Sequence[Assignment], code: str) -> tuple[tuple[DeskSpan, ...], ...]:
    """Where the published rosters count on each of these shifts of the mediator of that code, in
    order; nothing where it is not known."""
    rosters = dict.fromkeys(row.roster_id for row in rows)
    told = {roster_id: _told(roster_id) for roster_id in rosters}
    return tuple(_desks_of(row, code, *told[row.roster_id]) for row in rows)


def _told(roster_id: int) -> tuple[dt.date, str]:
    """The roster's Monday, and the text of its problem."""
    for monday, text in _monday_and_problem(roster_id):
        return monday, text
    raise NotFound


@written
def _monday_and_problem(roster_id: Any) -> Any:
    query = Roster.select(Roster.week_starts_on, Roster.problem_json)
    return query.where(Roster.id == roster_id).tuples()


def _desks_of(row: Assignment, code: str, monday: dt.date, text: str) -> tuple[DeskSpan, ...]:
    if not text:
        return ()
    week = week_of_text(text)
    problem = week.problem
    if problem.shift_by_id.get(row.shift) is None:
        return ()
    horizon = Horizon(monday, slot_minutes=problem.slot_minutes)
    beside = tuple(
        sp.Assignment(who, shift)
        for who, shift in _at_office(row.roster_id, row.office_id, row.date)
        if shift in problem.shift_by_id
    )
    names = _Names(row.office_id)
    return tuple(
        DeskSpan(horizon.instant(one.start), horizon.instant(one.end), names.of(one.needs))
        for one in stations_of(week, beside)
        if one.mediator == code
    )


@written
def _at_office(roster_id: Any, office_id: Any, date: Any) -> Any:
    """(person, shift) of the roster at that office that day."""
    query = Assignment.select(Mediator.code, Assignment.shift).join(Mediator)
    query = query.where(
        Assignment.roster == roster_id, Assignment.office == office_id, Assignment.date == date
    )
    return query.order_by(Mediator.code).tuples()


class _Names:
    """What a desk and a language are called, in the reader's language."""

    def __init__(self, office_id: int) -> None:
        self.desks = {
            kind: in_readers_language(name_pt, name_en)
            for kind, name_pt, name_en in desk_names(office_id)
        }
        self.languages = {
            code: in_readers_language(name_pt, name_en) for code, name_pt, name_en in _languages()
        }

    def of(self, needs: tuple[str, ...] | None) -> str:
        skills = [one.partition(":") for one in needs or ()]
        at = [self.desks[name] for kind, _, name in skills if kind == "cert" and name in self.desks]
        spoken = [self.languages.get(name, name) for kind, _, name in skills if kind == "lang"]
        return " · ".join((*at, *spoken))


@written
def desk_names(office_id: Any) -> Any:
    """(kind of certification, name_pt, name_en) of the office's desks that ask for one."""
    query = Desk.select(Desk.certification, Desk.name_pt, Desk.name_en)
    return query.where(Desk.office == office_id, Desk.certification.is_null(False)).tuples()


@written
def _languages() -> Any:
    return Language.select(Language.code, Language.name_pt, Language.name_en).tuples()


def stations_of(week: KeptWeek, given: tuple[sp.Assignment, ...]) -> tuple[Station, ...]:
    """Where each of these shifts, all of one office's, is counted on."""
    return week.part((stations_of, given), lambda: solver.stations(week.problem, given))

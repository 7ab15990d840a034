"""At which desk, or for which language, a shift is counted on: `solver.stations` in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import solver
from app.models import Assignment, Desk, Language, Mediator, Roster
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.names import in_readers_language
from app.services.rosters import solver_assignments
from solver import problem as sp
from solver.stations import Station


@dataclass(frozen=True, slots=True)
class DeskSpan:
    """Counted on at `name` (a desk, or languages) in [starts_at, ends_at); empty: wherever."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str


def desks_of(row: Assignment) -> tuple[DeskSpan, ...]:
    """Where the published roster counts on this shift, in order; nothing where it is not known."""
    roster = Roster.get_by_id(row.roster_id)
    if not roster.problem_json:
        return ()
    problem = problem_of_text(roster.problem_json)
    mine = problem.shift_by_id.get(row.shift)
    if mine is None:
        return ()
    horizon = Horizon(roster.week_starts_on, slot_minutes=problem.slot_minutes)
    beside = tuple(
        one
        for one in solver_assignments(
            roster, Assignment.office == row.office_id, Assignment.date == row.date
        )
        if one.shift in problem.shift_by_id
    )
    code = Mediator.get_by_id(row.mediator_id).code
    names = _Names(row.office_id)
    return tuple(
        DeskSpan(horizon.instant(one.start), horizon.instant(one.end), names.of(one.needs))
        for one in _stations(roster.problem_json, beside)
        if one.mediator == code
    )


class _Names:
    """What a desk and a language are called, in the reader's language."""

    def __init__(self, office_id: int) -> None:
        desks = Desk.select().where(Desk.office == office_id, Desk.certification.is_null(False))
        self.desks = {
            one.certification_id: in_readers_language(one.name_pt, one.name_en) for one in desks
        }
        self.languages = {
            one.code: in_readers_language(one.name_pt, one.name_en) for one in Language.select()
        }

    def of(self, needs: tuple[str, ...] | None) -> str:
        skills = [one.partition(":") for one in needs or ()]
        at = [self.desks[name] for kind, _, name in skills if kind == "cert" and name in self.desks]
        spoken = [self.languages.get(name, name) for kind, _, name in skills if kind == "lang"]
        return " · ".join((*at, *spoken))


@lru_cache(maxsize=64)
def _stations(text: str, assignments: tuple[sp.Assignment, ...]) -> tuple[Station, ...]:
    return solver.stations(problem_of_text(text), assignments)

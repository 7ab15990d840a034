"""What taking people away from their desks costs: a roster a week, and its cover counted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import StrEnum

import solver
from app.models import Mediator, Office, PlanningGroup, Requirement, database
from app.services import planning, week_rows
from app.services.draft_facts import facts_now, with_facts
from app.services.horizon import Horizon
from app.services.judging import problem_of_text
from app.services.problems import build_problem
from app.services.rosters import solver_assignments
from app.services.standing import latest_roster
from solver import problem as sp
from solver.result import Status
from solver.slot_table import SlotTable
from solver.view import Place, whole_view
from training.placing import CoverCost

SOLVE_SECONDS = 6


class Weighed(StrEnum):
    """By what a week is weighed."""

    ROSTER = "roster"
    """The roster it has."""
    SOLVED = "solved"
    """One that the solver built for the purpose."""
    UNSOLVED = "unsolved"
    """By nothing: no roster could be found."""
    NOBODY_ASKED = "nobody_asked"
    """By nothing: it asks for nobody, so that nothing could be lost."""


class CoverCosts:
    """What taking people away from their desks costs, roster by roster."""

    def __init__(self, people: Iterable[int]) -> None:
        self._codes = {
            row.id: row.code for row in Mediator.select().where(Mediator.id.in_(list(people)))
        }
        self._weeks: list[_Week] = []
        self._unknown: list[Horizon] = []

    def add_week(
        self,
        group: PlanningGroup,
        monday: dt.date,
        now: dt.datetime,
        should_stop: Callable[[], bool] | None = None,
    ) -> Weighed:
        """Read or, where there is none, build the group's roster of a week."""
        weighed, problem, assignments = _roster_of(group, monday, now, should_stop)
        if weighed in (Weighed.ROSTER, Weighed.SOLVED):
            self._weeks.append(_Week(problem, assignments, Horizon(monday)))
        else:
            self._unknown.append(Horizon(monday))
        return weighed

    def cost_of(
        self, starts_at: dt.datetime, ends_at: dt.datetime, people: frozenset[int]
    ) -> CoverCost:
        codes = {self._codes[one] for one in people if one in self._codes}
        total = 0
        by_language: dict[str, float] = defaultdict(float)
        for week in self._weeks:
            cost, lost = week.lost(starts_at, ends_at, codes)
            total += cost
            for label, minutes in lost.items():
                by_language[label] += minutes
        known = not any(week.span(starts_at, ends_at) for week in self._unknown)
        return CoverCost(total, dict(by_language), known)


class _Week:
    """A week's roster, and what its slots lack with some of its people away."""

    def __init__(
        self, problem: sp.Problem, assignments: Iterable[sp.Assignment], horizon: Horizon
    ) -> None:
        self._problem, self._horizon = problem, horizon
        view = whole_view(problem, assignments)
        self._servers = view.places
        self._count, self._places = view.facts.cover, view.facts.mediator_index

    def lost(
        self, starts_at: dt.datetime, ends_at: dt.datetime, codes: set[str]
    ) -> tuple[int, dict[str, int]]:
        """Cost of cover, and minutes that a language more lacks, when these are away."""
        span = self._horizon.span(starts_at, ends_at)
        away = {self._places[code] for code in codes if code in self._places}
        if span is None or not away:
            return 0, {}
        cost, minutes = 0, defaultdict[str, int](int)
        for slot in range(*span):
            for office in range(len(self._problem.offices)):
                there = self._servers.get(Place(office, slot), ())
                left = [one for one in there if one not in away]
                table = self._count.tables.get(Place(office, slot))
                if table is None or len(left) == len(there):
                    continue
                had = [self._count.held(one, slot) for one in there]
                has = [self._count.held(one, slot) for one in left]
                worse = table.cost(has) - table.cost(had)
                if worse:
                    cost += worse
                    self._tell(table, had, has, minutes)
        return cost, dict(minutes)

    def _tell(
        self, table: SlotTable, had: list[int], has: list[int], minutes: dict[str, int]
    ) -> None:
        asked = (*table.exclusive, *table.presence)
        for need, before, after in zip(asked, table.missing(had), table.missing(has), strict=True):
            if after != before:
                minutes[_label(need)] += (after - before) * self._problem.slot_minutes


def _label(need: sp.Requirement) -> str:
    """The language a requirement asks for; without one, the certification; else `any`."""
    for prefix in ("lang:", "cert:"):
        found = sorted(skill for skill in need.needs if skill.startswith(prefix))
        if found:
            return found[0]
    return "any"


def _roster_of(
    group: PlanningGroup,
    monday: dt.date,
    now: dt.datetime,
    should_stop: Callable[[], bool] | None,
) -> tuple[Weighed, sp.Problem, tuple[sp.Assignment, ...]]:
    roster = latest_roster(group.id, monday)
    if roster is not None and roster.problem_json:
        problem = with_facts(problem_of_text(roster.problem_json), facts_now(roster))
        weighed = Weighed.ROSTER if problem.requirements else Weighed.NOBODY_ASKED
        return weighed, problem, solver_assignments(roster)
    asked = Requirement.select().join(Office)
    asked = asked.where(Office.group == group, Requirement.week_starts_on == monday)
    problem = build_problem(group, monday) if asked.exists() else _foreseen(group, monday, now)
    if not problem.requirements:
        return Weighed.NOBODY_ASKED, problem, ()
    result = solver.solve(problem, time_limit=SOLVE_SECONDS, workers=1, should_stop=should_stop)
    if result.status in (Status.INFEASIBLE, Status.NO_SOLUTION):
        return Weighed.UNSOLVED, problem, ()
    return Weighed.SOLVED, problem, result.assignments


def _foreseen(group: PlanningGroup, monday: dt.date, now: dt.datetime) -> sp.Problem:
    """The problem of a week nobody has foreseen yet; what is derived for it is not kept."""
    derived = week_rows.derive(planning.prepare_forecast(group, monday, now))
    with database.atomic() as transaction:
        week_rows.save_requirements(derived)
        problem = build_problem(group, monday)
        transaction.rollback()
    return problem

"""How much of what a roster was asked for it gives: in all, and by language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from app.models import Roster
from app.services import rosters
from app.services.field_cover import missing_of
from solver import problem as sp
from solver.view import Place, whole_view

LANGUAGE = "lang:"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of the mediator-slots asked for by requirements that count a person once."""

    asked_slots: int
    missing_slots: int
    by_language: dict[str, float]
    """Language code → share given, over the requirements that ask for the language."""

    @property
    def share(self) -> float:
        return _share(self.asked_slots, self.missing_slots)


def of_roster(roster: Roster) -> Coverage:
    """The coverage of a roster as it stands in the database."""
    return of_assignments(rosters.problem_of(roster), rosters.solver_assignments(roster))


def of_assignments(problem: sp.Problem, assignments: tuple[sp.Assignment, ...]) -> Coverage:
    """The coverage by the counting of least cost, the same that the roster's cost is made of."""
    view = whole_view(problem, assignments)
    count = view.facts.cover
    asked: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for place, table in count.tables.items():
        helds = [count.held(mediator, place[1]) for mediator in view.places[Place(*place)]]
        lacks = table.missing(helds)
        for need, lack in zip(table.exclusive, lacks, strict=False):
            for name in ("", *_languages(need)):
                asked[name] += need.count
                missing[name] += missing_of(need, need.count - lack)
    by_language = {
        name: _share(asked[name], missing[name]) for name in sorted(asked) if name and asked[name]
    }
    return Coverage(asked[""], missing[""], by_language)


def _languages(need: sp.Requirement) -> list[str]:
    return [skill.removeprefix(LANGUAGE) for skill in need.needs if skill.startswith(LANGUAGE)]


def _share(asked: int, missing: int) -> float:
    return round(1 - missing / asked, 4) if asked else 1.0

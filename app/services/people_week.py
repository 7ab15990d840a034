"""A planning group's mediators of a week as the rules see them today, without shifts or demand."""

from __future__ import annotations

from app.models import Office, PlanningGroup
from app.services.horizon import Horizon
from app.services.openings import opening_slots
from app.services.problem_people import AS_USUAL, People
from solver import problem as sp


def mediators_of_week(group: PlanningGroup, horizon: Horizon) -> tuple[sp.Mediator, ...]:
    """Everyone planned in that week, with today's leave, training, skills and contracts."""
    offices = list(Office.select().where(Office.group == group, Office.active))
    people = People(group, offices, horizon, AS_USUAL)
    return tuple(people.mediators(opening_slots(offices, horizon)))

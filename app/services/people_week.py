"""A planning group's mediators of a week as the rules see them today, without shifts or demand."""

from __future__ import annotations

from app.models import Office, PlanningGroup
from app.services import openings
from app.services.horizon import Horizon
from app.services.problem_people import AS_USUAL, People
from solver import problem as sp


def mediators_of_week(group: PlanningGroup, horizon: Horizon) -> tuple[sp.Mediator, ...]:
    """Everyone planned in that week, with today's leave, training, skills and contracts."""
    offices = list(Office.select().where(Office.group == group, Office.active))
    people = People(group, offices, horizon, AS_USUAL)
    opened = {
        (office.id, date): [
            (horizon.slot_ceiling(start), horizon.slot(end))
            for start, end in openings.opening_intervals(office, date)
        ]
        for office in offices
        for date in horizon.dates
    }
    return tuple(people.mediators(opened))

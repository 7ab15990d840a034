"""A planning group's mediators of a week as the rules see them today, without shifts or demand."""

from __future__ import annotations

from collections.abc import Collection

from app.models import Office, PlanningGroup
from app.services.field_busy import outings
from app.services.horizon import Horizon
from app.services.openings import opening_slots
from app.services.problem_people import AS_USUAL, People
from solver import problem as sp


def mediators_of_week(
    group: PlanningGroup,
    horizon: Horizon,
    *,
    only: Collection[str] | None = None,
    without_route: int | None = None,
) -> tuple[sp.Mediator, ...]:
    """Everyone planned in that week, with today's leave, training, skills and contracts.

    `only` are the codes of those asked for; who is lent to the group is there all the same.
    `without_route` is a field route whose time counts as free, in the week itself.
    """
    offices = list(Office.select().where(Office.group == group, Office.active))
    people = People(group, offices, horizon, AS_USUAL, only)
    if without_route is not None:
        ids = [row.id for row in people.own]
        people.outings = outings(horizon.starts_at, horizon.ends_at, ids, without=without_route)
    return tuple(people.mediators(opening_slots(offices, horizon)))

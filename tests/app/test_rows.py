"""Rows are read into the same models and tuples as peewee reads them into."""

from __future__ import annotations

from typing import Any

import peewee
import pytest
from peewee import JOIN, Case, fn
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld

from app.models import Assignment, Desk, Mediator, Office, Roster, User
from app.models.rows import Rows

HOME = Office.alias()
LATE = Case(None, [(Assignment.unsocial, "late")], "early").alias("late")
QUERIES: list[Any] = [
    Mediator.select(),
    Mediator.select(Mediator, Office).join(Office),
    Mediator.select(Mediator.id, HOME.name, HOME.group).join(HOME),
    Assignment.select(Assignment, Office, Roster, LATE)
    .join(Office)
    .switch(Assignment)
    .join(Roster),
    Assignment.select(Assignment.id, Mediator.name, Office.name, Office.group)
    .join(Mediator)
    .join(Office),
    User.select(User, Mediator, Office)
    .join(Mediator, JOIN.LEFT_OUTER, on=(User.mediator == Mediator.id))
    .join(Office, JOIN.LEFT_OUTER, on=(Mediator.home_office == Office.id)),
    Mediator.select(Mediator, User).join(
        User, JOIN.LEFT_OUTER, on=(User.mediator == Mediator.id), attr="account"
    ),
    Office.select(Office, Desk).join(
        Desk, JOIN.LEFT_OUTER, on=(Desk.office == Office.id), attr="at"
    ),
    Assignment.select(
        Assignment.mediator.alias("mediator_id"), fn.COUNT(Assignment.id).alias("n")
    ).group_by(Assignment.mediator),
    Assignment.select(fn.MAX(Assignment.starts_at), fn.SUM(Assignment.sequence)),
]


def _told(row: Any) -> Any:
    """All that a row is: with the kind of each value, as 1 is True and a member its value."""
    if isinstance(row, dict):
        return {name: _told(value) for name, value in row.items()}
    if isinstance(row, tuple):
        return type(row).__name__, [_told(value) for value in row]
    if not isinstance(row, peewee.Model):
        return type(row), row
    besides = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    return type(row), *(_told(one) for one in (row.__data__, row.__rel__, besides)), row._dirty


@pytest.mark.parametrize("kind", ["models", "tuples", "namedtuples", "dicts"])
@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_rows_are_what_peewee_reads(world: SmallWorld, query: Any, kind: str) -> None:
    write_roster(world, MONDAY, [Shift(one, world.lisbon, MONDAY) for one in world.mediators])
    quick = getattr(query.clone(), kind)()
    slow = quick.clone()
    slow.__class__ = peewee.ModelSelect
    assert type(quick) is Rows
    told = [_told(row) for row in quick]
    assert told == [_told(row) for row in slow]
    assert told

"""A query's text is the one that peewee writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from peewee import Case, Context, Value, fn

from app.models import Assignment, Mediator, Office, Roster, RosterStatus, User, database
from app.sql_text import SqlText

OTHER = Office.alias()
NAMED = Office.alias("named")
ROSTERS = Roster.select(Roster.id).where(Roster.status == RosterStatus.PUBLISHED)
QUERIES: list[Any] = [
    Mediator.select(),
    Mediator.select(Mediator, Office).join(Office).where(Mediator.active, Office.id == 3),
    Mediator.select(Mediator.id).where(Mediator.id.in_([1, 2, 3]) | ~Mediator.active),
    Mediator.select(Mediator.id).where(Mediator.id.in_([1]), Mediator.id.not_in([])),
    Mediator.select(Mediator.id).where(Mediator.id.in_([]) | Mediator.name.is_null()),
    Mediator.select(Mediator.id).where(Mediator.name.contains("a") | (Mediator.id == None)),  # noqa: E711
    Assignment.select(Assignment.roster).where(Assignment.roster.in_(ROSTERS)),
    Assignment.select().where(Assignment.roster.not_in(ROSTERS.where(Roster.id.in_(ROSTERS)))),
    Assignment.select(Assignment, OTHER.name, NAMED.id)
    .join(OTHER)
    .switch(Assignment)
    .join(NAMED, on=Assignment.office == NAMED.id)
    .where(Assignment.starts_at > dt.datetime(2026, 7, 1, tzinfo=dt.UTC), OTHER.id == NAMED.id)
    .order_by(OTHER.name.desc(), Assignment.id),
    Assignment.select(fn.COUNT(Assignment.id).alias("n"), Assignment.date)
    .where(Assignment.date.between(dt.date(2026, 7, 1), dt.date(2026, 7, 8)))
    .group_by(Assignment.date)
    .having(fn.COUNT(Assignment.id) > 2),
    Assignment.select(Value(1), Case(None, [(Assignment.unsocial, "late")], "early")).limit(2),
    Mediator.select(Mediator.id).union(Office.select(Office.id)),
    User.update(session_epoch=User.session_epoch + 1, name='of "one"').where(User.id == 7),
    User.delete().where(User.id.in_(Mediator.select(Mediator.id).where(Mediator.code == "x"))),
    Roster.insert_many([{"status": RosterStatus.PUBLISHED, "version": n} for n in (1, 2)]),
    Roster.select(ROSTERS.where(Roster.id == 1)).from_(ROSTERS.alias("of")),
]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_query_has_the_text_and_the_values_that_peewee_gives_it(
    database_ready: None, query: Any
) -> None:
    options = database.get_context_options()
    told = SqlText(**options).sql(query).query()
    assert told == Context(**options).sql(query).query()
    assert told == query.sql()


def test_the_database_writes_its_queries_so(database_ready: None) -> None:
    assert type(database.get_sql_context()) is SqlText

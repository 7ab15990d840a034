"""Queries written once: the rows are those that peewee would have read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from peewee import JOIN
from small_world import SmallWorld

from app.models import (
    Language,
    Mediator,
    MediatorOffice,
    Office,
    OfficeKind,
    PlanningGroup,
    Roster,
    RosterStatus,
)
from app.models.written import written

DAY = dt.date(2026, 3, 9)


@written
def languages(codes: Any, least: Any = None) -> Any:
    query = Language.select(Language.code).where(Language.code.in_(codes))
    if least is not None:
        query = query.where(Language.position >= least)
    return query.order_by(Language.position).tuples()


def make(*codes: str) -> None:
    for position, code in enumerate(codes):
        Language.insert(code=code, name_pt=code, name_en=code, position=position).on_conflict(
            conflict_target=[Language.code], update={Language.position: position}
        ).execute()


def test_values_of_each_call_go_into_the_text_of_the_first(database_ready: None) -> None:
    make("xa", "xb", "xc", "xd", "xe")

    assert languages(["xa", "xc"]) == [("xa",), ("xc",)]
    assert languages({"xb"}) == [("xb",)]
    assert languages(["xe", "xa", "xd"]) == [("xa",), ("xd",), ("xe",)]
    assert languages([]) == []


def test_what_is_none_is_another_text(database_ready: None) -> None:
    make("xa", "xb", "xc")

    assert languages(["xa", "xb", "xc"], 1) == [("xb",), ("xc",)]
    assert languages(["xa", "xb", "xc"], None) == [("xa",), ("xb",), ("xc",)]


def test_rows_are_read_anew_each_time(database_ready: None) -> None:
    make("xa")
    assert languages(["xa", "xb"]) == [("xa",)]

    make("xa", "xb")

    assert languages(["xa", "xb"]) == [("xa",), ("xb",)]


@written
def rosters(status: Any, before: Any) -> Any:
    return Roster.select().where(Roster.status == status, Roster.created_at < before)


def test_instants_are_kept_as_columns_keep_them(database_ready: None) -> None:
    now = dt.datetime(2026, 3, 9, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    with pytest.raises(ValueError, match="no time zone"):
        rosters(RosterStatus.DRAFT, now.replace(tzinfo=None))

    assert rosters(RosterStatus.DRAFT, now) == []


def test_a_row_is_given_by_its_id(database_ready: None) -> None:
    with pytest.raises(TypeError):
        languages(Language(code="xa"))


@written
def offices(code: Any) -> Any:
    query = Office.select(Office, PlanningGroup).join(PlanningGroup)
    return query.where(Office.code == code)


def test_rows_of_joined_tables_hang_together_and_are_as_they_were_read(world: SmallWorld) -> None:
    (office,) = offices("lisbon")

    assert (office.kind, office.group.code) == (OfficeKind.CENTRE, world.group.code)
    assert office == Office.get(Office.code == "lisbon")
    assert not office.dirty_fields
    assert not office.group.dirty_fields


@written
def homes(codes: Any) -> Any:
    query = Mediator.select(Mediator.code, MediatorOffice.office.alias("office_id"))
    query = query.join(MediatorOffice, JOIN.LEFT_OUTER).where(Mediator.code.in_(codes))
    return query.order_by(Mediator.code).namedtuples()


@written
def seats(codes: Any) -> Any:
    query = Mediator.select(Mediator, MediatorOffice).join(MediatorOffice, JOIN.LEFT_OUTER)
    return query.where(Mediator.code.in_(codes)).order_by(Mediator.code)


def test_what_an_outer_join_does_not_find_is_told_as_peewee_tells_it(world: SmallWorld) -> None:
    codes = [one.code for one in world.mediators]
    asked = Mediator.select(Mediator, MediatorOffice).join(MediatorOffice, JOIN.LEFT_OUTER)
    expected = asked.where(Mediator.code.in_(codes)).order_by(Mediator.code)

    def told(rows: Any) -> list[Any]:
        return [(one.code, one.starts_on, getattr(one, "mediatoroffice", None)) for one in rows]

    assert told(seats(codes)) == told(expected)
    assert {one.code: one.office_id for one in homes(codes)}.keys() == set(codes)

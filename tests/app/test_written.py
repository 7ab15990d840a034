"""Queries written once: the rows are those that peewee would have read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.models import Language, Roster, RosterStatus
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
        Language.insert(
            code=code, name_pt=code, name_en=code, position=position
        ).on_conflict_replace().execute()


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

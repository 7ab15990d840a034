"""Two at once: drafts saved and published side by side leave one roster of the week."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from drafts import draft, require, shift_id, week_problem
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    Assignment,
    AuditEntry,
    Loan,
    LoanStatus,
    Message,
    Office,
    PlanningGroup,
    Roster,
    RosterStatus,
    User,
    database,
)
from app.services import audit, editing, lending, rosters, sick_calls
from app.services.errors import Conflict, Invalid
from app.services.open_drafts import CellEdit
from app.services.rights import SYSTEM, actor_of
from solver.result import Judgement

PATIENCE_SECONDS = 2


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each database has a way of its own of letting one wait for the other."""
    return str(request.param)


@pytest.fixture
def asked(world: SmallWorld) -> SmallWorld:
    require(world.lisbon, 0, 8, 18, ["lang:pt"])
    return world


def at_once(*jobs: Callable[[], None]) -> list[BaseException]:
    """Carry out the jobs in threads with connections of their own; what they raised."""
    raised: list[BaseException] = []

    def carry_out(job: Callable[[], None]) -> None:
        try:
            with database.connection_context():
                job()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=carry_out, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def meeting(wrapped: Callable) -> Callable:
    """`wrapped`, after which two callers wait for each other, if both ever get there."""
    together = threading.Barrier(2)

    def met(*args, **kwargs):
        found = wrapped(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            together.wait(PATIENCE_SECONDS)
        return found

    return met


def test_two_drafts_published_at_once_leave_one_published(
    asked: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = draft(asked, [("ana", "lisbon", 0, 8, 12)], now)
    second = draft(asked, [("bo", "lisbon", 0, 8, 12)], now)
    monkeypatch.setattr(rosters, "current_roster", meeting(rosters.current_roster))
    raised = at_once(
        lambda: rosters.publish(SYSTEM, first.id, now),
        lambda: rosters.publish(SYSTEM, second.id, now),
    )
    assert raised == []
    statuses = sorted(str(one.status) for one in Roster.select())
    assert statuses == ["published", "superseded"]
    assert audit.verify() is None


def test_one_draft_published_twice_at_once_tells_once(
    asked: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = draft(asked, [("ana", "lisbon", 0, 8, 12)], now)
    monkeypatch.setattr(rosters, "judge", meeting(rosters.judge))
    raised = at_once(
        lambda: rosters.publish(SYSTEM, only.id, now),
        lambda: rosters.publish(SYSTEM, only.id, now + dt.timedelta(seconds=1)),
    )
    assert raised == []
    assert Roster.get_by_id(only.id).status == RosterStatus.PUBLISHED
    assert Message.select().count() == 1
    assert AuditEntry.select().where(AuditEntry.action == "roster.publish").count() == 1


def test_two_builds_saved_at_once_are_two_versions(
    asked: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rosters, "next_version", meeting(rosters.next_version))
    raised = at_once(
        lambda: draft(asked, [("ana", "lisbon", 0, 8, 12)], now) and None,
        lambda: draft(asked, [("bo", "lisbon", 0, 8, 12)], now) and None,
    )
    assert raised == []
    versions = [one.version for one in Roster.select().order_by(Roster.version)]
    assert versions == [1, 2]
    assert all(one.week_starts_on == MONDAY for one in Roster.select())


def test_an_edit_during_publication_waits_and_is_refused(
    asked: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = draft(asked, [("ana", "lisbon", 0, 8, 12)], now)
    judging = threading.Event()
    judge = rosters.judge

    def slowly(roster: Roster) -> Judgement:
        judgement = judge(roster)
        judging.set()
        time.sleep(0.5)
        return judgement

    def edit() -> None:
        judging.wait(PATIENCE_SECONDS)
        cell = CellEdit(asked.mediators[0].id, MONDAY, None)
        editing.change(SYSTEM, only.id, only.revision, [cell], now)

    monkeypatch.setattr(rosters, "judge", slowly)
    raised = at_once(lambda: rosters.publish(SYSTEM, only.id, now), edit)
    assert [type(one) for one in raised] == [Conflict]
    assert Roster.get_by_id(only.id).status == RosterStatus.PUBLISHED
    assert Assignment.select().where(Assignment.roster == only).count() == 1


def test_of_two_sick_calls_at_once_the_second_is_told_that_the_week_has_changed(
    asked: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    picks = [("ana", "lisbon", 0, 8, 12), ("bo", "lisbon", 0, 13, 17)]
    week = draft(asked, picks, now)
    rosters.publish(SYSTEM, week.id, now)
    people = [one.id for one in asked.mediators[:2]]
    keys = [
        sick_calls.sick_call(SYSTEM, week.id, one, MONDAY, now).repairs[0].key for one in people
    ]
    monkeypatch.setattr(sick_calls, "open_draft", meeting(sick_calls.open_draft))
    raised = at_once(
        lambda: sick_calls.take(SYSTEM, week.id, people[0], MONDAY, keys[0], now) and None,
        lambda: sick_calls.take(SYSTEM, week.id, people[1], MONDAY, keys[1], now) and None,
    )
    assert [type(one) for one in raised] == [Conflict]
    assert Absence.select().count() == 1
    statuses = sorted(str(one.status) for one in Roster.select())
    assert statuses == ["published", "superseded"]


def test_a_first_version_at_home_waits_for_a_loan_that_is_being_agreed(
    asked: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ana of Lisbon is lent to Setúbal, planned by itself, while Lisbon's draft, which has her at
    home that day, is published."""
    south = PlanningGroup.create(code="south", name="Sul")
    for office, latitude in ((asked.lisbon, 38.72), (asked.azores, 38.52)):
        office.latitude, office.longitude = latitude, -9.0
        office.zone = "Europe/Lisbon"
        office.save()
    Office.update(group=south).where(Office.id == asked.azores.id).execute()
    there = replace(asked, group=south)
    require(asked.azores, 0, 9, 13, ["lang:uk"])
    rosters.publish(SYSTEM, draft(there, [("eva", "azores", 0, 9, 13)], now).id, now)
    home = draft(asked, [("ana", "lisbon", 0, 9, 13)], now)
    shift = shift_id(week_problem(there), "azores", 0, 9, 13)
    coordinators = [
        actor_of(User.get(User.email == one))
        for one in (asked.azores_coordinator, asked.coordinator)
    ]
    ana = asked.mediators[0].id
    loan = lending.ask(coordinators[0], ana, MONDAY, asked.azores.id, shift, "Falta", now)
    reading = threading.Event()
    home_of = lending.home_of

    def slowly(*args: Any) -> Any:
        found = home_of(*args)
        reading.set()
        time.sleep(1)
        return found

    def publish() -> None:
        reading.wait(PATIENCE_SECONDS)
        rosters.publish(SYSTEM, home.id, now)

    monkeypatch.setattr(lending, "home_of", slowly)
    raised = at_once(lambda: lending.agree(coordinators[1], loan, now) and None, publish)
    assert [type(one) for one in raised] == [Invalid]
    assert Loan.get_by_id(loan).status is LoanStatus.AGREED
    assert Roster.get_by_id(home.id).status == RosterStatus.DRAFT

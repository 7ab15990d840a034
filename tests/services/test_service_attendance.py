"""Results of a whole session: who is held while they are saved, and in which order."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from small_world import SmallWorld, hold_session

from app.models import Completion, CompletionResult, Enrolment, EnrolmentStatus
from app.services import attendance, training


def held(caplog: pytest.LogCaptureFixture) -> list[int]:
    """The mediators held, in order, by the statements that went to the database."""
    asked = [record.msg for record in caplog.records if isinstance(record.msg, tuple)]
    return [values[-1] for sql, values in asked if sql.startswith('UPDATE "mediator" SET "code"')]


def test_people_are_held_in_one_order_whatever_that_of_the_sheet(
    world: SmallWorld, now: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    session = hold_session(world, now)
    ana, bo, *_others = world.mediators
    Enrolment.create(session=session, mediator=ana, status=EnrolmentStatus.ENROLLED, asked_at=now)
    on = (now - dt.timedelta(days=2)).date()
    results = [attendance.ResultFacts(one.id, CompletionResult.PASSED, on) for one in (bo, ana)]
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        attendance.record_results(world.system, session.id, results, now)
    assert held(caplog)[:2] == sorted([ana.id, bo.id])
    assert Completion.select().count() == 2


def test_taking_a_result_back_and_withdrawing_hold_the_person_first(
    world: SmallWorld, now: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    ana = world.mediators[0].id
    first, second = (
        training.record_completion(
            world.system, world.course.id, ana, day, CompletionResult.PASSED, now
        )
        for day in (dt.date(2025, 4, 1), dt.date(2026, 3, 1))
    )
    assert first.certification_id is not None
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        training.withdraw_certification(world.system, first.certification_id, "Conduta", now)
        training.reinstate_certification(world.system, first.certification_id, now)
        training.remove_completion(world.system, second.completion_id, now)
    changes = [
        record.msg[0].split('"')[1]
        for record in caplog.records
        if isinstance(record.msg, tuple) and record.msg[0].startswith("UPDATE")
    ]
    assert held(caplog) == [ana] * 3
    assert changes[:2] == ["mediator", "certification"]
    assert changes.index("completion") == len(changes) - 1 - changes[::-1].index("mediator") + 1

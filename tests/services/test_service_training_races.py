"""Two at once in training: a last seat, a result, a choice of times; each is given once."""

from __future__ import annotations

import datetime as dt

import pytest
from peewee import IntegrityError
from small_world import MONDAY, SmallWorld
from test_service_roster_races import at_once, meeting

from app.models import (
    Certification,
    Completion,
    CompletionResult,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Run,
    RunStatus,
)
from app.services import completions, enrolments, placing, programmes, sessions, training
from app.services.errors import Conflict, Invalid

DAY = dt.timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each database has a way of its own of letting one wait for the other."""
    return str(request.param)


@pytest.fixture
def session(world: SmallWorld, now: dt.datetime) -> CourseSession:
    return CourseSession.create(
        course=world.course, starts_at=now + DAY, ends_at=now + DAY + DAY / 8, capacity=1,
        office=world.lisbon,
    )  # fmt: skip


def test_a_last_seat_is_had_once(
    world: SmallWorld, session: CourseSession, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolments, "seats", meeting(enrolments.seats))
    ana, bo = (one.id for one in world.mediators[:2])
    raised = at_once(
        lambda: training.enrol(world.system, session.id, ana, now),
        lambda: training.enrol(world.system, session.id, bo, now),
    )
    assert raised == []
    statuses = sorted(str(one.status) for one in Enrolment.select())
    assert statuses == [EnrolmentStatus.ENROLLED, EnrolmentStatus.WAITING]


def test_a_result_of_a_day_is_recorded_once(
    world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completions, "missing_before", meeting(completions.missing_before))
    ana, day = world.mediators[0].id, now.date()

    def record() -> None:
        training.record_completion(
            world.system, world.course.id, ana, day, CompletionResult.PASSED, now
        )

    (refused,) = at_once(record, record)
    assert isinstance(refused, Invalid)
    assert Completion.select().count() == Certification.select().count() == 1
    with pytest.raises(IntegrityError):
        Completion.create(
            mediator=ana, course=world.course, completed_on=day, recorded_at=now,
            result=CompletionResult.FAILED,
        )  # fmt: skip


def test_a_choice_of_times_is_taken_once(world: SmallWorld, now: dt.datetime) -> None:
    starts_at = dt.datetime.combine(MONDAY, dt.time(9), dt.UTC)
    group = {
        "starts_at": starts_at.isoformat(), "ends_at": (starts_at + DAY / 8).isoformat(),
        "people": [world.mediators[0].id], "cost": 0,
    }  # fmt: skip
    other = group | {"starts_at": (starts_at + DAY).isoformat(),
                     "ends_at": (starts_at + DAY + DAY / 8).isoformat()}  # fmt: skip
    parameters = {
        "course": world.course.id, "minutes": 180, "first": MONDAY.isoformat(),
        "last": (MONDAY + DAY).isoformat(), "people": [world.mediators[0].id],
        "office": world.lisbon.id, "link": "", "trainers": [], "split": False,
        "languages": ["pt"],
    }  # fmt: skip
    choices = [{"groups": [one], "absent": [], "minutes": {}} for one in (group, other)]
    run = Run.create(
        kind=placing.KIND, parameters=parameters, status=RunStatus.DONE,
        result={"choices": choices}, asked_at=now,
    )  # fmt: skip
    raised = at_once(
        lambda: placing.choose(world.system, run.id, 0, now),
        lambda: placing.choose(world.system, run.id, 1, now),
    )
    assert [type(one) for one in raised] == [Conflict]
    (made,) = CourseSession.select()
    assert made.languages == "pt"


def test_a_place_is_taken_once(
    world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "check_session", meeting(sessions.check_session))
    facts = training.SessionFacts(
        course_id=world.course.id, starts_at=now + DAY, ends_at=now + DAY + DAY / 8,
        office_id=world.lisbon.id,
    )  # fmt: skip
    raised = at_once(*[lambda: training.create_session(world.system, facts, now)] * 2)
    assert [type(one) for one in raised] == [Invalid]
    assert CourseSession.select().count() == 1


def test_a_code_of_a_kind_is_taken_once(
    world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programmes, "_check_rule", meeting(programmes._check_rule))
    rule = programmes.KindFacts(name_pt="x", name_en="x", validity_months=12)
    raised = at_once(*[lambda: programmes.create_kind(world.system, "new", rule, now)] * 2)
    assert [type(one) for one in raised] == [Invalid]

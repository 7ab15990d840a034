"""Whose time a session of several dates takes, date by date: seats had late, given back, moved."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld

from app.models import CompletionResult, Course, CourseTrainer, EnrolmentStatus, User
from app.services import feed_words, session_pages, training
from app.services.completions import Attended
from app.services.errors import Invalid
from app.services.rights import Actor, actor_of
from app.services.training import SessionFacts
from app.services.training_busy import training_spans
from app.services.worked import worked_between

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MORNINGS = tuple(
    (at := dt.datetime.combine(MONDAY + day * DAY, dt.time(9), dt.UTC), at + 3 * HOUR)
    for day in (0, 2, 4)
)
BETWEEN = MORNINGS[0][1] + HOUR


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def facts(world: SmallWorld, **other: object) -> SessionFacts:
    made = SessionFacts(
        course_id=world.course.id, starts_at=MORNINGS[0][0], ends_at=MORNINGS[2][1],
        parts=MORNINGS, office_id=world.lisbon.id, capacity=3,
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


def other_session(
    world: SmallWorld, span: tuple[dt.datetime, dt.datetime], now: dt.datetime
) -> int:
    """Of another course, at another place."""
    course = Course.create(code="OTHER", title_pt="x", title_en="x", minutes=60)
    one = facts(
        world, course_id=course.id, starts_at=span[0], ends_at=span[1], parts=(),
        office_id=world.azores.id,
    )  # fmt: skip
    return training.create_session(world.system, one, now)


@pytest.fixture
def session_id(world: SmallWorld, now: dt.datetime) -> int:
    """Three mornings, Ana in it."""
    made = training.create_session(world.system, facts(world), now)
    training.enrol(world.system, made, world.mediators[0].id, now)
    return made


def dates_of(mediator_id: int) -> list[dt.date]:
    spans = training_spans(MORNINGS[0][0] - DAY, MORNINGS[2][1] + DAY, [mediator_id])
    return [one.starts_at.date() for one in spans]


def test_a_seat_given_back_keeps_the_dates_that_were_had(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    ana = world.mediators[0].id
    training.cancel_enrolment(world.system, session_id, ana, BETWEEN)
    assert dates_of(ana) == [MONDAY]
    assert worked_between(MONDAY, MONDAY + 6 * DAY, [ana])[ana].training_minutes == 3 * 60


def test_a_seat_had_late_has_the_dates_from_then_on(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    bo = world.mediators[1].id
    training.enrol(world.system, session_id, bo, BETWEEN)
    feed_words.person_renamed(world.mediators[0].id, BETWEEN)
    assert dates_of(world.mediators[0].id) == [MONDAY, MONDAY + 2 * DAY, MONDAY + 4 * DAY]
    assert dates_of(bo) == [MONDAY + 2 * DAY, MONDAY + 4 * DAY]
    after, passed = MORNINGS[2][1], CompletionResult.PASSED
    told = training.record_completion(
        world.system, world.course.id, bo, after.date(), passed, after, session_id, 360
    )
    assert len(dates_of(bo)) == 2, "no more minutes than those dates have"
    training.correct_completion(
        world.system, told.completion_id, after.date(), passed, after + HOUR, Attended(540)
    )
    assert len(dates_of(bo)) == 3, "somebody counted the first date too"


def test_who_only_waited_had_no_date(world: SmallWorld, now: dt.datetime, session_id: int) -> None:
    training.edit_session(world.system, session_id, facts(world, capacity=1), now)
    bo = world.mediators[1].id
    training.enrol(world.system, session_id, bo, now)
    training.cancel_enrolment(world.system, session_id, bo, BETWEEN)
    assert dates_of(bo) == []


def test_a_date_that_is_over_keeps_nobody_from_a_seat(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    bo = world.mediators[1]
    other = other_session(world, MORNINGS[0], now)
    training.enrol(world.system, other, bo.id, now)
    write_roster(world, MONDAY, [Shift(bo, world.lisbon, MONDAY)])
    before = session_pages.session_page(world.system, session_id, now)
    assert [one.name for one in before.candidates if one.clashes] == ["Bo"]
    with pytest.raises(Invalid):
        training.enrol(world.system, session_id, bo.id, now)
    between = session_pages.session_page(world.system, session_id, BETWEEN)
    assert [one.name for one in between.candidates if one.clashes] == []
    assert training.enrol(world.system, session_id, bo.id, BETWEEN) == EnrolmentStatus.ENROLLED


def test_once_begun_nobody_is_let_in_or_comes_by_themselves(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    ana, bo, caio = (one.id for one in world.mediators[:3])
    with pytest.raises(Invalid) as refused:
        training.enrol(actor(world.other_mediator), session_id, bo, BETWEEN)
    assert [one.expected for one in refused.value.faults] == ["a session that has not begun"]
    training.edit_session(world.system, session_id, facts(world, capacity=1), now)
    assert training.enrol(world.system, session_id, caio, BETWEEN) == EnrolmentStatus.WAITING
    training.cancel_enrolment(world.system, session_id, ana, BETWEEN)
    (left,) = training.enrolments_of(world.system, session_id)
    assert (left.mediator_id, left.status) == (caio, EnrolmentStatus.WAITING)


def test_an_edit_puts_nobody_into_two_sessions_at_once(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    tuesday = tuple(one + DAY for one in MORNINGS[0])
    other = other_session(world, tuesday, now)
    training.enrol(world.system, other, world.mediators[0].id, now)
    onto = facts(world, parts=(*MORNINGS, tuesday))
    with pytest.raises(Invalid) as refused:
        training.edit_session(world.system, session_id, onto, now)
    (fault,) = refused.value.faults
    assert (fault.field, "1" in fault.expected) == ("starts_at", True)
    assert training.get_session(world.system, session_id).spans == MORNINGS, "nothing of it"
    # What is over by then is no reason any more.
    training.edit_session(world.system, session_id, onto, tuesday[1])


def test_a_trainer_gives_nothing_where_they_have_a_seat(
    world: SmallWorld, now: dt.datetime, session_id: int
) -> None:
    ana = User.get(User.mediator == world.mediators[0])
    CourseTrainer.create(course=world.course, user=ana)
    with pytest.raises(Invalid) as refused:
        training.edit_session(world.system, session_id, facts(world, trainer_ids=(ana.id,)), now)
    assert [one.field for one in refused.value.faults] == ["starts_at"], "she has a seat in it"
    elsewhere = facts(world, trainer_ids=(ana.id,), office_id=world.azores.id)
    with pytest.raises(Invalid) as refused:
        training.create_session(world.system, elsewhere, now)
    assert [one.field for one in refused.value.faults] == ["trainer_ids.0"]

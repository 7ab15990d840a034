"""Who may be in a session, when no more, and who learns of what it takes from the desks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    CompletionResult,
    Course,
    CourseTrainer,
    EnrolmentStatus,
    Message,
    Office,
    RequestStatus,
    Role,
    User,
    UserRole,
)
from app.services import rosters, session_pages, training
from app.services.errors import Conflict, Invalid
from app.services.horizon import Horizon
from app.services.placing_times import Wanted, candidates_of
from app.services.problem_people import BuildOptions, People
from app.services.rights import Actor, actor_of
from app.services.training import SessionFacts

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def at(hour: int, day: int = 0) -> dt.datetime:
    return dt.datetime.combine(MONDAY + day * DAY, dt.time(hour), dt.UTC)


def facts_of(world: SmallWorld, **other: object) -> SessionFacts:
    facts = SessionFacts(
        course_id=world.course.id, starts_at=at(9), ends_at=at(12), office_id=world.lisbon.id
    )
    return replace(facts, **other)  # type: ignore[arg-type]


@pytest.fixture
def other_course(world: SmallWorld) -> Course:
    return Course.create(code="OTHER", title_pt="x", title_en="x", minutes=60)


@pytest.fixture
def teacher(world: SmallWorld) -> User:
    """Ana, who gives the course herself as well."""
    user = User.get(User.email == world.mediator)
    UserRole.create(user=user, role=Role.TRAINER)
    CourseTrainer.create(course=world.course, user=user)
    return user


def test_nobody_is_in_two_sessions_at_once(
    world: SmallWorld, now: dt.datetime, other_course: Course
) -> None:
    ana, bo = (one.id for one in world.mediators[:2])
    first = training.create_session(world.system, facts_of(world), now)
    second = training.create_session(
        world.system, facts_of(world, course_id=other_course.id, capacity=1, starts_at=at(11),
                               ends_at=at(13)), now,
    )  # fmt: skip
    training.enrol(world.system, first, ana, now)
    with pytest.raises(Invalid) as error:
        training.enrol(world.system, second, ana, now)
    assert [one.field for one in error.value.faults] == ["mediator_id"]
    training.enrol(world.system, second, world.mediators[2].id, now)
    assert training.enrol(world.system, second, bo, now) is EnrolmentStatus.WAITING
    training.enrol(world.system, first, bo, now)
    training.cancel_enrolment(world.system, second, world.mediators[2].id, now)
    statuses = {one.mediator_id: one.status for one in training.enrolments_of(world.system, second)}
    assert statuses == {bo: EnrolmentStatus.WAITING}, "a seat in the other meanwhile"


def test_online_a_course_is_given_twice_at_once_by_others_only(
    world: SmallWorld, now: dt.datetime, teacher: User
) -> None:
    trainer = User.get(User.email == world.trainer).id
    online = facts_of(world, office_id=None, link="https://example.org", trainer_ids=(trainer,))
    training.create_session(world.system, online, now)
    training.create_session(world.system, replace(online, trainer_ids=(teacher.id,)), now)
    with pytest.raises(Invalid) as error:
        training.create_session(world.system, replace(online, trainer_ids=()), now)
    assert [one.field for one in error.value.faults] == ["starts_at"]


def test_a_session_with_results_does_not_move_past_them(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    facts = facts_of(world)
    session = training.create_session(world.system, facts, now)
    training.enrol(world.system, session, ana, now)
    training.record_completion(
        world.system, world.course.id, ana, MONDAY, CompletionResult.PASSED, at(11), session
    )
    with pytest.raises(Conflict):
        training.cancel_enrolment(world.system, session, ana, at(11))
    later = replace(facts, starts_at=facts.starts_at + DAY, ends_at=facts.ends_at + DAY)
    with pytest.raises(Invalid) as error:
        training.edit_session(world.system, session, later, at(11))
    assert [one.field for one in error.value.faults] == ["starts_at"]
    assert training.get_session(world.system, session).starts_at == facts.starts_at
    training.edit_session(world.system, session, replace(facts, ends_at=at(13)), at(11))


def test_a_seat_is_not_given_back_once_the_session_is_over(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    session = training.create_session(world.system, facts_of(world), now)
    training.enrol(world.system, session, ana, now)
    with pytest.raises(Conflict):
        training.cancel_enrolment(actor(world.mediator), session, ana, at(12))


def publish(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 8, 17)
    rosters.publish(world.system, draft(world, [("ana", "lisbon", 0, 8, 17)], now).id, now)


def test_a_seat_on_a_published_shift_is_told_once(world: SmallWorld, now: dt.datetime) -> None:
    publish(world, now)
    ana = world.mediators[0].id

    def told() -> list[tuple[str, str]]:
        rows = Message.select().where(Message.kind == "training_on_shift")
        return [(one.user.email, one.details["office"]) for one in rows]

    session = training.create_session(world.system, facts_of(world), now)
    training.enrol(actor(world.mediator), session, ana, now)
    lisbon = Office.get_by_id(world.lisbon.id).name
    assert told() == [(world.coordinator, lisbon)]
    training.edit_session(world.system, session, facts_of(world, ends_at=at(13)), now + HOUR)
    assert len(told()) == 1, "once a seat"
    training.cancel_enrolment(world.system, session, ana, now + HOUR)
    training.enrol(actor(world.coordinator), session, ana, now + 2 * HOUR)
    assert len(told()) == 1, "who enrols her has seen it"


def test_a_seat_during_leave_is_told_to_coordinators_and_to_no_trainer(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    Absence.create(
        mediator=ana, starts_at=at(0), ends_at=at(23), kind=AbsenceKind.SICKNESS,
        status=RequestStatus.APPROVED,
    )  # fmt: skip
    session = training.create_session(world.system, facts_of(world), now)
    training.enrol(actor(world.trainer), session, ana.id, now)
    rows = Message.select().where(Message.kind == "training_on_leave")
    assert [one.user.email for one in rows] == [world.coordinator]
    assert "sick" not in str([one.details for one in rows]).lower()
    training.edit_session(world.system, session, facts_of(world, ends_at=at(13)), now + HOUR)
    assert rows.clone().count() == 1, "once a seat"


def test_who_gives_a_session_is_busy_then(
    world: SmallWorld, now: dt.datetime, teacher: User, other_course: Course
) -> None:
    ana = world.mediators[0]
    session = training.create_session(world.system, facts_of(world, trainer_ids=(teacher.id,)), now)
    people = People(world.group, [world.lisbon, world.azores], Horizon(MONDAY), BuildOptions())
    row = next(one for one in people.rows if one.id == ana.id)
    assert people.facts(row).busy
    with pytest.raises(Invalid):
        training.enrol(world.system, session, ana.id, now)
    other = training.create_session(
        world.system, facts_of(world, course_id=other_course.id, office_id=world.azores.id), now
    )
    with pytest.raises(Invalid):
        training.enrol(world.system, other, ana.id, now)


def test_the_trainers_own_shifts_are_seen_and_kept_clear(
    world: SmallWorld, now: dt.datetime, teacher: User
) -> None:
    publish(world, now)
    session = training.create_session(world.system, facts_of(world, trainer_ids=(teacher.id,)), now)
    page = session_pages.session_page(world.system, session, now)
    assert [(one.name, len(one.clashes)) for one in page.trainers_taken] == [("Ana", 1)]
    wanted = Wanted(
        world.course.id, 180, MONDAY, MONDAY + DAY, (world.mediators[1].id,), world.lisbon.id
    )
    anyone = {one.start.date() for one in candidates_of(wanted)}
    by_ana = {one.start.date() for one in candidates_of(replace(wanted, trainer_ids=(teacher.id,)))}
    assert anyone == {MONDAY, MONDAY + DAY}
    assert by_ana == {MONDAY + DAY}

"""Courses and their sessions: who runs them, who sits in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from small_world import SmallWorld

from app.models import CompletionResult, CourseSession, Enrolment, EnrolmentStatus, User
from app.services import session_pages, training
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.rights import Actor, actor_of
from app.services.training import CourseFacts, SessionFacts

HOUR = dt.timedelta(hours=1)
ENROLLED, WAITING = EnrolmentStatus.ENROLLED, EnrolmentStatus.WAITING


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def faults_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def session_of(world: SmallWorld, now: dt.datetime, capacity: int = 2) -> SessionFacts:
    return SessionFacts(
        course_id=world.course.id,
        starts_at=now + 24 * HOUR,
        ends_at=now + 27 * HOUR,
        office_id=world.lisbon.id,
        capacity=capacity,
    )


def test_a_course_is_read_back_and_its_faults_come_at_once(
    world: SmallWorld, now: dt.datetime
) -> None:
    trainer_id = User.get(User.email == world.other_trainer).id
    course = CourseFacts(
        code="SOC", title_pt="Social", title_en="Social", minutes=420, certification="legal",
        requires=("LEGAL",), trainer_ids=(trainer_id,),
    )  # fmt: skip
    course_id = training.create_course(world.system, course, now)
    view = training.get_course(world.system, course_id)
    for name in CourseFacts.__dataclass_fields__:
        assert getattr(view, name) == getattr(course, name), name
    mediator_user = User.get(User.email == world.mediator).id
    bad = replace(
        course, title_pt="", minutes=29, certification="none", programme="odd",
        requires=("NIL",), trainer_ids=(mediator_user,),
    )  # fmt: skip
    with pytest.raises(Invalid) as error:
        training.create_course(world.system, bad, now)
    assert faults_of(error) == {
        "version", "title_pt", "minutes", "certification", "programme", "requires.0",
        "trainer_ids.0",
    }  # fmt: skip
    training.create_course(world.system, replace(course, version=2), now)


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("version", ["lisbon", 0, 10**12])
def test_a_version_that_is_no_number_of_one_is_a_fault_and_not_looked_for(
    world: SmallWorld, now: dt.datetime, version: Any
) -> None:
    """PostgreSQL refuses to compare it with a column's numbers."""
    course = CourseFacts(
        code="SOC", title_pt="Social", title_en="Social", minutes=420, version=version
    )
    with pytest.raises(Invalid) as error:
        training.create_course(world.system, course, now)
    assert faults_of(error) == {"version"}


def test_courses_do_not_require_one_another_in_a_circle(
    world: SmallWorld, now: dt.datetime
) -> None:
    second = CourseFacts(code="B", title_pt="B", title_en="B", minutes=60, requires=("LEGAL",))
    third = CourseFacts(code="C", title_pt="C", title_en="C", minutes=60, requires=("B",))
    training.create_course(world.system, second, now)
    training.create_course(world.system, third, now)
    legal = training.get_course(world.system, world.course.id)
    with pytest.raises(Invalid) as error:
        training.edit_course(world.system, legal.id, replace(legal, requires=("C",)), now)
    assert faults_of(error) == {"requires.0"}
    with pytest.raises(Invalid):
        training.edit_course(world.system, legal.id, replace(legal, requires=("LEGAL",)), now)


def test_trainers_see_and_run_their_own_courses_only(world: SmallWorld, now: dt.datetime) -> None:
    assert [one.code for one in training.list_courses(actor(world.trainer))] == ["LEGAL"]
    assert training.list_courses(actor(world.other_trainer)) == []
    assert [one.runs_it for one in training.list_courses(actor(world.mediator))] == [False]
    assert training.list_courses(actor(world.association)) == []
    session = session_of(world, now)
    training.create_session(actor(world.trainer), session, now)
    for email in (world.other_trainer, world.mediator, world.azores_coordinator):
        with pytest.raises(Forbidden):
            training.create_session(actor(email), session, now)
    with pytest.raises(Forbidden):
        training.sessions_of(actor(world.other_trainer), world.course.id)
    with pytest.raises(Forbidden):
        training.create_course(
            actor(world.trainer),
            CourseFacts(code="X", title_pt="X", title_en="X", minutes=60),
            now,
        )


def test_every_fault_of_a_session_at_once(world: SmallWorld, now: dt.datetime) -> None:
    good = session_of(world, now)
    bad = replace(
        good, ends_at=good.starts_at, office_id=999, link="ftp://x", capacity=0,
        languages=("pt", "xx"),
    )  # fmt: skip
    with pytest.raises(Invalid) as error:
        training.create_session(world.system, bad, now)
    assert faults_of(error) == {"ends_at", "office_id", "link", "capacity", "languages.1"}
    with pytest.raises(Invalid) as error:
        training.create_session(world.system, replace(good, office_id=None), now)
    assert faults_of(error) == {"office_id"}
    longest = replace(good, ends_at=good.starts_at + 24 * HOUR)
    training.create_session(world.system, longest, now)
    with pytest.raises(Invalid):
        training.create_session(world.system, replace(longest, ends_at=longest.ends_at + HOUR), now)


def test_the_languages_of_a_session_are_kept_and_changed(
    world: SmallWorld, now: dt.datetime
) -> None:
    facts = replace(session_of(world, now), languages=("pt", "kea"))
    session_id = training.create_session(world.system, facts, now)
    assert training.get_session(world.system, session_id).languages == ("pt", "kea")
    training.edit_session(world.system, session_id, replace(facts, languages=()), now)
    row = CourseSession.get_by_id(session_id)
    assert (row.languages, row.sequence) == ("", 0), "no event of a feed has changed"


def test_sessions_of_a_course_touch_but_do_not_overlap_in_one_place(
    world: SmallWorld, now: dt.datetime
) -> None:
    good = session_of(world, now)
    training.create_session(world.system, good, now)
    overlapping = replace(good, starts_at=good.ends_at - HOUR, ends_at=good.ends_at + HOUR)
    with pytest.raises(Invalid) as error:
        training.create_session(world.system, overlapping, now)
    assert faults_of(error) == {"starts_at"}
    elsewhere = replace(overlapping, office_id=world.azores.id)
    training.create_session(world.system, elsewhere, now)
    after = replace(good, starts_at=good.ends_at, ends_at=good.ends_at + HOUR)
    training.create_session(world.system, after, now)
    assert CourseSession.select().count() == 3


def test_the_last_seat_is_enrolled_and_the_next_waits_and_moves_up(
    world: SmallWorld, now: dt.datetime
) -> None:
    session_id = training.create_session(world.system, session_of(world, now, 2), now)
    ana, bo, caio, dina, _eva = (one.id for one in world.mediators)
    trainer = actor(world.trainer)
    got = [
        training.enrol(trainer, session_id, one, now + dt.timedelta(seconds=n))
        for n, one in enumerate((ana, bo, caio, dina))
    ]
    assert got == [ENROLLED, ENROLLED, WAITING, WAITING]
    training.cancel_enrolment(actor(world.mediator), session_id, ana, now)
    seats = {one.mediator_id: one.status for one in training.enrolments_of(trainer, session_id)}
    assert seats == {bo: ENROLLED, caio: ENROLLED, dina: WAITING}
    view = training.get_session(trainer, session_id)
    training.edit_session(trainer, session_id, replace(view, capacity=3), now)
    assert training.get_session(trainer, session_id).waiting == 0
    with pytest.raises(Invalid) as error:
        training.edit_session(trainer, session_id, replace(view, capacity=2), now)
    assert faults_of(error) == {"capacity"}
    assert training.enrol(trainer, session_id, ana, now) == WAITING


def test_who_may_enrol_whom(world: SmallWorld, now: dt.datetime) -> None:
    session_id = training.create_session(world.system, session_of(world, now, 9), now)
    ana, bo, _caio, dina, eva = (one.id for one in world.mediators)
    training.enrol(actor(world.mediator), session_id, ana, now)
    training.enrol(actor(world.azores_coordinator), session_id, dina, now)
    training.enrol(actor(world.trainer), session_id, eva, now)
    for email in (world.mediator, world.azores_coordinator, world.other_trainer):
        with pytest.raises(Forbidden):
            training.enrol(actor(email), session_id, bo, now)
    with pytest.raises(Invalid):
        training.enrol(actor(world.mediator), session_id, ana, now)

    def seen(email: str) -> set[int]:
        return {one.mediator_id for one in training.enrolments_of(actor(email), session_id)}

    assert seen(world.trainer) == {ana, dina, eva}
    assert seen(world.mediator) == {ana}


def test_nobody_enrols_in_a_session_that_is_over_and_none_is_called_off(
    world: SmallWorld, now: dt.datetime
) -> None:
    session = session_of(world, now)
    session_id = training.create_session(world.system, session, now)
    ana = world.mediators[0].id
    training.enrol(world.system, session_id, ana, session.ends_at - dt.timedelta(seconds=1))
    with pytest.raises(Invalid):
        training.enrol(world.system, session_id, world.mediators[1].id, session.ends_at)
    with pytest.raises(Conflict):
        training.remove_session(world.system, session_id, session.starts_at)
    training.remove_session(world.system, session_id, now)
    assert not Enrolment.select().exists()


def test_the_waiting_move_up_until_the_session_begins(world: SmallWorld, now: dt.datetime) -> None:
    session = session_of(world, now, 2)
    session_id = training.create_session(world.system, session, now)
    ana, bo, caio, dina, _eva = (one.id for one in world.mediators)
    for index, one in enumerate((ana, bo, caio, dina)):
        training.enrol(world.system, session_id, one, now + index * HOUR / 60)
    last_moment = session.starts_at - dt.timedelta(seconds=1)
    training.cancel_enrolment(world.system, session_id, ana, last_moment)
    training.cancel_enrolment(world.system, session_id, caio, session.starts_at)
    with pytest.raises(Conflict):
        training.cancel_enrolment(world.system, session_id, bo, session.ends_at)
    seats = {
        one.mediator_id: one.status for one in training.enrolments_of(world.system, session_id)
    }
    assert seats == {bo: ENROLLED, dina: WAITING}, "Caio moved up, and nobody after him"


def test_who_comes_to_lack_a_course_is_marked_and_passed_over(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Bo and Caio wait for Ana's seat; then the course asks for another that only Caio has."""
    trainer, people = actor(world.trainer), world.mediators
    session_id = training.create_session(trainer, session_of(world, now, capacity=1), now)
    for index, one in enumerate(people[:3]):
        status = training.enrol(trainer, session_id, one.id, now + index * HOUR / 60)
        assert status is (WAITING if index else ENROLLED)
    first = CourseFacts(code="ACO", title_pt="Acolhimento", title_en="Reception", minutes=60)
    first_id = training.create_course(world.system, first, now)
    legal = training.get_course(world.system, world.course.id)
    training.edit_course(world.system, legal.id, replace(legal, requires=("ACO",)), now)
    training.record_completion(
        world.system, first_id, people[2].id, now.date(), CompletionResult.PASSED, now
    )
    page = session_pages.session_page(trainer, session_id, now)
    lacks = {one.name: one.lacks for one in (*page.seats, *page.candidates)}
    assert lacks == {"Ana": ("ACO",), "Bo": ("ACO",), "Caio": (), "Dina": ("ACO",), "Eva": ("ACO",)}
    training.cancel_enrolment(trainer, session_id, people[0].id, now)
    status = {one.mediator_name: one.status for one in training.enrolments_of(trainer, session_id)}
    assert status == {"Bo": WAITING, "Caio": ENROLLED}


def test_a_code_that_others_name_stays(world: SmallWorld, now: dt.datetime) -> None:
    legal = training.get_course(world.system, world.course.id)
    renamed = replace(legal, code="LAW")
    follow = CourseFacts(code="B", title_pt="B", title_en="B", minutes=60, requires=("LEGAL",))
    course_id = training.create_course(world.system, follow, now)
    with pytest.raises(Invalid) as error:
        training.edit_course(world.system, legal.id, renamed, now)
    assert faults_of(error) == {"code"}
    training.edit_course(world.system, course_id, replace(follow, requires=()), now)
    training.edit_course(world.system, legal.id, renamed, now)

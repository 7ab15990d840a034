"""Told of training: placed, moved, called off, let in; nobody of their own doing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld

from app.models import Message, User
from app.services.enrolments import cancel_enrolment, enrol
from app.services.rights import Actor, actor_of
from app.services.sessions import (
    SessionFacts,
    create_session,
    edit_session,
    remove_session,
)

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def facts(world: SmallWorld, now: dt.datetime) -> SessionFacts:
    return SessionFacts(
        course_id=world.course.id, starts_at=now + 9 * DAY, ends_at=now + 9 * DAY + 3 * HOUR,
        office_id=world.lisbon.id, capacity=1,
    )  # fmt: skip


@pytest.fixture
def trainer(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.trainer))


def told() -> list[tuple[str, str]]:
    rows = Message.select(Message, User).join(User).order_by(Message.id)
    return [(row.user.name, row.kind) for row in rows]


def test_who_is_placed_is_told_and_who_enrols_is_not(
    world: SmallWorld, trainer: Actor, facts: SessionFacts, now: dt.datetime
) -> None:
    ana, bo = world.mediators[:2]
    session = create_session(trainer, replace(facts, capacity=5), now)
    enrol(trainer, session, ana.id, now)
    enrol(actor_of(User.get(User.email == world.other_mediator)), session, bo.id, now)
    assert told() == [("Ana", "training_placed")]


def test_only_a_move_is_told_with_both_times(
    world: SmallWorld, trainer: Actor, facts: SessionFacts, now: dt.datetime
) -> None:
    session = create_session(trainer, facts, now)
    enrol(trainer, session, world.mediators[0].id, now)
    edit_session(trainer, session, replace(facts, capacity=9), now + HOUR)
    assert told() == [("Ana", "training_placed")]
    moved = replace(facts, capacity=9, starts_at=facts.starts_at + DAY, ends_at=facts.ends_at + DAY)
    edit_session(trainer, session, moved, now + 2 * HOUR)
    assert told()[1:] == [("Ana", "training_moved")]
    details = Message.get(Message.kind == "training_moved").details
    assert details["before"]["starts_at"] == facts.starts_at.isoformat()
    assert details["session"]["starts_at"] == moved.starts_at.isoformat()
    edit_session(trainer, session, replace(moved, office_id=world.azores.id), now + 3 * HOUR)
    assert told()[2:] == [("Ana", "training_moved")], "another place is a move too"


def test_who_is_let_in_is_told_they_are_placed(
    world: SmallWorld, trainer: Actor, facts: SessionFacts, now: dt.datetime
) -> None:
    ana, bo = world.mediators[:2]
    session = create_session(trainer, facts, now)
    enrol(trainer, session, ana.id, now)
    enrol(trainer, session, bo.id, now)
    assert told() == [("Ana", "training_placed")], "Bo only waits"
    cancel_enrolment(actor_of(User.get(User.email == world.mediator)), session, ana.id, now + HOUR)
    assert told()[1:] == [("Bo", "training_placed")]


def test_a_session_called_off_is_told_to_those_with_a_seat(
    world: SmallWorld, trainer: Actor, facts: SessionFacts, now: dt.datetime
) -> None:
    ana, bo = world.mediators[:2]
    session = create_session(trainer, facts, now)
    enrol(trainer, session, ana.id, now)
    enrol(trainer, session, bo.id, now)
    remove_session(trainer, session, now + HOUR)
    assert told()[1:] == [("Ana", "training_cancelled"), ("Bo", "training_cancelled")]
    waiting = {row.user.name: row.details.get("waiting") for row in Message.select()}
    assert waiting == {"Ana": None, "Bo": True}


def test_dates_that_are_called_off_are_told_though_the_rest_is_over(
    world: SmallWorld, trainer: Actor, facts: SessionFacts, now: dt.datetime
) -> None:
    first, last = (facts.starts_at, facts.ends_at), (facts.starts_at + 7 * DAY,) * 2
    last = (last[0], last[1] + 3 * HOUR)
    session = create_session(trainer, replace(facts, parts=(first, last), ends_at=last[1]), now)
    enrol(trainer, session, world.mediators[0].id, now)
    edit_session(trainer, session, facts, first[1] + DAY)
    assert told() == [("Ana", "training_placed"), ("Ana", "training_moved")]
    later = replace(facts, office_id=world.azores.id)
    edit_session(trainer, session, later, first[1] + 2 * DAY)
    assert len(told()) == 2, "what is over before and after is told to nobody"


def test_a_clash_is_told_for_each_date_and_where_one_moves_onto_it(
    world: SmallWorld, trainer: Actor, facts: SessionFacts, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    mornings = [
        (at := dt.datetime.combine(MONDAY + day * DAY, dt.time(9), dt.UTC), at + 3 * HOUR)
        for day in range(4)
    ]
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY + day * DAY) for day in range(3)])
    ends_at = mornings[3][1]
    parts = (mornings[0], mornings[3])
    several = replace(facts, starts_at=mornings[0][0], ends_at=ends_at, parts=parts)
    session = create_session(trainer, several, now)
    enrol(trainer, session, ana.id, now)

    def dates() -> int:
        rows = Message.select(Message.key).join(User)
        rows = rows.where(Message.kind == "training_on_shift", User.email == world.coordinator)
        return rows.count()

    assert dates() == 1
    added = replace(several, parts=(*parts, mornings[1]))
    edit_session(trainer, session, added, now + HOUR)
    assert dates() == 2, "the date added falls on a shift"
    moved = replace(several, parts=(*parts, mornings[2]))
    edit_session(trainer, session, moved, now + 2 * HOUR)
    assert dates() == 3, "and so does where it moves to"
    edit_session(trainer, session, replace(moved, office_id=world.azores.id), now + 3 * HOUR)
    assert dates() == 3, "once each"

"""Told of training: placed, moved, called off, let in; nobody of their own doing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from small_world import SmallWorld

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

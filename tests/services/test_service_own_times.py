"""Availability, absences, wishes: who may see and set them, and what they must be."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    AuditEntry,
    Mediator,
    RequestStatus,
    User,
    Wish,
    WishKind,
)
from app.services import own_times, people
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.people import Unavailable
from app.services.rights import Actor, actor_of

START = dt.datetime.combine(MONDAY, dt.time(0), dt.UTC)
DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def faults_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def test_availability_is_replaced_whole(world: SmallWorld, now: dt.datetime) -> None:
    ana = actor(world.mediator)
    times = [Unavailable(2, 960, 1440), Unavailable(0, 0, 540)]
    people.set_availability(ana, world.mediators[0].id, times, now)
    assert people.availability_of(ana, world.mediators[0].id) == [times[1], times[0]]
    bad = [Unavailable(7, 15, 1470), Unavailable(1, 600, 600)]
    with pytest.raises(Invalid) as error:
        people.set_availability(ana, world.mediators[0].id, bad, now)
    assert faults_of(error) == {
        "0.weekday", "0.from_minute", "0.until_minute", "1.until_minute",
    }  # fmt: skip
    assert len(people.availability_of(ana, world.mediators[0].id)) == 2


def test_leave_waits_for_a_coordinator_and_sickness_does_not(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana, mediator_id = actor(world.mediator), world.mediators[0].id
    leave = people.add_absence(ana, mediator_id, START, START + DAY, AbsenceKind.LEAVE, now)
    sick = people.add_absence(
        ana, mediator_id, START + DAY, START + 2 * DAY, AbsenceKind.SICKNESS, now
    )
    assert Absence.get_by_id(leave).status == RequestStatus.ASKED
    assert Absence.get_by_id(sick).status == RequestStatus.APPROVED
    (waiting,) = people.absences_to_answer(actor(world.coordinator), now).asked
    assert waiting.id == leave
    assert people.absences_to_answer(actor(world.azores_coordinator), now).asked == ()
    assert people.absences_to_answer(ana, now).asked == ()
    with pytest.raises(Forbidden):
        people.decide_absence(ana, leave, True, now)
    people.decide_absence(actor(world.coordinator), leave, True, now)
    assert Absence.get_by_id(leave).status == RequestStatus.APPROVED
    with pytest.raises(Conflict):
        people.decide_absence(actor(world.coordinator), leave, False, now)


def test_absences_are_for_the_person_and_their_coordinator(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    people.add_absence(world.system, ana, START, START + DAY, AbsenceKind.SICKNESS, now)
    for email in (world.mediator, world.coordinator, world.administrator):
        assert len(people.absences_of(actor(email), ana, START, START + DAY, now)) == 1
    others = (
        world.other_mediator, world.trainer, world.other_trainer, world.association,
        world.azores_coordinator,
    )  # fmt: skip
    for email in others:
        with pytest.raises(Forbidden):
            people.absences_of(actor(email), ana, START, START + DAY, now)
        with pytest.raises(Forbidden):
            people.add_absence(
                actor(email), ana, START + 5 * DAY, START + 6 * DAY, AbsenceKind.LEAVE, now
            )


def test_the_audit_log_does_not_say_why_somebody_is_away(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    people.add_absence(world.system, ana, START, START + DAY, AbsenceKind.SICKNESS, now)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert "sick" not in str(entry.details)


def test_absences_touch_but_do_not_overlap(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0].id
    kind = AbsenceKind.LEAVE
    people.add_absence(world.system, ana, START, START + DAY, kind, now)
    people.add_absence(world.system, ana, START + DAY, START + 2 * DAY, kind, now)
    with pytest.raises(Invalid) as error:
        people.add_absence(
            world.system, ana, START - DAY, START + dt.timedelta(minutes=1), kind, now
        )
    assert faults_of(error) == {"starts_at"}
    people.add_absence(
        world.system, world.mediators[1].id, START, START + DAY, kind, now
    )  # another person may be away too
    seen = people.absences_of(world.system, ana, START + DAY, START + 2 * DAY, now)
    assert [one.starts_at for one in seen] == [START + DAY]


def test_times_are_aware_in_order_and_bounded(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0].id
    naive = START.replace(tzinfo=None)
    with pytest.raises(Invalid) as error:
        people.add_absence(world.system, ana, naive, naive, AbsenceKind.LEAVE, now)
    assert faults_of(error) == {"starts_at", "ends_at"}
    with pytest.raises(Invalid) as error:
        people.add_absence(world.system, ana, START, START, AbsenceKind.LEAVE, now)
    assert faults_of(error) == {"ends_at"}
    with pytest.raises(Invalid) as error:
        people.add_wish(world.system, ana, START, START + 8 * DAY, WishKind.OFF, now, cost=21)
    assert faults_of(error) == {"ends_at", "cost"}
    assert not Absence.select().exists()
    assert not Wish.select().exists()


def test_wishes_are_added_listed_and_taken_back(world: SmallWorld, now: dt.datetime) -> None:
    ana, mediator_id = actor(world.mediator), world.mediators[0].id
    wish = people.add_wish(ana, mediator_id, START, START + 7 * DAY, WishKind.ON, now)
    (seen,) = people.wishes_of(ana, mediator_id, START, START + DAY)
    assert (seen.id, seen.kind, seen.cost) == (wish, WishKind.ON, 4)
    with pytest.raises(Forbidden):
        people.remove_wish(actor(world.other_mediator), wish, now)
    people.remove_wish(ana, wish, now)
    assert people.wishes_of(ana, mediator_id, START, START + DAY) == []


def test_a_mediator_takes_back_leave_only_while_it_is_open(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana, mediator_id = actor(world.mediator), world.mediators[0].id
    leave = people.add_absence(ana, mediator_id, START, START + DAY, AbsenceKind.LEAVE, now)
    people.decide_absence(world.system, leave, True, now)
    with pytest.raises(Forbidden):
        people.remove_absence(ana, leave, now)
    people.remove_absence(world.system, leave, now)
    again = people.add_absence(ana, mediator_id, START, START + DAY, AbsenceKind.LEAVE, now)
    people.remove_absence(ana, again, now)
    assert not Absence.select().exists()


def test_a_request_is_not_taken_back_once_it_is_decided_meanwhile(
    world: SmallWorld, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The coordinator answers between the reading of the row and its removal."""
    ana, coordinator = actor(world.mediator), actor(world.coordinator)
    leave = people.add_absence(
        ana, world.mediators[0].id, START, START + DAY, AbsenceKind.LEAVE, now
    )
    read = own_times._require

    def answered(who: Actor, mediator_id: int) -> Mediator:
        if who == ana:
            people.decide_absence(coordinator, leave, True, now)
        return read(who, mediator_id)

    monkeypatch.setattr(own_times, "_require", answered)
    with pytest.raises(Conflict):
        people.remove_absence(ana, leave, now)
    assert Absence.get_by_id(leave).status == RequestStatus.APPROVED

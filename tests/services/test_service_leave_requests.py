"""Leave to decide: whose offices, what it hits, and that the answer reaches who asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    AuditEntry,
    Message,
    Office,
    PlanningGroup,
    RequestStatus,
    User,
)
from app.services import leave_requests, my_times
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.open_drafts import find_roster
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def absence(world: SmallWorld, now: dt.datetime) -> int:
    ana = actor(world.mediator)
    return my_times.tell_absence(ana, MONDAY, MONDAY + DAY, AbsenceKind.LEAVE, now)


def test_it_says_which_published_shifts_it_hits(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    ana, bo, *_ = world.mediators
    days = [MONDAY + n * DAY for n in range(3)]
    write_roster(
        world,
        MONDAY,
        [*(Shift(ana, world.lisbon, one) for one in days), Shift(bo, world.lisbon, MONDAY)],
    )
    (asked,) = leave_requests.to_answer(actor(world.coordinator), now).leave
    assert (asked.absence_id, asked.mediator_name) == (absence, "Ana")
    assert (asked.first, asked.last) == (MONDAY, MONDAY + DAY)
    assert [one.date for one in asked.hits] == days[:2]


def test_a_shift_in_another_groups_roster_leads_nowhere_for_who_has_no_office_there(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    """Ana is at work at home on Monday and lent to the Azores, planned for themselves, after."""
    ana = world.mediators[0]
    group = PlanningGroup.create(code="azores", name="Açores")
    Office.update(group=group).where(Office.id == world.azores.id).execute()
    home = write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY)])
    lent = write_roster(
        replace(world, group=group), MONDAY, [Shift(ana, world.azores, MONDAY + DAY)]
    )
    bound = replace(actor(world.coordinator), office_ids=frozenset({world.lisbon.id}))
    (asked,) = leave_requests.to_answer(bound, now).leave
    assert [(one.roster_id, one.may_open) for one in asked.hits] == [
        (home.id, True),
        (lent.id, False),
    ]
    with pytest.raises(Forbidden):
        find_roster(bound, lent.id)
    (asked,) = leave_requests.to_answer(actor(world.coordinator), now).leave
    assert all(one.may_open for one in asked.hits)


def test_a_bound_coordinator_decides_only_for_their_office(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    bound = actor(world.azores_coordinator)
    assert leave_requests.to_answer(bound, now).leave == ()
    with pytest.raises(Forbidden):
        leave_requests.decide_leave(bound, absence, True, now)
    dina = world.mediators[3]
    start = dt.datetime.combine(MONDAY, dt.time(1), dt.UTC)
    theirs = Absence.create(
        mediator=dina,
        starts_at=start,
        ends_at=start + DAY,
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.ASKED,
    )
    (asked,) = leave_requests.to_answer(bound, now).leave
    assert (asked.first, asked.last) == (MONDAY, MONDAY), "a day of the Azores"
    leave_requests.decide_leave(bound, theirs.id, False, now)
    assert Absence.get_by_id(theirs.id).status == RequestStatus.DECLINED


def test_the_answer_is_given_once_and_told(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    coordinator = actor(world.coordinator)
    assert leave_requests.decide_leave(coordinator, absence, True, now) == "Ana"
    with pytest.raises(Conflict):
        leave_requests.decide_leave(coordinator, absence, False, now)
    (told,) = Message.select().where(Message.kind == "leave_decided")
    assert told.user.email == world.mediator
    assert told.details == {"status": "approved", "first": "2026-03-09", "last": "2026-03-10"}
    assert leave_requests.to_answer(coordinator, now).leave == ()


def test_why_it_is_declined_is_told_to_who_asked_and_written_down_nowhere_else(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    coordinator, reason = actor(world.coordinator), "Half the desk is away."
    for wrong in ("x" * 201, "two\nlines"):
        with pytest.raises(Invalid):
            leave_requests.decide_leave(coordinator, absence, False, now, wrong)
    leave_requests.decide_leave(coordinator, absence, False, now, f" {reason} ")
    (told,) = Message.select().where(Message.kind == "leave_decided")
    assert told.details["reason"] == reason
    assert all(reason not in str(one.__data__) for one in AuditEntry.select())
    assert reason not in str(Absence.get_by_id(absence).__data__)


def test_it_is_for_coordinators(world: SmallWorld, absence: int, now: dt.datetime) -> None:
    for email in (world.mediator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            leave_requests.to_answer(actor(email), now)
        with pytest.raises(Forbidden):
            leave_requests.decide_leave(actor(email), absence, True, now)
    with pytest.raises(NotFound):
        leave_requests.decide_leave(actor(world.coordinator), 999, True, now)


def test_what_is_over_no_longer_waits(world: SmallWorld, absence: int, now: dt.datetime) -> None:
    later = now + dt.timedelta(days=30)
    assert leave_requests.to_answer(actor(world.coordinator), later).leave == ()


def test_an_answer_is_told_though_the_row_had_been_given_before(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    """SQLite gives a row's number again once the row is gone."""
    coordinator = actor(world.coordinator)
    row = Absence.get_by_id(absence)
    leave_requests.decide_leave(coordinator, absence, True, now)
    Absence.delete().where(Absence.id == absence).execute()
    Absence.insert(**(row.__data__ | {"status": RequestStatus.ASKED})).execute()
    leave_requests.decide_leave(coordinator, absence, False, now + dt.timedelta(hours=1))
    assert Message.select().where(Message.kind == "leave_decided").count() == 2


def test_sickness_that_is_not_over_stands_beside_it_for_the_home_office(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    """Nothing to answer, but shifts to give to somebody."""
    ana, today = world.mediators[0], now.date()
    roster = write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY + 2 * DAY)])
    mine = actor(world.mediator)
    sick = my_times.tell_absence(
        mine, MONDAY + 2 * DAY, MONDAY + 2 * DAY, AbsenceKind.SICKNESS, now
    )
    my_times.tell_absence(mine, today - 2 * DAY, today - DAY, AbsenceKind.SICKNESS, now)
    coordinator = actor(world.coordinator)
    found = leave_requests.to_answer(coordinator, now)
    (told,) = found.sickness
    assert (told.absence_id, told.mediator_name) == (sick, "Ana")
    assert [(one.date, one.roster_id) for one in told.hits] == [(MONDAY + 2 * DAY, roster.id)]
    assert leave_requests.to_answer(actor(world.azores_coordinator), now).sickness == ()
    with pytest.raises(Forbidden):
        leave_requests.to_answer(mine, now)


def test_the_log_does_not_tell_who_of_those_read_is_sick(
    world: SmallWorld, absence: int, now: dt.datetime
) -> None:
    """Two entries, one for each list, would say it for as long as the log is kept."""
    ana, bo = world.mediators[:2]
    other = actor(world.other_mediator)
    my_times.tell_absence(other, MONDAY, MONDAY, AbsenceKind.SICKNESS, now)
    found = leave_requests.to_answer(actor(world.coordinator), now)
    assert [one.mediator_id for one in found.leave] == [ana.id]
    assert [one.mediator_id for one in found.sickness] == [bo.id]
    (entry,) = AuditEntry.select().where(AuditEntry.action == "absence.read")
    assert (entry.object_id, entry.details["of"]) == ("", [ana.id, bo.id])

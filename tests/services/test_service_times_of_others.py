"""Coordinators enter what a mediator told them; the person is told, and nobody of the kind."""

from __future__ import annotations

import datetime as dt

import pytest
from published import write_roster
from small_world import MONDAY, SmallWorld

from app.models import Absence, AbsenceKind, Message, RequestStatus, User, Wish, WishKind
from app.services import my_times, times_of_others
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def coordinator(world: SmallWorld) -> Actor:
    return actor(world.coordinator)


def told(email: str) -> list[dict[str, str]]:
    rows = Message.select().join(User).where(Message.kind == "times_entered", User.email == email)
    return [row.details for row in rows.order_by(Message.id)]


def test_an_absence_is_entered_shortened_and_removed(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    one = times_of_others.enter_absence(
        coordinator, ana, MONDAY, MONDAY + 4 * DAY, AbsenceKind.LEAVE, now
    )
    assert Absence.get_by_id(one).status == RequestStatus.APPROVED
    with pytest.raises(Invalid):
        times_of_others.enter_absence(
            coordinator, ana, MONDAY + DAY, MONDAY + DAY, AbsenceKind.SICKNESS, now
        )
    for last in (MONDAY - DAY, MONDAY + 4 * DAY):
        with pytest.raises(Invalid):
            times_of_others.end_absence(coordinator, ana, one, last, now)
    times_of_others.end_absence(coordinator, ana, one, MONDAY + DAY, now)
    (left,) = times_of_others.times_of(coordinator, ana, now)[1].absences
    assert (left.first, left.last) == (MONDAY, MONDAY + DAY)
    times_of_others.remove_absence(coordinator, ana, one, now)
    assert not Absence.select().exists()
    assert told(world.mediator) == [
        {"what": what, "first": first.isoformat(), "last": last.isoformat()}
        for what, first, last in (
            ("away", MONDAY, MONDAY + 4 * DAY),
            ("not_away", MONDAY + 2 * DAY, MONDAY + 4 * DAY),
            ("not_away", MONDAY, MONDAY + DAY),
        )
    ]


@pytest.mark.parametrize(("kind", "days"), [(AbsenceKind.LEAVE, 7), (AbsenceKind.SICKNESS, 5)])
def test_whole_weeks_that_are_entered_end_with_their_weekend(
    world: SmallWorld, coordinator: Actor, now: dt.datetime, kind: AbsenceKind, days: int
) -> None:
    friday = MONDAY + 4 * DAY
    one = times_of_others.enter_absence(
        coordinator, world.mediators[0].id, MONDAY, friday, kind, now, weekend_too=True
    )
    row = Absence.get_by_id(one)
    assert row.ends_at - row.starts_at == days * DAY


def test_sickness_told_by_mistake_is_removed_by_a_coordinator(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    past = now.date() - 3 * DAY
    sick = my_times.tell_absence(actor(world.mediator), past, past, AbsenceKind.SICKNESS, now)
    times_of_others.remove_absence(coordinator, world.mediators[0].id, sick, now)
    assert not Absence.select().exists()


def test_weekly_hours_and_wishes_are_set_within_the_same_rules(
    world: SmallWorld, coordinator: Actor, now: dt.datetime
) -> None:
    ana = world.mediators[0].id
    weekly: list[my_times.Spans] = [()] * 7
    weekly[2] = ((0, 480),)
    times_of_others.set_weekly(coordinator, ana, weekly, now)
    times_of_others.set_weekly(coordinator, ana, weekly, now)
    wish = times_of_others.enter_wish(coordinator, ana, MONDAY, WishKind.OFF, now)
    with pytest.raises(Invalid):
        times_of_others.enter_wish(coordinator, ana, MONDAY, WishKind.ON, now)
    theirs = my_times.my_times(actor(world.mediator), now)
    assert (theirs.weekly[2], theirs.wishes[0].id) == (((0, 480),), wish)
    times_of_others.remove_wish(coordinator, ana, wish, now)
    assert [one["what"] for one in told(world.mediator)] == ["weekly", "wish_off", "no_wish"]
    heard = times_of_others.enter_wish(coordinator, ana, MONDAY, WishKind.OFF, now)
    write_roster(world, MONDAY, [])
    with pytest.raises(Conflict):
        times_of_others.remove_wish(coordinator, ana, heard, now)
    assert Wish.select().count() == 1


def test_only_the_coordinators_of_the_home_office(world: SmallWorld, now: dt.datetime) -> None:
    ana, bo = world.mediators[0].id, world.mediators[1].id
    own = my_times.tell_absence(actor(world.mediator), MONDAY, MONDAY, AbsenceKind.LEAVE, now)
    for email in (world.azores_coordinator, world.mediator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            times_of_others.times_of(actor(email), ana, now)
        with pytest.raises(Forbidden):
            times_of_others.remove_absence(actor(email), ana, own, now)
        with pytest.raises(Forbidden):
            times_of_others.enter_wish(actor(email), ana, MONDAY, WishKind.OFF, now)
    with pytest.raises(NotFound):
        times_of_others.remove_absence(actor(world.coordinator), bo, own, now)
    with pytest.raises(NotFound):
        times_of_others.times_of(actor(world.coordinator), 999, now)

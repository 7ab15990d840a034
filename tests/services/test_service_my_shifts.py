"""What a mediator sees of the roster: the newest published version, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from published import Shift, instant, write_roster
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    ExtraHoliday,
    Mediator,
    RequestStatus,
    RosterStatus,
    SessionTrainer,
    User,
)
from app.routes.strips import bars_of, scale_of
from app.services import feeds, field_crew, field_routes
from app.services.errors import Forbidden
from app.services.field_checks import RouteFacts, StopFacts
from app.services.my_shifts import MyShifts, my_shifts
from app.services.rights import Actor, actor_of
from app.services.worked import worked_between

DAY = dt.timedelta(days=1)
THIS_MONDAY = MONDAY - 7 * DAY


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def seen_by_ana(world: SmallWorld, now: dt.datetime) -> MyShifts:
    return my_shifts(actor(world.mediator), now)


def test_drafts_and_superseded_versions_are_not_shown(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY)])
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY + DAY)], version=2)
    write_roster(
        world,
        MONDAY,
        [Shift(ana, world.lisbon, MONDAY + 2 * DAY)],
        version=3,
        status=RosterStatus.DRAFT,
    )
    week = seen_by_ana(world, now).weeks[1]
    assert [day.date for day in week.days if day.shifts] == [MONDAY + DAY]


def test_two_published_versions_count_as_the_newer(world: SmallWorld, now: dt.datetime) -> None:
    """Publishing supersedes; should a row ever be left over, nobody works twice."""
    ana = world.mediators[0]
    old = write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY)])
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY + DAY)], version=2)
    old.status = RosterStatus.PUBLISHED
    old.save()
    week = seen_by_ana(world, now).weeks[1]
    assert [day.date for day in week.days if day.shifts] == [MONDAY + DAY]


def test_hours_are_without_breaks_and_with_training(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    write_roster(
        world,
        THIS_MONDAY,
        [Shift(ana, world.lisbon, THIS_MONDAY), Shift(ana, world.lisbon, MONDAY - DAY)],
    )
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY, "09:00", "13:00", None)])
    enrol(world, MONDAY + DAY, EnrolmentStatus.ENROLLED)
    seen = seen_by_ana(world, now)
    assert [week.minutes for week in seen.weeks] == [2 * 480, 240 + 180]
    assert seen.month_minutes == 2 * 480 + 240 + 180
    assert seen.contract_minutes == 2400


def test_the_month_reaches_back_before_this_week(world: SmallWorld) -> None:
    ana = world.mediators[0]
    write_roster(world, THIS_MONDAY, [Shift(ana, world.lisbon, THIS_MONDAY)])
    later = dt.datetime(2026, 3, 30, 9, tzinfo=dt.UTC)
    seen = seen_by_ana(world, later)
    assert seen.month_minutes == 480
    assert seen.weeks[0].minutes == 0
    assert seen_by_ana(world, later + 3 * DAY).month_minutes == 0


@pytest.mark.parametrize("status", [EnrolmentStatus.WAITING, EnrolmentStatus.CANCELLED])
def test_only_enrolments_that_stand_are_shown(
    world: SmallWorld, now: dt.datetime, status: EnrolmentStatus
) -> None:
    enrol(world, MONDAY, status)
    assert len(seen_by_ana(world, now).weeks) == 1


def test_training_brings_its_week_before_the_roster_is_published(
    world: SmallWorld, now: dt.datetime
) -> None:
    enrol(world, MONDAY + 7 * DAY, EnrolmentStatus.ENROLLED)
    weeks = seen_by_ana(world, now).weeks
    assert [week.starts_on for week in weeks] == [THIS_MONDAY, MONDAY, MONDAY + 7 * DAY]
    assert not any(week.published for week in weeks)
    assert [len(day.training) for day in weeks[2].days] == [1, 0, 0, 0, 0, 0, 0]


def test_an_absence_until_midnight_leaves_the_next_day(world: SmallWorld, now: dt.datetime) -> None:
    ana = world.mediators[0]
    Absence.create(
        mediator=ana,
        starts_at=instant(world.lisbon, THIS_MONDAY, "00:00"),
        ends_at=instant(world.lisbon, THIS_MONDAY + 2 * DAY, "00:00"),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.APPROVED,
    )
    Absence.create(
        mediator=ana,
        starts_at=instant(world.lisbon, THIS_MONDAY + 4 * DAY, "00:00"),
        ends_at=instant(world.lisbon, THIS_MONDAY + 5 * DAY, "00:00"),
        kind=AbsenceKind.LEAVE,
        status=RequestStatus.ASKED,
    )
    week = seen_by_ana(world, now).weeks[0]
    assert [day.absent for day in week.days] == [True, True, False, False, False, False, False]


def test_a_shift_away_from_home_says_so_in_its_own_zone(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    write_roster(world, MONDAY, [Shift(ana, world.azores, MONDAY, "09:00", "13:00", None)])
    (shift,) = seen_by_ana(world, now).weeks[1].days[0].shifts
    assert shift.away
    assert shift.zone == "Atlantic/Azores"
    assert shift.starts_at == dt.datetime(2026, 3, 9, 10, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("who", ["coordinator", "trainer", "association", "administrator"])
def test_only_mediators_have_shifts(world: SmallWorld, now: dt.datetime, who: str) -> None:
    with pytest.raises(Forbidden):
        my_shifts(actor(getattr(world, who)), now)


def enrol(world: SmallWorld, date: dt.date, status: EnrolmentStatus) -> None:
    session = CourseSession.create(
        course=world.course,
        starts_at=instant(world.lisbon, date, "14:00"),
        ends_at=instant(world.lisbon, date, "17:00"),
        office=world.lisbon,
    )
    Enrolment.create(
        session=session,
        mediator=world.mediators[0],
        status=status,
        asked_at=dt.datetime(2026, 2, 1, tzinfo=dt.UTC),
    )


def test_a_session_one_gives_stands_among_ones_training_and_in_ones_calendar(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    session = CourseSession.create(
        course=world.course,
        starts_at=instant(world.lisbon, MONDAY, "14:00"),
        ends_at=instant(world.lisbon, MONDAY, "17:00"),
        office=world.lisbon,
    )
    feed = feeds.create_feed(
        actor(world.mediator),
        name="Phone",
        locale="en",
        details=True,
        keep_cancelled=False,
        now=now,
    )
    assert b"Training to give" not in feeds.read_feed(feed.token, now).body
    SessionTrainer.create(session=session, user=User.get(User.email == world.mediator))
    (told,) = seen_by_ana(world, now).weeks[1].days[0].training
    assert (told.gives, told.minutes) == (True, 180)
    assert worked_between(MONDAY, MONDAY)[ana.id].training_minutes == 180
    assert b"Training to give" in feeds.read_feed(feed.token, now).body


def test_a_day_on_a_route_is_no_day_off_and_counts_each_hour_once(
    world: SmallWorld, now: dt.datetime
) -> None:
    """As `worked.py` counts: a route within a shift is no second time at work."""
    ana = world.mediators[0]
    write_roster(world, MONDAY, [Shift(ana, world.lisbon, MONDAY, "09:00", "13:00", None)])
    go_along(world, ana, MONDAY, 12, 15, now)
    go_along(world, ana, MONDAY + DAY, 9, 13, now)
    week = seen_by_ana(world, now).weeks[1]
    both, alone, free = week.days[:3]
    assert [one.places for one in (*both.routes, *alone.routes)] == ["Praça", "Praça"]
    assert [day.off for day in (both, alone, free)] == [False, False, True]
    assert [day.minutes for day in (both, alone)] == [360, 240]
    assert week.minutes == worked_between(MONDAY, MONDAY + 6 * DAY)[ana.id].minutes
    assert [bar.kind for bar in bars_of(alone, scale_of(seen_by_ana(world, now)))] == ["route"]


def test_a_holiday_of_the_home_office_is_named(world: SmallWorld, now: dt.datetime) -> None:
    day = MONDAY + 2 * DAY
    ExtraHoliday.create(office=world.lisbon, month=day.month, day=day.day, name="Dia da cidade")
    write_roster(world, MONDAY, [Shift(world.mediators[0], world.lisbon, MONDAY)])
    week = seen_by_ana(world, now).weeks[1]
    assert [one.holiday for one in week.days] == ["", "", "Dia da cidade", "", "", "", ""]


def test_a_route_alone_brings_its_week(world: SmallWorld, now: dt.datetime) -> None:
    go_along(world, world.mediators[0], MONDAY + 8 * DAY, 9, 13, now)
    weeks = seen_by_ana(world, now).weeks
    assert [week.minutes for week in weeks] == [0, 0, 240]


def go_along(
    world: SmallWorld, who: Mediator, date: dt.date, leaves: int, back: int, now: dt.datetime
) -> None:
    stop = StopFacts(place="Praça", from_minute=leaves * 60, until_minute=back * 60)
    facts = RouteFacts(
        office_id=world.lisbon.id, date=date, name="Sul", leaves_minute=leaves * 60,
        returns_minute=back * 60, stops=(stop,),
    )  # fmt: skip
    field_crew.assign(
        world.system, field_routes.create_route(world.system, facts, now), who.id, now
    )

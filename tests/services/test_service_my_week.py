"""What changed since the last look, hours and evenings against the others', the month."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from drafts import draft, require
from published import Shift, instant, write_roster
from small_world import MONDAY, SmallWorld

from app.models import AbsenceKind, Assignment, CourseSession, Enrolment, EnrolmentStatus, User
from app.services import (
    field_changes,
    field_crew,
    field_routes,
    my_news,
    my_week,
    own_times,
    rosters,
    training,
)
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.field_checks import RouteFacts, StopFacts
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ana(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.mediator))


def test_changes_are_told_until_confirmed(world: SmallWorld, ana: Actor, now: dt.datetime) -> None:
    me = world.mediators[0]
    write_roster(world, MONDAY, [Shift(me, world.lisbon, MONDAY + n * DAY) for n in range(3)])
    first = my_news.news(ana, now)
    assert first.looked_at is None
    assert [(one.before, one.after is not None) for one in first.changes] == [(None, True)] * 3
    my_news.confirm(ana, first.mark, now)
    assert my_news.news(ana, now).changes == ()

    moved = Shift(me, world.lisbon, MONDAY, "10:00", "18:00", ("12:00", "13:00"))
    kept = Shift(me, world.lisbon, MONDAY + DAY)
    new = Shift(me, world.azores, MONDAY + 4 * DAY)
    write_roster(world, MONDAY, [moved, kept, new], version=2)
    changed, gone, come = my_news.news(ana, now).changes
    assert changed.before is not None
    assert changed.after is not None
    assert changed.after.starts_at - changed.before.starts_at == dt.timedelta(hours=2)
    assert (gone.before is not None, gone.after) == (True, None)
    assert come.before is None
    assert come.after is not None
    assert (come.after.name, come.after.zone) == ("Ponta Delgada", "Atlantic/Azores")
    with pytest.raises(Conflict):
        my_news.confirm(ana, first.mark, now)
    my_news.confirm(ana, my_news.news(ana, now).mark, now + DAY)
    assert my_news.news(ana, now).changes == ()
    assert my_news.news(ana, now).looked_at == now + DAY


def test_a_break_that_moves_can_be_seen(world: SmallWorld, ana: Actor, now: dt.datetime) -> None:
    me, day = world.mediators[0], MONDAY
    write_roster(world, MONDAY, [Shift(me, world.lisbon, day, uid="one")])
    my_news.confirm(ana, my_news.news(ana, now).mark, now)
    moved = Shift(me, world.lisbon, day, pause=("13:00", "14:00"), uid="one")
    write_roster(world, MONDAY, [moved], version=2)
    (change,) = my_news.news(ana, now).changes
    assert change.before is not None
    assert change.after is not None
    assert change.after.breaks == tuple(
        (start + HOUR, end + HOUR) for start, end in change.before.breaks
    )


def test_training_and_field_routes_are_news_too(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    me = world.mediators[0]
    starts = dt.datetime.combine(MONDAY, dt.time(14), dt.UTC)
    session = CourseSession.create(
        course=world.course, office=world.lisbon, starts_at=starts, ends_at=starts + 3 * HOUR
    )
    Enrolment.create(session=session, mediator=me, asked_at=now, status=EnrolmentStatus.ENROLLED)
    stop = StopFacts(place="Praça", from_minute=10 * 60, until_minute=12 * 60)
    facts = RouteFacts(
        office_id=world.lisbon.id, date=MONDAY + DAY, name="Sul", leaves_minute=9 * 60,
        returns_minute=13 * 60, stops=(stop,),
    )  # fmt: skip
    route = field_routes.create_route(world.system, facts, now)
    field_crew.assign(world.system, route, me.id, now)
    told = my_news.news(ana, now)
    assert [(one.before, one.after.kind) for one in told.changes if one.after] == [
        (None, my_news.Duty.TRAINING),
        (None, my_news.Duty.ROUTE),
    ]
    my_news.confirm(ana, told.mark, now)
    assert my_news.news(ana, now).changes == ()
    CourseSession.update(starts_at=starts - HOUR).where(CourseSession.id == session.id).execute()
    field_changes.cancel_route(world.system, route, now)
    moved, gone = my_news.news(ana, now).changes
    assert moved.before is not None
    assert moved.after is not None
    assert moved.before.starts_at - moved.after.starts_at == HOUR
    assert moved.after.name in ("Apoio jurídico", "Legal support", world.course.title_pt)
    assert (gone.before is not None, gone.after) == (True, None)


def test_a_date_taken_out_is_the_one_that_is_gone(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    starts = [dt.datetime.combine(MONDAY + n * DAY, dt.time(9), dt.UTC) for n in range(3)]
    dates = tuple((at, at + HOUR) for at in starts)
    facts = training.SessionFacts(
        course_id=world.course.id, office_id=world.lisbon.id, starts_at=starts[0],
        ends_at=dates[2][1], parts=dates,
    )  # fmt: skip
    session = training.create_session(world.system, facts, now)
    training.enrol(world.system, session, world.mediators[0].id, now)
    my_news.confirm(ana, my_news.news(ana, now).mark, now)
    without = replace(facts, parts=(dates[0], dates[2]))
    training.edit_session(world.system, session, without, now)
    (gone,) = my_news.news(ana, now).changes
    assert gone.before is not None
    assert (gone.before.starts_at, gone.after) == (starts[1], None)


def test_a_shift_that_is_over_is_no_news(world: SmallWorld, ana: Actor, now: dt.datetime) -> None:
    write_roster(world, MONDAY, [Shift(world.mediators[0], world.lisbon, MONDAY)])
    my_news.confirm(ana, my_news.news(ana, now).mark, now)
    after = dt.datetime.combine(MONDAY + DAY, dt.time(9), dt.UTC)
    assert my_news.news(ana, after).changes == ()


def test_evenings_are_set_against_the_average(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    """Of five people Ana has two evenings and Bo one: 0.6 on average."""
    me, bo, *_others = world.mediators
    this_week = MONDAY - 7 * DAY
    write_roster(
        world,
        this_week,
        [
            Shift(me, world.lisbon, this_week),
            Shift(me, world.lisbon, this_week + DAY),
            Shift(bo, world.lisbon, this_week),
        ],
    )
    Assignment.update(unsocial=True).execute()
    told = my_week.balance(ana, now)
    assert (told.weeks, told.worked_minutes, told.owed_minutes) == (1, 960, 2400)
    assert told.latest == this_week
    assert (told.unsocial, told.average_unsocial) == (2, pytest.approx(0.6))


def test_training_in_a_week_without_a_roster_is_held_against_no_hours_owed(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    me, this_week = world.mediators[0], MONDAY - 7 * DAY
    write_roster(world, this_week, [Shift(me, world.lisbon, this_week)])
    for week in (this_week - 14 * DAY, this_week):
        begins = dt.datetime.combine(week + 2 * DAY, dt.time(9), dt.UTC)
        session = CourseSession.create(
            course=world.course, starts_at=begins, ends_at=begins + dt.timedelta(hours=3),
            office=world.lisbon,
        )  # fmt: skip
        Enrolment.create(
            session=session, mediator=me, status=EnrolmentStatus.ENROLLED,
            asked_at=begins - 9 * DAY,
        )  # fmt: skip
    told = my_week.balance(ana, now)
    assert (told.weeks, told.worked_minutes, told.owed_minutes) == (1, 480 + 180, 2400)


def test_hours_owed_are_those_the_roster_took_holidays_and_leave_off(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    """Two of five days of leave in a week of 40 hours: 24 are owed."""
    me, this_week = world.mediators[0], MONDAY - 7 * DAY
    start = dt.datetime.combine(this_week, dt.time(), dt.UTC)
    own_times.add_absence(
        world.system, me.id, start, start + 2 * DAY, AbsenceKind.LEAVE, start - 9 * DAY
    )
    require(world.lisbon, 2, 9, 13, ["lang:uk"], week=this_week)
    built = draft(world, [("ana", "lisbon", 2, 8, 16)], now, week=this_week)
    rosters.publish(world.system, built.id, now)
    told = my_week.balance(ana, now)
    assert (told.weeks, told.owed_minutes) == (1, 24 * 60)


def test_the_month_is_whole_weeks(world: SmallWorld, ana: Actor, now: dt.datetime) -> None:
    write_roster(world, MONDAY, [Shift(world.mediators[0], world.lisbon, MONDAY)])
    month = my_week.my_month(ana, dt.date(2026, 3, 1), now)
    assert (month.days[0].date, month.days[-1].date) == (dt.date(2026, 2, 23), dt.date(2026, 4, 5))
    assert (month.minutes, month.shifts) == (480, 1)
    assert [day.date for day in month.days if day.shifts] == [MONDAY]
    assert (month.earlier, month.later) == (dt.date(2026, 2, 1), dt.date(2026, 4, 1))
    edge = my_week.my_month(ana, dt.date(2027, 3, 1), now)
    assert edge.later is None
    for wrong in (dt.date(2027, 4, 1), dt.date(2025, 2, 1), dt.date(2026, 3, 2)):
        with pytest.raises(NotFound):
            my_week.my_month(ana, wrong, now)


def test_the_next_shift_is_the_first_that_has_not_ended(world: SmallWorld, ana: Actor) -> None:
    me, bo, caio, *_others = world.mediators
    write_roster(
        world,
        MONDAY,
        [
            Shift(me, world.lisbon, MONDAY),
            Shift(me, world.lisbon, MONDAY + DAY),
            Shift(bo, world.lisbon, MONDAY, "13:00", "18:00", None),
            Shift(caio, world.lisbon, MONDAY, "17:00", "18:00", None),
        ],
    )
    end = instant(world.lisbon, MONDAY, "17:00")
    before = my_week.coming_shifts(ana, end - dt.timedelta(seconds=1))
    after = my_week.coming_shifts(ana, end)
    assert [one.shift.date for one in before] == [MONDAY, MONDAY + DAY]
    assert before[0].under_way
    assert before[0].colleagues == ("Bo",), "Caio begins when Ana ends"
    assert [one.shift.date for one in after] == [MONDAY + DAY]
    assert not after[0].under_way
    assert after[0].colleagues == ()


def test_the_desk_is_the_one_the_counting_gives(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    """Ukrainian is asked for, and of the two there only Ana speaks it."""
    require(world.lisbon, 0, 9, 13, ["lang:uk"])
    require(world.lisbon, 0, 9, 13, ["lang:zh"])
    made = draft(world, [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)], now)
    rosters.publish(world.system, made.id, now)
    (span,) = my_week.coming_shifts(ana, now)[0].desks
    assert span.name in ("ucraniano", "Ukrainian")
    assert (span.ends_at - span.starts_at) == dt.timedelta(hours=4)
    bo = actor_of(User.get(User.email == world.other_mediator))
    (other,) = my_week.coming_shifts(bo, now)[0].desks
    assert other.name in ("mandarim", "Mandarin")


def test_only_ones_own(world: SmallWorld, now: dt.datetime) -> None:
    for email in (world.coordinator, world.trainer, world.association):
        stranger = actor_of(User.get(User.email == email))
        for ask in (my_news.news, my_week.balance, my_week.coming_shifts):
            with pytest.raises(Forbidden):
                ask(stranger, now)


def test_a_route_in_the_next_shift_is_told_with_it_and_stands_in_the_month(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    me = world.mediators[0]
    write_roster(
        world,
        MONDAY,
        [Shift(me, world.lisbon, MONDAY + DAY), Shift(me, world.lisbon, MONDAY + 2 * DAY)],
    )
    stop = StopFacts(place="Praça", from_minute=10 * 60, until_minute=12 * 60)
    facts = RouteFacts(
        office_id=world.lisbon.id, date=MONDAY + DAY, name="Sul", leaves_minute=9 * 60,
        returns_minute=13 * 60, stops=(stop,),
    )  # fmt: skip
    field_crew.assign(world.system, field_routes.create_route(world.system, facts, now), me.id, now)
    first, then = my_week.coming_shifts(ana, now)
    assert [(one.name, one.places) for one in first.routes] == [("Sul", "Praça")]
    assert then.routes == ()
    month = my_week.my_month(ana, MONDAY.replace(day=1), now)
    assert [day.date for day in month.days if day.routes] == [MONDAY + DAY]


def test_a_page_is_confirmed_though_a_duty_begins_or_ends_meanwhile(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    me = world.mediators[0]
    write_roster(world, MONDAY, [Shift(me, world.lisbon, MONDAY)])
    before = dt.datetime.combine(MONDAY, dt.time(8), dt.UTC)
    mark = my_news.news(ana, before).mark
    my_news.confirm(ana, mark, before + 12 * HOUR)
    assert my_news.news(ana, before).changes == ()
    write_roster(world, MONDAY, [Shift(me, world.lisbon, MONDAY + DAY)], version=2)
    for stale in (mark, "", "2026-03-09", my_news.news(ana, before).mark.replace("+00:00", "")):
        with pytest.raises(Conflict):
            my_news.confirm(ana, stale, before + HOUR)

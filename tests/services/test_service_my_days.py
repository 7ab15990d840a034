"""Hours of a single date: they come and go by themselves, and drafts keep clear of them."""

from __future__ import annotations

import datetime as dt

import pytest
from small_world import MONDAY, SmallWorld

from app.models import Availability, User
from app.services import my_days, my_times
from app.services.errors import Forbidden, Invalid
from app.services.problems import build_problem
from app.services.rights import Actor, actor_of

DAY = dt.timedelta(days=1)


@pytest.fixture
def ana(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.mediator))


def unavailable(world: SmallWorld, monday: dt.date) -> list[tuple[int, int]]:
    problem = build_problem(world.group, monday)
    (ana,) = (one for one in problem.mediators if one.id == "ana")
    return [(one.start, one.end) for one in ana.unavailable]


def test_they_bound_that_day_alone(ana: Actor, world: SmallWorld, now: dt.datetime) -> None:
    before = unavailable(world, MONDAY)
    my_times.set_weekly(ana, [(), ((600, 660),), (), (), (), (), ()], now)
    my_days.set_day(ana, MONDAY, ((540, 600), (900, 1020)), now)
    # Half hours from Monday's midnight: 9 to 10 and 15 to 17; on Tuesday the weekly 10 to 11.
    assert sorted({*unavailable(world, MONDAY)} - {*before}) == [(18, 20), (30, 34), (68, 70)]
    following = unavailable(world, MONDAY + 7 * DAY)
    assert (68, 70) in following
    assert (18, 20) not in following


def test_a_day_is_replaced_and_taken_back_and_the_week_stays(
    ana: Actor, world: SmallWorld, now: dt.datetime
) -> None:
    my_times.set_weekly(ana, [((480, 540),), (), (), (), (), (), ()], now)
    my_days.set_day(ana, MONDAY, ((540, 600),), now)
    my_days.set_day(ana, MONDAY, ((1020, 1080), (600, 660)), now)
    assert my_days.hours_of_days(ana, now) == (
        my_days.DayHours(MONDAY, ((600, 660), (1020, 1080))),
    )
    assert my_times.my_times(ana, now).weekly[0] == ((480, 540),)
    my_times.set_weekly(ana, [()] * 7, now)
    assert len(my_days.hours_of_days(ana, now)) == 1
    my_days.set_day(ana, MONDAY, (), now)
    assert Availability.select().count() == 0


def test_what_is_past_too_far_or_crossed_is_refused_all_at_once(
    ana: Actor, now: dt.datetime
) -> None:
    today = now.date()
    my_days.set_day(ana, today, ((540, 600),), now)
    my_days.set_day(ana, today + 365 * DAY, ((540, 600),), now)
    for date in (today - DAY, today + 366 * DAY):
        with pytest.raises(Invalid) as error:
            my_days.set_day(ana, date, ((600, 600), (590, 610)), now)
        assert [fault.field for fault in error.value.faults] == ["date", "hours", "hours"]


def test_only_mediators_have_them(world: SmallWorld, now: dt.datetime) -> None:
    coordinator = actor_of(User.get(User.email == world.coordinator))
    with pytest.raises(Forbidden):
        my_days.set_day(coordinator, MONDAY, ((540, 600),), now)

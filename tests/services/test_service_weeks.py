"""Which week to plan next, and how far each has come."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import Office, PlanningGroup, Roster, RosterStatus
from app.services.errors import Forbidden, NotFound
from app.services.rights import SYSTEM, Actor
from app.services.weeks import WeekStage, planning_week, this_monday, weeks_of

THIS_MONDAY = MONDAY - dt.timedelta(weeks=1)


def publish(roster: Roster) -> None:
    Roster.update(status=RosterStatus.PUBLISHED, published_at=roster.created_at).where(
        Roster.id == roster.id
    ).execute()


def test_the_week_to_plan_is_the_next_until_all_is_published(
    world: SmallWorld, now: dt.datetime
) -> None:
    assert planning_week(SYSTEM, now) == MONDAY
    publish(draft(world, [], now))
    assert planning_week(SYSTEM, now) == MONDAY
    publish(draft(world, [], now, week=THIS_MONDAY))
    assert planning_week(SYSTEM, now) == THIS_MONDAY


@pytest.mark.parametrize(
    ("instant", "monday"),
    [
        (dt.datetime(2026, 3, 8, 23, 59, tzinfo=dt.UTC), dt.date(2026, 3, 2)),
        (dt.datetime(2026, 3, 9, 0, 0, tzinfo=dt.UTC), dt.date(2026, 3, 9)),
        # In summer Lisbon's Monday begins at 23:00 UTC.
        (dt.datetime(2026, 7, 5, 22, 59, tzinfo=dt.UTC), dt.date(2026, 6, 29)),
        (dt.datetime(2026, 7, 5, 23, 0, tzinfo=dt.UTC), dt.date(2026, 7, 6)),
    ],
)
def test_a_week_begins_at_lisbons_midnight(instant: dt.datetime, monday: dt.date) -> None:
    assert this_monday(instant) == monday


def test_how_far_each_week_has_come(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 9, 12, week=MONDAY + dt.timedelta(weeks=2))
    publish(draft(world, [], now))
    draft(world, [], now, week=MONDAY + dt.timedelta(weeks=1))
    draft(world, [], now)
    lines = {one.starts_on: one for one in weeks_of(SYSTEM, world.group.id, now)}
    assert [lines[MONDAY + dt.timedelta(weeks=index)].stage for index in range(-1, 4)] == [
        WeekStage.NOTHING,
        WeekStage.PUBLISHED,
        WeekStage.DRAFT,
        WeekStage.REQUIREMENTS,
        WeekStage.NOTHING,
    ]
    assert lines[MONDAY].newer_draft
    assert lines[MONDAY].version == 2
    assert lines[THIS_MONDAY].this_week


def test_a_week_is_late_from_the_day_after_its_posting_date(world: SmallWorld) -> None:
    """CT 217: seven days ahead. The week of 9 March is posted on 2 March at the latest."""

    def late(day: int) -> bool:
        now = dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)
        [line] = [one for one in weeks_of(SYSTEM, world.group.id, now) if one.starts_on == MONDAY]
        assert line.post_by == dt.date(2026, 3, 2)
        return line.late

    assert not late(2)
    assert late(3)


def test_past_weeks_are_not_late(world: SmallWorld, now: dt.datetime) -> None:
    lines = weeks_of(SYSTEM, world.group.id, now)
    assert not any(one.late for one in lines if one.starts_on < THIS_MONDAY)


def test_whose_weeks_they_are(world: SmallWorld, now: dt.datetime) -> None:
    with pytest.raises(NotFound):
        weeks_of(SYSTEM, world.group.id + 1, now)
    stranger = Actor(user_id=None, roles=frozenset())
    with pytest.raises(Forbidden):
        weeks_of(stranger, world.group.id, now)
    with pytest.raises(Forbidden):
        planning_week(stranger, now)


def test_a_week_is_published_once_every_group_of_ones_offices_is(
    world: SmallWorld, now: dt.datetime
) -> None:
    """Another group's publications say nothing of one's own."""
    other = PlanningGroup.create(code="north", name="Norte")
    publish(draft(world, [], now))
    publish(draft(world, [], now, week=THIS_MONDAY))
    assert planning_week(SYSTEM, now) == THIS_MONDAY
    Office.update(group=other).where(Office.id == world.azores.id).execute()
    assert planning_week(SYSTEM, now) == MONDAY
    of_lisbon = Actor(user_id=None, roles=SYSTEM.roles, office_ids=frozenset({world.lisbon.id}))
    assert planning_week(of_lisbon, now) == THIS_MONDAY

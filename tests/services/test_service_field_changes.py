"""Field routes changed, called off and restored: people judged again, told, written down."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    FieldRoute,
    LateChange,
    Mediator,
    Message,
    Office,
    PlanningGroup,
    RequestStatus,
    User,
)
from app.services import feeds, field_changes, field_crew, field_routes, late_changes
from app.services.errors import Conflict, Invalid
from app.services.feed_reading import read_feed
from app.services.field_checks import RouteFacts, StopFacts
from app.services.field_week import TroubledCrew
from app.services.problems import build_problem
from app.services.rights import Actor, actor_of
from app.services.rosters import publish

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
TUESDAY = MONDAY + DAY
LATE = dt.datetime.combine(TUESDAY - 6 * DAY, dt.time(9), dt.UTC)
WHY = "A carrinha avariou"


@pytest.fixture
def coordinator(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.coordinator))


@pytest.fixture
def facts(world: SmallWorld) -> RouteFacts:
    stop = StopFacts(place="Mercado", from_minute=10 * 60, until_minute=12 * 60)
    return RouteFacts(
        office_id=world.lisbon.id, date=TUESDAY, name="Margem sul", leaves_minute=9 * 60,
        returns_minute=17 * 60, stops=(stop,),
    )  # fmt: skip


@pytest.fixture
def route(world: SmallWorld, facts: RouteFacts, now: dt.datetime) -> int:
    """With Ana along."""
    made = field_routes.create_route(world.system, facts, now)
    field_crew.assign(world.system, made, world.mediators[0].id, now)
    return made


def publish_week(world: SmallWorld, now: dt.datetime) -> None:
    require(world.lisbon, 0, 8, 18)
    publish(world.system, draft(world, [("bo", "lisbon", 2, 9, 13)], now).id, now)


def told(world: SmallWorld) -> list[str]:
    rows = Message.select().join(User).where(User.email == world.mediator).order_by(Message.id)
    return [row.details["what"] for row in rows if row.kind == "route_told"]


def register(actor: Actor) -> list[tuple[dt.date, str, str]]:
    """Day, route before, route after, in the order written."""
    lines = sorted(late_changes.register(actor, TUESDAY.year), key=lambda one: one.id)
    return [
        (one.date, *(times.route if times else "" for times in (one.before, one.after)))
        for one in lines
    ]


def on_leave(mediator: Mediator, date: dt.date) -> None:
    starts_at = dt.datetime.combine(date, dt.time(), dt.UTC)
    Absence.create(
        mediator=mediator, starts_at=starts_at, ends_at=starts_at + DAY,
        kind=AbsenceKind.LEAVE, status=RequestStatus.APPROVED,
    )  # fmt: skip


def test_who_goes_along_is_judged_again_for_the_new_date(
    world: SmallWorld, facts: RouteFacts, route: int, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    on_leave(ana, TUESDAY + DAY)
    moved = replace(facts, date=TUESDAY + DAY)
    with pytest.raises(TroubledCrew) as error:
        field_changes.edit_route(world.system, route, moved, now)
    assert [(one.name, len(one.troubles)) for one in error.value.people] == [("Ana", 1)]
    assert FieldRoute.get_by_id(route).date == TUESDAY
    assert told(world) == ["given"]
    field_changes.edit_route(world.system, route, moved, now, anyway=True)
    assert FieldRoute.get_by_id(route).date == TUESDAY + DAY
    assert told(world) == ["given", "moved"]
    renamed = replace(moved, name="Margem norte")
    field_changes.edit_route(world.system, route, renamed, now + HOUR)
    assert told(world) == ["given", "moved"], "neither judged nor told again for a name"


def test_a_route_may_be_moved_over_its_own_hours(
    world: SmallWorld, facts: RouteFacts, route: int, now: dt.datetime
) -> None:
    later = replace(facts, leaves_minute=10 * 60, returns_minute=18 * 60)
    field_changes.edit_route(world.system, route, later, now)
    assert told(world) == ["given", "moved"]


def test_who_is_no_longer_of_the_week_is_shown_and_can_be_taken_off(
    world: SmallWorld, facts: RouteFacts, route: int, now: dt.datetime
) -> None:
    ana, bo = world.mediators[:2]
    field_crew.assign(world.system, route, bo.id, now)
    Mediator.update(active=False).where(Mediator.id == bo.id).execute()
    crew = field_crew.crew_page(world.system, route, now).crew
    assert [(one.name, one.free) for one in crew] == [("Ana", True), ("Bo", False)]
    assert crew[1].home_office == "Lisboa"
    field_crew.take_off(world.system, route, bo.id, now)
    group = PlanningGroup.create(code="north", name="Norte")
    porto = Office.create(
        group=group, code="porto", name="Porto", kind=world.lisbon.kind, zone="Europe/Lisbon",
        capacity=5, district="13",
    )  # fmt: skip
    elsewhere = replace(facts, office_id=porto.id)
    with pytest.raises(TroubledCrew):
        field_changes.edit_route(world.system, route, elsewhere, now)
    field_changes.edit_route(world.system, route, elsewhere, now, anyway=True)
    (left,) = field_crew.crew_page(world.system, route, now).crew
    assert (left.mediator_id, left.free) == (ana.id, False)


def test_taking_off_and_calling_off_at_short_notice_are_written_down(
    world: SmallWorld, coordinator: Actor, route: int, now: dt.datetime
) -> None:
    ana, bo = world.mediators[:2]
    field_crew.assign(world.system, route, bo.id, now)
    publish_week(world, now)
    for attempt in (
        lambda: field_crew.take_off(coordinator, route, ana.id, LATE),
        lambda: field_changes.cancel_route(coordinator, route, LATE),
    ):
        with pytest.raises(Invalid) as error:
            attempt()
        assert [fault.field for fault in error.value.faults] == ["reason"]
    assert LateChange.select().count() == 0
    assert FieldRoute.get_by_id(route).cancelled_at is None
    field_crew.take_off(coordinator, route, ana.id, LATE, WHY)
    field_changes.cancel_route(coordinator, route, LATE + HOUR, WHY)
    assert register(coordinator) == [(TUESDAY, "Margem sul", "")] * 2
    lines = late_changes.register(coordinator, TUESDAY.year)
    assert {one.mediator: one.told_at for one in lines} == {"Ana": LATE, "Bo": LATE + HOUR}
    assert {one.times_this_year for one in lines} == {1}
    field_changes.restore_route(coordinator, route, LATE + 2 * HOUR, reason=WHY)
    assert register(coordinator)[2] == (TUESDAY, "", "Margem sul")
    assert late_changes.register(coordinator, TUESDAY.year)[0].times_this_year == 2


def test_a_move_at_short_notice_is_written_down_with_before_and_after(
    world: SmallWorld, coordinator: Actor, facts: RouteFacts, route: int, now: dt.datetime
) -> None:
    publish_week(world, now)
    later = replace(facts, leaves_minute=10 * 60)
    with pytest.raises(Invalid) as error:
        field_changes.edit_route(coordinator, route, later, LATE)
    assert [fault.field for fault in error.value.faults] == ["reason"]
    field_changes.edit_route(coordinator, route, later, LATE, reason=WHY)
    (line,) = late_changes.register(coordinator, TUESDAY.year)
    assert line.before is not None
    assert line.after is not None
    assert (line.before.starts_at.hour, line.after.starts_at.hour) == (9, 10)
    other_day = replace(later, date=TUESDAY + DAY)
    field_changes.edit_route(coordinator, route, other_day, LATE + HOUR, reason=WHY)
    assert register(coordinator)[1:] == [(TUESDAY, "Margem sul", "")], "eight days are not late"


def test_a_reason_comes_first_and_the_word_that_it_is_meant_last(
    world: SmallWorld, coordinator: Actor, facts: RouteFacts, route: int, now: dt.datetime
) -> None:
    publish_week(world, now)
    on_leave(world.mediators[0], TUESDAY + DAY)
    moved = replace(facts, date=TUESDAY + DAY)
    with pytest.raises(Invalid) as error:
        field_changes.edit_route(coordinator, route, moved, LATE)
    assert not isinstance(error.value, TroubledCrew)
    with pytest.raises(TroubledCrew):
        field_changes.edit_route(coordinator, route, moved, LATE, reason=WHY)
    assert LateChange.select().count() == 0
    field_changes.edit_route(coordinator, route, moved, LATE, anyway=True, reason=WHY)
    assert LateChange.select().count() == 1


def test_a_route_called_off_is_listed_and_can_be_restored(
    world: SmallWorld, facts: RouteFacts, route: int, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    feed = feeds.create_feed(
        actor_of(User.get(User.email == world.mediator)),
        name="x", locale="pt", details=True, keep_cancelled=True, now=now,
    )  # fmt: skip

    def sequence(at: dt.datetime) -> int:
        (found,) = re.findall(r"SEQUENCE:(\d+)", read_feed(feed.token, at).body.decode())
        return int(found)

    seen = [sequence(now)]
    with pytest.raises(Conflict):
        field_changes.restore_route(world.system, route, now)
    field_changes.cancel_route(world.system, route, now + HOUR)
    seen.append(sequence(now + HOUR))
    assert field_routes.routes_of_week(world.system, MONDAY) == []
    listed = field_routes.routes_of_week(world.system, MONDAY, called_off=True)
    assert [one.id for one in listed] == [route]
    page = field_crew.crew_page(world.system, route, now + HOUR)
    assert (page.may_edit, page.may_restore, page.candidates) == (False, True, ())
    field_changes.restore_route(world.system, route, now + 2 * HOUR)
    seen.append(sequence(now + 2 * HOUR))
    assert seen == sorted(set(seen)), "calendars take the later version only"
    assert told(world) == ["given", "called_off", "restored"]
    assert build_problem(world.group, MONDAY).mediator_by_id["ana"].busy != ()
    field_changes.cancel_route(world.system, route, now + 3 * HOUR)
    on_leave(ana, TUESDAY)
    with pytest.raises(TroubledCrew):
        field_changes.restore_route(world.system, route, now + 4 * HOUR)
    assert FieldRoute.get_by_id(route).cancelled_at is not None
    field_changes.restore_route(world.system, route, now + 4 * HOUR, anyway=True)
    assert [one.id for one in field_routes.routes_of_week(world.system, MONDAY)] == [route]

"""Field routes: places and hours checked, people judged by the rules, told, and in the feeds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from drafts import draft, require, week_problem
from icalendar import Calendar
from small_world import MONDAY, SmallWorld

from app.models import (
    Absence,
    AbsenceKind,
    FieldRoute,
    FieldSeat,
    FieldStop,
    LateChange,
    MediatorOffice,
    Message,
    RequestStatus,
    User,
)
from app.services import feed_words, feeds, field_changes, field_crew, field_routes
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.feed_reading import read_feed
from app.services.field_checks import RouteFacts, StopFacts
from app.services.horizon import Horizon
from app.services.person_rules import Frame
from app.services.problems import build_problem
from app.services.rights import Actor, actor_of
from app.services.rosters import publish
from app.services.worked import worked_between

DAY = dt.timedelta(days=1)
TUESDAY = MONDAY + DAY
NINE, SEVENTEEN = 9 * 60, 17 * 60


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def facts(world: SmallWorld, **other: object) -> RouteFacts:
    stop = StopFacts(
        place="Mercado", address="Largo 1\nSetúbal", latitude=38.5, longitude=-8.9,
        from_minute=10 * 60, until_minute=12 * 60, languages=("uk", "zh"),
    )  # fmt: skip
    route = RouteFacts(
        office_id=world.lisbon.id, date=TUESDAY, name="Margem sul", leaves_minute=NINE,
        returns_minute=SEVENTEEN, stops=(stop,),
    )  # fmt: skip
    return replace(route, **other)


def plan(world: SmallWorld, now: dt.datetime, **other: object) -> int:
    return field_routes.create_route(world.system, facts(world, **other), now)


def troubles(world: SmallWorld, route_id: int, now: dt.datetime) -> dict[str, int]:
    page = field_crew.crew_page(world.system, route_id, now)
    return {one.name: len(one.troubles) for one in page.candidates}


def test_every_fault_of_a_route_at_once(world: SmallWorld, now: dt.datetime) -> None:
    stop = facts(world).stops[0]
    bad = facts(
        world,
        name=" ",
        stops=(
            replace(stop, place="", languages=("tlh",)),
            replace(stop, from_minute=11 * 60, latitude=52.5, longitude=13.4),
            replace(stop, from_minute=13 * 60, until_minute=SEVENTEEN + 30),
        ),
    )
    with pytest.raises(Invalid) as error:
        field_routes.create_route(world.system, bad, now)
    assert [fault.field for fault in error.value.faults] == [
        "name", "stops.0.place", "stops.0.languages", "stops.1.coordinates",
        "stops.2.from_minute", "stops.1.from_minute",
    ]  # fmt: skip


def test_who_goes_along_is_busy_told_and_counted(world: SmallWorld, now: dt.datetime) -> None:
    ana, bo = world.mediators[:2]
    route = plan(world, now)
    page = field_crew.crew_page(world.system, route, now)
    assert page.candidates[0].name in ("Ana", "Bo", "Eva"), "speaks a language wanted"
    assert page.unspoken == (("Mercado", ("uk", "zh")),)
    field_crew.assign(world.system, route, ana.id, now)
    with pytest.raises(Conflict):
        field_crew.assign(world.system, route, ana.id, now)
    page = field_crew.crew_page(world.system, route, now)
    assert page.unspoken == (("Mercado", ("zh",)),)
    assert page.candidates[0].name == "Bo", "what is still missing counts"
    field_crew.assign(world.system, route, bo.id, now)
    assert field_routes.get_route(world.system, route).missing_people == 0
    told = Message.get(Message.user == User.get(User.email == world.mediator))
    assert (told.kind, told.details["what"]) == ("route_told", "given")
    problem = build_problem(world.group, MONDAY)
    day = problem.days[1]
    assert [(one.start - day.start, one.end - day.start) for one in
            problem.mediator_by_id["ana"].busy] == [(18, 34)]  # fmt: skip
    assert worked_between(MONDAY, TUESDAY)[ana.id].minutes == 8 * 60
    field_crew.take_off(world.system, route, ana.id, now)
    assert build_problem(world.group, MONDAY).mediator_by_id["ana"].busy == ()
    assert worked_between(MONDAY, TUESDAY)[ana.id].minutes == 0


def test_a_shift_an_absence_and_the_rules_stand_against_it(
    world: SmallWorld, now: dt.datetime
) -> None:
    _ana, _bo, caio, _dina, eva = world.mediators
    require(world.lisbon, 0, 8, 18)
    picks = [("ana", "lisbon", 1, 9, 13), ("dina", "azores", 0, 9, 17), ("eva", "azores", 1, 9, 13)]
    draft(world, picks, now)
    Absence.create(
        mediator=caio, starts_at=now, ends_at=now + dt.timedelta(days=30),
        kind=AbsenceKind.LEAVE, status=RequestStatus.APPROVED,
    )  # fmt: skip
    route = plan(world, now)
    found = {"Ana": 0, "Bo": 0, "Caio": 1, "Dina": 0, "Eva": 1}
    assert troubles(world, route, now) == found, "a shift where the route starts is no obstacle"
    with pytest.raises(Invalid):
        field_crew.assign(world.system, route, eva.id, now)
    assert FieldSeat.select().count() == 0


def test_who_is_rostered_where_the_route_starts_goes_and_works_the_hours_once(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    require(world.lisbon, 0, 8, 18)
    publish(world.system, draft(world, [("ana", "lisbon", 1, 9, 13)], now).id, now)
    longer = plan(world, now, leaves_minute=8 * 60)
    field_crew.assign(world.system, longer, ana.id, now)
    field_crew.assign(world.system, plan(world, now, date=TUESDAY + DAY), ana.id, now)
    assert worked_between(MONDAY, TUESDAY)[ana.id].minutes == 9 * 60
    assert worked_between(MONDAY, TUESDAY + DAY)[ana.id].minutes == 17 * 60
    page = field_crew.crew_page(world.system, longer, now)
    assert [one.troubles for one in page.crew] == [()]


def test_a_draft_in_hand_does_not_hide_the_published_shift(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 8, 18)
    MediatorOffice.create(mediator=world.mediators[0], office=world.azores)
    publish(world.system, draft(world, [("ana", "azores", 1, 9, 13)], now).id, now)
    draft(world, [("bo", "lisbon", 2, 9, 13)], now + dt.timedelta(hours=1))
    assert troubles(world, plan(world, now), now)["Ana"] == 1


def test_the_published_week_after_is_judged_too(world: SmallWorld, now: dt.datetime) -> None:
    """Rest before Monday's shift, and days in a row with a route of the day before."""
    following = MONDAY + 7 * DAY
    for week in (MONDAY, following):
        require(world.lisbon, 0, 8, 18, week=week)
    ana = world.mediators[0]
    late = facts(world).stops[0]
    late = replace(late, from_minute=15 * 60, until_minute=16 * 60)
    at = {"date": MONDAY + 6 * DAY, "leaves_minute": 14 * 60, "stops": (late,)}
    evening, day = plan(world, now, returns_minute=22 * 60, **at), plan(world, now, **at)
    publish(world.system, draft(world, [("ana", "lisbon", 4, 9, 13)], now).id, now)
    assert troubles(world, evening, now)["Ana"] == 0
    picks = [("ana", "lisbon", n, 8, 12) for n in range(4)]
    publish(world.system, draft(world, picks, now, week=following).id, now)
    assert troubles(world, evening, now)["Ana"] == 1
    assert troubles(world, day, now)["Ana"] == 0
    saturday = plan(world, now, date=MONDAY + 5 * DAY)
    field_crew.assign(world.system, saturday, ana.id, now)
    assert troubles(world, day, now)["Ana"] == 1, "seven days in a row"


def test_nobody_is_put_on_a_route_that_is_over(world: SmallWorld, now: dt.datetime) -> None:
    route = plan(world, now)
    after = dt.datetime.combine(TUESDAY, dt.time(17), dt.UTC)
    assert field_crew.crew_page(world.system, route, after).candidates == ()
    with pytest.raises(Conflict):
        field_crew.assign(world.system, route, world.mediators[0].id, after)


def test_the_daily_limit_to_the_half_hour(world: SmallWorld, now: dt.datetime) -> None:
    """Ten hours are the regime's longest day: a shift of four and a route of six are ten."""
    require(world.lisbon, 0, 8, 18)
    draft(world, [("ana", "lisbon", 1, 8, 12)], now)
    stop = replace(facts(world).stops[0], from_minute=13 * 60, until_minute=15 * 60)
    at = {"leaves_minute": 12 * 60, "stops": (stop,)}
    assert troubles(world, plan(world, now, returns_minute=18 * 60, **at), now)["Ana"] == 0
    longer = plan(world, now, returns_minute=18 * 60 + 30, **at)
    assert troubles(world, longer, now)["Ana"] == 1


def test_short_notice_in_a_published_week_needs_a_reason_and_is_written_down(
    world: SmallWorld, now: dt.datetime
) -> None:
    require(world.lisbon, 0, 8, 18)
    publish(world.system, draft(world, [("bo", "lisbon", 2, 9, 13)], now).id, now)
    coordinator, ana = actor(world.coordinator), world.mediators[0]
    route = plan(world, now)
    late = dt.datetime.combine(TUESDAY - dt.timedelta(days=6), dt.time(9), dt.UTC)
    assert not field_crew.crew_page(coordinator, route, late - dt.timedelta(days=1)).late
    assert field_crew.crew_page(coordinator, route, late).late
    with pytest.raises(Invalid) as error:
        field_crew.assign(coordinator, route, ana.id, late)
    assert [fault.field for fault in error.value.faults] == ["reason"]
    assert FieldSeat.select().count() == 0
    field_crew.assign(coordinator, route, ana.id, late, "Uma família chegou ontem")
    (line,) = LateChange.select()
    assert (line.mediator_id, line.date, line.notice_days) == (ana.id, TUESDAY, 6)


def test_the_calendar_shows_each_place_with_its_address(
    world: SmallWorld, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    second = StopFacts(place="Escola", from_minute=14 * 60, until_minute=16 * 60)
    route = plan(world, now, stops=(*facts(world).stops, second))
    contact = actor(world.association)
    feed = feeds.create_feed(
        actor(world.mediator), name="x", locale="pt", details=True, keep_cancelled=True, now=now
    )
    busy = feeds.create_feed(
        actor(world.mediator), name="y", locale="pt", details=False, keep_cancelled=False, now=now
    )
    own = feeds.create_feed(
        contact, name="x", locale="pt", details=True, keep_cancelled=False, now=now,
        subject=feeds.Subject(feeds.SubjectKind.ASSOCIATION, world.associations[0].id),
    )  # fmt: skip

    def read(token: str) -> str:
        return read_feed(token, now).body.decode().replace("\r\n ", "")

    assert "Mercado" not in read(feed.token)
    field_crew.assign(world.system, route, ana.id, now)
    seen = read(feed.token)
    assert "LOCATION:Mercado\\, Largo 1\\, Setúbal" in seen
    assert "10:00–12:00 Mercado\\, Largo 1\\, Setúbal\\n14:00–16:00 Escola" in seen
    assert seen.count("BEGIN:VEVENT") == 1, "the whole outing"
    (event,) = Calendar.from_ical(seen).walk("VEVENT")
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(hours=8)
    assert "Ana · Lisboa · Margem sul" in read(own.token)
    assert "Mercado" not in read(busy.token)
    assert read(busy.token).count("BEGIN:VEVENT") == 1
    field_changes.edit_route(world.system, route, facts(world), now + dt.timedelta(hours=1))
    assert FieldStop.select().where(FieldStop.cancelled_at.is_null()).count() == 1
    (shorter,) = Calendar.from_ical(read(feed.token)).walk("VEVENT")
    assert "Escola" not in shorter["DESCRIPTION"]
    assert shorter["SEQUENCE"] > event["SEQUENCE"]
    assert shorter["UID"] == event["UID"]
    assert read(own.token).count("BEGIN:VEVENT") == 1
    field_crew.take_off(world.system, route, ana.id, now + dt.timedelta(hours=2))
    assert read(feed.token).count("STATUS:CANCELLED") == 1
    assert read(own.token).count("BEGIN:VEVENT") == 0


def test_a_route_is_for_its_office_and_who_goes_along(world: SmallWorld, now: dt.datetime) -> None:
    route = plan(world, now)
    azores, ana = actor(world.azores_coordinator), actor(world.mediator)
    for attempt in (
        lambda: field_routes.get_route(azores, route),
        lambda: field_routes.create_route(azores, facts(world), now),
        lambda: field_changes.cancel_route(azores, route, now),
        lambda: field_crew.assign(azores, route, world.mediators[4].id, now),
        lambda: field_routes.get_route(ana, route),
    ):
        with pytest.raises(Forbidden):
            attempt()
    field_crew.assign(world.system, route, world.mediators[0].id, now)
    assert field_crew.crew_page(ana, route, now).candidates == ()
    assert [one.id for one in field_routes.routes_of_mediator(ana, now)] == [route]
    field_changes.cancel_route(world.system, route, now)
    assert field_routes.routes_of_mediator(ana, now) == []
    with pytest.raises(Conflict):
        field_crew.assign(world.system, route, world.mediators[1].id, now)


def test_whatever_a_calendar_tells_otherwise_counts_up(world: SmallWorld, now: dt.datetime) -> None:
    """Another name, hour or office of the route; called off and restored; a person's new name."""
    ana = world.mediators[0]
    route = plan(world, now)
    field_crew.assign(world.system, route, ana.id, now)
    office, own = feeds.Subject(feeds.SubjectKind.OFFICE, world.lisbon.id), None
    tokens = [
        feeds.create_feed(
            actor(who), name="x", locale="pt", details=True, keep_cancelled=True, now=now,
            subject=subject,
        ).token
        for who, subject in ((world.coordinator, office), (world.mediator, own))
    ]  # fmt: skip

    def told(at: dt.datetime) -> list[tuple[int, dt.datetime]]:
        events = [
            one
            for token in tokens
            for one in Calendar.from_ical(read_feed(token, at).body).walk("VEVENT")
        ]
        return [(int(one["SEQUENCE"]), one["LAST-MODIFIED"].dt) for one in events]

    steps = [
        lambda at: field_changes.edit_route(world.system, route, facts(world, name="Norte"), at),
        lambda at: field_changes.edit_route(
            world.system, route, facts(world, name="Norte", returns_minute=SEVENTEEN + 60), at
        ),
        lambda at: field_changes.cancel_route(world.system, route, at),
        lambda at: field_changes.restore_route(world.system, route, at),
    ]
    before = told(now)
    assert len(before) == 2
    for hours, step in enumerate(steps, 1):
        at = now + dt.timedelta(hours=hours)
        step(at)
        after = told(at)
        for one, then in zip(before, after, strict=True):
            assert then[0] > one[0]
            assert then[1] > one[1]
        before = after
    feed_words.person_renamed(ana.id, now + dt.timedelta(hours=9))
    assert told(now + dt.timedelta(hours=9))[1][0] > before[1][0]


def test_many_are_judged_as_each_of_them_alone(world: SmallWorld) -> None:
    """All but one work twice on Monday and every day after, here and at the other office."""
    horizon, problem = Horizon(MONDAY), week_problem(world)
    by_day = [[one for one in problem.shifts if one.day == day] for day in range(5)]
    given = {
        one.id: (by_day[0][0], *(day[-1 - place] for day in by_day))
        for place, one in enumerate(problem.mediators[:-1])
    }
    frame, people = Frame(horizon), problem.mediators
    alone = {one.id: list(frame.broken(one, given.get(one.id, ()))) for one in people}
    assert frame.broken_by_each(people, given) == alone
    assert {broken.rule for found in alone.values() for broken in found} >= {
        "office",
        "one_shift_a_day",
    }


def test_the_next_route_is_named_where_a_week_has_none(world: SmallWorld, now: dt.datetime) -> None:
    """The first that stands, of the reader's own offices."""
    assert field_routes.next_route(world.system, MONDAY) is None
    gone, later = (plan(world, now, date=MONDAY + days * DAY) for days in (8, 15))
    plan(world, now, date=TUESDAY)
    FieldRoute.update(cancelled_at=now).where(FieldRoute.id == gone).execute()
    found = field_routes.next_route(world.system, MONDAY)
    assert found is not None
    assert found.id == later
    assert found.places == "Mercado"
    assert field_routes.next_route(actor(world.azores_coordinator), MONDAY) is None

"""Published work added up: each minute once, whatever lies over it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from drafts import draft, require
from small_world import MONDAY, SmallWorld

from app.models import CourseSession, Enrolment, EnrolmentStatus, User
from app.services import field_crew, field_routes, ledger
from app.services.board_view import Board
from app.services.field_checks import RouteFacts, StopFacts
from app.services.horizon import Horizon
from app.services.hours import merged, minutes_besides, minutes_in
from app.services.judging import judge
from app.services.my_shifts import my_shifts
from app.services.rights import SYSTEM, actor_of
from app.services.roster_tables import roster_tables
from app.services.rosters import publish
from app.services.timeline import Window
from app.services.worked import worked_between

TUESDAY = MONDAY + dt.timedelta(days=1)

WINDOW = Window(ZoneInfo("Europe/Lisbon"), 480, 1200, 30)


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(TUESDAY, dt.time(hour, minute), dt.UTC)


def test_spans_are_merged_and_subtracted() -> None:
    spans = [(at(11), at(12)), (at(9), at(10)), (at(10), at(11)), (at(14), at(15))]
    assert merged(spans) == [(at(9), at(12)), (at(14), at(15))]
    assert minutes_in(merged(spans)) == 240
    pause = [(at(12), at(13))]
    assert minutes_besides((at(9), at(17)), pause, ()) == 420
    assert minutes_besides((at(9), at(17)), pause, [(at(11), at(14))]) == 300
    assert minutes_besides((at(9), at(17)), pause, [(at(8), at(18))]) == 0


def test_training_and_a_route_over_a_shift_are_hours_once(
    world: SmallWorld, now: dt.datetime
) -> None:
    """A shift 9 to 13; training 8 to 10; a route 11 to 14, training 14 to 16."""
    ana = world.mediators[0]
    require(world.lisbon, 0, 8, 18)
    for starts, ends in ((8, 10), (14, 16)):
        session = CourseSession.create(
            course=world.course, starts_at=at(starts), ends_at=at(ends), office=world.lisbon
        )
        Enrolment.create(
            session=session, mediator=ana, status=EnrolmentStatus.ENROLLED, asked_at=now
        )
    roster = draft(world, [("ana", "lisbon", 1, 9, 13)], now)
    publish(world.system, roster.id, now)
    shifts = my_shifts(actor_of(User.get(User.email == world.mediator)), now)
    assert shifts.weeks[1].minutes == 7 * 60, "8 to 13 and 14 to 16"
    (hours,) = roster_tables(world.system, roster.id, "hours", "lisbon", now)
    (row,) = [one for one in hours.rows if one[0] == "ana"]
    assert row[4:6] == (180, 240)
    board = Board(SYSTEM, world.lisbon, Horizon(MONDAY), judge(roster))
    assert {one.code: one.minutes for one in board.rows(WINDOW).home}["ana"] == 7 * 60
    stop = StopFacts(place="Mercado", from_minute=12 * 60, until_minute=13 * 60)
    route = RouteFacts(
        office_id=world.lisbon.id, date=TUESDAY, name="Margem", leaves_minute=11 * 60,
        returns_minute=14 * 60, stops=(stop,),
    )  # fmt: skip
    made = field_routes.create_route(world.system, route, now)
    field_crew.assign(world.system, made, ana.id, now)
    found = worked_between(MONDAY, TUESDAY)[ana.id]
    assert found.minutes == 8 * 60
    assert (found.work_minutes, found.training_minutes, found.field_minutes) == (60, 240, 180)
    aurora = world.associations[0]
    (line,) = [
        one
        for one in ledger.ledger(world.system, aurora.id, "2026-03", now).lines
        if one.mediator.id == ana.id
    ]
    assert (line.month.minutes, line.year.minutes) == (480, 480)

"""The telephone is an office without walls: served from home or from one's centre, and said so."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from drafts import draft
from icalendar import Calendar
from small_world import MONDAY, SmallWorld
from telephones import open_telephone

from app.models import Assignment, Mediator, Office, OfficeKind, User
from app.services import feeds, mediators, my_shifts, places, rosters
from app.services.board_view import Board
from app.services.horizon import Horizon
from app.services.judging import judge
from app.services.problems import build_problem
from app.services.rights import SYSTEM, actor_of
from app.services.roster_tables import roster_tables
from app.services.standing import current_roster
from app.services.timeline import Window
from app.services.wall_map import month_sheet, schedule_map

LATER = dt.timedelta(minutes=5)


@pytest.fixture
def telephone(world: SmallWorld, now: dt.datetime) -> Office:
    """On Monday from nine to one Ana serves the telephone; on Tuesday she is in Lisbon."""
    office = open_telephone(world)
    Office.update(address="Rua da Palma, 1").where(Office.id == world.lisbon.id).execute()
    picks = [("ana", "telephone", 0, 9, 13), ("ana", "lisbon", 1, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    return office


def let_ana_stay_at_home(world: SmallWorld, now: dt.datetime) -> None:
    ana = mediators.get_mediator(world.system, world.mediators[0].id)
    mediators.edit_mediator(world.system, ana.id, replace(ana, phone_from_home=True), now)


def monday_and_tuesday(world: SmallWorld, now: dt.datetime) -> list[tuple[str, str, bool]]:
    actor = actor_of(User.get(User.email == world.mediator))
    week = my_shifts.my_shifts(actor, now).weeks[1]
    return [
        (shift.served_at, shift.address, shift.away) for day in week.days for shift in day.shifts
    ]


@pytest.mark.usefixtures("telephone")
def test_my_week_says_where_the_telephone_is_served(world: SmallWorld, now: dt.datetime) -> None:
    lisbon = ("", "Rua da Palma, 1", False)
    assert monday_and_tuesday(world, now) == [("at Lisboa", "Rua da Palma, 1", False), lisbon]
    let_ana_stay_at_home(world, now)
    assert monday_and_tuesday(world, now) == [("from home", "", False), lisbon]


@pytest.mark.usefixtures("telephone")
def test_who_belongs_to_the_telephone_is_where_it_is(world: SmallWorld, now: dt.datetime) -> None:
    office = Office.get(Office.code == "telephone")
    Mediator.update(home_office=office).where(Mediator.code == "ana").execute()
    assert monday_and_tuesday(world, now)[0] == ("", "", False)
    Mediator.update(phone_from_home=True).execute()
    assert monday_and_tuesday(world, now)[0][0] == "from home"


@pytest.mark.usefixtures("telephone")
def test_the_feed_s_place_follows(world: SmallWorld, now: dt.datetime) -> None:
    """LOCATION is where the person is; another one counts the event up, and no other."""
    actor = actor_of(User.get(User.email == world.mediator))
    token = feeds.create_feed(
        actor, name="Telefone", locale="en", details=True, keep_cancelled=False, now=now
    ).token

    def told(at: dt.datetime) -> list[tuple[str, int]]:
        events = Calendar.from_ical(feeds.read_feed(token, at).body).walk("VEVENT")
        return [
            (str(one["LOCATION"]), int(one["SEQUENCE"]))
            for one in sorted(events, key=lambda one: one["DTSTART"].dt)
        ]

    assert told(now) == [("Rua da Palma, 1", 0), ("Rua da Palma, 1", 0)]
    let_ana_stay_at_home(world, now + LATER)
    assert told(now + LATER) == [("At home", 1), ("Rua da Palma, 1", 0)]
    lisbon = places.get_office(world.system, world.lisbon.id)
    moved = replace(lisbon, address="Rua Nova, 1")
    places.edit_office(world.system, lisbon.id, moved, now + 2 * LATER)
    assert told(now + 2 * LATER) == [("At home", 1), ("Rua Nova, 1", 1)]


@pytest.mark.usefixtures("telephone")
def test_a_centre_that_moves_moves_its_telephone_shifts(
    world: SmallWorld, now: dt.datetime
) -> None:
    lisbon = places.get_office(world.system, world.lisbon.id)
    moved = replace(lisbon, address="Rua Nova, 1")
    places.edit_office(world.system, lisbon.id, moved, now)
    assert sequences(world) == [1, 1]


def sequences(world: SmallWorld) -> list[int]:
    roster = current_roster(world.group.id, MONDAY)
    rows = Assignment.select().where(Assignment.roster == roster)
    return [row.sequence for row in rows.order_by(Assignment.starts_at)]


def test_a_telephone_that_gets_walls_moves_its_shifts(
    world: SmallWorld, now: dt.datetime, telephone: Office
) -> None:
    walls = replace(places.get_office(world.system, telephone.id), kind=OfficeKind.CENTRE)
    places.edit_office(world.system, telephone.id, walls, now + LATER)
    assert sequences(world) == [1, 0]


@pytest.mark.usefixtures("telephone")
def test_a_centre_that_becomes_a_telephone_moves_those_of_its_people_too(
    world: SmallWorld, now: dt.datetime
) -> None:
    Office.update(kind=OfficeKind.CENTRE).where(Office.id == world.lisbon.id).execute()
    lisbon = places.get_office(world.system, world.lisbon.id)
    places.edit_office(
        world.system, lisbon.id, replace(lisbon, kind=OfficeKind.TELEPHONE), now + LATER
    )
    assert sequences(world) == [1, 1]


@pytest.mark.usefixtures("telephone")
def test_a_past_shift_whose_place_reads_anew_counts_up_while_feeds_show_it(
    world: SmallWorld, now: dt.datetime
) -> None:
    """RFC 5545: nothing of an event changes under the same SEQUENCE."""
    let_ana_stay_at_home(world, now + dt.timedelta(days=400))
    assert sequences(world) == [0, 0], "out of every feed by then"
    ana = mediators.get_mediator(world.system, world.mediators[0].id)
    later = now + dt.timedelta(days=30)
    mediators.edit_mediator(world.system, ana.id, replace(ana, phone_from_home=False), later)
    assert sequences(world) == [1, 0]
    lisbon = places.get_office(world.system, world.lisbon.id)
    places.edit_office(world.system, lisbon.id, replace(lisbon, address="Rua Nova, 1"), later)
    assert sequences(world) == [2, 1]


def test_the_board_its_file_and_the_sheets_say_it(
    world: SmallWorld, now: dt.datetime, telephone: Office
) -> None:
    roster = current_roster(world.group.id, MONDAY)
    horizon = Horizon(MONDAY)

    def on_the_board(office: Office) -> list[tuple[str, str]]:
        board = Board(SYSTEM, office, horizon, judge(roster))
        people = board.rows(Window(ZoneInfo("Europe/Lisbon"), 480, 1200, 30))
        (ana,) = [one for one in (*people.home, *people.visiting) if one.code == "ana"]
        return [(bar.elsewhere, bar.served_at) for day in ana.days for bar in day.bars]

    assert on_the_board(telephone) == [("", "at Lisboa"), ("Lisboa", "")]
    assert on_the_board(world.lisbon) == [("Telefone", "at Lisboa"), ("", "")]
    let_ana_stay_at_home(world, now)
    assert on_the_board(telephone)[0] == ("", "from home")
    (table,) = roster_tables(world.system, roster.id, "board", None, now)
    assert [line[-1] for line in table.rows] == ["from home", ""]
    pdf, _name = schedule_map(world.system, roster.id, "telephone")
    assert pdf.startswith(b"%PDF")
    sheet, _name = month_sheet(world.system, world.mediators[0].id, "2026-03", now)
    assert sheet.startswith(b"%PDF")


@pytest.mark.usefixtures("telephone")
def test_where_it_is_served_changes_no_roster(world: SmallWorld, now: dt.datetime) -> None:
    """No way to the telephone, from a centre or from home: the same problem to the letter."""
    before = build_problem(world.group, MONDAY)
    let_ana_stay_at_home(world, now)
    assert build_problem(world.group, MONDAY) == before
    ana = before.mediator_by_id["ana"]
    assert ana.offices["lisbon"] == 0

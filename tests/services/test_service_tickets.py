"""Queue tickets: a number once for each press, called once, and everything counted by itself."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_world import SmallWorld

from app.models import Arrival, ArrivalOutcome, Office, Screen, Ticket, TicketState, User, database
from app.services import intake, queue_view, screens, tickets
from app.services.errors import Conflict, Forbidden, Invalid
from app.services.needs import NEEDS
from app.services.queue_view import WaitingBoard
from app.services.rights import Actor, actor_of

BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


@pytest.fixture
def office(world: SmallWorld) -> Office:
    """Lisbon gives numbers; its legal desk is open from ten to noon."""
    Office.update(gives_tickets=True).where(Office.id == world.lisbon.id).execute()
    return Office.get_by_id(world.lisbon.id)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


def enter(
    world: SmallWorld, now: dt.datetime, number: int, language: str = "uk", need: str = "general"
) -> intake.Press:
    press = f"door{number:06d}"
    pressed = intake.press(world.system, world.lisbon.id, press, language, need, now)
    assert pressed is not None
    return pressed


def call(
    who: Actor, office: Office, now: dt.datetime, press: str, **other: object
) -> Ticket | None:
    told: dict[str, object] = {"need": "", "languages": ("pt", "uk", "zh"), "counter": "3"}
    return tickets.call_next(who, office.id, press=press, now=now, **(told | other))  # type: ignore[arg-type]


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def test_a_press_gives_a_number_and_sent_twice_the_same(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    first = enter(world, now, 1)
    assert first.ticket == 1
    assert enter(world, now, 1).ticket == 1
    assert enter(world, now, 2).ticket == 2
    assert Arrival.get().count == 2
    tomorrow = now + dt.timedelta(days=1)
    assert enter(world, tomorrow, 3).ticket == 1, "each day begins anew"


def test_where_no_numbers_are_given_a_press_counts_as_before(
    world: SmallWorld, now: dt.datetime
) -> None:
    assert enter(world, now, 1).ticket is None
    assert not Ticket.select().exists()


@BOTH
def test_receptions_that_press_at_once_give_no_number_twice(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    """Four hands, each press sent twice; then four counters that call at once, each call twice."""

    def door(hand: int) -> None:
        with database.connection_context():
            for n in range(6):
                for _time in range(2):
                    enter(world, now, 100 * hand + n)

    def counter(hand: int) -> list[int]:
        found = []
        with database.connection_context():
            for n in range(6):
                told = [call(world.system, office, now, f"call{hand}{n:05d}") for _time in range(2)]
                assert told[0] is not None
                assert told[0] == told[1]
                found.append(told[0].number)
        return found

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(door, range(4)))
        assert sorted(row.number for row in Ticket.select()) == list(range(1, 25))
        called = [number for one in hands.map(counter, range(4)) for number in one]
    assert sorted(called) == list(range(1, 25))


def test_the_longest_waiting_in_one_s_own_languages_is_called(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    """Ana speaks Portuguese, Ukrainian and Russian: not whoever has number 1."""
    enter(world, now, 1, language="zh")
    enter(world, now, 2, language="uk", need="legal")
    enter(world, now, 3, language="pt")
    ana = actor(world.mediator)
    legal = call(ana, office, now, "callaaaa", need="legal")
    assert legal is not None
    assert legal.number == 2
    general = call(ana, office, now, "callbbbb", need="general")
    assert general is not None
    assert general.number == 3
    assert call(ana, office, now, "callcccc") is None, "she speaks no Mandarin"
    assert Ticket.get(Ticket.number == 1).state == TicketState.WAITING


def test_waits_and_endings_count_themselves(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    """Two wait 12 and 20 minutes; calling the second ends the first, who was received for 8."""
    enter(world, now, 1)
    enter(world, now, 2)
    who = actor(world.coordinator)
    call(who, office, now + minutes(12), "callaaaa")
    second = call(who, office, now + minutes(20), "callbbbb")
    assert second is not None
    row = ArrivalOutcome.get()
    assert (row.served, row.waits, row.waited_minutes) == (1, 1, 12)
    assert (row.services, row.service_minutes) == (1, 8)
    tickets.end(world.system, second.id, "left", now + minutes(21))
    row = ArrivalOutcome.get()
    assert (row.served, row.left, row.waits, row.waited_minutes) == (1, 1, 2, 32)
    tickets.put_back(world.system, second.id, now)
    tickets.put_back(world.system, second.id, now)
    row = ArrivalOutcome.get()
    assert (row.left, row.waits, row.waited_minutes) == (0, 1, 12)
    again = Ticket.get_by_id(second.id)
    assert (again.state, again.called_at, again.counter) == (TicketState.WAITING, None, "")


def test_who_gives_up_is_said_to_have_left_after_that_wait(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    given = enter(world, now, 1)
    assert given.ticket_id is not None
    with pytest.raises(Conflict):
        tickets.end(world.system, given.ticket_id, "served", now)
    tickets.end(world.system, given.ticket_id, "left", now + minutes(40))
    with pytest.raises(Conflict):
        tickets.end(world.system, given.ticket_id, "left", now + minutes(41))
    row = ArrivalOutcome.get()
    assert (row.left, row.waited_minutes) == (1, 40)


def test_a_press_taken_back_takes_its_number_and_its_ending_with_it(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    given = enter(world, now, 1)
    call(world.system, office, now + minutes(5), "callaaaa")
    tickets.end(world.system, given.ticket_id or 0, "served", now + minutes(9))
    with pytest.raises(Conflict):
        intake.note_outcome(world.system, office.id, given, "served", 5, now=now)
    intake.take_back(world.system, office.id, given, now + minutes(10))
    assert not Ticket.select().exists()
    assert not Arrival.select().exists()
    row = ArrivalOutcome.get()
    assert (row.served, row.waits, row.services) == (0, 0, 0)
    assert enter(world, now, 2).ticket == 2, "a number is given once a day"


def test_the_next_day_ends_what_was_left_open_and_a_week_lets_it_go(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    enter(world, now, 1)
    enter(world, now, 2)
    call(world.system, office, now + minutes(7), "callaaaa")
    enter(world, now + dt.timedelta(days=1), 3)
    row = ArrivalOutcome.get()
    assert (row.served, row.left, row.waits, row.waited_minutes) == (1, 1, 1, 7)
    assert row.services == 0, "how long is not known"
    enter(world, now + dt.timedelta(days=7), 4)
    assert Ticket.select().count() == 4, "of a week ago to the minute"
    enter(world, now + dt.timedelta(days=7, minutes=1), 5)
    assert Ticket.select().count() == 3


def test_a_call_says_where_and_for_which_desk(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    with pytest.raises(Invalid) as told:
        call(world.system, office, now, "?", counter=" ", need="health")
    assert {one.field for one in told.value.faults} == {"press", "counter", "need"}
    with pytest.raises(Invalid):
        call(world.system, office, now, "callaaaa", counter="x" * 33)
    enter(world, now, 1)
    assert call(world.system, office, now, "callaaaa", counter="x" * 32) is not None


def test_one_calls_at_one_s_own_reception_only(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    given = enter(world, now, 1)
    for email in (world.azores_coordinator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            call(actor(email), office, now, "callaaaa")
        with pytest.raises(Forbidden):
            tickets.end(actor(email), given.ticket_id or 0, "left", now)
        with pytest.raises(Forbidden):
            queue_view.queue_page(actor(email), "lisbon", now)


def test_a_waiting_room_s_screen_shows_numbers_and_nothing_else(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    _id, token = screens.create_screen(
        world.system, office.id, "Waiting room", "pt", now, shows="waiting"
    )
    for number in (1, 2, 3):
        enter(world, now, number)
    call(world.system, office, now + minutes(5), "callaaaa", counter="Sala 2")
    board = screens.screen_page(token, now + minutes(6))
    assert isinstance(board, WaitingBoard)
    assert (board.called, board.waiting) == (((1, "Sala 2"),), 2)
    assert Screen.get().shows == "waiting"


def test_a_number_says_which_desk_and_when_it_opens(
    world: SmallWorld, office: Office, now: dt.datetime
) -> None:
    """At nine the legal desk is shut until ten; the reception takes whom no desk answers."""
    given = enter(world, now, 1, need="legal")
    paper = queue_view.paper_ticket(world.system, given.ticket_id or 0, now)
    assert (paper.number, paper.desk, paper.opens_at) == (1, "Jurídico", now + minutes(60))
    health = enter(world, now, 2, need="health")
    paper = queue_view.paper_ticket(world.system, health.ticket_id or 0, now)
    assert (paper.desk, paper.opens_at) == (str(NEEDS["general"]), None)

"""Quiet hours given to the telephone: told on the board, Now and in feeds; taken back again."""

from __future__ import annotations

import datetime as dt

import pytest
from drafts import draft, require
from icalendar import Calendar
from small_world import MONDAY, SmallWorld
from telephones import open_telephone

from app.models import Message, Office, PhoneTurn, Role, User, UserRole
from app.services import feeds, phone_giving, rosters
from app.services.errors import Conflict, Forbidden
from app.services.feed_reading import read_feed
from app.services.ladder import RungKind, ladder
from app.services.my_duties import own_duties
from app.services.now_view import page_of
from app.services.phone_turns import standing_turns
from app.services.presence import presence
from app.services.quiet import with_spare
from app.services.rights import Actor, actor_of
from app.services.week_view import week_view
from app.services.worked_today import offices_worked

TEN = dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC)
ONE = TEN + dt.timedelta(hours=3)


def actor(email: str) -> Actor:
    return actor_of(User.get(User.email == email))


@pytest.fixture
def telephone(world: SmallWorld, now: dt.datetime) -> Office:
    """On Monday from nine to one Ana and Bo are in Lisbon; from ten Ana would not be missed there
    and the telephone lacks her Ukrainian."""
    office = open_telephone(world)
    require(world.lisbon, 0, 9, 13, ["lang:zh"])
    require(world.lisbon, 0, 9, 10, ["lang:uk"])
    require(office, 0, 9, 13, ["lang:uk"])
    picks = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    rosters.publish(world.system, draft(world, picks, now).id, now)
    return office


def give(world: SmallWorld, now: dt.datetime) -> int:
    phone_giving.give(world.system, "telephone", world.mediators[0].id, TEN, now)
    (row,) = PhoneTurn.select().where(PhoneTurn.cancelled_at.is_null())
    return int(row.id)


def test_a_press_gives_the_hours_and_pages_show_them(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    ana = world.mediators[0]
    give(world, now)
    (turn,) = standing_turns(TEN, ONE)
    assert (turn.name, turn.centre, turn.times) == ("Ana", "Lisboa", (TEN, ONE))
    board = week_view(world.system, "lisbon", MONDAY, now=now).board
    row = next(one for one in board.home if one.mediator_id == ana.id)
    (beside,) = row.days[0].training
    assert (beside.what, beside.starts_at, beside.ends_at) == ("telephone", TEN, ONE)
    centre, phone = (page_of(office, TEN) for office in (world.lisbon, telephone))
    assert [(one.name, one.away_until) for one in centre.away] == [("Ana", ONE)]
    assert [(one.name, one.station, one.ends_at) for one in phone.here] == [("Ana", "Lisboa", ONE)]
    assert telephone.id in offices_worked(ana.id, TEN)
    duties = own_duties(actor(world.mediator), now)
    assert [one.office for shift in duties.shifts for one in shift.telephone] == ["Telefone"]
    (mine,) = Message.select().join(User).where(User.email == world.mediator,
                                                Message.kind == "phone_told")  # fmt: skip
    assert (mine.details["what"], mine.details["yours"]) == ("given", True)


def test_who_answers_already_is_the_telephone_s_help(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    """And is counted out of their centre when it is asked who else it would not miss."""
    give(world, now)
    people = with_spare(presence(TEN, ONE), TEN)
    assert [(one.code, one.spare) for one in people if one.serves(TEN) and one.spare] == []
    first, *_others = ladder(people, "uk", world.azores.id, TEN)
    assert (first.kind, first.name) == (RungKind.TELEPHONE, "Ana")
    before = presence(TEN - dt.timedelta(hours=1), ONE)
    assert {one.office_name for one in before if one.code == "ana"} == {"Lisboa", "Telefone"}


def test_calendars_show_the_hours_and_that_they_are_gone(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    feed = feeds.create_feed(
        actor(world.mediator), name="Phone", locale="pt", details=True, keep_cancelled=True, now=now
    )

    def events() -> list[tuple[str, int, str]]:
        read = Calendar.from_ical(read_feed(feed.token, now).body)
        return [
            (str(one["SUMMARY"]), int(one["SEQUENCE"]), str(one["STATUS"]))
            for one in read.walk("VEVENT")
            if str(one["UID"]).startswith("phone-")
        ]

    assert events() == []
    turn = give(world, now)
    assert events() == [("Telefone", 0, "CONFIRMED")]
    phone_giving.take_back(world.system, turn, now)
    assert events() == [("Cancelado: Telefone", 1, "CANCELLED")]
    assert give(world, now) == turn, "the same event again"
    assert events() == [("Telefone", 2, "CONFIRMED")]
    rosters.publish(world.system, draft(world, [("bo", "lisbon", 0, 9, 13)], now).id, now)
    assert events() == [("Cancelado: Telefone", 3, "CANCELLED")], (
        "the shift it stood beside is gone"
    )
    assert standing_turns(TEN, ONE) == ()


def test_what_is_not_to_spare_is_refused(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    ana, bo = world.mediators[:2]
    for who, at, when in ((bo, TEN, now), (ana, TEN - dt.timedelta(hours=1), now), (ana, TEN, ONE)):
        with pytest.raises(Conflict):
            phone_giving.give(world.system, "telephone", who.id, at, when)
    give(world, now)
    with pytest.raises(Conflict):
        phone_giving.give(world.system, "telephone", ana.id, TEN, now)
    assert PhoneTurn.select().count() == 1


def test_the_telephone_s_coordinators_give_and_the_centre_s_may_take_back(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    user = User.get(User.email == world.trainer)
    UserRole.delete().where(UserRole.user == user).execute()
    UserRole.create(user=user, role=Role.COORDINATOR, office=world.lisbon)
    azores, lisbon = actor(world.azores_coordinator), actor_of(user)
    for other in (azores, lisbon, actor(world.mediator)):
        with pytest.raises(Forbidden):
            phone_giving.give(other, "telephone", world.mediators[0].id, TEN, now)
    turn = give(world, now)
    for other in (azores, actor(world.mediator)):
        with pytest.raises(Forbidden):
            phone_giving.take_back(other, turn, now)
    (told,) = phone_giving.turns_of_week(lisbon, "lisbon", MONDAY)
    assert told.id == turn
    phone_giving.take_back(lisbon, turn, now)
    assert phone_giving.turns_of_week(lisbon, "lisbon", MONDAY) == ()

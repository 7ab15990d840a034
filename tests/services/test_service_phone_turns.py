"""Quiet hours given to the telephone: told on the board, Now and in feeds; taken back again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from drafts import draft, require
from icalendar import Calendar
from small_world import MONDAY, SmallWorld
from telephones import open_telephone
from test_service_roster_races import at_once, meeting

from app.models import (
    Absence,
    AbsenceKind,
    Assignment,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    FieldSeat,
    Message,
    Office,
    OfficeKind,
    PhoneTurn,
    RequestStatus,
    Role,
    User,
    UserRole,
)
from app.services import feed_reading, feeds, field_routes, phone_giving, rosters
from app.services.errors import Conflict, Forbidden
from app.services.feed_reading import read_feed
from app.services.field_checks import RouteFacts, StopFacts
from app.services.ladder import RungKind, ladder
from app.services.my_duties import own_duties
from app.services.now_view import page_of
from app.services.phone_turns import standing_turns, telephones_answered
from app.services.presence import presence
from app.services.quiet import with_spare
from app.services.rights import Actor, actor_of
from app.services.week_view import week_view
from app.services.worked_today import offices_worked

TEN = dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ONE = TEN + 3 * HOUR


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


def republish(
    world: SmallWorld, picks: list[tuple[str, str, int, int, int]], at: dt.datetime
) -> None:
    rosters.publish(world.system, draft(world, picks, at).id, at, undo_swaps=True)


def told(email: str) -> list[str]:
    query = Message.select().join(User).where(User.email == email, Message.kind == "phone_told")
    return [one.details["what"] for one in query.order_by(Message.id)]


def test_hours_are_the_centre_s_they_were_read_off(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    """A shift of the same hours at another office does not bring them along."""
    turn = give(world, now)
    (row,) = standing_turns(TEN, ONE)
    assert (row.centre_id, PhoneTurn.get_by_id(turn).centre_id) == (world.lisbon.id,) * 2
    Assignment.update(office=world.azores).where(
        Assignment.mediator == world.mediators[0]
    ).execute()
    assert standing_turns(TEN, ONE) == ()


@pytest.mark.parametrize("shift", [(-1, 0), (0, -1), (1, 1)])
def test_who_answers_in_some_of_the_hours_is_not_given_them_anew(
    world: SmallWorld, telephone: Office, now: dt.datetime, shift: tuple[int, int]
) -> None:
    """A newer version may stretch the quiet hours; another telephone may want the same."""
    turn = give(world, now)
    starts, ends = shift
    PhoneTurn.update(
        starts_at=max(TEN + starts * HOUR, TEN - HOUR), ends_at=min(ONE + ends * HOUR, ONE)
    ).where(PhoneTurn.id == turn).execute()
    with pytest.raises(Conflict, match="already"):
        phone_giving.give(world.system, "telephone", world.mediators[0].id, TEN, now)
    assert PhoneTurn.select().count() == 1


def test_a_turn_that_fell_unseen_is_given_anew(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    """Calendars counted one for its fall, which nobody wrote down."""
    turn = give(world, now)
    PhoneTurn.update(centre=world.azores).where(PhoneTurn.id == turn).execute()
    assert give(world, now) == turn
    assert PhoneTurn.get_by_id(turn).sequence == 2
    assert [one.id for one in standing_turns(TEN, ONE)] == [turn]


def test_who_is_elsewhere_by_now_is_not_given_the_telephone(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    ana = world.mediators[0]

    def refused() -> bool:
        with pytest.raises(Conflict, match="no longer to spare"):
            phone_giving.give(world.system, "telephone", ana.id, TEN, now)
        return True

    absence = Absence.create(
        mediator=ana, kind=AbsenceKind.SICKNESS, starts_at=TEN + HOUR, ends_at=ONE,
        status=RequestStatus.APPROVED, created_at=now,
    )  # fmt: skip
    assert refused()
    absence.delete_instance()
    session = CourseSession.create(
        course=world.course, starts_at=TEN + HOUR, ends_at=ONE, capacity=9, office=world.lisbon
    )
    seat = Enrolment.create(
        session=session, mediator=ana, status=EnrolmentStatus.ENROLLED, asked_at=now,
        changed_at=now,
    )  # fmt: skip
    assert refused()
    seat.delete_instance()
    unit = Office.create(
        group=world.group, code="mobile", name="Unidade", kind=OfficeKind.MOBILE_UNIT, district=""
    )
    facts = RouteFacts(
        office_id=unit.id, date=MONDAY, name="Sul", leaves_minute=660, returns_minute=780,
        stops=(StopFacts(place="Praça", from_minute=690, until_minute=720),),
    )  # fmt: skip
    route = field_routes.create_route(world.system, facts, now)
    out = FieldSeat.create(route=route, mediator=ana, assigned_at=now)
    assert refused()
    out.delete_instance()
    assert give(world, now)


def test_both_places_coordinators_are_told(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    for email, office in ((world.trainer, world.lisbon), (world.azores_coordinator, telephone)):
        user = User.get(User.email == email)
        UserRole.delete().where(UserRole.user == user).execute()
        UserRole.create(user=user, role=Role.COORDINATOR, office=office)
    turn = give(world, now)
    phone_giving.take_back(actor(world.trainer), turn, now)
    assert told(world.mediator) == ["given", "taken_back"]
    assert told(world.trainer) == ["given"], "who takes it back knows"
    assert told(world.azores_coordinator) == ["given", "taken_back"]


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_two_presses_at_once_give_once(
    world: SmallWorld, telephone: Office, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_giving, "quiet_week", meeting(phone_giving.quiet_week))
    raised = at_once(*[lambda: give(world, now)] * 2)
    assert [type(one) for one in raised] == [Conflict]
    assert PhoneTurn.select().count() == 1


def test_a_turn_falls_for_good_with_the_shift_it_stood_beside(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    """A still newer version with the shift brings it back as little as it counts SEQUENCE down."""
    both = [("ana", "lisbon", 0, 9, 13), ("bo", "lisbon", 0, 9, 13)]
    turn = give(world, now)
    republish(world, both, now)
    assert [one.id for one in standing_turns(TEN, ONE)] == [turn]
    later = now + HOUR
    republish(world, both[1:], later)
    row = PhoneTurn.get_by_id(turn)
    assert (row.cancelled_at, row.changed_at, row.sequence) == (later, later, 1)
    assert told(world.mediator) == ["given", "taken_back"]
    republish(world, both, later)
    assert standing_turns(TEN, ONE) == ()
    assert give(world, later) == turn
    assert PhoneTurn.get_by_id(turn).sequence == 2


def test_calls_are_logged_on_the_day_itself(
    world: SmallWorld, telephone: Office, now: dt.datetime
) -> None:
    give(world, now)
    midnight = TEN.replace(hour=0)
    minute = dt.timedelta(minutes=1)
    ana = world.mediators[0].id
    for moment, mine in ((midnight, True), (midnight - minute, False), (ONE, True),
                         (midnight + 24 * HOUR - minute, True),
                         (midnight + 24 * HOUR, False)):  # fmt: skip
        assert (telephones_answered(ana, moment) == {telephone.id}) is mine, moment


def test_feeds_are_written_anew_where_turns_are_read_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def made() -> str:
        feed_reading._maker.cache_clear()
        return feed_reading._maker()

    before = made()
    read = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: read(path) + b"x" * (path.name == "phone_turns.py")
    )
    changed = made()
    monkeypatch.undo()
    assert changed != before == made()

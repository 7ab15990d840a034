"""A mediator's own calendar from a real server: busy times count for drafts, and nothing else."""

from __future__ import annotations

import datetime as dt
import http.server
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from published import Shift, write_roster
from small_world import MONDAY, SmallWorld

from app.calendar_reader import CalendarReader
from app.models import AuditEntry, BusyTime, OwnCalendar, User, database
from app.services import field_changes, field_crew, field_routes, own_calendars
from app.services.errors import Forbidden, Invalid, NotFound
from app.services.field_checks import RouteFacts, StopFacts
from app.services.horizon import Horizon
from app.services.keyring import Keyring
from app.services.problem_people import AS_USUAL, People
from app.services.rights import Actor, actor_of
from calendars.fetch import FetchLimits, fetch_calendar

KEYS = Keyring("k" * 40)
ADDRESS = "https://calendar.example.org/private-7f3a/me.ics"
SECRET_TITLE = "Consulta de oncologia"
WEEKLY = f"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//y//PT\r
BEGIN:VEVENT\r
UID:1@x\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260302T090000Z\r
DTEND:20260302T100000Z\r
RRULE:FREQ=WEEKLY\r
SUMMARY:{SECRET_TITLE}\r
LOCATION:Hospital\r
END:VEVENT\r
END:VCALENDAR\r
""".encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        server.asked.append(dict(self.headers))  # type: ignore[attr-defined]
        body: bytes = server.body  # type: ignore[attr-defined]
        known = self.headers.get("If-None-Match") == '"1"'
        self.send_response(304 if known else server.status)  # type: ignore[attr-defined]
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0" if known else str(len(body)))
        self.end_headers()
        if not known:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.body, made.status, made.asked = WEEKLY, 200, []  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def ana(world: SmallWorld) -> Actor:
    return actor_of(User.get(User.email == world.mediator))


def reader(now: dt.datetime) -> CalendarReader:
    """One that may go to this machine, which the product's own never does."""
    local = partial(
        fetch_calendar,
        limits=FetchLimits(ports=frozenset(), seconds=60),
        is_address_allowed=lambda address: address == "127.0.0.1",
    )
    return CalendarReader(KEYS, local, lambda: now)


def follow(ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime) -> None:
    own_calendars.follow_address(ana, ADDRESS, KEYS, now)
    # The form takes usual ports only; the server of a test has one of its own.
    OwnCalendar.update(url=f"http://127.0.0.1:{server.server_port}/me.ics").execute()


def test_busy_times_keep_drafts_away_and_titles_stay_out(
    world: SmallWorld, ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime
) -> None:
    follow(ana, server, now)
    assert reader(now).read_one()
    assert not reader(now).read_one(), "not due again"
    view = own_calendars.own_calendar(ana, KEYS, now)
    assert view is not None
    assert (view.failing, view.read_at, view.count) == (False, now, 27), "one of the 28 is over"
    horizon = Horizon(MONDAY)
    people = People(world.group, [world.lisbon, world.azores], horizon, AS_USUAL)
    row = next(one for one in people.rows if one.code == "ana")
    (span,) = people.facts(row).unavailable
    assert (horizon.instant(span.start), horizon.instant(span.end)) == (
        dt.datetime(2026, 3, 9, 9, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC),
    )
    other = next(one for one in people.rows if one.code == "bo")
    assert people.facts(other).unavailable == ()
    kept = [str(one.__data__) for table in (OwnCalendar, BusyTime, AuditEntry) for one in
            table.select()]  # fmt: skip
    assert not any(word in text for text in kept for word in (SECRET_TITLE, "Hospital"))


def test_an_unchanged_calendar_is_not_sent_again(
    ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime
) -> None:
    follow(ana, server, now)
    reader(now).read_one()
    later = now + own_calendars.EVERY
    assert not reader(later - dt.timedelta(seconds=1)).read_one()
    assert reader(later).read_one()
    assert server.asked[1]["If-None-Match"] == '"1"'  # type: ignore[attr-defined]
    view = own_calendars.own_calendar(ana, KEYS, later)
    assert view is not None
    assert (view.read_at, view.failing) == (later, False)
    assert BusyTime.select().count() > 20
    much_later = now + own_calendars.HORIZON / 2 + dt.timedelta(days=1)
    reader(much_later).read_one()
    assert "If-None-Match" not in server.asked[2], "the horizon moves on"  # type: ignore[attr-defined]


def test_a_fault_is_shown_and_what_was_known_stays(
    ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime
) -> None:
    follow(ana, server, now)
    reader(now).read_one()
    count = BusyTime.select().count()
    server.status, server.body = 500, b""  # type: ignore[attr-defined]
    OwnCalendar.update(etag="").execute()
    at, waits = now + own_calendars.EVERY, []
    for _try in range(3):
        assert reader(at).read_one()
        row = OwnCalendar.get()
        waits.append(row.due_at - at)
        at = row.due_at
    assert waits == [own_calendars.RETRY_FIRST * n for n in (1, 2, 4)]
    view = own_calendars.own_calendar(ana, KEYS, at)
    assert view is not None
    assert view.faults == ("answer: 500; expected a document (200 OK)",)
    assert BusyTime.select().count() == count


def test_this_machine_and_its_neighbours_are_never_asked(
    ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime
) -> None:
    """The reader as the product runs it."""
    for port in (80, server.server_port):
        follow(ana, server, now)
        OwnCalendar.update(url=f"http://127.0.0.1:{port}/me.ics").execute()
        assert CalendarReader(KEYS, clock=lambda: now).read_one()
        assert OwnCalendar.get().fault != ""
    assert server.asked == []  # type: ignore[attr-defined]


def test_an_address_is_kept_sealed_and_told_to_the_reader_alone(
    ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime
) -> None:
    """Whoever has it can read the calendar: a reader of the database or of a backup may not."""
    own_calendars.follow_address(ana, ADDRESS, KEYS, now)
    assert "private" not in OwnCalendar.get().url
    view = own_calendars.own_calendar(ana, KEYS, now)
    assert view is not None
    assert view.host == "calendar.example.org"
    # One of before there were seals is sealed when it is next asked.
    follow(ana, server, now)
    assert reader(now).read_one()
    row = OwnCalendar.get()
    assert "://" not in row.url
    assert (row.fault, row.read_at) == ("", now)


def test_an_address_of_another_key_asks_for_itself_anew(ana: Actor, now: dt.datetime) -> None:
    own_calendars.follow_address(ana, ADDRESS, Keyring("o" * 40), now)
    assert reader(now).read_one()
    view = own_calendars.own_calendar(ana, KEYS, now)
    assert view is not None
    assert (view.host, view.failing, view.checked_at) == ("…", True, now)
    assert "once more" in view.faults[0]


def test_a_calendar_taken_by_a_worker_that_dies_is_due_again(
    ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime
) -> None:
    follow(ana, server, now)
    assert own_calendars.claim_due(now) is not None
    assert own_calendars.claim_due(now) is None, "held by another"
    assert own_calendars.claim_due(now + own_calendars.HELD) is not None


def test_removed_while_it_was_asked_it_stays_removed(
    ana: Actor, server: http.server.ThreadingHTTPServer, now: dt.datetime
) -> None:
    follow(ana, server, now)
    found = own_calendars.claim_due(now)
    assert found is not None
    ordinary = reader(now).fetch

    def slow(url: str, etag: str, modified: str):  # type: ignore[no-untyped-def]
        came = ordinary(url, etag, modified)
        own_calendars.remove(ana, now)
        return came

    own_calendars.refresh(found, KEYS, now, slow)
    assert BusyTime.select().count() == OwnCalendar.select().count() == 0
    assert own_calendars.own_calendar(ana, KEYS, now) is None
    with pytest.raises(NotFound):
        own_calendars.remove(ana, now)


def test_a_file_is_read_and_not_kept(world: SmallWorld, ana: Actor, now: dt.datetime) -> None:
    assert own_calendars.take_file(ana, WEEKLY, now) == 28
    view = own_calendars.own_calendar(ana, KEYS, now)
    assert view is not None
    assert (view.host, view.read_at) == ("", now)
    with pytest.raises(NotFound):
        own_calendars.ask_again(ana, now)
    for bad in (b"", b"no calendar", b"x" * (own_calendars.FILE_MOST + 1)):
        with pytest.raises(Invalid):
            own_calendars.take_file(ana, bad, now)
    assert BusyTime.select().count() == 28, "nothing half replaced"


def test_ones_own_shift_in_ones_own_calendar_is_no_reason_to_be_away(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    own_calendars.take_file(ana, WEEKLY, now)
    write_roster(
        world, MONDAY, [Shift(world.mediators[0], world.lisbon, MONDAY, "09:00", "10:00", None)]
    )
    week = Horizon(MONDAY)
    times = own_calendars.busy_times([world.mediators[0].id], week.starts_at, week.ends_at)
    assert times == []


def test_ones_own_field_route_in_ones_own_calendar_is_no_reason_to_be_away(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    """Whoever goes along receives at its stops, whatever copy of it their own calendar has."""
    stop = StopFacts(place="Praça", from_minute=540, until_minute=600)
    facts = RouteFacts(
        office_id=world.lisbon.id, date=MONDAY, name="Sul", leaves_minute=540,
        returns_minute=600, stops=(stop,),
    )  # fmt: skip
    route = field_routes.create_route(world.system, facts, now)
    me = world.mediators[0].id
    field_crew.assign(world.system, route, me, now)
    own_calendars.take_file(ana, WEEKLY, now)
    week = Horizon(MONDAY)
    assert own_calendars.busy_times([me], week.starts_at, week.ends_at) == []
    after = Horizon(MONDAY + dt.timedelta(days=7))
    assert len(own_calendars.busy_times([me], after.starts_at, after.ends_at)) == 1
    field_changes.cancel_route(world.system, route, now)
    assert own_calendars.busy_times([me], week.starts_at, week.ends_at) == []


def test_what_touches_ones_own_shift_stays_and_so_does_the_shift_as_it_once_was(
    world: SmallWorld, ana: Actor, now: dt.datetime
) -> None:
    """The doctor's right after the shift; an all-day holiday; and a copy that is a version old."""
    spans = (
        ("20260309T090000Z", "20260309T170000Z"),
        ("20260309T170000Z", "20260309T180000Z"),
        ("20260311T000000Z", "20260312T000000Z"),
    )
    events = [
        f"BEGIN:VEVENT\r\nUID:{start}\r\nDTSTART:{start}\r\nDTEND:{end}\r\nEND:VEVENT\r\n"
        for start, end in spans
    ]
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//PT\r\n"
    data = (head + "".join(events) + "END:VCALENDAR\r\n").encode()
    own_calendars.take_file(ana, data, now)
    me, lisbon = world.mediators[0], world.lisbon
    wednesday = MONDAY + dt.timedelta(days=2)
    old = [Shift(me, lisbon, MONDAY, "09:00", "17:00"), Shift(me, lisbon, wednesday)]
    write_roster(world, MONDAY, old)
    write_roster(world, MONDAY, [Shift(me, lisbon, wednesday)], version=2)
    week = Horizon(MONDAY)
    times = own_calendars.busy_times([me.id], week.starts_at, week.ends_at)
    assert [(start.day, start.hour, end.hour) for _who, start, end in times] == [
        (9, 17, 18),
        (11, 0, 0),
    ]
    seen = own_calendars.own_calendar(ana, KEYS, now)
    assert seen is not None
    assert seen.count == 2, "shown as one with the shift it touches"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org/a.ics",
        "https://me:secret@example.org/a.ics",
        "https://example.org:22/",
    ],
)
def test_an_address_that_cannot_be_is_refused_at_once(
    world: SmallWorld, ana: Actor, now: dt.datetime, url: str
) -> None:
    with pytest.raises(Invalid):
        own_calendars.follow_address(ana, url, KEYS, now)
    assert OwnCalendar.select().count() == 0


def test_only_mediators_have_one(world: SmallWorld, now: dt.datetime) -> None:
    for email in (world.coordinator, world.trainer, world.association):
        with pytest.raises(Forbidden):
            own_calendars.own_calendar(actor_of(User.get(User.email == email)), KEYS, now)
    assert database.obj is not None

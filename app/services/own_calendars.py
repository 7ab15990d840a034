"""A mediator's own calendar: when they are busy, and never why.

They give its address, which a worker asks from time to time, or upload a file, of which nothing
is kept but the times. Whoever has such an address can read the calendar: it is kept sealed. Busy
times count as unavailability when a roster is drafted. Titles, places and guests never leave the
process apart that reads the calendar (`calendars.busy_apart`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from urllib.parse import urlsplit

from app.i18n import _
from app.models import (
    Assignment,
    BusyTime,
    FieldRoute,
    FieldSeat,
    Mediator,
    Office,
    OwnCalendar,
    PhoneTurn,
    Roster,
    database,
)
from app.services import audit
from app.services.calendar_words import SEALED, expected_words, fault_words
from app.services.errors import InputFault, Invalid, NotFound
from app.services.keyring import Keyring
from app.services.my_duties import own_mediator
from app.services.rights import Actor
from calendars.busy import BusyInterval, BusyReading, joined
from calendars.busy_apart import read_busy_apart
from calendars.faults import CalendarFault, Fault
from calendars.fetch import Fetched, check_url, fetch_calendar

HORIZON = dt.timedelta(days=190)
"""How far ahead busy times are kept; rosters are drafted some weeks ahead."""
BEHIND = dt.timedelta(days=8)
EVERY = dt.timedelta(hours=6)
HELD = dt.timedelta(minutes=15)
"""A calendar taken in hand by a worker that dies is due again after this time."""
RETRY_FIRST = dt.timedelta(minutes=15)
RETRY_LONGEST = dt.timedelta(days=1)
FILE_MOST = 2_000_000
FILE_SECONDS = 10
_SHOWN_SPANS = 6

Fetch = Callable[[str, str, str], Fetched]
"""Address, ETag and Last-Modified of the last time → what came; raises CalendarFault."""


@dataclass(frozen=True, slots=True)
class OwnCalendarView:
    """What its owner sees of it: no titles, and of the address the host alone."""

    host: str
    """Empty for a file; three dots for an address that was sealed with another key."""
    added_at: dt.datetime
    checked_at: dt.datetime | None
    read_at: dt.datetime | None
    failing: bool
    """It could not be read the last time."""
    faults: tuple[str, ...]
    """Why not, in the reader's words."""
    unread: int
    covers_until: dt.datetime | None
    zone: str
    times: tuple[tuple[dt.datetime, dt.datetime], ...]
    """The next few busy times."""
    count: int
    """Busy times to come."""


def own_calendar(actor: Actor, keys: Keyring, now: dt.datetime) -> OwnCalendarView | None:
    """The actor's own calendar as it stands. Raises Forbidden for who is no mediator."""
    mediator = own_mediator(actor)
    row = OwnCalendar.get_or_none(OwnCalendar.mediator == mediator)
    if row is None:
        return None
    coming = joined(
        BusyInterval(one.starts_at, one.ends_at) for one in row.times.where(BusyTime.ends_at > now)
    )
    return OwnCalendarView(
        host=_host(_opened(row.url, keys)),
        added_at=row.added_at,
        checked_at=row.checked_at,
        read_at=row.read_at,
        failing=bool(row.fault),
        faults=tuple(fault_words(one) for one in _kept_faults(row.fault)),
        unread=row.unread,
        covers_until=row.covers_until,
        zone=mediator.home_office.zone,
        times=tuple((one.start, one.end) for one in coming[:_SHOWN_SPANS]),
        count=len(coming),
    )


def follow_address(actor: Actor, url: str, keys: Keyring, now: dt.datetime) -> None:
    """Take busy times from the calendar at this address, in place of what was there before.

    It is looked at by a worker, at once. Raises Invalid with all that is wrong with the address.
    """
    mediator = own_mediator(actor)
    try:
        address = check_url(url)
    except CalendarFault as error:
        raise _invalid("url", error) from None
    with database.atomic():
        _forget(mediator.id)
        sealed = keys.seal(address)
        row = OwnCalendar.create(mediator=mediator, url=sealed, added_at=now, due_at=now)
        audit.record(actor, "own_calendar.follow", "own_calendar", row.id, now)


def take_file(actor: Actor, data: bytes, now: dt.datetime) -> int:
    """Take busy times from a calendar file, in place of what was there before; how many.

    The file itself is not kept. Raises Invalid where it is no calendar, or too large.
    """
    mediator = own_mediator(actor)
    if not data:
        raise Invalid([InputFault("file", "", _("a calendar file (.ics)"))])
    if len(data) > FILE_MOST:
        most = _("a file of at most %(n)d MB", n=FILE_MOST // 1_000_000)
        raise Invalid([InputFault("file", len(data), most)])
    try:
        reading = _read(mediator, data, now, FILE_SECONDS)
    except CalendarFault as error:
        raise _invalid("file", error) from None
    with database.atomic():
        _forget(mediator.id)
        row = OwnCalendar.create(
            mediator=mediator, added_at=now, checked_at=now, read_at=now,
            unread=len(reading.unread), covers_until=now + HORIZON,
        )  # fmt: skip
        _keep_times(row, reading)
        audit.record(actor, "own_calendar.file", "own_calendar", row.id, now)
    return len(reading.intervals)


def remove(actor: Actor, now: dt.datetime) -> None:
    """Forget the address and every time taken from it. Raises NotFound where there is none."""
    mediator = own_mediator(actor)
    with database.atomic():
        if not _forget(mediator.id):
            raise NotFound
        audit.record(actor, "own_calendar.remove", "mediator", mediator.id, now)


def ask_again(actor: Actor, now: dt.datetime) -> None:
    """Have the address looked at now. Raises NotFound where there is none."""
    mediator = own_mediator(actor)
    asked = (
        OwnCalendar.update(due_at=now)
        .where(OwnCalendar.mediator == mediator, OwnCalendar.url != "")
        .execute()
    )
    if not asked:
        raise NotFound


def claim_due(now: dt.datetime) -> int | None:
    """The id of a calendar that is due, held for a while by who gets it; None when none is."""
    due = OwnCalendar.select().where(OwnCalendar.due_at <= now).order_by(OwnCalendar.due_at)
    for row in list(due.limit(5)):
        held = (
            OwnCalendar.update(due_at=now + HELD)
            .where(OwnCalendar.id == row.id, OwnCalendar.due_at == row.due_at)
            .execute()
        )
        if held:
            return int(row.id)
    return None


def refresh(
    calendar_id: int, keys: Keyring, now: dt.datetime, fetch: Fetch = fetch_calendar
) -> None:
    """Ask a calendar's address and keep its busy times. A fault is kept for its owner to see.

    Nothing is held while the network is waited for; what is removed meanwhile stays removed.
    """
    row = OwnCalendar.get_or_none(OwnCalendar.id == calendar_id)
    if row is None:
        return
    url = _opened(row.url, keys)
    if url is None:
        _note_faults(row, (SEALED,), now)
        return
    if url == row.url:
        _seal(row, keys)
    # After half the horizon an unchanged calendar is expanded anew, or its end would come nearer.
    stale = row.covers_until is None or row.covers_until < now + HORIZON / 2
    try:
        came = fetch(url, "" if stale else row.etag, "" if stale else row.last_modified)
        reading = None if came.body is None else _read(row.mediator, came.body, now, 10)
    except CalendarFault as error:
        _note_faults(row, error.faults, now)
        return
    with database.atomic():
        columns = {
            "checked_at": now, "read_at": now, "due_at": now + EVERY, "failures": 0, "fault": "",
            "etag": came.etag[:255], "last_modified": came.last_modified[:255],
        }  # fmt: skip
        if reading is not None:
            columns |= {"unread": len(reading.unread), "covers_until": now + HORIZON}
        if _update(row, columns) and reading is not None:
            BusyTime.delete().where(BusyTime.calendar == row).execute()
            _keep_times(row, reading)


def busy_times(
    mediator_ids: Iterable[int], since: dt.datetime, until: dt.datetime
) -> list[tuple[int, dt.datetime, dt.datetime]]:
    """(mediator, start, end) of busy times that touch `[since, until)`.

    A shift of theirs, as it is or once was published, or a field route of theirs, called off or
    not, that a mediator has put into that calendar is no reason to be away.
    """
    wanted = list(mediator_ids)
    rows = (
        BusyTime.select(OwnCalendar.mediator, BusyTime.starts_at, BusyTime.ends_at)
        .join(OwnCalendar)
        .where(
            OwnCalendar.mediator.in_(wanted),
            BusyTime.starts_at < until,
            BusyTime.ends_at > since,
        )
        .tuples()
    )
    found = list(rows)
    if not found:
        return []
    shifts = set(
        Assignment.select(Assignment.mediator, Assignment.starts_at, Assignment.ends_at)
        .join(Roster)
        .where(
            Roster.published_at.is_null(False),
            Assignment.mediator.in_(wanted),
            Assignment.starts_at < until,
            Assignment.ends_at > since,
        )
        .tuples()
    )
    routes = set(
        FieldSeat.select(FieldSeat.mediator, FieldRoute.starts_at, FieldRoute.ends_at)
        .join(FieldRoute)
        .where(
            FieldSeat.mediator.in_(wanted),
            FieldRoute.starts_at < until,
            FieldRoute.ends_at > since,
        )
        .tuples()
    )
    turns = set(
        PhoneTurn.select(PhoneTurn.mediator, PhoneTurn.starts_at, PhoneTurn.ends_at)
        .where(
            PhoneTurn.mediator.in_(wanted),
            PhoneTurn.starts_at < until,
            PhoneTurn.ends_at > since,
        )
        .tuples()
    )
    return [one for one in found if one not in shifts | routes | turns]


def _read(mediator: Mediator, data: bytes, now: dt.datetime, seconds: int) -> BusyReading:
    office: Office = mediator.home_office
    return read_busy_apart(data, now - BEHIND, now + HORIZON, zone=office.zone, seconds=seconds)


def _keep_times(row: OwnCalendar, reading: BusyReading) -> None:
    rows = [
        {"calendar": row.id, "starts_at": one.start, "ends_at": one.end} for one in reading.events
    ]
    for start in range(0, len(rows), 200):
        BusyTime.insert_many(rows[start : start + 200]).execute()


def _opened(kept: str, keys: Keyring) -> str | None:
    """An address as it is kept, for use; None where another key sealed it.

    Before there were seals it was kept as it is; such a one is sealed when it is next asked.
    """
    return kept if "://" in kept or not kept else keys.unseal(kept)


def _host(url: str | None) -> str:
    return "…" if url is None else urlsplit(url).hostname or ""


def _seal(row: OwnCalendar, keys: Keyring) -> None:
    sealed = keys.seal(row.url)
    if _update(row, {"url": sealed}):
        row.url = sealed


def _note_faults(row: OwnCalendar, faults: Iterable[Fault], now: dt.datetime) -> None:
    """The times known before stay; the next try comes later each time.

    Faults are kept in their parts, since who reads them has a language and the worker none.
    """
    told = json.dumps([astuple(one) for one in faults], ensure_ascii=False)
    wait = min(RETRY_FIRST * 2**row.failures, RETRY_LONGEST) if row.failures < 8 else RETRY_LONGEST
    _update(
        row,
        {"checked_at": now, "due_at": now + wait, "failures": row.failures + 1, "fault": told},
    )


def _kept_faults(kept: str) -> tuple[Fault, ...]:
    """Nothing of a sentence that an earlier version kept: the next try tells it anew."""
    try:
        return tuple(Fault(*one) for one in json.loads(kept or "[]"))
    except ValueError:
        return ()


def _update(row: OwnCalendar, columns: dict[str, object]) -> bool:
    """Unless it was removed or changed to another address meanwhile."""
    changed = (
        OwnCalendar.update(**columns)
        .where(
            OwnCalendar.id == row.id,
            OwnCalendar.url == row.url,
            OwnCalendar.added_at == row.added_at,
        )
        .execute()
    )
    return bool(changed)


def _forget(mediator_id: int) -> bool:
    row = OwnCalendar.get_or_none(OwnCalendar.mediator == mediator_id)
    if row is None:
        return False
    BusyTime.delete().where(BusyTime.calendar == row).execute()
    row.delete_instance()
    return True


def _invalid(field: str, error: CalendarFault) -> Invalid:
    return Invalid([InputFault(field, one.value, expected_words(one)) for one in error.faults])

"""iCalendar feeds that stay right in the clients people have.

Every instant is written in UTC (`DTSTART:20260329T080000Z`), with no VTIMEZONE. A shift is one
concrete instant, never a rule ("every Monday at nine"), so a zone would carry nothing that the
instant does not; and it is in the zones that clients go wrong: Outlook is an hour out for a TZID
at UTC+0 in winter, ical.js reads only the first of several RDATEs. The reader's device shows its
own wall clock; the office's wall clock stands in the description, in words. X-WR-TIMEZONE names
the office's zone for clients that draw a whole calendar in one.

The same events and settings give the same bytes: no clock is read, events are sorted, DTSTAMP and
LAST-MODIFIED are the row's. Google never updates an event whose UID or DTSTAMP moves at each
fetch, and an unchanged feed is a 304.

RFC 5545 (iCalendar), RFC 7986 (NAME, REFRESH-INTERVAL).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Calendar, vDuration

from calendars.content_lines import content_line, instant, text
from calendars.faults import CalendarFault, Fault, shown, zone_known
from calendars.right_to_left import isolated
from calendars.words import LANGUAGES, words, zone_words

PRODID = "-//Escala//Escala 1.0//PT"
PAST_MONTHS = 3
MAX_FEED_BYTES = 1_000_000
_END = b"END:VCALENDAR\r\n"
_LARGEST_SEQUENCE = 2**31 - 1
_UID = re.compile(r"[\x21-\x7e]{1,255}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class EventStatus(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class FeedContents(StrEnum):
    """What a feed tells: everything, or only that the time is taken."""

    DETAILS = "details"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Break:
    """A pause inside an event, [start, end), aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One shift, training session or office closure in a feed.

    uid        the same for the life of the assignment, printable ASCII, at most 255 characters
    start end  aware instants, start < end
    sequence   0 at first, one more at each change of the row
    created modified  aware instants of the row; `modified` is also DTSTAMP
    summary location description  plain text, already in the feed's language
    breaks     written into the description, in the event's zone
    zone       IANA name of the office's zone; empty: the feed's
    busy_only  hides the texts of this event even in a feed with details
    """

    uid: str
    start: datetime
    end: datetime
    sequence: int
    created: datetime
    modified: datetime
    summary: str
    location: str = ""
    description: str = ""
    breaks: tuple[Break, ...] = ()
    status: EventStatus = EventStatus.CONFIRMED
    zone: str = ""
    url: str = ""
    busy_only: bool = False


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """How a feed is written. `name` is the calendar's name in the client."""

    name: str
    language: str = "pt"
    contents: FeedContents = FeedContents.DETAILS
    keep_cancelled: bool = False
    refresh_hours: int = 1
    zone: str = "Europe/Lisbon"
    description: str = field(default="")


def render_feed(events: Iterable[FeedEvent], settings: FeedSettings) -> bytes:
    """The feed as UTF-8 iCalendar, CRLF line ends, folded at 75 octets.

    Equal input gives equal bytes, whatever the order of `events`.

    Raises `CalendarFault` with every fault of every event and of the settings.
    """
    listed = _checked(events, settings)
    head, end = _header(settings)
    return b"".join([head, *(_component(event, settings) for event in listed), end])


def window(events: Iterable[FeedEvent], now: datetime) -> tuple[FeedEvent, ...]:
    """The events worth keeping in a feed: all to come, and of the past a quarter.

    The edge is the first instant of the month (UTC) three months before `now`, so that the
    passing of a day changes no byte; an event that ends after it stays.
    """
    edge = shown_since(now)
    return tuple(event for event in events if event.end > edge)


def shown_since(now: datetime) -> datetime:
    """The edge of `window`: what ended by then is in no feed."""
    return _month_start(now, -PAST_MONTHS)


def stands_until(now: datetime, fitted: bool) -> datetime:
    """How long a feed made at `now` stays right while its events do.

    Until the edge of `window` moves, with the month; where events were dropped to make it fit,
    which asks what is past, until the day ends (UTC).
    """
    if fitted:
        return _day_start(now) + timedelta(days=1)
    return _month_start(now, 1)


def fit_feed(
    events: Iterable[FeedEvent],
    settings: FeedSettings,
    now: datetime,
    max_bytes: int = MAX_FEED_BYTES,
) -> bytes:
    """`render_feed` of the `window`, never above `max_bytes` (Google refuses 1 MB and more).

    What does not fit is dropped by whole events: first the oldest of the past, then the farthest
    of the future. Past is what had ended when the day began (UTC).
    """
    today = _day_start(now)
    listed = _checked(window(events, now), settings)
    sizes = {event.uid: len(_component(event, settings)) for event in listed}
    room = max_bytes - sum(map(len, _header(settings)))
    future = [event for event in listed if event.end > today]
    past = [event for event in reversed(listed) if event.end <= today]
    kept = []
    for event in [*future, *past]:
        room -= sizes[event.uid]
        if room < 0:
            break
        kept.append(event)
    return render_feed(kept, settings)


def etag(body: bytes) -> str:
    """A strong entity tag for a feed, quotes included."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _checked(events: Iterable[FeedEvent], settings: FeedSettings) -> list[FeedEvent]:
    """The events that will be written, in order; raises if any input is faulty."""
    listed = list(events)
    faults = [
        *_settings_faults(settings),
        *_twice(listed),
        *(fault for event in listed for fault in _event_faults(event)),
    ]
    if faults:
        raise CalendarFault(faults)
    shown_events = (
        event
        for event in listed
        if settings.keep_cancelled or event.status is not EventStatus.CANCELLED
    )
    return sorted(shown_events, key=lambda event: (event.start, event.end, event.uid))


def _settings_faults(settings: FeedSettings) -> Iterator[Fault]:
    if not settings.name.strip():
        yield Fault("feed settings", "name", shown(settings.name), "a name")
    if settings.language not in LANGUAGES:
        yield Fault("feed settings", "language", shown(settings.language), " or ".join(LANGUAGES))
    if not 1 <= settings.refresh_hours <= 168:
        yield Fault("feed settings", "refresh_hours", shown(settings.refresh_hours), "1 to 168")
    if not zone_known(settings.zone):
        yield Fault("feed settings", "zone", shown(settings.zone), "an IANA time zone")


def _event_faults(event: FeedEvent) -> Iterator[Fault]:
    thing = f"event {shown(event.uid)}"
    if not _UID.fullmatch(event.uid):
        yield Fault(thing, "uid", shown(event.uid), "1 to 255 printable ASCII characters")
    if not 0 <= event.sequence <= _LARGEST_SEQUENCE:
        yield Fault(thing, "sequence", shown(event.sequence), f"0 to {_LARGEST_SEQUENCE}")
    if event.zone and not zone_known(event.zone):
        yield Fault(thing, "zone", shown(event.zone), "an IANA time zone")
    instants = {
        "start": event.start,
        "end": event.end,
        "created": event.created,
        "modified": event.modified,
        **{f"breaks[{i}].start": pause.start for i, pause in enumerate(event.breaks)},
        **{f"breaks[{i}].end": pause.end for i, pause in enumerate(event.breaks)},
    }
    naive = [name for name, instant in instants.items() if instant.utcoffset() is None]
    for name in naive:
        yield Fault(thing, name, shown(instants[name]), "a datetime with a time zone")
    if naive:
        return
    if event.end <= event.start:
        yield Fault(thing, "end", event.end.isoformat(), f"after {event.start.isoformat()}")
    for i, pause in enumerate(event.breaks):
        if not event.start <= pause.start < pause.end <= event.end:
            span = f"{pause.start.isoformat()} to {pause.end.isoformat()}"
            yield Fault(thing, f"breaks[{i}]", span, "a span inside the event")


def _twice(events: list[FeedEvent]) -> Iterator[Fault]:
    for uid, count in Counter(event.uid for event in events).items():
        if count > 1:
            yield Fault(f"event {shown(uid)}", "uid", f"used {count} times", "a uid used once")


def _header(settings: FeedSettings) -> tuple[bytes, bytes]:
    """What stands before the events, and after them."""
    refresh = timedelta(hours=settings.refresh_hours)
    name = _worded(settings.name)
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    if settings.description:
        calendar.add("description", _worded(settings.description))
        calendar.add("x-wr-caldesc", _worded(settings.description))
    calendar.add("x-wr-timezone", settings.zone)
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(refresh))
    written = bytes(calendar.to_ical(sorted=False))
    return written.removesuffix(_END), _END


def _component(event: FeedEvent, settings: FeedSettings) -> bytes:
    """A VEVENT, its properties in an order that is ours to keep stable."""
    catalogue = words(settings.language)
    cancelled = event.status is EventStatus.CANCELLED
    hidden = event.busy_only or settings.contents is FeedContents.BUSY
    summary = catalogue.busy if hidden else _worded(event.summary)
    modified = instant(event.modified)
    lines = [
        ("BEGIN", "VEVENT"),
        ("UID", text(event.uid)),
        ("DTSTAMP", modified),
        ("DTSTART", instant(event.start)),
        ("DTEND", instant(event.end)),
        ("SEQUENCE", str(event.sequence)),
        ("CREATED", instant(event.created)),
        ("LAST-MODIFIED", modified),
        ("SUMMARY", text(f"{catalogue.cancelled}: {summary}" if cancelled else summary)),
    ]
    if not hidden:
        if event.location:
            lines.append(("LOCATION", text(_worded(event.location))))
        lines.append(("DESCRIPTION", text(_description(event, settings))))
        if event.url:
            lines.append(("URL", _one_line(_plain(event.url))))
    lines += [
        ("STATUS", "CANCELLED" if cancelled else "CONFIRMED"),
        ("TRANSP", "TRANSPARENT" if cancelled else "OPAQUE"),
        ("END", "VEVENT"),
    ]
    return b"".join(content_line(name, value) for name, value in lines)


def _description(event: FeedEvent, settings: FeedSettings) -> str:
    """The given text, then the office's hours and the breaks as its wall clock shows them."""
    catalogue = words(settings.language)
    zone_name = event.zone or settings.zone
    zone = ZoneInfo(zone_name)
    hours = f"{_hours(event.start, event.end, zone)} ({zone_words(zone_name, settings.language)})"
    lines = [_worded(event.description), hours] if event.description else [hours]
    if event.breaks:
        label = catalogue.break_ if len(event.breaks) == 1 else catalogue.breaks
        pauses = sorted(event.breaks, key=lambda pause: pause.start)
        listed = ", ".join(_hours(pause.start, pause.end, zone) for pause in pauses)
        lines.append(f"{label}: {listed}")
    return "\n".join(lines)


def _hours(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    return f"{_clock(start.astimezone(zone))}–{_clock(end.astimezone(zone))}"


def _clock(wall: datetime) -> str:
    return f"{wall.hour:02}:{wall.minute:02}"


def _one_line(value: str) -> str:
    """A value that is no text, which has no way to write a line break."""
    return value.replace("\n", "")


def _worded(text: str) -> str:
    """Text for people, in which a name may be written from right to left."""
    return isolated(_plain(text))


def _plain(text: str) -> str:
    """Text that a content line can hold: one kind of line break, no control characters."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # icalendar writes a backslash followed by N as a line break; no shift's text needs one.
    return text.replace("\\N", "/N").strip()


def _month_start(now: datetime, months: int) -> datetime:
    month = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1 + months
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _day_start(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

"""When somebody is busy, read from their own calendar; never why.

A mediator may give the address of a private calendar or upload a file. What is kept of it is a
handful of spans of time: no title, place or guest leaves this module, not even in a message.

`read_busy` is the reading itself and bounds what it can (size, events, occurrences, rules that
strike every second). A calendar can still be written to make any recurrence library think for
minutes ("every 30th of February"), so what comes from outside goes through
`calendars.busy_apart`: the same reading in a process of its own, its time and memory limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

from calendars.faults import CalendarFault, Fault, refuse, shown, zone_known

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_MOMENTS_A_DAY = 24
_LONGEST_INTERVAL = 1000
_YEARS = (1970, 2199)
_FREE = ("FREE", "WORKINGELSEWHERE")


@dataclass(frozen=True, slots=True)
class BusyInterval:
    """Time that is taken, [start, end), in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class BusyLimits:
    """What a calendar may ask of us. Above these it is refused, not cut."""

    bytes: int = 2_000_000
    events: int = 10_000
    occurrences: int = 10_000
    horizon_days: int = 400


@dataclass(frozen=True, slots=True)
class BusyReading:
    """When somebody is busy, and the events that could not be read, by number."""

    events: tuple[BusyInterval, ...]
    """One by one, in order; two at the same time are one."""
    unread: tuple[Fault, ...] = ()

    @property
    def intervals(self) -> tuple[BusyInterval, ...]:
        """The busy times, those that overlap or touch joined."""
        return joined(self.events)


DEFAULT_LIMITS = BusyLimits()


def joined(times: Iterable[BusyInterval]) -> tuple[BusyInterval, ...]:
    """The same times, in order, those that overlap or touch as one."""
    found: list[BusyInterval] = []
    for one in sorted(times, key=lambda time: time.start):
        if found and one.start <= found[-1].end:
            found[-1] = BusyInterval(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return tuple(found)


def read_busy(
    data: bytes,
    horizon_start: datetime,
    horizon_end: datetime,
    zone: str = "Europe/Lisbon",
    limits: BusyLimits = DEFAULT_LIMITS,
) -> BusyReading:
    """The times a calendar holds as busy within [horizon_start, horizon_end).

    Recurring events are expanded; cancelled and transparent ones (and Outlook's "free") left
    out. All-day and floating times are those of the calendar's own zone (X-WR-TIMEZONE), or of
    `zone` where it names none. VFREEBUSY counts too.

    One unreadable event does not spoil the rest: it is in `unread`, as "event 12" in the order
    of the file. Raises `CalendarFault` when the whole cannot be used.
    """
    check_question(data, horizon_start, horizon_end, zone, limits)
    found: list[BusyInterval] = []
    unread: list[Fault] = []
    for name, spans in _parts(_parsed(data), horizon_start, horizon_end, zone, limits):
        try:
            for interval in spans:
                if interval.end > horizon_start and interval.start < horizon_end:
                    found.append(interval)
                    if len(found) > limits.occurrences:
                        break
        except CalendarFault as fault:
            unread.extend(fault.faults)
        except MemoryError:
            raise
        except Exception as error:  # whatever a hostile file provokes spoils this event alone
            unread.append(Fault(name, "contents", type(error).__name__, "readable iCalendar"))
        if len(found) > limits.occurrences:
            raise _too_many("occurrences within the horizon", limits.occurrences)
    return BusyReading(_clipped(found, horizon_start, horizon_end), tuple(unread))


def check_question(
    data: bytes, start: datetime, end: datetime, zone: str, limits: BusyLimits
) -> None:
    """Raise `CalendarFault` with all that is wrong with what `read_busy` was asked."""
    faults = []
    if len(data) > limits.bytes:
        faults.append(Fault("calendar", "bytes", str(len(data)), f"at most {limits.bytes}"))
    if start.utcoffset() is None or end.utcoffset() is None:
        faults.append(Fault("horizon", "start and end", f"{start} to {end}", "with a time zone"))
    elif not start < end <= start + timedelta(days=limits.horizon_days):
        expected = f"1 second to {limits.horizon_days} days"
        faults.append(Fault("horizon", "length", str(end - start), expected))
    if not zone_known(zone):
        faults.append(Fault("reading", "zone", shown(zone), "an IANA time zone"))
    if faults:
        raise CalendarFault(faults)


def _parsed(data: bytes) -> list[Calendar]:
    try:
        calendars = list(Calendar.from_ical(data, multiple=True))
    except MemoryError:
        raise
    except Exception as error:  # the parser's exceptions are many, and all mean the same here
        expected = "an iCalendar file (.ics) that starts with BEGIN:VCALENDAR"
        came = f"unreadable ({type(error).__name__})"
        raise refuse("calendar", "contents", came, expected) from None
    if not calendars or any(part.name != "VCALENDAR" for part in calendars):
        raise refuse("calendar", "contents", "no VCALENDAR", "an iCalendar file (.ics)")
    return calendars


def _parts(
    calendars: list[Calendar], start: datetime, end: datetime, zone: str, limits: BusyLimits
) -> Iterator[tuple[str, Iterator[BusyInterval]]]:
    """The series and free/busy lists of a file: what to call each, and its busy times."""
    number = 0
    for calendar in calendars:
        home = _home_zone(calendar, zone)
        events = list(enumerate(calendar.walk("VEVENT"), number + 1))
        number += len(events)
        if number > limits.events:
            raise _too_many("events", limits.events)
        for first, group in _series(events):
            yield f"event {first}", _instants(_expanded(group, start, end), home)
        for part in calendar.walk("VFREEBUSY"):
            yield "free/busy", _instants(_free_busy(part), home)


def _instants(spans: Iterator[tuple[date, date]], home: ZoneInfo) -> Iterator[BusyInterval]:
    for start, end in spans:
        yield BusyInterval(_instant(start, home), _instant(end, home))


def _home_zone(calendar: Component, zone: str) -> ZoneInfo:
    own = str(calendar.get("X-WR-TIMEZONE", ""))
    return ZoneInfo(own if zone_known(own) else zone)


def _series(
    events: list[tuple[int, Component]],
) -> Iterator[tuple[int, list[tuple[int, Component]]]]:
    """Events by UID (a series and its exceptions share one), with the first one's number."""

    def uid(numbered: tuple[int, Component]) -> str:
        return str(numbered[1].get("UID", f"\0{numbered[0]}"))

    for _, group in groupby(sorted(events, key=uid), key=uid):
        members = list(group)
        yield members[0][0], members


def _expanded(
    group: list[tuple[int, Component]], start: datetime, end: datetime
) -> Iterator[tuple[date, date]]:
    """Starts and ends of the busy occurrences of one series; dates where it is all day."""
    faults = [fault for number, event in group for fault in _unsafe(number, event)]
    if faults:
        raise CalendarFault(faults)
    calendar = Calendar()
    for _, event in group:
        _mend_until(event)
        calendar.add_component(event)
    a_day = timedelta(days=1)  # floating and all-day times move by the zone afterwards
    exact = any("RRULE" in event or "DTEND" not in event for _, event in group)
    for series in recurring_ical_events.of(calendar).series:
        for occurrence in series.between(start - a_day, end + a_day):
            component = occurrence.as_component(False)
            if _is_busy(component):
                yield component.start, _end(component.start, component.end, exact)


def _mend_until(event: Component) -> None:
    """Let a series of hours whose UNTIL is a day hold on that day too.

    Such a rule is none of RFC 5545, but programs write it and mean the whole day; the library
    reads the midnight that begins it.
    """
    start = getattr(event.get("DTSTART"), "dt", None)
    if not isinstance(start, datetime):
        return
    for rule in _listed(event.get("RRULE")):
        days = [one for one in _listed(rule.get("UNTIL")) if not isinstance(one, datetime)]
        if days:
            # Some write the end of time, which is beyond it in UTC.
            day = min(max(days[0], date(_YEARS[0], 1, 1)), date(_YEARS[1], 12, 31))
            last = datetime.combine(day, time(23, 59, 59), start.tzinfo)
            rule["UNTIL"] = [last.astimezone(UTC) if start.tzinfo else last]


def _end(start: date, end: date, exact: bool) -> date:
    """The end of an occurrence.

    One of a whole day that ends on the day on which it begins, as some programs write it, takes
    that day.

    A series has the same exact length each time (RFC 5545, 3.8.5.3), but the library adds it to
    the wall clock: in the night the clocks change the two are an hour apart.
    """
    if not isinstance(start, datetime) and end <= start:
        return start + timedelta(days=1)
    if (
        exact
        and isinstance(end, datetime)
        and isinstance(start, datetime)
        and start.tzinfo is not None
    ):
        length = end - start
        if length < timedelta(days=1):
            return start.astimezone(UTC) + length
    return end


def _unsafe(number: int, event: Component) -> Iterator[Fault]:
    """Reasons not to expand an event at all. Never quotes its texts."""
    thing = f"event {number}"
    for rule in _listed(event.get("RRULE")):
        frequency = str((rule.get("FREQ") or ["none"])[0]).upper()
        if frequency not in _FREQUENCIES:
            yield Fault(thing, "RRULE FREQ", shown(frequency), " or ".join(_FREQUENCIES))
        for interval in _listed(rule.get("INTERVAL")):
            if not 1 <= interval <= _LONGEST_INTERVAL:  # none at all would never come to an end
                expected = f"1 to {_LONGEST_INTERVAL}"
                yield Fault(thing, "RRULE INTERVAL", shown(interval), expected)
        moments = 1
        for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            moments *= max(1, len(_listed(rule.get(part))))
        if moments > _MOMENTS_A_DAY:
            yield Fault(thing, "RRULE moments a day", str(moments), f"at most {_MOMENTS_A_DAY}")
    if "DTSTART" not in event:
        yield Fault(thing, "DTSTART", "missing", "a start")
        return
    for field in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        moment = getattr(event.get(field), "dt", None)
        if moment is not None and not _YEARS[0] <= moment.year <= _YEARS[1]:
            yield Fault(thing, field, str(moment.year), f"a year from {_YEARS[0]} to {_YEARS[1]}")


def _too_many(what: str, most: int) -> CalendarFault:
    return refuse("calendar", what, f"over {most}", f"at most {most}")


def _is_busy(event: Component) -> bool:
    status = str(event.get("STATUS", "")).upper()
    transparent = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    outlook_free = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in _FREE
    return status != "CANCELLED" and not transparent and not outlook_free


def _free_busy(part: Component) -> Iterator[tuple[date, date]]:
    for prop in _listed(part.get("FREEBUSY")):
        if str(prop.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            for period in getattr(prop, "dts", [prop]):
                start, end = getattr(period, "dt", period)
                yield start, start + end if isinstance(end, timedelta) else end


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _instant(moment: date, home: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=home)
    return moment.astimezone(UTC)


def _clipped(
    found: Iterable[BusyInterval], start: datetime, end: datetime
) -> tuple[BusyInterval, ...]:
    """What of them lies within the horizon, in order, none twice."""
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    cut = {(max(one.start, first), min(one.end, last)) for one in found}
    return tuple(BusyInterval(since, until) for since, until in sorted(cut) if since < until)

"""The desks of an office as a visitor finds them: which answers a need, and when it is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.models import Admission, Desk, Office
from app.services.names import in_readers_language
from app.services.needs import GENERAL, NEEDS
from app.services.openings import OpeningCalendar, opening_calendar

DAYS_AHEAD = 8


@dataclass(frozen=True, slots=True)
class DeskAt:
    """Where a need is answered, as it stands at an instant."""

    need: str
    name: str
    admission: Admission
    open_until: dt.datetime | None
    opens_at: dt.datetime | None
    """The next opening within a week, while it is shut."""


def desk_at(office: Office, need: str, now: dt.datetime) -> DeskAt:
    """The desk of an office that answers a need; the reception where none does."""
    return desks_at(office, [need], now)[need]


def desks_at(office: Office, needs: Iterable[str], now: dt.datetime) -> dict[str, DeskAt]:
    """The same for several needs, read once."""
    wanted = set(needs)
    calendar = opening_calendar(office)
    rows = {row.need: row for row in Desk.select().where(Desk.office == office)}
    return {need: _desk(calendar, need, rows.get(need), now) for need in wanted}


def _desk(calendar: OpeningCalendar, need: str, row: Desk | None, now: dt.datetime) -> DeskAt:
    if row is None:
        until, opens = _opening(calendar, range(7), 0, 24 * 60, now)
        return DeskAt(GENERAL, str(NEEDS[GENERAL]), Admission.WALK_IN, until, opens)
    weekdays = [int(digit) for digit in row.weekdays]
    until, opens = _opening(calendar, weekdays, row.opens_minute, row.closes_minute, now)
    return DeskAt(need, desk_name(row), row.admission, until, opens)


def desk_name(row: Desk) -> str:
    return str(in_readers_language(row.name_pt, row.name_en))


def _opening(
    calendar: OpeningCalendar,
    weekdays: range | list[int],
    opens_minute: int,
    closes_minute: int,
    now: dt.datetime,
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When what keeps these hours inside the office's shuts, else when it opens next."""
    today = now.astimezone(calendar.zone).date()
    for ahead in range(DAYS_AHEAD):
        date = today + dt.timedelta(days=ahead)
        if date.weekday() not in weekdays:
            continue
        opens = calendar.instant(date, opens_minute)
        closes = calendar.instant(date, closes_minute)
        for start, end in calendar.intervals(date):
            start, end = max(start, opens), min(end, closes)
            if start <= now < end:
                return end, None
            if now < start < end:
                return None, start
    return None, None

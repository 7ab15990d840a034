"""When an office is open: its weekly hours, less its closures and the holidays it keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from app.i18n import FIRST, LANGUAGES, _, readers_language
from app.models import Closure, ExtraHoliday, Office, OpeningHours
from app.models.written import written
from app.services.horizon import Horizon
from forecast.holiday_dates import AUTONOMOUS_REGIONS

Interval = tuple[dt.datetime, dt.datetime]
DISTRICTS = frozenset(holidays.Portugal.subdivisions)
"""Subdivisions of Portugal whose municipal or regional day the `holidays` package knows."""


@dataclass(frozen=True, slots=True)
class OpeningCalendar:
    """An office's openings, read once; asks the database nothing afterwards."""

    zone: ZoneInfo
    district: str
    """Subdivision code, or empty: national holidays only."""
    hours: dict[int, tuple[tuple[int, int], ...]]
    """Weekday → (opens, closes) in minutes of the wall clock."""
    closures: dict[dt.date, str]
    """Date → reason."""
    extra_holidays: dict[tuple[int, int], str]
    """(month, day) → name: the office's own municipal day."""

    def intervals(self, date: dt.date) -> list[Interval]:
        """The openings of that local date, as UTC instants; none on holidays and closures."""
        if date in self.closures or self.holiday_name(date) is not None:
            return []
        found = (
            (self.instant(date, opens), self.instant(date, closes))
            for opens, closes in self.hours.get(date.weekday(), ())
        )
        # An opening that lies wholly in the hour skipped in spring is no opening.
        return [(start, end) for start, end in found if start < end]

    def holiday_name(self, date: dt.date, locale: str = FIRST) -> str | None:
        """The public, municipal or own holiday of that date, else None (CT 234–235),
        in the language of that code."""
        extra = self.extra_holidays.get((date.month, date.day))
        name: str | None = extra or _public_holidays(self.listed_district, locale).get(date)
        return name

    @property
    def listed_district(self) -> str:
        """The subdivision whose own days are kept; of a district that is its capital's day, which
        a municipal day of the office's own takes the place of (CT 235). A region's stays."""
        own_day = self.extra_holidays and self.district not in AUTONOMOUS_REGIONS
        return "" if own_day else self.district

    def instant(self, date: dt.date, minute: int) -> dt.datetime:
        """The UTC instant of a wall-clock minute of that date; 1440 is the next midnight."""
        day = date + dt.timedelta(days=minute // 1440)
        wall = dt.time(minute % 1440 // 60, minute % 60)
        return dt.datetime.combine(day, wall, self.zone).astimezone(dt.UTC)


def opening_calendar(office: Office) -> OpeningCalendar:
    """Read an office's openings."""
    return opening_calendars([office])[office.id]


def opening_calendars(offices: Iterable[Office]) -> dict[int, OpeningCalendar]:
    """Read the openings of several offices at once, by the office's id."""
    found = {
        office.id: OpeningCalendar(ZoneInfo(office.zone), office.district, {}, {}, {})
        for office in offices
    }
    ids = list(found)
    for row in _hours(ids):
        of_weekday = found[row.office_id].hours
        pair = (row.opens_minute, row.closes_minute)
        of_weekday[row.weekday] = (*of_weekday.get(row.weekday, ()), pair)
    for shut in _closures(ids):
        found[shut.office_id].closures[shut.date] = shut.reason
    for own in _extra_holidays(ids):
        found[own.office_id].extra_holidays[own.month, own.day] = own.name
    return found


@written
def _hours(office_ids: Any) -> Any:
    hours = OpeningHours.select().where(OpeningHours.office.in_(office_ids))
    return hours.order_by(OpeningHours.weekday, OpeningHours.opens_minute)


@written
def _closures(office_ids: Any) -> Any:
    return Closure.select().where(Closure.office.in_(office_ids))


@written
def _extra_holidays(office_ids: Any) -> Any:
    return ExtraHoliday.select().where(ExtraHoliday.office.in_(office_ids))


def opening_slots(
    offices: Iterable[Office], horizon: Horizon
) -> dict[tuple[int, dt.date], list[tuple[int, int]]]:
    """Openings by office and date in whole slots: one counts when the office is open throughout."""
    found = {}
    for office_id, calendar in opening_calendars(offices).items():
        for date in horizon.dates:
            slots = (
                (horizon.slot_ceiling(start), horizon.slot(end))
                for start, end in calendar.intervals(date)
            )
            found[office_id, date] = [(start, end) for start, end in slots if start < end]
    return found


def opening_intervals(office: Office, date: dt.date) -> list[Interval]:
    """The openings of `office` on a local date, as UTC instants."""
    return opening_calendar(office).intervals(date)


def why_shut(openings: OpeningCalendar, date: dt.date) -> str:
    """Why an office does not open on a date, in the reader's language; empty when it does."""
    if openings.intervals(date):
        return ""
    return special_day(openings, date) or _("shut")


def special_day(openings: OpeningCalendar, date: dt.date) -> str:
    """The holiday or the closure of that date, in the reader's language; empty for neither."""
    locale = readers_language().code
    return openings.holiday_name(date, locale) or openings.closures.get(date) or ""


def holiday_name(office: Office, date: dt.date, locale: str = FIRST) -> str | None:
    """The holiday that `office` keeps on that date, else None."""
    return opening_calendar(office).holiday_name(date, locale)


@lru_cache(maxsize=128)
def _public_holidays(district: str, locale: str) -> holidays.HolidayBase:
    language = LANGUAGES[locale].holidays
    return holidays.country_holidays("PT", subdiv=district or None, language=language)

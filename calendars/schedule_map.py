"""The schedule map for the wall and a person's month, as tagged PDF.

The map ("mapa de horário de trabalho", Código do Trabalho art. 215 and 216) shows who works when,
with breaks and rest days, posted where all can see it, seven days ahead (art. 217). It says
nothing of absences: a day without a shift that is no rest day is a dash, whatever the reason.

Texts are handed to the sheet as JSON, never pasted into it, so a name cannot become markup.
Equal input gives equal bytes: the PDF's date is that of publication.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from calendars.faults import CalendarFault, Fault, shown, zone_known
from calendars.feed import Break
from calendars.right_to_left import isolated
from calendars.words import LANGUAGES, Words, words, zone_words

_SHEETS = Path(__file__).parent / "sheets"
_NO_GLYPH = "could not be displayed with font"
_log = logging.getLogger(__name__)
_LONGEST_DAYS = 366
_PAPERS = ("a4", "a3")


@dataclass(frozen=True, slots=True)
class MapShift:
    """One shift: aware instants, its breaks, and a label (desk, other office, training)."""

    start: datetime
    end: datetime
    breaks: tuple[Break, ...] = ()
    label: str = ""
    worked_minutes: int | None = None
    """Minutes that count as work; by default the length less the breaks."""


@dataclass(frozen=True, slots=True)
class MapPerson:
    """One row: a name as people use it, the shifts, the weekly rest days."""

    name: str
    shifts: tuple[MapShift, ...] = ()
    rest_days: frozenset[date] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleMap:
    """What hangs on the wall of an office.

    first_day days   the span shown, cut into weeks from Monday
    posting_date     the last day to post it (art. 217)
    first_posted     the day on which its first version was posted, where that came after it
    changed_late     whether hours were changed with less notice than the law asks for
    published        aware instant of publication of `version`
    facts            further lines under the title: employer, opening hours, rest days' rule
    closed_days      holidays and closures: date → what to print under it
    """

    office: str
    zone: str
    first_day: date
    days: int
    people: tuple[MapPerson, ...]
    version: int
    published: datetime
    posting_date: date
    first_posted: date | None = None
    changed_late: bool = False
    facts: tuple[str, ...] = ()
    closed_days: Mapping[date, str] = field(default_factory=dict)
    responsible: str = ""
    paper: str = "a4"


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """One person's days from `first_day`, a month as a rule."""

    person: MapPerson
    zone: str
    first_day: date
    days: int
    version: int
    published: datetime
    closed_days: Mapping[date, str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()


def render_schedule_map(schedule: ScheduleMap, language: str = "pt") -> bytes:
    """The map as PDF/UA-1 (tagged, titled, in its language), landscape, a page or more a week.

    Raises `CalendarFault` with every fault of the input.
    """
    return _pdf("map.typ", map_data(schedule, language), schedule.published)


def render_month(month: PersonMonth, language: str = "pt") -> bytes:
    """A person's month as PDF/UA-1, portrait. Raises `CalendarFault` like the map."""
    return _pdf("month.typ", month_data(month, language), month.published)


def lacks_a_letter(error: typst.TypstError) -> bool:
    """Whether a sheet is no PDF/UA because no font has one of its characters."""
    return _NO_GLYPH in str(error)


def map_data(schedule: ScheduleMap, language: str) -> dict[str, Any]:
    """All that the map's sheet sets as text; the check of the input is here."""
    faults = [
        *_common_faults(schedule, language),
        *(fault for person in schedule.people for fault in _person_faults(person)),
    ]
    if not schedule.people:
        faults.append(Fault("schedule map", "people", "none", "at least one person"))
    if schedule.paper not in _PAPERS:
        faults.append(Fault("schedule map", "paper", shown(schedule.paper), " or ".join(_PAPERS)))
    if faults:
        raise CalendarFault(faults)
    catalogue = words(language)
    signed = f"{catalogue.signature} ({schedule.responsible})" if schedule.responsible else ""
    return {
        **_frame(schedule, language),
        "title": catalogue.map_title,
        "subject": schedule.office,
        "paper": schedule.paper,
        "posting": _posting(schedule, catalogue),
        "late": schedule.first_posted is not None or schedule.changed_late,
        "person": catalogue.person,
        "hours": catalogue.total_hours,
        "signature": signed,
        "weeks": [_week(schedule, week, catalogue) for week in _weeks(schedule)],
    }


def month_data(month: PersonMonth, language: str) -> dict[str, Any]:
    """All that the month's sheet sets as text; the check of the input is here."""
    faults = [*_common_faults(month, language), *_person_faults(month.person)]
    if faults:
        raise CalendarFault(faults)
    catalogue = words(language)
    zone = ZoneInfo(month.zone)
    days = [month.first_day + timedelta(days=n) for n in range(month.days)]
    shifts = _by_day(month.person.shifts, zone)
    worked = sum(_minutes(shift) for day in days for shift in shifts.get(day, ()))
    last = days[-1]
    span = f"{_long_date(days[0], catalogue)} – {_long_date(last, catalogue)}"
    return {
        **_frame(month, language),
        "title": catalogue.month_title,
        "subject": f"{month.person.name} · {span}",
        "paper": "a4",
        "columns": list(catalogue.month_columns),
        "empty": not any(day in shifts for day in days),
        "no_shifts": catalogue.no_shifts,
        "total": f"{catalogue.total_hours}: {_hours_text(worked)}",
        "days": [
            {
                **_day_head(day, month.closed_days, catalogue),
                **_day_cell(month.person, shifts.get(day, []), day, zone, catalogue),
            }
            for day in days
        ],
    }


def _posting(schedule: ScheduleMap, catalogue: Words) -> str:
    """What is said of art. 217: what was late, else the day it is to be posted by."""
    due = _long_date(schedule.posting_date, catalogue)
    late = []
    if schedule.first_posted is not None:
        first = _long_date(schedule.first_posted, catalogue)
        late.append(catalogue.first_posted.format(date=first))
    if schedule.changed_late:
        late.append(catalogue.changed_late.format(date=due))
    return " · ".join(late) or catalogue.posted_by.format(date=due)


def _pdf(sheet: str, data: dict[str, Any], published: datetime) -> bytes:
    """PDF/UA-1; without that mark, but still tagged, where no font has one of the characters."""
    try:
        return _compiled(sheet, data, published, ["ua-1"])
    except typst.TypstError as error:
        if not lacks_a_letter(error):
            raise
        # The error shows the text itself, which may be somebody's name.
        _log.warning("A sheet made by %s is not PDF/UA: no font has one of its characters", sheet)
        return _compiled(sheet, data, published, [])


def _compiled(
    sheet: str, data: dict[str, Any], published: datetime, standards: list[typst.PDFStandard]
) -> bytes:
    pdf = typst.compile(
        str(_SHEETS / sheet),
        root=str(_SHEETS),
        format="pdf",
        sys_inputs={"data": isolated(json.dumps(data, ensure_ascii=False))},
        pdf_standards=standards,
        timestamp=int(published.timestamp()),
    )
    return bytes(pdf)


def _frame(sheet: ScheduleMap | PersonMonth, language: str) -> dict[str, Any]:
    catalogue = words(language)
    published = sheet.published.astimezone(ZoneInfo(sheet.zone))
    instant = f"{_long_date(published.date(), catalogue)} {published:%H:%M}"
    version = catalogue.version.format(version=sheet.version)
    printed = catalogue.printed_from.format(instant=instant)
    return {
        "lang": language,
        "region": catalogue.region,
        "facts": list(sheet.facts),
        "footer": f"{version} · {printed} · {zone_words(sheet.zone, language)}",
        "page": catalogue.page,
        "rest_day": catalogue.rest_day,
    }


def _weeks(schedule: ScheduleMap) -> Iterator[list[date]]:
    """The days shown, cut before each Monday."""
    week: list[date] = []
    for n in range(schedule.days):
        day = schedule.first_day + timedelta(days=n)
        if week and day.weekday() == 0:
            yield week
            week = []
        week.append(day)
    yield week


def _week(schedule: ScheduleMap, days: list[date], catalogue: Words) -> dict[str, Any]:
    zone = ZoneInfo(schedule.zone)
    rows = []
    for person in schedule.people:
        shifts = _by_day(person.shifts, zone)
        worked = sum(_minutes(shift) for day in days for shift in shifts.get(day, ()))
        rows.append(
            {
                "name": person.name,
                "note": person.note,
                "hours": _hours_text(worked),
                "days": [
                    _day_cell(person, shifts.get(day, []), day, zone, catalogue) for day in days
                ],
            }
        )
    start, end = _long_date(days[0], catalogue), _long_date(days[-1], catalogue)
    return {
        "title": catalogue.week.format(start=start, end=end),
        "days": [_day_head(day, schedule.closed_days, catalogue) for day in days],
        "rows": rows,
    }


def _day_head(day: date, closed_days: Mapping[date, str], catalogue: Words) -> dict[str, Any]:
    return {
        "name": f"{catalogue.weekdays[day.weekday()]} {day.day:02}/{day.month:02}",
        "note": closed_days.get(day, ""),
        "closed": day in closed_days or day.weekday() == 6,
    }


def _day_cell(
    person: MapPerson, shifts: list[MapShift], day: date, zone: ZoneInfo, catalogue: Words
) -> dict[str, Any]:
    return {
        "rest": day in person.rest_days,
        "shifts": [
            {
                "hours": _clock(shift.start, shift.end, zone),
                "breaks": [
                    f"{catalogue.legend_break} {_clock(pause.start, pause.end, zone)}"
                    for pause in sorted(shift.breaks, key=lambda pause: pause.start)
                ],
                "label": shift.label,
            }
            for shift in shifts
        ],
    }


def _by_day(shifts: Iterable[MapShift], zone: ZoneInfo) -> dict[date, list[MapShift]]:
    """Shifts by the local day they start on, in order of time."""
    days: dict[date, list[MapShift]] = {}
    for shift in sorted(shifts, key=lambda shift: (shift.start, shift.end)):
        days.setdefault(shift.start.astimezone(zone).date(), []).append(shift)
    return days


def _minutes(shift: MapShift) -> int:
    if shift.worked_minutes is not None:
        return shift.worked_minutes
    paused = sum((pause.end - pause.start for pause in shift.breaks), timedelta())
    return (shift.end - shift.start - paused) // timedelta(minutes=1)


def _hours_text(minutes: int) -> str:
    """Minutes as hours, with no-break spaces: a narrow column never parts them."""
    whole, rest = divmod(minutes, 60)
    return f"{whole}\u00a0h\u00a0{rest:02}" if rest else f"{whole}\u00a0h"


def _clock(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    return f"{start.astimezone(zone):%H:%M}–{end.astimezone(zone):%H:%M}"


def _long_date(day: date, catalogue: Words) -> str:
    return catalogue.long_date.format(
        day=day.day, month=catalogue.months[day.month - 1], year=day.year
    )


def _common_faults(sheet: ScheduleMap | PersonMonth, language: str) -> Iterator[Fault]:
    if language not in LANGUAGES:
        yield Fault("sheet", "language", shown(language), " or ".join(LANGUAGES))
    if not zone_known(sheet.zone):
        yield Fault("sheet", "zone", shown(sheet.zone), "an IANA time zone")
    if not 1 <= sheet.days <= _LONGEST_DAYS:
        yield Fault("sheet", "days", str(sheet.days), f"1 to {_LONGEST_DAYS}")
    if sheet.published.utcoffset() is None:
        yield Fault("sheet", "published", shown(sheet.published), "a datetime with a time zone")


def _person_faults(person: MapPerson) -> Iterator[Fault]:
    thing = f"person {shown(person.name)}"
    for shift in person.shifts:
        edges = [shift.start, shift.end]
        edges += [edge for pause in shift.breaks for edge in (pause.start, pause.end)]
        if any(edge.utcoffset() is None for edge in edges):
            yield Fault(thing, "shift", f"{shift.start} to {shift.end}", "times with a zone")
        elif shift.end <= shift.start:
            yield Fault(thing, "shift", f"{shift.start} to {shift.end}", "an end after the start")

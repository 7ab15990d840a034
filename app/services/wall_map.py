"""The schedule map of an office's published week, and a mediator's month, as PDF.

What the map must hold: Código do Trabalho art. 215 (who employs, where, opening and closing days,
hours with breaks, weekly rest, regimes) and 216 (posted where all can see it).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.i18n import _, _n, readers_language
from app.models import Assignment, ContractRegime, Mediator, Office, Roster, RosterStatus
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.field_routes import routes_of
from app.services.late_changes import changed_late
from app.services.map_days import (
    DAYS,
    Lesson,
    Outing,
    counted_once,
    in_other_groups,
    lessons_between,
    outings_between,
    rest_days,
    rest_of_weeks,
    taken_days,
)
from app.services.mediators import get_mediator
from app.services.months import month_of, read_month
from app.services.my_duties import TrainingView, own_mediator, shifts_of, training_of
from app.services.names import in_readers_language, sorting_key
from app.services.open_drafts import find_roster
from app.services.openings import OpeningCalendar, opening_calendar
from app.services.phone_place import place_of
from app.services.published import breaks_of, live_rosters
from app.services.rights import Actor
from app.services.roster_rows import shift_rows
from app.services.roster_tables import offices_of
from calendars.feed import Break
from calendars.schedule_map import (
    MapPerson,
    MapShift,
    PersonMonth,
    ScheduleMap,
    render_month,
    render_schedule_map,
)
from calendars.words import nearest, words

NOTICE_DAYS = 7
"""Days before the week by which its map hangs (CT 217)."""
LARGE = 24
"""People from which the map is set on A3."""


def schedule_map(actor: Actor, roster_id: int, office_code: str) -> tuple[bytes, str]:
    """The map of an office's week as PDF, in the reader's language, and a name for its file.

    Raises Conflict for a draft: only what is published hangs on the wall.
    """
    roster = find_roster(actor, roster_id)
    (office,) = offices_of(actor, roster, office_code or "?")
    if roster.status == RosterStatus.DRAFT:
        raise Conflict(_("Only a published week has a schedule map; publish it first."))
    made = _map_of(roster, office)
    pdf = render_schedule_map(made, nearest(readers_language().code))
    return pdf, f"mapa-{office.code}-{roster.week_starts_on.isoformat()}-v{roster.version}.pdf"


def _map_of(roster: Roster, office: Office) -> ScheduleMap:
    people = _people(roster, office)
    if not people:
        raise Conflict(_("Nobody works at this office in that week."))
    week = roster.week_starts_on
    opening = opening_calendar(office)
    posting = week - dt.timedelta(days=NOTICE_DAYS)
    first = _first_posted(roster, office)
    return ScheduleMap(
        office=office.name,
        zone=office.zone,
        first_day=week,
        days=DAYS,
        people=tuple(people),
        version=roster.version,
        published=roster.published_at,
        posting_date=posting,
        first_posted=first if first > posting else None,
        changed_late=changed_late(roster, office),
        facts=tuple(_facts(office, opening, roster)),
        closed_days=_closed(opening, week, DAYS),
        responsible=roster.published_by.name if roster.published_by else "",
        paper="a3" if len(people) > LARGE else "a4",
    )


def month_sheet(
    actor: Actor, mediator_id: int | None, month: str | None, now: dt.datetime
) -> tuple[bytes, str]:
    """A mediator's published month (`2026-11`, by default this one): one's own, or as a
    coordinator of their home office. Raises NotFound, Forbidden."""
    mediator = own_mediator(actor) if mediator_id is None else _coordinated(actor, mediator_id)
    zone = ZoneInfo(mediator.home_office.zone)
    first = read_month(month, now.astimezone(zone).date())
    days = month_of(first)[1].day
    since = dt.datetime.combine(first, dt.time(), zone)
    until = dt.datetime.combine(first + dt.timedelta(days=days), dt.time(), zone)
    shifts = [
        MapShift(
            one.starts_at,
            one.ends_at,
            _breaks(one.breaks),
            " ".join(filter(None, (one.office_name, one.served_at))),
        )
        for one in shifts_of(mediator, since, until)
        if since <= one.starts_at < until
    ]
    besides = [_of_lesson(one) for one in training_of(mediator, since, until)]
    besides += [
        MapShift(
            one.starts_at,
            one.ends_at,
            label=_("Field route: %(route)s (%(places)s)", route=one.name, places=one.places),
        )
        for one in routes_of(mediator.id, since, until)
        if since <= one.starts_at
    ]
    newest = _newest(mediator, first, days)
    sheet = PersonMonth(
        person=MapPerson(
            name=mediator.called_name or mediator.name,
            shifts=tuple(counted_once(shifts, besides)),
            rest_days=rest_of_weeks(mediator, first, first + dt.timedelta(days=days - 1)),
        ),
        zone=mediator.home_office.zone,
        first_day=first,
        days=days,
        version=newest.version if newest else 0,
        published=newest.published_at if newest else now,
        closed_days=_closed(opening_calendar(mediator.home_office), first, days),
        facts=(
            _("Office: %(name)s", name=mediator.home_office.name),
            _n(
                "Contract: %(num)d hour a week",
                "Contract: %(num)d hours a week",
                mediator.week_minutes // 60,
            ),
        ),
    )
    pdf = render_month(sheet, nearest(readers_language().code))
    return pdf, f"escala-{mediator.code}-{first:%Y-%m}.pdf"


def _coordinated(actor: Actor, mediator_id: int) -> Mediator:
    if Mediator.get_or_none(Mediator.id == mediator_id) is None:
        raise NotFound
    if not actor.is_coordinator:
        raise Forbidden
    get_mediator(actor, mediator_id)
    row = Mediator.select(Mediator, Office).join(Office).where(Mediator.id == mediator_id).get()
    if actor.office_ids is not None and row.home_office_id not in actor.office_ids:
        raise Forbidden
    found: Mediator = row
    return found


def _first_posted(roster: Roster, office: Office) -> dt.date:
    """The day, at the office, on which the week's first version was published."""
    first = (
        Roster.select(Roster.published_at)
        .where(
            Roster.group == roster.group_id,
            Roster.week_starts_on == roster.week_starts_on,
            Roster.published_at.is_null(False),
        )
        .order_by(Roster.published_at)
        .first()
    )
    at: dt.datetime = first.published_at.astimezone(ZoneInfo(office.zone))
    return at.date()


def _people(roster: Roster, office: Office) -> list[MapPerson]:
    """Who is at home at the office or works there in that week, by name; of those at home also what
    they work for another planning group."""
    shifts: dict[int, list[Assignment]] = defaultdict(list)
    who: dict[int, Mediator] = {}
    for row in shift_rows().where(Assignment.roster == roster):
        shifts[row.mediator_id].append(row)
        who[row.mediator_id] = row.mediator
    week = [roster.week_starts_on + dt.timedelta(days=n) for n in range(DAYS)]
    outings: dict[int, list[Outing]] = defaultdict(list)
    for one in outings_between(week[0], week[-1]):
        outings[one.mediator.id].append(one)
        who.setdefault(one.mediator.id, one.mediator)
    lessons: dict[int, list[Lesson]] = defaultdict(list)
    for lesson in lessons_between(week[0], week[-1], office):
        lessons[lesson.mediator.id].append(lesson)
        who.setdefault(lesson.mediator.id, lesson.mediator)
    elsewhere: dict[int, list[Assignment]] = defaultdict(list)
    for row in in_other_groups(roster, week[0], week[-1], office, who):
        elsewhere[row.mediator_id].append(row)
        who.setdefault(row.mediator_id, row.mediator)
    offices = {one.id: one for one in Office.select(Office.id, Office.name, Office.kind)}
    taken = taken_days(week[0], week[-1], who)
    found = []
    for mediator_id, mediator in who.items():
        theirs, out = shifts[mediator_id], outings[mediator_id]
        besides = elsewhere[mediator_id]
        at_home = mediator.home_office_id == office.id
        if not at_home and office.id not in {one.office_id for one in (*theirs, *out)}:
            continue
        worked = {one.date for one in (*theirs, *besides)} | taken[mediator_id]
        # What a guest works at home is told there.
        shown = sorted([*theirs, *besides], key=lambda one: one.starts_at) if at_home else theirs
        found.append(
            MapPerson(
                name=mediator.called_name or mediator.name,
                shifts=tuple(
                    _on_map(
                        shown,
                        [*map(_of_lesson, lessons[mediator_id]), *map(_of_outing, out)],
                        office,
                        offices[mediator.home_office_id],
                    )
                ),
                rest_days=rest_days(mediator, worked, week),
                note="" if at_home else offices[mediator.home_office_id].name,
            )
        )
    return sorted(found, key=lambda one: sorting_key(one.name))


def _on_map(
    shifts: list[Assignment], besides: list[MapShift], office: Office, home: Office
) -> list[MapShift]:
    return counted_once(
        [
            MapShift(
                one.starts_at,
                one.ends_at,
                _breaks(breaks_of(one)),
                _label(one, office, home),
            )
            for one in shifts
        ],
        besides,
    )


def _of_outing(one: Outing) -> MapShift:
    return MapShift(one.starts_at, one.ends_at, label=_("Field route: %(route)s", route=one.name))


def _of_lesson(one: Lesson | TrainingView) -> MapShift:
    course = in_readers_language(one.title_pt, one.title_en)
    return MapShift(one.starts_at, one.ends_at, label=_("Training: %(course)s", course=course))


def _label(row: Assignment, office: Office, home: Office) -> str:
    """The other office of a shift, and where it is served where that is on the telephone."""
    elsewhere = "" if row.office_id == office.id else row.office.name
    return " ".join(filter(None, (elsewhere, place_of(row.mediator, row.office, home))))


def _facts(office: Office, opening: OpeningCalendar, roster: Roster) -> Iterable[str]:
    yield _(
        "Employer: %(name)s", name=_("National support centres for the integration of migrants")
    )
    place = f"{office.name}, {office.address}" if office.address else office.name
    yield _(
        "Activity: reception and intercultural mediation. Place of work: %(place)s", place=place
    )
    yield _("Open: %(hours)s", hours="; ".join(_opening_words(opening)))
    yield _("“Rest day” is the weekly rest (Labour Code, art. 232; LGTFP, art. 124).")
    regimes = (
        ContractRegime.select()
        .join(Mediator)
        .join(Assignment)
        .where(Assignment.roster == roster, Assignment.office == office)
        .distinct()
        .order_by(ContractRegime.id)
    )
    told = [
        _(
            "%(name)s: %(day)s h a day, %(week)s h a week",
            name=in_readers_language(one.name_pt, one.name_en),
            day=_hours(one.day_minutes),
            week=_hours(one.week_minutes),
        )
        for one in regimes
    ]
    if told:
        yield _("Regimes: %(regimes)s", regimes="; ".join(told))


def _opening_words(opening: OpeningCalendar) -> Iterable[str]:
    """Days of the same hours together: seg–sex 08:30–18:00; then the days it is shut."""
    names = words(readers_language().code).weekdays
    groups: list[tuple[list[int], tuple[tuple[int, int], ...]]] = []
    for weekday in range(DAYS):
        hours = opening.hours.get(weekday, ())
        if groups and groups[-1][1] == hours:
            groups[-1][0].append(weekday)
        else:
            groups.append(([weekday], hours))
    for weekdays, hours in groups:
        span = names[weekdays[0]]
        if len(weekdays) > 1:
            span += f"–{names[weekdays[-1]]}"
        told = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in hours) or _("shut")
        yield f"{span} {told}"


def _closed(opening: OpeningCalendar, first: dt.date, days: int) -> dict[dt.date, str]:
    """Holidays and closures: what to print under the day."""
    found = {}
    for day in (first + dt.timedelta(days=n) for n in range(days)):
        holiday = opening.holiday_name(day, readers_language().code)
        if holiday:
            found[day] = holiday
        elif day in opening.closures:
            found[day] = opening.closures[day] or _("shut")
    return found


def _newest(mediator: Mediator, first: dt.date, days: int) -> Roster | None:
    """The version published last of those that make the month."""
    found: Roster | None = (
        Roster.select()
        .where(
            Roster.id.in_(live_rosters()),
            Roster.group == mediator.home_office.group_id,
            Roster.week_starts_on > first - dt.timedelta(days=DAYS),
            Roster.week_starts_on < first + dt.timedelta(days=days),
        )
        .order_by(Roster.published_at.desc())
        .first()
    )
    return found


def _breaks(pairs: Iterable[tuple[dt.datetime, dt.datetime]]) -> tuple[Break, ...]:
    return tuple(Break(start, end) for start, end in pairs)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _hours(minutes: int) -> str:
    return f"{minutes / 60:g}"

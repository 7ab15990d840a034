"""A week of an office as its coordinator reads it: cover on top, the board beneath, the state.

Everything is laid on the office's own wall clock, in units of one slot from the window's opening,
so that a strip of cover and a bar of work at the same place are the same hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _, readers_language
from app.models import (
    Requirement,
    Roster,
    RosterStatus,
)
from app.models.written import written
from app.services.board_view import Board, People, PersonRow
from app.services.cover import demand_of
from app.services.cover_labels import Labels
from app.services.cover_totals import CoverTotals, totals_by_day
from app.services.cover_view import CoverRow, DayCover, cover_rows, day_cover
from app.services.errors import NotFound
from app.services.horizon import Horizon
from app.services.judging import Fault, Judged, judge
from app.services.office_choice import OfficeChoice, office_of
from app.services.open_drafts import told_to
from app.services.openings import OpeningCalendar, opening_calendar
from app.services.quiet import QuietWeek, quiet_week
from app.services.rights import Actor
from app.services.standing import in_hand, versions_of
from app.services.timeline import Window
from app.services.waiting import is_foreseen

DAYS = 7
MINUTES_A_DAY = 1440
EARLIEST_OPENING, LATEST_CLOSING = 8 * 60, 20 * 60
"""The window of an office of which nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Version:
    """A roster of the week among its others."""

    id: int
    version: int
    status: RosterStatus
    name: str
    created_at: dt.datetime
    published_at: dt.datetime | None
    put_aside: bool = False


@dataclass(frozen=True, slots=True)
class RosterState:
    version: Version
    cost: int | None
    bound: int | None
    faults: tuple[Fault, ...]
    """Broken rules, each with its article; they block publishing."""


@dataclass(frozen=True, slots=True)
class WeekView:
    group_id: int
    office: OfficeChoice
    zone: str
    offices: tuple[OfficeChoice, ...]
    starts_on: dt.date
    dates: tuple[dt.date, ...]
    open_days: frozenset[int]
    closed: tuple[str, ...]
    """For each day, why the office is shut; empty when it opens or for no special reason."""
    window: Window
    has_forecast: bool
    has_requirements: bool
    roster: RosterState | None
    in_roster: bool
    """False where there is a roster, which was not built for the office."""
    versions: tuple[Version, ...]
    totals: CoverTotals
    cover: tuple[CoverRow, ...]
    """Places before presence, of each the worst row first."""
    common_skills: tuple[str, ...]
    """Certifications that all of the cover asks for, by name; the rows leave them unsaid."""
    day: int
    """Index of the day asked for, else of today or the next open day of the week under way, else
    of the one that lacks most."""
    lacks_most: bool
    """The day is shown because it lacks most."""
    day_cover: DayCover
    board: People
    quiet: QuietWeek | None
    """Of a telephone service with a roster: what centres could answer in quiet hours."""

    @property
    def people(self) -> tuple[PersonRow, ...]:
        """Those at home here of the page shown."""
        return self.board.home

    @property
    def visitors(self) -> tuple[PersonRow, ...]:
        return self.board.visiting

    @property
    def needed_minutes(self) -> int:
        return self.totals.needed_minutes

    @property
    def missing_minutes(self) -> int:
        return self.totals.missing_minutes


def week_view(
    actor: Actor,
    office_code: str | None,
    week_starts_on: dt.date,
    roster_id: int | None = None,
    day: int | None = None,
    find: str = "",
    page: int = 1,
    *,
    now: dt.datetime,
) -> WeekView:
    """The week of an office, by default the actor's first, in a roster, by default the newest.

    Of a large board `page` is shown, or whom `find` names.

    Raises NotFound for a date that is no Monday, an unknown office or another week's roster,
    Forbidden where the actor does not coordinate.
    """
    office, offices = office_of(actor, office_code)
    if week_starts_on.weekday() != 0:
        raise NotFound
    rosters = versions_of(office.group_id, week_starts_on)
    roster = chosen_roster(rosters, roster_id)
    judged = judge(roster) if roster else None
    horizon = Horizon(week_starts_on)
    demand = demand_of(office, horizon, judged)
    board = Board(actor, office, horizon, judged)
    window = _window(board, demand.spans())
    cover = cover_rows(demand, window)
    totals = totals_by_day(demand)
    calendar = opening_calendar(office)
    open_days = (
        frozenset(index for index, date in enumerate(horizon.dates) if calendar.intervals(date))
        | demand.asked_days()
    )
    today = (now.astimezone(ZoneInfo(office.zone)).date() - week_starts_on).days
    chosen_day, lacks_most = _chosen_day(day, today, totals, open_days)
    people = board.rows(window, find, page)
    board.days_off.note_reading(now)
    return WeekView(
        group_id=office.group_id,
        office=OfficeChoice(office.code, office.name),
        zone=office.zone,
        offices=offices,
        starts_on=week_starts_on,
        dates=horizon.dates,
        open_days=open_days,
        closed=tuple(
            "" if index in open_days else _why_shut(calendar, date)
            for index, date in enumerate(horizon.dates)
        ),
        window=window,
        has_forecast=is_foreseen(office, week_starts_on),
        has_requirements=bool(_a_requirement(office.id, week_starts_on)),
        roster=state_of(actor, roster, judged) if roster and judged else None,
        in_roster=demand.in_roster,
        versions=tuple(_version(one) for one in rosters),
        totals=sum(totals, CoverTotals()),
        cover=cover,
        common_skills=Labels(demand).common,
        day=chosen_day,
        lacks_most=lacks_most,
        day_cover=day_cover(demand, window, chosen_day),
        board=people,
        quiet=quiet_week(office, horizon, judged),
    )


def chosen_roster(rosters: list[Roster], roster_id: int | None) -> Roster | None:
    """The roster asked for, else the one in hand."""
    if roster_id is None:
        held = in_hand(rosters) or next(iter(rosters), None)
        return next(iter(_roster(held.id)), None) if held else None
    if any(one.id == roster_id for one in rosters):
        return next(iter(_roster(roster_id)), None)
    raise NotFound


def _chosen_day(
    asked: int | None, today: int, days: Iterable[CoverTotals], open_days: frozenset[int]
) -> tuple[int, bool]:
    """The day to show, and whether it is shown for lacking most.

    The day asked for; in the week under way today, by its index, or the next open day; else the one
    that lacks most, else the first that is open.
    """
    if asked is not None and 0 <= asked < DAYS:
        return asked, False
    if 0 <= today < DAYS:
        to_come = [one for one in open_days if one >= today]
        if to_come:
            return min(to_come), False
    lacks = [(one.missing_minutes, one.absent_minutes) for one in days]
    if any(map(any, lacks)):
        return lacks.index(max(lacks)), True
    return min(open_days, default=0), False


def _why_shut(calendar: OpeningCalendar, date: dt.date) -> str:
    holiday = calendar.holiday_name(date, readers_language().code)
    return holiday or calendar.closures.get(date) or _("shut")


@written
def _a_requirement(office_id: Any, week_starts_on: Any) -> Any:
    query = Requirement.select(Requirement.id).where(
        Requirement.office == office_id, Requirement.week_starts_on == week_starts_on
    )
    return query.limit(1).tuples()


@written
def _roster(roster_id: Any) -> Any:
    return Roster.select().where(Roster.id == roster_id)


def _version(roster: Roster) -> Version:
    return Version(
        id=roster.id,
        version=roster.version,
        status=roster.status,
        name=roster.name,
        created_at=roster.created_at,
        published_at=roster.published_at,
        put_aside=roster.discarded_at is not None,
    )


def state_of(actor: Actor, roster: Roster, judged: Judged) -> RosterState:
    """What a page says of a roster on top, to this reader."""
    return RosterState(
        version=_version(roster),
        cost=judged.judgement.cost,
        bound=roster.bound,
        faults=told_to(actor, roster, judged.faults) if judged.faults else (),
    )


def _window(board: Board, spans: Iterable[tuple[dt.datetime, dt.datetime]]) -> Window:
    """From the first to the last whole hour in which the office needs or shows anybody."""
    zone = ZoneInfo(board.office.zone)
    first, last = MINUTES_A_DAY, 0
    for starts_at, ends_at in [*spans, *board.spans()]:
        local_start = starts_at.astimezone(zone)
        local_end = ends_at.astimezone(zone)
        first = min(first, local_start.hour * 60 + local_start.minute)
        ended = local_end.hour * 60 + local_end.minute
        last = max(last, MINUTES_A_DAY if local_end.date() > local_start.date() else ended)
    if first >= last:
        first, last = EARLIEST_OPENING, LATEST_CLOSING
    return Window(
        zone=zone,
        opens_minute=first // 60 * 60,
        closes_minute=-(-last // 60) * 60,
        slot_minutes=board.horizon.slot_minutes,
    )

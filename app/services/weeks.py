"""The weeks of a planning group: how far each has come, and which to plan next."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.models import ForecastSlot, Office, Requirement, Roster, RosterStatus
from app.services.errors import NotFound
from app.services.horizon import NETWORK_ZONE, monday_of
from app.services.rights import Actor, require_any_coordinator

WEEKS_BEFORE, WEEKS_AHEAD = 4, 6
POSTING_DAYS = 7
"""The schedule is posted this many days before it begins (CT 217)."""


class WeekStage(StrEnum):
    NOTHING = "nothing"
    FORECAST = "forecast"
    REQUIREMENTS = "requirements"
    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class WeekLine:
    starts_on: dt.date
    stage: WeekStage
    version: int | None
    """Of the newest roster."""
    newer_draft: bool
    """A draft waits beside the published version."""
    published_at: dt.datetime | None
    post_by: dt.date
    late: bool
    """The posting date has passed and nothing is published."""
    this_week: bool


def planning_week(actor: Actor, now: dt.datetime) -> dt.date:
    """The Monday of the next week, unless it and this week are both published: then this one's.

    Published is a week once each group of the actor's offices has published it.
    """
    require_any_coordinator(actor)
    this = this_monday(now)
    upcoming = this + dt.timedelta(weeks=1)
    offices = Office.select(Office.id, Office.group).where(Office.active)
    groups = {
        one.group_id for one in offices if actor.office_ids is None or one.id in actor.office_ids
    }
    by_week: defaultdict[dt.date, set[int]] = defaultdict(set)
    for roster in Roster.select(Roster.week_starts_on, Roster.group).where(
        Roster.week_starts_on.in_([this, upcoming]), Roster.status == RosterStatus.PUBLISHED
    ):
        by_week[roster.week_starts_on].add(roster.group_id)
    published = {week for week, by in by_week.items() if groups and groups <= by}
    return this if {this, upcoming} <= published else upcoming


def this_monday(now: dt.datetime) -> dt.date:
    return monday_of(now.astimezone(ZoneInfo(NETWORK_ZONE)).date())


def weeks_of(actor: Actor, group_id: int, now: dt.datetime) -> tuple[WeekLine, ...]:
    """The weeks around `now`, the earliest first. Raises NotFound for another's group."""
    require_any_coordinator(actor)
    offices = [
        one.id
        for one in Office.select(Office.id).where(Office.group == group_id, Office.active)
        if actor.office_ids is None or one.id in actor.office_ids
    ]
    if not offices:
        raise NotFound
    this = this_monday(now)
    mondays = [this + dt.timedelta(weeks=index) for index in range(-WEEKS_BEFORE, WEEKS_AHEAD + 1)]
    rosters: defaultdict[dt.date, list[Roster]] = defaultdict(list)
    query = Roster.select(
        Roster.id, Roster.week_starts_on, Roster.version, Roster.status, Roster.published_at
    ).where(
        Roster.group == group_id,
        Roster.week_starts_on.between(mondays[0], mondays[-1]),
        Roster.discarded_at.is_null(),
    )
    for roster in query.order_by(Roster.version.desc()):
        rosters[roster.week_starts_on].append(roster)
    forecast = _weeks_with(ForecastSlot, offices)
    required = _weeks_with(Requirement, offices)
    today = now.astimezone(ZoneInfo(NETWORK_ZONE)).date()
    return tuple(
        _line(monday, rosters[monday], monday in forecast, monday in required, this, today)
        for monday in mondays
    )


def _line(
    monday: dt.date,
    rosters: list[Roster],
    forecast: bool,
    required: bool,
    this: dt.date,
    today: dt.date,
) -> WeekLine:
    published = next((one for one in rosters if one.status == RosterStatus.PUBLISHED), None)
    draft = next((one for one in rosters if one.status == RosterStatus.DRAFT), None)
    if published:
        stage = WeekStage.PUBLISHED
    elif draft:
        stage = WeekStage.DRAFT
    elif required:
        stage = WeekStage.REQUIREMENTS
    else:
        stage = WeekStage.FORECAST if forecast else WeekStage.NOTHING
    post_by = monday - dt.timedelta(days=POSTING_DAYS)
    return WeekLine(
        starts_on=monday,
        stage=stage,
        version=rosters[0].version if rosters else None,
        newer_draft=bool(published and draft and draft.version > published.version),
        published_at=published.published_at if published else None,
        post_by=post_by,
        late=published is None and post_by < today and monday >= this,
        this_week=monday == this,
    )


def _weeks_with(table: type[ForecastSlot] | type[Requirement], offices: list[int]) -> set[dt.date]:
    query = table.select(table.week_starts_on).where(table.office.in_(offices)).distinct()
    return {one.week_starts_on for one in query}

"""A mediator's week in figures, what changed since they last looked, and their months."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.i18n import _
from app.models import Mediator, Office, Roster, RosterFigures, WeekLook, database
from app.services.errors import Conflict, NotFound
from app.services.horizon import monday_of
from app.services.my_desks import DeskSpan, desks_of
from app.services.my_shifts import (
    DayView,
    ShiftView,
    absent_dates,
    own_mediator,
    shifts_of,
    training_of,
)
from app.services.published import live_assignments, live_rosters
from app.services.rights import Actor
from app.services.roster_figures import figures_of
from app.services.worked import unsocial_between, worked_between

WEEKS_COUNTED = 8
"""Weeks behind the hours and the evenings, as the roster's fairness counts them."""
MONTHS_AROUND = 12


@dataclass(frozen=True, slots=True)
class Balance:
    """The last weeks with a published roster, up to this one: minutes and shifts."""

    weeks: int
    worked_minutes: int
    owed_minutes: int
    """What the contract asks of those weeks."""
    unsocial: int
    """Own evenings and Saturdays."""
    average_unsocial: float
    """Of the people planned together."""


@dataclass(frozen=True, slots=True)
class SeenShift:
    """A shift as it was when it was last confirmed, or as it is now."""

    office: str
    zone: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...]


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """`before` None: come since; `after` None: gone."""

    before: SeenShift | None
    after: SeenShift | None


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last look among the shifts not yet over."""

    looked_at: dt.datetime | None
    changes: tuple[ShiftChange, ...]
    mark: str
    """Names what is shown, so that nobody confirms what came after."""


@dataclass(frozen=True, slots=True)
class MyMonth:
    first: dt.date
    days: tuple[DayView, ...]
    """Whole weeks, from a Monday to a Sunday."""
    today: dt.date
    minutes: int
    shifts: int
    earlier: dt.date | None
    later: dt.date | None


def next_desks(actor: Actor, now: dt.datetime) -> tuple[DeskSpan, ...]:
    """Where the shift under way, else the next one, is counted on."""
    mediator = own_mediator(actor)
    row = live_assignments(mediator.id, now).first()
    return desks_of(row) if row is not None else ()


def balance(actor: Actor, now: dt.datetime) -> Balance:
    """The actor's hours and evenings over the last published weeks."""
    mediator = own_mediator(actor)
    this_monday = monday_of(now.astimezone(ZoneInfo(mediator.home_office.zone)).date())
    first = this_monday - dt.timedelta(weeks=WEEKS_COUNTED - 1)
    last = this_monday + dt.timedelta(days=6)
    published: Any = Roster.select(Roster.id, (Roster.problem_json != "").alias("was_built")).where(
        Roster.id.in_(live_rosters()),
        Roster.group == mediator.home_office.group_id,
        Roster.week_starts_on >= max(first, monday_of(mediator.starts_on)),
        Roster.week_starts_on <= last,
    )
    owed = [
        _owed(mediator, roster_id, was_built=was_built)
        for roster_id, was_built in published.tuples()
    ]
    people = [
        row.id
        for row in Mediator.select(Mediator.id)
        .join(Office)
        .where(Mediator.active, Office.group == mediator.home_office.group_id)
    ]
    own = worked_between(first, last, [mediator.id])[mediator.id]
    return Balance(
        weeks=len(owed),
        worked_minutes=own.minutes,
        owed_minutes=sum(owed),
        unsocial=own.unsocial,
        average_unsocial=unsocial_between(first, last, people) / max(1, len(people)),
    )


def _owed(mediator: Mediator, roster_id: int, *, was_built: bool) -> int:
    """Minutes owed in a published week: as the roster took them, less holidays and leave."""
    if was_built:
        kept = RosterFigures.get_or_none(RosterFigures.roster == roster_id)
        for code, _wishes, _met, owed in (kept or figures_of(Roster.get_by_id(roster_id))).wishes:
            if code == mediator.code:
                return int(owed)
    return int(mediator.week_minutes)


def news(actor: Actor, now: dt.datetime) -> News:
    """What changed since the actor last confirmed; at first, all that is ahead is new."""
    mediator = own_mediator(actor)
    look = WeekLook.get_or_none(WeekLook.mediator == mediator)
    known: dict[str, Any] = look.shifts if look else {}
    there = _snapshot(mediator, now)
    changes = []
    for uid in sorted(known.keys() | there.keys()):
        before = _seen(known[uid]) if uid in known else None
        after = _seen(there[uid]) if uid in there else None
        over = after is None and before is not None and before.ends_at <= now
        if known.get(uid) != there.get(uid) and not over:
            changes.append(ShiftChange(before, after))
    return News(
        looked_at=look.at if look else None,
        changes=tuple(sorted(changes, key=_when)),
        mark=_mark(there),
    )


def confirm(actor: Actor, mark: str, now: dt.datetime) -> None:
    """Note that the actor has seen what `mark` names. Raises Conflict where it has changed."""
    mediator = own_mediator(actor)
    there = _snapshot(mediator, now)
    if mark != _mark(there):
        raise Conflict(_("Your shifts have changed again meanwhile; look at them once more."))
    with database.atomic():
        WeekLook.insert(mediator=mediator, at=now, shifts=there).on_conflict(
            conflict_target=[WeekLook.mediator],
            preserve=[WeekLook.at, WeekLook.shifts],
        ).execute()


def my_month(actor: Actor, first: dt.date, now: dt.datetime) -> MyMonth:
    """The month that begins on `first`, in whole weeks. Raises NotFound too far from today."""
    mediator = own_mediator(actor)
    zone = ZoneInfo(mediator.home_office.zone)
    today = now.astimezone(zone).date()
    apart = (first.year - today.year) * 12 + first.month - today.month
    if first.day != 1 or abs(apart) > MONTHS_AROUND:
        raise NotFound
    following = (first + dt.timedelta(days=32)).replace(day=1)
    monday = monday_of(first)
    until = monday_of(following - dt.timedelta(days=1)) + dt.timedelta(days=7)
    since, ends = (dt.datetime.combine(one, dt.time(), zone) for one in (monday, until))
    shifts, training = shifts_of(mediator, since, ends), training_of(mediator, since, ends)
    away = absent_dates(mediator, monday, zone)
    days = tuple(
        DayView(
            date=date,
            shifts=tuple(one for one in shifts if one.date == date),
            training=tuple(
                one
                for one in training
                if one.starts_at.astimezone(ZoneInfo(one.zone)).date() == date
            ),
            absent=date in away,
        )
        for date in (monday + dt.timedelta(days=n) for n in range((until - monday).days))
    )
    own = [day for day in days if day.date.month == first.month]
    return MyMonth(
        first=first,
        days=days,
        today=today,
        minutes=sum(day.minutes for day in own),
        shifts=sum(len(day.shifts) for day in own),
        earlier=(first - dt.timedelta(days=1)).replace(day=1) if apart > -MONTHS_AROUND else None,
        later=following if apart < MONTHS_AROUND else None,
    )


def _snapshot(mediator: Mediator, now: dt.datetime) -> dict[str, list[Any]]:
    """UID → what a shift is, as JSON keeps it; of those not yet over."""
    return {one.uid: _told(one) for one in shifts_of(mediator, now)}


def _told(one: ShiftView) -> list[Any]:
    breaks = [[edge.isoformat() for edge in pause] for pause in one.breaks]
    start, end = one.starts_at.isoformat(), one.ends_at.isoformat()
    return [one.office_name, one.zone, start, end, breaks]


def _seen(told: list[Any]) -> SeenShift:
    office, zone, start, end, breaks = told
    instant = dt.datetime.fromisoformat
    paused = tuple((instant(begins), instant(ends)) for begins, ends in breaks)
    return SeenShift(office, zone, instant(start), instant(end), paused)


def _when(change: ShiftChange) -> dt.datetime:
    return min(one.starts_at for one in (change.before, change.after) if one is not None)


def _mark(there: dict[str, list[Any]]) -> str:
    return hashlib.sha256(json.dumps(there, sort_keys=True).encode()).hexdigest()[:24]

"""Published rosters for tests, written as rows: who, where, when on the office's wall clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from small_world import SmallWorld

from app.models import Assignment, Mediator, Office, Roster, RosterStatus

PUBLISHED_AT = dt.datetime(2026, 2, 20, 10, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Shift:
    """One shift from `start` to `end` ("08:00") with an optional break, e.g. ("12:00", "13:00")."""

    mediator: Mediator
    office: Office
    date: dt.date
    start: str = "08:00"
    end: str = "17:00"
    pause: tuple[str, str] | None = ("12:00", "13:00")
    uid: str = ""
    sequence: int = 0


def write_roster(
    world: SmallWorld,
    week: dt.date,
    shifts: Iterable[Shift],
    *,
    version: int = 1,
    status: RosterStatus = RosterStatus.PUBLISHED,
    at: dt.datetime = PUBLISHED_AT,
) -> Roster:
    """A roster of the week; an older published version is superseded, as publishing does."""
    if status is RosterStatus.PUBLISHED:
        Roster.update(status=RosterStatus.SUPERSEDED).where(
            Roster.group == world.group,
            Roster.week_starts_on == week,
            Roster.status == RosterStatus.PUBLISHED,
        ).execute()
    roster = Roster.create(
        group=world.group,
        week_starts_on=week,
        version=version,
        status=status,
        created_at=at,
        published_at=at if status is RosterStatus.PUBLISHED else None,
    )
    for shift in shifts:
        Assignment.create(
            roster=roster,
            mediator=shift.mediator,
            office=shift.office,
            date=shift.date,
            starts_at=instant(shift.office, shift.date, shift.start),
            ends_at=instant(shift.office, shift.date, shift.end),
            breaks=[[instant(shift.office, shift.date, edge).isoformat() for edge in shift.pause]]
            if shift.pause
            else [],
            shift="s",
            uid=shift.uid or f"{shift.mediator.code}-{shift.date}@test",
            sequence=shift.sequence,
            created_at=PUBLISHED_AT,
            changed_at=at,
        )
    return roster


def instant(office: Office, date: dt.date, clock: str) -> dt.datetime:
    """The instant of a wall-clock time at an office, in UTC."""
    local = dt.datetime.combine(date, dt.time.fromisoformat(clock), ZoneInfo(office.zone))
    return local.astimezone(dt.UTC)

"""What is published: the shifts that hold, and the enrolments that stand. Read only.

Only the newest published version of each planning group's week counts.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from typing import Any

from peewee import JOIN, Select

from app.models import (
    Assignment,
    Course,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Office,
    Roster,
    RosterStatus,
    SessionTrainer,
    User,
)
from app.models.written import written
from app.services.errors import NotFound
from app.services.roster_rows import same_shift, shift_rows

BREAKS = Assignment.breaks.cast("TEXT").alias("breaks")
"""The breaks of a shift as text, for `breaks_of` of many rows."""
AROUND = dt.timedelta(days=8)
"""A roster's week may begin so long before a day that it holds shifts of."""


def live_assignments(
    mediator_id: int, since: dt.datetime, until: dt.datetime | None = None
) -> list[Assignment]:
    """Rows, office joined, of the newest published version of each week, by start."""
    return _live_assignments(mediator_id, since, until, since.date() - AROUND)


@written
def _live_assignments(mediator_id: Any, since: Any, until: Any, monday: Any) -> Select:
    # Of the office no more than a shift tells of it.
    told = Office.id, Office.name, Office.kind, Office.address, Office.zone
    query = (
        Assignment.select(Assignment, *told)
        .join(Office)
        .where(
            Assignment.mediator == mediator_id,
            Assignment.ends_at > since,
            Assignment.roster.in_(live_rosters().where(Roster.week_starts_on >= monday)),
        )
        .order_by(Assignment.starts_at)
    )
    return query if until is None else query.where(Assignment.starts_at < until)


def live_rosters() -> Select:
    """Ids of the newest published roster of each group's week."""
    newer = Roster.alias()
    return (
        Roster.select(Roster.id)
        .join(
            newer,
            JOIN.LEFT_OUTER,
            on=(
                (newer.group == Roster.group)
                & (newer.week_starts_on == Roster.week_starts_on)
                & (newer.status == RosterStatus.PUBLISHED)
                & (newer.version > Roster.version)
            ),
        )
        .where(Roster.status == RosterStatus.PUBLISHED, newer.id.is_null())
    )


def live_rosters_between(first: dt.date, last: dt.date) -> Select:
    """Ids of the live rosters whose weeks hold shifts of these dates, whatever an office's zone.

    Shifts of a span are looked for in these alone, not in all that was ever published.
    """
    return rosters_of_weeks(first - AROUND, last)


def rosters_of_weeks(first: Any, last: Any) -> Select:
    """Ids of the live rosters of the weeks that begin on these dates, both in it."""
    return live_rosters().where(Roster.week_starts_on >= first, Roster.week_starts_on <= last)


def live_row(uid: str) -> Assignment:
    """The shift of that UID in the newest published version of its week. Raises NotFound."""
    row = shift_rows().where(Assignment.uid == uid, Assignment.roster.in_(live_rosters())).first()
    if row is None:
        raise NotFound
    found: Assignment = row
    return found


def standing_row(row: Assignment) -> Assignment | None:
    """The same shift of the same person as it is published now; None when it is not."""
    now_there = (
        shift_rows()
        .where(
            Assignment.uid == row.uid,
            Assignment.mediator == row.mediator_id,
            Assignment.roster.in_(live_rosters()),
        )
        .first()
    )
    return now_there if now_there is not None and same_shift(now_there, row) else None


@written
def standing_enrolments(mediator_id: Any, since: Any, until: Any = None) -> Select:
    """Enrolments that stand, with session, course and office joined, by start."""
    query = (
        Enrolment.select(Enrolment, CourseSession, Course, Office)
        .join(CourseSession)
        .join(Course)
        .switch(CourseSession)
        .join(Office, JOIN.LEFT_OUTER)
        .where(
            Enrolment.mediator == mediator_id,
            Enrolment.status == EnrolmentStatus.ENROLLED,
            CourseSession.ends_at > since,
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    return query if until is None else query.where(CourseSession.starts_at < until)


@written
def sessions_given(mediator_id: Any, since: Any, until: Any = None) -> Select:
    """Sessions that a mediator gives as their trainer, with course and office joined, by start."""
    query = (
        CourseSession.select(CourseSession, Course, Office)
        .join(Course)
        .switch(CourseSession)
        .join(Office, JOIN.LEFT_OUTER)
        .switch(CourseSession)
        .join(SessionTrainer)
        .join(User)
        .where(User.mediator == mediator_id, CourseSession.ends_at > since)
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    return query if until is None else query.where(CourseSession.starts_at < until)


def breaks_of(row: Any) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    kept = row.breaks
    if isinstance(kept, str):  # as the column has them: a list of thousands reads each but once
        return _breaks_of_text(kept)
    return tuple((_instant(start), _instant(end)) for start, end in kept)


@lru_cache(maxsize=4096)
def _breaks_of_text(text: str) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    return tuple((_instant(start), _instant(end)) for start, end in json.loads(text))


@lru_cache(maxsize=4096)
def _instant(text: str) -> dt.datetime:
    """An ISO instant of a JSON column; one without offset is UTC, as all columns are."""
    instant = dt.datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)

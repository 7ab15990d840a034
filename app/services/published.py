"""What is published: the shifts that hold, and the enrolments that stand. Read only.

Only the newest published version of each planning group's week counts.
"""

from __future__ import annotations

import datetime as dt
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
)


def live_assignments(
    mediator_id: int, since: dt.datetime, until: dt.datetime | None = None
) -> Select:
    """Rows, office joined, of the newest published version of each week, by start."""
    query = (
        Assignment.select(Assignment, Office)
        .join(Office)
        .switch(Assignment)
        .join(Roster)
        .where(
            Assignment.mediator == mediator_id,
            Assignment.ends_at > since,
            Assignment.roster.in_(live_rosters()),
        )
        .order_by(Assignment.starts_at)
    )
    return query.where(Assignment.starts_at < until) if until else query


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


def standing_enrolments(
    mediator_id: int, since: dt.datetime, until: dt.datetime | None = None
) -> Select:
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
    return query.where(CourseSession.starts_at < until) if until else query


def breaks_of(row: Any) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    return tuple((_instant(start), _instant(end)) for start, end in row.breaks)


def _instant(text: str) -> dt.datetime:
    """An ISO instant of a JSON column; one without offset is UTC, as all columns are."""
    instant = dt.datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)

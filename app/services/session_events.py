"""What calendars are told of a session that moves or is called off.

SEQUENCE goes up where a session moves in time or place or has another number of seats; one called
off is kept as it stood, for the feeds that show what was cancelled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.models import CalledOffTraining, CourseSession, EnrolmentStatus

_TOLD = ("starts_at", "ends_at", "office", "link", "capacity")


def moves(row: CourseSession, columns: Mapping[str, Any]) -> bool:
    """Whether calendars would tell these columns of the session otherwise."""
    was = {**row.__data__}
    return any(columns[name] != was[name] for name in _TOLD)


def keep_called_off(row: CourseSession, now: dt.datetime) -> None:
    """Keep a session that is about to be removed, and the seat of each who has or had one."""
    whole = {
        "session_uid": row.uid,
        "course": row.course_id,
        "office": row.office_id,
        "link": row.link,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "sequence": row.sequence + 1,
        "created_at": row.changed_at or now,
        "cancelled_at": now,
    }
    CalledOffTraining.create(**whole)
    for seat in row.enrolments:
        enrolled = seat.status == EnrolmentStatus.ENROLLED
        if not enrolled and not seat.sequence:
            continue  # waited only: it never stood in a calendar
        theirs = {
            "mediator": seat.mediator_id,
            "sequence": row.sequence + seat.sequence + enrolled,
            "created_at": seat.asked_at,
            "cancelled_at": now if enrolled else seat.changed_at or now,
        }
        CalledOffTraining.create(**(whole | theirs))

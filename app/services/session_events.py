"""What calendars are told of a session that moves or is called off.

SEQUENCE goes up where a session moves in time or place or has another number of seats; one called
off is kept as it stood, for the feeds that show what was cancelled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from app.models import CalledOffTraining, CourseSession, EnrolmentStatus
from app.services.session_parts import Part, Span, parts_of

_TOLD = ("office", "link", "capacity")


def moves(row: CourseSession, columns: Mapping[str, Any], spans: Iterable[Span]) -> bool:
    """Whether calendars would tell these columns and dates of the session otherwise."""
    was = {**row.__data__}
    dates = [one.span for one in parts_of(row)]
    return dates != sorted(spans) or any(columns[name] != was[name] for name in _TOLD)


def keep_called_off(row: CourseSession, parts: Iterable[Part], now: dt.datetime) -> None:
    """Keep parts of a session that are about to be removed, as it stands until then, and in each
    the seat of who has or had one."""
    for part in parts:
        _keep(row, part, now)


def _keep(row: CourseSession, part: Part, now: dt.datetime) -> None:
    seats = list(row.enrolments)
    # No lower than a course's feed has told with the seats taken and given back (`feed_trainings`).
    told = sum((one.status == EnrolmentStatus.ENROLLED) + 2 * one.sequence for one in seats)
    whole = {
        "session_uid": part.uid,
        "course": row.course_id,
        "office": row.office_id,
        "link": row.link,
        "starts_at": part.starts_at,
        "ends_at": part.ends_at,
        "sequence": row.sequence + 1 + told,
        "created_at": row.changed_at or now,
        "cancelled_at": now,
    }
    CalledOffTraining.create(**whole)
    for seat in seats:
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

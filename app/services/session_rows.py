"""A session as its row tells it: the clock it goes by, its first day, its seats."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from app.models import CourseSession, Enrolment, EnrolmentStatus, Office
from app.services.errors import NotFound
from app.services.horizon import NETWORK_ZONE


def find_session(session_id: int) -> CourseSession:
    """Raises NotFound."""
    row = CourseSession.get_or_none(CourseSession.id == session_id)
    if row is None:
        raise NotFound
    return row


def zone_of(row: CourseSession) -> str:
    """The zone of its office; Lisbon's for online sessions."""
    return row.office.zone if row.office else NETWORK_ZONE


def zone_of_place(office_id: int | None) -> str:
    """The zone of a session at this office; without one, or at none we know, Lisbon's."""
    office = Office.get_or_none(Office.id == office_id) if office_id else None
    return office.zone if office else NETWORK_ZONE


def first_day(row: CourseSession) -> dt.date:
    """The day it begins on, where it is held."""
    return row.starts_at.astimezone(ZoneInfo(zone_of(row))).date()


def seats(session_id: int, status: EnrolmentStatus) -> int:
    """How many are enrolled, or wait."""
    rows = Enrolment.select().where(Enrolment.session == session_id, Enrolment.status == status)
    return int(rows.count())

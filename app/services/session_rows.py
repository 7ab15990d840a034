"""A session as its row tells it: the clock it goes by, its first day, its seats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from app.models import Course, CourseSession, Enrolment, EnrolmentStatus, Mediator, Office, User
from app.services.errors import NotFound
from app.services.horizon import NETWORK_ZONE


def find_session(session_id: int) -> CourseSession:
    """Raises NotFound."""
    row = CourseSession.get_or_none(CourseSession.id == session_id)
    if row is None:
        raise NotFound
    return row


def hold_session(session_id: int) -> CourseSession:
    """The session as it is now; nobody else changes it or its seats until the transaction ends.
    Raises NotFound. Call within a transaction."""
    # An update holds the row, so that two who count its seats at once do so one after the other.
    CourseSession.update(capacity=CourseSession.capacity).where(
        CourseSession.id == session_id
    ).execute()
    return find_session(session_id)


def hold_mediator(mediator_id: int) -> None:
    """Nobody else enrols this person or records a result of theirs until the transaction ends."""
    Mediator.update(code=Mediator.code).where(Mediator.id == mediator_id).execute()


def hold_course(course_id: int) -> None:
    """Nobody else sets or moves a session of this course until the transaction ends. Call before
    any of its sessions is held."""
    Course.update(code=Course.code).where(Course.id == course_id).execute()


def hold_people(trainer_ids: Iterable[int], mediator_ids: Iterable[int] = ()) -> None:
    """Nobody else gives these trainers a session, or enrols them or these mediators, until the
    transaction ends."""
    users = sorted(set(trainer_ids))
    for user_id in users:
        User.update(name=User.name).where(User.id == user_id).execute()
    rows = User.select(User.mediator).where(User.id.in_(users), User.mediator.is_null(False))
    for mediator_id in sorted({*mediator_ids, *(row.mediator_id for row in rows)}):
        hold_mediator(mediator_id)


def same_place(row: CourseSession, office_id: int | None, trainer_ids: Collection[int]) -> bool:
    """Whether a session of the same course at the same time would be the same class: at one
    office, or online with a trainer in common. Without trainers named, those of the course give
    it, whoever they are."""
    if row.office_id != office_id:
        return False
    if office_id is not None:
        return True
    theirs = {one.user_id for one in row.trainers}
    return not theirs or not trainer_ids or bool(theirs & set(trainer_ids))


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

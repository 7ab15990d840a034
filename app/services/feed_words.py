"""What feeds say of an event besides its hours: names and addresses of others' records.

A calendar takes an event anew when its SEQUENCE and LAST-MODIFIED move on (RFC 5545, 3.8.7), so
a new name or address counts as a change of every event that tells it: of those to come, and of
those of the past that feeds still show.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.models import (
    Assignment,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    FieldRoute,
    FieldSeat,
    FieldStop,
    Mediator,
    Office,
    OfficeKind,
    PhoneTurn,
)
from app.services.published import live_rosters
from calendars.feed import shown_since


def office_renamed(office_id: int, now: dt.datetime) -> None:
    """Shifts, training and field routes of an office with another name, address, zone or kind."""
    _count(Assignment, now, Assignment.roster.in_(live_rosters()), Assignment.office == office_id)
    # The telephone's shifts tell the centre in which they are served.
    telephones = Office.select(Office.id).where(Office.kind == OfficeKind.TELEPHONE)
    people = Mediator.select(Mediator.id).where(
        Mediator.home_office == office_id, ~Mediator.phone_from_home
    )
    _count(
        Assignment,
        now,
        Assignment.roster.in_(live_rosters()),
        Assignment.office.in_(telephones),
        Assignment.office != office_id,
        Assignment.mediator.in_(people),
    )
    here = (PhoneTurn.office == office_id) | (PhoneTurn.centre == office_id)
    _count(PhoneTurn, now, here)
    _count(CourseSession, now, CourseSession.office == office_id)
    routes = FieldRoute.select(FieldRoute.id).where(FieldRoute.office == office_id)
    _count(FieldStop, now, FieldStop.route.in_(routes))


def course_renamed(course_id: int, now: dt.datetime) -> None:
    """Sessions of a course with another title."""
    _count(CourseSession, now, CourseSession.course == course_id)


def person_renamed(mediator_id: int, now: dt.datetime) -> None:
    """Shifts, seats and field routes of somebody with another name, as offices and associations
    read it."""
    mine = Assignment.mediator == mediator_id
    _count(Assignment, now, Assignment.roster.in_(live_rosters()), mine)
    since = shown_since(now)
    told = CourseSession.select(CourseSession.id).where(CourseSession.ends_at > since)
    # Who only waits stands in no calendar, and a seat's number says that it once did.
    Enrolment.update(sequence=Enrolment.sequence + 1, changed_at=now).where(
        Enrolment.mediator == mediator_id,
        Enrolment.status == EnrolmentStatus.ENROLLED,
        Enrolment.session.in_(told),
    ).execute()
    routes = [
        row.id
        for row in FieldRoute.select(FieldRoute.id)
        .join(FieldSeat)
        .where(FieldSeat.mediator == mediator_id, FieldRoute.ends_at > since)
    ]
    FieldSeat.update(sequence=FieldSeat.sequence + 1).where(
        FieldSeat.mediator == mediator_id, FieldSeat.route.in_(routes)
    ).execute()
    FieldRoute.update(changed_at=now).where(FieldRoute.id.in_(routes)).execute()
    PhoneTurn.update(sequence=PhoneTurn.sequence + 1, changed_at=now).where(
        PhoneTurn.mediator == mediator_id, PhoneTurn.ends_at > since
    ).execute()


def phone_moved(mediator_id: int, now: dt.datetime) -> None:
    """Shifts on the telephone of somebody who serves them from another place than before."""
    telephones = Office.select(Office.id).where(Office.kind == OfficeKind.TELEPHONE)
    _count(
        Assignment,
        now,
        Assignment.roster.in_(live_rosters()),
        Assignment.mediator == mediator_id,
        Assignment.office.in_(telephones),
    )


def _count(table: Any, now: dt.datetime, *which: Any) -> None:
    table.update(sequence=table.sequence + 1, changed_at=now).where(
        table.ends_at > shown_since(now), *which
    ).execute()

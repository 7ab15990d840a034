"""Training as a feed's events: seats that people have, or sessions of a course or office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from peewee import JOIN

from app.i18n import _, _n
from app.models import (
    CalledOffTraining,
    Course,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    Office,
)
from app.services.feed_parts import Feed, one_line
from app.services.feed_subjects import SubjectKind
from app.services.horizon import NETWORK_ZONE
from app.services.published import sessions_given
from app.services.session_parts import Part, parts_by_session
from calendars.feed import EventStatus, FeedEvent

_UNKNOWN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""For sessions set before it was noted when."""


def trainings(feed: Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """The seats people have in sessions; those given back or called off where these stay."""
    whose = _people(feed, Enrolment)
    stands = Enrolment.status == EnrolmentStatus.ENROLLED
    if feed.keep_cancelled:
        had_once = (Enrolment.status == EnrolmentStatus.CANCELLED) & (Enrolment.sequence > 0)
        stands = stands | had_once
    rows = list(
        Enrolment.select(Enrolment, CourseSession, Course, Office, Mediator)
        .join(CourseSession)
        .join(Course)
        .switch(CourseSession)
        .join(Office, JOIN.LEFT_OUTER)
        .switch(Enrolment)
        .join(Mediator)
        .where(whose, stands, CourseSession.ends_at > since)
    )
    parts = _parts([row.session for row in rows], since)
    for row in rows:
        for part in parts[row.session_id]:
            yield _seat_event(feed, row, part)
    if feed.kind is SubjectKind.MEDIATOR:
        yield from _given(feed, since)
    if feed.keep_cancelled:
        for called_off in _called_off(since).where(_people(feed, CalledOffTraining)):
            uid = _seat_uid(called_off.session_uid, called_off.mediator_id)
            yield _called_off_event(feed, called_off, uid, called_off.mediator)


def _given(feed: Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """The sessions that the mediator gives."""
    rows = list(sessions_given(feed.id, since))
    parts = _parts(rows, since)
    for row in rows:
        told = _("Training to give · %(course)s", course=feed.title(row.course))
        for part in parts[row.id]:
            event = _session_event(feed, row, part, f"given-{part.uid}@escala", None)
            yield replace(event, summary=told)


def _parts(rows: Iterable[CourseSession], since: dt.datetime) -> dict[int, list[Part]]:
    """The dates of each session that are not over by `since`."""
    return {
        session_id: [one for one in parts if one.ends_at > since]
        for session_id, parts in parts_by_session(rows).items()
    }


def _people(feed: Feed, table: Any) -> Any:
    """The condition that a row is of the feed's people."""
    if feed.kind is SubjectKind.MEDIATOR:
        return table.mediator == feed.id
    return Mediator.association == feed.id


def _seat_event(feed: Feed, row: Enrolment, part: Part) -> FeedEvent:
    session = row.session
    given_back = row.status == EnrolmentStatus.CANCELLED
    uid = _seat_uid(part.uid, row.mediator_id)
    event = _session_event(feed, session, part, uid, row.mediator)
    return replace(
        event,
        sequence=session.sequence + row.sequence,
        created=row.asked_at,
        modified=_latest(row.asked_at, row.changed_at, session.changed_at),
        status=EventStatus.CANCELLED if given_back else EventStatus.CONFIRMED,
    )


def sessions(feed: Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """The sessions of a course, or those held at an office."""
    of_course = feed.kind is SubjectKind.COURSE
    whose = CourseSession.course if of_course else CourseSession.office
    rows = list(
        CourseSession.select(CourseSession, Course, Office)
        .join(Course)
        .switch(CourseSession)
        .join(Office, JOIN.LEFT_OUTER)
        .where(whose == feed.id, CourseSession.ends_at > since)
    )
    parts = _parts(rows, since)
    for row in rows:
        for part in parts[row.id]:
            event = _session_event(feed, row, part, _session_uid(part.uid), None)
            yield _with_seats(event, row) if of_course else event
    if feed.keep_cancelled:
        theirs = CalledOffTraining.course if of_course else CalledOffTraining.office
        for called_off in _called_off(since).where(
            theirs == feed.id, CalledOffTraining.mediator.is_null()
        ):
            uid = _session_uid(called_off.session_uid)
            yield _called_off_event(feed, called_off, uid, None)


def _with_seats(event: FeedEvent, row: CourseSession) -> FeedEvent:
    """How many come; who they are stays on the page."""
    seats = list(row.enrolments)
    taken = sum(one.status == EnrolmentStatus.ENROLLED for one in seats)
    changed = [_latest(one.asked_at, one.changed_at) for one in seats]
    return replace(
        event,
        # A seat taken counts one; given back, its own number has gone up, which counts two.
        sequence=event.sequence + taken + 2 * sum(one.sequence for one in seats),
        modified=_latest(event.modified, *changed),
        description=_n(
            "%(taken)d of %(num)d seat taken",
            "%(taken)d of %(num)d seats taken",
            row.capacity,
            taken=taken,
        ),
    )


def _session_event(
    feed: Feed, session: CourseSession, part: Part, uid: str, person: Mediator | None
) -> FeedEvent:
    office = session.office
    changed = session.changed_at or _UNKNOWN
    return FeedEvent(
        uid=feed.uid(uid),
        start=part.starts_at,
        end=part.ends_at,
        sequence=session.sequence,
        created=changed,
        modified=changed,
        summary=_training(feed, session.course, person),
        location=one_line((office.address or office.name) if office else session.link),
        zone=office.zone if office else _home_zone(person),
        url=session.link,
    )


def _called_off(since: dt.datetime) -> Any:
    return (
        CalledOffTraining.select(CalledOffTraining, Course, Office, Mediator)
        .join(Course)
        .switch(CalledOffTraining)
        .join(Office, JOIN.LEFT_OUTER)
        .switch(CalledOffTraining)
        .join(Mediator, JOIN.LEFT_OUTER)
        .where(CalledOffTraining.ends_at > since)
    )


def _called_off_event(
    feed: Feed, row: CalledOffTraining, uid: str, person: Mediator | None
) -> FeedEvent:
    office = row.office
    return FeedEvent(
        uid=feed.uid(uid),
        start=row.starts_at,
        end=row.ends_at,
        sequence=row.sequence,
        created=row.created_at,
        modified=row.cancelled_at,
        summary=_training(feed, row.course, person),
        location=one_line((office.address or office.name) if office else row.link),
        status=EventStatus.CANCELLED,
        zone=office.zone if office else _home_zone(person),
        url=row.link,
    )


def _training(feed: Feed, course: Course, person: Mediator | None) -> str:
    told = _("Training · %(course)s", course=feed.title(course))
    if feed.kind is SubjectKind.ASSOCIATION and person is not None:
        return f"{person.called_name or person.name} · {told}"
    return told


def _home_zone(person: Mediator | None) -> str:
    return str(person.home_office.zone) if person else NETWORK_ZONE


def _seat_uid(session_uid: str, mediator_id: int) -> str:
    return f"training-{session_uid}-{mediator_id}@escala"


def _session_uid(session_uid: str) -> str:
    return f"session-{session_uid}@escala"


def _latest(*instants: dt.datetime | None) -> dt.datetime:
    return max((one for one in instants if one is not None), default=_UNKNOWN)

"""When training takes a mediator's time: sessions they have a seat in, and sessions they give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.models import (
    Course,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    SessionTrainer,
    User,
)
from app.services.session_parts import parts_by_session, parts_of


@dataclass(frozen=True, slots=True)
class TrainingSpan:
    """A session, or a part of one, that takes somebody's time."""

    mediator_id: int
    session_id: int
    course_code: str
    starts_at: dt.datetime
    ends_at: dt.datetime


def training_spans(
    since: dt.datetime, until: dt.datetime, mediator_ids: Iterable[int] | None = None
) -> list[TrainingSpan]:
    """The sessions, part by part, touching `[since, until)` that mediators are enrolled in or give
    themselves."""
    within = (CourseSession.starts_at < until) & (CourseSession.ends_at > since)
    seats = Enrolment.select(Enrolment, CourseSession, Course).join(CourseSession).join(Course)
    seats = seats.where(Enrolment.status == EnrolmentStatus.ENROLLED, within)
    given = (
        SessionTrainer.select(SessionTrainer, CourseSession, Course, User)
        .join(CourseSession)
        .join(Course)
        .switch(SessionTrainer)
        .join(User)
        .where(User.mediator.is_null(False), within)
    )
    if mediator_ids is not None:
        ids = list(mediator_ids)
        seats, given = seats.where(Enrolment.mediator.in_(ids)), given.where(User.mediator.in_(ids))
    taken = [(row.mediator_id, row.session) for row in seats]
    taken += [(row.user.mediator_id, row.session) for row in given]
    parts = parts_by_session(session for _mediator, session in taken)
    return [
        TrainingSpan(mediator_id, session.id, session.course.code, one.starts_at, one.ends_at)
        for mediator_id, session in taken
        for one in parts[session.id]
        if one.starts_at < until and one.ends_at > since
    ]


def busy_meanwhile(session: CourseSession, mediator_ids: Iterable[int]) -> set[int]:
    """Of these, who is in another session at the time of this one, or gives one, or gives this
    one itself."""
    own = {
        row.user.mediator_id
        for row in SessionTrainer.select(SessionTrainer, User)
        .join(User)
        .where(SessionTrainer.session == session.id)
    }
    ids = set(mediator_ids)
    return (own & ids) | {
        one.mediator_id
        for part in parts_of(session)
        for one in training_spans(*part.span, ids)
        if one.session_id != session.id
    }

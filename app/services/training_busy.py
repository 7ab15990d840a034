"""When training takes a mediator's time: sessions they have a seat in, and sessions they give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.models import (
    Course,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    SessionTrainer,
    User,
)


@dataclass(frozen=True, slots=True)
class TrainingSpan:
    """A session that takes somebody's time."""

    mediator_id: int
    session_id: int
    course_code: str
    starts_at: dt.datetime
    ends_at: dt.datetime


def training_spans(
    since: dt.datetime, until: dt.datetime, mediator_ids: Iterable[int] | None = None
) -> list[TrainingSpan]:
    """The sessions touching `[since, until)` that mediators are enrolled in or give themselves."""
    within = (CourseSession.starts_at < until) & (CourseSession.ends_at > since)
    told = (CourseSession.id, Course.code, CourseSession.starts_at, CourseSession.ends_at)
    seats: Any = Enrolment.select(Enrolment.mediator, *told).join(CourseSession).join(Course)
    seats = seats.where(Enrolment.status == EnrolmentStatus.ENROLLED, within)
    given: Any = (
        SessionTrainer.select(User.mediator, *told)
        .join(CourseSession)
        .join(Course)
        .switch(SessionTrainer)
        .join(User)
        .where(User.mediator.is_null(False), within)
    )
    if mediator_ids is not None:
        ids = list(mediator_ids)
        seats, given = seats.where(Enrolment.mediator.in_(ids)), given.where(User.mediator.in_(ids))
    return [TrainingSpan(*row) for row in (*seats.tuples(), *given.tuples())]


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
    spans = training_spans(session.starts_at, session.ends_at, ids)
    return (own & ids) | {one.mediator_id for one in spans if one.session_id != session.id}

"""When training takes a mediator's time: sessions they have a seat in, and sessions they give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.models import (
    Completion,
    Course,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    SessionTrainer,
    User,
)
from app.models.written import written
from app.services.hours import minutes_in
from app.services.session_parts import Part, parts_by_session, parts_of


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
    """The sessions, part by part, touching `[since, until)` that mediators have or had a seat in
    then, or give themselves."""
    ids = None if mediator_ids is None else list(mediator_ids)
    had_rows, given_rows = _seats(since, until, ids), _given(since, until, ids)
    parts = parts_by_session(row.session for row in (*had_rows, *given_rows))
    dates = _dates_had(had_rows, parts)
    taken = [(row.mediator_id, row.session, dates[row.id]) for row in had_rows]
    taken += [(row.user.mediator_id, row.session, parts[row.session_id]) for row in given_rows]
    return [
        TrainingSpan(mediator_id, session.id, session.course.code, one.starts_at, one.ends_at)
        for mediator_id, session, listed in taken
        for one in listed
        if one.starts_at < until and one.ends_at > since
    ]


@written
def _seats(since: Any, until: Any, mediator_ids: Any) -> Any:
    query = Enrolment.select(Enrolment, CourseSession, Course).join(CourseSession).join(Course)
    had = (Enrolment.status == EnrolmentStatus.ENROLLED) | (Enrolment.sequence > 0)
    query = query.where(had, CourseSession.starts_at < until, CourseSession.ends_at > since)
    if mediator_ids is None:
        return query
    return query.where(Enrolment.mediator.in_(mediator_ids))


@written
def _given(since: Any, until: Any, mediator_ids: Any) -> Any:
    query = SessionTrainer.select(SessionTrainer, CourseSession, Course, User)
    query = query.join(CourseSession).join(Course).switch(SessionTrainer).join(User)
    query = query.where(CourseSession.starts_at < until, CourseSession.ends_at > since)
    if mediator_ids is None:
        return query.where(User.mediator.is_null(False))
    return query.where(User.mediator.in_(mediator_ids))


def busy_meanwhile(
    session: CourseSession, mediator_ids: Iterable[int], now: dt.datetime
) -> set[int]:
    """Of these, who is in another session at the time of this one, as far as it is not over, or
    gives one, or gives this one itself."""
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
        if part.ends_at > now
        for one in training_spans(*part.span, ids)
        if one.session_id != session.id
    }


def _dates_had(seats: list[Enrolment], parts: dict[int, list[Part]]) -> dict[int, list[Part]]:
    """The dates each seat was had on. Whoever came in late has those from then on, unless a result
    counts more minutes than these last: then all."""
    found = {row.id: _had(row, parts[row.session_id]) for row in seats}
    late = {
        (row.session_id, row.mediator_id): row
        for row in seats
        if row.status == EnrolmentStatus.ENROLLED and found[row.id] != parts[row.session_id]
    }
    if late:
        results = Completion.select().where(
            Completion.session.in_({session_id for session_id, _mediator_id in late}),
            Completion.replaced_at.is_null(),
            Completion.minutes.is_null(False),
        )
        for result in results:
            row = late.get((result.session_id, result.mediator_id))
            had = minutes_in([one.span for one in found[row.id]]) if row else 0
            if row and (result.minutes or 0) > had:
                found[row.id] = parts[row.session_id]
    return found


def _had(seat: Enrolment, parts: list[Part]) -> list[Part]:
    since = seat.had_at or seat.asked_at
    if seat.status == EnrolmentStatus.ENROLLED:
        # A session of one date is not over when somebody is enrolled.
        return [one for one in parts if one.ends_at > since] if len(parts) > 1 else parts
    until = seat.changed_at
    return [one for one in parts if until is not None and since < one.ends_at <= until]

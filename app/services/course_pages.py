"""The pages of courses: for the trainers who run them and for coordinators. Nobody else's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.models import Completion
from app.services.errors import Forbidden, NotFound
from app.services.mediators import MediatorView, list_mediators
from app.services.rights import Actor
from app.services.training import (
    CertificationView,
    CompletionView,
    CourseView,
    EnrolmentView,
    SessionView,
    completions_of,
    enrolments_of,
    expiring,
    get_course,
    list_courses,
    sessions_of,
)


@dataclass(frozen=True, slots=True)
class CourseLine:
    course: CourseView
    next_session: SessionView | None
    next_at: dt.datetime | None
    """When its next date begins, or began where that is not over."""


@dataclass(frozen=True, slots=True)
class SessionPeople:
    session: SessionView
    enrolments: tuple[EnrolmentView, ...]
    recorded: frozenset[int]
    """Mediators who have a result of this session."""


@dataclass(frozen=True, slots=True)
class CoursePage:
    course: CourseView
    to_come: tuple[SessionPeople, ...]
    past: tuple[SessionPeople, ...]
    results: tuple[CompletionView, ...]
    """Latest first, corrected ones too; empty for who does not run the course."""


def course_lines(actor: Actor, now: dt.datetime) -> list[CourseLine]:
    """The courses the actor runs or coordinates. Raises Forbidden for anyone else."""
    _require_reader(actor)
    own = [one for one in list_courses(actor) if actor.is_coordinator or one.runs_it]
    return [_line(one, sessions_of(actor, one.id), now) for one in own]


def courses_to_run(actor: Actor) -> list[CourseView]:
    """The courses whose sessions the actor may plan. Raises Forbidden where there is none."""
    found = [one for one in list_courses(actor) if one.runs_it]
    if not found:
        raise Forbidden
    return found


def course_page(actor: Actor, course_id: int, now: dt.datetime) -> CoursePage:
    course = _readable(actor, course_id)
    results = tuple(completions_of(actor, course_id)) if course.runs_it else ()
    recorded = {
        session_id: frozenset(
            one.mediator_id
            for one in results
            if one.session_id == session_id and one.replaced_at is None
        )
        for session_id in {one.session_id for one in results}
    }
    people = [
        SessionPeople(one, tuple(enrolments_of(actor, one.id)), recorded.get(one.id, frozenset()))
        for one in sessions_of(actor, course_id)
    ]
    return CoursePage(
        course=course,
        to_come=tuple(one for one in reversed(people) if one.session.ends_at > now),
        past=tuple(one for one in people if one.session.ends_at <= now),
        results=results,
    )


def course_to_run(actor: Actor, course_id: int) -> CourseView:
    """A course whose results the actor may record, else Forbidden."""
    course = _readable(actor, course_id)
    if not course.runs_it:
        raise Forbidden
    return course


def people_of_course(actor: Actor, course_id: int) -> list[MediatorView]:
    """Those whose result the actor may record, by name."""
    course_to_run(actor, course_id)
    return list_mediators(actor)


def result_to_correct(actor: Actor, completion_id: int) -> CompletionView:
    """A result that still stands, of a course the actor runs; else NotFound or Forbidden."""
    row = Completion.get_or_none(Completion.id == completion_id)
    if row is None:
        raise NotFound
    course_to_run(actor, row.course_id)
    for one in completions_of(actor, row.course_id):
        if one.id == completion_id and one.replaced_at is None:
            return one
    raise NotFound


def ending_certifications(
    actor: Actor, within_days: int, now: dt.datetime
) -> list[CertificationView]:
    """Certifications that end soon, for those who can have them renewed."""
    _require_reader(actor)
    return expiring(actor, within_days, now)


def _require_reader(actor: Actor) -> None:
    if not actor.is_trainer and not actor.is_coordinator:
        raise Forbidden


def _readable(actor: Actor, course_id: int) -> CourseView:
    """A course that the actor runs or coordinates; being a mediator opens no page here."""
    course = get_course(actor, course_id)
    _require_reader(actor)
    if not actor.is_coordinator and not course.runs_it:
        raise Forbidden
    return course


def _line(course: CourseView, sessions: list[SessionView], now: dt.datetime) -> CourseLine:
    dates = [(start, one) for one in sessions for start, end in one.spans if end > now]
    if not dates:
        return CourseLine(course, None, None)
    starts_at, session = min(dates, key=lambda pair: pair[0])
    return CourseLine(course, session, starts_at)

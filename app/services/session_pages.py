"""The pages of sessions: who is in one, who could be, and whose time it falls on.

Coordinators read why somebody is not free, of their own offices' people; trainers at most that they
are not, by the rule of `session_clashes`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from app.models import (
    CourseSession,
    CourseTrainer,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    Office,
    User,
)
from app.services.course_needs import Had, had_already
from app.services.courses import CourseView, course_row, get_course, list_courses
from app.services.errors import Forbidden
from app.services.names import sorting_key
from app.services.prerequisites import lacking_before
from app.services.rights import Actor
from app.services.session_clashes import (
    Clash,
    ClashKind,
    clashes_of,
    may_know_why,
    not_free_of,
)
from app.services.session_parts import DOOR_OPENS_BEFORE, Span
from app.services.sessions import SessionView, get_session, sessions_of
from app.services.telling import name_of
from app.services.training_records import RuleBook, rule_book

OPINIONS_WITHIN = dt.timedelta(weeks=4)
"""How long after a session people are asked what they thought of it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody in a session, waiting for it, or (`status` None) who could be in it."""

    mediator_id: int
    name: str
    office_name: str
    status: EnrolmentStatus | None
    clashes: tuple[Clash, ...]
    lacks: tuple[str, ...] = ()
    """Codes of the courses that must come before and do not, on the day it begins."""
    had: Had | None = None
    """What they have of the course already, where it would bring them nothing on that day."""


@dataclass(frozen=True, slots=True)
class SessionPage:
    session: SessionView
    course: CourseView
    seats: tuple[Seat, ...]
    """Enrolled first, then the waiting in their order."""
    candidates: tuple[Seat, ...]
    """By name; those who are free first, then those whom it brings nothing, last those who need
    another course before."""
    trainers_taken: tuple[Seat, ...]
    """Trainers whose own time as mediators it falls on."""
    begun: bool
    last_begun: bool
    """Its last part, so that results can be recorded."""
    over: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session to come, as the actor stands to it."""

    session: SessionView
    runs_it: bool
    status: EnrolmentStatus | None
    """The actor's own; None where not enrolled."""
    may_enrol: bool
    """May and would gain by it: what somebody holds for long is not offered to them."""
    clashes: tuple[Clash, ...]
    """The actor's own shifts, leave and sessions that it falls on."""
    door_open: bool
    """Whether who is enrolled can check in now."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose in a form."""

    id: int
    name: str


def session_page(actor: Actor, session_id: int, now: dt.datetime) -> SessionPage:
    """One session for who runs its course or coordinates. Raises Forbidden for anyone else."""
    session = get_session(actor, session_id)
    course = get_course(actor, session.course_id)
    if not course.runs_it and not actor.is_coordinator:
        raise Forbidden
    people = _people(actor, course)
    rows = Enrolment.select().where(
        Enrolment.session == session_id, Enrolment.status != EnrolmentStatus.CANCELLED
    )
    enrolled = {
        row.mediator_id: row
        for row in rows.order_by(Enrolment.status, Enrolment.asked_at, Enrolment.id)
    }
    taken = _told(actor, session, [*people.values()], now)
    lacking = _lacking(session, [*people])
    had = had_already(session.course_code, [*people], _day_of(session))
    seats = tuple(
        _seat(people[mediator_id], row.status, taken, lacking)
        for mediator_id, row in enrolled.items()
        if mediator_id in people
    )
    others = [
        replace(_seat(one, None, taken, lacking), had=had.get(one.id))
        for one in people.values()
        if one.active and one.id not in enrolled
    ]
    return SessionPage(
        session=session,
        course=course,
        seats=seats,
        candidates=tuple(sorted(others, key=_readiness)),
        trainers_taken=_trainers(actor, session, now),
        begun=session.starts_at <= now,
        last_begun=session.spans[-1][0] <= now,
        over=session.ends_at <= now,
    )


def session_to_run(actor: Actor, session_id: int) -> SessionView:
    """A session of a course the actor runs; else Forbidden."""
    session = get_session(actor, session_id)
    if not get_course(actor, session.course_id).runs_it:
        raise Forbidden
    return session


def open_sessions(actor: Actor, now: dt.datetime) -> list[OpenSession]:
    """Sessions to come, the soonest first: those the actor runs, and for a mediator those they
    may enrol in or are enrolled in."""
    if not (actor.is_mediator or actor.is_trainer or actor.is_coordinator):
        raise Forbidden
    book = rule_book() if actor.is_mediator else None
    found = [
        _open_session(actor, course, session, book, now)
        for course in list_courses(actor)
        for session in sessions_of(actor, course.id)
        if session.ends_at > now
    ]
    shown = [
        one
        for one in found
        if one.runs_it or one.may_enrol or one.status is not None or actor.is_coordinator
    ]
    return sorted(shown, key=lambda one: (one.session.starts_at, one.session.id))


def sessions_to_judge(actor: Actor, now: dt.datetime) -> list[SessionView]:
    """Sessions of the last weeks in which the actor had a seat and of which they said nothing."""
    rows = (
        Enrolment.select(Enrolment, CourseSession)
        .join(CourseSession)
        .where(
            Enrolment.mediator == actor.mediator_id,
            Enrolment.status == EnrolmentStatus.ENROLLED,
            ~Enrolment.opinion_given,
            CourseSession.ends_at <= now,
            CourseSession.ends_at > now - OPINIONS_WITHIN,
        )
    )
    return [get_session(actor, row.session_id) for row in rows] if actor.is_mediator else []


def trainers_to_choose(course_id: int) -> list[Choice]:
    rows = CourseTrainer.select(CourseTrainer, User).join(User)
    rows = rows.where(CourseTrainer.course == course_id, User.active).order_by(User.name)
    return [Choice(row.user_id, row.user.name) for row in rows]


def places_to_choose() -> list[Choice]:
    rows = Office.select().where(Office.active).order_by(Office.position, Office.name)
    return [Choice(row.id, row.name) for row in rows]


def names_of(actor: Actor, course_id: int, mediator_ids: Collection[int]) -> list[Choice]:
    """Active mediators of these ids whom the actor may enrol in the course, by name."""
    people = _people(actor, get_course(actor, course_id)).values()
    found = [one for one in people if one.id in mediator_ids and one.active]
    return _by_name(found)


def everyone_of(actor: Actor, course_id: int) -> list[Choice]:
    """All active mediators whom the actor may enrol in the course, by name."""
    people = _people(actor, get_course(actor, course_id)).values()
    return _by_name(one for one in people if one.active)


def _by_name(people: Iterable[Mediator]) -> list[Choice]:
    choices = [Choice(one.id, name_of(one)) for one in people]
    return sorted(choices, key=lambda one: (sorting_key(one.name), one.id))


def _people(actor: Actor, course: CourseView) -> dict[int, Mediator]:
    """Everyone for who runs the course, active or not; else the actor's own offices' people."""
    query = Mediator.select(Mediator, Office).join(Office)
    if not course.runs_it:
        query = query.where(Mediator.home_office.in_(actor.office_ids or ()))
    return {row.id: row for row in query.order_by(Mediator.name, Mediator.id)}


def _seat(
    mediator: Mediator,
    status: EnrolmentStatus | None,
    taken: dict[int, list[Clash]],
    lacking: dict[int, list[str]],
) -> Seat:
    clashes = tuple(taken.get(mediator.id, ()))
    office_name = mediator.home_office.name
    lacks = tuple(lacking.get(mediator.id, ()))
    return Seat(mediator.id, name_of(mediator), office_name, status, clashes, lacks)


def _readiness(one: Seat) -> tuple[bool, bool, bool, str]:
    return bool(one.lacks), one.had is not None, bool(one.clashes), sorting_key(one.name)


def _lacking(session: SessionView, mediator_ids: list[int]) -> dict[int, list[str]]:
    return lacking_before(course_row(session.course_id), mediator_ids, _day_of(session))


def _day_of(session: SessionView) -> dt.date:
    """The day it begins on, where it is held."""
    return session.starts_at.astimezone(ZoneInfo(session.zone)).date()


def _open_session(
    actor: Actor,
    course: CourseView,
    session: SessionView,
    book: RuleBook | None,
    now: dt.datetime,
) -> OpenSession:
    status: EnrolmentStatus | None = None
    clashes: tuple[Clash, ...] = ()
    if actor.mediator_id is not None:
        row = Enrolment.get_or_none(
            Enrolment.session == session.id,
            Enrolment.mediator == actor.mediator_id,
            Enrolment.status != EnrolmentStatus.CANCELLED,
        )
        status = row.status if row else None
        clashes = tuple(_taken(session, [actor.mediator_id], now).get(actor.mediator_id, ()))
    may = actor.is_mediator and session.self_enrol and status is None and session.starts_at > now
    if may and actor.mediator_id is not None:
        may = not had_already(course.code, [actor.mediator_id], _day_of(session), book)
    door_open = any(start - DOOR_OPENS_BEFORE <= now < end for start, end in session.spans)
    return OpenSession(session, course.runs_it, status, may, clashes, door_open)


def _taken(
    session: SessionView, mediator_ids: list[int], now: dt.datetime
) -> dict[int, list[Clash]]:
    """What falls on the dates of this session that are not over."""
    return clashes_of(session.id, mediator_ids, _to_come(session, now))


def _to_come(session: SessionView, now: dt.datetime) -> list[Span]:
    return [one for one in session.spans if one[1] > now]


def _told(
    actor: Actor, session: SessionView, people: list[Mediator], now: dt.datetime
) -> dict[int, list[Clash]]:
    """The same as the actor may know it; home offices are joined."""
    known = [one for one in people if may_know_why(actor, one)]
    others = [one for one in people if not may_know_why(actor, one)]
    found = _taken(session, [one.id for one in known], now)
    if others:
        for span in _to_come(session, now):
            hidden = not_free_of(session.id, others, *span)
            found |= {one: [Clash(ClashKind.HIDDEN)] for one in hidden}
    return found


def _trainers(actor: Actor, session: SessionView, now: dt.datetime) -> tuple[Seat, ...]:
    """Trainers who are mediators too and are not free then."""
    rows = Mediator.select(Mediator, Office).join(Office).switch(Mediator).join(User)
    people = list(rows.where(User.id.in_(list(session.trainer_ids))).order_by(Mediator.name))
    taken = _told(actor, session, people, now)
    return tuple(_seat(one, None, taken, {}) for one in people if taken.get(one.id))

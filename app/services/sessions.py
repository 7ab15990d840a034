"""Sessions of a course: when, where and by whom; a session is busy time in the roster."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.models import (
    Course,
    CourseSession,
    EnrolmentStatus,
    SessionTrainer,
    User,
    database,
)
from app.services import audit, session_events
from app.services.courses import get_course, require_runs
from app.services.enrolments import let_in
from app.services.errors import Conflict, Forbidden
from app.services.rights import Actor
from app.services.session_checks import (
    SessionFacts,
    check_results,
    check_seats,
    check_session,
)
from app.services.session_parts import parts_of, replace_parts
from app.services.session_rows import (
    find_session,
    hold_course,
    hold_people,
    hold_session,
    seats,
    zone_of,
)
from app.services.training_telling import (
    enrolled_in,
    session_details,
    tell_called_off,
    tell_cancelled,
    tell_moved,
    tell_placed,
    waiting_for,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView(SessionFacts):
    id: int
    course_code: str
    course_title_pt: str
    course_title_en: str
    office_name: str
    zone: str
    """Of the office; Lisbon's for online sessions."""
    trainer_names: tuple[str, ...]
    enrolled: int
    waiting: int


def create_session(actor: Actor, session: SessionFacts, now: dt.datetime) -> int:
    """Set a session of a course the actor runs; its id. Raises Invalid."""
    require_runs(actor, session.course_id)
    with database.atomic():
        hold_course(session.course_id)
        hold_people(session.trainer_ids)
        check_session(session, None, now)
        row = CourseSession.create(**_columns(session), changed_at=now)
        replace_parts(row, session.spans)
        _replace_trainers(row.id, session)
        audit.record(actor, "session.create", "session", row.id, now, course=session.course_id)
    return int(row.id)


def edit_session(actor: Actor, session_id: int, session: SessionFacts, now: dt.datetime) -> None:
    """Move or change a session; its course stays. More seats let the waiting in."""
    row = find_session(session_id)
    require_runs(actor, row.course_id)
    if session.course_id != row.course_id:
        raise Forbidden
    with database.atomic():
        hold_course(row.course_id)
        row = hold_session(session_id)
        enrolled = enrolled_in(session_id)
        hold_people(session.trainer_ids, enrolled)
        told_before = session_details(row)
        check_session(session, session_id, now)
        shifted = _shifts(row, session)
        columns = _columns(session)
        if session_events.moves(row, columns, session.spans):
            columns |= {"sequence": CourseSession.sequence + 1, "changed_at": now}
            parts = parts_of(row)
            replace_parts(row, session.spans)
            kept = {one.uid for one in parts_of(row)}
            gone = [one for one in parts if one.uid not in kept]
            session_events.keep_called_off(row, gone, now)
        CourseSession.update(**columns).where(CourseSession.id == session_id).execute()
        _replace_trainers(session_id, session)
        moved = find_session(session_id)
        check_results(moved)
        if shifted:
            check_seats(moved, enrolled, now)
        tell_moved(actor, told_before, moved, now)
        tell_placed(actor, moved, let_in(session_id, now), now)
        audit.record(actor, "session.edit", "session", session_id, now)


def remove_session(actor: Actor, session_id: int, now: dt.datetime) -> None:
    """Call a session off, enrolments with it. Raises Conflict once it has begun."""
    row = find_session(session_id)
    require_runs(actor, row.course_id)
    if row.starts_at <= now:
        raise Conflict(_("The session has begun."))
    with database.atomic():
        row = hold_session(session_id)
        tell_cancelled(actor, row, enrolled_in(session_id), now)
        tell_called_off(actor, row, waiting_for(session_id), now)
        session_events.keep_called_off(row, parts_of(row), now)
        row.delete_instance(recursive=False)
        audit.record(actor, "session.remove", "session", session_id, now, course=row.course_id)


def sessions_of(actor: Actor, course_id: int) -> list[SessionView]:
    """A course's sessions, the latest first, for those who may see the course."""
    get_course(actor, course_id)
    query = CourseSession.select().where(CourseSession.course == course_id)
    return [_view(row) for row in query.order_by(CourseSession.starts_at.desc())]


def get_session(actor: Actor, session_id: int) -> SessionView:
    row = find_session(session_id)
    get_course(actor, row.course_id)
    return _view(row)


def _shifts(row: CourseSession, session: SessionFacts) -> bool:
    """Whether it is to be at other times, or given by others."""
    dates = [one.span for one in parts_of(row)]
    trainers = {one.user_id for one in row.trainers}
    return dates != sorted(session.spans) or trainers != set(session.trainer_ids)


def _replace_trainers(session_id: int, session: SessionFacts) -> None:
    SessionTrainer.delete().where(SessionTrainer.session == session_id).execute()
    for user_id in session.trainer_ids:
        SessionTrainer.create(session=session_id, user=user_id)


def _columns(session: SessionFacts) -> dict[str, Any]:
    return {
        "course": session.course_id,
        "starts_at": min(start for start, _end in session.spans),
        "ends_at": max(end for _start, end in session.spans),
        "office": session.office_id,
        "link": session.link,
        "capacity": session.capacity,
        "self_enrol": session.self_enrol,
        "languages": " ".join(session.languages),
    }


def _view(row: CourseSession) -> SessionView:
    course: Course = row.course
    spans = tuple(one.span for one in parts_of(row))
    trainers = list(
        row.trainers.select(SessionTrainer, User).join(User).order_by(User.name, User.id)
    )
    return SessionView(
        id=row.id,
        course_id=row.course_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        parts=spans if len(spans) > 1 else (),
        office_id=row.office_id,
        link=row.link,
        capacity=row.capacity,
        course_code=course.code,
        course_title_pt=course.title_pt,
        course_title_en=course.title_en,
        office_name=row.office.name if row.office else "",
        zone=zone_of(row),
        self_enrol=row.self_enrol,
        trainer_ids=tuple(one.user_id for one in trainers),
        trainer_names=tuple(one.user.name for one in trainers),
        languages=tuple(row.languages.split()),
        enrolled=seats(row.id, EnrolmentStatus.ENROLLED),
        waiting=seats(row.id, EnrolmentStatus.WAITING),
    )

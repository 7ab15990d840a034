"""Sessions of a course: when, where and by whom; a session is busy time in the roster."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.i18n import _
from app.models import (
    Completion,
    Course,
    CourseSession,
    CourseTrainer,
    EnrolmentStatus,
    Language,
    Office,
    SessionTrainer,
    User,
    database,
)
from app.services import audit, session_events
from app.services.checks import Faults
from app.services.courses import get_course, require_runs
from app.services.enrolments import let_in
from app.services.errors import Conflict, Forbidden
from app.services.rights import Actor
from app.services.session_rows import (
    find_session,
    first_day,
    hold_session,
    same_place,
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

LONGEST_SESSION = dt.timedelta(days=1)
SEATS_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """When and where a course is held: at an office, online, or both."""

    course_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    office_id: int | None = None
    link: str = ""
    capacity: int = 20
    self_enrol: bool = True
    """Mediators may enrol themselves."""
    trainer_ids: tuple[int, ...] = ()
    """Users who give it; empty for those of the course."""
    languages: tuple[str, ...] = ()
    """Codes of the languages it is given in; empty where nobody said."""


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
    _check(session, session_id=None)
    with database.atomic():
        row = CourseSession.create(**_columns(session), changed_at=now)
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
        row = hold_session(session_id)
        told_before = session_details(row)
        _check(session, session_id)
        columns = _columns(session)
        if session_events.moves(row, columns):
            columns |= {"sequence": CourseSession.sequence + 1, "changed_at": now}
        CourseSession.update(**columns).where(CourseSession.id == session_id).execute()
        _replace_trainers(session_id, session)
        moved = find_session(session_id)
        _check_results(moved)
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
        session_events.keep_called_off(row, now)
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


def _check(session: SessionFacts, session_id: int | None) -> None:
    faults = Faults()
    faults.instants(session.starts_at, session.ends_at, LONGEST_SESSION)
    if session.office_id is None and not session.link.strip():
        faults.add("office_id", "", _("an office or a link"))
    if session.office_id is not None and not Office.get_or_none(Office.id == session.office_id):
        faults.add("office_id", session.office_id, _("an office"))
    faults.length("link", session.link)
    if session.link and not session.link.startswith(("https://", "http://")):
        faults.add("link", session.link, _("an address that begins with https://"))
    least = seats(session_id, EnrolmentStatus.ENROLLED) if session_id is not None else 0
    faults.whole("capacity", session.capacity, max(1, least), SEATS_MOST)
    known = {row.code for row in Language.select(Language.code)}
    faults.unique("languages", session.languages)
    for index, code in enumerate(session.languages):
        faults.one_of(f"languages.{index}", code, known)
    _check_trainers(faults, session, session_id)
    if not faults.found and _overlapping(session, session_id):
        faults.add("starts_at", session.starts_at, _("a time clear of the course's other sessions"))
    faults.raise_any()


def _check_results(moved: CourseSession) -> None:
    """A session cannot begin after a result of it was had."""
    first = (
        Completion.select(fn.MIN(Completion.completed_on))
        .where(Completion.session == moved.id, Completion.replaced_at.is_null())
        .scalar()
    )
    if first is not None and first_day(moved) > first:
        faults = Faults()
        expected = _("not after the day of its first result, %(date)s", date=first.isoformat())
        faults.add("starts_at", moved.starts_at, expected)
        faults.raise_any()


def _check_trainers(faults: Faults, session: SessionFacts, session_id: int | None) -> None:
    """Trainers of the course, not at another session meanwhile."""
    faults.unique("trainer_ids", session.trainer_ids)
    known = {
        row.user_id
        for row in CourseTrainer.select(CourseTrainer.user).where(
            CourseTrainer.course == session.course_id
        )
    }
    for index, user_id in enumerate(session.trainer_ids):
        if user_id not in known:
            faults.add(f"trainer_ids.{index}", user_id, _("a trainer of the course"))
        elif not faults.found and _gives_another(user_id, session, session_id):
            expected = _("a trainer who gives no other session then")
            faults.add(f"trainer_ids.{index}", user_id, expected)


def _gives_another(user_id: int, session: SessionFacts, session_id: int | None) -> bool:
    others = (
        SessionTrainer.select()
        .join(CourseSession)
        .where(
            SessionTrainer.user == user_id,
            CourseSession.starts_at < session.ends_at,
            CourseSession.ends_at > session.starts_at,
            CourseSession.id != (session_id or 0),
        )
    )
    return bool(others.exists())


def _replace_trainers(session_id: int, session: SessionFacts) -> None:
    SessionTrainer.delete().where(SessionTrainer.session == session_id).execute()
    for user_id in session.trainer_ids:
        SessionTrainer.create(session=session_id, user=user_id)


def _overlapping(session: SessionFacts, session_id: int | None) -> bool:
    """One course may run in two offices at once, or online with other trainers, but not twice in
    one place."""
    others = CourseSession.select().where(
        CourseSession.course == session.course_id,
        CourseSession.starts_at < session.ends_at,
        CourseSession.ends_at > session.starts_at,
    )
    return any(
        other.id != session_id and same_place(other, session.office_id, session.trainer_ids)
        for other in others
    )


def _columns(session: SessionFacts) -> dict[str, Any]:
    return {
        "course": session.course_id,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "office": session.office_id,
        "link": session.link,
        "capacity": session.capacity,
        "self_enrol": session.self_enrol,
        "languages": " ".join(session.languages),
    }


def _view(row: CourseSession) -> SessionView:
    course: Course = row.course
    trainers = list(
        row.trainers.select(SessionTrainer, User).join(User).order_by(User.name, User.id)
    )
    return SessionView(
        id=row.id,
        course_id=row.course_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
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

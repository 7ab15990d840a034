"""Who is enrolled in a session, who waits for a seat, and who may put whom there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _
from app.models import (
    Completion,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    Mediator,
    database,
)
from app.services import audit
from app.services.checks import Faults
from app.services.courses import runs_course
from app.services.errors import Conflict, Forbidden, NotFound
from app.services.prerequisites import lacking_before, missing_before
from app.services.rights import Actor
from app.services.session_rows import find_session, first_day, hold_mediator, hold_session, seats
from app.services.telling import name_of
from app.services.training_busy import busy_meanwhile
from app.services.training_telling import tell_cancelled, tell_placed


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentView:
    id: int
    session_id: int
    mediator_id: int
    mediator_name: str
    status: EnrolmentStatus
    asked_at: dt.datetime


def enrol(actor: Actor, session_id: int, mediator_id: int, now: dt.datetime) -> EnrolmentStatus:
    """Enrol a mediator, or let them wait where no seat is left. Raises Invalid.

    For the course's trainers, the coordinators of the mediator's home office, and oneself.
    """
    mediator = _mediator(mediator_id)
    _require_may_enrol(actor, find_session(session_id), mediator)
    with database.atomic():
        session = hold_session(session_id)
        hold_mediator(mediator_id)
        faults = Faults()
        if not mediator.active:
            faults.add("mediator_id", mediator_id, _("an active mediator"))
        if session.ends_at <= now:
            faults.add("session_id", session_id, _("a session that is not over"))
        elif session.starts_at <= now and not _places(actor, session, mediator):
            faults.add("session_id", session_id, _("a session that has not begun"))
        for code in missing_before(session.course, mediator_id, first_day(session)):
            faults.add("mediator_id", mediator_id, _("%(code)s passed before", code=code))
        before = Enrolment.get_or_none(
            Enrolment.session == session_id, Enrolment.mediator == mediator_id
        )
        if before is not None and before.status != EnrolmentStatus.CANCELLED:
            faults.add("mediator_id", mediator_id, _("a mediator not yet enrolled"))
        elif busy_meanwhile(session, [mediator_id], now):
            expected = _("somebody who neither has nor gives another session then")
            faults.add("mediator_id", mediator_id, expected)
        faults.raise_any()
        free = session.capacity - seats(session_id, EnrolmentStatus.ENROLLED)
        status = EnrolmentStatus.ENROLLED if free > 0 else EnrolmentStatus.WAITING
        if before is None:
            before = Enrolment(session=session_id, mediator=mediator_id)
        elif status is EnrolmentStatus.ENROLLED:
            before.sequence, before.changed_at = before.sequence + 1, now
        before.status, before.asked_at = status, now
        if status is EnrolmentStatus.ENROLLED:
            before.had_at = now
        before.save()
        if status is EnrolmentStatus.ENROLLED:
            tell_placed(actor, session, [mediator_id], now)
        audit.record(
            actor, "enrolment.add", "session", session_id, now,
            mediator=mediator_id, status=str(status),
        )  # fmt: skip
    return status


def cancel_enrolment(actor: Actor, session_id: int, mediator_id: int, now: dt.datetime) -> None:
    """Give a seat back; who has waited longest gets it. Raises Conflict once the session is over
    or has a result of theirs."""
    session = find_session(session_id)
    if actor.mediator_id != mediator_id:
        _require_may_enrol(actor, session, _mediator(mediator_id))
    with database.atomic():
        session = hold_session(session_id)
        row = Enrolment.get_or_none(
            Enrolment.session == session_id,
            Enrolment.mediator == mediator_id,
            Enrolment.status != EnrolmentStatus.CANCELLED,
        )
        if row is None:
            raise NotFound
        _check_open(session, mediator_id, now)
        if row.status == EnrolmentStatus.ENROLLED:
            row.sequence, row.changed_at = row.sequence + 1, now
        row.status = EnrolmentStatus.CANCELLED
        row.save()
        tell_cancelled(actor, session, [mediator_id], now)
        tell_placed(actor, session, let_in(session_id, now), now)
        audit.record(actor, "enrolment.cancel", "session", session_id, now, mediator=mediator_id)


def enrolments_of(actor: Actor, session_id: int) -> list[EnrolmentView]:
    """Who is enrolled or waits, in order: all for who runs the course; others see themselves, a
    coordinator the people of their offices."""
    session = find_session(session_id)
    query = Enrolment.select(Enrolment, Mediator).join(Mediator)
    query = query.where(
        Enrolment.session == session_id, Enrolment.status != EnrolmentStatus.CANCELLED
    )
    if not runs_course(actor, session.course_id):
        theirs = Mediator.id == actor.mediator_id
        if actor.is_coordinator:
            theirs |= Mediator.home_office.in_(actor.office_ids or ())
        query = query.where(theirs)
    return [
        EnrolmentView(
            id=row.id,
            session_id=session_id,
            mediator_id=row.mediator_id,
            mediator_name=name_of(row.mediator),
            status=row.status,
            asked_at=row.asked_at,
        )
        for row in query.order_by(Enrolment.status, Enrolment.asked_at, Enrolment.id)
    ]


def let_in(session_id: int, now: dt.datetime) -> list[int]:
    """Seats still free go to those who have waited longest, until the session begins; who they are.
    Passed over is who lacks, by now, a course that must come before, or is in another session
    then."""
    session = hold_session(session_id)
    if session.starts_at <= now:
        return []
    free = session.capacity - seats(session_id, EnrolmentStatus.ENROLLED)
    waiting = Enrolment.select().where(
        Enrolment.session == session_id, Enrolment.status == EnrolmentStatus.WAITING
    )
    rows = list(waiting.order_by(Enrolment.asked_at, Enrolment.id)) if free > 0 else []
    lacking = lacking_before(session.course, [one.mediator_id for one in rows], first_day(session))
    unable = set(lacking) | busy_meanwhile(session, [one.mediator_id for one in rows], now)
    found = []
    for row in [one for one in rows if one.mediator_id not in unable][:free]:
        row.status, row.changed_at, row.had_at = EnrolmentStatus.ENROLLED, now, now
        row.save()
        found.append(row.mediator_id)
    return found


def _check_open(session: CourseSession, mediator_id: int, now: dt.datetime) -> None:
    if session.ends_at <= now:
        raise Conflict(_("The session is over."))
    results = Completion.select().where(
        Completion.session == session.id,
        Completion.mediator == mediator_id,
        Completion.replaced_at.is_null(),
    )
    if results.exists():
        raise Conflict(_("There is a result of this person in the session."))


def may_enrol(actor: Actor, session: CourseSession, mediator: Mediator) -> bool:
    """Whether the actor runs the course, coordinates the mediator's home office, or is the
    mediator, where the session lets mediators enrol themselves."""
    own = actor.mediator_id == mediator.id and session.self_enrol
    return own or _places(actor, session, mediator)


def _places(actor: Actor, session: CourseSession, mediator: Mediator) -> bool:
    """Whether the actor gives seats in the session to this mediator by office, not as oneself."""
    if runs_course(actor, session.course_id):
        return True
    return actor.is_coordinator and mediator.home_office_id in (actor.office_ids or ())


def _require_may_enrol(actor: Actor, session: CourseSession, mediator: Mediator) -> None:
    if not may_enrol(actor, session, mediator):
        raise Forbidden


def _mediator(mediator_id: int) -> Mediator:
    row = Mediator.get_or_none(Mediator.id == mediator_id)
    if row is None:
        raise NotFound
    return row

"""What a session is to be, and what is held against it before it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from peewee import fn

from app.i18n import _
from app.models import (
    Completion,
    CourseSession,
    CourseTrainer,
    EnrolmentStatus,
    Language,
    Office,
    SessionTrainer,
    User,
)
from app.services.checks import Faults
from app.services.session_parts import Span, meets, results_day
from app.services.session_rows import same_place, seats
from app.services.training_busy import busy_meanwhile, training_spans

LONGEST_PART = dt.timedelta(days=1)
LONGEST_SESSION = dt.timedelta(days=366)
MOST_PARTS = 20
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
    parts: tuple[Span, ...] = ()
    """Its dates, where it has several; from the first one's start to the last one's end it then
    lasts."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """Its dates, one or several."""
        return self.parts or ((self.starts_at, self.ends_at),)


def check_session(session: SessionFacts, session_id: int | None, now: dt.datetime) -> None:
    """Raises Invalid with every reason; a fault of one of several dates is at `parts.<n>`."""
    faults = Faults()
    _check_dates(faults, session)
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
    _check_trainers(faults, session, session_id, now)
    if not faults.found and _overlapping(session, session_id):
        faults.add("starts_at", session.starts_at, _("a time clear of the course's other sessions"))
    faults.raise_any()


def check_results(moved: CourseSession) -> None:
    """A session cannot end after a result of it was had."""
    first = (
        Completion.select(fn.MIN(Completion.completed_on))
        .where(Completion.session == moved.id, Completion.replaced_at.is_null())
        .scalar()
    )
    if first is not None and results_day(moved) > first:
        faults = Faults()
        expected = _("not after the day of its first result, %(date)s", date=first.isoformat())
        faults.add("starts_at", moved.starts_at, expected)
        faults.raise_any()


def check_seats(moved: CourseSession, mediator_ids: Iterable[int], now: dt.datetime) -> None:
    """A session does not go where those enrolled in it have or give another, or give it."""
    busy = busy_meanwhile(moved, mediator_ids, now)
    if busy:
        faults = Faults()
        expected = _(
            "a time at which nobody enrolled has or gives another session (now: %(n)d)", n=len(busy)
        )
        faults.add("starts_at", moved.starts_at, expected)
        faults.raise_any()


def _check_trainers(
    faults: Faults, session: SessionFacts, session_id: int | None, now: dt.datetime
) -> None:
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
        elif not faults.found and _sits_in_another(user_id, session, session_id, now):
            expected = _("a trainer who has a seat in no other session then")
            faults.add(f"trainer_ids.{index}", user_id, expected)


def _gives_another(user_id: int, session: SessionFacts, session_id: int | None) -> bool:
    others = (
        SessionTrainer.select(SessionTrainer, CourseSession)
        .join(CourseSession)
        .where(
            SessionTrainer.user == user_id,
            CourseSession.starts_at < max(end for _start, end in session.spans),
            CourseSession.ends_at > min(start for start, _end in session.spans),
            CourseSession.id != (session_id or 0),
        )
    )
    return any(meets(one.session, session.spans) for one in others)


def _sits_in_another(
    user_id: int, session: SessionFacts, session_id: int | None, now: dt.datetime
) -> bool:
    mediator_id = User.get_by_id(user_id).mediator_id
    return mediator_id is not None and any(
        one.session_id != session_id
        for start, end in session.spans
        if end > now
        for one in training_spans(start, end, [mediator_id])
    )


def _check_dates(faults: Faults, session: SessionFacts) -> None:
    """Each date at most a day long, none on another, all within a year."""
    if not session.parts:
        faults.instants(session.starts_at, session.ends_at, LONGEST_PART)
        return
    if len(session.parts) > MOST_PARTS:
        faults.add("parts", len(session.parts), _("at most %(n)d dates", n=MOST_PARTS))
    for index, span in enumerate(session.parts):
        of_one = Faults()
        of_one.instants(*span, LONGEST_PART)
        for fault in of_one.found:
            faults.add(f"parts.{index}.{fault.field}", fault.value, fault.expected)
    if faults.found:
        return
    in_order = sorted(range(len(session.parts)), key=lambda index: session.parts[index])
    for before, index in pairwise(in_order):
        start = session.parts[index][0]
        if start < session.parts[before][1]:
            expected = _("a time clear of the session's other dates")
            faults.add(f"parts.{index}.starts_at", start, expected)
    first, last = session.parts[in_order[0]][0], session.parts[in_order[-1]][1]
    if last - first > LONGEST_SESSION:
        expected = _("at most %(n)d days after the start", n=LONGEST_SESSION.days)
        faults.add(f"parts.{in_order[-1]}.starts_at", last, expected)


def _overlapping(session: SessionFacts, session_id: int | None) -> bool:
    """One course may run in two offices at once, or online with other trainers, but not twice in
    one place."""
    others = CourseSession.select().where(
        CourseSession.course == session.course_id,
        CourseSession.starts_at < max(end for _start, end in session.spans),
        CourseSession.ends_at > min(start for start, _end in session.spans),
    )
    return any(
        other.id != session_id
        and same_place(other, session.office_id, session.trainer_ids)
        and meets(other, session.spans)
        for other in others
    )

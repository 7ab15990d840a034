"""Results of courses; what they issue or renew follows in the same transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import _
from app.models import (
    Certification,
    Completion,
    CompletionResult,
    Course,
    CourseSession,
    Mediator,
    database,
)
from app.services import audit
from app.services.checks import Faults
from app.services.courses import require_runs
from app.services.errors import Conflict, NotFound
from app.services.horizon import network_date
from app.services.mediators import visible_mediators
from app.services.prerequisites import missing_before
from app.services.rights import Actor
from app.services.session_parts import results_day
from app.services.session_rows import hold_mediator
from app.services.settling import settle_person
from app.services.telling import name_of
from app.services.training_records import RuleBook, rule_book
from app.services.training_telling import tell_certification
from app.services.withdrawals import tell_of_changed
from training.sheet import MOST_MINUTES

NOTE_LENGTH = 500
_OLDEST_YEARS = 40


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a result came to; no certification where it was not passed."""

    completion_id: int
    certification_id: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    kind: str = ""
    """Of the certification; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Attended:
    """How long somebody was there, where somebody counted, and what is to be said of it."""

    minutes: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionView:
    id: int
    mediator_id: int
    mediator_name: str
    course_id: int
    course_code: str
    session_id: int | None
    completed_on: dt.date
    result: CompletionResult
    recorded_at: dt.datetime
    replaced_at: dt.datetime | None
    mistaken: bool
    minutes: int | None
    note: str


def record_completion(
    actor: Actor,
    course_id: int,
    mediator_id: int,
    completed_on: dt.date,
    result: CompletionResult,
    now: dt.datetime,
    session_id: int | None = None,
    minutes: int | None = None,
    note: str = "",
    book: RuleBook | None = None,
) -> Recorded:
    """Record a result of a course the actor runs; a pass issues or renews its certification.

    Who records hundreds while courses and rules stay as they are gives the `book` of them.
    Raises Invalid with every fault: a day to come or before the session, a second result for one
    person and day, a course to be passed before.
    """
    course = require_runs(actor, course_id)
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    with database.atomic():
        hold_mediator(mediator_id)
        attended = Attended(minutes, note)
        book = book or rule_book()
        _check(course, mediator_id, completed_on, result, now, session_id, None, attended, book)
        row = Completion.create(
            mediator=mediator_id,
            course=course.id,
            session=session_id,
            completed_on=completed_on,
            result=result,
            minutes=minutes,
            note=note,
            recorded_by=actor.user_id,
            recorded_at=now,
        )
        recorded = _settled(row, course, book, now)
        audit.record(
            actor, "completion.record", "completion", row.id, now,
            mediator=mediator_id, course=course.code, result=str(result),
        )  # fmt: skip
    return recorded


def correct_completion(
    actor: Actor,
    completion_id: int,
    completed_on: dt.date,
    result: CompletionResult,
    now: dt.datetime,
    attended: Attended | None = None,
) -> Recorded:
    """Put another day or result in place of a recorded one; the old record stays, marked.

    What it had issued is withdrawn and later renewals are reckoned anew; what a person withdrew
    stays withdrawn, whatever the result is corrected to. Without `attended`, minutes and remark
    stay. Raises Invalid, and Conflict where it has been replaced already.
    """
    old, course = _to_replace(actor, completion_id)
    attended = attended or Attended(old.minutes, old.note)
    with database.atomic():
        hold_mediator(old.mediator_id)
        _replace(completion_id, now, mistaken=False)
        book = rule_book()
        _check(
            course, old.mediator_id, completed_on, result, now, old.session_id, completion_id,
            attended, book,
        )  # fmt: skip
        row = Completion.create(
            mediator=old.mediator_id,
            course=course.id,
            session=old.session_id,
            completed_on=completed_on,
            result=result,
            minutes=attended.minutes,
            note=attended.note,
            recorded_by=actor.user_id,
            recorded_at=now,
        )
        # A person's withdrawal goes along with the result.
        Certification.update(completion=row.id).where(
            Certification.completion == completion_id,
            Certification.withdrawn_at.is_null(False),
            ~Certification.groundless,
        ).execute()
        withdrawn = _withdraw_issued(completion_id, _("Result corrected"), now)
        recorded = _settled(row, course, book, now)
        for kind in book.kinds_of(course.code):
            tell_of_changed(old.mediator_id, kind.code, now)
        if recorded.certification_id is None:
            _tell_withdrawn(actor, withdrawn, now)
        audit.record(
            actor, "completion.correct", "completion", completion_id, now,
            replaced_by=row.id, result=str(result),
        )  # fmt: skip
    return recorded


def remove_completion(actor: Actor, completion_id: int, now: dt.datetime) -> None:
    """Take back a result that was recorded by mistake: nothing comes in its place, the record
    stays, marked, and what it issued is withdrawn. Raises Conflict where it has been replaced
    already."""
    old, course = _to_replace(actor, completion_id)
    with database.atomic():
        hold_mediator(old.mediator_id)
        _replace(completion_id, now, mistaken=True)
        withdrawn = _withdraw_issued(completion_id, _("Recorded by mistake"), now)
        book = rule_book()
        for kind in book.kinds_of(course.code):
            settle_person(old.mediator_id, kind.code, book, now)
            tell_of_changed(old.mediator_id, kind.code, now)
        _tell_withdrawn(actor, withdrawn, now)
        audit.record(
            actor, "completion.remove", "completion", completion_id, now,
            mediator=old.mediator_id, course=course.code,
        )  # fmt: skip


def _to_replace(actor: Actor, completion_id: int) -> tuple[Completion, Course]:
    old = Completion.get_or_none(Completion.id == completion_id)
    if old is None:
        raise NotFound
    return old, require_runs(actor, old.course_id)


def _replace(completion_id: int, now: dt.datetime, mistaken: bool) -> None:
    marked = (
        Completion.update(replaced_at=now, mistaken=mistaken)
        .where(Completion.id == completion_id, Completion.replaced_at.is_null())
        .execute()
    )
    if not marked:
        raise Conflict(_("This result has been corrected in the meantime."))


def _withdraw_issued(completion_id: int, reason: str, now: dt.datetime) -> list[Certification]:
    issued = list(
        Certification.select().where(
            Certification.completion == completion_id, Certification.withdrawn_at.is_null()
        )
    )
    Certification.update(withdrawn_at=now, withdrawal_reason=reason).where(
        Certification.id.in_([one.id for one in issued])
    ).execute()
    return issued


def _tell_withdrawn(actor: Actor, rows: list[Certification], now: dt.datetime) -> None:
    for one in rows:
        tell_certification(actor, one, "withdrawn", now)


def completions_of(
    actor: Actor, course_id: int | None = None, mediator_id: int | None = None
) -> list[CompletionView]:
    """Results, the latest first, corrected ones included: of a course the actor runs, or of
    people the actor may see."""
    query = Completion.select(Completion, Mediator, Course).join(Mediator).switch(Completion)
    query = query.join(Course)
    if course_id is not None:
        require_runs(actor, course_id)
        query = query.where(Completion.course == course_id)
    else:
        query = query.where(Completion.mediator.in_(visible_mediators(actor)))
    if mediator_id is not None:
        query = query.where(Completion.mediator == mediator_id)
    return [
        CompletionView(
            id=row.id,
            mediator_id=row.mediator_id,
            mediator_name=name_of(row.mediator),
            course_id=row.course_id,
            course_code=row.course.code,
            session_id=row.session_id,
            completed_on=row.completed_on,
            result=row.result,
            recorded_at=row.recorded_at,
            replaced_at=row.replaced_at,
            mistaken=row.mistaken,
            minutes=row.minutes,
            note=row.note,
        )
        for row in query.order_by(Completion.completed_on.desc(), Completion.id.desc())
    ]


def _check(
    course: Course,
    mediator_id: int,
    completed_on: dt.date,
    result: CompletionResult,
    now: dt.datetime,
    session_id: int | None,
    replaces: int | None,
    attended: Attended,
    book: RuleBook,
) -> None:
    faults = Faults()
    if attended.minutes is not None:
        faults.whole("minutes", attended.minutes, 0, MOST_MINUTES)
    faults.length("note", attended.note, NOTE_LENGTH, lines=True)
    faults.one_of("result", result, tuple(CompletionResult))
    today = network_date(now)
    if not today - dt.timedelta(days=_OLDEST_YEARS * 366) <= completed_on <= today:
        faults.add("completed_on", completed_on, _("a day not to come"))
    _check_session(faults, course, completed_on, session_id)
    twice = Completion.select().where(
        Completion.mediator == mediator_id,
        Completion.course == course.id,
        Completion.completed_on == completed_on,
        Completion.replaced_at.is_null(),
        Completion.id != (replaces or 0),
    )
    if twice.exists():
        faults.add("completed_on", completed_on, _("a day without a result for this person"))
    for code in missing_before(course, mediator_id, completed_on, book.catalogue):
        faults.add("mediator_id", mediator_id, _("%(code)s passed before", code=code))
    faults.raise_any()


def _check_session(
    faults: Faults, course: Course, completed_on: dt.date, session_id: int | None
) -> None:
    if session_id is None:
        return
    session = CourseSession.get_or_none(CourseSession.id == session_id)
    if session is None or session.course_id != course.id:
        faults.add("session_id", session_id, _("a session of this course"))
        return
    earliest = results_day(session)
    if completed_on < earliest:
        expected = _("not before the session, %(date)s", date=earliest.isoformat())
        faults.add("completed_on", completed_on, expected)


def _settled(row: Completion, course: Course, book: RuleBook, now: dt.datetime) -> Recorded:
    """Bring the certifications that the course has to do with in line with all results; what
    `row` issued."""
    for kind in book.kinds_of(course.code):
        settle_person(row.mediator_id, kind.code, book, now)
    issued = Certification.get_or_none(
        Certification.completion == row.id, Certification.withdrawn_at.is_null()
    )
    if issued is None:
        return Recorded(row.id, None, None, None)
    return Recorded(row.id, issued.id, issued.valid_from, issued.valid_until, issued.kind_id)

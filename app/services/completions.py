"""Completions of courses, and the certifications they issue or renew in the same transaction."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

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
from app.services.horizon import NETWORK_ZONE
from app.services.mediators import visible_mediators
from app.services.rights import Actor
from app.services.training_records import (
    RuleBook,
    certification_record,
    completion_record,
    course_catalogue,
    rule_book,
)
from app.services.withdrawals import tell_of_changed
from training import records
from training.certificate import RANDOM_BYTES, certificate_number
from training.eligibility import missing_prerequisites
from training.faults import TrainingFault
from training.validity import certification_after

_OLDEST_YEARS = 40


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a result came to; no certification where it was not passed."""

    completion_id: int
    certification_id: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None


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
) -> Recorded:
    """Record a result of a course the actor runs; a pass issues or renews its certification.

    Raises Invalid with every fault: a day to come or before the session, a second result for one
    person and day, a course to be passed before.
    """
    course = require_runs(actor, course_id)
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    if mediator is None:
        raise NotFound
    with database.atomic():
        _check(course, mediator_id, completed_on, result, now, session_id, replaces=None)
        row = _insert(actor, course, mediator_id, completed_on, result, now, session_id)
        if minutes is not None or note:
            Completion.update(minutes=minutes, note=note).where(Completion.id == row.id).execute()
        recorded = _settled(row, course, rule_book())
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
) -> Recorded:
    """Put another day or result in place of a recorded one; the old record stays, marked.

    What it had issued is withdrawn and later renewals are reckoned anew. Raises Conflict where
    it has been replaced already.
    """
    old = Completion.get_or_none(Completion.id == completion_id)
    if old is None:
        raise NotFound
    course = require_runs(actor, old.course_id)
    with database.atomic():
        marked = (
            Completion.update(replaced_at=now)
            .where(Completion.id == completion_id, Completion.replaced_at.is_null())
            .execute()
        )
        if not marked:
            raise Conflict(_("This result has been corrected in the meantime."))
        _check(course, old.mediator_id, completed_on, result, now, old.session_id, completion_id)
        Certification.update(withdrawn_at=now, withdrawal_reason=_("Result corrected")).where(
            Certification.completion == completion_id, Certification.withdrawn_at.is_null()
        ).execute()
        session_id = old.session_id
        row = _insert(actor, course, old.mediator_id, completed_on, result, now, session_id)
        Completion.update(minutes=old.minutes, note=old.note).where(
            Completion.id == row.id
        ).execute()
        book = rule_book()
        recorded = _settled(row, course, book)
        for kind in book.kinds_of(course.code):
            tell_of_changed(old.mediator_id, kind.code, now)
        audit.record(
            actor, "completion.correct", "completion", completion_id, now,
            replaced_by=row.id, result=str(result),
        )  # fmt: skip
    return recorded


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
            mediator_name=row.mediator.called_name or row.mediator.name,
            course_id=row.course_id,
            course_code=row.course.code,
            session_id=row.session_id,
            completed_on=row.completed_on,
            result=row.result,
            recorded_at=row.recorded_at,
            replaced_at=row.replaced_at,
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
) -> None:
    faults = Faults()
    faults.one_of("result", result, tuple(CompletionResult))
    today = now.astimezone(ZoneInfo(NETWORK_ZONE)).date()
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
    for code in missing_before(course, mediator_id, completed_on):
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
    zone = session.office.zone if session.office else NETWORK_ZONE
    begins_on = session.starts_at.astimezone(ZoneInfo(zone)).date()
    if completed_on < begins_on:
        expected = _("not before the session, %(date)s", date=begins_on.isoformat())
        faults.add("completed_on", completed_on, expected)


def missing_before(course: Course, mediator_id: int, completed_on: dt.date) -> list[str]:
    """Codes of required courses that the mediator had not passed by that day, equivalences and
    the days on which older versions stop counting told in."""
    return lacking_before(course, [mediator_id], completed_on).get(mediator_id, [])


def lacking_before(
    course: Course, mediator_ids: Sequence[int], on: dt.date
) -> dict[int, list[str]]:
    """The same of many people; those who lack nothing are left out."""
    if not course.prerequisites.exists():
        return {}
    catalogue = course_catalogue()
    version = next(one for one in catalogue[course.code].versions if one.version == course.version)
    rows = Completion.select(Completion, Course).join(Course)
    theirs = rows.where(Completion.mediator.in_(mediator_ids), Completion.replaced_at.is_null())
    held: dict[int, list[records.Completion]] = defaultdict(list)
    for row in theirs:
        held[row.mediator_id].append(completion_record(row))
    lacking = {
        one: sorted(missing_prerequisites(version, held[one], catalogue, on))
        for one in mediator_ids
    }
    return {one: codes for one, codes in lacking.items() if codes}


def _insert(
    actor: Actor,
    course: Course,
    mediator_id: int,
    completed_on: dt.date,
    result: CompletionResult,
    now: dt.datetime,
    session_id: int | None,
) -> Completion:
    return Completion.create(
        mediator=mediator_id,
        course=course.id,
        session=session_id,
        completed_on=completed_on,
        result=result,
        recorded_by=actor.user_id,
        recorded_at=now,
    )


def _settled(row: Completion, course: Course, book: RuleBook) -> Recorded:
    """Bring the certifications that the course has to do with in line with all results; what
    `row` issued."""
    for kind in book.kinds_of(course.code):
        _settle(row.mediator_id, kind.code, book)
    issued = Certification.get_or_none(Certification.completion == row.id)
    if issued is None:
        return Recorded(row.id, None, None, None)
    return Recorded(row.id, issued.id, issued.valid_from, issued.valid_until)


def settle_course(code: str, now: dt.datetime) -> None:
    """Reckon anew every kind that a course has to do with. Call within a transaction."""
    book = rule_book()
    for kind in book.kinds_of(code):
        settle_kind(kind.code, now, book)


def settle_kind(kind: str, now: dt.datetime, book: RuleBook | None = None) -> int:
    """Reckon everybody's certifications of a kind anew, as its rule now stands; how many people
    hold or held it. Call within a transaction."""
    book = book or rule_book()
    holders = Certification.select(Certification.mediator).where(Certification.kind == kind)
    people = {row.mediator_id for row in holders}
    people |= {row.mediator_id for row in _passed_rows(kind, book)}
    for mediator_id in sorted(people):
        before = _spans(mediator_id, kind)
        _settle(mediator_id, kind, book)
        if _spans(mediator_id, kind) != before:
            tell_of_changed(mediator_id, kind, now)
    return len(people)


def _spans(mediator_id: int, kind: str) -> set[tuple[int, dt.date, dt.date | None]]:
    rows = Certification.select().where(
        Certification.mediator == mediator_id, Certification.kind == kind
    )
    return {(row.id, row.valid_from, row.valid_until) for row in rows}


def _settle(mediator_id: int, kind: str, book: RuleBook) -> None:
    """Reckon every certification of a kind anew, by day of completion: whatever the order in
    which results are entered, the certifications come out the same. One that somebody withdrew
    stays withdrawn; a completion that issues nothing leaves its earlier one as it was."""
    rule, catalogue = book.rules[kind], book.catalogue
    issued = list(
        Certification.select().where(
            Certification.mediator == mediator_id, Certification.kind == kind
        )
    )
    by_completion = {one.completion_id: one for one in issued}
    held = [certification_record(one) for one in issued if one.completion_id is None]
    for completion in _passed(mediator_id, kind, book):
        standing = by_completion.get(completion.id)
        if standing is not None and standing.withdrawn_at is not None:
            held.append(certification_record(standing))
            continue
        try:
            wanted = certification_after(completion_record(completion), rule, held, catalogue)
        except TrainingFault:
            # A result that renews nothing is kept all the same: it was taken and passed.
            continue
        _keep(standing, wanted, completion)
        held.append(wanted)


def _keep(
    standing: Certification | None, wanted: records.Certification, completion: Completion
) -> None:
    """Issue what is wanted, or move the days of what stands; its number stays."""
    if standing is None:
        Certification.create(
            mediator=completion.mediator_id,
            kind=wanted.kind,
            valid_from=wanted.valid_from,
            valid_until=wanted.valid_until,
            number=certificate_number(secrets.token_bytes(RANDOM_BYTES)),
            completion=completion.id,
        )
    elif (standing.valid_from, standing.valid_until) != (wanted.valid_from, wanted.valid_until):
        standing.valid_from, standing.valid_until = wanted.valid_from, wanted.valid_until
        standing.save()


def _passed(mediator_id: int, kind: str, book: RuleBook) -> list[Completion]:
    rows = _passed_rows(kind, book, Completion.mediator == mediator_id)
    return sorted(rows, key=lambda one: (one.completed_on, one.id))


def _passed_rows(kind: str, book: RuleBook, *conditions: Any) -> list[Completion]:
    """Passes of every course that has to do with a kind."""
    query = Completion.select(Completion, Course).join(Course)
    return list(
        query.where(
            Course.code.in_(sorted(book.accepted(kind))),
            Completion.result == CompletionResult.PASSED,
            Completion.replaced_at.is_null(),
            *conditions,
        )
    )

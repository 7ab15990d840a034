"""Rows of training as the pure library's records, and its rules as the tables hold them."""

from __future__ import annotations

from collections import defaultdict

from app.models import (
    Certification,
    CertificationKind,
    Completion,
    Course,
    CourseEquivalent,
    CoursePrerequisite,
)
from training import records
from training.records import courses_by_code


def course_catalogue() -> dict[str, records.Course]:
    """Every course with its versions, prerequisites and equivalences, by code."""
    required: dict[int, list[str]] = defaultdict(list)
    for one in CoursePrerequisite.select().order_by(CoursePrerequisite.required_code):
        required[one.course_id].append(one.required_code)
    equivalent: dict[int, list[str]] = defaultdict(list)
    for same in CourseEquivalent.select().order_by(CourseEquivalent.counts_code):
        equivalent[same.course_id].append(same.counts_code)
    return courses_by_code(
        [
            records.CourseVersion(
                code=row.code,
                version=row.version,
                title=row.title_pt,
                minutes=row.minutes,
                programme=records.Programme(row.programme),
                outcomes=tuple(line for line in row.outcomes.splitlines() if line.strip()),
                prerequisites=tuple(required[row.id]),
                equivalents=tuple(equivalent[row.id]),
                older_due_on=row.older_due_on,
            )
            for row in Course.select()
        ]
    )


def rule_of(kind: CertificationKind) -> records.CertificationRule:
    """The library's rule of a kind: issued by its courses, for its months."""
    courses = Course.select(Course.code).where(Course.certification == kind.code)
    codes = {row.code for row in courses} - {kind.renewal_course}
    return records.CertificationRule(
        kind=kind.code,
        courses=tuple(sorted(codes)),
        validity_months=kind.validity_months or 0,
        grace_days=kind.grace_days,
        renewal_course=kind.renewal_course or None,
        renewal_window_days=kind.renewal_window_days,
    )


def completion_record(row: Completion) -> records.Completion:
    return records.Completion(
        id=row.id,
        mediator=row.mediator_id,
        course=row.course.code,
        version=row.course.version,
        completed_on=row.completed_on,
        result=records.Result(row.result),
    )


def certification_record(row: Certification) -> records.Certification:
    return records.Certification(
        mediator=row.mediator_id,
        kind=row.kind_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        completion=row.completion_id,
        withdrawn_at=row.withdrawn_at,
    )

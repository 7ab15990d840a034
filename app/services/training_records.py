"""Rows of training as the pure library's records, and its rules as the tables hold them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from app.models import (
    Certification,
    CertificationKind,
    Completion,
    Course,
    CourseEquivalent,
    CoursePrerequisite,
    CourseTrainer,
)
from training import records
from training.records import courses_by_code, equivalents_of


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Courses and the rules of certification as the tables hold them, read once for a piece of
    work that asks many times."""

    catalogue: dict[str, records.Course]
    kinds: tuple[CertificationKind, ...]
    """By code."""
    rules: dict[str, records.CertificationRule]
    """By the kind's code."""

    def accepted(self, kind: str) -> frozenset[str]:
        """The courses that have to do with a kind: those that issue it, what counts as them, and
        the course that renews it."""
        rule = self.rules[kind]
        found = {one for each in rule.courses for one in equivalents_of(each, self.catalogue)}
        return frozenset(found | ({rule.renewal_course} if rule.renewal_course else set()))

    def kinds_of(self, course: str) -> tuple[CertificationKind, ...]:
        """The kinds that a course, or one it counts as, issues or renews."""
        return tuple(one for one in self.kinds if course in self.accepted(one.code))


def rule_book() -> RuleBook:
    """In five queries, whatever there is."""
    issuing: dict[str, set[str]] = defaultdict(set)
    for row in Course.select(Course.code, Course.certification):
        if row.certification_id is not None:
            issuing[row.certification_id].add(row.code)
    kinds = tuple(CertificationKind.select().order_by(CertificationKind.code))
    rules = {one.code: _rule(one, issuing[one.code]) for one in kinds}
    return RuleBook(course_catalogue(), kinds, rules)


def kinds_run_by(user_id: int | None) -> set[str]:
    """The kinds that the courses of a trainer issue or renew, or courses that count as them."""
    rows = Course.select(Course.code).join(CourseTrainer).where(CourseTrainer.user == user_id)
    own = {row.code for row in rows}
    book = rule_book()
    return {one.code for one in book.kinds if own & book.accepted(one.code)}


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
    return _rule(kind, {row.code for row in courses})


def _rule(kind: CertificationKind, issuing: set[str]) -> records.CertificationRule:
    return records.CertificationRule(
        kind=kind.code,
        courses=tuple(sorted(issuing - {kind.renewal_course})),
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

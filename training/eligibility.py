"""Which courses somebody has passed, and which they lack for another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from training.records import Completion, Courses, CourseVersion, Result, equivalents_of


def has_passed(code: str, completions: Iterable[Completion], courses: Courses, on: date) -> bool:
    """Whether one person's completions hold a course, or one that counts as it, on a day.

    A completion counts from its day; one of a version that a newer one made due counts through
    the due date.
    """
    accepted = equivalents_of(code, courses)
    return any(
        one.course in accepted
        and one.result is Result.PASSED
        and one.completed_on <= on
        and _counts(one, courses, on)
        for one in completions
    )


def missing_prerequisites(
    course: CourseVersion, completions: Sequence[Completion], courses: Courses, on: date
) -> tuple[str, ...]:
    """The codes of prerequisites that one person does not hold on a day, in the course's order."""
    return tuple(
        code for code in course.prerequisites if not has_passed(code, completions, courses, on)
    )


def _counts(completion: Completion, courses: Courses, on: date) -> bool:
    course = courses.get(completion.course)
    until = course.counts_until(completion.version) if course else None
    return until is None or on <= until

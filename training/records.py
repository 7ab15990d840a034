"""The records that the rules of training speak about.

Ids are whatever the caller uses for rows; courses, kinds of certification and languages go by
code. A *day* is a plain date, in the civil calendar of the place where it counts; an *instant* is
an aware datetime in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MediatorId = int
CompletionId = int


class Programme(StrEnum):
    INITIAL = "initial"
    CONTINUOUS = "continuous"


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Interval:
    """Time taken, [start, end), aware."""

    start: datetime
    end: datetime

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class CourseVersion:
    """One version of a course.

    minutes        its length
    prerequisites  codes of courses to have passed before
    equivalents    codes of courses that count as this one
    older_due_on   the last day a completion of an older version still counts; None: they do not
                   age by this version
    """

    code: str
    version: int
    title: str
    minutes: int
    programme: Programme = Programme.CONTINUOUS
    outcomes: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    equivalents: tuple[str, ...] = ()
    older_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A course with all its versions, in any order."""

    code: str
    versions: tuple[CourseVersion, ...]

    @property
    def current(self) -> CourseVersion:
        """The version with the highest number."""
        return max(self.versions, key=lambda one: one.version)

    def counts_until(self, version: int) -> date | None:
        """The last day a completion of `version` counts: the first due date of a newer one."""
        dues = [
            one.older_due_on
            for one in self.versions
            if one.version > version and one.older_due_on is not None
        ]
        return min(dues, default=None)


@dataclass(frozen=True, slots=True)
class CertificationRule:
    """How a kind of certification is issued and renewed.

    courses              any of these, passed, issues it (and renews it)
    validity_months validity_days  how long it counts, added together; neither: no end
    renewal_course       a shorter course that only renews what is held
    renewal_window_days  how many days before the end a renewal loses nothing: the new one then
                         starts when the old one ends. Of an earlier one, so many days are carried
    grace_days           how many days after the end `renewal_course` still renews. In the grace
                         days the certification does not count
    """

    kind: str
    courses: tuple[str, ...]
    validity_months: int = 0
    validity_days: int = 0
    grace_days: int = 0
    renewal_course: str | None = None
    renewal_window_days: int = 90


@dataclass(frozen=True, slots=True)
class Completion:
    """That somebody took a course to its end on a day, and the result."""

    id: CompletionId
    mediator: MediatorId
    course: str
    version: int
    completed_on: date
    result: Result = Result.PASSED


@dataclass(frozen=True, slots=True)
class Certification:
    """That somebody may do a kind of work from `valid_from` through `valid_until`.

    Both days are counted in: `valid_until` is the last day; None means no end. `withdrawn_at` is
    the instant from which it counts no more.
    """

    mediator: MediatorId
    kind: str
    valid_from: date
    valid_until: date | None
    completion: CompletionId | None = None
    withdrawn_at: datetime | None = None


Courses = Mapping[str, Course]


def courses_by_code(versions: Sequence[CourseVersion]) -> dict[str, Course]:
    """Versions gathered into courses."""
    gathered: dict[str, list[CourseVersion]] = {}
    for version in versions:
        gathered.setdefault(version.code, []).append(version)
    return {code: Course(code, tuple(listed)) for code, listed in gathered.items()}


def equivalents_of(code: str, courses: Courses) -> frozenset[str]:
    """The codes that count as a course: its own, those it names, and those they name in turn."""
    found: set[str] = set()
    to_see = [code]
    while to_see:
        one = to_see.pop()
        if one not in found:
            found.add(one)
            if one in courses:
                to_see.extend(courses[one].current.equivalents)
    return frozenset(found)

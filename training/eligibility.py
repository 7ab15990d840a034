"""Who may take a course, who gets a seat, and who moves up when one is free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from training.faults import Fault
from training.records import (
    Completion,
    Courses,
    CourseVersion,
    Enrolment,
    EnrolmentStatus,
    Interval,
    MediatorId,
    Result,
    Role,
    Session,
    equivalents_of,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a wish to enrol.

    status     enrolled or waiting; None: refused
    refusals   every reason against it
    conflicts  time the mediator has already given: to be shown; it refuses nothing by itself,
               since a shift can be moved and leave is the coordinator's to weigh
    """

    status: EnrolmentStatus | None
    refusals: tuple[Fault, ...]
    conflicts: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """A course to be taken again: the version passed counts only through `counts_until`."""

    mediator: MediatorId
    course: str
    passed_version: int
    current_version: int
    counts_until: date


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


def missing_for_programme(
    needed: Iterable[str], completions: Sequence[Completion], courses: Courses, on: date
) -> tuple[str, ...]:
    """What one person still lacks of the courses that a programme or a desk asks for."""
    return tuple(code for code in needed if not has_passed(code, completions, courses, on))


def due_again(completions: Iterable[Completion], courses: Courses, until: date) -> tuple[Due, ...]:
    """People whose newest pass of a course stops counting by `until`, soonest first."""
    newest: dict[tuple[MediatorId, str], Completion] = {}
    for one in completions:
        if one.result is Result.PASSED and one.course in courses:
            key = (one.mediator, one.course)
            if key not in newest or one.version > newest[key].version:
                newest[key] = one
    dues = []
    for (mediator, code), one in newest.items():
        counts_until = courses[code].counts_until(one.version)
        if counts_until is not None and counts_until <= until:
            current = courses[code].current.version
            dues.append(Due(mediator, code, one.version, current, counts_until))
    return tuple(sorted(dues, key=lambda due: (due.counts_until, due.mediator, due.course)))


def conflicts(session: Session, taken: Iterable[Interval]) -> tuple[Interval, ...]:
    """What of a person's time (shifts, leave, other sessions) a session would fall on."""
    found = (one for one in taken if one.overlaps(session.interval))
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.reason)))


def enrol(
    session: Session,
    mediator: MediatorId,
    by: Role,
    now: datetime,
    enrolments: Iterable[Enrolment],
    completions: Sequence[Completion],
    courses: Courses,
    taken: Iterable[Interval] = (),
    day: date | None = None,
) -> Decision:
    """Judge a wish to enrol.

    enrolments   of this session, all people
    completions  of this mediator
    taken        the mediator's shifts, leave and other sessions
    day          the day of the session where it is held; by default its start's own date
    """
    listed = [one for one in enrolments if one.session == session.id]
    version = _version(session, courses)
    held_on = day or session.start.date()
    refusals = tuple(_refusals(session, mediator, by, now, listed, version))
    missing = missing_prerequisites(version, completions, courses, held_on) if version else ()
    refusals += tuple(
        _fault(session, "prerequisite", f"without {code}", f"{code} passed by {held_on}")
        for code in missing
    )
    if refusals:
        return Decision(None, refusals, conflicts(session, taken))
    status = EnrolmentStatus.ENROLLED if _free(session, listed) > 0 else EnrolmentStatus.WAITING
    return Decision(status, (), conflicts(session, taken))


def promotions(
    session: Session,
    enrolments: Iterable[Enrolment],
    now: datetime,
    may: Callable[[MediatorId], bool] = lambda _: True,
) -> tuple[Enrolment, ...]:
    """Who moves up from the waiting list into free seats, first come first.

    `may` lets the caller pass over people who cannot come as things stand; they stay waiting.
    Nobody moves up once the session has begun.
    """
    if now >= session.start:
        return ()
    listed = [one for one in enrolments if one.session == session.id]
    waiting = sorted(
        (one for one in listed if one.status is EnrolmentStatus.WAITING),
        key=lambda one: (one.asked_at, one.id),
    )
    free = max(0, _free(session, listed))
    return tuple([one for one in waiting if may(one.mediator)][:free])


def overlapping_sessions(sessions: Sequence[Session]) -> tuple[tuple[Session, Session], ...]:
    """Pairs of sessions that share a trainer and a moment."""
    ordered = sorted(sessions, key=lambda one: (one.start, one.id))
    return tuple(
        (first, second)
        for i, first in enumerate(ordered)
        for second in ordered[i + 1 :]
        if first.interval.overlaps(second.interval) and set(first.trainers) & set(second.trainers)
    )


def _refusals(
    session: Session,
    mediator: MediatorId,
    by: Role,
    now: datetime,
    enrolments: list[Enrolment],
    version: CourseVersion | None,
) -> Iterator[Fault]:
    if version is None:
        yield _fault(session, "course", f"{session.course} v{session.version}", "a known version")
    if by not in session.enrolled_by:
        allowed = " or ".join(sorted(session.enrolled_by)) or "nobody"
        yield _fault(session, "enrolled by", by.value, allowed)
    if now >= session.start:
        yield _fault(session, "start", session.start.isoformat(), f"after {now.isoformat()}")
    for one in enrolments:
        if one.mediator == mediator and one.status is not EnrolmentStatus.CANCELLED:
            yield _fault(session, "enrolment", f"already {one.status.value}", "one for a person")


def _version(session: Session, courses: Courses) -> CourseVersion | None:
    course = courses.get(session.course)
    listed = course.versions if course else ()
    return next((one for one in listed if one.version == session.version), None)


def _free(session: Session, enrolments: Iterable[Enrolment]) -> int:
    taken = sum(one.status is EnrolmentStatus.ENROLLED for one in enrolments)
    return session.capacity - taken


def _counts(completion: Completion, courses: Courses, on: date) -> bool:
    course = courses.get(completion.course)
    until = course.counts_until(completion.version) if course else None
    return until is None or on <= until


def _fault(session: Session, field: str, value: str, expected: str) -> Fault:
    return Fault(f"session {session.id}", field, value, expected)

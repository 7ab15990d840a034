"""Sessions that would prevent what the horizon shows: with which course, and what is planned."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from peewee import JOIN

from app.models import Course, CourseSession, Enrolment, EnrolmentStatus, Office
from app.services.courses import runs_course
from app.services.rights import Actor
from app.services.session_parts import Part, parts_by_session
from app.services.session_rows import zone_of
from app.services.training_records import RuleBook, rule_book
from training.proposals import SessionProposal


@dataclass(frozen=True, slots=True)
class Named:
    """A code's names, for the reader's language."""

    name_pt: str
    name_en: str


@dataclass(frozen=True, slots=True)
class PlannedFor:
    """A session to come that does what a proposal asks for, and for whom."""

    session_id: int
    starts_at: dt.datetime
    """Of its last date: before that there is no result."""
    zone: str
    names: tuple[str, ...]
    in_time: bool


@dataclass(frozen=True, slots=True)
class ProposalView:
    proposal: SessionProposal
    course_id: int | None
    """None where no course that issues or renews the kind is given any more."""
    course: Named
    """The course's title; the kind's name where there is none."""
    names: tuple[str, ...]
    """Of those at stake."""
    also: int
    people: tuple[int, ...]
    """All to be enrolled."""
    may_plan: bool
    planned: tuple[PlannedFor, ...]
    """Sessions to come, for the kind, in which some of them have a seat already."""


def proposal_views(
    actor: Actor, listed: Iterable[SessionProposal], names: dict[int, str], now: dt.datetime
) -> tuple[ProposalView, ...]:
    """The proposals as their reader sees them; in a few queries, however many there are."""
    proposals = list(listed)
    book = rule_book()
    given = _courses_given()
    seats = _seats_to_come({who for one in proposals for who in one.mediators}, now)
    parts = parts_by_session(session for listed in seats.values() for session in listed)
    views = []
    for one in proposals:
        codes = (one.course, *book.rules[one.kind].courses)
        course = next((given[code] for code in codes if code in given), None)
        planned = _planned(one, book.accepted(one.kind), seats, parts, names)
        views.append(_view(actor, one, course, planned, book, names))
    return tuple(views)


def _view(
    actor: Actor,
    one: SessionProposal,
    course: Course | None,
    planned: tuple[PlannedFor, ...],
    book: RuleBook,
    names: dict[int, str],
) -> ProposalView:
    kind = next(each for each in book.kinds if each.code == one.kind)
    title = (course.title_pt, course.title_en) if course else (kind.name_pt, kind.name_en)
    asked = tuple(names[mediator_id] for mediator_id in one.mediators)
    everyone = set(asked) <= {name for each in planned if each.in_time for name in each.names}
    return ProposalView(
        proposal=one,
        course_id=course.id if course else None,
        course=Named(*title),
        names=asked,
        also=len(one.also),
        people=(*one.mediators, *one.also),
        may_plan=course is not None and not everyone and runs_course(actor, course.id),
        planned=planned,
    )


def _courses_given() -> dict[str, Course]:
    """The newest version of each course that is given still, by code."""
    return {row.code: row for row in Course.select().where(Course.active).order_by(Course.version)}


def _seats_to_come(mediator_ids: Iterable[int], now: dt.datetime) -> dict[int, list[CourseSession]]:
    """The sessions to come that people have a seat in, by start."""
    rows = (
        Enrolment.select(Enrolment, CourseSession, Course, Office)
        .join(CourseSession)
        .join(Course)
        .switch(CourseSession)
        .join(Office, JOIN.LEFT_OUTER)
        .where(
            Enrolment.mediator.in_(sorted(mediator_ids)),
            Enrolment.status == EnrolmentStatus.ENROLLED,
            CourseSession.ends_at > now,
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    found: dict[int, list[CourseSession]] = defaultdict(list)
    for row in rows:
        found[row.mediator_id].append(row.session)
    return found


def _planned(
    one: SessionProposal,
    accepted: Collection[str],
    seats: dict[int, list[CourseSession]],
    parts: dict[int, list[Part]],
    names: dict[int, str],
) -> tuple[PlannedFor, ...]:
    """Sessions of a course that does for the kind, in which those at stake have a seat."""
    people: dict[CourseSession, list[str]] = defaultdict(list)
    for mediator_id in one.mediators:
        for session in seats.get(mediator_id, ()):
            if session.course.code in accepted:
                people[session].append(names[mediator_id])
    found = []
    for session, theirs in people.items():
        last, zone = parts[session.id][-1].starts_at, zone_of(session)
        in_time = last.astimezone(ZoneInfo(zone)).date() <= one.latest
        found.append(PlannedFor(session.id, last, zone, tuple(sorted(theirs)), in_time))
    return tuple(sorted(found, key=lambda each: (each.starts_at, each.session_id)))

"""Sessions that would prevent what the horizon shows: with which course, and what is planned."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.models import Course, CourseSession, Enrolment, EnrolmentStatus
from app.services.courses import runs_course
from app.services.rights import Actor
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
    zone: str
    names: tuple[str, ...]


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
    book = rule_book()
    return tuple(_proposal(actor, one, names, book, now) for one in listed)


def _proposal(
    actor: Actor, one: SessionProposal, names: dict[int, str], book: RuleBook, now: dt.datetime
) -> ProposalView:
    course = _course_given(one, book)
    kind = next(each for each in book.kinds if each.code == one.kind)
    planned = _planned(one, book, names, now)
    seated = {name for each in planned for name in each.names}
    everyone = {names[mediator_id] for mediator_id in one.mediators} <= seated
    return ProposalView(
        proposal=one,
        course_id=course.id if course else None,
        course=Named(course.title_pt, course.title_en)
        if course
        else Named(kind.name_pt, kind.name_en),
        names=tuple(names[mediator_id] for mediator_id in one.mediators),
        also=len(one.also),
        people=(*one.mediators, *one.also),
        may_plan=course is not None and not everyone and runs_course(actor, course.id),
        planned=planned,
    )


def _course_given(one: SessionProposal, book: RuleBook) -> Course | None:
    """The newest version of the first course that is given still: the one proposed, else another
    that issues the kind."""
    for code in dict.fromkeys((one.course, *book.rules[one.kind].courses)):
        course = (
            Course.select()
            .where(Course.code == code, Course.active)
            .order_by(Course.version.desc())
            .first()
        )
        if course is not None:
            return course
    return None


def _planned(
    one: SessionProposal, book: RuleBook, names: dict[int, str], now: dt.datetime
) -> tuple[PlannedFor, ...]:
    rows = (
        Enrolment.select(Enrolment, CourseSession)
        .join(CourseSession)
        .join(Course)
        .where(
            Enrolment.mediator.in_(list(one.mediators)),
            Enrolment.status == EnrolmentStatus.ENROLLED,
            CourseSession.ends_at > now,
            Course.code.in_(sorted(book.accepted(one.kind))),
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    people: dict[CourseSession, list[str]] = defaultdict(list)
    for row in rows:
        people[row.session].append(names[row.mediator_id])
    return tuple(
        PlannedFor(session.id, session.starts_at, zone_of(session), tuple(sorted(theirs)))
        for session, theirs in people.items()
    )

"""Whose calendar a feed shows, and who may have it: decided for the object.

| subject | may be followed by |
| --- | --- |
| a mediator | that mediator |
| an office | who coordinates it |
| a course | its trainers, and coordinators of the whole network |
| an association | its contact |

`app.services.feed_reading` asks the same of the database at every single fetch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.models import Association, Course, FeedToken, Mediator, Office, Role, UserRole
from app.services.courses import runs_course
from app.services.errors import Forbidden
from app.services.names import in_readers_language
from app.services.rights import Actor


class SubjectKind(StrEnum):
    MEDIATOR = "mediator"
    OFFICE = "office"
    COURSE = "course"
    ASSOCIATION = "association"


@dataclass(frozen=True, slots=True)
class Subject:
    kind: SubjectKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Subject | None:
        """The subject that `str` gave; None for anything else."""
        kind, _dash, number = text.partition("-")
        if kind not in set(SubjectKind) or not number.isdecimal() or len(number) > 9:
            return None
        return cls(SubjectKind(kind), int(number))


@dataclass(frozen=True, slots=True)
class NamedSubject:
    subject: Subject
    name: str
    """Empty for one's own shifts."""


def subjects_of(actor: Actor) -> tuple[NamedSubject, ...]:
    """All that the actor may follow, their own shifts first."""
    return tuple(_subjects(actor))


def require_may_follow(actor: Actor, subject: Subject) -> None:
    """Raises Forbidden, also where there is no such thing."""
    if not may_follow(actor, subject):
        raise Forbidden


def may_follow(actor: Actor, subject: Subject) -> bool:
    if subject.kind is SubjectKind.MEDIATOR:
        return actor.is_mediator and actor.mediator_id == subject.id
    if subject.kind is SubjectKind.OFFICE:
        return subject.id in {row.id for row in _offices(actor)}
    if subject.kind is SubjectKind.COURSE:
        there = Course.get_or_none(Course.id == subject.id) is not None
        return there and runs_course(actor, subject.id)
    return subject.id in {row.id for row in _associations(actor)}


def subject_of(row: FeedToken) -> Subject:
    """What a feed shows."""
    for kind in SubjectKind:
        number = getattr(row, f"{kind}_id")
        if number is not None:
            return Subject(kind, number)
    raise ValueError(f"feed {row.id} shows nothing")


def subject_name(subject: Subject) -> str:
    """The name of what a feed shows, in the reader's language; empty for one's own shifts."""
    if subject.kind is SubjectKind.OFFICE:
        return str(Office.get_by_id(subject.id).name)
    if subject.kind is SubjectKind.COURSE:
        return _title(Course.get_by_id(subject.id))
    if subject.kind is SubjectKind.ASSOCIATION:
        return str(Association.get_by_id(subject.id).name)
    return ""


def _subjects(actor: Actor) -> Iterator[NamedSubject]:
    if actor.is_mediator and Mediator.get_or_none(Mediator.id == actor.mediator_id):
        yield NamedSubject(Subject(SubjectKind.MEDIATOR, actor.mediator_id or 0), "")
    for office in _offices(actor):
        yield NamedSubject(Subject(SubjectKind.OFFICE, office.id), office.name)
    if actor.is_trainer or actor.is_coordinator:
        for course in Course.select().where(Course.active).order_by(Course.code):
            if runs_course(actor, course.id):
                yield NamedSubject(Subject(SubjectKind.COURSE, course.id), _title(course))
    for association in _associations(actor):
        subject = Subject(SubjectKind.ASSOCIATION, association.id)
        yield NamedSubject(subject, association.name)


def _offices(actor: Actor) -> list[Office]:
    if not actor.is_coordinator:
        return []
    query = Office.select().order_by(Office.position, Office.name)
    if actor.office_ids is not None:
        query = query.where(Office.id.in_(actor.office_ids))
    return list(query)


def _associations(actor: Actor) -> list[Association]:
    spoken_for = UserRole.select(UserRole.association).where(
        UserRole.user == actor.user_id, UserRole.role == Role.ASSOCIATION
    )
    query = Association.select().where(Association.id.in_(spoken_for))
    return list(query.order_by(Association.name))


def _title(course: Course) -> str:
    return in_readers_language(course.title_pt, course.title_en)

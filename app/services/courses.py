"""Courses, their sessions and who is enrolled.

Coordinators of the whole network shape courses; the trainers of a course run its sessions and
see its people, nothing else; mediators enrol themselves in courses that are active.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from peewee import ModelSelect

from app.i18n import _
from app.models import (
    CertificationKind,
    Course,
    CourseEquivalent,
    CoursePrerequisite,
    CourseTrainer,
    Role,
    User,
    UserRole,
    database,
)
from app.services import audit, feed_words
from app.services.checks import Faults
from app.services.errors import Forbidden, NotFound
from app.services.rights import Actor, require_coordinator
from app.services.settling import settle_course

PROGRAMMES = ("initial", "continuous")
_CODE_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """A course; `certification` is the kind that completing it issues or renews."""

    code: str
    title_pt: str
    title_en: str
    minutes: int
    version: int = 1
    outcomes: str = ""
    certification: str | None = None
    programme: str = "continuous"
    active: bool = True
    requires: tuple[str, ...] = ()
    """Codes of courses to be passed before."""
    equivalents: tuple[str, ...] = ()
    """Codes of courses that count as this one."""
    older_due_on: dt.date | None = None
    """The last day a completion of an older version still counts."""
    trainer_ids: tuple[int, ...] = ()
    """Users who run it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView(CourseFacts):
    id: int
    runs_it: bool
    """The actor may hold its sessions and record its results."""


def create_course(actor: Actor, course: CourseFacts, now: dt.datetime) -> int:
    """Add a course; its id. Raises Invalid."""
    require_coordinator(actor)
    _check(course, course_id=None)
    with database.atomic():
        row = Course.create(**_columns(course))
        _replace_children(row.id, course)
        settle_course(course.code, now)
        audit.record(actor, "course.create", "course", row.id, now, code=course.code)
    return int(row.id)


def edit_course(actor: Actor, course_id: int, course: CourseFacts, now: dt.datetime) -> None:
    """Put `course` in place of what it was, trainers included. Raises Invalid."""
    require_coordinator(actor)
    before = course_row(course_id)
    _check(course, course_id)
    with database.atomic():
        if (before.title_pt, before.title_en) != (course.title_pt, course.title_en):
            feed_words.course_renamed(course_id, now)
        Course.update(**_columns(course)).where(Course.id == course_id).execute()
        _replace_children(course_id, course)
        settle_course(course.code, now)
        audit.record(actor, "course.edit", "course", course_id, now)


def get_course(actor: Actor, course_id: int) -> CourseView:
    """One course. Raises NotFound, or Forbidden where it is not in `list_courses`."""
    row = course_row(course_id)
    if not _readable_by(actor).where(Course.id == course_id).exists():
        raise Forbidden
    return _view(row, actor)


def list_courses(actor: Actor, include_inactive: bool = False) -> list[CourseView]:
    """A trainer's own courses; every course for coordinators and, while active, mediators."""
    query = _readable_by(actor).order_by(Course.code, Course.version)
    if not include_inactive:
        query = query.where(Course.active)
    return [_view(row, actor) for row in query]


def runs_course(actor: Actor, course_id: int) -> bool:
    """Whether the actor is one of its trainers or coordinates the whole network."""
    if actor.is_coordinator and actor.office_ids is None:
        return True
    return actor.is_trainer and bool(
        CourseTrainer.select()
        .where(CourseTrainer.course == course_id, CourseTrainer.user == actor.user_id)
        .exists()
    )


def require_runs(actor: Actor, course_id: int) -> Course:
    """The course, which the actor runs. Raises NotFound, Forbidden."""
    row = course_row(course_id)
    if not runs_course(actor, course_id):
        raise Forbidden
    return row


def course_row(course_id: int) -> Course:
    row = Course.get_or_none(Course.id == course_id)
    if row is None:
        raise NotFound
    return row


def _readable_by(actor: Actor) -> ModelSelect[Course]:
    query = Course.select()
    if actor.is_coordinator:
        return query
    user_id = actor.user_id if actor.is_trainer else None
    run = CourseTrainer.select(CourseTrainer.course).where(CourseTrainer.user == user_id)
    own = Course.id.in_(run)
    return query.where(own | Course.active if actor.is_mediator else own)


def _check(course: CourseFacts, course_id: int | None) -> None:
    faults = Faults()
    code = course.code
    if not code.replace("-", "").isalnum() or len(code) > _CODE_LENGTH:
        faults.add("code", code, _("1 to 32 letters, digits and -"))
    if faults.whole("version", course.version, 1, 1000):
        other = Course.get_or_none(Course.code == code, Course.version == course.version)
        if other is not None and other.id != course_id:
            faults.add("version", course.version, _("a version that the course has not yet"))
    if course_id is not None and _is_named_elsewhere(course_id, code):
        faults.add("code", code, _("the code it has: rules or other courses name it"))
    faults.text("title_pt", course.title_pt)
    faults.text("title_en", course.title_en)
    faults.length("outcomes", course.outcomes, 5000, lines=True)
    faults.whole("minutes", course.minutes, 30, 60_000)
    faults.one_of("programme", course.programme, PROGRAMMES)
    if course.certification is not None:
        kinds = {row.code for row in CertificationKind.select(CertificationKind.code)}
        faults.one_of("certification", course.certification, kinds)
    _check_requires(faults, course)
    known = {row.code for row in Course.select(Course.code)} - {course.code}
    faults.unique("equivalents", course.equivalents)
    for index, same in enumerate(course.equivalents):
        faults.one_of(f"equivalents.{index}", same, known)
    if course.older_due_on is not None and course.version == 1:
        faults.add("older_due_on", course.older_due_on, _("none: this is the first version"))
    _check_trainers(faults, course.trainer_ids)
    faults.raise_any()


def _is_named_elsewhere(course_id: int, code: str) -> bool:
    """Whether another code would leave behind what names the course by the one it has: rules of
    certification, courses that require it or count as others, its other versions."""
    old = course_row(course_id).code
    if old == code:
        return False
    naming = (
        CoursePrerequisite.select().where(
            CoursePrerequisite.required_code == old, CoursePrerequisite.course != course_id
        ),
        CourseEquivalent.select().where(
            CourseEquivalent.counts_code == old, CourseEquivalent.course != course_id
        ),
        CertificationKind.select().where(CertificationKind.renewal_course == old),
        Course.select().where(Course.code == old, Course.id != course_id),
    )
    return any(one.exists() for one in naming)


def _check_requires(faults: Faults, course: CourseFacts) -> None:
    known = {row.code for row in Course.select(Course.code)} - {course.code}
    faults.unique("requires", course.requires)
    for index, code in enumerate(course.requires):
        if faults.one_of(f"requires.{index}", code, known) and course.code in _all_required(code):
            faults.add(f"requires.{index}", code, _("a course that does not require this one"))


def _all_required(code: str) -> set[str]:
    """Codes that a course requires, directly or not."""
    rows = CoursePrerequisite.select(CoursePrerequisite, Course).join(Course)
    edges = [(row.course.code, row.required_code) for row in rows]
    found: set[str] = set()
    waiting = {code}
    while waiting:
        found |= waiting
        waiting = {required for course, required in edges if course in waiting} - found
    return found - {code}


def _check_trainers(faults: Faults, trainer_ids: tuple[int, ...]) -> None:
    faults.unique("trainer_ids", trainer_ids)
    trainers = {
        row.user_id for row in UserRole.select(UserRole.user).where(UserRole.role == Role.TRAINER)
    }
    for index, user_id in enumerate(trainer_ids):
        if user_id not in trainers:
            faults.add(f"trainer_ids.{index}", user_id, _("an account with the trainer's role"))


def _columns(course: CourseFacts) -> dict[str, Any]:
    names = set(CourseFacts.__dataclass_fields__) - {"requires", "equivalents", "trainer_ids"}
    return {name: getattr(course, name) for name in names}


def _replace_children(course_id: int, course: CourseFacts) -> None:
    CoursePrerequisite.delete().where(CoursePrerequisite.course == course_id).execute()
    CourseTrainer.delete().where(CourseTrainer.course == course_id).execute()
    CourseEquivalent.delete().where(CourseEquivalent.course == course_id).execute()
    for same in course.equivalents:
        CourseEquivalent.create(course=course_id, counts_code=same)
    for code in course.requires:
        CoursePrerequisite.create(course=course_id, required_code=code)
    for user_id in course.trainer_ids:
        CourseTrainer.create(course=course_id, user=user_id)


def _view(row: Course, actor: Actor) -> CourseView:
    requires = row.prerequisites.order_by(CoursePrerequisite.required_code)
    return CourseView(
        id=row.id,
        runs_it=runs_course(actor, row.id),
        code=row.code,
        version=row.version,
        title_pt=row.title_pt,
        title_en=row.title_en,
        outcomes=row.outcomes,
        minutes=row.minutes,
        certification=row.certification_id,
        programme=row.programme,
        active=row.active,
        requires=tuple(one.required_code for one in requires),
        equivalents=tuple(
            one.counts_code for one in row.equivalents.order_by(CourseEquivalent.counts_code)
        ),
        older_due_on=row.older_due_on,
        trainer_ids=tuple(one.user_id for one in row.trainers.order_by(CourseTrainer.user)),
    )


@dataclass(frozen=True, slots=True)
class TrainerChoice:
    user_id: int
    name: str


def trainers() -> list[TrainerChoice]:
    """Accounts with the trainer's role, by name."""
    rows = User.select(User.id, User.name).join(UserRole)
    rows = rows.where(UserRole.role == Role.TRAINER, User.active).distinct().order_by(User.name)
    return [TrainerChoice(row.id, row.name) for row in rows]

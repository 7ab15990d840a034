"""Courses, sessions, completions and the certifications they issue."""

from __future__ import annotations

import secrets
from enum import StrEnum

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.people import Mediator
from app.models.places import CertificationKind, Office


def _new_uid() -> str:
    return secrets.token_hex(12)


class Course(BaseModel):
    code = CharField(max_length=32)
    version = IntegerField(default=1)
    title_pt = CharField()
    title_en = CharField()
    outcomes = TextField(default="")
    minutes = IntegerField()
    """Length of the course."""
    certification = ForeignKeyField(CertificationKind, null=True, on_delete="RESTRICT")
    """What completing it issues or renews."""
    programme = CharField(max_length=16, default="continuous")
    """`initial` or `continuous`."""
    active = BooleanField(default=True)
    older_due_on = DateField(null=True)
    """The last day a completion of an older version still counts; null: they do not age by this."""

    class Meta:
        indexes = ((("code", "version"), True),)


class CourseEquivalent(BaseModel):
    """Another course that counts as this one."""

    course = ForeignKeyField(Course, backref="equivalents", on_delete="CASCADE")
    counts_code = CharField(max_length=32)

    class Meta:
        indexes = ((("course", "counts_code"), True),)


class CoursePrerequisite(BaseModel):
    course = ForeignKeyField(Course, backref="prerequisites", on_delete="CASCADE")
    required_code = CharField(max_length=32)

    class Meta:
        indexes = ((("course", "required_code"), True),)


class CourseTrainer(BaseModel):
    """A trainer who runs a course and sees its people."""

    course = ForeignKeyField(Course, backref="trainers", on_delete="CASCADE")
    user = ForeignKeyField(User, backref="courses", on_delete="CASCADE")

    class Meta:
        indexes = ((("course", "user"), True),)


class CourseSession(BaseModel):
    course = ForeignKeyField(Course, backref="sessions", on_delete="CASCADE")
    starts_at = InstantField()
    ends_at = InstantField()
    office = ForeignKeyField(Office, null=True, on_delete="SET NULL")
    link = CharField(default="")
    """Where it is held when online."""
    capacity = IntegerField(default=20)
    self_enrol = BooleanField(default=True)
    """Mediators may enrol themselves."""
    languages = CharField(default="")
    """Codes of the languages it is given in, with spaces between."""
    uid = CharField(max_length=32, default=_new_uid)
    """Of its events in feeds; never given again, as numbers of rows may be."""
    sequence = IntegerField(default=0)
    """Up by one when it moves; part of the SEQUENCE of its events in feeds."""
    changed_at = InstantField(null=True)
    """When it last moved; null: never."""


class SessionPart(BaseModel):
    """One of the dates of a session held on several. A session without any is one part, of its own
    span; where there are some, that spans them all."""

    session = ForeignKeyField(CourseSession, backref="parts", on_delete="CASCADE")
    starts_at = InstantField()
    ends_at = InstantField()
    uid = CharField(max_length=32, default=_new_uid)
    """Of its events in feeds."""

    class Meta:
        indexes = ((("session", "starts_at"), True),)


class SessionTrainer(BaseModel):
    """Who gives a session; those of the course may be more."""

    session = ForeignKeyField(CourseSession, backref="trainers", on_delete="CASCADE")
    user = ForeignKeyField(User, backref="sessions_given", on_delete="CASCADE")

    class Meta:
        indexes = ((("session", "user"), True),)


class EnrolmentStatus(StrEnum):
    ENROLLED = "enrolled"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class Enrolment(BaseModel):
    session = ForeignKeyField(CourseSession, backref="enrolments", on_delete="CASCADE")
    mediator = ForeignKeyField(Mediator, backref="enrolments", on_delete="CASCADE")
    status = EnumField(EnrolmentStatus)
    asked_at = InstantField()
    opinion_given = BooleanField(default=False)
    """Said what they thought of it; what they said is kept apart, without who or when."""
    sequence = IntegerField(default=0)
    """Up by one when a seat that was had is given back or had again."""
    changed_at = InstantField(null=True)
    had_at = InstantField(null=True)
    """When the seat was had, last; null: when it was asked for, or never."""

    class Meta:
        indexes = ((("session", "mediator"), True),)


class CheckIn(BaseModel):
    """That somebody enrolled was at the door on one of the session's dates and read its code."""

    session = ForeignKeyField(CourseSession, backref="check_ins", on_delete="CASCADE")
    mediator = ForeignKeyField(Mediator, backref="check_ins", on_delete="CASCADE")
    part = CharField(max_length=32)
    """The UID of the date."""
    at = InstantField()

    class Meta:
        indexes = ((("session", "mediator", "part"), True),)


class SessionOpinion(BaseModel):
    """What a participant thought of a session, 1 to 5. Anonymous: no person, no time."""

    session = ForeignKeyField(CourseSession, backref="opinions", on_delete="CASCADE")
    score = IntegerField()
    comment = TextField(default="")


class CompletionResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    """Did not come."""


class Completion(BaseModel):
    mediator = ForeignKeyField(Mediator, backref="completions", on_delete="CASCADE")
    course = ForeignKeyField(Course, backref="completions", on_delete="RESTRICT")
    session = ForeignKeyField(CourseSession, null=True, on_delete="SET NULL")
    completed_on = DateField()
    result = EnumField(CompletionResult)
    recorded_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    recorded_at = InstantField()
    replaced_at = InstantField(null=True)
    """Set when a correction took its place; the history stays."""
    minutes = IntegerField(null=True)
    """Attended, where somebody counted."""
    note = TextField(default="")
    mistaken = BooleanField(default=False)
    """Recorded by mistake, and replaced by nothing."""

    class Meta:
        indexes = ((("mediator", "course", "completed_on"), False),)


Completion.add_index(
    Completion.index(
        Completion.mediator,
        Completion.course,
        Completion.completed_on,
        name="completion_standing_once",
        unique=True,
        where=Completion.replaced_at.is_null(),
    )
)


class Certification(BaseModel):
    mediator = ForeignKeyField(Mediator, backref="certifications", on_delete="CASCADE")
    kind = ForeignKeyField(CertificationKind, backref="certifications", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    """The last day it counts; null for no end."""
    number = CharField(unique=True, max_length=32)
    completion = ForeignKeyField(Completion, null=True, on_delete="SET NULL")
    withdrawn_at = InstantField(null=True)
    withdrawal_reason = TextField(default="")
    groundless = BooleanField(default=False)
    """Withdrawn by reckoning, no person's doing: its result issues nothing as things stand. It
    comes back when a later reckoning issues it again."""

    class Meta:
        indexes = ((("mediator", "kind", "valid_from"), False),)

"""Runs (long jobs), rosters with their versions, and the assignments they hold."""

from __future__ import annotations

from enum import StrEnum

from peewee import (
    BooleanField,
    CharField,
    DateField,
    DeferredForeignKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.mail import Mail
from app.models.people import Mediator
from app.models.places import Office, PlanningGroup


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Run(BaseModel):
    """A long job. This row is the truth; the queue only rings the bell."""

    kind = CharField(max_length=32)
    parameters = JSONField(default=dict)
    about = CharField(max_length=96, default="", index=True)
    """What it is about, in words of its kind (an office, a roster), to find the newest by."""
    status = EnumField(RunStatus, default=RunStatus.QUEUED, index=True)
    attempt = IntegerField(default=0)
    owner = CharField(default="")
    lease_until = InstantField(null=True)
    cancel_asked = BooleanField(default=False)
    stop_asked = BooleanField(default=False)
    """Stop the search and keep the best so far."""
    progress = JSONField(default=list)
    """Points `{seconds, cost, bound, step}`, oldest first."""
    result = JSONField(default=dict)
    error = TextField(default="")
    asked_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    asked_at = InstantField()
    started_at = InstantField(null=True)
    ended_at = InstantField(null=True)


class RosterStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Roster(BaseModel):
    """One version of a planning group's week."""

    group = ForeignKeyField(PlanningGroup, backref="rosters", on_delete="RESTRICT")
    week_starts_on = DateField(index=True)
    version = IntegerField()
    status = EnumField(RosterStatus)
    name = CharField(default="")
    """A scenario's name, free."""
    solver_status = CharField(default="")
    cost = IntegerField(null=True)
    bound = IntegerField(null=True)
    parts = JSONField(default=dict)
    solve_seconds = DoubleField(default=0)
    revision = IntegerField(default=0)
    """Up by one at every edit; a save that names an older one is refused."""
    problem_json = TextField(default="")
    """The `escala-problem/1` it was built and judged on."""
    based_on = DeferredForeignKey("Roster", null=True, on_delete="SET NULL")
    run = ForeignKeyField(Run, null=True, on_delete="SET NULL")
    created_at = InstantField()
    published_at = InstantField(null=True)
    published_by = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    chosen_at = InstantField(null=True)
    """When a coordinator took this draft to work on, among the scenarios of its week."""
    discarded_at = InstantField(null=True)
    """When the draft was put aside; it can be brought back."""
    options = JSONField(default=dict)
    """What the build was asked for, as `BuildOptions` has it; empty when nothing was built."""

    class Meta:
        indexes = ((("group", "week_starts_on", "version"), True),)


class Assignment(BaseModel):
    """One mediator's shift on one day, in one version of the roster."""

    roster = ForeignKeyField(Roster, backref="assignments", on_delete="CASCADE")
    mediator = ForeignKeyField(Mediator, backref="assignments", on_delete="RESTRICT")
    office = ForeignKeyField(Office, backref="assignments", on_delete="RESTRICT")
    date = DateField()
    starts_at = InstantField()
    ends_at = InstantField()
    breaks = JSONField(default=list)
    """Pairs of ISO instants in UTC."""
    shift = CharField()
    """The shift's id in the roster's problem."""
    unsocial = BooleanField(default=False)
    locked = BooleanField(default=False)
    uid = CharField(max_length=64, index=True)
    """The same in every version while a mediator keeps a shift on that day; the feed's UID."""
    sequence = IntegerField(default=0)
    """Up by one when a published shift changes."""
    created_at = InstantField()
    changed_at = InstantField()

    class Meta:
        indexes = ((("roster", "mediator", "date"), True), (("mediator", "starts_at"), False))


class RosterEdit(BaseModel):
    """One coordinator's change of a draft: undo and redo read it."""

    roster = ForeignKeyField(Roster, backref="edits", on_delete="CASCADE")
    revision = IntegerField()
    before = JSONField()
    after = JSONField()
    undone = BooleanField(default=False)
    user = ForeignKeyField(User, null=True, on_delete="SET NULL")
    at = InstantField()


class Message(BaseModel):
    """Something a person is told: in the application at once, by mail as they chose.

    This row is also what queues the mail, so it is queued with whatever caused it, or not at all.
    """

    user = ForeignKeyField(User, backref="messages", on_delete="CASCADE")
    kind = CharField(max_length=32)
    details = JSONField(default=dict)
    key = CharField(unique=True)
    """Of what it tells and to whom, so that nobody is told twice."""
    created_at = InstantField()
    read_at = InstantField(null=True)
    mail_due_at = InstantField(null=True, index=True)
    """When it goes out by mail, by the person's choice; null is never."""
    mail = ForeignKeyField(Mail, null=True, backref="messages", on_delete="SET NULL")
    """The mail that carries it, once there is one."""

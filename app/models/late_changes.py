"""The register of changes published with less notice than the law asks for (CT 217)."""

from __future__ import annotations

from enum import StrEnum

from peewee import DateField, ForeignKeyField, IntegerField, JSONField, TextField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.people import Mediator
from app.models.rosters import Roster


class LateCause(StrEnum):
    COORDINATOR = "coordinator"
    """For the reason written down."""
    ABSENCE = "absence"
    """Somebody could not come; whose absence and why is not for the register."""
    SWAP = "swap"
    """The two agreed on it themselves."""
    LOAN = "loan"
    """Two offices agreed to lend somebody."""


class LateChange(BaseModel):
    """One late change of one person's day. Appended only; the database refuses anything else."""

    roster = ForeignKeyField(Roster, backref="late_changes", on_delete="RESTRICT")
    mediator = ForeignKeyField(Mediator, backref="late_changes", on_delete="RESTRICT")
    date = DateField(index=True)
    before = JSONField(null=True)
    """`{office, zone, starts_at, ends_at}`; null is no shift."""
    after = JSONField(null=True)
    notice_days = IntegerField()
    """Whole days between publication and the shift; below 0 once it has passed."""
    cause = EnumField(LateCause)
    reason = TextField(default="")
    published_at = InstantField()
    published_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

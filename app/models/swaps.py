"""Published shifts that mediators hand over or swap, from the offer to the coordinator's word."""

from __future__ import annotations

from enum import StrEnum

from peewee import ForeignKeyField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.people import Mediator
from app.models.rosters import Assignment


class SwapStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    """Agreed between the two; the shifts stay where they are until a coordinator approves."""
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """The roster has changed under it, or the shift has begun."""


class Swap(BaseModel):
    """One published shift offered to colleagues, with or without another in return."""

    given = ForeignKeyField(Assignment, backref="+", on_delete="CASCADE")
    """The shift as it was published when it was offered."""
    asked = ForeignKeyField(Mediator, null=True, backref="+", on_delete="CASCADE")
    """Who alone is asked; None is everyone who may take it."""
    taker = ForeignKeyField(Mediator, null=True, backref="+", on_delete="CASCADE")
    returned = ForeignKeyField(Assignment, null=True, backref="+", on_delete="CASCADE")
    """The taker's shift that the giver gets; None is a handover."""
    status = EnumField(SwapStatus, default=SwapStatus.OFFERED, index=True)
    offered_at = InstantField()
    offered_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    accepted_at = InstantField(null=True)
    decided_at = InstantField(null=True)
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")

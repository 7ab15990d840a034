"""People lent from one office to another for a day, asked by one coordinator, agreed by another."""

from __future__ import annotations

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField

from app.models.accounts import User
from app.models.base import BaseModel, EnumField, InstantField
from app.models.people import Mediator
from app.models.places import Office
from app.models.rosters import Assignment, Roster


class LoanStatus(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """The roster has changed under it, or the day has come."""


class Loan(BaseModel):
    """One mediator, one day: from the office that lends to the one that borrows."""

    mediator = ForeignKeyField(Mediator, backref="loans", on_delete="CASCADE")
    date = DateField(index=True)
    lender = ForeignKeyField(Office, backref="+", on_delete="RESTRICT")
    """Where the mediator is on that day, or at home."""
    borrower = ForeignKeyField(Office, backref="+", on_delete="RESTRICT")
    given = ForeignKeyField(Assignment, null=True, backref="+", on_delete="SET NULL")
    """The published shift that is given up; null for a day off."""
    shift = CharField()
    """The borrower's shift, by its id in the week's problem."""
    starts_at = InstantField()
    ends_at = InstantField()
    reason = CharField(max_length=500)
    asks = ForeignKeyField(Office, backref="+", on_delete="RESTRICT")
    """Whose coordinator asked: the lender or the borrower. The other one's answers."""
    status = EnumField(LoanStatus, default=LoanStatus.ASKED, index=True)
    asked_at = InstantField()
    asked_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    decided_at = InstantField(null=True)
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    roster = ForeignKeyField(Roster, null=True, backref="+", on_delete="SET NULL")
    """The version that it was published in."""

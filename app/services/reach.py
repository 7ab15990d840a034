"""Whom publishing a version has told, and who has no account to be told at."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import Roster
from app.services.open_drafts import find_roster
from app.services.rights import Actor
from app.services.roster_changes import changes_between
from app.services.telling import with_account


@dataclass(frozen=True, slots=True)
class Reach:
    told: int
    """How many were told in the application."""
    without_account: tuple[str, ...]
    """By name: they are to be telephoned."""


def reach_of(actor: Actor, roster_id: int) -> Reach:
    """Of everyone whose hours a published version changed. Raises NotFound, Forbidden."""
    roster = find_roster(actor, roster_id)
    names = {one.mediator_id: one.mediator for one in changes_between(_before(roster), roster)}
    reached = with_account(names)
    return Reach(
        told=len(reached),
        without_account=tuple(name for who, name in names.items() if who not in reached),
    )


def _before(roster: Roster) -> Roster | None:
    """The version that this one superseded: not always the one that it was made from."""
    found: Roster | None = (
        Roster.select()
        .where(
            Roster.group == roster.group_id,
            Roster.week_starts_on == roster.week_starts_on,
            Roster.id != roster.id,
            Roster.published_at <= roster.published_at,
        )
        .order_by(Roster.published_at.desc(), Roster.version.desc())
        .first()
    )
    return found

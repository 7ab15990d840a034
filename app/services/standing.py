"""Which of a week's versions is published, and which is in hand: shown first, built on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from app.models import Roster, RosterStatus
from app.models.written import written


def current_roster(group_id: int, week_starts_on: dt.date) -> Roster | None:
    """The published version of the week."""
    found: Roster | None = next(iter(_published(group_id, week_starts_on)), None)
    return found


@written
def _published(group_id: Any, week_starts_on: Any) -> Any:
    query = Roster.select().where(
        Roster.group == group_id,
        Roster.week_starts_on == week_starts_on,
        Roster.status == RosterStatus.PUBLISHED,
    )
    return query.order_by(Roster.version.desc()).limit(1)


def latest_roster(group_id: int, week_starts_on: dt.date) -> Roster | None:
    """The version in hand: what a build begins from."""
    held = in_hand(versions_of(group_id, week_starts_on))
    return Roster.get_by_id(held.id) if held else None


def in_hand(rosters: Iterable[Roster]) -> Roster | None:
    """Of the versions of one week that stand, the one taken up last.

    A draft is taken up when it is made or chosen, a version also when it is published; drafts put
    aside and versions replaced do not stand.
    """
    standing = [
        one for one in rosters if one.status != RosterStatus.SUPERSEDED and one.discarded_at is None
    ]
    return max(standing, key=lambda one: (_taken_up(one), one.version), default=None)


def versions_of(group_id: int, week_starts_on: dt.date) -> list[Roster]:
    """Every version of the week, the newest first, without the problems they were built on."""
    return _versions(group_id, week_starts_on)


@written
def _versions(group_id: Any, week_starts_on: Any) -> Any:
    kept = [field for field in Roster._meta.sorted_fields if field is not Roster.problem_json]
    query = Roster.select(*kept).where(
        Roster.group == group_id, Roster.week_starts_on == week_starts_on
    )
    return query.order_by(Roster.version.desc())


def _taken_up(roster: Roster) -> dt.datetime:
    when: dt.datetime = roster.published_at or roster.chosen_at or roster.created_at
    return when

"""Versions of a week: a new draft from any of them, and what differs between two."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from app.models import Assignment, Roster, RosterStatus, database
from app.services import audit
from app.services.errors import NotFound
from app.services.open_drafts import find_roster
from app.services.rights import Actor, require_coordinator
from app.services.roster_changes import PersonChange, changes_between
from app.services.roster_rows import draft_of, hold_week, new_uid

COPIED = (
    Assignment.mediator,
    Assignment.office,
    Assignment.date,
    Assignment.starts_at,
    Assignment.ends_at,
    Assignment.breaks,
    Assignment.shift,
    Assignment.unsocial,
    Assignment.locked,
    Assignment.sequence,
    Assignment.created_at,
    Assignment.changed_at,
)


def draft_from(actor: Actor, roster_id: int, now: dt.datetime, name: str = "") -> int:
    """A new draft with the shifts of any version of the week; its id.

    From the published version, calendar UIDs are kept; publishing gives the others theirs. Network
    coordinators only.
    """
    require_coordinator(actor)
    source = find_roster(actor, roster_id)
    with database.atomic():
        hold_week(source.group_id)
        made = draft_of(source, now, name=name)
        kept = source.status == RosterStatus.PUBLISHED
        rows = [
            {
                **{one.name: row.__data__[one.name] for one in COPIED},
                "roster": made.id,
                "uid": row.uid if kept else new_uid(),
            }
            for row in Assignment.select().where(Assignment.roster == source)
        ]
        for start in range(0, len(rows), 50):
            Assignment.insert_many(rows[start : start + 50]).execute()
        audit.record(actor, "roster.draft_from", "roster", made.id, now, source=source.id)
    return int(made.id)


@dataclass(frozen=True, slots=True)
class Side:
    id: int
    version: int
    name: str
    status: RosterStatus


@dataclass(frozen=True, slots=True)
class Comparison:
    week: dt.date
    first: Side
    second: Side
    people: tuple[tuple[str, tuple[PersonChange, ...]], ...]
    """Name and what differs, by date; `before` is of the first version, `after` of the second."""


def compare(actor: Actor, first_id: int, second_id: int) -> Comparison:
    """What differs between two versions of one week. Network coordinators only."""
    require_coordinator(actor)
    first, second = find_roster(actor, first_id), find_roster(actor, second_id)
    if (first.group_id, first.week_starts_on) != (second.group_id, second.week_starts_on):
        raise NotFound
    changes = changes_between(first, second)
    return Comparison(
        week=first.week_starts_on,
        first=_side(first),
        second=_side(second),
        people=tuple(
            (theirs[0].mediator, theirs)
            for theirs in (
                tuple(group) for _key, group in groupby(changes, key=lambda one: one.mediator_id)
            )
        ),
    )


def _side(roster: Roster) -> Side:
    return Side(roster.id, roster.version, roster.name, roster.status)

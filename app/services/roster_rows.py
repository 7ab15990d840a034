"""The rows of a roster: its shifts as assignments, and what they keep from version to version."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.models import Assignment, Mediator, Office, PlanningGroup, Roster, RosterStatus
from app.models.written import written
from app.services.horizon import Horizon
from solver import problem as sp


def add_assignments(
    roster: Roster,
    problem: sp.Problem,
    assignments: Sequence[sp.Assignment],
    horizon: Horizon,
    base: Roster | None,
    now: dt.datetime,
) -> None:
    mediators = {row.code: row.id for row in Mediator.select(Mediator.id, Mediator.code)}
    offices = office_ids()
    kept = by_person_day(base)
    locked = {(one.mediator, one.shift) for one in problem.locked}
    rows: list[dict[str, Any]] = []
    for one in assignments:
        shift = problem.shift_by_id[one.shift]
        date = horizon.date(shift.day)
        was = kept.get((mediators[one.mediator], date))
        rows.append(
            {
                **columns_of(shift, horizon, offices),
                "roster": roster.id,
                "mediator": mediators[one.mediator],
                "locked": (one.mediator, one.shift) in locked,
                "uid": was.uid if was else new_uid(),
                "sequence": was.sequence if was else 0,
                "created_at": was.created_at if was else now,
                "changed_at": was.changed_at if was else now,
            }
        )
    for start in range(0, len(rows), 50):
        Assignment.insert_many(rows[start : start + 50]).execute()


def columns_of(shift: sp.Shift, horizon: Horizon, offices: Mapping[str, int]) -> dict[str, Any]:
    """What an assignment's row says of a shift of the problem."""
    return {
        "office": offices[shift.office],
        "date": horizon.date(shift.day),
        "starts_at": horizon.instant(shift.start),
        "ends_at": horizon.instant(shift.end),
        "breaks": [
            [horizon.instant(start).isoformat(), horizon.instant(end).isoformat()]
            for start, end in shift.breaks
        ],
        "shift": shift.id,
        "unsocial": shift.unsocial,
    }


def office_ids() -> dict[str, int]:
    return {row.code: row.id for row in Office.select(Office.id, Office.code)}


def new_uid() -> str:
    return f"{secrets.token_hex(16)}@escala"


def shift_rows() -> Any:
    """Shifts, with the mediator and the office of each."""
    return (
        Assignment.select(Assignment, Mediator, Office)
        .join(Mediator)
        .switch(Assignment)
        .join(Office)
    )


def given_in(roster_id: int) -> tuple[sp.Assignment, ...]:
    """The roster's shifts as the solver has them."""
    return tuple(sp.Assignment(code, shift) for code, shift in _given(roster_id))


@written
def _given(roster_id: Any) -> Any:
    query = Assignment.select(Mediator.code, Assignment.shift).join(Mediator)
    query = query.where(Assignment.roster == roster_id)
    return query.order_by(Mediator.code, Assignment.date).tuples()


def under_way(
    roster_ids: Iterable[int], now: dt.datetime
) -> defaultdict[int, tuple[sp.Assignment, ...]]:
    """By roster, its shifts that have begun and not ended, as the solver has them."""
    found: defaultdict[int, tuple[sp.Assignment, ...]] = defaultdict(tuple)
    for roster_id, code, shift in _under_way(sorted(roster_ids), now):
        found[roster_id] += (sp.Assignment(code, shift),)
    return found


@written
def _under_way(roster_ids: Any, now: Any) -> Any:
    query = Assignment.select(Assignment.roster, Mediator.code, Assignment.shift).join(Mediator)
    query = query.where(
        Assignment.roster.in_(roster_ids), Assignment.starts_at <= now, Assignment.ends_at > now
    )
    return query.order_by(Mediator.code, Assignment.date).tuples()


def problems_of(roster_ids: Iterable[int]) -> Iterable[tuple[int, dt.date, str]]:
    """(roster, its Monday, the text of its problem) of each; the text is empty where none is."""
    found: Iterable[tuple[int, dt.date, str]] = _problems_of(sorted(roster_ids))
    return found


@written
def _problems_of(roster_ids: Any) -> Any:
    query = Roster.select(Roster.id, Roster.week_starts_on, Roster.problem_json)
    return query.where(Roster.id.in_(roster_ids)).order_by(Roster.id).tuples()


def by_person_day(roster: Roster | None) -> dict[tuple[int, dt.date], Assignment]:
    if roster is None:
        return {}
    rows = shift_rows().where(Assignment.roster == roster)
    return {(row.mediator_id, row.date): row for row in rows}


def same_shift(one: Assignment, other: Assignment) -> bool:
    return (one.office_id, one.starts_at, one.ends_at, one.breaks) == (
        other.office_id,
        other.starts_at,
        other.ends_at,
        other.breaks,
    )


def draft_of(source: Roster, now: dt.datetime, **columns: Any) -> Roster:
    """A new version of the same week, as yet without shifts; `columns` are other than in `source`.

    Call within a transaction.
    """
    kept = ("solver_status", "cost", "bound", "parts", "problem_json")
    told = {name: getattr(source, name) for name in kept} | columns
    made: Roster = Roster.create(
        group=source.group_id,
        week_starts_on=source.week_starts_on,
        version=next_version(source.group_id, source.week_starts_on),
        status=RosterStatus.DRAFT,
        based_on=source,
        created_at=now,
        **told,
    )
    return made


def hold_week(group_id: int, roster_id: int | None = None) -> None:
    """Let no other transaction number, publish or edit meanwhile. Call within a transaction.

    On PostgreSQL two publications could both find the week without a published version, and an
    edit could slip in after the judge has spoken; SQLite has one writer anyway.
    """
    from app.database import is_postgresql

    if is_postgresql():
        PlanningGroup.select().where(PlanningGroup.id == group_id).for_update().get()
        if roster_id is not None:
            Roster.select(Roster.id).where(Roster.id == roster_id).for_update().get()


def next_version(group_id: int, week: dt.date) -> int:
    newest = (
        Roster.select(Roster.version)
        .where(Roster.group == group_id, Roster.week_starts_on == week)
        .order_by(Roster.version.desc())
        .first()
    )
    return newest.version + 1 if newest else 1


def carry_identity(before: Roster | None, after: Roster, now: dt.datetime) -> None:
    """Give each published shift its lasting UID, and a higher SEQUENCE where it changed.

    A calendar client then sees one event that moved, not one gone and another come; and a shift
    that stayed keeps its instants of change, so that its feed stays the same to the byte.
    """
    old = by_person_day(before)
    for key, row in by_person_day(after).items():
        was = old.get(key)
        if was is None:
            row.sequence, row.created_at, row.changed_at = 0, now, now
            if before is not None:
                # A draft older than `before` may still bear the UID of a shift called off since.
                row.uid = new_uid()
        else:
            same = same_shift(was, row)
            row.uid, row.created_at = was.uid, was.created_at
            row.sequence = was.sequence if same else was.sequence + 1
            row.changed_at = was.changed_at if same else now
        row.save(
            only=[
                Assignment.uid,
                Assignment.sequence,
                Assignment.created_at,
                Assignment.changed_at,
            ]
        )

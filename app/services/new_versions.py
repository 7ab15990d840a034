"""A new version of a published week: what a swap, a loan or a repair changes, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from app.i18n import _
from app.models import Roster, RosterStatus
from app.services.errors import Conflict
from app.services.roster_rows import add_assignments, draft_of, hold_week
from app.services.swap_rules import PublishedWeek
from solver import Draft
from solver import problem as sp


def hold_published(roster: Roster) -> None:
    """Nobody else publishes this week until the transaction ends."""
    # As publishing holds them, the group first, so that neither waits for what the other has.
    hold_week(roster.group_id)
    held = (
        Roster.update(revision=Roster.revision)
        .where(Roster.id == roster.id, Roster.status == RosterStatus.PUBLISHED)
        .execute()
    )
    if not held:
        raise Conflict(_("The roster has changed; this no longer fits it."))


def new_version(
    week: PublishedWeek, after: Draft, now: dt.datetime, lock: tuple[str, str] | None = None
) -> Roster:
    """A draft based on the published roster, with the changes made and every lock kept.

    `lock` is one more, of a mediator's and a shift's ids. Call within a transaction.
    """
    columns: dict[str, Any] = {"cost": after.cost, "parts": dict(after.parts)}
    if week.altered:
        columns["problem_json"] = json.dumps(week.open.problem.to_json(), separators=(",", ":"))
    roster = draft_of(week.roster, now, solver_status="feasible", **columns)
    locks = [sp.Assignment(row.mediator.code, row.shift) for row in week.rows if row.locked]
    if lock is not None:
        locks.append(sp.Assignment(*lock))
    problem = replace(week.open.problem, locked=tuple(locks))
    add_assignments(roster, problem, after.assignments, week.open.horizon, week.roster, now)
    return roster

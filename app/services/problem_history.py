"""What the weeks before a roster leave over: rest and days in a row owed, evenings to even out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from app.models import (
    Assignment,
    Mediator,
    Roster,
    RosterStatus,
)
from app.services.field_busy import field_spans
from app.services.horizon import Horizon
from app.services.training_busy import training_spans
from app.services.worked import unsocial_counts
from solver import problem as sp

UNSOCIAL_COST = 8
UNSOCIAL_COST_WHEN_EVENED = 24
FREE_UNSOCIAL_A_WEEK = 1
HISTORY_WEEKS = 8


class PersonHistories:
    """The last weeks of a planning group's mediators, read in two queries; what they worked for
    another group counts."""

    def __init__(self, people: list[Mediator], horizon: Horizon) -> None:
        self.horizon = horizon
        since = horizon.starts_on - dt.timedelta(weeks=HISTORY_WEEKS)
        shifts = list(_published(people, since, horizon.starts_on))
        self.shifts = by_mediator(shifts)
        self.outings: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
        began = horizon.starts_at - dt.timedelta(weeks=HISTORY_WEEKS)
        self.training = by_mediator(training_spans(began, horizon.starts_at))
        for mediator_id, start, end in field_spans(began, horizon.starts_at):
            self.outings[mediator_id].append((start, end))
        self.unsocial_had = unsocial_counts(shifts)
        had = [self.unsocial_had[row.id] for row in people]
        self.average_unsocial = sum(had) / len(had) if had else 0.0

    def of(self, row: Mediator) -> sp.History:
        """The last duty before the week, published, training or outing, and the run up to it."""
        shifts = self.shifts[row.id]
        sessions = self.training[row.id]
        outings = self.outings[row.id]
        ends = [one.ends_at for one in (*shifts, *sessions)] + [end for _start, end in outings]
        if not ends:
            return sp.History(last_end=None, consecutive_days=0)
        zone = ZoneInfo(self.horizon.zone)
        dates = {one.date for one in shifts}
        dates |= {one.starts_at.astimezone(zone).date() for one in sessions}
        dates |= {start.astimezone(zone).date() for start, _end in outings}
        run = 0
        while self.horizon.starts_on - dt.timedelta(days=run + 1) in dates:
            run += 1
        return sp.History(min(0, self.horizon.slot_ceiling(max(ends))), run)

    def unsocial(self, row: Mediator, *, even_evenings: bool) -> sp.Unsocial:
        """One a week; one more for who has had fewer than the average of late, none for more."""
        had, fair = self.unsocial_had[row.id], self.average_unsocial
        return sp.Unsocial(
            free=max(0, FREE_UNSOCIAL_A_WEEK + (had < fair) - (had > fair)),
            cost=UNSOCIAL_COST_WHEN_EVENED if even_evenings else UNSOCIAL_COST,
        )


def by_mediator(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.mediator_id].append(row)
    return found


def _published(people: list[Mediator], since: dt.date, until: dt.date) -> Iterable[Assignment]:
    """Their published shifts of these dates, in whatever group's weeks."""
    weeks = Roster.select(Roster.id).where(
        Roster.status == RosterStatus.PUBLISHED,
        Roster.week_starts_on > since - dt.timedelta(days=7),
        Roster.week_starts_on < until,
    )
    return Assignment.select().where(
        Assignment.roster.in_(weeks),
        Assignment.mediator.in_([row.id for row in people]),
        Assignment.date >= since,
        Assignment.date < until,
    )

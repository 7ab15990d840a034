"""What publishing a draft will do, and to whom, before it is done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from app.models import Roster, RosterStatus
from app.services.errors import NotFound
from app.services.horizon import Horizon, network_date
from app.services.judging import Fault, faults_of, judge
from app.services.open_drafts import told_to
from app.services.passed import rewritten
from app.services.people_now import broken_since
from app.services.rights import Actor, require_coordinator
from app.services.roster_changes import PersonChange
from app.services.rosters import publication_preview
from app.services.standing import current_roster
from app.services.telling import with_account
from app.services.undone_loans import UndoneLoan, loans_undone_by
from app.services.undone_swaps import UndoneSwap, undone_by
from app.services.weeks import POSTING_DAYS


@dataclass(frozen=True, slots=True)
class PersonChanges:
    """Everything that changes for one person, by date."""

    mediator_id: int
    name: str
    told: bool
    """Whether the person has an account to be told at."""
    changes: tuple[PersonChange, ...]


@dataclass(frozen=True, slots=True)
class PublishView:
    roster_id: int
    version: int
    status: RosterStatus
    starts_on: dt.date
    replaces: int | None
    """The version that is published now."""
    replaces_id: int | None
    people: tuple[PersonChanges, ...]
    faults: tuple[Fault, ...]
    """Broken rules; while there is one, nothing can be published."""
    post_by: dt.date
    passed: tuple[PersonChange, ...]
    """Changes of shifts that have begun; they are published only where that is confirmed."""
    undone_swaps: tuple[UndoneSwap, ...]
    """Approved swaps that publishing would undo."""
    undone_loans: tuple[UndoneLoan, ...]
    """Agreed loans that it would."""
    revision: int
    notice_days: int
    """Days between now and the first day of the week; fewer than `POSTING_DAYS` is late."""

    late_changes: int
    """Changes of the published week with less notice than that: the register asks for a reason."""

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """Of the week."""
        return Horizon(self.starts_on).dates

    @property
    def late(self) -> bool:
        return self.notice_days < POSTING_DAYS

    @property
    def told_count(self) -> int:
        return sum(one.told for one in self.people)


def publish_view(actor: Actor, roster_id: int, now: dt.datetime) -> PublishView:
    """The preview of publishing a roster. Network coordinators only."""
    require_coordinator(actor)
    today = network_date(now)
    roster = Roster.get_or_none(Roster.id == roster_id)
    if roster is None:
        raise NotFound
    published = current_roster(roster.group_id, roster.week_starts_on)
    changes = publication_preview(actor, roster_id)
    accounts = with_account({one.mediator_id for one in changes})
    judged = judge(roster)
    fallen_out = broken_since(roster, judged.judgement.violations, now)
    return PublishView(
        roster_id=roster.id,
        version=roster.version,
        status=roster.status,
        starts_on=roster.week_starts_on,
        replaces=published.version if published else None,
        replaces_id=published.id if published else None,
        people=tuple(
            PersonChanges(mediator_id, theirs[0].mediator, mediator_id in accounts, theirs)
            for mediator_id, theirs in (
                (key, tuple(group))
                for key, group in groupby(changes, key=lambda one: one.mediator_id)
            )
        ),
        faults=told_to(actor, roster, judged.faults + faults_of(fallen_out)),
        post_by=roster.week_starts_on - dt.timedelta(days=POSTING_DAYS),
        passed=rewritten(changes, now) if published else (),
        undone_swaps=undone_by(roster) if roster.status == RosterStatus.DRAFT else (),
        undone_loans=loans_undone_by(roster) if roster.status == RosterStatus.DRAFT else (),
        revision=roster.revision,
        notice_days=(roster.week_starts_on - today).days,
        late_changes=sum((one.date - today).days < POSTING_DAYS for one in changes)
        if published
        else 0,
    )

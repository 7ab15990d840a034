"""Which of a week's scenarios is worked on: one taken up, the others put aside and brought back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app.i18n import _
from app.models import Roster, RosterStatus, database
from app.services import audit
from app.services.checks import Faults
from app.services.errors import Conflict, NotFound
from app.services.open_drafts import find_roster
from app.services.rights import Actor, require_coordinator
from app.services.standing import in_hand, versions_of

LONGEST_NAME = 60


def choose(
    actor: Actor, roster_id: int, now: dt.datetime, *, discard_others: bool = False
) -> tuple[int | None, tuple[int, ...]]:
    """Take a draft up: the week shows it first, and the next build begins from it.

    The version that was in hand and the drafts put aside with it, so that both can be taken back.
    """
    require_coordinator(actor)
    with database.atomic():
        roster = _draft(actor, roster_id)
        versions = versions_of(roster.group_id, roster.week_starts_on)
        before = in_hand(versions)
        others = [
            int(one.id)
            for one in versions
            if discard_others
            and one.id != roster.id
            and one.status == RosterStatus.DRAFT
            and one.discarded_at is None
        ]
        Roster.update(chosen_at=now, discarded_at=None).where(Roster.id == roster.id).execute()
        Roster.update(discarded_at=now).where(Roster.id.in_(others)).execute()
        audit.record(actor, "roster.choose", "roster", roster.id, now, discarded=others)
    return (int(before.id) if before else None), tuple(others)


def undo_choice(
    actor: Actor, roster_id: int, before_id: int | None, back: Iterable[int], now: dt.datetime
) -> None:
    """Take a choice back: what was put aside with it (`back`) stands again, the draft is let go,
    and the version in hand before it, if there was one, is again.

    A published version is in hand again of itself. Raises NotFound for a version of another week.
    """
    require_coordinator(actor)
    with database.atomic():
        chosen = find_roster(actor, roster_id)
        aside = [_beside(actor, chosen, one) for one in back]
        bring_back(actor, aside, now)
        if before_id is not None:
            before = find_roster(actor, _beside(actor, chosen, before_id))
            let_go = _draft(actor, roster_id)
            Roster.update(chosen_at=None).where(Roster.id == let_go.id).execute()
            if before.status == RosterStatus.DRAFT:
                Roster.update(chosen_at=now).where(Roster.id == before.id).execute()
            audit.record(actor, "roster.undo_choice", "roster", let_go.id, now, before=before_id)


def discard(actor: Actor, roster_id: int, now: dt.datetime) -> None:
    """Put a draft aside; nothing of it is lost."""
    require_coordinator(actor)
    with database.atomic():
        roster = _draft(actor, roster_id)
        Roster.update(discarded_at=now).where(Roster.id == roster.id).execute()
        audit.record(actor, "roster.discard", "roster", roster.id, now)


def bring_back(actor: Actor, roster_ids: Iterable[int], now: dt.datetime) -> None:
    """Let drafts that were put aside stand again."""
    require_coordinator(actor)
    with database.atomic():
        for roster_id in roster_ids:
            roster = _draft(actor, roster_id)
            Roster.update(discarded_at=None).where(Roster.id == roster.id).execute()
            audit.record(actor, "roster.bring_back", "roster", roster.id, now)


def rename(actor: Actor, roster_id: int, name: str, now: dt.datetime) -> None:
    """Give a version its name, free; empty takes it away."""
    require_coordinator(actor)
    name = check_name(name)
    with database.atomic():
        roster = find_roster(actor, roster_id)
        Roster.update(name=name).where(Roster.id == roster.id).execute()
        # Not to what: free text may name somebody, and the log is kept for long.
        audit.record(actor, "roster.rename", "roster", roster.id, now)


def check_name(name: str) -> str:
    """The name without stray space. Raises Invalid where it is too long or cannot be printed."""
    name = " ".join(name.split())
    faults = Faults()
    faults.length("name", name, LONGEST_NAME)
    faults.raise_any()
    return name


def _beside(actor: Actor, chosen: Roster, roster_id: int) -> int:
    """The id of a version of the same week."""
    other = find_roster(actor, roster_id)
    if (other.group_id, other.week_starts_on) != (chosen.group_id, chosen.week_starts_on):
        raise NotFound
    return int(other.id)


def _draft(actor: Actor, roster_id: int) -> Roster:
    roster = find_roster(actor, roster_id)
    if roster.status != RosterStatus.DRAFT:
        raise Conflict(_("This version is no draft any more."))
    return roster

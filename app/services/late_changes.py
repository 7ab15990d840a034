"""The register of changes published with less than seven days' notice (CT 217).

Hours are posted seven days ahead. The law lets an employer change them later than that, for a week
at most and three times a year, when it is written down. What is written here stays: the database
refuses to alter or take away a line.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from peewee import JOIN

from app.i18n import _
from app.models import (
    LateCause,
    LateChange,
    Mail,
    Mediator,
    Message,
    Office,
    Roster,
    User,
    database,
)
from app.services import audit
from app.services.checks import Faults
from app.services.errors import InputFault, Invalid, NotFound
from app.services.horizon import NETWORK_ZONE
from app.services.message_view import ToldTimes, told_times
from app.services.messages import publication_key, shift_details
from app.services.rights import Actor, require_any_coordinator
from app.services.roster_changes import PersonChange
from app.services.weeks import POSTING_DAYS

MOST_A_YEAR = 3
"""Times a year that a person's hours may be changed late."""
REASON_MOST = 500
_Told = tuple[int | dt.datetime, int]


@dataclass(frozen=True, slots=True)
class Why:
    """What a publication's late changes are put down to."""

    cause: LateCause = LateCause.COORDINATOR
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LateLine:
    """One line of the register."""

    id: int
    mediator_id: int
    mediator: str
    home_office: str
    date: dt.date
    before: ToldTimes | None
    after: ToldTimes | None
    notice_days: int
    cause: LateCause
    reason: str
    published_at: dt.datetime
    published_by: str
    week: dt.date
    version: int
    told_at: dt.datetime | None
    """In the application; None for who has no account."""
    mailed_at: dt.datetime | None
    seen_at: dt.datetime | None
    times_this_year: int
    """How many times the person's hours were changed late that year, up to this one: a
    publication counts once, and so does a change of a field route; what they agreed on themselves
    does not count."""

    @property
    def too_often(self) -> bool:
        return self.cause != LateCause.SWAP and self.times_this_year > MOST_A_YEAR


def late_among(
    before: Roster | None, changes: Iterable[PersonChange], now: dt.datetime
) -> list[tuple[PersonChange, int]]:
    """Those changes of a published week that come late, each with its days of notice.

    A week that is published for the first time changes nobody's hours.
    """
    if before is None:
        return []
    noticed = [(one, _notice_days(one, now)) for one in changes]
    return [(one, days) for one, days in noticed if days < POSTING_DAYS]


def record(
    actor: Actor,
    roster: Roster,
    late: Iterable[tuple[PersonChange, int]],
    why: Why,
    now: dt.datetime,
) -> None:
    """Write late changes down, within the transaction that publishes them.

    Raises Invalid where a person publishes them and gives no reason.
    """
    lines = list(late)
    if not lines:
        return
    reason = why.reason.strip()
    faults = Faults()
    faults.length("reason", reason, REASON_MOST, lines=True)
    faults.raise_any()
    if not reason and why.cause == LateCause.COORDINATOR and actor.user_id is not None:
        raise Invalid([InputFault("reason", "", _("why hours change with so little notice"))])
    rows = [
        {
            "roster": roster.id,
            "mediator": one.mediator_id,
            "date": one.date,
            "before": shift_details(one.before),
            "after": shift_details(one.after),
            "notice_days": days,
            "cause": why.cause,
            "reason": reason,
            "published_at": now,
            "published_by": actor.user_id,
        }
        for one, days in lines
    ]
    for start in range(0, len(rows), 50):
        LateChange.insert_many(rows[start : start + 50]).execute()


def changed_late(roster: Roster, office: Office) -> bool:
    """Whether, up to this version of its week, late changes touch the office or its people.

    A route makes no version: what becomes of it late is of the version that hangs by then.
    """
    rows = (
        LateChange.select(LateChange.before, LateChange.after, Mediator.home_office)
        .join(Mediator)
        .switch(LateChange)
        .join(Roster)
        .where(
            Roster.group == roster.group_id,
            Roster.week_starts_on == roster.week_starts_on,
            (LateChange.published_at <= roster.published_at) | (LateChange.roster == roster),
        )
    )
    return any(
        row.mediator.home_office_id == office.id
        or office.name in {told["office"] for told in (row.before, row.after) if told}
        for row in rows
    )


def years_of(actor: Actor, now: dt.datetime) -> list[int]:
    """The years that the register has lines of, the latest first, and this one."""
    require_any_coordinator(actor)
    dates = [row.date for row in LateChange.select(LateChange.date).distinct()]
    return sorted({one.year for one in dates} | {_today(NETWORK_ZONE, now).year}, reverse=True)


def register(actor: Actor, year: int, office_id: int | None = None) -> list[LateLine]:
    """The lines of a year, the latest change first: of the people whose home office the actor
    coordinates, or of one office's."""
    require_any_coordinator(actor)
    if not 1 <= year <= 9999:
        raise NotFound
    query = (
        LateChange.select(LateChange, Mediator, Office, Roster, User)
        .join(Mediator)
        .join(Office)
        .switch(LateChange)
        .join(Roster)
        .switch(LateChange)
        .join(User, JOIN.LEFT_OUTER)
        .where(LateChange.date.between(dt.date(year, 1, 1), dt.date(year, 12, 31)))
        .order_by(LateChange.published_at, LateChange.id)
    )
    if actor.office_ids is not None:
        query = query.where(Mediator.home_office.in_(list(actor.office_ids)))
    if office_id is not None:
        query = query.where(Mediator.home_office == office_id)
    rows = list(query)
    told, times = _told(rows), _Times()
    lines = [_line(row, told, times.count(row)) for row in rows]
    return sorted(lines, key=lambda one: (one.published_at, one.id), reverse=True)


def take_away(actor: Actor, year: int, office_id: int | None, now: dt.datetime) -> list[LateLine]:
    """`register`, for a file of it; noted in the audit log."""
    lines = register(actor, year, office_id)
    with database.atomic():
        audit.record(actor, "late_changes.export", "late_changes", year, now, office=office_id)
    return lines


class _Times:
    """Counts, line by line, the times that a person's hours were changed late."""

    def __init__(self) -> None:
        self._times: dict[int, set[object]] = defaultdict(set)

    def count(self, row: LateChange) -> int:
        theirs = self._times[row.mediator_id]
        if row.cause != LateCause.SWAP:
            # What one press changed is one time, though a route that moves may touch two weeks.
            theirs.add(row.published_at if _of_route(row) else row.roster_id)
        return len(theirs)


def _of_route(row: LateChange) -> bool:
    """Whether the line is of a field route, not of a roster's shift."""
    return bool((row.after or row.before or {}).get("route"))


def _line(row: LateChange, told: Mapping[_Told, Message], times: int) -> LateLine:
    message = told.get(_told_as(row))
    return LateLine(
        id=row.id,
        mediator_id=row.mediator_id,
        mediator=row.mediator.called_name or row.mediator.name,
        home_office=row.mediator.home_office.name,
        date=row.date,
        before=told_times(row.before),
        after=told_times(row.after),
        notice_days=row.notice_days,
        cause=row.cause,
        reason=row.reason,
        published_at=row.published_at,
        published_by=row.published_by.name if row.published_by else "",
        week=row.roster.week_starts_on,
        version=row.roster.version,
        told_at=message.created_at if message else None,
        mailed_at=getattr(message.mail, "sent_at", None) if message else None,
        seen_at=message.read_at if message else None,
        times_this_year=times,
    )


def _told_as(row: LateChange) -> _Told:
    return (row.published_at if _of_route(row) else row.roster_id), row.mediator_id


def _told(rows: Iterable[LateChange]) -> dict[_Told, Message]:
    """What a line is of (a version, or the instant at which a route changed) and the mediator →
    the message that told of it."""
    users = {
        row.mediator_id: row.id
        for row in User.select(User.id, User.mediator).where(User.mediator.is_null(False))
    }
    wanted = {_told_as(row) for row in rows if row.mediator_id in users}
    keys = {
        publication_key(what, users[who]): (what, who)
        for what, who in wanted
        if isinstance(what, int)
    }
    found: dict[_Told, Message] = {keys[row.key]: row for row in _messages(Message.key, list(keys))}
    mediators = {user: mediator for mediator, user in users.items()}
    instants = [what for what, _who in wanted if isinstance(what, dt.datetime)]
    for row in _messages(Message.created_at, instants):
        if row.kind == "route_told" and row.user_id in mediators:
            found[row.created_at, mediators[row.user_id]] = row
    return found


def _messages(field: Any, values: Sequence[Any]) -> Iterator[Message]:
    """Messages with their mails, by some values of a field."""
    for start in range(0, len(values), 500):
        query = Message.select(Message, Mail).join(Mail, JOIN.LEFT_OUTER)
        yield from query.where(field.in_(values[start : start + 500]))


def _notice_days(change: PersonChange, now: dt.datetime) -> int:
    shift: Any = change.after or change.before
    return (change.date - _today(shift.zone, now)).days


def _today(zone: str, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(zone)).date()

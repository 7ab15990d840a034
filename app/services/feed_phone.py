"""The telephone answered from a centre, as a feed's events beside the shift they lie in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from app.i18n import _
from app.models import Mediator, Office, PhoneTurn
from app.services.feed_parts import Feed
from app.services.feed_subjects import SubjectKind
from app.services.phone_turns import standing_turns
from app.services.telling import name_of
from calendars.feed import EventStatus, FeedEvent

AHEAD = dt.timedelta(days=730)
"""No roster is published further ahead."""


def phone_turns(feed: Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """A person's or an association's people's, or those of a telephone service."""
    whose = {
        SubjectKind.MEDIATOR: PhoneTurn.mediator == feed.id,
        SubjectKind.OFFICE: PhoneTurn.office == feed.id,
        SubjectKind.ASSOCIATION: Mediator.association == feed.id,
    }[feed.kind]
    query = (
        PhoneTurn.select(PhoneTurn, Mediator, Office)
        .join(Mediator)
        .switch(PhoneTurn)
        .join(Office, on=PhoneTurn.office)
        .where(whose, PhoneTurn.ends_at > since)
        .order_by(PhoneTurn.starts_at, PhoneTurn.id)
    )
    rows = list(query)
    if not rows:
        return
    ids = {row.mediator_id for row in rows}
    standing = {one.id: one for one in standing_turns(since, since + AHEAD, ids)}
    for row in rows:
        turn = standing.get(row.id)
        if turn is not None or feed.keep_cancelled:
            yield _event(feed, row, turn.centre if turn else "")


def _event(feed: Feed, row: PhoneTurn, centre: str) -> FeedEvent:
    """`centre` is empty where it no longer stands: taken back, or the shift is gone, which counts
    one more than what was written down of it."""
    summary = row.office.name
    if feed.kind is not SubjectKind.MEDIATOR:
        summary = f"{name_of(row.mediator)} · {summary}"
    undone = not centre and row.cancelled_at is None
    return FeedEvent(
        uid=feed.uid(f"phone-{row.uid}@escala"),
        start=row.starts_at,
        end=row.ends_at,
        sequence=row.sequence + undone,
        created=row.given_at,
        modified=row.changed_at,
        summary=summary,
        location=centre,
        description=_("Answered from where the shift is, in quiet hours.") if centre else "",
        status=EventStatus.CONFIRMED if centre else EventStatus.CANCELLED,
        zone=row.office.zone,
    )

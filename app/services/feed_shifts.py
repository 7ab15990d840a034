"""Published shifts as a feed's events, those called off among them where the feed keeps them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from app.i18n import _
from app.models import Assignment, Mediator, Office, Roster, RosterStatus
from app.services.feed_parts import Feed, one_line
from app.services.feed_subjects import SubjectKind
from app.services.phone_place import address_of
from app.services.published import breaks_of, live_rosters
from calendars.feed import Break, EventStatus, FeedEvent


def shifts(feed: Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    live = list(_shift_rows(feed, since).where(Assignment.roster.in_(live_rosters())))
    yield from (_shift_event(feed, one) for one in live)
    if feed.keep_cancelled:
        yield from _cancelled_shifts(feed, since, {one.uid for one in live})


def _shift_rows(feed: Feed, since: dt.datetime) -> Any:
    whose = {
        SubjectKind.MEDIATOR: Assignment.mediator == feed.id,
        SubjectKind.OFFICE: Assignment.office == feed.id,
        SubjectKind.ASSOCIATION: Mediator.association == feed.id,
    }[feed.kind]
    home = Office.alias()
    # Columns, not rows of models: thousands of feeds are written anew after a publication.
    return (
        Assignment.select(
            Assignment.uid,
            Assignment.starts_at,
            Assignment.ends_at,
            Assignment.breaks,
            Assignment.sequence,
            Assignment.created_at,
            Assignment.changed_at,
            Office.name.alias("office_name"),
            Office.address,
            Office.zone,
            Office.kind,
            home.kind.alias("home_kind"),
            home.name.alias("home_name"),
            home.address.alias("home_address"),
            Mediator.phone_from_home,
            Mediator.called_name,
            Mediator.name,
            Roster.group.alias("group_id"),
            Roster.week_starts_on,
            Roster.published_at,
        )
        .join(Office)
        .switch(Assignment)
        .join(Mediator)
        .join(home, on=(home.id == Mediator.home_office))
        .switch(Assignment)
        .join(Roster)
        .where(whose, Assignment.ends_at > since)
        .namedtuples()
    )


def _shift_event(feed: Feed, row: Any) -> FeedEvent:
    person, office = row.called_name or row.name, row.office_name
    if feed.kind is SubjectKind.MEDIATOR:
        summary = _("Shift · %(office)s", office=office)
    else:
        summary = person if feed.kind is SubjectKind.OFFICE else f"{person} · {office}"
    return FeedEvent(
        uid=feed.uid(row.uid),
        start=row.starts_at,
        end=row.ends_at,
        sequence=row.sequence,
        created=row.created_at,
        modified=row.changed_at,
        summary=summary,
        location=one_line(_where(row)),
        breaks=tuple(Break(start, end) for start, end in breaks_of(row)),
        zone=row.zone,
    )


def _where(row: Any) -> str:
    place = address_of(
        row.kind,
        row.home_kind,
        from_home=row.phone_from_home,
        office=row.address or row.office_name,
        home=row.home_address or row.home_name,
    )
    return place or _("At home")


def _cancelled_shifts(feed: Feed, since: dt.datetime, live: set[str]) -> Iterator[FeedEvent]:
    """Shifts once published that the newest published version no longer has.

    Each was called off by the publication after the last that had it, and stays so: later ones
    change nothing about it.
    """
    rows = list(
        _shift_rows(feed, since)
        .where(Roster.status == RosterStatus.SUPERSEDED, Roster.published_at.is_null(False))
        .order_by(Roster.published_at.desc())
    )
    publications = _publications({row.week_starts_on for row in rows})
    told = set(live)
    for row in rows:
        # By the time, not the version: an older draft may be published after a newer one.
        published = publications[row.group_id, row.week_starts_on]
        later = [at for at in published if at > row.published_at]
        if row.uid in told or not later:
            continue
        told.add(row.uid)
        event = _shift_event(feed, row)
        yield replace(
            event,
            sequence=event.sequence + 1,
            modified=max(event.modified, later[0]),
            status=EventStatus.CANCELLED,
        )


def _publications(weeks: set[dt.date]) -> dict[tuple[int, dt.date], list[dt.datetime]]:
    """Of each group's week, when versions were published, in order."""
    found: dict[tuple[int, dt.date], list[dt.datetime]] = defaultdict(list)
    rows = Roster.select(Roster.group, Roster.week_starts_on, Roster.published_at).where(
        Roster.week_starts_on.in_(weeks), Roster.published_at.is_null(False)
    )
    for row in rows.order_by(Roster.published_at):
        found[row.group_id, row.week_starts_on].append(row.published_at)
    return found

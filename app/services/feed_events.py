"""The rows behind a feed as the calendar library's events, in the feed's language.

Instants, SEQUENCE and LAST-MODIFIED all come from rows, so that unchanged rows give the same
events. Whatever is read for them must be watched by `app.feed_triggers`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from app.i18n import _, language_called
from app.models import Association, Course, FeedToken, Mediator, Office
from app.services.feed_field import outings
from app.services.feed_parts import Feed
from app.services.feed_phone import phone_turns
from app.services.feed_shifts import shifts
from app.services.feed_subjects import SubjectKind
from app.services.feed_trainings import sessions, trainings
from app.services.horizon import NETWORK_ZONE
from calendars.feed import FeedContents, FeedEvent, FeedSettings
from calendars.words import nearest


def events_of(row: FeedToken, since: dt.datetime) -> Iterator[FeedEvent]:
    """What the feed shows that ends after `since`."""
    feed = Feed.of(row)
    if feed.kind is not SubjectKind.COURSE:
        yield from shifts(feed, since)
        yield from outings(feed, since)
        yield from phone_turns(feed, since)
    if feed.kind in (SubjectKind.COURSE, SubjectKind.OFFICE):
        yield from sessions(feed, since)
    else:
        yield from trainings(feed, since)


def settings_of(row: FeedToken) -> FeedSettings:
    name, zone = _name_and_zone(Feed.of(row))
    return FeedSettings(
        name=_("Escala · %(name)s", name=name),
        language=nearest(language_called(row.locale).code),
        contents=FeedContents.DETAILS if row.details else FeedContents.BUSY,
        keep_cancelled=row.keep_cancelled,
        zone=zone,
    )


def _name_and_zone(feed: Feed) -> tuple[str, str]:
    if feed.kind is SubjectKind.MEDIATOR:
        mediator = Mediator.get_by_id(feed.id)
        return mediator.called_name or mediator.name, mediator.home_office.zone
    if feed.kind is SubjectKind.OFFICE:
        office = Office.get_by_id(feed.id)
        return office.name, office.zone
    if feed.kind is SubjectKind.COURSE:
        return feed.title(Course.get_by_id(feed.id)), NETWORK_ZONE
    return Association.get_by_id(feed.id).name, NETWORK_ZONE

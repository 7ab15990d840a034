"""The rows behind a feed as the calendar library's events, in the feed's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from app.i18n import _
from app.models import Assignment, Enrolment, FeedToken, Mediator, Office, Roster, RosterStatus
from app.services.published import (
    breaks_of,
    live_assignments,
    live_rosters,
    standing_enrolments,
)
from calendars.feed import Break, EventStatus, FeedContents, FeedEvent, FeedSettings


def events_of(row: FeedToken, mediator: Mediator, since: dt.datetime) -> Iterator[FeedEvent]:
    live = list(live_assignments(mediator.id, since))
    yield from (_shift_event(one) for one in live)
    if row.keep_cancelled:
        yield from _cancelled_events(mediator.id, since, {one.uid for one in live})
    for one in standing_enrolments(mediator.id, since):
        yield _training_event(one, row.locale, mediator.home_office.zone)


def _shift_event(row: Assignment) -> FeedEvent:
    return FeedEvent(
        uid=row.uid,
        start=row.starts_at,
        end=row.ends_at,
        sequence=row.sequence,
        created=row.created_at,
        modified=row.changed_at,
        summary=_("Shift · %(office)s", office=row.office.name),
        location=_one_line(row.office.address or row.office.name),
        breaks=tuple(Break(start, end) for start, end in breaks_of(row)),
        zone=row.office.zone,
    )


def _cancelled_events(mediator_id: int, since: dt.datetime, live: set[str]) -> Iterator[FeedEvent]:
    """Shifts once published that the newest published version no longer has."""
    rows = (
        Assignment.select(Assignment, Office, Roster)
        .join(Office)
        .switch(Assignment)
        .join(Roster)
        .where(
            Assignment.mediator == mediator_id,
            Assignment.ends_at > since,
            Roster.status == RosterStatus.SUPERSEDED,
            Roster.published_at.is_null(False),
        )
        .order_by(Roster.version.desc())
    )
    published_at = {
        (one.group_id, one.week_starts_on): one.published_at
        for one in Roster.select().where(Roster.id.in_(live_rosters()))
    }
    told = set(live)
    for row in rows:
        dropped_at = published_at.get((row.roster.group_id, row.roster.week_starts_on))
        if row.uid in told or dropped_at is None:
            continue
        told.add(row.uid)
        event = _shift_event(row)
        yield replace(
            event,
            sequence=event.sequence + 1,
            modified=max(event.modified, dropped_at),
            status=EventStatus.CANCELLED,
        )


def _training_event(row: Enrolment, locale: str, home_zone: str) -> FeedEvent:
    session, office = row.session, row.session.office
    course = session.course
    return FeedEvent(
        uid=f"training-{session.id}-{row.mediator_id}@escala",
        start=session.starts_at,
        end=session.ends_at,
        sequence=0,
        created=row.asked_at,
        modified=row.asked_at,
        summary=_("Training · %(course)s", course=_title(course, locale)),
        location=_one_line((office.address or office.name) if office else session.link),
        zone=office.zone if office else home_zone,
        url=session.link,
    )


def _title(course: object, locale: str) -> str:
    return str(getattr(course, "title_en" if locale == "en" else "title_pt"))


def _one_line(text: str) -> str:
    return ", ".join(part.strip() for part in text.splitlines() if part.strip())


def settings_of(row: FeedToken, mediator: Mediator) -> FeedSettings:
    return FeedSettings(
        name=_("Escala · %(name)s", name=mediator.called_name or mediator.name),
        language=row.locale,
        contents=FeedContents.DETAILS if row.details else FeedContents.BUSY,
        keep_cancelled=row.keep_cancelled,
        zone=mediator.home_office.zone,
    )

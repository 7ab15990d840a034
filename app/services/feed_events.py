"""The rows behind a feed as the calendar library's events, in the feed's language.

Instants, SEQUENCE and LAST-MODIFIED all come from rows, so that unchanged rows give the same
events. Whatever is read here must be watched by `app.feed_triggers`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from peewee import JOIN

from app.i18n import _
from app.models import (
    Assignment,
    Association,
    CalledOffTraining,
    Course,
    CourseSession,
    Enrolment,
    EnrolmentStatus,
    FeedToken,
    Mediator,
    Office,
    Roster,
    RosterStatus,
)
from app.services.feed_subjects import SubjectKind, subject_of
from app.services.horizon import NETWORK_ZONE
from app.services.published import breaks_of, live_rosters
from calendars.feed import Break, EventStatus, FeedContents, FeedEvent, FeedSettings

_UNKNOWN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""For sessions set before it was noted when."""


@dataclass(frozen=True, slots=True)
class _Feed:
    """What a feed shows and how."""

    kind: SubjectKind
    id: int
    locale: str
    keep_cancelled: bool


def events_of(row: FeedToken, since: dt.datetime) -> Iterator[FeedEvent]:
    """What the feed shows that ends after `since`."""
    feed = _feed(row)
    if feed.kind is not SubjectKind.COURSE:
        yield from _shifts(feed, since)
    if feed.kind in (SubjectKind.COURSE, SubjectKind.OFFICE):
        yield from _sessions(feed, since)
    else:
        yield from _trainings(feed, since)


def settings_of(row: FeedToken) -> FeedSettings:
    feed = _feed(row)
    name, zone = _name_and_zone(feed)
    return FeedSettings(
        name=_("Escala · %(name)s", name=name),
        language=row.locale,
        contents=FeedContents.DETAILS if row.details else FeedContents.BUSY,
        keep_cancelled=row.keep_cancelled,
        zone=zone,
    )


def _feed(row: FeedToken) -> _Feed:
    subject = subject_of(row)
    return _Feed(subject.kind, subject.id, row.locale, row.keep_cancelled)


def _name_and_zone(feed: _Feed) -> tuple[str, str]:
    if feed.kind is SubjectKind.MEDIATOR:
        mediator = Mediator.get_by_id(feed.id)
        return mediator.called_name or mediator.name, mediator.home_office.zone
    if feed.kind is SubjectKind.OFFICE:
        office = Office.get_by_id(feed.id)
        return office.name, office.zone
    if feed.kind is SubjectKind.COURSE:
        return _title(Course.get_by_id(feed.id), feed.locale), NETWORK_ZONE
    return Association.get_by_id(feed.id).name, NETWORK_ZONE


def _shifts(feed: _Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    live = list(_shift_rows(feed, since).where(Assignment.roster.in_(live_rosters())))
    yield from (_shift_event(feed, one) for one in live)
    if feed.keep_cancelled:
        yield from _cancelled_shifts(feed, since, {one.uid for one in live})


def _shift_rows(feed: _Feed, since: dt.datetime) -> Any:
    whose = {
        SubjectKind.MEDIATOR: Assignment.mediator == feed.id,
        SubjectKind.OFFICE: Assignment.office == feed.id,
        SubjectKind.ASSOCIATION: Mediator.association == feed.id,
    }[feed.kind]
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
            Mediator.called_name,
            Mediator.name,
            Roster.group.alias("group_id"),
            Roster.week_starts_on,
            Roster.version,
        )
        .join(Office)
        .switch(Assignment)
        .join(Mediator)
        .switch(Assignment)
        .join(Roster)
        .where(whose, Assignment.ends_at > since)
        .namedtuples()
    )


def _shift_event(feed: _Feed, row: Any) -> FeedEvent:
    person, office = row.called_name or row.name, row.office_name
    if feed.kind is SubjectKind.MEDIATOR:
        summary = _("Shift · %(office)s", office=office)
    else:
        summary = person if feed.kind is SubjectKind.OFFICE else f"{person} · {office}"
    return FeedEvent(
        uid=_uid(feed, row.uid),
        start=row.starts_at,
        end=row.ends_at,
        sequence=row.sequence,
        created=row.created_at,
        modified=row.changed_at,
        summary=summary,
        location=_one_line(row.address or office),
        breaks=tuple(Break(start, end) for start, end in breaks_of(row)),
        zone=row.zone,
    )


def _cancelled_shifts(feed: _Feed, since: dt.datetime, live: set[str]) -> Iterator[FeedEvent]:
    """Shifts once published that the newest published version no longer has.

    Each was called off by the version after the last that had it, and stays so: later versions
    change nothing about it.
    """
    rows = list(
        _shift_rows(feed, since)
        .where(Roster.status == RosterStatus.SUPERSEDED, Roster.published_at.is_null(False))
        .order_by(Roster.version.desc())
    )
    versions = _published_versions({row.week_starts_on for row in rows})
    told = set(live)
    for row in rows:
        published = versions[row.group_id, row.week_starts_on]
        later = [at for version, at in published if version > row.version]
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


def _published_versions(
    weeks: set[dt.date],
) -> dict[tuple[int, dt.date], list[tuple[int, dt.datetime]]]:
    """Of each group's week, the versions ever published and when, in order."""
    found: dict[tuple[int, dt.date], list[tuple[int, dt.datetime]]] = defaultdict(list)
    rows = Roster.select(
        Roster.group, Roster.week_starts_on, Roster.version, Roster.published_at
    ).where(Roster.week_starts_on.in_(weeks), Roster.published_at.is_null(False))
    for row in rows.order_by(Roster.version):
        found[row.group_id, row.week_starts_on].append((row.version, row.published_at))
    return found


def _trainings(feed: _Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """The seats people have in sessions; those given back or called off where these stay."""
    whose = _people(feed, Enrolment)
    stands = Enrolment.status == EnrolmentStatus.ENROLLED
    if feed.keep_cancelled:
        had_once = (Enrolment.status == EnrolmentStatus.CANCELLED) & (Enrolment.sequence > 0)
        stands = stands | had_once
    rows = (
        Enrolment.select(Enrolment, CourseSession, Course, Office, Mediator)
        .join(CourseSession)
        .join(Course)
        .switch(CourseSession)
        .join(Office, JOIN.LEFT_OUTER)
        .switch(Enrolment)
        .join(Mediator)
        .where(whose, stands, CourseSession.ends_at > since)
    )
    for row in rows:
        yield _seat_event(feed, row)
    if feed.keep_cancelled:
        for called_off in _called_off(since).where(_people(feed, CalledOffTraining)):
            uid = _seat_uid(called_off.session_uid, called_off.mediator_id)
            yield _called_off_event(feed, called_off, uid, called_off.mediator)


def _people(feed: _Feed, table: Any) -> Any:
    """The condition that a row is of the feed's people."""
    if feed.kind is SubjectKind.MEDIATOR:
        return table.mediator == feed.id
    return Mediator.association == feed.id


def _seat_event(feed: _Feed, row: Enrolment) -> FeedEvent:
    session = row.session
    given_back = row.status == EnrolmentStatus.CANCELLED
    event = _session_event(feed, session, _seat_uid(session.uid, row.mediator_id), row.mediator)
    return replace(
        event,
        sequence=session.sequence + row.sequence,
        created=row.asked_at,
        modified=_latest(row.asked_at, row.changed_at, session.changed_at),
        status=EventStatus.CANCELLED if given_back else EventStatus.CONFIRMED,
    )


def _sessions(feed: _Feed, since: dt.datetime) -> Iterator[FeedEvent]:
    """The sessions of a course, or those held at an office."""
    of_course = feed.kind is SubjectKind.COURSE
    whose = CourseSession.course if of_course else CourseSession.office
    rows = (
        CourseSession.select(CourseSession, Course, Office)
        .join(Course)
        .switch(CourseSession)
        .join(Office, JOIN.LEFT_OUTER)
        .where(whose == feed.id, CourseSession.ends_at > since)
    )
    for row in rows:
        event = _session_event(feed, row, _session_uid(row.uid), None)
        yield _with_seats(event, row) if of_course else event
    if feed.keep_cancelled:
        theirs = CalledOffTraining.course if of_course else CalledOffTraining.office
        for called_off in _called_off(since).where(
            theirs == feed.id, CalledOffTraining.mediator.is_null()
        ):
            uid = _session_uid(called_off.session_uid)
            yield _called_off_event(feed, called_off, uid, None)


def _with_seats(event: FeedEvent, row: CourseSession) -> FeedEvent:
    """How many come; who they are stays on the page."""
    seats = list(row.enrolments)
    taken = sum(one.status == EnrolmentStatus.ENROLLED for one in seats)
    changed = [_latest(one.asked_at, one.changed_at) for one in seats]
    return replace(
        event,
        modified=_latest(event.modified, *changed),
        description=_("%(taken)d of %(seats)d seats taken", taken=taken, seats=row.capacity),
    )


def _session_event(
    feed: _Feed, session: CourseSession, uid: str, person: Mediator | None
) -> FeedEvent:
    office = session.office
    changed = session.changed_at or _UNKNOWN
    return FeedEvent(
        uid=_uid(feed, uid),
        start=session.starts_at,
        end=session.ends_at,
        sequence=session.sequence,
        created=changed,
        modified=changed,
        summary=_training(feed, session.course, person),
        location=_one_line((office.address or office.name) if office else session.link),
        zone=office.zone if office else _home_zone(person),
        url=session.link,
    )


def _called_off(since: dt.datetime) -> Any:
    return (
        CalledOffTraining.select(CalledOffTraining, Course, Office, Mediator)
        .join(Course)
        .switch(CalledOffTraining)
        .join(Office, JOIN.LEFT_OUTER)
        .switch(CalledOffTraining)
        .join(Mediator, JOIN.LEFT_OUTER)
        .where(CalledOffTraining.ends_at > since)
    )


def _called_off_event(
    feed: _Feed, row: CalledOffTraining, uid: str, person: Mediator | None
) -> FeedEvent:
    office = row.office
    return FeedEvent(
        uid=_uid(feed, uid),
        start=row.starts_at,
        end=row.ends_at,
        sequence=row.sequence,
        created=row.created_at,
        modified=row.cancelled_at,
        summary=_training(feed, row.course, person),
        location=_one_line((office.address or office.name) if office else row.link),
        status=EventStatus.CANCELLED,
        zone=office.zone if office else _home_zone(person),
        url=row.link,
    )


def _training(feed: _Feed, course: Course, person: Mediator | None) -> str:
    told = _("Training · %(course)s", course=_title(course, feed.locale))
    if feed.kind is SubjectKind.ASSOCIATION and person is not None:
        return f"{person.called_name or person.name} · {told}"
    return told


def _home_zone(person: Mediator | None) -> str:
    return str(person.home_office.zone) if person else NETWORK_ZONE


def _seat_uid(session_uid: str, mediator_id: int) -> str:
    return f"training-{session_uid}-{mediator_id}@escala"


def _session_uid(session_uid: str) -> str:
    return f"session-{session_uid}@escala"


def _uid(feed: _Feed, uid: str) -> str:
    """One client may follow a person and their office: the same shift is two events there."""
    return uid if feed.kind is SubjectKind.MEDIATOR else f"{feed.kind}.{uid}"


def _latest(*instants: dt.datetime | None) -> dt.datetime:
    return max((one for one in instants if one is not None), default=_UNKNOWN)


def _title(course: Course, locale: str) -> str:
    return str(course.title_en if locale == "en" else course.title_pt)


def _one_line(text: str) -> str:
    return ", ".join(part.strip() for part in text.splitlines() if part.strip())

"""What a mediator has to do, as it is published: shifts, training, field routes. Read only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from app.models import Assignment, CourseSession, Mediator, Office, OfficeKind
from app.models.written import written
from app.services.errors import Forbidden, NotFound
from app.services.field_routes import RouteView, routes_of
from app.services.hours import minutes_besides
from app.services.phone_place import address_of, place_of
from app.services.phone_turns import Turn, standing_turns
from app.services.published import (
    breaks_of,
    live_assignments,
    sessions_given,
    standing_enrolments,
)
from app.services.rights import Actor
from app.services.session_parts import Part, parts_by_session


@dataclass(frozen=True, slots=True)
class ShiftView:
    """One published shift. Instants in UTC; `zone` is the office's."""

    uid: str
    date: dt.date
    office_id: int
    office_name: str
    address: str
    zone: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...]
    away: bool
    """Not at the mediator's home office, nor on the telephone: that needs no way."""
    served_at: str
    """On the telephone, where it is served, in words (`app.services.phone_place`)."""
    unsocial: bool
    telephone: tuple[Turn, ...] = ()
    """Hours in it in which they answer for a telephone service from there."""

    @property
    def work_minutes(self) -> int:
        """Paid work: from start to end without the breaks."""
        return minutes_besides((self.starts_at, self.ends_at), self.breaks, ())


@dataclass(frozen=True, slots=True)
class TrainingView:
    """One training session the mediator attends or gives. `zone` is where it is shown."""

    session_id: int
    title_pt: str
    title_en: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    place: str
    link: str
    gives: bool
    number: int = 1
    """Which of the session's dates it is."""
    date_uid: str = ""
    """Names it among the dates, whatever the others do; empty for the session's own."""

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Duties:
    """What ends after an instant, read once for all that a page tells of it."""

    mediator: Mediator
    rows: tuple[Assignment, ...]
    """Of the shifts, in their order."""
    shifts: tuple[ShiftView, ...]
    training: tuple[TrainingView, ...]
    routes: tuple[RouteView, ...]

    def between(self, since: dt.datetime, until: dt.datetime | None = None) -> Duties:
        """What of it ends after `since`, and begins before `until`."""

        def within(one: Assignment | ShiftView | TrainingView | RouteView) -> bool:
            return one.ends_at > since and (until is None or one.starts_at < until)

        return replace(
            self,
            rows=tuple(filter(within, self.rows)),
            shifts=tuple(filter(within, self.shifts)),
            training=tuple(filter(within, self.training)),
            routes=tuple(filter(within, self.routes)),
        )


def own_duties(actor: Actor, now: dt.datetime) -> Duties:
    """The actor's own, from the day before this week and this month on. Raises Forbidden when
    they are no mediator."""
    mediator = own_mediator(actor)
    zone = ZoneInfo(mediator.home_office.zone)
    today = now.astimezone(zone).date()
    first = min(today - dt.timedelta(days=today.weekday()), today.replace(day=1))
    # The day before: what is under way may have begun then.
    day_before = first - dt.timedelta(days=1)
    return duties_of(mediator, dt.datetime.combine(day_before, dt.time(), zone))


def duties_of(mediator: Mediator, since: dt.datetime) -> Duties:
    """All that ends after `since`, as far ahead as it is published."""
    rows = live_assignments(mediator.id, since)
    until = max((row.ends_at for row in rows), default=since)
    turns = standing_turns(since, until, [mediator.id])
    return Duties(
        mediator=mediator,
        rows=tuple(rows),
        shifts=tuple(_with_turns(shift_view(row, mediator), turns) for row in rows),
        training=training_of(mediator, since),
        routes=tuple(routes_of(mediator.id, since)),
    )


def _with_turns(shift: ShiftView, turns: Iterable[Turn]) -> ShiftView:
    mine = tuple(
        one for one in turns if shift.starts_at <= one.starts_at and one.ends_at <= shift.ends_at
    )
    return replace(shift, telephone=mine) if mine else shift


def own_mediator(actor: Actor) -> Mediator:
    """The mediator that the actor is. Raises Forbidden when they are none."""
    if not actor.is_mediator:
        raise Forbidden
    for mediator in _with_home(actor.mediator_id):
        return mediator
    raise NotFound


@written
def _with_home(mediator_id: Any) -> Any:
    return Mediator.select(Mediator, Office).join(Office).where(Mediator.id == mediator_id)


def shifts_of(
    mediator: Mediator, since: dt.datetime, until: dt.datetime | None = None
) -> tuple[ShiftView, ...]:
    """The mediator's published shifts that end after `since` and start before `until`."""
    return tuple(shift_view(row, mediator) for row in live_assignments(mediator.id, since, until))


def training_of(
    mediator: Mediator, since: dt.datetime, until: dt.datetime | None = None
) -> tuple[TrainingView, ...]:
    """Sessions the mediator attends or gives, part by part, that end after `since` and start
    before `until`."""
    had = [(row.session, False) for row in standing_enrolments(mediator.id, since, until)]
    given = [(row, True) for row in sessions_given(mediator.id, since, until)]
    parts = parts_by_session(session for session, _gives in (*had, *given))
    found = [
        _training_view(session, number, part, mediator, gives=gives)
        for session, gives in (*had, *given)
        for number, part in enumerate(parts[session.id], start=1)
        if part.ends_at > since and (until is None or part.starts_at < until)
    ]
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.session_id)))


def shift_view(row: Assignment, mediator: Mediator) -> ShiftView:
    home = mediator.home_office
    return ShiftView(
        uid=row.uid,
        date=row.date,
        office_id=row.office_id,
        office_name=row.office.name,
        address=address_of(
            row.office.kind,
            home.kind,
            from_home=mediator.phone_from_home,
            office=row.office.address,
            home=home.address,
        ),
        zone=row.office.zone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        breaks=breaks_of(row),
        away=row.office_id != mediator.home_office_id and row.office.kind != OfficeKind.TELEPHONE,
        served_at=place_of(mediator, row.office, home),
        unsocial=row.unsocial,
    )


def _training_view(
    session: CourseSession, number: int, part: Part, mediator: Mediator, *, gives: bool
) -> TrainingView:
    office = session.office
    return TrainingView(
        session_id=session.id,
        title_pt=session.course.title_pt,
        title_en=session.course.title_en,
        number=number,
        date_uid="" if part.uid == session.uid else part.uid,
        starts_at=part.starts_at,
        ends_at=part.ends_at,
        zone=office.zone if office else mediator.home_office.zone,
        place=office.name if office else "",
        link=session.link,
        gives=gives,
    )

"""What a coordinator has to see to in a week: the posting date, and what waits to be decided."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peewee import fn

from app.models import (
    Absence,
    Assignment,
    Association,
    Certification,
    LateChange,
    Mediator,
    Office,
    Protocol,
    RequestStatus,
    Requirement,
    Roster,
    RosterStatus,
    Swap,
    SwapStatus,
)
from app.models.written import written
from app.services import audit, withdrawals
from app.services.cover import skill_names
from app.services.cover_labels import in_words
from app.services.days_off import in_service
from app.services.horizon import Horizon, network_date
from app.services.rights import Actor, require_any_coordinator
from app.services.skills_at import skills_at
from app.services.weeks import POSTING_DAYS

PROTOCOL_WEEKS = 4
"""A protocol that ends this many weeks after the week or sooner is told."""


class TodoKind(StrEnum):
    REQUESTS = "requests"
    SWAPS = "swaps"
    BROKEN = "broken"
    AWAY = "away"
    LAPSES = "lapses"
    PROTOCOL = "protocol"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to see to; `object_id` and `office` say where it is mended."""

    kind: TodoKind
    name: str = ""
    detail: str = ""
    date: dt.date | None = None
    count: int = 0
    object_id: int | None = None
    roster_id: int | None = None
    office: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """How the week stands to the legal posting date (CT 217)."""

    post_by: dt.date
    published: bool
    days_ahead: int
    """Days between publication, or today, and the week's first day."""
    days_left: int
    """Until the posting date; below 0 once it has passed."""
    late_changes: int
    """Changes of this week published with less notice than the law asks for."""

    @property
    def late(self) -> bool:
        return self.days_ahead < POSTING_DAYS


def notice_of(group_id: int, week: dt.date, now: dt.datetime) -> Notice:
    """The first publication counts: what is changed later is in the register of late changes."""
    today = network_date(now)
    first = next((at for (at,) in _first_published(group_id, week)), None)
    posted = network_date(first) if first else today
    post_by = week - dt.timedelta(days=POSTING_DAYS)
    return Notice(
        post_by=post_by,
        published=first is not None,
        days_ahead=(week - posted).days,
        days_left=(post_by - today).days,
        late_changes=_late_changes(group_id, week)[0][0],
    )


@written
def _first_published(group_id: Any, week: Any) -> Any:
    query = Roster.select(Roster.published_at).where(
        Roster.group == group_id,
        Roster.week_starts_on == week,
        Roster.published_at.is_null(False),
    )
    return query.order_by(Roster.published_at).limit(1).tuples()


@written
def _late_changes(group_id: Any, week: Any) -> Any:
    query = LateChange.select(fn.COUNT(LateChange.id)).join(Roster)
    return query.where(Roster.group == group_id, Roster.week_starts_on == week).tuples()


def todo_at(actor: Actor, office_code: str, week: dt.date, now: dt.datetime) -> tuple[Todo, ...]:
    """What waits at one office."""
    return todo_of(actor, Office.select().where(Office.code == office_code), week, now)


def todo_of(
    actor: Actor, offices: Iterable[Office], week: dt.date, now: dt.datetime
) -> tuple[Todo, ...]:
    """What waits at these offices, which the actor coordinates, the most pressing first.

    Of whom they are told that they are away is written to the audit log, not why they are.
    """
    require_any_coordinator(actor)
    own = [one for one in offices if actor.office_ids is None or one.id in actor.office_ids]
    ids = [one.id for one in own]
    horizon = Horizon(week)
    people = _people(ids, week, horizon.dates[-1])
    away = tuple(_away(ids, week, now))
    audit.note_reading(actor, "absence", (one.object_id for one in away if one.object_id), now)
    return (
        *_broken(actor, own, week, now),
        *away,
        *_nobody(own, week),
        *_requests(ids, horizon),
        *_swaps(ids, horizon),
        *_lapses(people, week),
        *_protocols(people, week),
    )


@written
def _people(office_ids: Any, first: Any, last: Any) -> Any:
    told = (Mediator.id, Mediator.called_name, Mediator.name, Mediator.association)
    query = Mediator.select(*told)
    query = query.where(Mediator.home_office.in_(office_ids), in_service(first, last))
    return query.order_by(Mediator.name)


def _broken(
    actor: Actor, offices: Iterable[Office], week: dt.date, now: dt.datetime
) -> Iterable[Todo]:
    if not _withdrawn(week):
        return
    for office in offices:
        for one in withdrawals.broken_shifts(actor, office.code, week, now):
            yield Todo(
                TodoKind.BROKEN,
                name=one.mediator_name,
                date=one.date,
                object_id=one.mediator_id,
                office=office.code,
            )


@written
def _withdrawn(week: Any) -> Any:
    """One certification withdrawn of somebody at work in the week."""
    at_work = (
        Assignment.select(Assignment.mediator)
        .join(Roster)
        .where(Roster.week_starts_on == week, Roster.status == RosterStatus.PUBLISHED)
    )
    query = Certification.select(Certification.id).where(
        Certification.withdrawn_at.is_null(False), Certification.mediator.in_(at_work)
    )
    return query.limit(1).tuples()


def _away(ids: list[int], week: dt.date, now: dt.datetime) -> Iterable[Todo]:
    """Published shifts of people who are away then; why they are is not said."""
    for row in _shifts_of_the_away(ids, week, now):
        yield Todo(
            TodoKind.AWAY,
            name=row.mediator.called_name or row.mediator.name,
            date=row.date,
            object_id=row.mediator_id,
            roster_id=row.roster_id,
        )


@written
def _shifts_of_the_away(office_ids: Any, week: Any, now: Any) -> Any:
    told = (Mediator.id, Mediator.called_name, Mediator.name)
    absent = (
        (Absence.mediator == Assignment.mediator)
        & (Absence.status == RequestStatus.APPROVED)
        & (Absence.starts_at < Assignment.ends_at)
        & (Absence.ends_at > Assignment.starts_at)
    )
    query = (
        Assignment.select(Assignment.id, Assignment.roster, Assignment.date, *told)
        .join(Roster)
        .switch(Assignment)
        .join(Mediator)
        .switch(Assignment)
        .join(Absence, on=absent)
    )
    return (
        query.where(
            Roster.week_starts_on == week,
            Roster.status == RosterStatus.PUBLISHED,
            Assignment.office.in_(office_ids),
            Assignment.ends_at > now,
        )
        .order_by(Assignment.date, Mediator.name, Assignment.id)
        .distinct()
    )


def _requests(ids: list[int], horizon: Horizon) -> Iterable[Todo]:
    waiting = _requests_asked(ids, horizon.starts_at, horizon.ends_at)[0][0]
    if waiting:
        yield Todo(TodoKind.REQUESTS, count=waiting)


@written
def _requests_asked(office_ids: Any, since: Any, until: Any) -> Any:
    query = Absence.select(fn.COUNT(Absence.id)).join(Mediator)
    return query.where(
        Mediator.home_office.in_(office_ids),
        Absence.status == RequestStatus.ASKED,
        Absence.starts_at < until,
        Absence.ends_at > since,
    ).tuples()


def _swaps(ids: list[int], horizon: Horizon) -> Iterable[Todo]:
    waiting = _swaps_accepted(ids, horizon.dates[0], horizon.dates[-1])[0][0]
    if waiting:
        yield Todo(TodoKind.SWAPS, count=waiting)


@written
def _swaps_accepted(office_ids: Any, first: Any, last: Any) -> Any:
    given = Assignment.alias()
    query = Swap.select(fn.COUNT(Swap.id)).join(given, on=Swap.given == given.id)
    return query.where(
        Swap.status == SwapStatus.ACCEPTED,
        given.office.in_(office_ids),
        given.date >= first,
        given.date <= last,
    ).tuples()


def _lapses(people: Iterable[Mediator], week: dt.date) -> Iterable[Todo]:
    """Certifications whose last day is in the week, with none of the kind that goes on."""
    by_id = {one.id: one for one in people}
    rows = _certifications(list(by_id))
    names = skill_names() if rows else {}
    sunday = week + dt.timedelta(days=6)
    for row in sorted(rows, key=lambda one: (one.valid_until or dt.date.max, one.id)):
        if row.valid_until is None or not week <= row.valid_until <= sunday:
            continue
        renewed = any(
            one.mediator_id == row.mediator_id
            and one.kind_id == row.kind_id
            and one.valid_from <= row.valid_until + dt.timedelta(days=1)
            and (one.valid_until is None or one.valid_until > row.valid_until)
            for one in rows
        )
        if not renewed:
            person = by_id[row.mediator_id]
            yield Todo(
                TodoKind.LAPSES,
                name=person.called_name or person.name,
                detail=names.get(f"cert:{row.kind_id}", str(row.kind_id)),
                date=row.valid_until,
                object_id=person.id,
            )


@written
def _certifications(mediator_ids: Any) -> Any:
    return Certification.select().where(
        Certification.mediator.in_(mediator_ids), Certification.withdrawn_at.is_null()
    )


def _protocols(people: Iterable[Mediator], week: dt.date) -> Iterable[Todo]:
    """Protocols of these people's associations that end soon and have no successor."""
    rows = _protocols_of({one.association_id for one in people})
    last = week + dt.timedelta(days=6, weeks=PROTOCOL_WEEKS)
    for row in rows:
        follows = any(
            one.association_id == row.association_id and one.ends_on > row.ends_on for one in rows
        )
        if week <= row.ends_on <= last and not follows:
            yield Todo(
                TodoKind.PROTOCOL,
                name=row.association.name,
                date=row.ends_on,
                object_id=row.association_id,
            )


@written
def _protocols_of(association_ids: Any) -> Any:
    query = Protocol.select(Protocol, Association).join(Association)
    return query.where(Protocol.association.in_(association_ids)).order_by(Protocol.ends_on)


def _nobody(offices: Iterable[Office], week: dt.date) -> Iterable[Todo]:
    """What is asked for in the week and held by nobody who may work there."""
    offices = list(offices)
    names = skill_names()
    asked: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
    for office_id, needs in _asked([one.id for one in offices], week):
        asked[office_id].add(tuple(sorted(json.loads(needs))))
    held = skills_at(offices, week)
    for office in offices:
        for needs in sorted(asked[office.id]):
            if not any(set(needs) <= skills for skills in held[office.id]):
                yield Todo(
                    TodoKind.NOBODY,
                    name=office.name,
                    detail=in_words(needs, names),
                    office=office.code,
                )


@written
def _asked(office_ids: Any, week: Any) -> Any:
    """(office, needs as text) of what is asked for in the week, each once."""
    query = Requirement.select(Requirement.office, Requirement.needs.cast("TEXT")).distinct()
    return query.where(
        Requirement.office.in_(office_ids),
        Requirement.week_starts_on == week,
        Requirement.count > 0,
    ).tuples()

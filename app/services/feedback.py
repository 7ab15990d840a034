"""What visitors said: complaints, praises and satisfaction, counted by choices only.

No words of a visitor's are kept and no name: the paper stays at the office, the count comes here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.i18n import _, _l
from app.models import Arrival, Feedback, FeedbackKind, Language, Office, database
from app.services import audit
from app.services.checks import Faults
from app.services.errors import NotFound
from app.services.horizon import network_date
from app.services.months import month_key
from app.services.needs import NEEDS
from app.services.office_choice import offices_of
from app.services.rights import Actor, require_any_coordinator, require_coordinator

COUNT_MOST = 10_000
SHOWN = 20
FIRST_YEAR = 2000
TOPICS = {
    "wait": _l("The wait"),
    "manner": _l("How one was received"),
    "language": _l("Language"),
    "information": _l("Information given"),
    "place": _l("The place"),
    "other": _l("Something else"),
}
LEVELS = {4: _l("high"), 3: _l("fair"), 2: _l("little"), 1: _l("none")}
"""How much the service has helped, as the surveys of the service ask."""
HELPED = (4, 3)
"""Levels that count as satisfied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackFacts:
    office_id: int
    received_on: dt.date | None
    kind: str
    need: str
    language: str = ""
    topic: str = ""
    level: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class FeedbackView:
    id: int
    office_name: str
    received_on: dt.date
    kind: FeedbackKind
    need: str
    language: str
    topic: str
    level: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Said:
    """A month's or a year's counts, beside the visitors of the same time."""

    first: dt.date
    complaints: int
    praises: int
    satisfied: int
    answers: int
    visitors: int | None
    """None where nobody was counted in all that time, which does not say that nobody came."""

    @property
    def satisfied_share(self) -> float | None:
        return self.satisfied / self.answers if self.answers else None


def log(actor: Actor, facts: FeedbackFacts, now: dt.datetime) -> int:
    """Count what visitors of an office said; the entry's id. Raises Invalid, Forbidden."""
    require_any_coordinator(actor)
    office = Office.get_or_none(Office.id == facts.office_id)
    faults = Faults()
    if office is None:
        faults.add("office_id", facts.office_id, _("an office"))
    else:
        require_coordinator(actor, office.id)
    today = network_date(now)
    day = facts.received_on
    if day is None or not dt.date(FIRST_YEAR, 1, 1) <= day <= today:
        faults.add("received_on", facts.received_on, _("a day that has come"))
    faults.one_of("need", facts.need, NEEDS)
    if facts.language:
        known = {one.code for one in Language.select(Language.code)}
        faults.one_of("language", facts.language, known)
    faults.whole("count", facts.count, 1, COUNT_MOST)
    if faults.one_of("kind", facts.kind, tuple(FeedbackKind)):
        if facts.kind == FeedbackKind.SATISFACTION and facts.level not in LEVELS:
            faults.add("level", facts.level, _("how much it helped"))
        if facts.kind != FeedbackKind.SATISFACTION and facts.topic not in TOPICS:
            faults.add("topic", facts.topic, _("what it is about"))
    faults.raise_any()
    surveyed = facts.kind == FeedbackKind.SATISFACTION
    with database.atomic():
        row = Feedback.create(
            office=facts.office_id,
            received_on=facts.received_on,
            kind=FeedbackKind(facts.kind),
            need=facts.need,
            language=facts.language or None,
            topic="" if surveyed else facts.topic,
            level=facts.level if surveyed else None,
            count=facts.count,
            recorded_by=actor.user_id,
            recorded_at=now,
        )
        audit.record(actor, "feedback.log", "feedback", row.id, now, kind=facts.kind)
    return int(row.id)


def remove(actor: Actor, feedback_id: int, now: dt.datetime) -> None:
    """Take an entry back. Raises NotFound, Forbidden."""
    require_any_coordinator(actor)
    row = Feedback.get_or_none(Feedback.id == feedback_id)
    if row is None:
        raise NotFound
    require_coordinator(actor, row.office_id)
    with database.atomic():
        row.delete_instance()
        audit.record(actor, "feedback.remove", "feedback", feedback_id, now)


def newest(actor: Actor) -> tuple[FeedbackView, ...]:
    """The last entries of the actor's offices."""
    rows = (
        Feedback.select(Feedback, Office)
        .join(Office)
        .where(Feedback.office.in_([one.id for one in offices_of(actor)]))
        .order_by(Feedback.received_on.desc(), Feedback.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        FeedbackView(
            row.id,
            row.office.name,
            row.received_on,
            row.kind,
            row.need,
            row.language_id or "",
            row.topic,
            row.level,
            row.count,
        )
        for row in rows
    )


def said_by_month(actor: Actor, year: int) -> tuple[Said, ...]:
    """The twelve months of a year, of the actor's offices."""
    return _said(actor, [dt.date(year, month, 1) for month in range(1, 13)], "%Y-%m")


def said_by_year(actor: Actor, last: int, years: int = 5) -> tuple[Said, ...]:
    """The years up to `last`, as the service reports them."""
    return _said(actor, [dt.date(year, 1, 1) for year in range(last - years + 1, last + 1)], "%Y")


def counted_by(actor: Actor, periods: list[str]) -> list[tuple[int, int]]:
    """Complaints and praises of each period, `2026` or `2026-03`, of the actor's offices."""
    ids = [one.id for one in offices_of(actor)]
    counts: Counter[tuple[str, str]] = Counter()
    for row in Feedback.select().where(Feedback.office.in_(ids)):
        for form in ("%Y", "%Y-%m"):
            counts[row.received_on.strftime(form), str(row.kind)] += row.count
    return [
        (counts[one, FeedbackKind.COMPLAINT], counts[one, FeedbackKind.PRAISE]) for one in periods
    ]


def _said(actor: Actor, firsts: list[dt.date], form: str) -> tuple[Said, ...]:
    ids = [one.id for one in offices_of(actor)]
    since, until = firsts[0], dt.date(firsts[-1].year + 1, 1, 1)
    counts: Counter[tuple[str, str]] = Counter()
    for row in Feedback.select().where(
        Feedback.office.in_(ids), Feedback.received_on >= since, Feedback.received_on < until
    ):
        key = row.received_on.strftime(form)
        counts[key, str(row.kind)] += row.count
        if row.level in HELPED:
            counts[key, "satisfied"] += row.count
    visitors = _visitors(ids, since, until, form)
    return tuple(
        Said(
            first=first,
            complaints=counts[key, FeedbackKind.COMPLAINT],
            praises=counts[key, FeedbackKind.PRAISE],
            satisfied=counts[key, "satisfied"],
            answers=counts[key, FeedbackKind.SATISFACTION],
            visitors=visitors.get(key),
        )
        for first in firsts
        for key in [first.strftime(form)]
    )


def _visitors(ids: list[int], since: dt.date, until: dt.date, form: str) -> Counter[str]:
    """Visitors by month or year, of the network's calendar to the half hour's start in UTC."""
    midnight = dt.time()
    rows: Any = (
        Arrival.select(month_key(Arrival.starts_at), fn.SUM(Arrival.count))
        .where(
            Arrival.office.in_(ids),
            Arrival.starts_at >= dt.datetime.combine(since, midnight, dt.UTC),
            Arrival.starts_at < dt.datetime.combine(until, midnight, dt.UTC),
        )
        .group_by(month_key(Arrival.starts_at))
        .tuples()
    )
    found: Counter[str] = Counter()
    for month, count in rows:
        found[dt.date.fromisoformat(f"{month}-01").strftime(form)] += int(count)
    return found

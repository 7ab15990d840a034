"""Who is at work anywhere in the network at an instant, by the published rosters. Read only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.models import (
    Absence,
    Assignment,
    Mediator,
    MediatorLanguage,
    Office,
    OfficeKind,
    RequestStatus,
)
from app.models.written import written
from app.services.field_busy import field_spans
from app.services.field_riders import Rider, aboard
from app.services.phone_turns import Turn, standing_turns
from app.services.published import AROUND, BREAKS, breaks_of, rosters_of_weeks
from app.services.roster_rows import shift_rows
from app.services.training_busy import training_spans


@dataclass(frozen=True, slots=True)
class Present:
    """One published shift, or a mobile unit's route, that has not ended, as it stands at an
    instant."""

    mediator_id: int
    code: str
    name: str
    languages: frozenset[str]
    office_id: int
    office_name: str
    office_kind: OfficeKind
    zone: str
    roster_id: int | None
    """None for who is there by a route alone."""
    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    away_until: dt.datetime | None
    """End of the break or training that the instant falls in; None while they receive."""
    pauses: tuple[tuple[dt.datetime, dt.datetime], ...] = ()
    """Breaks, training and absences that touch the shift, by start."""
    spare: bool = False
    """Their office, which is no telephone service, would not miss them now (`app.services.quiet`).
    """
    place: str = ""
    """The stop of a mobile unit's route at which they are, or go to; the centre from which they
    answer the telephone."""

    def serves(self, now: dt.datetime) -> bool:
        return self.starts_at <= now < self.ends_at and self.away_until is None

    def stretches(self) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """The shift without its pauses, by start."""
        begin = self.starts_at
        for start, end in self.pauses:
            if start > begin:
                yield begin, min(start, self.ends_at)
            begin = max(begin, end)
        if begin < self.ends_at:
            yield begin, self.ends_at


def presence(now: dt.datetime, until: dt.datetime) -> tuple[Present, ...]:
    """Shifts that end after `now` and begin before `until`, by start and name; who goes along on
    a mobile unit's route is at the unit, wherever else a shift of theirs is.

    Who has an approved absence at the time asked (now, or the start of a later shift) is left out:
    a colleague who called in sick is not on the screen, whatever is published.
    """
    day = dt.timedelta(days=1)
    rows = _shifts(now, until, (now - day).date() - AROUND, (until + day).date())
    people = {row.mediator_id for row in rows}
    spoken = _languages(people)
    trained = _spans(_training(people, now, until))
    answering: defaultdict[tuple[int, int], list[Turn]] = defaultdict(list)
    for turn in standing_turns(now, until, people):
        answering[turn.mediator_id, turn.roster_id].append(turn)
    riding = aboard(now, until)
    absent = _spans(_absences(people | {one.mediator_id for one in riding}, now, until))
    found = []
    for row in rows:
        at = max(now, row.starts_at)
        away = absent.get(row.mediator_id, [])
        if away and _end(away, at) is not None:
            continue
        if riding and any((one.mediator_id, one.office_id) == (row.mediator_id, row.office_id)
               and one.leaves_at <= at and row.starts_at < one.ends_at
               for one in riding):  # fmt: skip
            # From when it leaves the route is the unit's place: they are there once.
            continue
        pauses = [*breaks_of(row), *trained.get(row.mediator_id, ())]
        answers = answering[row.mediator_id, row.roster_id]
        there = Present(
            mediator_id=row.mediator_id,
            code=row.code,
            name=row.called_name or row.name,
            languages=spoken.get(row.mediator_id, frozenset()),
            office_id=row.office_id,
            office_name=row.office_name,
            office_kind=row.office_kind,
            zone=row.zone,
            roster_id=row.roster_id,
            date=row.date,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            away_until=_end(pauses, now),
            pauses=tuple(sorted([*pauses, *away])),
        )
        found += _with_turns(there, answers, now)
    for one in riding:
        away = absent[one.mediator_id]
        if _end(away, max(now, one.starts_at)) is None:
            found.append(_along(one, away, now))
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.name)))


def _with_turns(there: Present, turns: Iterable[Turn], now: dt.datetime) -> list[Present]:
    """Somebody at their centre, and at each telephone service that they answer for from there: in
    those hours they are away from the one and at the other."""
    mine = [
        one for one in turns if there.starts_at <= one.starts_at and one.ends_at <= there.ends_at
    ]
    if not mine:
        return [there]
    spans = [one.times for one in mine]
    away = max(filter(None, (there.away_until, _end(spans, now))), default=None)
    pauses = tuple(sorted([*there.pauses, *spans]))
    found = [replace(there, away_until=away, pauses=pauses)]
    for one in mine:
        answering = replace(
            there,
            office_id=one.office_id,
            office_name=one.office,
            office_kind=OfficeKind.TELEPHONE,
            zone=one.zone,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            place=one.centre,
        )
        if one.ends_at > now:
            found.append(answering)
    return found


@written
def _shifts(since: Any, until: Any, first: Any, last: Any) -> Any:
    query = shift_rows().select(*_COLUMNS)
    query = query.where(
        Assignment.roster.in_(rosters_of_weeks(first, last)),
        Assignment.ends_at > since,
        Assignment.starts_at < until,
    )
    query = query.order_by(Assignment.starts_at, Mediator.called_name, Mediator.name)
    return query.namedtuples()


def _along(one: Rider, absent: list[Span], now: dt.datetime) -> Present:
    pauses = one.driving
    return Present(
        mediator_id=one.mediator_id,
        code=one.code,
        name=one.name,
        languages=one.languages,
        office_id=one.office_id,
        office_name=one.office_name,
        office_kind=OfficeKind.MOBILE_UNIT,
        zone=one.zone,
        roster_id=None,
        date=one.date,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        away_until=_end(pauses, now),
        pauses=tuple(sorted([*pauses, *absent])),
        place=one.place,
    )


Span = tuple[dt.datetime, dt.datetime]
_COLUMNS = (
    Assignment.mediator.alias("mediator_id"),
    Assignment.office.alias("office_id"),
    Assignment.roster.alias("roster_id"),
    *(Assignment.date, Assignment.starts_at, Assignment.ends_at, BREAKS),
    *(Mediator.code, Mediator.called_name, Mediator.name),
    *(Office.name.alias("office_name"), Office.kind.alias("office_kind"), Office.zone),
)
"""No more than is told of each: a day of the network is hundreds of shifts."""


def _end(spans: Iterable[Span], at: dt.datetime) -> dt.datetime | None:
    """The latest end of the spans that hold `at`."""
    return max((end for start, end in spans if start <= at < end), default=None)


def _spans(rows: Iterable[tuple[int, dt.datetime, dt.datetime]]) -> defaultdict[int, list[Span]]:
    found: defaultdict[int, list[Span]] = defaultdict(list)
    for mediator_id, start, end in rows:
        found[mediator_id].append((start, end))
    return found


def _languages(people: Iterable[int]) -> dict[int, frozenset[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for mediator_id, code in _spoken(list(people)):
        found[mediator_id].append(code)
    return {mediator_id: frozenset(codes) for mediator_id, codes in found.items()}


@written
def _spoken(mediator_ids: Any) -> Any:
    query = MediatorLanguage.select(MediatorLanguage.mediator, MediatorLanguage.language)
    return query.where(MediatorLanguage.mediator.in_(mediator_ids)).tuples()


def _training(
    people: Iterable[int], now: dt.datetime, until: dt.datetime
) -> list[tuple[int, dt.datetime, dt.datetime]]:
    """At training, or giving it, or out with a field route."""
    trained = training_spans(now, until, people)
    spans = [(one.mediator_id, one.starts_at, one.ends_at) for one in trained]
    return spans + field_spans(now, until, people)


def _absences(
    people: Iterable[int], now: dt.datetime, until: dt.datetime
) -> list[tuple[int, dt.datetime, dt.datetime]]:
    return _absent(list(people), now, until)


@written
def _absent(mediator_ids: Any, since: Any, until: Any) -> Any:
    query = Absence.select(Absence.mediator, Absence.starts_at, Absence.ends_at).where(
        Absence.mediator.in_(mediator_ids),
        Absence.status == RequestStatus.APPROVED,
        Absence.ends_at > since,
        Absence.starts_at < until,
    )
    return query.tuples()

"""The board of an office's week: people by days, their shifts drawn to scale."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.i18n import _
from app.models import Assignment, Mediator, Office
from app.models.written import written
from app.services.cover_labels import languages_in
from app.services.days_off import DaysOff
from app.services.field_busy import field_spans
from app.services.horizon import Horizon
from app.services.judging import Judged
from app.services.lent_across import standing
from app.services.names import sorting_key
from app.services.pages import page_of
from app.services.phone_place import place_of
from app.services.phone_turns import Turn, standing_turns
from app.services.published import breaks_of
from app.services.rights import Actor
from app.services.timeline import Window
from app.services.worked import worked_minutes


@dataclass(frozen=True, slots=True)
class Bar:
    """A shift drawn to scale: from `x`, `w` wide, in slots of the window; `gaps` are breaks."""

    x: int
    w: int
    gaps: tuple[tuple[int, int], ...]
    starts_at: dt.datetime
    ends_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...]
    elsewhere: str
    """The other office's name; empty at the office of the page."""
    elsewhere_tag: str
    """The same, short enough for a day's cell."""
    served_at: str
    """On the telephone, where it is served, in words."""
    locked: bool
    unsocial: bool
    zone: str
    """Of the office worked at, by whose clock the hours are told; the drawing keeps the page's."""


@dataclass(frozen=True, slots=True)
class Training:
    """Time on duty and not receiving here: training, a field route, a loan to another group, the
    telephone answered from here."""

    x: int
    w: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    what: str
    """Which of these, in words."""


@dataclass(frozen=True, slots=True)
class PersonDay:
    bars: tuple[Bar, ...]
    training: tuple[Training, ...]
    off: str
    """Why the person is off, as far as the reader may know; empty when nothing keeps them."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    mediator_id: int
    code: str
    name: str
    fictional: bool
    languages: tuple[str, ...]
    home: str
    """The home office's name when it is another; empty at home."""
    days: tuple[PersonDay, ...]
    minutes: int
    """Work in the week at every office, training included."""
    owed_minutes: int
    """Work owed in the week: the contract's, less holidays and leave once a roster knows them."""


@dataclass(frozen=True, slots=True)
class People:
    """The rows of a board that are shown, of how many."""

    home: tuple[PersonRow, ...]
    visiting: tuple[PersonRow, ...]
    everyone: int
    """On the whole board."""
    found: int
    """Of them, whom the search names; everyone without one."""
    page: int
    pages: int


@written
def _offices() -> Any:
    return Office.select(Office.id, Office.code, Office.name, Office.kind, Office.zone)


class Board:
    """The people of an office and its visitors, with their shifts of the week."""

    def __init__(
        self, actor: Actor, office: Office, horizon: Horizon, judged: Judged | None
    ) -> None:
        self.office = office
        self.horizon = horizon
        self.judged = judged
        self.office_names = {one.id: one for one in _offices()}
        here = {who for (who,) in _at_work(judged.roster_id, office.id)} if judged else set()
        self.mediators = [
            one
            for one in sorted(_people(office.id, sorted(here)), key=_name_order)
            if one.id in here or self._works(one)
        ]
        wanted = {one.id for one in self.mediators}
        self.assignments: defaultdict[tuple[int, dt.date], list[Assignment]] = defaultdict(list)
        for row in _shifts(judged.roster_id, sorted(wanted)) if judged else ():
            self.assignments[row.mediator_id, row.date].append(row)
        self.days_off = DaysOff(actor, self.mediators, horizon)

    def _works(self, mediator: Mediator) -> bool:
        last = self.horizon.date(self.horizon.day_count - 1)
        return bool(
            mediator.active
            and mediator.starts_on <= last
            and (mediator.ends_on is None or mediator.ends_on >= self.horizon.starts_on)
        )

    def spans(self) -> Iterable[tuple[dt.datetime, dt.datetime]]:
        for rows in self.assignments.values():
            for row in rows:
                yield row.starts_at, row.ends_at

    def rows(self, window: Window, find: str = "", page: int = 1) -> People:
        """Who is at home here and who visits; of a large board one page, or whom `find` names.

        `find` is part of a name or the code of a language.
        """
        found = [one for one in self._in_order() if self._is_found(one, find.strip())]
        chosen, page, pages = page_of(found, page)
        shown = [self._row(one, window) for one in chosen]
        return People(
            home=tuple(one for one in shown if not one.home),
            visiting=tuple(one for one in shown if one.home),
            everyone=len(self.mediators),
            found=len(found),
            page=page,
            pages=pages,
        )

    def _in_order(self) -> list[Mediator]:
        """At home first."""
        return sorted(self.mediators, key=lambda one: one.home_office_id != self.office.id)

    def _is_found(self, mediator: Mediator, find: str) -> bool:
        wanted = sorting_key(find)
        known = self.judged.problem.mediator_by_id.get(mediator.code) if self.judged else None
        return wanted in sorting_key(f"{mediator.called_name} {mediator.name}") or (
            known is not None and f"lang:{find.lower()}" in known.skills
        )

    def _row(self, mediator: Mediator, window: Window) -> PersonRow:
        at_home = mediator.home_office_id == self.office.id
        known = self.judged.problem.mediator_by_id.get(mediator.code) if self.judged else None
        busy = known.busy if known else ()
        slot_minutes = self.horizon.slot_minutes
        taken = [(self.horizon.instant(one.start), self.horizon.instant(one.end)) for one in busy]
        worked = sum(
            worked_minutes(row, taken)
            for date in self.horizon.dates
            for row in self.assignments[mediator.id, date]
        )
        return PersonRow(
            mediator_id=mediator.id,
            code=mediator.code,
            name=mediator.called_name or mediator.name,
            fictional=mediator.fictional,
            languages=languages_in(known.skills if known else ()),
            home="" if at_home else self.office_names[mediator.home_office_id].name,
            days=tuple(
                self._day(mediator, index, date, window, busy)
                for index, date in enumerate(self.horizon.dates)
            ),
            minutes=worked + sum(span.end - span.start for span in busy) * slot_minutes,
            owed_minutes=(
                known.weeks[0].min_slots * slot_minutes if known else mediator.week_minutes
            ),
        )

    def _day(
        self,
        mediator: Mediator,
        index: int,
        date: dt.date,
        window: Window,
        busy: Sequence[tuple[int, int]],
    ) -> PersonDay:
        day = self.horizon.days[index]
        training = []
        for start, end in busy:
            if day.start <= start < day.end:
                starts_at, ends_at = self.horizon.instant(start), self.horizon.instant(end)
                what = self._busy_with(mediator.id, starts_at, ends_at)
                place = window.place(starts_at, ends_at)
                training.append(Training(*place, starts_at, ends_at, what))
        training += [
            Training(*window.place(*one.times), *one.times, _("telephone"))
            for one in self._turns
            if (one.mediator_id, one.date) == (mediator.id, date)
        ]
        return PersonDay(
            bars=tuple(
                self._bar(mediator, row, window) for row in self.assignments[mediator.id, date]
            ),
            training=tuple(training),
            off=self.days_off.why(mediator.id, index),
        )

    def _busy_with(self, mediator_id: int, starts_at: dt.datetime, ends_at: dt.datetime) -> str:
        """What takes somebody's time then, as it is known today."""
        for whose, start, end, words in self._outings:
            if whose == mediator_id and start < ends_at and starts_at < end:
                return words
        return _("training")

    @cached_property
    def _outings(self) -> list[tuple[int, dt.datetime, dt.datetime, str]]:
        """Routes and loans of the week: whose, from, until, in words."""
        ids = [one.id for one in self.mediators]
        since, until = self.horizon.starts_at, self.horizon.ends_at
        found = [(*span, _("field route")) for span in field_spans(since, until, ids)]
        found += [
            (one.mediator_id, one.starts_at, one.ends_at, self.office_names[one.office_id].name)
            for one in standing(self.horizon)
            if one.office_id in self.office_names and one.group_id != self.office.group_id
        ]
        return found

    @cached_property
    def _turns(self) -> tuple[Turn, ...]:
        """Hours of the week in which somebody answers the telephone from where they are."""
        ids = [one.id for one in self.mediators]
        return standing_turns(self.horizon.starts_at, self.horizon.ends_at, ids)

    def _bar(self, mediator: Mediator, row: Assignment, window: Window) -> Bar:
        breaks = breaks_of(row)
        office = self.office_names[row.office_id]
        elsewhere = None if row.office_id == self.office.id else office
        x, w = window.place(row.starts_at, row.ends_at)
        return Bar(
            x=x,
            w=w,
            gaps=tuple(window.place(*pause) for pause in breaks),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            breaks=breaks,
            elsewhere=elsewhere.name if elsewhere else "",
            elsewhere_tag=_tag(elsewhere.name) if elsewhere else "",
            served_at=place_of(mediator, office, self.office_names[mediator.home_office_id]),
            locked=row.locked,
            unsocial=row.unsocial,
            zone=self.office_names[row.office_id].zone,
        )


@written
def _at_work(roster_id: Any, office_id: Any) -> Any:
    """Who has a shift of the roster at that office."""
    query = Assignment.select(Assignment.mediator).distinct()
    return query.where(Assignment.roster == roster_id, Assignment.office == office_id).tuples()


@written
def _people(office_id: Any, mediator_ids: Any) -> Any:
    """Who is at home at that office, and these besides."""
    at_home = Mediator.home_office == office_id
    return Mediator.select().where(at_home | Mediator.id.in_(mediator_ids))


@written
def _shifts(roster_id: Any, mediator_ids: Any) -> Any:
    """Shifts of these people as named tuples, with no more of them than a board shows."""
    ids = Assignment.mediator.alias("mediator_id"), Assignment.office.alias("office_id")
    times = Assignment.date, Assignment.starts_at, Assignment.ends_at, Assignment.breaks
    query = Assignment.select(*ids, *times, Assignment.unsocial, Assignment.locked)
    query = query.where(Assignment.roster == roster_id, Assignment.mediator.in_(mediator_ids))
    return query.namedtuples()


def _tag(office_name: str) -> str:
    """The name without the acronym of its kind: Setúbal for CLAIM Setúbal."""
    first, _space, rest = office_name.partition(" ")
    return rest if rest and first.isupper() else office_name


def _name_order(mediator: Mediator) -> str:
    return sorting_key(mediator.called_name or mediator.name)

"""A mediator's day in a roster, opened: what it holds, what it could hold, who could take it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.models import Mediator, RosterStatus
from app.services import audit
from app.services.cover_labels import languages_in
from app.services.effects import Effect, Effects
from app.services.errors import Forbidden, NotFound
from app.services.judging import Fault, faults_of
from app.services.known_away import known_away
from app.services.open_drafts import (
    CellEdit,
    OpenDraft,
    coordinates_day,
    find_roster,
    open_draft,
    opens_day,
    require_cells,
)
from app.services.rights import Actor
from app.services.shift_views import ShiftView, ShiftViews
from solver import Change
from solver import problem as sp

IN_WORDS = 8
"""Choices shown with all that they do to cover."""
TAKERS_IN_WORDS = 12
"""People shown with all that their taking over would do to cover; the dearer ones by cost alone."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A shift that the day could hold, and what giving it would do."""

    view: ShiftView
    effect: Effect


@dataclass(frozen=True, slots=True)
class OtherDay:
    """The same hours on another, free day of the week."""

    date: dt.date
    view: ShiftView
    effect: Effect


@dataclass(frozen=True, slots=True)
class Taker:
    """Someone who could take the shift over."""

    mediator_id: int
    name: str
    languages: tuple[str, ...]
    leaves: ShiftView | None
    """Their own shift of that day, which the other then works instead."""
    worked_minutes: int
    owed_minutes: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class CellView:
    roster_id: int
    version: int
    status: RosterStatus
    revision: int
    week: dt.date
    mediator_id: int
    name: str
    languages: tuple[str, ...]
    date: dt.date
    zone: str
    """Of the home office."""
    home: str
    """The code of the home office."""
    offices: tuple[tuple[str, str], ...]
    """Code and name of each where the person may work."""
    zones: frozenset[str]
    """Of those offices."""
    at: str
    """The code of the office of the shift, else of the home one."""
    shift: ShiftView | None
    locked: bool
    faults: tuple[Fault, ...]
    """Rules of theirs that are broken as it stands."""
    worked_minutes: int
    owed_minutes: int
    allowed: tuple[Choice, ...]
    """The cheapest first."""
    refused: tuple[Choice, ...]
    other_days: tuple[OtherDay, ...]
    away: Effect | None
    """Of taking the shift away."""
    may_plan: bool
    """Whether the actor may make drafts: the network's coordinators."""
    may_call_sick: bool
    """Whether they may see to a sick call: also who coordinates where the shift is."""
    known_away: bool
    """Told to who may call: whether an absence covers what is left of the day's shift."""

    @property
    def editable(self) -> bool:
        return self.status == RosterStatus.DRAFT


def cell_view(
    actor: Actor,
    roster_id: int,
    mediator_id: int,
    date: dt.date,
    now: dt.datetime,
    *,
    with_choices: bool = True,
) -> CellView:
    """A mediator's day; its choices are judged only where the roster is a draft.

    Raises NotFound for somebody or a date that the roster does not know, Forbidden where the actor
    coordinates neither the home office nor, in what is no draft, the one of the day's shift.
    """
    draft, mediator, person = _opened(actor, roster_id, mediator_id, date)
    day = draft.day(date)
    held = _shift_on(draft, person, day)
    row = draft.row(mediator_id, date)
    views = ShiftViews(draft)
    effects = Effects(draft)
    may_change = draft.roster.status == RosterStatus.DRAFT and not (row and row.locked)
    editable = may_change and with_choices
    choices = list(_choices(actor, draft, mediator, person, day, effects)) if editable else []
    days = list(_other_days(draft, person, held, effects)) if editable and held else []
    worked, owed = _hours(draft, person)
    may_call_sick = (
        row is not None
        and draft.roster.status == RosterStatus.PUBLISHED
        and coordinates_day(actor, draft, mediator, date)
    )
    away = may_call_sick and known_away(draft, mediator, date, now)
    if away:
        audit.note_reading(actor, "absence", [mediator_id], now)
    return CellView(
        roster_id=roster_id,
        version=draft.roster.version,
        status=draft.roster.status,
        revision=draft.roster.revision,
        week=draft.roster.week_starts_on,
        mediator_id=mediator_id,
        name=mediator.called_name or mediator.name,
        languages=languages_in(person.skills),
        date=date,
        zone=mediator.home_office.zone,
        home=mediator.home_office.code,
        offices=tuple((code, views.office_name(code)) for code in person.offices),
        zones=frozenset(views.zone(code) for code in person.offices),
        at=held.office if held else mediator.home_office.code,
        shift=views.of(held) if held else None,
        locked=bool(row and row.locked),
        faults=faults_of(
            one
            for one in draft.judged.violations
            if one.details.get("mediator") == person.id and one.details.get("day") in (day, None)
        ),
        worked_minutes=worked,
        owed_minutes=owed,
        allowed=_ranked(choices, effects, person, views),
        refused=tuple(
            Choice(views.of(shift), effect) for shift, effect in choices if not effect.allowed
        ),
        other_days=tuple(
            OtherDay(draft.horizon.date(shift.day), views.of(shift), effect)
            for shift, effect in days
        ),
        away=effects.of([Change(person.id, day, None)]) if editable and held else None,
        may_plan=actor.office_ids is None,
        may_call_sick=may_call_sick,
        known_away=away,
    )


def takers(actor: Actor, roster_id: int, mediator_id: int, date: dt.date) -> tuple[Taker, ...]:
    """Who could take the day's shift over: those who may first, by what it costs."""
    draft, _mediator, person = _opened(actor, roster_id, mediator_id, date)
    day = draft.day(date)
    shift = _shift_on(draft, person, day)
    if shift is None:
        return ()
    effects, views = Effects(draft), ShiftViews(draft)
    rows = {one.code: one for one in Mediator.select()}
    found: list[tuple[Taker, list[Change]]] = []
    for other in draft.problem.mediators:
        row = rows.get(other.id)
        if row is None or other.id == person.id or shift.office not in other.offices:
            continue
        if actor.office_ids is not None and row.home_office_id not in actor.office_ids:
            continue
        leaves = _shift_on(draft, other, day)
        if leaves == shift or _is_locked(draft, row.id, date):
            continue
        given_up = leaves.id if leaves else None
        changes = [Change(person.id, day, given_up), Change(other.id, day, shift.id)]
        worked, owed = _hours(draft, other)
        taker = Taker(
            mediator_id=row.id,
            name=row.called_name or row.name,
            languages=languages_in(other.skills),
            leaves=views.of(leaves) if leaves else None,
            worked_minutes=worked,
            owed_minutes=owed,
            effect=effects.of(changes, in_words=False),
        )
        found.append((taker, changes))
    found.sort(key=lambda one: (bool(one[0].effect.broken), one[0].effect.cost, one[0].name))
    # Cover in words takes many times as long as the cost: for those who are likely to be asked.
    return tuple(
        replace(taker, effect=effects.of(changes))
        if rank < TAKERS_IN_WORDS and taker.effect.allowed
        else taker
        for rank, (taker, changes) in enumerate(found)
    )


def shift_views(draft: OpenDraft) -> ShiftViews:
    """What tells shifts of this roster in instants and names."""
    return ShiftViews(draft)


def same_hours(problem: sp.Problem, shift: sp.Shift, day: int) -> sp.Shift | None:
    """The shift of the same office, hours and breaks on another day, where there is one."""
    shape = _shape(problem, shift)
    for one in problem.shifts:
        if one.day == day and one.office == shift.office and _shape(problem, one) == shape:
            return one
    return None


def _opened(
    actor: Actor, roster_id: int, mediator_id: int, date: dt.date
) -> tuple[OpenDraft, Mediator, sp.Mediator]:
    draft = open_draft(find_roster(actor, roster_id))
    mediator = Mediator.get_or_none(Mediator.id == mediator_id)
    person = draft.problem.mediator_by_id.get(mediator.code) if mediator else None
    if mediator is None or person is None or date not in draft.horizon.dates:
        raise NotFound
    if not opens_day(actor, draft.roster, mediator, draft.row(mediator_id, date)):
        raise Forbidden
    return draft, mediator, person


def _choices(
    actor: Actor,
    draft: OpenDraft,
    mediator: Mediator,
    person: sp.Mediator,
    day: int,
    effects: Effects,
) -> Iterable[tuple[sp.Shift, Effect]]:
    now = _shift_on(draft, person, day)
    least, most = person.shift_slots
    for shift in draft.problem.shifts:
        if shift.day != day or shift.office not in person.offices or shift == now:
            continue
        # Shapes of other people's contracts are no choice of this one's.
        if not least <= len(shift.worked) <= most:
            continue
        try:
            require_cells(actor, draft, [CellEdit(mediator.id, draft.horizon.date(day), shift.id)])
        except Forbidden:
            continue
        yield shift, effects.of([Change(person.id, day, shift.id)], in_words=False)


def _ranked(
    choices: Iterable[tuple[sp.Shift, Effect]],
    effects: Effects,
    person: sp.Mediator,
    views: ShiftViews,
) -> tuple[Choice, ...]:
    """What is allowed, the cheapest first; the first few with all that they do to cover."""
    allowed = sorted(
        ((shift, effect) for shift, effect in choices if effect.allowed),
        key=lambda one: (one[1].cost, one[0].start, one[0].end),
    )
    return tuple(
        Choice(
            views.of(shift),
            effects.of([Change(person.id, shift.day, shift.id)]) if rank < IN_WORDS else effect,
        )
        for rank, (shift, effect) in enumerate(allowed)
    )


def _other_days(
    draft: OpenDraft, person: sp.Mediator, now: sp.Shift, effects: Effects
) -> Iterable[tuple[sp.Shift, Effect]]:
    for day in range(len(draft.problem.days)):
        if day == now.day or _shift_on(draft, person, day):
            continue
        shift = same_hours(draft.problem, now, day)
        if shift is not None:
            changes = [Change(person.id, now.day, None), Change(person.id, day, shift.id)]
            yield shift, effects.of(changes)


def _shift_on(draft: OpenDraft, person: sp.Mediator, day: int) -> sp.Shift | None:
    shifts = draft.judged.duty(person.id).shifts_by_day.get(day)
    return shifts[0] if shifts else None


def _is_locked(draft: OpenDraft, mediator_id: int, date: dt.date) -> bool:
    row = draft.row(mediator_id, date)
    return bool(row and row.locked)


def _shape(problem: sp.Problem, shift: sp.Shift) -> tuple[object, ...]:
    base = problem.days[shift.day].start
    pauses = tuple((start - base, end - base) for start, end in shift.breaks)
    return shift.start - base, shift.end - base, pauses


def _hours(draft: OpenDraft, person: sp.Mediator) -> tuple[int, int]:
    """Minutes of work in the week, training included, and minutes owed."""
    slots = len(draft.judged.duty(person.id).worked)
    minutes = draft.problem.slot_minutes
    return slots * minutes, person.weeks[0].min_slots * minutes

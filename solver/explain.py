"""Why cover is short: each shortfall with what holds back whoever could have helped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from solver.causes import Cause, Causes, HeldBack
from solver.cover_worth import CoverWorth
from solver.draft import Change, Draft
from solver.problem import Assignment, Mediator, Problem, Requirement
from solver.result import Result
from solver.speaker_value import SpeakerValue, speaker_values
from solver.view import Place, View, assignments_of, facts_of

MOST_CLOSERS = 3


@dataclass(frozen=True, slots=True)
class Shortfall:
    """`missing` of a requirement in each slot of `[start, end)`, for the same causes.

    `people` are all who may work at the office and hold the skills at some time; empty if
    nobody does. `at_other_offices` hold them as well but may not work here. Requirements that
    follow one another and ask for the same skills count as one.
    """

    office: str
    start: int
    end: int
    needs: tuple[str, ...]
    exclusive: bool
    missing: int
    below_minimum: int
    cost: int
    """Over all its slots, as counted at the least cost."""
    requirements: tuple[str, ...]
    people: tuple[HeldBack, ...]
    at_other_offices: tuple[str, ...]

    @property
    def nobody_holds_it(self) -> bool:
        return not self.people


@dataclass(frozen=True, slots=True)
class CauseTotal:
    """How often a cause binds: persons times slots, slots short because of it, their cost.

    A slot short for several causes counts with each of them. `cause` is None where nobody
    of the office holds the skills.
    """

    cause: Cause | None
    person_slots: int
    short_slots: int
    cost: int


@dataclass(frozen=True, slots=True)
class Closer:
    """`mediator` working `shift` instead of `was` on its day: no rule of theirs is broken, and
    the office has room.

    The day may be the eve of the gap's, of a shift that reaches past midnight.

    `gap_cost` is then left of what cover costs at the office over the gap's slots, and
    `cost_change` the whole roster's change of cost, both exactly.
    """

    mediator: str
    shift: str
    was: str | None
    gap_cost: int
    cost_change: int


@dataclass(frozen=True, slots=True)
class WorstGap:
    """The dearest shortfall, and whom it would take to close it.

    `people_missing` more who hold its skills, there from its start to its end; or the
    colleagues in `closers`, those first who leave least of it.
    """

    shortfall: Shortfall
    people_missing: int
    closers: tuple[Closer, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the roster to explain: one office, there one day, there one thing asked for."""

    office: str
    day: int | None = None
    needs: tuple[str, ...] | None = None
    """The skills asked for, in any order; with `exclusive` they name one row of cover."""
    exclusive: bool = True

    def has_place(self, view: View, place: Place) -> bool:
        """Whether an office and slot are meant."""
        problem = view.problem
        return view.facts.office_index[self.office] == place.office and (
            self.day is None or problem.day_of_slot[place.slot] == self.day
        )

    def has_need(self, needs: tuple[str, ...], exclusive: bool) -> bool:
        """Whether what is asked for is meant."""
        return self.needs is None or (
            sorted(self.needs) == sorted(needs) and self.exclusive == exclusive
        )


@dataclass(frozen=True)
class Explanation:
    shortfalls: tuple[Shortfall, ...]
    totals: tuple[CauseTotal, ...]
    values: tuple[SpeakerValue, ...]
    worst_gap: WorstGap | None


def explain(
    problem: Problem,
    roster: Result | Draft | Iterable[Assignment],
    *,
    only: Scope | None = None,
) -> Explanation:
    """Where cover is short and why, what more speakers would save, and the worst gap.

    Exact for the roster as it stands: each slot is counted at the least cost. Where several
    countings cost the same, the one shown decides which of two requirements is called short.
    With `only`, of that office, day and need alone, and so much sooner; a draft that is judged
    already is not judged again.
    """
    draft = roster if isinstance(roster, Draft) else Draft(problem, assignments_of(roster))
    causes = Causes(draft)
    slots = list(_short_slots(draft.view, causes, only))
    shortfalls = tuple(_merged(slots))
    return Explanation(
        shortfalls=shortfalls,
        totals=_totals(shortfalls),
        values=_values(draft.view, only),
        worst_gap=_worst_gap(draft, causes, shortfalls),
    )


def _values(view: View, only: Scope | None) -> tuple[SpeakerValue, ...]:
    if only is None:
        return speaker_values(view)
    asked = {
        need.needs
        for need in view.problem.requirements_at(only.office)
        if only.has_need(need.needs, need.exclusive)
    }
    return speaker_values(view, office=only.office, day=only.day, asked=asked)


def _short_slots(view: View, causes: Causes, only: Scope | None) -> Iterator[Shortfall]:
    """Every requirement short in a slot, by office and time."""
    problem = view.problem
    asked: dict[Place, list[Requirement]] = {}
    for need in problem.requirements:
        office = view.facts.office_index[need.office]
        for slot in range(need.start, need.end):
            place = Place(office, slot)
            if only is None or only.has_place(view, place):
                asked.setdefault(place, []).append(need)
    for place in sorted(asked):
        servers = view.places.get(place, ())
        exclusive = [need for need in asked[place] if need.exclusive]
        serves = _serves(view, place, servers, exclusive)
        met = Counter(need.id for need in serves.values())
        alike: dict[tuple[tuple[str, ...], bool], Shortfall] = {}
        for need in asked[place]:
            if only is not None and not only.has_need(need.needs, need.exclusive):
                continue
            if not need.exclusive:
                met[need.id] = sum(
                    _qualifies(problem.mediators[one], need, place.slot) for one in servers
                )
            missing = need.count - met[need.id]
            # What costs nothing to lack is asked of nobody.
            if missing > 0 and need.shortfall_cost(missing):
                one = _short(causes, need, place.slot, missing, serves)
                before = alike.get((need.needs, need.exclusive))
                alike[need.needs, need.exclusive] = _together(before, one) if before else one
        yield from alike.values()


def _serves(
    view: View, place: Place, servers: Sequence[int], exclusive: Sequence[Requirement]
) -> dict[str, Requirement]:
    """Mediator -> the requirement they meet in the slot."""
    counted = view.facts.cover.serves(place.office, place.slot, servers)
    return {
        view.problem.mediators[servers[row]].id: exclusive[index]
        for row, index in counted.items()
        if index is not None
    }


def _qualifies(mediator: Mediator, need: Requirement, slot: int) -> bool:
    return all(mediator.holds(skill, slot) for skill in need.needs)


def _short(
    causes: Causes,
    need: Requirement,
    slot: int,
    missing: int,
    serves: dict[str, Requirement],
) -> Shortfall:
    holders, others = causes.holders(need)
    people = []
    for mediator in holders:
        instead = serves.get(mediator.id)
        if instead is None or instead.needs != need.needs:
            people.append(causes.of(mediator, need, slot, instead.needs if instead else None))
    return Shortfall(
        office=need.office,
        start=slot,
        end=slot + 1,
        needs=need.needs,
        exclusive=need.exclusive,
        missing=missing,
        below_minimum=max(0, missing - (need.count - need.minimum)),
        cost=need.shortfall_cost(missing),
        requirements=(need.id,),
        people=tuple(people),
        at_other_offices=others,
    )


def _together(one: Shortfall, other: Shortfall) -> Shortfall:
    """Two requirements of a slot that ask for the same skills, as one."""
    return replace(
        one,
        missing=one.missing + other.missing,
        below_minimum=one.below_minimum + other.below_minimum,
        cost=one.cost + other.cost,
        requirements=(*one.requirements, *other.requirements),
    )


def _merged(slots: Sequence[Shortfall]) -> Iterator[Shortfall]:
    """Neighbouring slots that are short alike, as one; in order of time within an office."""
    running: dict[tuple[str, tuple[str, ...], bool], Shortfall] = {}
    done = []
    for one in slots:
        key = (one.office, one.needs, one.exclusive)
        before = running.get(key)
        if before is not None and _continues(before, one):
            running[key] = replace(
                before,
                end=one.end,
                cost=before.cost + one.cost,
                requirements=tuple(dict.fromkeys((*before.requirements, *one.requirements))),
            )
            continue
        if before is not None:
            done.append(before)
        running[key] = one
    yield from sorted(
        (*done, *running.values()), key=lambda one: (one.office, one.start, one.needs)
    )


def _continues(before: Shortfall, one: Shortfall) -> bool:
    return (
        before.end == one.start
        and before.missing == one.missing
        and before.below_minimum == one.below_minimum
        and before.people == one.people
    )


def _totals(shortfalls: Sequence[Shortfall]) -> tuple[CauseTotal, ...]:
    person_slots: Counter[Cause | None] = Counter()
    short_slots: Counter[Cause | None] = Counter()
    cost: Counter[Cause | None] = Counter()
    for one in shortfalls:
        slots = one.end - one.start
        causes: list[Cause | None] = [person.cause for person in one.people]
        for cause in causes:
            person_slots[cause] += slots
        for cause in set(causes or [None]):
            short_slots[cause] += slots * one.missing
            cost[cause] += one.cost
    return tuple(
        CauseTotal(cause, person_slots[cause], short_slots[cause], cost[cause])
        for cause, _ in cost.most_common()
    )


def _worst_gap(draft: Draft, causes: Causes, shortfalls: Sequence[Shortfall]) -> WorstGap | None:
    if not shortfalls:
        return None
    worst = max(shortfalls, key=lambda one: one.cost)
    ways = sorted(
        _closers(draft, causes, worst),
        key=lambda one: (one.gap_cost, one.cost_change, one.mediator),
    )
    best = _first_of_each(ways)
    return WorstGap(worst, worst.missing, tuple(best)[:MOST_CLOSERS])


def closers(draft: Draft, gap: Shortfall) -> tuple[Closer, ...]:
    """Everyone who could leave the gap smaller, each with their cheapest way, cheapest first."""
    found = sorted(
        _closers(draft, Causes(draft), gap),
        key=lambda one: (one.cost_change, one.gap_cost, one.mediator),
    )
    return tuple(_first_of_each(found))


def _first_of_each(ways: Iterable[Closer]) -> Iterable[Closer]:
    """The first way of each mediator."""
    best: dict[str, Closer] = {}
    for one in ways:
        best.setdefault(one.mediator, one)
    return best.values()


def _closers(draft: Draft, causes: Causes, gap: Shortfall) -> Iterator[Closer]:
    """Everyone who, by one change of a day of theirs, leaves the gap smaller."""
    problem, facts, worth = draft.problem, facts_of(draft.problem), CoverWorth(draft)
    slots = range(gap.start, gap.end)
    days = sorted({day for slot in slots for day in causes.days_at(gap.office, slot)})
    office = facts.office_index[gap.office]
    places = {Place(office, slot) for slot in slots}
    now = sum(draft.cover_cost(gap.office, slot) for slot in slots)
    for person in gap.people:
        mediator = problem.mediator_by_id[person.mediator]
        index = facts.mediator_index[mediator.id]
        for shift in (one for day in days for one in causes.open_shifts(mediator, gap.office, day)):
            today = draft.duty(mediator.id).shifts_by_day.get(shift.day, ())
            had = today[0] if today else None
            if shift == had or not any(slot in shift.worked_set for slot in slots):
                continue
            steps = worth.steps(index, today, shift)
            gained = {place: step for place, step in steps.items() if place in places}
            left = now + worth.change(index, gained)
            if left < now and causes.has_room(mediator, shift, had):
                own = draft.own_cost_change([Change(mediator.id, shift.day, shift.id)])
                cost_change = worth.change(index, steps) + own
                was = had.id if had is not None else None
                yield Closer(mediator.id, shift.id, was, left, cost_change)

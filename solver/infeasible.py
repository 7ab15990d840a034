"""Why no roster exists: the facts and locks that collide, a smallest set of them.

Rules are broken by what is given (locks, busy time, history, leave) in two ways. Some are
broken outright, whatever else is planned: two locks on one day, too little rest between a lock
and a training. Others only cannot be met any more: nothing completes the horizon so that the
hard minimum of hours or the shortest runs hold. Beyond one mediator's own rules only the
capacity of an office can collide: locks can overfill it, or the hard minimums together ask for
more than it holds (`solver.crowding`).

Nothing is taken from a solver's assumption core: each set is found by leaving facts out as
long as the collision stays, then by trying all smaller sets where they are few enough. Where
they are not, the set is irreducible: without any one of its facts nothing collides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb
from typing import Any

from solver.check import violations_of
from solver.completion import TooHard, can_complete, fits
from solver.crowding import crowded
from solver.duty import Duty
from solver.given import Busy, DaysBefore, Fact, Full, LastEnd, Lock, Unavailable
from solver.look import Look, no_look
from solver.problem import Interval, Mediator, Problem, Shift
from solver.result import Violation
from solver.rules import capacity, min_consecutive_days, min_consecutive_off, week_min_slots
from solver.view import Place, View, facts_of

MENDABLE = (week_min_slots.NAME, min_consecutive_days.NAME, min_consecutive_off.NAME)
"""Rules that further shifts can mend; every other, once broken by facts, stays broken."""

MOST_JUDGED = 5000
MOST_COMPLETED = 150


def conflict(problem: Problem, look: Look = no_look) -> tuple[Violation, ...]:
    """The rules that facts and locks alone break; empty if they break none. Raises as `look`.

    One violation for each mediator and rule (or office and day, for its capacity), the ones of
    fewest facts first. Beside what the judge would say, `facts` lists a smallest set of what
    collides: `locked`, `busy`, `unavailable`, `last_end`, `consecutive_days`, `full`. Where
    facts are too many to try all smaller sets, it is one from which nothing can be left out.
    """
    found = list(_overfull(problem))
    for index in range(len(problem.mediators)):
        look()
        found.extend(_collisions(problem, index))
    if not found:
        found.extend(crowded(problem))
    return tuple(sorted(found, key=lambda violation: len(violation.details["facts"])))


def _collisions(problem: Problem, index: int) -> Iterator[Violation]:
    person = _Person(problem, index)
    broken = person.broken(person.facts)
    outright = [violation for violation in broken if violation.rule not in MENDABLE]
    if not broken:
        return
    if not outright:
        yield from _incomplete(person)
        return
    for rule in dict.fromkeys(violation.rule for violation in outright):
        facts = _smallest(person.facts, person.breaks(rule), MOST_JUDGED)
        violation = next(one for one in person.broken(facts) if one.rule == rule)
        yield _with_facts(violation, facts)


def _with_facts(violation: Violation, facts: Sequence[Fact]) -> Violation:
    listed = [fact.to_json() for fact in facts]
    return Violation(violation.rule, {**violation.details, "facts": listed})


class _Person:
    """One mediator with their facts, any of which can be left out."""

    def __init__(self, problem: Problem, index: int) -> None:
        self.problem = problem
        self.index = index
        self.mediator = problem.mediators[index]
        self.facts = tuple(self._all_facts())

    def _all_facts(self) -> Iterator[Fact]:
        mediator = self.mediator
        for lock in dict.fromkeys(self.problem.locked):
            if lock.mediator == mediator.id:
                yield Lock(mediator.id, self.problem.shift_by_id[lock.shift])
        yield from map(Busy, mediator.busy)
        yield from map(Unavailable, mediator.unavailable)
        if mediator.history.last_end is not None:
            yield LastEnd(mediator.history.last_end)
        if mediator.history.consecutive_days:
            yield DaysBefore(mediator.history.consecutive_days)

    def reduced(self, facts: Sequence[Fact]) -> Mediator:
        """The mediator to whom only these facts apply."""
        history = self.mediator.history
        kept = set(facts)
        return replace(
            self.mediator,
            busy=tuple(span for span in self.mediator.busy if Busy(span) in kept),
            unavailable=tuple(
                span for span in self.mediator.unavailable if Unavailable(span) in kept
            ),
            history=replace(
                history,
                last_end=next((one.slot for one in facts if isinstance(one, LastEnd)), None),
                consecutive_days=sum(one.days for one in facts if isinstance(one, DaysBefore)),
            ),
        )

    def broken(self, facts: Sequence[Fact]) -> tuple[Violation, ...]:
        """What the judge finds if these facts are all there is."""
        mediator = self.reduced(facts)
        busy: dict[int, tuple[Interval, ...]] = {}
        for span in mediator.busy:
            day = self.problem.day_of_slot[span.start]
            busy[day] = (*busy.get(day, ()), span)
        duty = Duty(mediator, self.index, _locked_shifts(facts), busy)
        found = violations_of(View(facts_of(self.problem), [duty], {}))
        return tuple(violation for violation in found if violation.rule != "locked")

    def breaks(self, rule: str) -> Callable[[Sequence[Fact]], bool]:
        return lambda facts: any(one.rule == rule for one in self.broken(facts))


def _locked_shifts(facts: Sequence[Fact]) -> list[Shift]:
    return [fact.shift for fact in facts if isinstance(fact, Lock)]


def _incomplete(person: _Person) -> Iterator[Violation]:
    """Nothing is broken outright; see whether the horizon can still be completed."""
    facts = (*person.facts, *_full_offices(person.problem, person.mediator))
    try:
        if _completes(person, facts, ()):
            return
        dropped = _fewest_dropped(person, facts)
        needed = _smallest(facts, _blames(person, facts, dropped), MOST_COMPLETED)
    except TooHard:
        return
    for rule in dropped:
        details: dict[str, Any] = {"mediator": person.mediator.id}
        if rule == week_min_slots.NAME:
            details["week"] = _first_week_short(person, facts)
        yield _with_facts(Violation(rule, details), needed)


def _blames(
    person: _Person, facts: Sequence[Fact], dropped: Sequence[str]
) -> Callable[[Sequence[Fact]], bool]:
    """Whether some facts collide with the dropped rules: by these alone where all facts do, else
    together with the others, as where the shortest runs leave no room for the hard minimum."""

    def alone(some: Sequence[Fact]) -> bool:
        return not _completes(person, some, _others(dropped))

    def together(some: Sequence[Fact]) -> bool:
        return not _completes(person, some, ()) and _completes(person, some, dropped)

    return alone if alone(facts) else together


def _others(rules: Sequence[str]) -> tuple[str, ...]:
    return tuple(rule for rule in MENDABLE if rule not in rules)


def _fewest_dropped(person: _Person, facts: Sequence[Fact]) -> tuple[str, ...]:
    """The fewest mendable rules without which the horizon can be completed."""
    for size in range(1, len(MENDABLE)):
        for dropped in combinations(MENDABLE, size):
            if _completes(person, facts, dropped):
                return dropped
    return MENDABLE


def _first_week_short(person: _Person, facts: Sequence[Fact]) -> int:
    """The first week up to which the hard minimums cannot all be met."""
    weeks = person.mediator.weeks
    for week in range(len(weeks)):
        later = tuple(
            limits if place <= week else replace(limits, hard_min_slots=0)
            for place, limits in enumerate(weeks)
        )
        if not _completes(person, facts, (), later):
            return week
    return len(weeks) - 1


def _completes(
    person: _Person, facts: Sequence[Fact], dropped: Sequence[str], weeks: Any = None
) -> bool:
    """Whether the horizon can be completed with these facts and without the dropped rules."""
    mediator = person.reduced(facts)
    limits = weeks or mediator.weeks
    if week_min_slots.NAME in dropped:
        limits = tuple(replace(one, hard_min_slots=0) for one in limits)
    mediator = replace(mediator, weeks=limits)
    if min_consecutive_days.NAME in dropped:
        mediator = replace(mediator, min_consecutive_days=1)
    if min_consecutive_off.NAME in dropped:
        mediator = replace(mediator, min_consecutive_off=1)
    blocked = {shift for fact in facts if isinstance(fact, Full) for shift in fact.shifts}
    return can_complete(person.problem, mediator, _locked_shifts(facts), blocked)


def _full_offices(problem: Problem, mediator: Mediator) -> Iterator[Full]:
    """Where others' locks leave no room for some shift the mediator could otherwise work."""
    present = _locked_presence(problem, mediator.id)
    most = {office.id: office.capacity for office in problem.offices}
    blocked: dict[tuple[str, int], set[str]] = {}
    for shift in problem.shifts:
        limit = most[shift.office]
        if limit is None or not fits(mediator, shift):
            continue
        serves = (slot for slot in shift.worked if slot not in mediator.busy_slots)
        if any(present[shift.office, slot] >= limit for slot in serves):
            blocked.setdefault((shift.office, shift.day), set()).add(shift.id)
    for (office, day), shifts in blocked.items():
        yield Full(office, day, frozenset(shifts))


def _locked_presence(problem: Problem, but: str | None = None) -> Counter[tuple[str, int]]:
    """How many locked mediators serve at each office in each slot."""
    present: Counter[tuple[str, int]] = Counter()
    for lock in dict.fromkeys(problem.locked):
        if lock.mediator != but:
            busy = problem.mediator_by_id[lock.mediator].busy_slots
            shift = problem.shift_by_id[lock.shift]
            present.update((shift.office, slot) for slot in shift.worked if slot not in busy)
    return present


def _overfull(problem: Problem) -> Iterator[Violation]:
    """Offices that locks alone fill beyond capacity: the fullest slot of each day."""
    most = {office.id: office.capacity for office in problem.offices}
    worst: dict[tuple[str, int], tuple[int, int]] = {}
    for (office, slot), count in sorted(_locked_presence(problem).items()):
        limit = most[office]
        if limit is not None and count > limit:
            day = problem.day_of_slot[slot]
            worst[office, day] = max(worst.get((office, day), (0, 0)), (count, -slot))
    for (office, _), (count, slot) in worst.items():
        place = Place(facts_of(problem).office_index[office], -slot)
        there = _locked_at(problem, place)[: (most[office] or 0) + 1]
        details = {"office": office, "slot": -slot, "present": count}
        yield _with_facts(Violation(capacity.NAME, details), there)


def _locked_at(problem: Problem, place: Place) -> list[Lock]:
    there = []
    for lock in dict.fromkeys(problem.locked):
        shift = problem.shift_by_id[lock.shift]
        mediator = problem.mediator_by_id[lock.mediator]
        serves = place.slot in shift.worked and place.slot not in mediator.busy_slots
        if serves and shift.office == problem.offices[place.office].id:
            there.append(Lock(lock.mediator, shift))
    return there


def _smallest(
    facts: Sequence[Fact], collides: Callable[[Sequence[Fact]], bool], most_tried: int
) -> tuple[Fact, ...]:
    """A smallest set that collides: irreducible, and no smaller one among those tried."""
    best = min(
        (_irreducible(order, collides) for order in _orders(facts)),
        key=len,
    )
    tried = 0
    for size in range(len(best)):
        tried += comb(len(facts), size)
        if tried > most_tried:
            break
        for some in combinations(facts, size):
            if collides(some):
                return some
    return tuple(sorted(best, key=facts.index))


def _orders(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Orders to leave facts out in: the last ones first, the first ones, the shortest."""
    return [list(reversed(facts)), list(facts), sorted(facts, key=_length)]


def _length(fact: Fact) -> int:
    if isinstance(fact, Lock):
        return len(fact.shift.worked)
    if isinstance(fact, (Busy, Unavailable)):
        return fact.span.end - fact.span.start
    return 0


def _irreducible(
    order: Sequence[Fact], collides: Callable[[Sequence[Fact]], bool]
) -> tuple[Fact, ...]:
    """What is left when facts are left out in this order as long as the rest collides."""
    kept = list(order)
    for fact in order:
        fewer = [one for one in kept if one is not fact]
        if collides(fewer):
            kept = fewer
    return tuple(kept)

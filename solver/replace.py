"""Who could stand in for someone who falls out on a day: minimal repairs, best first.

Six ways are tried, each exactly judged:

- *stand_in*: a colleague who is off takes the shift as it is;
- *other_shift*: a colleague who is off works another, often shorter, shift there;
- *moved*: a colleague on duty that day works other hours, or comes over from another office;
- *swap*: a colleague takes the shift and the absent works one of theirs on a later day;
- *day_moved*: a colleague takes the shift and has a later day off instead;
- *chain*: a colleague on duty takes the shift, and another takes theirs.

The cost of cover is a sum over slots, so what one person more or less is worth there is
counted once for each slot, and every shift of every colleague is then weighed by addition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from solver.draft import Change, Draft
from solver.leaving import leaving
from solver.problem import Assignment, Problem, Shift
from solver.result import COST_TERMS, Judgement, Result
from solver.stand_in import Candidate, StandIns, has_new
from solver.view import assignments_of

MOST_CHAINED = 12


class RepairKind(StrEnum):
    STAND_IN = "stand_in"
    OTHER_SHIFT = "other_shift"
    MOVED = "moved"
    SWAP = "swap"
    DAY_MOVED = "day_moved"
    CHAIN = "chain"
    GAP = "gap"
    """Nobody stands in; offered only where too few others are legal."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One mediator's shift of a day before and after; None is a day off."""

    mediator: str
    before: str | None
    after: str | None

    def to_json(self) -> dict[str, Any]:
        return {"mediator": self.mediator, "from": self.before, "to": self.after}


@dataclass(frozen=True)
class Repair:
    """A roster without the absent on the day, and how it comes about."""

    kind: RepairKind
    assignments: tuple[Assignment, ...]
    changes: tuple[Moved, ...]
    judgement: Judgement
    difference: Mapping[str, int]
    """Cost term -> the repaired roster's less that of the roster as it was."""

    @property
    def cost(self) -> int:
        return self.judgement.cost

    def to_json(self) -> dict[str, Any]:
        return {
            "assignments": [
                {"mediator": one.mediator, "shift": one.shift} for one in self.assignments
            ],
            "changes": [one.to_json() for one in self.changes],
            "cost": self.cost,
            "parts": dict(self.judgement.parts),
        }


def replacements(
    problem: Problem,
    roster: Result | Iterable[Assignment],
    mediator: str,
    day: int,
    limit: int = 3,
    *,
    now: float | None = None,
    stays: str | None = None,
    only_at: frozenset[str] | None = None,
) -> tuple[Repair, ...]:
    """At most `limit` repairs for when `mediator` falls out on `day`, cheapest first.

    Different kinds go before several of one kind. None breaks a rule that the roster does not
    break already; the absent's own lock on the day is given up. Empty where the mediator has
    no shift that day. Raises `KeyError` for an unknown mediator.

    With `now`, in slots (between two where it lies between them), nobody is given hours before
    it, and a shift that has begun keeps its start. `stays` is the shift that is left to who falls
    out in the middle of one: what they have worked. With `only_at`, no colleague's shift of an
    office that is not among these changes.
    """
    absent = problem.mediator_by_id[mediator]
    given = assignments_of(roster)
    shifts = problem.shift_by_id
    lost = [
        shifts[one.shift]
        for one in given
        if one.mediator == absent.id and one.shift in shifts and shifts[one.shift].day == day
    ]
    if not lost:
        return ()
    open_problem = _without_lock(problem, mediator, day)
    return _Repairs(open_problem, given, mediator, lost[0], now, stays).best(limit, only_at)


def _without_lock(problem: Problem, mediator: str, day: int) -> Problem:
    kept = tuple(
        lock
        for lock in problem.locked
        if lock.mediator != mediator or problem.shift_by_id[lock.shift].day != day
    )
    return problem if kept == problem.locked else replace(problem, locked=kept)


@dataclass(frozen=True, slots=True)
class _Found:
    kind: RepairKind
    changes: tuple[Change, ...]
    cost: int
    shifted_slots: int = 0
    """By how much those who are on duty anyway have to come or go at other times."""

    @property
    def rank(self) -> tuple[int, int, int]:
        return self.cost, len(self.changes), self.shifted_slots

    @property
    def colleagues(self) -> frozenset[str]:
        return frozenset(one.mediator for one in self.changes)


class _Repairs:
    def __init__(
        self,
        problem: Problem,
        given: Sequence[Assignment],
        absent: str,
        lost: Shift,
        now: float | None,
        stays: str | None,
    ) -> None:
        self.now = now
        self.problem = problem
        self.absent = absent
        self.lost = lost
        self.day = lost.day
        self.before = Draft(problem, given)
        self.accepted = self.before.violations
        self.leaving = leaving(self.before, absent, self.day, stays, self.accepted)
        self.gap = self.before.with_changes(self.leaving)

    def best(self, limit: int, only_at: frozenset[str] | None) -> tuple[Repair, ...]:
        candidates = (
            one for one in self._candidates() if only_at is None or self._offices(one) <= only_at
        )
        found = sorted(candidates, key=lambda one: one.rank)
        chosen: list[Repair] = []
        for one in _varied(found):
            if len(chosen) == limit:
                break
            repair = self._judged(one)
            if repair is not None and all(repair.changes != other.changes for other in chosen):
                chosen.append(repair)
        if len(chosen) < limit:
            left = self._judged(_Found(RepairKind.GAP, (), self.gap.cost))
            chosen.extend([left] if left else [])
        return tuple(sorted(chosen, key=lambda one: (one.cost, len(one.changes))))

    def _offices(self, found: _Found) -> frozenset[str]:
        """Where colleagues' shifts go or come."""
        shifts = [
            shift
            for one in found.changes
            if one.mediator != self.absent
            for shift in (
                *self.before.duty(one.mediator).shifts_by_day.get(one.day, ()),
                *([self.problem.shift_by_id[one.shift]] if one.shift else []),
            )
        ]
        return frozenset(one.office for one in shifts)

    def _candidates(self) -> Iterator[_Found]:
        if has_new(self.gap.violations, self.accepted):
            return
        stand_ins = StandIns(self.gap, self.absent, self.lost, self.accepted, self.now)
        for one in stand_ins.candidates():
            yield _Found(self._kind(one), one.changes, one.cost, _slots_shifted(one))
        yield from self._days_exchanged(stand_ins)
        yield from self._chains(stand_ins)

    def _kind(self, one: Candidate) -> RepairKind:
        if one.was is not None:
            return RepairKind.MOVED
        same = one.shift.id == self.lost.id
        return RepairKind.STAND_IN if same else RepairKind.OTHER_SHIFT

    def _days_exchanged(self, stand_ins: StandIns) -> Iterator[_Found]:
        """Whoever is off takes the shift for one of their later days, which the absent may
        work instead."""
        at_home = self.gap.duty(self.absent)
        for mediator in stand_ins.fitting(self.lost):
            duty = self.gap.duty(mediator)
            if self.day in duty.shifts_by_day:
                continue
            for later in duty.shifts:
                if later.day <= self.day:
                    continue
                moved = (
                    Change(mediator, self.day, self.lost.id),
                    Change(mediator, later.day, None),
                )
                if not self._allowed(moved):
                    continue
                yield self._weighed(RepairKind.DAY_MOVED, moved)
                swapped = (*moved, Change(self.absent, later.day, later.id))
                if later.day not in at_home.shifts_by_day and self._allowed(swapped[2:]):
                    yield self._weighed(RepairKind.SWAP, swapped)

    def _weighed(self, kind: RepairKind, changes: tuple[Change, ...]) -> _Found:
        return _Found(kind, changes, self.gap.with_changes(changes).cost)

    def _chains(self, stand_ins: StandIns) -> Iterator[_Found]:
        """Someone on duty takes the shift, another takes theirs."""
        movers = [one for one in stand_ins.takers(self.lost) if one.was is not None]
        for mover in sorted(movers, key=lambda one: one.cost)[:MOST_CHAINED]:
            if mover.was is None:
                continue
            moved = self.gap.with_changes(mover.changes)
            after = StandIns(moved, self.absent, mover.was, self.accepted, self.now)
            for second in after.takers(mover.was):
                if second.mediator != mover.mediator and second.cost < moved.cost:
                    yield _Found(
                        RepairKind.CHAIN,
                        (*mover.changes, *second.changes),
                        second.cost,
                        _slots_shifted(mover) + _slots_shifted(second),
                    )

    def _allowed(self, changes: Sequence[Change]) -> bool:
        return not has_new(self.gap.own_violations(changes), self.accepted)

    def _judged(self, found: _Found) -> Repair | None:
        """The repair whole, or None if it breaks a rule after all (an office's capacity) or does
        more than it needs to."""
        after = self.gap.with_changes(found.changes)
        judgement = after.judgement
        if has_new(judgement.violations, self.accepted) or not self._is_minimal(found):
            return None
        return Repair(
            kind=found.kind,
            assignments=after.assignments,
            changes=_moves(self.problem, self.before, after, (*self.leaving, *found.changes)),
            judgement=judgement,
            difference={term: after.parts[term] - self.before.parts[term] for term in COST_TERMS},
        )

    def _is_minimal(self, found: _Found) -> bool:
        """Whether it would not do as well with one of its people left as they were."""
        for mediator in found.colleagues:
            fewer = tuple(one for one in found.changes if one.mediator != mediator)
            if not fewer:
                continue
            without = self.gap.with_changes(fewer)
            if without.cost <= found.cost and not has_new(without.violations, self.accepted):
                return False
        return True


def _slots_shifted(one: Candidate) -> int:
    if one.was is None:
        return 0
    return abs(one.shift.start - one.was.start) + abs(one.shift.end - one.was.end)


def _varied(found: Sequence[_Found]) -> Iterator[_Found]:
    """The best of each kind first, then those by other colleagues, then the others."""
    kinds: set[RepairKind] = set()
    colleagues: set[frozenset[str]] = set()
    others: list[_Found] = []
    for one in found:
        if one.kind in kinds:
            others.append(one)
        else:
            kinds.add(one.kind)
            colleagues.add(one.colleagues)
            yield one
    again = []
    for one in others:
        if one.colleagues in colleagues:
            again.append(one)
        else:
            colleagues.add(one.colleagues)
            yield one
    yield from again


def _moves(
    problem: Problem, before: Draft, after: Draft, changes: Sequence[Change]
) -> tuple[Moved, ...]:
    moves = []
    for mediator, day in dict.fromkeys((one.mediator, one.day) for one in changes):
        old, new = _shift_on(before, mediator, day), _shift_on(after, mediator, day)
        if old != new:
            moves.append(Moved(mediator, old, new))
    return tuple(moves)


def _shift_on(draft: Draft, mediator: str, day: int) -> str | None:
    shifts = draft.duty(mediator).shifts_by_day.get(day)
    return shifts[0].id if shifts else None

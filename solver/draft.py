"""A roster under edit, judged by what each edit touches.

Judging a whole week of 75 people takes tens of milliseconds; one edit touches one or two
people and a few dozen slots, and is judged in well under one.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from solver.check import parts_of, parts_of_places, violations_of, violations_of_places
from solver.duty import Duty
from solver.problem import Assignment, Problem, Shift
from solver.result import COST_TERMS, Judgement, Result, Violation
from solver.rules import RULE_NAMES
from solver.view import Facts, Place, View, assignments_of, whole_view


class Change(NamedTuple):
    """`mediator` works `shift` on `day` instead of whatever they had; None is a day off."""

    mediator: str
    day: int
    shift: str | None


class Draft:
    """A roster and its judgement. Never changed: `with_changes` gives a new one.

    Assignments of unknown mediators or shifts stay out of it, with their violations.
    """

    def __init__(self, problem: Problem, roster: Result | Iterable[Assignment] = ()) -> None:
        view = whole_view(problem, assignments_of(roster))
        self.problem = problem
        self._facts: Facts = view.facts
        self._duties: dict[int, Duty] = {duty.index: duty for duty in view.duties}
        self._servers: Mapping[Place, Sequence[int]] = view.places
        self._parts: dict[str, int] = dict.fromkeys(COST_TERMS, 0)
        self._broken: dict[int | Place, tuple[Violation, ...]] = {}
        self._duty_parts: dict[int, dict[str, int]] = {}
        for duty in view.duties:
            self._add_duty(duty)
        self._add_places(view.places, 1)

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        return tuple(
            Assignment(duty.mediator.id, shift.id)
            for duty in self._duties.values()
            for shift in duty.shifts
        )

    @property
    def cost(self) -> int:
        return sum(self._parts.values())

    @property
    def parts(self) -> Mapping[str, int]:
        return self._parts

    @property
    def is_legal(self) -> bool:
        """Whether no rule is broken."""
        return not self._broken

    @property
    def violations(self) -> tuple[Violation, ...]:
        """By rule, then by person or by office and slot, whatever edits have led here."""
        keys: list[int | Place] = [
            *sorted(one for one in self._broken if isinstance(one, int)),
            *sorted(one for one in self._broken if isinstance(one, Place)),
        ]
        found = [broken for key in keys for broken in self._broken[key]]
        return tuple(sorted(found, key=lambda violation: RULE_NAMES.index(violation.rule)))

    @property
    def judgement(self) -> Judgement:
        """What `check` says of `assignments`."""
        return Judgement(parts=dict(self._parts), violations=self.violations)

    @property
    def view(self) -> View:
        """The whole roster as rules and costs look at it."""
        return View(self._facts, list(self._duties.values()), self._servers)

    def duty(self, mediator: str) -> Duty:
        return self._duties[self._facts.mediator_index[mediator]]

    def servers(self, office: str, slot: int) -> Sequence[int]:
        """Who serves at an office in a slot, by their place in `problem.mediators`."""
        return self._servers.get(Place(self._facts.office_index[office], slot), ())

    def cover_cost(self, office: str, slot: int) -> int:
        """What cover costs at an office in a slot."""
        index = self._facts.office_index[office]
        return self._facts.cover.cost(index, slot, self.servers(office, slot))

    def own_violations(self, changes: Iterable[Change]) -> tuple[Violation, ...]:
        """What the mediators of these changes would break of their own rules.

        Quicker than `with_changes`: the capacity of offices is not looked at.
        """
        return violations_of(View(self._facts, list(self._changed(changes).values()), {}))

    def own_cost_change(self, changes: Iterable[Change]) -> int:
        """What the changes add to all costs but cover, which depends on others as well."""
        changed = self._changed(changes)
        after = parts_of(View(self._facts, list(changed.values()), {}))
        before = sum(sum(self._duty_parts[index].values()) for index in changed)
        return sum(after.values()) - before

    def with_changes(self, changes: Iterable[Change]) -> Draft:
        """The roster with these changes made, judged anew where they touch it.

        Raises `KeyError` for an unknown mediator or shift.
        """
        made = self._copy()
        touched: dict[Place, list[int]] = {}
        for index, duty in self._changed(changes).items():
            made._move(touched, self._duties[index], duty)
            made._remove_duty(index)
            made._duties[index] = duty
            made._add_duty(duty)
        before = {place: self._servers.get(place, ()) for place in touched}
        made._add_places(before, -1)
        made._servers = {**self._servers, **touched}
        made._add_places(touched, 1)
        return made

    def _changed(self, changes: Iterable[Change]) -> dict[int, Duty]:
        shifts: dict[int, tuple[Shift, ...]] = {}
        for mediator, day, shift_id in changes:
            index = self._facts.mediator_index[mediator]
            kept = shifts.get(index, self._duties[index].shifts)
            kept = tuple(shift for shift in kept if shift.day != day)
            if shift_id is not None:
                kept = (*kept, self.problem.shift_by_id[shift_id])
            shifts[index] = kept
        return {index: self._facts.duty(index, given) for index, given in shifts.items()}

    def _copy(self) -> Draft:
        made = object.__new__(Draft)
        made.problem = self.problem
        made._facts = self._facts
        made._duties = dict(self._duties)
        made._servers = self._servers
        made._parts = dict(self._parts)
        made._broken = dict(self._broken)
        made._duty_parts = dict(self._duty_parts)
        return made

    def _move(self, touched: dict[Place, list[int]], before: Duty, after: Duty) -> None:
        """Take a mediator from the places of one duty to those of another, in `touched`."""
        leaves = Counter(self._places(before, after))
        comes = Counter(self._places(after, before))
        for place in leaves.keys() | comes.keys():
            if leaves[place] != comes[place]:
                servers = touched.setdefault(place, list(self._servers.get(place, ())))
                for _ in range(leaves[place]):
                    servers.remove(before.index)
                for _ in range(comes[place]):
                    insort(servers, after.index)

    def _places(self, duty: Duty, other: Duty) -> Iterable[Place]:
        """Where and when the mediator serves in shifts that the other duty has not."""
        return self._facts.places_of(
            duty.mediator, [shift for shift in duty.shifts if shift not in other.shifts]
        )

    def _add_duty(self, duty: Duty) -> None:
        view = View(self._facts, [duty], {})
        parts = parts_of(view)
        self._duty_parts[duty.index] = parts
        for name, cost in parts.items():
            self._parts[name] += cost
        broken = violations_of(view)
        if broken:
            self._broken[duty.index] = broken

    def _remove_duty(self, index: int) -> None:
        for name, cost in self._duty_parts[index].items():
            self._parts[name] -= cost
        self._broken.pop(index, None)

    def _add_places(self, servers: Mapping[Place, Sequence[int]], sign: int) -> None:
        view = View(self._facts, [], servers)
        for name, cost in parts_of_places(view).items():
            self._parts[name] += sign * cost
        for place in servers:
            self._broken.pop(place, None)
        for violation in violations_of_places(view) if sign > 0 else ():
            office = self._facts.office_index[violation.details["office"]]
            self._broken[Place(office, violation.details["slot"])] = (violation,)

"""A plain CP-SAT model with "who serves which language when" variables, for comparison.

The obvious way to state a roster problem without excess of thought: a Boolean per mediator
and shift, one per mediator, slot and requirement they could serve, shortfalls, and each rule as
linear rows. It covers what the week instances use: one shift a day, lengths, leave, busy
time, weeks, rest, runs, unsocial shifts, wishes of one day, changes, capacity and locks.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ortools.sat.python import cp_model

from solver.problem import Mediator, Problem, Shift, WishKind


@dataclass(frozen=True)
class PlainResult:
    cost: int | None
    bound: int | None


def solve_plainly(problem: Problem, seconds: float, workers: int, seed: int) -> PlainResult:
    """Cost and bound that the plain model reaches in `seconds`; None where it finds nothing."""
    model = _Model(problem)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(model.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return PlainResult(None, None)
    return PlainResult(round(solver.objective_value), round(solver.best_objective_bound))


class _Model:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.cost: list[cp_model.LinearExprT] = []
        self.works: dict[tuple[int, int], dict[Shift, cp_model.IntVar]] = defaultdict(dict)
        self.serving: dict[tuple[str, int], dict[int, list[cp_model.IntVar]]] = defaultdict(dict)
        self.asked = {
            (need.office, slot)
            for need in problem.requirements
            for slot in range(need.start, need.end)
        }
        for index, person in enumerate(problem.mediators):
            self._shifts(index, person)
            self._weeks(index, person)
            self._runs_and_rest(index, person)
            self._wishes(index, person)
            self._unsocial(index, person)
            self._changes(index, person)
        self._cover()
        self._capacity()
        self.model.minimize(sum(self.cost))

    def _shifts(self, index: int, person: Mediator) -> None:
        locked = {one.shift for one in self.problem.locked if one.mediator == person.id}
        busy = person.busy_slots
        for shift in self.problem.shifts:
            if shift.office not in person.offices:
                continue
            if not person.shift_slots[0] <= len(shift.worked) <= person.shift_slots[1]:
                continue
            if any(shift.start < end and start < shift.end for start, end in person.unavailable):
                continue
            if len(self._worked(person, shift.day) | set(shift.worked)) > person.max_day_slots:
                continue
            chosen = self.model.new_bool_var(f"x{index}-{shift.id}")
            self.works[index, shift.day][shift] = chosen
            self.cost.append(person.offices[shift.office] * chosen)
            if shift.id in locked:
                self.model.add(chosen == 1)
            for slot in shift.worked:
                if slot not in busy:
                    self.serving[shift.office, slot].setdefault(index, []).append(chosen)
        for day in range(len(self.problem.days)):
            self.model.add_at_most_one(self.works[index, day].values())

    def _worked(self, person: Mediator, day: int) -> set[int]:
        span = self.problem.days[day]
        return {slot for slot in person.busy_slots if span.start <= slot < span.end}

    def _duty(self, index: int, person: Mediator, day: int) -> cp_model.LinearExprT:
        return 1 if self._worked(person, day) else sum(self.works[index, day].values())

    def _weeks(self, index: int, person: Mediator) -> None:
        for week, limits in zip(self.problem.weeks, person.weeks, strict=True):
            slots: cp_model.LinearExprT = 0
            for day in week:
                busy = self._worked(person, day)
                slots += len(busy) + sum(
                    len(set(shift.worked) - busy) * chosen
                    for shift, chosen in self.works[index, day].items()
                )
            self.model.add(slots <= limits.max_slots)
            self.model.add(slots >= limits.hard_min_slots)
            self.model.add(sum(self._duty(index, person, day) for day in week) <= limits.max_days)
            under = self.model.new_int_var(0, limits.min_slots, f"under{index}-{week[0]}")
            self.model.add(under >= limits.min_slots - slots)
            self.cost.append(self.problem.costs.under_slot * under)

    def _runs_and_rest(self, index: int, person: Mediator) -> None:
        days = len(self.problem.days)
        most = person.max_consecutive_days
        duty = [self._duty(index, person, day) for day in range(days)]
        for first in range(days - most):
            self.model.add(sum(duty[first : first + most + 1]) <= most)
        before = min(person.history.consecutive_days, most)
        if before and most - before < days:
            self.model.add(sum(duty[: most - before + 1]) <= most - before)
        for day in range(days - 1):
            for one, first in self.works[index, day].items():
                for other, second in self.works[index, day + 1].items():
                    if other.start - one.end < person.min_rest_slots:
                        self.model.add_at_most_one((first, second))
        if person.history.last_end is not None:
            for day in range(days):
                for shift, chosen in self.works[index, day].items():
                    if shift.start - person.history.last_end < person.min_rest_slots:
                        self.model.add(chosen == 0)

    def _wishes(self, index: int, person: Mediator) -> None:
        for number, wish in enumerate(person.wishes):
            span = range(wish.start, wish.end)
            if any(slot in person.busy_slots for slot in span):
                continue
            hits = [
                chosen
                for day in range(len(self.problem.days))
                for shift, chosen in self.works[index, day].items()
                if any(slot in span for slot in shift.worked)
            ]
            touched = self.model.new_bool_var(f"wish{index}-{number}")
            self.model.add_max_equality(touched, [*hits, 0])
            pays = touched if wish.kind == WishKind.OFF else 1 - touched
            self.cost.append(wish.cost * pays)

    def _unsocial(self, index: int, person: Mediator) -> None:
        shifts = [
            chosen
            for day in range(len(self.problem.days))
            for shift, chosen in self.works[index, day].items()
            if shift.unsocial
        ]
        beyond = self.model.new_int_var(0, len(self.problem.days), f"unsocial{index}")
        self.model.add(beyond >= sum(shifts) - person.unsocial.free)
        self.cost.append(person.unsocial.cost * beyond)

    def _changes(self, index: int, person: Mediator) -> None:
        if self.problem.previous is None:
            return
        before = {one.shift for one in self.problem.previous if one.mediator == person.id}
        for day in range(len(self.problem.days)):
            same = [
                chosen for shift, chosen in self.works[index, day].items() if shift.id in before
            ]
            had = any(self.problem.shift_by_id[name].day == day for name in before)
            others = sum(self.works[index, day].values()) if not had else 1 - sum(same)
            self.cost.append(self.problem.costs.change * others)

    def _cover(self) -> None:
        flows: dict[tuple[str, int, int], list[cp_model.IntVar]] = defaultdict(list)
        for number, need in enumerate(self.problem.requirements):
            for slot in range(need.start, need.end):
                able = [
                    (index, chosen)
                    for index, chosen in self.serving[need.office, slot].items()
                    if all(self.problem.mediators[index].holds(one, slot) for one in need.needs)
                ]
                served: cp_model.LinearExprT = 0
                for index, chosen in able:
                    if need.exclusive:
                        flow = self.model.new_bool_var(f"y{number}-{slot}-{index}")
                        flows[need.office, slot, index].append(flow)
                        served += flow
                    else:
                        served += sum(chosen)
                self._shortfall(number, slot, served)
        for (office, slot, index), taken in flows.items():
            self.model.add(sum(taken) <= sum(self.serving[office, slot][index]))

    def _shortfall(self, number: int, slot: int, served: cp_model.LinearExprT) -> None:
        need = self.problem.requirements[number]
        name = f"{number}-{slot}"
        ordinary = self.model.new_int_var(0, need.count - need.minimum, f"short{name}")
        below = self.model.new_int_var(0, need.minimum, f"below{name}")
        self.model.add(served + ordinary + below >= need.count)
        self.cost.append(need.cost * ordinary + need.minimum_cost * below)
        if need.excess_cost:
            excess = self.model.new_int_var(0, len(self.problem.mediators), f"excess{name}")
            self.model.add(excess >= served - need.count)
            self.cost.append(need.excess_cost * excess)

    def _capacity(self) -> None:
        for office in self.problem.offices:
            if office.capacity is None:
                continue
            for (place, _), people in self.serving.items():
                if place == office.id and len(people) > office.capacity:
                    self.model.add(
                        sum(sum(chosen) for chosen in people.values()) <= office.capacity
                    )

"""Every mediator's cheapest schedule by paths, against all schedules tried one by one."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from every_roster import is_legal
from horizon_cases import random_problem

from solver.check import check
from solver.engine.horizon.clashes import ClashTable
from solver.engine.horizon.construct import Roster, best_schedule
from solver.engine.horizon.fixing import look_through
from solver.engine.horizon.pricing import SCALE, Paths
from solver.engine.horizon.program import Program
from solver.engine.horizon.space import Ints
from solver.engine.kernel.schedules import cheapest
from solver.engine.kernel.through import through
from solver.problem import Assignment, Problem


def legal_costs(problem: Problem) -> dict[tuple[str, ...], int]:
    """Every legal schedule of a problem's only mediator and the judge's cost of it."""
    name = problem.mediators[0].id
    choices: list[list[str | None]] = [[None] for _ in problem.days]
    for shift in problem.shifts:
        if shift.office in problem.mediators[0].offices:
            choices[shift.day].append(shift.id)
    found = {}
    for combination in product(*choices):
        shifts = tuple(shift for shift in combination if shift is not None)
        schedule = [Assignment(name, shift) for shift in shifts]
        if is_legal(problem, schedule):
            found[shifts] = check(problem, schedule).cost
    return found


@pytest.mark.parametrize("seed", range(40))
def test_best_schedule_is_the_cheapest_of_all(seed: int) -> None:
    problem = random_problem(seed, days=6, mediators=1, locks=seed % 4 == 0)
    program = Program(problem)
    costs = legal_costs(problem)
    if program.space.collisions or ClashTable(program.space).facts_collide(0):
        assert not costs
        return
    paths = Paths(program)
    best = best_schedule(paths, Roster(program), 0, 1)
    if best is None:
        assert not costs
        return
    shifts = tuple(problem.shifts[int(s)].id for s in program.space.shift[best])
    assert shifts in costs
    assert program.cost(best) == costs[shifts]
    if paths.legal(0, best):
        assert costs[shifts] == min(costs.values())


@pytest.mark.parametrize("seed", range(40))
def test_paths_never_price_above_the_cheapest(seed: int) -> None:
    problem = replace(random_problem(seed, days=6, mediators=1), requirements=())
    program = Program(problem)
    costs = legal_costs(problem)
    paths = Paths(program)
    none = np.zeros(0, dtype=np.int64)
    priced = paths.price(
        none,
        np.zeros(len(program.demand.points), dtype=np.int64),
        np.zeros(len(paths.kind_rows), dtype=np.int64),
    )
    if not costs:
        return
    assert priced.bound <= min(costs.values())
    if paths.exact and not paths.kind_rows:
        assert priced.bound == min(costs.values())


@pytest.mark.parametrize("seed", range(25))
def test_members_of_a_crew_are_priced_as_each_alone(seed: int) -> None:
    """Members of a crew share arrays, whatever their own limits are."""
    problem = replace(random_problem(seed, days=5, mediators=4), requirements=(), previous=None)
    program = Program(problem)
    paths = Paths(program)
    alone = [replace(problem, mediators=(one,)) for one in problem.mediators]
    costs = [legal_costs(one) for one in alone]
    priced = paths.price(*zero_duals(program, paths))
    for m, mine in enumerate(costs):
        if m in priced.reduced and mine:
            assert priced.reduced[m] + Program(alone[m]).space.base_cost <= min(mine.values())
        if mine:
            assert m in priced.reduced
    if all(costs):
        assert priced.bound <= sum(min(mine.values()) for mine in costs)
        if paths.exact and not paths.kind_rows:
            assert priced.bound == sum(min(mine.values()) for mine in costs)


@pytest.mark.parametrize("seed", range(25))
def test_a_choice_adds_no_more_than_its_cheapest_schedule_costs(seed: int) -> None:
    problem = replace(random_problem(seed, days=5, mediators=1), requirements=())
    program = Program(problem)
    costs = legal_costs(problem)
    paths = Paths(program)
    found = look_through(paths, zero_duals(program, paths), lambda: False)
    if not costs or found is None:
        return
    exact = paths.exact and not paths.kind_rows
    for x, shift in enumerate(program.space.shift.tolist()):
        with_it = [cost for one, cost in costs.items() if problem.shifts[shift].id in one]
        least = (found.total + int(found.option[x])) / SCALE
        if with_it:
            assert least <= min(with_it)
            assert not exact or least == min(with_it)
    days = {shift.id: shift.day for shift in problem.shifts}
    for day in range(program.space.days):
        without = [c for one, c in costs.items() if day not in {days[name] for name in one}]
        if without:
            least = (found.total + int(found.off[0, day])) / SCALE
            assert least <= min(without)
            assert not exact or least == min(without)


@pytest.mark.parametrize("seed", range(6))
def test_who_may_work_no_day_is_off_all_days(seed: int) -> None:
    problem = replace(random_problem(seed, days=6, mediators=2), requirements=(), previous=None)
    idle, other = problem.mediators
    idle = replace(idle, max_consecutive_days=0, min_consecutive_days=1, busy=())
    problem = replace(problem, mediators=(idle, other))
    program = Program(problem)
    paths = Paths(program)
    alone = legal_costs(replace(problem, mediators=(idle,)))
    best = paths.best(0, program.space.cost)
    assert (best is None) == (not alone)
    if best is not None:
        assert not len(best)
        found = look_through(paths, zero_duals(program, paths), lambda: False)
        if found is not None:
            useful, _ = found.useful(10**5)
            assert not useful[program.space.mediator == 0].any()


@pytest.mark.parametrize("seed", range(8))
def test_what_is_left_out_is_in_no_better_roster(seed: int) -> None:
    problem = random_problem(400 + seed, days=5, mediators=1)
    program = Program(problem)
    costs = legal_costs(problem)
    paths = Paths(program)
    found = look_through(paths, zero_duals(program, paths), lambda: False)
    if not costs or found is None:
        return
    ceiling = sorted(costs.values())[len(costs) // 3] + 1
    useful, off = found.useful(ceiling)
    options = {problem.shifts[int(s)].id: x for x, s in enumerate(program.space.shift)}
    for shifts, cost in costs.items():
        if cost < ceiling:
            taken = [options[name] for name in shifts]
            assert useful[taken].all()
            rest = np.ones(program.space.days, dtype=bool)
            rest[program.space.day[taken]] = False
            assert off[0, rest].all()


def zero_duals(program: Program, paths: Paths) -> tuple[Ints, Ints, Ints]:
    return (
        np.zeros(0, dtype=np.int64),
        np.zeros(len(program.demand.points), dtype=np.int64),
        np.zeros(len(paths.kind_rows), dtype=np.int64),
    )


def test_one_compiled_form_serves_crews_of_any_size() -> None:
    """What was compiled at setup, for one mediator, is all that four need."""
    for mediators in (1, 4):
        paths = Paths(Program(random_problem(3, days=6, mediators=mediators)))
        none = np.zeros(0, dtype=np.int64)
        capacity = np.zeros(len(paths.program.demand.points), dtype=np.int64)
        look_through(paths, (none, capacity, none), lambda: False)
    assert [len(one.signatures) for one in (cheapest, through)] == [1, 1]

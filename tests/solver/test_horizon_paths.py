"""Every mediator's cheapest schedule by paths, against all schedules tried one by one."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from horizon_cases import random_problem

from solver.check import check
from solver.engine.horizon.clashes import ClashTable
from solver.engine.horizon.construct import Roster, best_schedule
from solver.engine.horizon.pricing import Paths
from solver.engine.horizon.program import Program
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
        verdict = check(problem, [Assignment(name, shift) for shift in shifts])
        if not verdict.violations:
            found[shifts] = verdict.cost
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

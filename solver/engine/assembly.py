"""A first roster where greedy placing gets stuck: one integer program of whole plans.

Only capacity ties mediators together as a hard rule. Each mediator's plan graph becomes a
unit flow (its paths are exactly the legal plans), each choice belongs to a group of arcs,
and the people serving in a cell stay within the office's capacity. If the solver proves the
program infeasible, no roster exists.
"""

from __future__ import annotations

import highspy
import numpy as np

from solver.engine.board import Instance, Plan
from solver.engine.clock import Clock
from solver.engine.plan_flow import add_plan_flow
from solver.engine.plans import Plans
from solver.engine.program import Program, new_highs


def _choice_columns(program: Program, plans: Plans) -> list[int]:
    """A column for each choice of a mediator, tied to their flow."""
    columns = [program.column(0.0, 1.0, integral=True) for _ in range(len(plans.choices))]
    for group, arcs in enumerate(add_plan_flow(program, plans)):
        members = [columns[int(row)] for row in np.flatnonzero(plans.group == group)]
        signs = [1.0] * len(members) + [-1.0] * len(arcs)
        program.row(members + arcs, signs, 0.0, 0.0)
    return columns


def _chosen_plan(plans: Plans, columns: list[int], solution: np.ndarray) -> Plan:
    """The choices taken in a solution, day by day."""
    taken = np.flatnonzero(solution[columns] > 0.5)
    return tuple(int(row) for row in taken[np.argsort(plans.choices.day[taken], kind="stable")])


def assemble(instance: Instance, clock: Clock, seed: int) -> tuple[list[Plan] | None, bool]:
    """Plans that respect every capacity, if any; and whether none was proven to exist.

    Raises as `instance.look`.
    """
    program = Program()
    columns: list[list[int]] = []
    crowd: dict[int, list[int]] = {}
    for plans in instance.plans:
        instance.look()
        own = _choice_columns(program, plans)
        columns.append(own)
        by_cell = plans.choices.matrix.tocsc()
        for place, cell in enumerate(plans.choices.cells.tolist()):
            rows = by_cell.indices[by_cell.indptr[place] : by_cell.indptr[place + 1]]
            crowd.setdefault(cell, []).extend(own[int(row)] for row in rows)
    slots = instance.frame.slots
    for cell, present in crowd.items():
        most = instance.capacity.get(cell // slots)
        if most is not None:
            program.row(present, [1.0] * len(present), 0.0, float(most))
    highs = new_highs(clock, seed)
    program.load(highs)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None, True
    if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, False
    solution = np.array(highs.getSolution().col_value)
    return [
        _chosen_plan(plans, own, solution)
        for plans, own in zip(instance.plans, columns, strict=True)
    ], False

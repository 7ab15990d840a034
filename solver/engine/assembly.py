"""A first roster where greedy placing gets stuck: one integer program of whole plans.

Only capacity ties mediators together as a hard rule. Each mediator's plan graph becomes a
unit flow (its paths are exactly the legal plans), each choice belongs to a group of arcs,
and the people serving in a cell stay within the office's capacity. If the solver proves the
program infeasible, no roster exists.
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from solver.engine.board import Instance, Plan
from solver.engine.clock import Clock
from solver.engine.plans import Plans
from solver.engine.silent import SilentHighs


class Program:
    """Rows and columns of a mixed-integer program, gathered piece by piece."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.integral: list[bool] = []
        self._rows: list[list[int]] = []
        self._coefficients: list[list[float]] = []
        self.row_lower: list[float] = []
        self.row_upper: list[float] = []

    def column(self, cost: float, upper: float = np.inf, *, integral: bool = False) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.integral.append(integral)
        return len(self.cost) - 1

    def row(self, columns: list[int], coefficients: list[float], lower: float, upper: float) -> int:
        self._rows.append(columns)
        self._coefficients.append(coefficients)
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self._rows) - 1

    def extend_row(self, row: int, column: int, coefficient: float) -> None:
        self._rows[row].append(column)
        self._coefficients[row].append(coefficient)

    def matrix(self) -> sparse.csr_matrix:
        starts = np.cumsum([0, *(len(row) for row in self._rows)])
        indices = np.array([column for row in self._rows for column in row], dtype=np.int32)
        values = np.array([value for row in self._coefficients for value in row], dtype=float)
        return sparse.csr_matrix((values, indices, starts), shape=(len(self._rows), len(self.cost)))

    def load(self, highs: highspy.Highs) -> None:
        """Hand the program to HiGHS."""
        size = len(self.cost)
        highs.addVars(size, np.zeros(size), np.array(self.upper, dtype=float))
        every = np.arange(size, dtype=np.int32)
        highs.changeColsCost(size, every, np.array(self.cost, dtype=float))
        whole = np.flatnonzero(self.integral).astype(np.int32)
        if len(whole):
            highs.changeColsIntegrality(
                len(whole), whole, np.full(len(whole), highspy.HighsVarType.kInteger)
            )
        matrix = self.matrix()
        highs.addRows(
            matrix.shape[0],
            np.array(self.row_lower, dtype=float),
            np.array(self.row_upper, dtype=float),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )


def add_plan_flow(
    program: Program, plans: Plans, values: list[float], *, integral: bool = True
) -> list[int]:
    """The columns of a mediator's choices, tied to a unit flow through their plan graph."""
    columns = [program.column(value, 1.0, integral=integral) for value in values]
    arcs_of: list[list[int]] = [[] for _ in range(plans.groups)]
    arriving: dict[int, list[int]] = {}
    for depth, layer in enumerate(plans.graph.layers):
        leaving: dict[int, list[int]] = {}
        after: dict[int, list[int]] = {}
        for source, group, target, cost in zip(
            layer.source, layer.group, layer.target, layer.cost, strict=True
        ):
            arc = program.column(float(cost), 1.0)
            leaving.setdefault(int(source), []).append(arc)
            after.setdefault(int(target), []).append(arc)
            arcs_of[int(group)].append(arc)
        for state, out in leaving.items():
            into = arriving.get(state, [])
            signs = [1.0] * len(out) + [-1.0] * len(into)
            inflow = 1.0 if depth == 0 else 0.0
            program.row(out + into, signs, inflow, inflow)
        arriving = after
    for group, arcs in enumerate(arcs_of):
        members = [columns[int(row)] for row in np.flatnonzero(plans.group == group)]
        signs = [1.0] * len(members) + [-1.0] * len(arcs)
        program.row(members + arcs, signs, 0.0, 0.0)
    return columns


def chosen_plan(plans: Plans, columns: list[int], solution: np.ndarray) -> Plan:
    """The choices taken in a solution, day by day."""
    taken = np.flatnonzero(solution[columns] > 0.5)
    return tuple(int(row) for row in taken[np.argsort(plans.choices.day[taken], kind="stable")])


def assemble(instance: Instance, clock: Clock, seed: int) -> tuple[list[Plan] | None, bool]:
    """Plans that respect every capacity, if any; and whether none was proven to exist."""
    program = Program()
    columns: list[list[int]] = []
    crowd: dict[int, list[int]] = {}
    for plans in instance.plans:
        own = add_plan_flow(program, plans, [0.0] * len(plans.choices))
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
        chosen_plan(plans, own, solution)
        for plans, own in zip(instance.plans, columns, strict=True)
    ], False


def new_highs(clock: Clock, seed: int) -> highspy.Highs:
    """A silent single-threaded HiGHS that stops with the clock."""
    highs = SilentHighs()
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", seed % 2**31)

    def interrupt(event: highspy.HighsCallbackEvent) -> None:
        if clock.over():
            event.interrupt()

    highs.cbSimplexInterrupt += interrupt
    highs.cbIpmInterrupt += interrupt
    highs.cbMipInterrupt += interrupt
    return highs

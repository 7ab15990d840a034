"""A slice solved by HiGHS as a mixed-integer program, and its model."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from solver.engine.horizon.program import Slice
from solver.engine.horizon.space import Floats
from solver.engine.silent import SilentHighs

FEASIBLE = 2
"""HiGHS's number for a solution that keeps all rows."""


@dataclass(frozen=True)
class Answer:
    """What HiGHS found: values of the columns (None if none), objective, bound."""

    values: Floats | None
    objective: float
    bound: float
    finished: bool
    iterations: int
    """Of the simplex method: an effort that does not depend on the clock."""


def _highs_model(piece: Slice) -> highspy.HighsLp:
    model = highspy.HighsLp()
    matrix = piece.matrix
    matrix.sum_duplicates()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = piece.cost
    model.col_lower_ = piece.column_lower
    model.col_upper_ = piece.column_upper
    model.row_lower_ = piece.lower
    model.row_upper_ = piece.upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(flag)] for flag in piece.integer]
    return model


def quiet(seed: int) -> highspy.Highs:
    """A silent HiGHS of one thread."""
    solver = SilentHighs()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", seed % (1 << 30))
    return solver


def bounded(solver: highspy.Highs, work: float, size: int, ceiling: float | None) -> None:
    """Bound the effort of an integer program of `size` entries; look for costs below `ceiling`."""
    solver.setOptionValue("mip_abs_gap", 0.999)
    solver.setOptionValue("mip_rel_gap", 0.0)
    if ceiling is not None:
        solver.setOptionValue("objective_bound", ceiling - 1 + 1e-3)
    looks = [max(20.0, work / max(1, size))]

    def look_up(event: highspy.HighsCallbackEvent) -> None:
        looks[0] -= 1
        if looks[0] < 0:
            event.interrupt()

    solver.cbMipInterrupt += look_up


def solve_mip(
    piece: Slice,
    *,
    work: float,
    seconds: float,
    seed: int,
    ceiling: float | None = None,
    nodes: int = 2000,
    any_will_do: bool = False,
) -> Answer:
    """The slice as a mixed-integer program, for solutions that cost less than `ceiling`.

    `work` bounds the effort without the clock, so that the same seed takes the same way: HiGHS
    looks up for an interruption at fixed steps, each about as long as the program is large. A
    million is about a second. `seconds` is what the run has left. With `any_will_do` the first
    solution ends it.
    """
    solver = quiet(seed)
    solver.setOptionValue("time_limit", max(0.05, seconds))
    solver.setOptionValue("mip_max_nodes", nodes)
    bounded(solver, work, piece.matrix.nnz, ceiling)
    if any_will_do:
        solver.setOptionValue("mip_max_improving_sols", 1)
    solver.passModel(_highs_model(piece))
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == FEASIBLE
    return Answer(
        values=np.array(solver.getSolution().col_value) if found else None,
        objective=info.objective_function_value,
        bound=info.mip_dual_bound,
        iterations=int(info.simplex_iteration_count),
        finished=solver.getModelStatus()
        in (
            highspy.HighsModelStatus.kOptimal,
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kObjectiveBound,
        ),
    )

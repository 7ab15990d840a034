"""Rows and columns of a mixed-integer program, gathered piece by piece for HiGHS."""

from __future__ import annotations

import math

import highspy
import numpy as np
from scipy import sparse

from solver.engine.clock import Clock
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


BEYOND = 1.0
"""Seconds after the clock's end at which HiGHS stops by itself, wherever it looks up too seldom."""


def new_highs(clock: Clock, seed: int) -> highspy.Highs:
    """A silent single-threaded HiGHS that stops with the clock."""
    highs = SilentHighs()
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", seed % 2**31)
    highs.setOptionValue("time_limit", clock.left + BEYOND)

    def interrupt(event: highspy.HighsCallbackEvent) -> None:
        if clock.over():
            event.interrupt()

    highs.cbSimplexInterrupt += interrupt
    highs.cbIpmInterrupt += interrupt
    highs.cbMipInterrupt += interrupt
    return highs


def limit_work(highs: highspy.Highs, work: float) -> None:
    """Bound the effort of an integer program that is loaded, by no clock.

    HiGHS looks up for an interruption at fixed steps, each about as long as the program is large:
    so the same program is left at the same point on any machine. A million is about three seconds.
    """
    left = [work / max(1, highs.getNumNz())]

    def look_up(event: highspy.HighsCallbackEvent) -> None:
        left[0] -= 1
        if left[0] < 0:
            event.interrupt()

    highs.cbMipInterrupt += look_up


def proven_bound(highs: highspy.Highs) -> float | None:
    """The bound of an integer program that was solved or left; None where nothing was proven."""
    ends = (
        highspy.HighsModelStatus.kOptimal,
        highspy.HighsModelStatus.kInterrupt,
        highspy.HighsModelStatus.kTimeLimit,
    )
    bound: float = highs.getInfo().mip_dual_bound
    return bound if highs.getModelStatus() in ends and math.isfinite(bound) else None
